"""Explaining one post: each pause, each rule, its hold, and what happens next."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from freeze.acts import judge
from freeze.acts.app import App
from freeze.errors import UsageError
from freeze.findings import Finding, Level
from freeze.judging.acceptance import mark
from freeze.judging.evaluate import COULD_NOT
from freeze.pauses.explaining import STATES, Look, next_for, pause, stands
from freeze.pauses.freezes import FAR
from freeze.ports import Facts
from freeze.posts import Json, Post, post_number
from freeze.report import conflicts, picture
from freeze.store import holds as hold_store
from freeze.store import posts as post_store
from freeze.store.accepted import Accepted
from freeze.windows import say, say_day
from freeze.words import excerpt, safe

Told = tuple[dict[str, Any], list[str], bool]
"""Data, lines for people, and whether a pause holds it."""
NOTHING = "looked, nothing found"
SHORT = 20
"""Clauses longer than this, which are laws, are left out of the list of rules that found nothing."""


def scheduled(app: App, ref: str) -> Told:
    """A stored post. Raises UsageError where there is none with this id."""
    with app.store.read() as c:
        base = app.known(c)
        by = judge.grounds(app, c, base)
        now, known = base.now, by.facts
        number = post_number(ref)
        (post,) = list(post_store.fetch(c, post_store.by_ids([number]), known.accounts)) or (None,)
        if post is None:
            raise UsageError(f'There is no post "{ref}".', "freeze check and freeze calendar show the ids.")
        hold = hold_store.of_posts(c, [number]).get(number)
        also = post_store.twins(c, [number])[number]
        outs = [o for o in hold_store.went_out(c) if o.post == number]
        others = list(post_store.fetch(c, post_store.waiting_between(now, FAR), known.accounts))
    if hold is not None and hold.closed_at is None:
        post = replace(post, intended_at=hold.before.at, state=hold.before.state)
    looks = [pause(f, post, known.accounts, known.allowing, now, base.lead) for f in base.freezes]
    posts = [p for p in others if p.id != post.id] + [post]
    found = [f for f in judge.everything(app, posts, by) if f.post == post.id or f.about == COULD_NOT]
    rules, rule_lines = _rules(app, found, by.quiet, {post.id: post})
    held = any(x.holds for x in looks)
    numbers = {x.freeze.number: x.freeze for x in looks}
    lines = [
        f"{post.ref}: {_where(post, known)}",
        f"  {_due(post)}; {STATES[post.state]}; in the queue {safe(post.locator.connection)}"
        + (f", also seen as {', '.join(f'p{t}' for t in also)}" if also else ""),
        f"  “{excerpt(post, 100)}”",
        *_pauses(looks),
        *rule_lines,
        f"Hold: {stands(hold)}",
        *(
            f"Went out: {say(o.at)}, {o.how}{f' ({safe(o.why, 100)})' if o.why else ''} (f{o.declaration})"
            for o in outs
        ),
        f"Next: {next_for(post, hold, looks, now)}",
    ]
    body: dict[str, Json] = {
        "post": picture.post_json(post, known.accounts.get(post.account)),
        "pauses": [x.to_json() for x in looks],
        "rules": rules,
        "hold": picture.hold_json(hold, now, numbers) if hold else None,
        "went_out": [{"at": o.at.isoformat(), "how": o.how, "freeze": f"f{o.declaration}"} for o in outs],
        "next": next_for(post, hold, looks, now),
    }
    return body, lines, held


def words(app: App, text: str, account: str | None, at: str | None) -> Told:
    """Words that are not scheduled, on an account at a time. Raises UsageError for a time that cannot be read."""
    from freeze.files.drafts import Directory, Row, read

    with app.store.read() as c:
        base = app.known(c)
        by = judge.grounds(app, c, base)
        now, known = base.now, by.facts
        others = list(post_store.fetch(c, post_store.waiting_between(now, FAR), known.accounts))
    given = {"text": text, "account": account, "at": at or now.isoformat(), "media": None, "boosted": False}
    draft = read(Row(1, given), Directory(known.accounts.values()), known=True)
    known = replace(known, accounts={**known.accounts, draft.account.id: draft.account})
    by = replace(by, facts=known)
    post = draft.post
    looks = [pause(f, post, known.accounts, known.allowing, now, base.lead) for f in base.freezes]
    found = [f for f in judge.everything(app, [*others, post], by) if f.post == post.id or f.about == COULD_NOT]
    rules, rule_lines = _rules(app, found, {}, {post.id: post})
    held = any(x.holds for x in looks)
    lines = [f"Not scheduled: {_where(post, known)}", f"  {_due(post)}", f"  “{excerpt(post, 100)}”"]
    if draft.unknown:
        lines.append("  Nobody registered this account.")
    lines += [*_pauses(looks), *rule_lines]
    lines.append(
        "Next: choose another time, or have it allowed: freeze allow --new" if held else "Next: nothing holds it."
    )
    return {"pauses": [x.to_json() for x in looks], "rules": rules, "registered": not draft.unknown}, lines, held


def _where(post: Post, known: Facts) -> str:
    a = known.accounts[post.account]
    return f"{safe(a.name, 60)} ({a.platform}{f', {safe(a.service, 40)}' if a.service else ''})"


def _due(post: Post) -> str:
    return f"Due {say(post.intended_at)}" if post.intended_at else "No time set"


def _pauses(looks: Sequence[Look]) -> Iterator[str]:
    if not looks:
        yield "Pauses: none was ever declared."
        return
    yield "Pauses:"
    for x in looks:
        yield f"  {x.decides.upper()}: {x.freeze.says()}, clause {x.freeze.clause}. {x.why}"


def _rules(
    app: App, found: Sequence[Finding], quiet: Mapping[str, Accepted], posts: Mapping[int, Post]
) -> tuple[list[dict[str, Json]], list[str]]:
    """Each rule that looks at posts, and what it decided, as data and as lines; what the guard itself found last."""
    rules: list[dict[str, Json]] = []
    lines = ["Rules:"]
    own = [f for f in found if f.level is not Level.STOP]
    beyond = dict.fromkeys(f.policy for f in own if f.policy not in app.policies)
    silent: list[str] = []
    for name in [*app.policies, *beyond]:
        module = app.policies.get(name)
        if module is not None and not any(hasattr(module, f) for f in ("judge", "across", "inspect")):
            continue
        mine = [f for f in own if f.policy == name]
        clauses = list(module.CLAUSES) if module is not None else sorted({f.clause for f in mine})
        said = [_finding(f, quiet.get(mark(f, posts))) for f in mine]
        rules.append(
            {
                "policy": name,
                "clauses": clauses,
                "decided": ", ".join(sorted({str(s["decided"]) for s in said})) or NOTHING,
                "findings": said,
            }
        )
        if not mine:
            silent.append(f"{name} ({', '.join(clauses)})" if len(", ".join(clauses)) <= SHORT else name)
        for f, s in zip(mine, said, strict=True):
            window = f" Window: {say(f.window.start)} to {say(f.window.end)}." if f.window else ""
            lines.append(
                f"  {str(s['decided']).upper()}: {name}, clause {f.clause}, {f.ref}. {safe(f.sentence, 300)}{window}"
            )
            if f.next_step:
                lines.append(f"    Do: {safe(f.next_step, 300)}")
            if s["accepted"]:
                lines.append(f"    Accepted until {s['accepted']['until_words']}: {safe(s['accepted']['reason'], 200)}")
    if silent:
        lines.append(f"  Looked, nothing found: {', '.join(silent)}.")
    return rules, lines


def _finding(f: Finding, how: Accepted | None) -> dict[str, Any]:
    decided = COULD_NOT if f.about == COULD_NOT else conflicts.WORDS[f.level]
    accepted = None
    if how is not None:
        accepted = {
            "until": how.until.isoformat(),
            "until_words": say_day(how.until),
            "reason": how.reason,
            "by": how.who,
            "baseline": how.baseline,
        }
    return {
        "id": f.ref,
        "clause": f.clause,
        "level": f.level.value,
        "decided": "known and accepted" if accepted else decided,
        "sentence": f.sentence,
        "next_step": f.next_step,
        "window": {"start": f.window.start.isoformat(), "end": f.window.end.isoformat()} if f.window else None,
        "accepted": accepted,
    }

"""`freeze check --drafts` and `--text`: judging what is not scheduled yet. Needs no connection, store or settings.

Where there is a store, pauses, register, agreements, events and what is scheduled are known too. Rules that look across
posts see a draft beside what is scheduled around its time, and beside the other drafts of its batch of lines.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import click

from freeze.acts.app import App
from freeze.errors import UsageError, worst
from freeze.files.drafts import Directory, Draft, Row, from_csv, from_jsonl, read
from freeze.findings import Finding, Level
from freeze.judging.evaluate import COULD_NOT, findings
from freeze.permissions import Allowing
from freeze.ports import Facts
from freeze.posts import Json, Post, Reject
from freeze.words import columns, many, safe

BATCH = 5_000
"""Drafts that are compared with one another; a larger file is read in so many lines at a time."""
AROUND = timedelta(days=31)
"""How far from a draft's time scheduled posts are compared with it."""
SERIOUS = frozenset({Level.STOP, Level.CONFLICT})
ORDER = tuple(Level)
NO_STORE = "There is no store here: only the rules were asked; pauses, register and what is scheduled are not known."

Answer = tuple[dict[str, Any], list[str], int]
Judged = tuple[Draft, list[Finding]]


@dataclass(frozen=True)
class _Known:
    """What drafts are judged by; `stored` is whether there is a store at all."""

    facts: Facts
    scheduled: tuple[Post, ...]
    stored: bool


def answer(
    app: App,
    file: Path | None,
    text: str | None,
    account: str | None,
    at: str | None,
    media: str | None,
    boosted: bool,
) -> Answer:
    """Judge one text, or every line of a file. Raises UsageError for what cannot be read."""
    if file is not None:
        if text is not None or account or at or media or boosted:
            raise UsageError("--drafts takes none of --text, --account, --at, --media and --boosted.")
        return _file(app, file)
    given = {"text": text, "account": account, "at": at or app.now().isoformat(), "media": media, "boosted": boosted}
    known = _known(app)
    draft = read(Row(1, given), Directory(known.facts.accounts.values()), known=known.stored)
    ((_, found),) = _judged(app, [draft], known)
    body = {
        "text": text,
        "account": None if draft.unknown or not account else draft.account.id,
        "at": draft.post.intended_at.isoformat() if draft.post.intended_at else None,
        "knows_the_store": known.stored,
        "findings": [_json(f, "this text") for f in found],
    }
    return body, _lines(found, known), 1 if any(f.level in SERIOUS for f in found) else 0


def _lines(found: Sequence[Finding], known: _Known) -> list[str]:
    serious = sum(f.level in SERIOUS for f in found)
    notes = len(found) - serious
    counted = [many(n, word) for n, word in ((serious, "conflict"), (notes, "note")) if n]
    lines = [f"{' and '.join(counted)}; nothing was posted." if counted else "No conflict; nothing was posted."]
    rows = [_json(f, "this text") for f in found]
    lines += columns(
        [r["level"].upper(), f"clause {r['clause']}", f"{safe(r['sentence'], 300)} {safe(r['next_step'], 300)}"]
        for r in rows
    )
    return lines if known.stored else [*lines, NO_STORE]


def _file(app: App, file: Path) -> Answer:
    """Every line of a file as JSON with its findings, in the order of the file."""
    reader = _reader(file)
    drafts = serious = noted = 0
    bad = 0

    def usable(rows: Iterable[Row | Reject], register: Directory, *, stored: bool) -> Iterator[Draft]:
        nonlocal bad
        for row in rows:
            if isinstance(row, Reject):
                where, why = row.where, row.reason
            else:
                try:
                    yield read(row, register, known=stored)
                    continue
                except UsageError as e:
                    where, why = f"{file.name} line {row.line}", str(e)
            bad += 1
            app.tell(f"{safe(where, 120)}: {safe(why, 300)}")

    with reader() as rows:
        known = _known(app)
        lines = usable(rows, Directory(known.facts.accounts.values()), stored=known.stored)
        while batch := list(islice(lines, BATCH)):
            for draft, found in _judged(app, batch, known):
                drafts += 1
                levels = {f.level for f in found}
                serious += bool(levels & SERIOUS)
                noted += bool(levels) and not levels & SERIOUS
                said = [_json(f, "this draft", draft.row.line) for f in found]
                click.echo(json.dumps({**draft.row.data, "findings": said}, ensure_ascii=False))
    app.tell(
        f"{many(drafts, 'draft')} judged: {many(serious, 'draft')} with conflicts, {noted} with notes only, "
        f"{many(bad, 'bad line')}."
    )
    if not known.stored:
        app.tell(NO_STORE)
    # What was printed line by line is the whole answer, with --json too.
    sys.exit(worst(2 if bad else 0, 1 if serious else 0))


def _reader(file: Path) -> Callable[[], Any]:
    """What opens the file and reads its lines. Raises UsageError for a kind of file that is not known."""
    kind = file.suffix.casefold()
    if kind not in (".csv", ".jsonl", ".ndjson"):
        raise UsageError(f"{file}: drafts are a CSV file or JSON lines.", "Name it .csv or .jsonl.")

    @contextmanager
    def opened() -> Iterator[Iterator[Row | Reject]]:
        try:
            if kind == ".csv":
                with file.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as f:
                    yield from_csv(f, file.name)
            else:
                with file.open("rb") as b:
                    yield from_jsonl(b, file.name)
        except OSError as e:
            raise UsageError(f"{file} cannot be read: {e.strerror}.", "Check the name and who may read it.") from None

    return opened


def _known(app: App) -> _Known:
    """Everything there is to know: from the store where there is one, else nothing but the rules and the time."""
    now = app.now()
    url = app.settings.store.url
    is_file = "://" not in url or url.startswith("sqlite")
    if is_file and not (app.base / url.removeprefix("sqlite:///")).exists():
        return _Known(Facts(now, {}, allowing=Allowing((), app.kinds_of_post)), (), stored=False)
    from freeze.acts import judge
    from freeze.store import posts as post_store

    with app.store.read() as c:
        facts = judge.facts(app, c, app.known(c))
        scheduled = tuple(post_store.fetch(c, post_store.waiting(), facts.accounts))
    # A draft may be meant for a pause that holds nothing yet.
    return _Known(replace(facts, freezes=facts.declared), scheduled, stored=True)


def _judged(app: App, batch: Sequence[Draft], known: _Known) -> Iterator[Judged]:
    """Each draft with what conflicts, the worst first."""
    facts = replace(known.facts, accounts={**known.facts.accounts, **{d.account.id: d.account for d in batch}})
    posts = [d.post for d in batch]
    mine: dict[int, list[Finding]] = {p.id: [] for p in posts}
    found = findings(posts, facts, _only(app.policies, "judge"), app.policy_options)
    found += _across(app, facts, _around(known.scheduled, posts, facts.now), posts)
    for f in found:
        for ident in mine if f.about == COULD_NOT else _meant(f, mine):
            mine[ident].append(f)
    for d in batch:
        if d.unknown:
            mine[d.post.id].append(_nobody_registered(d))
        yield d, sorted(mine[d.post.id], key=lambda f: (ORDER.index(f.level), f.clause))


def _across(app: App, facts: Facts, scheduled: Sequence[Post], drafts: Sequence[Post]) -> list[Finding]:
    """What rules that look across posts say of these drafts among what is scheduled.

    Such a finding may stand on the scheduled post and not name the draft. Where only one draft is asked about, what
    was not found without it is about it.
    """
    rules = _only(app.policies, "across", "inspect")

    def asked(posts: Sequence[Post]) -> list[Finding]:
        return [f for f in findings(posts, facts, rules, app.policy_options) if f.level is not Level.STOP]

    found = asked([*scheduled, *drafts])
    if len(drafts) != 1 or not scheduled:
        return found
    before = {(f.policy, f.post, f.sentence) for f in asked(scheduled)}
    fresh = {f for f in found if f.post is not None and f.post > 0 and (f.policy, f.post, f.sentence) not in before}
    return [replace(f, post=drafts[0].id) if f in fresh else f for f in found]


def _meant(f: Finding, drafts: Collection[int]) -> set[int]:
    """The drafts a finding is about: the one it stands on, and those it names."""
    named = {-int(n) for n in re.findall(r"(?<!\w)p-(\d+)(?!\w)", f.sentence)}
    return {n for n in (f.post, *named) if n is not None and n in drafts}


def _only(policies: Mapping[str, Any], *functions: str) -> Mapping[str, Any]:
    """The rules that have any of these functions, each with those only."""
    return {
        name: SimpleNamespace(CLAUSES=p.CLAUSES, **{f: getattr(p, f) for f in functions if hasattr(p, f)})
        for name, p in policies.items()
        if any(hasattr(p, f) for f in functions)
    }


def _around(scheduled: Iterable[Post], drafts: Sequence[Post], now: datetime) -> list[Post]:
    """What is scheduled near the times of these drafts."""
    times = [p.intended_at or now for p in drafts]
    first, last = min(times) - AROUND, max(times) + AROUND
    return [p for p in scheduled if p.intended_at is None or first <= p.intended_at <= last]


def _nobody_registered(d: Draft) -> Finding:
    where = f" on {d.account.platform}" if d.account.platform else ""
    return Finding(
        clause="2.5",
        level=Level.CONFLICT,
        sentence=f"Nobody registered the account “{d.account.name}”{where}.",
        next_step="Check how it is written (its id, handle or name), or ask Communications to register it.",
        post=d.post.id,
        policy="unregistered",
    )


def _json(f: Finding, itself: str, line: int = 1) -> dict[str, Json]:
    """A finding as it is printed: a draft has no id to type yet."""
    step = "It must not go out then: choose another time." if f.level is Level.STOP else f.next_step
    return {
        "policy": f.policy,
        "clause": f.clause,
        "level": f.level.value,
        "sentence": _plain(f.sentence, itself, line),
        "next_step": re.sub(r"(?<!\w)p-\d+(?!\w)", "POST", step),
    }


def _plain(sentence: str, itself: str, line: int) -> str:
    return re.sub(
        r"(?<!\w)p-(\d+)(?!\w)", lambda m: itself if int(m[1]) == line else f"the draft in line {m[1]}", sentence
    )

"""`freeze put-back`: held posts go back into their queues, as somebody saw and agreed."""

from __future__ import annotations

import sys
from collections import Counter, defaultdict
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta

import click

from freeze.acts import allow, look
from freeze.acts import morning as _morning
from freeze.acts import tasks as _tasks
from freeze.acts.app import App
from freeze.back.morning import Morning
from freeze.back.promises import possible
from freeze.back.triage import says, service_information, stale, stale_while_held
from freeze.back.way import Hours, Return, Stay, Way, propose
from freeze.commands.common import Answer, agreed, command, progress, show, terminal
from freeze.errors import RefusedByRule, UsageError, worst
from freeze.holds import HoldState
from freeze.judging.evaluate import Verdicts
from freeze.pauses.freezes import Freeze, ahead, standing
from freeze.ports import Facts
from freeze.report import morning, outcome, picture, todo
from freeze.run.put_back import carry_out
from freeze.run.sweep import sweep
from freeze.store import freezes as freeze_store
from freeze.store import holds as hold_store
from freeze.store import posts as post_store
from freeze.store.journal import once
from freeze.windows import say_short
from freeze.words import columns, excerpt, many, safe


@click.command("put-back", epilog="Example: freeze put-back f1      (shows the times, then asks)")
@click.argument("ident", metavar="ID")
@click.option("--digest", metavar="D", help="Do exactly what was shown with this digest (needed without a terminal).")
@click.option("--yes", is_flag=True, help="With --digest: do not ask.")
@click.option("--all", "whole", is_flag=True, help="List every post that a person must re-date in the scheduler.")
@command
def put_back_command(app: App, ident: str, digest: str | None, yes: bool, whole: bool) -> Answer:
    """Put the held posts of an ended pause back: spaced, never in the past, never inside any pause.

    While a pause is still in force, only posts go back that it no longer holds: its end was brought forward, a gap was
    cut into it, or somebody allowed them (freeze allow).
    Posts whose time has passed stay held until somebody decides (freeze decide). Posts that somebody changed are
    skipped one by one. What another pause holds stays held.

    The order of a real morning is shown with it, the scheduler's lockdown last: it is lifted only once nothing past its
    time awaits approval, a fresh reading shows no past times, and the held posts are decided.
    """
    app.may("way-back", ())
    now = app.now()
    with app.store.read() as c:
        f = freeze_store.one(c, ident)
    if _finish_what_was_begun(app, f):
        now = app.now()
    with progress("Reading") as told:
        gaps = _morning.read_afresh(app, f, told) if standing(f, now).over else []
    complete = _way(app, f, now)
    way = _for_this_user(app, f, complete)
    if not standing(f, now).over and not way.returns:
        raise RefusedByRule(
            f"{f.says()} is {standing(f, now).value}: it still holds its posts.",
            f"End it first (freeze end {f.ref}), or allow single posts (freeze allow).",
        )
    if digest is not None:
        way = _as_seen(app, f, way, digest)
    for line in [*_lines(app, f, way, now), *outcome.trouble(gaps, (), (), ())]:
        show(line)
    undecided = any(s.undecided for s in way.stays)
    if not way.returns and (undecided or not any(s.close for s in way.stays)):
        after, body, code = _after(app, f, complete, (), now, whole=whole)
        return (
            {**_data(f, way), "put_back": 0} | body,
            ["Nothing can go back now.", *after],
            worst(int(undecided), code),
        )
    if digest is None and not sys.stdin.isatty():
        once(app.store, app.actor, lambda tx: hold_store.keep_plan(tx.c, way.digest, f.number, way.items, now))
        said = RefusedByRule(
            "Putting back needs the digest of what was seen.",
            f"Look at the times above, then: freeze put-back {f.ref} --digest {way.digest}",
        )
        steps, shown = _steps(app, f, _morning.gather(app, f, complete, now), now, whole=whole)
        terminal().tell(str(said))
        body = {**_data(f, way), "put_back": 0, "error": said.message, "advice": said.advice}
        return body | shown, steps, said.exit_code
    if digest is None and not agreed(f"Put these {many(len(way.returns), 'post')} back?", yes=yes):
        return {**_data(f, way), "put_back": 0}, ["Nothing was changed; everything stays held."], 1
    _may_do(app, f, way)
    app.may_write()
    with progress("Putting back") as told:
        tally = carry_out(app.desk(told), way.returns, way.stays)
    done = sum(s is HoldState.PUT_BACK for s in tally.states.values())
    what = look.found(app, f)
    lines = [f"Put back and checked: {done} of {len(way.returns)}."]
    lines += outcome.trouble(tally.gaps, tally.rejects.values(), tally.notes, tally.unregistered)
    left = [h for h in what.holds if h.state not in (HoldState.PUT_BACK, HoldState.KEPT, HoldState.GONE)]
    left = [h for h in left if h.state is not HoldState.TOO_LATE]
    unsure = [h for h in left if h.state in (HoldState.PUTTING_BACK, HoldState.UNCONFIRMED)]
    left = [h for h in left if h not in unsure]
    if unsure:
        lines.append(f"SENT OR NOT, AND NOT READ BACK: {len(unsure)}   (freeze sync --enforce reads how they stand)")
    if left:
        lines.append(f"Still held: {len(left)}   (freeze held)")
    lines.append(f"Log head: {look.head(app)}")
    back = {h for h, s in tally.states.items() if s is HoldState.PUT_BACK}
    after, more, code = _after(app, f, replace(complete, returns=way.returns), back, app.now(), whole=whole)
    failed = 3 if done < len(way.returns) or tally.gaps else 0
    body = {**_data(f, way), "put_back": done, "still_held": len(left), "not_read_back": len(unsure)} | more
    body |= {"gaps": [picture.gap_json(g) for g in (*gaps, *tally.gaps)]}
    return body, [*lines, *after], worst(failed, int(undecided), code)


def _for_this_user(app: App, f: Freeze, way: Way) -> Way:
    """The whole way back; for whoever may not put posts back, what is allowed for a risk to life, if there is any."""
    try:
        app.may("put-back")
    except RefusedByRule as e:
        life = allow.about_life(app, f)
        urgent = tuple(r for r in way.returns if r.post.id in life)
        if not urgent:
            return way
        show(f"Only what is allowed for a risk to life. {e}")
        return Way(urgent, ())
    return way


def _may_do(app: App, f: Freeze, way: Way) -> None:
    """Refuse putting back what this user may not; what is allowed for a risk to life waits for nobody."""
    urgent = {r.post.id for r in way.returns} <= allow.about_life(app, f) and not way.stays
    if way.returns and urgent:
        app.may("risk-to-life", {r.post.service for r in way.returns})
    else:
        app.may("put-back")


def _after(
    app: App, f: Freeze, way: Way, back: Collection[int], now: datetime, *, whole: bool
) -> tuple[list[str], dict[str, object], int]:
    """What follows: the first 48 hours, the four steps, the tasks of the morning; in words, as data, and its code."""
    m = _morning.gather(app, f, way, now)
    tasks = _morning.ask(app, f, m, now)
    steps, body = _steps(app, f, m, now, whole=whole)
    if not standing(f, now).over:
        return steps, body, 0
    soon = _morning.soon(app, f, way, back, now)
    with app.store.read() as c:
        register = post_store.accounts(c)
    ages = [f"  As far as {a.connection} is known: {safe(a.said(now), 120)}." for a in look.ages(app) if a.as_of]
    lines = [*morning.soon(soon, register, ages), *steps, *morning.last(m, tasks)]
    body |= {
        "first_48_hours": morning.soon_json(soon, register),
        "tasks": [todo.task_json(t) for t in tasks],
    }
    return lines, body, 3 if m.asks_a_person else 0


def _steps(app: App, f: Freeze, m: Morning, now: datetime, *, whole: bool) -> tuple[list[str], dict[str, object]]:
    if not standing(f, now).over:
        return morning.leave_on(m), {}
    with app.store.read() as c:
        register = post_store.accounts(c)
    return morning.steps(m, register, now, whole=whole), {"morning": morning.to_json(m, register, now)}


def _finish_what_was_begun(app: App, f: Freeze) -> bool:
    """Where an earlier run died or could not find out, read first how far it came; whether there was anything."""
    with app.store.read() as c:
        begun = hold_store.unfinished(c)
        if not any(h.id in begun for h in hold_store.of_freeze(c, f.number)):
            return False
    app.may_write()
    show("An earlier run did not finish; reading first how far it came.")
    started = app.now()
    with progress("Reading") as told:
        tally = sweep(app.desk(told), "put-back: finishing an earlier run", enforce=True)
    _tasks.follow(app, started)
    for line in outcome.trouble(tally.gaps, tally.rejects.values(), tally.notes, tally.unregistered):
        show(line)
    return True


def _way(app: App, f: Freeze, now: datetime) -> Way:
    """What would go back now, and what would stay."""
    with app.store.read() as c:
        register = post_store.accounts(c)
        holds = [h for h in hold_store.holds(c) if f.number in h.claims]
        posts = {p.id: p for p in post_store.fetch(c, post_store.by_ids(h.post for h in holds), register)}
        names = {p.account for p in posts.values()}
        busy: dict[str, list[datetime]] = defaultdict(list)
        held = {h.post for h in holds}
        for p in post_store.fetch(c, post_store.waiting_between(now, now + timedelta(days=61)), register):
            if p.account in names and p.id not in held and p.intended_at is not None:
                busy[p.account].append(p.intended_at)
        freezes = [x for x in freeze_store.all_of(c) if not standing(x, now).over]
        allowing = app.allowing(c)
    hours = app.settings.put_back
    way = propose(
        [(h, posts[h.post]) for h in holds],
        Verdicts(Facts(now, register, ahead(freezes, now, app.settings.run.lead), allowing)),
        {x.number for x in freezes if not x.rehearsal},
        {name: p.limits for name, p in app.platforms.items()},
        busy,
        Hours(hours.first_hour, hours.last_hour, timedelta(minutes=hours.spacing_minutes)),
        now,
        service_information(posts.values(), app.kinds_of_post),
    )
    return possible(way, app.platforms, now)


def _as_seen(app: App, f: Freeze, way: Way, digest: str) -> Way:
    """The plan that was shown with this digest, with its own times. Raises UsageError for one that never was."""
    if digest == way.digest:
        return way
    with app.store.read() as c:
        kept = hold_store.plan(c, digest)
    if kept is None or kept.declaration != f.number:
        raise UsageError(
            f'No plan with the digest "{digest}" was shown for {f.ref}.', f"See it: freeze put-back {f.ref}"
        )
    seen = {int(h): datetime.fromisoformat(at) for h, at in kept.items}
    now_ok = {r.hold.id: r for r in way.returns}
    returns = tuple(
        Return(now_ok[h].hold, now_ok[h].post, at) for h, at in sorted(seen.items(), key=lambda x: x[1]) if h in now_ok
    )
    return Way(returns, way.stays)


def _lines(app: App, f: Freeze, way: Way, now: datetime) -> list[str]:
    with app.store.read() as c:
        register = post_store.accounts(c)
    lines = [f"Way back from {f.says()}, digest {way.digest}:"]
    lines += columns(
        [r.post.ref, say_short(r.at), register[r.post.account].name, excerpt(r.post, 44), _moved(r)]
        for r in way.returns
    )
    if not way.returns:
        lines.append("  nothing")
    undecided = [s for s in way.stays if s.undecided]
    if undecided:
        lines.append(f"Waits for a decision: {len(undecided)}   (freeze decide)")
        lines += columns(
            [s.post.ref, register[s.post.account].name, excerpt(s.post, 36), safe(s.why, 240) + _flags(s, now)]
            for s in undecided[:15]
        )
        lines += [f"  … and {len(undecided) - 15} more (freeze held)"] if len(undecided) > 15 else []
    others = Counter(s.why for s in way.stays if not s.undecided)
    if others:
        lines.append("Stays where it is:")
        lines += columns([str(n), safe(why, 160)] for why, n in others.most_common())
    return lines


def _moved(r: Return) -> str:
    if r.at == r.hold.before.at:
        return "as intended"
    return "; ".join(filter(None, ("new time", says(stale(r.post, r.hold.before.at, r.at)))))


def _flags(s: Stay, now: datetime) -> str:
    words = says(stale_while_held(s.hold, s.post, now))
    return f"; {words}" if words else ""


def _data(f: Freeze, way: Way) -> dict[str, object]:
    return {
        "freeze": f.ref,
        "digest": way.digest,
        "returns": [
            {
                "post": r.post.ref,
                "at": r.at.isoformat(),
                "stale_words": [x.words for x in stale(r.post, r.hold.before.at, r.at)],
            }
            for r in way.returns
        ],
        "stays": [{"post": s.post.ref, "why": s.why, "undecided": s.undecided} for s in way.stays],
    }

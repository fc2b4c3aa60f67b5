"""`freeze put-back`: held posts go back into their queues, as somebody saw and agreed."""

from __future__ import annotations

import sys
from collections import Counter, defaultdict
from datetime import datetime, timedelta

import click

from freeze.app import App
from freeze.commands import _look
from freeze.commands._common import Answer, agreed, command, progress, worst
from freeze.errors import RefusedByRule, UsageError
from freeze.evaluate import Verdicts
from freeze.freezes import Freeze, standing, views
from freeze.holds import HoldState
from freeze.ports import Facts
from freeze.put_back import Hours, Return, Way, carry_out, propose
from freeze.report import outcome, picture
from freeze.report.words import columns, excerpt, many, safe
from freeze.store import freezes as freeze_store
from freeze.store import holds as hold_store
from freeze.store import posts as post_store
from freeze.store.journal import once
from freeze.windows import say_short


@click.command("put-back", epilog="Example: freeze put-back f1      (shows the times, then asks)")
@click.argument("ident", metavar="ID")
@click.option("--digest", metavar="D", help="Do exactly what was shown with this digest (needed without a terminal).")
@click.option("--yes", is_flag=True, help="With --digest: do not ask.")
@command
def put_back_command(app: App, ident: str, digest: str | None, yes: bool) -> Answer:
    """Put the held posts of an ended pause back: spaced, never in the past, never inside any pause.

    While a pause is still in force, only posts go back that it no longer covers (its end was brought forward, or a gap
    was cut into it).
    Posts whose time has passed stay held until somebody decides (freeze decide). Posts that somebody changed are
    skipped one by one. What another pause holds stays held.
    """
    now = app.now()
    with app.store.read() as c:
        f = freeze_store.one(c, ident)
    way = _way(app, f, now)
    if not standing(f, now).over and not way.returns:
        raise RefusedByRule(
            f"{f.says()} is {standing(f, now).value}: it still holds its posts.",
            f"End it first: freeze end {f.ref}",
        )
    if digest is not None:
        way = _as_seen(app, f, way, digest)
    for line in _lines(app, f, way):
        app.out(line)
    if not way.returns and not any(s.close for s in way.stays):
        undecided = any(s.undecided for s in way.stays)
        return {**_data(f, way), "put_back": 0}, ["Nothing can go back now."], 1 if undecided else 0
    if digest is None and not sys.stdin.isatty():
        once(app.store, app.actor, lambda tx: hold_store.keep_plan(tx.c, way.digest, f.number, way.items, now))
        advice = f"Look at the times above, then: freeze put-back {f.ref} --digest {way.digest}"
        raise RefusedByRule("Putting back needs the digest of what was seen.", advice)
    if digest is None and not agreed(app, f"Put these {many(len(way.returns), 'post')} back?", yes=yes):
        return {**_data(f, way), "put_back": 0}, ["Nothing was changed; everything stays held."], 1
    app.may_write()
    with progress("Putting back") as told:
        tally = carry_out(app.desk(told), way.returns, way.stays)
    done = sum(s is HoldState.PUT_BACK for s in tally.states.values())
    what = _look.found(app, f)
    lines = [f"Put back and checked: {done} of {len(way.returns)}."]
    lines += outcome.trouble(tally.gaps, tally.rejects.values(), tally.notes, tally.unregistered)
    left = [h for h in what.holds if h.state not in (HoldState.PUT_BACK, HoldState.KEPT, HoldState.GONE)]
    left = [h for h in left if h.state is not HoldState.TOO_LATE]
    if left:
        lines.append(f"Still held: {len(left)}   (freeze held)")
    lines.append(f"Log head: {_look.head(app)}")
    failed = 3 if done < len(way.returns) or tally.gaps else 0
    undecided_code = 1 if any(s.undecided for s in way.stays) else 0
    body = {**_data(f, way), "put_back": done, "still_held": len(left)}
    return body | {"gaps": [picture.gap_json(g) for g in tally.gaps]}, lines, worst(failed, undecided_code)


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
    hours = app.settings.put_back
    return propose(
        [(h, posts[h.post]) for h in holds],
        Verdicts(Facts(now, register, views(freezes, now, app.settings.run.lead))),
        {x.number for x in freezes if not x.rehearsal},
        {name: p.limits for name, p in app.platforms.items()},
        busy,
        Hours(hours.first_hour, hours.last_hour, timedelta(minutes=hours.spacing_minutes)),
        now,
    )


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


def _lines(app: App, f: Freeze, way: Way) -> list[str]:
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
            [s.post.ref, register[s.post.account].name, excerpt(s.post, 36), safe(s.why, 120)] for s in undecided[:15]
        )
        lines += [f"  … and {len(undecided) - 15} more (freeze held)"] if len(undecided) > 15 else []
    others = Counter(s.why for s in way.stays if not s.undecided)
    if others:
        lines.append("Stays where it is:")
        lines += columns([str(n), safe(why, 160)] for why, n in others.most_common())
    return lines


def _moved(r: Return) -> str:
    return "as intended" if r.at == r.hold.before.at else "new time"


def _data(f: Freeze, way: Way) -> dict[str, object]:
    return {
        "freeze": f.ref,
        "digest": way.digest,
        "returns": [{"post": r.post.ref, "at": r.at.isoformat()} for r in way.returns],
        "stays": [{"post": s.post.ref, "why": s.why, "undecided": s.undecided} for s in way.stays],
    }

"""Putting held posts back: proposed, agreed to by its digest, done and read back; and what follows of a morning."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from freeze.accounts import Gap
from freeze.acts import morning, permissions, tasks
from freeze.acts.app import App
from freeze.back.morning import Morning, Soon
from freeze.back.promises import possible
from freeze.back.triage import service_information
from freeze.back.way import Hours, Return, Way, propose
from freeze.errors import RefusedByRule, UsageError
from freeze.judging.evaluate import Verdicts
from freeze.pauses.freezes import Freeze, ahead, standing
from freeze.people.tasks import Task
from freeze.run.put_back import carry_out
from freeze.run.sweep import sweep
from freeze.run.tally import Tally
from freeze.store import freezes as freeze_store
from freeze.store import holds as hold_store
from freeze.store import posts as post_store
from freeze.store.journal import once
from freeze.store.known import found
from freeze.views.found import Found
from freeze.views.known import Known

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Proposed:
    """The way back as it is shown: `complete` is all of it, `way` what this user may put back.

    `only_life` says why a user is shown no more than what is allowed for a risk to life. `gaps` could not be read.
    """

    freeze: Freeze
    known: Known
    complete: Way
    way: Way
    only_life: str
    gaps: Sequence[Gap]

    @property
    def over(self) -> bool:
        """Whether the pause is over."""
        return standing(self.freeze, self.known.now).over

    @property
    def undecided(self) -> bool:
        """Whether a post waits for somebody's decision."""
        return any(s.undecided for s in self.way.stays)


@dataclass(frozen=True)
class After:
    """What follows: the four steps of the morning, the tasks they make, and what goes out in the next 48 hours."""

    known: Known
    morning: Morning
    tasks: Sequence[Task]
    soon: Sequence[Soon]


def unfinished(app: App, ident: str) -> tuple[Freeze, bool]:
    """The pause, and whether an earlier run died in it or could not find out. Raises UsageError, RefusedByRule."""
    app.may("way-back", ())
    with app.store.read() as c:
        f = freeze_store.one(c, ident)
        begun = hold_store.unfinished(c)
        return f, any(h.id in begun for h in hold_store.of_freeze(c, f.number))


def finish(app: App, told: Progress) -> Tally:
    """Read how far an earlier run came, before anything else is done."""
    started = app.now()
    tally = sweep(app.desk(told), "put-back: finishing an earlier run", enforce=True)
    tasks.follow(app, started)
    return tally


def propose_way(app: App, f: Freeze, digest: str | None, told: Progress) -> Proposed:
    """What would go back now, and what would stay; with `digest`, what was shown under it, with its own times.

    Raises UsageError for a digest that was never shown, RefusedByRule where the pause still holds everything.
    """
    gaps = morning.read_afresh(app, f, told) if standing(f, app.now()).over else []
    with app.store.read() as c:
        known = app.known(c)
        complete = _way(app, c, known, f)
        way, only_life = _for_this_user(app, known, f, complete)
        if not standing(f, known.now).over and not way.returns:
            raise RefusedByRule(
                f"{f.says()} is {standing(f, known.now).value}: it still holds its posts.",
                f"End it first (freeze end {f.ref}), or allow single posts (freeze allow).",
            )
        if digest is not None:
            way = _as_seen(c, f, way, digest)
        return Proposed(f, known, complete, way, only_life, gaps)


def keep(app: App, p: Proposed) -> None:
    """Remember what was shown, so that its digest stands for it."""
    f, way = p.freeze, p.way
    once(app.store, app.actor, lambda tx: hold_store.keep_plan(tx.c, way.digest, f.number, way.items, p.known.now))


def put_back(app: App, p: Proposed, told: Progress) -> tuple[Tally, Found]:
    """Do exactly what was shown, and read it back. Raises RefusedByRule for who may not."""
    _may_do(app, p)
    app.may_write()
    tally = carry_out(app.desk(told), p.way.returns, p.way.stays)
    with app.store.read() as c:
        return tally, found(c, app.known(c), p.freeze)


def steps(app: App, p: Proposed) -> Morning:
    """Where the four steps of the morning stand; nothing is written."""
    return morning.gather(app, p.freeze, p.complete, p.known.now)


def after(app: App, p: Proposed, way: Way, back: Collection[int]) -> After:
    """What follows, with the tasks of the morning made where they are due; `back` are the holds that went back."""
    f, now = p.freeze, app.now()
    m = morning.gather(app, f, way, now)
    made = morning.ask(app, f, m, now)
    soon = morning.soon(app, f, way, back, now) if standing(f, now).over else []
    with app.store.read() as c:
        return After(app.known(c), m, made, soon)


def _for_this_user(app: App, known: Known, f: Freeze, way: Way) -> tuple[Way, str]:
    """The whole way back; for whoever may not put posts back, what is allowed for a risk to life, if there is any."""
    try:
        app.may("put-back")
    except RefusedByRule as e:
        life = permissions.about_life(known, f)
        urgent = tuple(r for r in way.returns if r.post.id in life)
        return (Way(urgent, ()), str(e)) if urgent else (way, "")
    return way, ""


def _may_do(app: App, p: Proposed) -> None:
    """Refuse putting back what this user may not; what is allowed for a risk to life waits for nobody."""
    way = p.way
    urgent = {r.post.id for r in way.returns} <= permissions.about_life(p.known, p.freeze) and not way.stays
    if way.returns and urgent:
        app.may("risk-to-life", {r.post.service for r in way.returns})
    else:
        app.may("put-back")


def _way(app: App, c: Any, known: Known, f: Freeze) -> Way:
    now, register, freezes = known.now, known.register, known.in_force
    holds = [h for h in hold_store.holds(c) if f.number in h.claims]
    posts = {p.id: p for p in post_store.fetch(c, post_store.by_ids(h.post for h in holds), register)}
    names = {p.account for p in posts.values()}
    busy: dict[str, list[datetime]] = defaultdict(list)
    held = {h.post for h in holds}
    for p in post_store.fetch(c, post_store.waiting_between(now, now + timedelta(days=61)), register):
        if p.account in names and p.id not in held and p.intended_at is not None:
            busy[p.account].append(p.intended_at)
    hours = app.settings.put_back
    way = propose(
        [(h, posts[h.post]) for h in holds],
        Verdicts(known.facts(ahead(freezes, now, known.lead))),
        {x.number for x in freezes if not x.rehearsal},
        {name: p.limits for name, p in app.platforms.items()},
        busy,
        Hours(hours.first_hour, hours.last_hour, timedelta(minutes=hours.spacing_minutes)),
        now,
        service_information(posts.values(), app.kinds_of_post),
    )
    return possible(way, app.platforms, now)


def _as_seen(c: Any, f: Freeze, way: Way, digest: str) -> Way:
    """The plan that was shown with this digest, with its own times. Raises UsageError for one that never was."""
    if digest == way.digest:
        return way
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

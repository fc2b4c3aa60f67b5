"""The morning after, for `freeze put-back`: where its four steps stand, its two tasks, and the first 48 hours."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from freeze.acts import tasks as _tasks
from freeze.acts.app import App
from freeze.back import morning
from freeze.back.morning import LIFT, Lock, Morning, Soon
from freeze.back.triage import service_information, stale
from freeze.back.way import Hours, Way, next_slot
from freeze.judging.evaluate import Verdicts
from freeze.pauses.freezes import Freeze, Standing, ahead, standing
from freeze.people.tasks import LOCKDOWN, Stands, Task
from freeze.ports import Facts
from freeze.posts import Post
from freeze.run.sweep import sweep
from freeze.store import freezes as freeze_store
from freeze.store import holds as hold_store
from freeze.store import mornings
from freeze.store import posts as post_store
from freeze.store import tasks as task_store
from freeze.store.journal import Transaction, once
from freeze.views.known import Known

if TYPE_CHECKING:
    from freeze.accounts import Gap


def read_afresh(app: App, f: Freeze, told: Callable[[int, int], None]) -> list[Gap]:
    """Read the schedulers whose lock this pause asked for; nothing changes on any platform. Gives what could not be."""
    with app.store.read() as c:
        names = {k.scheduler.connection for k in _locks(app, c, app.known(c), f)}
    if not names:
        return []
    started = app.now()
    desk = app.desk(told)
    here = {n: p for n, p in desk.platforms.items() if n in names}
    tally = sweep(replace(desk, platforms=here), "put-back: looking at the schedulers", enforce=False)
    _tasks.follow(app, started)
    return list(tally.gaps)


def gather(app: App, f: Freeze, way: Way, now: datetime) -> Morning:
    """Where the four steps stand, as the store knows it now."""
    with app.store.read() as c:
        known = app.known(c)
        locks = _locks(app, c, known, f)
        register = known.register
        waiting = mornings.due(c, now - timedelta(days=400), now, register)
        shown = mornings.shown_last(c, [p.id for p in waiting])
        late, overdue = morning.past((p for p in waiting if p.id in shown), now)
        late = [p for p in late if f.scope.covers(register[p.account]) or _on(p, locks)]
        overdue = [p for p in overdue if _on(p, locks)]
        first = service_information(overdue, app.kinds_of_post)
        overdue.sort(key=lambda p: (p.id not in first, p.intended_at or now, p.id))
        still = _still(known, f, locks)
        slots = _slots(app, c, known, overdue, way)
    undecided = sum(s.undecided for s in way.stays)
    return morning.morning(locks, late, overdue, undecided, slots, still, f.ended_at or f.end, now)


def _on(post: Post, locks: Sequence[Lock]) -> bool:
    return any(post.locator.connection == k.scheduler.connection for k in locks)


def _locks(app: App, c: Any, known: Known, f: Freeze) -> list[Lock]:
    """The schedulers whose lock this pause asked somebody to press, or that are known only by copies."""
    tasks = known.tasks_of(f)
    asked = {t.connection for t in tasks if t.kind == LOCKDOWN}
    lifted = {t.connection: t for t in tasks if t.kind == LIFT and t.closed_at is None}
    out = []
    for name, s in _tasks.switches(app, known).items():
        if name in asked or (s.always and f.scope.everything and not f.rehearsal):
            out.append(Lock(s, mornings.known_as_of(c, name), lifted.get(name)))
    return out


def _still(known: Known, f: Freeze, locks: Sequence[Lock]) -> str:
    """The pauses in force that need the lock, in words."""
    names = {k.scheduler.connection for k in locks}
    out = []
    for x in known.real:
        if standing(x, known.now) not in (Standing.ACTIVE, Standing.END_OVERDUE, Standing.IN_A_HOLE):
            continue
        asks = any(
            t.kind == LOCKDOWN and t.connection in names and t.stands is not Stands.CLOSED for t in known.tasks_of(x)
        )
        if x.number == f.number or asks or x.scope.everything:
            out.append(x.says())
    return " and ".join(out)


def _slots(app: App, c: Any, known: Known, overdue: Sequence[Post], way: Way) -> dict[int, datetime]:
    """A free time for each overdue post, for whoever re-dates it by hand; spaced, service information first."""
    if not overdue:
        return {}
    register, now = known.register, known.now
    names = {p.account for p in overdue}
    taken: dict[str, list[datetime]] = {n: [] for n in names}
    for p in mornings.due(c, now, now + timedelta(days=61), register):
        if p.account in names and p.intended_at is not None:
            taken[p.account].append(p.intended_at)
    for r in way.returns:
        taken.setdefault(r.post.account, []).append(r.at)
    freezes = [x for x in freeze_store.all_of(c) if not standing(x, now).over]
    lead = app.settings.run.lead
    verdicts = Verdicts(Facts(now, register, ahead(freezes, now, lead), app.allowing(c)))
    s = app.settings.put_back
    hours = Hours(s.first_hour, s.last_hour, timedelta(minutes=s.spacing_minutes))
    out = {}
    for p in overdue:
        limits = app.platforms[p.locator.connection].limits
        at = next_slot(p, taken[p.account], verdicts, limits, hours, now)
        if at is not None:
            out[p.id] = at
            taken[p.account].append(at)
    return out


def ask(app: App, f: Freeze, m: Morning, now: datetime) -> list[Task]:
    """Make the tasks of the morning after where they are due, take back the lift where it no longer is; gives both.

    The lift of a lock is a task only while the first three steps are done; nothing is closed that somebody answered.
    """
    if f.rehearsal or not standing(f, now).over:
        return []

    def write(tx: Transaction) -> list[Task]:
        there = {t.wanted.key: t for t in task_store.all_of(tx.c, [f.number])}
        wants = [morning.lift_task(k, _holders(app, k)) for k in m.locks]
        pictures = [morning.pictures_task()] if f.end - f.start > morning.LONG else []
        for w in wants:
            old = there.get(w.key)
            if old is not None and old.said_at is None and m.ready is (old.closed_at is not None):
                task_store.save(tx.c, replace(old, closed_at=None if m.ready else now))
                tx.log(now, "task.wanted-again" if m.ready else "task.no-longer-needed", {"task": old.ref})
        made = task_store.add(tx.c, f.number, [*(wants if m.ready else []), *pictures], now)
        if made:
            tx.log(now, "tasks.made", {"freeze": f.ref, "tasks": [t.ref for t in made]})
        keys = {w.key for w in (*wants, *pictures)}
        mine = task_store.all_of(tx.c, [f.number])
        return [t for t in mine if t.wanted.key in keys and t.closed_at is None]

    return once(app.store, app.actor, write)


def _holders(app: App, lock: Lock) -> str:
    return ", ".join(f"{h.name} {h.phone}".strip() for h in app.holders.get(lock.scheduler.connection, ()))


def soon(app: App, f: Freeze, way: Way, put_back: Collection[int], now: datetime) -> list[Soon]:
    """What will go out in the next 48 hours on the accounts of this pause, by time and account; each post once.

    `put_back` are the holds that just went back. The words of each post are compared with the time it had when the
    pause took it, also where a person gave it another time in its scheduler since.
    """
    until = now + morning.TONE
    returned = {r.post.id: r for r in way.returns if r.hold.id in put_back}
    with app.store.read() as c:
        register = post_store.accounts(c)
        found = {p.id: p for p in mornings.due(c, now, until, register)}
        found |= {p.id: p for p in post_store.fetch(c, post_store.by_ids(returned), register)}
        meant = {h.post: h.before.at for h in hold_store.of_freeze(c, f.number)}
    out: list[Soon] = []
    for p in found.values():
        at = returned[p.id].at if p.id in returned else p.intended_at
        if at is None or not now <= at <= until or not f.scope.covers(register[p.account]) or p.same_as in found:
            continue
        out.append(Soon(p, at, stale(p, meant[p.id], at) if p.id in meant else ()))
    return sorted(out, key=lambda s: (s.at, register[s.post.account].name, s.post.id))

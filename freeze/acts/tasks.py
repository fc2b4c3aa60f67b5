"""Tasks for the commands: kept in step with every sweep, and who each goes to just now."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from freeze.acts.app import App
from freeze.council import duty
from freeze.council.clicks import clicks
from freeze.findings import Finding, Level
from freeze.holds import Kind
from freeze.outs import MAY_BE_OUT
from freeze.pauses.freezes import Freeze, enforced, standing
from freeze.people import replies, tasks
from freeze.people.sources import SeenBy
from freeze.people.tasks import Facts, Scheduler, Task, Wanted
from freeze.ports import ReadsPublished
from freeze.store import tasks as task_store
from freeze.store.journal import Transaction, once
from freeze.store.known import found

if TYPE_CHECKING:
    from freeze.ports import Capabilities
    from freeze.views.found import Found
from freeze.views.known import Known


def follow(app: App, since: datetime, only: int | None = None) -> None:
    """Bring the tasks of every pause in step with a sweep that began at `since`. Nothing is written if nothing changed.

    Call it after each sweep; and after a pause ended, with its number as `only`: then nothing was read anew.
    """
    changed: list[tuple[Freeze, list[Wanted], replies.Read]] = []
    with app.store.read() as c:
        known = app.known(c)
        for f in known.real:
            waits = any(not t.closed_at for t in known.tasks_of(f))
            if only not in (None, f.number) or (standing(f, known.now).over and not waits):
                continue
            what = found(c, known, f)
            read, wants = _read(known, what, since), _wanted(app, known, f, what)
            if any(replies.follow(known.tasks_of(f), wants, read, known.now)):
                changed.append((f, wants, read))
    for f, wants, read in changed:
        once(app.store, app.actor, lambda tx, f=f, wants=wants, read=read: _write(tx, f, wants, read, known.now))  # type: ignore[misc]


def _write(tx: Transaction, f: Freeze, wants: Sequence[Wanted], read: replies.Read, now: datetime) -> None:
    changes, new = replies.follow(task_store.all_of(tx.c, [f.number]), wants, read, now)
    for step in changes:
        task_store.save(tx.c, step.task)
        if step.event:
            data = {"task": step.task.ref, "freeze": f.ref, "kind": step.task.kind}
            tx.log(now, step.event, data | ({"post": step.because} if step.because else {}))
    made = task_store.add(tx.c, f.number, new, now)
    if made:
        tx.log(now, "tasks.made", {"freeze": f.ref, "tasks": [t.ref for t in made]})


def _read(known: Known, what: Found, since: datetime) -> replies.Read:
    rows = [r for r in known.reads if r.as_of is not None and r.read_at is not None and r.read_at >= since]
    as_of: dict[str, datetime] = {}
    for r in rows:
        as_of[r.connection] = min(r.as_of, as_of.get(r.connection, r.as_of))
    meant = {h.post: h.before.at for h in what.holds if h.before.at is not None}
    queued = what.queued
    return replies.Read(
        stands={h.post: h.state for h in what.holds},
        outs={o.post: o.at for o in what.outs if o.how not in (MAY_BE_OUT, task_store.REPORTED)},
        queued={p: at for p, at in meant.items() if p in queued},
        where={p.id: p.locator.connection for p in what.posts.values()},
        as_of=as_of,
    )


def _wanted(app: App, known: Known, f: Freeze, what: Found) -> list[Wanted]:
    now = known.now
    if standing(f, now).over or not enforced(f, now, known.lead):
        return []
    # Where business goes on, nobody is asked to switch everything off or to look through an app.
    goes_on = f.preset in app.kinds_of_post.only
    covered = [] if goes_on else [a for a in what.register.values() if f.scope.covers(a)]
    own = app.settings.clicks
    approver = app.settings.communications.approver
    approves = duty.reach(approver, "", app.settings.people.values())
    return tasks.wanted(
        Facts(
            holds=what.holds,
            posts=what.posts,
            register=what.register,
            covered=covered,
            reached=_reached(app, known, f.declared_at),
            schedulers=switches(app, known) if covered else {},
            everything=f.scope.everything,
            clicks={a.platform: clicks(a.platform, own) for a in what.register.values()},
            approver=approver,
            approver_contact=approves.email or approves.phone,
        ),
        now,
    )


def _reached(app: App, known: Known, since: datetime) -> set[str]:
    """The accounts whose whole queue was read since, on their own platform, by a connection that can hold there."""
    rows = [r for r in known.reads if not (r.reason or r.unseen) and r.read_at and r.read_at >= since]
    fine = {(r.connection, r.native) for r in rows}
    platforms = {a.id: a.platform for a in known.register.values()}
    out = set()
    for (connection, native), account in known.names.items():
        here = app.platforms.get(connection)
        if here is None or here.platform != platforms[account] or (connection, native) not in fine:
            continue
        cap = capabilities(app, here.platform)
        if cap is None or cap.holds is not Kind.HUMAN:
            out.add(account)
    return out


def readable(app: App, known: Known) -> set[str]:
    """The accounts whose published posts a connection reads on their own platform."""
    platforms = {a.id: a.platform for a in known.register.values()}
    here = {n for n, p in app.platforms.items() if isinstance(p, ReadsPublished)}
    return {
        account
        for (connection, _), account in known.names.items()
        if connection in here and app.platforms[connection].platform == platforms[account]
    }


def capabilities(app: App, platform: str) -> Capabilities | None:
    """What an adapter says of itself; None where there is none of that name."""
    module = app.kinds.get(platform)
    found: Capabilities | None = module.CAPABILITIES if module else None
    return found


def switches(app: App, known: Known) -> dict[str, Scheduler]:
    """Every connection with one switch for everything. A copy, one never read, or one that hides posts always asks."""
    rows = [r for r in known.reads if r.read_at is not None]
    out = {}
    for name, platform in app.platforms.items():
        cap = capabilities(app, platform.platform)
        if cap is None or not cap.lockdown:
            continue
        mine = [r for r in rows if r.connection == name]
        copies = not mine or any(r.as_of is not None or r.unseen for r in mine)
        words = app.settings.connections.get(name, {}).get("lockdown_clicks") or cap.clicks
        title = app.kinds[platform.platform].TITLE
        out[name] = Scheduler(name, title, cap.lockdown, words, always=copies)
    return out


def seen(app: App, known: Known) -> list[SeenBy]:
    """How old what each scheduler showed is. Loads no adapter: `freeze status` answers at once."""
    out = []
    for a in known.ages():
        named = "lockdown_holders" in app.settings.connections.get(a.connection, {})
        if a.as_of is not None or named:
            title = a.connection[:1].upper() + a.connection[1:]
            out.append(SeenBy(a.connection, title, a.as_of or a.read_at, a.reason))
    return out


def holder_findings(app: App) -> list[Finding]:
    """A scheduler whose lockdown fewer than two people can press, with a number for any hour (clause 5.1)."""
    out = []
    for name, table in app.settings.connections.items():
        cap = capabilities(app, str(table.get("platform")))
        able = [h for h in app.holders[name] if h.phone]
        if cap is not None and cap.lockdown and len(able) < 2:
            out.append(
                Finding(
                    clause="5.1",
                    level=Level.NOTE,
                    sentence=f"{len(able)} of at least 2 people who can press {cap.lockdown} are named with a number.",
                    next_step=f"Name them in [connections.{name}]: lockdown_holders.",
                    policy="lockdown-holders",
                    about=name,
                )
            )
    return out


@dataclass(frozen=True)
class Desk:
    """Who is there at this moment, and who each task goes to."""

    app: App
    now: datetime
    working: bool
    opens: datetime

    def to(self, task: Task, services: Iterable[str]) -> tuple[duty.Reach, ...]:
        """Who a task goes to. A lockdown goes to those who can press it, at any hour."""
        s = self.app.settings
        if task.kind == tasks.LOCKDOWN and (holders := self.app.holders.get(task.connection)):
            return tuple(duty.Reach(h.name, "", h.phone, duty.Why.HOLDER) for h in holders)
        owner = self._owner(task)
        return duty.who(owner, set(services), s.people.values(), s.communications, working=self.working)

    def owner(self, task: Task) -> tuple[duty.Reach, ...]:
        """Its owner, on duty or not."""
        s = self.app.settings
        if task.kind == tasks.LOCKDOWN:
            return self.to(task, ())
        return duty.who(self._owner(task), (), (), s.communications, working=True)

    def _owner(self, task: Task) -> duty.Reach:
        return duty.reach(task.wanted.owner, task.wanted.contact, self.app.settings.people.values())


def desk(app: App) -> Desk:
    """Who is there now, by the hours in the settings and the bank holidays of England and Wales."""
    from freeze.acts.holidays import holidays
    from freeze.clocks.workdays import ENGLAND_AND_WALES, Holiday

    now = app.now()
    table = holidays(app)

    def works(day: object) -> bool:
        found: tuple[Holiday, ...] = table.on(day, ENGLAND_AND_WALES)  # type: ignore[arg-type]
        return not found

    hours = app.settings.hours
    return Desk(app, now, duty.at_work(now, hours, works), duty.opens_next(now, hours, works))

"""How a pause changes and ends. Ending moves nothing; putting back does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from freeze.acts import clocks, tasks
from freeze.acts.app import App
from freeze.pauses.freezes import Freeze, ended, extended, resolved, standing, until_days, with_hole
from freeze.run.sweep import sweep
from freeze.run.tally import Tally
from freeze.store import freezes as freeze_store
from freeze.store.journal import Transaction, once
from freeze.store.known import found
from freeze.views.found import Found
from freeze.views.known import Known
from freeze.windows import Window

Progress = Callable[[int, int], None]
Change = Callable[[Freeze, datetime], Freeze]
Also = Callable[[Transaction], clocks.Told]


@dataclass(frozen=True)
class Written:
    """A change of a pause, written down at `now` (UTC): as it was, as it is, and what else was written with it.

    `moves`: posts are held anew by it, or let go of.
    """

    before: Freeze
    after: Freeze
    told: clocks.Told
    event: str
    moves: bool
    now: datetime


@dataclass(frozen=True)
class Changed:
    """How everything stands after a change: the run that followed, if one did, and the other pauses in force."""

    written: Written
    what: Found
    known: Known
    ran: Tally | None
    others: Sequence[Freeze]


def extend(
    app: App, ident: str, *, until: datetime | None = None, days: int | None = None, hole: Window | None = None
) -> Written:
    """Make a pause longer: to `until`, or whole London `days` in all; or cut a gap into it. Exactly one is given.

    Raises RefusedByRule for one that ended, UsageError for what cannot be.
    """
    app.may("gap" if hole is not None else "extend")

    def change(f: Freeze, now: datetime) -> Freeze:
        if hole is not None:
            return with_hole(f, hole, now)
        return extended(f, until if until is not None else until_days(f.start, days or 0), now)

    return _write(app, ident, "freeze.extended", change, moves=True)


def resolve_end(app: App, ident: str, funeral: date, holiday: tuple[date, str] | None) -> Written:
    """Settle the end of a royal death: the end of the funeral's London day.

    `holiday` is a bank holiday that was proclaimed with it, and who says so: due dates of requests move with it.
    """
    app.may("resolve-end")
    title = "Bank holiday, day of the funeral"
    also = clocks.proclaiming(app, holiday[0], title, holiday[1]) if holiday is not None else None
    return _write(app, ident, "freeze.end-resolved", lambda f, now: resolved(f, funeral, now), moves=True, also=also)


def end(app: App, ident: str) -> Written:
    """End a pause now, or confirm an end that is overdue."""
    app.may("end")
    return _write(app, ident, "freeze.ended", lambda f, now: ended(f, now, "early"), moves=False)


def undo(app: App, ident: str) -> Written:
    """End a pause that was declared by mistake."""
    app.may("undo")
    return _write(app, ident, "freeze.undone", lambda f, now: ended(f, now, "by mistake"), moves=False)


def _write(app: App, ident: str, event: str, change: Change, *, moves: bool, also: Also | None = None) -> Written:
    now = app.now()
    if moves:
        app.may_write()

    def write(tx: Transaction) -> Written:
        before = freeze_store.one(tx.c, ident)
        after = change(before, now)
        freeze_store.update(tx.c, after)
        tx.log(now, event, {"freeze": after.ref, "was_until": before.end.isoformat(), "until": after.end.isoformat()})
        return Written(before, after, also(tx) if also else ([], {}), event, moves, now)

    return once(app.store, app.actor, write)


def carry_out(app: App, w: Written, told: Progress) -> Changed:
    """Hold what the change covers, or let the tasks of a pause that is over go."""
    tally = None
    if w.moves and not w.after.rehearsal:
        started = app.now()
        tally = sweep(app.desk(told), w.event, enforce=True, urgent=True)
        tasks.follow(app, started)
    elif standing(w.after, w.now).over:
        tasks.follow(app, w.now, w.after.number)
    with app.store.read() as c:
        known = app.known(c)
        others = [f for f in known.in_force if f.number != w.after.number and not f.rehearsal]
        return Changed(w, found(c, known, w.after), known, tally, others)

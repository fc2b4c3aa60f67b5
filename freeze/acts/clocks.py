"""What the acts about clocks share: the store's calendar, requests as rules see them, and due dates that moved."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from freeze.acts.app import App
from freeze.acts.holidays import shipped, today
from freeze.clocks.refresh import already
from freeze.clocks.requests import view
from freeze.clocks.workdays import ANYWHERE, Calendar, Change, Holidays, checked, said_nations
from freeze.errors import UsageError
from freeze.ports import Facts
from freeze.report.requests import Moved, moved_json, moved_lines
from freeze.store import holidays as holiday_store
from freeze.store import requests as request_store
from freeze.store.journal import Transaction
from freeze.windows import say_day

Told = tuple[list[str], dict[str, Any]]
"""Lines for people, and the same as data."""


def calendar(app: App, c: Any) -> Holidays:
    """The holidays in force, read in this transaction."""
    return holiday_store.kept(c).over(shipped(app))


def desk(app: App, holidays: Holidays) -> Calendar:
    """The days on which somebody is at the desk."""
    return holidays.operational(app.settings.requests.closure_days)


def with_clocks(app: App, c: Any, facts: Facts) -> Facts:
    """The facts with the open requests and the age of the bank holidays (`c` is an open transaction)."""
    holidays = calendar(app, c)
    open_ones = request_store.all_of(c, open_only=True)
    views = tuple(view(r, today(app), holidays) for r in open_ones)
    return replace(facts, requests=views, holidays_as_of=holidays.as_of)


def change_holidays(app: App, tx: Transaction, changes: Sequence[Change], now: datetime) -> Moved:
    """Write changes to the bank holidays down, and every open request that they move."""
    holiday_store.add(tx.c, changes, now, app.actor)
    for change in changes:
        what = {"day": change.day.isoformat(), "nations": list(said_nations(change.nations)), "source": change.source}
        tx.log(now, "holiday.withdrawn" if change.gone else "holiday.added", what)
    return recompute(app, tx, now)


def proclaiming(app: App, day: date, title: str, source: str) -> Callable[[Transaction], Told]:
    """What makes a day a bank holiday everywhere in a transaction of the caller's, and tells whom that moves."""
    if checked(day).weekday() > 4:
        raise UsageError(f"{say_day(day)} is not a working day anyway.", "Give the weekday that was proclaimed.")

    def write(tx: Transaction) -> Told:
        now = app.now()
        fresh = ANYWHERE & ~already(calendar(app, tx.c), day, ANYWHERE)
        changes = [Change(day, title, fresh, source.strip()[:300], today(app))] if fresh else []
        moved = change_holidays(app, tx, changes, now)
        said = f"  Bank holiday: {changes[0].says()}." if changes else f"  {say_day(day)} was a bank holiday already."
        return [said, *(f"  {line}" for line in moved_lines(moved))], {
            "bank_holiday": day.isoformat(),
            "requests_moved": moved_json(moved),
        }

    return write


def recompute(app: App, tx: Transaction, now: datetime) -> Moved:
    """Work out every open request anew; those that moved are written and logged."""
    holidays = calendar(app, tx.c)
    moved = request_store.recomputed(tx.c, holidays, desk(app, holidays))
    for old, new in moved:
        request_store.update(tx.c, new)
        tx.log(now, "request.moved", {"request": new.ref, "was": old.due.isoformat(), "due": new.due.isoformat()})
    return moved

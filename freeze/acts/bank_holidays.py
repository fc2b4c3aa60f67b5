"""Bank holidays that no data knows yet: proclaimed, or taken back; every open request that they move goes with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from freeze.acts import clocks
from freeze.acts.app import App
from freeze.acts.holidays import holidays, today
from freeze.clocks.refresh import already
from freeze.clocks.workdays import ALIASES, ANYWHERE, APPOINTED, NATIONS, Change, checked
from freeze.errors import UsageError, nearest
from freeze.report.requests import Moved
from freeze.store.journal import once
from freeze.windows import say_day


@dataclass(frozen=True)
class Proclaimed:
    """The day that was added, and the open requests that it moved; None where it was a bank holiday already.

    `held` are the titles of the bank holidays that the day had before.
    """

    added: Change | None
    held: Sequence[str]
    moved: Moved


@dataclass(frozen=True)
class Withdrawn:
    """The days that were taken back, and the open requests that this moved."""

    gone: Sequence[Change]
    moved: Moved


def proclaim(
    app: App, day: date, title: str, source: str, *, nations: Sequence[str], announced: date | None, appointed: bool
) -> Proclaimed:
    """Add a bank holiday of these nations, else of all; `appointed`: no bank holiday, but it counts for elections.

    `announced` is the London day on which it was, else today. Raises UsageError for a weekend, or for a nation that
    there is not.
    """
    on, when = checked(day), announced or today(app)
    if on.weekday() > 4 and not appointed:
        raise UsageError(f"{say_day(on)} is not a working day anyway.", "Give the weekday that was proclaimed.")
    wanted = APPOINTED if appointed else _nations(nations)
    known = holidays(app)
    held = [h.title for h in known.on(on)]
    fresh = wanted & ~(0 if appointed else already(known, on, wanted))
    if not fresh:
        return Proclaimed(None, held, ())
    change = Change(on, " ".join(title.split())[:200], fresh, source.strip()[:300], when)
    return Proclaimed(change, held, _write(app, [change]))


def withdraw(app: App, day: date, nations: Sequence[str] = ()) -> Withdrawn:
    """Take back a day that was proclaimed by mistake, or that has ceased to be a bank holiday.

    Raises UsageError where it is none of these nations'.
    """
    on = checked(day)
    there = holidays(app).on(on)
    wanted = _nations(nations) | (0 if nations else APPOINTED)
    gone = [Change(on, h.title, h.nations & wanted, h.source, gone=True) for h in there if h.nations & wanted]
    if not gone:
        raise UsageError(f"{say_day(on)} is no bank holiday there.", f"See: freeze workdays list {on.year}")
    return Withdrawn(gone, _write(app, gone))


def _write(app: App, changes: Sequence[Change]) -> Moved:
    app.may("holidays")
    now = app.now()
    return once(app.store, app.actor, lambda tx: clocks.change_holidays(app, tx, changes, now))


def _nations(names: Sequence[str]) -> int:
    wanted = 0
    for name in names:
        known = ALIASES.get(name, name)
        if known not in NATIONS:
            raise UsageError(f'There is no nation "{name}".', nearest(name, NATIONS))
        wanted |= NATIONS[known]
    return wanted or ANYWHERE

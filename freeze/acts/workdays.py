"""Working days and bank holidays, counted and listed. Quick to load: needs neither settings nor store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from freeze.acts.app import App
from freeze.acts.holidays import holidays
from freeze.clocks.workdays import ALIASES, ANYWHERE, APPOINTED, NATIONS, Holiday, Holidays


@dataclass(frozen=True)
class Counted:
    """`days` working days of a calendar lie after `first`, up to and including `last`.

    `late` says that the count runs beyond the bank holidays that are published; `by` are the holidays in force.
    """

    calendar: str
    first: date
    last: date
    days: int
    late: bool
    by: Holidays


@dataclass(frozen=True)
class Listed:
    """The bank holidays of a year on weekdays; `late` and `by` as in `Counted`."""

    holidays: Sequence[Holiday]
    late: bool
    by: Holidays


def add(app: App, first: date, days: int, nation: str = "uk") -> Counted:
    """The working day so many after `first`, which is day 0 whether it is one or not. Raises UsageError."""
    found = holidays(app)
    calendar = found.nation(nation)
    last = calendar.add(first, days)
    return Counted(calendar.name, first, last, days, last.year > found.until, found)


def count(app: App, first: date, last: date, nation: str = "uk") -> Counted:
    """Working days after `first`, up to and including `last`. Raises UsageError."""
    found = holidays(app)
    calendar = found.nation(nation)
    return Counted(calendar.name, first, last, calendar.count(first, last), last.year > found.until, found)


def of_year(app: App, year: int, nation: str = "uk") -> Listed:
    """The bank holidays of a year; "uk" are those of any nation, and days that were appointed. Raises UsageError."""
    found = holidays(app)
    found.nation(nation)
    wanted = ANYWHERE | APPOINTED if nation == "uk" else NATIONS[ALIASES.get(nation, nation)]
    return Listed(found.of_year(year, wanted), year > found.until, found)

"""Comparing the bank holidays in force with newer data: what is new, what is gone, and where sources disagree. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from freeze.clocks.workdays import ANYWHERE, NATIONS, SAID, Change, Holidays, checked
from freeze.errors import UsageError
from freeze.windows import say_day

Published = Mapping[int, Mapping[int, str]]
"""Nation → day (ordinal) → title."""


FEWEST = 8
"""Bank holidays a nation has in every year; a year with fewer is not published whole."""


@dataclass(frozen=True, slots=True)
class Compared:
    """`new` days are taken over, `gone` ones only when somebody says so: a day that vanishes may be a fault."""

    new: tuple[Change, ...]
    gone: tuple[Change, ...]
    years: tuple[int, int]


def from_gov_uk(data: Any) -> dict[int, dict[int, str]]:
    """gov.uk's file as nation → day (ordinal) → title. Raises UsageError when it is not of that shape."""
    out: dict[int, dict[int, str]] = {}
    try:
        for name, bit in NATIONS.items():
            events = out.setdefault(bit, {})
            for e in data[name]["events"]:
                title, substitute = str(e["title"]).strip(), str(e.get("notes") or "").lower() == "substitute day"
                day = date.fromisoformat(e["date"]).toordinal()
                events[day] = f"{title}, substitute day" if substitute else title
            if not events:
                raise ValueError(f"{name} has no days")
    except (KeyError, TypeError, ValueError, AttributeError) as e:
        raise UsageError(
            f"This is not gov.uk's file of bank holidays: {type(e).__name__}: {e}.",
            "Save https://www.gov.uk/bank-holidays.json and give that.",
        ) from None
    return out


def compare(holidays: Holidays, published: Published, on: date, source: str) -> Compared:
    """What newer data changes, for each nation within the years it has. `on` is the London date of the comparison."""
    new: dict[tuple[int, str], int] = {}
    gone: dict[tuple[int, str], int] = {}
    starts, ends = [], []
    for bit, days in published.items():
        years = _whole_years(days)
        starts.append(years[0])
        ends.append(years[-1])
        for o, title in days.items():
            if checked(date.fromordinal(o)).weekday() < 5 and not holidays.on(date.fromordinal(o), bit):
                new[o, title] = new.get((o, title), 0) | bit
        for year in years:
            for h in holidays.of_year(year, bit):
                if h.day.toordinal() not in days:
                    gone[h.day.toordinal(), h.title] = gone.get((h.day.toordinal(), h.title), 0) | bit
    return Compared(
        _changes(new, source, on, gone=False), _changes(gone, source, on, gone=True), (min(starts), min(ends))
    )


def _whole_years(days: Mapping[int, str]) -> list[int]:
    counts = Counter(date.fromordinal(o).year for o in days)
    whole = sorted(year for year, n in counts.items() if n >= FEWEST)
    if not whole:
        raise UsageError("No year of this data is whole.", "Save https://www.gov.uk/bank-holidays.json and give that.")
    return whole


def disagreements(published: Published, package: Published) -> list[str]:
    """Weekdays on which gov.uk's data and the `holidays` package differ, in words."""
    out = []
    for bit, days in published.items():
        years = set(_whole_years(days))
        weekdays = {o for o in days if (d := date.fromordinal(o)).weekday() < 5 and d.year in years}
        other = {o for o in package[bit] if date.fromordinal(o).year in years}
        for o in sorted(weekdays ^ other):
            has, lacks = ("gov.uk", "the holidays package") if o in weekdays else ("the holidays package", "gov.uk")
            out.append(f"{say_day(date.fromordinal(o))} ({SAID[bit]}): {has} has it, {lacks} does not.")
    return out


def already(holidays: Holidays, day: date, nations: int) -> int:
    """The nations among these for which the day is a bank holiday already."""
    return sum(bit for bit in SAID if bit & nations & ANYWHERE and holidays.on(day, bit))


def _changes(found: Mapping[tuple[int, str], int], source: str, on: date, *, gone: bool) -> tuple[Change, ...]:
    return tuple(
        Change(date.fromordinal(o), title, nations, source, None if gone else on, gone=gone)
        for (o, title), nations in sorted(found.items())
    )

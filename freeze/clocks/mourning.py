"""When a pause for a royal death probably ends, and when it does end.

Dates only: pure arithmetic on calendar days in Europe/London, never on hours, because a count of hours is a day wrong
whenever the news comes in the evening and an hour wrong across a clock change.

How well each rule is known. The rules were read in councils' own published plans of 2019 to 2021, and the dates of
2002, 2021 and 2022 mostly in press reports: all secondary sources, since the national plan has never been published.
Every end worked out here is therefore provisional, and only the date of the funeral settles it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise

from freeze.errors import UsageError
from freeze.ports import Assumed
from freeze.windows import Window, end_of, london, midnight, say, say_day, without

SUNDAY = 6

FARTHEST_FUNERAL = timedelta(days=60)
"""A funeral farther than this from the start is taken for a slip of the pen; 2002, 2021 and 2022 took 8 to 11 days."""


@dataclass(frozen=True, slots=True)
class Rules:
    """How a council reads the plan; times of day are Europe/London.

    days: calendar days from D-Day to the last day of mourning. Ten in the councils' plans of 2019 to 2021 (secondary
    source); in 2021, for a consort, it was eight.
    evening_cutoff: news at or after this time makes the next day D-Day. In 2022 the news came at about 18:30 on
    8 September and the plan ran from the 9th (press reports, secondary source). No source gives the exact hour: 17:00
    is this product's choice. The same plans use 12:00 for one thing, the notice bell ringers get (secondary source);
    that noon rule does not move D-Day.
    sunday_rule: a last day that is a Sunday moves to the Monday (councils' plans of 2019 to 2021, secondary source).
    """

    days: int = 10
    evening_cutoff: time = time(17)
    sunday_rule: bool = True


def assumed_d_day(start: datetime, rules: Rules) -> date:
    """The day taken as D-Day for a pause starting at `start`: that London day, or the next from the cut-off on."""
    local = london(start)
    return local.date() + timedelta(days=1) if local.time() >= rules.evening_cutoff else local.date()


def assumed_end(start: datetime, d_day: date | None, rules: Rules) -> Assumed:
    """The provisional end of a pause starting at `start`: midnight, London, at the end of the last day of mourning.

    `start` is any aware instant; `d_day` the London date somebody gave, or None to assume one. The words say what was
    assumed and why. Raises UsageError for a D-Day that cannot belong to a pause starting then.
    """
    first = london(start)
    day, why = _d_day(first, d_day, rules)
    last = day + timedelta(days=rules.days)
    counted = f"D-Day {why}, so D+{rules.days} is {say_day(last)}"
    if rules.sunday_rule and last.weekday() == SUNDAY:
        last += timedelta(days=1)
        counted += f"; a last day on a Sunday moves to {say_day(last)}"
    end = end_of(last)
    if end <= start:
        raise UsageError(
            f"With D-Day {say_day(day)} the pause would end with {say_day(last)}, before it starts ({say(start)}).",
            "Check the date given with --d-day.",
        )
    words = f"{counted}. The end is provisional, at midnight at the end of that day, until the funeral date is known."
    return Assumed((Window(start, end, _civil(start, last)),), provisional=True, d_day=day, because=words)


def resolved_end(windows: Sequence[Window], funeral: date) -> Assumed:
    """The settled windows of a pause once the funeral date is known: they end at midnight, London, after that day.

    National mourning ran to the end of the day of the funeral in 2021 and 2022 (national guidance as reported,
    secondary source); that this means midnight is our reading. `windows` are the pause as declared, one or more, in
    any order. Holes are kept, but never on the day of the funeral, which is held whole. Raises UsageError for a funeral
    that is over before the pause starts, or farther from it than `FARTHEST_FUNERAL`.
    """
    ordered = sorted(windows)
    start = ordered[0].start
    first_day = london(start).date()
    if funeral < first_day:
        raise UsageError(
            f"The funeral ({say_day(funeral)}) would be over before the pause starts ({say(start)}).",
            "Check the date given with --funeral.",
        )
    if funeral - first_day > FARTHEST_FUNERAL:
        raise UsageError(
            f"The funeral ({say_day(funeral)}) is more than {FARTHEST_FUNERAL.days} days after the pause starts "
            f"({say(start)}).",
            "Check the year given with --funeral; a pause that really is so long can be extended.",
        )
    kept: tuple[Window, ...] = (Window(start, end_of(funeral), _civil(start, funeral)),)
    for before, after in pairwise(ordered):
        reopened = min(after.start, midnight(funeral))
        if before.end < reopened:
            kept = without(kept, Window(before.end, reopened))
    words = (
        f"The funeral is on {say_day(funeral)}, and mourning lasts to the end of that day: "
        f"the pause ends at {say(end_of(funeral))}."
    )
    return Assumed(kept, provisional=False, d_day=None, because=words)


def _d_day(first: datetime, given: date | None, rules: Rules) -> tuple[date, str]:
    """D-Day for a pause first felt at the London time `first`, and in words where it comes from."""
    if given is not None:
        if given - first.date() > timedelta(days=rules.days):
            raise UsageError(
                f"D-Day {say_day(given)} is more than {rules.days} days after the pause starts ({say(first)}).",
                "Check the date given with --d-day, the year above all.",
            )
        return given, f"was given as {say_day(given)}"
    day = assumed_d_day(first, rules)
    side = "before" if day == first.date() else "at or after"
    return day, (
        f"taken as {say_day(day)}, because the pause starts on {say(first)}, {side} {rules.evening_cutoff:%H:%M} "
        "(--d-day gives another)"
    )


def _civil(start: datetime, last: date) -> str:
    return f"from {say(start)} to the end of {say_day(last)}"

"""When a pre-election period starts at the latest: the last day for the notice of election, counted back from the poll.

No statute fixes the start: it is the day on which the notice is really published, often days earlier. So a date worked
out here is only the latest possible. Poll day is day 0; Saturdays, Sundays, Christmas Eve, Christmas Day, Good Friday,
bank holidays and days appointed for public thanksgiving or mourning are left out (SI 2006/3304 Sch.2 and 3 rules 1-2,
read; RPA 1983 Sch.1 rule 2 as enacted, read). Dates are London dates. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from freeze.clocks.answers import Answer, Skipped
from freeze.clocks.statutory import provisional
from freeze.clocks.workdays import ANYWHERE, APPOINTED, ENGLAND_AND_WALES, Holidays, said_nations
from freeze.errors import UsageError, nearest
from freeze.windows import say_day


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of poll: how many working days before it the notice must be out, and by which rule."""

    regime: str
    days: int
    rule: str
    since: date
    notes: tuple[str, ...] = ()
    any_nation: bool = False


_LOCAL = "Local Elections (Principal Areas) Rules 2006 (SI 2006/3304) Sch.2 rules 1-2: notice of election"
_NO_MAUNDY = date(2007, 1, 1)

KINDS: Mapping[str, Kind] = {
    "local": Kind("pre-election-local", 25, f"{_LOCAL} not later than the 25th day before the poll", _NO_MAUNDY),
    "mayoral": Kind(
        "pre-election-local",
        25,
        "Electoral Commission guidance for combined and combined county authority mayors: notice of election not later "
        "than the 25th working day before the poll",
        _NO_MAUNDY,
        ("The Mayor of London and the London Assembly have 30 working days: --kind london.",),
    ),
    "london": Kind(
        "pre-election-local",
        30,
        "Mayor of London and London Assembly: notice of election not later than the 30th working day before the poll "
        "(LGA guide of 2024)",
        _NO_MAUNDY,
    ),
    "general": Kind(
        "pre-election-parliamentary",
        22,
        "Representation of the People Act 1983 Sch.1 rules 1-2: notice of election not later than the 22nd working day "
        "before the poll; a bank holiday in any part of the United Kingdom is left out",
        date(2014, 1, 1),
        (
            "Parliament is dissolved on the 25th working day before the poll.",
            "For a by-election only the bank holidays of its own part of the United Kingdom are left out.",
        ),
        any_nation=True,
    ),
}
"""`since`: Maundy Thursday was left out too before 2007; general elections had a shorter timetable before 2014 (not
verified)."""

BY_REGIME = {"pre-election-local": "local", "pre-election-parliamentary": "general"}


def notice(poll: date, kind: str, holidays: Holidays, days: int | None = None, given: str = "") -> Answer:
    """The latest day for the notice of election, `days` working days (else the kind's own) before `poll`.

    `due` of the answer is that day; `counted` runs back from the poll. Raises UsageError for an unknown kind, a
    negative count, or a poll under older rules.
    """
    if kind not in KINDS:
        raise UsageError(f'There is no kind of election "{kind}".', nearest(kind, KINDS))
    k = KINDS[kind]
    n = k.days if days is None else days
    if n <= 0:
        raise UsageError(f"{n} working days before the poll cannot be counted.", "Give a number that is 1 or more.")
    calendar = holidays.general_election if k.any_nation else holidays.election
    start = calendar.back(poll, n)
    if poll < k.since and days is None:
        raise UsageError(
            f"A poll on {say_day(poll)} had another timetable: these rules hold from {say_day(k.since)}.",
            "Ask the Electoral Commission's timetable of that year.",
        )
    nations = (ANYWHERE if k.any_nation else ENGLAND_AND_WALES) | APPOINTED
    counted, skipped = [], []
    for back in range(1, (poll - start).days + 1):
        day = poll - timedelta(days=back)
        if calendar.is_working(day):
            counted.append(day)
        elif day.weekday() < 5:
            found = holidays.on(day, nations)
            title = "; ".join(dict.fromkeys(h.title for h in found)) or "Christmas Eve"
            named = tuple(dict.fromkeys(x for h in found for x in h.where))
            skipped.append(Skipped(day, title, named or said_nations(ENGLAND_AND_WALES)))
    late = poll.year > holidays.until
    notes = (
        "This is the latest possible start. The period starts on the day the notice is published, often earlier.",
        f"Both ends are inside the period; it ends with the poll, at 22:00 on {say_day(poll)}.",
        "Requests for information go on being answered: no statutory clock stops for an election.",
        *k.notes,
        *((provisional(holidays),) if late else ()),
    )
    given = given or poll.isoformat()
    return Answer(k.regime, given, poll, start, start, n, tuple(skipped), k.rule, late, notes, tuple(counted))

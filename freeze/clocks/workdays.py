"""Working days of the United Kingdom: four calendars over one table of bank holidays.

    UK-wide            without bank holidays of any nation              FOI, EIR and their reviews
    England and Wales  without its own bank holidays                    where a month ends for a subject access request
    election           England and Wales, without Christmas Eve and     notices of election
                       days appointed for thanksgiving or mourning
    operational        England and Wales, without the council's own     who is at the desk; moves no statutory date
                       closure days

The table is shipped (`holidays_table`): gov.uk's data for 2011 to 2028; the `holidays` package before and after
it, which knows weekday rules but no day that is proclaimed later, so dates after the data are provisional. Days
proclaimed since, and newer gov.uk data, arrive as `Change`s. All dates are London dates; nothing here reads a clock.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from freeze.clocks import holidays_table as shipped
from freeze.errors import UsageError, nearest
from freeze.windows import say_day

ENGLAND_AND_WALES, SCOTLAND, NORTHERN_IRELAND, APPOINTED = 1, 2, 4, 8
ANYWHERE = ENGLAND_AND_WALES | SCOTLAND | NORTHERN_IRELAND
"""Nations as bits of one number; `APPOINTED` marks a day appointed for public thanksgiving or mourning."""

NATIONS = {"england-and-wales": ENGLAND_AND_WALES, "scotland": SCOTLAND, "northern-ireland": NORTHERN_IRELAND}
"""The nations as gov.uk's file names them."""

ALIASES = {"england": "england-and-wales", "wales": "england-and-wales", "ni": "northern-ireland"}
SAID = {ENGLAND_AND_WALES: "England and Wales", SCOTLAND: "Scotland", NORTHERN_IRELAND: "Northern Ireland"}
FLOOR = date(shipped.FIRST_YEAR, 1, 1)
CEILING = date(shipped.LAST_YEAR, 12, 31)
BASE = FLOOR.toordinal()

ANNOUNCED = {
    date(2022, 9, 19): date(2022, 9, 10),  # proclaimed at the accession; Gazette notice 4158896
    date(2023, 5, 8): date(2022, 11, 30),  # in gov.uk's data from November 2022; the day of the month is not verified
    date(2026, 6, 15): date(2026, 2, 5),  # Scotland's World Cup day; press of 4 and 5 February 2026
}
"""Days added at short notice, with the last date on which a request could be under way before anybody knew."""

DOUBTED = frozenset({date(2010, 1, 4), date(2011, 1, 4)})
"""Days that every published source lists for Scotland, though a private inquiry found no proclamation of them."""


class Holiday(NamedTuple):
    """One bank holiday, or appointed day, of some nations; `announced` only where it was added at short notice.

    A tuple, because the table has 1,300 of them and one question should not wait for it.
    """

    day: date
    title: str
    nations: int
    announced: date | None = None
    source: str = "gov.uk"

    @property
    def where(self) -> tuple[str, ...]:
        """The nations in words."""
        return said_nations(self.nations)


@dataclass(frozen=True, slots=True)
class Change:
    """One day that became a holiday of these nations since the table was shipped, or that (`gone`) ceased to be one."""

    day: date
    title: str
    nations: int
    source: str
    announced: date | None = None
    gone: bool = False

    def says(self) -> str:
        """The day in words: 'Monday 19 September 2022, State funeral (England and Wales, Scotland)'."""
        return f"{say_day(self.day)}, {self.title} ({', '.join(said_nations(self.nations))})"


def said_nations(nations: int) -> tuple[str, ...]:
    """A number of nations in words; a day that is only appointed counts for elections."""
    return tuple(name for bit, name in SAID.items() if nations & bit) or ("appointed, for elections only",)


class Calendar:
    """The working days of one kind, from `FLOOR` to `CEILING`.

    Every method takes and gives London dates, and raises UsageError for one outside the calendar.
    """

    __slots__ = ("_days", "name", "off")

    def __init__(self, name: str, off: frozenset[int]) -> None:
        self.name = name
        self.off = off
        self._days: list[int] = []

    @property
    def ordinals(self) -> Sequence[int]:
        """Every working day in order, as `date.toordinal` counts; made when first asked for."""
        if not self._days:
            off = self.off
            self._days = [o for o in range(BASE, CEILING.toordinal() + 1) if 0 < o % 7 < 6 and o not in off]
        return self._days

    def is_working(self, day: date) -> bool:
        """Whether `day` is a working day."""
        return checked(day).weekday() < 5 and day.toordinal() not in self.off

    def add(self, day: date, n: int) -> date:
        """The n-th working day after `day`, which is day 0 whether it is a working day or not; n = 0 gives `day`."""
        if n <= 0:
            return self._no_days(day, n)
        days = self._days or self.ordinals
        o = day.toordinal()
        if o < BASE:
            checked(day)
        try:
            return date.fromordinal(days[bisect_right(days, o) + n - 1])
        except IndexError:
            raise _outside(CEILING) from None

    def add_all(self, days: Sequence[date], n: int) -> list[date]:
        """`add` for many dates at once: each of them costs one look-up."""
        if n <= 0:
            return [self._no_days(d, n) for d in days]
        work, i, at = self.ordinals, 0, {}
        for o in range(BASE, CEILING.toordinal() + 1):
            if i < len(work) and work[i] == o:
                i += 1
            if i + n > len(work):
                break
            at[date.fromordinal(o)] = date.fromordinal(work[i + n - 1])
        try:
            return list(map(at.__getitem__, days))
        except KeyError as e:
            raise _outside(e.args[0]) from None

    def back(self, day: date, n: int) -> date:
        """The n-th working day before `day`, which is day 0."""
        if n < 0:
            return self._no_days(day, n)
        days = self.ordinals
        at = bisect_right(days, checked(day).toordinal() - 1) - n
        if at < 0:
            raise _outside(FLOOR)
        return date.fromordinal(days[at]) if n else day

    def count(self, first: date, last: date) -> int:
        """Working days after `first` up to and including `last`: how many days `add` would take to get there."""
        if checked(last) < checked(first):
            raise UsageError(
                f"{say_day(last)} is before {say_day(first)}, and days are not counted backwards.",
                "Give the earlier date first.",
            )
        return bisect_right(self.ordinals, last.toordinal()) - bisect_right(self.ordinals, first.toordinal())

    def on_or_after(self, day: date) -> date:
        """`day` itself if it is a working day, else the next one."""
        return day if self.is_working(day) else self.add(day, 1)

    def on_or_before(self, day: date) -> date:
        """`day` itself if it is a working day, else the one before."""
        return day if self.is_working(day) else self.back(day, 1)

    @staticmethod
    def _no_days(day: date, n: int) -> date:
        if n < 0:
            raise UsageError(f"{n} working days cannot be counted.", "Give a number that is 0 or more.")
        return checked(day)


class Holidays:
    """The bank holidays of every nation, and the four calendars made of them."""

    def __init__(self, rows: Mapping[int, tuple[Holiday, ...]], until: int, as_of: date) -> None:
        self._rows = rows
        self.until = until
        """The last year for which bank holidays are published; later ones are worked out."""
        self.as_of = as_of
        """When the data was last compared with gov.uk's."""
        self._made: dict[str, Calendar] = {}

    @property
    def uk(self) -> Calendar:
        """UK-wide: FOIA s.10(6) leaves out a bank holiday in any part of the United Kingdom."""
        return self._calendar("UK-wide", ANYWHERE)

    @property
    def england(self) -> Calendar:
        """England and Wales."""
        return self._calendar("England and Wales", ENGLAND_AND_WALES)

    @property
    def election(self) -> Calendar:
        """Local elections in England: SI 2006/3304 Sch.2 and 3, rule 2."""
        return self._calendar("election", ENGLAND_AND_WALES | APPOINTED, christmas_eve=True)

    @property
    def general_election(self) -> Calendar:
        """UK general elections: a bank holiday of any nation is out (RPA 1983 Sch.1 r.2(2), as enacted)."""
        return self._calendar("general election", ANYWHERE | APPOINTED, christmas_eve=True)

    def nation(self, name: str) -> Calendar:
        """One nation's calendar, by its name on gov.uk; "uk" for all. Raises UsageError with the nearest name."""
        if name == "uk":
            return self.uk
        known = ALIASES.get(name, name)
        if known not in NATIONS:
            raise UsageError(f'There is no nation "{name}".', nearest(name, ["uk", *NATIONS]))
        return self._calendar(" and ".join(SAID[b] for b in SAID if b == NATIONS[known]), NATIONS[known])

    def operational(self, closures: Iterable[date]) -> Calendar:
        """England and Wales without the council's own closure days."""
        return Calendar("operational", self.england.off | {d.toordinal() for d in closures})

    def on(self, day: date, nations: int = ANYWHERE | APPOINTED) -> tuple[Holiday, ...]:
        """The holidays on `day` in any of these nations."""
        return tuple(h for h in self._rows.get(day.toordinal(), ()) if h.nations & nations)

    def of_year(self, year: int, nations: int = ANYWHERE | APPOINTED) -> list[Holiday]:
        """The holidays of a year in any of these nations, in order."""
        if not FLOOR.year <= year <= CEILING.year:
            raise UsageError(
                f"There is no calendar for the year {year}.", f"Give one from {FLOOR.year} to {CEILING.year}."
            )
        days = sorted(o for o in self._rows if date.fromordinal(o).year == year)
        return [h for o in days for h in self.on(date.fromordinal(o), nations)]

    def as_known(self, on: date) -> Holidays:
        """Without the days that were announced on or after `on`: what a person could know that morning."""
        late = [d for d, when in ANNOUNCED.items() if when >= on]
        if not late:
            return self
        return self.without(late)

    def without(self, days: Iterable[date]) -> Holidays:
        """The same, as if these days were no holidays."""
        gone = {d.toordinal() for d in days}
        return Holidays({o: hs for o, hs in self._rows.items() if o not in gone}, self.until, self.as_of)

    def changed(self, changes: Iterable[Change], until: int = 0, as_of: date = FLOOR) -> Holidays:
        """With these changes made, in order; `until` and `as_of` are those of newer data, where there is any."""
        rows = dict(self._rows)
        for c in changes:
            o = checked(c.day).toordinal()
            kept = tuple(
                Holiday(h.day, h.title, left, h.announced, h.source)
                for h in rows.get(o, ())
                if (left := h.nations & ~c.nations)
            )
            new = () if c.gone else (Holiday(c.day, c.title, c.nations, c.announced, c.source),)
            rows[o] = kept + new
        return Holidays(rows, max(self.until, until), max(self.as_of, as_of))

    def _calendar(self, name: str, nations: int, *, christmas_eve: bool = False) -> Calendar:
        if name not in self._made:
            off = {o for o, hs in self._rows.items() if any(h.nations & nations for h in hs)}
            if christmas_eve:
                off |= {date(y, 12, 24).toordinal() for y in range(FLOOR.year, CEILING.year + 1)}
            self._made[name] = Calendar(name, frozenset(off))
        return self._made[name]


def table() -> Holidays:
    """The shipped holidays."""
    rows: dict[int, tuple[Holiday, ...]] = {}
    first, last = shipped.PUBLISHED
    for row in shipped.ROWS.split():
        o, nations, title = map(int, row.split(","))
        day = date.fromordinal(o)
        source = "gov.uk" if first <= day.year <= last else "the holidays package"
        rows[o] = (*rows.get(o, ()), Holiday(day, shipped.TITLES[title], nations, ANNOUNCED.get(day), source))
    return Holidays(rows, last, date.fromisoformat(shipped.AS_OF))


def checked(day: date) -> date:
    """`day`, if the calendar reaches it. Raises UsageError otherwise."""
    if not FLOOR <= day <= CEILING:
        raise _outside(day)
    return day


def _outside(day: date) -> UsageError:
    return UsageError(
        f"The calendar of working days runs from {say_day(FLOOR)} to {say_day(CEILING)}; this goes beyond it ({day}).",
        "Check the year. The Freedom of Information Act has been in force since 2005.",
    )


def from_package(years: Iterable[int]) -> dict[int, dict[int, str]]:
    """The weekday holidays of the `holidays` package in the same form, all four of its subdivisions.

    Never bare "GB": without a subdivision it is neither the United Kingdom nor England.
    """
    import holidays

    wanted = list(years)
    out: dict[int, dict[int, str]] = {}
    for subdivision, bit in (
        ("ENG", ENGLAND_AND_WALES),
        ("WLS", ENGLAND_AND_WALES),
        ("SCT", SCOTLAND),
        ("NIR", NORTHERN_IRELAND),
    ):
        found = holidays.country_holidays("GB", subdiv=subdivision, years=wanted, language="en_GB")
        out.setdefault(bit, {}).update({d.toordinal(): name for d, name in found.items() if d.weekday() < 5})
    return out

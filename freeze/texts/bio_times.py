"""Days and times as people write them, and a week of hours made of them. Pure.

Times are on a London clock, in minutes since midnight. What "9-5" means, where neither "am" nor "pm" is said, is our
choice: the second time is the first one after the first; a first hour up to 5 is in the afternoon.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

DAY = 24 * 60
TOO_LONG = 18 * 60
"""A longer stretch, other than the whole day, cannot be meant: "9am-5am" is a slip for "9am-5pm"."""
NAMES = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
FULL = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
ALL_DAYS = frozenset(range(7))
WORKING_WEEK = frozenset(range(5))
WEEKEND = frozenset({5, 6})
NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")

Span = tuple[int, int]
"""From one minute of a day to another; an end past 1440 is on the next day."""


@dataclass(frozen=True, slots=True)
class Hours:
    """When an account is monitored: the spans of each day, Monday first."""

    week: tuple[tuple[Span, ...], ...]

    @property
    def always(self) -> bool:
        """Whether that is every day, at all hours."""
        return all(spans == ((0, DAY),) for spans in self.week)

    def said(self) -> str:
        """In few words.

        >>> hours_of([(WORKING_WEEK, (9 * 60, 17 * 60))]).said()
        'Mon-Fri 09:00-17:00'
        """
        if self.always:
            return "every day, at all hours"
        return "; ".join(f"{days(d)} {' and '.join(map(_clock_span, spans))}" for d, spans in groups(self))


def hours_of(parts: Iterable[tuple[Iterable[int], Span]]) -> Hours:
    """A week from days (0 is Monday) and spans; spans that touch become one."""
    week: list[set[Span]] = [set() for _ in range(7)]
    for which, span in parts:
        for d in which:
            week[d].add(span)
    return Hours(tuple(_merged(spans) for spans in week))


def _merged(spans: Iterable[Span]) -> tuple[Span, ...]:
    out: list[Span] = []
    for start, end in sorted(spans):
        if out and start <= out[-1][1]:
            out[-1] = (out[-1][0], max(end, out[-1][1]))
        else:
            out.append((start, end))
    return tuple(out)


def groups(hours: Hours) -> list[tuple[tuple[int, ...], tuple[Span, ...]]]:
    """The days that share their spans, in the order of each one's first."""
    found: dict[tuple[Span, ...], list[int]] = {}
    for d, spans in enumerate(hours.week):
        if spans:
            found.setdefault(spans, []).append(d)
    return [(tuple(d), spans) for spans, d in found.items()]


def days(which: Sequence[int], names: Sequence[str] = NAMES, to: str = "-") -> str:
    """Days as people read them: 'Mon-Fri', 'Mon, Wed', 'Mon, Thu-Sun'."""
    runs: list[list[int]] = []
    for d in sorted(which):
        if runs and runs[-1][-1] == d - 1:
            runs[-1].append(d)
        else:
            runs.append([d])
    return ", ".join(names[r[0]] if len(r) == 1 else f"{names[r[0]]}{to}{names[r[-1]]}" for r in runs)


def clock(minutes: int) -> str:
    """A time of day: '09:00'; midnight at the end of a day is '24:00'."""
    minutes = minutes if minutes <= DAY else minutes - DAY
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def _clock_span(span: Span) -> str:
    return f"{clock(span[0])}-{clock(span[1])}"


ALWAYS = hours_of([(ALL_DAYS, (0, DAY))])

NUMBER = rf"(?:\d{{1,2}}[:.]\d{{2}}|\d{{3,4}}(?=[ap]m)|\d{{4}}|\d{{1,2}}|{'|'.join(NUMBERS)})"
HALF_DAY = r"(?:[ap]m(?![a-z])|[ap]\.m\.?)"
EXACT = rf"(?:(?:12 ?)?(?:noon|midday|midnight)|(?:half(?: past)? )?{NUMBER}(?:hrs?|h)?(?: ?{HALF_DAY}| o'clock)?)"
"""One time of day; nothing here can run on for more than a few dozen characters."""
ATOM = re.compile(
    rf"(?P<half>half(?: past)? )?(?P<number>{NUMBER})?(?:hrs?|h)?(?: o'clock)? ?"
    r"(?P<m>[ap])?\.?m?\.?(?P<word>noon|midday|midnight)?"
)


@dataclass(frozen=True, slots=True)
class Time:
    """One time as written: hour, minute, "a" or "p" where said; `exact` where it can only be of the 24-hour clock."""

    hour: int
    minute: int
    half_day: str = ""
    exact: bool = False
    plain: bool = False

    @property
    def minutes(self) -> int:
        hour = self.hour % 12 + (12 if self.half_day == "p" else 0) if self.half_day else self.hour
        return hour * 60 + self.minute


def time_of(text: str) -> Time | None:
    """A time from its words; None for one that no clock shows."""
    found = ATOM.fullmatch(text.strip())
    if not found:
        return None
    if found["word"]:
        return Time(24 if found["word"] == "midnight" else 12, 0, exact=True)
    number = found["number"] or ""
    if number in NUMBERS:
        hour, minute, exact = NUMBERS.index(number) + 1, 0, False
    else:
        digits = re.split(r"[:.]", number)
        if len(digits) == 1 and len(number) > 2:
            digits = [number[:-2], number[-2:]]
            if int(digits[1]) % 5:
                return None  # 1945 is a year
        hour, minute = int(digits[0] or 0), int(digits[1]) if len(digits) > 1 else 0
        exact = len(digits) > 1 and (digits[0].startswith("0") or hour > 12)
    if found["half"]:
        minute = 30
    half_day = found["m"] or ""
    wrong = hour > 24 or minute > 59 or (hour == 24 and minute) or (half_day and not 1 <= hour <= 12)
    if wrong:
        return None
    plain = not half_day and number.isdigit() and not found["half"]
    return Time(hour, minute, half_day, (exact or hour > 12) and not half_day, plain)


def span_of(first: Time, last: Time) -> Span | None:
    """From one time to another; None where that cannot be meant."""
    a, b = first, last
    if not a.exact and not a.half_day:
        a = _guessed_first(a, b)
    start = a.minutes % DAY
    end = b.minutes
    if not b.exact and not b.half_day:
        end = b.hour % 12 * 60 + b.minute
        while end <= start:
            end += DAY // 2
    elif end <= start:
        end += DAY
    if end - start > TOO_LONG and (start, end) != (0, DAY):
        return None
    return start, end


def _guessed_first(a: Time, b: Time) -> Time:
    """The first time, where only the second one may say which half of the day is meant."""
    early, late = Time(a.hour, a.minute, "a"), Time(a.hour, a.minute, "p")
    if a.hour == 12:
        return late
    if b.half_day == "p":
        return late if late.minutes < b.minutes and a.hour != 12 and b.hour != 12 else early
    if b.half_day == "a" or b.exact:
        return early
    small = a.hour <= 5 and (b.hour % 12, b.minute) > (a.hour, a.minute)
    return late if small else early

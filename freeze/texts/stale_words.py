"""Words that went stale while a post was held: "tomorrow", a weekday, a date now past, "only 3 days left". Pure.

What a word means is worked out from the day the post was meant for, and compared with the day it would go out instead;
both are London days. It only ever asks somebody to look: it cannot know what was meant. English only. Not found: feasts
whose date moves (Easter), dates written in words ("the first of May"), and what a picture says.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from freeze.texts.stale_patterns import (
    CALL,
    CLOCK,
    COUNTDOWN,
    DAY,
    DAYS,
    EMPTY,
    FEAST,
    FEASTS,
    IN_MONTH,
    MONTH_DAY,
    MONTHS,
    NEEDS,
    NUMERIC,
    ONLY_DAY,
    RECURRING,
    RELATIVE,
    SHORT,
    WEEKDAY,
)
from freeze.windows import london, say_day

BEFORE = re.compile(rf"(?:{DAY}|{SHORT}),? (?:the )?$", re.IGNORECASE)
AFTER = re.compile(rf",? \(?(?:{DAY}|{SHORT})\b", re.IGNORECASE)
TIMED = re.compile(r",? (?:at )?\d")
NEAR = 20
"""Characters before a date in which its weekday stands: "Wednesday, the "."""


@dataclass(frozen=True, slots=True, order=True)
class Stale:
    """Some words of a post, where they stand in it, and in a few words why they may no longer be right."""

    at: int
    words: str
    why: str


def stale_words(text: str, meant: datetime | None, goes: datetime) -> tuple[Stale, ...]:
    """The words of `text` that may be wrong when it goes out at `goes` in place of `meant` (instants with a zone).

    Without `meant` nobody knows what "tomorrow" was: every such word counts. Empty when the time did not change.
    """
    if meant is not None and meant == goes:
        return ()
    return _Reader(text.replace("\u00a0", " "), meant, goes).found()


class _Reader:
    """One text, the day it was written for and the day it would go out; `used` are the places already understood."""

    def __init__(self, text: str, meant: datetime | None, goes: datetime) -> None:
        self.text = text
        self.meant, self.goes = meant, goes
        self.then = london(meant).date() if meant else None
        self.day = london(goes).date()
        self.low = text.casefold()
        self.used: list[tuple[int, int]] = []
        again = [m.span() for m in self._all(RECURRING)]
        self._use(*again, *(m.span() for p in (EMPTY, CALL) for m in self._all(p)))
        self.again = bool(again)
        self.dated = self.daily = False

    def found(self) -> tuple[Stale, ...]:
        out = [*self._dates(), *self._weekdays(), *self._relative(), *self._times()]
        return tuple(sorted(out))

    def _take(self, pattern: re.Pattern[str]) -> Iterator[re.Match[str]]:
        """Matches in places that nothing else has explained."""
        for m in self._all(pattern):
            a, b = m.span()
            at = bisect_right(self.used, (a, a))
            if (at == 0 or self.used[at - 1][1] <= a) and (at == len(self.used) or b <= self.used[at][0]):
                yield m

    def _all(self, pattern: re.Pattern[str]) -> Iterator[re.Match[str]]:
        needs = NEEDS.get(pattern, ("",))
        return pattern.finditer(self.text) if any(word in self.low for word in needs) else iter(())

    def _use(self, *places: tuple[int, int]) -> None:
        """Take these places as understood; what is kept is in order and does not overlap."""
        merged: list[tuple[int, int]] = []
        for a, b in sorted((*self.used, *places)):
            if merged and a < merged[-1][1]:
                merged[-1] = (merged[-1][0], max(b, merged[-1][1]))
            else:
                merged.append((a, b))
        self.used = merged

    def _dates(self) -> Iterator[Stale]:
        for pattern in (NUMERIC, MONTH_DAY, ONLY_DAY, FEAST):
            taken = []
            for m in self._take(pattern):
                day = self._date(pattern, m)
                if day is None:
                    continue
                self.dated = True
                taken.append(_with_weekday(self.text, m))
                if day < self.day and (self.then is None or day >= self.then):
                    yield Stale(m.start(), _said(m), f"{say_day(day)} has passed")
            self._use(*taken)
        taken = []
        for m in self._take(IN_MONTH):
            month = _month(m["m"])
            base = self.then or self.day
            end = _last_of(base.year + (month < base.month - 6), month)
            if base <= end < self.day:
                taken.append(m.span())
                yield Stale(m.start(), _said(m), f"{MONTHS[month - 1].capitalize()} is over")
        self._use(*taken)

    def _date(self, pattern: re.Pattern[str], m: re.Match[str]) -> date | None:
        base = self.then or self.day
        if pattern is FEAST:
            month, number = _feast(m[0])
            return _nearest(base, month, number, "")
        if pattern is ONLY_DAY:
            return _next_number(base, int(m["d"]))
        g = {k: v for k, v in m.groupdict().items() if v}
        value = {k[0]: v for k, v in g.items()}
        month = _month(value["m"]) if not value["m"].isdigit() else int(value["m"])
        return _nearest(base, month, int(value["d"]), value.get("y", ""))

    def _weekdays(self) -> Iterator[Stale]:
        taken = []
        for m in self._take(WEEKDAY):
            lead, tail = (m["lead"] or "").strip().lower(), m["tail"] or ""
            if lead in ("every", "each") or tail == "s" or (m["short"] and self._no_day(m, lead)):
                continue
            taken.append(m.span())
            self.daily = True
            number = _weekday(m["day"] or m["short"])
            if self.then is None:
                yield Stale(m.start(), _said(m), "nobody knows which day it was written for")
            elif lead == "last":
                if _before(self.then, number) != _before(self.day, number):
                    yield Stale(m.start(), _said(m), f"it meant {say_day(_before(self.then, number))}")
            else:
                day = _on_or_after(self.then, number)
                day += timedelta(days=7 * (lead == "next" and day - self.then < timedelta(days=2)))
                if day < self.day or (lead in ("next", "this") and self._week(self.then) != self._week(self.day)):
                    yield Stale(m.start(), _said(m), f"it meant {say_day(day)}")
        self._use(*taken)

    def _no_day(self, m: re.Match[str], lead: str) -> bool:
        """Whether a short weekday is part of opening hours, or a word of its own ("the Sun"): no time follows it."""
        timed = TIMED.match(self.text, m.end())
        return self.again or not (lead or timed)

    def _relative(self) -> Iterator[Stale]:
        written = (
            f"it was written for {say_day(self.then)}" if self.then else "nobody knows which day it was written for"
        )
        taken = []
        for m in self._take(RELATIVE):
            same = {
                "day": self.then == self.day,
                "week": self.then is not None and self._week(self.then) == self._week(self.day),
                "month": self.then is not None and (self.then.year, self.then.month) == (self.day.year, self.day.month),
                "year": self.then is not None and self.then.year == self.day.year,
            }
            kind = str(m.lastgroup)
            over = kind == "week" and "weekend" in m[0].lower() and self.then is not None and self._missed_weekend(m[0])
            if not same[kind] or over:
                yield Stale(m.start(), _said(m), written)
            taken.append(m.span())
        self._use(*taken)
        for m in self._take(COUNTDOWN):
            if self.then != self.day:
                yield Stale(m.start(), _said(m), written)

    def _missed_weekend(self, words: str) -> bool:
        """Whether it is Monday or later where the words meant the Saturday and Sunday before."""
        assert self.then is not None
        return not words.lower().startswith("next") and self.day > _on_or_after(self.then, 6)

    def _times(self) -> Iterator[Stale]:
        """A time of day without a date means the day of the post, and says nothing once that hour is over."""
        if self.dated or self.then is None or self.meant is None or self.again:
            return
        days = self.daily or re.search(r"\btomorrow\b", self.text, re.IGNORECASE)
        for m in self._take(CLOCK):
            if self.then != self.day:
                if not days:
                    yield Stale(m.start(), m["t"], f"a time on {say_day(self.then)}")
                continue
            hour = _clock(m["t"])
            passed = (london(self.goes).hour, london(self.goes).minute) >= hour
            if passed and (london(self.meant).hour, london(self.meant).minute) < hour and not days:
                yield Stale(m.start(), m["t"], "that hour will have passed")

    @staticmethod
    def _week(day: date) -> tuple[int, int]:
        return day.isocalendar()[:2]


def _said(m: re.Match[str]) -> str:
    return " ".join(m[0].split()).strip(" ,.")


def _feast(words: str) -> tuple[int, int]:
    return FEASTS[re.sub(r"['’]", "", words.lower())]


def _with_weekday(text: str, m: re.Match[str]) -> tuple[int, int]:
    """The place of a date with the weekday before it: in "Saturday 24 September" the weekday is explained."""
    near = max(0, m.start() - NEAR)
    before = BEFORE.search(text[near : m.start()])
    after = AFTER.match(text, m.end())
    return (near + before.start() if before else m.start(), after.end() if after else m.end())


def _month(name: str) -> int:
    return next(n for n, full in enumerate(MONTHS, 1) if full.startswith(name.lower()[:3]))


def _weekday(name: str) -> int:
    return next(n for n, full in enumerate(DAYS) if full.startswith(name.lower()[:3]))


def _nearest(base: date, month: int, number: int, year: str) -> date | None:
    """The date meant; without a year the one nearest to `base`. None where there is no such day."""
    years = [int(year) if len(year) == 4 else 2000 + int(year)] if year else [base.year - 1, base.year, base.year + 1]
    found = []
    for y in years:
        try:
            found.append(date(y, month, number))
        except ValueError:
            continue
    return min(found, key=lambda d: abs(d - base), default=None)


def _next_number(base: date, number: int) -> date | None:
    """The next day of a month with this number."""
    return next((d for d in (base + timedelta(days=n) for n in range(62)) if d.day == number), None)


def _last_of(year: int, month: int) -> date:
    return date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)


def _on_or_after(day: date, weekday: int) -> date:
    return day + timedelta(days=(weekday - day.weekday()) % 7)


def _before(day: date, weekday: int) -> date:
    return day - timedelta(days=(day.weekday() - weekday - 1) % 7 + 1)


def _clock(text: str) -> tuple[int, int]:
    words = text.lower().strip()
    if words in ("noon", "midday"):
        return (12, 0)
    if words == "midnight":
        return (24, 0)
    hour, minute = (int(x) for x in [*re.findall(r"\d+", words), "0"][:2])
    if words.endswith("m"):
        hour = hour % 12 + (12 if words.endswith("pm") else 0)
    return (hour, minute)

"""What a platform allows of calls, kept to before it has to say no.

Give one of these to `Client(budget=...)`:

    DailyBudget(250, "UTC", state=options.state)       # so many units a day, counted for every process on this machine
    HeaderBudget(limit=..., remaining=..., reset=...)  # what the platform's own headers say is left of a window
    UsageBudget()                                      # Meta's percentages
    WindowBudget(60, 60)                               # so many calls in so many seconds, where no header tells
    Budgets(one, another)                              # all of them at once

`DailyBudget` takes units, as the platform counts them (`cost`); the others count calls, each as one. All of them keep a
part back that only urgent calls may use, so that listing never leaves nothing for stopping a post. Time is measured by
the monotonic clock and by the platform's own `Date`; this machine's clock is not asked.
"""

from __future__ import annotations

import bisect
import threading
import time
from collections import deque
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from adapters._web.budget_file import Count, Counted, boot, uptime
from adapters._web.budget_headers import HeaderBudget, UsageBudget
from adapters._web.calls import Budget

__all__ = ["Budgets", "DailyBudget", "HeaderBudget", "UsageBudget", "WindowBudget"]

IN_FLIGHT: Final = 120.0  # seconds; longer than any call lasts
UNKNOWN: Final = 3600.0  # seconds to wait where nobody knows when the platform's next day begins


class DailyBudget:
    """So many units a day, never exceeded by all processes that share `state` together; a crash may count too many.

    `resets` is the zone in which the platform's day begins. `state` is a file beside freeze.toml, without which only
    this process counts. `reserve` units (a fifth) are left to urgent calls; only while the platform's time is not known
    may others draw on them too, to learn it. Where there are very many, they are
    taken from the file ten-thousandths at a time.
    """

    def __init__(
        self, units: int, resets: str = "UTC", *, state: Path | None = None, reserve: int | None = None
    ) -> None:
        self._units = units
        self._reserve = units // 5 if reserve is None else reserve
        self._zone = ZoneInfo(resets)
        self._block = max(1, units // 10_000)
        self._file = Counted(state, full=units - self._reserve)
        self._lock = threading.Lock()
        self._leased = 0  # taken from the file and not spent yet
        self._day: date | None = None  # the day that lease belongs to
        self._clock: tuple[datetime, float] | None = None  # the platform's time and our uptime then
        self._recent: deque[tuple[float, int, date | None]] = deque()
        self._said = ""

    @property
    def said(self) -> str:
        """Why the last call that had to wait has to, for the sentence 'The connection "x" ...'."""
        return self._said

    def spend(self, cost: int, *, most: float, urgent: bool = False, path: str = "") -> float:
        """Take `cost` and return 0; take nothing and return the seconds until the next day where it does not go."""
        del path  # all of them draw on one count
        with self._lock:
            today = self._today()
            if today is not None and self._day is not None and today > self._day:
                self._leased = 0  # what is left of yesterday's is void
            if cost > self._leased:
                try:
                    wait = self._lease(cost, urgent)
                except OSError as e:
                    self._said = f"cannot keep count of its calls in {self._file.path} ({e.strerror or 'it is locked'})"
                    return 0.0 if urgent else max(UNKNOWN, most + 1)
                if wait > 0:
                    return max(wait, most + 1)  # nothing was taken, so this is not to be waited for
            self._leased -= cost
            self._note(cost)
            return 0.0

    def refund(self, cost: int, path: str = "") -> None:
        """Give back what was taken for a call that was not made, or that cost less."""
        del path
        with self._lock:
            self._leased += cost
            self._note(-cost)
            if self._leased <= self._block:
                return
            try:
                with self._file.change() as count:
                    self._turn(count)
                    count.spent -= self._leased
                    self._leased = 0
            except OSError:
                return  # it counts too much

    def heard(
        self, status: int, headers: Mapping[str, str], clock: tuple[datetime, float] | None, path: str = ""
    ) -> None:
        """Learn the platform's day from the time of its answer."""
        del status, headers, path
        if clock is None:
            return
        with self._lock:
            first = self._clock is None
            self._clock = (clock[0], uptime() - (time.monotonic() - clock[1]))
            if not first and self._today() == self._day:
                return
            try:
                with self._file.change() as count:
                    self._turn(count)
            except OSError:
                return  # `spend` says so, where it matters

    def _lease(self, cost: int, urgent: bool) -> float:
        """Take units from the file. Raises OSError where that cannot be written."""
        with self._file.change() as count:
            if count.boot != boot():
                count.spent += self._units // 100 if count.boot else 0  # a power cut may have lost the last of it
                count.boot, count.clock = boot(), None
            if self._clock is None and count.clock is not None and boot():
                self._clock = count.clock
            self._turn(count)
            free = self._units - count.spent - (0 if urgent or self._clock is None else self._reserve)
            wanted = cost - self._leased
            if wanted > free:
                self._said = self._why(urgent, count)
                return self._until_reset()
            took = min(max(wanted, self._block), free)
            count.spent += took
            self._leased += took
        return 0.0

    def _turn(self, count: Count) -> None:
        """Begin the platform's new day, if it has come; what may still be under way is counted in both days."""
        today = self._today()
        if today is not None:
            count.clock, count.boot = self._clock, boot()
            if count.day is None or count.day - today >= timedelta(
                days=2
            ):  # a first answer, or the last date was wrong
                self._day = today if self._day == count.day else self._day
                self._recent = deque((at, units, today if day == count.day else day) for at, units, day in self._recent)
                count.day = today
            elif count.day < today:
                count.day, count.spent = today, 0
        if self._day != count.day:
            now = time.monotonic()
            late = [(at, units, day) for at, units, day in self._recent if now - at < IN_FLIGHT]
            count.spent += max(sum(units for _, units, day in late if day != count.day), 0)
            self._recent = deque((at, units, count.day) for at, units, _ in late)
            self._day, self._leased = count.day, 0

    def _note(self, cost: int) -> None:
        now = time.monotonic()
        while self._recent and now - self._recent[0][0] > IN_FLIGHT:
            self._recent.popleft()
        self._recent.append((now, cost, self._day))

    def _now(self) -> datetime | None:
        return None if self._clock is None else self._clock[0] + timedelta(seconds=uptime() - self._clock[1])

    def _today(self) -> date | None:
        now = self._now()
        return None if now is None else now.astimezone(self._zone).date()

    def _until_reset(self) -> float:
        now = self._now()
        if now is None:
            return UNKNOWN
        here = now.astimezone(self._zone)
        midnight = datetime.combine(here.date() + timedelta(days=1), datetime.min.time(), self._zone)
        return max((midnight - now).total_seconds(), 1.0)

    def _why(self, urgent: bool, count: Count) -> str:
        if self._clock is None:
            then = f"; if that was days ago, remove {self._file.path}" if self._file.path else ""
            return f"has used its {self._units:,} a day as far as is known{then}"
        if urgent or not self._reserve or count.spent >= self._units:
            return f"has used its {self._units:,} of today"
        return f"keeps the last {self._reserve:,} of its {self._units:,} a day for stopping posts"


class WindowBudget:
    """So many calls in any `seconds`, for a platform whose headers tell nothing; a tenth is left to urgent calls."""

    said = "has made as many calls as the platform takes in that time"

    def __init__(self, calls: int, seconds: float) -> None:
        self._calls, self._seconds = calls, seconds
        self._lock = threading.Lock()
        self._made: list[float] = []  # by time.monotonic(), in order; those planned are ahead of the present

    def spend(self, cost: int, *, most: float, urgent: bool = False, path: str = "") -> float:
        """Take one call and return the seconds to wait before it; where that is longer than `most`, take nothing."""
        del cost, path
        with self._lock:
            now = time.monotonic()
            del self._made[: bisect.bisect_left(self._made, now - self._seconds)]
            top = self._calls if urgent else max(self._calls - self._calls // 10, 1)
            at = max(now, self._made[-top] + self._seconds) if len(self._made) >= top else now
            if at - now <= most:
                bisect.insort(self._made, at)
            return at - now

    def refund(self, cost: int, path: str = "") -> None:
        """Give back a call that was not made."""
        del cost, path
        with self._lock:
            if self._made:
                self._made.pop()

    def heard(
        self, status: int, headers: Mapping[str, str], clock: tuple[datetime, float] | None, path: str = ""
    ) -> None:
        """Nothing can be learnt here."""


class Budgets:
    """Several budgets at once: a call waits for the strictest."""

    def __init__(self, *budgets: Budget) -> None:
        self._budgets = budgets
        self._said = ""

    @property
    def said(self) -> str:
        """What the strictest one said last."""
        return self._said

    def spend(self, cost: int, *, most: float, urgent: bool = False, path: str = "") -> float:
        """Take from each and return the longest wait; where one refuses, what was taken before is given back."""
        longest = 0.0
        for number, budget in enumerate(self._budgets):
            wait = budget.spend(cost, most=most, urgent=urgent, path=path)
            if wait > longest:
                longest, self._said = wait, budget.said
            if wait > most:
                for taken in self._budgets[:number]:
                    taken.refund(cost, path)
                return wait
        return longest

    def refund(self, cost: int, path: str = "") -> None:
        """Give back to each."""
        for budget in self._budgets:
            budget.refund(cost, path)

    def heard(
        self, status: int, headers: Mapping[str, str], clock: tuple[datetime, float] | None, path: str = ""
    ) -> None:
        """Tell each."""
        for budget in self._budgets:
            budget.heard(status, headers, clock, path)

"""The promises about due dates: a million at once, one at a time, and as a command."""

from __future__ import annotations

import random
import statistics
import subprocess
import sys
import tempfile
import time
import timeit
from bisect import bisect_right
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import TypeVar

from benchmarks.table import Measure

MANY, SAMPLE, SLOWEST = 1_000_000, 2_000, 40
"""Dates for us and numpy, for `holidays`, and for workalendar, which takes milliseconds for each."""

TURNS = 11
T = TypeVar("T")
FREEZE = str(Path(sys.executable).with_name("freeze"))


def clocks() -> Iterator[Measure]:
    """FOI due dates, against numpy, the `holidays` package and workalendar; all must give the same dates."""
    import numpy as np

    from freeze.clocks.workdays import table

    source = random.Random(4)
    first = date(2011, 1, 1)
    received = [first + timedelta(days=source.randrange(6_500)) for _ in range(MANY)]
    known = table()
    off = sorted({h.day for year in range(2011, 2030) for h in known.of_year(year)})

    ours, answers = _timed(lambda: table().uk.add_all(received, 20))
    array = np.array(received, dtype="datetime64[D]")
    vector, by_numpy = _timed(lambda: np.busday_offset(array, 20, roll="backward", holidays=off))
    right = bool((np.array(answers, dtype="datetime64[D]") == by_numpy).all())
    note = f"baseline: numpy.busday_offset on an array; from dates to dates, making the table too; {MANY:,} dates"
    yield Measure("a million due dates", ours, "s", 6, vector, note, right=right)

    yield _against("holidays", _package(), received[:SAMPLE], answers[:SAMPLE], ours)
    yield _against("workalendar", _workalendar(off), received[:SLOWEST], answers[:SLOWEST], ours)

    calendar = known.uk
    days, day = calendar.ordinals, date(2026, 6, 1)
    ordinal, add = day.toordinal(), calendar.add
    call, bare = _side_by_side(
        lambda: [add(day, 20) for _ in range(1000)], lambda: [bisect_right(days, ordinal) for _ in range(1000)]
    )
    note = "baseline: bisect on the same table, without turning dates into numbers and back"
    yield Measure("one warm call", call * 1e9, "ns", 3, bare * 1e9, note, right=add(day, 20) == date(2026, 6, 30))

    taken = _in_turn({"help": ["--help"], "due": ["foi", "due", "--received", "2026-06-01"]})
    yield Measure("freeze foi due", taken["due"], "s", 2, taken["help"], "baseline: freeze --help")


def _against(
    name: str, theirs: Callable[[date], date], received: list[date], answers: list[date], ours: float
) -> Measure:
    """Our time for a date against theirs; the promise is a hundredth."""
    theirs(received[0])
    spent, found = _timed(lambda: [theirs(d) for d in received])
    times = spent / len(received) / (ours / MANY)
    note = f"baseline: {name}, {len(received):,} dates; {times:,.0f} times faster"
    right = found == answers
    return Measure(
        f"a due date, against {name}", ours / MANY * 1e6, "µs", 0.01, spent / len(received) * 1e6, note, right
    )


def _package() -> Callable[[date], date]:
    import holidays

    years = range(2011, 2030)
    all_four = sum(
        (holidays.country_holidays("GB", subdiv=s, years=years) for s in ("WLS", "SCT", "NIR")),
        start=holidays.country_holidays("GB", subdiv="ENG", years=years),
    )
    # It takes the date itself for day 0 only where that is a working day.
    return lambda day: all_four.get_nth_working_day(all_four.get_nth_working_day(day + timedelta(days=1), 0), 19)


def _workalendar(off: list[date]) -> Callable[[date], date]:
    from workalendar.europe import UnitedKingdom

    calendar = UnitedKingdom()
    return lambda day: calendar.add_working_days(day, 20, extra_holidays=off)


def _timed(work: Callable[[], T]) -> tuple[float, T]:
    """The better of two runs, and what it gave."""
    taken = []
    for _ in range(2):
        began = time.perf_counter()
        result = work()
        taken.append(time.perf_counter() - began)
    return min(taken), result


def _side_by_side(*thousands: Callable[[], object]) -> list[float]:
    """Seconds of one call of each, measured in short turns so that other work on the machine meets all of them."""
    best = [float("inf")] * len(thousands)
    for _ in range(200):
        for n, calls in enumerate(thousands):
            best[n] = min(best[n], timeit.timeit(calls, number=1) / 1000)
    return best


def _in_turn(commands: dict[str, list[str]]) -> dict[str, float]:
    """The median seconds of each command in an empty folder; the first turn is not counted."""
    taken: dict[str, list[float]] = {name: [] for name in commands}
    with tempfile.TemporaryDirectory(prefix="freeze-bench-") as folder:
        for turn in range(TURNS + 1):
            for name, args in commands.items():
                began = time.perf_counter()
                subprocess.run([FREEZE, *args], cwd=folder, capture_output=True, check=True, timeout=60)
                if turn:
                    taken[name].append(time.perf_counter() - began)
    return {name: statistics.median(seconds) for name, seconds in taken.items()}

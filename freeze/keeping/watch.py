"""The keeper's rhythm: when to look, how to wait with signs of life, when to end. Pure but for the waiting itself."""

from __future__ import annotations

import math
import re
import time
from collections.abc import Callable, Iterator
from datetime import timedelta

from freeze.errors import UsageError
from freeze.people.signs import BEAT_EVERY

LONGEST = 3_650 * 86_400.0
"""Seconds for which a keeper can be told to stay."""
UNITS = {"s": 1.0, "m": 60.0, "h": 3_600.0, "d": 86_400.0}


def lasting(text: str) -> timedelta:
    """A length of time as people type it: 90s, 10m, 8h, 2d. Raises UsageError for anything else.

    >>> lasting("8h")
    datetime.timedelta(seconds=28800)
    """
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([smhd])", text.strip().lower())
    seconds = float(found[1]) * UNITS[found[2]] if found is not None else 0.0
    if not 0 < seconds <= LONGEST:
        raise UsageError(
            f'--for "{text[:40]}" is not a length of time between nothing and ten years.',
            "Write it like 90s, 10m, 8h or 2d.",
        )
    return timedelta(seconds=seconds)


def minutes(text: str) -> float:
    """How often to look, in minutes, as people type it. Raises UsageError for what is none, or more than a day.

    >>> minutes("2.5")
    2.5
    """
    try:
        found = float(text)
    except ValueError:
        found = math.nan
    if not 0 < found <= 24 * 60:  # no comparison holds for what is no number
        raise UsageError(
            f'--every "{text[:40]}" is not a number of minutes above 0 and up to {24 * 60}.', "Like: --every 5"
        )
    return found


def rounds(
    every: timedelta,
    end: timedelta | None,
    rest: Callable[[], None],
    *,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[int]:
    """The looks, numbered from 1: one at once, then one each `every` from the start of the last; `end` from now.

    A look that took longer than `every` is followed by the next at once, never by two. `rest` is called at least once
    a minute while waiting.
    """
    began = clock()
    number = 0
    while True:
        number += 1
        started = clock()
        yield number
        due = started + every.total_seconds()
        if end is not None and due - began > end.total_seconds():
            return
        rest()
        while (left := due - clock()) > 0:
            sleep(min(left, BEAT_EVERY))
            rest()

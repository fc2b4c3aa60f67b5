"""The sandbox's own clock: it starts at any instant and runs on with real time.

Nothing else in the sandbox reads a clock.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta


class Clock:
    """An instant (UTC) that runs on, and can be set forward or back; `start` of None means the real present."""

    def __init__(self, start: datetime | None = None) -> None:
        self.set(start or datetime.now(UTC))

    def now(self) -> datetime:
        """The present by this clock, in UTC."""
        return self._start + timedelta(seconds=time.monotonic() - self._mark)

    def set(self, now: datetime) -> None:
        """Make it `now` (an aware instant) and run on from there."""
        self._start = now.astimezone(UTC)
        self._mark = time.monotonic()


def stopwatch() -> float:
    """Seconds that only ever run forward, whatever is done to the clock."""
    return time.monotonic()

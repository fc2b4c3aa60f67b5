"""What was asked of the simulated platforms: how often, how many at once, when, and in which order."""

from __future__ import annotations

import re
import threading
from collections import deque
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from freeze.sandbox._core.clock import stopwatch

_TOKEN = re.compile(r"(access_token=)[^&]*")


@dataclass(slots=True)
class Call:
    """One request to a platform; `post` is what a write was about, once the platform saw it; `status` 0: no answer."""

    n: int
    platform: str
    method: str
    path: str
    at: datetime
    post: str = ""
    status: int = 0


@dataclass(slots=True)
class _Tally:
    count: int = 0
    writes: int = 0
    in_flight: int = 0
    peak: int = 0
    first: datetime | None = None
    last: datetime | None = None
    first_mark: float = 0.0
    last_mark: float = 0.0


class Calls:
    """A record of calls; `reset` forgets it, and calls still under way then are not counted again."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._made = 0
        self.reset()

    def reset(self) -> None:
        """Forget everything."""
        with self._lock:
            self._tallies: dict[str, _Tally] = {}
            self.sequence: deque[Call] = deque(maxlen=200_000)

    def begin(self, platform: str, method: str, path: str, at: datetime) -> Call:
        """Note the start of a call; tokens in `path` are taken out."""
        with self._lock:
            self._made += 1
            call = Call(self._made, platform, method, _TOKEN.sub(r"\1...", path), at)
            self.sequence.append(call)
            t = self._tallies.setdefault(platform, _Tally())
            t.count += 1
            t.writes += method not in ("GET", "HEAD")
            t.in_flight += 1
            t.peak = max(t.peak, t.in_flight)
            t.last, t.last_mark = at, stopwatch()
            if t.first is None:
                t.first, t.first_mark = at, t.last_mark
        return call

    def only_read(self, call: Call) -> None:
        """A POST that asked and changed nothing (a batch of readings) is kept as the reading it was."""
        with self._lock:
            t = self._tallies.get(call.platform)
            if t is not None and call.method == "POST":
                t.writes -= 1
            call.method = "GET"

    def end(self, call: Call, at: datetime) -> None:
        """Note the end of a call."""
        with self._lock:
            t = self._tallies.get(call.platform)
            if t and t.in_flight:
                t.in_flight -= 1
                t.last, t.last_mark = at, stopwatch()

    def to_json(self) -> dict[str, Any]:
        """Per platform the counts, peak concurrency and the first and last instant; then every call in order.

        `seconds` is the real time from the first call's start to the last end, whatever was done to the clock.
        """
        with self._lock:
            return {
                "platforms": {
                    name: {
                        "count": t.count,
                        "writes": t.writes,
                        "peak_concurrency": t.peak,
                        "in_flight": t.in_flight,
                        "first": t.first and t.first.isoformat(),
                        "last": t.last and t.last.isoformat(),
                        "seconds": round(t.last_mark - t.first_mark, 6),
                    }
                    for name, t in sorted(self._tallies.items())
                },
                "sequence": [
                    {
                        "n": c.n,
                        "platform": c.platform,
                        "method": c.method,
                        "path": c.path,
                        "post": c.post,
                        "status": c.status,
                        "at": c.at.isoformat(),
                    }
                    for c in self.sequence
                ],
            }

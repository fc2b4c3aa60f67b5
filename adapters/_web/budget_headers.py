"""Budgets that a platform tells in the headers of its answers.

Understood: `...-limit`, `...-remaining` and `...-reset` under any names, where the reset is given in unix seconds (X),
as a timestamp (Mastodon) or in seconds from now; the IETF's `RateLimit` and `RateLimit-Policy` in the present and the
older form (Buffer); Meta's percentages. A header that cannot be understood teaches nothing and is no error.
"""

from __future__ import annotations

import math
import re
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal

from freeze.levelling import loads

Clock = tuple[datetime, float] | None
Style = Literal["unix", "iso", "seconds", "ietf"]
LONGEST: Final = 32 * 86_400.0  # seconds; a reset farther away is no reset
MEMBER: Final = re.compile(r'(?:"[^"]{0,500}"|[^",])+')
USUAL: Final = 900.0  # seconds of a window whose reset is not told


@dataclass(frozen=True, slots=True)
class Told:
    """What an answer said of one window: its name, calls in all and left, seconds until it begins anew."""

    name: str
    limit: int | None
    left: int
    seconds: float


@dataclass(slots=True)
class _Open:
    """A window that is running, by time.monotonic(): `next_at` is when the next call may go once few are left."""

    limit: int
    left: int
    ends: float
    next_at: float = 0.0
    gap: float = 0.0


class HeaderBudget:
    """Windows as the platform's headers tell them: slows down once a tenth is left, and stops before nothing is.

    `style` says how the reset is written; with "ietf" the three names are not used. `per_path`: each path has a window
    of its own (X), else one is shared by all. Of the last tenth (`keep`) half is spread over the time that is left and
    half is for urgent calls only.
    """

    said = "has come near the number of calls that the platform takes in a while, and waits for more"

    def __init__(
        self,
        limit: str = "X-RateLimit-Limit",
        remaining: str = "X-RateLimit-Remaining",
        reset: str = "X-RateLimit-Reset",
        *,
        style: Style = "unix",
        per_path: bool = False,
        keep: float = 0.1,
    ) -> None:
        self._names, self._style = (limit, remaining, reset), style
        self._per_path, self._keep = per_path, keep
        self._lock = threading.Lock()
        self._windows: dict[tuple[str, str], _Open] = {}

    def spend(self, cost: int, *, most: float, urgent: bool = False, path: str = "") -> float:
        """Take one call and return the seconds to wait before it; where that is longer than `most`, take nothing."""
        del cost
        with self._lock:
            now = time.monotonic()
            windows = self._of(path, now)
            wait = max((self._wait(w, now, urgent) for w in windows), default=0.0)
            if wait <= most:
                for w in windows:
                    w.left -= 1
                    w.next_at = max(w.next_at, now + wait) + w.gap
            return wait

    def refund(self, cost: int, path: str = "") -> None:
        """Give back a call that was not made."""
        del cost
        with self._lock:
            for w in self._of(path, time.monotonic()):
                w.left += 1
                w.next_at -= w.gap

    def heard(self, status: int, headers: Mapping[str, str], clock: Clock, path: str = "") -> None:
        """Learn what is left; of two answers about the same window the lower one counts, whichever came first."""
        del status
        told = list(_ietf(headers)) if self._style == "ietf" else list(self._plain(headers, clock))
        with self._lock:
            now = time.monotonic()
            for t in told:
                place = (path if self._per_path else "", t.name)
                before = self._windows.get(place)
                ends = now + t.seconds
                limit = t.limit or max(t.left, before.limit if before else 0)
                if before is None or before.ends <= now or ends - before.ends > max(2.0, t.seconds * 0.02):
                    self._windows[place] = _Open(limit, t.left, ends)
                else:
                    before.limit, before.left, before.ends = limit, min(before.left, t.left), min(before.ends, ends)

    def _of(self, path: str, now: float) -> list[_Open]:
        wanted = path if self._per_path else ""
        self._windows = {place: w for place, w in self._windows.items() if w.ends > now}
        return [w for (where, _), w in self._windows.items() if where == wanted]

    def _wait(self, w: _Open, now: float, urgent: bool) -> float:
        low = max(math.ceil(w.limit * self._keep), 1)
        w.gap = 0.0
        if w.left > low or (urgent and w.left > 0):
            return 0.0
        kept = low // 2
        if w.left <= (0 if urgent else kept):
            return w.ends - now
        w.gap = (w.ends - now) / (w.left - kept + 1)
        return max(w.next_at - now, 0.0)

    def _plain(self, headers: Mapping[str, str], clock: Clock) -> Iterator[Told]:
        limit, remaining, reset = (headers.get(name, "") for name in self._names)
        left = _whole(remaining)
        if left is None:
            return
        seconds = _until(reset, self._style, clock)
        if seconds is not None and seconds > 0:
            yield Told("", _whole(limit), left, seconds)


class UsageBudget:
    """Meta's percentages (X-App-Usage, X-Business-Use-Case-Usage): slower from 80 %, from 95 % one look a minute.

    A page's own percentage counts for calls on a path that names the page. Urgent calls wait only at 100 %.
    """

    said = "has come near the number of calls that Meta takes in an hour, and waits for more"

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._used: dict[str, tuple[float, float, float]] = {}  # name: percent, shut until, and forgotten at
        self._next_at = 0.0

    def spend(self, cost: int, *, most: float, urgent: bool = False, path: str = "") -> float:
        """Return the seconds to wait before a call; where that is longer than `most`, it counts as not made."""
        del cost
        with self._lock:
            now = time.monotonic()
            self._used = {n: u for n, u in self._used.items() if u[2] > now}
            mine = [u for name, u in self._used.items() if not name or name in path]
            shut = max((until - now for _, until, _ in mine), default=0.0)
            percent = max((p for p, _, _ in mine), default=0.0)
            if shut > 0 or urgent or percent < 80:
                return max(shut, 0.0)
            if percent >= 95:
                return max(forgotten - now for p, _, forgotten in mine if p >= 95)
            wait = max(self._next_at - now, 0.0)
            if wait <= most:
                self._next_at = now + wait + (percent - 80) / 10  # up to a second and a half apart
            return wait

    def refund(self, cost: int, path: str = "") -> None:
        """Nothing was taken that could be given back."""

    def heard(self, status: int, headers: Mapping[str, str], clock: Clock, path: str = "") -> None:
        """Learn how much of the hour's calls is used."""
        del status, clock, path
        with self._lock:
            now = time.monotonic()
            for name, percent, minutes in _usage(headers):
                shut = now + (minutes * 60 or 60.0) if percent >= 100 or minutes > 0 else 0.0
                self._used[name] = (percent, shut, max(now + 60, shut))


def _usage(headers: Mapping[str, str]) -> Iterator[tuple[str, float, float]]:
    """Every (id of a business object, or empty for the app; percent; minutes until calls are taken again)."""
    app = _json(headers.get("X-App-Usage", ""))
    pages = _json(headers.get("X-Business-Use-Case-Usage", ""))
    entries = [("", app)] if app else []
    for name, uses in pages.items():
        entries += [(str(name), use) for use in (uses if isinstance(uses, list) else []) if isinstance(use, dict)]
    for name, use in entries:
        percents = [_number(use.get(key)) for key in ("call_count", "total_time", "total_cputime")]
        yield name, max(percents), _number(use.get("estimated_time_to_regain_access"))


def _json(given: str) -> dict[str, object]:
    try:
        found = loads(given)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _number(given: object) -> float:
    return float(min(given, 10_000)) if isinstance(given, int | float) and given > 0 else 0.0


def _whole(given: str) -> int | None:
    return int(given) if re.fullmatch(r"\s*\d{1,12}\s*", given) else None


def _until(reset: str, style: Style, clock: Clock) -> float | None:
    """Seconds until a reset, measured against the platform's own time; None where that cannot be told."""
    given = reset.strip()
    if not given:
        return USUAL
    if style == "seconds":
        seconds = float(given) if re.fullmatch(r"\d{1,9}(\.\d+)?", given) else None
        return seconds if seconds is not None and seconds <= LONGEST else None
    if clock is None:
        return USUAL
    try:
        at = datetime.fromtimestamp(float(given), UTC) if style == "unix" else datetime.fromisoformat(given)
    except (ValueError, OverflowError, OSError):
        return None
    if at.tzinfo is None:
        at = at.replace(tzinfo=UTC)
    seconds = (at - clock[0]).total_seconds() - (time.monotonic() - clock[1])
    return seconds if seconds <= LONGEST else None


def _ietf(headers: Mapping[str, str]) -> Iterator[Told]:
    """`RateLimit: "day";r=50;t=30` with `RateLimit-Policy: "day";q=100;w=900`, or `limit=100, remaining=50, reset=30`.

    A window is known by its name, or by its length (`w`) where one of the two gives no name.
    """
    policies = [
        (name, p.get("q", _whole(name)), p.get("w")) for name, p in _members(headers.get("RateLimit-Policy", ""))
    ]
    old = dict(re.findall(r"\b(limit|remaining|reset)\s*=\s*(\d{1,12})\b", headers.get("RateLimit", "")))
    if "remaining" in old:
        most, rest, reset = _whole(old.get("limit", "")), int(old["remaining"]), float(old.get("reset", USUAL))
        length = next((w for _, q, w in policies if q == most and w), None)
        if 0 < reset <= LONGEST:
            yield Told(f"w={length}", most, rest, reset)
        return
    for name, p in _members(headers.get("RateLimit", "")):
        left, given = p.get("r"), p.get("t")
        if left is None:
            continue
        found = [(q, w) for n, q, w in policies if (n == name or (w is not None and w == p.get("w")))]
        limit, width = found[0] if found else (policies[0][1:] if len(policies) == 1 else (None, p.get("w")))
        seconds = float(given if given is not None else width or USUAL)
        if 0 < seconds <= LONGEST:
            yield Told(f"w={width}" if width else name, limit, left, seconds)


def _members(header: str) -> Iterator[tuple[str, dict[str, int]]]:
    """The members of a list of structured fields: each one's name, and its whole-number parameters."""
    for member in MEMBER.findall(header):
        name, *parameters = member.split(";")
        pairs = (p.partition("=") for p in parameters)
        yield name.strip().strip('"'), {k.strip(): n for k, _, v in pairs if (n := _whole(v)) is not None}

"""What can be made to go wrong on a simulated platform, and when it strikes.

    status            answers `status` (with Retry-After if `retry_after` is given), and does nothing
    slow              waits `latency_ms` first; then whatever else applies
    timeout           never answers; ends when the client gives up
    drop_after_write  does a write, then drops the connection without an answer; a read is just dropped
    ghost_success     a write is answered as if done, and is not done; a read is answered truly
    garbage           200 with an HTML page, and does nothing
    stale             a read (GET) is answered truly as of `age_s` real seconds ago, as a replica that lags behind does
    expired_token     the platform's own words for a credential it no longer accepts
    empty_list        a listing is answered 200, well-formed and empty
    partial_page      a page of a listing holds half of what it should and no next page, though the total is true

The listing kinds strike listings only, never a reading of posts named by their ids.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from typing import Any

LISTING_KINDS = frozenset({"empty_list", "partial_page"})
KINDS = frozenset(
    {"status", "slow", "timeout", "drop_after_write", "ghost_success", "garbage", "expired_token", "stale"}
    | LISTING_KINDS
)
WRITE_ONLY = frozenset({"ghost_success"})
READ_ONLY = frozenset({"stale"})


@dataclass(slots=True)
class Fault:
    """One thing that goes wrong on one platform: at `rate` (0 to 1), `count` times (None: for ever).

    `method` and `path` (a part of the path) narrow what it strikes; `struck` counts how often it did.
    """

    platform: str
    kind: str
    rate: float = 1.0
    count: int | None = None
    status: int = 500
    retry_after: float | None = None
    latency_ms: float = 0.0
    age_s: float = 0.0
    method: str = ""
    path: str = ""
    struck: int = 0


class Faults:
    """The faults in force; chance is seeded, so the same calls in the same order meet the same faults."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: list[Fault] = []
        self._begin_again()

    def clear(self, platform: str = "") -> None:
        """End every fault, or those of one platform."""
        with self._lock:
            self._faults = [f for f in self._faults if platform and f.platform != platform]
            if not self._faults:
                self._begin_again()

    def _begin_again(self) -> None:
        self._chance = random.Random(20220908)  # noqa: S311 - chance in practice runs, not a secret

    def add(self, platform: str, kind: str, **options: Any) -> Fault:
        """Put a fault in force."""
        return self.load({"platform": platform, "kind": kind, **options})

    def load(self, given: Mapping[str, Any]) -> Fault:
        """Put a fault in force from a control request. Raises ValueError with one sentence for a bad one."""
        known = set(Fault.__slots__) - {"struck"}
        if unknown := sorted(set(given) - known):
            raise ValueError(f'A fault has no "{unknown[0]}"; it has {", ".join(sorted(known))}.')
        if not given.get("platform"):
            raise ValueError('A fault needs a "platform".')
        if given.get("kind") not in KINDS:
            raise ValueError(f'"{given.get("kind")}" is not a kind of fault; the kinds are {", ".join(sorted(KINDS))}.')
        try:
            count = given.get("count")
            retry_after = given.get("retry_after")
            fault = Fault(
                platform=str(given["platform"]),
                kind=str(given["kind"]),
                rate=float(given.get("rate", 1.0)),
                count=None if count is None else int(count),
                status=int(given.get("status", 500)),
                retry_after=None if retry_after is None else float(retry_after),
                latency_ms=float(given.get("latency_ms", 0.0)),
                age_s=float(given.get("age_s", 0.0)),
                method=str(given.get("method", "")).upper(),
                path=str(given.get("path", "")),
            )
        except (TypeError, ValueError):
            raise ValueError("rate, count, status, retry_after, latency_ms and age_s of a fault are numbers.") from None
        if not 0 <= fault.rate <= 1:
            raise ValueError(f"The rate of a fault lies between 0 and 1, not {fault.rate}.")
        if not 400 <= fault.status <= 599:
            raise ValueError(f"The status of a fault lies between 400 and 599, not {fault.status}.")
        if fault.latency_ms < 0 or not fault.age_s >= 0 or (fault.count is not None and fault.count < 1):
            raise ValueError("latency_ms and age_s of a fault are at least 0, and count at least 1.")
        with self._lock:
            self._faults.append(fault)
        return fault

    def strike(self, platform: str, method: str, path: str, kinds: Collection[str]) -> list[Fault]:
        """The faults of these kinds that strike this call: every `slow` one, and at most one other, oldest first."""
        if not self._faults:
            return []
        struck: list[Fault] = []
        decided = False
        with self._lock:
            for f in self._faults:
                if f.platform != platform or f.kind not in kinds or (f.count is not None and f.struck >= f.count):
                    continue
                if (f.method and f.method != method) or f.path not in path:
                    continue
                reads = method in ("GET", "HEAD")
                if (f.kind in WRITE_ONLY and reads) or (f.kind in READ_ONLY and not reads):
                    continue
                if decided and f.kind != "slow":
                    continue
                if f.rate < 1 and self._chance.random() >= f.rate:
                    continue
                f.struck += 1
                struck.append(f)
                decided = decided or f.kind != "slow"
        return struck

    def to_json(self) -> list[dict[str, Any]]:
        """The faults in force and how often each struck."""
        with self._lock:
            return [asdict(f) for f in self._faults]

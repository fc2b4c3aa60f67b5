"""The count of a day's units, shared by every process on this machine."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any, Final

from adapters._web import kept_files
from freeze.posts import Json

BOOT_ID: Final = Path("/proc/sys/kernel/random/boot_id")
PATIENCE: Final = 10.0  # seconds to wait for another process that counts


def uptime() -> float:
    """Seconds since this machine started, the same for all of its processes; only differences mean anything."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()


@cache
def boot() -> str:
    """Which start of this machine this is; empty where it does not tell, so that uptimes are never compared."""
    try:
        return BOOT_ID.read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return ""


@dataclass(slots=True)
class Count:
    """Units spent on the platform's `day` (None while unknown), and what its clock was at an uptime of one boot."""

    day: date | None = None
    spent: int = 0
    clock: tuple[datetime, float] | None = None
    boot: str = ""

    def to_json(self) -> dict[str, Json]:
        clock = [self.clock[0].isoformat(), self.clock[1]] if self.clock else None
        return {
            "day": self.day.isoformat() if self.day else None,
            "spent": self.spent,
            "clock": clock,
            "boot": self.boot,
        }

    @classmethod
    def from_json(cls, kept: Any) -> Count:
        """Raises ValueError where it is not such a count."""
        try:
            spent, day, clock = kept["spent"], kept["day"], kept["clock"]
            known = (datetime.fromisoformat(clock[0]), float(clock[1])) if clock else None
            if not isinstance(spent, int) or spent < 0 or (known and known[0].tzinfo is None):
                raise ValueError
            return cls(date.fromisoformat(day) if day else None, spent, known, str(kept["boot"]))
        except (LookupError, TypeError, ValueError):
            raise ValueError("it is not a count") from None


class Counted:
    """A count kept in `path`, or in memory where there is none.

    A file that cannot be understood counts as `full`: a count may be too high, never too low.
    """

    def __init__(self, path: Path | None, full: int) -> None:
        self.path = path
        self._full = full
        self._memory = Count()

    @contextmanager
    def change(self) -> Iterator[Count]:
        """The count as it is now, saved when this is left. Raises OSError, with nothing changed."""
        if self.path is None:
            yield self._memory
            return
        with kept_files.locked(self.path, PATIENCE):
            count = self._load(self.path)
            before = count.to_json()
            yield count
            if count.to_json() != before:
                kept_files.save(self.path, count.to_json(), durable=False)

    def _load(self, path: Path) -> Count:
        try:
            return Count.from_json(kept_files.load(path))
        except FileNotFoundError:
            return Count()
        except ValueError:
            return Count(spent=self._full)

"""What changed among the bank holidays, read without loading SQLAlchemy: a due date must not wait a second for it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from freeze.clocks.workdays import Change, Holidays

CHANGES = "SELECT day, title, nations, source, announced, gone FROM holiday_change ORDER BY id"
META = "SELECT key, value FROM meta WHERE key IN ('holidays_until', 'holidays_as_of')"


@dataclass(frozen=True, slots=True)
class Kept:
    """What a store knows beyond the shipped table."""

    changes: tuple[Change, ...] = ()
    until: int = 0
    as_of: date = date.min

    def over(self, holidays: Holidays) -> Holidays:
        """The shipped table with this over it."""
        return holidays.changed(self.changes, self.until, self.as_of)


def kept(changes: Iterable[Sequence[Any]], meta: Mapping[str, str]) -> Kept:
    """Rows of `CHANGES` and `META` as values."""
    found = tuple(
        Change(
            date.fromisoformat(day),
            title,
            int(nations),
            source,
            date.fromisoformat(announced) if announced else None,
            gone=bool(gone),
        )
        for day, title, nations, source, announced, gone in changes
    )
    as_of = meta.get("holidays_as_of")
    return Kept(found, int(meta.get("holidays_until", 0)), date.fromisoformat(as_of) if as_of else date.min)


def at(path: Path) -> Kept | None:
    """What the SQLite store at `path` knows; None where it cannot simply be read, so that the store itself may say why.

    A store that is older than these tables knows nothing more.
    """
    try:
        c = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=15)
        try:
            return kept(c.execute(CHANGES).fetchall(), dict(c.execute(META).fetchall()))
        finally:
            c.close()
    except sqlite3.Error as e:
        return Kept() if "no such table: holiday_change" in str(e) else None

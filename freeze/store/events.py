"""Events of the shared calendar in the store: one row for each occurrence, by the file it came from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, func
from sqlmodel import col, select

from freeze.events import Event
from freeze.store.rows.rules import Event as Row
from freeze.store.session import session
from freeze.windows import Window


@dataclass(frozen=True, slots=True)
class Source:
    """One file's share of the calendar: how many occurrences, from the first start to the last end (UTC)."""

    name: str
    occurrences: int
    start: datetime
    end: datetime


def between(c: Connection, start: datetime, end: datetime) -> list[Event]:
    """Every occurrence that touches [start, end), the first one first."""
    touching = select(Row).where(col(Row.start) < end, col(Row.end) > start)
    with session(c) as s:
        return [_event(r) for r in s.exec(touching.order_by(col(Row.start), col(Row.id)))]


def sources(c: Connection) -> list[Source]:
    """The files that events came from, by name."""
    counted = select(Row.source, func.count(), func.min(Row.start), func.max(Row.end))
    with session(c) as s:
        return [Source(*r) for r in s.exec(counted.group_by(col(Row.source)).order_by(col(Row.source)))]


def replace_source(c: Connection, source: str, events: Sequence[Event]) -> tuple[int, int]:
    """Put the occurrences of one file in the place of what it gave before; returns how many there are and were."""
    gone = c.execute(delete(Row).where(col(Row.source) == source)).rowcount
    rows = [
        Row(
            source=source,
            kind=e.kind,
            title=e.title,
            service=e.service,
            start=e.window.start,
            end=e.window.end,
            civil=e.window.civil,
        )
        for e in events
    ]
    with session(c) as s:
        s.add_all(rows)
        s.flush()
    return len(rows), gone


def _event(r: Row) -> Event:
    return Event(r.kind, r.title, Window(r.start, r.end, r.civil), r.source, r.service)

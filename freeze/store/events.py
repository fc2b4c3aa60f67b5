"""Events of the shared calendar in the store: one row for each occurrence, by the file it came from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select

from freeze.events import Event
from freeze.store.tables import EVENT
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
    touching = (EVENT.c.start < end) & (EVENT.c.end > start)
    return [_event(r) for r in c.execute(select(EVENT).where(touching).order_by(EVENT.c.start, EVENT.c.id))]


def sources(c: Connection) -> list[Source]:
    """The files that events came from, by name."""
    counted = select(EVENT.c.source, func.count(), func.min(EVENT.c.start), func.max(EVENT.c.end))
    return [Source(*r) for r in c.execute(counted.group_by(EVENT.c.source).order_by(EVENT.c.source))]


def replace_source(c: Connection, source: str, events: Sequence[Event]) -> tuple[int, int]:
    """Put the occurrences of one file in the place of what it gave before; returns how many there are and were."""
    gone = c.execute(EVENT.delete().where(EVENT.c.source == source)).rowcount
    rows = [
        {
            "source": source,
            "kind": e.kind,
            "title": e.title,
            "service": e.service,
            "start": e.window.start,
            "end": e.window.end,
            "civil": e.window.civil,
        }
        for e in events
    ]
    if rows:
        c.execute(EVENT.insert(), rows)
    return len(rows), gone


def _event(r: Any) -> Event:
    return Event(r.kind, r.title, Window(r.start, r.end, r.civil), r.source, r.service)

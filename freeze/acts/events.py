"""The shared calendar: what calendar files give, taken in, listed and taken away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from freeze.acts.app import App
from freeze.errors import UsageError, nearest
from freeze.events import Event
from freeze.files.events import AHEAD, Contents, content_of, read
from freeze.report.events import NAMED
from freeze.store import events as event_store
from freeze.store.events import Source
from freeze.store.journal import Transaction, once
from freeze.words import safe


@dataclass(frozen=True)
class Taken:
    """What one calendar gives now, and how many occurrences it gave before; `found` says what was left out."""

    source: str
    occurrences: int
    before: int
    found: Contents


@dataclass(frozen=True)
class Listed:
    """The shared calendar at `now`: the calendars it came from, and what is on it from then on, in order of time."""

    now: datetime
    sources: Sequence[Source]
    events: Sequence[Event]


def take_in(app: App, file: Path, kind: str, source: str) -> Taken:
    """Take a calendar file's events in the place of what the same calendar gave before.

    `kind` is given to all of them, where it is not empty; `source` is what to call the calendar, else the file's name.
    Raises UsageError for a file of which nothing can be used: what was there before stays.
    """
    app.may("events")
    name = safe(source or file.name, 80)
    if not name:
        raise UsageError("A calendar needs a name.", "Give one with --source.")
    now = app.now()
    found = read(content_of(file), now, name, kind)
    if found.left and not found.events:
        wrong = "; ".join(safe(x.said(), 200) for x in found.left[:NAMED])
        raise UsageError(f"Nothing in {name} can be used: {wrong}", "What was imported before stays as it is.")

    def write(tx: Transaction) -> tuple[int, int]:
        counts = event_store.replace_source(tx.c, name, found.events)
        tx.log(now, "events.imported", {"source": name, "occurrences": counts[0], "before": counts[1]})
        return counts

    taken, before = once(app.store, app.actor, write)
    return Taken(name, taken, before, found)


def listed(app: App) -> Listed:
    """What is on the shared calendar from now on."""
    now = app.now()
    with app.store.read() as c:
        return Listed(now, event_store.sources(c), event_store.between(c, now, now + AHEAD))


def remove(app: App, source: str) -> int:
    """Take away every event that one calendar gave; tells how many. Raises UsageError for one that there is not."""
    app.may("events")
    with app.store.read() as c:
        known = [s.name for s in event_store.sources(c)]
    if source not in known:
        raise UsageError(f'No calendar "{source}" was imported.', nearest(source, known))
    now = app.now()

    def write(tx: Transaction) -> int:
        gone = event_store.replace_source(tx.c, source, ())[1]
        tx.log(now, "events.removed", {"source": source, "occurrences": gone})
        return gone

    return once(app.store, app.actor, write)

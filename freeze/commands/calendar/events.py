"""`freeze events`: the shared calendar, from calendar files: what else happens while posts go out."""

from __future__ import annotations

from pathlib import Path

import click

from freeze.acts.app import App
from freeze.commands.common import Answer, command
from freeze.errors import UsageError, nearest
from freeze.files.events import AHEAD, BEHIND, LARGEST, MOST, Contents, read
from freeze.store import events as event_store
from freeze.windows import london, say, say_day
from freeze.words import columns, many, safe

NAMED = 10
"""How many of the events that were left out are named."""
SHOWN = 40
"""Occurrences in a list, unless all are asked for."""


@click.group("events")
def events_command() -> None:
    """The shared calendar: meetings, campaigns of others, whatever posts should not run into."""


@events_command.command("import", epilog='Example: freeze events import meetings.ics --kind "full council"')
@click.argument("file", type=click.Path(path_type=Path), metavar="FILE.ics")
@click.option("--kind", default="", metavar="K", help="What kind of event they all are; else each one's category.")
@click.option("--source", default="", metavar="NAME", help="What to call this calendar; else the name of the file.")
@command
def import_command(app: App, file: Path, kind: str, source: str) -> Answer:
    """Take the events of an iCalendar file in the place of what the same calendar gave before.

    Repeated events are worked out from 60 days ago to 400 days ahead; import the file again from time to time.
    """
    from freeze.store.journal import Transaction, once

    app.may("events")
    name = safe(source or file.name, 80)
    if not name:
        raise UsageError("A calendar needs a name.", "Give one with --source.")
    now = app.now()
    found = read(_content(file), now, name, kind)
    if found.left and not found.events:
        wrong = "; ".join(safe(x.said(), 200) for x in found.left[:NAMED])
        raise UsageError(f"Nothing in {name} can be used: {wrong}", "What was imported before stays as it is.")

    def write(tx: Transaction) -> tuple[int, int]:
        counts = event_store.replace_source(tx.c, name, found.events)
        tx.log(now, "events.imported", {"source": name, "occurrences": counts[0], "before": counts[1]})
        return counts

    taken, before = once(app.store, app.actor, write)
    lines = [f"{name}: {many(taken, 'occurrence')} on the shared calendar{f' (before: {before:,})' if before else ''}."]
    lines += _notes(found)
    body = {
        "source": name,
        "occurrences": taken,
        "before": before,
        "cancelled": found.cancelled,
        "outside": found.outside,
        "over": found.over,
        "left_out": [{"event": x.title, "why": x.why} for x in found.left],
    }
    return body, lines, 2 if found.left or found.over else 0


def _content(file: Path) -> bytes:
    """At most one byte more than is read. Raises UsageError."""
    try:
        with file.open("rb") as f:
            return f.read(LARGEST + 1) if file.stat().st_size <= LARGEST else _too_large(file)
    except OSError as e:
        raise UsageError(f"{file} cannot be read: {e.strerror}.", "Check its name and who may read it.") from None


def _too_large(file: Path) -> bytes:
    raise UsageError(
        f"{file} has {file.stat().st_size:,} bytes; at most {LARGEST:,} are read.",
        "Export a shorter time, or fewer calendars.",
    )


def _notes(found: Contents) -> list[str]:
    out = []
    if found.cancelled:
        out.append(f"Left out as cancelled: {many(found.cancelled, 'event')}.")
    if found.outside:
        span = f"{BEHIND.days} days ago to {AHEAD.days} days ahead"
        out.append(f"Left out as not within {span}: {many(found.outside, 'event')}.")
    if found.over:
        out.append(f"LEFT OUT: {many(found.over, 'occurrence')} after the first {MOST:,}, the most one file may give.")
    if found.left:
        out.append(f"LEFT OUT, as they cannot be used: {many(len(found.left), 'event')}.")
        out += [f"  {safe(x.said(), 240)}" for x in found.left[:NAMED]]
        if len(found.left) > NAMED:
            out.append(f"  … and {len(found.left) - NAMED:,} more (--json)")
    return out


@events_command.command("list", epilog="Example: freeze events list --all")
@click.option("--all", "everything", is_flag=True, help="Every occurrence, however many there are.")
@command
def list_command(app: App, everything: bool) -> Answer:
    """What is on the shared calendar from today on, and which files it came from."""
    now = app.now()
    with app.store.read() as c:
        sources = event_store.sources(c)
        events = event_store.between(c, now, now + AHEAD)
    if not sources:
        return {"sources": [], "events": []}, ["Nothing is on the shared calendar. freeze events import FILE.ics"], 0
    shown = events if everything else events[:SHOWN]
    lines = [f"{many(len(events), 'occurrence')} on the shared calendar from {say(now)} on."]
    lines += columns([e.window.civil, safe(e.kind, 30), safe(e.title, 80)] for e in shown)
    if len(events) > len(shown):
        lines.append(f"  … and {len(events) - len(shown):,} more (--all)")
    lines.append("From:")
    last = {s.name: say_day(london(s.end).date()) for s in sources}
    lines += columns([safe(s.name, 80), many(s.occurrences, "occurrence"), f"to {last[s.name]}"] for s in sources)
    body = {
        "sources": [{"source": s.name, "occurrences": s.occurrences, "until": s.end.isoformat()} for s in sources],
        "events": [
            {
                "kind": e.kind,
                "title": e.title,
                "start": e.window.start.isoformat(),
                "end": e.window.end.isoformat(),
                "when": e.window.civil,
                "source": e.source,
            }
            for e in events
        ],
    }
    return body, lines, 0


@events_command.command("remove", epilog="Example: freeze events remove meetings.ics")
@click.argument("source")
@command
def remove_command(app: App, source: str) -> Answer:
    """Take away every event that one calendar gave."""
    from freeze.store.journal import Transaction, once

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

    gone = once(app.store, app.actor, write)
    return {"source": source, "removed": gone}, [f"{source}: {many(gone, 'occurrence')} taken away."], 0

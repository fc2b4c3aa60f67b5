"""`freeze events`: the shared calendar, from calendar files: what else happens while posts go out."""

from __future__ import annotations

from pathlib import Path

import click

from freeze.acts import events
from freeze.acts.app import App
from freeze.commands.common import Answer, command
from freeze.report import events as report
from freeze.windows import london, say, say_day
from freeze.words import columns, many, safe

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
    done = events.take_in(app, file, kind, source)
    before = f" (before: {done.before:,})" if done.before else ""
    lines = [f"{done.source}: {many(done.occurrences, 'occurrence')} on the shared calendar{before}."]
    lines += report.left_out(done.found)
    body = {
        "source": done.source,
        "occurrences": done.occurrences,
        "before": done.before,
        "cancelled": done.found.cancelled,
        "outside": done.found.outside,
        "over": done.found.over,
        "left_out": [{"event": x.title, "why": x.why} for x in done.found.left],
    }
    return body, lines, 2 if done.found.left or done.found.over else 0


@events_command.command("list", epilog="Example: freeze events list --all")
@click.option("--all", "everything", is_flag=True, help="Every occurrence, however many there are.")
@command
def list_command(app: App, everything: bool) -> Answer:
    """What is on the shared calendar from today on, and which files it came from."""
    found = events.listed(app)
    if not found.sources:
        return {"sources": [], "events": []}, ["Nothing is on the shared calendar. freeze events import FILE.ics"], 0
    shown = found.events if everything else found.events[:SHOWN]
    lines = [f"{many(len(found.events), 'occurrence')} on the shared calendar from {say(found.now)} on."]
    lines += columns([e.window.civil, safe(e.kind, 30), safe(e.title, 80)] for e in shown)
    if len(found.events) > len(shown):
        lines.append(f"  … and {len(found.events) - len(shown):,} more (--all)")
    lines.append("From:")
    last = {s.name: say_day(london(s.end).date()) for s in found.sources}
    lines += columns([safe(s.name, 80), many(s.occurrences, "occurrence"), f"to {last[s.name]}"] for s in found.sources)
    sources = [{"source": s.name, "occurrences": s.occurrences, "until": s.end.isoformat()} for s in found.sources]
    body = {
        "sources": sources,
        "events": [
            {
                "kind": e.kind,
                "title": e.title,
                "start": e.window.start.isoformat(),
                "end": e.window.end.isoformat(),
                "when": e.window.civil,
                "source": e.source,
            }
            for e in found.events
        ],
    }
    return body, lines, 0


@events_command.command("remove", epilog="Example: freeze events remove meetings.ics")
@click.argument("source")
@command
def remove_command(app: App, source: str) -> Answer:
    """Take away every event that one calendar gave."""
    gone = events.remove(app, source)
    return {"source": source, "removed": gone}, [f"{source}: {many(gone, 'occurrence')} taken away."], 0

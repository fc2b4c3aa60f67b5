"""`freeze brief`: five lines to forward to a chief executive, true at this moment."""

from __future__ import annotations

import click

from freeze.acts import brief as act
from freeze.acts.app import App
from freeze.commands import codes
from freeze.commands.common import Answer, command
from freeze.people.sources import any_stale
from freeze.report import brief as report
from freeze.windows import say
from freeze.words import many


@click.command("brief", epilog="Example: freeze brief")
@command
def brief_command(app: App) -> Answer:
    """Five lines for a chief executive: since when, who is seen silent, what cannot be checked, what went out, the end.

    Reads the store only. While no announcement is recorded it says only "Publishing pause".
    """
    found = act.brief(app)
    now, seen = found.known.now, found.schedulers
    lines: list[str] = []
    shown = []
    for p in found.pauses:
        if p.silent is None:
            held = many(len(p.what.holds), "post")
            lines += [f"{p.freeze.outside} since {say(p.freeze.start)}: business goes on, {held} held.", ""]
            continue
        lines += [*report.lines(p.freeze, p.what, p.silent, seen, now), ""]
        shown.append(report.data(p.freeze, p.what, p.silent, now))
    lines = lines or ["No pause is in force.", ""]
    code = codes.worst(5 if any_stale(seen, now) else 0, *(codes.of_pause(p.what) for p in found.pauses))
    return {"at": now.isoformat(), "pauses": shown}, lines[:-1], code

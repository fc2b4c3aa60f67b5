"""`freeze status`, `list`, `show`: what is paused, and where every post stands."""

from __future__ import annotations

import click

from freeze.acts import crisis
from freeze.acts import status as act
from freeze.acts.app import App
from freeze.commands import codes
from freeze.commands.common import Answer, command
from freeze.report import pause, picture
from freeze.report import status as report


@click.command("status", epilog="Example: freeze status --json")
@command
def status_command(app: App) -> Answer:
    """What is paused, what is held and checked, what still needs a person. Reads the store only, and at once."""
    found = act.status(app)
    waits = found.missed or found.waiting or found.late
    code = codes.worst(5 if found.unknown else 0, 3 if found.unsettled else 0, 1 if waits else 0)
    return report.data(found), report.lines(found), code


@click.command("list", epilog="Example: freeze list")
@command
def list_command(app: App) -> Answer:
    """Every pause that was declared, the latest first."""
    known = act.declared(app)
    data = {"freezes": [picture.freeze_json(f, known.now) for f in known.freezes[::-1]]}
    return data, report.listed(known.freezes, known.now), 0


@click.command("show", epilog="Example: freeze show f1")
@click.argument("ident", metavar="ID")
@command
def show_command(app: App, ident: str) -> Answer:
    """One pause, post by post."""
    f, what, known = act.one(app, ident)
    lines = report.one(f, what, crisis.shown(f, what.permissions, known.now), known.now)
    return pause.data(f, what, None, known.now, known.freezes), lines, codes.of_pause(what)

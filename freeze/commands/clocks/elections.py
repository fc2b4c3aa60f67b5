"""`freeze elections`: when a pre-election period starts at the latest."""

from __future__ import annotations

import click

from freeze.acts import due
from freeze.acts.app import App
from freeze.clocks.elections import KINDS
from freeze.commands.common import Answer, command
from freeze.report.due import answer_lines
from freeze.windows import parse_day


@click.group("elections")
def elections_command() -> None:
    """When a pre-election period starts at the latest."""


@elections_command.command("notice", epilog="Example: freeze elections notice --poll 2027-05-06")
@click.option("--poll", required=True, metavar="DATE", help="The day of the poll.")
@click.option("--kind", default="local", metavar="K", help=f"One of: {', '.join(KINDS)}. Default: local.")
@click.option("--days", type=int, metavar="N", help="Working days before the poll, where another rule applies.")
@command
def notice_command(app: App, poll: str, kind: str, days: int | None) -> Answer:
    """The last day for the notice of election: the latest possible start of the pre-election period.

    The period really starts when the notice is published, which is often earlier: ask the returning officer.
    """
    a = due.election(app, parse_day(poll, what="--poll"), kind, days)
    body = a.json() | {"kind": kind, "latest_possible_start": a.due.isoformat(), "latest_possible": True}
    return body, answer_lines(a), 0

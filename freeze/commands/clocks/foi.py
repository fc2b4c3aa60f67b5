"""`freeze foi`: when a request for information is due, and the log of those that reached an account.

Kept light: `freeze foi due` answers without settings, store or SQLAlchemy. The log's commands are loaded when called.
"""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path
from typing import IO, Any

import click

from freeze.acts import due
from freeze.acts.app import App
from freeze.clocks.answers import receipt
from freeze.clocks.regimes import DATES, REGIMES
from freeze.commands.common import Answer, command
from freeze.errors import UsageError, nearest
from freeze.report.due import answer_lines

LOG = {
    "log": ("requests", "Note a request for information that reached an account."),
    "list": ("requests", "Open requests, the first due first."),
    "show": ("requests", "One request: where it stands, and how its due date was counted."),
    "ack": ("steps", "Record that the sender was thanked; prints the texts to send."),
    "pass-on": ("steps", "Record that the request went to those who answer it."),
    "clarify": ("steps", "Record what the sender was asked for, and when it came."),
    "answer": ("steps", "Record that the request was answered, and close it."),
    "close": ("steps", "Close a request that needs no answer."),
    "recompute": ("upkeep", "Work out every open due date anew; lists those that moved."),
    "purge": ("upkeep", "Remove links and times of requests closed long ago."),
}
"""The commands of the log: the module each is in, and what it does."""


class _Foi(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's own signature
        return ["due", *LOG]

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in LOG:
            return super().get_command(ctx, name)
        module = importlib.import_module(f"freeze.commands.clocks.{LOG[name][0]}")
        found: click.Command = getattr(module, name.replace("-", "_") + "_command")
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        rest = ((name, said) for name, (_, said) in LOG.items())
        with formatter.section("Commands"):
            formatter.write_dl([("due", "When an answer is due, and why."), *rest])

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        if args and not args[0].startswith("-") and args[0] not in self.list_commands(ctx):
            raise UsageError(f'There is no command "foi {args[0]}".', nearest(args[0], self.list_commands(ctx)))
        return super().resolve_command(ctx, args)


@click.group("foi", cls=_Foi)
def foi_command() -> None:
    """Requests for information: when they are due, and the log of those that reached an account.

    A pause stops none of these clocks, and the inbox is not paused: keep reading messages.
    """


@foi_command.command("due", epilog="Example: freeze foi due --received 2026-06-01")
@click.option("--received", metavar="TIME", help="When it arrived: a date, or a time (London, if it names no zone).")
@click.option("--regime", default="foi", metavar="R", help=f"One of: {', '.join(REGIMES)}. Default: foi.")
@click.option("--fees-notice", metavar="DATE", help="When a fees notice was given.")
@click.option("--fee-received", metavar="DATE", help="When the fee came.")
@click.option("--clarification-asked", metavar="DATE", help="When the sender was asked what was meant.")
@click.option("--clarified", "clarification_received", metavar="DATE", help="When the clarification came.")
@click.option("--id-received", metavar="DATE", help="When proof of identity came (subject access).")
@click.option(
    "--code-reading", is_flag=True, help="Count by the s.45 Code: weekend receipt moves to the next working day."
)
@click.option("--batch", metavar="FILE", help="Read requests as JSON lines (- for standard input); prints JSON lines.")
@command
def due_command(
    app: App, received: str | None, regime: str, code_reading: bool, batch: str | None, **dates: str | None
) -> Answer:
    """When an answer is due: every day counted, every day left out and why, and the law."""
    if batch is not None:
        _batch(app, batch, code_reading=code_reading)
    if received is None:
        raise UsageError("Say when it arrived.", "For example: freeze foi due --received 2026-06-01")
    poll = regime.startswith("pre-election")  # the other dates say nothing about one
    at = receipt(received, what="received" if poll else "--received")
    given = {} if poll else {k: receipt(v, what=f"The date {DATES[k]}") for k, v in dates.items() if v is not None}
    a = due.due(app, regime, at, given, code_reading=code_reading)
    return a.json(), answer_lines(a), 0


def _batch(app: App, file: str, *, code_reading: bool) -> None:
    """Print each line's answer, and exit: with 2 where a line was bad."""
    try:
        source: IO[bytes] = sys.stdin.buffer if file == "-" else Path(file).open("rb")  # noqa: SIM115
    except OSError as e:
        raise UsageError(f"{file} cannot be read: {e.strerror}.", "Give a file of JSON lines.") from None
    code = 0
    with source:
        for answer in due.many(app, source, code_reading=code_reading):
            click.echo(json.dumps(answer))
            code = 2 if "error" in answer else code
    sys.exit(code)

"""`freeze foi`: when a request for information is due, and the log of those that reached an account.

Kept light: `freeze foi due` answers without settings, store or SQLAlchemy. The log's commands are loaded when called.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import IO, Any

import click

from freeze.acts.app import App
from freeze.acts.holidays import age, answer_lines, holidays, today
from freeze.clocks.answers import Answer, Receipt, receipt
from freeze.clocks.regimes import DATES, REGIMES
from freeze.clocks.statutory import due
from freeze.clocks.workdays import Holidays
from freeze.commands.common import Answer as Said
from freeze.commands.common import command
from freeze.errors import FreezeError, UsageError, nearest
from freeze.files.lines import lines
from freeze.levelling import loads

LOG = {
    "log": "Note a request for information that reached an account.",
    "list": "Open requests, the first due first.",
    "show": "One request: where it stands, and how its due date was counted.",
    "ack": "Record that the sender was thanked; prints the texts to send.",
    "pass-on": "Record that the request went to those who answer it.",
    "clarify": "Record what the sender was asked for, and when it came.",
    "answer": "Record that the request was answered, and close it.",
    "close": "Close a request that needs no answer.",
    "recompute": "Work out every open due date anew; lists those that moved.",
    "purge": "Remove links and times of requests closed long ago.",
}


class _Foi(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's own signature
        return ["due", *LOG]

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in LOG:
            return super().get_command(ctx, name)
        module = importlib.import_module("freeze.commands.clocks.requests")
        found: click.Command = getattr(module, name.replace("-", "_") + "_command")
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl([("due", "When an answer is due, and why."), *LOG.items()])

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
) -> Said:
    """When an answer is due: every day counted, every day left out and why, and the law."""
    found = holidays(app)
    if batch is not None:
        code = 0
        for line, bad in _batch(batch, found, code_reading=code_reading):
            click.echo(line)
            code = 2 if bad else code
        sys.exit(code)
    if received is None:
        raise UsageError("Say when it arrived.", "For example: freeze foi due --received 2026-06-01")
    given = {k: v for k, v in dates.items() if v is not None}
    if regime.startswith("pre-election"):
        a = case({"regime": regime, "received": received}, found)
    else:
        a = _counted(regime, receipt(received), found, given, code_reading)
    if old := age(found, today(app)):
        a = replace(a, notes=(*a.notes, old))
    return a.json(), answer_lines(a), 0


def case(data: object, found: Holidays, *, code_reading: bool = False) -> Answer:
    """One line of a batch: an object with `regime`, `received` (for elections the poll date) and maybe `params`.

    Keys of `params` that are no dates (`calendar`, `received_is`) say something about the case and count nothing.
    Raises UsageError.
    """
    if not isinstance(data, Mapping):
        raise UsageError("This line is not an object.", 'Write {"regime": "foi", "received": "2026-06-01"}.')
    name, received, params = data.get("regime", "foi"), data.get("received"), data.get("params") or {}
    if not isinstance(received, str):
        raise UsageError('"received" is missing, or is not text.', "Give a date or a time.")
    if not isinstance(name, str) or not isinstance(params, Mapping):
        raise UsageError('"regime" must be text and "params" an object.', "Correct this line.")
    from freeze.clocks.elections import BY_REGIME, notice

    at = receipt(received, what="received")
    if name in BY_REGIME:
        days = params.get("working_days_before_poll")
        if days is not None and (not isinstance(days, int) or isinstance(days, bool)):
            raise UsageError('"working_days_before_poll" is not a whole number.', "Correct this line.")
        return notice(at.day, BY_REGIME[name], found, days, given=at.given)
    for key in params:
        close = nearest(str(key), DATES)
        if key not in DATES and close.startswith("Did you mean"):
            raise UsageError(f'There is no date "{key}".', close)
    dates = {k: v for k, v in params.items() if k in DATES}
    return _counted(name, at, found, dates, code_reading)


def _counted(name: str, at: Receipt, found: Holidays, given: Mapping[str, Any], code_reading: bool) -> Answer:
    moments: dict[str, Receipt] = {}
    for key, value in given.items():
        if not isinstance(value, str):
            raise UsageError(f'"{key}" is not a date.', "Write it like 2026-09-07.")
        moments[key] = receipt(value, what=f"The date {DATES[key]}")
    notes = (*at.notes, *(note for m in moments.values() for note in m.notes))
    days = {k: m.day for k, m in moments.items()}
    return due(name, replace(at, notes=notes), found, days, code_reading=code_reading)


def _batch(file: str, found: Holidays, *, code_reading: bool) -> Iterator[tuple[str, bool]]:
    """Each line's answer, and whether the line was bad; one bad line never stops the others."""
    import json

    try:
        source: IO[bytes] = sys.stdin.buffer if file == "-" else Path(file).open("rb")  # noqa: SIM115
    except OSError as e:
        raise UsageError(f"{file} cannot be read: {e.strerror}.", "Give a file of JSON lines.") from None
    with source:
        for n, raw in lines(source):
            data: Any = None
            try:
                data = loads(raw.decode("utf-8-sig"))
                answer: dict[str, Any] = case(data, found, code_reading=code_reading).json()
            except FreezeError as e:
                answer = _bad(n, data, str(e))
            except (ValueError, RecursionError):
                answer = _bad(n, data, "This line is not JSON.")
            yield json.dumps(answer), "error" in answer


def _bad(line: int, data: object, error: str) -> dict[str, Any]:
    known = data if isinstance(data, Mapping) else {}
    return {
        "line": line,
        "regime": known.get("regime"),
        "received": known.get("received"),
        "due": None,
        "error": error,
    }

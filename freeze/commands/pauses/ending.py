"""`freeze extend`, `end`, `undo`, `resolve-end`: how a pause changes and ends. Ending moves nothing; put-back does."""

from __future__ import annotations

import click

from freeze.acts import ending as act
from freeze.acts.app import App
from freeze.commands import codes, times
from freeze.commands.common import Answer, command, progress
from freeze.errors import UsageError
from freeze.report import ending as report
from freeze.report import pause, picture
from freeze.windows import parse_day


@click.command("extend", epilog="Example: freeze extend f1 --until 2022-09-26")
@click.argument("ident", metavar="ID")
@click.option("--until", metavar="TIME", help="The new end. London time; a bare date means the end of that day.")
@click.option("--days", type=int, metavar="N", help="Whole London days in all, the first day included.")
@click.option("--hole", metavar="FROM/TO", help="Cut a gap into it, in which posts may go out.")
@command
def extend_command(app: App, ident: str, until: str | None, days: int | None, hole: str | None) -> Answer:
    """Make a pause longer, or cut a gap into it. It keeps its id; an ended pause cannot be extended."""
    if sum(x is not None for x in (until, days, hole)) != 1:
        raise UsageError("Say how: --until TIME, --days N or --hole FROM/TO.", "Give exactly one.")
    ends, gap = times.until(until) if until else None, times.hole(hole) if hole is not None else None
    return _done(app, act.extend(app, ident, until=ends, days=days, hole=gap))


@click.command("resolve-end", epilog="Example: freeze resolve-end f1 --funeral 2022-09-19")
@click.argument("ident", metavar="ID")
@click.option("--funeral", required=True, metavar="DATE", help="The day of the funeral.")
@click.option(
    "--bank-holiday",
    is_flag=False,
    flag_value="funeral",
    metavar="[DATE]",
    help="A bank holiday was proclaimed: the day of the funeral, or this date. Moves due dates; needs --source.",
)
@click.option("--source", metavar="S", help="Who says that it is a bank holiday: the Gazette, gov.uk, a proclamation.")
@command
def resolve_end_command(app: App, ident: str, funeral: str, bank_holiday: str | None, source: str | None) -> Answer:
    """Settle the end of a royal death, now that the funeral date is known: the end of that day.

    With --bank-holiday the same screen lists every open request for information whose due date moved, old and new.
    """
    day = parse_day(funeral, what="--funeral")
    if (bank_holiday is None) != (source is None):
        raise UsageError("--bank-holiday and --source belong together.", "Say who proclaimed it, or leave both out.")
    holiday = None
    if bank_holiday is not None and source is not None:
        proclaimed = day if bank_holiday == "funeral" else parse_day(bank_holiday, what="--bank-holiday")
        holiday = proclaimed, source
    return _done(app, act.resolve_end(app, ident, day, holiday))


@click.command("end", epilog="Example: freeze end f1")
@click.argument("ident", metavar="ID")
@command
def end_command(app: App, ident: str) -> Answer:
    """End a pause now (or confirm an end that is overdue). Nothing moves until put-back."""
    return _done(app, act.end(app, ident))


@click.command("undo", epilog="Example: freeze undo f1")
@click.argument("ident", metavar="ID")
@command
def undo_command(app: App, ident: str) -> Answer:
    """End a pause that was declared by mistake. Nothing moves until put-back."""
    return _done(app, act.undo(app, ident))


def _done(app: App, written: act.Written) -> Answer:
    with progress("Holding what the change covers") as told:
        done = act.carry_out(app, written, told)
    before, after, now, what = written.before, written.after, written.now, done.what
    told_also, data_also = written.told
    lines = [*report.written(before, after, now), *told_also]
    lines += report.moved(after, what, done.ran, now) if written.moves else report.over(after, what, done.others)
    body = pause.data(after, what, done.ran, now, done.known.freezes) | {"was": picture.freeze_json(before, now)}
    return body | data_also, lines, codes.of_pause(what, done.ran) if written.moves else 0

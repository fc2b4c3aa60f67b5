"""`freeze workdays`: working days and bank holidays; `add`, `count` and `list` need neither settings nor store."""

from __future__ import annotations

from typing import Any

import click

from freeze.acts import workdays
from freeze.acts.app import App
from freeze.acts.holidays import today
from freeze.clocks.workdays import NATIONS, Holiday
from freeze.commands.clocks import proclaim
from freeze.commands.common import Answer, command
from freeze.report.due import provisos
from freeze.windows import parse_day, say_day

NATION = click.option(
    "--nation", default="uk", metavar="N", help=f"uk (a bank holiday anywhere counts; default), {', '.join(NATIONS)}."
)


@click.group("workdays")
def workdays_command() -> None:
    """Working days and bank holidays of the United Kingdom."""


for _command in proclaim.COMMANDS:
    workdays_command.add_command(_command)


@workdays_command.command(
    "add", epilog="Example: freeze workdays add 2026-06-01 20", context_settings={"ignore_unknown_options": True}
)
@click.argument("day", metavar="DATE")
@click.argument("n", metavar="N", type=int)
@NATION
@command
def add_command(app: App, day: str, n: int, nation: str) -> Answer:
    """The N-th working day after a date. The date itself is day 0, whether it is a working day or not."""
    found = workdays.add(app, parse_day(day), n, nation)
    lines = [f"{say_day(found.last)}{' (provisional)' if found.late else ''}"]
    body = {
        "from": found.first.isoformat(),
        "working_days": n,
        "calendar": found.calendar,
        "date": found.last.isoformat(),
        "provisional": found.late,
    }
    return body, [*lines, *provisos(found.by, today(app), late=found.late)], 0


@workdays_command.command("count", epilog="Example: freeze workdays count 2026-06-01 2026-06-30")
@click.argument("first", metavar="DATE")
@click.argument("last", metavar="DATE")
@NATION
@command
def count_command(app: App, first: str, last: str, nation: str) -> Answer:
    """Working days after the first date, up to and including the second."""
    found = workdays.count(app, parse_day(first), parse_day(last), nation)
    a, b = found.first, found.last
    lines = [f"{found.days} working days after {say_day(a)}, up to and including {say_day(b)}."]
    body = {"from": a.isoformat(), "to": b.isoformat(), "calendar": found.calendar, "working_days": found.days}
    return body | {"provisional": found.late}, [*lines, *provisos(found.by, today(app), late=found.late)], 0


@workdays_command.command("list", epilog="Example: freeze workdays list 2026 --nation scotland")
@click.argument("year", type=int)
@NATION
@command
def list_command(app: App, year: int, nation: str) -> Answer:
    """The bank holidays of a year on weekdays, with where they hold and who says so."""
    found = workdays.of_year(app, year, nation)
    rows = found.holidays
    lines = [f"{say_day(h.day)}: {h.title} ({', '.join(h.where)}){_known(h)}" for h in rows]
    lines += [f"{len({h.day for h in rows})} days.", *provisos(found.by, today(app), late=found.late)]
    body = {"year": year, "nation": nation, "holidays": [_holiday(h) for h in rows], "provisional": found.late}
    return body, lines, 0


def _known(h: Holiday) -> str:
    announced = f", announced by {h.announced}" if h.announced else ""
    return f"{announced} [{h.source}]"


def _holiday(h: Holiday) -> dict[str, Any]:
    return {"date": h.day.isoformat(), "title": h.title, "nations": list(h.where), "source": h.source}

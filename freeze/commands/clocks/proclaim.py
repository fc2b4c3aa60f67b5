"""Bank holidays changed: `freeze workdays proclaim`, `withdraw` and `refresh`."""

from __future__ import annotations

from typing import Any

import click

from freeze.acts.app import App
from freeze.clocks.workdays import NATIONS, Change, said_nations
from freeze.commands.common import Answer, command
from freeze.windows import parse_day, say_day

NATIONS_OF = click.option(
    "--nation", "nations", multiple=True, metavar="N", help=f"Only there: {', '.join(NATIONS)}. Else everywhere."
)


@click.command(
    "proclaim",
    epilog='Example: freeze workdays proclaim 2022-09-19 "State funeral" --source https://www.thegazette.co.uk',
)
@click.argument("day", metavar="DATE")
@click.argument("title")
@click.option("--source", required=True, metavar="S", help="Who says so: the Gazette, gov.uk, a proclamation.")
@NATIONS_OF
@click.option("--announced", metavar="DATE", help="When it was announced (else today).")
@click.option("--appointed", is_flag=True, help="Not a bank holiday: a day appointed for thanksgiving or mourning.")
@command
def proclaim_command(
    app: App, day: str, title: str, source: str, nations: tuple[str, ...], announced: str | None, appointed: bool
) -> Answer:
    """Add a bank holiday that no data knows yet; lists every open request that it moves, old and new.

    A day appointed for thanksgiving or mourning counts for elections only: it moves no request.
    """
    from freeze.acts import bank_holidays  # with the store, which counting does without
    from freeze.report.requests import moved_json, moved_lines

    on, when = parse_day(day), parse_day(announced, what="--announced") if announced else None
    done = bank_holidays.proclaim(app, on, title, source, nations=nations, announced=when, appointed=appointed)
    if done.added is None:
        held = "; ".join(done.held)
        said = f"{say_day(on)} is a bank holiday there already: {held}. Nothing was changed."
        return {"added": None, "moved": []}, [said], 0
    lines = [f"Added: {done.added.says()}. Source: {done.added.source}."]
    lines += [f"  Taken back with: freeze workdays withdraw {on}", *moved_lines(done.moved)]
    return {"added": _change(done.added), "moved": moved_json(done.moved)}, lines, 0


@click.command("withdraw", epilog="Example: freeze workdays withdraw 2022-09-19")
@click.argument("day", metavar="DATE")
@NATIONS_OF
@command
def withdraw_command(app: App, day: str, nations: tuple[str, ...]) -> Answer:
    """Take back a day that was proclaimed by mistake, or that has ceased to be a bank holiday."""
    from freeze.acts import bank_holidays  # with the store, which counting does without
    from freeze.report.requests import moved_json, moved_lines

    done = bank_holidays.withdraw(app, parse_day(day), nations)
    lines = ["Taken back:", *(f"  {c.says()}" for c in done.gone), *moved_lines(done.moved)]
    return {"withdrawn": [_change(c) for c in done.gone], "moved": moved_json(done.moved)}, lines, 0


@click.command("refresh", epilog="Example: freeze workdays refresh https://www.gov.uk/bank-holidays.json")
@click.argument("source", metavar="FILE|URL")
@click.option("--drop", multiple=True, metavar="DATE", help="Take this day away, which the new data no longer has.")
@command
def refresh_command(app: App, source: str, drop: tuple[str, ...]) -> Answer:
    """Merge newer data from gov.uk; never replaces what it does not mention. Lists every change and disagreement.

    New days are taken over. A day that the data no longer has is only reported, until --drop names it. Ends with 1
    while sources disagree.
    """
    from freeze.acts import refresh  # with the store, which counting does without
    from freeze.report.requests import moved_json, moved_lines

    found = refresh.refresh(app, source, {parse_day(d, what="--drop") for d in drop})
    lines = [f"Compared with {source}, which covers {found.years[0]} to {found.years[1]}."]
    lines += [f"  New: {c.says()}" for c in found.new] or ["  Nothing new."]
    lines += [f"  Taken away: {c.says()}" for c in found.dropped]
    lines += [f"  DISAGREES: {c.says()}: not in that data. --drop {c.day} takes it away." for c in found.left]
    lines += [f"  DISAGREES: {line}" for line in found.differ]
    lines += moved_lines(found.moved)
    body = {
        "years": list(found.years),
        "new": [_change(c) for c in found.new],
        "dropped": [_change(c) for c in found.dropped],
        "not_in_new_data": [_change(c) for c in found.left],
        "disagreements": found.differ,
        "moved": moved_json(found.moved),
    }
    return body, lines, 1 if found.left or found.differ else 0


def _change(c: Change) -> dict[str, Any]:
    return {"date": c.day.isoformat(), "title": c.title, "nations": list(said_nations(c.nations)), "source": c.source}


COMMANDS = (proclaim_command, withdraw_command, refresh_command)

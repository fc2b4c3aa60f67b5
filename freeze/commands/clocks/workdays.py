"""`freeze workdays`: working days, bank holidays, days proclaimed tonight, and newer data from gov.uk."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from freeze.acts.app import App
from freeze.acts.holidays import age, holidays, today
from freeze.clocks.workdays import (
    ALIASES,
    ANYWHERE,
    APPOINTED,
    NATIONS,
    Change,
    Holiday,
    Holidays,
    checked,
    from_package,
    said_nations,
)
from freeze.commands.common import Answer, command
from freeze.errors import CouldNotKnow, UsageError, nearest
from freeze.levelling import loads
from freeze.windows import parse_day, say_day
from freeze.words import safe

TIME = 15.0  # seconds for the whole of it
LARGEST = 5_000_000
"""Bytes of a file of bank holidays; gov.uk's own has some 30,000."""

NATION = click.option(
    "--nation", default="uk", metavar="N", help=f"uk (a bank holiday anywhere counts; default), {', '.join(NATIONS)}."
)
NATIONS_OF = click.option(
    "--nation", "nations", multiple=True, metavar="N", help=f"Only there: {', '.join(NATIONS)}. Else everywhere."
)


@click.group("workdays")
def workdays_command() -> None:
    """Working days and bank holidays of the United Kingdom."""


@workdays_command.command(
    "add", epilog="Example: freeze workdays add 2026-06-01 20", context_settings={"ignore_unknown_options": True}
)
@click.argument("day", metavar="DATE")
@click.argument("n", metavar="N", type=int)
@NATION
@command
def add_command(app: App, day: str, n: int, nation: str) -> Answer:
    """The N-th working day after a date. The date itself is day 0, whether it is a working day or not."""
    found = holidays(app)
    calendar = found.nation(nation)
    start = parse_day(day)
    end = calendar.add(start, n)
    late = end.year > found.until
    lines = [f"{say_day(end)}{' (provisional)' if late else ''}", *_notes(app, found, late)]
    return (
        {
            "from": start.isoformat(),
            "working_days": n,
            "calendar": calendar.name,
            "date": end.isoformat(),
            "provisional": late,
        },
        lines,
        0,
    )


@workdays_command.command("count", epilog="Example: freeze workdays count 2026-06-01 2026-06-30")
@click.argument("first", metavar="DATE")
@click.argument("last", metavar="DATE")
@NATION
@command
def count_command(app: App, first: str, last: str, nation: str) -> Answer:
    """Working days after the first date, up to and including the second."""
    found = holidays(app)
    calendar = found.nation(nation)
    a, b = parse_day(first), parse_day(last)
    n = calendar.count(a, b)
    late = b.year > found.until
    lines = [f"{n} working days after {say_day(a)}, up to and including {say_day(b)}.", *_notes(app, found, late)]
    body = {"from": a.isoformat(), "to": b.isoformat(), "calendar": calendar.name, "working_days": n}
    return body | {"provisional": late}, lines, 0


@workdays_command.command("list", epilog="Example: freeze workdays list 2026 --nation scotland")
@click.argument("year", type=int)
@NATION
@command
def list_command(app: App, year: int, nation: str) -> Answer:
    """The bank holidays of a year on weekdays, with where they hold and who says so."""
    found = holidays(app)
    found.nation(nation)
    rows = found.of_year(year, ANYWHERE | APPOINTED if nation == "uk" else NATIONS[ALIASES.get(nation, nation)])
    late = year > found.until
    lines = [f"{say_day(h.day)}: {h.title} ({', '.join(h.where)}){_known(h)}" for h in rows]
    lines += [f"{len({h.day for h in rows})} days."]
    body = {"year": year, "nation": nation, "holidays": [_holiday(h) for h in rows], "provisional": late}
    return body, [*lines, *_notes(app, found, late)], 0


@workdays_command.command(
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
    from freeze.acts import clocks
    from freeze.clocks.refresh import already

    on, when = checked(parse_day(day)), parse_day(announced, what="--announced") if announced else today(app)
    if on.weekday() > 4 and not appointed:
        raise UsageError(f"{say_day(on)} is not a working day anyway.", "Give the weekday that was proclaimed.")
    wanted = APPOINTED if appointed else _nations(nations)
    known = holidays(app)
    fresh = wanted & ~(0 if appointed else already(known, on, wanted))
    if not fresh:
        held = known.on(on)
        said = (
            f"{say_day(on)} is a bank holiday there already: {'; '.join(h.title for h in held)}. Nothing was changed."
        )
        return {"added": None, "moved": []}, [said], 0
    change = Change(on, " ".join(title.split())[:200], fresh, source.strip()[:300], when)
    moved = _write(app, [change])
    lines = [f"Added: {change.says()}. Source: {change.source}."]
    lines += [f"  Taken back with: freeze workdays withdraw {on}", *clocks.moved_lines(moved)]
    return {"added": _change(change), "moved": clocks.moved_json(moved)}, lines, 0


@workdays_command.command("withdraw", epilog="Example: freeze workdays withdraw 2022-09-19")
@click.argument("day", metavar="DATE")
@NATIONS_OF
@command
def withdraw_command(app: App, day: str, nations: tuple[str, ...]) -> Answer:
    """Take back a day that was proclaimed by mistake, or that has ceased to be a bank holiday."""
    from freeze.acts import clocks

    on = checked(parse_day(day))
    there = holidays(app).on(on)
    wanted = _nations(nations) | (0 if nations else APPOINTED)
    gone = [Change(on, h.title, h.nations & wanted, h.source, gone=True) for h in there if h.nations & wanted]
    if not gone:
        raise UsageError(f"{say_day(on)} is no bank holiday there.", f"See: freeze workdays list {on.year}")
    moved = _write(app, gone)
    return (
        {"withdrawn": [_change(c) for c in gone], "moved": clocks.moved_json(moved)},
        ["Taken back:", *clocks.change_lines(gone), *clocks.moved_lines(moved)],
        0,
    )


@workdays_command.command("refresh", epilog="Example: freeze workdays refresh https://www.gov.uk/bank-holidays.json")
@click.argument("source", metavar="FILE|URL")
@click.option("--drop", multiple=True, metavar="DATE", help="Take this day away, which the new data no longer has.")
@command
def refresh_command(app: App, source: str, drop: tuple[str, ...]) -> Answer:
    """Merge newer data from gov.uk; never replaces what it does not mention. Lists every change and disagreement.

    New days are taken over. A day that the data no longer has is only reported, until --drop names it. Ends with 1
    while sources disagree.
    """
    from freeze.acts import clocks
    from freeze.clocks.refresh import compare, disagreements, from_gov_uk
    from freeze.store import holidays as holiday_store
    from freeze.store.journal import Transaction, once

    published = from_gov_uk(_read(source))
    app.may("holidays")
    now, on = app.now(), today(app)
    dropped = {parse_day(d, what="--drop") for d in drop}

    def write(tx: Transaction) -> tuple[Any, clocks.Moved]:
        known = clocks.calendar(app, tx.c)
        found = compare(known, published, on, "gov.uk")
        missing = dropped - {c.day for c in found.gone}
        if missing:
            day = min(missing)
            raise UsageError(
                f"{say_day(day)} is not a day that the new data lacks.", "See what it lacks without --drop."
            )
        holiday_store.compared(tx.c, found.years[1], on)
        tx.log(now, "holidays.refreshed", {"new": len(found.new), "gone": len(found.gone), "until": found.years[1]})
        changes = [*found.new, *(c for c in found.gone if c.day in dropped)]
        return found, clocks.change_holidays(app, tx, changes, now)

    found, moved = once(app.store, app.actor, write)
    left = [c for c in found.gone if c.day not in dropped]
    package = from_package(range(found.years[0], found.years[1] + 1))
    differ = disagreements(published, package)
    lines = [f"Compared with {source}, which covers {found.years[0]} to {found.years[1]}."]
    lines += [f"  New: {c.says()}" for c in found.new] or ["  Nothing new."]
    lines += [f"  Taken away: {c.says()}" for c in found.gone if c.day in dropped]
    lines += [f"  DISAGREES: {c.says()}: not in that data. --drop {c.day} takes it away." for c in left]
    lines += [f"  DISAGREES: {line}" for line in differ]
    lines += clocks.moved_lines(moved)
    body = {
        "years": list(found.years),
        "new": [_change(c) for c in found.new],
        "dropped": [_change(c) for c in found.gone if c.day in dropped],
        "not_in_new_data": [_change(c) for c in left],
        "disagreements": differ,
        "moved": clocks.moved_json(moved),
    }
    return body, lines, 1 if left or differ else 0


def _write(app: App, changes: list[Change]) -> Any:
    from freeze.acts import clocks
    from freeze.store.journal import once

    app.may("holidays")
    now = app.now()
    return once(app.store, app.actor, lambda tx: clocks.change_holidays(app, tx, changes, now))


def _read(source: str) -> Any:
    """The JSON at a path, or at an address: https, or this computer. Raises UsageError or CouldNotKnow."""
    if "://" in source:
        raw = _fetch(source)
    else:
        try:
            with Path(source).open("rb") as f:
                raw = f.read(LARGEST + 1)
        except (OSError, ValueError) as e:
            why = (isinstance(e, OSError) and e.strerror) or "that is no path"
            raise UsageError(f"{safe(source, 200)} cannot be read: {why}.", "Give a file, or an address.") from None
    if len(raw) > LARGEST:
        raise UsageError(f"{safe(source, 200)} is too large to be a list of bank holidays.")
    try:
        return loads(raw.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise UsageError(f"{safe(source, 200)} is not JSON.", "Save https://www.gov.uk/bank-holidays.json.") from None


def _fetch(url: str) -> bytes:
    from http.client import HTTPException
    from urllib.parse import urlsplit

    from freeze.council.practice import LOOPBACK
    from freeze.files.fetched import fetch

    shown = safe(url, 200)
    try:
        where = urlsplit(url)
        here = where.hostname in LOOPBACK
        secret = where.username or where.password
    except ValueError:
        raise UsageError("That is not an address.", "Give one that begins with https://, or a file's path.") from None
    if secret:
        raise UsageError("An address with a user or password in it is not taken.", "Give it without them.")
    if where.scheme != "https" and not (here and where.scheme == "http"):
        raise UsageError(
            f"{shown} is not a safe address: only one that begins with https://, or a file's path, is taken.",
            "Save the data as a file and give its path, without file:// before it.",
        )
    try:
        raw = fetch(url, TIME, proxies=not here, most=LARGEST)
    except (OSError, HTTPException, ValueError) as e:
        raise CouldNotKnow(
            f"{shown} cannot be read: {safe(str(e), 200)}.", "Save it as a file and give that."
        ) from None
    return raw


def _nations(names: tuple[str, ...]) -> int:
    wanted = 0
    for name in names:
        known = ALIASES.get(name, name)
        if known not in NATIONS:
            raise UsageError(f'There is no nation "{name}".', nearest(name, NATIONS))
        wanted |= NATIONS[known]
    return wanted or ANYWHERE


def _notes(app: App, found: Holidays, late: bool) -> Iterator[str]:
    if late:
        yield f"Bank holidays are published to the end of {found.until} only: provisional."
    if old := age(found, today(app)):
        yield old


def _known(h: Holiday) -> str:
    announced = f", announced by {h.announced}" if h.announced else ""
    return f"{announced} [{h.source}]"


def _holiday(h: Holiday) -> dict[str, Any]:
    return {"date": h.day.isoformat(), "title": h.title, "nations": list(h.where), "source": h.source}


def _change(c: Change) -> dict[str, Any]:
    return {"date": c.day.isoformat(), "title": c.title, "nations": list(said_nations(c.nations)), "source": c.source}

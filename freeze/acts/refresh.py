"""Merging newer data about bank holidays from gov.uk: never replaces what it does not mention."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from freeze.acts import clocks
from freeze.acts.app import App
from freeze.acts.holidays import today
from freeze.clocks.refresh import Compared, compare, disagreements, from_gov_uk
from freeze.clocks.workdays import Change, from_package
from freeze.errors import CouldNotKnow, UsageError
from freeze.levelling import loads
from freeze.report.requests import Moved
from freeze.store import holidays as holiday_store
from freeze.store.journal import Transaction, once
from freeze.windows import say_day
from freeze.words import safe

TIME = 15.0  # seconds for the whole of it
LARGEST = 5_000_000
"""Bytes of a file of bank holidays; gov.uk's own has some 30,000."""


@dataclass(frozen=True)
class Refreshed:
    """What newer data changed: `new` days, days `dropped`, and the open requests that this moved.

    `years` are the first and the last it covers; `left` are days that it lacks and that stand, `differ` says where it
    and the calendars of another source disagree.
    """

    years: tuple[int, int]
    new: Sequence[Change]
    dropped: Sequence[Change]
    left: Sequence[Change]
    differ: Sequence[str]
    moved: Moved


def refresh(app: App, source: str, drop: Collection[date] = ()) -> Refreshed:
    """Take over the new days of a file, or of an address (https, or this computer); a day it lacks only if in `drop`.

    Raises UsageError for what is no such data, CouldNotKnow where it cannot be read.
    """
    published = from_gov_uk(read(source))
    app.may("holidays")
    now, on, dropped = app.now(), today(app), set(drop)

    def write(tx: Transaction) -> tuple[Compared, Moved]:
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
    first, last = found.years
    return Refreshed(
        found.years,
        found.new,
        [c for c in found.gone if c.day in dropped],
        [c for c in found.gone if c.day not in dropped],
        disagreements(published, from_package(range(first, last + 1))),
        moved,
    )


def read(source: str) -> Any:
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

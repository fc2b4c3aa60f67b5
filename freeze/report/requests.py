"""Requests for information in words, as data and as CSV. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from freeze.clocks.requests import Request, State
from freeze.files import sheet
from freeze.windows import LONDON, say_day
from freeze.words import many

SHORT = 280
"""The length of a message on X (its documentation; a link counts as 23 characters there, here as it is written)."""

KEPT = ("channel", "account", "link", "received", "regime", "reference", "closed_because")
TIMES = ("logged_at", "acknowledged_at", "passed_on_at", "answered_on", "closed_at")
COLUMNS = ("id", "state", *KEPT, "received_on", "due", "safe_target", "pass_on_by", *TIMES)

Moved = Sequence[tuple[Request, Request]]
"""Requests as they were, and as they are."""


def stands(r: Request) -> str:
    """Where a request stands, in a line."""
    kind = "not sure which kind, counted as FOI" if r.regime == "not-sure" else r.regime
    safe_target = f" (safe target {say_day(r.safe_target)})" if r.safe_target != r.due else ""
    return f"{r.state.value}; {kind}; received {say_day(r.received_on)}; due {say_day(r.due)}{safe_target}."


def late(r: Request, day: date) -> str:
    """What is late about a request on a London day, or what comes next; for a closed one, why it was closed."""
    if r.state is State.CLOSED:
        return r.closed_because
    if day > r.due:
        return f"LATE: {many((day - r.due).days, 'day')} past its due date"
    if r.passed_on_at is None:
        end = f"by the end of {say_day(r.pass_on_by)}"
        return f"NOT PASSED ON {end}" if day > r.pass_on_by else f"pass it on {end}"
    return f"waiting for {r.waits_for}" if r.waits_for else ""


def filled(r: Request, council: str, long: str, short: str) -> Mapping[str, str]:
    """The two texts of acknowledgement with their gaps filled."""
    day = f"{r.due.day} {r.due:%B %Y}"
    return {k: v.replace("{due}", day).replace("{council}", council) for k, v in (("long", long), ("short", short))}


def texts(made: Mapping[str, str]) -> list[str]:
    """The texts to send, with the length of the short one."""
    n = len(made["short"])
    fits = f"{n} of {SHORT} characters" if n <= SHORT else f"TOO LONG for X: {n} characters, {SHORT} are allowed"
    return ["  To send:", f"    {made['long']}", f"  To send on X ({fits}):", f"    {made['short']}"]


def data(r: Request, day: date) -> dict[str, Any]:
    """A request for `--json`; instants in UTC, dates in London."""
    return {
        "id": r.ref,
        "state": r.state.value,
        **{k: getattr(r, k) for k in KEPT},
        "received_date": r.received_on.isoformat(),
        "due": r.due.isoformat(),
        "safe_target": r.safe_target.isoformat(),
        "pass_on_by": r.pass_on_by.isoformat(),
        "dates": {k: d.isoformat() for k, d in r.dates.items()},
        **{k: when.isoformat() if (when := getattr(r, k)) else None for k in TIMES},
        "not_passed_on_in_time": r.state is not State.CLOSED and r.passed_on_at is None and day > r.pass_on_by,
        "overdue": r.state is not State.CLOSED and day > r.due,
    }


def moved_lines(moved: Moved) -> Iterator[str]:
    """Every date that moved, old and new."""
    if not moved:
        yield "No open request for information moved."
        return
    yield f"{many(len(moved), 'open request')} for information moved:"
    for old, new in moved:
        safe = f" (safe target: {say_day(new.safe_target)})" if new.safe_target != new.due else ""
        yield f"  {new.ref}  was due {say_day(old.due)}, now {say_day(new.due)}{safe}"


def moved_json(moved: Moved) -> list[dict[str, Any]]:
    """The same for `--json`."""
    return [
        {
            "id": new.ref,
            "received_date": new.received_on.isoformat(),
            "was": old.due.isoformat(),
            "due": new.due.isoformat(),
            "safe_target": new.safe_target.isoformat(),
        }
        for old, new in moved
    ]


def table(found: Iterable[Request]) -> str:
    """Requests as CSV, London times."""
    return sheet.table([COLUMNS, *([_cell(r.ref if k == "id" else getattr(r, k)) for k in COLUMNS] for r in found)])


def _cell(value: object) -> object:
    return value.astimezone(LONDON).isoformat(timespec="minutes") if isinstance(value, datetime) else value

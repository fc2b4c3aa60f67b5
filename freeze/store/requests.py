"""Requests for information in the store."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection
from sqlmodel import col, select

from freeze.clocks.requests import Request, computed
from freeze.clocks.workdays import Calendar, Holidays
from freeze.errors import UsageError
from freeze.store.rows.clocks import InformationRequest as Row
from freeze.store.session import session


def all_of(c: Connection, *, open_only: bool = False) -> list[Request]:
    """Every request, or those that are not closed, the first due first."""
    query = select(Row).order_by(col(Row.due), col(Row.id))
    if open_only:
        query = query.where(col(Row.closed_at).is_(None))
    with session(c) as s:
        return [_request(r) for r in s.exec(query)]


def one(c: Connection, ref: str) -> Request:
    """The request with this short id ("r3", or "3"). Raises UsageError when there is none."""
    number = ref.strip().lower().removeprefix("r")
    if number.isdecimal() and len(number) < 10:
        with session(c) as s:
            row = s.get(Row, int(number))
        if row is not None:
            return _request(row)
    raise UsageError(f'There is no request "{ref}".', "See: freeze foi list --all")


def with_link(c: Connection, link: str) -> Request | None:
    """The open request that came by this link, if there is one."""
    with session(c) as s:
        row = s.exec(select(Row).where(Row.link == link, col(Row.closed_at).is_(None))).first()
    return _request(row) if row is not None and link else None


def insert(c: Connection, r: Request) -> Request:
    """Add a request; gives it its number."""
    row = Row(**_values(r))
    with session(c) as s:
        s.add(row)
        s.flush()
    assert row.id is not None
    return replace(r, number=row.id)


def update(c: Connection, r: Request) -> None:
    """Write a changed request back."""
    with session(c) as s:
        s.get_one(Row, r.number).sqlmodel_update(_values(r))
        s.flush()


def recomputed(c: Connection, holidays: Holidays, desk: Calendar) -> list[tuple[Request, Request]]:
    """Every open request whose due date or safe target this calendar moves: as it was, and as it is.

    Written back by the caller with `update`, so that looking changes nothing.
    """
    moved = []
    for old in all_of(c, open_only=True):
        new = computed(old, holidays, desk)
        if (new.due, new.safe_target) != (old.due, old.safe_target):
            moved.append((old, new))
    return moved


def _values(r: Request) -> dict[str, Any]:
    return {
        "channel": r.channel,
        "account": r.account,
        "link": r.link,
        "received": r.received,
        "received_on": r.received_on.isoformat(),
        "regime": r.regime,
        "dates": {k: d.isoformat() for k, d in r.dates.items()},
        "due": r.due.isoformat(),
        "safe_target": r.safe_target.isoformat(),
        "pass_on_by": r.pass_on_by.isoformat(),
        "logged_at": r.logged_at,
        "logged_by": r.logged_by,
        "acknowledged_at": r.acknowledged_at,
        "passed_on_at": r.passed_on_at,
        "reference": r.reference,
        "answered_on": r.answered_on.isoformat() if r.answered_on else "",
        "closed_at": r.closed_at,
        "closed_because": r.closed_because,
        "purged_at": r.purged_at,
    }


def _request(row: Row) -> Request:
    values = row.model_dump()
    number = values.pop("id")
    for key in ("received_on", "due", "safe_target", "pass_on_by"):
        values[key] = date.fromisoformat(values[key])
    values["answered_on"] = date.fromisoformat(values["answered_on"]) if values["answered_on"] else None
    values["dates"] = {k: date.fromisoformat(d) for k, d in values["dates"].items()}
    return Request(number=number, **values)


def closed_before(c: Connection, at: datetime) -> list[Request]:
    """Closed requests whose link and time of day are still kept although they were closed before `at`."""
    return [r for r in all_of(c) if r.closed_at is not None and r.closed_at < at and r.purged_at is None]

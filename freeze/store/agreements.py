"""Agreements in the store: that somebody accountable said yes."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Connection
from sqlmodel import col, select

from freeze.agreements import Agreement
from freeze.store.rows.rules import Agreement as Row
from freeze.store.session import session


def all_of(c: Connection) -> list[Agreement]:
    """Every agreement, the first one first."""
    with session(c) as s:
        return [_agreement(r) for r in s.exec(select(Row).order_by(col(Row.id)))]


def add(c: Connection, a: Agreement) -> Agreement:
    """Store a new agreement (`number` is ignored); gives it with its number."""
    row = Row(
        matter=a.matter,
        given_by=a.by,
        at=a.at,
        posts=list(a.posts),
        content=list(a.content),
        campaign=a.campaign,
        reference=a.reference,
        until=a.until.isoformat() if a.until else "",
    )
    with session(c) as s:
        s.add(row)
        s.flush()
        s.refresh(row)
        return _agreement(row)


def end(c: Connection, number: int, last: date) -> None:
    """Let an agreement count through the London day `last` only; its number is never given again."""
    with session(c) as s:
        s.get_one(Row, number).until = last.isoformat()
        s.flush()


def _agreement(r: Row) -> Agreement:
    assert r.id is not None
    return Agreement(
        number=r.id,
        matter=r.matter,
        by=r.given_by,
        at=r.at,
        posts=tuple(r.posts),
        content=tuple(r.content),
        campaign=r.campaign,
        reference=r.reference,
        until=date.fromisoformat(r.until) if r.until else None,
    )

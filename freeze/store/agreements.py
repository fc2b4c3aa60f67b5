"""Agreements in the store: that somebody accountable said yes."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Connection, select

from freeze.agreements import Agreement, Matter
from freeze.store.tables import AGREEMENT


def all_of(c: Connection) -> list[Agreement]:
    """Every agreement, the first one first."""
    return [_agreement(r) for r in c.execute(select(AGREEMENT).order_by(AGREEMENT.c.id))]


def add(c: Connection, a: Agreement) -> Agreement:
    """Store a new agreement (`number` is ignored); gives it with its number."""
    row = {
        "matter": a.matter.value,
        "given_by": a.by,
        "at": a.at,
        "posts": list(a.posts),
        "content": list(a.content),
        "campaign": a.campaign,
        "reference": a.reference,
        "until": a.until.isoformat() if a.until else "",
    }
    number = c.execute(AGREEMENT.insert().returning(AGREEMENT.c.id), [row]).scalar_one()
    return _agreement(c.execute(select(AGREEMENT).where(AGREEMENT.c.id == number)).one())


def end(c: Connection, number: int, last: date) -> None:
    """Let an agreement count through the London day `last` only; its number is never given again."""
    c.execute(AGREEMENT.update().where(AGREEMENT.c.id == number).values(until=last.isoformat()))


def _agreement(r: Any) -> Agreement:
    return Agreement(
        number=r.id,
        matter=Matter(r.matter),
        by=r.given_by,
        at=r.at,
        posts=tuple(r.posts),
        content=tuple(r.content),
        campaign=r.campaign,
        reference=r.reference,
        until=date.fromisoformat(r.until) if r.until else None,
    )

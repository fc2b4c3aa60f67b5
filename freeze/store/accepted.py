"""Findings that are known and fine, in the store."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, select

from freeze.store.tables import ACCEPTED


@dataclass(frozen=True, slots=True)
class Accepted:
    """One finding that stays quiet through the London day `until`; `baseline`: it was there on the first night."""

    ref: str
    reason: str
    until: date
    at: datetime
    who: str
    sentence: str
    baseline: bool = False


def all_of(c: Connection) -> list[Accepted]:
    """Every accepted finding, the latest first."""
    return [_accepted(r) for r in c.execute(select(ACCEPTED).order_by(ACCEPTED.c.at.desc(), ACCEPTED.c.ref))]


def quiet(c: Connection, today: date) -> dict[str, Accepted]:
    """Those that are quiet on a London day, by the finding's short id."""
    return {a.ref: a for a in all_of(c) if today <= a.until}


def save(c: Connection, accepted: Iterable[Accepted]) -> None:
    """Accept these findings, anew where they were accepted before."""
    for a in accepted:
        c.execute(ACCEPTED.delete().where(ACCEPTED.c.ref == a.ref))
        c.execute(
            ACCEPTED.insert().values(
                ref=a.ref,
                reason=a.reason,
                until=a.until.isoformat(),
                at=a.at,
                who=a.who,
                sentence=a.sentence,
                baseline=a.baseline,
            )
        )


def _accepted(r: Any) -> Accepted:
    return Accepted(r.ref, r.reason, date.fromisoformat(r.until), r.at, r.who, r.sentence, r.baseline)

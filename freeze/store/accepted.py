"""Findings that are known and fine, in the store."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection
from sqlmodel import col, select

from freeze.judging.acceptance import short
from freeze.store.rows.rules import AcceptedFinding as Row
from freeze.store.session import session


@dataclass(frozen=True, slots=True)
class Accepted:
    """One finding that stays quiet through the London day `until`; `baseline`: set aside together with others.

    `mark` is what it is known by (`freeze.judging.acceptance.mark`).
    """

    mark: str
    reason: str
    until: date
    at: datetime
    who: str
    sentence: str
    baseline: bool = False

    @property
    def ref(self) -> str:
        """The finding's short id."""
        return short(self.mark)


def all_of(c: Connection) -> list[Accepted]:
    """Every accepted finding, the latest first."""
    with session(c) as s:
        return [_accepted(r) for r in s.exec(select(Row).order_by(col(Row.at).desc(), col(Row.ref)))]


def quiet(c: Connection, today: date) -> dict[str, Accepted]:
    """Those that are quiet on a London day, by what they are known by."""
    return {a.mark: a for a in all_of(c) if today <= a.until}


def save(c: Connection, accepted: Iterable[Accepted]) -> None:
    """Accept these findings, anew where they were accepted before."""
    latest = {a.mark: a for a in accepted}
    remove(c, [a.ref for a in latest.values()])
    rows = [
        Row(
            ref=a.mark,
            reason=a.reason,
            until=a.until.isoformat(),
            at=a.at,
            who=a.who,
            sentence=a.sentence,
            baseline=a.baseline,
        )
        for a in latest.values()
    ]
    with session(c) as s:
        s.add_all(rows)
        s.flush()


def remove(c: Connection, refs: Iterable[str]) -> int:
    """Let the findings with these short ids be heard again; gives how many were quiet."""
    wanted = set(refs)
    with session(c) as s:
        gone = [row for row in s.exec(select(Row)) if short(row.ref) in wanted]
        for row in gone:
            s.delete(row)
        s.flush()
    return len(gone)


def _accepted(r: Row) -> Accepted:
    return Accepted(r.ref, r.reason, date.fromisoformat(r.until), r.at, r.who, r.sentence, r.baseline)

"""Findings that are known and fine, in the store."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, select

from freeze.judging.acceptance import short
from freeze.store.tables import ACCEPTED


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
    return [_accepted(r) for r in c.execute(select(ACCEPTED).order_by(ACCEPTED.c.at.desc(), ACCEPTED.c.ref))]


def quiet(c: Connection, today: date) -> dict[str, Accepted]:
    """Those that are quiet on a London day, by what they are known by."""
    return {a.mark: a for a in all_of(c) if today <= a.until}


def save(c: Connection, accepted: Iterable[Accepted]) -> None:
    """Accept these findings, anew where they were accepted before."""
    latest = {a.mark: a for a in accepted}
    remove(c, [a.ref for a in latest.values()])
    rows = [
        {
            "ref": a.mark,
            "reason": a.reason,
            "until": a.until.isoformat(),
            "at": a.at,
            "who": a.who,
            "sentence": a.sentence,
            "baseline": a.baseline,
        }
        for a in latest.values()
    ]
    if rows:
        c.execute(ACCEPTED.insert(), rows)


def remove(c: Connection, refs: Iterable[str]) -> int:
    """Let the findings with these short ids be heard again; gives how many were quiet."""
    wanted = set(refs)
    gone = [mark for (mark,) in c.execute(select(ACCEPTED.c.ref)) if short(mark) in wanted]
    for start in range(0, len(gone), 500):
        c.execute(ACCEPTED.delete().where(ACCEPTED.c.ref.in_(gone[start : start + 500])))
    return len(gone)


def _accepted(r: Any) -> Accepted:
    return Accepted(r.ref, r.reason, date.fromisoformat(r.until), r.at, r.who, r.sentence, r.baseline)

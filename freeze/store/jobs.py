"""Repeated work in the store: who claimed which slot, which processes keep the guard going, what readers were told."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select

from freeze.people.signs import Beat
from freeze.store.tables import DIGEST, JOB, META

KEEPER = "keeper"
REMEMBERED = timedelta(days=7)
"""How long a process that ended is still named."""


def lock_of(job: str, slot: str) -> str:
    """The name (see `alive`) that a process holds for as long as it works on a slot."""
    return f"{job}-{slot}"


def claim(c: Connection, job: str, slot: str, who: str, now: datetime) -> Any:
    """Claim one slot of a job, in the caller's serialised transaction; None when it is now this process's own.

    Otherwise the row of whoever did it: who, claimed_at, done_at. The caller holds the slot's lock, so whoever left it
    unfinished is dead, and is taken over from.
    """
    found = claimed(c, job, slot)
    if found is None:
        c.execute(JOB.insert().values(job=job, slot=slot, who=who, claimed_at=now))
        return None
    if found.done_at is None:
        c.execute(JOB.update().where(JOB.c.job == job, JOB.c.slot == slot).values(who=who, claimed_at=now))
        return None
    return found


def release(c: Connection, job: str, slot: str, who: str) -> None:
    """Give a slot back that could not be done, so that the next try can claim it."""
    c.execute(JOB.delete().where(JOB.c.job == job, JOB.c.slot == slot, JOB.c.who == who, JOB.c.done_at.is_(None)))


def claimed(c: Connection, job: str, slot: str) -> Any:
    """Who claimed a slot, and how far it came: who, claimed_at, done_at; None where nobody did."""
    return c.execute(select(JOB).where(JOB.c.job == job, JOB.c.slot == slot)).first()


def done(c: Connection, job: str, slot: str, now: datetime) -> None:
    """Note that a slot was done."""
    c.execute(JOB.update().where(JOB.c.job == job, JOB.c.slot == slot).values(done_at=now))


def last_done(c: Connection, job: str) -> Any:
    """The latest slot of a job that was done: slot, who, done_at; None where there is none."""
    return c.execute(
        select(JOB).where(JOB.c.job == job, JOB.c.done_at.is_not(None)).order_by(JOB.c.slot.desc()).limit(1)
    ).first()


def beats(c: Connection) -> list[Beat]:
    """Every keeper and nightly job that was heard of lately, the latest first."""
    row = c.execute(select(META.c.value).where(META.c.key == KEEPER)).first()
    found = [Beat.from_json(b) for b in json.loads(row[0])] if row else []
    return sorted(found, key=lambda b: b.at, reverse=True)


def beat(c: Connection, mine: Beat) -> None:
    """Note a sign of life, in the caller's serialised transaction; those long silent are forgotten."""
    there = beats(c)
    kept: Iterable[Beat] = (b for b in there if b.id != mine.id and mine.at - b.at < REMEMBERED)
    value = json.dumps([b.to_json() for b in (mine, *kept)])
    if c.execute(select(META.c.key).where(META.c.key == KEEPER)).first():
        c.execute(META.update().where(META.c.key == KEEPER).values(value=value))
    else:
        c.execute(META.insert().values(key=KEEPER, value=value))


def told(c: Connection, reader: str) -> tuple[datetime, Mapping[str, str]] | None:
    """When this reader last got a digest and what stood in it (item key: fingerprint); None before the first."""
    row = c.execute(select(DIGEST).where(DIGEST.c.reader == reader)).first()
    return (row.made_at, row.items) if row else None


def tell(c: Connection, reader: str, items: Mapping[str, str], now: datetime) -> None:
    """Remember what this reader was told."""
    values = {"made_at": now, "items": dict(items)}
    if told(c, reader) is None:
        c.execute(DIGEST.insert().values(reader=reader, **values))
    else:
        c.execute(DIGEST.update().where(DIGEST.c.reader == reader).values(values))

"""The log: append-only, ordered by sequence, each line sealed with the hash of the one before.

It holds digests, ids and times, never a post's words or personal data: it can be kept when snapshots are purged.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from freeze.posts import Json
from freeze.store.database import raise_high_water
from freeze.store.tables import LOG

GENESIS = "0" * 64


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened, ready to be written."""

    at: datetime
    actor: str
    event: str
    data: dict[str, Json]


@dataclass(frozen=True, slots=True)
class Line:
    """One written line."""

    seq: int
    at: str
    actor: str
    event: str
    data: str
    hash: str


def seal(previous: str, seq: int, at: str, actor: str, event: str, data: str) -> str:
    """The hash of a line: SHA-256 over the previous hash and the line's own fields."""
    return hashlib.sha256(json.dumps([previous, seq, at, actor, event, data]).encode()).hexdigest()


def append(c: Connection, entries: Iterable[Entry]) -> None:
    """Write entries in order, in the caller's transaction."""
    row = c.execute(select(LOG.c.seq, LOG.c.hash).order_by(LOG.c.seq.desc()).limit(1)).first()
    seq, previous = (int(row[0]), str(row[1])) if row else (0, GENESIS)
    rows = []
    last: datetime | None = None
    for e in entries:
        seq += 1
        at, data = e.at.isoformat(), json.dumps(e.data, sort_keys=True, ensure_ascii=False)
        previous = seal(previous, seq, at, e.actor, e.event, data)
        rows.append({"seq": seq, "at": at, "actor": e.actor, "event": e.event, "data": data, "hash": previous})
        last = e.at if last is None or e.at > last else last
    if rows and last is not None:
        c.execute(LOG.insert(), rows)
        raise_high_water(c, last)


def head(c: Connection) -> str:
    """The last line's number and the first 16 characters of its hash, as `12-0f3a...`: what every digest prints."""
    row = c.execute(select(LOG.c.seq, LOG.c.hash).order_by(LOG.c.seq.desc()).limit(1)).first()
    return f"{row[0]}-{row[1][:16]}" if row else f"0-{GENESIS[:16]}"


def lines(c: Connection) -> Iterator[Line]:
    """Every line in order."""
    with c.execute(select(LOG).order_by(LOG.c.seq), execution_options={"yield_per": 1000}) as rows:
        for row in rows:
            yield Line(row.seq, row.at, row.actor, row.event, row.data, row.hash)


def verify(all_lines: Iterable[Line], known_head: str = "") -> tuple[int, str]:
    """Check every seal; returns how many lines stand and, where something is wrong, one sentence saying what.

    `known_head` is a head printed earlier: it must still be there, which finds a log cut off at its end.
    """
    previous, n, seen_head = GENESIS, 0, known_head in ("", f"0-{GENESIS[:16]}")
    for line in all_lines:
        n += 1
        if line.seq != n:
            return n - 1, f"line {n} is missing or out of order (found {line.seq})."
        if seal(previous, line.seq, line.at, line.actor, line.event, line.data) != line.hash:
            return n - 1, f"line {n} ({line.event}, {line.at}) was changed after it was written."
        previous = line.hash
        seen_head = seen_head or known_head == f"{line.seq}-{line.hash[:16]}"
    if not seen_head:
        return n, f"the head {known_head} you were given is not in this log: it was cut off, or it is another log."
    return n, ""

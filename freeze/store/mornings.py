"""What a scheduler's latest reading showed, for the morning after."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select

from freeze.accounts import Account
from freeze.holds import HoldState
from freeze.posts import Post
from freeze.store import posts
from freeze.store.tables import HOLD, POST, SOURCE

ONE_LISTING = timedelta(minutes=5)
"""A post taken in at most this long before its connection's reading ended belongs to that reading."""


def due(c: Connection, after: datetime, until: datetime, register: Mapping[str, Account]) -> list[Post]:
    """Posts that can still go out and whose queue shows them at a time in (after, until], by that time (UTC).

    Their `intended_at` is the time shown, also where a person changed it while a pause asked somebody to stop them.
    What the guard itself holds is left out: it stands parked, and goes nowhere.
    """
    not_ours = [HoldState.NEEDS_A_PERSON.value, HoldState.REFUSED.value]
    ours = select(HOLD.c.post).where(HOLD.c.closed_at.is_(None), HOLD.c.state.not_in(not_ours))
    query = select(*posts.COLUMNS, POST.c.at).where(
        posts.waiting(), POST.c.at > after, POST.c.at <= until, POST.c.id.not_in(ours)
    )
    rows = c.execute(query.order_by(POST.c.at, POST.c.id)).all()
    return [replace(posts.to_post(r[:-1], register), intended_at=r[-1]) for r in rows]


def shown_last(c: Connection, numbers: Iterable[int]) -> set[int]:
    """Which of these posts the latest reading of their connection still showed, in whatever account."""
    read = select(SOURCE.c.connection, func.max(SOURCE.c.read_at).label("at")).group_by(SOURCE.c.connection).subquery()
    query = select(POST.c.id, POST.c.last_seen, read.c.at).join(read, read.c.connection == POST.c.connection)
    ids = list(numbers)
    out: set[int] = set()
    for start in range(0, len(ids), 500):
        for ident, seen, at in c.execute(query.where(POST.c.id.in_(ids[start : start + 500]))):
            if seen is not None and at is not None and at - seen <= ONE_LISTING:
                out.add(int(ident))
    return out


def known_as_of(c: Connection, connection: str) -> datetime | None:
    """When what is known of a connection was true (UTC): when its copy was saved, or it was read; None if never."""
    query = select(SOURCE.c.native, SOURCE.c.as_of, SOURCE.c.read_at, SOURCE.c.reason)
    rows = c.execute(query.where(SOURCE.c.connection == connection)).all()
    latest = max((r.read_at for r in rows if r.read_at is not None), default=None)
    if latest is None or any(r.reason for r in rows if r.native == ""):
        return None
    mine = [r for r in rows if r.read_at is not None and latest - r.read_at <= ONE_LISTING]
    true_at: list[datetime] = [r.as_of or r.read_at for r in mine]
    return min(true_at)

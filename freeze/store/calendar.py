"""What a calendar reads of the store, and the lasting identity of what it publishes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import Connection, and_, delete, func, or_, select
from sqlmodel import col
from sqlmodel import select as rows_of

from freeze.accounts import Account
from freeze.holds import HoldState, Kind
from freeze.outs import Out
from freeze.posts import GOES_OUT, Post, State
from freeze.store import posts as post_store
from freeze.store.rows.night import FeedEvent as Row
from freeze.store.session import session
from freeze.store.tables import HOLD, OUT, POST
from freeze.views.feeds import Issue
from freeze.views.marks import Stand


def posts(c: Connection, register: Mapping[str, Account], start: datetime, end: datetime) -> list[Post]:
    """Posts meant for [start, end) or without a time that can go out, went out, or are held."""
    held = select(HOLD.c.post).where(HOLD.c.closed_at.is_(None))
    out = select(OUT.c.post).where(OUT.c.at >= start, OUT.c.at < end)
    dated = and_(POST.c.intended_at >= start, POST.c.intended_at < end)
    live = POST.c.state.in_([s.value for s in sorted(GOES_OUT)])
    shown = or_(live, POST.c.id.in_(held))
    where = or_(
        and_(dated, or_(shown, POST.c.state == State.PUBLISHED.value)),
        and_(POST.c.intended_at.is_(None), shown),
        POST.c.id.in_(out),
    )
    return list(post_store.fetch(c, where, register))


def stands(c: Connection) -> dict[int, Stand]:
    """The open hold of each post that has one."""
    rows = c.execute(
        select(HOLD.c.post, HOLD.c.state, HOLD.c.decision, HOLD.c.decided_time, HOLD.c.expires_at, HOLD.c.kind).where(
            HOLD.c.closed_at.is_(None)
        )
    )
    return {
        r.post: Stand(
            HoldState(r.state), r.decision, r.decided_time, r.expires_at if r.kind == Kind.PUSH.value else None
        )
        for r in rows
    }


def outs(c: Connection) -> dict[int, Out]:
    """What is recorded as having gone out inside a pause; of several pauses, the first."""
    found: dict[int, Out] = {}
    for r in c.execute(select(OUT.c.post, OUT.c.at, OUT.c.how).order_by(OUT.c.declaration)):
        found.setdefault(r.post, Out(r.at, r.how))
    return found


def issues(c: Connection, feed: str) -> dict[str, Issue]:
    """What a feed published last, by key."""
    mine = func.substr(Row.key, 1, len(feed) + 1) == f"{feed}/"  # LIKE knows no capitals in SQLite
    with session(c) as s:
        return {
            r.key.removeprefix(f"{feed}/"): Issue(r.uid, r.sequence, r.digest, r.changed_at, r.cancelled_at, r.event)
            for r in s.exec(rows_of(Row).where(mine))
        }


def keep(c: Connection, feed: str, changed: Mapping[str, Issue], known: Iterable[str], gone: Iterable[str]) -> None:
    """Remember what a feed publishes now: `changed` issues (of which `known` were there before), and those `gone`."""
    there = set(known)
    drop = [f"{feed}/{k}" for k in (*gone, *(k for k in changed if k in there))]
    rows = [
        Row(
            key=f"{feed}/{k}",
            uid=i.uid,
            sequence=i.sequence,
            digest=i.digest,
            changed_at=i.changed_at,
            cancelled_at=i.cancelled_at,
            event=dict(i.event),
        )
        for k, i in changed.items()
    ]
    with session(c) as s:
        for at in range(0, len(drop), 500):
            s.exec(delete(Row).where(col(Row.key).in_(drop[at : at + 500])))
        s.add_all(rows)
        s.flush()

"""Posts that were read still waiting past their time: their platform publishes late, or has forgotten them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, and_, select

from freeze.judging import overdue
from freeze.posts import Post, State
from freeze.store import posts
from freeze.store.tables import POST, SOURCE


def seen_waiting(c: Connection, now: datetime) -> dict[int, datetime]:
    """When each such post was last read so (UTC), by its id; what is known from a copy alone is left out."""
    copies = select(SOURCE.c.connection).where(SOURCE.c.as_of.is_not(None))
    query = select(POST.c.id, POST.c.last_seen).where(
        POST.c.state == State.SCHEDULED.value,
        POST.c.at < now,
        POST.c.last_seen > POST.c.at,
        POST.c.connection.not_in(copies),
    )
    return {int(ident): seen for ident, seen in c.execute(query)}


def forgotten(c: Connection, now: datetime) -> tuple[list[Post], dict[int, datetime]]:
    """Posts under no hold that their platform was seen not to publish at their time, and when each was read so."""
    seen = seen_waiting(c, now)
    if not seen:
        return [], seen
    mine = and_(posts.by_ids(seen), posts.not_held())
    return overdue.forgotten(posts.fetch(c, mine, posts.accounts(c)), seen), seen

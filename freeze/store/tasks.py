"""Tasks in the store, and what somebody reported without any platform saying so."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, select

from freeze.accounts import Account
from freeze.errors import UsageError, nearest
from freeze.holds import Snapshot
from freeze.people.tasks import Task, Wanted
from freeze.posts import Locator, Seen, State
from freeze.store.holds import note_out
from freeze.store.tables import POST, SOURCE, TASK

WAITS = (State.SCHEDULED.value, State.PENDING_APPROVAL.value)
ONE_LISTING = timedelta(minutes=1)
"""A post seen this long before its queue was read to the end was part of that reading."""
REPORTED = "reported"
"""The connection of posts that only a person told of, and how they are said to have gone out."""


def all_of(c: Connection, freezes: Iterable[int]) -> list[Task]:
    """Every task of these freezes, in the order they were made."""
    rows = c.execute(select(TASK).where(TASK.c.declaration.in_(list(freezes))).order_by(TASK.c.id))
    return [_task(r) for r in rows.mappings()]


def find(c: Connection, refs: Iterable[str]) -> tuple[list[Task], list[UsageError]]:
    """The tasks with these short ids ("t3", or "3"), and an error with the nearest id for each that is not there."""
    there = {t.ref: t for t in (_task(r) for r in c.execute(select(TASK).order_by(TASK.c.id)).mappings())}
    found, wrong = [], []
    for ref in refs:
        key = "t" + ref.strip().lower().removeprefix("t")
        if key in there:
            found.append(there[key])
        else:
            known = nearest(key, there) if len(there) < 8 or len(key) > 1 else ""
            wrong.append(UsageError(f'There is no task "{ref}".', f"{known} All of them: freeze tasks".strip()))
    return found, wrong


def add(c: Connection, freeze: int, wants: Iterable[Wanted], now: datetime) -> list[Task]:
    """New tasks of a freeze; one whose key is there already is left as it is."""
    there = set(c.execute(select(TASK.c.key).where(TASK.c.declaration == freeze)).scalars())
    rows = [{"declaration": freeze, "made_at": now, **_row(w)} for w in wants if w.key not in there]
    if not rows:
        return []
    made = c.execute(TASK.insert().returning(TASK.c.id, sort_by_parameter_order=True), rows).scalars()
    ids = [int(i) for i in made]
    return [_task(r) for r in c.execute(select(TASK).where(TASK.c.id.in_(ids)).order_by(TASK.c.id)).mappings()]


def save(c: Connection, task: Task) -> None:
    """Write a task as it stands now."""
    values = _row(task.wanted) | {
        "made_at": task.made_at,
        "said_by": task.said_by,
        "said_at": task.said_at,
        "checked_at": task.checked_at,
        "closed_at": task.closed_at,
    }
    c.execute(TASK.update().where(TASK.c.id == task.number).values(values))


def still_queued(c: Connection, posts: Iterable[int]) -> set[int]:
    """Which of these posts the latest copy of their queue still showed waiting after their own time had passed."""
    here = (SOURCE.c.connection == POST.c.connection) & (SOURCE.c.native == POST.c.native_account)
    query = select(POST.c.id, POST.c.last_seen, SOURCE.c.read_at).join(SOURCE, here)
    query = query.where(POST.c.state.in_(WAITS), POST.c.at <= SOURCE.c.as_of)
    ids = list(posts)
    out: set[int] = set()
    for start in range(0, len(ids), 500):
        rows = c.execute(query.where(POST.c.id.in_(ids[start : start + 500])))
        out.update(int(r[0]) for r in rows if r[1] is not None and r[2] is not None and r[2] - r[1] <= ONE_LISTING)
    return out


def report_out(
    c: Connection, account: Account, freezes: Mapping[int, str], at: datetime, words: str, now: datetime
) -> int | None:
    """Record that somebody says a post went out; its number, or None where the same was recorded before.

    `freezes` are the numbers of the freezes it went out in, with why it could not be stopped.
    """
    same = (POST.c.connection == REPORTED) & (POST.c.account == account.id) & (POST.c.at == at)
    if c.execute(select(POST.c.id).where(same)).first():
        return None
    before = int(c.execute(select(func.count()).where(POST.c.connection == REPORTED)).scalar_one())
    native = f"{account.id}-{before + 1}"
    place = Locator(REPORTED, account.id, native)
    seen = Seen(place, State.PUBLISHED, at, text=words)
    row: dict[str, Any] = {
        "connection": REPORTED,
        "native_account": account.id,
        "native_id": native,
        "occurrence": "",
        "account": account.id,
        "state": State.PUBLISHED.value,
        "at": at,
        "intended_at": at,
        "text": words,
        "content": seen.content,
        "tags": [],
        "seen": Snapshot(seen).to_json(),
        "first_seen": now,
        "last_seen": now,
    }
    number = int(c.execute(POST.insert().returning(POST.c.id), [row]).scalar_one())
    for freeze, why in freezes.items():
        note_out(c, number, freeze, at, REPORTED, why)
    return number


def _row(w: Wanted) -> dict[str, Any]:
    return {
        "key": w.key,
        "kind": w.kind,
        "title": w.title,
        "clicks": w.clicks,
        "owner": w.owner,
        "contact": w.contact,
        "accounts": list(w.accounts),
        "posts": list(w.posts),
        "deadline": w.deadline,
    }


def _task(r: Any) -> Task:
    wanted = Wanted(
        r["key"],
        r["kind"],
        r["title"],
        r["clicks"],
        r["owner"],
        r["contact"],
        tuple(r["accounts"]),
        tuple(r["posts"]),
        r["deadline"],
    )
    return Task(
        r["id"],
        r["declaration"],
        wanted,
        r["made_at"],
        r["said_by"],
        r["said_at"],
        r["checked_at"],
        r["closed_at"],
    )

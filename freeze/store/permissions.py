"""Permissions in the store."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from freeze.errors import UsageError
from freeze.outs import MAY_BE_OUT
from freeze.permissions import How, Permission
from freeze.store.freezes import changed
from freeze.store.posts import twins
from freeze.store.tables import OUT, PERMISSION


def all_of(c: Connection) -> list[Permission]:
    """Every permission ever given, the first one first; those for a post reach every queue it is seen in."""
    rows = c.execute(select(PERMISSION).order_by(PERMISSION.c.id)).all()
    posts = {r.post for r in rows if r.post is not None}
    family = twins(c, posts) if posts else {}
    return [_permission(r, (r.post, *family.get(r.post, ())) if r.post is not None else ()) for r in rows]


def one(c: Connection, ref: str) -> Permission:
    """The permission with this short id ("a3"). Raises UsageError naming those that stand."""
    found = all_of(c)
    for p in found:
        if str(p.number) == ref.strip().lower().removeprefix("a"):
            return p
    there = ", ".join(p.ref for p in found if p.withdrawn_at is None)
    raise UsageError(f'There is no permission "{ref}".', f"There are: {there}." if there else "None was given yet.")


def add(c: Connection, p: Permission) -> Permission:
    """Store a new permission (`number` is ignored, its first post is kept); gives it with its number."""
    row = {
        "declaration": int(p.freeze.removeprefix("f")),
        "how": p.how.value,
        "post": p.posts[0] if p.posts else None,
        "kind": p.kind,
        "words": p.words,
        "accounts": list(p.accounts),
        "reason": p.reason,
        "directed_by": p.directed_by,
        "given_by": p.given_by,
        "given_at": p.given_at,
        "until": p.until,
    }
    changed(c)
    number = int(c.execute(PERMISSION.insert().returning(PERMISSION.c.id), [row]).scalar_one())
    return one(c, str(number))


def change(c: Connection, number: int, **values: Any) -> None:
    """Change columns of one permission: who directed it, or when it was withdrawn."""
    changed(c)
    c.execute(PERMISSION.update().where(PERMISSION.c.id == number).values(values))


def rename_out(c: Connection, posts: Iterable[int], freeze: str, how: str, why: str) -> Sequence[int]:
    """Record posts that were seen to be out in this freeze as `how` instead; gives those that were.

    What only may have gone out stays so: allowing it is no reading.
    """
    mine = OUT.c.post.in_(list(posts)) & (OUT.c.declaration == int(freeze.removeprefix("f")))
    mine &= OUT.c.how.not_in([how, MAY_BE_OUT])
    return [r.post for r in c.execute(OUT.update().where(mine).values(how=how, why=why).returning(OUT.c.post))]


def _permission(r: Any, posts: tuple[int, ...]) -> Permission:
    until: datetime | None = r.until
    return Permission(
        number=r.id,
        freeze=f"f{r.declaration}",
        how=How(r.how),
        reason=r.reason,
        given_by=r.given_by,
        given_at=r.given_at,
        posts=posts,
        kind=r.kind,
        words=r.words,
        accounts=tuple(r.accounts),
        directed_by=r.directed_by,
        until=until,
        withdrawn_at=r.withdrawn_at,
    )

"""Permissions, as people and programs read them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from freeze.accounts import Account
from freeze.permissions import How, Permission
from freeze.posts import Json, Post
from freeze.windows import say_short
from freeze.words import columns, many, safe


def what(p: Permission, register: Mapping[str, Account]) -> str:
    """What a permission lets through, in a few words."""
    if p.how is How.POST:
        return f"p{p.posts[0]}{' (risk to life)' if p.about_life else ''}" if p.posts else "a post"
    where = ", ".join(register[a].name if a in register else a for a in p.accounts[:3])
    where += f" and {len(p.accounts) - 3} more" if len(p.accounts) > 3 else ""
    where = f" on {safe(where, 90)}" if where else " on every account"
    return (
        f'the words "{safe(p.words, 44)}"{where}' if p.how is How.WORDS else f"every post of the kind {p.kind}{where}"
    )


def stands(p: Permission, now: datetime) -> str:
    """Whether it still lets anything through, and until when."""
    if p.withdrawn_at is not None:
        return f"withdrawn {say_short(p.withdrawn_at)}"
    if p.until is None:
        return "until the pause ends"
    return f"until {say_short(p.until)}" if now < p.until else f"over since {say_short(p.until)}"


def lines(permissions: Iterable[Permission], register: Mapping[str, Account], now: datetime) -> list[str]:
    """Every permission on a line."""
    rows = []
    for p in permissions:
        directed = f"; directed by {safe(p.directed_by, 60)}" if p.directed_by else ""
        directed = directed or ("; WHO DIRECTED IT IS NOT RECORDED" if p.about_life else "")
        who = f"{safe(p.given_by, 80)}, {say_short(p.given_at)}: {safe(p.reason, 120)}{directed}"
        rows.append([p.ref, p.freeze, what(p, register), stands(p, now), who])
    return columns(rows)


def short(permissions: Sequence[Permission], free: int) -> list[str]:
    """What is allowed, for the reports of a pause; nothing where nothing is."""
    lines = (
        [f"Allowed through it: {many(len(permissions), 'permission')}   (freeze allow --list)"] if permissions else []
    )
    return lines + (
        [f"  {many(free, 'post')} that may pass {'is' if free == 1 else 'are'} still held   (freeze put-back)"]
        if free
        else []
    )


def as_json(p: Permission, now: datetime) -> dict[str, Json]:
    """A permission; instants are ISO 8601 in UTC."""
    return {
        "permission": p.ref,
        "freeze": p.freeze,
        "how": p.how.value,
        "posts": [f"p{n}" for n in p.posts],
        "kind": p.kind or None,
        "accounts": list(p.accounts),
        "reason": p.reason,
        "given_by": p.given_by,
        "given_at": p.given_at.isoformat(),
        "until": p.until.isoformat() if p.until else None,
        "directed_by": p.directed_by or None,
        "risk_to_life": p.about_life,
        "withdrawn_at": p.withdrawn_at.isoformat() if p.withdrawn_at else None,
        "stands": p.stands(now),
    }


def loose(posts: Sequence[Post]) -> list[str]:
    """What a permission let through and nobody holds, once it is withdrawn."""
    if not posts:
        return []
    due = min((x.intended_at for x in posts if x.intended_at), default=None)
    next_due = f", the next due {say_short(due)}" if due else ""
    return [f"KNOWN AND NOT HELD: {many(len(posts), 'post')}{next_due}. Hold now: freeze sync --enforce"]

"""Posts that their platform was seen not to publish although their time had passed. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final

from freeze.findings import Finding, Level
from freeze.posts import Post, State
from freeze.windows import say

FORGOTTEN: Final = timedelta(minutes=10)
"""A post still waiting this long after its time was not merely slow."""
WHAT_TO_DO: Final = "Publish it there, or give it a new date; until then it may go out at any moment."


def forgotten(posts: Iterable[Post], seen: Mapping[int, datetime]) -> list[Post]:
    """Scheduled posts that were `seen` (by id, UTC) still waiting long past their time, the oldest first."""
    late = [
        p
        for p in posts
        if p.state is State.SCHEDULED
        and p.intended_at is not None
        and p.id in seen
        and seen[p.id] - p.intended_at >= FORGOTTEN
    ]
    return sorted(late, key=lambda p: (p.intended_at, p.id))


def said(p: Post, seen: datetime) -> str:
    """What is told of one of them."""
    assert p.intended_at is not None
    return f"Was due on {say(p.intended_at)} and had not been published when it was read on {say(seen)}"


def finding(p: Post, seen: datetime) -> Finding:
    """The same for the digest."""
    return Finding(
        clause="",
        level=Level.CONFLICT,
        sentence=f"{said(p, seen)}.",
        next_step=WHAT_TO_DO,
        post=p.id,
        account=p.account,
        about=p.intended_at.isoformat() if p.intended_at else "",
    )

"""How silent each account is, in one word: what `freeze brief` counts. Pure.

An account sits in several places: its own platform, read back or not; a scheduler, under lockdown or not; an app that
nothing here reaches. It is as silent as its least certain place, and only a reading counts as seen.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum

from freeze.accounts import Account
from freeze.holds import CLOSED, Hold, HoldState
from freeze.people.tasks import ACCOUNT, APPROVAL, LOCKDOWN, Stands, Task
from freeze.posts import Post


class Silent(IntEnum):
    """How sure it is that nothing can go out, most certain first."""

    SEEN = 0
    SAID = 1
    WAITING = 2
    NOT_STOPPED = 3


BY_TASK = {Stands.CHECKED: Silent.SEEN, Stands.CLOSED: Silent.SEEN, Stands.SAID: Silent.SAID}
SETTLED = CLOSED | {HoldState.CONFIRMED}


@dataclass(frozen=True, slots=True)
class Places:
    """Where the accounts sit: (connection, account). `read` are those that were read, live, since the pause began."""

    aliases: Collection[tuple[str, str]]
    read: Collection[tuple[str, str]]


def of_accounts(
    covered: Iterable[Account],
    places: Places,
    holds: Sequence[Hold],
    posts: Mapping[int, Post],
    loose: Iterable[Post],
    tasks: Sequence[Task],
) -> dict[str, Silent]:
    """How silent each covered account is."""
    live = [t for t in tasks if t.closed_at is None]
    locked = {t.connection: t for t in live if t.kind == LOCKDOWN}
    alone = {t.wanted.accounts[0]: t for t in live if t.kind == ACCOUNT and t.wanted.accounts}
    out: dict[str, Silent] = {}
    for a in covered:
        signs = [Silent.NOT_STOPPED for p in loose if p.account == a.id]
        if a.id in alone:
            signs.append(BY_TASK.get(alone[a.id].stands, Silent.WAITING))
        for connection, account in places.aliases:
            if account != a.id:
                continue
            task = locked.get(connection)
            if task is not None:
                signs.append(BY_TASK.get(task.stands, Silent.WAITING))
            else:
                signs.append(Silent.SEEN if (connection, account) in places.read else Silent.WAITING)
        out[a.id] = max(signs, default=Silent.WAITING)
    for h in holds:
        post = posts[h.post]
        if post.account not in out or h.closed_at is not None or h.state in SETTLED:
            continue
        sign = _of_hold(h, post, live, locked)
        out[post.account] = max(out[post.account], sign)
    return out


def _of_hold(h: Hold, post: Post, live: Iterable[Task], locked: Mapping[str, Task]) -> Silent:
    if h.state is not HoldState.NEEDS_A_PERSON:
        return Silent.NOT_STOPPED
    task = next((t for t in live if post.id in t.wanted.posts and t.kind in (LOCKDOWN, APPROVAL)), None)
    task = task or next((t for t in live if post.id in t.wanted.posts), None) or locked.get(post.locator.connection)
    return BY_TASK.get(task.stands, Silent.WAITING) if task else Silent.WAITING

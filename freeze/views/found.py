"""What there is to tell about one pause after a run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from freeze.accounts import Account
from freeze.holds import UNSETTLED, Hold, HoldState
from freeze.outs import ALLOWED, MAY_BE_OUT, READ
from freeze.people.replies import Passed, passed
from freeze.people.tasks import Stands, Task
from freeze.permissions import Permission
from freeze.posts import Post, State
from freeze.windows import say_short
from freeze.words import excerpt


@dataclass(frozen=True, slots=True)
class Note:
    """Something about one post that a person must hear: its id, one word of what kind, one sentence."""

    post: int
    kind: str
    sentence: str


@dataclass(frozen=True)
class Found:
    """Everything there is to tell about one freeze after a run.

    `loose` are posts it covers that are known and that nobody holds: their platform was not reached since. `queued` are
    posts that a copy made after their time still showed in their queue: they did not go out then. `permissions` stand,
    and `free` counts the posts still held that they let through.
    """

    holds: Sequence[Hold]
    posts: Mapping[int, Post]
    register: Mapping[str, Account]
    outs: Sequence[Any]
    loose: Sequence[Post] = ()
    tasks: Sequence[Task] = ()
    queued: frozenset[int] = frozenset()
    permissions: Sequence[Permission] = ()
    free: int = 0

    @property
    def unsettled(self) -> bool:
        """Whether anything of the pause went out unallowed, is not held, is not known, or waits for a person."""
        open_ones = any(h.state in UNSETTLED and h.closed_at is None for h in self.holds)
        out = any(h.state is HoldState.TOO_LATE for h in self.holds) or any(o.how != ALLOWED for o in self.outs)
        return open_ones or out or bool(self.loose) or any(t.stands is Stands.WAITING for t in self.tasks)

    def passed(self, now: datetime) -> Passed:
        """What may have gone out, and what is said to be stopped: nothing here can read it."""
        maybe = {o.post: o.at for o in self.outs if o.how == MAY_BE_OUT}
        where = {p.id: p.locator.connection for p in self.posts.values()}
        known = self.queued | {o.post for o in self.outs if o.how in READ}
        return passed([h for h in self.holds if h.post not in known], maybe, where, self.tasks, now)

    def once(self) -> list[Any]:
        """What went out, each post once although several queues show it, as the place shows it that was read."""
        best: dict[int, tuple[bool, bool, int, Any]] = {}
        for o in self.outs:
            p = self.posts.get(o.post)
            family = (p.same_as or p.id) if p else o.post
            sight = (o.how != MAY_BE_OUT, p is not None and p.state is State.PUBLISHED, o.post, o)
            best[family] = max(best.get(family, sight), sight, key=lambda s: s[:3])
        return sorted((s[3] for s in best.values()), key=lambda o: (o.at, o.post))

    def elsewhere(self, post: int) -> str:
        """Where else a post that went out is known, in words after a sentence; mostly nothing."""
        family = next((p.same_as or p.id for p in (self.posts.get(post),) if p), post)
        them = [p for o in self.outs if (p := self.posts.get(o.post)) and p.id != post]
        found = [f"{p.locator.connection} ({p.ref})" for p in them if (p.same_as or p.id) == family]
        return f"; also in {' and '.join(found)}" if found else ""

    def name(self, post: int) -> str:
        """A post's account in words."""
        p = self.posts.get(post)
        return self.account(p) if p else "?"

    def row(self, post: int, *more: str) -> list[str]:
        """A line about a post."""
        p = self.posts[post]
        due = say_short(p.intended_at) if p.intended_at else "no time set"
        return [p.ref, due, self.name(post), excerpt(p, 44), *more]

    def account(self, post: Post) -> str:
        """The name of the account that a post stands on."""
        return self.register[post.account].name if post.account in self.register else "?"

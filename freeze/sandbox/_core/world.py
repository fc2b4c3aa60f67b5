"""The state behind every simulated platform: accounts, posts, the clock, and publishing.

For the author of a simulator (a module in this folder with `NAME` and `routes(world)`), this is all there is:

    world.now()                              the sandbox's present, UTC
    world.accounts(NAME)                     accounts of this platform, in order
    world.get(NAME, id)                      one post or None; deleted posts are still here, with state "deleted"
    world.posts(NAME, account=, states=)     posts in the order they were made
    world.add(Post(...))                     a new post; `world.new_id(NAME)` gives an unused number as text
    world.change(post, text=..., ...)        the post as it now stands
    world.publish(post)                      it is out, at this instant (or at `at`)
    world.delete(post)                       it is gone
    world.echoes                             Orlo's accounts whose posts appear on a network: (NAME, account, id prefix)
    world.lock(NAME, True)                   nothing of this platform publishes while locked ("lockdown")
    world.locked(NAME)
    world.memo                               a dict for a simulator's own small state
    world.faults, world.calls                what goes wrong on purpose, and what was asked
    world.history                            every change of every post, and by whose hand

Posts are immutable: change them only through the world, and answer with the post that it returns. While a request is
under a "ghost success" fault the same methods return the post as it would be and store nothing, so a simulator needs no
code for it. `freeze.sandbox._core.replies.paginate` cuts a listing into pages and applies the listing faults.

A scheduled post whose time has come is published by the world itself, at exactly its own time, whenever the world is
next asked anything. Posts in any other state never publish by themselves. Every method may be called from any thread.
"""

from __future__ import annotations

import heapq
import threading
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from copy import copy
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from freeze.sandbox._core.calls import Calls
from freeze.sandbox._core.clock import Clock
from freeze.sandbox._core.faults import Faults
from freeze.sandbox._core.posts import Account, Post
from freeze.sandbox._core.record import ITSELF, History, looked_at

LONDON = ZoneInfo("Europe/London")

_KEPT = (
    "_posts",
    "_by_account",
    "_accounts",
    "_due",
    "_overdue",
    "_locked",
    "_order",
    "_last_id",
    "register",
    "echoes",
    "memo",
)

_pretending: ContextVar[bool] = ContextVar("pretending", default=False)


@contextmanager
def pretending() -> Iterator[None]:
    """While inside, every change is answered as if it were made, and none is."""
    token = _pretending.set(True)
    try:
        yield
    finally:
        _pretending.reset(token)


def pretended() -> bool:
    """Whether this change is answered without being made."""
    return _pretending.get()


class World:
    """Everything the simulated platforms know. See the top of this module."""

    def __init__(self, now: datetime | None = None) -> None:
        self._clock = Clock(now)
        self._lock = threading.RLock()
        self._posts: dict[tuple[str, str], Post] = {}
        self._by_account: dict[tuple[str, str], dict[str, None]] = {}
        self._accounts: dict[str, dict[str, Account]] = {}
        self._due: list[tuple[datetime, int, tuple[str, str], datetime]] = []
        self._overdue: dict[str, list[tuple[str, str]]] = {}
        self._locked: set[str] = set()
        self.forgets: dict[str, Callable[[Post], bool]] = {}
        self._order = 0
        self._last_id = 900_000
        self.register: list[dict[str, str]] = []
        self.echoes: dict[str, tuple[str, str, str]] = {}
        self.memo: dict[str, Any] = {}
        self.faults = Faults()
        self.calls = Calls()
        self.history = History()

    # The clock

    def now(self) -> datetime:
        """The present by the sandbox's clock, in UTC."""
        return self._clock.now()

    def set_clock(self, now: datetime) -> None:
        """Make it `now`, publish what fell due on the way, and run on from there; set back, nothing is un-published."""
        with self._lock:
            self._clock.set(now)
            self.tick()

    def advance(self, seconds: float) -> None:
        """Move the clock on (or back, below zero) by so many seconds."""
        self.set_clock(self.now() + timedelta(seconds=seconds))

    def tick(self) -> None:
        """Publish every scheduled post whose time has come, each at its own time, unless its platform `forgets` it."""
        now = self.now()
        if not self._due or self._due[0][0] > now:
            return
        with self._lock:
            while self._due and self._due[0][0] <= now:
                due, _, key, meant = heapq.heappop(self._due)
                post = self._posts[key]
                if post.state != "scheduled" or post.publish_at != meant:
                    continue
                if post.platform in self._locked:
                    self._overdue.setdefault(post.platform, []).append(key)
                elif post.platform not in self.forgets or not self.forgets[post.platform](post):
                    self._out(post, due, ITSELF)

    # Accounts

    def add_account(self, account: Account) -> Account:
        """Add an account to its platform."""
        with self._lock:
            self._accounts.setdefault(account.platform, {})[account.id] = account
            self._by_account.setdefault((account.platform, account.id), {})
        return account

    def accounts(self, platform: str) -> list[Account]:
        """The accounts of a platform, in the order they were added."""
        with self._lock:
            return list(self._accounts.get(platform, {}).values())

    def account(self, platform: str, account_id: str) -> Account | None:
        """One account, or None."""
        return self._accounts.get(platform, {}).get(account_id)

    # Posts

    def get(self, platform: str, post_id: str) -> Post | None:
        """One post, deleted ones included, or None if there never was one."""
        self.tick()
        if (mark := looked_at()) is not None:
            with self._lock:
                return self.history.stood((platform, post_id), mark)
        return self._posts.get((platform, post_id))

    def posts(
        self, platform: str = "", *, account: str | None = None, states: Collection[str] | None = None
    ) -> list[Post]:
        """Posts in the order they were made, of one platform or all, of one account or all, in some states or all."""
        self.tick()
        with self._lock:
            if account is not None:
                found = [self._posts[platform, i] for i in self._by_account.get((platform, account), ())]
            else:
                found = [p for p in self._posts.values() if not platform or p.platform == platform]
            if (mark := looked_at()) is not None:
                found = [old for p in found if (old := self.history.stood((p.platform, p.id), mark)) is not None]
        return found if states is None else [p for p in found if p.state in states]

    def new_id(self, platform: str) -> str:
        """An unused number, as text."""
        with self._lock:
            while True:
                self._last_id += 1
                if (platform, str(self._last_id)) not in self._posts:
                    return str(self._last_id)

    def add(self, post: Post) -> Post:
        """Store a new post; without `created_at` it was made just now."""
        made = post.created_at or self.now()
        with self._lock:
            if (post.platform, post.id) in self._posts:
                raise ValueError(f"There is a {post.platform} post {post.id} already.")
            self._order += 1
            post = replace(post, created_at=made, modified_at=post.modified_at or made, order=self._order)
            if not _pretending.get():
                self._keep(post)
        return post

    def change(self, post: Post, **fields: Any) -> Post:
        """Change some fields of a post and return it as it now stands.

        A scheduled post given a time that has passed is published at once, at this instant.
        """
        with self._lock:
            changed = replace(self._posts.get((post.platform, post.id), post), **{"modified_at": self.now(), **fields})
            if not _pretending.get():
                self._keep(changed)
        return changed

    def publish(self, post: Post, at: datetime | None = None) -> Post:
        """Publish a post now, or as of `at` (UTC)."""
        at = at or self.now()
        if _pretending.get():
            return replace(post, state="published", published_at=at)
        with self._lock:
            return self._out(self._posts[post.platform, post.id], at)

    def delete(self, post: Post) -> Post:
        """Delete a post; it stays known, with the state "deleted"."""
        return self.change(post, state="deleted")

    # Lockdown

    def lock(self, platform: str, on: bool) -> None:
        """Stop (or again allow) all publishing by itself of one platform.

        What was overdue goes out at the instant the lock is lifted. No public source says what Orlo does then; this is
        the worst case, so that is what is practised.
        """
        if _pretending.get():
            return
        with self._lock:
            self.tick()
            self.history.lockdown(platform, on, self.now())
            if on:
                self._locked.add(platform)
                return
            self._locked.discard(platform)
            for key in self._overdue.pop(platform, []):
                post = self._posts[key]
                if post.state == "scheduled" and post.publish_at and post.publish_at <= self.now():
                    self._out(post, self.now(), ITSELF)

    def locked(self, platform: str) -> bool:
        """Whether publishing is stopped on a platform."""
        return platform in self._locked

    def record(self, after: int = 0) -> dict[str, Any]:
        """Every change numbered above `after`, with its hand, and every lockdown: what truly happened."""
        self.tick()
        with self._lock:
            return self.history.to_json(after)

    # Beginning again

    def snapshot(self) -> dict[str, Any]:
        """Everything of this moment, for `restore`; faults and counted calls are not part of it."""
        with self._lock:
            self.tick()
            kept = {name: _copied(getattr(self, name)) for name in _KEPT}
            return kept | {"now": self.now(), "history": self.history.copy()}

    def restore(self, snapshot: Mapping[str, Any]) -> None:
        """Become as the world was at a snapshot, faults ended and calls forgotten; the snapshot stays good."""
        with self._lock:
            for name in _KEPT:
                setattr(self, name, _copied(snapshot[name]))
            self.history = snapshot["history"].copy()
            self._clock.set(snapshot["now"])
            self.faults.clear()
            self.calls.reset()

    # Inside

    def _echo(self, post: Post, at: datetime) -> None:
        """What a scheduler sends out appears on the network itself, unless that has it in its own queue too."""
        platform, account, prefix = self.echoes[post.account]
        there = (self._posts[platform, i] for i in self._by_account.get((platform, account), ()))
        if any(p.text == post.text and p.publish_at == post.publish_at for p in there):
            return
        self._order += 1
        number = self.new_id(platform)
        fields = {"platform": platform, "account": account, "id": prefix + number, "network": "", "repeats_days": 0}
        made = replace(post, **fields, created_at=at, modified_at=at, order=self._order)  # type: ignore[arg-type]
        self._keep(made, ITSELF)

    def _keep(self, post: Post, by: str = "") -> None:
        key = (post.platform, post.id)
        before = self._posts.get(key)
        self._posts[key] = post
        self.history.note(before, post, self.now(), by)
        if before is None:
            self._by_account.setdefault((post.platform, post.account), {})[post.id] = None
        if post.state != "scheduled" or post.publish_at is None:
            return
        if before is None or (before.state, before.publish_at) != (post.state, post.publish_at):
            heapq.heappush(self._due, (max(post.publish_at, self.now()), post.order, key, post.publish_at))

    def _out(self, post: Post, at: datetime, by: str = "") -> Post:
        out = replace(post, state="published", published_at=at)
        self._posts[post.platform, post.id] = out
        self.history.note(post, out, self.now(), by)
        if post.platform == "orlo" and post.account in self.echoes:
            self._echo(out, at)
        if post.repeats_days and post.publish_at:
            local = post.publish_at.astimezone(LONDON).replace(tzinfo=None) + timedelta(days=post.repeats_days)
            again = local.replace(tzinfo=LONDON).astimezone(post.publish_at.tzinfo)
            self._order += 1
            following = replace(post, id=self.new_id(post.platform), publish_at=again, created_at=at, modified_at=at)
            self._keep(replace(following, order=self._order), ITSELF)
        return out


def _copied(value: Any) -> Any:
    return {k: _copied(v) for k, v in value.items()} if isinstance(value, dict) else copy(value)

"""Posts that belong together, told as they come in order of time. Pure.

Two sights of one post (`Post.same_as`) count as that one post. Of what went by only so much is kept as may still matter
to what comes: however many posts there are, memory holds those that stand close together, and what was found.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Hashable, Iterable, Sequence
from datetime import datetime, timedelta
from itertools import takewhile
from operator import attrgetter, itemgetter
from typing import Generic, TypeVar

from freeze.posts import Post

K = TypeVar("K", bound=Hashable)
Pair = tuple[Post, Post]
"""Two posts that belong together, the earlier one first."""
Timed = tuple[datetime, Post]
"""A post with its time."""


def in_order(posts: Iterable[Post]) -> list[Timed]:
    """These posts in order of time; those without one are left out, and of the sights of one post all but the first."""
    once: dict[int, Post] = {}
    for p in sorted(posts, key=attrgetter("id")):
        if p.intended_at is not None:
            once.setdefault(p.same_as or p.id, p)
    timed = [(p.intended_at, p) for p in once.values() if p.intended_at is not None]
    timed.sort(key=itemgetter(0))
    return timed


class Once:
    """Lets each post through once however often it was seen: its first sight in time, in one minute the first known.

    Posts come in order of time. Those of the last minute wait, as another sight of them may follow.
    """

    def __init__(self) -> None:
        self._known: set[int] = set()
        self._waiting: list[Timed] = []

    def of(self, posts: Sequence[Timed]) -> list[Timed]:
        """Which of these, and of those that waited, are first sights, in order."""
        every = [*self._waiting, *posts]
        if not every:
            return every
        begins = every[-1][0].replace(second=0, microsecond=0)
        cut = bisect_left(every, begins, key=itemgetter(0))
        self._waiting = every[cut:]
        return self._first(every[:cut])

    def rest(self) -> list[Timed]:
        """Which of those that still wait are first sights."""
        every, self._waiting = self._waiting, []
        return self._first(every)

    def _first(self, every: list[Timed]) -> list[Timed]:
        ids = [p.id for _, p in every]
        if all(p.same_as is None for _, p in every) and self._known.isdisjoint(ids):
            self._known.update(ids)
            return every
        found = []
        for at, p in sorted(every, key=lambda x: (x[0].replace(second=0, microsecond=0), x[1].id)):
            if (key := p.same_as or p.id) not in self._known:
                self._known.add(key)
                found.append((at, p))
        return sorted(found, key=itemgetter(0))


class Sharing(Generic[K]):
    """Every two posts that follow each other within some time and share a key; posts come in order of time."""

    def __init__(self, keys: Callable[[Post], Iterable[K]], within: timedelta) -> None:
        self._keys, self._within = keys, within
        self._last: dict[K, Timed] = {}
        self.pairs: dict[K, list[Pair]] = {}
        """What was found so far, by key."""

    def see(self, posts: Sequence[Timed]) -> None:
        """Look at these posts, which come next."""
        last, keys, within = self._last, self._keys, self._within
        for timed in posts:
            for key in keys(timed[1]):
                before = last.pop(key, None)
                if before is not None and timed[0] - before[0] <= within:
                    self.pairs.setdefault(key, []).append((before[1], timed[1]))
                last[key] = timed  # behind all others, so the oldest stand first
        if posts:
            now = posts[-1][0]
            for key in [k for k, _ in takewhile(lambda x: now - x[1][0] > within, last.items())]:
                del last[key]


def clusters(pairs: Iterable[Pair]) -> list[tuple[Post, ...]]:
    """What these pairs join, each in order of time, the first one first."""
    root: dict[int, int] = {}
    posts: dict[int, Post] = {}

    def top(i: int) -> int:
        while root[i] != i:
            root[i] = root[root[i]]
            i = root[i]
        return i

    for a, b in pairs:
        for p in (a, b):
            posts.setdefault(p.id, p)
            root.setdefault(p.id, p.id)
        root[top(a.id)] = top(b.id)
    joined: dict[int, list[Timed]] = {}
    for at, p in in_order(posts.values()):
        joined.setdefault(top(p.id), []).append((at, p))
    return [tuple(p for _, p in group) for group in joined.values()]

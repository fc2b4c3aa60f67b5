"""Telling that two sights are one post. Never on a guess, and only for showing: each queue is held for itself.

Two posts of different connections are one only with the same registered account, the same minute and the same words,
exactly one to one. Where several could match they stay apart, and a finding says so.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import itemgetter

from freeze.accounts import Account
from freeze.findings import Finding, Level
from freeze.posts import Post, same_words


@dataclass(frozen=True, slots=True)
class Twins:
    """Pairs (the first known, another sight of it), and what could not be told apart."""

    pairs: tuple[tuple[int, int], ...]
    unclear: tuple[Finding, ...]


class Sights:
    """Looks for other sights of posts as they go by in order of time; only those of one minute are kept."""

    def __init__(self, register: Mapping[str, Account]) -> None:
        self._register = register
        self._minute: list[Post] = []
        self._ends: datetime | None = None
        self._pairs: list[tuple[int, int]] = []
        self._unclear: list[Finding] = []

    def see(self, posts: Iterable[Post]) -> None:
        """Look at these posts, which come next; those without a time are left out."""
        for p in posts:
            at = p.intended_at
            if at is None or not self._register[p.account].registered:
                continue
            if self._ends is None or at >= self._ends:
                self._tell()
                self._ends = at.replace(second=0, microsecond=0) + timedelta(minutes=1)
            self._minute.append(p)

    def told(self) -> Twins:
        """What was found, once all posts were seen."""
        self._tell()
        return Twins(tuple(self._pairs), tuple(self._unclear))

    def _tell(self) -> None:
        """Tell apart what stood in one minute: in one queue nothing is told, so words are levelled for few."""
        minute, self._minute = self._minute, []
        if len(minute) < 2 or len({p.locator.connection for p in minute}) < 2:
            return
        groups: dict[tuple[str, str], list[Post]] = defaultdict(list)
        for p in _meeting(minute):
            groups[p.account, same_words(p.text)].append(p)
        for group in groups.values():
            self._group(group)

    def _group(self, group: Sequence[Post]) -> None:
        connections = [p.locator.connection for p in group]
        if len(set(connections)) < 2:
            return
        first = min(group, key=lambda p: p.id)
        if len(set(connections)) == len(connections):
            self._pairs += [(first.id, p.id) for p in group if p is not first]
            return
        refs = ", ".join(p.ref for p in sorted(group, key=lambda p: p.id))
        self._unclear.append(
            Finding(
                clause="5.1",
                level=Level.NOTE,
                sentence=f"These look like one post seen in several places, but not one to one: {refs}.",
                next_step="Each is held for itself; look which are meant.",
                post=first.id,
                account=first.account,
                policy="identity",
            )
        )


def find(posts: Iterable[Post], register: Mapping[str, Account]) -> Twins:
    """Which of these posts are other sights of one another."""
    sights = Sights(register)
    timed = ((p.intended_at, p) for p in posts if p.intended_at is not None)
    sights.see(p for _, p in sorted(timed, key=itemgetter(0)))
    return sights.told()


def _meeting(minute: Sequence[Post]) -> list[Post]:
    """Those that stand on an account on which another connection has a post too."""
    first: dict[str, str] = {}
    several = {p.account for p in minute if first.setdefault(p.account, p.locator.connection) != p.locator.connection}
    return [p for p in minute if p.account in several]

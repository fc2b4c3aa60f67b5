"""Telling that two sights are one post. Never on a guess, and only for showing: each queue is held for itself.

Two posts of different connections are one only with the same registered account, the same minute and the same words,
exactly one to one. Where several could match they stay apart, and a finding says so.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from freeze.accounts import Account
from freeze.findings import Finding, Level
from freeze.posts import Post, same_words


@dataclass(frozen=True, slots=True)
class Twins:
    """Pairs (the first known, another sight of it), and what could not be told apart."""

    pairs: tuple[tuple[int, int], ...]
    unclear: tuple[Finding, ...]


def find(posts: Iterable[Post], register: Mapping[str, Account]) -> Twins:
    """Which of these posts are other sights of one another."""
    groups: dict[tuple[str, datetime, str], list[Post]] = defaultdict(list)
    for p in _meeting(posts, register):
        groups[*_when(p), same_words(p.text)].append(p)
    pairs: list[tuple[int, int]] = []
    unclear: list[Finding] = []
    for group in groups.values():
        connections = [p.locator.connection for p in group]
        if len(set(connections)) < 2:
            continue
        first = min(group, key=lambda p: p.id)
        if len(set(connections)) == len(connections):
            pairs += [(first.id, p.id) for p in group if p is not first]
            continue
        refs = ", ".join(p.ref for p in sorted(group, key=lambda p: p.id))
        unclear.append(
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
    return Twins(tuple(pairs), tuple(unclear))


def _meeting(posts: Iterable[Post], register: Mapping[str, Account]) -> list[Post]:
    """Those that stand in the same minute of one account as a post of another connection: few, so words wait."""
    timed = [p for p in posts if p.intended_at is not None and register[p.account].registered]
    first: dict[tuple[str, datetime], str] = {}
    several = {at for p in timed if first.setdefault(at := _when(p), p.locator.connection) != p.locator.connection}
    return [p for p in timed if _when(p) in several] if several else []


def _when(p: Post) -> tuple[str, datetime]:
    """The account and the minute of a post that has a time."""
    assert p.intended_at is not None
    return p.account, p.intended_at.replace(second=0, microsecond=0)

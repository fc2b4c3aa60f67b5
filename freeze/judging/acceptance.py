"""Known and fine: which findings may be set aside, until when, and what brings them back. Pure.

A finding that was accepted stays quiet through a London day, and only while what it is about stays as it was: other
words, another link, other media, or (where it is about a time) another time bring it back. What holds a post is never
set aside, and nor is that a rule could not judge. Setting many aside at once leaves out what must not be overlooked:
personal data (clause 3.4), requests for information (8.1), details of fire incidents (8.2) and whatever a pause brings.
All of this is our choice; the policy says nothing about it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import date, timedelta

from freeze.errors import UsageError
from freeze.findings import Finding, Level
from freeze.judging.evaluate import COULD_NOT
from freeze.permissions import spoken
from freeze.posts import Post
from freeze.windows import say_day

NEVER_AT_ONCE = frozenset({"3.4", "8.1", "8.2"})
"""Clauses whose findings are only ever accepted one by one."""
LONGEST = timedelta(days=366)
FIRST_NIGHT = timedelta(days=30)
"""How long the notes of a first night stay quiet."""


def mark(f: Finding, posts: Mapping[int, Post]) -> str:
    """What an accepted finding is remembered by: its short id, and a digest of what its post says."""
    post = posts.get(f.post or 0)
    if post is None:
        return f.ref
    time = post.intended_at.isoformat() if f.window is not None and post.intended_at else ""
    said = "\x1f".join((spoken(post), post.link, *post.media, "paid" * post.boosted, time))
    return f"{f.ref}.{hashlib.sha256(said.encode('utf-8', 'surrogatepass')).hexdigest()[:12]}"


def short(mark: str) -> str:
    """The short id in a mark."""
    return mark.partition(".")[0]


def refused(f: Finding) -> str:
    """Why this finding cannot be accepted; empty where it can."""
    if f.level is Level.STOP:
        return "it holds a post. To let the post through: freeze allow"
    if f.about == COULD_NOT:
        return "a rule could not judge, which has to be mended"
    return ""


def at_once(found: Iterable[Finding], levels: Iterable[Level]) -> list[Finding]:
    """Those of these levels that may be set aside together."""
    wanted = set(levels)
    return [
        f
        for f in found
        if f.level in wanted
        and not refused(f)
        and not f.freeze
        and (f.post or f.account)
        and NEVER_AT_ONCE.isdisjoint(c.strip() for c in f.clause.split(","))
    ]


def last_day(until: date, today: date) -> date:
    """The last day on which a finding stays quiet, checked. Raises UsageError for one that cannot be."""
    if until < today:
        raise UsageError(f"{say_day(until)} is over.", "Give the last day on which it stays quiet.")
    if until > today + LONGEST:
        raise UsageError(
            f"{say_day(until)} is more than {LONGEST.days} days ahead.",
            "Give an earlier day: what is known and fine is looked at again once a year.",
        )
    return until

"""What truly happened to every post: who changed what, when; the record an independent judge goes by.

A hand is one of "api" (a program, through a platform's own API), "colleague" (a person, through the control face),
"itself" (the platform: publishing on time, repeating, echoing) and "seed" (code of this process).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from freeze.sandbox._core.clock import stopwatch
from freeze.sandbox._core.posts import Post

API, COLLEAGUE, ITSELF, SEED = "api", "colleague", "itself", "seed"

_hand: ContextVar[tuple[str, int]] = ContextVar("hand", default=(SEED, 0))
_lagging: ContextVar[float | None] = ContextVar("lagging", default=None)


@contextmanager
def hand(by: str, call: int = 0) -> Iterator[None]:
    """While inside, changes are put down to this hand; `call` is the number of the API call that makes them."""
    token = _hand.set((by, call))
    try:
        yield
    finally:
        _hand.reset(token)


@contextmanager
def lagging(seconds: float) -> Iterator[None]:
    """While inside, readings show the posts as they stood so many real seconds ago."""
    token = _lagging.set(stopwatch() - seconds)
    try:
        yield
    finally:
        _lagging.reset(token)


def looked_at() -> float | None:
    """The stopwatch's reading at which posts are to be shown, or None for as they are."""
    return _lagging.get()


@dataclass(frozen=True, slots=True)
class Entry:
    """One change of one post; `before` is None when it was made, `mark` is the stopwatch's reading."""

    n: int
    at: datetime
    by: str
    call: int
    before: Post | None
    after: Post
    mark: float


@dataclass
class History:
    """Every change since the start, oldest first; the world's lock guards it."""

    entries: list[Entry] = field(default_factory=list)
    locks: list[dict[str, Any]] = field(default_factory=list)
    _of: dict[tuple[str, str], list[Entry]] = field(default_factory=dict)

    def note(self, before: Post | None, after: Post, at: datetime, by: str = "") -> None:
        """Write one change down."""
        hand_now, call = _hand.get()
        own = by and by != hand_now
        entry = Entry(len(self.entries) + 1, at, by or hand_now, 0 if own else call, before, after, stopwatch())
        self.entries.append(entry)
        self._of.setdefault((after.platform, after.id), []).append(entry)

    def lockdown(self, platform: str, on: bool, at: datetime) -> None:
        """Write down that somebody locked a platform, or lifted it."""
        self.locks.append({"platform": platform, "lockdown": on, "at": at.isoformat(), "by": _hand.get()[0]})

    def stood(self, key: tuple[str, str], mark: float) -> Post | None:
        """A post as it stood at a reading of the stopwatch, or None if it was not there yet."""
        return next((e.after for e in reversed(self._of.get(key, ())) if e.mark <= mark), None)

    def copy(self) -> History:
        """The same record, which goes its own way from here."""
        return History(list(self.entries), list(self.locks), {k: list(v) for k, v in self._of.items()})

    def to_json(self, after: int = 0) -> dict[str, Any]:
        """The changes numbered above `after`, and every lockdown."""
        return {"changes": [_entry(e) for e in self.entries[after:]], "lockdowns": list(self.locks)}


def _entry(e: Entry) -> dict[str, Any]:
    return {
        "n": e.n,
        "at": e.at.isoformat(),
        "by": e.by,
        "call": e.call,
        "platform": e.after.platform,
        "account": e.after.account,
        "id": e.after.id,
        "was": _standing(e.before) if e.before else None,
        "now": _standing(e.after),
    }


def _standing(post: Post) -> dict[str, Any]:
    return {
        "state": post.state,
        "publish_at": post.publish_at and post.publish_at.isoformat(),
        "published_at": post.published_at and post.published_at.isoformat(),
        "text": post.text,
        "title": post.title,
        "media": list(post.media),
    }

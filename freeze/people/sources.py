"""How old what a scheduler showed is, said first: most of a council's posts stand there. Pure.

A scheduler here is a connection that is known only by copies somebody saves, or whose settings name who can press its
lockdown. What it showed a day ago says nothing about now.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from freeze.windows import london, say, say_short, say_span

OLD = timedelta(hours=24)
"""A copy older than this is too old to say that there is no conflict."""


@dataclass(frozen=True, slots=True)
class SeenBy:
    """When one scheduler was last seen: the instant (UTC) its copy was saved, or it was read; None if never."""

    connection: str
    title: str
    at: datetime | None
    trouble: str = ""

    def stale(self, now: datetime) -> bool:
        """Whether nothing may be concluded from it."""
        return self.at is None or now - self.at > OLD

    def said(self, now: datetime) -> str:
        """For the first line of anything that speaks about its posts."""
        failed = f" The last try failed: {self.trouble}" if self.trouble else ""
        if self.at is None:
            return f"{self.title.upper()} NEVER SEEN: nothing is known of what is scheduled there.{failed}"
        ago = say_span(max(0.0, (now - self.at).total_seconds()))
        if self.stale(now):
            return (
                f"{self.title.upper()} NOT SEEN SINCE {say(self.at)} ({ago} ago): what was scheduled there since is "
                f"not known. Save a new export, then: freeze sync.{failed}"
            )
        return f"{self.title} seen {say_short(self.at)}, {ago} ago.{failed}"

    def short(self, now: datetime) -> str:
        """For a subject: "Orlo seen 05:50", with the day where it was not today; London time."""
        if self.at is None:
            return f"{self.title} never seen"
        if self.stale(now):
            return f"{self.title} NOT SEEN since {say_short(self.at)}"
        here = london(self.at)
        same = here.date() == london(now).date()
        return f"{self.title} seen {here:%H:%M}" if same else f"{self.title} seen {here:%a %H:%M}"


def any_stale(seen: Iterable[SeenBy], now: datetime) -> bool:
    """Whether any of them is too old to know."""
    return any(s.stale(now) for s in seen)


@dataclass(frozen=True, slots=True)
class Age:
    """When a connection was last read, and how old what it showed is."""

    connection: str
    read_at: datetime | None
    as_of: datetime | None
    reason: str

    def said(self, now: datetime) -> str:
        """In words: 'read 3 minutes ago', 'export of Thursday ..., 14 hours old', 'never read'."""
        if self.read_at is None:
            return f"never read{f' ({self.reason})' if self.reason else ''}"
        if self.as_of is not None:
            return f"export of {say_short(self.as_of)}, {say_span(max(0.0, (now - self.as_of).total_seconds()))} old"
        ago = say_span(max(0.0, (now - self.read_at).total_seconds()))
        return f"read {ago} ago" + (f"; last try failed: {self.reason}" if self.reason else "")


@dataclass(frozen=True, slots=True)
class Source:
    """How old what one connection shows is; `seen` is None where it was never read. `copy`: read from an export."""

    title: str
    seen: datetime | None
    copy: bool
    failed: str
    said: str

    def old(self, now: datetime) -> bool:
        """Whether it says nothing about now."""
        return self.seen is None or bool(self.failed) or now - self.seen > OLD

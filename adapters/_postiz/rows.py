"""Postiz's list of posts: rows by their ids, series as one, and what each row says of where a post stands.

A post that repeats comes as one row for each of its times, all with one id and from its very first time on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from adapters._tools.instants import zoned
from adapters._web.verdicts import says
from freeze.posts import Json, State

STATES: Final[Mapping[str, State]] = {
    "QUEUE": State.SCHEDULED,
    "DRAFT": State.DRAFT,
    "PUBLISHED": State.PUBLISHED,
}
FAILED: Final = "ERROR"


@dataclass(frozen=True, slots=True)
class Post:
    """One post: its first row, and the times of all its rows as Postiz wrote them, in their order."""

    row: Mapping[str, Json]
    times: tuple[str, ...]

    @property
    def account(self) -> str:
        """The id of its channel; empty where the row names none."""
        channel = self.row.get("integration")
        return str(channel.get("id") or "") if isinstance(channel, dict) else ""

    @property
    def word(self) -> str:
        """Postiz's own word for its state."""
        return str(self.row.get("state"))

    @property
    def repeats(self) -> bool:
        """Whether it is a series."""
        return repeats(self.row)

    @property
    def waits_for_nothing(self) -> bool:
        """Whether it surely does not go out by itself: a draft, one that failed, one that is out for good."""
        return self.word in ("DRAFT", FAILED) or (self.word == "PUBLISHED" and not self.repeats)

    @property
    def text(self) -> str:
        """Its words. Raises ValueError where there are none."""
        content = self.row.get("content")
        if not isinstance(content, str):
            raise ValueError("it came without its words")
        return content

    def stands(self, now: datetime, occurrence: str = "") -> tuple[State, datetime, str]:
        """Its state, its time (UTC) and that time as written; `occurrence` is one time of a series that went out.

        Raises ValueError with a sentence for a state or a time that cannot be understood.
        """
        if not self.account:
            raise ValueError("it does not say on which channel it goes out")
        if self.word == FAILED:
            raise ValueError("Postiz says that sending it failed; only the network shows whether it went out")
        if self.word not in STATES:
            raise ValueError(f'its state is "{says(self.word, 40)}", which the guard does not handle')
        first, series = stored(self.row), self.repeats
        if occurrence:
            if self.word != "PUBLISHED" or occurrence not in self.times:
                raise ValueError("Postiz no longer says whether the series went out at that time")
            return State.PUBLISHED, zoned(occurrence), occurrence
        if self.word == "PUBLISHED" and series:
            # A series stays "published" while it goes on, and its next run asks for no state.
            every = timedelta(days=self.row["intervalInDays"])
            following = first if first >= now else first - (first - now) // every * every
            return State.SCHEDULED, following, written(following)
        return STATES[self.word], first, self.times[0]


def grouped(items: Sequence[Mapping[str, Json]]) -> tuple[dict[str, Post], int]:
    """Posts by their ids, and how many rows have none."""
    found: dict[str, list[Mapping[str, Json]]] = {}
    nameless = 0
    for item in items:
        native = item.get("id")
        if not isinstance(native, str) or not native:
            nameless += 1
            continue
        found.setdefault(native, []).append(item)
    posts = {}
    for native, rows in found.items():
        ordered = sorted(rows, key=lambda row: str(row.get("publishDate")))  # ISO 8601 in UTC sorts as text
        posts[native] = Post(ordered[0], tuple(str(row.get("publishDate")) for row in ordered))
    return posts, nameless


def repeats(row: Mapping[str, Json]) -> bool:
    """Whether a row belongs to a series. Raises ValueError where it says neither."""
    every = row.get("intervalInDays")
    if every is None or every == 0:
        return False
    if not isinstance(every, int) or isinstance(every, bool) or not 0 < every < 10_000:
        raise ValueError(f'how often it repeats, "{says(every, 40)}", cannot be read')
    return True


def stored(row: Mapping[str, Json]) -> datetime:
    """The date that Postiz keeps for a post, in UTC: it goes out then, whatever is shown for a series."""
    return zoned(row.get("actualDate") or row.get("publishDate"))


def tags(row: Mapping[str, Json]) -> tuple[str, ...]:
    """The names of its tags."""
    given = row.get("tags")
    found = [t.get("tag") for t in given if isinstance(t, dict)] if isinstance(given, list) else []
    return tuple(str(t["name"]) for t in found if isinstance(t, dict) and t.get("name"))


def written(at: datetime) -> str:
    """An instant as Postiz writes it: 2026-12-31T07:00:00.000Z."""
    utc = at.astimezone(UTC)
    return f"{utc:%Y-%m-%dT%H:%M:%S}.{utc.microsecond // 1000:03d}Z"

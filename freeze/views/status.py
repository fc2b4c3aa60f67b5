"""What is paused, and what still needs somebody, at one instant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from freeze.holds import HoldState
from freeze.pauses.freezes import Freeze, Standing, enforced, standing
from freeze.people import signs
from freeze.people.sources import SeenBy, any_stale
from freeze.posts import Post
from freeze.views.found import Found
from freeze.views.known import Known


@dataclass(frozen=True)
class Status:
    """Everything `freeze status` tells.

    `pauses` are those in force, `schedulers` how old what each showed is. `waiting` counts the posts still held from
    pauses that are over, which are the numbers `held_by`. `late` were not published by their platform at their time,
    `late_seen` says when each was last read (UTC). `store` is where the store is, in words.
    """

    known: Known
    pauses: Sequence[tuple[Freeze, Found]]
    schedulers: Sequence[SeenBy]
    waiting: int
    held_by: Sequence[int]
    last_run: Any
    late: Sequence[Post]
    late_seen: Mapping[int, datetime]
    store: str

    @property
    def now(self) -> datetime:
        """The instant it is about."""
        return self.known.now

    @property
    def unknown(self) -> bool:
        """Whether a scheduler was not seen for so long that nothing is known of it."""
        return any_stale(self.schedulers, self.now)

    @property
    def keeper(self) -> tuple[bool, str]:
        """Whether a keeper is at work, and a sentence about it."""
        return signs.said(self.known.beats, self.now)

    @property
    def unkept(self) -> str:
        """What to say of pauses that nobody keeps; empty where a keeper is at work or none holds anything."""
        holding = any(enforced(f, self.now, self.known.lead) for f, _ in self.pauses)
        return signs.without_keeper(self.known.beats, self.now) if holding and not self.keeper[0] else ""

    @property
    def missed(self) -> bool:
        """Whether the time of a held post has passed and nobody decided."""
        return any(
            h.missed(self.now) and not h.decision and h.state is HoldState.CONFIRMED
            for _, what in self.pauses
            for h in what.holds
        )

    @property
    def unsettled(self) -> bool:
        """Whether a pause is not settled, its end is overdue, or nobody keeps it."""
        overdue = any(standing(f, self.now) is Standing.END_OVERDUE for f, _ in self.pauses)
        return overdue or bool(self.unkept) or any(what.unsettled for _, what in self.pauses)

"""What one run found and did, gathered from many threads."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from freeze.accounts import Gap, Unseen
from freeze.holds import UNDER_WAY, HoldState
from freeze.posts import Reject
from freeze.views.found import Note

Progress = Callable[[int, int], None]
"""Told how many holds are settled, out of how many so far."""


@dataclass
class Tally:
    """A run's sums. Every method may be called from any thread.

    `overtaken`: another run took over before this one was done, so these are not how things stand.
    """

    progress: Progress = lambda _done, _all: None
    gaps: list[Gap] = field(default_factory=list)
    hidden: list[Unseen] = field(default_factory=list)
    rejects: dict[str, Reject] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)
    unregistered: list[str] = field(default_factory=list)
    states: dict[int, HoldState] = field(default_factory=dict)
    listed: int = 0
    interrupted: bool = False
    overtaken: bool = False
    _settled: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def gap(self, gap: Gap) -> None:
        """Something could not be read."""
        with self._lock:
            if gap not in self.gaps:
                self.gaps.append(gap)

    def unseen(self, what: Unseen) -> None:
        """A platform shows no program what is scheduled there; a person has to look."""
        with self._lock:
            self.hidden.append(what)

    def reject(self, reject: Reject) -> None:
        """A row that could not be understood; the same row is told once."""
        with self._lock:
            self.rejects[reject.where] = reject

    def note(self, post: int, kind: str, sentence: str) -> None:
        """Something a person must hear."""
        with self._lock:
            self.notes.append(Note(post, kind, sentence))

    def registered_nowhere(self, ids: list[str]) -> None:
        """Accounts that were seen and nobody registered."""
        with self._lock:
            self.unregistered += ids

    def saw(self, posts: int) -> None:
        """Posts were listed."""
        with self._lock:
            self.listed += posts

    def hold(self, hold: int, state: HoldState) -> None:
        """Where a hold stands now."""
        with self._lock:
            before = self.states.get(hold, HoldState.REQUESTED)
            self.states[hold] = state
            self._settled += (state not in UNDER_WAY) - (before not in UNDER_WAY)
            done, total = self._settled, len(self.states)
        self.progress(done, total)

    @property
    def counts(self) -> dict[str, int]:
        """How many holds this run left in each state."""
        return dict(Counter(s.value for s in self.states.values()))

    @property
    def broken(self) -> bool:
        """Whether something could not be read or understood, or the run did not come to its end."""
        return bool(self.gaps or self.rejects or self.interrupted)

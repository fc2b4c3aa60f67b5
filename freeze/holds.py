"""Holds: one post taken out of one queue, knowing exactly how to put it back."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

from freeze.posts import Absent, Json, Locator, Reading, Seen, State
from freeze.windows import Window, say


class Kind(StrEnum):
    """The four different things a platform means by a pause."""

    DRAFT = "draft"  # a true hold
    PUSH = "push"  # only the time moves, so the hold expires
    RECREATE = "recreate"  # deleted and sent again; only where settings allow it
    HUMAN = "human"  # only a person can

    @property
    def said(self) -> str:
        """What staff read."""
        return {
            "draft": "draft",
            "push": "moved to a later date",
            "recreate": "deleted and re-made",
            "human": "needs a person",
        }[self.value]


class HoldState(StrEnum):
    """Where a hold stands. `confirmed` and `put back` only ever follow a reading of the platform."""

    REQUESTED = "requested"
    HELD = "held"
    CONFIRMED = "confirmed"
    UNCONFIRMED = "unconfirmed"
    TOO_LATE = "too late"
    REFUSED = "refused"
    NEEDS_A_PERSON = "needs a person"
    CHANGED = "changed"
    GONE = "gone"
    PUTTING_BACK = "putting back"
    PUT_BACK = "put back"
    KEPT = "kept"


MOVES: Mapping[HoldState, frozenset[HoldState]] = {
    HoldState.REQUESTED: frozenset(
        {
            HoldState.HELD,
            HoldState.CONFIRMED,
            HoldState.UNCONFIRMED,
            HoldState.TOO_LATE,
            HoldState.REFUSED,
            HoldState.NEEDS_A_PERSON,
            HoldState.CHANGED,
            HoldState.GONE,
        }
    ),
    HoldState.HELD: frozenset(
        {HoldState.CONFIRMED, HoldState.UNCONFIRMED, HoldState.CHANGED, HoldState.GONE, HoldState.TOO_LATE}
    ),
    HoldState.CONFIRMED: frozenset(
        {
            HoldState.REQUESTED,
            HoldState.UNCONFIRMED,
            HoldState.CHANGED,
            HoldState.GONE,
            HoldState.PUTTING_BACK,
            HoldState.KEPT,
        }
    ),
    # Sent again, and taken by the platform, but not read back yet: that is held, as the first time.
    HoldState.UNCONFIRMED: frozenset(set(HoldState) - {HoldState.UNCONFIRMED}),
    HoldState.CHANGED: frozenset({HoldState.REQUESTED, HoldState.CONFIRMED, HoldState.GONE, HoldState.KEPT}),
    HoldState.REFUSED: frozenset(
        {HoldState.REQUESTED, HoldState.TOO_LATE, HoldState.GONE, HoldState.CONFIRMED, HoldState.KEPT}
    ),
    HoldState.NEEDS_A_PERSON: frozenset(
        {HoldState.REQUESTED, HoldState.TOO_LATE, HoldState.GONE, HoldState.CONFIRMED, HoldState.KEPT}
    ),
    # One that is made again and may have been made already is looked at by a person before anything is sent again.
    HoldState.PUTTING_BACK: frozenset(
        {
            HoldState.PUT_BACK,
            HoldState.UNCONFIRMED,
            HoldState.CHANGED,
            HoldState.GONE,
            HoldState.CONFIRMED,
            HoldState.NEEDS_A_PERSON,
        }
    ),
    HoldState.TOO_LATE: frozenset(),
    HoldState.GONE: frozenset(),
    HoldState.PUT_BACK: frozenset(),
    HoldState.KEPT: frozenset(),
}
"""Which state may follow which."""

CLOSED = frozenset(s for s, after in MOVES.items() if not after)
"""States in which the guard has nothing more to do."""
UNDER_WAY = frozenset({HoldState.REQUESTED, HoldState.HELD, HoldState.PUTTING_BACK})
"""States in which a call may be on its way."""
UNSURE = UNDER_WAY | {HoldState.UNCONFIRMED}
"""States of which only a reading can tell how the post stands."""
WAITS = frozenset({HoldState.NEEDS_A_PERSON, HoldState.REFUSED, HoldState.CHANGED})
"""States that wait for a person."""
UNSETTLED = UNSURE | WAITS
"""States in which a post is not known to be stopped, or somebody must still do something."""


class ForbiddenMove(RuntimeError):
    """A fault of our own: a hold was to be written down in a state that cannot follow the one it is in."""


def follow(before: HoldState, after: HoldState) -> HoldState:
    """The state `after`, which must be the same or one that may follow `before`. Raises ForbiddenMove."""
    if after is not before and after not in MOVES[before]:
        raise ForbiddenMove(f"a hold that is {before.value} was to be called {after.value}")
    return after


class Verb(StrEnum):
    """What a change is for."""

    HOLD = "hold"
    KEEP = "keep"
    PUT_BACK = "put back"


@dataclass(frozen=True, slots=True)
class Goal:
    """What is wanted of one post.

    `at` is the instant to put it back to (UTC), for PUT_BACK only. `before` is the post as it was when first held.
    `avoid` are windows in which nothing may be parked; `slot` spreads parked posts (0, 1, 2, ...).
    """

    verb: Verb
    at: datetime | None = None
    before: Seen | None = None
    avoid: tuple[Window, ...] = ()
    slot: int = 0


@dataclass(frozen=True, slots=True)
class Step:
    """Exactly one call to a platform, without its secret, so that it can be written down and sent again.

    `idempotent` says that sending it twice does what sending it once does; a call that is not is never repeated.
    """

    method: str
    path: str
    params: Mapping[str, Json] = field(default_factory=dict)
    body: Json = None
    account: str = ""
    idempotent: bool = True

    def to_json(self) -> dict[str, Json]:
        """The step as the journal keeps it."""
        return {
            "method": self.method,
            "path": self.path,
            "params": dict(self.params),
            "body": self.body,
            "account": self.account,
            "idempotent": self.idempotent,
        }


@dataclass(frozen=True, slots=True)
class Expected:
    """What a reading must show for a change to count as done; volatile fields are left out.

    `at` of None means the time is not part of the promise. `absent` means the post must be gone from here.
    """

    state: State = State.SCHEDULED
    at: datetime | None = None
    content: str = ""
    absent: bool = False

    def to_json(self) -> dict[str, Json]:
        """The promise as the store keeps it."""
        at = self.at.isoformat() if self.at else None
        return {"state": self.state.value, "at": at, "content": self.content, "absent": self.absent}

    @classmethod
    def from_json(cls, d: Mapping[str, Json]) -> Expected:
        """A promise read back from the store."""
        return cls(State(d["state"]), _instant(d["at"]), d["content"], d["absent"])

    def differences(self, reading: Reading) -> tuple[str, ...]:
        """How a reading differs from the promise, in words; empty means it agrees."""
        if isinstance(reading, Absent):
            return () if self.absent else ("it is no longer there",)
        if not isinstance(reading, Seen):
            return ("it could not be read",)
        if self.absent:
            return ("it is still there",)
        found = []
        if reading.state is not self.state:
            found.append(f"it is {reading.state.value.replace('_', ' ')}, not {self.state.value.replace('_', ' ')}")
        if self.at is not None and reading.at != self.at:
            found.append(f"its time is {say(reading.at) if reading.at else 'not set'}, not {say(self.at)}")
        if self.content and reading.content != self.content:
            found.append("its words, link or pictures were changed")
        return tuple(found)


@dataclass(frozen=True, slots=True)
class Change:
    """How one goal is reached for one post: the calls, and what reading back must show.

    `expires_at` is the instant (UTC) at which the post fires by itself unless the guard runs again.
    """

    kind: Kind
    why: str
    steps: tuple[Step, ...]
    expected: Expected
    expires_at: datetime | None = None

    def to_json(self) -> dict[str, Json]:
        """The change as the journal keeps it."""
        return {
            "kind": self.kind.value,
            "why": self.why,
            "steps": [s.to_json() for s in self.steps],
            "expected": self.expected.to_json(),
            "expires_at": self.expires_at.isoformat() if self.expires_at else None,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Json]) -> Change:
        """A change read back from the journal, equal to the one written."""
        return cls(
            kind=Kind(data["kind"]),
            why=data["why"],
            steps=tuple(Step(**s) for s in data["steps"]),
            expected=Expected.from_json(data["expected"]),
            expires_at=_instant(data["expires_at"]),
        )


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a goal cannot be reached by the guard; `clicks` is what a person must do instead."""

    state: HoldState
    why: str
    clicks: str = ""


@dataclass(frozen=True, slots=True)
class Receipt:
    """A platform's answer that it did what was asked. It is not proof: only reading again is.

    `native_id` is the id of what the call made, where it made a new post.
    """

    status: int
    says: str = ""
    native_id: str = ""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A whole post as it was before anything was changed, ready to be kept."""

    seen: Seen

    def to_json(self) -> dict[str, Json]:
        s = self.seen
        return {
            "locator": [s.locator.connection, s.locator.account, s.locator.native_id, s.locator.occurrence],
            "state": s.state.value,
            "at": s.at.isoformat() if s.at else None,
            "at_given": s.at_given,
            "text": s.text,
            "title": s.title,
            "link": s.link,
            "media": list(s.media),
            "author": s.author,
            "app": s.app,
            "tags": list(s.tags),
            "boosted": s.boosted,
            "raw": dict(s.raw),
        }

    @classmethod
    def from_json(cls, d: Mapping[str, Json]) -> Snapshot:
        return cls(
            Seen(
                locator=Locator(*d["locator"]),
                state=State(d["state"]),
                at=_instant(d["at"]),
                at_given=d["at_given"],
                text=d["text"],
                title=d["title"],
                link=d["link"],
                media=tuple(d["media"]),
                author=d["author"],
                app=d["app"],
                tags=tuple(d["tags"]),
                boosted=d["boosted"],
                raw=d["raw"],
            )
        )


def digest(data: Json) -> str:
    """A short digest of JSON data that does not depend on key order."""
    return hashlib.sha256(json.dumps(data, sort_keys=True, separators=(",", ":")).encode()).hexdigest()[:16]


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text).astimezone(UTC) if text else None


@dataclass(frozen=True, slots=True)
class Hold:
    """A stored hold: what was done to one post, and what reading it back must show.

    `expires_at` is when the post fires by itself unless the guard runs again. `claims` are the freezes that hold it.
    `closed_at` is set once the guard has nothing more to do with it.
    """

    id: int
    post: int
    state: HoldState
    kind: Kind
    why: str
    clicks: str
    before: Seen
    expected: Expected
    expires_at: datetime | None
    opened_at: datetime
    checked_at: datetime | None
    detail: str
    decision: str
    decided_time: datetime | None
    decided_by: str
    claims: tuple[int, ...] = ()
    closed_at: datetime | None = None

    def missed(self, now: datetime) -> bool:
        """Whether its intended time has passed while it was held: it never goes out by itself."""
        return self.before.at is not None and self.before.at <= now


@dataclass(frozen=True, slots=True)
class Intent:
    """One journalled purpose: what a run means to do to one hold, written before it does it."""

    id: int
    hold: int
    verb: Verb
    change: Change
    was: Expected
    state: str
    sent: int = 0
    made: str = ""
    run: int = 0

    @property
    def perhaps_made(self) -> bool:
        """Whether its last step begun is one that must never be repeated."""
        return self.sent > 0 and not self.change.steps[self.sent - 1].idempotent

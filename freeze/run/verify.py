"""Reading back: what a reading says about something the guard meant to do. Pure.

200 is not proof. After a crash the same question settles what was under way: equals the goal means done, equals before
means send the same stored change again, neither means that somebody changed it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from freeze.holds import Expected
from freeze.posts import Absent, Reading, Seen, State, Unreadable
from freeze.windows import say


class Told(Enum):
    """What a reading tells."""

    DONE = "done"
    NOT_DONE = "as before"
    CHANGED = "changed by somebody"
    WENT_OUT = "went out"
    GONE = "gone"
    UNREAD = "could not be read"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a reading tells, in one word and one sentence."""

    told: Told
    detail: str = ""


def ask(reading: Reading, expected: Expected, before: Expected | None = None) -> Answer:
    """Compare a reading with what it must show (`expected`) and with what was there `before`."""
    if isinstance(reading, Unreadable):
        return Answer(Told.UNREAD, reading.reason)
    differences = expected.differences(reading)
    if not differences:
        return Answer(Told.DONE)
    if isinstance(reading, Absent):
        if before is not None and before.absent:
            return Answer(Told.NOT_DONE, "the platform did not do it")
        return Answer(Told.GONE, "it is no longer on the platform")
    assert isinstance(reading, Seen)
    if reading.state is State.DELETED:
        return Answer(Told.GONE, "it is in the platform's bin")
    if reading.state is State.PUBLISHED:
        when = f" on {say(reading.at)}" if reading.at else ""
        return Answer(Told.WENT_OUT, f"it went out{when}")
    if before is not None and not before.differences(reading):
        return Answer(Told.NOT_DONE, "the platform did not do it")
    return Answer(Told.CHANGED, " and ".join(differences))

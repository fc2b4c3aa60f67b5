"""A declaration as it is asked for, as it is proposed, and as it was carried out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from freeze.council.settings import Holder
from freeze.pauses.freezes import Freeze
from freeze.people.sources import SeenBy, any_stale
from freeze.people.tasks import Scheduler
from freeze.ports import Preset
from freeze.posts import Post
from freeze.views.found import Found
from freeze.views.known import Known
from freeze.windows import Window

if TYPE_CHECKING:
    from freeze.pauses.preview import Plan


@dataclass(frozen=True)
class Times:
    """What was given about the time of a pause; instants are in UTC, days are London days."""

    start: datetime | None = None
    until: datetime | None = None
    days: int | None = None
    minutes: int | None = None
    d_day: date | None = None
    poll: date | None = None
    election: str | None = None
    holes: tuple[Window, ...] = ()

    @property
    def dates(self) -> bool:
        """Whether anything was given that says when."""
        given = (self.start, self.until, self.days, self.minutes, self.d_day, self.poll)
        return any(x is not None for x in given) or bool(self.holes)


@dataclass(frozen=True)
class Asked:
    """What somebody asks to pause; `announced` is where it was announced, for everybody to read."""

    preset: str
    times: Times = Times()
    everything: bool = False
    services: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()
    platforms: tuple[str, ...] = ()
    reason: str | None = None
    authority: str | None = None
    approver: str | None = None
    announced: str | None = None
    rehearsal: bool = False


@dataclass(frozen=True)
class Proposal:
    """What a declaration would do, by the store and without any call.

    `new` is the pause that was asked for, `standing` the one that says the same already. `plan` is what would be done
    to each known post, `later` are posts in its windows that are not near enough yet. `switches` are locks to press.
    """

    known: Known
    asked: Asked
    preset: Preset
    new: Freeze
    standing: Freeze | None
    plan: Plan
    later: Sequence[Post]
    switches: Sequence[Scheduler]
    holders: Mapping[str, Sequence[Holder]]
    schedulers: Sequence[SeenBy]
    store: str

    @property
    def shown(self) -> Freeze:
        """The pause it is about."""
        return self.standing or self.new

    @property
    def unknown(self) -> bool:
        """Whether a scheduler was not seen for so long that nothing is known of it."""
        return any_stale(self.schedulers, self.known.now)


@dataclass(frozen=True)
class Declared:
    """What came of a declaration: the pause as it stands after its sweep, and what the run could not do."""

    freeze: Freeze
    what: Found
    ran: Any
    known: Known
    unkept: str

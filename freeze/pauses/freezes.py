"""Freezes: declaring, extending, ending, undoing and resolving the end. Pure: the store commits what is decided here.

Where a freeze stands is computed from instants and recorded events, never stored. A provisional end never ends it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from freeze.crisis import CRISIS, Crisis
from freeze.errors import RefusedByRule, UsageError
from freeze.ports import FreezeView, Scope
from freeze.posts import Json
from freeze.windows import Window, end_of, london, say, without

FAR = datetime(9999, 1, 1, tzinfo=UTC)
QUIET = "Publishing pause"
"""All that anybody outside Communications is told while no announcement is recorded."""
MOST_DAYS = 366
"""A longer pause is taken for a slip of the pen; one that really is so long can be given with its last day."""


class Standing(StrEnum):
    """Where a freeze stands."""

    PENDING = "pending"
    ACTIVE = "active"
    IN_A_HOLE = "in a hole"
    END_OVERDUE = "end overdue"
    COMPLETED = "ended (completed)"
    EARLY = "ended (early)"
    BY_MISTAKE = "ended (by mistake)"

    @property
    def over(self) -> bool:
        """Whether the rule is lifted; nothing moves until `put-back` all the same."""
        return self in (Standing.COMPLETED, Standing.EARLY, Standing.BY_MISTAKE)


@dataclass(frozen=True, slots=True)
class Freeze:
    """A declared period: who, why, until when, and which accounts.

    `key` names one that stands without being declared, such as a yearly silence. `details` are what else was noted.
    """

    number: int
    preset: str
    title: str
    policy: str
    clause: str
    scope: Scope
    windows: tuple[Window, ...]
    provisional: bool
    d_day: date | None
    because: str
    reason: str
    authority: str
    declared_at: datetime
    declared_by: str
    rehearsal: bool = False
    ended_at: datetime | None = None
    ended_how: str = ""
    announced_at: datetime | None = None
    announced_source: str = ""
    key: str = ""
    details: Mapping[str, Json] = field(default_factory=dict, hash=False)

    @property
    def quiet(self) -> bool:
        """Whether no announcement is recorded: outside Communications it is only "Publishing pause"."""
        return self.announced_at is None

    @property
    def outside(self) -> str:
        """What it is called outside Communications; while it is quiet that names no event."""
        return QUIET if self.quiet else self.title

    @property
    def ref(self) -> str:
        """The short id people type."""
        return f"f{self.number}"

    @property
    def start(self) -> datetime:
        return self.windows[0].start

    @property
    def end(self) -> datetime:
        return self.windows[-1].end

    def says(self) -> str:
        """Its name in one line, marked when it is a rehearsal."""
        return f"{'REHEARSAL of ' if self.rehearsal else ''}{self.title} ({self.ref})"


def standing(f: Freeze, now: datetime) -> Standing:
    """Where `f` stands at `now`."""
    if f.ended_at is not None and now >= f.ended_at:
        return Standing.BY_MISTAKE if f.ended_how == "by mistake" else Standing.EARLY
    if now < f.start:
        return Standing.PENDING
    if now >= f.end:
        return Standing.END_OVERDUE if f.provisional else Standing.COMPLETED
    return Standing.ACTIVE if any(now in w for w in f.windows) else Standing.IN_A_HOLE


def enforced(f: Freeze, now: datetime, lead: timedelta) -> tuple[Window, ...]:
    """The windows whose posts are held at `now`.

    A post is held from the declaration on, or from `lead` before its window starts if that is later. A provisional end
    never lets a post slip past it: from `lead` before it, the last window reaches as far ahead as `lead`.
    """
    if f.rehearsal or standing(f, now).over:
        return ()
    windows = [w for w in f.windows if now >= w.start - lead]
    if windows and f.provisional and windows[-1].end == f.end and now >= f.end - lead:
        last = windows[-1]
        windows[-1] = Window(last.start, max(last.end, now + lead), last.civil)
    return tuple(windows)


def view(f: Freeze, now: datetime, lead: timedelta) -> FreezeView:
    """The freeze as rules see it."""
    windows = enforced(f, now, lead)
    return _view(f, windows, holding=bool(windows))


def _view(f: Freeze, windows: tuple[Window, ...], *, holding: bool) -> FreezeView:
    crisis = Crisis.from_json(f.details) if f.preset == CRISIS else None
    return FreezeView(f.ref, f.preset, windows, f.scope, holding, f.says(), f.clause, f.policy, crisis)


def views(all_freezes: Iterable[Freeze], now: datetime, lead: timedelta) -> tuple[FreezeView, ...]:
    """Every freeze that holds something at `now`."""
    return tuple(v for v in (view(f, now, lead) for f in all_freezes) if v.holding)


def ahead(all_freezes: Iterable[Freeze], now: datetime, lead: timedelta) -> tuple[FreezeView, ...]:
    """Every freeze that is not over, with all its windows, also those that hold nothing yet: no post is put there."""
    out = []
    for f in all_freezes:
        if f.rehearsal or standing(f, now).over:
            continue
        later = (w for w in f.windows if now < w.start - lead)
        windows = tuple(sorted((*enforced(f, now, lead), *later)))
        out.append(_view(f, windows, holding=True))
    return tuple(out)


def until_days(start: datetime, days: int) -> datetime:
    """The end of a pause of whole London days: midnight at the end of the last one. The first day counts as day 1."""
    if not 1 <= days <= MOST_DAYS:
        raise UsageError(f"A pause of {days} days cannot be.", f"Give --days from 1 to {MOST_DAYS}.")
    return end_of(london(start).date() + timedelta(days=days - 1))


def repeated(new: Freeze, standing_ones: Iterable[Freeze], *, dates_given: bool, now: datetime) -> Freeze | None:
    """The freeze that `new` merely repeats, if there is one.

    Sameness is preset, scope and the rehearsal flag; two with a settled end and no instant in common are two pauses.
    Raises RefusedByRule when the same one stands with other dates.
    """
    for f in standing_ones:
        if standing(f, now).over or (f.preset, f.scope, f.rehearsal) != (new.preset, new.scope, new.rehearsal):
            continue
        if not (f.provisional or new.provisional) and (new.end <= f.start or f.end <= new.start):
            continue
        same_dates = (f.start, f.end) == (new.start, new.end) or (new.end == f.end and f.start <= now)
        if not dates_given or same_dates:
            return f
        raise RefusedByRule(
            f"{f.says()} already stands, until {until_words(f)}; these dates differ.",
            f"To change its end: freeze extend {f.ref} --until TIME",
        )
    return None


def until_words(f: Freeze) -> str:
    """The end in words, saying so when it is provisional."""
    return say(f.end) + (" (provisional)" if f.provisional else "")


def settle(f: Freeze) -> str:
    """The commands that settle an overdue end; a funeral settles only what began with a D-Day."""
    funeral = f"freeze resolve-end {f.ref} --funeral DATE, " if f.d_day else ""
    return f"{funeral}freeze extend {f.ref} --until DATE, or freeze end {f.ref}"


def extended(f: Freeze, until: datetime, now: datetime) -> Freeze:
    """The same freeze, ending later. Raises RefusedByRule for one that ended, or an end that is not later."""
    _alive(f, now)
    if until <= f.end:
        raise RefusedByRule(f"{f.says()} already runs until {until_words(f)}.", f"To end it sooner: freeze end {f.ref}")
    last = f.windows[-1]
    longer = Window(last.start, until, f"until {say(until)}")
    return replace(f, windows=(*f.windows[:-1], longer), provisional=False)


def with_hole(f: Freeze, hole: Window, now: datetime) -> Freeze:
    """The same freeze with a span cut out, in which nothing is held. Raises RefusedByRule if nothing would be left."""
    _alive(f, now)
    windows = without(f.windows, hole)
    if not windows or windows == f.windows:
        raise RefusedByRule(
            f"A gap from {say(hole.start)} to {say(hole.end)} does not lie inside {f.says()}.",
            "Give a span inside it, or end it.",
        )
    return replace(f, windows=windows)


def ended(f: Freeze, now: datetime, how: str) -> Freeze:
    """The same freeze, over. `how` is "early" or "by mistake". An end that has passed is only confirmed."""
    _alive(f, now)
    if standing(f, now) is Standing.END_OVERDUE and how == "early":
        return replace(f, provisional=False)
    return replace(f, ended_at=now, ended_how=how)


def resolved(f: Freeze, funeral: date, now: datetime) -> Freeze:
    """The same freeze with its end known: the end of the funeral day, Europe/London."""
    _alive(f, now)
    from freeze.clocks.mourning import resolved_end  # its rules load only when an end is settled

    end = resolved_end(f.windows, funeral)
    return replace(f, windows=end.windows, provisional=False, because=end.because)


def announced(f: Freeze, source: str, now: datetime) -> Freeze:
    """The same freeze, no longer quiet. Raises RefusedByRule for one that ended."""
    _alive(f, now)
    return replace(f, announced_at=now, announced_source=source)


def _alive(f: Freeze, now: datetime) -> None:
    if standing(f, now).over:
        raise RefusedByRule(
            f"{f.says()} is {standing(f, now).value}, and an ended pause cannot be changed.",
            f"Declare a new one: freeze declare {f.preset}",
        )

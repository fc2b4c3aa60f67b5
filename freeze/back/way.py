"""The way back as proposed: spaced, never in the past, never inside a pause, only what was held. Pure.

Its times are kept with its digest, so that what is done is what somebody saw.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta

from freeze.holds import Hold, HoldState, Kind, digest
from freeze.judging.evaluate import Verdicts
from freeze.ports import Limits
from freeze.posts import Json, Post, State
from freeze.windows import LONDON, london, say

AT_ONCE = timedelta(hours=1)
"""A time this near is soon enough for what begins in the moment it is put back."""


@dataclass(frozen=True, slots=True)
class Return:
    """One post going back into its queue, at this instant (UTC)."""

    hold: Hold
    post: Post
    at: datetime


@dataclass(frozen=True, slots=True)
class Stay:
    """One post that does not go back now, and why; `undecided` ones wait for somebody's decision."""

    hold: Hold
    post: Post
    why: str
    undecided: bool = False
    close: bool = False


@dataclass(frozen=True, slots=True)
class Way:
    """The way back as proposed, earliest first."""

    returns: tuple[Return, ...]
    stays: tuple[Stay, ...]

    @property
    def items(self) -> list[Json]:
        """What is kept: hold and time of each."""
        return [[r.hold.id, r.at.isoformat()] for r in self.returns]

    @property
    def digest(self) -> str:
        """Stands for exactly these posts at exactly these times."""
        return digest(self.items)


@dataclass(frozen=True, slots=True)
class Hours:
    """When a freed post may be given a new time: hours of a London day, and the least distance on one account."""

    first: int = 9
    last: int = 17
    spacing: timedelta = timedelta(minutes=30)


def propose(
    held: Sequence[tuple[Hold, Post]],
    verdicts: Verdicts,
    in_force: Collection[int],
    limits: Mapping[str, Limits],
    busy: Mapping[str, Sequence[datetime]],
    hours: Hours,
    now: datetime,
    first: Collection[int] = (),
) -> Way:
    """The way back for these holds.

    `in_force` are the numbers of the freezes that are not over, `limits` those of each connection there is, `busy` the
    times already taken on each account, `first` the posts that are given their new times before all others.
    """
    returns: list[Return] = []
    stays: list[Stay] = []
    taken: dict[str, list[datetime]] = defaultdict(list, {a: sorted(ts) for a, ts in busy.items()})
    later: list[tuple[Hold, Post]] = []
    for hold, post in sorted(held, key=lambda x: (x[0].before.at or now, x[0].id)):
        stay = _stays(hold, post)
        if stay is not None:
            stays.append(replace(stay, close=stay.close and not set(hold.claims) & set(in_force)))
        elif post.locator.connection not in limits:
            stays.append(Stay(hold, post, f'there is no connection "{post.locator.connection}" in the settings'))
        elif hold.decision == "next-slot":
            later.append((hold, post))
        else:
            target = hold.decided_time if hold.decision == "at" else hold.before.at
            why = "it has no time of its own; decide when" if target is None else ""
            if target is not None:
                why = unfit(post, target, verdicts, limits[post.locator.connection], now)
            if why or target is None:
                undecided = target is None or target < now + limits[post.locator.connection].lead
                stays.append(Stay(hold, post, why, undecided))
            else:
                returns.append(Return(hold, post, target))
                taken[post.account].append(target)
    for hold, post in sorted(later, key=lambda x: x[1].id not in first):
        limit = limits[post.locator.connection]
        slot = next_slot(post, taken[post.account], verdicts, limit, hours, now)
        if slot is None:
            stays.append(Stay(hold, post, "no free time was found in the next 60 days"))
        else:
            returns.append(Return(hold, post, slot))
            taken[post.account].append(slot)
    returns.sort(key=lambda r: (r.at, r.hold.id))
    return Way(tuple(returns), tuple(stays))


def next_slot(
    post: Post,
    taken: Iterable[datetime],
    verdicts: Verdicts,
    limits: Limits,
    hours: Hours,
    now: datetime,
) -> datetime | None:
    """The first free time for `post`: in hours, clear of every pause and of other posts; None within 60 days."""
    others = list(taken)
    spacing = max(hours.spacing, limits.spacing)
    earliest = now + max(limits.lead, timedelta(minutes=30))
    if limits.at_once:
        return None if unfit(post, earliest, verdicts, limits, now) else earliest
    for days in range(60):
        day = london(now).date() + timedelta(days=days)
        at = datetime.combine(day, time(hours.first), LONDON).astimezone(UTC)
        on_day = sum(london(t).date() == day for t in others)
        if limits.per_day is not None and on_day >= limits.per_day:
            continue
        while london(at).date() == day and london(at).hour < hours.last:
            clear = all(abs(at - t) >= spacing for t in others)
            if at >= earliest and clear and not unfit(post, at, verdicts, limits, now):
                return at
            at += spacing
    return None


def _stays(hold: Hold, post: Post) -> Stay | None:
    decided = hold.decision in ("keep", "cancel")
    if hold.state is HoldState.NEEDS_A_PERSON and hold.kind is Kind.RECREATE and not decided:
        return Stay(hold, post, f"{hold.detail}; then: freeze decide {post.ref} --cancel", undecided=True)
    if hold.state in (HoldState.NEEDS_A_PERSON, HoldState.REFUSED):
        return Stay(hold, post, "the guard never held it; a person who stopped it puts it back", close=True)
    if hold.kind is Kind.HUMAN:
        return Stay(hold, post, "a person stopped it on the platform; only a person can put it back there", close=True)
    if decided and hold.kind is Kind.DRAFT:
        return Stay(hold, post, "it stays a draft on the platform, as decided", close=True)
    if decided and hold.kind is Kind.RECREATE:
        return Stay(hold, post, "it is not made again, as decided; its words are kept here", close=True)
    if hold.decision == "keep":
        return Stay(hold, post, "it stays where it is, as decided; the guard keeps moving it on")
    if hold.decision == "cancel":
        return Stay(
            hold, post, "cancelled: a person must delete it on the platform; the guard keeps it held until then"
        )
    if hold.state is HoldState.CHANGED:
        return Stay(hold, post, f"somebody changed it ({hold.detail}); look, then accept it or not", undecided=True)
    if hold.state is not HoldState.CONFIRMED:
        return Stay(hold, post, f"it is {hold.state.value}, not checked; run: freeze sync --enforce", undecided=True)
    return None


def unfit(post: Post, at: datetime, verdicts: Verdicts, limits: Limits, now: datetime) -> str:
    """Why a post cannot go back at `at`; empty when it can."""
    if at < now:
        return "its time has passed; decide what happens to it"
    if at < now + limits.lead:
        return f"{say(at)} is too soon to put it back safely; decide another time"
    if limits.at_once and at > now + AT_ONCE:
        return f"it begins in the moment it is put back: put it back on {say(at)}"
    by = verdicts.held_by(replace(post, intended_at=at, state=State.SCHEDULED))
    if by:
        return f"{by[0].label} still holds it"
    return ""

"""The way back, which is the dangerous direction: spaced, never in the past, never inside a pause, only what was held.

What is proposed is pure; its times are kept with its digest, so that what is done is what somebody saw.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from time import monotonic

from freeze.accounts import Gap
from freeze.errors import AuthFailed, CouldNotKnow, PlatformError, RefusedByRule
from freeze.holds import Change, Goal, Hold, HoldState, Kind, Refusal, Verb, digest
from freeze.judging.evaluate import Verdicts
from freeze.ports import Limits, Platform, TellsTime
from freeze.posts import Absent, Json, Locator, Post, Reading, Seen, State, Unreadable
from freeze.run import collect
from freeze.run.connection import Work
from freeze.run.records import Ticket
from freeze.run.settle import Settler
from freeze.run.sweep import Desk, begun, threads_each, together
from freeze.run.tally import Tally
from freeze.run.verify import Told, ask
from freeze.store.database import clock_went_back
from freeze.store.holds import ToHold
from freeze.windows import LONDON, london, say

MOST_SKEW = 60.0
"""Seconds this machine's clock may differ from a platform's before putting back is refused."""

DECIDED_SINCE = "somebody decided otherwise since this was shown; look again: freeze held"

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
                why = _unfit(post, target, verdicts, limits[post.locator.connection], now)
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
        return None if _unfit(post, earliest, verdicts, limits, now) else earliest
    for days in range(60):
        day = london(now).date() + timedelta(days=days)
        at = datetime.combine(day, time(hours.first), LONDON).astimezone(UTC)
        on_day = sum(london(t).date() == day for t in others)
        if limits.per_day is not None and on_day >= limits.per_day:
            continue
        while london(at).date() == day and london(at).hour < hours.last:
            clear = all(abs(at - t) >= spacing for t in others)
            if at >= earliest and clear and not _unfit(post, at, verdicts, limits, now):
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


def _unfit(post: Post, at: datetime, verdicts: Verdicts, limits: Limits, now: datetime) -> str:
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


def carry_out(desk: Desk, returns: Sequence[Return], stays: Sequence[Stay]) -> Tally:
    """Do what was seen: read every post afresh, skip what changed, send, and read back.

    A pause declared meanwhile overtakes it: what has not gone back by then stays held.
    Raises CouldNotKnow when this machine's clock went back: nothing can then be known to lie in the future.
    """
    with desk.db.read() as c:
        wrong = clock_went_back(c, desk.now())
    if wrong:
        raise CouldNotKnow(wrong + " Nothing was put back.", "Set the clock right, then run this again; holds go on.")
    with begun(desk, "put-back", enforce=True, putting_back=True) as (shared, found):
        still = {h.id: h for h in found.holds}
        works: list[tuple[Work, list[Ticket | ToHold]]] = []
        for connection, platform in desk.platforms.items():
            there = [r for r in returns if r.post.locator.connection == connection and r.hold.id in still]
            mine = [replace(r, hold=still[r.hold.id]) for r in there if _decided(r.hold) == _decided(still[r.hold.id])]
            for r in there:
                if _decided(r.hold) != _decided(still[r.hold.id]):
                    shared.tally.note(r.post.id, "not put back", DECIDED_SINCE)
            if mine:
                work = Work(platform, shared, threads_each(desk), [], {}, {})
                tickets = _tickets(platform, work.settler, shared.tally, mine)
                works += [(work, tickets)] if tickets else []
        together([w for w, _ in works], shared.tally, lambda w: w.put_back(next(t for x, t in works if x is w)))
        for s in stays:
            if s.close and s.hold.id in still:
                Settler(_any(desk, s.post), shared).record(still[s.hold.id], HoldState.KEPT, s.why)
    for r in returns if shared.tally.overtaken else ():
        if shared.tally.states.get(r.hold.id) is not HoldState.PUT_BACK:
            shared.tally.note(r.post.id, "not put back", "a pause was declared while posts were going back")
    return shared.tally


def _decided(hold: Hold) -> tuple[str, datetime | None]:
    """What somebody decided for a post."""
    return hold.decision, hold.decided_time


def _any(desk: Desk, post: Post) -> Platform:
    return desk.platforms.get(post.locator.connection) or next(iter(desk.platforms.values()))


def _fresh(platform: Platform, tally: Tally, places: Sequence[Locator]) -> dict[Locator, Reading]:
    """A reading of each place; one that cannot be read keeps no other from going back."""
    groups: dict[str, list[Locator]] = {}
    for at in places:
        groups.setdefault(at.account if platform.limits.of_one_account else "", []).append(at)
    readings: dict[Locator, Reading] = {}
    for group in groups.values():
        for i in range(0, len(group), platform.limits.batch):
            some = group[i : i + platform.limits.batch]
            try:
                readings |= {g.locator: g for g in collect.read(platform, some)}
            except PlatformError as e:
                account = some[0].account if platform.limits.of_one_account else ""
                tally.gap(
                    Gap(
                        platform.id, f"posts could not be read before putting them back: {e.message}", account, e.advice
                    )
                )
                readings |= {at: Unreadable(at, e.message) for at in some}
                if isinstance(e, AuthFailed):
                    return readings | {at: Unreadable(at, e.message) for at in places if at not in readings}
    return readings


def _tickets(platform: Platform, settler: Settler, tally: Tally, returns: Sequence[Return]) -> list[Ticket | ToHold]:
    """Read each post afresh; a ticket for each that stands exactly as it was held and whose time is still fit."""
    readings = _fresh(platform, tally, [r.post.locator for r in returns])
    # What was seen may be hours old: a pause declared since, also one that holds nothing yet, counts as well.
    verdicts = settler.s.pauses.ahead
    now: datetime = settler.s.now()
    skew = _skew(platform, now)
    if skew > MOST_SKEW:
        raise CouldNotKnow(
            f"This machine's clock and {platform.id}'s differ by {skew:.0f} seconds. Nothing was put back there.",
            "Set this machine's clock right, then run this again; holds go on.",
        )
    gone = [r for r in returns if isinstance(readings[r.post.locator], Absent) and r.hold.kind is not Kind.RECREATE]
    if gone and len(gone) == sum(not isinstance(readings[r.post.locator], Unreadable) for r in returns):
        tally.gap(Gap(platform.id, f"it shows none of the {len(gone)} posts that are held there; nothing was put back"))
        return []
    tickets: list[Ticket | ToHold] = []
    for r in returns:
        reading = readings[r.post.locator]
        if isinstance(reading, Unreadable):
            tally.note(r.post.id, "not put back", f"it could not be read just now, so it stays held: {reading.reason}")
            tally.hold(r.hold.id, r.hold.state)
            continue
        if ask(reading, r.hold.expected).told is not Told.DONE:
            todo = settler.told(r.hold, None, reading)
            tickets += [todo] if todo is not None else []
            tally.note(r.post.id, "not put back", "it is not as it was held; look at it first")
            continue
        if why := _unfit(r.post, r.at, verdicts, platform.limits, now):
            tally.note(r.post.id, "not put back", why)
            tally.hold(r.hold.id, r.hold.state)
            continue
        seen = reading if isinstance(reading, Seen) else r.hold.before
        # Something that starts again at once whatever its time (an advert) must know the pauses in force right now.
        over_it = settler.s.verdicts.held_by(replace(r.post, intended_at=now, state=State.SCHEDULED))
        avoid = tuple(w for f in over_it for w in f.windows)
        goal = Goal(Verb.PUT_BACK, at=r.at, before=r.hold.before, avoid=avoid)
        offer: Change | Refusal = platform.offer(seen, goal, now)
        if isinstance(offer, Refusal):
            tally.note(r.post.id, "not put back", offer.why)
            tally.hold(r.hold.id, r.hold.state)
            continue
        stood = reading if isinstance(reading, Absent) else seen
        try:
            tickets.append(settler.intend(r.hold, Verb.PUT_BACK, offer, stood))
        except RefusedByRule as e:
            tally.note(r.post.id, "not put back", e.message)
            tally.hold(r.hold.id, r.hold.state)
    return tickets


def _skew(platform: Platform, now: datetime) -> float:
    """Seconds between this clock and the platform's, where it tells the time."""
    told = platform.clock() if isinstance(platform, TellsTime) else None
    if told is None:
        return 0.0
    at, measured = told
    return abs((now - at).total_seconds() - (monotonic() - measured))

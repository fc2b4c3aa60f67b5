"""Putting back, the dangerous direction: what was proposed is done only where all still stands as it was seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from time import monotonic

from freeze.accounts import Gap
from freeze.back.way import Return, Stay, unfit
from freeze.errors import AuthFailed, CouldNotKnow, PlatformError, RefusedByRule
from freeze.holds import Change, Goal, Hold, HoldState, Kind, Refusal, Verb
from freeze.ports import Platform, TellsTime
from freeze.posts import Absent, Locator, Post, Reading, Seen, State, Unreadable
from freeze.run import collect
from freeze.run.connection import Work
from freeze.run.desk import Desk
from freeze.run.records import Ticket
from freeze.run.settle import Settler
from freeze.run.sweep import begun, threads_each, together
from freeze.run.tally import Tally
from freeze.run.verify import Told, ask
from freeze.store.database import clock_went_back
from freeze.store.holds import ToHold

MOST_SKEW = 60.0
"""Seconds this machine's clock may differ from a platform's before putting back is refused."""

DECIDED_SINCE = "somebody decided otherwise since this was shown; look again: freeze held"


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
        if why := unfit(r.post, r.at, verdicts, platform.limits, now):
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

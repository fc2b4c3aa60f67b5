"""What can be done to a post in Mixpost: its time moved, on the clock of the site."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final
from urllib.parse import quote
from zoneinfo import ZoneInfo

from adapters._mixpost import posts as items
from adapters._tools.offers import bad_time, locked_out, past_changing
from adapters._tools.parking import park
from freeze.holds import Change, Expected, Goal, HoldState, Kind, Refusal, Step, Verb
from freeze.ports import Limits
from freeze.posts import Seen, State
from freeze.windows import say

NO_APPROVAL: Final = "Do not approve it: in Mixpost, leave it or reject it."
TRIES: Final = (
    50  # times looked at for one that the site's clock shows once; five minutes apart, past any repeated hour
)


def offer(limits: Limits, zone: ZoneInfo, seen: Seen, goal: Goal, now: datetime) -> Change | Refusal:
    """Move the time of a scheduled post; one that awaits approval needs a person. Pure."""
    refusal = past_changing(seen, goal) or _going_out(seen)
    # Mixpost publishes what is overdue when its scheduler runs again, so one that is still there can be held yet.
    if refusal is None and (seen.at is None or seen.at >= now):
        refusal = locked_out(seen, now, limits.lock_out)
    if refusal is None and goal.verb is Verb.PUT_BACK:
        refusal = bad_time(goal, now, limits) or _twice(goal, zone)
    if refusal is None and State.PENDING_APPROVAL in (seen.state, goal.before.state if goal.before else None):
        why = "It awaits approval in Mixpost; what becomes of a post that is approved late is not known."
        refusal = Refusal(HoldState.NEEDS_A_PERSON, why, NO_APPROVAL)
    if refusal is not None:
        return refusal
    if goal.verb is Verb.PUT_BACK:
        assert goal.at is not None
        return _back(seen, goal.at.astimezone(UTC).replace(microsecond=0), zone)
    if seen.state is State.DRAFT:
        return Change(Kind.DRAFT, "It is a draft and stays one.", (), Expected(State.DRAFT, None, seen.content))
    return _parked(limits, zone, seen, goal, now)


def _parked(limits: Limits, zone: ZoneInfo, seen: Seen, goal: Goal, now: datetime) -> Change:
    assert limits.ceiling is not None
    meant = goal.before.at if goal.before else seen.at
    soonest = max(now + limits.lead, meant or now)
    for slot in range(goal.slot, goal.slot + TRIES):
        at, clear = park(now, limits.ceiling, soonest, goal.avoid, slot)
        if not _ambiguous(at, zone):
            break
    also = items.also(seen.raw, seen.locator.account)
    if seen.at is not None and seen.at >= at and not (clear and any(seen.at in w for w in goal.avoid)):
        why = f"Left at {say(seen.at)}, which is later than the guard parks posts; it fires then."
        return Change(Kind.PUSH, why + also, (), Expected(State.SCHEDULED, seen.at, seen.content), seen.at)
    why = f"Moved to {say(at)}; it fires then unless the guard runs."
    if not clear:
        why += " That lies inside a pause, because every later time within 300 days does."
    return Change(Kind.PUSH, why + also, (_dated(seen, at, zone),), Expected(State.SCHEDULED, at, seen.content), at)


def _back(seen: Seen, at: datetime, zone: ZoneInfo) -> Change:
    """The date first: Mixpost schedules a draft only at a time that it holds already and that lies ahead."""
    steps: tuple[Step, ...] = (_dated(seen, at, zone),)
    if seen.state is State.DRAFT:
        path = f"/posts/schedule/{quote(seen.locator.native_id, safe='')}"
        steps += (Step("POST", path, body={"postNow": False}, account=seen.locator.account),)
    why = "Moved to the wanted time." + items.also(seen.raw, seen.locator.account)
    return Change(Kind.PUSH, why, steps, Expected(State.SCHEDULED, at, seen.content))


def _dated(seen: Seen, at: datetime, zone: ZoneInfo) -> Step:
    body = {"schedule_at": f"{at.astimezone(zone):%Y-%m-%d %H:%M:%S}"}
    return Step("PUT", f"/posts/{quote(seen.locator.native_id, safe='')}", body=body, account=seen.locator.account)


def _ambiguous(at: datetime, zone: ZoneInfo) -> bool:
    """Whether the site's clock shows this time twice, on the night it goes back."""
    here = at.astimezone(zone)
    return here.replace(fold=0).utcoffset() != here.replace(fold=1).utcoffset()


def _twice(goal: Goal, zone: ZoneInfo) -> Refusal | None:
    if goal.at is None or not _ambiguous(goal.at, zone):
        return None
    why = f"{say(goal.at)} comes twice that night, and Mixpost cannot be told which of them is meant."
    return Refusal(HoldState.REFUSED, why, "Give it another time.")


def _going_out(seen: Seen) -> Refusal | None:
    if items.word(seen.raw) != "publishing":
        return None
    return Refusal(HoldState.TOO_LATE, "Mixpost is sending it out at this moment.")

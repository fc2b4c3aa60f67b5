"""What can be done to one post on X: move the time of a scheduled one, to a whole minute, within a year."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from adapters._tools.offers import bad_time, locked_out, past_changing
from adapters._tools.parking import park
from adapters._x.ads import PREFIX
from adapters._x.words import written
from freeze.holds import Change, Expected, Goal, HoldState, Kind, Refusal, Step, Verb
from freeze.ports import Limits
from freeze.posts import Seen, State
from freeze.windows import say

PLACE: Final = "X > Compose > Scheduled > Unsent posts"
CLICKS: Final = f"{PLACE} > each post > give it a later time, or delete it and keep its words (menu words not verified)"
MINUTE: Final = timedelta(minutes=1)


def offered(seen: Seen, goal: Goal, now: datetime, limits: Limits, path: str) -> Change | Refusal:
    """The offer for one post; `path` is where the ads account's scheduled posts are, empty where there is none."""
    refusal = past_changing(seen, goal)
    if refusal is None and not (path and seen.locator.native_id.startswith(PREFIX)):
        why = (
            "X lets a program change only what was scheduled through its Ads API, with an ads account in the settings."
        )
        refusal = Refusal(HoldState.NEEDS_A_PERSON, why, CLICKS)
    if refusal is None and seen.state is State.DRAFT:
        return _failed(seen, goal)
    refusal = refusal or locked_out(seen, now, limits.lock_out)
    if refusal is None and goal.verb is Verb.PUT_BACK:
        refusal = bad_time(goal, now, limits)
    if refusal is not None:
        return refusal
    if goal.verb is Verb.PUT_BACK:
        assert goal.at is not None
        return _moved(seen, _whole(goal.at), path, "Moved to the wanted time.")
    return _parked(seen, goal, now, limits, path)


def _parked(seen: Seen, goal: Goal, now: datetime, limits: Limits, path: str) -> Change:
    meant = goal.before.at if goal.before else seen.at
    assert limits.ceiling is not None
    soonest = max(now + limits.lead, meant or now)
    at, clear = park(now, limits.ceiling, soonest, goal.avoid, goal.slot)
    if seen.at is not None and seen.at >= at and not (clear and any(seen.at in w for w in goal.avoid)):
        # As far ahead as X lets a post be moved: leaving it is safer than bringing it forward.
        why = f"Left at {say(seen.at)}, as late as X takes; it fires then unless the guard runs."
        return Change(Kind.PUSH, why, (), Expected(State.SCHEDULED, seen.at, seen.content), seen.at)
    why = f"Moved to {say(at)}; it fires then unless the guard runs."
    if not clear:
        why += " That lies inside a pause, because every later time that X takes does."
    if seen.boosted:
        why += " It is for adverts only: the campaign is not paused by this."
    return _moved(seen, at, path, why, expires=True)


def _failed(seen: Seen, goal: Goal) -> Change | Refusal:
    if goal.verb is Verb.PUT_BACK:
        return Refusal(HoldState.NEEDS_A_PERSON, "X could not publish it; only a person can schedule it anew.", CLICKS)
    why = "X could not publish it, and does not try again by itself."
    return Change(Kind.DRAFT, why, (), Expected(State.DRAFT, None, seen.content))


def _moved(seen: Seen, at: datetime, path: str, why: str, expires: bool = False) -> Change:
    native = seen.locator.native_id.removeprefix(PREFIX)
    step = Step("PUT", f"{path}/{native}", params={"scheduled_at": written(at)}, account=seen.locator.account)
    return Change(Kind.PUSH, why, (step,), Expected(State.SCHEDULED, at, seen.content), at if expires else None)


def _whole(at: datetime) -> datetime:
    """The same minute, or the next where there are seconds: X ignores them, and never earlier than was asked."""
    whole = at.astimezone(UTC).replace(second=0, microsecond=0)
    return whole if whole == at else whole + MINUTE

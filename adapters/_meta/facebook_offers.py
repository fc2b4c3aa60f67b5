"""What can be done to one post on a Facebook page: its time can be moved, where our own app made it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final
from urllib.parse import quote

from adapters._tools.offers import bad_time, locked_out, past_changing
from adapters._tools.parking import park
from freeze.holds import Change, Expected, Goal, HoldState, Kind, Refusal, Step, Verb
from freeze.ports import Limits
from freeze.posts import Seen, State
from freeze.windows import say

CLICKS: Final = "Meta Business Suite > Planner > the post > Reschedule, or Move to drafts (menu words not verified)"


def offered(seen: Seen, goal: Goal, now: datetime, limits: Limits, app_id: str) -> Change | Refusal:
    """Move the time of a post that the app `app_id` made; anything else needs a person."""
    draft = seen.state is State.DRAFT
    refusal = past_changing(seen, goal) or locked_out(seen, now, limits.lock_out)
    if refusal is None and not draft:
        refusal = _foreign(seen, app_id)
    if refusal is None and goal.verb is Verb.PUT_BACK:
        refusal = bad_time(goal, now, limits)
    if refusal is not None:
        return refusal
    if draft:
        if goal.verb is Verb.PUT_BACK:
            return Refusal(
                HoldState.NEEDS_A_PERSON, "Somebody moved it to drafts; only a person can schedule it.", CLICKS
            )
        return Change(Kind.DRAFT, "It is a draft and stays one.", (), Expected(State.DRAFT, None, seen.content))
    if goal.verb is Verb.PUT_BACK:
        assert goal.at is not None
        return _moved(seen, goal.at, "Moved to the wanted time.")
    meant = goal.before.at if goal.before else seen.at
    assert limits.ceiling is not None
    soonest = max(now + limits.lead, meant or now)
    at, clear = park(now, limits.ceiling, soonest, goal.avoid, goal.slot)
    if seen.at is not None and seen.at >= at and not (clear and any(seen.at in w for w in goal.avoid)):
        # Farther ahead than Facebook lets a post be moved: leaving it is safer than bringing it forward.
        why = f"Left at {say(seen.at)}, as late as Facebook takes; it fires then unless the guard runs."
        return Change(Kind.PUSH, why, (), Expected(State.SCHEDULED, seen.at, seen.content), seen.at)
    why = f"Moved to {say(at)}; it fires then unless the guard runs."
    if not clear:
        why += " That lies inside a pause, because every later time that Facebook takes does."
    if seen.boosted:
        why += " It is boosted: the advert is not paused by this."
    return _moved(seen, at, why, expires=True)


def _moved(seen: Seen, at: datetime, why: str, expires: bool = False) -> Change:
    at = at.astimezone(UTC).replace(microsecond=0)
    step = Step(
        "POST",
        f"/{quote(seen.locator.native_id, safe='')}",
        body={"scheduled_publish_time": str(int(at.timestamp()))},
        account=seen.locator.account,
    )
    return Change(Kind.PUSH, why, (step,), Expected(State.SCHEDULED, at, seen.content), at if expires else None)


def _foreign(seen: Seen, app_id: str) -> Refusal | None:
    """The refusal for a post of another app; one that names no app is tried, since only Facebook can tell."""
    app = seen.raw.get("application")
    if not isinstance(app, dict) or "id" not in app or str(app["id"]) == app_id:
        return None
    maker = seen.app or "another app"
    return Refusal(HoldState.NEEDS_A_PERSON, f"{maker} made it, and Facebook lets only that app change it.", CLICKS)

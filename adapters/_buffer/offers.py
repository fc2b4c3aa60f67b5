"""What can be done about one Buffer post: made a draft, and given a time of its own again. Pure."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from adapters._buffer.api import EDIT, iso
from adapters._tools.offers import bad_time, locked_out, past_changing
from freeze.holds import Change, Expected, Goal, HoldState, Kind, Refusal, Step, Verb
from freeze.ports import Limits
from freeze.posts import Seen, State
from freeze.windows import say

CLICKS: Final = "Buffer > the channel > Queue > the post > the three dots > Move to Drafts (menu words not verified)."
NO_APPROVAL: Final = "Do not approve it: in Buffer > the channel > Approvals, leave it (menu words not verified)."
LOOK: Final = "Buffer > the channel > look at the post, and schedule it by hand if it is still right."


def offer_for(seen: Seen, goal: Goal, now: datetime, limits: Limits) -> Change | Refusal:
    """What can be done to reach `goal` for this very post."""
    refusal = past_changing(seen, goal)
    if refusal is not None:
        return refusal
    back = goal.verb is Verb.PUT_BACK
    if seen.raw.get("status") == "error":
        if back:
            return Refusal(HoldState.NEEDS_A_PERSON, "Its network refused it; somebody must see why first.", LOOK)
        why = "Its network refused it; it does not go out by itself."
        return Change(Kind.DRAFT, why, (), Expected(State.DRAFT, None, seen.content))
    if seen.raw.get("status") == "sending":
        return Refusal(HoldState.TOO_LATE, "Buffer is sending it just now.")
    before = goal.before or seen
    if seen.state is State.PENDING_APPROVAL or (back and before.state is State.PENDING_APPROVAL):
        why = "It awaits approval in Buffer; only its approver may let it go out or keep it."
        return Refusal(HoldState.NEEDS_A_PERSON, why, NO_APPROVAL)
    if not back and seen.state is State.DRAFT:
        why = "It is a draft and stays one."
        return Change(Kind.DRAFT, why, (), Expected(State.DRAFT, None, seen.content))
    if seen.raw.get("schedulingType") == "notification":
        return _by_phone(seen)
    if back:
        return _put_back(seen, before, goal, now, limits)
    if seen.at is not None and seen.at <= now:
        why = f"It was due {say(seen.at)} and Buffer still shows it scheduled, as in a paused queue; look why."
        return Refusal(HoldState.NEEDS_A_PERSON, why, CLICKS)
    late = locked_out(seen, now, limits.lock_out)
    if late is not None:
        return late
    assert seen.at is not None, "a scheduled post without a time is not taken in"
    # Its own time goes with it: were `saveToDraft` not heeded, the post would stay exactly as it was.
    step = _edit(seen, seen.at, draft=True)
    return Change(Kind.DRAFT, "Made a draft.", (step,), Expected(State.DRAFT, None, seen.content))


def _by_phone(seen: Seen) -> Refusal:
    whose = f"the phone of {seen.author}, or of whoever shares the channel" if seen.author else "somebody's phone"
    why = f"Buffer does not send it: it reminds {whose}, and that person publishes it by hand."
    told = f"Tell {seen.author or 'everybody who uses Buffer on a phone'} not to publish it."
    return Refusal(HoldState.NEEDS_A_PERSON, why, f"{told} {CLICKS}")


def _put_back(seen: Seen, before: Seen, goal: Goal, now: datetime, limits: Limits) -> Change | Refusal:
    refusal = bad_time(goal, now, limits)
    if refusal is not None:
        return refusal
    assert goal.at is not None
    at = goal.at.astimezone(UTC).replace(microsecond=0)
    why = "Given a time again."
    if before.raw.get("isCustomScheduled") is False:
        why += " It stood in one of the queue's slots; now it has a time of its own and leaves the queue."
    return Change(Kind.DRAFT, why, (_edit(seen, at, draft=False),), Expected(State.SCHEDULED, at, seen.content))


def _edit(seen: Seen, at: datetime, *, draft: bool) -> Step:
    fields = {
        "id": seen.locator.native_id,
        "schedulingType": "automatic",
        "mode": "customScheduled",
        "dueAt": iso(at),
        "saveToDraft": draft,
    }
    return Step("POST", "/", body={"query": EDIT, "variables": {"input": fields}}, account=seen.locator.account)

"""What can be done about one Hootsuite message: a person's Suspend, or, where it is allowed, a deletion. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from urllib.parse import quote

from adapters._hootsuite.remake import message, obstacle
from adapters._tools.offers import bad_time, locked_out, past_changing
from freeze.holds import Change, Expected, Goal, HoldState, Kind, Refusal, Step, Verb
from freeze.ports import Limits
from freeze.posts import Seen, State
from freeze.windows import say

SUSPEND: Final = (
    "In Hootsuite, as an administrator: Manage accounts and teams > the organisation > Suspend, and give the reason "
    "(menu words by its help pages)."
)
LIFTING: Final = (
    "In Hootsuite, re-date or delete every message that is past its time, look through the queue, and only then resume "
    "the organisation: Manage accounts and teams > Resume (menu words not verified)."
)
NO_APPROVAL: Final = (
    "Do not approve it: in Hootsuite > Planner > Approvals, leave it or reject it (menu words not verified)."
)


@dataclass(frozen=True, slots=True)
class Offers:
    """Decides for one connection: whether it may delete, the council's words for Suspend, and the platform's limits."""

    recreate: bool
    clicks: str
    limits: Limits

    def offer(self, seen: Seen, goal: Goal, now: datetime) -> Change | Refusal:
        """What can be done to reach `goal`."""
        refusal = past_changing(seen, goal)
        if refusal is not None:
            return refusal
        if goal.verb is Verb.PUT_BACK:
            return self._put_back(seen, goal, now)
        if seen.state is State.DRAFT:
            why = "It was rejected, or its network refused it; it does not go out by itself."
            return Change(Kind.RECREATE, why, (), Expected(State.DRAFT, None, seen.content))
        if seen.state is State.PENDING_APPROVAL:
            why = "It awaits approval in Hootsuite; approved inside the pause, it goes out."
            return Refusal(HoldState.NEEDS_A_PERSON, why, NO_APPROVAL)
        if seen.raw.get("state") == "SUBMITTED":
            return Refusal(HoldState.TOO_LATE, "Hootsuite is sending it just now.")
        if not self.recreate or (seen.at is not None and seen.at <= now):
            return Refusal(HoldState.NEEDS_A_PERSON, self._only_a_person(seen, now), self.clicks)
        why_not = obstacle(seen)
        late = locked_out(seen, now, self.limits.lock_out)
        if late is not None:
            return late
        if why_not:
            why = f"It is not deleted, because it could not be made again as it is: {why_not}."
            return Refusal(HoldState.NEEDS_A_PERSON, why, self.clicks)
        return Change(
            Kind.RECREATE,
            "Deleted, to be made again later; the whole message is kept here. Its id and author in Hootsuite are lost.",
            (Step("DELETE", f"/v1/messages/{quote(seen.locator.native_id, safe='')}", account=seen.locator.account),),
            Expected(absent=True),
        )

    def _only_a_person(self, seen: Seen, now: datetime) -> str:
        if seen.at is not None and seen.at <= now:
            return (
                f"It was due {say(seen.at)} and Hootsuite still shows it scheduled; only a person can see and stop it."
            )
        return "Only a person can stop messages in Hootsuite."

    def _put_back(self, seen: Seen, goal: Goal, now: datetime) -> Change | Refusal:
        if not self.recreate:
            why = (
                "Only a person can let messages in Hootsuite go out again; what the guard deleted needs allow_recreate."
            )
            return Refusal(HoldState.NEEDS_A_PERSON, why, LIFTING)
        refusal = bad_time(goal, now, self.limits)
        if refusal is not None:
            return refusal
        before = goal.before or seen
        why_not = "it was never deleted" if before.state is not State.SCHEDULED else obstacle(before)
        if why_not:
            return Refusal(HoldState.NEEDS_A_PERSON, f"The guard cannot make it again: {why_not}.", LIFTING)
        assert goal.at is not None
        at = goal.at.astimezone(UTC).replace(microsecond=0)
        step = Step("POST", "/v1/messages", body=message(before, at), account=before.locator.account, idempotent=False)
        return Change(Kind.RECREATE, "Made again.", (step,), Expected(State.SCHEDULED, at, before.content))

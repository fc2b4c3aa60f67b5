"""What every platform's offers have in common: posts that are past changing, and times that nobody may be given."""

from __future__ import annotations

import time
from datetime import datetime, timedelta

from adapters._web.http import Client
from freeze.errors import Refused
from freeze.holds import Goal, HoldState, Refusal, Verb
from freeze.ports import Limits
from freeze.posts import Seen, State
from freeze.windows import say, say_span


def past_changing(seen: Seen, goal: Goal) -> Refusal | None:
    """The refusal for a post that is out or gone; None while something can be done."""
    if seen.state is State.DELETED:
        return Refusal(HoldState.GONE, "It was deleted; there is nothing to change.")
    if seen.state is not State.PUBLISHED:
        return None
    when = f" on {say(seen.at)}" if seen.at else ""
    if goal.verb is Verb.HOLD:
        return Refusal(HoldState.TOO_LATE, f"It went out{when}.")
    return Refusal(HoldState.CHANGED, f"It is published already{when}; the guard did not do that.")


def locked_out(seen: Seen, now: datetime, lock_out: timedelta) -> Refusal | None:
    """The refusal for a scheduled post that is nearer to its time than a change can still stop it."""
    if seen.state is not State.SCHEDULED or seen.at is None or seen.at - now >= lock_out:
        return None
    return Refusal(
        HoldState.TOO_LATE,
        f"It is due on {say(seen.at)}; less than {say_span(lock_out.total_seconds())} before its time, "
        "a change no longer stops it.",
    )


def bad_time(goal: Goal, now: datetime, limits: Limits) -> Refusal | None:
    """The refusal for a time to put back to that is missing, past, too near or too far."""
    if goal.at is None:
        return Refusal(HoldState.REFUSED, "No time was given to put it back to.", "Give it a time first.")
    if goal.at < now + limits.lead:
        return Refusal(
            HoldState.REFUSED,
            f"{say(goal.at)} is past, or less than {say_span(limits.lead.total_seconds())} ahead: "
            "the post could go out at once.",
            "Give it a later time.",
        )
    if limits.ceiling is not None and goal.at > now + limits.ceiling:
        return Refusal(
            HoldState.REFUSED,
            f"The platform takes no time more than {say_span(limits.ceiling.total_seconds())} ahead, "
            f"and {say(goal.at)} is farther.",
            "Leave it held and put it back nearer to its time, or give it an earlier one.",
        )
    return None


def refuse_if_past(
    client: Client, at: datetime, least: timedelta, because: str = "the platform would publish at once"
) -> None:
    """Refuse to send a time that has passed since it was planned, judged by the platform's own last `Date`.

    A change written down before a crash may be sent again much later; `because` says what it would do. Raises Refused.
    """
    known = client.clock()
    if known is None:
        return
    now = known[0] + timedelta(seconds=time.monotonic() - known[1])
    if at < now + least:
        raise Refused(
            f"{say(at)} has passed or is too near; {because}, so nothing was sent.",
            "Give the post a later time.",
        )

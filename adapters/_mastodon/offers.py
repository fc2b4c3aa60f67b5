"""What can be done to one Mastodon post: moved by 52 weeks, in the last minutes deleted, made again. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import quote

from adapters._mastodon.posts import again, lost_by_remaking, written
from adapters._tools.offers import bad_time, locked_out, past_changing
from freeze.holds import Change, Expected, Goal, HoldState, Kind, Refusal, Step, Verb
from freeze.ports import Limits
from freeze.posts import Seen, State
from freeze.windows import say

CLICKS: Final = (
    "The app it was scheduled with > scheduled posts > delete it, keeping its words; Mastodon's own pages do not list "
    "scheduled posts (menu words not verified)"
)
QUEUE: Final = "/api/v1/scheduled_statuses"
WEEKS: Final = timedelta(weeks=52)
YEARS: Final = 5  # how many times 52 weeks are tried for a time outside every pause
DELETABLE: Final = timedelta(seconds=90)


def place(native: str) -> str:
    """The path of one scheduled post."""
    return f"{QUEUE}/{quote(native, safe='')}"


def offer(seen: Seen, goal: Goal, now: datetime, limits: Limits, recreates: bool) -> Change | Refusal:
    """How `goal` is reached for this post; `recreates` says whether it may be deleted and made again."""
    if goal.verb is Verb.PUT_BACK and seen == goal.before:
        return _made_again(seen, goal, now, limits, recreates)  # a deleted post has only its past to show
    refusal = past_changing(seen, goal)
    late = locked_out(seen, now, limits.lock_out)
    if refusal is None and late is not None:
        return _last_minutes(seen, goal, now, late, recreates)
    if refusal is None and goal.verb is Verb.PUT_BACK:
        refusal = _bad_time(goal, now, limits)
    if refusal is not None:
        return refusal
    if goal.verb is Verb.PUT_BACK:
        assert goal.at is not None
        return _moved(seen, goal.at, "Moved to the wanted time.")
    assert seen.at is not None
    times = [seen.at + WEEKS * n for n in range(1, YEARS + 1)]
    clear = [at for at in times if not any(at in w for w in goal.avoid)]
    at = clear[0] if clear else times[0]
    why = f"Moved on by {(at - seen.at).days // 7} weeks to {say(at)}; it fires then unless the guard runs."
    if not clear:
        why += " That lies inside a pause, and so do the years after."
    return _moved(seen, at, why, expires=True)


def _moved(seen: Seen, at: datetime, why: str, expires: bool = False) -> Change:
    at = _as_stored(at)
    assert seen.at is not None
    body, due = {"scheduled_at": written(at)}, {"due": written(seen.at)}  # `due` is not sent, as below
    step = Step("PUT", place(seen.locator.native_id), due, body, seen.locator.account)
    return Change(Kind.PUSH, why, (step,), Expected(State.SCHEDULED, at, seen.content), at if expires else None)


def _last_minutes(seen: Seen, goal: Goal, now: datetime, late: Refusal, recreates: bool) -> Change | Refusal:
    """A post that a new time no longer stops; only deleting it does."""
    assert seen.at is not None
    if goal.verb is not Verb.HOLD or seen.at - now < DELETABLE:
        return late
    lost = lost_by_remaking(seen)
    if lost or not recreates:
        tail = (
            f"Deleting it still does, and the guard does not, because {lost}." if recreates else "Deleting still does."
        )
        return replace(late, why=f"{late.why} {tail}", clicks=CLICKS)
    body = {"due": written(seen.at)}  # not sent; it keeps a late run from deleting what is just going out
    step = Step("DELETE", place(seen.locator.native_id), body=body, account=seen.locator.account)
    why = "Deleted, to be made again later: a new time no longer stops it."
    return Change(Kind.RECREATE, why, (step,), Expected(absent=True))


def _made_again(seen: Seen, goal: Goal, now: datetime, limits: Limits, recreates: bool) -> Change | Refusal:
    refusal = _bad_time(goal, now, limits)
    if refusal is not None:
        return refusal
    lost = lost_by_remaking(seen) if recreates else "`allow_recreate` is off"
    if lost:
        why = f"It was deleted, and the guard does not make it again, because {lost}."
        return Refusal(HoldState.NEEDS_A_PERSON, why, "Make it again by hand from the words that are kept here.")
    assert goal.at is not None
    at = _as_stored(goal.at)
    step = Step("POST", "/api/v1/statuses", body=again(seen, at), account=seen.locator.account, idempotent=False)
    return Change(Kind.RECREATE, "Made again.", (step,), Expected(State.SCHEDULED, at, seen.content))


def _bad_time(goal: Goal, now: datetime, limits: Limits) -> Refusal | None:
    """As on every platform; but the farthest time is the guard's own choice here, so it says so."""
    ceiling = limits.ceiling
    if goal.at is not None and ceiling is not None and goal.at > now + ceiling:
        why = f"The guard puts nothing back more than {ceiling.days} days ahead here, and {say(goal.at)} is farther."
        return Refusal(HoldState.REFUSED, why, "Leave it held and put it back nearer to its time.")
    return bad_time(goal, now, limits)


def _as_stored(at: datetime) -> datetime:
    """A time as the server gives it back: no finer than milliseconds."""
    return at.replace(microsecond=at.microsecond // 1000 * 1000)

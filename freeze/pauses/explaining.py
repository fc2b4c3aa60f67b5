"""Why a post stands as it does: what each pause makes of it, and what happens next. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from freeze.accounts import Account
from freeze.holds import Hold, HoldState
from freeze.judging.evaluate import Verdicts
from freeze.pauses.freezes import Freeze, ahead, standing, view
from freeze.permissions import Allowing
from freeze.ports import Facts, FreezeView
from freeze.posts import GOES_OUT, Json, Post, State
from freeze.windows import Window, say, say_short


@dataclass(frozen=True, slots=True)
class Look:
    """What one pause makes of one post: `decides` in a word or two, `why` in a sentence. `window` is the one meant."""

    freeze: Freeze
    decides: str
    why: str
    holds: bool = False
    window: Window | None = None

    def to_json(self) -> dict[str, Json]:
        """For `--json`; instants are ISO 8601 in UTC."""
        w = self.window
        return {
            "freeze": self.freeze.ref,
            "title": self.freeze.title,
            "policy": self.freeze.policy,
            "clause": self.freeze.clause,
            "decides": self.decides,
            "why": self.why,
            "holds": self.holds,
            "window": {"start": w.start.isoformat(), "end": w.end.isoformat()} if w else None,
        }


def pause(
    f: Freeze, post: Post, register: Mapping[str, Account], allowing: Allowing, now: datetime, lead: timedelta
) -> Look:
    """What `f` makes of `post`: whether it covers it, whether it lets it through, and why."""
    if f.rehearsal:
        return Look(f, "nothing", "A rehearsal holds nothing.")
    if standing(f, now).over:
        return Look(f, "nothing", f"It is {standing(f, now).value}; what it held stays held until it is put back.")
    account = register[post.account]
    if not account.in_scope:
        return Look(f, "not covered", "The register says that the account is out of scope.")
    if not f.scope.covers(account):
        return Look(f, "not covered", f"It covers {f.scope.said()}, not this account.")
    (whole,) = ahead([f], now, lead)
    verdicts = Verdicts(Facts(now, register, (whole,), allowing))
    window = meant(whole, post, now)
    if not verdicts.covering(post):
        if window is not None:
            return Look(
                f, "not held", "Business goes on during it, and this post is nothing that it holds.", False, window
            )
        return Look(f, "not covered", f"It covers the account, but not that time: {spans(whole.windows)}.")
    if post.state not in GOES_OUT:
        return Look(
            f, "nothing to hold", f"The post does not go out by itself: it is {STATES[post.state]}.", False, window
        )
    if why := verdicts.allowed(whole, post):
        return Look(f, "let through", f"It covers the post, and lets it through: {why}.", False, window)
    kinds = ", ".join(sorted(allowing.kinds.of(post)))
    of_kind = f"its kind ({kinds}) needs a permission" if kinds else "no tag or account says what kind of post it is"
    when = f"in its window {spans((window,))}" if window else "at once"
    why = f"The post is due {when}, no permission is for it, and {of_kind}."
    if single := verdicts.why(whole, post):
        why += f" Business goes on during it, but not this: {single}."
    if not Verdicts(Facts(now, register, (view(f, now, lead),), allowing)).held_by(post):
        start = (window.start if window else f.start) - lead
        return Look(f, "will be held", f"{why} It is held from {say(start)} on.", True, window)
    return Look(f, "held", why, True, window)


def meant(f: FreezeView, post: Post, now: datetime) -> Window | None:
    """The window that the post's time, or for one awaiting a late approval this moment, lies in."""
    at = post.intended_at
    late = post.state is State.PENDING_APPROVAL and at is not None and at <= now
    times = [now] if at is None else [at, now] if late else [at]
    return next((w for t in times for w in f.windows if t in w), None)


def spans(windows: tuple[Window, ...]) -> str:
    """Windows in words."""
    return " and ".join(f"{say(w.start)} to {say(w.end)}" for w in windows)


STATES = {
    State.SCHEDULED: "scheduled",
    State.PENDING_APPROVAL: "awaiting approval",
    State.DRAFT: "a draft",
    State.PUBLISHED: "published",
    State.DELETED: "deleted",
}
HELD = {
    HoldState.REQUESTED: "is being held, and not confirmed yet",
    HoldState.HELD: "was changed, and not read back yet",
    HoldState.CONFIRMED: "is held, and that was checked by reading it back",
    HoldState.UNCONFIRMED: "may be held: reading it back did not confirm it",
    HoldState.TOO_LATE: "went out: it was too late to stop it",
    HoldState.REFUSED: "is not held: the platform refused",
    HoldState.NEEDS_A_PERSON: "is not held: only a person can stop it",
    HoldState.CHANGED: "was changed by somebody while it was held",
    HoldState.GONE: "is not where it was any more",
    HoldState.PUTTING_BACK: "is being put back",
    HoldState.PUT_BACK: "was put back",
    HoldState.KEPT: "is no longer held",
}
"""Where a hold stands, as the rest of "The post ..."."""


def stands(h: Hold | None) -> str:
    """Where the hold of a post stands, in a sentence."""
    if h is None:
        return "No hold is open on it."
    how = f" ({h.kind.said})" if h.state is HoldState.CONFIRMED else ""
    why = f": {h.why.rstrip('.')}" if h.why and h.state in (HoldState.REFUSED, HoldState.NEEDS_A_PERSON) else ""
    fires = ""
    if h.expires_at is not None and h.state is HoldState.CONFIRMED:
        fires = f"; it fires on {say_short(h.expires_at)} unless the guard runs"
    return f"The post {HELD[h.state]}{how}{why}{fires}."


def next_for(post: Post, h: Hold | None, looks: list[Look], now: datetime) -> str:
    """What happens to a post next, and what somebody has to do."""
    holding = [x for x in looks if x.holds]
    by = ", ".join(x.freeze.ref for x in holding)
    if h is not None and h.closed_at is None:
        return _next_held(post, h, by, now)
    if post.state is State.PUBLISHED:
        return "It is out; the guard never deletes a published post."
    if post.state not in GOES_OUT:
        return "Nothing: it does not go out unless somebody schedules it."
    if post.state is State.PENDING_APPROVAL:
        if holding:
            return f"Do not approve it while {by} lasts; leave it, or reject it."
        late = post.intended_at is not None and post.intended_at <= now
        return "Approving it sends it out at once: its time has passed." if late else "It goes out once it is approved."
    if any(x.decides == "held" for x in holding):
        return "It is to be held and is not yet: freeze sync --enforce (the nightly job and the keeper do the same)."
    if holding:
        return "It will be held by itself when the time comes, by the nightly job or the keeper; or move it before."
    if post.intended_at is None:
        return "It has no time set: whoever made it sends it out."
    if post.intended_at <= now:
        return "Its time has passed; whether it went out is not known until it is read again: freeze sync"
    return f"It goes out by itself on {say(post.intended_at)}."


def _next_held(post: Post, h: Hold, by: str, now: datetime) -> str:
    if h.state in (HoldState.NEEDS_A_PERSON, HoldState.REFUSED):
        return f"A person has to stop it: {h.clicks or 'freeze tasks'}"
    if h.state is HoldState.CHANGED:
        return f"Look at what was changed; then: freeze decide {post.ref} --accept-current, or another decision."
    if h.missed(now) and not h.decision:
        return f"Its time has passed, and it does not go out by itself. Decide: freeze decide {post.ref} --next-slot"
    if by:
        return f"It stays held while {by} lasts, and after that until somebody puts it back."
    return "Nothing holds it any more, and it stays held until somebody puts it back: freeze put-back"

"""What each platform can do of a way back, asked before it is shown: offers are pure, so no platform is called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from freeze.back.way import Return, Stay, Way
from freeze.holds import Goal, Hold, HoldState, Refusal, Verb
from freeze.ports import Platform
from freeze.posts import Seen


def possible(way: Way, platforms: Mapping[str, Platform], now: datetime) -> Way:
    """The way back without what its platform can only refuse: such a post stays, with what a person can do."""
    returns: list[Return] = []
    stays = list(way.stays)
    for r in way.returns:
        goal = Goal(Verb.PUT_BACK, at=r.at, before=r.hold.before)
        offer = platforms[r.post.locator.connection].offer(_as_held(r.hold), goal, now)
        if isinstance(offer, Refusal) and offer.state in (HoldState.NEEDS_A_PERSON, HoldState.REFUSED):
            stays.append(Stay(r.hold, r.post, offer.why, undecided=True))
        else:
            returns.append(r)
    return Way(tuple(returns), tuple(stays))


def _as_held(hold: Hold) -> Seen:
    """The post as the hold left it, as far as that is stored."""
    if hold.expected.absent:
        return hold.before
    return replace(hold.before, state=hold.expected.state, at=hold.expected.at or hold.before.at)

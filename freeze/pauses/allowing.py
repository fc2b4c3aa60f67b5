"""Giving a permission: what may be allowed through one freeze, and what that changes. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from freeze.accounts import Account
from freeze.errors import RefusedByRule, UsageError, nearest
from freeze.findings import Finding, Level
from freeze.holds import Hold, HoldState
from freeze.judging.evaluate import Verdicts
from freeze.pauses.freezes import Freeze, ahead
from freeze.permissions import DIRECTED_WITHIN, RISK_TO_LIFE, Allowing, Kinds, Permission
from freeze.ports import Facts, FreezeView
from freeze.posts import GOES_OUT, Post, State
from freeze.windows import say

BY_HAND = frozenset({HoldState.NEEDS_A_PERSON, HoldState.REFUSED})
"""Holds in which the guard changed nothing: a person was asked to stop the post."""


def grantable(kind: str, f: Freeze, kinds: Kinds) -> str:
    """Check that a standing permission may be given for `kind`; a sentence where it needs none, else empty.

    Raises UsageError for a kind that nobody knows, RefusedByRule for one that this pause blocks.
    """
    if kind not in kinds.known:
        raise UsageError(f'There is no kind of post "{kind}".', nearest(kind, kinds.known))
    if kind == RISK_TO_LIFE or kind in kinds.always.get(f.preset, ()):
        return f"Posts of the kind {kind} pass {f.says()} without a permission."
    may = kinds.by_permission.get(f.preset, frozenset())
    if kind not in may:
        raise RefusedByRule(
            f"{f.says()} blocks posts of the kind {kind}.",
            f"Allow single posts, or one of these kinds: {', '.join(sorted(may)) or 'none'}.",
        )
    return ""


@dataclass(frozen=True)
class Case:
    """One freeze and everything else in force, before or after a permission."""

    verdicts: Verdicts
    mine: FreezeView

    @classmethod
    def of(
        cls,
        f: Freeze,
        in_force: Iterable[Freeze],
        register: Mapping[str, Account],
        allowing: Allowing,
        now: datetime,
        lead: timedelta,
    ) -> Case:
        """How things stand; a rehearsal is judged as if it were real, by itself."""
        all_of = [replace(f, rehearsal=False)] if f.rehearsal else list(in_force)
        seen = ahead(all_of, now, lead)
        mine = next((v for v in seen if v.id == f.ref), None)
        if mine is None:  # it is over; who directed a message can still be recorded
            mine = FreezeView(f.ref, f.preset, f.windows, f.scope, True, f.says(), f.clause, f.policy)
            seen = (*seen, mine)
        return cls(Verdicts(Facts(now, register, seen, allowing)), mine)

    def inside(self, post: Post) -> bool:
        """Whether the freeze covers this post, whoever allowed it."""
        return any(v.id == self.mine.id for v in self.verdicts.covering(post))

    def why(self, post: Post) -> str:
        """Why it passes this freeze, which covers it; empty when it does not."""
        return self.verdicts.allowed(self.mine, post)

    def others(self, post: Post) -> list[FreezeView]:
        """What else holds it."""
        live = post if post.state in GOES_OUT else replace(post, state=State.SCHEDULED)
        return [v for v in self.verdicts.held_by(live) if v.id != self.mine.id]

    def held(self, post: Post) -> bool:
        """Whether anything holds it, were it in its queue."""
        live = post if post.state in GOES_OUT else replace(post, state=State.SCHEDULED)
        return bool(self.verdicts.held_by(live))


def wrong(post: Post, case: Case, *, about_life: bool) -> str:
    """Why this post cannot be allowed; empty when it can."""
    if post.state is State.DELETED:
        return "it is gone from its platform, so there is nothing to allow."
    if post.state is State.PUBLISHED and not about_life:
        return "it went out already; a permission is given before, not after."
    if not case.inside(post):
        due = f"due {say(post.intended_at)}" if post.intended_at else "without a set time"
        return f"it is {due}, and {case.mine.label} does not cover it; nothing to allow."
    return ""


def passing(posts: Iterable[Post], case: Case) -> list[Post]:
    """Those of these posts that the freeze covers and lets through."""
    return [p for p in posts if case.inside(p) and case.why(p)]


def released(holds: Sequence[Hold], posts: Mapping[int, Post], case: Case, freeze: int) -> list[Hold]:
    """Open holds that asked a person to stop a post which now nothing holds: nobody has to."""
    out = []
    for h in holds:
        if h.state in BY_HAND and freeze in h.claims and h.closed_at is None:
            meant = replace(posts[h.post], intended_at=h.before.at, state=h.before.state)
            if case.inside(meant) and not case.held(meant):
                out.append(h)
    return out


@dataclass(frozen=True)
class Sent:
    """A message about a risk to life that went out because of its tag or account: post, account, when, freeze."""

    post: int
    account: str
    at: datetime
    freeze: str


def undirected(
    permissions: Sequence[Permission],
    sent: Iterable[Sent],
    accounts: Mapping[int, str],
    freezes: Mapping[str, Freeze],
    now: datetime,
) -> list[Finding]:
    """Messages about a risk to life of which, a day later, nobody recorded who directed them.

    `accounts` are those of the posts that permissions were given for, `freezes` every freeze by its short id.
    """
    given = [p for p in permissions if p.about_life and p.posts and p.withdrawn_at is None]
    late = {(p.freeze, p.posts[0]): (accounts.get(p.posts[0], ""), p.given_at) for p in given if not p.directed_by}
    known = {n for p in given for n in p.posts}
    late |= {(s.freeze, s.post): (s.account, s.at) for s in sent if s.post not in known}
    return [
        Finding(
            clause=freezes[freeze].clause,
            level=Level.CONFLICT,
            sentence=f"It passed {freezes[freeze].says()} for a risk to life on {say(at)}, and who directed it is not "
            "recorded.",
            next_step=f'Record it: freeze allow p{post} --freeze {freeze} --risk-to-life --directed-by "BODY, NAME"',
            post=post,
            account=account,
            freeze=freeze,
            policy=freezes[freeze].policy,
        )
        for (freeze, post), (account, at) in sorted(late.items())
        if now >= at + DIRECTED_WITHIN and freeze in freezes
    ]


def described(permission: Permission) -> dict[str, object]:
    """A permission for the log: no words of a post, and nobody outside the council."""
    return {
        "permission": permission.ref,
        "freeze": permission.freeze,
        "how": permission.how.value,
        "posts": list(permission.posts),
        "kind": permission.kind,
        "accounts": list(permission.accounts),
        "until": permission.until.isoformat() if permission.until else None,
        "directed": bool(permission.directed_by),
        "given_by": permission.given_by,
    }

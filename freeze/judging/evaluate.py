"""Judging: which freezes hold a post, and what else conflicts with the council's policy. Pure.

One evaluator serves every command, so they cannot disagree. Only freeze windows hold; every other finding advises.
Within one freeze a permission exempts a post from that freeze; over several, any that holds, holds.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from types import ModuleType
from typing import Any

from freeze.findings import Finding, Level
from freeze.holds import Change, HoldState, Refusal
from freeze.permissions import Lets
from freeze.ports import Facts, FreezeView, World
from freeze.posts import GOES_OUT, Post, State
from freeze.windows import Segments, Window, say

COULD_NOT = "could not judge"
"""What a finding of a rule that failed is about: it stands first, and nobody can set it aside."""
NAMED = 5
"""How many of the posts that a rule failed on are named."""

SINGLY = "Open this post where it is scheduled, and set it back to a draft or to a later time; leave the others alone."


class Verdicts:
    """Which freezes hold which posts, by one bisect a post."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._all = tuple(f for f in facts.freezes if f.holding)
        self._segments = Segments((f.id, f.windows) for f in self._all)
        self._by_id = {f.id: f for f in self._all}
        self._lets = Lets(facts.allowing, facts.now)
        self._only = facts.allowing.kinds.only
        self._scoped: dict[tuple[tuple[str, ...], str], tuple[FreezeView, ...]] = {}
        self.windows: tuple[Window, ...] = tuple(w for f in self._all for w in f.windows)
        """Every window in force, of whatever scope."""

    def held_by(self, post: Post) -> tuple[FreezeView, ...]:
        """The freezes that hold `post`; empty for one that cannot go out."""
        if not self._all or post.state not in GOES_OUT:
            return ()
        by = self.covering(post)
        return by if not by or not self._lets.any else tuple(f for f in by if not self.allowed(f, post))

    def allowed(self, f: FreezeView, post: Post) -> str:
        """Why `post` passes this freeze, which covers it; empty when it does not."""
        if not self._lets.any:
            return ""
        return self._lets.through(f.id, f.preset, post, post.intended_at or self._facts.now)

    def covering(self, post: Post) -> tuple[FreezeView, ...]:
        """The freezes whose windows and scope take in the time of `post`, whatever its state and whoever allowed it."""
        now, at = self._facts.now, post.intended_at
        instant = now if at is None else at
        keys = self._segments.at(instant)
        if post.state is State.PENDING_APPROVAL and instant <= now:
            keys = self._segments.at(now)  # approving it late sends it out at once (Orlo help: approving content)
        if not keys:
            return ()
        found = self._scoped.get((keys, post.account))
        if found is None:
            account = self._facts.accounts[post.account]
            found = tuple(f for k in keys if (f := self._by_id[k]).scope.covers(account))
            self._scoped[keys, post.account] = found
        return found if not self._only else tuple(f for f in found if f.preset not in self._only or self.why(f, post))

    def meant(self, offer: Change | Refusal, post: Post, by: Iterable[FreezeView]) -> Change | Refusal:
        """The same offer; where business goes on a person is asked to stop this one post, never to switch all off."""
        if isinstance(offer, Change) or offer.state is not HoldState.NEEDS_A_PERSON:
            return offer
        if post.state is State.PENDING_APPROVAL or any(f.preset not in self._only for f in by):
            return offer
        return Refusal(offer.state, offer.why, SINGLY)

    def why(self, f: FreezeView, post: Post) -> str:
        """Why a pause in which business goes on holds this very post all the same; empty for any other pause."""
        return self._only[f.preset](post) if f.preset in self._only else ""


def held_findings(posts: Iterable[Post], verdicts: Verdicts) -> Iterator[Finding]:
    """One finding for each freeze that holds each post."""
    for post in posts:
        for f in verdicts.held_by(post):
            due = f"is due {say(post.intended_at)}" if post.intended_at else "has no set time"
            late = post.state is State.PENDING_APPROVAL
            stands = f"Awaits approval and {due}" if late else due[0].upper() + due[1:]
            yield Finding(
                clause=f.clause,
                level=Level.STOP,
                sentence=f"{stands}, inside {f.label}{f': it {why}' if (why := verdicts.why(f, post)) else ''}.",
                next_step="Do not approve it; leave or reject it."
                if late
                else f"It must not go out then; whether it is stopped: freeze show {f.id}",
                post=post.id,
                account=post.account,
                window=next((w for w in f.windows if post.intended_at and post.intended_at in w), None),
                freeze=f.id,
                policy=f.policy,
            )


def findings(
    posts: Sequence[Post],
    facts: Facts,
    policies: Mapping[str, ModuleType],
    options: Mapping[str, Any],
) -> list[Finding]:
    """Every conflict of these posts: with freezes, and with each policy's own rules.

    A rule that raises becomes one finding that names the posts it could not judge; it judges the others, and the other
    rules go on.
    """
    found = list(held_findings(posts, Verdicts(facts)))
    world = World(facts, posts)
    for name, policy in policies.items():
        judge, inspect = getattr(policy, "judge", None), getattr(policy, "inspect", None)
        try:
            if judge:
                found += [replace(f, policy=name) for p in posts for f in judge(options[name], p, facts)]
        except Exception:  # noqa: BLE001 - one broken rule must not silence the others
            found += _one_by_one(name, policy, posts, facts, options[name])
        try:
            if inspect:
                found += [replace(f, policy=name) for f in inspect(options[name], world)]
        except Exception as e:  # noqa: BLE001 - likewise
            found.append(_could_not(name, policy, "across all posts and accounts", e))
    return found


def _one_by_one(name: str, policy: ModuleType, posts: Sequence[Post], facts: Facts, options: Any) -> Iterator[Finding]:
    """What a rule says that raises for some posts."""
    failed: list[tuple[Post, Exception]] = []
    for p in posts:
        try:
            yield from [replace(f, policy=name) for f in policy.judge(options, p, facts)]
        except Exception as e:  # noqa: BLE001 - likewise
            failed.append((p, e))
    if failed:
        named = ", ".join(p.ref for p, _ in failed[:NAMED])
        rest = f" and {len(failed) - NAMED:,} more" if len(failed) > NAMED else ""
        yield _could_not(name, policy, f"{named}{rest}", failed[0][1])


def _could_not(name: str, policy: ModuleType, what: str, e: Exception) -> Finding:
    # Only a pause holds, so this cannot be of the level that does; whoever shows findings shows it first.
    return Finding(
        clause=", ".join(policy.CLAUSES),
        level=Level.CONFLICT,
        sentence=f"The rule {name} could not judge {what}: {type(e).__name__}: {e}.",
        next_step="Tell whoever looks after the guard; treat what it could not judge as not checked.",
        policy=name,
        about=COULD_NOT,
    )

"""Judging: which freezes hold a post, and what else conflicts with the council's policy. Pure.

One evaluator serves every command, so they cannot disagree. Only freeze windows hold; every other finding advises.
Within one freeze a permission exempts a post from that freeze; over several, any that holds, holds.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import chain, islice
from types import ModuleType
from typing import Any

from freeze.findings import Finding, Level
from freeze.holds import Change, HoldState, Refusal
from freeze.permissions import Lets
from freeze.ports import Across, Facts, FreezeView, World
from freeze.posts import GOES_OUT, Post, State
from freeze.windows import Segments, Window, say

COULD_NOT = "could not judge"
"""What a finding of a rule that failed is about: it stands first, and nobody can set it aside."""
BATCH = 1_000
"""Posts that are judged at a time."""
BEFORE = datetime.min.replace(tzinfo=UTC)
"""Where a post without a time stands."""
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


class _Rule:
    """One rule at work: what it found so far, and what it failed on."""

    def __init__(self, name: str, policy: ModuleType, options: Any, facts: Facts) -> None:
        self._name, self._policy, self._options, self._facts = name, policy, options, facts
        self._judge = getattr(policy, "judge", None)
        self._found: list[Finding] = []
        self._failed: list[str] = []
        """The first posts it failed on; how many they are in all; and why the first one."""
        self._failures = 0
        self._why: Exception | None = None
        self._across: Across | None = None
        self._broken: Exception | None = None
        if hasattr(policy, "across"):
            try:
                self._across = policy.across(options, facts)
            except Exception as e:  # noqa: BLE001 - one broken rule must not silence the others
                self._broken = e

    def see(self, posts: Sequence[Post]) -> None:
        """Judge these posts, which come next."""
        if self._judge:
            name, options, facts, judge = self._name, self._options, self._facts, self._judge
            try:
                self._found += [replace(f, policy=name) for p in posts for f in judge(options, p, facts)]
            except Exception:  # noqa: BLE001 - likewise
                self._found += self._one_by_one(posts)
        if self._across is not None and self._broken is None:
            try:
                self._across.see(posts)
            except Exception as e:  # noqa: BLE001 - likewise
                self._broken = e

    def _one_by_one(self, posts: Sequence[Post]) -> Iterator[Finding]:
        """What a rule says that raises for some posts."""
        for p in posts:
            try:
                yield from [replace(f, policy=self._name) for f in self._policy.judge(self._options, p, self._facts)]
            except Exception as e:  # noqa: BLE001 - likewise
                self._failures += 1
                self._why = e if self._why is None else self._why
                self._failed += [p.ref] if len(self._failed) < NAMED else []

    def found(self, world: World) -> list[Finding]:
        """Everything it says of the posts that were judged."""
        found = self._found
        if self._why is not None:
            rest = f" and {self._failures - NAMED:,} more" if self._failures > NAMED else ""
            found.append(_could_not(self._name, self._policy, f"{', '.join(self._failed)}{rest}", self._why))
        try:
            if self._broken is not None:
                raise self._broken
            together = list(self._across.findings()) if self._across is not None else []
            if inspect := getattr(self._policy, "inspect", None):
                together += inspect(self._options, world)
            found += [replace(f, policy=self._name) for f in together]
        except Exception as e:  # noqa: BLE001 - likewise
            found.append(_could_not(self._name, self._policy, "across all posts and accounts", e))
        return found


class Judging:
    """Judges posts as they go by, in order of time: of those that nothing is found about nothing is kept.

    A rule that raises becomes one finding that names the posts it could not judge; it judges the others, and the other
    rules go on.
    """

    def __init__(self, facts: Facts, policies: Mapping[str, ModuleType], options: Mapping[str, Any]) -> None:
        self._facts = facts
        self._verdicts = Verdicts(facts)
        self._held: list[Finding] = []
        self._rules = [_Rule(name, policy, options[name], facts) for name, policy in policies.items()]

    def see(self, posts: Sequence[Post]) -> None:
        """Judge these posts, which come next."""
        self._held += held_findings(posts, self._verdicts)
        for rule in self._rules:
            rule.see(posts)

    def found(self, posts: Iterable[Post]) -> list[Finding]:
        """Every conflict of the posts that were seen; a rule that needs them all at once goes through `posts`."""
        world = World(self._facts, posts)
        return [*self._held, *chain.from_iterable(rule.found(world) for rule in self._rules)]


def in_turn(posts: Iterable[Post]) -> Iterator[Sequence[Post]]:
    """Posts in order of time, some at a time; what is no sequence has that order."""
    if isinstance(posts, Sequence):
        posts = sorted(posts, key=lambda p: (p.intended_at or BEFORE, p.id))
    some = iter(posts)
    while batch := list(islice(some, BATCH)):
        yield batch


def findings(
    posts: Iterable[Post],
    facts: Facts,
    policies: Mapping[str, ModuleType],
    options: Mapping[str, Any],
) -> list[Finding]:
    """Every conflict of these posts: with freezes, and with each policy's own rules. What is no sequence has order."""
    judging = Judging(facts, policies, options)
    for some in in_turn(posts):
        judging.see(some)
    return judging.found(posts)


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

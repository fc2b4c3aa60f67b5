"""Permissions: what is let through one freeze, by whom and why. Pure.

A permission frees from its own freeze only, and lifting is narrow: a post is let through with the words it had then,
words typed ahead only on the accounts named. The kind of a post comes from a person's tag or from its account, never
from its text. A message about a risk to life passes at once under every pause; who directed it is recorded afterwards.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import chain

from freeze.posts import Post, same_words, without_markup

RISK_TO_LIFE = "risk-to-life"
DIRECTED_WITHIN = timedelta(days=1)
"""By then it is on record who directed a message about a risk to life."""


class How(StrEnum):
    """What a permission is for."""

    POST = "post"
    KIND = "kind"
    WORDS = "words"


@dataclass(frozen=True, slots=True)
class Permission:
    """One post, one kind of post or words typed ahead, let through one freeze; instants in UTC.

    `freeze` is its short id. `posts` are one post in every queue it is seen in, `words` what it said, or will say.
    `accounts` are register ids; none means every account. `until` is the first instant it no longer covers.
    """

    number: int
    freeze: str
    how: How
    reason: str
    given_by: str
    given_at: datetime
    posts: tuple[int, ...] = ()
    kind: str = ""
    words: str = ""
    accounts: tuple[str, ...] = ()
    directed_by: str = ""
    until: datetime | None = None
    withdrawn_at: datetime | None = None

    @property
    def ref(self) -> str:
        """The short id people type."""
        return f"a{self.number}"

    @property
    def about_life(self) -> bool:
        """Whether it was given for a risk to life."""
        return self.how is How.POST and self.kind == RISK_TO_LIFE

    def stands(self, now: datetime) -> bool:
        """Whether it can still let anything through."""
        return self.withdrawn_at is None and (self.until is None or now < self.until)

    def reaches(self, at: datetime, now: datetime) -> bool:
        """Whether it covers a post that goes out at `at`, or that did.

        What went out before it was given, or after it was withdrawn, did so without it.
        """
        if self.until is not None and at >= self.until:
            return False
        if at > now:
            return self.withdrawn_at is None
        given = self.about_life or self.given_at <= at
        return given and (self.withdrawn_at is None or at < self.withdrawn_at)


@dataclass(frozen=True, slots=True)
class Kinds:
    """How kinds are told and what every pause lets through: `tags` and `accounts` to kinds, `always` by preset.

    `only` is for presets under which business goes on: why this very post is held, or nothing.
    """

    tags: Mapping[str, str] = field(default_factory=dict)
    accounts: Mapping[str, str] = field(default_factory=dict)
    always: Mapping[str, frozenset[str]] = field(default_factory=dict)
    by_permission: Mapping[str, frozenset[str]] = field(default_factory=dict)
    only: Mapping[str, Callable[[Post], str]] = field(default_factory=dict)

    def of(self, post: Post) -> frozenset[str]:
        """The kinds of a post: those its tags stand for, else that of its account; none for most posts."""
        tagged = frozenset(self.tags[t] for tag in post.tags if (t := same_words(tag)) in self.tags)
        return tagged or frozenset(filter(None, (self.accounts.get(post.account),)))

    @property
    def known(self) -> frozenset[str]:
        """Every kind there is."""
        named = chain(self.tags.values(), self.accounts.values(), *self.always.values(), *self.by_permission.values())
        return frozenset(named) | {RISK_TO_LIFE}


NO_KINDS = Kinds()


@dataclass(frozen=True, slots=True)
class Allowing:
    """Everything that may let a post through a freeze."""

    permissions: Sequence[Permission] = ()
    kinds: Kinds = NO_KINDS


NOTHING = Allowing()


def spoken(post: Post) -> str:
    """The words the public would read, title first, levelled, for telling whether they changed."""
    return levelled(f"{post.title} {post.text}")


def levelled(words: str) -> str:
    """Words as they are compared: without markup, case and spacing."""
    return same_words(without_markup(words))


class Lets:
    """Which posts are let through which freeze. Cheap for posts that nothing concerns."""

    def __init__(self, allowing: Allowing, now: datetime) -> None:
        self._now = now
        self._kinds = allowing.kinds
        self._told: dict[tuple[tuple[str, ...], str], frozenset[str]] = {}
        self._posts: dict[tuple[str, int], list[Permission]] = {}
        self._words: dict[str, list[Permission]] = {}
        self._standing: dict[str, list[Permission]] = {}
        for p in (replace(x, words=levelled(x.words)) for x in allowing.permissions):
            if p.how is How.POST:
                for post in p.posts:
                    self._posts.setdefault((p.freeze, post), []).append(p)
            else:
                (self._words if p.how is How.WORDS else self._standing).setdefault(p.freeze, []).append(p)
        self._single = bool(self._posts or self._words)
        self._by_kind = bool(self._kinds.tags or self._kinds.accounts)
        self.any = self._single or self._by_kind

    def through(self, freeze: str, preset: str, post: Post, at: datetime) -> str:
        """Why `post`, going out at `at`, passes this freeze, in words; empty when it does not."""
        if self._single and (p := self._singly(freeze, post, at)):
            return f"{p.ref}: {p.reason}"
        kinds = self._of(post) if self._by_kind else None
        if not kinds:
            return ""
        if RISK_TO_LIFE in kinds:
            return "a message about a risk to life passes every pause"
        always = self._kinds.always.get(preset, frozenset())
        if kinds <= always:
            return f"{', '.join(sorted(kinds))}: always passes this pause"
        given = [p for p in self._standing.get(freeze, ()) if _on(p, post) and p.reaches(at, self._now)]
        standing = {p.kind: p for p in given}
        if not kinds <= always | standing.keys():
            return ""
        by = next(p for k, p in standing.items() if k in kinds)
        return f"{by.ref}: {by.reason}"

    def _singly(self, freeze: str, post: Post, at: datetime) -> Permission | None:
        """The permission for this very post or for its very words."""
        mine = [*self._posts.get((freeze, post.id), ()), *(p for p in self._words.get(freeze, ()) if _on(p, post))]
        return next((p for p in mine if p.reaches(at, self._now) and p.words == spoken(post)), None)

    def _of(self, post: Post) -> frozenset[str]:
        """The kinds of a post, told once for each set of tags and account."""
        key = (post.tags, post.account)
        if key not in self._told:
            self._told[key] = self._kinds.of(post)
        return self._told[key]


def _on(p: Permission, post: Post) -> bool:
    return not p.accounts or post.account in p.accounts

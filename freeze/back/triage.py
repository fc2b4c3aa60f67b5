"""Deciding about many held posts at once: which are meant, which somebody must look at first. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from freeze.holds import Hold, HoldState, Kind
from freeze.permissions import RISK_TO_LIFE, Kinds
from freeze.posts import Post, same_words, without_markup
from freeze.texts.stale_words import Stale, stale_words

DECISIONS = {
    "next-slot": "the next free time",
    "at": "a given time",
    "keep": "keep it held as it is",
    "cancel": "do not publish it",
    "accept-current": "take it as it stands on the platform now",
}
BULK = ("next-slot", "keep", "cancel")
"""What may be decided about many posts in one go."""
SERVICE_INFORMATION = frozenset({"service-information", RISK_TO_LIFE})
"""Kinds that go first, besides those a prepared pause always lets through."""


def service_information(posts: Iterable[Post], kinds: Kinds) -> frozenset[int]:
    """The posts that tell people how a service runs, by a person's tag or their account: they come back first."""
    first = SERVICE_INFORMATION.union(*kinds.always.values())
    return frozenset(p.id for p in posts if kinds.of(p) & first)


def goes_out(hold: Hold, now: datetime) -> datetime:
    """The earliest a held post goes out if it is put back (UTC): as decided, else at its time, never in the past."""
    at = hold.decided_time if hold.decision == "at" else hold.before.at
    return now if at is None or hold.decision == "next-slot" else max(at, now)


def stale(post: Post, meant: datetime | None, goes: datetime) -> tuple[Stale, ...]:
    """The words of a post that may be wrong when it goes out at `goes`; a website's markup is no words."""
    return stale_words(without_markup(f"{post.title}\n{post.text}"), meant, goes)


def stale_while_held(hold: Hold, post: Post, now: datetime) -> tuple[Stale, ...]:
    """The same for a held post; nothing for one that is not to go out."""
    if hold.decision in ("keep", "cancel"):
        return ()
    return stale(post, hold.before.at, goes_out(hold, now))


def says(found: Iterable[Stale], most: int = 3) -> str:
    """Stale words in a few words: "says 'tomorrow', 'on Saturday'"; empty for none."""
    words = list(dict.fromkeys(s.words for s in found))
    more = f" and {len(words) - most} more" if len(words) > most else ""
    return f"says {', '.join(repr_of(w) for w in words[:most])}{more}" if words else ""


def repr_of(words: str) -> str:
    """Words between quotation marks."""
    return f"'{words[:40]}'"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which held posts somebody means; what is not given does not narrow. `freeze` is a number."""

    service: str | None = None
    campaign: str | None = None
    missed: bool = False
    freeze: int | None = None


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which posts a decision about many takes in; which are flagged and left out; how many others are, and why."""

    take: tuple[Post, ...]
    flagged: tuple[tuple[Post, tuple[Stale, ...]], ...]
    left: Mapping[str, int]


def in_campaign(post: Post, tags: Collection[str], campaign: str) -> bool:
    """Whether a person tagged it so: a tag "TAG" or "campaign:TAG", or a hashtag in its words."""
    wanted = same_words(campaign.removeprefix("#"))
    levelled = {same_words(t) for t in tags}
    hashtags = {w[1:].rstrip(".,!?:;") for w in same_words(post.text).split() if w.startswith("#")}
    return bool({wanted, f"campaign:{wanted}"} & levelled) or wanted in hashtags


def choose(
    held: Iterable[tuple[Hold, Post]],
    wanted: Wanted,
    choice: str,
    tags: Mapping[int, Collection[str]],
    named: Collection[int],
    now: datetime,
) -> Chosen:
    """The posts that one decision about many takes in, earliest first.

    Nothing that somebody decided singly is decided again, and for a new time no post whose own time is still to come.
    Posts whose words went stale are left out of a new time unless `named`. `tags` are those of a post and of its other
    sights.
    """
    take, flagged = [], []
    left: Counter[str] = Counter()
    for hold, post in held:
        if post.id in named or not _meant(hold, post, wanted, tags.get(post.id, post.tags), now):
            continue
        why = _left_out(hold, choice, now)
        found = stale(post, hold.before.at, now) if choice == "next-slot" and not why else ()
        if why:
            left[why] += 1
        elif found:
            flagged.append((post, found))
        else:
            take.append(post)
    return Chosen(tuple(take), tuple(flagged), left)


def _meant(hold: Hold, post: Post, wanted: Wanted, tags: Collection[str], now: datetime) -> bool:
    return (
        (wanted.service is None or post.service == wanted.service)
        and (wanted.campaign is None or in_campaign(post, tags, wanted.campaign))
        and (not wanted.missed or hold.missed(now))
        and (wanted.freeze is None or wanted.freeze in hold.claims)
    )


def _left_out(hold: Hold, choice: str, now: datetime) -> str:
    """Why a decision about many leaves a post out; empty when it does not."""
    if hold.kind is Kind.HUMAN or hold.state in (HoldState.NEEDS_A_PERSON, HoldState.REFUSED):
        return "only a person can move, on their platform"
    if hold.decision:
        return "decided already (name one to change that)"
    if hold.state is HoldState.CHANGED:
        return "changed by somebody while held (look at each)"
    if hold.state is not HoldState.CONFIRMED:
        return "not checked yet (freeze sync --enforce)"
    if choice == "next-slot" and not hold.missed(now):
        return "have a time still to come, and go back at it"
    return ""

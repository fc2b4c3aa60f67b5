"""The preview: what a declaration would do to every post the store knows, at once and without any call. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from freeze.holds import Change, Goal, HoldState, Kind, Refusal, Verb
from freeze.judging.evaluate import Verdicts
from freeze.ports import Platform
from freeze.posts import Post, Seen


@dataclass(frozen=True, slots=True)
class Item:
    """What would be done about one post."""

    post: Post
    kind: Kind
    state: HoldState
    why: str
    clicks: str
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that would be done, nearest-due first."""

    items: tuple[Item, ...]

    @property
    def by_kind(self) -> dict[Kind, int]:
        """How many posts by kind of hold; those that are too late are not counted."""
        return dict(Counter(i.kind for i in self.items if i.state is not HoldState.TOO_LATE))

    @property
    def too_late(self) -> tuple[Item, ...]:
        """Posts that cannot be stopped in time."""
        return tuple(i for i in self.items if i.state is HoldState.TOO_LATE)

    def count(self, key: str) -> dict[str, int]:
        """How many posts by a field of the post (`account`, `service`, `platform`), most first."""
        return dict(Counter(getattr(i.post, key) for i in self.items).most_common())


def preview(
    posts: Iterable[Post],
    seen: Mapping[int, Seen],
    verdicts: Verdicts,
    platforms: Mapping[str, Platform],
    now: datetime,
) -> Plan:
    """What would be done about these posts. A post whose connection is no longer in the settings needs a person."""
    items = []
    for slot, post in enumerate(posts):
        by = verdicts.held_by(post)
        if not by:
            continue
        platform = platforms.get(post.locator.connection)
        offer: Change | Refusal
        if platform is None or post.id not in seen:
            offer = Refusal(HoldState.NEEDS_A_PERSON, f'no connection "{post.locator.connection}" in the settings')
        else:
            offer = platform.offer(seen[post.id], Goal(Verb.HOLD, avoid=verdicts.windows, slot=slot), now)
            offer = verdicts.meant(offer, post, by)
        if isinstance(offer, Change):
            items.append(Item(post, offer.kind, HoldState.REQUESTED, offer.why, "", offer.expires_at))
        else:
            items.append(Item(post, Kind.HUMAN, offer.state, offer.why, offer.clicks, None))
    items.sort(key=lambda i: (i.post.intended_at or now, i.post.id))
    return Plan(tuple(items))

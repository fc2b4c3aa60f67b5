"""Agreements: that somebody accountable said yes to something the policy asks about beforehand. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from freeze.posts import Post, Seen


class Matter(StrEnum):
    """What was agreed to."""

    SIGN_OFF = "sign-off"  # a political or controversial matter, clause 4.2
    BOOST = "boost"  # paid promotion, clause 2.7
    CAMPAIGN = "campaign"  # a long or major campaign, clause 3.5
    MEDIA = "media"  # pictures of people, clause 2.9


@dataclass(frozen=True, slots=True)
class Agreement:
    """One agreement. `by` gave it; `reference` is a budget code, or where a written permission is kept.

    It is for the posts named, with the words they had (`content`, by post id), or for a campaign's tag; `until` is the
    last London day of it. `at` (UTC) is when it was recorded.
    """

    number: int
    matter: Matter
    by: str
    at: datetime
    posts: tuple[int, ...] = ()
    content: tuple[str, ...] = ()
    campaign: str = ""
    reference: str = ""
    until: date | None = None

    @property
    def ref(self) -> str:
        """The short id people type."""
        return f"g{self.number}"

    def stands(self, today: date) -> bool:
        """Whether it still counts on a London day."""
        return self.until is None or today <= self.until


def content(post: Post) -> str:
    """A digest of what the public would see of a post: the same one by which a post is told to have been edited."""
    shown = Seen(
        post.locator, post.state, None, text=post.text, title=post.title, link=post.link, media=tuple(post.media)
    )
    return shown.content


def agreed(post: Post, agreements: Iterable[Agreement], matter: Matter, today: date) -> Agreement | None:
    """The agreement that stands for a post on a London day, as it reads now; the latest one, None where there is none.

    Somebody who edits a post loses what was agreed to, as another text or picture was.
    """
    mine = [a for a in agreements if a.matter is matter and post.id in a.posts and a.stands(today)]
    if not mine:
        return None
    now = content(post)
    return next((a for a in reversed(mine) if now in a.content), None)


def edited_since(post: Post, agreements: Iterable[Agreement], matter: Matter, today: date) -> str:
    """What to add about an agreement that a post lost because it was edited; empty where there was none."""
    lost = [a for a in agreements if a.matter is matter and post.id in a.posts and a.stands(today)]
    return f" It was agreed to ({lost[-1].ref}), and was changed since." if lost else ""

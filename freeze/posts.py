"""Posts: something scheduled, awaiting approval, or published on one of the council's accounts."""

from __future__ import annotations

import hashlib
import html
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

Json = Any
"""Anything the standard `json` module writes."""


class State(StrEnum):
    """Where a post stands on its platform."""

    SCHEDULED = "scheduled"
    PENDING_APPROVAL = "pending_approval"
    DRAFT = "draft"
    PUBLISHED = "published"
    DELETED = "deleted"


GOES_OUT = frozenset({State.SCHEDULED, State.PENDING_APPROVAL})
"""States from which a post can reach the public by itself or by one careless approval."""


@dataclass(frozen=True, slots=True, order=True)
class Locator:
    """One place a post sits in; `account` and `native_id` are the platform's own ids."""

    connection: str
    account: str
    native_id: str
    occurrence: str = ""

    def __str__(self) -> str:
        return f"{self.connection}:{self.native_id}" + (f"#{self.occurrence}" if self.occurrence else "")


@dataclass(frozen=True, slots=True)
class Seen:
    """A post as one reading of a platform shows it.

    `at` is the instant it is due (or, once published, went out), in UTC; `at_given` the same as the platform wrote it.
    `raw` is the platform's own answer with secrets removed: what a person would need to rebuild the post.
    """

    locator: Locator
    state: State
    at: datetime | None
    at_given: str = ""
    text: str = ""
    title: str = ""
    link: str = ""
    media: tuple[str, ...] = ()
    author: str = ""
    app: str = ""
    tags: tuple[str, ...] = ()
    boosted: bool = False
    raw: Mapping[str, Json] = field(default_factory=dict, hash=False)

    @property
    def content(self) -> str:
        """A digest of what the public would see: words, link and media, not the time."""
        parts = "\x1f".join((self.title, self.text, self.link, *self.media))
        return hashlib.sha256(parts.encode("utf-8", "surrogatepass")).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Absent:
    """A reading that succeeded and says: no such post here."""

    locator: Locator


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A post whose present state could not be read."""

    locator: Locator
    reason: str


Reading = Seen | Absent | Unreadable


@dataclass(frozen=True, slots=True)
class Reject:
    """One row or item that could not be understood: where it stands and why."""

    where: str
    reason: str


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a listing.

    `complete` is True on the last page only; `expected_total` is what the platform says there are, if it says.
    `as_of` is set where the page is a copy made earlier (an export), in UTC: such a page is never confirmation.
    """

    posts: tuple[Seen, ...]
    rejects: tuple[Reject, ...] = ()
    complete: bool = False
    expected_total: int | None = None
    as_of: datetime | None = None


@dataclass(frozen=True, slots=True)
class Post:
    """A stored post, as rules see it: one locator, with the account it belongs to.

    `intended_at` is the instant somebody meant it to go out, in UTC; holding a post never changes it.
    `same_as` is the id of the post this one is another sight of, where that is certain. `tags` are what a person put on
    it where it was made.
    """

    id: int
    account: str
    platform: str
    service: str
    locator: Locator
    state: State
    intended_at: datetime | None
    text: str
    title: str = ""
    author: str = ""
    app: str = ""
    same_as: int | None = None
    tags: tuple[str, ...] = ()
    link: str = ""
    media: tuple[str, ...] = ()
    boosted: bool = False

    @property
    def ref(self) -> str:
        """The short id people type."""
        return f"p{self.id}"


def post_number(ref: str) -> int:
    """The number in a short id such as "p12"; 0, which no post has, for anything else."""
    found = re.fullmatch(r"[pP]?([0-9]{1,15})", ref.strip())
    return int(found[1]) if found else 0


_TAG = re.compile(r"</?[a-z][^<>]{0,300}>", re.IGNORECASE)
_OPENS = "<!--"
_CLOSES = "-->"
_TOO_LARGE = re.compile(r"&#[0-9]{9,};?")
"""A letter by a number that no letter has."""
_LONG_LETTERS = "\ufdfa\ufdfb"


def without_markup(text: str, gap: str = " ") -> str:
    """Text without what a page is marked up with, which no reader sees; `gap` stands in the place of each.

    A comment that is never closed is no comment.

    >>> without_markup("<p>Bins<!-- not yet --> on <b>Monday", "")
    'Bins on Monday'
    """
    if "<" not in text:
        return text
    parts, at = [], 0
    # Found in turn and not by a pattern, which would look for the end of each comment to the end of the text.
    while (start := text.find(_OPENS, at)) >= 0 and (end := text.find(_CLOSES, start + len(_OPENS))) >= 0:
        parts.append(text[at:start])
        at = end + len(_CLOSES)
    return gap.join(_TAG.sub(gap, part) for part in (*parts, text[at:]))


def unescaped(text: str) -> str:
    """Text with the letters that a page writes as "&amp;" and "&#163;"."""
    try:
        return html.unescape(text)
    except ValueError:  # Python reads no number of thousands of digits
        return html.unescape(_TOO_LARGE.sub("\ufffd", text))


def plain_letters(text: str) -> str:
    """Text with look-alike letters made plain (NFKC), unless it would grow far longer.

    One letter can become 18: a text that holds many of those is left as it is.
    """
    if text.isascii() or sum(map(text.count, _LONG_LETTERS)) > 20 + len(text) // 100:
        return text
    plain = unicodedata.normalize("NFKC", text)
    return plain if len(plain) <= 2 * len(text) + 1000 else text


def same_words(text: str) -> str:
    """Text with case, spacing and look-alike characters levelled, for telling two sights of one post.

    >>> same_words("Bin  Day\\n") == same_words("bin day")
    True
    """
    return " ".join(plain_letters(text).casefold().split())

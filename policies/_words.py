"""Words as the rules about content look at them: what the public would read, and phrases to find in it. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Annotated, Any

from pydantic import BeforeValidator

from freeze.posts import Post, plain_letters, same_words, unescaped, without_markup

_HIDDEN = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
_DASHES = re.compile("[\u2010-\u2015\u2212]")


def about(unit: str, clause: str) -> dict[str, Any]:
    """What stands beside an option in every list of options: its unit and its clause."""
    return {"unit": unit, "clause": clause}


def read(post: Post) -> str:
    """What the public would read of a post, title first: without markup, look-alike characters levelled, case kept."""
    text = f"{post.title}\n{post.text}" if post.title else post.text
    if "<" in text:
        text = without_markup(text)
    if "&" in text:
        text = unescaped(text)
    if not text.isascii():
        text = _DASHES.sub("-", _HIDDEN.sub("", plain_letters(text)))
    return text


@lru_cache(maxsize=256)
def phrases(words: tuple[str, ...]) -> re.Pattern[str]:
    """Any of these phrases as whole words, in any case and spacing; `*` at the end stands for any ending.

    >>> bool(phrases(("strike*",)).search("two days of Strikes"))
    True
    """
    each = (
        r"\s{1,9}".join(map(re.escape, w.rstrip("*").split())) + (r"\w{0,20}" if w.endswith("*") else "") for w in words
    )
    return re.compile(rf"(?<!\w)(?:{'|'.join(each)})(?!\w)" if words else r"(?!)", re.IGNORECASE)


def keys(words: Iterable[str]) -> tuple[str, ...]:
    """Of phrases, what stands literally in every text (in small letters, spacing levelled) that has one of them."""
    return tuple(dict.fromkeys(w.casefold().rstrip("*").strip() for w in words))


def _levelled(value: object) -> object:
    return same_words(value) if isinstance(value, str) else value


def _phrase(value: object) -> object:
    if isinstance(value, str) and not re.search(r"\w", value):
        raise ValueError('give a word or a phrase, like "strike action" or "strik*"')
    return " ".join(value.split()) if isinstance(value, str) else value


Mark = Annotated[str, BeforeValidator(_levelled)]
"""A tag or a mark on a picture, compared without case and spacing."""
Phrase = Annotated[str, BeforeValidator(_phrase)]
"""A word or a phrase; `*` at the end stands for any ending."""


def marks(post: Post) -> set[str]:
    """What a person put on a post and on its pictures, as such words are compared."""
    return {same_words(m) for m in (*post.tags, *post.media)}


def named(items: list[str], most: int = 4) -> str:
    """Items in one line: 'a, b and c', or 'a, b, c, d and 3 more'."""
    if len(items) > most:
        return f"{', '.join(items[:most])} and {len(items) - most} more"
    return f"{', '.join(items[:-1])} and {items[-1]}" if len(items) > 1 else "".join(items)

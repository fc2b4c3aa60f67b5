"""LinkedIn's words and times: commentary without its escapes, milliseconds, descriptions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from adapters._web.verdicts import says
from freeze.posts import Json

HASHTAG: Final = re.compile(r"\{hashtag\|(\\?[#＃])\|([^{}|]+)\}")
MENTION: Final = re.compile(r"@\[((?:[^\[\]\\]|\\.){0,500})\]\(urn:li:[^()\s]{0,200}\)")
ESCAPE: Final = re.compile(r"\\([\\|{}@\[\]()<>#*_~])")


def plain(commentary: str) -> str:
    """Commentary as a reader sees it: mentions and hashtags as words, escapes taken off.

    >>> plain(r"Closed \\(today\\): @[Anyshire Council](urn:li:organization:5) {hashtag|\\#|bins}")
    'Closed (today): Anyshire Council #bins'
    """
    text = MENTION.sub(lambda m: m[1], commentary)
    text = HASHTAG.sub(lambda m: f"#{m[2]}", text)
    return ESCAPE.sub(lambda m: m[1], text)


def described(organization: Mapping[str, Json]) -> str | None:
    """A page's description in its preferred language; None where the answer has no description at all."""
    localized = organization.get("localizedDescription")
    if isinstance(localized, str):
        return localized
    description = organization.get("description")
    texts = description.get("localized") if isinstance(description, dict) else None
    if not isinstance(texts, dict) or not all(isinstance(t, str) for t in texts.values()):
        return None
    locale = description.get("preferredLocale") if isinstance(description, dict) else None
    preferred = f"{locale.get('language')}_{locale.get('country')}" if isinstance(locale, dict) else "en_GB"
    return str(texts.get(preferred, next(iter(texts.values()), "")))


def instant(given: Json) -> datetime:
    """A time in unix milliseconds, in UTC. Raises ValueError for anything else, seconds included."""
    if isinstance(given, bool) or not isinstance(given, int):
        raise ValueError(f'its time "{says(given, 40)}" cannot be read')
    try:
        at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=given)
    except OverflowError:
        raise ValueError(f'its time "{says(given, 40)}" cannot be read') from None
    if not 2003 <= at.year < 2100:  # LinkedIn began in 2003
        raise ValueError(f'its time "{says(given, 40)}" is not in milliseconds since 1970')
    return at


def attached(content: Json) -> tuple[tuple[str, ...], str, str]:
    """What a post carries: the ids of its pictures or files, its link, and the title of either."""
    part = content if isinstance(content, dict) else {}
    media: list[str] = []
    link = title = ""
    several = part.get("multiImage")
    images = several.get("images") if isinstance(several, dict) else None
    for holder in (part.get("media"), *(images if isinstance(images, list) else ())):
        if isinstance(holder, dict) and isinstance(holder.get("id"), str):
            media.append(holder["id"])
            title = title or str(holder.get("title") or "")
    article = part.get("article")
    if isinstance(article, dict):
        link, title = str(article.get("source") or ""), str(article.get("title") or "")
    return tuple(media), link, title

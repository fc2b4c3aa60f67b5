"""What of a Hootsuite message can be made again exactly as it was, and how.

Everything a message holds is one of three: Hootsuite's own bookkeeping, something that is sent again as it was read, or
a reason not to delete it. A field nobody here knows is a reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from adapters._hootsuite.api import zulu
from adapters._web.redaction import REMOVED
from adapters._web.verdicts import says
from freeze.posts import Json, Seen

BOOKKEEPING: Final = frozenset(
    {
        "id",
        "state",
        "socialProfile",
        "scheduledSendTime",
        "postId",
        "postUrl",
        "createdByMember",
        "lastUpdatedByMember",
    }
)
SENT_AGAIN: Final = ("tags", "location", "emailNotification")
KNOWN_REASONS: Final = {
    "media": "its uploaded media (media) may not be there to attach again",
    "targeting": "it is aimed at a part of the audience (targeting)",
    "privacy": "it is shown to a part of the audience (privacy)",
    "extendedInfo": "it holds details of one network (extendedInfo)",
    "sequenceNumber": "it went through approval (sequenceNumber), which would be lost",
    "reviewers": "it has reviewers (reviewers), who would be lost",
    "webhookUrls": "another program watches it (webhookUrls)",
}
PERMANENT: Final = ("http://static.ow.ly/", "https://static.ow.ly/", "http://ow.ly/i/", "https://ow.ly/i/")


def obstacle(seen: Seen) -> str:
    """Why this message could not be made again as it is, naming the field; empty where it can."""
    for name, value in seen.raw.items():
        if name in BOOKKEEPING or name in {"text", "mediaUrls", *SENT_AGAIN} or _nothing(value):
            continue
        return KNOWN_REASONS.get(name, f'it holds "{says(name, 40)}", which the guard does not know')
    if not seen.text and not seen.media:
        return "it has no words (text)"
    if any(u is None or not u.startswith(PERMANENT) or "?" in u for u in _urls(seen.raw)):
        return "one of its pictures (mediaUrls) is not at an address that lasts"
    for name in ("mediaUrls", *SENT_AGAIN):
        if REMOVED in str(seen.raw.get(name)):
            return f"something secret in it was not kept ({name})"
    return ""


def message(before: Seen, at: datetime) -> dict[str, Json]:
    """The message to send, as it was before it was deleted, for this time."""
    body: dict[str, Json] = {
        "text": before.text,
        "socialProfileIds": [before.locator.account],
        "scheduledSendTime": zulu(at),
    }
    if urls := _urls(before.raw):
        body["mediaUrls"] = [{"url": u} for u in urls]
    return body | {k: before.raw[k] for k in SENT_AGAIN if k in before.raw and not _nothing(before.raw[k])}


def pictures(item: Mapping[str, Json]) -> tuple[str, ...]:
    """What is attached, by address or by number. Raises ValueError where that cannot be understood."""
    urls, media = _urls(item), item.get("media") or []
    ids = [m.get("id") if isinstance(m, dict) else None for m in media] if isinstance(media, list) else [None]
    found = [*urls, *(str(i) if i else None for i in ids)]
    if None in found:
        raise ValueError("its pictures cannot be understood")
    return tuple(f for f in found if f is not None)


def _urls(item: Mapping[str, Json]) -> list[str | None]:
    given = item.get("mediaUrls") or []
    if not isinstance(given, list):
        return [None]
    urls = [m.get("url") if isinstance(m, dict) else m for m in given]
    return [u if isinstance(u, str) and u else None for u in urls]


def _nothing(value: Json) -> bool:
    """Whether a field says nothing; False and 0 say something."""
    return value is None or value == "" or value == [] or value == {}

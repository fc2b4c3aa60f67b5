"""How Mastodon's answers become posts, and what its errors mean. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final
from urllib.parse import parse_qs, urlsplit

from adapters._tools.instants import zoned
from adapters._web.verdicts import Fate, Verdict, http_date, says
from freeze.posts import Json, Locator, Seen, State, unescaped

PUBLISHED: Final = "status:"
"""What the id of a published status begins with here: its numbers and those of scheduled posts are counted apart."""
PARAGRAPH: Final = re.compile(r"</p>\s*<p[^<>]*>", re.IGNORECASE)
BREAK: Final = re.compile(r"<br\s*/?>", re.IGNORECASE)
TAG: Final = re.compile(r"<[^<>]*>")
NEXT: Final = re.compile(r'<([^<>]*)> ?; ?rel="next"')


def scheduled(item: Json, locator: Locator, raw: Json) -> Seen:
    """One scheduled post; `raw` is its answer as it may be kept. Raises ValueError with a sentence."""
    params = _known(item, locator.native_id).get("params")
    if not isinstance(params, dict) or not isinstance(params.get("text"), str):
        raise ValueError("it came without its words")
    given = item.get("scheduled_at")
    return Seen(
        locator=locator,
        state=State.SCHEDULED,
        at=zoned(given),
        at_given=str(given),
        text=params["text"],
        title=_words(params.get("spoiler_text")),
        media=_media(item),
        raw=raw,
    )


def published(item: Json, locator: Locator, raw: Json) -> Seen:
    """One published status, its words as plain text. Raises ValueError with a sentence."""
    account = _known(item, locator.native_id.removeprefix(PUBLISHED)).get("account")
    if not isinstance(account, dict) or str(account.get("id")) != locator.account:
        raise ValueError("it does not say that it is on this account")
    if not isinstance(item.get("content"), str):
        raise ValueError("it came without its words")
    app = item.get("application")
    return Seen(
        locator=locator,
        state=State.PUBLISHED,
        at=zoned(item.get("created_at")),
        at_given=str(item["created_at"]),
        text=plain(item["content"]),
        title=_words(item.get("spoiler_text")),
        link=_words(item.get("url")),
        media=_media(item),
        app=_words(app.get("name")) if isinstance(app, dict) else "",
        raw=raw,
    )


def ident(item: Json) -> str:
    """The id of a post or an account, as text; empty where there is none that can be used."""
    given = item.get("id") if isinstance(item, dict) else None
    if isinstance(given, bool) or not isinstance(given, str | int):
        return ""
    return str(given)


def private(item: Json) -> bool:
    """Whether it is a private message, which is no post: never kept, never touched."""
    params = item.get("params") if isinstance(item, dict) else None
    where = params if isinstance(params, dict) else item
    return isinstance(where, dict) and where.get("visibility") == "direct"


def elsewhere(item: Json, account: str) -> bool:
    """Whether a published status is somebody else's that was passed on, or an answer to somebody else."""
    if not isinstance(item, dict):
        return False
    to = item.get("in_reply_to_account_id")
    return item.get("reblog") is not None or (to is not None and str(to) != account)


def lost_by_remaking(seen: Seen) -> str:
    """Why a post cannot be made again as it was; empty where it can."""
    params = seen.raw.get("params")
    if not isinstance(params, dict):
        return "what it held was not kept"
    if seen.media or params.get("media_ids"):
        return "its pictures would be lost"
    return "its poll would be lost" if params.get("poll") else ""


def again(seen: Seen, at: datetime) -> dict[str, Json]:
    """The form that makes a deleted post again, for `at`."""
    params = seen.raw["params"]
    kept = ("spoiler_text", "visibility", "language", "in_reply_to_id", "quoted_status_id", "quote_approval_policy")
    form = {key: str(params[key]) for key in kept if params.get(key)}
    if params.get("sensitive"):
        form["sensitive"] = "true"
    return {**form, "status": seen.text, "scheduled_at": written(at)}


def cursor(headers: Mapping[str, str]) -> tuple[bool, str]:
    """Whether the Link header tells of a next page, and the `max_id` it names; its address is never followed."""
    link = headers.get("Link", "")
    found = NEXT.search(link)
    asked = parse_qs(urlsplit(found[1]).query) if found else {}
    return 'rel="next"' in link, asked.get("max_id", [""])[0]


def plain(markup: str) -> str:
    """Mastodon's markup as a reader sees it."""
    return unescaped(TAG.sub("", BREAK.sub("\n", PARAGRAPH.sub("\n\n", markup)))).strip()


def written(at: datetime) -> str:
    """A time as Mastodon writes it: UTC, milliseconds."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def judge(status: int, body: Json, headers: Mapping[str, str]) -> Verdict | None:
    """Mastodon's error answers: {"error": "..."}; a 403 says that the token may not do this."""
    if status < 400:
        return None
    error = body.get("error") if isinstance(body, dict) else None
    words = f"HTTP {status}" + (f", {says(error)}" if isinstance(error, str) and error else "")
    if status == 429:
        return Verdict(Fate.WAIT, words, seconds=None if headers.get("Retry-After") else _until_reset(headers))
    if status in {401, 403}:
        return Verdict(Fate.CREDENTIAL, words)
    return None if status >= 500 else Verdict(Fate.NO, words, str(status))


def _until_reset(headers: Mapping[str, str]) -> float | None:
    """Seconds until the calls start again, by the answer's own date; None where it does not say."""
    sent = http_date(headers.get("Date"))
    try:
        reset = zoned(headers.get("X-RateLimit-Reset"))
    except ValueError:
        return None
    return max((reset - sent).total_seconds(), 0.0) if sent else None


def _known(item: Json, wanted: str) -> dict[str, Json]:
    if not isinstance(item, dict) or not wanted or ident(item) != wanted:
        raise ValueError("it came without its id")
    return item


def _media(item: dict[str, Json]) -> tuple[str, ...]:
    found = item.get("media_attachments")
    if not isinstance(found, list):
        raise ValueError("it does not say which pictures it has")
    return tuple(ident(m) or "without an id" for m in found)


def _words(given: Json) -> str:
    return given if isinstance(given, str) else ""

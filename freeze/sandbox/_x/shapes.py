"""The shapes of X's answers: users, posts, scheduled posts, errors of both APIs, limits, and tokens of a next page."""

from __future__ import annotations

import base64
import hashlib
import html
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from starlette.responses import Response

from freeze.sandbox._core.posts import Account, Post
from freeze.sandbox._core.replies import reply, zulu
from freeze.sandbox._core.world import World

NAME: Final = "x"
ADS: Final = "ads:"
OUT: Final = 10**18  # the id of a scheduled post that went out is this plus its own number
WINDOW: Final = 900  # seconds
PROBLEMS: Final = "https://api.x.com/2/problems/"
LINK: Final = re.compile(r"https?://\S+")
TWEET_FIELDS: Final = ("author_id", "created_at", "entities", "in_reply_to_user_id", "referenced_tweets", "attachments")


class No(Exception):
    """A refusal of v2, as {"title", "detail", "type", "status"}."""

    def __init__(self, status: int, title: str, detail: str, kind: str = "", **more: Any) -> None:
        super().__init__(detail)
        self.status = status
        self.body = {
            "title": title,
            "detail": detail,
            "type": PROBLEMS + kind if kind else "about:blank",
            "status": status,
            **more,
        }

    def answer(self) -> Response:
        return reply(self.body, self.status)


class AdsNo(Exception):
    """A refusal of the Ads API, as {"errors": [{"code", "message", "parameter"}], "request": {"params"}}."""

    def __init__(self, status: int, code: str, message: str, parameter: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.error = {"code": code, "message": message} | ({"parameter": parameter} if parameter else {})

    def answer(self) -> Response:
        return reply({"errors": [self.error], "request": {"params": {}}}, self.status)


def unauthorized() -> No:
    """A token that v2 does not accept."""
    return No(401, "Unauthorized", "Unauthorized")


def too_many() -> No:
    """A limit of v2 that is reached."""
    return No(429, "Too Many Requests", "Too Many Requests", "rate-limit-exceeded")


def user(account: Account, wanted: Sequence[str]) -> dict[str, Any]:
    """A user; links in the description are shortened, as X does."""
    about, links = shortened(account.about)
    node: dict[str, Any] = {"id": account.id, "name": account.name, "username": account.handle.lstrip("@")}
    node |= {"description": about} if "description" in wanted else {}
    if "entities" in wanted and links:
        node["entities"] = {"description": {"urls": links}}
    return node


def tweet(post: Post, wanted: Sequence[str]) -> dict[str, Any]:
    """A post that is out; its words are escaped and its links shortened."""
    text, links = shortened(html.escape(post.text, quote=False))
    replies_to = post.extra.get("replies_to")
    node = {
        "id": tweet_id(post),
        "text": text,
        "edit_history_tweet_ids": [tweet_id(post)],
        "author_id": post.account,
        "created_at": post.published_at and f"{post.published_at:%Y-%m-%dT%H:%M:%S}.000Z",
        "entities": {"urls": links} if links else None,
        "in_reply_to_user_id": replies_to,
        "referenced_tweets": [{"type": "replied_to", "id": "1"}] if replies_to else _reposted(post),
        "attachments": {"media_keys": list(post.media)} if post.media else None,
    }
    always = ("id", "text", "edit_history_tweet_ids")
    return {k: v for k, v in node.items() if k in always or (k in wanted and v is not None)}


def scheduled_tweet(post: Post) -> dict[str, Any]:
    """A scheduled post, as the Ads API shows it."""
    status = {"scheduled": "SCHEDULED", "published": "SUCCESS", "deleted": "DELETED"}.get(post.state, "FAILED")
    return {
        "name": None,
        "completed_at": zulu(post.published_at and post.published_at.replace(microsecond=0)),
        "text": post.text,
        "user_id": post.account,
        "scheduled_status": status,
        "id": post.id.removeprefix(ADS),
        "nullcast": post.boosted,
        "created_at": zulu(post.created_at and post.created_at.replace(microsecond=0)),
        "scheduled_at": zulu(post.publish_at),
        "card_uri": post.link or None,
        "updated_at": zulu(post.modified_at and post.modified_at.replace(microsecond=0)),
        "tweet_id": tweet_id(post) if post.state == "published" else None,
        "media_keys": list(post.media),
    }


def tweet_id(post: Post) -> str:
    """The id of a post once it is out."""
    return str(OUT + int(post.id.removeprefix(ADS))) if post.id.startswith(ADS) else post.id


def by_tweet_id(world: World, native: str) -> Post | None:
    """The post that is out under this id."""
    number = int(native)
    post = world.get(NAME, f"{ADS}{number - OUT}" if number >= OUT else native)
    return post if post is not None and post.state == "published" else None


def shortened(text: str) -> tuple[str, list[dict[str, Any]]]:
    """The text with its links made short, and what each one stands for."""
    links: list[dict[str, Any]] = []

    def short(found: re.Match[str]) -> str:
        long = html.unescape(found[0])
        link = "https://t.co/" + hashlib.sha256(long.encode(errors="surrogatepass")).hexdigest()[:10]
        shown = long.partition("//")[2].removeprefix("www.")
        links.append({"start": 0, "end": 0, "url": link, "expanded_url": long, "display_url": shown[:30]})
        return link

    out = LINK.sub(short, text)
    at = 0
    for link in links:
        at = out.index(link["url"], at)
        link["start"], link["end"] = at, at + len(link["url"])
        at = link["end"]
    return out, links


def token_of_page(start: int, last: str) -> str:
    """A token for the page that begins at `start`, after the post `last`."""
    return base64.b32hexencode(f"{start}.{last}".encode()).decode().rstrip("=").lower()


def start_of_page(token: str, ids: list[str]) -> int:
    """Where the page begins that the token stands for. Raises ValueError for one that never was given."""
    padded = token.upper() + "=" * (-len(token) % 8)
    start, _, last = base64.b32hexdecode(padded).decode().partition(".")
    return ids.index(last) + 1 if last in ids else int(start)


def count_call(world: World, what: str, limit: int, window: int = WINDOW, prefix: str = "x-") -> dict[str, str] | None:
    """Count one call to `what` in the running window: the headers that tell of it, or None once over the limit."""
    begun = int(world.now().timestamp()) // window
    made: dict[tuple[str, int], int] = world.memo.setdefault("x limits", {})
    made[what, begun] = used = made.get((what, begun), 0) + 1
    if used > limit:
        return None
    return limits(prefix, limit, limit - used, (begun + 1) * window)


def limits(prefix: str, limit: int, left: int, reset: int) -> dict[str, str]:
    """Headers about a limit; `reset` is in unix seconds."""
    told: Mapping[str, int] = {"limit": limit, "remaining": left, "reset": reset}
    return {f"{prefix}rate-limit-{name}": str(value) for name, value in told.items()}


def whole_minute(at: datetime) -> datetime:
    """The same instant without its seconds, which X ignores."""
    return at.replace(second=0, microsecond=0)


def _reposted(post: Post) -> list[dict[str, str]] | None:
    return [{"type": "retweeted", "id": "1"}] if post.extra.get("repost") else None

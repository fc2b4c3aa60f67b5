"""The shapes of Graph answers: objects, fields, cursors, times and errors, as facebook.py serves them."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from starlette.responses import Response

from freeze.sandbox._replies import reply
from freeze.sandbox._world import Account, Post, World

NAME = "facebook"
SYSTEM_USER = "5550001"
TASKS = ["ADVERTISE", "ANALYZE", "CREATE_CONTENT", "MANAGE", "MESSAGING", "MODERATE"]
POST_FIELDS = {
    "id", "message", "scheduled_publish_time", "created_time", "updated_time", "status_type", "permalink_url",
    "application", "admin_creator", "promotion_status", "is_published", "is_hidden", "from", "full_picture", "link",
    "attachments", "story", "is_eligible_for_promotion",
}  # fmt: skip
PAGE_FIELDS = {
    "id", "name", "username", "about", "bio", "description", "category", "link", "hours", "temporary_status",
    "access_token", "tasks", "is_published",
}  # fmt: skip


class No(Exception):
    """A refusal, with its Graph error body."""

    def __init__(self, code: int, message: str, *, status: int = 400, subcode: int = 0, kind: str = "") -> None:
        super().__init__(message)
        self.body = {"message": message, "type": kind or "OAuthException", "code": code, "fbtrace_id": "A1sandbox"}
        if subcode:
            self.body["error_subcode"] = subcode
        self.status = status


def page_token(page: str) -> str:
    """The token for one page, as /me/accounts gives it."""
    return f"sandbox-page-{page}"


def post_node(post: Post, wanted: list[str], world: World) -> dict[str, Any]:
    """The wanted fields of a post; one that has no value is left out, as Graph does."""
    page = world.account(NAME, post.account)
    scheduled = post.state == "scheduled"
    shown_at = post.published_at or post.created_at
    picture = post.media[0] if post.media else None
    node = {
        "id": post.id,
        "message": post.text,
        "created_time": _offset(shown_at),
        "updated_time": _offset(post.modified_at),
        "is_published": not scheduled,
        "is_hidden": False,
        "is_eligible_for_promotion": True,
        "status_type": "added_photos" if picture else "mobile_status_update",
        "permalink_url": f"https://www.facebook.com/{post.id.replace('_', '/posts/')}",
        "application": {"id": post.app, "name": post.app_name} if post.app else None,
        "admin_creator": {"id": SYSTEM_USER, "name": post.author} if post.author else None,
        "promotion_status": "active" if post.boosted else "inactive",
        "from": {"id": post.account, "name": page.name if page else ""},
        "scheduled_publish_time": int(post.publish_at.timestamp()) if scheduled and post.publish_at else None,
        "full_picture": picture,
        "link": post.link or None,
        "attachments": {"data": [{"media": {"image": {"src": m}}, "type": "photo"} for m in post.media]}
        if post.media
        else None,
    }
    return {name: node[name] for name in wanted if node.get(name) is not None}


def page_node(account: Account, wanted: list[str]) -> dict[str, Any]:
    """The wanted fields of a page."""
    node = {
        "id": account.id,
        "name": account.name,
        "username": account.handle.lstrip("@"),
        "about": account.about,
        "bio": account.about,
        "description": account.about,
        "category": "Government organisation",
        "link": f"https://www.facebook.com/{account.id}",
        "access_token": page_token(account.id),
        "tasks": TASKS,
        "is_published": True,
    }
    return {name: node[name] for name in wanted if name in node}


def fields(given: Mapping[str, Any], default: str, known: set[str], kind: str) -> list[str]:
    """The top-level names in `fields`, `id` always among them. Raises No for one that does not exist."""
    text = re.sub(r"\{[^{}]*\}|\.[a-z]+\([^)]*\)", "", str(given.get("fields") or default))
    names = [f.strip() for f in text.split(",") if f.strip()]
    for name in names:
        if name not in known:
            raise No(100, f"(#100) Tried accessing nonexisting field ({name}) on node type ({kind})")
    return [*names, *([] if "id" in names else ["id"])]


def cursor(place: int, last: str) -> str:
    """A cursor naming the item it stands behind, and its position."""
    return base64.urlsafe_b64encode(f"{place}:{last}".encode()).decode().rstrip("=")


def position(given: str, ids: list[str]) -> int:
    """Where a cursor leads: behind the item it names; where that has gone, to the position it had."""
    try:
        place, _, last = base64.urlsafe_b64decode(given + "=" * (-len(given) % 4)).decode().partition(":")
        return ids.index(last) + 1 if last in ids else min(int(place), len(ids))
    except ValueError:
        raise No(100, "(#100) Invalid cursor") from None


def unix(text: Any, name: str) -> datetime | None:
    """A time given as unix seconds or ISO 8601 (UTC where it has no zone). Raises No for anything else."""
    if text is None or text == "":
        return None
    try:
        return datetime.fromtimestamp(int(text), UTC)
    except (ValueError, OverflowError):
        pass
    try:
        at = datetime.fromisoformat(str(text))
    except ValueError:
        raise No(100, f"(#100) Param {name} must be a valid timestamp") from None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _offset(at: datetime | None) -> str | None:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S+0000}" if at else None


def missing(node: str) -> No:
    """What Graph says of anything a token may not see, whether or not it exists."""
    return No(
        100,
        f"Unsupported get request. Object with ID '{node}' does not exist, cannot be loaded due to missing permissions,"
        " or does not support this operation",
        subcode=33,
        kind="GraphMethodException",
    )


def error(no: No) -> Response:
    """A refusal as an answer."""
    headers = {"WWW-Authenticate": 'OAuth "Facebook Platform" "invalid_token"'} if no.body["code"] == 190 else {}
    return reply({"error": no.body}, no.status, headers)

"""Sprout Social's API, as copies of its reference have it (August 2026).

Secondary sources: /v1/metadata/client, /v1/{customer}/metadata/customer, POST /v1/{customer}/messages with `filters`,
`fields`, `limit` and `page_cursor`, 202 for "not ready yet", `error` as a sentence, no list of what is scheduled and no
headers about limits. Not verified, and assumed here: `paging.next_cursor`, the filter by guid, that a question must
name the group, and the kinds of message.

A profile's handle is "<network>:<name>". `extra` of a post: "post_type", and "from", who wrote it if not the profile.
`world.memo["not ready"]` is how many more questions are answered with 202.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from freeze.sandbox._core.posts import Account, Post
from freeze.sandbox._core.replies import BadBody, fields_of, instant, paginate, reply, zulu
from freeze.sandbox._core.world import World

NAME = "sprout"
TOKEN = "sandbox-sprout-token"  # noqa: S105 - opens nothing but this simulator
CUSTOMER = "687751"
GROUP = 4711
FILTER = re.compile(r"([\w.]+)\.(eq|in)\((.*)\)")
LARGEST_PAGE = 100
NOT_READY = "not ready"

Answer = Callable[[Request], Awaitable[Response]]


class _No(Exception):
    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


def expired() -> Response:
    """A token that is no longer good."""
    return reply({"error": "The access token is invalid or has expired."}, 401)


def problem(status: int, _: float | None) -> Response:
    """The error body for any other status."""
    return reply({"error": "Too many requests." if status == 429 else "Something went wrong."}, status)


def routes(world: World) -> list[Route]:
    """The paths below /sprout."""

    async def client(_: Request) -> Response:
        return reply({"data": [{"customer_id": int(CUSTOMER), "name": "Anyshire"}]})

    async def profiles(_: Request) -> Response:
        return reply({"data": [_profile(a) for a in world.accounts(NAME)]})

    async def messages(request: Request) -> Response:
        given = await fields_of(request)
        if world.memo.get(NOT_READY, 0) > 0:
            world.memo[NOT_READY] -= 1
            return reply({}, 202)
        filters = _filters(given.get("filters"))
        if filters.get("group_id") != [str(GROUP)]:
            raise _No(400, "A filter on group_id is required.")
        wanted = filters.get("customer_profile_id", [])
        if not wanted or any(world.account(NAME, p) is None for p in wanted):
            raise _No(403, "You do not have access to one of these profiles.")
        found = [p for p in world.posts(NAME, states=["published"]) if p.account in wanted and _matches(p, filters)]
        found.sort(key=lambda p: (p.published_at or p.created_at, p.order), reverse=True)
        size = min(LARGEST_PAGE, int(given.get("limit", 50)))
        start = _start(given.get("page_cursor"))
        page = paginate(request, world, NAME, found, start, size)
        cursor = base64.urlsafe_b64encode(str(start + size).encode()).decode() if page.more else None
        fields = set(given.get("fields") or ()) | {"guid"}
        shown = [{k: v for k, v in _message(p, world).items() if k in fields} for p in page.items]
        return reply({"data": shown, "paging": {"next_cursor": cursor} if cursor else {}})

    return [
        Route("/v1/metadata/client", _guarded(client)),
        Route("/v1/{customer}/metadata/customer", _guarded(profiles)),
        Route("/v1/{customer}/messages", _guarded(messages), methods=["POST"]),
    ]


def _guarded(answer: Answer) -> Answer:
    async def answered(request: Request) -> Response:
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return expired()
        if request.path_params.get("customer", CUSTOMER) != CUSTOMER:
            return reply({"error": "You do not have access to this customer."}, 403)
        try:
            return await answer(request)
        except (_No, BadBody, ValueError) as e:
            return reply({"error": str(e)}, e.status if isinstance(e, _No) else 400)

    return answered


def _filters(given: Any) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for text in given if isinstance(given, list) else []:
        parts = FILTER.fullmatch(str(text))
        if parts is None:
            raise _No(400, f"Filter {text} is malformed.")
        values = parts[3].split("...") if parts[2] == "in" else parts[3].split(",")
        found[parts[1]] = [v.strip() for v in values]
    return found


def _matches(post: Post, filters: dict[str, list[str]]) -> bool:
    if "guid" in filters and post.id not in filters["guid"]:
        return False
    if "created_time" not in filters:
        return True
    start, end = (_utc(text) for text in filters["created_time"])
    return post.published_at is not None and start <= post.published_at < end


def _utc(text: str) -> datetime:
    return instant(f"{text}Z", "created_time")


def _start(cursor: Any) -> int:
    return int(base64.urlsafe_b64decode(str(cursor))) if cursor else 0


def _profile(account: Account) -> dict[str, Any]:
    network, _, name = account.handle.partition(":")
    return {
        "customer_profile_id": int(account.id),
        "network_type": network,
        "name": account.name,
        "native_name": name,
        "native_id": f"9{account.id}",
        "groups": [GROUP],
    }


def _message(post: Post, world: World) -> dict[str, Any]:
    account = world.account(NAME, post.account) or Account(NAME, post.account, "A profile")
    network = account.handle.partition(":")[0]
    mine = f"{network}:9{account.id}"
    writer = post.extra.get("from")
    return {
        "guid": post.id,
        "network": network.upper(),
        "post_type": post.extra.get("post_type", "POST"),
        "created_time": zulu(post.published_at),
        "text": post.text,
        "perma_link": f"https://example.com/{post.id}",
        "profile_guid": mine,
        "from": {"guid": writer or mine, "name": "Somebody" if writer else account.name},
    }

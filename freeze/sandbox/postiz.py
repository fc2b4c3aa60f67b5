"""Postiz's public API, as its documentation and its published source have it (August 2026).

Documented: /integrations, /is-connected, /posts between two dates without pages, one row for each time of a series with
one id, PUT /posts/{id}/status with "draft" or "schedule", that a draft keeps its date, that a date which has passed
publishes at once, that a published post is published again when it is queued, and that the job may go on after a post
was made a draft. Not verified: the wording of the errors. A server of a later version refuses a date that has passed;
this one is of those that do not.

An account's id is "<network>-<number>". `extra` of a post: "intervalInDays" makes it a series, which Postiz goes on
publishing under one id. A post whose id is in `world.memo["unstoppable"]` is shown as a draft once it was made one, and
goes out all the same.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from freeze.sandbox._core.posts import Account, Post
from freeze.sandbox._core.replies import BadBody, fields_of, instant, paginate, reply
from freeze.sandbox._core.world import World

NAME = "postiz"
TOKEN = "sandbox-postiz-key"  # noqa: S105 - opens nothing but this simulator
API = "/public/v1"
WORDS = {"scheduled": "QUEUE", "draft": "DRAFT", "published": "PUBLISHED", "pending_approval": "DRAFT"}
UNSTOPPABLE, UNTRUE = "unstoppable", "untrue drafts"

Answer = Callable[[Request], Awaitable[Response]]


class _No(Exception):
    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


def expired() -> Response:
    """A key that is no longer good."""
    return reply({"msg": "Invalid API key"}, 401)


def problem(status: int, _: float | None) -> Response:
    """The error body for any other status."""
    words = "ThrottlerException: Too Many Requests" if status == 429 else "Internal server error"
    return reply({"statusCode": status, "message": words}, status)


def routes(world: World) -> list[Route]:
    """The paths below /postiz."""

    async def connected(_: Request) -> Response:
        return reply({"connected": True})

    async def channels(_: Request) -> Response:
        return reply([_channel(a) for a in world.accounts(NAME)])

    async def posts(request: Request) -> Response:
        try:
            start = instant(request.query_params.get("startDate"), "startDate")
            end = instant(request.query_params.get("endDate"), "endDate")
        except ValueError as e:
            raise _No(400, str(e)) from None
        rows: list[dict[str, Any]] = []
        for post in world.posts(NAME, states=list(WORDS)):
            rows += _rows(post, world, start, end)
        return reply({"posts": paginate(request, world, NAME, rows, 0, max(len(rows), 1)).items})

    async def status(request: Request) -> Response:
        post = world.get(NAME, request.path_params["id"])
        wanted = (await fields_of(request)).get("status")
        if wanted not in ("draft", "schedule"):
            raise _No(400, "status must be one of the following values: draft, schedule")
        if post is None or post.state == "deleted":
            raise _No(400, "Post not found")
        request.scope["call"].post = post.id
        untrue = world.memo.setdefault(UNTRUE, set())
        if wanted == "schedule":
            untrue.discard(post.id)
            world.change(post, state="scheduled", published_at=None)
        elif post.id in world.memo.get(UNSTOPPABLE, ()):
            untrue.add(post.id)
        else:
            world.change(post, state="draft")
        return reply({"id": post.id, "state": "DRAFT" if wanted == "draft" else "QUEUE"})

    return [
        Route(f"{API}/is-connected", _guarded(connected)),
        Route(f"{API}/integrations", _guarded(channels)),
        Route(f"{API}/posts", _guarded(posts)),
        Route(f"{API}/posts/{{id}}/status", _guarded(status), methods=["PUT"]),
    ]


def _guarded(answer: Answer) -> Answer:
    async def answered(request: Request) -> Response:
        if request.headers.get("authorization") != TOKEN:
            return expired()
        try:
            return await answer(request)
        except (_No, BadBody) as e:
            given = e.status if isinstance(e, _No) else 400
            return reply({"statusCode": given, "error": "Bad Request", "message": str(e)}, given)

    return answered


def _channel(account: Account) -> dict[str, Any]:
    return {
        "id": account.id,
        "name": account.name,
        "identifier": account.id.rpartition("-")[0],
        "picture": "/no-picture.jpg",
        "disabled": False,
        "profile": account.handle or None,
    }


def _rows(post: Post, world: World, start: datetime, end: datetime) -> list[dict[str, Any]]:
    """The rows of one post: one, or one for each time of a series from its very first on."""
    if post.publish_at is None:
        return []
    every = post.extra.get("intervalInDays")
    if not every:
        return [_row(post, world)] if start <= post.publish_at <= end else []
    rows, at = [], post.publish_at
    while at <= end:
        rows.append({**_row(replace(post, publish_at=at), world), "actualDate": _date(post.publish_at)})
        at += timedelta(days=every)
    return rows


def _row(post: Post, world: World) -> dict[str, Any]:
    account = world.account(NAME, post.account) or Account(NAME, post.account, "A channel that was removed")
    untrue = post.state == "scheduled" and post.id in world.memo.get(UNTRUE, ())
    out = post.state == "published"
    return {
        "id": post.id,
        "content": post.text,
        "publishDate": _date(post.publish_at),
        "releaseURL": f"https://example.com/{post.id}" if out else None,
        "releaseId": post.id if out else None,
        "state": post.extra.get("state") or ("DRAFT" if untrue else WORDS[post.state]),
        "intervalInDays": post.extra.get("intervalInDays"),
        "group": f"group-{post.id}",
        "creationMethod": "WEB",
        "tags": [{"tag": {"name": t, "color": "#000000"}} for t in post.tags],
        "integration": {
            "id": account.id,
            "providerIdentifier": account.id.rpartition("-")[0],
            "name": account.name,
            "picture": "/no-picture.jpg",
        },
    }


def _date(at: datetime | None) -> str | None:
    if at is None:
        return None
    utc = at.astimezone(UTC)
    return f"{utc:%Y-%m-%dT%H:%M:%S}.{utc.microsecond // 1000:03d}Z"

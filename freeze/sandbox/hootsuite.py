"""Hootsuite, as the REST API is transcribed from its own OpenAPI document (v1; errors, rate limits and OAuth included).

Secondary source: the paths and fields, times that must end in Z and come back with a space and an offset, at most four
weeks and 100 messages a listing, the cursor, the error codes, that errors may stand beside data in a 200, refresh
tokens that can be used once, the X-Account headers, that only ow.ly addresses are taken as media.
Not verified, and assumed here: that an answer to a deletion is an empty object, that a message cannot be deleted in its
last minute, that a time must lie five minutes ahead, and the code for a message that is not there (4001).

An account's `about` may hold the type of its network ("TWITTER", "FACEBOOKPAGE", ...). What a post's `extra` holds is
shown as fields of the message, whatever it is. TOKEN is always good; CLIENT_ID, CLIENT_SECRET and REFRESH begin the
exchange of tokens that end.
"""

from __future__ import annotations

import base64
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from freeze.sandbox._core.posts import Account, Post
from freeze.sandbox._core.replies import BadBody, fields_of, paginate, reply
from freeze.sandbox._core.world import World

NAME = "hootsuite"
TOKEN = "sandbox-hootsuite-token"  # noqa: S105 - opens nothing but this simulator
CLIENT_ID = "sandbox-hootsuite-app"
CLIENT_SECRET = "sandbox-hootsuite-secret"  # noqa: S105 - as above
REFRESH = "sandbox-hootsuite-refresh-0"
LIVES = 3_599
MOST = timedelta(weeks=4)
LOCK = timedelta(minutes=1)
EARLIEST = timedelta(minutes=5)
STATES = {
    "scheduled": "SCHEDULED",
    "pending_approval": "PENDING_APPROVAL",
    "draft": "REJECTED",
    "published": "SENT",
}
FILTERS = frozenset({"PENDING_APPROVAL", "REJECTED", "SENT", "SCHEDULED", "SEND_FAILED_PERMANENTLY"})
TAKEN = frozenset(
    {
        "text",
        "socialProfileIds",
        "scheduledSendTime",
        "webhookUrls",
        "tags",
        "targeting",
        "privacy",
        "location",
        "emailNotification",
        "mediaUrls",
        "media",
        "extendedInfo",
    }
)
OW_LY = ("http://static.ow.ly/", "http://ow.ly/i/")

Answer = Callable[[Request], Awaitable[Response]]


class _No(Exception):
    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status, self.code = status, code


@dataclass
class _Tokens:
    """The tokens handed out: the one refresh token that is still good, and access tokens with their end."""

    made: int
    refresh: str
    access: dict[str, datetime]


def expired() -> Response:
    """A token that is no longer good."""
    return _error(_No(401, 1001, "Invalid access token"))


def problem(status: int, _: float | None) -> Response:
    """The body of a rate limit for 429, otherwise of a failure."""
    if status == 429:
        return _error(_No(429, 1003, "Account plan limit exceeded"))
    return _error(_No(status, 5000, "An unknown error occurred"))


def routes(world: World) -> list[Route]:
    """The paths below /hootsuite."""
    site = _Hootsuite(world)

    def guarded(answer: Answer) -> Answer:
        async def answered(request: Request) -> Response:
            try:
                site.admit(request)
                made = await answer(request)
            except _No as no:
                made = _error(no)
            except BadBody as e:
                made = _error(_No(400, 4000, str(e)))
            made.headers["X-Account-Quota"] = "100000 per day"
            made.headers["X-Account-Rate-Limit-Requests-Remaining"] = "19"
            return made

        return answered

    return [
        Route("/oauth2/token", site.token, methods=["POST"]),
        Route("/v1/me", guarded(site.me)),
        Route("/v1/socialProfiles", guarded(site.profiles)),
        Route("/v1/socialProfiles/{id}", guarded(site.profile)),
        Route("/v1/messages", guarded(site.listing)),
        Route("/v1/messages", guarded(site.schedule), methods=["POST"]),
        Route("/v1/messages/{id}", guarded(site.message)),
        Route("/v1/messages/{id}", guarded(site.delete), methods=["DELETE"]),
    ]


class _Hootsuite:
    def __init__(self, world: World) -> None:
        self.world = world

    @property
    def tokens(self) -> _Tokens:
        """Kept in the world, so that a fresh practice begins with fresh tokens."""
        found: _Tokens = self.world.memo.setdefault(NAME, _Tokens(0, REFRESH, {}))
        return found

    def admit(self, request: Request) -> None:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        ends = self.tokens.access.get(token)
        if token != TOKEN and (ends is None or ends <= self.world.now()):
            raise _No(401, 1001, "Invalid access token")

    async def token(self, request: Request) -> Response:
        given = await fields_of(request)
        basic = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        if request.headers.get("authorization") != f"Basic {basic}":
            return _oauth(401, "invalid_client", "Client authentication failed")
        held = self.tokens
        if given.get("grant_type") != "refresh_token" or given.get("refresh_token") != held.refresh:
            return _oauth(400, "invalid_grant", "The refresh token is not valid, or was used before")
        held.made += 1
        held.refresh = f"sandbox-hootsuite-refresh-{held.made}"
        access = f"sandbox-hootsuite-access-{held.made}"
        held.access[access] = self.world.now() + timedelta(seconds=LIVES)
        made = {"access_token": access, "token_type": "bearer", "expires_in": LIVES, "scope": "offline"}
        return reply({**made, "refresh_token": held.refresh})

    async def me(self, _: Request) -> Response:
        return reply({"data": {"id": "15240789", "fullName": "Freeze Guard", "isActive": True}})

    async def profiles(self, _: Request) -> Response:
        return reply({"data": [_profile(a) for a in self.world.accounts(NAME)]})

    async def profile(self, request: Request) -> Response:
        account = self.world.account(NAME, request.path_params["id"])
        if account is None:
            raise _No(404, 4001, "Resource not found")
        return reply({"data": _profile(account)})

    async def listing(self, request: Request) -> Response:
        q = request.query_params
        start, end = _zulu(q.get("startTime"), "startTime"), _zulu(q.get("endTime"), "endTime")
        if not timedelta(0) <= end - start <= MOST:
            raise _No(400, 40020, "Specified date range is too large")
        if "state" in q and q["state"] not in FILTERS:
            raise _No(400, 40019, "Message state filter not supported")
        limit = q.get("limit", "50")
        if not limit.isdecimal() or not 1 <= int(limit) <= 100:
            raise _No(400, 4000, "Schema validation failed: limit")
        ids = set(q.getlist("socialProfileIds"))
        unscheduled = q.get("includeUnscheduledReviewMsgs") == "true"
        found = [
            p
            for p in self.world.posts(NAME, states=STATES)
            if (not ids or p.account in ids) and q.get("state", _state(p)) == _state(p)
        ]
        inside = [p for p in found if (at := _at(p)) is not None and start <= at <= end]
        inside += [p for p in found if unscheduled and _at(p) is None and p.state == "pending_approval"]
        inside.sort(key=_place)
        begin = sum(_place(p) <= _after(q["cursor"]) for p in inside) if "cursor" in q else 0
        cut = paginate(request, self.world, NAME, inside, begin, int(limit))
        following = ":".join(map(str, (*_place(cut.items[-1]), 0))) if cut.more else None
        cursor = {"cursor": {"next": following, "previous": None}}
        return reply({"data": [_shown(p) for p in cut.items], "metadata": cursor})

    async def message(self, request: Request) -> Response:
        return reply({"data": _shown(self._post(request))})

    async def delete(self, request: Request) -> Response:
        request.scope["call"].post = request.path_params["id"]
        post = self._post(request)
        at = _at(post)
        late = post.state == "published" or (post.state == "scheduled" and at and at - self.world.now() < LOCK)
        if late or _state(post) == "SUBMITTED":
            raise _No(400, 40003, "You have attempted to delete a message that cannot be deleted in its current state")
        self.world.delete(post)
        return reply({})

    async def schedule(self, request: Request) -> Response:
        given = await fields_of(request)
        if unknown := set(given) - TAKEN:
            raise _No(400, 4000, f"Schema validation failed: {min(unknown)}")
        ids, text = given.get("socialProfileIds"), given.get("text")
        if not isinstance(ids, list) or not ids or not isinstance(text, str):
            raise _No(400, 4000, "Schema validation failed: text and socialProfileIds are required")
        for profile in ids:
            if self.world.account(NAME, str(profile)) is None:
                raise _No(400, 2306, "Missing social profile ID")
        at = _zulu(given.get("scheduledSendTime"), "scheduledSendTime")
        if at - self.world.now() < EARLIEST:
            raise _No(400, 4000, "scheduledSendTime must be at least 5 minutes in the future")
        urls = [str(m.get("url", "")) for m in given.get("mediaUrls", ())]
        if not all(u.startswith(OW_LY) for u in urls):
            raise _No(400, 40004, "Only attachments from http://static.ow.ly or http://ow.ly/i/ are currently allowed")
        plain = {"text", "socialProfileIds", "scheduledSendTime", "mediaUrls", "tags"}
        made = [
            self.world.add(
                Post(
                    NAME,
                    str(profile),
                    self.world.new_id(NAME),
                    "scheduled",
                    at,
                    text,
                    media=tuple(urls),
                    tags=tuple(given.get("tags", ())),
                    author="15240789",
                    extra={k: v for k, v in given.items() if k not in plain},
                )
            )
            for profile in ids
        ]
        request.scope["call"].post = made[0].id
        return reply({"data": [_shown(p) for p in made]})

    def _post(self, request: Request) -> Post:
        post = self.world.get(NAME, request.path_params["id"])
        if post is None or post.state == "deleted":
            raise _No(404, 4001, "Resource not found")
        return post


def _profile(account: Account) -> dict[str, Any]:
    return {
        "id": account.id,
        "type": account.about or "FACEBOOKPAGE",
        "socialNetworkId": f"9{account.id}",
        "socialNetworkUsername": None if account.about == "TWITTER" else account.name,
        "owner": "ORGANIZATION",
        "ownerId": "626731",
        "isReauthRequired": 0,
    }


def _shown(post: Post) -> dict[str, Any]:
    at = _at(post)
    body: dict[str, Any] = {
        "id": post.id,
        "state": _state(post),
        "text": post.text,
        "socialProfile": {"id": post.account},
        "scheduledSendTime": f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S}+00:00" if at else None,
        "createdByMember": {"id": post.author or "1389211223"},
        "sequenceNumber": 1 if post.state == "pending_approval" else None,
    }
    if post.media:
        body["mediaUrls"] = [{"url": u, "thumbnailUrl": u.replace("/normal/", "/thumb/")} for u in post.media]
    if post.tags:
        body["tags"] = list(post.tags)
    return body | dict(post.extra)


def _state(post: Post) -> str:
    return str(post.extra.get("state", STATES.get(post.state, post.state)))


def _at(post: Post) -> datetime | None:
    return post.publish_at or post.published_at


def _place(post: Post) -> tuple[int, int]:
    at = _at(post)
    return int(at.timestamp() * 1000) if at else 0, post.order


def _after(cursor: str) -> tuple[int, int]:
    parts = cursor.split(":")
    if len(parts) != 3 or not all(p.isdecimal() for p in parts):
        raise _No(400, 3020, "Invalid cursor format")
    return int(parts[0]), int(parts[1])


def _zulu(given: Any, name: str) -> datetime:
    try:
        at = datetime.fromisoformat(str(given))
    except ValueError:
        raise _No(400, 4000, f"Schema validation failed: {name}") from None
    if not str(given).endswith("Z"):
        raise _No(400, 4000, f"Schema validation failed: {name} must end with Z")
    return at.astimezone(UTC)


def _error(no: _No) -> Response:
    return reply({"errors": [{"code": no.code, "message": str(no), "id": "0000015bd565ee00-8fbd"}]}, no.status)


def _oauth(status: int, error: str, why: str) -> Response:
    body: Mapping[str, Any] = {"error": error, "error_description": why, "status_code": status}
    return reply(body, status)

"""TikTok, as its Display API v2 is documented (user info, video list, video query, token management, errors).

Documented: the fields and their scopes, 20 videos a page, the newest first, a cursor in unix milliseconds, times in
unix seconds, `error` in every answer with the code "ok" on success, 600 calls a minute, access tokens of 24 hours and
refresh tokens of 365 days. One token is one account. No field, list or call for scheduled videos exists here: none is
documented.
Not verified, and assumed here: that a renewal gives a new refresh token and the old one ends, and the error of a
refresh that fails.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from freeze.sandbox._core.posts import Account, Post
from freeze.sandbox._core.replies import BadBody, fields_of, paginate, reply
from freeze.sandbox._core.world import World

NAME = "tiktok"
TOKEN = "sandbox-tiktok-token"  # noqa: S105 - opens nothing but this simulator
REFRESH_TOKEN = "sandbox-tiktok-refresh"  # noqa: S105
CLIENT_KEY = "sandbox-tiktok-client"
CLIENT_SECRET = "sandbox-tiktok-secret"  # noqa: S105
ACCESS_LASTS, REFRESH_LASTS = 86_400, 365 * 86_400
PER_PAGE = 20
PER_MINUTE = 600
USER_FIELDS = {"open_id", "union_id", "avatar_url", "display_name", "username", "bio_description", "is_verified"}
VIDEO_FIELDS = {"id", "create_time", "cover_image_url", "share_url", "video_description", "duration", "title"}


class _No(Exception):
    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code = status, code


def token_of(open_id: str) -> str:
    """The token of one account, where there are several; `TOKEN` is that of the first."""
    return f"{TOKEN}-{open_id}"


def expired() -> Response:
    """A token that is no longer good."""
    return _error(_No(401, "access_token_invalid", "The access token is invalid or not found in the request."))


def problem(status: int, _: float | None) -> Response:
    """The error body for any other status."""
    code = {429: "rate_limit_exceeded", 401: "scope_not_authorized"}.get(status, "internal_error")
    return _error(_No(status, code, "The request cannot be completed."))


def routes(world: World) -> list[Route]:
    """The paths below /tiktok."""
    api = _Api(world)

    def guarded(answer: Any) -> Any:
        async def answered(request: Request) -> Response:
            try:
                given = await fields_of(request)
                account = api.admit(request)
                data = answer(request, account, given)
            except BadBody as e:
                return _error(_No(400, "invalid_params", str(e)))
            except _No as no:
                return _error(no)
            return reply({"data": data, "error": {"code": "ok", "message": "", "log_id": "20220908SANDBOX"}})

        return answered

    return [
        Route("/v2/user/info/", guarded(api.user)),
        Route("/v2/video/list/", guarded(api.videos), methods=["POST"]),
        Route("/v2/video/query/", guarded(api.query), methods=["POST"]),
        Route("/v2/oauth/token/", api.renew, methods=["POST"]),
    ]


class _Api:
    def __init__(self, world: World) -> None:
        self.world = world

    def admit(self, request: Request) -> Account:
        """Whose token this is, within the limit of calls. Raises _No."""
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        issued: dict[str, datetime] = self.world.memo.get("tiktok.issued", {})
        accounts = self.world.accounts(NAME)
        now = self.world.now()
        if token == TOKEN or (token in issued and now < issued[token] + timedelta(seconds=ACCESS_LASTS)):
            account = next(iter(accounts), None)
        else:
            account = next((a for a in accounts if token == token_of(a.id)), None)
        if account is None:
            raise _No(401, "access_token_invalid", "The access token is invalid or not found in the request.")
        lately = [t for t in self.world.memo.get("tiktok.calls", []) if now - t < timedelta(minutes=1)]
        self.world.memo["tiktok.calls"] = [*lately, now]
        if len(lately) >= PER_MINUTE:
            raise _No(429, "rate_limit_exceeded", "The API rate limit was exceeded. Please try again later.")
        return account

    def user(self, request: Request, account: Account, _: dict[str, Any]) -> dict[str, Any]:
        shown = {
            "open_id": account.id,
            "union_id": f"union-{account.id}",
            "avatar_url": "https://p16.tiktokcdn.example/avatar.jpeg",
            "display_name": account.name,
            "username": account.handle.lstrip("@"),
            "bio_description": account.about,
            "is_verified": True,
        }
        return {"user": {name: shown[name] for name in _fields(request, USER_FIELDS)}}

    def videos(self, request: Request, account: Account, given: dict[str, Any]) -> dict[str, Any]:
        wanted = _fields(request, VIDEO_FIELDS)
        size, before = given.get("max_count", 10), given.get("cursor")
        if not isinstance(size, int) or not 1 <= size <= PER_PAGE:
            raise _No(400, "invalid_params", "max_count must be between 1 and 20.")
        if before is not None and not isinstance(before, int):
            raise _No(400, "invalid_params", "cursor must be an integer.")
        stamped = [(s, p) for s, p in self._stamped(account) if before is None or s < before]
        paged = paginate(request, self.world, NAME, stamped, 0, size)
        cursor = paged.items[-1][0] if paged.items else before or 0
        return {
            "videos": [_video(p, account, wanted) for _, p in paged.items],
            "cursor": cursor,
            "has_more": paged.more,
        }

    def query(self, request: Request, account: Account, given: dict[str, Any]) -> dict[str, Any]:
        wanted = _fields(request, VIDEO_FIELDS)
        filters = given.get("filters")
        ids = filters.get("video_ids") if isinstance(filters, dict) else None
        if not isinstance(ids, list) or not 1 <= len(ids) <= PER_PAGE:
            raise _No(400, "invalid_params", "video_ids must name between 1 and 20 videos.")
        found = [p for i in ids if (p := self.world.get(NAME, str(i))) and _public(p) and p.account == account.id]
        return {"videos": [_video(p, account, wanted) for p in found]}

    async def renew(self, request: Request) -> Response:
        """A new pair of tokens for a refresh token, which ends with it."""
        try:
            given = await fields_of(request)
        except BadBody:
            given = {}
        current = self.world.memo.get("tiktok.refresh", REFRESH_TOKEN)
        if (given.get("client_key"), given.get("client_secret")) != (CLIENT_KEY, CLIENT_SECRET):
            return _refused("invalid_client", "Client key or secret is incorrect.")
        if given.get("grant_type") != "refresh_token" or given.get("refresh_token") != current:
            return _refused("invalid_grant", "Refresh token is invalid or expired.")
        number = self.world.new_id(NAME)
        access, following = f"sandbox-tiktok-access-{number}", f"sandbox-tiktok-refresh-{number}"
        self.world.memo["tiktok.refresh"] = following
        self.world.memo.setdefault("tiktok.issued", {})[access] = self.world.now()
        account = next(iter(self.world.accounts(NAME)), None)
        return reply(
            {
                "open_id": account.id if account else "",
                "scope": "user.info.basic,user.info.profile,video.list",
                "access_token": access,
                "expires_in": ACCESS_LASTS,
                "refresh_token": following,
                "refresh_expires_in": REFRESH_LASTS,
                "token_type": "Bearer",
            }
        )

    def _stamped(self, account: Account) -> list[tuple[int, Post]]:
        """Public videos, the newest first, each with the millisecond a cursor names it by."""
        posts = [p for p in self.world.posts(NAME, account=account.id) if _public(p)]
        posts.sort(key=lambda p: (_seconds(p), p.order), reverse=True)
        stamped = []
        for second, together in groupby(posts, key=_seconds):
            stamped += [(second * 1000 + 999 - place, p) for place, p in enumerate(together)]
        return stamped


def _public(post: Post) -> bool:
    return post.state == "published" and not post.extra.get("private")


def _seconds(post: Post) -> int:
    at = post.published_at or datetime.min.replace(tzinfo=UTC)
    return int(at.timestamp())


def _video(post: Post, account: Account, wanted: list[str]) -> dict[str, Any]:
    shown = {
        "id": post.id,
        "create_time": _seconds(post),
        "cover_image_url": f"https://p16.tiktokcdn.example/{post.id}.jpeg?x-expires=1662681600",
        "share_url": f"https://www.tiktok.com/@{account.handle.lstrip('@')}/video/{post.id}",
        "video_description": post.text,
        "duration": 30,
        "title": post.title or post.text,
    }
    return {name: shown[name] for name in wanted}


def _fields(request: Request, known: set[str]) -> list[str]:
    names = [f.strip() for f in request.query_params.get("fields", "").split(",") if f.strip()]
    if not names or not set(names) <= known:
        raise _No(400, "invalid_params", "fields is required and may name existing fields only.")
    return names


def _refused(error: str, description: str) -> Response:
    return reply({"error": error, "error_description": description, "log_id": "20220908SANDBOX"}, 400)


def _error(no: _No) -> Response:
    return reply({"data": {}, "error": {"code": no.code, "message": str(no), "log_id": "20220908SANDBOX"}}, no.status)

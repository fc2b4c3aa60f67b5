"""YouTube, as the Data API v3 is documented (discovery revision 20261104).

Documented: channels, playlistItems, videos.list and videos.update, that an update overwrites every mutable field of the
part, that publishAt needs a private video that was never public, the quota of 10,000 units a day (a list costs 1, an
update 50) that starts again at midnight Pacific time, brandingSettings as what changes a channel's description, and
access tokens of an hour, renewed at /token without a new refresh token.
Secondary sources: a publishAt in the past publishes at once, a channel's description takes 1,000 characters. Not
verified, and assumed here: the bodies of errors, that the uploads playlist shows the owner's private videos, and what a
field left out of an update becomes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from freeze.sandbox._core.posts import Post
from freeze.sandbox._core.replies import BadBody, fields_of, instant, paginate, reply
from freeze.sandbox._core.world import World
from freeze.sandbox._youtube.shapes import channel, listed, playlist_item, uploads, video

NAME = "youtube"
TOKEN = "sandbox-youtube-token"  # noqa: S105 - opens nothing but this simulator
REFRESH_TOKEN = "sandbox-youtube-refresh"  # noqa: S105
CLIENT_ID = "sandbox-youtube-client"
CLIENT_SECRET = "sandbox-youtube-secret"  # noqa: S105
ACCESS_LASTS = 3_599
DAILY_UNITS = 10_000
LIST_COST, UPDATE_COST = 1, 50
LONGEST = 1_000
PACIFIC = ZoneInfo("America/Los_Angeles")
QUOTA = "youtube.quota"
"""The key in `world.memo` for a daily quota other than `DAILY_UNITS`."""


class _No(Exception):
    def __init__(self, status: int, reason: str, message: str) -> None:
        super().__init__(message)
        self.status, self.reason = status, reason


def expired() -> Response:
    """A token that is no longer good."""
    return _error(_No(401, "authError", "Request had invalid authentication credentials."))


def problem(status: int, _: float | None) -> Response:
    """The error body for any other status."""
    reason = {429: "rateLimitExceeded", 403: "quotaExceeded", 404: "videoNotFound"}.get(status, "backendError")
    return _error(_No(status, reason, "The request cannot be completed."))


def routes(world: World) -> list[Route]:
    """The paths below /youtube."""
    api = _Api(world)

    def guarded(answer: Any) -> Any:
        async def answered(request: Request) -> Response:
            try:
                if not api.known(request.headers.get("authorization", "").removeprefix("Bearer ")):
                    return expired()
                return reply(await answer(request))
            except _No as no:
                return _error(no)

        return answered

    return [
        Route("/v3/channels", guarded(api.channels)),
        Route("/v3/channels", guarded(api.update_channel), methods=["PUT"]),
        Route("/v3/playlistItems", guarded(api.playlist_items)),
        Route("/v3/videos", guarded(api.videos)),
        Route("/v3/videos", guarded(api.update), methods=["PUT"]),
        Route("/oauth2/token", api.renew, methods=["POST"]),
    ]


class _Api:
    def __init__(self, world: World) -> None:
        self.world = world

    def known(self, token: str) -> bool:
        """Whether a token is good: the lasting one, or one renewed within the hour."""
        issued = self.world.memo.get("youtube.issued", {}).get(token)
        return token == TOKEN or (issued is not None and self.world.now() - issued < timedelta(seconds=ACCESS_LASTS))

    async def renew(self, request: Request) -> Response:
        """A new access token for the refresh token, which stays as it is."""
        try:
            given = await fields_of(request)
        except BadBody:
            given = {}
        if (given.get("client_id"), given.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
            return reply({"error": "invalid_client", "error_description": "The OAuth client was not found."}, 401)
        if given.get("grant_type") != "refresh_token" or given.get("refresh_token") != REFRESH_TOKEN:
            return reply({"error": "invalid_grant", "error_description": "Token has been expired or revoked."}, 400)
        token = f"sandbox-youtube-access-{self.world.new_id(NAME)}"
        self.world.memo.setdefault("youtube.issued", {})[token] = self.world.now()
        scope = "https://www.googleapis.com/auth/youtube.force-ssl"
        return reply({"access_token": token, "expires_in": ACCESS_LASTS, "scope": scope, "token_type": "Bearer"})

    async def channels(self, request: Request) -> dict[str, Any]:
        self._spend(LIST_COST)
        parts = _parts(request, {"id", "snippet", "contentDetails", "status", "brandingSettings"})
        owned = self.world.accounts(NAME)
        if request.query_params.get("mine") != "true":
            wanted = request.query_params.get("id", "").split(",")
            owned = [a for a in owned if a.id in wanted]
        items = [channel(a, parts) for a in owned]
        return listed("channelListResponse", items, len(items))

    async def update_channel(self, request: Request) -> dict[str, Any]:
        self._spend(UPDATE_COST)
        parts = _parts(request, {"id", "brandingSettings"})
        try:
            body = json.loads(await request.body())
            account = self.world.account(NAME, str(body["id"]))
            words = body["brandingSettings"]["channel"].get("description", "")
        except (ValueError, KeyError, TypeError, AttributeError):
            raise _No(400, "required", "The request body must be a channel with its brandingSettings.") from None
        if account is None:
            raise _No(404, "channelNotFound", "The channel specified in the request cannot be found.")
        if not isinstance(words, str) or len(words) > LONGEST:
            raise _No(400, "channelDescriptionInvalid", "The channel's description is too long.")
        return channel(self.world.add_account(replace(account, about=words)), parts)

    async def playlist_items(self, request: Request) -> dict[str, Any]:
        self._spend(LIST_COST)
        parts = _parts(request, {"id", "snippet", "contentDetails", "status"})
        playlist = request.query_params.get("playlistId", "")
        owner = next((a for a in self.world.accounts(NAME) if uploads(a.id) == playlist), None)
        if owner is None:
            raise _No(404, "playlistNotFound", "The playlist identified with the playlistId parameter cannot be found.")
        size = _size(request)
        posts = [p for p in self.world.posts(NAME, account=owner.id) if p.state != "deleted"]
        posts.sort(key=lambda p: -p.order)
        start = _position(request.query_params.get("pageToken", ""))
        paged = paginate(request, self.world, NAME, posts, start, size)
        body = listed("playlistItemListResponse", [playlist_item(p, playlist, parts) for p in paged.items], paged.total)
        body["pageInfo"]["resultsPerPage"] = size
        if paged.more:
            body["nextPageToken"] = f"CD{start + size}"
        return body

    async def videos(self, request: Request) -> dict[str, Any]:
        self._spend(LIST_COST)
        parts = _parts(request, {"id", "snippet", "status", "contentDetails"})
        ids = [i for i in request.query_params.get("id", "").split(",") if i]
        if not ids:
            raise _No(400, "missingRequiredParameter", "No filter selected.")
        if len(ids) > 50:
            raise _No(400, "invalidParameter", "The request specifies too many video ids; the limit is 50.")
        found = [p for i in ids if (p := self.world.get(NAME, i)) and p.state != "deleted"]
        return listed("videoListResponse", [video(p, parts) for p in found], len(found))

    async def update(self, request: Request) -> dict[str, Any]:
        self._spend(UPDATE_COST)
        parts = _parts(request, {"id", "snippet", "status"})
        try:
            body = json.loads(await request.body())
            video_id = str(body["id"])
        except (ValueError, KeyError, TypeError):
            raise _No(400, "required", "The request body must be a video resource with an id.") from None
        request.scope["call"].post = video_id
        post = self.world.get(NAME, video_id)
        if post is None or post.state == "deleted":
            raise _No(404, "videoNotFound", "The video that you are trying to update cannot be found.")
        if "snippet" in parts:
            post = self._write_snippet(post, body.get("snippet") or {})
        if "status" in parts:
            post = self._write_status(post, body.get("status") or {})
        return video(post, parts)

    def _write_snippet(self, post: Post, given: Mapping[str, Any]) -> Post:
        if not given.get("title") or not given.get("categoryId"):
            raise _No(400, "invalidVideoMetadata", "The snippet must have a title and a categoryId.")
        extra = dict(post.extra) | {"categoryId": str(given["categoryId"])}
        return self.world.change(
            post,
            title=str(given["title"]),
            text=str(given.get("description", "")),
            tags=tuple(map(str, given.get("tags", ()))),
            extra=extra,
        )

    def _write_status(self, post: Post, given: Mapping[str, Any]) -> Post:
        privacy = given.get("privacyStatus")
        if privacy not in ("private", "public", "unlisted"):
            raise _No(400, "invalidVideoMetadata", "The status must have a privacyStatus.")
        at: datetime | None = None
        if "publishAt" in given and given["publishAt"] is not None:
            was_public = post.published_at is not None or post.extra.get("privacyStatus") != "private"
            try:
                at = instant(given["publishAt"], "publishAt")
            except ValueError as e:
                raise _No(400, "invalidPublishAt", str(e)) from None
            if privacy != "private" or was_public:
                message = "publishAt can only be set on a private video that was never published."
                raise _No(400, "invalidPublishAt", message)
        extra = {k: v for k, v in post.extra.items() if k != "containsSyntheticMedia"} | {
            "privacyStatus": privacy,
            "license": given.get("license", "youtube"),
            "embeddable": bool(given.get("embeddable", False)),
            "publicStatsViewable": bool(given.get("publicStatsViewable", False)),
            "selfDeclaredMadeForKids": bool(given.get("selfDeclaredMadeForKids", False)),
        }
        if "containsSyntheticMedia" in given:
            extra["containsSyntheticMedia"] = bool(given["containsSyntheticMedia"])
        if at is not None and at <= self.world.now():
            return self.world.publish(self.world.change(post, publish_at=at, extra=extra))
        if at is not None:
            return self.world.change(post, state="scheduled", publish_at=at, extra=extra)
        if privacy == "private":
            return self.world.change(post, state="draft", publish_at=None, extra=extra)
        changed = self.world.change(post, extra=extra)
        return changed if changed.state == "published" else self.world.publish(changed)

    def _spend(self, units: int) -> None:
        day = self.world.now().astimezone(PACIFIC).date()
        spent_on, spent = self.world.memo.get("youtube.spent", (day, 0))
        spent = spent if spent_on == day else 0
        if spent + units > self.world.memo.get(QUOTA, DAILY_UNITS):
            raise _No(403, "quotaExceeded", "The request cannot be completed because you have exceeded your quota.")
        self.world.memo["youtube.spent"] = (day, spent + units)


def _parts(request: Request, known: set[str]) -> set[str]:
    parts = {p.strip() for p in request.query_params.get("part", "").split(",") if p.strip()}
    if not parts:
        raise _No(400, "missingRequiredParameter", "Required parameter: part")
    if unknown := sorted(parts - known):
        raise _No(400, "unknownPart", f"'{unknown[0]}' is not a part.")
    return parts


def _size(request: Request) -> int:
    try:
        size = int(request.query_params.get("maxResults", 5))
    except ValueError:
        size = -1
    if not 0 <= size <= 50:
        raise _No(400, "invalidParameter", "maxResults must be between 0 and 50.")
    return size or 5


def _position(token: str) -> int:
    if not token:
        return 0
    if not token.removeprefix("CD").isdigit():
        raise _No(400, "invalidPageToken", "The request specifies an invalid page token.")
    return int(token.removeprefix("CD"))


def _error(no: _No) -> Response:
    detail = {"domain": "youtube", "reason": no.reason, "message": str(no)}
    error: dict[str, Any] = {"code": no.status, "message": str(no), "errors": [detail]}
    if no.status == 401:
        error["status"] = "UNAUTHENTICATED"
    return reply({"error": error}, no.status)

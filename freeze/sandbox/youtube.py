"""YouTube, as the Data API v3 is documented (discovery revision 20261104).

Documented: channels, playlistItems, videos.list and videos.update, that an update overwrites every mutable field of the
part, that publishAt needs a private video that was never public, the quota of 10,000 units a day (a list costs 1, an
update 50) that starts again at midnight Pacific time.
Secondary source: a publishAt in the past publishes at once. Not verified, and assumed here: the bodies of errors, that
the uploads playlist shows the owner's private videos, and what a field left out of an update becomes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from freeze.sandbox._replies import instant, paginate, reply, zulu
from freeze.sandbox._world import Account, Post, World

NAME = "youtube"
TOKEN = "sandbox-youtube-token"  # noqa: S105 - opens nothing but this simulator
DAILY_UNITS = 10_000
LIST_COST, UPDATE_COST = 1, 50
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


def uploads(channel: str) -> str:
    """The id of a channel's uploads playlist."""
    return "UU" + channel.removeprefix("UC")


def routes(world: World) -> list[Route]:
    """The paths below /youtube."""
    api = _Api(world)

    def guarded(answer: Any) -> Any:
        async def answered(request: Request) -> Response:
            try:
                if request.headers.get("authorization", "") != f"Bearer {TOKEN}":
                    return expired()
                return reply(await answer(request))
            except _No as no:
                return _error(no)

        return answered

    return [
        Route("/v3/channels", guarded(api.channels)),
        Route("/v3/playlistItems", guarded(api.playlist_items)),
        Route("/v3/videos", guarded(api.videos)),
        Route("/v3/videos", guarded(api.update), methods=["PUT"]),
    ]


class _Api:
    def __init__(self, world: World) -> None:
        self.world = world

    async def channels(self, request: Request) -> dict[str, Any]:
        self._spend(LIST_COST)
        parts = _parts(request, {"id", "snippet", "contentDetails", "status"})
        owned = self.world.accounts(NAME)
        if request.query_params.get("mine") != "true":
            wanted = request.query_params.get("id", "").split(",")
            owned = [a for a in owned if a.id in wanted]
        items = [_channel(a, parts) for a in owned]
        return _list("channelListResponse", items, len(items))

    async def playlist_items(self, request: Request) -> dict[str, Any]:
        self._spend(LIST_COST)
        parts = _parts(request, {"id", "snippet", "contentDetails", "status"})
        playlist = request.query_params.get("playlistId", "")
        channel = next((a for a in self.world.accounts(NAME) if uploads(a.id) == playlist), None)
        if channel is None:
            raise _No(404, "playlistNotFound", "The playlist identified with the playlistId parameter cannot be found.")
        size = _size(request)
        posts = [p for p in self.world.posts(NAME, account=channel.id) if p.state != "deleted"]
        posts.sort(key=lambda p: -p.order)
        start = _position(request.query_params.get("pageToken", ""))
        paged = paginate(request, self.world, NAME, posts, start, size)
        body = _list("playlistItemListResponse", [_playlist_item(p, playlist, parts) for p in paged.items], paged.total)
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
        return _list("videoListResponse", [_video(p, parts) for p in found], len(found))

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
        return _video(post, parts)

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


def _status(post: Post) -> dict[str, Any]:
    extra = dict(post.extra)
    if post.state == "published" and extra.get("privacyStatus") == "private":
        extra["privacyStatus"] = "public"
    status = {"uploadStatus": "processed", "privacyStatus": extra.get("privacyStatus", "private")}
    if post.state == "scheduled":
        status["publishAt"] = zulu(post.publish_at) or ""
    kids = extra.get("selfDeclaredMadeForKids", False)
    rest = {
        "license": extra.get("license", "youtube"),
        "embeddable": extra.get("embeddable", True),
        "publicStatsViewable": extra.get("publicStatsViewable", True),
        "madeForKids": kids,
        "selfDeclaredMadeForKids": kids,
    }
    if "containsSyntheticMedia" in extra:
        rest["containsSyntheticMedia"] = extra["containsSyntheticMedia"]
    return status | rest


def _video(post: Post, parts: set[str]) -> dict[str, Any]:
    item: dict[str, Any] = {"kind": "youtube#video", "etag": _etag(post), "id": post.id}
    if "snippet" in parts:
        item["snippet"] = _snippet(post) | {"categoryId": post.extra.get("categoryId", "22"), "tags": list(post.tags)}
    if "status" in parts:
        item["status"] = _status(post)
    if "contentDetails" in parts:
        item["contentDetails"] = {"duration": "PT1M30S", "definition": "hd"}
    return item


def _snippet(post: Post) -> dict[str, Any]:
    return {
        "publishedAt": _whole(post.published_at or post.created_at),
        "channelId": post.account,
        "title": post.title,
        "description": post.text,
        "thumbnails": {"default": {"url": f"https://i.ytimg.example/vi/{post.id}/default.jpg"}},
        "liveBroadcastContent": "none",
    }


def _playlist_item(post: Post, playlist: str, parts: set[str]) -> dict[str, Any]:
    item: dict[str, Any] = {"kind": "youtube#playlistItem", "etag": _etag(post), "id": f"PLI{post.id}"}
    if "snippet" in parts:
        item["snippet"] = _snippet(post) | {"playlistId": playlist, "resourceId": {"videoId": post.id}}
    if "contentDetails" in parts:
        item["contentDetails"] = {"videoId": post.id}
        if post.published_at:
            item["contentDetails"]["videoPublishedAt"] = _whole(post.published_at)
    if "status" in parts:
        item["status"] = {"privacyStatus": _status(post)["privacyStatus"]}
    return item


def _channel(account: Account, parts: set[str]) -> dict[str, Any]:
    item: dict[str, Any] = {"kind": "youtube#channel", "etag": f'"{account.id}"', "id": account.id}
    if "snippet" in parts:
        item["snippet"] = {"title": account.name, "description": account.about, "customUrl": account.handle}
    if "contentDetails" in parts:
        item["contentDetails"] = {"relatedPlaylists": {"likes": "", "uploads": uploads(account.id)}}
    if "status" in parts:
        item["status"] = {"privacyStatus": "public", "isLinked": True}
    return item


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


def _list(kind: str, items: list[dict[str, Any]], total: int) -> dict[str, Any]:
    page = {"totalResults": total, "resultsPerPage": len(items)}
    return {"kind": f"youtube#{kind}", "etag": '"sandbox"', "pageInfo": page, "items": items}


def _whole(at: datetime | None) -> str | None:
    return zulu(at.replace(microsecond=0)) if at else None


def _etag(post: Post) -> str:
    return f'"{post.id}-{post.modified_at.timestamp() if post.modified_at else 0:.6f}"'


def _error(no: _No) -> Response:
    detail = {"domain": "youtube", "reason": no.reason, "message": str(no)}
    error: dict[str, Any] = {"code": no.status, "message": str(no), "errors": [detail]}
    if no.status == 401:
        error["status"] = "UNAUTHENTICATED"
    return reply({"error": error}, no.status)

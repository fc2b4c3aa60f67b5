"""The shapes of YouTube's answers: channels, playlist items, videos and lists, as youtube.py serves them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from freeze.sandbox._core.posts import Account, Post
from freeze.sandbox._core.replies import zulu


def uploads(channel: str) -> str:
    """The id of a channel's uploads playlist."""
    return "UU" + channel.removeprefix("UC")


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


def video(post: Post, parts: set[str]) -> dict[str, Any]:
    """The wanted parts of a video."""
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


def playlist_item(post: Post, playlist: str, parts: set[str]) -> dict[str, Any]:
    """The wanted parts of one entry of an uploads playlist."""
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


def channel(account: Account, parts: set[str]) -> dict[str, Any]:
    """The wanted parts of a channel."""
    item: dict[str, Any] = {"kind": "youtube#channel", "etag": f'"{account.id}"', "id": account.id}
    if "snippet" in parts:
        item["snippet"] = {"title": account.name, "description": account.about, "customUrl": account.handle}
    if "brandingSettings" in parts:
        item["brandingSettings"] = {"channel": {"title": account.name, "description": account.about}}
    if "contentDetails" in parts:
        item["contentDetails"] = {"relatedPlaylists": {"likes": "", "uploads": uploads(account.id)}}
    if "status" in parts:
        item["status"] = {"privacyStatus": "public", "isLinked": True}
    return item


def listed(kind: str, items: list[dict[str, Any]], total: int) -> dict[str, Any]:
    """A list of resources."""
    page = {"totalResults": total, "resultsPerPage": len(items)}
    return {"kind": f"youtube#{kind}", "etag": '"sandbox"', "pageInfo": page, "items": items}


def _whole(at: datetime | None) -> str | None:
    return zulu(at.replace(microsecond=0)) if at else None


def _etag(post: Post) -> str:
    return f'"{post.id}-{post.modified_at.timestamp() if post.modified_at else 0:.6f}"'

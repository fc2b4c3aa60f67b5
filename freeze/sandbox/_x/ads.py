"""Scheduled posts, as X's Ads API v12 is documented; see x.py for how well each fact is known."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from freeze.sandbox._core.posts import Post
from freeze.sandbox._core.replies import instant, paginate, reply
from freeze.sandbox._core.world import World
from freeze.sandbox._x import shapes
from freeze.sandbox._x.shapes import ADS, NAME, AdsNo
from freeze.sandbox._x.signing import Signing

ACCOUNT: Final = "18ce54d4x5t"
READS, WRITES = 2_000, 450
LATEST: Final = timedelta(days=365)
CROWD, SPAN = 30, timedelta(minutes=15)
CHANGES: Final = frozenset({"scheduled_at", "text", "media_keys", "card_uri", "nullcast", "name", "as_user_id"})


class Ads:
    """The one ads account of the sandbox, which every user of it has lent their name to."""

    def __init__(self, world: World, signing: Signing) -> None:
        self.world, self.signing = world, signing

    def answer(self, request: Request) -> Response:
        """Answer one request below /12. Raises AdsNo."""
        user = self.signing.by_signature(request)
        if not user:
            raise AdsNo(401, "UNAUTHORIZED_ACCESS", "This request is not properly authenticated")
        headers = self._limits(request.method, user)
        parts = [p for p in request.path_params["path"].split("/") if p]
        given = dict(request.query_params)
        params: dict[str, Any] = dict(given)
        more: dict[str, Any] = {}
        match parts:
            case ["accounts", account, *_] if account != ACCOUNT:
                raise AdsNo(403, "ACCOUNT_NOT_FOUND", f"Ads account {account} was not found", "account_id")
            case ["accounts", _] if request.method == "GET":
                data: Any = {"id": ACCOUNT, "name": "Anyshire", "approval_status": "ACCEPTED", "deleted": False}
            case ["accounts", _, "scheduled_tweets"] if request.method == "GET":
                data, more = self._list(request, given)
            case ["accounts", _, "scheduled_tweets"] if request.method == "POST":
                data = shapes.scheduled_tweet(self._create(given))
            case ["accounts", _, "scheduled_tweets", native]:
                params["scheduled_tweet_id"] = native
                post = self._one(native)
                if request.method != "GET":
                    request.scope["call"].post = post.id
                match request.method:
                    case "PUT":
                        post = self._update(post, given)
                    case "DELETE":
                        post = self.world.delete(post)
                data = shapes.scheduled_tweet(post)
            case _:
                raise AdsNo(404, "ROUTE_NOT_FOUND", "The requested resource could not be found")
        return reply({"request": {"params": params}, "data": data, **more}, headers=headers)

    def _limits(self, method: str, user: str) -> dict[str, str]:
        reads = method == "GET"
        limit, window, prefix = (READS, 900, "x-account-") if reads else (WRITES, 60, "x-")
        headers = shapes.count_call(self.world, f"ads {reads} {user}", limit, window, prefix)
        if headers is None:
            raise AdsNo(429, "TOO_MANY_REQUESTS", "Over the rate limit; try again later")
        return headers

    def _list(self, request: Request, given: Mapping[str, str]) -> tuple[list[dict[str, Any]], dict[str, Any]]:
        size = int(given["count"]) if given.get("count", "").isdecimal() else 100 if "count" not in given else 0
        if not 1 <= size <= 200:
            raise AdsNo(400, "INVALID_PARAMETER", "Expected a number from 1 to 200 for count", "count")
        user = given.get("user_id") or self.world.accounts(NAME)[0].id
        states = ("scheduled", "published", "draft")
        posts = [p for p in self.world.posts(NAME, account=user, states=states) if p.id.startswith(ADS)]
        posts.sort(key=lambda p: -p.order)
        start = 0
        if "cursor" in given:
            try:
                start = shapes.start_of_page(given["cursor"], [p.id for p in posts])
            except ValueError:
                raise AdsNo(400, "INVALID_PARAMETER", "Expected a valid cursor", "cursor") from None
        paged = paginate(request, self.world, NAME, posts, start, size)
        following = shapes.token_of_page(start + len(paged.items), paged.items[-1].id) if paged.more else None
        return [shapes.scheduled_tweet(p) for p in paged.items], {"next_cursor": following}

    def _one(self, native: str) -> Post:
        post = self.world.get(NAME, ADS + native)
        if post is None or post.state == "deleted":
            raise AdsNo(404, "NOT_FOUND", f"ScheduledTweet {native} was not found", "scheduled_tweet_id")
        return post

    def _create(self, given: Mapping[str, str]) -> Post:
        user = given.get("as_user_id", "")
        if self.world.account(NAME, user) is None:
            raise AdsNo(403, "USER_NOT_FOUND", f"User {user} was not found", "as_user_id")
        if not given.get("text") and not given.get("media_keys"):
            raise AdsNo(400, "MISSING_PARAMETER", "text or media_keys is required", "text")
        at = self._time(given.get("scheduled_at", ""), user, "")
        number = self.world.new_id(NAME)
        media = tuple(k for k in given.get("media_keys", "").split(",") if k)
        promoted = given.get("nullcast", "true") == "true"
        return self.world.add(
            Post(
                NAME,
                user,
                ADS + number,
                "scheduled",
                at,
                given.get("text", ""),
                link=given.get("card_uri", ""),
                media=media,
                boosted=promoted,
            )
        )

    def _update(self, post: Post, given: Mapping[str, str]) -> Post:
        if unknown := sorted(set(given) - CHANGES):
            raise AdsNo(400, "INVALID_PARAMETER", f"Unknown parameter {unknown[0]}", unknown[0])
        if post.state != "scheduled":
            raise AdsNo(400, "INVALID_PARAMETER", "Only a scheduled Tweet can be changed", "scheduled_tweet_id")
        changes: dict[str, Any] = {"text": given["text"]} if "text" in given else {}
        if "nullcast" in given:
            changes["boosted"] = given["nullcast"] == "true"
        if "scheduled_at" in given:
            changes["publish_at"] = self._time(given["scheduled_at"], post.account, post.id)
        return self.world.change(post, **changes)

    def _time(self, given: str, user: str, native: str) -> datetime:
        """The whole minute that was asked for. Raises AdsNo for one that is past, too far or crowded."""
        now = self.world.now()
        try:
            at = shapes.whole_minute(instant(given, "scheduled_at"))
        except ValueError as e:
            raise AdsNo(400, "INVALID_PARAMETER", str(e), "scheduled_at") from None
        if not now < at <= now + LATEST:
            raise AdsNo(400, "INVALID_PARAMETER", "scheduled_at must be ahead, by no more than a year", "scheduled_at")
        others = self.world.posts(NAME, account=user, states=["scheduled"])
        near = [p for p in others if p.id.startswith(ADS) and p.id != native and p.publish_at]
        if sum(abs(p.publish_at - at) < SPAN for p in near if p.publish_at) >= CROWD:
            message = "Too many Tweets are scheduled within 15 minutes of this time"
            raise AdsNo(400, "SCHEDULED_TWEET_LIMIT_EXCEEDED", message, "scheduled_at")
        return at

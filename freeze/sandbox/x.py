"""X, as its API v2 (OpenAPI 2.167) and its Ads API v12 are documented.

Documented: the paths, fields and errors of both; tokens of two hours and how they are renewed; 75 looks at oneself,
900 at the timeline, 5,000 by ids and 50 deletions in 15 minutes, with the headers that tell of them; that a scheduled
post has an id of its own and gets the id of the post once it is out; no more than a year ahead; seconds ignored; no
more than 30 posts within 15 minutes; that a deleted scheduled post cannot be read again; OAuth 1.0a for the Ads API.
Not verified, and assumed here: that a refresh token is good once; the status of SCHEDULED_TWEET_LIMIT_EXCEEDED (400);
that those 15 minutes count on both sides and for each user; that words are escaped (&amp;) and descriptions are not;
the error for a time that has passed; that `user_id` narrows a listing to one user; the order of a listing.

A scheduled post has the id "ads:<number>" in the sandbox; a post without that prefix was made in X's own composer, and
no listing shows it before it is out. A draft with the prefix is a post that X failed to publish. `extra` may hold
`replies_to` (a user's id) or `repost` (True). Faults put on from outside answer both APIs as v2 does.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from freeze.sandbox._core.posts import Post
from freeze.sandbox._core.replies import BadBody, fields_of, instant, paginate, reply
from freeze.sandbox._core.world import World
from freeze.sandbox._x import shapes
from freeze.sandbox._x.ads import ACCOUNT as ADS_ACCOUNT
from freeze.sandbox._x.ads import Ads
from freeze.sandbox._x.shapes import NAME, TWEET_FIELDS, AdsNo, No
from freeze.sandbox._x.signing import (
    ACCESS_SECRET,
    CLIENT_ID,
    CLIENT_SECRET,
    CONSUMER_KEY,
    CONSUMER_SECRET,
    Signing,
    access_token,
    refresh_token,
    token,
)

__all__ = [
    "ACCESS_SECRET", "ADS_ACCOUNT", "CLIENT_ID", "CLIENT_SECRET", "CONSUMER_KEY", "CONSUMER_SECRET", "NAME",
    "access_token", "expired", "problem", "refresh_token", "routes", "token",
]  # fmt: skip

CALLS: Final = {"me": 75, "timeline": 900, "lookup": 5_000, "delete": 50}
POST_ID: Final = re.compile(r"[0-9]{1,19}")


def expired() -> Response:
    """A token that is no longer good."""
    return shapes.unauthorized().answer()


def problem(status: int, _: float | None) -> Response:
    """A limit that is reached for 429, otherwise a failure of X's own."""
    if status == 429:
        return shapes.too_many().answer()
    return No(status, "Service Unavailable", "Service Unavailable").answer()


def routes(world: World) -> list[Route]:
    """Every path of v2 below /x/2 and of the Ads API below /x/12."""
    signing = Signing(world)
    v2, ads = _V2(world, signing), Ads(world, signing)

    async def answer_v2(request: Request) -> Response:
        try:
            return await v2.answer(request)
        except No as no:
            return no.answer()
        except BadBody as e:
            return No(400, "Invalid Request", str(e), "invalid-request").answer()

    async def answer_ads(request: Request) -> Response:
        try:
            return ads.answer(request)
        except AdsNo as no:
            return no.answer()

    return [
        Route("/2/{path:path}", answer_v2, methods=["GET", "POST", "DELETE"]),
        Route("/12/{path:path}", answer_ads, methods=["GET", "POST", "PUT", "DELETE"]),
    ]


class _V2:
    def __init__(self, world: World, signing: Signing) -> None:
        self.world, self.signing = world, signing

    async def answer(self, request: Request) -> Response:
        parts = [p for p in request.path_params["path"].split("/") if p]
        if parts == ["oauth2", "token"] and request.method == "POST":
            return reply(self.signing.renew(request, await fields_of(request)))
        user = self.signing.user(request)
        given = request.query_params
        match [request.method, *parts]:
            case ["GET", "users", "me"]:
                headers = self._count("me", user)
                account = self.world.account(NAME, user)
                assert account is not None
                body: dict[str, Any] = {"data": shapes.user(account, _listed(given, "user.fields"))}
            case ["GET", "users", owner, "tweets"]:
                headers = self._count("timeline", user)
                body = self._timeline(request, owner, given)
            case ["GET", "tweets"]:
                headers = self._count("lookup", user)
                body = self._by_ids(given)
            case ["DELETE", "tweets", native]:
                headers = self._count("delete", user)
                request.scope["call"].post = native
                body = {"data": {"deleted": self._delete(native, user)}}
            case _:
                raise No(404, "Not Found", "Not Found")
        return reply(body, headers=headers)

    def _count(self, what: str, user: str) -> dict[str, str]:
        headers = shapes.count_call(self.world, f"{what} {user}", CALLS[what])
        if headers is None:
            raise shapes.too_many()
        return headers

    def _timeline(self, request: Request, owner: str, given: Mapping[str, str]) -> dict[str, Any]:
        if self.world.account(NAME, owner) is None:
            return {"errors": [_missing("user", "id", owner)]}
        size = int(given["max_results"]) if given.get("max_results", "").isdecimal() else 10
        if not 5 <= size <= 100:
            raise _invalid("max_results", f"The `max_results` query parameter value [{size}] is not between 5 and 100")
        posts = self.world.posts(NAME, account=owner, states=["published"])
        since, left_out = self._since(given), _listed(given, "exclude")
        posts = [p for p in posts if _shown(p, since, left_out)]
        posts.sort(key=lambda p: (p.published_at or p.created_at, p.order), reverse=True)
        posts = posts[: 800 if "replies" in left_out else 3_200]
        start = 0
        if "pagination_token" in given:
            try:
                start = shapes.start_of_page(given["pagination_token"], [p.id for p in posts])
            except ValueError:
                raise _invalid("pagination_token", "The `pagination_token` query parameter is not valid") from None
        paged = paginate(request, self.world, NAME, posts, start, size)
        data = [shapes.tweet(p, _listed(given, "tweet.fields")) for p in paged.items]
        meta: dict[str, Any] = {"result_count": len(data)}
        if data:
            meta |= {"newest_id": data[0]["id"], "oldest_id": data[-1]["id"]}
        if paged.more:
            meta["next_token"] = shapes.token_of_page(start + len(data), paged.items[-1].id)
        return {"data": data, "meta": meta} if data else {"meta": meta}

    def _since(self, given: Mapping[str, str]) -> datetime | None:
        try:
            return instant(given["start_time"], "start_time") if "start_time" in given else None
        except ValueError as e:
            raise _invalid("start_time", str(e)) from None

    def _by_ids(self, given: Mapping[str, str]) -> dict[str, Any]:
        ids = [i for i in given.get("ids", "").split(",") if i]
        if not 1 <= len(ids) <= 100 or not all(POST_ID.fullmatch(i) for i in ids):
            raise _invalid("ids", "The `ids` query parameter value is not 1 to 100 ids")
        found = {i: shapes.by_tweet_id(self.world, i) for i in ids}
        data = [shapes.tweet(p, _listed(given, "tweet.fields")) for p in found.values() if p is not None]
        errors = [_missing("tweet", "ids", i) for i, p in found.items() if p is None]
        return ({"data": data} if data else {}) | ({"errors": errors} if errors else {})

    def _delete(self, native: str, user: str) -> bool:
        post = shapes.by_tweet_id(self.world, native) if POST_ID.fullmatch(native) else None
        if post is not None and post.account != user:
            raise No(403, "Forbidden", "You are not permitted to delete this Tweet.")
        if post is not None:
            self.world.delete(post)
        return post is not None


def _shown(post: Post, since: datetime | None, left_out: Sequence[str]) -> bool:
    at = post.published_at
    if post.boosted or at is None or (since is not None and at.replace(microsecond=0) < since):
        return False
    kind = "replies" if post.extra.get("replies_to") else "retweets" if post.extra.get("repost") else ""
    return not kind or kind not in left_out


def _listed(given: Mapping[str, str], name: str) -> list[str]:
    wanted = [w for w in given.get(name, "").split(",") if w]
    if name == "tweet.fields" and (unknown := sorted(set(wanted) - {*TWEET_FIELDS, "note_tweet", "id", "text"})):
        raise _invalid(name, f"The `tweet.fields` query parameter value [{unknown[0]}] is not known")
    return wanted


def _invalid(parameter: str, message: str) -> No:
    errors = [{"parameters": {parameter: []}, "message": message}]
    return No(
        400, "Invalid Request", "One or more parameters to your request was invalid.", "invalid-request", errors=errors
    )


def _missing(kind: str, parameter: str, native: str) -> dict[str, Any]:
    return {
        "value": native,
        "detail": f"Could not find {kind} with {parameter}: [{native}].",
        "title": "Not Found Error",
        "resource_type": kind,
        "parameter": parameter,
        "resource_id": native,
        "type": shapes.PROBLEMS + "resource-not-found",
    }

"""Bluesky's public service and an account's own server, as their lexicons are documented.

Documented: getProfile, getAuthorFeed (limit up to 100, cursor, filters), getPosts (up to 25), createSession,
createRecord and deleteRecord with their fields, the error body, 3,000 calls in 5 minutes for one address.
Secondary sources: that a feed is sorted by the earlier of `createdAt` and `indexedAt`, newest first.
Not verified, and assumed here: that getPosts leaves out what is gone, the RateLimit headers with a reset in unix
seconds, and the words of the errors. The public paths ask for no credential; only writing does.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from freeze.sandbox._core.posts import Account, Post
from freeze.sandbox._core.replies import BadBody, fields_of, instant, paginate, reply, zulu
from freeze.sandbox._core.world import World

NAME = "bluesky"
PASSWORD = "sandbox-bluesky-password"  # noqa: S105 - opens nothing but this simulator
COLLECTION = "app.bsky.feed.post"
CALLS, PERIOD = 3_000, 300
SPENT = "bluesky.calls"
"""The key in `world.memo` for how many calls were made, and in which five minutes."""
LETTERS = "234567abcdefghijklmnopqrstuvwxyz"


class _No(Exception):
    def __init__(self, status: int, error: str, message: str) -> None:
        super().__init__(message)
        self.status, self.body = status, {"error": error, "message": message}


def expired() -> Response:
    """A session that is over; the public paths never say it."""
    return reply({"error": "ExpiredToken", "message": "Token has expired"}, 401)


def problem(status: int, _: float | None) -> Response:
    """Too many requests for 429, otherwise the service's own failure."""
    if status == 429:
        return reply({"error": "RateLimitExceeded", "message": "Rate Limit Exceeded"}, status)
    return reply({"error": "InternalServerError", "message": "Internal Server Error"}, status)


def address(account: str, key: str) -> str:
    """The at:// address of a post, which is its id in the sandbox."""
    return f"at://{account}/{COLLECTION}/{key}"


def session_of(account: str) -> str:
    """The session of one account: shaped like the real ones, unsigned, and without an end, whatever year is played."""
    claims = {"scope": "com.atproto.access", "sub": account, "exp": 4_102_444_800}
    parts = (json.dumps(part, separators=(",", ":")).encode() for part in ({"typ": "at+jwt", "alg": "none"}, claims))
    return ".".join([*(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts), "sandbox"])


def routes(world: World) -> list[Route]:
    """The methods below /bluesky/xrpc."""
    api = _Api(world)

    def route(name: str, method: str, answer: Callable[[Request], dict[str, Any]]) -> Route:
        async def answered(request: Request) -> Response:
            headers = api.counted()
            try:
                if headers is None:
                    raise _No(429, "RateLimitExceeded", "Rate Limit Exceeded")
                if method == "POST":
                    request.state.given = await fields_of(request)
                response = reply(answer(request))
            except _No as no:
                response = reply(no.body, no.status)
            except (BadBody, ValueError) as e:
                response = reply({"error": "InvalidRequest", "message": str(e)}, 400)
            response.headers.update(headers or api.told(0))
            return response

        return Route(f"/xrpc/{name}", answered, methods=[method])

    return [
        route("app.bsky.actor.getProfile", "GET", api.profile),
        route("app.bsky.feed.getAuthorFeed", "GET", api.feed),
        route("app.bsky.feed.getPosts", "GET", api.posts),
        route("com.atproto.server.createSession", "POST", api.session),
        route("com.atproto.repo.createRecord", "POST", api.create),
        route("com.atproto.repo.deleteRecord", "POST", api.delete),
    ]


class _Api:
    def __init__(self, world: World) -> None:
        self.world = world

    def counted(self) -> dict[str, str] | None:
        """Count this call; the headers that tell what is left, or None where it is one too many."""
        period = int(self.world.now().timestamp()) // PERIOD
        began, made = self.world.memo.get(SPENT, (period, 0))
        made = made + 1 if began == period else 1
        self.world.memo[SPENT] = (period, made)
        return self.told(CALLS - made) if made <= CALLS else None

    def told(self, left: int) -> dict[str, str]:
        reset = (int(self.world.now().timestamp()) // PERIOD + 1) * PERIOD
        values = {"Limit": CALLS, "Remaining": left, "Reset": reset, "Policy": f"{CALLS};w={PERIOD}"}
        return {f"RateLimit-{name}": str(value) for name, value in values.items()}

    def profile(self, request: Request) -> dict[str, Any]:
        account = self._account(request.query_params.get("actor", ""))
        node = author_node(account)
        if account.about:
            node["description"] = account.about
        posts = self.world.posts(NAME, account=account.id, states=["published"])
        return node | {"followersCount": 12, "followsCount": 3, "postsCount": len(posts), "labels": []}

    def feed(self, request: Request) -> dict[str, Any]:
        query = request.query_params
        account = self._account(query.get("actor", ""))
        try:
            limit = int(query.get("limit", 50))
        except ValueError:
            limit = 0
        if not 1 <= limit <= 100:
            raise _No(400, "InvalidRequest", "Error: limit must be an integer between 1 and 100")
        posts = self.world.posts(NAME, account=account.id, states=["published"])
        if query.get("filter") == "posts_no_replies":
            posts = [p for p in posts if not p.extra.get("reply")]
        posts.sort(key=lambda p: (_sorted_by(p), p.order), reverse=True)
        start = 0
        if "cursor" in query:
            at, _, order = query["cursor"].partition("::")
            if not order.isdigit():
                raise _No(400, "InvalidRequest", "Malformed cursor")
            place = (instant(at, "cursor"), int(order))
            start = sum((_sorted_by(p), p.order) >= place for p in posts)
        paged = paginate(request, self.world, NAME, posts, start, limit)
        body: dict[str, Any] = {"feed": [self._entry(p, account) for p in paged.items]}
        if paged.more:
            body["cursor"] = f"{zulu(_sorted_by(paged.items[-1]))}::{paged.items[-1].order}"
        return body

    def posts(self, request: Request) -> dict[str, Any]:
        uris = request.query_params.getlist("uris")
        if not 1 <= len(uris) <= 25:
            raise _No(400, "InvalidRequest", "Error: uris must not have more than 25 elements")
        if bad := [u for u in uris if not u.startswith("at://")]:
            raise _No(400, "InvalidRequest", f"Error: uris/{uris.index(bad[0])} must be a valid at-uri")
        found = [p for u in uris if (p := self.world.get(NAME, u)) and p.state == "published"]
        return {"posts": [self._node(p) for p in found]}

    def session(self, request: Request) -> dict[str, Any]:
        given = request.state.given
        account = self._account(str(given.get("identifier", "")), status=401)
        if given.get("password") != PASSWORD:
            raise _No(401, "AuthenticationRequired", "Invalid identifier or password")
        token = session_of(account.id)
        return {"did": account.id, "handle": account.handle, "accessJwt": token, "refreshJwt": token, "active": True}

    def create(self, request: Request) -> dict[str, Any]:
        account, given = self._owner(request), request.state.given
        record = given.get("record")
        if given.get("collection") != COLLECTION or not isinstance(record, dict) or "text" not in record:
            raise _No(400, "InvalidRequest", f"Invalid {COLLECTION} record")
        now = self.world.now()
        uri = address(account.id, str(given.get("rkey") or _key(now, len(self.world.posts(NAME)))))
        extra = {key: record[key] for key in ("createdAt", "reply", "embed") if key in record}
        request.scope["call"].post = uri
        post = self.world.add(Post(NAME, account.id, uri, "draft", None, str(record["text"]), extra=extra))
        return {"uri": uri, "cid": _cid(self.world.publish(post, now)), "validationStatus": "valid"}

    def delete(self, request: Request) -> dict[str, Any]:
        account, given = self._owner(request), request.state.given
        post = self.world.get(NAME, address(account.id, str(given.get("rkey"))))
        if post is not None and given.get("collection") == COLLECTION:
            request.scope["call"].post = post.id
            self.world.delete(post)
        return {}

    def _owner(self, request: Request) -> Account:
        token = request.headers.get("authorization", "").partition(" ")[2]
        account = next((a for a in self.world.accounts(NAME) if token == session_of(a.id)), None)
        if account is None:
            raise _No(401, "AuthMissing", "Authentication Required")
        if request.state.given.get("repo") not in (account.id, account.handle):
            raise _No(400, "InvalidRequest", "Could not find repo")
        return account

    def _account(self, actor: str, status: int = 400) -> Account:
        for account in self.world.accounts(NAME):
            if actor and actor in (account.id, account.handle):
                return account
        if status == 401:
            raise _No(401, "AuthenticationRequired", "Invalid identifier or password")
        raise _No(status, "InvalidRequest", "Profile not found")

    def _entry(self, post: Post, account: Account) -> dict[str, Any]:
        entry: dict[str, Any] = {"post": self._node(post)}
        if post.extra.get("repost"):
            by = {"$type": "app.bsky.feed.defs#reasonRepost", "by": author_node(account)}
            entry["reason"] = by | {"indexedAt": zulu(post.published_at)}
        return entry

    def _node(self, post: Post) -> dict[str, Any]:
        account = self.world.account(NAME, post.account)
        assert account is not None
        record: dict[str, Any] = {"$type": COLLECTION, "text": post.text, "createdAt": zulu(_created(post))}
        record |= {key: post.extra[key] for key in ("reply", "embed") if key in post.extra}
        node = {"uri": post.id, "cid": _cid(post), "author": author_node(account), "record": record}
        return node | {"indexedAt": zulu(post.published_at), "likeCount": 0, "replyCount": 0, "repostCount": 0}


def author_node(account: Account) -> dict[str, Any]:
    """An account as it stands beside its posts."""
    return {"did": account.id, "handle": account.handle, "displayName": account.name}


def _created(post: Post) -> datetime:
    """The time the author claims."""
    if "createdAt" in post.extra:
        return instant(post.extra["createdAt"], "createdAt")
    assert post.published_at is not None
    return post.published_at


def _sorted_by(post: Post) -> datetime:
    assert post.published_at is not None
    return min(_created(post), post.published_at)


def _cid(post: Post) -> str:
    """A content id, as long and in the same letters as real ones."""
    digest = hashlib.sha256(f"{post.id} {post.text}".encode(errors="surrogatepass")).digest()
    return "bafyrei" + "".join(LETTERS[b % 32] for b in digest * 2)[:52].replace("2", "a")


def _key(now: datetime, number: int) -> str:
    """A record key as Bluesky makes them: 13 letters that grow with time."""
    left = (int(now.timestamp() * 1_000_000) << 10) + number % 1024
    letters = ""
    for _ in range(13):
        left, digit = divmod(left, 32)
        letters = LETTERS[digit] + letters
    return letters

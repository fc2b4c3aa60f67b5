"""Facebook Pages, as the Graph API is documented (v26.0; pages-api/posts, error-handling guide, facebook-business SDK).

Documented: the edges and fields, page tokens from /me/accounts, the window of 10 minutes to 30 days, that an app may
change only the posts it made, that a post cannot be un-scheduled, `is_transient` and the error codes.
Secondary sources: the body for a bad time, the 3-minute lock before the scheduled time, the usage headers.
Not verified, and assumed here: the code for another app's post (200), for the lock (100), that a reading of several ids
fails as a whole when one is missing, the limit of 50 ids, and `since`/`until` on published_posts.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from freeze.sandbox._graph import (
    NAME,
    PAGE_FIELDS,
    POST_FIELDS,
    SYSTEM_USER,
    No,
    cursor,
    error,
    fields,
    missing,
    page_node,
    page_token,
    position,
    post_node,
    unix,
)
from freeze.sandbox._replies import BadBody, fields_of, paginate, reply
from freeze.sandbox._world import Post, World

T = TypeVar("T")

TOKEN = "sandbox-facebook-token"  # noqa: S105 - opens nothing but this simulator
APP = "777"
LOCK = timedelta(minutes=3)
EARLIEST = timedelta(minutes=10)
LATEST = timedelta(days=30)
_VERSION = re.compile(r"v\d+\.\d+")


def expired() -> Response:
    """A token that is no longer good (code 190)."""
    message = "Error validating access token: Session has expired on Monday, 01-Jan-24 00:00:00 PST."
    return error(No(190, message, status=401, subcode=463))


def problem(status: int, _: float | None) -> Response:
    """A page's rate limit (code 32) for 429, otherwise the transient error (code 2)."""
    if status == 429:
        return error(No(32, "(#32) Page request limit reached", status=status))
    no = No(2, "An unexpected error has occurred. Please retry your request later.", status=status)
    return reply({"error": no.body | {"is_transient": True}}, status)


def routes(world: World) -> list[Route]:
    """Every Graph path below /facebook, with or without a version."""
    graph = _Graph(world)

    async def answer(request: Request) -> Response:
        try:
            return await graph.answer(request)
        except No as no:
            return error(no)
        except BadBody as e:
            return error(No(100, f"(#100) {e}"))

    return [Route("/{path:path}", answer, methods=["GET", "POST", "DELETE"])]


class _Graph:
    def __init__(self, world: World) -> None:
        self.world = world

    async def answer(self, request: Request) -> Response:
        parts = [p for p in request.path_params["path"].split("/") if p]
        if parts and _VERSION.fullmatch(parts[0]):
            parts = parts[1:]
        given = await fields_of(request) if request.method == "POST" else dict(request.query_params)
        owner = self._owner(request, given)
        method = request.method
        match parts:
            case [] if method == "GET":
                return reply(self._several(given, owner), headers=self._usage(owner))
            case ["me"] if method == "GET":
                data = self._read(owner, given, owner) if owner else {"id": SYSTEM_USER, "name": "Freeze Guard"}
            case ["me" | "5550001", "accounts"] if method == "GET":
                return self._accounts(request, given, owner)
            case [page, "scheduled_posts" | "published_posts" | "feed" as edge] if method == "GET":
                return self._listing(request, page, edge, given, owner)
            case [node] if method == "GET":
                data = self._read(node, given, owner)
            case [node] if method == "POST":
                request.scope["call"].post = node
                data = self._update(self._own_post(node, owner), given)
            case [node] if method == "DELETE":
                request.scope["call"].post = node
                data = self._delete(self._own_post(node, owner))
            case _:
                path = "/".join(parts)
                raise No(2500, f"Unknown path components: /{path}")
        return reply(data, headers=self._usage(owner))

    def _owner(self, request: Request, given: Mapping[str, Any]) -> str:
        """The page a token is for; empty for the system user's own token."""
        token = str(given.get("access_token", ""))
        scheme, _, credential = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() in ("bearer", "oauth"):
            token = token or credential.strip()
        if not token:
            raise No(2500, "An active access token must be used to query information about the current user.")
        if token == TOKEN:
            return ""
        page = token.removeprefix("sandbox-page-")
        if page == token or self.world.account(NAME, page) is None:
            raise No(190, "Invalid OAuth access token - Cannot parse access token", status=401)
        return page

    def _accounts(self, request: Request, given: Mapping[str, Any], owner: str) -> Response:
        if owner:
            raise No(100, "(#100) Tried accessing nonexisting field (accounts) on node type (Page)")
        wanted = fields(given, "access_token,category,name,id,tasks", PAGE_FIELDS, "Page")
        pages = self.world.accounts(NAME)
        return self._page(request, given, pages, lambda a: a.id, lambda a: page_node(a, wanted), owner)

    def _listing(self, request: Request, page: str, edge: str, given: Mapping[str, Any], owner: str) -> Response:
        if page == "me":
            page = owner
        if self.world.account(NAME, page) is None:
            raise missing(page)
        if owner != page:
            raise No(210, "(#210) A page access token is required to request this resource.")
        wanted = fields(given, "created_time,message,id", POST_FIELDS, "Post")
        if edge == "scheduled_posts":
            posts = self.world.posts(NAME, account=page, states=["scheduled"])
            posts.sort(key=lambda p: -p.order)
        else:
            posts = self.world.posts(NAME, account=page, states=["published"])
            since, until = unix(given.get("since"), "since"), unix(given.get("until"), "until")
            posts = [p for p in posts if p.published_at and (not since or p.published_at >= since)]
            posts = [p for p in posts if p.published_at and (not until or p.published_at < until)]
            posts.sort(key=lambda p: (p.published_at or p.created_at, p.order), reverse=True)
        return self._page(request, given, posts, lambda p: p.id, lambda p: post_node(p, wanted, self.world), owner)

    def _page(
        self,
        request: Request,
        given: Mapping[str, Any],
        items: list[T],
        key: Callable[[T], str],
        show: Callable[[T], dict[str, Any]],
        owner: str,
    ) -> Response:
        try:
            limit = max(1, min(100, int(given.get("limit", 25))))
        except ValueError:
            raise No(100, "(#100) Param limit must be an integer") from None
        start = 0
        if "after" in given:
            start = position(str(given["after"]), [key(i) for i in items])
        paged = paginate(request, self.world, NAME, items, start, limit)
        body: dict[str, Any] = {"data": [show(i) for i in paged.items]}
        if paged.items:
            first, last = cursor(start, key(paged.items[0])), cursor(start + len(paged.items), key(paged.items[-1]))
            body["paging"] = {"cursors": {"before": first, "after": last}}
            if paged.more:
                token = page_token(owner) if owner else TOKEN
                query = {k: v for k, v in given.items() if k not in ("after", "access_token")}
                query |= {"access_token": token, "limit": limit, "after": last}
                body["paging"]["next"] = f"{request.url.replace(query='')}?{urlencode(query)}"
        return reply(body, headers=self._usage(owner))

    def _several(self, given: Mapping[str, Any], owner: str) -> dict[str, Any]:
        ids = [i for i in str(given.get("ids", "")).split(",") if i]
        if not ids:
            raise No(100, "(#100) The parameter ids is required")
        if len(ids) > 50:
            raise No(100, f"(#100) Too many IDs. Maximum: 50. Provided: {len(ids)}.")
        return {i: self._read(i, given, owner) for i in ids}

    def _read(self, node: str, given: Mapping[str, Any], owner: str) -> dict[str, Any]:
        if account := self.world.account(NAME, node):
            return page_node(account, fields(given, "id,name", PAGE_FIELDS, "Page"))
        post = self._own_post(node, owner)
        return post_node(post, fields(given, "created_time,message,id", POST_FIELDS, "Post"), self.world)

    def _own_post(self, node: str, owner: str) -> Post:
        post = self.world.get(NAME, node)
        if post is None or post.state in ("deleted", "draft") or post.account != owner:
            raise missing(node)
        return post

    def _update(self, post: Post, given: Mapping[str, Any]) -> dict[str, Any]:
        if post.app != APP:
            raise No(200, "(#200) This post was not made by this application, so it cannot edit it", status=403)
        unknown = set(given) - {"access_token", "message", "scheduled_publish_time", "is_published", "appsecret_proof"}
        if unknown:
            raise No(100, f"(#100) Invalid parameter: {min(unknown)}")
        changes: dict[str, Any] = {}
        if "message" in given:
            changes["text"] = str(given["message"])
        now = self.world.now()
        if str(given.get("is_published", "")).lower() in ("1", "true"):
            if post.state == "scheduled":
                self.world.publish(post)
            return {"success": True}
        if "scheduled_publish_time" in given:
            self._not_locked(post, now)
            at = unix(given["scheduled_publish_time"], "scheduled_publish_time")
            if post.state != "scheduled" or at is None or not EARLIEST <= at - now <= LATEST:
                raise No(100, "(#100) The specified scheduled publish time is invalid")
            changes["publish_at"] = at
        if not changes:
            raise No(100, "(#100) No update was specified")
        self.world.change(post, **changes)
        return {"success": True}

    def _delete(self, post: Post) -> dict[str, Any]:
        self._not_locked(post, self.world.now())
        self.world.delete(post)
        return {"success": True}

    def _not_locked(self, post: Post, now: datetime) -> None:
        if post.state == "scheduled" and post.publish_at and post.publish_at - now < LOCK:
            raise No(100, "(#100) You can't reschedule or delete a post within 3 minutes of its scheduled time")

    def _usage(self, owner: str) -> dict[str, str]:
        app = {"call_count": 1, "total_cputime": 1, "total_time": 1}
        if not owner:
            return {"X-App-Usage": json.dumps(app)}
        business = {owner: [{"type": "pages", **app, "estimated_time_to_regain_access": 0}]}
        return {"X-App-Usage": json.dumps(app), "X-Business-Use-Case-Usage": json.dumps(business)}

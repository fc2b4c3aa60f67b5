"""Facebook Pages, as the Graph API is documented (v26.0; pages-api/posts, error-handling guide, facebook-business SDK).

Documented: the edges and fields, page tokens from /me/accounts, the window of 10 minutes to 30 days, that an app may
change only the posts it made, that a post cannot be un-scheduled, `is_transient` and the error codes.
Secondary sources: the body for a bad time, the 3-minute lock before the scheduled time, the usage headers.
Not verified, and assumed here: the code for another app's post (200), for the lock (100), and `since`/`until` on
published_posts. Reading several posts: as `_graph` says.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from freeze.sandbox._core.posts import Post
from freeze.sandbox._core.replies import reply
from freeze.sandbox._core.world import World
from freeze.sandbox._meta.graph import (
    NAME,
    PAGE_FIELDS,
    POST_FIELDS,
    SYSTEM_USER,
    No,
    bad_token,
    bearer,
    fields,
    listed,
    missing,
    page_node,
    page_token,
    post_node,
    served,
    token_data,
    unix,
    unknown_path,
    usage,
)
from freeze.sandbox._meta.graph import expired as _expired
from freeze.sandbox._meta.graph import problem as _problem

TOKEN = "sandbox-facebook-token"  # noqa: S105 - opens nothing but this simulator
APP = "777"
LOCK = timedelta(minutes=3)
EARLIEST = timedelta(minutes=10)
LATEST = timedelta(days=30)
SCOPES = ["pages_manage_posts", "pages_read_engagement", "pages_show_list", "ads_management", "instagram_basic"]

expired = _expired  # the same words on all of Meta's platforms


def problem(status: int, wait: float | None) -> Response:
    """A page's rate limit (code 32) for 429, otherwise the transient error (code 2)."""
    return _problem(status, wait, 32, "Page request limit reached")


def routes(world: World) -> list[Route]:
    """Every Graph path below /facebook, with or without a version."""
    return served(_Graph(world).answer, world)


class _Graph:
    def __init__(self, world: World) -> None:
        self.world = world

    def answer(self, request: Request, parts: list[str], given: dict[str, Any]) -> Response:
        owner = self._owner(request, given)
        method = request.method
        match parts:
            case ["me"] if method == "GET":
                data = self._read(owner, given, owner) if owner else {"id": SYSTEM_USER, "name": "Freeze Guard"}
            case ["debug_token"] if method == "GET":
                known = given.get("input_token") == TOKEN
                data = token_data(self.world, NAME, known, SCOPES, app_id=APP)
            case ["me" | "5550001", "accounts"] if method == "GET":
                data = self._accounts(request, given, owner)
            case [page, "scheduled_posts" | "published_posts" | "feed" as edge] if method == "GET":
                data = self._listing(request, page, edge, given, owner)
            case [node] if method == "GET":
                data = self._read(node, given, owner)
            case [node] if method == "POST":
                request.scope["call"].post = node
                data = self._update(self._own_post(node, owner), given)
            case [node] if method == "DELETE":
                request.scope["call"].post = node
                data = self._delete(self._own_post(node, owner))
            case _:
                raise unknown_path(parts)
        return reply(data, headers=usage(owner))

    def _owner(self, request: Request, given: Mapping[str, Any]) -> str:
        """The page a token is for; empty for the system user's own token."""
        token = bearer(request, given)
        if token == TOKEN:
            return ""
        page = token.removeprefix("sandbox-page-")
        if page == token or self.world.account(NAME, page) is None:
            raise bad_token()
        return page

    def _accounts(self, request: Request, given: Mapping[str, Any], owner: str) -> dict[str, Any]:
        if owner:
            raise No(100, "(#100) Tried accessing nonexisting field (accounts) on node type (Page)")
        wanted = fields(given, "access_token,category,name,id,tasks", PAGE_FIELDS, "Page")
        pages = self.world.accounts(NAME)
        return listed(request, self.world, NAME, given, pages, lambda a: a.id, lambda a: page_node(a, wanted), TOKEN)

    def _listing(self, request: Request, page: str, edge: str, given: Mapping[str, Any], owner: str) -> dict[str, Any]:
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
        token = page_token(owner)
        return listed(
            request, self.world, NAME, given, posts, lambda p: p.id, lambda p: post_node(p, wanted, self.world), token
        )

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

"""Threads profiles, as the Threads API is documented (developers.facebook.com/docs/threads).

Documented: the profile, the list of posts (no replies in it, reposts as REPOST_FACADE, `since` not before July 2023),
one post by its id, /refresh_access_token for another 60 days, /debug_token. There is no call for what is scheduled.
Secondary source: a token sent as a header. Not verified, and assumed here: the error for a missing post.
A post with `extra` {"is_reply": true} is in no list; {"media_type": "REPOST_FACADE"} makes a repost.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from freeze.sandbox._core.posts import Account, Post
from freeze.sandbox._core.replies import reply
from freeze.sandbox._core.world import World
from freeze.sandbox._meta import graph
from freeze.sandbox._meta.graph import No

NAME = "threads"
TOKEN = "sandbox-threads-token"  # noqa: S105 - opens nothing but this simulator
FRESH = "sandbox-threads-renewed"
LASTS = timedelta(days=60)
FIRST_SINCE = 1_688_540_400
SCOPES = ["threads_basic"]
USER_FIELDS = {"id", "username", "name", "threads_profile_picture_url", "threads_biography", "is_verified"}
MEDIA_FIELDS = {
    "id", "media_product_type", "media_type", "media_url", "permalink", "owner", "username", "text", "timestamp",
    "shortcode", "thumbnail_url", "children", "is_quote_post", "alt_text", "link_attachment_url", "has_replies",
}  # fmt: skip

expired = graph.expired
problem = graph.problem


def routes(world: World) -> list[Route]:
    """Every path below /threads, with or without a version."""
    return graph.served(_Threads(world).answer, world)


class _Threads:
    def __init__(self, world: World) -> None:
        self.world = world

    def answer(self, request: Request, parts: list[str], given: dict[str, Any]) -> Response:
        token = graph.bearer(request, given)
        if not self._good(token):
            raise graph.bad_token()
        if request.method != "GET":
            raise No(100, "Unsupported post request.", kind="GraphMethodException")
        me = self._me()
        match parts:
            case ["refresh_access_token"]:
                data = self._renew(given)
            case ["debug_token"]:
                known = self._good(str(given.get("input_token", "")))
                data = graph.token_data(self.world, NAME, known, SCOPES, type="USER", user_id=me.id)
            case ["me"]:
                data = self._profile(me, given)
            case ["me" | me.id, "threads"]:
                data = self._listing(request, me, given)
            case [node] if node == me.id:
                data = self._profile(me, given)
            case [node]:
                post = self.world.get(NAME, node)
                if post is None or post.state != "published" or post.account != me.id:
                    raise graph.missing(node)
                data = self._media(post, graph.fields(given, "id", MEDIA_FIELDS, "ThreadsMedia"))
            case _:
                raise graph.unknown_path(parts)
        return reply(data, headers=graph.usage())

    def _good(self, token: str) -> bool:
        """Whether a token is the one in use: a renewal replaces it."""
        return bool(token == self.world.memo.get("threads token in use", TOKEN))

    def _me(self) -> Account:
        """One token is for one profile: the first there is."""
        accounts = self.world.accounts(NAME)
        if not accounts:
            raise graph.missing("me")
        return accounts[0]

    def _renew(self, given: Mapping[str, Any]) -> dict[str, Any]:
        if given.get("grant_type") != "th_refresh_token":
            raise No(100, "(#100) Param grant_type must be one of {TH_REFRESH_TOKEN}")
        self.world.memo["threads token in use"] = FRESH
        return {"access_token": FRESH, "token_type": "bearer", "expires_in": int(LASTS.total_seconds())}

    def _profile(self, account: Account, given: Mapping[str, Any]) -> dict[str, Any]:
        values = {
            "id": account.id,
            "username": account.handle.lstrip("@"),
            "name": account.name,
            "threads_biography": account.about,
            "is_verified": False,
        }
        wanted = graph.fields(given, "id", USER_FIELDS, "ThreadsUser")
        return {name: values[name] for name in wanted if name in values}

    def _listing(self, request: Request, account: Account, given: Mapping[str, Any]) -> dict[str, Any]:
        wanted = graph.fields(given, "id", MEDIA_FIELDS, "ThreadsMedia")
        since = graph.unix(given.get("since"), "since")
        if since is not None and since.timestamp() < FIRST_SINCE:
            raise No(100, f"(#100) Param since must be greater than or equal to {FIRST_SINCE}")
        posts = self.world.posts(NAME, account=account.id, states=["published"])
        posts = [p for p in posts if p.published_at and (not since or p.published_at >= since)]
        posts = [p for p in posts if not p.extra.get("is_reply")]
        posts.sort(key=lambda p: (p.published_at or p.created_at, p.order), reverse=True)
        return graph.listed(
            request, self.world, NAME, given, posts, lambda p: p.id, lambda p: self._media(p, wanted), TOKEN
        )

    def _media(self, post: Post, wanted: list[str]) -> dict[str, Any]:
        parts = [{"id": f"{post.id}{i}"} for i, _ in enumerate(post.media)]
        node = {
            "id": post.id,
            "media_product_type": "THREADS",
            "media_type": post.extra.get("media_type", "IMAGE" if parts else "TEXT_POST"),
            "text": post.text or None,
            "timestamp": graph.offset(post.published_at),
            "permalink": f"https://www.threads.com/post/{post.id}",
            "username": self._me().handle.lstrip("@"),
            "link_attachment_url": post.link or None,
            "children": {"data": parts} if len(parts) > 1 else None,
            "is_quote_post": False,
        }
        return {name: node[name] for name in wanted if node.get(name) is not None}

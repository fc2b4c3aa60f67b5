"""Instagram professional accounts, as the Graph API is documented (facebook-business 26.0.3).

Documented: the fields of an account and of its media, `media`, the read-only `scheduled_media` and its fields.
Not verified, and assumed here: that `scheduled_media` answers, that a scheduled id cannot be read by itself, that
`media` comes newest first and that `since` works on it.
`world.memo["instagram refuses"] = code` makes `scheduled_media` refuse.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from freeze.sandbox._core.posts import Account, Post
from freeze.sandbox._core.replies import reply
from freeze.sandbox._core.world import World
from freeze.sandbox._meta import graph
from freeze.sandbox._meta.graph import No

NAME = "instagram"
TOKEN = "sandbox-instagram-token"  # noqa: S105 - opens nothing but this simulator
SCOPES = ["instagram_basic", "pages_read_engagement", "pages_show_list"]
USER_FIELDS = {"id", "username", "name", "biography", "website", "media_count", "profile_picture_url"}
MEDIA_FIELDS = {
    "id", "caption", "timestamp", "permalink", "media_type", "media_url", "username", "children", "owner", "shortcode",
}  # fmt: skip
SCHEDULED_FIELDS = {"id", "caption", "media_type", "media_url", "publish_timestamp", "thumbnail_url"}
REFUSALS = {
    10: "(#10) Application does not have permission for this action",
    100: "(#100) Tried accessing nonexisting field (scheduled_media) on node type (IGUser)",
    200: "(#200) Permissions error",
}

expired = graph.expired
problem = graph.problem


def routes(world: World) -> list[Route]:
    """Every Graph path below /instagram, with or without a version."""
    return graph.served(_Instagram(world).answer, world)


class _Instagram:
    def __init__(self, world: World) -> None:
        self.world = world

    def answer(self, request: Request, parts: list[str], given: dict[str, Any]) -> Response:
        if graph.bearer(request, given) != TOKEN:
            raise graph.bad_token()
        if request.method != "GET":
            raise No(100, "Unsupported post request.", kind="GraphMethodException")
        match parts:
            case ["debug_token"]:
                data = graph.token_data(self.world, NAME, given.get("input_token") == TOKEN, SCOPES)
            case ["me", "accounts"]:
                data = self._pages(request, given)
            case [account, "media" | "scheduled_media" as edge]:
                data = self._listing(request, self._account(account), edge, given)
            case [node]:
                data = self._read(node, given)
            case _:
                raise graph.unknown_path(parts)
        return reply(data, headers=graph.usage())

    def _account(self, native: str) -> Account:
        account = self.world.account(NAME, native)
        if account is None:
            raise graph.missing(native)
        return account

    def _pages(self, request: Request, given: Mapping[str, Any]) -> dict[str, Any]:
        """The Facebook pages of the token: each Instagram account hangs on one."""
        wanted = graph.fields(given, "id,name", {"id", "name", "instagram_business_account"}, "Page")

        def show(account: Account) -> dict[str, Any]:
            joined = {"id": account.id, "username": account.handle.lstrip("@"), "name": account.name}
            page = {"id": f"9{account.id}", "name": account.name, "instagram_business_account": joined}
            return {name: page[name] for name in wanted}

        accounts = self.world.accounts(NAME)
        return graph.listed(request, self.world, NAME, given, accounts, lambda a: a.id, show, TOKEN)

    def _listing(self, request: Request, account: Account, edge: str, given: Mapping[str, Any]) -> dict[str, Any]:
        if edge == "scheduled_media":
            code = self.world.memo.get("instagram refuses")
            if code is not None:
                raise No(code, REFUSALS.get(code, f"(#{code}) No"), status=403 if code in (10, 200) else 400)
            wanted = graph.fields(given, "id", SCHEDULED_FIELDS, "ShadowIGScheduledMedia")
            posts = self.world.posts(NAME, account=account.id, states=["scheduled"])
        else:
            wanted = graph.fields(given, "id", MEDIA_FIELDS, "IGMedia")
            since = graph.unix(given.get("since"), "since")
            posts = self.world.posts(NAME, account=account.id, states=["published"])
            posts = [p for p in posts if p.published_at and (not since or p.published_at >= since)]
            posts.sort(key=lambda p: (p.published_at or p.created_at, p.order), reverse=True)
        return graph.listed(
            request, self.world, NAME, given, posts, lambda p: p.id, lambda p: self._media(p, wanted), TOKEN
        )

    def _read(self, node: str, given: Mapping[str, Any]) -> dict[str, Any]:
        if account := self.world.account(NAME, node):
            wanted = graph.fields(given, "id", USER_FIELDS, "IGUser")
            values = {
                "id": account.id,
                "username": account.handle.lstrip("@"),
                "name": account.name,
                "biography": account.about or None,
            }
            return {name: values[name] for name in wanted if values.get(name) is not None}
        post = self.world.get(NAME, node)
        if post is None or post.state != "published":
            raise graph.missing(node)
        return self._media(post, graph.fields(given, "id", MEDIA_FIELDS, "IGMedia"))

    def _media(self, post: Post, wanted: list[str]) -> dict[str, Any]:
        account = self._account(post.account)
        scheduled = post.state == "scheduled" and post.publish_at is not None
        parts = [{"id": f"{post.id}{i}"} for i, _ in enumerate(post.media)]
        node = {
            "id": post.id,
            "caption": post.text or None,
            "media_type": "CAROUSEL_ALBUM" if len(parts) > 1 else "IMAGE",
            "media_url": f"https://scontent.example/{post.id}.jpg?signed={self.world.now().timestamp()}",
            "timestamp": graph.offset(post.published_at),
            "permalink": f"https://www.instagram.com/p/{post.id}/",
            "username": account.handle.lstrip("@"),
            "children": {"data": parts} if len(parts) > 1 else None,
            "publish_timestamp": int(post.publish_at.timestamp()) if scheduled and post.publish_at else None,
        }
        return {name: node[name] for name in wanted if node.get(name) is not None}

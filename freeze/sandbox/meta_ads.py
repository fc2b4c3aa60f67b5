"""Meta adverts, as the Marketing API is documented (facebook-business 26.0.3; manage your ad object's status).

A campaign is a post: "scheduled" and "published" ones are switched on (`publish_at` is when it starts, and started ones
run), "draft" ones are paused, "deleted" ones are gone. `extra` may hold "objective" and "stop_time" (unix seconds).
Documented: the fields and the values of `status` and `effective_status`, that lists leave out deleted and archived
campaigns, that a deleted one can still be read, that a status is changed by one POST. Not verified, and assumed here:
the order of the list, that a campaign whose end has passed stays ACTIVE.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from freeze.sandbox._core.posts import Account, Post
from freeze.sandbox._core.replies import reply
from freeze.sandbox._core.world import World
from freeze.sandbox._meta import graph
from freeze.sandbox._meta.graph import No

NAME = "meta-ads"
TOKEN = "sandbox-meta-ads-token"  # noqa: S105 - opens nothing but this simulator
SCOPES = ["ads_management", "ads_read"]
ACCOUNT_FIELDS = {"id", "account_id", "name", "account_status", "currency", "timezone_name"}
CAMPAIGN_FIELDS = {
    "id", "account_id", "name", "objective", "status", "configured_status", "effective_status", "start_time",
    "stop_time", "created_time", "updated_time", "buying_type", "daily_budget",
}  # fmt: skip
STATUSES = ("ACTIVE", "PAUSED", "DELETED", "ARCHIVED")
ON = ("scheduled", "published")

expired = graph.expired


def problem(status: int, wait: float | None) -> Response:
    """The rate limit of ad accounts (code 17) for 429, otherwise the transient error (code 2)."""
    return graph.problem(status, wait, 17, "User request limit reached")


def routes(world: World) -> list[Route]:
    """Every path below /meta-ads, with or without a version."""
    return graph.served(_Ads(world).answer, world)


class _Ads:
    def __init__(self, world: World) -> None:
        self.world = world

    def answer(self, request: Request, parts: list[str], given: dict[str, Any]) -> Response:
        if graph.bearer(request, given) != TOKEN:
            raise graph.bad_token()
        method = request.method
        match parts:
            case ["debug_token"] if method == "GET":
                data = graph.token_data(self.world, NAME, given.get("input_token") == TOKEN, SCOPES)
            case ["me", "adaccounts"] if method == "GET":
                data = self._accounts(request, given)
            case [account, "campaigns"] if method == "GET":
                data = self._campaigns(request, account, given)
            case [node] if method == "GET":
                data = self._read(node, given)
            case [node] if method == "POST":
                request.scope["call"].post = node
                data = self._update(self._campaign(node), given)
            case _:
                raise graph.unknown_path(parts)
        return reply(data, headers=graph.usage())

    def _accounts(self, request: Request, given: Mapping[str, Any]) -> dict[str, Any]:
        wanted = graph.fields(given, "account_id,id", ACCOUNT_FIELDS, "AdAccount")
        accounts = self.world.accounts(NAME)
        return graph.listed(
            request, self.world, NAME, given, accounts, lambda a: a.id, lambda a: _account(a, wanted), TOKEN
        )

    def _campaigns(self, request: Request, account: str, given: Mapping[str, Any]) -> dict[str, Any]:
        if self.world.account(NAME, account) is None:
            raise graph.missing(account)
        wanted = graph.fields(given, "id", CAMPAIGN_FIELDS, "AdCampaignGroup")
        posts = self.world.posts(NAME, account=account, states=[*ON, "draft"])
        posts.sort(key=lambda p: -p.order)
        return graph.listed(request, self.world, NAME, given, posts, lambda p: p.id, lambda p: _node(p, wanted), TOKEN)

    def _read(self, node: str, given: Mapping[str, Any]) -> dict[str, Any]:
        if account := self.world.account(NAME, node):
            return _account(account, graph.fields(given, "account_id,id", ACCOUNT_FIELDS, "AdAccount"))
        return _node(self._campaign(node), graph.fields(given, "id", CAMPAIGN_FIELDS, "AdCampaignGroup"))

    def _campaign(self, node: str) -> Post:
        post = self.world.get(NAME, node)
        if post is None:
            raise graph.missing(node)
        return post

    def _update(self, post: Post, given: Mapping[str, Any]) -> dict[str, Any]:
        if unknown := set(given) - {"access_token", "status", "name", "appsecret_proof"}:
            raise No(100, f"(#100) Invalid parameter: {min(unknown)}")
        if post.state == "deleted":
            raise No(100, "(#100) A deleted campaign cannot be changed", subcode=1487056)
        status = given.get("status")
        if status is not None and status not in STATUSES:
            raise No(100, f"(#100) Param status must be one of {{{', '.join(STATUSES)}}}")
        changes: dict[str, Any] = {"text": str(given["name"])} if "name" in given else {}
        if status == "PAUSED":
            changes["state"] = "draft"
        elif status in ("DELETED", "ARCHIVED"):
            changes["state"] = "deleted"
        elif status == "ACTIVE" and post.state not in ON:
            changes["state"] = "scheduled"  # the world starts it at once where its time has passed
        if changes:
            self.world.change(post, **changes)
        return {"success": True}


def _account(account: Account, wanted: list[str]) -> dict[str, Any]:
    node = {
        "id": account.id,
        "account_id": account.id.removeprefix("act_"),
        "name": account.name,
        "account_status": 1,
        "currency": "GBP",
        "timezone_name": "Europe/London",
    }
    return {name: node[name] for name in wanted if name in node}


def _node(post: Post, wanted: list[str]) -> dict[str, Any]:
    """The wanted fields of a campaign; one that has no value is left out, as Graph does."""
    status = "ACTIVE" if post.state in ON else "PAUSED" if post.state == "draft" else "DELETED"
    stop = post.extra.get("stop_time")
    node = {
        "id": post.id,
        "account_id": post.account.removeprefix("act_"),
        "name": post.text,
        "objective": post.extra.get("objective", "OUTCOME_AWARENESS"),
        "status": status,
        "configured_status": status,
        "effective_status": status,
        "start_time": graph.offset(post.publish_at),
        "stop_time": graph.offset(datetime.fromtimestamp(stop, UTC)) if stop else None,
        "created_time": graph.offset(post.created_at),
        "updated_time": graph.offset(post.modified_at),
        "buying_type": "AUCTION",
    }
    return {name: node[name] for name in wanted if node.get(name) is not None}

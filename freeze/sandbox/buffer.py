"""Buffer, as its GraphQL reference was copied (August 2026): channels, posts, and editing a post.

Secondary source: the types and fields, `saveToDraft`, that a draft is not sent, that errors come in a 200 (a missing
credential in a 401, too many calls in a 429), the windows of 100 calls in 15 minutes and 250 a day with their headers,
at most 30 aliases a query.
Not verified, and assumed here: that a draft loses its `dueAt` (unstated; the worse case), that a time in the past is
refused, that one missing post empties the whole answer (by GraphQL's own rules), and every message's wording.

An account's `about` may hold its network ("twitter", "facebook", ...). While the platform is locked, every channel's
queue is paused. A post's `extra` is shown in place of its fields: {"schedulingType": "notification"}, for one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from freeze.sandbox._buffer.graphql import Invalid, Node, Operation, parse, project
from freeze.sandbox._core.posts import Account, Post
from freeze.sandbox._core.replies import BadBody, fields_of, instant, paginate, reply, zulu
from freeze.sandbox._core.world import World

NAME = "buffer"
TOKEN = "sandbox-buffer-key"  # noqa: S105 - opens nothing but this simulator
ORGANIZATION = "64f0c0ffee00000000000001"
STATUS = {
    "scheduled": "scheduled",
    "pending_approval": "needs_approval",
    "draft": "draft",
    "published": "sent",
}
WINDOWS = {900: 100, 86_400: 250}
EDITABLE = frozenset(
    {"id", "ideaId", "draftId", "schedulingType", "dueAt", "text", "metadata", "tagIds", "assets", "mode", "source"}
    | {"aiAssisted", "saveToDraft"}
)
MODES = frozenset({"addToQueue", "shareNow", "shareNext", "customScheduled"})


class _Missing(Exception):
    """There is no such thing, or the key may not see it."""


def expired() -> Response:
    """A key that is not accepted."""
    return _errors(401, "UNAUTHENTICATED", "An authentication JWT or Access Token is required")


def problem(status: int, _: float | None) -> Response:
    """The body of a rate limit for 429, otherwise of a failure."""
    if status == 429:
        return _errors(429, "RATE_LIMIT_EXCEEDED", "Too many requests from this client. Please try again later.")
    return _errors(status, "UNEXPECTED", "An unexpected error occurred.")


def routes(world: World) -> list[Route]:
    """The one path below /buffer."""
    api = _Buffer(world)

    async def answer(request: Request) -> Response:
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return expired()
        wait, headers = api.counted()
        if wait:
            spent = problem(429, None)
            spent.headers.update({**headers, "Retry-After": str(wait)})
            return spent
        try:
            given = await fields_of(request)
            variables = given.get("variables") or {}
            made = api.answer(request, parse(str(given.get("query", "")), variables))
        except (BadBody, Invalid, ValueError) as e:
            made = _errors(400, "GRAPHQL_VALIDATION_FAILED", str(e))
        made.headers.update(headers)
        return made

    return [Route("/", answer, methods=["POST"])]


class _Buffer:
    def __init__(self, world: World) -> None:
        self.world = world

    def counted(self) -> tuple[int, dict[str, str]]:
        """Count a call in every window; seconds to wait where one is spent (0: none), and the headers that say so."""
        now = self.world.now()
        made: list[datetime] = self.world.memo.setdefault(NAME, [])
        left = {w: limit - sum(now - at < timedelta(seconds=w) for at in made) for w, limit in WINDOWS.items()}
        spent = [w for w, n in left.items() if n <= 0]
        if not spent:
            made.append(now)
        told = {w: max(n - 1, 0) for w, n in left.items()}
        return max(spent, default=0), {
            "RateLimit": ", ".join(f'"{WINDOWS[w]}-in-{w}s";r={n};t={w}' for w, n in told.items()),
            "RateLimit-Policy": ", ".join(f'"{q}-in-{w}s";q={q};w={w};pk=:c2FuZGJveA==:' for w, q in WINDOWS.items()),
        }

    def answer(self, request: Request, operation: Operation) -> Response:
        data: dict[str, Any] = {}
        errors = []
        roots = self._mutations() if operation.kind == "mutation" else self._queries()
        for node in operation.nodes:
            name = node.alias or node.name
            if node.name not in roots:
                raise Invalid(f'Cannot query field "{node.name}" on type "{operation.kind.title()}".')
            try:
                data[name] = project(node, roots[node.name](request, node), _is_a)
            except _Missing as e:
                errors.append({"message": str(e), "path": [name], "extensions": {"code": "NOT_FOUND"}})
        # Every root field must have a value, so that one error leaves nothing of the answer.
        return reply({"data": None, "errors": errors} if errors else {"data": data})

    def _queries(self) -> Mapping[str, Callable[[Request, Node], Any]]:
        return {"account": self._account, "channels": self._channels, "channel": self._channel} | {
            "posts": self._posts,
            "post": self._post,
        }

    def _mutations(self) -> Mapping[str, Callable[[Request, Node], Any]]:
        return {"editPost": self._edit}

    def _account(self, _request: Request, _node: Node) -> Any:
        organization = {"__typename": "Organization", "id": ORGANIZATION, "name": "Anyshire"}
        return {"__typename": "Account", "id": "acc1", "timezone": "Europe/London", "organizations": [organization]}

    def _channels(self, _request: Request, node: Node) -> Any:
        _organization(node)
        return [self._shown_channel(a) for a in self.world.accounts(NAME)]

    def _channel(self, _request: Request, node: Node) -> Any:
        account = self.world.account(NAME, str(_input(node).get("id")))
        if account is None:
            raise _Missing("Channel not found")
        return self._shown_channel(account)

    def _post(self, _request: Request, node: Node) -> Any:
        return self._shown(self._stored(str(_input(node).get("id"))))

    def _posts(self, request: Request, node: Node) -> Any:
        _organization(node)
        wanted = _input(node).get("filter") or {}
        words, channels = wanted.get("status"), wanted.get("channelIds")
        posts = [
            p
            for p in self.world.posts(NAME, states=STATUS)
            if (words is None or self._shown(p)["status"] in words)
            and (channels is None or p.account in channels)
            and _within(p.publish_at, wanted.get("dueAt"))
        ]
        sort = [(s["field"], s["direction"]) for s in _input(node).get("sort") or ()]
        latest = sort == [("dueAt", "desc")]
        posts.sort(key=lambda p: (p.publish_at or self.world.now(), p.order), reverse=latest)
        start, first = int(node.args.get("after") or 0), int(node.args.get("first") or 20)
        cut = paginate(request, self.world, NAME, posts, start, min(first, 100))
        end = str(start + len(cut.items))
        page = {"startCursor": str(start), "endCursor": end, "hasPreviousPage": False, "hasNextPage": cut.more}
        edges = [{"__typename": "PostsEdge", "node": self._shown(p), "cursor": end} for p in cut.items]
        return {"__typename": "PostsResults", "edges": edges, "pageInfo": {"__typename": "PaginationPageInfo", **page}}

    def _edit(self, request: Request, node: Node) -> Any:
        given = _input(node)
        if unknown := set(given) - EDITABLE:
            raise Invalid(f'Field "{min(unknown)}" is not defined by type "EditPostInput".')
        if given.get("mode") not in {None, *MODES}:
            raise Invalid(f'Value "{given["mode"]}" does not exist in "ShareMode" enum.')
        request.scope["call"].post = str(given.get("id"))
        try:
            post = self._stored(str(given.get("id")))
        except _Missing as e:
            return {"__typename": "NotFoundError", "message": str(e)}
        if self._shown(post)["status"] in ("sent", "sending"):
            return _invalid("Post cannot be edited once it is sent")
        changes: dict[str, Any] = {"text": given["text"]} if "text" in given else {}
        at = instant(given["dueAt"], "dueAt") if given.get("dueAt") else None
        if given.get("saveToDraft"):
            changes |= {"state": "draft", "publish_at": None}
        elif given.get("mode") == "customScheduled":
            if at is None or at <= self.world.now():
                return _invalid("dueAt must be in the future")
            own = {"shareMode": "customScheduled", "isCustomScheduled": True}
            changes |= {"state": "scheduled", "publish_at": at, "extra": {**post.extra, **own}}
        elif given.get("mode") == "shareNow":
            return self._done(self.world.publish(self.world.change(post, **changes)))
        elif given.get("mode"):
            return _invalid("This channel has no posting schedule")
        return self._done(self.world.change(post, **changes))

    def _done(self, post: Post) -> dict[str, Any]:
        return {"__typename": "PostActionSuccess", "post": self._shown(post)}

    def _stored(self, native: str) -> Post:
        post = self.world.get(NAME, native)
        if post is None or post.state == "deleted":
            raise _Missing("Post not found")
        return post

    def _shown_channel(self, account: Account) -> dict[str, Any]:
        return {
            "__typename": "Channel",
            "id": account.id,
            "name": account.handle or account.name,
            "displayName": account.name,
            "service": account.about or "facebook",
            "type": "page",
            "timezone": "Europe/London",
            "organizationId": ORGANIZATION,
            "isQueuePaused": self.world.locked(NAME),
            "isDisconnected": False,
            "isLocked": False,
            "hasActiveMemberDevice": True,
        }

    def _shown(self, post: Post) -> dict[str, Any]:
        channel = self.world.account(NAME, post.account)
        shown = {
            "__typename": "Post",
            "id": post.id,
            "status": STATUS.get(post.state, post.state),
            "text": post.text,
            "dueAt": _milliseconds(post.publish_at),
            "sentAt": _milliseconds(post.published_at),
            "createdAt": _milliseconds(post.created_at),
            "updatedAt": _milliseconds(post.modified_at),
            "shareMode": "customScheduled",
            "isCustomScheduled": True,
            "schedulingType": "automatic",
            "sharedNow": False,
            "via": "buffer",
            "channelId": post.account,
            "channelService": channel.about or "facebook" if channel else "facebook",
            "externalLink": None,
            "author": {"__typename": "Author", "id": "acc1", "name": post.author or None},
            "tags": [{"__typename": "Tag", "id": t, "name": t, "color": "#F523F1"} for t in post.tags],
            "assets": [_asset(n, source) for n, source in enumerate(post.media)],
            "error": None,
        }
        return shown | dict(post.extra)


def _asset(n: int, source: str) -> dict[str, Any]:
    kind = {"__typename": "ImageAsset", "type": "image", "mimeType": "image/jpeg"}
    return {**kind, "id": f"as{n}", "source": source, "thumbnail": source}


def _input(node: Node) -> Mapping[str, Any]:
    given = node.args.get("input")
    if not isinstance(given, dict):
        raise Invalid(f'Field "{node.name}" argument "input" is required, but it was not provided.')
    return given


def _organization(node: Node) -> None:
    if _input(node).get("organizationId") != ORGANIZATION:
        raise _Missing("Organization not found")


def _within(at: datetime | None, span: Mapping[str, Any] | None) -> bool:
    if not span:
        return True
    start, end = span.get("start"), span.get("end")
    return at is not None and (not start or at >= instant(start, "start")) and (not end or at <= instant(end, "end"))


def _is_a(kind: str, wanted: str) -> bool:
    return kind == wanted or (wanted in ("MutationError", "Asset") and kind.endswith(wanted[-5:]))


def _invalid(message: str) -> dict[str, Any]:
    return {"__typename": "InvalidInputError", "message": message}


def _milliseconds(at: datetime | None) -> str | None:
    return (zulu(at.replace(microsecond=0)) or "").replace("Z", ".000Z") if at else None


def _errors(status: int, code: str, message: str) -> Response:
    return reply({"errors": [{"message": message, "extensions": {"code": code}}]}, status)

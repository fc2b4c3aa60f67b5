"""Orlo as this product assumes that it might answer over HTTP; no public reference says so (docs/orlo-contract.md).

Documented by Orlo, and so practised here: a post approved after its time goes out at once, and a company
administrator can switch on Company lockdown. Assumed: every path and field, that lockdown stops all posts, that a
paused post becomes a draft and keeps its time, and that a post resumed into the past goes out at once.

    GET  /api/v1/accounts                            POST /api/v1/posts/{id}/pause
    GET  /api/v1/posts?account=&status=&since=       POST /api/v1/posts/{id}/resume   {"publish_at": ISO}
    GET  /api/v1/posts?ids=1,2,3                     POST /api/v1/posts/{id}/approve
    GET  /api/v1/lockdown                            PUT  /api/v1/lockdown            {"lockdown": true}

Listings take `after` and `per_page` (at most 100) and answer {"items", "total", "next"}; `next` is what to give as
`after` for the following page, or null. Posts come in the order of their times. Times are UTC.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from freeze.sandbox._core.posts import Post
from freeze.sandbox._core.replies import BadBody, fields_of, instant, paginate, reply, zulu
from freeze.sandbox._core.world import World

NAME = "orlo"
TOKEN = "sandbox-orlo-token"  # noqa: S105 - opens nothing but this simulator

STATUSES = {
    "scheduled": "scheduled",
    "pending_approval": "awaiting_approval",
    "draft": "draft",
    "published": "published",
}
LARGEST_PAGE = 100

Answer = Callable[[Request], Awaitable[Response]]


class _No(Exception):
    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


def routes(world: World) -> list[Route]:
    """Orlo's assumed routes for this world."""

    async def accounts(request: Request) -> Response:
        found = sorted(world.accounts(NAME), key=lambda a: a.id)
        return _listing(
            request, world, [(a.id, {"id": a.id, "network": a.id.partition(":")[0], "name": a.name}) for a in found]
        )

    async def posts(request: Request) -> Response:
        q = request.query_params
        if "ids" in q:
            named = [world.get(NAME, i) for i in dict.fromkeys(q["ids"].split(","))]
            if len(named) > LARGEST_PAGE:
                raise _No(400, f"At most {LARGEST_PAGE} ids can be read at once.")
            there = [_item(p) for p in named if p and p.state in STATUSES]
            return reply({"items": there, "total": len(there), "next": None})
        if world.account(NAME, q.get("account", "")) is None:
            raise _No(404, "There is no such account.")
        words = set(q.get("status", "").split(","))
        found = world.posts(NAME, account=q["account"], states=[s for s, w in STATUSES.items() if w in words])
        if "since" in q:
            since = instant(q["since"], "since")
            found = [p for p in found if p.published_at is None or p.published_at >= since]
        return _listing(request, world, sorted((_place(p), _item(p)) for p in found))

    async def pause(request: Request) -> Response:
        post = _post(request, world)
        if post.state in ("scheduled", "pending_approval"):
            post = world.change(post, state="draft")
        return reply(_item(post))

    async def resume(request: Request) -> Response:
        at = instant((await fields_of(request)).get("publish_at"), "publish_at")
        post = _post(request, world)
        if (post.state, post.publish_at) != ("scheduled", at):
            post = world.change(post, state="scheduled", publish_at=at)
        return reply(_item(_after(world, post)))

    async def approve(request: Request) -> Response:
        post = _post(request, world)
        if post.state != "pending_approval":
            raise _No(409, "This post does not await approval.")
        # That a late approval goes out at once is documented; that lockdown stops it all the same is assumed.
        return reply(_item(_after(world, world.change(post, state="scheduled"))))

    async def lockdown(request: Request) -> Response:
        if request.method == "PUT":
            wanted = (await fields_of(request)).get("lockdown")
            if not isinstance(wanted, bool):
                raise _No(400, 'Give {"lockdown": true} or {"lockdown": false}.')
            world.lock(NAME, wanted)
        return reply({"lockdown": world.locked(NAME)})

    return [
        Route("/api/v1/accounts", _guarded(accounts)),
        Route("/api/v1/posts", _guarded(posts)),
        Route("/api/v1/posts/{id}/pause", _guarded(pause), methods=["POST"]),
        Route("/api/v1/posts/{id}/resume", _guarded(resume), methods=["POST"]),
        Route("/api/v1/posts/{id}/approve", _guarded(approve), methods=["POST"]),
        Route("/api/v1/lockdown", _guarded(lockdown), methods=["GET", "PUT"]),
    ]


def expired() -> Response:
    """The answer to a token that is not, or no longer, accepted."""
    return problem(401, None)


def problem(status: int, _: float | None) -> Response:
    """An answer that something went wrong."""
    return reply(
        {"error": {401: "Unauthorised.", 429: "Too many requests."}.get(status, "Something went wrong.")}, status
    )


def _guarded(answer: Answer) -> Answer:
    async def answered(request: Request) -> Response:
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return expired()
        try:
            return await answer(request)
        except _No as e:
            return reply({"error": str(e)}, e.status)
        except (BadBody, ValueError) as e:
            return reply({"error": str(e)}, 400)

    return answered


def _post(request: Request, world: World) -> Post:
    post = world.get(NAME, request.path_params["id"])
    if post is None or post.state == "deleted":
        raise _No(404, "There is no such post.")
    if post.state == "published":
        raise _No(409, "This post is already published.")
    return post


def _after(world: World, post: Post) -> Post:
    """The post as it stands a moment later: one that was overdue is out."""
    now = world.get(NAME, post.id)
    return now if now and now.state == "published" else post


def _listing(request: Request, world: World, found: list[tuple[str, dict[str, Any]]]) -> Response:
    size = min(max(int(request.query_params.get("per_page", "50")), 1), LARGEST_PAGE)
    # A place in the order stays right while posts before it go out; a page number would skip some.
    start = bisect_right([place for place, _ in found], request.query_params.get("after", ""))
    cut = paginate(request, world, NAME, found, start, size)
    following = cut.items[-1][0] if cut.more else None
    return reply({"items": [item for _, item in cut.items], "total": cut.total, "next": following})


def _place(post: Post) -> str:
    return f"{zulu(post.publish_at) or '~'} {post.order:09d}"


def _item(post: Post) -> dict[str, Any]:
    return {
        "id": post.id,
        "account": post.account,
        "network": post.network,
        "status": STATUSES.get(post.state, post.state),
        "publish_at": zulu(post.publish_at),
        "published_at": zulu(post.published_at),
        "message": post.text,
        "link": post.link,
        "media": list(post.media),
        "tags": list(post.tags),
        "created_by": post.author,
        "boosted": post.boosted,
    }

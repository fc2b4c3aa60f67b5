"""Mixpost Pro's API, as its reference, its own n8n client and the source of Mixpost Lite have it.

Documented: the paths below {host}/{path}/api/{workspace}, Bearer tokens, lists by `status` and account, one post by its
UUID, PUT with `schedule_at`, POST /posts/schedule/{uuid} with `postNow`, 422 with "publishing" and "in_history", times
taken in the site's zone and kept in UTC. Not verified, and assumed here: Laravel's usual page around a list, the
order of a list (by time, so that moving a post moves it in the list), that a change of date keeps the rest, the answer
to a write, and that an overdue post goes out at exactly its time (the real one looks once a minute).

An account's id is its number; its handle's first part is the provider ("facebook_page:anyshire"). `extra` of a post:
"also" is a list of further account numbers, "versions" words of their own by account number, "status" a status to show.
The UUIDs in `world.memo["publishing"]` are being sent out at this moment.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from freeze.sandbox._core.posts import Account, Post
from freeze.sandbox._core.replies import BadBody, fields_of, paginate, reply
from freeze.sandbox._core.world import LONDON, World

NAME = "mixpost"
TOKEN = "sandbox-mixpost-token"  # noqa: S105 - opens nothing but this simulator
WORKSPACE = "9b1e5f4a-3c2d-4a7b-8e6f-1d2c3b4a5e6f"
BASE = "/mixpost/api/{workspace}"
STATES = {
    "scheduled": "scheduled",
    "needs_approval": "pending_approval",
    "draft": "draft",
    "published": "published",
    "trash": "deleted",
}
STATUSES = {state: status for status, state in STATES.items()}
LARGEST_PAGE = 100
PUBLISHING = "publishing"

Answer = Callable[[Request], Awaitable[Response]]


class _No(Exception):
    def __init__(self, status: int, message: str, errors: dict[str, list[str]] | None = None) -> None:
        super().__init__(message)
        self.status, self.errors = status, errors


def expired() -> Response:
    """A token that is no longer good."""
    return reply({"message": "Unauthenticated."}, 401)


def problem(status: int, _: float | None) -> Response:
    """The error body for any other status."""
    return reply({"message": "Too Many Attempts." if status == 429 else "Server Error"}, status)


def routes(world: World) -> list[Route]:
    """The paths below /mixpost."""

    async def accounts(_: Request) -> Response:
        return reply({"data": [_account(a) for a in world.accounts(NAME)]})

    async def posts(request: Request) -> Response:
        q = request.query_params
        status = q.get("status", "")
        if status not in STATES and status != "failed":
            raise _invalid("status", "The selected status is invalid.")
        mine = set(q.getlist("accounts[]"))
        found = [
            p
            for p in world.posts(NAME, states=[STATES.get(status, "published")])
            if (p.extra.get("status") == "failed") is (status == "failed") and (not mine or mine & set(_owners(p)))
        ]
        found.sort(key=lambda p: (p.publish_at or datetime.max.replace(tzinfo=UTC), p.order))
        size = max(1, min(LARGEST_PAGE, int(q.get("limit", "50"))))
        number = max(1, int(q.get("page", "1")))
        page = paginate(request, world, NAME, found, (number - 1) * size, size)
        meta = {
            "current_page": number,
            "last_page": max(1, -(-page.total // size)) if page.more or number > 1 else 1,
            "per_page": size,
            "total": page.total,
        }
        return reply({"data": [_shown(p, world) for p in page.items], "links": {}, "meta": meta})

    async def single(request: Request) -> Response:
        return reply(_shown(_post(request, world), world))

    async def update(request: Request) -> Response:
        post = _changeable(request, world)
        given = await fields_of(request)
        changes: dict[str, Any] = {}
        if given.get("schedule_at"):
            changes["publish_at"] = _instant(given["schedule_at"])
        if "content" in given:
            changes["text"] = str(given["content"])
        world.change(post, **changes)
        return reply({"success": True})

    async def schedule(request: Request) -> Response:
        post = _changeable(request, world)
        now = (await fields_of(request)).get("postNow")
        if now is True:
            world.publish(post)
        elif post.publish_at is None or post.publish_at <= world.now():
            raise _invalid("cannot_scheduled", "This post cannot be scheduled!\nThe date is in the past.")
        else:
            world.change(post, state="scheduled")
        return reply({"success": True})

    return [
        Route(f"{BASE}/accounts", _guarded(accounts)),
        Route(f"{BASE}/posts", _guarded(posts)),
        Route(f"{BASE}/posts/{{uuid}}", _guarded(single)),
        Route(f"{BASE}/posts/{{uuid}}", _guarded(update), methods=["PUT"]),
        Route(f"{BASE}/posts/schedule/{{uuid}}", _guarded(schedule), methods=["POST"]),
    ]


def _guarded(answer: Answer) -> Answer:
    async def answered(request: Request) -> Response:
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return expired()
        if request.path_params["workspace"] != WORKSPACE:
            return reply({"message": "Workspace not found."}, 404)
        try:
            return await answer(request)
        except _No as no:
            return reply({"message": str(no), **({"errors": no.errors} if no.errors else {})}, no.status)
        except BadBody as e:
            return reply({"message": str(e)}, 400)

    return answered


def _invalid(field: str, sentence: str) -> _No:
    return _No(422, sentence, {field: [sentence]})


def _post(request: Request, world: World) -> Post:
    post = world.get(NAME, request.path_params["uuid"])
    if post is None:
        raise _No(404, "Post not found.")
    return post


def _changeable(request: Request, world: World) -> Post:
    post = _post(request, world)
    request.scope["call"].post = post.id
    if post.state == "published":
        raise _invalid("in_history", "in_history")
    if post.id in world.memo.get(PUBLISHING, ()):
        raise _invalid("publishing", "publishing")
    return post


def _owners(post: Post) -> list[str]:
    return [post.account, *post.extra.get("also", ())]


def _account(account: Account) -> dict[str, Any]:
    provider, _, user = account.handle.partition(":")
    return {
        "id": int(account.id),
        "uuid": f"00000000-0000-4000-8000-{int(account.id):012}",
        "name": account.name,
        "username": user,
        "provider": provider,
        "authorized": True,
    }


def _shown(post: Post, world: World) -> dict[str, Any]:
    accounts = [a for a in world.accounts(NAME) if a.id in _owners(post)]
    failed_on = post.extra.get("failed_on", ())
    status = PUBLISHING if post.id in world.memo.get(PUBLISHING, ()) else STATUSES[post.state]
    out = post.state == "published"
    return {
        "id": post.order,
        "uuid": post.id,
        "status": post.extra.get("status") or status,
        "accounts": [
            {
                **_account(a),
                "external_url": f"https://example.com/{post.id}/{a.id}" if out and a.id not in failed_on else None,
                "errors": ["Rejected."] if a.id in failed_on else [],
            }
            for a in reversed(accounts)
        ],
        "versions": [
            _version(0, post.text, post.media),
            *(_version(int(a), words, ()) for a, words in post.extra.get("versions", {}).items()),
        ],
        "tags": [{"id": 1, "uuid": "tag", "name": t, "hex_color": "#111827"} for t in post.tags],
        "user": {"name": post.author},
        "scheduled_at": _date(post.publish_at),
        "published_at": _date(post.published_at),
        "created_at": _date(post.created_at),
        "trashed": post.state == "deleted",
    }


def _version(account: int, words: str, media: tuple[str, ...]) -> dict[str, Any]:
    content = [{"body": words, "media": [{"id": m, "name": f"{m}.jpg"} for m in media], "url": ""}]
    return {"account_id": account, "is_original": account == 0, "content": content, "options": {}}


def _date(at: datetime | None) -> str | None:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S}" if at else None


def _instant(given: Any) -> datetime:
    """A time on the site's own clock, in UTC."""
    try:
        return datetime.fromisoformat(str(given)).replace(tzinfo=LONDON).astimezone(UTC)
    except ValueError:
        raise _invalid("schedule_at", "The schedule at field must be a valid date.") from None

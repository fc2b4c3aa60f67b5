"""The shapes of Graph answers: fields, pages, cursors, times, tokens and errors, shared by Meta's platforms.

Played as of 30 November 2026. Documented: the fields of /debug_token, the batch (the batch guide: up to 50, `null` for
what it did not come to; the call as facebook-business 26.0.3 makes it), and that `GET /?ids=` ended on 27 October 2026
in every version (Meta's announcement of 29 July 2026). Secondary source: its answer, HTTP 500 with code 100, and the
usage headers. Not verified: its wording, that a token may inspect itself. Of a batch only readings are served.

`world.memo["batch leaves out"]` is a set of ids that a batch answers with `null`; `world.memo["graph refuses"]` gives
the error body (code, message, perhaps is_transient) that reading such a post meets, by its id.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar
from urllib.parse import parse_qsl, unquote, urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from freeze.sandbox._core.posts import Account, Post
from freeze.sandbox._core.replies import BadBody, fields_of, paginate, reply
from freeze.sandbox._core.world import World

T = TypeVar("T")

NAME = "facebook"
SYSTEM_USER = "5550001"
TASKS = ["ADVERTISE", "ANALYZE", "CREATE_CONTENT", "MANAGE", "MESSAGING", "MODERATE"]
POST_FIELDS = {
    "id", "message", "scheduled_publish_time", "created_time", "updated_time", "status_type", "permalink_url",
    "application", "admin_creator", "promotion_status", "is_published", "is_hidden", "from", "full_picture", "link",
    "attachments", "story", "is_eligible_for_promotion",
}  # fmt: skip
PAGE_FIELDS = {
    "id", "name", "username", "about", "bio", "description", "category", "link", "hours", "temporary_status",
    "access_token", "tasks", "is_published",
}  # fmt: skip


class No(Exception):
    """A refusal, with its Graph error body."""

    def __init__(self, code: int, message: str, *, status: int = 400, subcode: int = 0, kind: str = "") -> None:
        super().__init__(message)
        self.body = {"message": message, "type": kind or "OAuthException", "code": code, "fbtrace_id": "A1sandbox"}
        if subcode:
            self.body["error_subcode"] = subcode
        self.status = status


Answer = Callable[[Request, list[str], dict[str, Any]], Response]
MOST_IN_BATCH = 50
_VERSION = re.compile(r"v\d+\.\d+")


def served(answer: Answer, world: World) -> list[Route]:
    """Every path below a platform of Meta's, with or without a version: `answer(request, parts, fields)`."""

    async def answered(request: Request) -> Response:
        try:
            given = await fields_of(request)
            return _answered(request, request.path_params["path"], given, answer, world)
        except No as no:
            return error(no)
        except BadBody as e:
            return error(No(100, f"(#100) {e}"))

    served_by: Callable[[Request], Awaitable[Response]] = answered
    return [Route("/{path:path}", served_by, methods=["GET", "POST", "DELETE"])]


def _answered(request: Request, path: str, given: dict[str, Any], answer: Answer, world: World) -> Response:
    parts = [unquote(p) for p in path.split("/") if p]
    if parts and _VERSION.fullmatch(parts[0]):
        parts = parts[1:]
    if not parts and "batch" in given and request.method == "POST":
        return _batch(request, given, answer, world)
    if not parts and "ids" in given:
        raise No(100, "(#100) The ids parameter is deprecated", status=500)
    told = world.memo.get("graph refuses", {}).get(parts[0]) if len(parts) == 1 and request.method == "GET" else None
    if told is not None:
        no = No(told["code"], told["message"], status=told.get("status", 400), subcode=told.get("error_subcode", 0))
        no.body |= {name: value for name, value in told.items() if name != "status"}
        raise no
    return answer(request, parts, given)


def unknown_path(parts: list[str]) -> No:
    """What Graph says of a path it does not have."""
    return No(2500, f"Unknown path components: /{'/'.join(parts)}")


def bearer(request: Request, given: Mapping[str, Any]) -> str:
    """The token of a request, from its fields or its header. Raises No where there is none."""
    token = str(given.get("access_token", ""))
    scheme, _, credential = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() in ("bearer", "oauth"):
        token = token or credential.strip()
    if not token:
        raise No(2500, "An active access token must be used to query information about the current user.")
    return token


def bad_token() -> No:
    """What Graph says of a token it does not know."""
    return No(190, "Invalid OAuth access token - Cannot parse access token", status=401)


def expired() -> Response:
    """A token that is no longer good (code 190)."""
    message = "Error validating access token: Session has expired on Monday, 01-Jan-24 00:00:00 PST."
    return error(No(190, message, status=401, subcode=463))


def problem(
    status: int, _: float | None, busy: int = 4, message: str = "Application request limit reached"
) -> Response:
    """A rate limit (code `busy`) for 429, otherwise the transient error (code 2)."""
    if status == 429:
        return error(No(busy, f"(#{busy}) {message}", status=status))
    no = No(2, "An unexpected error has occurred. Please retry your request later.", status=status)
    return reply({"error": no.body | {"is_transient": True}}, status)


def listed(
    request: Request,
    world: World,
    name: str,
    given: Mapping[str, Any],
    items: list[T],
    key: Callable[[T], str],
    show: Callable[[T], dict[str, Any]],
    token: str,
) -> dict[str, Any]:
    """One page of an edge, with its cursors and the address of the next, which holds the token."""
    try:
        limit = max(1, min(100, int(given.get("limit", 25))))
    except ValueError:
        raise No(100, "(#100) Param limit must be an integer") from None
    start = position(str(given["after"]), [key(i) for i in items]) if "after" in given else 0
    paged = paginate(request, world, name, items, start, limit)
    body: dict[str, Any] = {"data": [show(i) for i in paged.items]}
    if paged.items:
        first, last = cursor(start, key(paged.items[0])), cursor(start + len(paged.items), key(paged.items[-1]))
        body["paging"] = {"cursors": {"before": first, "after": last}}
        if paged.more:
            query = {k: v for k, v in given.items() if k not in ("after", "access_token")}
            query |= {"access_token": token, "limit": limit, "after": last}
            body["paging"]["next"] = f"{request.url.replace(query='')}?{urlencode(query)}"
    return body


def _batch(request: Request, given: Mapping[str, Any], answer: Answer, world: World) -> Response:
    """Up to 50 readings in one call, each with a status and a body of its own."""
    try:
        asked = [(str(a["method"]), str(a["relative_url"])) for a in json.loads(given["batch"])]
    except (ValueError, TypeError, KeyError):
        raise No(100, "(#100) Param batch must be an array of requests") from None
    if len(asked) > MOST_IN_BATCH:
        raise No(100, f"(#100) Too many requests in batch message. Maximum batch size is {MOST_IN_BATCH}")
    if all(method == "GET" for method, _ in asked):
        world.calls.only_read(request.scope["call"])
    left_out = world.memo.get("batch leaves out", ())
    results: list[dict[str, Any] | None] = []
    for method, address in asked:
        path, _, query = address.lstrip("/").partition("?")
        if unquote(path) in left_out:
            results.append(None)
            continue
        scope = {**request.scope, "method": method, "query_string": query.encode()}
        fields = dict(parse_qsl(query)) | {"access_token": given.get("access_token", "")}
        try:
            if method != "GET":
                raise No(100, "Only readings are served in a batch here.")
            done = _answered(Request(scope), path, fields, answer, world)
        except No as no:
            done = error(no)
        headers = [{"name": name, "value": value} for name, value in done.headers.items()]
        results.append({"code": done.status_code, "headers": headers, "body": bytes(done.body).decode()})
    return reply(results, headers=usage())


def token_data(world: World, name: str, known: bool, scopes: list[str], **more: Any) -> dict[str, Any]:
    """What /debug_token says of a token. `world.memo["<name> token"]` changes single fields of it, for a test."""
    if not known:
        no = {"code": 190, "message": "Invalid OAuth access token."}
        return {"data": {"is_valid": False, "error": no, "scopes": []}}
    data = {"type": "SYSTEM_USER", "application": "Freeze Guard", "is_valid": True, "issued_at": 1_662_000_000}
    data |= {"expires_at": 0, "data_access_expires_at": 0, "scopes": scopes, "user_id": SYSTEM_USER, **more}
    return {"data": data | world.memo.get(f"{name} token", {})}


def usage(business: str = "", kind: str = "pages") -> dict[str, str]:
    """The usage headers of an answer."""
    app = {"call_count": 1, "total_cputime": 1, "total_time": 1}
    found = {"X-App-Usage": json.dumps(app)}
    if business:
        use = {business: [{"type": kind, **app, "estimated_time_to_regain_access": 0}]}
        found["X-Business-Use-Case-Usage"] = json.dumps(use)
    return found


def page_token(page: str) -> str:
    """The token for one page, as /me/accounts gives it."""
    return f"sandbox-page-{page}"


def post_node(post: Post, wanted: list[str], world: World) -> dict[str, Any]:
    """The wanted fields of a post; one that has no value is left out, as Graph does."""
    page = world.account(NAME, post.account)
    scheduled = post.state == "scheduled"
    shown_at = post.published_at or post.created_at
    picture = post.media[0] if post.media else None
    node = {
        "id": post.id,
        "message": post.text,
        "created_time": offset(shown_at),
        "updated_time": offset(post.modified_at),
        "is_published": not scheduled,
        "is_hidden": False,
        "is_eligible_for_promotion": True,
        "status_type": "added_photos" if picture else "mobile_status_update",
        "permalink_url": f"https://www.facebook.com/{post.id.replace('_', '/posts/')}",
        "application": {"id": post.app, "name": post.app_name} if post.app else None,
        "admin_creator": {"id": SYSTEM_USER, "name": post.author} if post.author else None,
        "promotion_status": "active" if post.boosted else "inactive",
        "from": {"id": post.account, "name": page.name if page else ""},
        "scheduled_publish_time": int(post.publish_at.timestamp()) if scheduled and post.publish_at else None,
        "full_picture": picture,
        "link": post.link or None,
        "attachments": {"data": [{"media": {"image": {"src": m}}, "type": "photo"} for m in post.media]}
        if post.media
        else None,
    }
    return {name: node[name] for name in wanted if node.get(name) is not None}


def page_node(account: Account, wanted: list[str]) -> dict[str, Any]:
    """The wanted fields of a page."""
    node = {
        "id": account.id,
        "name": account.name,
        "username": account.handle.lstrip("@"),
        "about": account.about,
        "bio": account.about,
        "description": account.about,
        "category": "Government organisation",
        "link": f"https://www.facebook.com/{account.id}",
        "access_token": page_token(account.id),
        "tasks": TASKS,
        "is_published": True,
    }
    return {name: node[name] for name in wanted if name in node}


def fields(given: Mapping[str, Any], default: str, known: set[str], kind: str) -> list[str]:
    """The top-level names in `fields`, `id` always among them. Raises No for one that does not exist."""
    text = re.sub(r"\{[^{}]*\}|\.[a-z]+\([^)]*\)", "", str(given.get("fields") or default))
    names = [f.strip() for f in text.split(",") if f.strip()]
    for name in names:
        if name not in known:
            raise No(100, f"(#100) Tried accessing nonexisting field ({name}) on node type ({kind})")
    return [*names, *([] if "id" in names else ["id"])]


def cursor(place: int, last: str) -> str:
    """A cursor naming the item it stands behind, and its position."""
    return base64.urlsafe_b64encode(f"{place}:{last}".encode()).decode().rstrip("=")


def position(given: str, ids: list[str]) -> int:
    """Where a cursor leads: behind the item it names; where that has gone, to the position it had."""
    try:
        place, _, last = base64.urlsafe_b64decode(given + "=" * (-len(given) % 4)).decode().partition(":")
        return ids.index(last) + 1 if last in ids else min(int(place), len(ids))
    except ValueError:
        raise No(100, "(#100) Invalid cursor") from None


def unix(text: Any, name: str) -> datetime | None:
    """A time given as unix seconds or ISO 8601 (UTC where it has no zone). Raises No for anything else."""
    if text is None or text == "":
        return None
    try:
        return datetime.fromtimestamp(int(text), UTC)
    except (ValueError, OverflowError):
        pass
    try:
        at = datetime.fromisoformat(str(text))
    except ValueError:
        raise No(100, f"(#100) Param {name} must be a valid timestamp") from None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def offset(at: datetime | None) -> str | None:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S+0000}" if at else None


def missing(node: str) -> No:
    """What Graph says of anything a token may not see, whether or not it exists."""
    return No(
        100,
        f"Unsupported get request. Object with ID '{node}' does not exist, cannot be loaded due to missing permissions,"
        " or does not support this operation",
        subcode=33,
        kind="GraphMethodException",
    )


def error(no: No) -> Response:
    """A refusal as an answer."""
    headers = {"WWW-Authenticate": 'OAuth "Facebook Platform" "invalid_token"'} if no.body["code"] == 190 else {}
    return reply({"error": no.body}, no.status, headers)

"""WordPress, as its core REST API is documented (WP-API/docs) and as wp_insert_post decides between future and publish.

Documented: /wp-json/wp/v2 with an application password, `status`, `context`, `per_page` up to 100, the X-WP-Total
headers, capabilities in the edit context of /users/me, settings for administrators only, `date` in the site's own time
without an offset and `date_gmt` beside it, that a post set to `future` less than 60 seconds ahead is published, that a
draft keeps its date, that deleting moves to the bin, and no rate limit.
Measured on WordPress 6.1.9, 30 November 2026: the events by which posts are published are one row, which every save
reads, and writes whole a moment later without a lock, so of two saves at once the later one undoes the event of the
other; a post without its event stays `future` for good, and the REST API shows nothing of it; any save that leaves a
post scheduled writes its event anew; an overdue post is published by the next visit and by any save that does not also
give it another status, keeping its date and its `modified`.
Not verified, and assumed here: the body for missing rights. This site has a visitor at every moment, unless
`world.memo["wordpress unvisited"]` is true: then a visit is `GET /`. `world.memo["wordpress save takes"]` is how many
seconds lie between a save's reading and writing of the events.
"""

from __future__ import annotations

import asyncio
import base64
import html
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from freeze.sandbox._core.posts import Post
from freeze.sandbox._core.replies import BadBody, fields_of, paginate, reply
from freeze.sandbox._core.world import LONDON, World, pretended

NAME = "wordpress"
USER = "freeze-guard"
PASSWORD = "sand boxx pass word only here"  # noqa: S105 - opens nothing but this simulator
ACCOUNT = "site"
AT_ONCE = timedelta(seconds=60)
API = "/wp-json/wp/v2"
STATUS = {
    "scheduled": "future",
    "pending_approval": "pending",
    "draft": "draft",
    "published": "publish",
    "deleted": "trash",
}
STATE = {status: state for state, status in STATUS.items()} | {"private": "published"}
ROLE = "wordpress.role"
"""The key in `world.memo` for another role of the user than administrator."""
EDITOR = ("read", "edit_posts", "edit_others_posts", "edit_published_posts", "publish_posts", "unfiltered_html")
RIGHTS = {
    "administrator": (*EDITOR, "manage_options"),
    "editor": EDITOR,
    "author": ("read", "edit_posts", "publish_posts"),
}
EVENTS, UNVISITED, TAKES = "wordpress events", "wordpress unvisited", "wordpress save takes"
ORDERINGS = ("date", "id", "modified", "include", "title")


class _No(Exception):
    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code = status, code


def expired() -> Response:
    """A password that is no longer good."""
    message = "The provided password is an invalid application password."
    return _error(_No(401, "incorrect_password", message))


def problem(status: int, _: float | None) -> Response:
    """The error body for any other status."""
    return _error(_No(status, "internal_server_error", "There has been a critical error on this website."))


def routes(world: World) -> list[Route]:
    """The paths below /wordpress."""
    site = _Site(world)
    world.forgets[NAME] = site.forgets

    def guarded(answer: Any) -> Any:
        async def answered(request: Request) -> Response:
            try:
                known = _known(request)
                result: Response = await answer(request, known)
            except _No as no:
                return _error(no)
            except BadBody as e:
                return _error(_No(400, "rest_invalid_json", str(e)))
            return result

        return answered

    writes = ["POST", "PUT", "PATCH"]
    return [
        Route("/", site.visited),
        Route("/wp-json/", guarded(site.index)),
        Route(f"{API}/posts", guarded(site.listing)),
        Route(f"{API}/posts", guarded(site.create), methods=["POST"]),
        Route(f"{API}/posts/{{id:int}}", guarded(site.single)),
        Route(f"{API}/posts/{{id:int}}", guarded(site.update), methods=writes),
        Route(f"{API}/posts/{{id:int}}", guarded(site.bin), methods=["DELETE"]),
        Route(f"{API}/settings", guarded(site.settings)),
        Route(f"{API}/users/me", guarded(site.me)),
    ]


class _Site:
    def __init__(self, world: World) -> None:
        self.world = world

    def forgets(self, post: Post) -> bool:
        """Whether a post whose time has come stays where it is: nobody visits the site, or its event was undone."""
        return bool(self.world.memo.get(UNVISITED)) or not self.has_event(post)

    def has_event(self, post: Post) -> bool:
        """What `wp_next_scheduled` says; a post that no save here has touched has its event."""
        return bool(self.world.memo.get(EVENTS, {}).get(post.id, True))

    async def visited(self, _: Request) -> Response:
        """Somebody looks at the home page, and with it the site publishes what is overdue."""
        for post in self.world.posts(NAME, states=["scheduled"]):
            if post.publish_at and post.publish_at <= self.world.now() and self.has_event(post):
                self.world.publish(post)
        return Response("<title>News</title>", media_type="text/html")

    async def index(self, _request: Request, _known: bool) -> Response:
        site = self.world.account(NAME, ACCOUNT)
        name = site.name if site else "Anyshire"
        zone = {"gmt_offset": "0", "timezone_string": "Europe/London"}
        return reply({"name": name, "description": site.about if site else "", **zone, "namespaces": ["wp/v2"]})

    async def listing(self, request: Request, known: bool) -> Response:
        q = request.query_params
        edit = _edit_context(request, known)
        posts = self._matching(q, known)
        size, number = _number(q, "per_page", 10), _number(q, "page", 1, 1_000_000)
        if "include" in q:
            pages = -(-len(posts) // size)
            body = [_shown(p, edit, request) for p in posts[(number - 1) * size : number * size]]
            total = len(posts)
        else:
            paged = paginate(request, self.world, NAME, posts, (number - 1) * size, size)
            body = [_shown(p, edit, request) for p in paged.items]
            total, pages = paged.total, -(-paged.total // size)
        if number > max(pages, 1):
            message = "The page number requested is larger than the number of pages available."
            raise _No(400, "rest_post_invalid_page_number", message)
        return reply(body, headers={"X-WP-Total": str(total), "X-WP-TotalPages": str(pages)})

    def _matching(self, q: Mapping[str, str], known: bool) -> list[Post]:
        wanted = [s.strip() for s in q.get("status", "publish").split(",")]
        allowed = {*STATUS.values(), "private", "any", "auto-draft"}
        if not set(wanted) <= allowed or (not known and wanted != ["publish"]):
            raise _No(400, "rest_invalid_param", "Invalid parameter(s): status")
        if "any" in wanted:
            wanted = ["future", "pending", "draft", "publish"]
        posts = self.world.posts(NAME, states={STATE[s] for s in wanted if s in STATE})
        if include := q.get("include"):
            ids = include.split(",")
            posts = [p for p in posts if p.id in ids]
        for name in ("after", "before"):
            if text := q.get(name):
                edge = _moment(text, name, LONDON)
                posts = [p for p in posts if (_date(p) > edge if name == "after" else _date(p) < edge)]
        orderby, order = q.get("orderby", "date"), q.get("order", "desc")
        if orderby not in ORDERINGS or order not in ("asc", "desc"):
            raise _No(400, "rest_invalid_param", "Invalid parameter(s): orderby")
        keys: dict[str, Any] = {
            "date": lambda p: (_date(p), int(p.id)),
            "id": lambda p: int(p.id),
            "modified": lambda p: (p.modified_at, int(p.id)),
            "title": lambda p: p.title,
            "include": lambda p: q.get("include", "").split(",").index(p.id) if "include" in q else int(p.id),
        }
        return sorted(posts, key=keys[orderby], reverse=order == "desc" and orderby != "include")

    async def single(self, request: Request, known: bool) -> Response:
        edit = _edit_context(request, known)
        post = self._post(request)
        if post.state != "published" and not known:
            raise _No(401, "rest_forbidden", "Sorry, you are not allowed to do that.")
        return reply(_shown(post, edit, request))

    async def create(self, request: Request, known: bool) -> Response:
        _must(known, "rest_cannot_create", "Sorry, you are not allowed to create posts as this user.")
        given = await fields_of(request)
        now = self.world.now()
        made = Post(NAME, ACCOUNT, self.world.new_id(NAME), "draft", now.replace(microsecond=0), "", author="1")
        return reply(_shown(await self._save(self.world.add(made), {"status": "draft", **given}), True, request), 201)

    async def update(self, request: Request, known: bool) -> Response:
        post = self._post(request)
        request.scope["call"].post = post.id
        _must(known, "rest_cannot_edit", "Sorry, you are not allowed to edit this post.")
        return reply(_shown(await self._save(post, await fields_of(request)), True, request))

    async def bin(self, request: Request, known: bool) -> Response:
        post = self._post(request)
        _must(known, "rest_cannot_delete", "Sorry, you are not allowed to delete this post.")
        if post.state == "deleted":
            raise _No(410, "rest_already_trashed", "The post has already been deleted.")
        return reply(_shown(self.world.delete(post), True, request))

    async def settings(self, _: Request, known: bool) -> Response:
        _must(known, "rest_forbidden", "Sorry, you are not allowed to do that.")
        if self.world.memo.get(ROLE, "administrator") != "administrator":
            raise _No(403, "rest_forbidden", "Sorry, you are not allowed to do that.")
        site = self.world.account(NAME, ACCOUNT)
        return reply(
            {
                "title": html.escape(site.name if site else "Anyshire"),
                "description": html.escape(site.about if site else ""),
                "timezone": "Europe/London",
            }
        )

    async def me(self, request: Request, known: bool) -> Response:
        _must(known, "rest_not_logged_in", "You are not currently logged in.")
        user: dict[str, Any] = {"id": 1, "name": "Freeze Guard", "slug": USER}
        if _edit_context(request, known):
            role = self.world.memo.get(ROLE, "administrator")
            user |= {"username": USER, "roles": [role], "capabilities": dict.fromkeys(RIGHTS[role], True)}
        return reply(user)

    def _post(self, request: Request) -> Post:
        post = self.world.get(NAME, str(request.path_params["id"]))
        if post is None:
            raise _No(404, "rest_post_invalid_id", "Invalid post ID.")
        return post

    async def _save(self, post: Post, given: Mapping[str, Any]) -> Post:
        """Save a post, and the row of events as it was read before, with this post's own event as it is now."""
        events = dict(self.world.memo.get(EVENTS, {}))
        await asyncio.sleep(self.world.memo.get(TAKES, 0.0))
        saved = self._write(post, given)
        if not pretended():
            self.world.memo[EVENTS] = events | {post.id: saved.state == "scheduled"}
        return saved

    def _write(self, post: Post, given: Mapping[str, Any]) -> Post:
        changes: dict[str, Any] = {}
        if "title" in given:
            changes["title"] = _raw(given["title"])
        if "content" in given:
            changes["text"] = _raw(given["content"])
        if "featured_media" in given:
            media = int(given["featured_media"])
            changes["media"] = (str(media),) if media else ()
        status = str(given.get("status", STATUS[post.state]))
        if status not in STATE:
            raise _No(400, "rest_invalid_param", "Invalid parameter(s): status")
        at = _date(post)
        if given.get("date_gmt"):
            at = _moment(given["date_gmt"], "date_gmt", UTC)
        elif given.get("date"):
            at = _moment(given["date"], "date", LONDON)
        changes["publish_at"] = at
        # wp_insert_post decides between the two by the date alone, whichever was asked for.
        if status in ("future", "publish"):
            status = "future" if at - self.world.now() >= AT_ONCE else "publish"
        if status == "publish":
            out = self.world.change(post, **changes)
            return out if out.state == "published" else self.world.publish(out)
        return self.world.change(post, state=STATE[status], published_at=None, **changes)


def _date(post: Post) -> datetime:
    return post.publish_at or post.published_at or post.created_at or datetime.min.replace(tzinfo=UTC)


def _shown(post: Post, edit: bool, request: Request) -> dict[str, Any]:
    at, modified = _date(post), post.modified_at or _date(post)
    body = {
        "id": int(post.id),
        "date": _bare(at.astimezone(LONDON)),
        "date_gmt": _bare(at),
        "guid": {"rendered": f"https://news.anyshire.example/?p={post.id}"},
        "modified": _bare(modified.astimezone(LONDON)),
        "modified_gmt": _bare(modified),
        "slug": "",
        "status": STATUS[post.state],
        "type": "post",
        "link": f"https://news.anyshire.example/?p={post.id}",
        "title": {"rendered": post.title},
        "content": {"rendered": post.text, "protected": False},
        "author": int(post.author or 1),
        "featured_media": int(post.media[0]) if post.media else 0,
        "sticky": False,
        "format": "standard",
        "meta": {},
        "categories": [1],
        "tags": [],
    }
    if edit:
        body["title"] = {"raw": post.title, "rendered": post.title}
        body["content"] = {"raw": post.text, "rendered": post.text, "protected": False, "block_version": 0}
    if wanted := request.query_params.get("_fields"):
        names = {f.strip().partition(".")[0] for f in wanted.split(",")}
        body = {k: v for k, v in body.items() if k in names}
    return body


def _known(request: Request) -> bool:
    header = request.headers.get("authorization", "")
    if not header:
        return False
    try:
        user, _, password = base64.b64decode(header.removeprefix("Basic ")).decode().partition(":")
    except ValueError:
        user, password = "", ""
    if user != USER:
        raise _No(401, "invalid_username", "Unknown username. Check again or try your email address.")
    if password.replace(" ", "") != PASSWORD.replace(" ", ""):
        raise _No(401, "incorrect_password", "The provided password is an invalid application password.")
    return True


def _edit_context(request: Request, known: bool) -> bool:
    edit = request.query_params.get("context", "view") == "edit"
    _must(known or not edit, "rest_forbidden_context", "Sorry, you are not allowed to edit posts in this post type.")
    return edit


def _must(allowed: bool, code: str, message: str) -> None:
    if not allowed:
        raise _No(401, code, message)


def _number(q: Mapping[str, str], name: str, default: int, most: int = 100) -> int:
    text = q.get(name, str(default))
    if not text.isdigit() or not 1 <= int(text) <= most:
        raise _No(400, "rest_invalid_param", f"Invalid parameter(s): {name}")
    return int(text)


def _moment(text: Any, name: str, zone: Any) -> datetime:
    try:
        at = datetime.fromisoformat(str(text))
    except ValueError:
        raise _No(400, "rest_invalid_param", f"Invalid parameter(s): {name}") from None
    return (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC)


def _bare(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%S}"


def _raw(text: Any) -> str:
    return str(text["raw"] if isinstance(text, dict) and "raw" in text else text)


def _error(no: _No) -> Response:
    return reply({"code": no.code, "message": str(no), "data": {"status": no.status}}, no.status)

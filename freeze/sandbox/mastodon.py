"""A Mastodon server, as its API is documented, with what the server's source adds (ScheduledStatus, its two workers).

Documented: the paths and bodies, `max_id`/`since_id`/`min_id` and the Link header, 40 to a page at most, the 422 for a
time less than 5 minutes ahead, the limits of calls and their headers, that `source.note` is the plain description.
By the server's source: 300 scheduled posts in all and 25 on one UTC date, both counted again on every change and both
counting the changed post itself; that a post due within 5 minutes is already queued, goes out at the time it had then,
and stops only when it is deleted; that a published status has an id of its own and the scheduled one is gone.
Secondary source: that a new post with a time in the past is published at once.
Not verified, and assumed here: the exact words of the errors about the two caps.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from freeze.sandbox._core.posts import Account, Post
from freeze.sandbox._core.replies import BadBody, fields_of, instant, paginate, reply
from freeze.sandbox._core.world import World

NAME = "mastodon"
TOKEN = "sandbox-mastodon-token"  # noqa: S105 - opens nothing but this simulator; it is the first account's
SOONEST = timedelta(minutes=5)
TOTAL, DAILY = 300, 25
CALLS, PERIOD = 300, 300
SPENT = "mastodon.calls"
"""The key in `world.memo` for how many calls each token made, and in which five minutes."""
CARRIED = ("in_reply_to_id", "visibility", "language", "spoiler_text", "quoted_status_id", "quote_approval_policy")


class _No(Exception):
    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


def expired() -> Response:
    """A token that is no longer good."""
    return reply({"error": "The access token is invalid"}, 401)


def problem(status: int, _: float | None) -> Response:
    """Too many requests for 429, otherwise the server's plain words."""
    return reply({"error": "Too many requests" if status == 429 else "Something went wrong on our end"}, status)


def token_of(account: str) -> str:
    """The token of one account of the sandbox, where it is not the first."""
    return f"{TOKEN}-{account}"


def status_id(post: Post) -> str:
    """The id that a published post has as a status: a number that grows with its time."""
    assert post.published_at is not None
    return str((int(post.published_at.timestamp() * 1000) << 16) + post.order % 65_536)


def routes(world: World) -> list[Route]:
    """The paths below /mastodon."""
    api = _Api(world)

    def route(path: str, method: str, answer: Callable[[Request, Account], Any]) -> Route:
        async def answered(request: Request) -> Response:
            headers: Mapping[str, str] = {}
            try:
                me = api.owner(request)
                headers, full = api.admitted(me)
                if full:
                    raise _No(429, "Too many requests")
                request.state.given = await fields_of(request)
                found = answer(request, me)
                response = found if isinstance(found, Response) else reply(found)
            except _No as no:
                response = reply({"error": str(no)}, no.status)
            except BadBody as e:
                response = reply({"error": str(e)}, 400)
            response.headers.update(headers)
            return response

        return Route(path, answered, methods=[method])

    one = "/api/v1/scheduled_statuses/{id}"
    return [
        route("/api/v1/accounts/verify_credentials", "GET", api.me),
        route("/api/v1/accounts/{id}/statuses", "GET", api.statuses),
        route("/api/v1/scheduled_statuses", "GET", api.scheduled),
        route(one, "GET", api.read),
        route(one, "PUT", api.move),
        route(one, "DELETE", api.cancel),
        route("/api/v1/statuses", "POST", api.create),
        route("/api/v1/statuses/{id}", "GET", api.status),
    ]


class _Api:
    def __init__(self, world: World) -> None:
        self.world = world

    def owner(self, request: Request) -> Account:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        accounts = self.world.accounts(NAME)
        for account in accounts if scheme.lower() == "bearer" else ():
            if token == token_of(account.id) or (token == TOKEN and account is accounts[0]):
                return account
        raise _No(401, "The access token is invalid")

    def admitted(self, me: Account) -> tuple[dict[str, str], bool]:
        """Count this call: the headers that tell what is left, and whether it is one too many."""
        now = self.world.now()
        period = int(now.timestamp()) // PERIOD
        spent = self.world.memo.setdefault(SPENT, {})
        began, made = spent.get(me.id, (period, 0))
        made = made + 1 if began == period else 1
        spent[me.id] = (period, made)
        ends = datetime.fromtimestamp((period + 1) * PERIOD, now.tzinfo)
        headers = {
            "X-RateLimit-Limit": str(CALLS),
            "X-RateLimit-Remaining": str(max(CALLS - made, 0)),
            "X-RateLimit-Reset": ends.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        }
        return headers, made > CALLS

    def me(self, _: Request, me: Account) -> dict[str, Any]:
        return account_node(me) | {"source": {"note": me.about, "privacy": "public", "sensitive": False, "fields": []}}

    def scheduled(self, request: Request, me: Account) -> Response:
        posts = sorted(self._waiting(me), key=lambda p: int(p.id), reverse=True)
        return self._page(request, posts, lambda p: int(p.id), scheduled_node)

    def read(self, request: Request, me: Account) -> dict[str, Any]:
        return scheduled_node(self._one(request, me))

    def move(self, request: Request, me: Account) -> dict[str, Any]:
        post = self._one(request, me)
        at = self._time(request.state.given) or _shown(post)
        self._allowed(me, at)
        if _due(post) - self.world.now() <= SOONEST:
            # Already queued by its id: the new time is stored and shown, and the post goes out when it was to.
            return scheduled_node(self.world.change(post, extra={**post.extra, "shown_at": _zulu(at)}))
        return scheduled_node(self.world.change(post, publish_at=at))

    def cancel(self, request: Request, me: Account) -> dict[str, Any]:
        self.world.delete(self._one(request, me))
        return {}

    def create(self, request: Request, me: Account) -> dict[str, Any]:
        given = request.state.given
        text = str(given.get("status", ""))
        if not text.strip():
            raise _No(422, "Validation failed: Text can't be blank")
        at, now = self._time(given), self.world.now()
        extra = {key: given[key] for key in CARRIED if key in given}
        extra["sensitive"] = str(given.get("sensitive", "")).lower() in ("1", "true")
        later = at is not None and at > now
        if at is not None and later:
            self._allowed(me, at)
        made = Post(NAME, me.id, self.world.new_id(NAME), "scheduled" if later else "draft", at, text, extra=extra)
        post = self.world.add(made)
        return scheduled_node(post) if later else status_node(self.world.publish(post, now), me)

    def status(self, request: Request, me: Account) -> dict[str, Any]:
        for post in self.world.posts(NAME, account=me.id, states=["published"]):
            if status_id(post) == request.path_params["id"]:
                return status_node(post, me)
        raise _No(404, "Record not found")

    def statuses(self, request: Request, me: Account) -> Response:
        if request.path_params["id"] != me.id:
            raise _No(404, "Record not found")
        posts = self.world.posts(NAME, account=me.id, states=["published"])
        if request.query_params.get("exclude_replies") == "true":
            posts = [p for p in posts if p.extra.get("in_reply_to_account_id") in (None, me.id)]
        if request.query_params.get("exclude_reblogs") == "true":
            posts = [p for p in posts if not p.extra.get("reblog")]
        posts.sort(key=lambda p: int(status_id(p)), reverse=True)
        return self._page(request, posts, lambda p: int(status_id(p)), lambda p: status_node(p, me))

    def _waiting(self, me: Account) -> list[Post]:
        return self.world.posts(NAME, account=me.id, states=["scheduled"])

    def _one(self, request: Request, me: Account) -> Post:
        post = self.world.get(NAME, request.path_params["id"])
        if post is None or post.state != "scheduled" or post.account != me.id:
            raise _No(404, "Record not found")
        request.scope["call"].post = post.id
        return post

    def _time(self, given: Mapping[str, Any]) -> datetime | None:
        try:
            return instant(given["scheduled_at"], "scheduled_at") if given.get("scheduled_at") else None
        except ValueError as e:
            raise _No(400, str(e)) from None

    def _allowed(self, me: Account, at: datetime) -> None:
        """What the server checks whenever a scheduled status is saved."""
        waiting = self._waiting(me)
        found = []
        if at <= self.world.now() + SOONEST:
            found.append("Scheduled at The scheduled date must be in the future")
        if len(waiting) >= TOTAL:
            found.append(f"You have exceeded the limit of {TOTAL} scheduled posts")
        if sum(_shown(p).date() == at.date() for p in waiting) >= DAILY:
            found.append(f"You have exceeded the limit of {DAILY} scheduled posts for today")
        if found:
            raise _No(422, "Validation failed: " + ", ".join(found))

    def _page(
        self, request: Request, posts: Sequence[Post], number: Callable[[Post], int], show: Callable[[Post], Any]
    ) -> Response:
        query = request.query_params
        try:
            limit = max(1, min(40, int(query.get("limit", 20))))
            below, above, after = (int(query[k]) if k in query else None for k in ("max_id", "since_id", "min_id"))
        except ValueError:
            raise _No(400, "An id or limit is not a number") from None
        left = [p for p in posts if below is None or number(p) < below]
        left = [p for p in left if above is None or number(p) > above]
        if after is not None:
            left = [p for p in left if number(p) > after][-limit:]
        page = paginate(request, self.world, NAME, left, 0, limit).items
        links = []
        if len(page) == limit:
            links.append(("next", {"limit": limit, "max_id": number(page[-1])}))
        if page:
            links.append(("prev", {"limit": limit, "min_id": number(page[0])}))
        base = request.url.replace(query="")
        link = ", ".join(f'<{base}?{urlencode(values)}>; rel="{rel}"' for rel, values in links)
        return reply([show(p) for p in page], headers={"Link": link} if link else {})


def account_node(account: Account) -> dict[str, Any]:
    """An account as everybody sees it."""
    return {
        "id": account.id,
        "username": account.handle or account.id,
        "acct": account.handle or account.id,
        "display_name": account.name,
        "note": _html(account.about),
        "url": f"https://social.anyshire.example/@{account.handle}",
    }


def scheduled_node(post: Post) -> dict[str, Any]:
    """A scheduled status."""
    params = {key: post.extra.get(key) for key in CARRIED}
    params |= {"text": post.text, "poll": post.extra.get("poll"), "sensitive": post.extra.get("sensitive")}
    params |= {"media_ids": list(post.media) or None, "scheduled_at": None, "idempotency": None}
    shown = _zulu(_shown(post))
    return {"id": post.id, "scheduled_at": shown, "params": params, "media_attachments": _media(post)}


def status_node(post: Post, account: Account) -> dict[str, Any]:
    """A published status."""
    assert post.published_at is not None
    return {
        "id": status_id(post),
        "created_at": _zulu(post.published_at),
        "in_reply_to_id": post.extra.get("in_reply_to_id"),
        "in_reply_to_account_id": post.extra.get("in_reply_to_account_id"),
        "spoiler_text": post.extra.get("spoiler_text") or "",
        "visibility": post.extra.get("visibility") or "public",
        "url": f"https://social.anyshire.example/@{account.handle}/{status_id(post)}",
        "content": _html(post.text),
        "reblog": {"id": "1"} if post.extra.get("reblog") else None,
        "account": account_node(account),
        "media_attachments": _media(post),
        "application": {"name": post.app_name, "website": None} if post.app_name else None,
    }


def _due(post: Post) -> datetime:
    assert post.publish_at is not None
    return post.publish_at


def _shown(post: Post) -> datetime:
    """The time a scheduled post shows, which is not the time it goes out once it was moved too late."""
    return datetime.fromisoformat(post.extra["shown_at"]) if "shown_at" in post.extra else _due(post)


def _zulu(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"


def _media(post: Post) -> list[dict[str, Any]]:
    return [{"id": m, "type": "image", "url": f"https://files.anyshire.example/{m}.png"} for m in post.media]


def _html(text: str) -> str:
    """Plain text as Mastodon marks it up."""
    parts = html.escape(text, quote=False).split("\n\n")
    return "".join(f"<p>{part.replace(chr(10), '<br />')}</p>" for part in parts)

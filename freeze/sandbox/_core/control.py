"""The control face: what a test, a load run or a practice leader does to the simulated platforms from outside.

    GET    /_sandbox/posts[?platform=&account=&state=]   every post, oldest first (times in UTC)
    GET    /_sandbox/history[?after=N]                   every change of every post, oldest first, with its hand: {"n",
                                                         "at", "by", "call", "platform", "account", "id", "was", "now"};
                                                         by is "api", "colleague", "itself" or "seed"; and lockdowns
    GET    /_sandbox/clock                               {"now": ..., "sandbox": true}
    POST   /_sandbox/clock    {"now": ISO} | {"advance": seconds}
    GET    /_sandbox/faults   POST (see _faults.py)   DELETE[?platform=]
    GET    /_sandbox/calls    POST or DELETE forgets them
    POST   /_sandbox/edit     a colleague's hand: {"platform", "id"} and any of "text", "title", "publish_at",
                              "state", "delete": true, "publish": true; or "create": true with "account", "text",
                              "publish_at"; or {"platform", "lockdown": true|false}
    GET    /_sandbox/orlo-export.csv[?as_of=now|ISO]     an export saved from Orlo; without as_of, 14 hours old
    GET    /_sandbox/accounts.csv                        the register

A text may hold half of a surrogate pair ("\\ud83d"), as JavaScript's `slice` leaves it of an emoji, or NUL: every
platform then answers with it as it stands; an export has "?" in its place.

A bad request is answered 400 with {"error": one sentence}.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from email.utils import format_datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from freeze.sandbox._core.exports import orlo_export, register_csv, saved_export
from freeze.sandbox._core.posts import STATES, Post
from freeze.sandbox._core.replies import instant, reply, zulu
from freeze.sandbox._core.world import World

Answer = Callable[[Request], Awaitable[Response]]
EDITABLE = {"text", "title", "link", "publish_at", "state", "author", "tags"}


def routes(world: World, platforms: Mapping[str, object]) -> list[Route]:
    """The routes below /_sandbox for this world and these platforms."""

    def known(name: Any) -> str:
        if name not in platforms:
            raise ValueError(f'There is no platform "{name}" here; there are {", ".join(sorted(platforms))}.')
        return str(name)

    async def posts(request: Request) -> Response:
        q = request.query_params
        if (state := q.get("state")) and state not in STATES:
            raise ValueError(f'"{state}" is not a state; the states are {", ".join(STATES)}.')
        found = world.posts(
            known(q["platform"]) if q.get("platform") else "",
            account=q.get("account"),
            states=[state] if state else None,
        )
        if q.get("account") and not q.get("platform"):
            found = [p for name in platforms for p in world.posts(name, account=q["account"])]
            found = [p for p in found if not state or p.state == state]
        return reply([shown(p) for p in found])

    async def history(request: Request) -> Response:
        after = request.query_params.get("after", "0")
        if not after.isascii() or not after.isdigit():
            raise ValueError(f'after "{after}" is not the number of a change.')
        return reply(world.record(int(after)))

    async def clock(request: Request) -> Response:
        if request.method == "POST":
            given = await _body(request)
            if "now" in given:
                world.set_clock(instant(given["now"], "now"))
            elif isinstance(given.get("advance"), int | float):
                world.advance(given["advance"])
            else:
                raise ValueError('Give {"now": ISO date and time} or {"advance": seconds}.')
        return reply({"now": zulu(world.now()), "sandbox": True})

    async def faults(request: Request) -> Response:
        if request.method == "POST":
            given = await _body(request)
            known(given.get("platform"))
            world.faults.load(given)
        elif request.method == "DELETE":
            world.faults.clear(request.query_params.get("platform", ""))
        return reply(world.faults.to_json())

    async def calls(request: Request) -> Response:
        if request.method in ("POST", "DELETE"):
            world.calls.reset()
        return reply(world.calls.to_json())

    async def edit(request: Request) -> Response:
        given = await _body(request)
        name = known(given.get("platform"))
        if "lockdown" in given:
            world.lock(name, bool(given["lockdown"]))
            return reply({"platform": name, "lockdown": world.locked(name)})
        if given.get("create"):
            return reply(shown(_create(world, name, given)))
        post = world.get(name, str(given.get("id", "")))
        if post is None:
            raise ValueError(f'There is no post "{given.get("id", "")}" on {name}.')
        return reply(shown(_edited(world, post, given)))

    async def export(request: Request) -> Response:
        as_of = request.query_params.get("as_of")
        if as_of is None:
            at, text = saved_export(world)
        else:
            at = world.now() if as_of == "now" else instant(as_of, "as_of")
            text = orlo_export(world, at)
        return _csv(text, at)

    async def accounts(_: Request) -> Response:
        return _csv(register_csv(world), world.now())

    def guarded(answer: Answer) -> Answer:
        async def answered(request: Request) -> Response:
            try:
                return await answer(request)
            except ValueError as e:
                return reply({"error": str(e)}, 400)

        return answered

    return [
        Route("/_sandbox/posts", guarded(posts)),
        Route("/_sandbox/history", guarded(history)),
        Route("/_sandbox/clock", guarded(clock), methods=["GET", "POST"]),
        Route("/_sandbox/faults", guarded(faults), methods=["GET", "POST", "DELETE"]),
        Route("/_sandbox/calls", guarded(calls), methods=["GET", "POST", "DELETE"]),
        Route("/_sandbox/edit", guarded(edit), methods=["POST"]),
        Route("/_sandbox/orlo-export.csv", guarded(export)),
        Route("/_sandbox/accounts.csv", guarded(accounts)),
    ]


def shown(post: Post) -> dict[str, Any]:
    """A post as the control face shows it."""
    return {
        "platform": post.platform,
        "account": post.account,
        "id": post.id,
        "state": post.state,
        "publish_at": zulu(post.publish_at),
        "published_at": zulu(post.published_at),
        "text": post.text,
        "title": post.title,
        "author": post.author,
        "app": post.app,
        "network": post.network,
        "media": list(post.media),
        "boosted": post.boosted,
        "modified_at": zulu(post.modified_at),
    }


def _create(world: World, name: str, given: Mapping[str, Any]) -> Post:
    if world.account(name, str(given.get("account", ""))) is None:
        names = ", ".join(a.id for a in world.accounts(name))
        raise ValueError(f'There is no account "{given.get("account", "")}" on {name}; there are {names}.')
    state = _state(given.get("state", "scheduled"))
    at: datetime | None = instant(given["publish_at"], "publish_at") if given.get("publish_at") else None
    if state == "scheduled" and at is None:
        raise ValueError('A scheduled post needs a "publish_at".')
    return world.add(
        Post(
            platform=name,
            account=str(given["account"]),
            id=str(given.get("id") or world.new_id(name)),
            state=state,
            publish_at=at,
            text=str(given.get("text", "")),
            title=str(given.get("title", "")),
            author=str(given.get("author", "")),
            app=str(given.get("app", "")),
            app_name=str(given.get("app_name", "")),
            tags=tuple(str(t) for t in given.get("tags", ())),
            network=str(given["account"]).partition(":")[0].title() if name == "orlo" else "",
        )
    )


def _edited(world: World, post: Post, given: Mapping[str, Any]) -> Post:
    allowed = EDITABLE | {"platform", "id", "delete", "publish"}
    if unknown := sorted(set(given) - allowed):
        raise ValueError(f'An edit has no "{unknown[0]}"; it has {", ".join(sorted(allowed))}.')
    if not (EDITABLE | {"delete", "publish"}) & set(given):
        raise ValueError("Say what the colleague does: text, title, publish_at, state, delete or publish.")
    changes: dict[str, Any] = {k: given[k] for k in EDITABLE & set(given)}
    if "publish_at" in changes and changes["publish_at"] is not None:
        changes["publish_at"] = instant(changes["publish_at"], "publish_at")
    if "state" in changes:
        _state(changes["state"])
    if "tags" in changes:
        changes["tags"] = tuple(changes["tags"])
    if changes:
        post = world.change(post, **changes)
    if given.get("delete"):
        return world.delete(post)
    if given.get("publish"):
        return world.publish(post)
    return world.get(post.platform, post.id) or post


def _state(name: Any) -> str:
    if name not in STATES:
        raise ValueError(f'"{name}" is not a state; the states are {", ".join(STATES)}.')
    return str(name)


async def _body(request: Request) -> dict[str, Any]:
    try:
        given = json.loads(await request.body() or b"null")
    except ValueError:
        given = None
    if not isinstance(given, dict):
        raise ValueError("The request needs a JSON object as its body.")
    return given


def _csv(text: str, at: datetime) -> Response:
    headers = {"Last-Modified": format_datetime(at.replace(microsecond=0), usegmt=True)}
    return Response(text.encode(errors="replace"), media_type="text/csv; charset=utf-8", headers=headers)

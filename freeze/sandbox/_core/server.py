"""Serves the simulated platforms over HTTP on loopback, and does to their answers what the faults say.

Every public module of this package is a platform: `NAME`, `routes(world)`, mounted under /NAME. Two more functions may
be there: `problem(status, retry_after)` gives the platform's own error body, `expired()` its words for a bad token.
"""

from __future__ import annotations

import asyncio
import importlib
import ipaddress
import pkgutil
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from email.utils import format_datetime
from types import ModuleType, TracebackType
from typing import Any, Self

import uvicorn
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Router
from starlette.types import Message, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from freeze.sandbox._core import control
from freeze.sandbox._core.faults import KINDS, LISTING_KINDS
from freeze.sandbox._core.record import API, COLLEAGUE, hand, lagging
from freeze.sandbox._core.replies import reply
from freeze.sandbox._core.world import World, pretending

SERVER_KINDS = KINDS - LISTING_KINDS
GARBAGE = "<!DOCTYPE html><html><head><title>Welcome</title></head><body><h1>It works!</h1></body></html>"


def simulators() -> dict[str, ModuleType]:
    """Every simulated platform by name: the public modules of this package."""
    found: dict[str, ModuleType] = {}
    for info in pkgutil.iter_modules(pkgutil.resolve_name("freeze.sandbox").__path__):
        if not info.name.startswith("_"):
            module = importlib.import_module(f"freeze.sandbox.{info.name}")
            found[module.NAME] = module
    return found


class _Protocol(H11Protocol):
    """Hands each request its connection, so that a fault can drop it."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        app = self.app

        async def with_transport(scope: Any, receive: Any, send: Any) -> None:
            scope["transport"] = transport
            await app(scope, receive, send)

        self.app = with_transport


class Application:
    """The whole sandbox as one ASGI application."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.closing = asyncio.Event()
        self._modules = simulators()
        self._routers = {name: Router(module.routes(world)) for name, module in self._modules.items()}
        self._control = Router(control.routes(world, self._modules))
        self._date = (0, b"")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""

        async def dated(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), (b"date", self._dated())]
                scope["status"] = message["status"]
            await send(message)

        self.world.tick()
        name = scope["path"].split("/", 2)[1]
        if name not in self._routers:
            with hand(COLLEAGUE):
                await self._control(scope, receive, dated)
            return
        query = scope["query_string"].decode("latin-1")
        path = scope["path"] + (f"?{query}" if query else "")
        call = self.world.calls.begin(name, scope["method"], path, self.world.now())
        scope["call"] = call
        scope["root_path"] = f"/{name}"
        try:
            with (
                hand(API, call.n),
                suppress(ClientDisconnect),
            ):  # a client that died while it was still asking gets no answer
                await self._simulate(name, scope, receive, dated)
        finally:
            call.status = scope.get("status", 0)
            self.world.calls.end(call, self.world.now())

    async def _simulate(self, name: str, scope: Scope, receive: Receive, send: Send) -> None:
        app, module = self._routers[name], self._modules[name]
        struck = self.world.faults.strike(name, scope["method"], scope["path"], SERVER_KINDS)
        for fault in struck:
            if fault.kind == "slow":
                receive = await _arrived(receive)
                await self._wait(fault.latency_ms / 1000)
        answer: Response
        match next((f for f in struck if f.kind != "slow"), None):
            case None:
                await app(scope, receive, send)
                return
            case f if f.kind == "ghost_success":
                with pretending():
                    await app(scope, receive, send)
                return
            case f if f.kind == "stale":
                with lagging(f.age_s):
                    await app(scope, receive, send)
                return
            case f if f.kind == "drop_after_write":
                if scope["method"] not in ("GET", "HEAD"):
                    await app(scope, receive, _unheard)
                await _drop(scope, receive)
                return
            case f if f.kind == "timeout":
                await self._silence(scope, receive)
                return
            case f if f.kind == "garbage":
                answer = Response(GARBAGE, media_type="text/html")
            case f if f.kind == "expired_token":
                expired: Callable[[], Response] = getattr(module, "expired", _expired)
                answer = expired()
            case f:
                problem: Callable[[int, float | None], Response] = getattr(module, "problem", _problem)
                answer = problem(f.status, f.retry_after)
                if f.retry_after is not None:
                    answer.headers["Retry-After"] = f"{f.retry_after:g}"
        await Request(scope, receive).body()
        await answer(scope, receive, send)

    async def _wait(self, seconds: float) -> None:
        if seconds < 1:
            await asyncio.sleep(seconds)
            return
        try:
            await asyncio.wait_for(self.closing.wait(), seconds)
        except TimeoutError:
            return

    async def _silence(self, scope: Scope, receive: Receive) -> None:
        gone = asyncio.create_task(_gone(receive))
        stop = asyncio.create_task(self.closing.wait())
        _, left = await asyncio.wait({gone, stop}, return_when=asyncio.FIRST_COMPLETED)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        await _drop(scope, receive)

    def _dated(self) -> bytes:
        now = self.world.now()
        second = int(now.timestamp())
        if second != self._date[0]:
            self._date = (second, format_datetime(now, usegmt=True).encode())
        return self._date[1]


async def _unheard(_: Message) -> None:
    return


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _drop(scope: Scope, receive: Receive) -> None:
    scope["transport"].abort()
    await _gone(receive)


async def _arrived(receive: Receive) -> Receive:
    """Take in the whole request first: what arrived is acted on, even if its sender dies while the answer is slow."""
    messages: list[Message] = []
    while not messages or (messages[-1]["type"] == "http.request" and messages[-1].get("more_body")):
        messages.append(await receive())

    async def again() -> Message:
        return messages.pop(0) if messages else await receive()

    return again


def _problem(status: int, _: float | None) -> Response:
    return reply({"error": "Something went wrong." if status >= 500 else "Not now."}, status)


def _expired() -> Response:
    return reply({"error": "The token has expired."}, 401)


class _Uvicorn(uvicorn.Server):
    """Tells when it accepts connections, and ends answers that would never come before it waits for the rest."""

    def __init__(self, config: uvicorn.Config, ready: threading.Event, closing: asyncio.Event) -> None:
        super().__init__(config)
        self._ready, self._closing = ready, closing

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready.set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._closing.set()
        await super().shutdown(sockets)


class Serving:
    """A sandbox being served: `url` and `world`; leaving the `with` block stops it and closes every socket."""

    def __init__(self, world: World, host: str = "127.0.0.1", port: int = 0) -> None:
        self.world = world
        self._socket = _bind(host, port)
        shown = f"[{host}]" if ":" in host else host
        self.url = f"http://{shown}:{self._socket.getsockname()[1]}"
        self._ready = threading.Event()
        app = Application(world)
        self._server = _Uvicorn(
            uvicorn.Config(
                app,
                loop="asyncio",
                http=_Protocol,
                ws="none",
                lifespan="off",
                log_config=None,
                access_log=False,
                proxy_headers=False,
                server_header=False,
                date_header=False,
                timeout_keep_alive=120,
                timeout_graceful_shutdown=2,
            ),
            self._ready,
            app.closing,
        )
        self._thread = threading.Thread(target=self._run, name="sandbox", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._ready.wait()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.should_exit = True
        self._thread.join()

    def forever(self) -> None:
        """Serve in this thread until interrupted."""
        with suppress(KeyboardInterrupt):
            self._run()

    def _run(self) -> None:
        try:
            asyncio.run(self._server.serve(sockets=[self._socket]))
        finally:
            self._ready.set()
            self._socket.close()


def _bind(host: str, port: int) -> socket.socket:
    if not ipaddress.ip_address("127.0.0.1" if host == "localhost" else host).is_loopback:
        raise ValueError(f"The sandbox is served on this machine only (127.0.0.1), not on {host}.")
    # Only where the protocol is named does asyncio turn Nagle's algorithm off; left on, it adds 40 ms to every answer.
    found = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        found.bind((host, port))
    except OSError:
        found.close()
        raise
    found.listen(2048)
    return found

"""Reading one address with the standard library, bounded in whole; adapters have an HTTP client of their own."""

from __future__ import annotations

import socket
import threading
from concurrent.futures import Future
from contextlib import suppress
from typing import Any, Final

LARGEST: Final = 4 * 1024 * 1024  # bytes


def fetch(url: str, seconds: float, *, proxies: bool, most: int = LARGEST) -> bytes:
    """What an address answers, at most `most` + 1 bytes, within `seconds`. Raises OSError, HTTPException, ValueError.

    It is asked in a thread of its own, whose line is cut at the end; a name look-up cannot be, and is left behind.
    Nothing is read from a file, and no redirect leads away from https.
    """
    done: Future[bytes] = Future()
    lines: list[socket.socket] = []

    def ask() -> None:
        try:
            done.set_result(_read(url, seconds, lines, proxies=proxies, most=most))
        except Exception as e:  # noqa: BLE001 - raised again where it is waited for
            done.set_exception(e)

    threading.Thread(target=ask, name="fetch", daemon=True).start()
    try:
        return done.result(seconds)
    except TimeoutError:
        for line in lines:
            with suppress(OSError):
                socket.socket.shutdown(line, socket.SHUT_RDWR)
        raise TimeoutError("it did not answer in time") from None


def _read(url: str, seconds: float, lines: list[socket.socket], *, proxies: bool, most: int) -> bytes:
    from http.client import HTTPConnection, HTTPSConnection
    from urllib.error import HTTPError
    from urllib.request import HTTPHandler, HTTPRedirectHandler, HTTPSHandler, ProxyHandler, Request, build_opener

    class Plain(HTTPConnection):
        def connect(self) -> None:
            super().connect()
            lines.append(self.sock)

    class Secure(HTTPSConnection):
        def connect(self) -> None:
            super().connect()
            lines.append(self.sock)

    class OpensPlain(HTTPHandler):
        def http_open(self, req: Request) -> Any:
            return self.do_open(Plain, req)

    class OpensSecure(HTTPSHandler):
        def https_open(self, req: Request) -> Any:
            return self.do_open(Secure, req)

    class Safely(HTTPRedirectHandler):
        def redirect_request(self, req: Request, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> Any:
            if not newurl.startswith("https://"):
                raise ValueError("it points to an address that is not safe")
            return super().redirect_request(req, fp, code, msg, headers, newurl)

    if not url.startswith(("https://", "http://")):
        raise ValueError("it is not a web address")
    opener = build_opener(Safely, OpensPlain, OpensSecure, *(() if proxies else (ProxyHandler({}),)))
    try:
        with opener.open(url, timeout=seconds) as answer:
            raw: bytes = answer.read(most + 1)
            return raw
    except HTTPError as e:
        e.close()  # it holds the line open
        raise

"""A platform that sends something, slowly, at any stage of a call: the call ends within its time all the same."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import cycle, repeat
from pathlib import Path

import pytest

from adapters._web import deadline, http
from adapters._web.http import Client
from freeze.errors import Limited, Uncertain, Unreachable
from tests.test_http_sockets import ok, server

EVERY = 0.02  # seconds between two pieces: far less than any time-out of a socket here
HEAD = b"HTTP/1.1 200 OK\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
A_LINE = b"X-A: 1\r\n"

DRIPS = {
    "status line": (b"", cycle([b"HTTP/1.1 200 "] + [b"O"] * 10_000)),
    "header lines": (HEAD, repeat(A_LINE)),
    "one header line": (HEAD + b"X-A: ", repeat(b"1")),
    "interim answers": (b"", repeat(b"HTTP/1.1 100 Continue\r\n\r\n")),
    "body": (HEAD + b"Content-Length: 100000\r\n\r\n", repeat(b" ")),
    "body that ends with the line": (HEAD + b"Connection: close\r\n\r\n", repeat(b" ")),
    "chunk size": (CHUNKED, repeat(b"0")),
    "chunks": (CHUNKED, repeat(b"1\r\n \r\n")),
    "trailers": (CHUNKED + b"2\r\n{}\r\n0\r\n", repeat(A_LINE)),
}


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "BACKOFF", 0.0)
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def client(url: str, **options: float) -> Client:
    given = {"connect_timeout": 0.2, "timeout": 0.2, "deadline": 0.4, **options}
    return Client("orlo", url, setting="token_env", **given)


def drip(first: bytes, rest: Iterator[bytes]) -> Callable[[socket.socket], None]:
    def handle(connection: socket.socket) -> None:
        connection.sendall(first)
        while True:
            connection.sendall(next(rest))
            time.sleep(EVERY)

    return handle


@contextmanager
def within(seconds: float) -> Iterator[None]:
    started = time.monotonic()
    yield
    took = time.monotonic() - started
    assert took < seconds, f"it took {took:.1f} s"


@pytest.mark.parametrize("stage", DRIPS)
def test_a_read_ends_in_its_time_whatever_comes_slowly(stage: str) -> None:
    with server(drip(*DRIPS[stage])) as (url, _):
        c = client(url)
        with within(1.2), pytest.raises(Unreachable, match=r"in time|too slowly"):
            c.get_json("/1")
        c.close()


@pytest.mark.parametrize("stage", DRIPS)
def test_a_change_ends_in_its_time_whatever_comes_slowly_and_is_uncertain(stage: str) -> None:
    with server(drip(*DRIPS[stage])) as (url, asked):
        c = client(url)
        with within(1.2), pytest.raises(Uncertain, match=r"(in time|too slowly), after a change was sent"):
            c.send_once("POST", "/1")
        c.close()
        assert len(asked) == 1


@pytest.mark.parametrize("stage", ["status line", "header lines", "interim answers"])
def test_a_read_whose_answer_does_not_begin_is_tried_again_within_its_time(stage: str) -> None:
    slow = iter([True])

    def handle(connection: socket.socket) -> None:
        if next(slow, False):
            drip(*DRIPS[stage])(connection)
        ok(connection)

    with server(handle) as (url, asked):
        c = client(url, deadline=3.0)
        with within(2):
            assert c.get_json("/1").status == 200
        assert len(asked) == 2
        c.close()


def test_a_platform_that_takes_a_change_in_slowly_is_given_up() -> None:
    done = threading.Event()
    listening = socket.create_server(("127.0.0.1", 0))
    c = client(f"http://127.0.0.1:{listening.getsockname()[1]}")

    def sip() -> None:
        connection, _ = listening.accept()
        with connection:
            while not done.wait(EVERY) and connection.recv(1000):
                pass

    sipping = threading.Thread(target=sip)
    sipping.start()
    with within(1.5), pytest.raises(Uncertain, match="after a change was sent"):
        c.send_once("POST", "/1", body={"text": "x" * 20_000_000})
    done.set()
    c.close()
    sipping.join()
    listening.close()


@contextmanager
def raw(first: bytes, rest: Iterator[bytes], *, asks: bool) -> Iterator[int]:
    """A port at which whoever comes is sent `first` and then `rest`, slowly, after they `asks` or at once."""
    listening = socket.create_server(("127.0.0.1", 0))
    workers: list[threading.Thread] = []

    def serve(connection: socket.socket) -> None:
        with connection:
            try:
                if asks:
                    connection.recv(65536)
                drip(first, rest)(connection)
            except OSError:
                return

    def accept() -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            workers.append(threading.Thread(target=serve, args=(connection,)))
            workers[-1].start()

    accepting = threading.Thread(target=accept)
    accepting.start()
    yield listening.getsockname()[1]
    listening.shutdown(socket.SHUT_RDWR)
    listening.close()
    for t in (accepting, *workers):
        t.join()


HANDSHAKE = b"\x16\x03\x03\x40\x00"  # a record of 16 kB is to come


def test_a_handshake_that_drips_ends_in_time_and_nothing_was_sent() -> None:
    with raw(HANDSHAKE, repeat(b"\x02"), asks=True) as port:
        c = client(f"https://127.0.0.1:{port}")
        with within(1.2), pytest.raises(Limited, match="nothing was sent"):
            c.send_once("POST", "/1")
        with within(1.2), pytest.raises(Unreachable):
            c.get_json("/1")
        c.close()


@pytest.mark.parametrize(
    ("first", "rest"),
    [(b"", repeat(b"H")), (b"HTTP/1.0 200 OK\r\n", repeat(A_LINE)), (b"HTTP/1.0 200 OK\r\nX-A: ", repeat(b"1"))],
)
def test_a_proxy_that_answers_slowly_ends_in_time_and_nothing_was_sent(
    first: bytes, rest: Iterator[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    with raw(first, rest, asks=True) as port:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{port}")
        c = client("https://platform.example/api")
        with within(1.2), pytest.raises(Limited, match="nothing was sent"):
            c.send_once("POST", "/1")
        with within(1.2), pytest.raises(Unreachable, match="could not be reached"):
            c.get_json("/1")
        c.close()


def test_a_name_server_that_says_nothing_holds_up_no_call_and_is_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []
    answers = threading.Event()

    def silent(*args: object) -> list[object]:
        asked.append(args)
        answers.wait(5)
        raise socket.gaierror(socket.EAI_NONAME, "not known")

    monkeypatch.setattr(deadline.socket, "getaddrinfo", silent)
    c = client("https://platform.example/api")
    with within(1.5):
        with pytest.raises(Limited, match="could not be reached; nothing was sent"):
            c.send_once("POST", "/1")
        with pytest.raises(Unreachable, match="could not be reached"):
            c.get_json("/1")
    assert len(asked) == 1
    answers.set()
    c.close()


def test_all_addresses_of_a_name_share_the_time_to_connect(monkeypatch: pytest.MonkeyPatch) -> None:
    six = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (f"192.0.2.{i}", 443)) for i in range(6)]
    tried: list[str] = []

    def refuse(address: tuple[str, int], timeout: float, *_: object) -> socket.socket:
        tried.append(address[0])
        time.sleep(min(timeout, 0.08))
        raise ConnectionRefusedError("no")

    monkeypatch.setattr(deadline.socket, "getaddrinfo", lambda *_: six)
    monkeypatch.setattr(deadline, "create_connection", refuse)
    c = client("https://six.platform.example/api")
    with within(0.6), pytest.raises(Limited, match="could not be reached; nothing was sent"):
        c.send_once("POST", "/1")
    assert 2 <= len(tried) < 6
    c.close()


def test_the_next_call_after_a_slow_one_is_made_on_a_line_of_its_own() -> None:
    slow = iter([True])

    def handle(connection: socket.socket) -> None:
        if next(slow, False):
            drip(*DRIPS["chunks"])(connection)
        ok(connection)

    with server(handle) as (url, asked):
        c = client(url)
        with pytest.raises(Uncertain):
            c.send_once("POST", "/1")
        assert c.send_once("POST", "/2").status == 200
        assert c.send_once("POST", "/3").status == 200
        assert len(asked) == 3
        c.close()


def test_whoever_waits_for_a_free_line_waits_no_longer_than_its_own_time() -> None:
    with server(drip(*DRIPS["chunks"])) as (url, asked):
        c = Client("orlo", url, setting="token_env", connect_timeout=0.2, timeout=0.8, deadline=0.3, pool=1)
        with ThreadPoolExecutor(1) as other:
            hanging = other.submit(c.send_once, "POST", "/1")
            while not asked:
                time.sleep(0.005)
            with within(0.8), pytest.raises(Unreachable):
                c.get_json("/2")
            with pytest.raises(Uncertain):
                hanging.result()
        assert len(asked) == 1
        c.close()


def _lines() -> int:
    """How many handles this process has open."""
    return len(list(Path("/proc/self/fd").iterdir()))


def test_calls_that_end_in_time_leave_no_line_open_and_none_cut() -> None:
    with server(ok) as (url, _):
        before = _lines()
        c = client(url)
        for i in range(200):
            assert c.send_once("POST", f"/{i}").status == 200
        time.sleep(0.5)  # past the time of every one of them
        assert c.send_once("POST", "/after").status == 200
        c.close()
        time.sleep(0.05)
        assert _lines() <= before


def test_many_slow_calls_each_end_at_their_own_time() -> None:
    with server(drip(*DRIPS["header lines"])) as (url, _):
        c = client(url)
        with within(2), ThreadPoolExecutor(16) as together:
            for call in [together.submit(c.send_once, "POST", f"/{i}") for i in range(16)]:
                with pytest.raises(Uncertain, match="in time"):
                    call.result()
        c.close()

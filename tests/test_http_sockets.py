"""The HTTP client against real sockets: dropped, silent, trickling and cut-off connections, sixteen at once."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from adapters import _http
from adapters._http import Client
from freeze.errors import Limited, Uncertain, Unreachable

URL = "https://platform.example/api"
SECRET = "s3cr3t/t0ken+value"
DATE = "Thu, 08 Sep 2022 17:40:00 GMT"


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_http, "BACKOFF", 0.0)


def client(url: str, **options: float) -> Client:
    return Client("orlo", url, setting="token_env", **{"timeout": 0.5, **options})


@contextmanager
def server(handle: Callable[[socket.socket], None]) -> Iterator[tuple[str, list[bytes]]]:
    """A server on loopback that hands each connection to `handle`; gives its address and what was asked of it."""
    asked: list[bytes] = []
    listening = socket.create_server(("127.0.0.1", 0))
    workers: list[threading.Thread] = []

    def serve(connection: socket.socket) -> None:
        with connection:
            connection.settimeout(5)
            try:
                while request := _request(connection):
                    asked.append(request)
                    handle(connection)
            except OSError:
                return

    def accept() -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            worker = threading.Thread(target=serve, args=(connection,))
            worker.start()
            workers.append(worker)

    accepting = threading.Thread(target=accept)
    accepting.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}", asked
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        accepting.join()
        for worker in workers:
            worker.join()


def _request(connection: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        part = connection.recv(65536)
        if not part:
            return b""
        data += part
    return data


def ok(connection: socket.socket, body: bytes = b"{}") -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))


def test_a_connection_that_was_kept_and_dropped_is_never_used_for_a_second_try() -> None:
    answered = threading.Event()

    def handle(connection: socket.socket) -> None:
        if not answered.is_set():
            answered.set()
            ok(connection)
        else:
            connection.shutdown(socket.SHUT_RDWR)

    with server(handle) as (url, asked):
        c = client(url)
        c.send_once("POST", "/1")
        with pytest.raises(Uncertain, match="broke off"):
            c.send_once("POST", "/2")
        c.close()
        assert [line.split()[1] for line in asked] == [b"/1", b"/2"]


def test_a_silent_platform_is_given_up_and_a_write_to_it_is_uncertain() -> None:
    done = threading.Event()
    with server(lambda connection: done.wait(5) and None) as (url, asked):
        c = client(url, timeout=0.2)
        started = time.monotonic()
        with pytest.raises(Uncertain, match="in time"):
            c.send_once("POST", "/1")
        with pytest.raises(Unreachable, match="in time"):
            c.get_json("/2")
        assert time.monotonic() - started < 3
        assert len(asked) == 4, "the write once, the read three times"
        done.set()
        c.close()


def test_a_platform_that_trickles_is_given_up_at_the_deadline() -> None:
    def handle(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        for _ in range(1000):
            connection.sendall(b" ")
            time.sleep(0.02)

    with server(handle) as (url, _):
        c = client(url, timeout=2.0, deadline=0.4)
        started = time.monotonic()
        with pytest.raises(Unreachable, match="too slowly"):
            c.get_json("/1")
        assert time.monotonic() - started < 1.5
        c.close()


def test_an_answer_cut_short_is_not_an_answer() -> None:
    def handle(connection: socket.socket) -> None:
        connection.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"posts": []}')
        connection.shutdown(socket.SHUT_RDWR)

    with server(handle) as (url, _):
        c = client(url)
        with pytest.raises(Unreachable):
            c.get_json("/1")
        with pytest.raises(Uncertain):
            c.send_once("POST", "/2")
        c.close()


def test_a_write_that_found_nobody_was_not_sent() -> None:
    free = socket.create_server(("127.0.0.1", 0))
    port = free.getsockname()[1]
    free.close()
    c = client(f"http://127.0.0.1:{port}")
    with pytest.raises(Limited, match="nothing was sent") as caught:
        c.send_once("POST", "/1")
    assert caught.value.seconds == 2
    with pytest.raises(Unreachable, match="could not be reached"):
        c.get_json("/1")


def test_sixteen_calls_go_at_once() -> None:
    together = threading.Barrier(16, timeout=5)

    def handle(connection: socket.socket) -> None:
        together.wait()
        ok(connection)

    with server(handle) as (url, asked):
        c = client(url, timeout=5.0)
        threads = [threading.Thread(target=c.send_once, args=("POST", f"/{i}")) for i in range(16)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        c.close()
        assert len(asked) == 16

"""The HTTP client against real sockets: dropped, silent, trickling and cut-off connections, sixteen at once."""

from __future__ import annotations

import gzip
import socket
import ssl
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from adapters._web import http
from adapters._web.http import Client
from freeze.errors import Limited, Uncertain, Unreachable

URL = "https://platform.example/api"
SECRET = "s3cr3t/t0ken+value"
DATE = "Thu, 08 Sep 2022 17:40:00 GMT"


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "BACKOFF", 0.0)


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


# Bodies that are too long


MEGABYTE = 1024 * 1024


def fifty_megabytes(connection: socket.socket, encoding: bytes = b"") -> None:
    head = b"Content-Length: %d\r\n" % (50 * MEGABYTE) if not encoding else b"Content-Encoding: %b\r\n" % encoding
    connection.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n%b\r\n" % head)
    if not encoding:
        for _ in range(50):
            connection.sendall(b"0" * MEGABYTE)
    else:
        connection.sendall(BOMB if encoding == b"gzip" else gzip.compress(BOMB))
    connection.shutdown(socket.SHUT_RDWR)


BOMB = gzip.compress(b"[" + b"0," * (100 * MEGABYTE) + b"0]", compresslevel=9)  # 200 MB in 200 kB


@pytest.mark.parametrize("encoding", [b"", b"gzip", b"gzip, gzip"])
def test_a_body_of_fifty_megabytes_or_a_small_one_that_unfolds_is_given_up_in_little_memory(encoding: bytes) -> None:
    with server(lambda connection: fifty_megabytes(connection, encoding)) as (url, _):
        c = client(url, timeout=10.0)
        tracemalloc.start()
        try:
            with pytest.raises(Unreachable, match="more than 20 MB"):
                c.get_json("/1")
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert peak < 30 * MEGABYTE
        with pytest.raises(Uncertain, match="more than 20 MB"):
            c.send_once("POST", "/2")
        c.close()


# TLS


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for localhost that nobody but itself vouches for, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2090, 1, 1, tzinfo=UTC))
        .add_extension(
            x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.DNSName("platform.example")]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "localhost.pem"
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(private + made.public_bytes(Encoding.PEM))
    return path


@contextmanager
def tls(certificate: Path) -> Iterator[tuple[str, list[bytes]]]:
    """A server that speaks TLS with this certificate; gives its address and what was asked of it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    asked: list[bytes] = []
    listening = socket.create_server(("127.0.0.1", 0))

    def accept() -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            connection.settimeout(5)
            try:
                with context.wrap_socket(connection, server_side=True) as secure:
                    while request := _request(secure):
                        asked.append(request)
                        ok(secure)
            except OSError:
                continue

    thread = threading.Thread(target=accept)
    thread.start()
    try:
        yield f"https://localhost:{listening.getsockname()[1]}", asked
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join()


def test_a_server_that_only_vouches_for_itself_is_told_nothing(
    certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)
    monkeypatch.delenv("CURL_CA_BUNDLE", raising=False)
    with tls(certificate) as (url, asked):
        c = Client("orlo", url, setting="token_env", headers={"Authorization": f"Bearer {SECRET}"}, timeout=5)
        with pytest.raises(Unreachable, match="certificate was not accepted"):
            c.get_json("/1")
        with pytest.raises(Limited, match=r"certificate was not accepted.*nothing was sent"):
            c.send_once("POST", "/2")
        c.close()
        assert asked == []


# Proxies


@contextmanager
def proxy() -> Iterator[tuple[str, list[bytes]]]:
    """A tiny proxy that writes down who is asked for and lets nobody through."""

    def refuse(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        connection.shutdown(socket.SHUT_RDWR)

    with server(refuse) as (url, asked):
        yield url, asked


@pytest.fixture
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.mark.usefixtures("_no_proxies")
def test_the_councils_proxy_is_used_for_the_world_and_never_for_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    with proxy() as (through, asked), server(ok) as (here, asked_here):
        for name in ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, through)
        world = Client("orlo", URL, setting="token_env", headers={"Authorization": f"Bearer {SECRET}"}, timeout=5)
        with pytest.raises(Unreachable, match="could not be reached through the proxy"):
            world.get_json("/1")
        with pytest.raises(Limited, match="nothing was sent"):
            world.send_once("POST", "/2")
        world.close()
        assert len(asked) == 4
        assert all(a.startswith(b"CONNECT platform.example:443 ") for a in asked)
        assert not any(SECRET.encode() in a for a in asked), "a proxy sees no credential"
        c = client(here)
        c.get_json("/3")
        c.close()
        assert (len(asked), len(asked_here)) == (4, 1)


@pytest.mark.usefixtures("_no_proxies")
def test_a_proxy_that_is_not_there_means_that_nothing_was_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    with proxy() as (through, _):
        pass
    monkeypatch.setenv("HTTPS_PROXY", through.replace("http://", "http://user:hide-me@"))
    c = Client("orlo", URL, setting="token_env", timeout=5)
    with pytest.raises(Limited, match="through the proxy; nothing was sent") as caught:
        c.send_once("POST", "/1")
    assert "hide-me" not in str(caught.value)
    c.close()


@pytest.mark.usefixtures("_no_proxies")
@pytest.mark.parametrize("answers", [True, False])
def test_an_answer_lost_behind_a_proxy_leaves_a_change_uncertain(
    certificate: Path, monkeypatch: pytest.MonkeyPatch, answers: bool
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    asked: list[bytes] = []

    def tunnel(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        with context.wrap_socket(connection, server_side=True) as secure:
            asked.append(_request(secure))
            if answers:
                ok(secure)
            secure.shutdown(socket.SHUT_RDWR)

    with server(tunnel) as (through, _):
        monkeypatch.setenv("HTTPS_PROXY", through)
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
        c = Client("orlo", URL, setting="token_env", timeout=5)
        if answers:
            assert c.send_once("POST", "/1").status == 200
        else:
            with pytest.raises(Uncertain, match="broke off"):
                c.send_once("POST", "/1")
        c.close()
    assert [a.split()[:2] for a in asked] == [[b"POST", b"/api/1"]]


@pytest.mark.usefixtures("_no_proxies")
def test_a_certificate_that_is_not_accepted_behind_a_proxy_means_that_nothing_was_sent(
    certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)

    def tunnel(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        with context.wrap_socket(connection, server_side=True):
            pass

    with server(tunnel) as (through, _):
        monkeypatch.setenv("HTTPS_PROXY", through)
        c = Client("orlo", URL, setting="token_env", timeout=5)
        with pytest.raises(Limited, match="nothing was sent"):
            c.send_once("POST", "/1")
        c.close()

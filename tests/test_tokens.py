"""Tokens that end are renewed once for everybody, saved before they are used, and never asked for in a circle."""

from __future__ import annotations

import http.server
import json
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import responses

from adapters._web import http as _http
from adapters._web import tokens as _tokens
from adapters._web.budget_file import boot
from adapters._web.http import Client
from adapters._web.redaction import REMOVED
from adapters._web.tokens import TokenFile
from adapters._web.verdicts import Denied
from freeze.errors import AuthFailed, Limited, PlatformError, Uncertain, Unreachable

URL = "https://platform.example/api"
NOW = datetime(2022, 9, 8, 17, 40, tzinfo=UTC)
DATE = "Thu, 08 Sep 2022 17:40:00 GMT"


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_http, "BACKOFF", 0.0)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "hootsuite-tokens.json"
    write(path, access_token="access-0", refresh_token="refresh-0", organisation="17")
    return path


def write(path: Path, **kept: Any) -> None:
    path.write_text(json.dumps(kept))
    path.chmod(0o600)


class SingleUse:
    """A platform whose refresh tokens can be used once; `lose` loses its answers."""

    def __init__(self, valid: str = "refresh-0", expires_in: Any = 3599) -> None:
        self.valid, self.asked, self.lose, self.expires_in = valid, 0, False, expires_in
        self.lock = threading.Lock()

    def __call__(self, kept: dict[str, Any]) -> dict[str, Any]:
        with self.lock:
            self.asked += 1
            if kept["refresh_token"] != self.valid:
                raise Denied('The connection "hootsuite" refused (HTTP 400, invalid_grant).', "", 400, "invalid_grant")
            number = int(self.valid.rpartition("-")[2]) + 1
            self.valid = f"refresh-{number}"
            if self.lose:
                raise Uncertain('The connection "hootsuite" broke off without an answer, after a change was sent.')
            return {"access_token": f"access-{number}", "refresh_token": self.valid, "expires_in": self.expires_in}


def clock() -> tuple[datetime, float]:
    return NOW, time.monotonic()


def tokens(path: Path, refresh: Any, **more: Any) -> TokenFile:
    return TokenFile(path, "hootsuite", refresh, **{"clock": clock, **more})


def ending_in(path: Path, seconds: float) -> None:
    kept = json.loads(path.read_text())
    write(path, **{**kept, "expires_at": (NOW + timedelta(seconds=seconds)).isoformat()})


# Renewing


@pytest.mark.parametrize(("left", "renewed"), [(301, False), (299, True), (0, True), (-5, True)])
def test_a_token_is_renewed_in_its_last_five_minutes_and_not_before(file: Path, left: float, renewed: bool) -> None:
    ending_in(file, left)
    platform = SingleUse()
    t = tokens(file, platform)
    assert t.access_token() == ("access-1" if renewed else "access-0")
    assert t.access_token() == ("access-1" if renewed else "access-0")
    assert platform.asked == renewed


def test_what_is_saved_is_whole_private_and_keeps_what_else_the_file_held(file: Path) -> None:
    ending_in(file, 10)
    file.chmod(0o644)
    t = tokens(file, SingleUse())
    t.access_token()
    kept = json.loads(file.read_text())
    assert (kept["access_token"], kept["refresh_token"], kept["organisation"]) == ("access-1", "refresh-1", "17")
    assert "renewing" not in kept
    assert t.expires_at is not None
    assert abs(t.expires_at - NOW - timedelta(seconds=3599)) < timedelta(seconds=2)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert {p.name for p in file.parent.iterdir()} <= {file.name, f"{file.name}.lock"}


def test_the_new_refresh_token_is_on_disk_before_the_new_access_token_is_used_anywhere(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ending_in(file, -10)
    platform = SingleUse()
    t = tokens(file, platform)
    save = _tokens.kept_files.save

    def full(path: Path, value: Any, durable: bool) -> None:
        if "access-1" in json.dumps(value):
            raise OSError(28, "No space left on device")
        save(path, value, durable=durable)

    monkeypatch.setattr(_tokens.kept_files, "save", full)
    with pytest.raises(Limited, match="No space left on device"):
        t.access_token()
    with pytest.raises(Limited, match="No space left on device"):
        t.access_token()
    monkeypatch.undo()
    assert t.access_token() == "access-1", "the only copy of it was not lost"
    assert json.loads(file.read_text())["refresh_token"] == "refresh-1"
    assert platform.asked == 1


def test_a_file_that_cannot_be_written_burns_no_refresh_token(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ending_in(file, -10)
    platform = SingleUse()

    def read_only(path: Path, value: Any, durable: bool) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(_tokens.kept_files, "save", read_only)
    with pytest.raises(Limited, match="Permission denied"):
        tokens(file, platform).access_token()
    assert platform.asked == 0


def test_while_the_present_token_holds_nothing_waits_for_a_renewal(file: Path) -> None:
    def down(kept: Any) -> Any:
        raise Unreachable('The connection "hootsuite" could not be reached.')

    ending_in(file, 120)
    assert tokens(file, down).access_token() == "access-0"
    ending_in(file, 10)
    with pytest.raises(Limited, match="could not be reached"):
        tokens(file, down).access_token()


def test_an_answer_without_a_refresh_token_leaves_the_old_one_good(file: Path) -> None:
    ending_in(file, -10)
    t = tokens(file, lambda kept: {"access_token": "access-9", "expires_in": "86400", "refresh_expires_in": 31_536_000})
    assert t.access_token() == "access-9"
    assert json.loads(file.read_text())["refresh_token"] == "refresh-0"
    assert t.refresh_expires_at is not None
    assert abs(t.refresh_expires_at - NOW - timedelta(days=365)) < timedelta(seconds=5)


@pytest.mark.parametrize(
    "answer", [{}, [], None, "token", {"access_token": 7}, {"access_token": ""}, {"error": "x", "access_token": None}]
)
def test_an_answer_without_a_token_is_not_one(file: Path, answer: Any) -> None:
    ending_in(file, -10)
    with pytest.raises(Limited, match="without a token"):
        tokens(file, lambda kept: answer).access_token()
    assert json.loads(file.read_text())["access_token"] == "access-0"


@pytest.mark.parametrize("expires_in", [None, "soon", -1, 0, "nan", True, 10**400, [], "1e999"])
def test_an_end_that_makes_no_sense_is_unknown(file: Path, expires_in: Any) -> None:
    ending_in(file, -10)
    t = tokens(file, SingleUse(expires_in=expires_in))
    assert t.access_token() == "access-1"
    assert t.expires_at is None


# What went wrong, said once


def test_a_refusal_is_said_with_what_to_do_and_is_never_asked_for_again(file: Path) -> None:
    ending_in(file, -10)
    platform = SingleUse(valid="refresh-7")
    for number in range(5):
        t = tokens(file, platform)
        with pytest.raises(AuthFailed) as caught:
            t.access_token()
        said = str(caught.value)
        assert '"hootsuite"' in said
        assert "Sign in again" in said
        assert "`tokens` under [connections.hootsuite]" in said
        assert "refresh-" not in said
        assert ("invalid_grant" in said) == (number == 0)
    assert platform.asked == 1
    write(file, access_token="access-7", refresh_token="refresh-7", expires_at=NOW.isoformat())
    assert tokens(file, platform).access_token() == "access-8", "after somebody signed in again"


def test_a_renewal_whose_answer_was_lost_is_tried_once_more_and_then_says_what_happened(file: Path) -> None:
    ending_in(file, -10)
    platform = SingleUse()
    platform.lose = True
    with pytest.raises(Limited):
        tokens(file, platform).access_token()
    for _ in range(3):
        with pytest.raises(AuthFailed, match="Sign in again"):
            tokens(file, platform).access_token()
    assert platform.asked == 2


def test_a_token_that_was_just_renewed_and_is_refused_is_not_renewed_again(file: Path) -> None:
    platform = SingleUse()
    t = tokens(file, platform)
    t.renew("access-0")
    with pytest.raises(AuthFailed, match="renewed just now"):
        t.renew("access-1")
    assert platform.asked == 1


@pytest.mark.parametrize(
    "kept", [None, b"", b"{", b"[]", b'"x"', b"{}", b'{"access_token": 5}', b'{"access_token": "a\\nb"}', b"\xff\xfe"]
)
def test_a_file_that_holds_no_token_names_the_file_and_the_setting(tmp_path: Path, kept: bytes | None) -> None:
    path = tmp_path / "tokens.json"
    if kept is not None:
        path.write_bytes(kept)
    with pytest.raises(AuthFailed) as caught:
        tokens(path, SingleUse()).access_token()
    assert str(path) in str(caught.value)
    assert "`tokens` under [connections.hootsuite] in freeze.toml" in str(caught.value)


# One renewal for everybody


def test_of_sixteen_threads_one_renews(file: Path) -> None:
    ending_in(file, -10)
    platform = SingleUse()
    t = tokens(file, platform)
    together = threading.Barrier(16)
    got: list[str] = []

    def ask() -> None:
        together.wait()
        got.append(t.access_token())

    threads = [threading.Thread(target=ask) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert got == ["access-1"] * 16
    assert platform.asked == 1


RENEWING = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from adapters._web.http import Client
from adapters._web.tokens import TokenFile
import time
path, url, work = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
asking = Client("hootsuite", url, setting="tokens")
def refresh(kept):
    return asking.send_once("POST", "/token", form={"refresh_token": kept["refresh_token"]}).body
t = TokenFile(path, "hootsuite", refresh)
c = Client("hootsuite", url, setting="tokens", auth=t.auth())
print("ready", flush=True)
sys.stdin.readline()
for _ in range(int(work)):
    c.get_json("/posts")
print("done", flush=True)
"""


@contextmanager
def platform_that_renews(expires_in: float, dies: bool = False) -> Iterator[tuple[str, dict[str, Any]]]:
    """A platform over a socket: single-use refresh tokens, access tokens good for `expires_in` seconds."""
    state: dict[str, Any] = {"refresh": "refresh-0", "renewals": 0, "refused": 0, "access": {}}
    lock = threading.Lock()

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self, status: int, body: Any) -> None:
            raw = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        def do_POST(self) -> None:
            sent = self.rfile.read(int(self.headers["Content-Length"])).decode()
            with lock:
                if sent != f"refresh_token={state['refresh']}":
                    state["refused"] += 1
                    self.answer(400, {"error": "invalid_grant"})
                    return
                state["renewals"] += 1
                number = state["renewals"]
                state["refresh"] = f"refresh-{number}"
                state["access"] = {**state["access"], f"access-{number}": time.monotonic() + expires_in}
            if dies:
                state["asked"].set()
                time.sleep(20)
            body = {"access_token": f"access-{number}", "refresh_token": f"refresh-{number}", "expires_in": 3599}
            self.answer(200, body)

        def do_GET(self) -> None:
            given = self.headers["Authorization"].removeprefix("Bearer ")
            good = state["access"].get(given, 0.0) > time.monotonic()
            self.answer(200 if good else 401, [])

        def log_message(self, *args: object) -> None: ...

    class Server(http.server.ThreadingHTTPServer):
        daemon_threads = True
        block_on_close = False

    state["asked"] = threading.Event()
    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", state
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def worker(file: Path, url: str, work: int = 1) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", RENEWING, str(file), url, str(work)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parent.parent,
    )


def test_two_processes_that_renew_at_once_use_one_refresh_token_and_both_go_on(file: Path) -> None:
    with platform_that_renews(expires_in=60) as (url, state):
        processes = [worker(file, url, 20) for _ in range(2)]
        for p in processes:
            assert p.stdout is not None
            assert p.stdout.readline() == "ready\n"
        for p in processes:
            assert p.stdin is not None
            p.stdin.write("\n")
            p.stdin.flush()
        for p in processes:
            out, err = p.communicate(timeout=20)
            assert (out, err) == ("done\n", "")
        assert (state["renewals"], state["refused"]) == (1, 0)
        assert json.loads(file.read_text())["refresh_token"] == state["refresh"]


def test_a_process_killed_before_it_saved_leaves_a_file_that_says_so_and_nobody_loops(file: Path) -> None:
    with platform_that_renews(expires_in=60, dies=True) as (url, state):
        p = worker(file, url)
        assert p.stdin is not None
        p.stdin.write("\n")
        p.stdin.flush()
        assert state["asked"].wait(10)
        p.kill()
        p.communicate()
        assert json.loads(file.read_text())["access_token"] == "access-0", "the file is whole"
        asking = Client("hootsuite", url, setting="tokens")

        def refresh(kept: dict[str, Any]) -> Any:
            return asking.send_once("POST", "/token", form={"refresh_token": kept["refresh_token"]}).body

        for _ in range(3):
            with pytest.raises(AuthFailed, match="Sign in again") as caught:
                TokenFile(file, "hootsuite", refresh).renew("access-0")
        assert (state["renewals"], state["refused"]) == (1, 1)
        assert "refresh-0" not in str(caught.value)


# In the client


@pytest.fixture
def web() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


def guarded(web: responses.RequestsMock, good: set[str]) -> None:
    """A platform that takes these access tokens only."""

    def answer(request: Any) -> tuple[int, dict[str, str], str]:
        given = request.headers["Authorization"].removeprefix("Bearer ")
        return (200 if given in good else 401), {"Date": DATE}, "[]"

    for method in ("GET", "POST"):
        web.add_callback(method, f"{URL}/posts", callback=answer)


def test_a_reading_goes_on_with_a_new_token_when_the_old_one_is_refused(
    web: responses.RequestsMock, file: Path
) -> None:
    guarded(web, {"access-1"})
    platform = SingleUse()
    c = Client("hootsuite", URL, setting="tokens", auth=tokens(file, platform).auth())
    assert c.get_json("/posts").body == []
    assert c.get_json("/posts").body == []
    assert (len(web.calls), platform.asked) == (3, 1)


def test_a_change_is_sent_once_and_is_to_be_sent_again_with_the_new_token(
    web: responses.RequestsMock, file: Path
) -> None:
    guarded(web, {"access-1"})
    c = Client("hootsuite", URL, setting="tokens", auth=tokens(file, SingleUse()).auth())
    with pytest.raises(Limited, match="nothing was done") as caught:
        c.send_once("POST", "/posts")
    assert (caught.value.seconds, len(web.calls)) == (0, 1)
    assert c.send_once("POST", "/posts").status == 200


def test_a_token_that_helps_nothing_is_a_refused_credential_and_not_a_circle(
    web: responses.RequestsMock, file: Path
) -> None:
    guarded(web, set())
    platform = SingleUse()
    c = Client("hootsuite", URL, setting="tokens", auth=tokens(file, platform).auth())
    for call in (lambda: c.get_json("/posts"), lambda: c.send_once("POST", "/posts")):
        with pytest.raises(AuthFailed):
            call()
    assert platform.asked == 1


@pytest.mark.parametrize(
    "error", [Unreachable("It is down."), Limited("It asks to wait.", 9), Uncertain("It is lost.")]
)
def test_a_renewal_that_fails_never_makes_a_change_uncertain(
    web: responses.RequestsMock, file: Path, error: PlatformError
) -> None:
    def fails(kept: Any) -> Any:
        raise error

    ending_in(file, -10)
    guarded(web, {"access-1"})
    c = Client("hootsuite", URL, setting="tokens", auth=tokens(file, fails).auth())
    with pytest.raises(Limited):
        c.send_once("POST", "/posts")
    with pytest.raises(Limited):
        c.get_json("/posts")
    assert len(web.calls) == 0


def test_every_token_that_ever_was_is_taken_out_of_what_is_shown(web: responses.RequestsMock, file: Path) -> None:
    guarded(web, {"access-1"})
    c = Client("hootsuite", URL, setting="tokens", auth=tokens(file, SingleUse()).auth())
    c.get_json("/posts")
    seen = c.redact_json(["access-0 refresh-0 access-1 refresh-1 words"])
    assert seen == [f"{REMOVED} {REMOVED} {REMOVED} {REMOVED} words"]


def test_tokens_that_somebody_else_renewed_are_taken_from_the_file(file: Path) -> None:
    platform = SingleUse()
    t = tokens(file, platform)
    assert t.access_token() == "access-0"
    time.sleep(0.01)
    write(file, access_token="access-5", refresh_token="refresh-5")
    assert t.access_token() == "access-5"
    t.renew("access-0")
    assert platform.asked == 0, "what was refused is not what is used any more"


def test_an_end_is_known_after_a_restart_of_the_process_before_the_platform_tells_its_time(file: Path) -> None:
    platform = SingleUse(expires_in=200)
    tokens(file, platform).renew("access-0")
    later = TokenFile(file, "hootsuite", platform)
    assert later.access_token() == ("access-2" if boot() else "access-1")

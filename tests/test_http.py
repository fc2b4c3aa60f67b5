"""The HTTP client: reads are tried again, writes are sent once, nothing secret is shown."""

from __future__ import annotations

import gzip
import re
import threading
import time
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest
import requests
import responses
from oauthlib.oauth1.rfc5849 import signature
from requests_oauthlib import OAuth1

from adapters._web import http
from adapters._web.http import Client
from adapters._web.verdicts import Denied, Fate, Verdict
from freeze.errors import AuthFailed, Limited, PlatformError, SettingsError, Uncertain, Unreachable

URL = "https://platform.example/api"
SECRET = "s3cr3t/t0ken+value"
DATE = "Thu, 08 Sep 2022 17:40:00 GMT"


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "BACKOFF", 0.0)


@pytest.fixture
def web() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


def client(url: str = URL, **options: object) -> Client:
    given: dict[str, object] = {
        "setting": "token_env",
        "headers": {"Authorization": f"Bearer {SECRET}"},
        "secrets": (SECRET,),
        "timeout": 0.5,
        **options,
    }
    return Client("orlo", url, **given)  # type: ignore[arg-type]


# Reading


def test_it_reads_json_with_its_headers(web: responses.RequestsMock) -> None:
    web.get(f"{URL}/posts", json=[{"id": 1}], headers={"X-WP-Total": "1", "Date": DATE})
    c = client()
    assert c.clock() is None
    answer = c.get_json("/posts", {"page": "2"})
    assert (answer.status, answer.body, answer.headers["x-wp-total"]) == (200, [{"id": 1}], "1")
    sent = web.calls[0].request
    assert sent.url == f"{URL}/posts?page=2"
    assert sent.headers["Authorization"] == f"Bearer {SECRET}"
    told = c.clock()
    assert told is not None
    assert told[0] == datetime(2022, 9, 8, 17, 40, tzinfo=UTC)
    assert 0 <= time.monotonic() - told[1] < 5


def test_a_literal_null_is_json(web: responses.RequestsMock) -> None:
    web.get(f"{URL}/posts", body=b"null")
    assert client().get_json("/posts").body is None


@pytest.mark.parametrize("status", [500, 502, 503, 504, 429])
def test_a_read_is_tried_three_times_and_no_more(web: responses.RequestsMock, status: int) -> None:
    web.get(f"{URL}/posts", status=status)
    with pytest.raises(Limited if status == 429 else Unreachable, match=f"HTTP {status}"):
        client().get_json("/posts")
    assert len(web.calls) == 3


def test_a_read_succeeds_on_the_third_try(web: responses.RequestsMock) -> None:
    web.get(f"{URL}/posts", body=requests.ConnectionError("reset"))
    web.get(f"{URL}/posts", status=503)
    web.get(f"{URL}/posts", json={"ok": True})
    assert client().get_json("/posts").body == {"ok": True}
    assert len(web.calls) == 3


@pytest.mark.parametrize("status", [400, 403, 404, 410, 422])
def test_a_refused_read_is_not_tried_again(web: responses.RequestsMock, status: int) -> None:
    web.get(f"{URL}/posts", status=status, json={})
    with pytest.raises(Denied) as caught:
        client().get_json("/posts")
    assert caught.value.status == status
    assert len(web.calls) == 1


@pytest.mark.parametrize(
    ("retry_after", "date", "seconds"),
    [
        ("3600", "", 3600),
        ("31.5", "", 31.5),
        ("Thu, 08 Sep 2022 18:40:00 GMT", DATE, 3600),
        ("Thu, 08 Sep 2022 18:40:00 GMT", "", None),
        ("soon", "", None),
        ("-5", "", None),
        ("nan", "", None),
        ("1e9", "", None),
        ("9" * 400, "", None),
    ],
)
@pytest.mark.parametrize("status", [429, 503])
def test_a_long_wait_is_handed_on_and_a_senseless_one_ignored(
    web: responses.RequestsMock, status: int, retry_after: str, date: str, seconds: float | None
) -> None:
    web.get(f"{URL}/posts", status=status, headers={"Retry-After": retry_after} | ({"Date": date} if date else {}))
    error: type[PlatformError] = Limited if seconds is not None or status == 429 else Unreachable
    with pytest.raises(error) as caught:
        client().get_json("/posts")
    assert len(web.calls) == (1 if seconds else 3)
    if isinstance(caught.value, Limited):
        assert caught.value.seconds == (seconds or 2.0)


@pytest.mark.parametrize("retry_after", ["0.15", "0"])
def test_a_short_wait_is_waited_out(web: responses.RequestsMock, retry_after: str) -> None:
    web.get(f"{URL}/posts", status=429, headers={"Retry-After": retry_after})
    web.get(f"{URL}/posts", json=[])
    started = time.monotonic()
    client().get_json("/posts")
    assert float(retry_after) <= time.monotonic() - started < 2


def test_a_date_in_the_past_means_now(web: responses.RequestsMock) -> None:
    web.get(f"{URL}/posts", status=429, headers={"Retry-After": "Thu, 08 Sep 2022 17:39:00 GMT", "Date": DATE})
    web.get(f"{URL}/posts", json=[])
    assert client().get_json("/posts").body == []


def test_waits_never_pass_the_deadline_of_a_read(web: responses.RequestsMock) -> None:
    web.get(f"{URL}/posts", status=429, headers={"Retry-After": "3"})
    started = time.monotonic()
    with pytest.raises(Limited):
        client(deadline=1.0).get_json("/posts")
    assert time.monotonic() - started < 1


def test_once_one_is_asked_to_wait_all_wait(web: responses.RequestsMock) -> None:
    web.post(f"{URL}/posts/1", status=429, headers={"Retry-After": "0.4"})
    web.get(f"{URL}/posts", json=[])
    c = client()
    with pytest.raises(Limited):
        c.send_once("POST", "/posts/1")
    started = time.monotonic()
    took: list[float] = []

    def read() -> None:
        c.get_json("/posts")
        took.append(time.monotonic() - started)

    threads = [threading.Thread(target=read) for _ in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert len(took) == 4
    assert min(took) >= 0.35


def test_closing_frees_whoever_waits(web: responses.RequestsMock) -> None:
    web.get(f"{URL}/posts", status=429, headers={"Retry-After": "20"})
    c = client()
    threading.Timer(0.2, c.close).start()
    started = time.monotonic()
    with pytest.raises(Limited):
        c.get_json("/posts")
    assert time.monotonic() - started < 5


@pytest.mark.parametrize(
    "body", [b"<html>It works</html>", b"", b"{", b"[" * 100_000, b"\xff\xfe\x00", b'{"a": 1} trailing']
)
def test_garbage_is_never_an_answer(web: responses.RequestsMock, body: bytes) -> None:
    web.get(f"{URL}/posts", body=body)
    web.post(f"{URL}/posts", body=body)
    c = client()
    with pytest.raises(Unreachable, match='The connection "orlo"') as caught:
        c.get_json("/posts")
    assert "base_url" in str(caught.value)
    with pytest.raises(Uncertain):
        c.send_once("POST", "/posts")
    assert len(web.calls) == 2


def test_too_long_an_answer_is_given_up(web: responses.RequestsMock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "LARGEST", 100_000)
    body = gzip.compress(b"[" + b"0," * 200_000 + b"0]")
    web.get(f"{URL}/posts", body=body, headers={"Content-Encoding": "gzip"})
    web.post(f"{URL}/posts", body=body, headers={"Content-Encoding": "gzip"})
    with pytest.raises(Unreachable, match="more than"):
        client().get_json("/posts")
    with pytest.raises(Uncertain, match="more than"):
        client().send_once("POST", "/posts")


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed(web: responses.RequestsMock, status: int) -> None:
    for method in ("GET", "POST"):
        web.add(method, f"{URL}/posts", status=status, headers={"Location": f"https://elsewhere.example/?t={SECRET}"})
    with pytest.raises(Denied, match=r"elsewhere\.example.*base_url") as caught:
        client().get_json("/posts")
    assert SECRET not in str(caught.value)
    with pytest.raises(Denied):
        client().send_once("POST", "/posts")
    assert len(web.calls) == 2


def test_an_address_that_a_redirect_points_to_is_shown_without_what_may_be_a_credential(
    web: responses.RequestsMock,
) -> None:
    web.get(
        f"{URL}/posts", status=302, headers={"Location": "https://user:hide1@elsewhere.example/login?code=hide2#hide3"}
    )
    with pytest.raises(Denied, match=r"https://elsewhere\.example/login\)") as caught:
        client().get_json("/posts")
    assert "hide" not in str(caught.value)


def test_a_bad_credential_names_the_connection_and_the_setting(web: responses.RequestsMock) -> None:
    web.get(f"{URL}/posts", status=401)
    with pytest.raises(AuthFailed) as caught:
        client().get_json("/posts")
    assert '"orlo"' in str(caught.value)
    assert "`token_env` under [connections.orlo] in freeze.toml" in str(caught.value)
    assert caught.value.permanent


# Writing


@pytest.mark.parametrize(
    ("status", "error"),
    [(500, Uncertain), (502, Uncertain), (503, Uncertain), (400, Denied), (403, Denied), (404, Denied), (409, Denied),
     (422, Denied), (429, Limited), (401, AuthFailed)],
)  # fmt: skip
def test_each_status_of_a_write_means_one_thing_and_it_is_sent_once(
    web: responses.RequestsMock, status: int, error: type[PlatformError]
) -> None:
    web.post(f"{URL}/posts/1", status=status, json={}, headers={"Retry-After": "0.01"} if status == 503 else {})
    with pytest.raises(error):
        client().send_once("POST", "/posts/1", body={"status": "draft"})
    assert len(web.calls) == 1


@pytest.mark.parametrize(
    "error",
    [
        requests.ReadTimeout("read"),
        requests.ConnectionError("('Connection aborted.', RemoteDisconnected())"),
        requests.exceptions.ChunkedEncodingError("cut"),
        requests.exceptions.SSLError("cut"),
        OSError("broken pipe"),
    ],
)
def test_a_lost_answer_leaves_it_uncertain(web: responses.RequestsMock, error: Exception) -> None:
    web.post(f"{URL}/posts/1", body=error)
    with pytest.raises(Uncertain):
        client().send_once("POST", "/posts/1")
    assert len(web.calls) == 1


def test_a_judge_reads_the_platforms_own_words(web: responses.RequestsMock) -> None:
    web.post(f"{URL}/posts/1", json={"error": "busy"})
    c = client(judge=lambda status, body, headers: Verdict(Fate.WAIT, body["error"], seconds=9))
    with pytest.raises(Limited, match="busy") as caught:
        c.send_once("POST", "/posts/1")
    assert caught.value.seconds == 9


# Signing


SIGNED = OAuth1("consumer", "consumer-secret-1", "owner", "owner-secret-1")


def signed_rightly(request: requests.PreparedRequest) -> str:
    """The nonce of a request whose OAuth 1.0a signature covers what was truly sent; asserts that it does."""
    header = request.headers["Authorization"]
    header = header if isinstance(header, str) else header.decode()
    given = {k: unquote(v) for k, v in re.findall(r'(\w+)="([^"]*)"', header)}
    parts = urlsplit(str(request.url))
    body = request.body.decode() if isinstance(request.body, bytes) else (request.body or "")
    form = body if "urlencoded" in str(request.headers.get("Content-Type", "")) else ""
    signed = [*parse_qsl(parts.query), *parse_qsl(form), *((k, v) for k, v in given.items() if k != "oauth_signature")]
    base = signature.signature_base_string(
        str(request.method),
        signature.base_string_uri(f"{parts.scheme}://{parts.netloc}{parts.path}"),
        signature.normalize_parameters(signed),
    )
    assert given["oauth_signature"] == signature.sign_hmac_sha1_with_client(base, SIGNED.client)
    return given["oauth_nonce"]


def test_every_try_is_signed_once_and_over_what_is_sent(web: responses.RequestsMock) -> None:
    web.put(f"{URL}/posts/9", json={})
    web.post(f"{URL}/posts", json={})
    web.get(f"{URL}/posts", status=503)
    web.get(f"{URL}/posts", json=[])
    c = client(headers=None, auth=SIGNED, secrets=("consumer-secret-1", "owner-secret-1"))
    c.send_once("PUT", "/posts/9", params={"scheduled_at": "2027-06-30T07:00:00Z", "text": "a b&c=d \U0001f56f"})
    c.send_once("POST", "/posts", form={"status": "a b&c=d \U0001f56f"})
    c.get_json("/posts", {"cursor": "x/y+z"})
    nonces = [signed_rightly(call.request) for call in web.calls]
    assert len(set(nonces)) == len(nonces) == 4, "each try has a signature of its own"
    assert web.calls[1].request.body == b"status=a+b%26c%3Dd+%F0%9F%95%AF"


# Addresses and secrets


@pytest.mark.parametrize(
    "url",
    ["http://www.example.gov.uk", "ftp://127.0.0.1", "www.example.gov.uk", "", "https://", "http://127.0.0.1.example"],
)
def test_an_unsafe_address_is_refused(url: str) -> None:
    with pytest.raises(SettingsError, match='"orlo": base_url'):
        client(url)


def test_a_credential_inside_an_address_is_refused_and_not_shown() -> None:
    with pytest.raises(SettingsError) as caught:
        client(f"https://user:{SECRET.replace('/', '')}@www.example.gov.uk")
    assert "s3cr3t" not in str(caught.value)


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "http://localhost:1/x/", "http://[::1]:1"])
def test_this_machine_may_be_reached_without_encryption(url: str) -> None:
    assert client(url).base_url == url.rstrip("/")


def test_no_error_shows_a_secret_even_where_the_library_does(web: responses.RequestsMock) -> None:
    leak = f"HTTPSConnectionPool: Max retries with url: /posts?access_token={SECRET} Authorization: Bearer {SECRET}"
    web.get(f"{URL}/posts", body=requests.ConnectionError(leak))
    web.post(f"{URL}/posts", body=requests.ConnectionError(leak))
    c = client(judge=None)
    for call in (lambda: c.get_json("/posts"), lambda: c.send_once("POST", "/posts")):
        with pytest.raises(PlatformError) as caught:
            call()
        assert "s3cr3t" not in "".join(traceback.format_exception(caught.value))


def test_a_netrc_file_and_cookies_are_ignored(
    web: responses.RequestsMock, monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    netrc = f"{tmp_path}/netrc"
    with open(netrc, "w", encoding="utf-8") as f:  # noqa: PTH123
        f.write("machine platform.example login somebody password else\n")
    monkeypatch.setenv("NETRC", netrc)
    web.get(f"{URL}/posts", json=[], headers={"Set-Cookie": "session=1; Path=/"})
    c = client(headers=None)
    c.get_json("/posts")
    c.get_json("/posts")
    for call in web.calls:
        assert "Authorization" not in call.request.headers
        assert "Cookie" not in call.request.headers


def test_a_credential_that_cannot_be_sent_is_a_bad_setting() -> None:
    for credential in ("line\nbreak", "naïve", "\x00"):
        with pytest.raises(SettingsError, match="`token_env`") as caught:
            client(headers={"Authorization": f"Bearer {credential}"})
        assert credential not in str(caught.value)

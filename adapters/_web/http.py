"""HTTP for every adapter: timeouts, retries of reads, one gate, redaction, and one request per write.

With `_deadline`, alone imports requests. Reads may be tried again; a write is sent exactly once, because a lost answer
does not say whether it was done. What is tried again, for which platform, is in docs/calls.md. Everything here is safe
to call from several threads.
"""

from __future__ import annotations

import random
import ssl
import threading
import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from http.cookiejar import DefaultCookiePolicy
from urllib.parse import urlsplit

import requests
from requests.auth import AuthBase
from requests.exceptions import ConnectionError as NoConnection
from requests.exceptions import ConnectTimeout, SSLError, Timeout
from urllib3.exceptions import (
    ConnectTimeoutError,
    EmptyPoolError,
    HTTPError,
    MaxRetryError,
    NameResolutionError,
    NewConnectionError,
    ProxyError,
)
from urllib3.exceptions import SSLError as HandshakeError

from adapters._web.calls import LOOPBACK, Budget, Tokens, safe_address
from adapters._web.deadline import Deadline, Timed
from adapters._web.failures import UNTOLD, Failures
from adapters._web.redaction import Redactor
from adapters._web.verdicts import Answer, Fate, Judge, http_date, parse
from freeze.errors import Limited, SettingsError, Uncertain, Unreachable
from freeze.posts import Json

__all__ = ["AuthBase", "Bearer", "Budget", "Client"]

TRIES = 3
BACKOFF = 0.5  # seconds before the second try, doubled before the third
LARGEST = 20 * 1024 * 1024  # bytes; a listing of 100 long posts is under 2 MB
CHUNK = 64 * 1024


class _Unusable(Exception):
    """An answer that was given up half-way; says why."""


class _TooLate(TimeoutError):
    """The call's whole time was over before its answer began; `begun` where something may have been sent."""

    def __init__(self, begun: bool) -> None:
        super().__init__("timed out")
        self.begun = begun


class _Sign(AuthBase):
    """Sets our own headers; being there, it also keeps requests from taking credentials out of a .netrc file."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        self._headers = dict(headers)

    def __call__(self, r: requests.PreparedRequest) -> requests.PreparedRequest:
        r.headers.update(self._headers)
        return r


class Bearer(AuthBase):
    """Sends `Authorization: Bearer` with a token that is renewed when it ends; made by `TokenFile.auth`."""

    def __init__(self, tokens: Tokens) -> None:
        self.tokens = tokens

    def __call__(self, r: requests.PreparedRequest) -> requests.PreparedRequest:
        r.headers["Authorization"] = f"Bearer {self.tokens.access_token()}"
        return r


class Client:
    """HTTP for one connection.

    `setting` names the credential's key in freeze.toml; `headers` and `secrets` are never shown; `auth` signs each
    request instead where fixed headers do not do. `budget` is asked before every call. Lengths of time are
    seconds: `timeout` for one answer to begin or go on, `deadline` for a whole read with its retries, `ceiling` the
    longest that is waited when told to. Nothing a platform does makes a call last longer (`adapters._web.deadline`).
    Raises SettingsError for an address that is not safe.
    """

    def __init__(
        self,
        connection: str,
        base_url: str,
        *,
        setting: str,
        headers: Mapping[str, str] | None = None,
        secrets: Sequence[str] = (),
        judge: Judge | None = None,
        auth: AuthBase | None = None,
        budget: Budget | None = None,
        pool: int = 16,
        connect_timeout: float = 5.0,
        timeout: float = 20.0,
        deadline: float = 60.0,
        ceiling: float = 30.0,
    ) -> None:
        self.connection = connection
        self.base_url = safe_address(connection, base_url)
        self._redactor = Redactor(*secrets, (headers or {}).get("Authorization", "").rpartition(" ")[2])
        self._said = Failures(connection, setting, self._redactor, judge)
        if not all(value.isascii() and value.isprintable() for value in (headers or {}).values()):
            raise SettingsError(
                f'Connection "{connection}": the credential holds a character that cannot be sent.',
                f"Check `{setting}` {self._said.where}.",
            )
        self._tokens = auth.tokens if isinstance(auth, Bearer) else None
        if self._tokens is not None:
            self._tokens.teach(self.learn)
        self._budget = budget
        self._connect_timeout, self._timeout, self._deadline = connect_timeout, timeout, deadline
        self._ceiling = ceiling
        self._lock = threading.Lock()
        self._closed = threading.Event()
        self._opens_at = 0.0  # by time.monotonic(); before it the gate is shut
        self._date: tuple[datetime, float] | None = None
        self._session = requests.Session()
        self._session.headers.update({"User-Agent": "freeze-guard", "Accept": "application/json"})
        self._session.auth = auth or _Sign(headers or {})
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        if urlsplit(self.base_url).hostname in LOOPBACK:
            self._session.trust_env = False  # a council's proxy must not be asked for this machine
        adapter = Timed(pool_connections=1, pool_maxsize=pool, max_retries=0, pool_block=True)
        self._session.mount("https://", adapter)
        self._session.mount("http://", adapter)

    def get_json(self, path: str, params: Mapping[str, str] | None = None) -> Answer:
        """Read `path`, trying again where that is safe and useful; errors as `read_json`."""
        return self.read_json("GET", path, params)

    def read_json(
        self,
        method: str,
        path: str,
        params: Mapping[str, str] | None = None,
        body: Json = None,
        form: Mapping[str, str] | None = None,
        cost: int = 1,
        headers: Mapping[str, str] | None = None,
        urgent: bool = False,
    ) -> Answer:
        """Ask something that changes nothing, trying again where that is safe and useful.

        Some platforms are read by POST (GraphQL, TikTok's lists). `cost` is what one try takes from the budget, and
        `urgent` lets it use what is kept back there; `headers` are this call's own. Raises AuthFailed, Limited, Denied
        (understood and refused) or Unreachable.
        """
        self._ready()
        ends = time.monotonic() + self._deadline
        renewed = False
        for attempt in range(1, TRIES + 1):
            self._wait_at_gate(ends)
            self._spend(cost, path, ends, urgent)
            wait = BACKOFF * 2 ** (attempt - 1) * (0.8 + 0.4 * random.random())  # noqa: S311 (spreads retries)
            try:
                status, raw, got, token = self._exchange(
                    method, path, params, body=body, form=form, ends=ends, own=headers
                )
            except (requests.RequestException, HTTPError, OSError) as e:
                self._unspend(cost, path, e)
                if attempt == TRIES or not self._pause(wait, ends):
                    raise Unreachable(self._said.sentence(_why(e)), "Try again; nothing was changed.") from None
                continue
            except _Unusable as e:
                raise Unreachable(self._said.sentence(str(e)), "Try again; nothing was changed.") from None
            answer = parse(raw)
            verdict = self._said.verdict(status, answer, got)
            if verdict is None and answer is None:
                raise self.wrong("something that is not JSON, perhaps a web page")
            if verdict is None:
                assert answer is not None
                return Answer(status, answer.value, got)
            if verdict.fate is Fate.CREDENTIAL and not renewed and attempt < TRIES:
                renewed = self._renewed(token)
                if renewed:
                    continue
            if verdict.fate not in {Fate.WAIT, Fate.BROKEN}:
                self._said.final(status, verdict)
            if verdict.seconds is not None:
                wait = verdict.seconds
                self._shut_gate(wait)
            if attempt == TRIES or wait > self._ceiling or not self._pause(wait, ends):
                self._said.given_up(verdict, wait)
        raise AssertionError("the last try returns or raises")

    def send_once(
        self,
        method: str,
        path: str,
        params: Mapping[str, str] | None = None,
        body: Json = None,
        form: Mapping[str, str] | None = None,
        cost: int = 1,
    ) -> Answer:
        """Make exactly one request that changes something; `body` goes as JSON, `form` as a form.

        Raises Limited (nothing was done: wait), AuthFailed, Denied, or Uncertain whenever the answer was lost, late,
        unreadable or a failure of the platform's own.
        """
        self._ready()
        self._wait_at_gate(time.monotonic() + self._ceiling)
        self._spend(cost, path, time.monotonic() + self._ceiling, urgent=True)
        ends = time.monotonic() + self._connect_timeout + self._timeout
        try:
            status, raw, headers, token = self._exchange(method, path, params, body=body, form=form, ends=ends)
        except (requests.RequestException, HTTPError, OSError) as e:
            self._unspend(cost, path, e)
            if _never_sent(e):
                raise Limited(self._said.sentence(f"{_why(e)}; nothing was sent"), UNTOLD) from None
            raise Uncertain(self._said.sentence(f"{_why(e)}, after a change was sent")) from None
        except _Unusable as e:
            raise Uncertain(self._said.sentence(f"{e}, after a change was sent")) from None
        answer = parse(raw)
        verdict = self._said.verdict(status, answer, headers)
        if verdict is not None and verdict.fate is Fate.WAIT:
            if verdict.seconds is not None:
                self._shut_gate(verdict.seconds)
            self._said.given_up(verdict, UNTOLD)
        if verdict is not None and verdict.fate is Fate.BROKEN:
            raise Uncertain(self._said.sentence(f"failed ({verdict.says}), after a change was sent"))
        if verdict is not None and verdict.fate is Fate.CREDENTIAL and self._renewed(token):
            raise Limited(self._said.sentence("did not take the token, which is renewed now; nothing was done"), 0.0)
        if verdict is not None:
            self._said.final(status, verdict)
        if answer is None:
            raise Uncertain(self._said.sentence("answered a change with something that is not JSON"))
        return Answer(status, answer.value, headers)

    def wrong(self, what: str) -> Unreachable:
        """The error for an answer that came but cannot be used; `what` it held instead of what was expected."""
        return self._said.wrong(what)

    def learn(self, *secrets: str) -> None:
        """Add texts that must never be shown, such as a token that a platform handed out."""
        self._redactor.learn(*secrets)

    def redact_json(self, value: Json) -> Json:
        """JSON as it may be kept: without any secret."""
        return self._redactor.json(value)

    def clock(self) -> tuple[datetime, float] | None:
        """The last `Date` the platform sent (UTC, whole seconds) and `time.monotonic()` then; None before the first."""
        return self._date

    def close(self) -> None:
        """Let go of every connection, and of every thread that waits at the gate."""
        self._closed.set()
        self._session.close()

    def _exchange(
        self,
        method: str,
        path: str,
        params: Mapping[str, str] | None,
        *,
        ends: float,
        body: Json = None,
        form: Mapping[str, str] | None = None,
        own: Mapping[str, str] | None = None,
    ) -> tuple[int, bytes, Mapping[str, str], str]:
        """One request: its status, body and headers, and the access token it was sent with."""
        begins = time.monotonic() + self._connect_timeout + self._timeout  # when an answer has to begin at the latest
        left = max(ends - time.monotonic(), 0.05)
        with Deadline(min(begins, ends)) as limit:
            try:
                response = self._session.request(
                    method,
                    self.base_url + path,
                    params=params,
                    headers=own,
                    json=body,
                    data=form,
                    timeout=(min(self._connect_timeout, left), min(self._timeout, left)),
                    allow_redirects=False,  # a redirect would carry the credential to a place nobody chose
                    stream=True,
                )
            except (requests.RequestException, HTTPError, OSError) as e:
                setting_up = limit.joined and not limit.begun and isinstance(e, Timeout)  # TLS, or a proxy's answer
                raise (_TooLate(limit.begun) if limit.passed or setting_up else e) from None
            with response:
                limit.ends = ends
                if limit.passed:  # headers that were cut off look like headers that came to their end
                    raise _TooLate(limit.begun)
                date = http_date(response.headers.get("Date"))
                if date is not None:
                    self._date = (date, time.monotonic())
                if self._budget is not None:
                    self._budget.heard(response.status_code, response.headers, self._date, path)
                token = str(response.request.headers.get("Authorization", "")).removeprefix("Bearer ")
                return response.status_code, _read_all(response, limit), response.headers, token

    def _ready(self) -> None:
        """A token that is about to end is renewed before the time for an answer begins. Raises AuthFailed, Limited."""
        if self._tokens is not None:
            self._tokens.access_token()

    def _renewed(self, token: str) -> bool:
        """Whether there is a new token after this one was not accepted. Raises AuthFailed or Limited."""
        if self._tokens is not None:
            self._tokens.renew(token)
        return self._tokens is not None

    def _spend(self, cost: int, path: str, ends: float, urgent: bool) -> None:
        """Take `cost` from the budget first; a wait that it asks for is waited here. Raises Limited."""
        if self._budget is None:
            return
        most = max(ends - time.monotonic(), 0.0)
        wait = self._budget.spend(cost, most=most, urgent=urgent, path=path)
        if wait > most:
            raise Limited(self._said.sentence(self._budget.said), wait)
        if wait > 0 and not self._pause(wait, ends):
            self._budget.refund(cost, path)
            raise Limited(self._said.sentence(self._budget.said), wait)

    def _unspend(self, cost: int, path: str, error: Exception) -> None:
        if self._budget is not None and _never_sent(error):
            self._budget.refund(cost, path)

    def _shut_gate(self, seconds: float) -> None:
        if seconds <= self._ceiling:
            with self._lock:
                self._opens_at = max(self._opens_at, time.monotonic() + seconds)

    def _wait_at_gate(self, ends: float) -> None:
        """Every thread of this connection waits once the platform has asked one of them to."""
        while (shut := self._opens_at - time.monotonic()) > 0:
            if not self._pause(shut, ends):
                raise Limited(self._said.sentence("asked to wait"), shut)

    def _pause(self, seconds: float, ends: float) -> bool:
        """Wait, unless that would pass `ends` or the client is closed; says whether it waited."""
        return time.monotonic() + seconds < ends and not self._closed.wait(seconds)


def _read_all(response: requests.Response, limit: Deadline) -> bytes:
    """The whole body, refusing one that is too long or that trickles in past its time."""
    parts: list[bytes] = []
    size = 0
    try:
        while chunk := response.raw.read1(CHUNK, decode_content=True):
            parts.append(chunk)
            size += len(chunk)
            if size > LARGEST:
                raise _Unusable(f"sent more than {LARGEST // 1024 // 1024} MB")
            if time.monotonic() > limit.ends:
                break
    except (requests.RequestException, HTTPError, OSError):
        if not limit.passed:
            raise
    if limit.passed or time.monotonic() > limit.ends:  # a body that was cut off may look like one that came to its end
        raise _Unusable("answered too slowly")
    return b"".join(parts)


def _reason(error: Exception) -> BaseException | None:
    """What the library below found, where it says that a connection could not be made."""
    wrapped = error.args[0] if isinstance(error, NoConnection) and error.args else None
    return wrapped.reason if isinstance(wrapped, MaxRetryError) else None


def _never_sent(error: Exception) -> bool:
    """Whether it is certain that no byte of the request left this machine."""
    if isinstance(error, _TooLate):
        return not error.begun
    return isinstance(error, ConnectTimeout | EmptyPoolError) or _not_begun(_reason(error))


def _not_begun(reason: BaseException | None) -> bool:
    if isinstance(reason, ProxyError):
        # Also said of an answer that was lost behind a proxy: only what lies beneath tells.
        beneath = reason.original_error
        return _not_begun(beneath) or (isinstance(beneath, OSError) and str(beneath).startswith("Tunnel connection"))
    if isinstance(reason, HandshakeError):
        return bool(reason.args) and isinstance(reason.args[0], ssl.SSLCertVerificationError)
    return isinstance(reason, NewConnectionError | NameResolutionError | ConnectTimeoutError)


def _why(error: Exception) -> str:
    """Why there was no answer, in words; the library's own text may hold a whole address with its token."""
    if isinstance(error, SSLError):
        return "could not be reached securely: its certificate was not accepted, or the line was cut"
    if _never_sent(error):
        return "could not be reached" + (" through the proxy" if isinstance(_reason(error), ProxyError) else "")
    if isinstance(error, Timeout) or "timed out" in str(error).lower():
        return "did not answer in time"
    return "broke off without an answer"

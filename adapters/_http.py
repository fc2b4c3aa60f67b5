"""HTTP for every adapter: timeouts, retries of reads, one gate, redaction, and one request per write.

Alone imports requests. Reads may be tried again; a write is sent exactly once, because a lost answer does not say
whether it was done. Everything here is safe to call from several threads.
"""

from __future__ import annotations

import random
import ssl
import threading
import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from http.cookiejar import DefaultCookiePolicy
from typing import NoReturn, Protocol
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase
from requests.exceptions import ConnectionError as NoConnection
from requests.exceptions import ConnectTimeout, SSLError, Timeout
from urllib3.exceptions import ConnectTimeoutError, HTTPError, MaxRetryError, NameResolutionError, NewConnectionError
from urllib3.exceptions import SSLError as HandshakeError

from adapters._redaction import Redactor
from adapters._verdicts import Answer, Denied, Fate, Judge, Parsed, Verdict, by_status, http_date, parse, retry_after
from freeze.errors import AuthFailed, Limited, SettingsError, Uncertain, Unreachable
from freeze.posts import Json

TRIES = 3
BACKOFF = 0.5  # seconds before the second try, doubled before the third
UNTOLD = 2.0  # seconds to wait where the platform does not say
LARGEST = 20 * 1024 * 1024  # bytes; a listing of 100 long posts is under 2 MB
CHUNK = 64 * 1024
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class Budget(Protocol):
    """What a platform allows of calls: asked before each one, told of every answer. Safe for several threads."""

    said: str  # why a call has to wait, for the sentence 'The connection "x" ...'

    def spend(self, cost: int) -> float:
        """Take `cost` and return 0, or take it and return the seconds to wait before the call."""
        ...

    def refund(self, cost: int) -> None:
        """Give back what was taken for a call that is not made after all."""
        ...

    def heard(self, status: int, headers: Mapping[str, str], clock: tuple[datetime, float] | None) -> None:
        """Learn from an answer's headers; `clock` is the platform's own time, with the monotonic reading then."""
        ...


class _Unusable(Exception):
    """An answer that was given up half-way; says why."""


class _Sign(AuthBase):
    """Sets our own headers; being there, it also keeps requests from taking credentials out of a .netrc file."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        self._headers = dict(headers)

    def __call__(self, r: requests.PreparedRequest) -> requests.PreparedRequest:
        r.headers.update(self._headers)
        return r


class Client:
    """HTTP for one connection.

    `setting` names the credential's key in freeze.toml; `headers` and `secrets` are never shown; `auth` signs each
    request instead where fixed headers do not do. `budget` is asked before every call. Lengths of time are
    seconds: `timeout` for one answer to begin or go on, `deadline` for a whole read with its retries, `ceiling` the
    longest that is waited when told to. Raises SettingsError for an address that is not safe.
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
        self.base_url = _checked(connection, base_url)
        if not all(value.isascii() and value.isprintable() for value in (headers or {}).values()):
            raise SettingsError(
                f'Connection "{connection}": the credential holds a character that cannot be sent.',
                f"Check `{setting}` {self._where}.",
            )
        self._redactor = Redactor(*secrets)
        self._setting, self._judge, self._budget = setting, judge, budget
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
        adapter = HTTPAdapter(pool_connections=1, pool_maxsize=pool, max_retries=0, pool_block=True)
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
    ) -> Answer:
        """Ask something that changes nothing, trying again where that is safe and useful.

        Some platforms are read by POST (GraphQL, TikTok's lists). `cost` is what one try takes from the budget.
        Raises AuthFailed, Limited, Denied (understood and refused) or Unreachable.
        """
        ends = time.monotonic() + self._deadline
        for attempt in range(1, TRIES + 1):
            self._wait_at_gate(ends)
            self._spend(cost, ends)
            wait = BACKOFF * 2 ** (attempt - 1) * (0.8 + 0.4 * random.random())  # noqa: S311 (spreads retries)
            try:
                status, raw, headers = self._exchange(method, path, params, body=body, form=form, ends=ends)
            except (requests.RequestException, HTTPError, OSError) as e:
                if attempt == TRIES or not self._pause(wait, ends):
                    raise Unreachable(self._sentence(_why(e)), "Try again; nothing was changed.") from None
                continue
            except _Unusable as e:
                raise Unreachable(self._sentence(str(e)), "Try again; nothing was changed.") from None
            answer = parse(raw)
            verdict = self._verdict(status, answer, headers)
            if verdict is None and answer is None:
                raise self.wrong("something that is not JSON, perhaps a web page")
            if verdict is None:
                assert answer is not None
                return Answer(status, answer.value, headers)
            if verdict.fate not in {Fate.WAIT, Fate.BROKEN}:
                self._raise_final(status, verdict)
            if verdict.seconds is not None:
                wait = verdict.seconds
                self._shut_gate(wait)
            if attempt == TRIES or wait > self._ceiling or not self._pause(wait, ends):
                self._raise_given_up(verdict, wait)
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
        self._wait_at_gate(time.monotonic() + self._ceiling)
        self._spend(cost, time.monotonic() + self._ceiling)
        ends = time.monotonic() + self._connect_timeout + self._timeout
        try:
            status, raw, headers = self._exchange(method, path, params, body=body, form=form, ends=ends)
        except (requests.RequestException, HTTPError, OSError) as e:
            if _never_sent(e):
                raise Limited(self._sentence(f"{_why(e)}; nothing was sent"), UNTOLD) from None
            raise Uncertain(self._sentence(f"{_why(e)}, after a change was sent")) from None
        except _Unusable as e:
            raise Uncertain(self._sentence(f"{e}, after a change was sent")) from None
        answer = parse(raw)
        verdict = self._verdict(status, answer, headers)
        if verdict is not None and verdict.fate is Fate.WAIT:
            if verdict.seconds is not None:
                self._shut_gate(verdict.seconds)
            self._raise_given_up(verdict, UNTOLD)
        if verdict is not None and verdict.fate is Fate.BROKEN:
            raise Uncertain(self._sentence(f"failed ({verdict.says}), after a change was sent"))
        if verdict is not None:
            self._raise_final(status, verdict)
        if answer is None:
            raise Uncertain(self._sentence("answered a change with something that is not JSON"))
        return Answer(status, answer.value, headers)

    def wrong(self, what: str) -> Unreachable:
        """The error for an answer that came but cannot be used; `what` it held instead of what was expected."""
        return Unreachable(self._sentence(f"answered with {what}"), f"Check `base_url` {self._where}.")

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

    @property
    def _where(self) -> str:
        return f"under [connections.{self.connection}] in freeze.toml"

    def _sentence(self, what: str) -> str:
        return f'The connection "{self.connection}" {self._redactor.text(what)}.'

    def _exchange(
        self,
        method: str,
        path: str,
        params: Mapping[str, str] | None,
        *,
        ends: float,
        body: Json = None,
        form: Mapping[str, str] | None = None,
    ) -> tuple[int, bytes, Mapping[str, str]]:
        left = max(ends - time.monotonic(), 0.05)
        with self._session.request(
            method,
            self.base_url + path,
            params=params,
            json=body,
            data=form,
            timeout=(min(self._connect_timeout, left), min(self._timeout, left)),
            allow_redirects=False,  # a redirect would carry the credential to a place nobody chose
            stream=True,
        ) as response:
            date = http_date(response.headers.get("Date"))
            if date is not None:
                self._date = (date, time.monotonic())
            if self._budget is not None:
                self._budget.heard(response.status_code, response.headers, self._date)
            return response.status_code, _read_all(response, ends), response.headers

    def _verdict(self, status: int, body: Parsed | None, headers: Mapping[str, str]) -> Verdict | None:
        found = self._judge(status, body.value if body else None, headers) if self._judge else None
        if found is None:
            return by_status(status, headers)
        if found.fate is Fate.WAIT and found.seconds is None:
            return Verdict(found.fate, found.says, found.code, retry_after(headers))
        return found

    def _raise_given_up(self, verdict: Verdict, untold: float) -> NoReturn:
        if verdict.fate is Fate.WAIT or verdict.seconds is not None:
            seconds = max(untold, UNTOLD) if verdict.seconds is None else verdict.seconds
            raise Limited(self._sentence(f"asks to wait ({verdict.says})"), seconds)
        raise Unreachable(self._sentence(f"failed ({verdict.says})"), "Try again; nothing was changed.")

    def _raise_final(self, status: int, verdict: Verdict) -> NoReturn:
        if verdict.fate is Fate.CREDENTIAL:
            raise AuthFailed(
                self._sentence(f"does not accept the credential ({verdict.says})"),
                f"Renew it and check `{self._setting}` {self._where}.",
            )
        advice = f"Set `base_url` {self._where} to the address itself." if 300 <= status < 400 else ""
        raise Denied(self._sentence(f"refused ({verdict.says})"), advice, status, verdict.code)

    def _spend(self, cost: int, ends: float) -> None:
        """Take `cost` from the budget first; a wait that it asks for is waited here. Raises Limited."""
        if self._budget is None:
            return
        wait = self._budget.spend(cost)
        if wait > 0 and not self._pause(wait, ends):
            self._budget.refund(cost)
            raise Limited(self._sentence(self._budget.said), wait)

    def _shut_gate(self, seconds: float) -> None:
        if seconds <= self._ceiling:
            with self._lock:
                self._opens_at = max(self._opens_at, time.monotonic() + seconds)

    def _wait_at_gate(self, ends: float) -> None:
        """Every thread of this connection waits once the platform has asked one of them to."""
        while (shut := self._opens_at - time.monotonic()) > 0:
            if not self._pause(shut, ends):
                raise Limited(self._sentence("asked to wait"), shut)

    def _pause(self, seconds: float, ends: float) -> bool:
        """Wait, unless that would pass `ends` or the client is closed; says whether it waited."""
        return time.monotonic() + seconds < ends and not self._closed.wait(seconds)


def _checked(connection: str, base_url: str) -> str:
    parts = urlsplit(base_url)
    where = f'Connection "{connection}": base_url'
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise SettingsError(f"{where} is not a web address.", "Write it like https://www.example.gov.uk/wp-json.")
    if parts.username or parts.password:
        raise SettingsError(f"{where} holds a credential.", "Take it out; give it by an environment variable.")
    if parts.scheme == "http" and parts.hostname not in LOOPBACK:
        raise SettingsError(f"{where} would send the credential unencrypted.", "Use https://.")
    return base_url.rstrip("/")


def _read_all(response: requests.Response, ends: float) -> bytes:
    """The whole body, refusing one that is too long or that trickles in past `ends`."""
    parts: list[bytes] = []
    size = 0
    while chunk := response.raw.read1(CHUNK, decode_content=True):
        parts.append(chunk)
        size += len(chunk)
        if size > LARGEST:
            raise _Unusable(f"sent more than {LARGEST // 1024 // 1024} MB")
        if time.monotonic() > ends:
            raise _Unusable("answered too slowly")
    return b"".join(parts)


def _never_sent(error: Exception) -> bool:
    """Whether it is certain that no byte of the request left this machine."""
    if isinstance(error, ConnectTimeout):
        return True
    wrapped = error.args[0] if isinstance(error, NoConnection) and error.args else None
    reason = wrapped.reason if isinstance(wrapped, MaxRetryError) else None
    if isinstance(reason, HandshakeError):
        return bool(reason.args) and isinstance(reason.args[0], ssl.SSLCertVerificationError)
    return isinstance(reason, NewConnectionError | NameResolutionError | ConnectTimeoutError)


def _why(error: Exception) -> str:
    """Why there was no answer, in words; the library's own text may hold a whole address with its token."""
    if isinstance(error, SSLError):
        return "could not be reached securely: its certificate was not accepted, or the line was cut"
    if _never_sent(error):
        return "could not be reached"
    if isinstance(error, Timeout) or "timed out" in str(error).lower():
        return "did not answer in time"
    return "broke off without an answer"

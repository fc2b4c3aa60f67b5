"""How a connection with an OAuth token signs: by a plain token, or by a file of tokens that the guard renews."""

from __future__ import annotations

import time
from base64 import b64encode
from collections.abc import Mapping
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, Protocol

from pydantic import SecretStr

from adapters._web.http import Budget, Client
from adapters._web.tokens import TokenFile
from adapters._web.verdicts import Fate, Judge, Verdict, by_status, says
from freeze.ports import Credential
from freeze.posts import Json
from freeze.windows import say

WARNED: Final = timedelta(days=14)


def check(token: SecretStr | None, tokens: Path | None, app: Mapping[str, object]) -> None:
    """Raise ValueError unless settings hold either a token, or a file of tokens with what renews them."""
    if (token is None) == (tokens is None):
        raise ValueError("give either `token` (as token_env or token_file) or `tokens`, and not both")
    missing = [name for name, value in app.items() if not value]
    if tokens is not None and missing:
        raise ValueError(f"`tokens` needs {' and '.join(f'`{name}`' for name in missing)} too")


def plain(secret: SecretStr | None) -> str:
    """The secret itself; empty where there is none."""
    return secret.get_secret_value().strip() if secret else ""


class Renewal:
    """One call that renews an access token by a refresh token (OAuth 2.0, RFC 6749 section 6).

    `app` is what proves the app: its id and secret, by the platform's own names. `once`: the refresh token is used up
    by the call, which is then never repeated. `basic` is "id:secret" where an app proves itself by HTTP Basic instead.
    """

    def __init__(
        self,
        connection: str,
        url: str,
        path: str,
        app: Mapping[str, str],
        timeout: float,
        *,
        once: bool = False,
        basic: str = "",
    ) -> None:
        self._connection, self._url, self._path = connection, url, path
        self._app, self._timeout, self._once, self._basic = app, timeout, once, basic

    def __call__(self, kept: dict[str, Json]) -> dict[str, Json]:
        """The platform's answer for what the token file holds. Raises PlatformError."""
        refresh = str(kept.get("refresh_token") or "")
        form = {**self._app, "grant_type": "refresh_token", "refresh_token": refresh}
        basic = b64encode(self._basic.encode()).decode()
        client = Client(
            self._connection,
            self._url,
            setting="tokens",
            headers={"Authorization": f"Basic {basic}"} if basic else None,
            secrets=(refresh, basic, self._basic.partition(":")[2], *self._app.values()),
            judge=_judge,
            timeout=self._timeout,
        )
        with closing(client):
            ask = client.send_once if self._once else client.read_json
            body = ask("POST", self._path, form=form).body
        if not isinstance(body, dict):
            raise client.wrong("something that is not a token")
        return body


class Connecting(Protocol):
    """What the settings of every connection have."""

    @property
    def base_url(self) -> str: ...
    @property
    def timeout(self) -> float: ...


class Signing:
    """The credential of one connection; `client` makes the client that signs with it."""

    def __init__(self, connection: str, token: SecretStr | None, tokens: Path | None, renewal: Renewal) -> None:
        self._connection = connection
        self._token = plain(token)
        self._client: Client | None = None
        self._tokens = TokenFile(tokens, connection, renewal, clock=self._clock) if tokens else None
        self.setting = "tokens" if self._tokens else "token_env"

    def client(self, options: Connecting, judge: Judge, budget: Budget | None = None) -> Client:
        """A client that signs with this credential. Raises SettingsError."""
        self._client = Client(
            self._connection,
            options.base_url,
            setting=self.setting,
            headers={} if self._tokens else {"Authorization": f"Bearer {self._token}"},
            secrets=(self._token,),
            judge=judge,
            auth=self._tokens.auth() if self._tokens else None,
            budget=budget,
            timeout=options.timeout,
        )
        return self._client

    def stands(self, reads: str, untold: str, ends: datetime | None = None, warned: timedelta = WARNED) -> Credential:
        """How the credential stands: what it `reads`, and when a person must sign in again.

        `ends` is the end of a plain token or of a sign-in (UTC) as the settings tell it; `untold` the sentence for when
        nobody knows.
        """
        sentence = untold
        if self._tokens:
            ends = ends or self._tokens.refresh_expires_at
            sentence = "The guard renews its token by itself, until somebody withdraws it."
        if ends:
            sentence = f"Somebody must sign in again by {say(ends)}."
        told = self._clock()
        now = told[0] + timedelta(seconds=time.monotonic() - told[1]) if told else None
        return Credential(f"{reads} {sentence}", not (ends and now and ends - now < warned), ends, warned)

    def _clock(self) -> tuple[datetime, float] | None:
        return self._client.clock() if self._client else None


def _judge(status: int, body: Json, headers: Mapping[str, str]) -> Verdict | None:
    """An answer without a token is a refusal, whatever its status: {"error", "error_description"}."""
    found = by_status(status, headers)
    error = body.get("error") if isinstance(body, dict) else None
    if not error or (found and found.fate in {Fate.WAIT, Fate.BROKEN}):
        return found
    assert isinstance(body, dict)
    code = says(error.get("code", "") if isinstance(error, dict) else error, 60)
    return Verdict(Fate.NO, f"HTTP {status}, {code}: {says(body.get('error_description', ''))}", code)

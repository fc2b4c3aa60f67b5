"""What a `Client` is given to keep to: an address that is safe, a budget of calls, tokens that are renewed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final, Protocol
from urllib.parse import urlsplit

from freeze.errors import SettingsError

LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})


class Budget(Protocol):
    """What a platform allows of calls: asked before each one, told of every answer. Safe for several threads."""

    @property
    def said(self) -> str:
        """Why a call has to wait, for the sentence 'The connection "x" ...'."""
        ...

    def spend(self, cost: int, *, most: float, urgent: bool = False, path: str = "") -> float:
        """Take `cost` and return the seconds to wait before the call; where they are more than `most`, take nothing.

        `urgent` calls, which change something, may use what is kept back from the others.
        """
        ...

    def refund(self, cost: int, path: str = "") -> None:
        """Give back what was taken for a call that was not made after all."""
        ...

    def heard(
        self, status: int, headers: Mapping[str, str], clock: tuple[datetime, float] | None, path: str = ""
    ) -> None:
        """Learn from an answer's headers; `clock` is the platform's own time, with the monotonic reading then."""
        ...


class Tokens(Protocol):
    """An access token that ends and is renewed; `adapters._web.tokens.TokenFile` is one."""

    def access_token(self) -> str:
        """The token to send now. Raises AuthFailed or Limited."""
        ...

    def renew(self, old_access_token: str) -> None:
        """Replace a token that the platform did not accept. Raises AuthFailed or Limited."""
        ...

    def teach(self, learn: Callable[..., None]) -> None:
        """Tell `learn` every token there is and will be, so that none is shown."""
        ...


def safe_address(connection: str, base_url: str) -> str:
    """The address without a slash at its end. Raises SettingsError for one that would give a credential away."""
    where = f'Connection "{connection}": base_url'
    try:
        parts = urlsplit(base_url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host = None
    if not host or parts.scheme not in {"http", "https"}:
        raise SettingsError(f"{where} is not a web address.", "Write it like https://www.example.gov.uk/wp-json.")
    if parts.username or parts.password:
        raise SettingsError(f"{where} holds a credential.", "Take it out; give it by an environment variable.")
    if parts.scheme == "http" and host not in LOOPBACK:
        raise SettingsError(f"{where} would send the credential unencrypted.", "Use https://.")
    return base_url.rstrip("/")

"""What an answer that is not a success becomes: an error that names the connection and the setting, without secrets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NoReturn

from adapters._web.redaction import Redactor
from adapters._web.verdicts import Denied, Fate, Judge, Parsed, Verdict, by_status, retry_after
from freeze.errors import AuthFailed, Limited, Unreachable

UNTOLD: Final = 2.0  # seconds to wait where the platform does not say


class Failures:
    """The failures of one connection, in sentences; `setting` names its credential's key in freeze.toml."""

    def __init__(self, connection: str, setting: str, redactor: Redactor, judge: Judge | None) -> None:
        self._connection, self._setting = connection, setting
        self._redactor, self._judge = redactor, judge
        self.where = f"under [connections.{connection}] in freeze.toml"

    def sentence(self, what: str) -> str:
        """A sentence about this connection."""
        return f'The connection "{self._connection}" {self._redactor.text(what)}.'

    def wrong(self, what: str) -> Unreachable:
        """The error for an answer that came but cannot be used."""
        return Unreachable(self.sentence(f"answered with {what}"), f"Check `base_url` {self.where}.")

    def verdict(self, status: int, body: Parsed | None, headers: Mapping[str, str]) -> Verdict | None:
        """What an answer means, first by the platform's own words; None for a success."""
        found = self._judge(status, body.value if body else None, headers) if self._judge else None
        if found is None:
            return by_status(status, headers)
        if found.fate is Fate.WAIT and found.seconds is None:
            return Verdict(found.fate, found.says, found.code, retry_after(headers))
        return found

    def given_up(self, verdict: Verdict, untold: float) -> NoReturn:
        """Raise what is left to say after the last try: Limited, or Unreachable."""
        if verdict.fate is Fate.WAIT or verdict.seconds is not None:
            seconds = max(untold, UNTOLD) if verdict.seconds is None else verdict.seconds
            raise Limited(self.sentence(f"asks to wait ({verdict.says})"), seconds)
        raise Unreachable(self.sentence(f"failed ({verdict.says})"), "Try again; nothing was changed.")

    def final(self, status: int, verdict: Verdict) -> NoReturn:
        """Raise what trying again cannot help: AuthFailed, or Denied."""
        if verdict.fate is Fate.CREDENTIAL:
            raise AuthFailed(
                self.sentence(f"does not accept the credential ({verdict.says})"),
                f"Renew it and check `{self._setting}` {self.where}.",
            )
        advice = f"Set `base_url` {self.where} to the address itself." if 300 <= status < 400 else ""
        raise Denied(self.sentence(f"refused ({verdict.says})"), advice, status, verdict.code)

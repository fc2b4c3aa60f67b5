"""Tokens that end and are renewed, kept in a small file beside freeze.toml.

    self.tokens = TokenFile(options.tokens, connection, self._refresh, clock=self.clock)
    self.client = Client(..., setting="tokens", auth=self.tokens.auth())

The file holds {"access_token", "refresh_token", "expires_at", "refresh_expires_at"} (times in ISO 8601, UTC) and
whatever else `refresh` needs. Where a refresh token can be used only once, losing the new one means signing in again:
so a renewal is made by one thread of one process at a time, its answer is on disk before the new token is used
anywhere, and whoever comes second takes what the first was given. While the disk takes nothing, new tokens are kept in
memory, which is said, and saved before they are used. A refusal is written down too and never asked for again.
"""

from __future__ import annotations

import hashlib
import math
import threading
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from adapters._tools.instants import utc
from adapters._web import kept_files
from adapters._web.budget_file import boot, uptime
from adapters._web.http import Bearer
from adapters._web.verdicts import Denied
from freeze.errors import AuthFailed, Limited, PlatformError, Uncertain
from freeze.posts import Json

AHEAD: Final = 300.0  # seconds before its end in which a token is renewed
NEARLY: Final = 20.0  # seconds before its end in which a token that could not be renewed is no longer used
SOON: Final = 60.0  # seconds in which a token that was renewed is not renewed again
PATIENCE: Final = 90.0  # seconds to wait for another process that renews
SIGN_IN: Final = "Sign in again: get new tokens as docs/credentials.md says and save them in that file."


class TokenFile:
    """The tokens of one connection, for all its threads and for every process that uses the same file.

    `refresh` makes the one call that renews: it is given what the file holds and returns the platform's answer
    ({"access_token", "refresh_token"?, "expires_in"?, ...}). `clock` is the platform's time (`Client.clock`); without
    it a token's end is known on this machine until it is restarted, and otherwise by the platform's refusal.
    """

    def __init__(
        self,
        path: Path,
        connection: str,
        refresh: Callable[[dict[str, Json]], dict[str, Json]],
        *,
        clock: Callable[[], tuple[datetime, float] | None] = lambda: None,
    ) -> None:
        self.path, self.connection = path, connection
        self._refresh, self._clock = refresh, clock
        self._lock = threading.RLock()
        self._kept: dict[str, Json] = {}
        self._stamp: tuple[int, int, int] | None = None
        self._unsaved = False  # new tokens that the disk did not take yet; they exist nowhere else
        self._renewed_at = -math.inf
        self._learners: list[Callable[..., None]] = []

    def auth(self) -> Bearer:
        """Signs every request with the access token; the client renews it when it ends or is not accepted."""
        return Bearer(self)

    def teach(self, learn: Callable[..., None]) -> None:
        """Tell a redactor (`Client.learn`) every token there is and will be."""
        with self._lock:
            self._learners.append(learn)
            self._tell()

    def access_token(self) -> str:
        """The access token, renewed first when it ends within 5 minutes. Raises AuthFailed or Limited."""
        with self._lock:
            self._read()
            left = self._left()
            if left is not None and left < AHEAD:
                try:
                    self._renew(self._text("access_token"))
                except (AuthFailed, Limited):
                    if left < NEARLY:
                        raise  # until then the present one does: a hold must not wait for a renewal
            return self._text("access_token")

    def renew(self, old_access_token: str) -> None:
        """Replace an access token that the platform did not accept, unless somebody else has. As `access_token`."""
        with self._lock:
            self._read()
            if self._text("access_token") == old_access_token:
                if time.monotonic() - self._renewed_at < SOON:
                    raise self._over("was renewed just now, and the new access token is not accepted either")
                self._renew(old_access_token)

    @property
    def expires_at(self) -> datetime | None:
        """When the access token ends (UTC), as the file says; None where it does not."""
        return self._at("expires_at")

    @property
    def refresh_expires_at(self) -> datetime | None:
        """When the refresh token ends (UTC), as the file says; None where it does not."""
        return self._at("refresh_expires_at")

    def _at(self, key: str) -> datetime | None:
        with self._lock:
            self._read()
            return _instant(self._kept.get(key))

    def _renew(self, old: str) -> None:
        try:
            with kept_files.locked(self.path, PATIENCE):
                self._read()
                if self._text("access_token") != old:
                    return  # another process was first
                self._ask()
        except OSError as e:
            raise self._unwritten(e) from None

    def _unwritten(self, e: OSError) -> Limited:
        return Limited(
            f'The connection "{self.connection}" cannot renew its token: {self.path} is locked or cannot be '
            f"written ({e.strerror or 'in use'}).",
            60.0,
        )

    def _ask(self) -> None:
        """Ask the platform for new tokens; the file's lock is held. Raises AuthFailed, Limited, or OSError."""
        kept = dict(self._kept)
        mark = _mark(self._text("refresh_token", "access_token"))
        broken_off = kept.get("renewing") == mark
        if kept.get("refused") == mark:
            raise self._over("was refused before")
        self._save({**kept, "renewing": mark})  # so that a crash from here on can be told afterwards
        try:
            answer = self._refresh(kept)
        except (Denied, AuthFailed) as e:
            self._save({**kept, "refused": mark})
            lost = (
                "; an earlier renewal broke off before its answer was saved, which uses the token up"
                if broken_off
                else ""
            )
            raise self._over(f"was refused{lost}: {e.message.rstrip('.')}") from None
        except Limited:
            self._save(kept)  # nothing was done
            raise
        except Uncertain as e:
            raise Limited(f"{e.message} It was a renewal of the token, and it is tried again.", 30.0) from None
        except PlatformError as e:
            raise Limited(e.message, 30.0) from None
        access = answer.get("access_token") if isinstance(answer, dict) else None
        if not isinstance(access, str) or not access:
            raise Limited(f'The connection "{self.connection}" was answered without a token when it renewed it.', 60.0)
        for learn in self._learners:
            learn(*(t for t in (access, answer.get("refresh_token")) if isinstance(t, str)))
        self._kept, self._unsaved = self._merged(kept, answer), True
        self._renewed_at = time.monotonic()
        self._save(self._kept)

    def _merged(self, kept: Mapping[str, Json], answer: Mapping[str, Json]) -> dict[str, Json]:
        """What the file is to hold after an answer; an answer without a new refresh token leaves the old one good."""
        stays = {k: v for k, v in kept.items() if k not in {"renewing", "refused", "expires_at", "ends", "boot"}}
        tokens = {k: v for k, v in answer.items() if k in {"access_token", "refresh_token"} and v}
        new: dict[str, Json] = {**stays, **tokens}
        told, now = self._clock(), uptime()
        for key, names in (("expires_at", ("expires_in",)),
                           ("refresh_expires_at", ("refresh_expires_in", "refresh_token_expires_in"))):  # fmt: skip
            seconds = next((s for name in names if (s := _seconds(answer.get(name))) is not None), None)
            given = _instant(answer.get(key))
            if seconds is not None and told is not None:
                given = told[0] + timedelta(seconds=time.monotonic() - told[1] + seconds)
            if given is not None:
                new[key] = given.astimezone(UTC).isoformat()
            if key == "expires_at" and seconds is not None and boot():
                new |= {"ends": now + seconds, "boot": boot()}  # for when the platform's time is not known yet
        return new

    def _left(self) -> float | None:
        """Seconds until the access token ends; None where nobody knows."""
        told, ends = self._clock(), _instant(self._kept.get("expires_at"))
        if told is not None and ends is not None:
            return (ends - told[0]).total_seconds() - (time.monotonic() - told[1])
        until = self._kept.get("ends")
        if isinstance(until, int | float) and boot() and self._kept.get("boot") == boot():
            return until - uptime()
        return None

    def _read(self) -> None:
        """What the file holds, if it changed since. Raises AuthFailed where it is not there or makes no sense."""
        try:
            status = self.path.stat()
            stamp = (status.st_mtime_ns, status.st_ino, status.st_size)
            if stamp == self._stamp:
                if self._unsaved:
                    try:
                        self._save(self._kept)
                    except OSError as e:
                        raise self._unwritten(e) from None
                return
            found = kept_files.load(self.path)
        except FileNotFoundError:
            raise self._wrong("there is no such file") from None
        except OSError as e:
            raise self._wrong(e.strerror or "it cannot be read") from None
        except ValueError:
            raise self._wrong("it is not JSON") from None
        if not isinstance(found, dict):
            raise self._wrong("it does not hold tokens")
        self._kept, self._stamp, self._unsaved = found, stamp, False
        self._tell()

    def _save(self, kept: dict[str, Json]) -> None:
        kept_files.save(self.path, kept, durable=True)
        self._stamp, self._unsaved = None, False
        self._read()

    def _tell(self) -> None:
        tokens = [t for t in (self._kept.get("access_token"), self._kept.get("refresh_token")) if isinstance(t, str)]
        for learn in self._learners:
            learn(*tokens)

    def _text(self, *keys: str) -> str:
        """The first of these that the file holds. Raises AuthFailed."""
        for key in keys:
            value = self._kept.get(key)
            if isinstance(value, str) and value.isascii() and value.isprintable() and value.strip():
                return value.strip()
        raise self._wrong(f"it holds no {keys[0]} that could be sent")

    def _wrong(self, what: str) -> AuthFailed:
        return AuthFailed(
            f'The connection "{self.connection}" cannot read its token from {self.path}: {what}.',
            f"Check `tokens` under [connections.{self.connection}] in freeze.toml. {SIGN_IN}",
        )

    def _over(self, what: str) -> AuthFailed:
        return AuthFailed(
            f'The connection "{self.connection}" could not renew its token: its refresh token in {self.path} {what}.',
            f"{SIGN_IN} The setting is `tokens` under [connections.{self.connection}] in freeze.toml.",
        )


def _mark(token: str) -> str:
    """Tells one token from another without giving it away."""
    return hashlib.sha256(token.encode()).hexdigest()[:16]


def _seconds(given: Json) -> float | None:
    """A length of time as a platform gives it, a number or its text."""
    try:
        seconds = float(given) if isinstance(given, int | float | str) and given is not True else math.nan
    except (ValueError, OverflowError):
        return None
    return seconds if 0 < seconds < 10**10 else None


def _instant(given: Json) -> datetime | None:
    try:
        return utc(str(given))
    except ValueError:
        return None

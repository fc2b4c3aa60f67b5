"""What must never be shown is taken out of every text and every kept answer."""

from __future__ import annotations

import base64
import re
import threading
from urllib.parse import quote, quote_plus

from freeze.posts import Json

REMOVED = "[removed]"
SHORTEST = 4  # a shorter secret is no secret, and taking it out would ruin every text
SECRET_NAMES = frozenset(
    {
        "access_token",
        "appsecret_proof",
        "authorization",
        "client_secret",
        "password",
        "refresh_token",
        "secret",
        "token",
    }
)
SECRET_PAIR = re.compile(
    r"""(?ix)
    ( \b(?:access_token|appsecret_proof|client_secret|refresh_token)["']?\s*[=:]\s*["']?
    | \bauthorization["']?\s*[=:]\s*["']?(?:(?:basic|bearer|oauth)\s+)?
    )[^\s&"',;<>]+"""
)


class Redactor:
    """Knows one connection's secrets, in every form they are sent in; safe to call from several threads."""

    def __init__(self, *secrets: str) -> None:
        self._lock = threading.Lock()
        self._forms: set[str] = set()
        self._pattern: re.Pattern[str] | None = None
        self.learn(*secrets)

    def learn(self, *secrets: str) -> None:
        """Add texts that must never be shown."""
        with self._lock:
            for s in secrets:
                if len(s) >= SHORTEST:
                    self._forms |= {s, quote(s, safe=""), quote_plus(s), base64.b64encode(s.encode()).decode()}
            longest_first = sorted(self._forms, key=len, reverse=True)
            self._pattern = re.compile("|".join(map(re.escape, longest_first))) if longest_first else None

    def text(self, text: str) -> str:
        """The text without any secret."""
        if self._pattern is not None:
            text = self._pattern.sub(REMOVED, text)
        return SECRET_PAIR.sub(lambda m: m[1] + REMOVED, text)

    def json(self, value: Json) -> Json:
        """The same JSON without any secret, whether named as one or found inside a text."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {k: REMOVED if k.lower() in SECRET_NAMES else self.json(v) for k, v in value.items()}
        return [self.json(v) for v in value] if isinstance(value, list) else value

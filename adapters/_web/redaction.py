"""What must never be shown is taken out of every text and every kept answer."""

from __future__ import annotations

import base64
import html
import json
import re
import threading
from urllib.parse import quote, quote_plus

from freeze.posts import Json

REMOVED = "[removed]"
SHORTEST = 4  # a shorter secret is no secret, and taking it out would ruin every text
CUT = "…"  # what `_verdicts.says` puts where it cut a long text off
SECRET_NAMES = frozenset({
    "access_token", "accessjwt", "api_key", "apikey", "app_password", "appsecret_proof", "authorization",
    "client_assertion", "client_secret", "consumer_secret", "cookie", "fb_exchange_token", "id_token",
    "input_token", "oauth_consumer_key", "oauth_nonce", "oauth_signature", "oauth_token", "oauth_token_secret",
    "password", "private_key", "proxy-authorization", "refresh_token", "refreshjwt", "secret", "set-cookie",
    "token", "x-api-key",
})  # fmt: skip
NAMED = (
    "access_?token|access_?jwt|api_?key|app_password|appsecret_proof|client_assertion|client_secret|consumer_secret|"
    "fb_exchange_token|id_token|input_token|oauth_(?:consumer_key|nonce|signature|token|token_secret)|refresh_?token|"
    "refresh_?jwt|x-api-key"
)
SECRET_PAIR = re.compile(
    rf"""(?ix)
    ( \b(?:{NAMED})["']?\s*[=:]\s*["']?
    | \bauthorization["']?\s*[=:]\s*["']?(?:basic|bearer)\s+
    )[^\s&"',;<>]+"""
)
SECRET_LINE = re.compile(  # in an error only: somebody's post may well hold such words
    r"""(?ix)
    ( \b(?:proxy-)?authorization["']?\s*[=:]\s*["']?(?:(?:basic|bearer|oauth)\s+)?
    | \b(?:set-)?cookie["']?\s*[=:]\s*["']?
    | [?&;](?:code|key|password|secret|session|sig|signature|token)=
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
                    self._forms |= _forms(s)
            longest_first = sorted(self._forms, key=len, reverse=True)
            self._pattern = re.compile("|".join(map(re.escape, longest_first))) if longest_first else None

    def text(self, text: str) -> str:
        """A sentence without any secret, whether known here or looking like one."""
        return SECRET_LINE.sub(lambda m: m[1] + REMOVED, self._uncut(self._without(text)))

    def json(self, value: Json) -> Json:
        """The same JSON without any secret, whether named as one or found inside a text."""
        if isinstance(value, str):
            return self._without(value)
        if isinstance(value, dict):
            return {k: REMOVED if k.lower() in SECRET_NAMES else self.json(v) for k, v in value.items()}
        return [self.json(v) for v in value] if isinstance(value, list) else value

    def _uncut(self, text: str) -> str:
        """Without what is left of a secret that the end of a shortened text cut through."""
        for end in [i for i, c in enumerate(text) if c == CUT][::-1]:
            halves = (n for form in self._forms for n in range(SHORTEST, len(form)) if text.endswith(form[:n], 0, end))
            left = max(halves, default=0)
            if left:
                text = text[: end - left] + REMOVED + text[end:]
        return text

    def _without(self, text: str) -> str:
        if self._pattern is not None:
            text = self._pattern.sub(REMOVED, text)
        return SECRET_PAIR.sub(lambda m: m[1] + REMOVED, text)


def _forms(secret: str) -> set[str]:
    """A secret in every form it is sent or printed in."""
    quoted, plus = quote(secret, safe=""), quote_plus(secret)
    escaped = json.dumps(secret)[1:-1]
    lower = {re.sub(r"%[0-9A-F]{2}", lambda m: m[0].lower(), q) for q in (quoted, plus)}
    coded = base64.b64encode(secret.encode()).decode()
    return {secret, quoted, plus, escaped, escaped.replace("/", "\\/"), html.escape(secret), coded, *lower}

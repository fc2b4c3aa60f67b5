"""What an answer means, before anybody decides what to do about it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import Enum

from freeze.errors import Refused
from freeze.levelling import loads
from freeze.posts import Json


class Fate(Enum):
    """What an answer means for the one who asked."""

    WAIT = "not done; ask again later"
    BROKEN = "the platform failed; a read may be tried again, a write may have happened"
    CREDENTIAL = "the credential is not accepted"
    NO = "understood and refused"


@dataclass(frozen=True, slots=True)
class Verdict:
    """An answer that is not a success: what it means, in the platform's words, its code, and seconds to wait."""

    fate: Fate
    says: str
    code: str = ""
    seconds: float | None = None


Judge = Callable[[int, Json, Mapping[str, str]], Verdict | None]
"""Reads one platform's error answers (status, body, headers); None where the status alone tells.

The body is None where it is not JSON. Headers ignore case.
"""


class Denied(Refused):
    """A refusal with the numbers an adapter needs to tell one refusal from another."""

    def __init__(self, message: str, advice: str, status: int, code: str) -> None:
        super().__init__(message, advice)
        self.status = status
        self.code = code


@dataclass(frozen=True, slots=True)
class Answer:
    """A usable answer: JSON, and the headers it came with."""

    status: int
    body: Json
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Parsed:
    """Parsed JSON, so that a literal `null` differs from no JSON at all."""

    value: Json


def parse(raw: bytes) -> Parsed | None:
    """The JSON in `raw`, its texts levelled, or None where there is none."""
    try:
        return Parsed(loads(raw))
    except (ValueError, RecursionError):
        return None


def by_status(status: int, headers: Mapping[str, str]) -> Verdict | None:
    """What a status means by itself (RFC 9110); None for success."""
    if 200 <= status < 300:
        return None
    words = f"HTTP {status}"
    if status == 429:
        return Verdict(Fate.WAIT, words, seconds=retry_after(headers))
    if status == 401:
        return Verdict(Fate.CREDENTIAL, words)
    if status >= 500:
        return Verdict(Fate.BROKEN, words, seconds=retry_after(headers))
    if 300 <= status < 400:
        return Verdict(Fate.NO, f"{words}: it points to another address, {_address(headers.get('Location', ''))}")
    return Verdict(Fate.NO, words)


def _address(given: str) -> str:
    """An address without what may hold a credential: its query, its fragment, and who signs in."""
    return says(re.sub(r"//[^/]{0,500}@", "//", re.split(r"[?#]", given, maxsplit=1)[0]))


def retry_after(headers: Mapping[str, str]) -> float | None:
    """`Retry-After` in seconds: a number, a fraction, or a date measured against the answer's own `Date`."""
    given = headers.get("Retry-After", "").strip()
    if re.fullmatch(r"\d{1,9}(\.\d+)?", given):
        return float(given)
    until, sent = http_date(given), http_date(headers.get("Date"))
    return max((until - sent).total_seconds(), 0.0) if until and sent else None


def http_date(given: str | None) -> datetime | None:
    """A date as HTTP writes it, in UTC; None for anything else."""
    try:
        date = parsedate_to_datetime(given or "")
    except (ValueError, TypeError, OverflowError):
        return None
    return date.replace(tzinfo=UTC) if date.tzinfo is None else date.astimezone(UTC)


def says(text: object, longest: int = 200) -> str:
    """A platform's own words on one short line, without control characters."""
    line = " ".join("".join(c if c.isprintable() else " " for c in str(text)).split())
    return line if len(line) <= longest else line[: longest - 1] + "…"

"""What the YouTube Data API answers: its parts, its times, and what its errors mean.

The error bodies are not verified: {"error": {"code", "message", "errors": [{"reason"}]}}.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from adapters._web.verdicts import Fate, Verdict, http_date, says
from freeze.posts import Json

RESETS: Final = "America/Los_Angeles"
DAY_SPENT: Final = frozenset({"quotaExceeded", "dailyLimitExceeded"})
TOO_FAST: Final = frozenset({"rateLimitExceeded", "userRateLimitExceeded"})
CREDENTIAL: Final = frozenset({"authError", "insufficientPermissions", "youtubeSignupRequired"})


def part(item: Json, name: str) -> Mapping[str, Json]:
    """One part of a resource; empty where there is none."""
    found = item.get(name) if isinstance(item, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def judge(status: int, body: Json, headers: Mapping[str, str]) -> Verdict | None:
    """What an error answer means; None for a success, or where the status alone tells."""
    error = part(body, "error")
    if status < 400 or not error:
        return None
    errors = error.get("errors")
    first = errors[0] if isinstance(errors, list) and errors else None
    reason = str(first.get("reason", "")) if isinstance(first, dict) else ""
    words = f"HTTP {status}, {says(reason or error.get('message', ''))}"
    if reason in DAY_SPENT:
        return Verdict(Fate.WAIT, f"{words}: today's quota is spent", reason, until_reset(headers))
    if reason in TOO_FAST or status == 429:
        return Verdict(Fate.WAIT, words, reason)
    if reason in CREDENTIAL or status == 401:
        return Verdict(Fate.CREDENTIAL, words, reason)
    return Verdict(Fate.BROKEN if status >= 500 else Fate.NO, words, reason)


def until_reset(headers: Mapping[str, str]) -> float:
    """Seconds until midnight Pacific time, by the answer's own date; a whole day where it has none."""
    sent = http_date(headers.get("Date"))
    if sent is None:
        return 86_400.0
    zone = ZoneInfo(RESETS)
    tomorrow = sent.astimezone(zone).date() + timedelta(days=1)
    reset = datetime(tomorrow.year, tomorrow.month, tomorrow.day, tzinfo=zone)
    return (reset.astimezone(UTC) - sent).total_seconds()

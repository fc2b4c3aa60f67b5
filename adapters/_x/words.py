"""X's answers: what the errors of both APIs mean, its times, and its words as a reader sees them.

Documented: the problems of v2 ({"title", "detail", "type"}) and the codes of the Ads API ({"errors": [{"code"}]}), and
the headers that say when a limit begins anew. Not verified: that used-up credits are answered with status 402 as well
as with the problem usage-capped; that v2 escapes &, < and > in words.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from adapters._web.verdicts import Fate, Verdict, by_status, http_date, retry_after, says
from freeze.posts import Json, unescaped

CREDITS: Final = "usage-capped"
NOT_FOUND: Final = "resource-not-found"
BUSY: Final = frozenset({"TOO_MANY_REQUESTS", "TWEET_RATE_LIMIT_EXCEEDED", "LOCK_ACQUISITION_TIMEOUT"})
FAILED: Final = frozenset({"INTERNAL_ERROR", "SERVICE_UNAVAILABLE", "OVER_CAPACITY", "CANCELLED_REQUEST"})
RESETS: Final = ("x-account-rate-limit-reset", "x-rate-limit-reset")
CODE: Final = re.compile(r"[A-Z][A-Z_]+")


def judge(status: int, body: Json, headers: Mapping[str, str]) -> Verdict | None:
    """What an answer of either API means; None for success, and where the status alone tells."""
    code, words = _problem(status, body)
    if not code and status < 400:
        return None
    words = f"HTTP {status}, {words}" if words else f"HTTP {status}"
    if status == 402 or code == CREDITS:
        return Verdict(Fate.NO, words, CREDITS)
    if status == 429 or code in BUSY:
        return Verdict(Fate.WAIT, words, code, _until_reset(headers))
    if status == 401 or code == "UNAUTHORIZED_ACCESS":
        return Verdict(Fate.CREDENTIAL, words, code)
    if status >= 500 or code in FAILED:
        return Verdict(Fate.BROKEN, words, code, retry_after(headers))
    return Verdict(Fate.NO, words, code) if code else by_status(status, headers)


def kind(problem: Json) -> str:
    """The last word of a problem's `type`, such as "resource-not-found"; empty where it has none."""
    given = problem.get("type") if isinstance(problem, dict) else None
    return given.rpartition("/")[2] if isinstance(given, str) and "/problems/" in given else ""


def written(at: datetime) -> str:
    """A time as both APIs take it: whole seconds, UTC."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def native(given: Json) -> str:
    """An id, which X writes as text or as a number; empty for anything else."""
    found = str(given) if isinstance(given, str | int) and not isinstance(given, bool) else ""
    return found if re.fullmatch(r"[0-9A-Za-z]{1,40}", found) else ""


def plain(text: str, entities: Json) -> str:
    """Words without X's escapes, each t.co link replaced by what a reader sees in its place."""
    urls = entities.get("urls") if isinstance(entities, dict) else None
    for link in urls if isinstance(urls, list) else []:
        short, shown = (link.get("url"), link.get("display_url")) if isinstance(link, dict) else (None, None)
        if isinstance(short, str) and short and isinstance(shown, str):
            text = text.replace(short, shown)
    return unescaped(text)


def linked(entities: Json) -> str:
    """The first address that a post's words lead to; empty where there is none."""
    urls = entities.get("urls") if isinstance(entities, dict) else None
    found = [u.get("expanded_url") for u in urls if isinstance(u, dict)] if isinstance(urls, list) else []
    return next((u for u in found if isinstance(u, str)), "")


def _problem(status: int, body: Json) -> tuple[str, str]:
    """The code of an error and its words; both empty where the body holds none.

    v2 may give `errors` beside data in a success: those concern single posts and are no failure of the call.
    """
    if not isinstance(body, dict):
        return "", ""
    if status >= 400 and (isinstance(body.get("title"), str) or isinstance(body.get("detail"), str)):
        words = says(body.get("detail") or body.get("title"))
        return kind(body) or says(body.get("title") or "problem", 60), words
    errors = body.get("errors")
    first = errors[0] if isinstance(errors, list) and errors else None
    code = first.get("code") if isinstance(first, dict) else None
    if not isinstance(code, str) or not CODE.fullmatch(code):
        return "", ""
    assert isinstance(first, dict)
    return code, f"{code}: {says(first.get('message', ''))}"


def _until_reset(headers: Mapping[str, str]) -> float | None:
    """Seconds until calls are taken again: `Retry-After`, else the time the limit begins anew by X's own clock."""
    told, sent = retry_after(headers), http_date(headers.get("Date"))
    if told is not None or sent is None:
        return told
    resets = [int(given) for name in RESETS if re.fullmatch(r"\d{1,12}", given := headers.get(name, ""))]
    return max(resets[0] - sent.timestamp(), 1.0) if resets else None

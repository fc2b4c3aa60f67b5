"""Meta's Graph API: what its errors mean, its times, and its listings.

Sources: the error-handling guide (documented) for codes 1, 2, 4, 17, 341, 368, 190, 10, 100, 200-299 and 506 and for
`is_transient`; the rate-limiting guide for 32 and 613 and for the usage headers (secondary source). That a 200 may hold
an error comes from a secondary source too.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlsplit

from adapters._http import Client
from adapters._verdicts import Fate, Verdict, says
from freeze.posts import Json

BUSY: Final = frozenset({4, 17, 32, 341, 613})  # over a limit: nothing was done
FAILED: Final = frozenset({1, 2})  # Meta's own failure: may have been done
BLOCKED: Final = 368  # for a while, for what looked like abuse
BLOCKED_FOR: Final = 3_600.0
TOKEN_CODES: Final = frozenset({102, 190})
MISSING_CODES: Final = frozenset({"100/33", "803"})  # "does not exist", which also covers "may not be seen"
MOST_PAGES: Final = 1_000


def judge(status: int, body: Json, headers: Mapping[str, str]) -> Verdict | None:
    """Meta's error answers: {"error": {"code", "error_subcode", "message", "is_transient"}}, whatever the status."""
    error = body.get("error") if isinstance(body, dict) else None
    if not isinstance(error, dict):
        return None
    number, subcode = error.get("code"), error.get("error_subcode")
    code = f"{number}/{subcode}" if subcode else str(number)
    words = f"error {code}, {says(error.get('message', ''))}"
    if number in TOKEN_CODES:
        return Verdict(Fate.CREDENTIAL, words, code)
    if number in BUSY:
        return Verdict(Fate.WAIT, words, code, _regain(headers))
    if number == BLOCKED:
        return Verdict(Fate.WAIT, words, code, BLOCKED_FOR)
    if number in FAILED or error.get("is_transient") is True or status >= 500:
        return Verdict(Fate.BROKEN, words, code)
    if status == 429:
        return Verdict(Fate.WAIT, words, code, _regain(headers))
    return Verdict(Fate.NO, words, code)


def listing(client: Client, path: str, params: Mapping[str, str]) -> Iterator[tuple[list[dict[str, Json]], bool]]:
    """Every page of an edge as (items, whether it is the last).

    The `next` address holds the token and is never followed: only its cursor is used. Raises PlatformError.
    """
    after = ""
    for _ in range(MOST_PAGES):
        body = client.get_json(path, {**params, **({"after": after} if after else {})}).body
        data = body.get("data") if isinstance(body, dict) else None
        if not isinstance(data, list) or not all(isinstance(d, dict) for d in data):
            raise client.wrong("something that is not a list from the Graph API")
        paging = body.get("paging") or {}
        more = isinstance(paging, dict) and bool(paging.get("next"))
        yield data, not more
        if not more:
            return
        cursors = paging.get("cursors")
        cursor = cursors.get("after") if isinstance(cursors, dict) else None
        if not isinstance(cursor, str) or cursor in {"", after}:
            raise client.wrong("a list that says there is more and not where")
        after = cursor
    raise client.wrong(f"a list of more than {MOST_PAGES} pages")


def instant(given: Json) -> datetime | None:
    """A time as Graph writes it (unix seconds, or ISO 8601 with +0000), in UTC. Raises ValueError for anything else."""
    if given is None or given == "":
        return None
    try:
        if isinstance(given, int) and not isinstance(given, bool):
            return datetime.fromtimestamp(given, UTC)
        if isinstance(given, str) and given.isdecimal():
            return datetime.fromtimestamp(int(given), UTC)
        at = datetime.fromisoformat(given)
    except (TypeError, ValueError, OverflowError, OSError):
        raise ValueError(f'its time "{says(given, 40)}" cannot be read') from None
    if at.tzinfo is None:
        raise ValueError(f'its time "{says(given, 40)}" has no zone')
    return at.astimezone(UTC)


def attached(attachments: Json) -> tuple[tuple[str, ...], str]:
    """What is attached, by names that stay the same: picture addresses are signed anew at each reading."""
    media: list[str] = []
    link = ""
    data = attachments.get("data") if isinstance(attachments, dict) else None
    for a in data if isinstance(data, list) else []:
        if not isinstance(a, dict):
            continue
        deeper, _ = attached(a.get("subattachments"))
        media += deeper
        target, picture = a.get("target"), a.get("media")
        image = picture.get("image") if isinstance(picture, dict) else None
        if isinstance(target, dict) and target.get("id"):
            media.append(str(target["id"]))
        elif isinstance(image, dict) and image.get("src"):
            media.append(urlsplit(str(image["src"])).path.rpartition("/")[2])
        link = link or str(a.get("unshimmed_url") or "")
    return tuple(media), link


def _regain(headers: Mapping[str, str]) -> float | None:
    """Seconds until calls are taken again, from X-Business-Use-Case-Usage, which says it in minutes."""
    try:
        usage = json.loads(headers.get("X-Business-Use-Case-Usage", "{}"))
        minutes = [entry["estimated_time_to_regain_access"] for entries in usage.values() for entry in entries]
        longest = max((float(m) for m in minutes), default=0.0)
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    return longest * 60 or None

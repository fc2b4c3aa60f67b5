"""Hootsuite's API: what its errors mean, its times, its listings by four weeks, and the exchange of its tokens.

Sources: the vendor's own OpenAPI document in a public copy (secondary source) for the error codes, the cursor, the four
weeks and 100 messages of a listing, and for refresh tokens that can be used only once.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from adapters._tools.instants import zoned
from adapters._web.http import Client
from adapters._web.verdicts import Fate, Verdict, says
from freeze.posts import Json
from freeze.windows import Window

CREDENTIAL: Final = frozenset({"1000", "1001", "1002", "1005", "1007", "1014", "1032", "1036", "1040"})
BUSY: Final = frozenset({"1003", "1004", "1043"})
FAILED: Final = frozenset({"5000", "9000"})
NOT_THERE: Final = "4001"
TOO_LATE: Final = "40003"
FAILING_GRANT: Final = frozenset({"server_error", "temporarily_unavailable", "unknown_error"})
LONGEST: Final = timedelta(weeks=4)
PAGE: Final = 100
MOST_PAGES: Final = 500


def judge(status: int, body: Json, headers: Mapping[str, str]) -> Verdict | None:
    """Hootsuite's error answers, {"errors": [{"code", "message", "id"}]}, whatever the status and what stands beside.

    A 200 with errors beside data is half an answer: read again, and for a change only reading can tell.
    """
    del headers
    if not isinstance(body, dict):
        return None
    if status >= 400 and isinstance(body.get("error"), str):
        words = f"HTTP {status}, {says(body['error'])}: {says(body.get('error_description', ''))}"
        failing = status >= 500 or status == 429 or body["error"] in FAILING_GRANT
        return Verdict(Fate.BROKEN if failing else Fate.CREDENTIAL, words, body["error"])
    errors = body.get("errors")
    if not errors:
        return None
    first = errors[0] if isinstance(errors, list) else errors
    told = first if isinstance(first, dict) else {"message": first}
    code = says(told.get("code", ""), 20)
    words = f"error {code or 'without a code'}, {says(told.get('message', ''))}"
    if status < 400 and body.get("data"):
        return Verdict(Fate.BROKEN, f"{words}, beside an answer", code)
    if status == 401 or code in CREDENTIAL:
        return Verdict(Fate.CREDENTIAL, words, code)
    if status == 429 or code in BUSY:
        return Verdict(Fate.WAIT, words, code)
    return Verdict(Fate.BROKEN if status >= 500 or code in FAILED else Fate.NO, words, code)


def instant(given: Json) -> datetime | None:
    """A time as Hootsuite answers it ("2026-12-24 07:00:00+00:00", or with T and Z), in UTC; None where there is none.

    Raises ValueError with a sentence for anything else.
    """
    return None if given is None or given == "" else zoned(given)


def zulu(at: datetime) -> str:
    """An instant as Hootsuite takes it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def cut(start: datetime, end: datetime) -> Iterator[Window]:
    """Spans of at most four weeks that cover everything from `start` to `end`, in order, in whole seconds."""
    if end <= start:
        return
    start = start.astimezone(UTC).replace(microsecond=0)
    end = -(-(end - start) // timedelta(seconds=1)) * timedelta(seconds=1) + start
    while start < end:
        yield Window(start, min(start + LONGEST, end))
        start += LONGEST


def listing(client: Client, path: str, params: Mapping[str, str]) -> Iterator[tuple[list[dict[str, Json]], bool]]:
    """Every page of a listing as (items, whether it is the last). Raises PlatformError."""
    cursor = ""
    for _ in range(MOST_PAGES):
        body = client.get_json(path, {**params, **({"cursor": cursor} if cursor else {})}).body
        data = body.get("data") if isinstance(body, dict) else None
        if not isinstance(data, list) or not all(isinstance(d, dict) for d in data):
            raise client.wrong("something that is not a list from Hootsuite")
        metadata = body.get("metadata") or {}
        cursors = (metadata.get("cursor") if isinstance(metadata, dict) else metadata) or {}
        following = cursors.get("next") if isinstance(cursors, dict) else cursors
        if following is not None and (not isinstance(following, str) or following in {"", cursor}):
            raise client.wrong("a list that says there is more and not where")
        yield data, following is None
        if following is None:
            return
        cursor = following
    raise client.wrong(f"a list of more than {MOST_PAGES} pages")


def exchange(client: Client, refresh_token: str) -> dict[str, Json]:
    """Give up a refresh token for new tokens, once: {"access_token", "refresh_token", "expires_in"}.

    Raises AuthFailed where it was used before, and PlatformError.
    """
    client.learn(refresh_token)  # a refusal may repeat it
    form = {"grant_type": "refresh_token", "refresh_token": refresh_token}
    body = client.send_once("POST", "/oauth2/token", form=form).body
    if not isinstance(body, dict) or not all(
        isinstance(body.get(k), str) and body[k] for k in ("access_token", "refresh_token")
    ):
        raise client.wrong("something that is not a pair of tokens")
    client.learn(body["access_token"], body["refresh_token"])
    return body


def basic(client_id: str, secret: str) -> str:
    """The header that the exchange of tokens takes, and nothing else."""
    return "Basic " + base64.b64encode(f"{client_id}:{secret}".encode()).decode()

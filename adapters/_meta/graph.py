"""Meta's Graph API: what its errors mean, its times, its listings, and how a token stands.

Sources: the error-handling guide (documented) for codes 1, 2, 4, 17, 341, 368, 190, 10, 100, 200-299 and 506 and for
`is_transient`; the rate-limiting guide for 32 and 613 and for the usage headers (secondary source). That a 200 may hold
an error comes from a secondary source too. Documented: the fields of /debug_token. Not verified: the limits 80000 to
80014 of single products, that a token may inspect itself.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlsplit

from adapters._tools.instants import unreadable, zoned
from adapters._web.budget_headers import UsageBudget
from adapters._web.http import Client
from adapters._web.verdicts import Fate, Verdict, says
from freeze.levelling import loads
from freeze.ports import Credential
from freeze.posts import Json, Locator, Page, Reading, Reject, Seen, Unreadable
from freeze.windows import say

BUSY: Final = frozenset({4, 17, 32, 341, 613, *range(80_000, 80_015)})  # over a limit: nothing was done
FAILED: Final = frozenset({1, 2})  # Meta's own failure: may have been done
INVALID: Final = 100  # asked wrongly: it stays refused, whatever the status says
BLOCKED: Final = 368  # for a while, for what looked like abuse
BLOCKED_FOR: Final = 3_600.0
TOKEN_CODES: Final = frozenset({102, 190})
MISSING_CODES: Final = frozenset({"100/33", "803"})  # "does not exist", which also covers "may not be seen"
MOST_PAGES: Final = 1_000
BATCH: Final = 50
WHOSE: Final = {"SYSTEM_USER": "a system user's", "USER": "a person's", "PAGE": "a page's", "APP": "an app's"}

Understood = Callable[[Json, Locator], Seen | None]
"""Makes a post of an item; None for one that is no post. Raises ValueError with a sentence for one it cannot read."""


def client(connection: str, base_url: str, token: str, timeout: float) -> Client:
    """HTTP to the Graph API with one token, slowed down before Meta's own limits."""
    return Client(
        connection,
        base_url,
        setting="token_env",
        secrets=(token,),
        judge=judge,
        budget=UsageBudget(),
        timeout=timeout,
    )


def judge(status: int, body: Json, headers: Mapping[str, str]) -> Verdict | None:
    """Meta's error answers: {"error": {"code", "error_subcode", "message", "is_transient"}}, whatever the status."""
    error = body.get("error") if isinstance(body, dict) else None
    if not isinstance(error, dict):
        return None
    given, subcode = error.get("code"), error.get("error_subcode")
    number = given if isinstance(given, int) else None
    code = says(f"{given}/{subcode}" if subcode else given, 40)
    words = f"error {code}, {says(error.get('message', ''))}"
    if number in TOKEN_CODES:
        return Verdict(Fate.CREDENTIAL, words, code)
    if number in BUSY:
        return Verdict(Fate.WAIT, words, code, _regain(headers))
    if number == BLOCKED:
        return Verdict(Fate.WAIT, words, code, BLOCKED_FOR)
    if number in FAILED or error.get("is_transient") is True or (status >= 500 and number != INVALID):
        return Verdict(Fate.BROKEN, words, code)
    if status == 429:
        return Verdict(Fate.WAIT, words, code, _regain(headers))
    return Verdict(Fate.NO, words, code)


def listing(client: Client, path: str, params: Mapping[str, str]) -> Iterator[tuple[list[dict[str, Json]], bool]]:
    """Every page of an edge as (items, whether it is the last).

    The `next` address holds the token and is never followed: only its cursor is used. Raises PlatformError.
    """
    after = ""
    passed: set[str] = set()
    for _ in range(MOST_PAGES):
        body = client.get_json(path, {**params, **({"after": after} if after else {})}).body
        data = body.get("data") if isinstance(body, dict) else None
        if not isinstance(data, list) or not all(isinstance(d, dict) for d in data):
            raise client.wrong("something that is not a list from the Graph API")
        paging = body.get("paging") or {}
        if not isinstance(paging, dict):
            raise client.wrong("a list that does not say whether there is more")
        more = bool(paging.get("next"))
        yield data, not more
        if not more:
            return
        cursors = paging.get("cursors")
        cursor = cursors.get("after") if isinstance(cursors, dict) else None
        if not isinstance(cursor, str) or not cursor or cursor in passed:
            raise client.wrong("a list that says there is more and not where")
        passed.add(cursor)
        after = cursor
    raise client.wrong(f"a list of more than {MOST_PAGES} pages")


def pages(
    client: Client,
    account: str,
    path: str,
    params: Mapping[str, str],
    understood: Understood,
    wanted: Callable[[Seen], bool],
    *,
    what: str = "post",
    newest_first_until: datetime | None = None,
) -> Iterator[Page]:
    """The wanted posts of an edge, page by page; what cannot be understood is rejected by its id.

    With `newest_first_until` the listing ends after the first page that holds only older posts. Raises PlatformError.
    """
    for items, last in listing(client, path, params):
        posts, rejects = [], []
        older = bool(items) and newest_first_until is not None
        for item in items:
            native = ident(item)
            try:
                seen = understood(item, Locator(client.connection, account, native))
            except ValueError as e:
                where = f"{client.connection}: {what} {says(native, 60) or 'without an id'}"
                rejects.append(Reject(where, str(e)))
                older = False
                continue
            if seen is not None and wanted(seen):
                posts.append(seen)
            if older and newest_first_until is not None:
                older = seen is not None and seen.at is not None and seen.at < newest_first_until
        yield Page(tuple(posts), tuple(rejects), complete=last or older)
        if older:
            return


def reading(understood: Understood, item: Json, locator: Locator) -> Reading:
    """One item as a reading of the post that was asked for."""
    try:
        seen = understood(item, locator)
    except ValueError as e:
        return Unreadable(locator, str(e))
    return seen if seen is not None else Unreadable(locator, "it is not a post")


def credential(client: Client, token: str, needed: Sequence[str], app_id: str = "") -> Credential:
    """How a token stands, as /debug_token tells it; `needed` permissions, and the app it must belong to if given.

    An `expires_at` of 0 means that it never ends. Raises PlatformError.
    """
    body = client.get_json("/debug_token", {"input_token": token, "access_token": token}).body
    data = body.get("data") if isinstance(body, dict) else None
    if not isinstance(data, dict) or not isinstance(data.get("is_valid"), bool):
        raise client.wrong("something that is not about a token")
    if not data["is_valid"]:
        error = data.get("error")
        why = says(error.get("message", "")) if isinstance(error, dict) else ""
        return Credential(f"The token is not accepted{f' ({why})' if why else ''}: renew it.", well=False)
    try:
        given = (instant(data.get(name) or None) for name in ("expires_at", "data_access_expires_at"))
        ends = min((at for at in given if at is not None), default=None)
    except ValueError:
        raise client.wrong("a token's end that cannot be read") from None
    said = f"The token is {WHOSE.get(words(data, 'type'), 'of a kind not known here')}"
    said += f" and ends on {say(ends)}." if ends else " and has no end."
    scopes = data.get("scopes")
    missing = sorted(set(needed) - {s for s in scopes if isinstance(s, str)}) if isinstance(scopes, list) else []
    if missing:
        said += f" It lacks the permission {', '.join(missing)}."
    other = bool(app_id) and ident(data, "app_id") not in {"", app_id}
    if other:
        said += f" It belongs to the app {says(ident(data, 'app_id'), 40)}, not to {app_id}."
    return Credential(said, well=not missing and not other, expires_at=ends)


def ident(item: Json, name: str = "id") -> str:
    """An id as text, empty where there is none."""
    given = item.get(name) if isinstance(item, dict) else None
    return str(given) if isinstance(given, str | int) and not isinstance(given, bool) else ""


def words(item: Json, name: str) -> str:
    """A text, empty where there is none."""
    given = item.get(name) if isinstance(item, dict) else None
    return given if isinstance(given, str) else ""


def instant(given: Json) -> datetime | None:
    """A time as Graph writes it (unix seconds, or ISO 8601 with +0000), in UTC. Raises ValueError for anything else."""
    if given is None or given == "":
        return None
    seconds = int(given) if isinstance(given, str) and given.isdecimal() else given
    if not isinstance(seconds, int) or isinstance(seconds, bool):
        return zoned(given)
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        raise unreadable(given) from None


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


def children(item: Json) -> tuple[str, ...]:
    """The ids of the pictures and videos inside one post: their addresses are signed anew at each reading."""
    inside = item.get("children") if isinstance(item, dict) else None
    parts = inside.get("data") if isinstance(inside, dict) else None
    return tuple(filter(None, map(ident, parts))) if isinstance(parts, list) else ()


def _regain(headers: Mapping[str, str]) -> float | None:
    """Seconds until calls are taken again, from X-Business-Use-Case-Usage, which says it in minutes."""
    try:
        usage = loads(headers.get("X-Business-Use-Case-Usage", "{}"))
        minutes = [entry["estimated_time_to_regain_access"] for entries in usage.values() for entry in entries]
        longest = max((float(m) for m in minutes if math.isfinite(float(m))), default=0.0)
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError):
        return None
    return longest * 60 or None

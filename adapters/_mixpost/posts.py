"""Mixpost's posts: where each stands, whose it is, its words; and its lists, which shift while posts are moved.

A post has one time for all its accounts, one version of its words for most of them, and others of its own for some.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final

from adapters._tools.instants import utc
from adapters._web.http import Client
from adapters._web.verdicts import Fate, Verdict, says
from freeze.posts import Json, State

NETWORKS: Final[Mapping[str, str]] = {
    "facebook_page": "facebook",
    "google_business_profile": "google-business",
    "instagram_direct": "instagram",
    "linkedin_page": "linkedin",
    "twitter": "x",
}
STATES: Final[Mapping[str, State]] = {
    "scheduled": State.SCHEDULED,
    "publishing": State.SCHEDULED,
    "needs_approval": State.PENDING_APPROVAL,
    "draft": State.DRAFT,
    "published": State.PUBLISHED,
}
FAILED: Final = "failed"
PER_PAGE: Final = 100
MOST_PAGES: Final = 1_000


def word(item: Mapping[str, Json]) -> str:
    """Mixpost's own word for where a post stands; some of its versions write it in capitals."""
    return str(item.get("status")).lower()


def stands(item: Mapping[str, Json], account: str) -> tuple[State, datetime | None, str]:
    """A post's state on an account, its time (UTC) and that time as written. Raises ValueError with a sentence."""
    due, out = item.get("scheduled_at"), item.get("published_at")
    if item.get("trashed") is True:
        return State.DELETED, None, ""
    now = word(item)
    if now == FAILED and not went_out(item, account):
        raise ValueError("Mixpost says that sending it failed; only the network shows whether it went out")
    state = State.PUBLISHED if now == FAILED else STATES.get(now)
    if state is None:
        raise ValueError(f'its status is "{says(item.get("status"), 40)}", which the guard does not handle')
    given = (out or due) if state is State.PUBLISHED else due
    if not given and state in (State.SCHEDULED, State.PUBLISHED):
        raise ValueError(f"it is {state.value} and has no time")
    return state, utc(given) if given else None, str(given or "")


def accounts(item: Mapping[str, Json]) -> list[Mapping[str, Json]]:
    """The accounts a post goes to, by their numbers. Raises ValueError where it names none."""
    given = item.get("accounts")
    found = [a for a in given if isinstance(a, dict) and ident(a)] if isinstance(given, list) else []
    if not found:
        raise ValueError("it does not say on which accounts it goes out")
    return sorted(found, key=lambda a: int(ident(a)))


def ident(account: Mapping[str, Json]) -> str:
    """An account's number as text; empty where it has none."""
    number = account.get("id")
    return str(number) if type(number) is int and number > 0 else ""


def name(account: Mapping[str, Json]) -> str:
    """What an account is called."""
    return says(account.get("name") or account.get("username") or ident(account), 60)


def also(item: Mapping[str, Json], account: str) -> str:
    """A sentence naming the other accounts that a post goes to; empty where there are none."""
    try:
        others = [f'"{name(a)}"' for a in accounts(item) if ident(a) != account]
    except ValueError:
        return ""
    return f" It also goes to {', '.join(others)}, whose time moves with it." if others else ""


def went_out(item: Mapping[str, Json], account: str) -> bool:
    """Whether a post that failed somewhere did go out on this account: it has an address there."""
    given = item.get("accounts")
    found = [a for a in given if isinstance(a, dict)] if isinstance(given, list) else []
    return any(ident(a) == account and a.get("external_url") for a in found)


def content(item: Mapping[str, Json]) -> tuple[str, tuple[str, ...]]:
    """The words of every version, the common one first, and what is attached. Raises ValueError where there is none."""
    given = item.get("versions")
    versions = [v for v in given if isinstance(v, dict)] if isinstance(given, list) else []
    if not versions:
        raise ValueError("it came without its words")
    texts: list[str] = []
    media: list[str] = []
    for version in sorted(versions, key=lambda v: v.get("is_original") is not True):
        parts = version.get("content")
        for part in parts if isinstance(parts, list) else []:
            if not isinstance(part, dict):
                raise ValueError("its words cannot be read")
            if part.get("body"):
                texts.append(str(part["body"]))
            attached = part.get("media")
            pictures = attached if isinstance(attached, list) else []
            media += [str(m.get("id")) if isinstance(m, dict) else str(m) for m in pictures]
    return "\n\n".join(texts), tuple(media)


def author(item: Mapping[str, Json]) -> str:
    """Who made a post."""
    user = item.get("user")
    return str(user.get("name") or "") if isinstance(user, dict) else ""


def tags(item: Mapping[str, Json]) -> tuple[str, ...]:
    """The names of a post's tags."""
    given = item.get("tags")
    return (
        tuple(str(t["name"]) for t in given if isinstance(t, dict) and t.get("name")) if isinstance(given, list) else ()
    )


def listing(client: Client, account: str, status: str) -> Iterator[tuple[list[dict[str, Json]], bool]]:
    """Every post of one status once, page by page, with whether that was the last.

    Pages are cut by position, and holding posts moves them to other positions while the list is read: it is read
    again from its start until as many posts are known as it counts, and given up when a reading finds no new one.
    Raises PlatformError.
    """
    known: set[str] = set()
    calls = 0
    while calls < MOST_PAGES:
        number, pages, before, total = 1, 1, len(known), 0
        while number <= pages and calls < MOST_PAGES:
            found, pages, total = _page(client, account, status, number)
            calls += 1
            fresh = {_key(item): item for item in found if _key(item) not in known}
            known |= fresh.keys()
            whole = number >= pages and len(known) >= total
            yield list(fresh.values()), whole
            if whole:
                return
            if not found:
                break
            number += 1
        if len(known) == before:
            raise client.wrong(f"{len(known)} posts of the {total} it counts")
    raise client.wrong(f"a list of more than {MOST_PAGES} pages")


def judge(status: int, body: Json, _headers: Mapping[str, str]) -> Verdict | None:
    """Laravel's own errors: {"message": ..., "errors": {field: [sentence, ...]}}; the first field is the code."""
    if not 400 <= status < 500 or status in (401, 429) or not isinstance(body, dict):
        return None
    errors = body.get("errors")
    code = next(iter(errors), "") if isinstance(errors, dict) else ""
    meant = {"publishing": "it is being sent out at this moment", "in_history": "it went out already"}
    return Verdict(Fate.NO, f"HTTP {status}, {meant.get(code) or says(body.get('message') or code)}", code)


def _page(client: Client, account: str, status: str, number: int) -> tuple[list[dict[str, Json]], int, int]:
    """One page: its posts, how many pages there are, and how many posts."""
    query = {"status": status, "accounts[]": account, "page": str(number), "limit": str(PER_PAGE)}
    body = client.get_json("/posts", query).body
    data, meta = (body.get("data"), body.get("meta")) if isinstance(body, dict) else (None, None)
    if not isinstance(data, list) or not all(isinstance(i, dict) for i in data):
        raise client.wrong("something that is not a list of posts")
    pages, total = (meta.get("last_page"), meta.get("total")) if isinstance(meta, dict) else (None, None)
    if type(pages) is not int or type(total) is not int:
        raise client.wrong("a list that does not say how many posts there are (meta.total)")
    return data, pages, total


def _key(item: Mapping[str, Json]) -> str:
    """What tells one row of a list from another: its id, or everything it holds."""
    native = item.get("uuid")
    return native if isinstance(native, str) and native else json.dumps(item, sort_keys=True)

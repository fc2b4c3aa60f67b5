"""Buffer's GraphQL: what is asked, what its errors mean, and answers in which a part is missing.

Sources: Buffer's own reference and schema, as copied in August 2026 (secondary source): the types, the error codes, at
most 30 aliases a query, `... on MutationError`. By GraphQL's own rules one missing post can empty a whole answer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from adapters._tools.instants import zoned
from adapters._web.http import Client
from adapters._web.verdicts import Denied, Fate, Verdict, says
from freeze.errors import Uncertain
from freeze.posts import Json

CREDENTIAL: Final = frozenset({"UNAUTHENTICATED", "UNAUTHORIZED"})
BUSY: Final = "RATE_LIMIT_EXCEEDED"
FAILED: Final = frozenset({"UNEXPECTED", "INTERNAL_SERVER_ERROR"})
NOT_FOUND: Final = "NOT_FOUND"
TOLD_APART: Final = frozenset({NOT_FOUND, "FORBIDDEN"})
MOST_AT_ONCE: Final = 25  # under the 30 aliases that a query may have

POST: Final = (
    "id status text dueAt sentAt createdAt shareMode isCustomScheduled schedulingType via channelId channelService "
    "author{id name}tags{id name}assets{id type mimeType source}error{message}"
)
CHANNEL: Final = "id name displayName service timezone organizationId isQueuePaused isDisconnected isLocked"
ACCOUNT: Final = "query Account{account{id organizations{id name}}}"
CHANNELS: Final = "query Channels($organization:OrganizationId!){channels(input:{organizationId:$organization}){%s}}"
POSTS: Final = (
    "query Posts($input:PostsInput!,$after:String){posts(first:50,after:$after,input:$input)"
    "{edges{node{%s}}pageInfo{endCursor hasNextPage}}}"
)
EDIT: Final = (
    "mutation Edit($input:EditPostInput!){editPost(input:$input)"
    "{__typename ...on PostActionSuccess{post{id status dueAt}}...on MutationError{message}}}"
)


@dataclass(frozen=True, slots=True)
class Missing:
    """Why one of several things that were asked for did not come: Buffer's code and words."""

    code: str
    says: str


def judge(status: int, body: Json, headers: Mapping[str, str]) -> Verdict | None:
    """Buffer's errors, {"errors": [{"message", "path", "extensions": {"code"}}]}, nearly always in a 200.

    None where every error is about one of several things that were asked for: the rest may be read.
    """
    del headers
    errors = body.get("errors") if isinstance(body, dict) else None
    if not errors:
        return None
    told = [_error(e) for e in (errors if isinstance(errors, list) else [errors])]
    codes = [code for _, code, _ in told]
    if status == 200 and all(path and code in TOLD_APART for path, code, _ in told):
        return None
    code = next((c for c in codes if c in CREDENTIAL | FAILED | {BUSY}), codes[0])
    words = next(f"{code or f'HTTP {status}'}, {message}" for _, c, message in told if c == code)
    if status == 401 or code in CREDENTIAL:
        return Verdict(Fate.CREDENTIAL, words, code)
    if status == 429 or code == BUSY:
        return Verdict(Fate.WAIT, words, code)
    return Verdict(Fate.BROKEN if status >= 500 or code in FAILED else Fate.NO, words, code)


def ask(client: Client, query: str, variables: Mapping[str, Json] | None = None) -> dict[str, Json]:
    """The data of an answer that must be whole. Raises PlatformError."""
    body = client.read_json("POST", "/", body={"query": query, "variables": dict(variables or {})}).body
    missing = missing_of(body)
    if missing:
        first = next(iter(missing.values()))
        raise Denied(f'The connection "{client.connection}" refused ({first.code}, {first.says}).', "", 200, first.code)
    return _data(client, body)


def several(client: Client, kind: str, ids: Sequence[str], fields: str) -> dict[str, dict[str, Json] | Missing]:
    """Things of one kind ("post", "channel") by their ids, in as few calls as go: each one, or why it did not come.

    A missing one empties the answer, so the others are asked for again without it. Raises PlatformError.
    """
    found: dict[str, dict[str, Json] | Missing] = {}
    left = list(dict.fromkeys(ids))
    while left:
        here = left[:MOST_AT_ONCE]
        names = {f"a{n}": native for n, native in enumerate(here)}
        heads = ",".join(f"${name}:{kind.title()}Id!" for name in names)
        parts = "".join(f"{name}:{kind}(input:{{id:${name}}}){{...F}}" for name in names)
        query = f"query Several({heads}){{{parts}}}fragment F on {kind.title()}{{{fields}}}"
        body = client.read_json("POST", "/", body={"query": query, "variables": names}, urgent=True).body
        missing = {names[name]: why for name, why in missing_of(body).items() if name in names}
        if missing_of(body) and not missing:
            raise client.wrong("errors that are about nothing it was asked for")
        found |= missing
        if not missing:
            data = _data(client, body)
            for name, native in names.items():
                if not isinstance(data.get(name), dict):
                    raise client.wrong(f"something that is not a {kind}")
                found[native] = data[name]
        left = [native for native in left if native not in found]
    return found


def change(client: Client, body: Json) -> str:
    """Make one change, once; the status that the post is said to have now.

    Raises Denied where Buffer says no, Uncertain where the answer is not about that post, and PlatformError.
    """
    answer = client.send_once("POST", "/", body=body)
    edited = answer.body.get("data") if isinstance(answer.body, dict) else None
    made = edited.get("editPost") if isinstance(edited, dict) else None
    for why in missing_of(answer.body).values():
        raise Denied(f'The connection "{client.connection}" refused ({why.code}, {why.says}).', "", 200, why.code)
    if isinstance(made, dict) and isinstance(made.get("message"), str):
        kind, words = says(made.get("__typename", ""), 40), says(made["message"])
        raise Denied(f'The connection "{client.connection}" refused ({kind}, {words}).', "", answer.status, kind)
    post = made.get("post") if isinstance(made, dict) else None
    if not isinstance(post, dict) or post.get("id") != body["variables"]["input"]["id"]:
        raise Uncertain(f'The connection "{client.connection}" answered a change with something that is not the post.')
    return says(post.get("status", ""), 40)


def missing_of(body: Json) -> dict[str, Missing]:
    """What did not come, by the name it was asked for under."""
    errors = body.get("errors") if isinstance(body, dict) else None
    if not isinstance(errors, list):
        return {}
    return {path: Missing(code, message) for path, code, message in map(_error, errors)}


def instant(given: Json) -> datetime | None:
    """A time as Buffer writes it, in UTC; None where there is none. Raises ValueError with a sentence otherwise."""
    return None if given is None or given == "" else zoned(given)


def iso(at: datetime) -> str:
    """An instant as Buffer writes it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"


def _data(client: Client, body: Json) -> dict[str, Json]:
    data = body.get("data") if isinstance(body, dict) else None
    if not isinstance(data, dict):
        raise client.wrong("something that is not an answer from Buffer")
    return data


def _error(error: Json) -> tuple[str, str, str]:
    """One error as (the name it is about, its code, its words); empty where it does not say."""
    if not isinstance(error, dict):
        return "", "", says(error)
    path, extensions = error.get("path"), error.get("extensions")
    about = str(path[0]) if isinstance(path, list) and path else ""
    code = says(extensions.get("code", ""), 40) if isinstance(extensions, dict) else ""
    return about, code, says(error.get("message", ""))

"""Answers as no platform should give them: the truth with one thing wrong, or something else altogether."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

ODD: tuple[Any, ...] = (
    *(None, "", "???", -1, 10**30, 1.5, True, [], {}, [None], {"a": {}}),
    *("2022-13-45T99:99:99Z", "\x00\u202e"),
)
BODIES = (
    *(b"", b"null", b"[]", b"{}", b"0", b'"ok"', b"[null]", b"[[]]", b"NaN", b'[{"id": NaN}]', b"[" * 5_000),
    *(b"<html><h1>It works!</h1></html>", b"\xff\xfe{", b'{"data":', b'{"data": null}', b'{"data": [null]}'),
    *(b'{"data": [[]]}', b'{"data": {"a": 1}}', b'{"items": [{}]}', b'{"errors": [{}]}', b'{"errors": "no"}'),
    *(b'{"error": {}}', b'{"error": []}', b'{"elements": [3]}', b'{"posts": [{"id": 1}]}'),
    *(b'{"data": {"posts": {"edges": [null]}}}', b'{"feed": [{"post": null}]}', b'{"data": {"videos": {}}}'),
)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place inside a JSON value, outermost first."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield (*path, key)
        yield from places(inner, (*path, key))


HALF, GONE = "\ud83d", "\0"
WORDS = frozenset(
    {"text", "title", "name", "username", "handle", "description", "biography", "message", "content", "caption"}
    | {"tags", "author", "display_name", "displayname", "note", "raw", "rendered", "headline", "tagline"}
)
"""Fields in which platforms give what somebody wrote."""


def halved(raw: bytes) -> bytes:
    """The same answer with half an emoji and a NUL behind everything that somebody wrote, and in a field of its own."""
    try:
        body = json.loads(raw)
    except ValueError:
        return raw

    def planted(value: Any, field: str = "") -> Any:
        if isinstance(value, dict):
            more = {f"{HALF}{GONE}": f"{HALF}{GONE}"} if "id" in value else {}
            return {k: planted(v, k) for k, v in value.items()} | more
        if isinstance(value, list):
            return [planted(v, field) for v in value]
        wrote = isinstance(value, str) and (" " in value or field.lower() in WORDS) and not value.startswith("http")
        return f"{value}{HALF}{GONE}" if wrote else value

    return json.dumps(planted(body)).encode()


def texts(value: Any) -> Iterator[str]:
    """Every text in a value and the values it is made of."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from texts([*value.keys(), *value.values()])
    elif isinstance(value, list | tuple | set | frozenset):
        for v in value:
            yield from texts(v)
    elif isinstance(value, BaseException):
        yield str(value)
    elif is_dataclass(value):
        yield from texts([getattr(value, f.name) for f in fields(value)])


def unsafe(value: Any) -> list[str]:
    """The texts in a value that a database does not take."""
    return [t for t in texts(value) if any(c == GONE or "\ud800" <= c <= "\udfff" for c in t)]


def mangled(raw: bytes, chance: random.Random) -> bytes:
    """The same answer with one value taken out, replaced by something odd, or given twice; or another answer."""
    try:
        body = copy.deepcopy(json.loads(raw))
    except ValueError:
        return raw
    found = list(places(body))
    if not found or chance.random() < 0.2:
        return chance.choice(BODIES)
    *way, last = chance.choice(found)
    inside = body
    for key in way:
        inside = inside[key]
    match chance.randrange(3):
        case 0:
            del inside[last]
        case 1 if isinstance(inside, list):
            inside.append(inside[last])
        case _:
            inside[last] = chance.choice(ODD)
    return json.dumps(body).encode()

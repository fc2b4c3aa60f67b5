"""Answers as no platform should give them: the truth with one thing wrong, or something else altogether."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterator
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

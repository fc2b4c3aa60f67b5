"""What every simulator needs for answering: bodies, times, and listings cut into pages."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response

from freeze.sandbox._core.faults import LISTING_KINDS
from freeze.sandbox._core.world import World

T = TypeVar("T")


class BadBody(ValueError):
    """A request body that is neither JSON nor a form."""


def reply(data: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """An answer in JSON."""
    body = json.dumps(data, separators=(",", ":")).encode()
    return Response(body, status, headers, media_type="application/json; charset=UTF-8")


async def fields_of(request: Request) -> dict[str, Any]:
    """The fields of a write: the query, then the body (JSON or an URL-encoded form). Raises BadBody."""
    fields: dict[str, Any] = dict(request.query_params)
    raw = await request.body()
    if not raw:
        return fields
    try:
        if "json" in request.headers.get("content-type", ""):
            body = json.loads(raw)
            if not isinstance(body, dict):
                raise BadBody("The body is JSON, but not an object.")
            return fields | body
        return fields | dict(parse_qsl(raw.decode(), keep_blank_values=True, strict_parsing=True))
    except ValueError as e:
        raise BadBody(f"The body cannot be read: {e}") from None


@dataclass(frozen=True, slots=True)
class Paged(Generic[T]):
    """One page: its items, how many there are in all, and whether more follow."""

    items: list[T]
    total: int
    more: bool


def paginate(request: Request, world: World, name: str, items: Sequence[T], start: int, size: int) -> Paged[T]:
    """The page of `size` items that begins at `start`, with the listing faults of `name` applied."""
    page = list(items[start : start + size])
    total, more = len(items), start + size < len(items)
    for fault in world.faults.strike(name, request.method, request.url.path, LISTING_KINDS):
        if fault.kind == "empty_list":
            return Paged([], 0, False)
        return Paged(page[: len(page) // 2], total, False)
    return Paged(page, total, more)


def zulu(at: datetime | None) -> str | None:
    """An instant as '2026-12-31T07:00:00Z'; parts of a second are shown only where there are any."""
    if at is None:
        return None
    return at.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"


def instant(text: Any, what: str) -> datetime:
    """An ISO 8601 instant with a zone, in UTC. Raises ValueError with one sentence for anything else."""
    try:
        at = datetime.fromisoformat(str(text))
    except ValueError:
        raise ValueError(f'{what} "{text}" is not a date and time; write it like 2022-09-08T17:40:00Z.') from None
    if at.tzinfo is None:
        raise ValueError(f'{what} "{text}" has no zone; end it with Z or an offset like +01:00.')
    return at.astimezone(UTC)

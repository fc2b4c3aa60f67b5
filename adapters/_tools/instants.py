"""Times as platforms write them, as instants in UTC.

Each raises ValueError with half a sentence ("its time ... cannot be read"): one odd post is set aside and named.
"""

from __future__ import annotations

from datetime import UTC, datetime

from adapters._web.verdicts import says
from freeze.posts import Json


def zoned(given: Json) -> datetime:
    """An ISO 8601 time that says its own zone."""
    at = _read(given)
    if at.tzinfo is None:
        raise ValueError(f'its time "{says(given, 40)}" has no zone')
    return _in_utc(at, given)


def utc(given: Json) -> datetime:
    """An ISO 8601 time of a platform that writes UTC, whether or not it says so."""
    at = _read(given)
    return at.replace(tzinfo=UTC) if at.tzinfo is None else _in_utc(at, given)


def unreadable(given: Json) -> ValueError:
    """What to raise for a time in no known shape."""
    return ValueError(f'its time "{says(given, 40)}" cannot be read')


def _read(given: Json) -> datetime:
    try:
        return datetime.fromisoformat(given)
    except (TypeError, ValueError):
        raise unreadable(given) from None


def _in_utc(at: datetime, given: Json) -> datetime:
    try:
        return at.astimezone(UTC)
    except OverflowError:  # the first or last day that a calendar knows, in another zone
        raise unreadable(given) from None

"""Times as people type them in options."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from freeze.errors import UsageError
from freeze.views.declaring import Times
from freeze.windows import Window, end_of, london, parse_day, parse_instant, say


def until(text: str) -> datetime:
    """An end: a bare date is the end of that day. Raises UsageError."""
    return end_of(parse_day(text, what="--until")) if len(text.strip()) == 10 else parse_instant(text, what="--until")


def hole(text: str) -> Window:
    """A gap, FROM/TO. Raises UsageError."""
    first, slash, last = text.partition("/")
    if not slash:
        raise UsageError(f'--hole "{text}" is not a span.', "Write it like 2021-04-13T09:00/2021-04-17T00:00.")
    return Window(parse_instant(first, what="--hole"), parse_instant(last, what="--hole"), "gap")


def ahead(text: str, option: str, now: datetime) -> datetime:
    """An instant still to come: a clock time is one of today, a date the end of that day. Raises UsageError."""
    given = text.strip()
    if re.fullmatch(r"\d{4}-\d\d-\d\d", given):
        at = end_of(parse_day(given, what=option))
    else:
        today = f"{london(now).date().isoformat()}T" if re.fullmatch(r"\d\d:\d\d", given) else ""
        at = parse_instant(today + given, what=option)
    if at <= now:
        raise UsageError(f"{option} {say(at)} has passed.", "Give a later time.")
    return at


def given(
    start: str | None,
    until_: str | None,
    days: int | None,
    minutes: int | None,
    d_day: str | None,
    poll: str | None,
    election: str | None,
    holes: Sequence[str],
) -> Times:
    """Everything that freeze declare takes about time. Raises UsageError."""
    return Times(
        start=parse_instant(start, what="--from") if start else None,
        until=until(until_) if until_ else None,
        days=days,
        minutes=minutes,
        d_day=parse_day(d_day, what="--d-day") if d_day else None,
        poll=parse_day(poll, what="--poll") if poll else None,
        election=election,
        holes=tuple(map(hole, holes)),
    )

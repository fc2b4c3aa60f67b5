"""Where a post is parked on a platform that cannot hold it, only move it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from freeze.windows import Window

APART = timedelta(minutes=5)
NEAR = timedelta(days=7)


def park(
    now: datetime, ceiling: timedelta, after: datetime, avoid: Sequence[Window], slot: int
) -> tuple[datetime, bool]:
    """The latest whole minute for the `slot`-th parked post, and whether it lies outside every window in `avoid`.

    Posts are spread five minutes apart, backwards from the ceiling (UTC). Never before `after`: a post that fires
    because the guard died must at least not fire early; nor within `NEAR`, which would leave the guard too little time
    to move it on. With no such time left, the ceiling itself, windows or not.
    """
    after = max(after, min(now + NEAR, now + ceiling / 2))
    last = (now + ceiling).astimezone(UTC).replace(second=0, microsecond=0)
    free = _free(last, after, avoid)
    count = sum((end - start) // APART + 1 for start, end in free)
    if not count:
        spread = max((last - after) // APART, 0) + 1
        return last - slot % spread * APART, not any(last in w for w in avoid)
    left = slot % count
    for start, end in free:
        here = (end - start) // APART + 1
        if left < here:
            return end - left * APART, True
        left -= here
    raise AssertionError("the slot lies in one of the free spans")


def _free(last: datetime, after: datetime, avoid: Sequence[Window]) -> list[tuple[datetime, datetime]]:
    """The spans of whole minutes in [after, last] outside every window, latest first, both ends included."""
    first = after.astimezone(UTC).replace(second=0, microsecond=0) + timedelta(minutes=1)
    spans: list[tuple[datetime, datetime]] = []
    end = last
    for w in sorted(avoid, key=lambda w: w.end, reverse=True):
        if w.start > end:
            continue
        start = _up(w.end)
        if max(start, first) <= end:
            spans.append((max(start, first), end))
        end = min(end, _below(w.start))
    if first <= end:
        spans.append((first, end))
    return spans


def _up(at: datetime) -> datetime:
    """The first whole minute at or after an instant."""
    whole = at.astimezone(UTC).replace(second=0, microsecond=0)
    return whole if whole == at else whole + timedelta(minutes=1)


def _below(at: datetime) -> datetime:
    """The last whole minute before an instant."""
    return _up(at) - timedelta(minutes=1)

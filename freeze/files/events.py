"""Reading iCalendar files (RFC 5545): every occurrence from 60 days ago to 400 days ahead. Pure but for `content_of`.

Repetition (RRULE, RDATE, EXDATE, RECURRENCE-ID) is worked out by recurring-ical-events, one series at a time, so that a
broken one spoils no other. A time without a zone is London's; a zone that nobody knows is an error, never a guess. An
event for whole days lasts from midnight to midnight in London; one that says no end is taken to last an hour (our
choice). Cancelled events are left out. What cannot be used is left out too, and named.

Bounds, all our choice: a file of 5 MB, 5,000 occurrences of one file, and rules that repeat at most daily and at most
24 times a day; rules that give nothing for long cost time, so after half a minute the remaining series are left out.
"""

from __future__ import annotations

import time
import warnings
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from freeze.errors import UsageError
from freeze.events import Event
from freeze.levelling import level
from freeze.posts import same_words
from freeze.windows import LONDON, Window, end_of, london, midnight, say_day

BEHIND, AHEAD = timedelta(days=60), timedelta(days=400)
LARGEST = 5_000_000
"""Bytes of a file."""
MOST = 5_000
"""Occurrences taken from one file, the first ones."""
SECONDS = 30.0
"""How long working out repetition may take, after which no further series is begun."""
NO_END = timedelta(hours=1)
A_DAY = 24
"""Times a day that a rule may repeat."""
WORDS = 160
NO_KIND = "event"


@dataclass(frozen=True, slots=True)
class Left:
    """An event that was left out, and why."""

    title: str
    why: str

    def said(self) -> str:
        """In words."""
        return f"{self.title}: {self.why}"


@dataclass(frozen=True, slots=True)
class Contents:
    """What a file gives: occurrences in order of time, what was left out for being wrong, and counts of the rest.

    `cancelled` and `outside` (of the span) are events, not occurrences; `over` are occurrences beyond `MOST`.
    """

    events: tuple[Event, ...]
    left: tuple[Left, ...]
    cancelled: int
    outside: int
    over: int


class _Wrong(Exception):
    """An event that cannot be used; its words say why."""


def content_of(file: Path) -> bytes:
    """What a file holds, at most one byte more than is read. Raises UsageError."""
    try:
        with file.open("rb") as f:
            return f.read(LARGEST + 1) if file.stat().st_size <= LARGEST else _too_large(file)
    except OSError as e:
        raise UsageError(f"{file} cannot be read: {e.strerror}.", "Check its name and who may read it.") from None


def _too_large(file: Path) -> bytes:
    raise UsageError(
        f"{file} has {file.stat().st_size:,} bytes; at most {LARGEST:,} are read.",
        "Export a shorter time, or fewer calendars.",
    )


def read(content: bytes, now: datetime, source: str, kind: str = "") -> Contents:
    """The events of one file. `kind` is given to all of them; without it each has its first category.

    Raises UsageError for a file that is too large or no calendar.
    """
    calendars = _calendars(content, source)
    span = Window(now - BEHIND, now + AHEAD)
    found: dict[tuple[str, str, Window], Event] = {}
    left: list[Left] = []
    counts: Counter[str] = Counter()
    started = time.monotonic()
    for calendar in calendars:
        zones = calendar.walk("VTIMEZONE")
        off = str(calendar.get("METHOD", "")).upper() == "CANCEL"
        for series in _series(calendar):
            title = _title(series[0])
            if off or all(_cancelled(e) for e in series):
                counts["cancelled"] += 1
                continue
            if time.monotonic() - started > SECONDS:
                left.append(Left(title, "working out when the events before it come back took too long"))
                continue
            try:
                mine = list(_occurrences(series, zones, span, source, kind))
            except _Wrong as e:
                left.append(Left(title, str(e)))
                continue
            except Exception as e:  # noqa: BLE001 - a broken event may fail anywhere in the libraries
                left.append(Left(title, f"cannot be understood ({_clean(str(e)) or type(e).__name__})"))
                continue
            counts["outside"] += not mine
            found |= {(e.kind, e.title, e.window): e for e in mine}
    events = sorted(found.values(), key=lambda e: (e.window, e.kind, e.title))
    return Contents(
        tuple(events[:MOST]), tuple(left), counts["cancelled"], counts["outside"], max(0, len(events) - MOST)
    )


def _calendars(content: bytes, source: str) -> Sequence[Any]:
    if len(content) > LARGEST:
        raise UsageError(
            f"{source} has {len(content):,} bytes; at most {LARGEST:,} are read.",
            "Export a shorter time, or fewer calendars.",
        )
    if b"BEGIN:VCALENDAR" not in content.upper():
        raise UsageError(f"{source} is no calendar: BEGIN:VCALENDAR is missing.", "Export it as iCalendar (.ics).")
    from icalendar import Calendar

    try:
        with warnings.catch_warnings():
            # It warns of zones with a vendor's prefix, which it understands.
            warnings.simplefilter("ignore")
            calendars = Calendar.from_ical(level(content.decode("utf-8-sig")), multiple=True)
    except UnicodeDecodeError:
        raise UsageError(f"{source} is not UTF-8 text.", "Save it again as iCalendar (.ics).") from None
    except Exception as e:  # noqa: BLE001 - whatever the library stumbles over, the file is broken
        raise UsageError(f"{source} is a broken calendar: {_clean(str(e))}", "Export it again.") from None
    return [c for c in calendars if c.name == "VCALENDAR"]


def _series(calendar: Any) -> Iterator[list[Any]]:
    """The events of a calendar, those of one series together."""
    by_uid: dict[str, list[Any]] = {}
    for n, e in enumerate(calendar.walk("VEVENT")):
        by_uid.setdefault(str(e.get("UID", "")) or f"without an id {n}", []).append(e)
    yield from by_uid.values()


def _occurrences(series: Sequence[Any], zones: Sequence[Any], span: Window, source: str, kind: str) -> Iterator[Event]:
    import recurring_ical_events
    from icalendar import Calendar

    for e in series:
        _check(e)
    calendar = Calendar()
    for part in (*zones, *series):
        calendar.add_component(part)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = recurring_ical_events.of(calendar).between(span.start - timedelta(days=1), span.end + timedelta(days=1))
    for e in found:
        if _cancelled(e):
            continue
        window = _window(e)
        if window.start < span.end and span.start < window.end:
            yield Event(same_words(kind) or _kind(e), _title(e), window, source)


def _check(e: Any) -> None:
    """Raise for what the libraries would guess about, or never come to an end with."""
    if "DTSTART" not in e:
        raise _Wrong("it says no start")
    for name in ("DTSTART", "DTEND", "RECURRENCE-ID", "RDATE", "EXDATE"):
        for value in _listed(e.get(name)):
            for moment in _moments(value):
                if isinstance(moment, datetime) and moment.tzinfo is None and "TZID" in value.params:
                    raise _Wrong(f'its time zone "{_clean(str(value.params["TZID"]))}" is not known')
    start, end = e["DTSTART"].dt, e["DTEND"].dt if "DTEND" in e else None
    if end is not None and (isinstance(start, datetime) is not isinstance(end, datetime) or _at(end) < _at(start)):
        raise _Wrong("it ends before it starts")
    if "DURATION" in e and e["DURATION"].dt < timedelta(0):
        raise _Wrong("it ends before it starts")
    for rule in _listed(e.get("RRULE")):
        _check_rule(rule)


def _check_rule(rule: Mapping[str, Any]) -> None:
    often = str((rule.get("FREQ") or [""])[0]).upper()
    times = 1
    for part in ("BYHOUR", "BYMINUTE", "BYSECOND"):
        times *= max(1, len(_listed(rule.get(part))))
    if often in ("SECONDLY", "MINUTELY", "HOURLY") or times > A_DAY:
        raise _Wrong("it comes back more often than a calendar can show")
    if any(int(n) < 1 for n in _listed(rule.get("INTERVAL"))):
        raise _Wrong("it comes back after no time at all (INTERVAL)")


def _listed(value: Any) -> list[Any]:
    return [] if value is None else list(value) if isinstance(value, list | tuple) else [value]


def _moments(value: Any) -> list[Any]:
    """The times in one property."""
    return [x.dt for x in value.dts] if hasattr(value, "dts") else [value.dt]


def _at(moment: date) -> datetime:
    """A moment of a file as an instant in UTC; a day is its London midnight, a time without a zone London's."""
    if not isinstance(moment, datetime):
        return midnight(moment)
    return (moment if moment.tzinfo else moment.replace(tzinfo=LONDON)).astimezone(UTC)


def _window(e: Any) -> Window:
    """When one occurrence is."""
    start = e["DTSTART"].dt
    end = e["DTEND"].dt if "DTEND" in e else start
    first, last = _at(start), _at(end)
    if not isinstance(start, datetime):
        last = last if last > first else end_of(start)
        days = (london(last - timedelta(hours=1)).date() - start).days
        until = f" to {say_day(start + timedelta(days=days))}" if days else ""
        return Window(first, last, f"{say_day(start)}{until}, all day")
    last = last if last > first else first + NO_END
    return Window(first, last, _civil(london(first), london(last)))


def _civil(first: datetime, last: datetime) -> str:
    said = f"{say_day(first.date())}, {first:%H:%M}"
    if first.tzname() != last.tzname():
        said += f" {first:%Z}"
    if last.date() == first.date():
        return f"{said} to {last:%H:%M} {last:%Z}"
    return f"{said} to {say_day(last.date())}, {last:%H:%M} {last:%Z}"


def _cancelled(e: Any) -> bool:
    return str(e.get("STATUS", "")).upper() == "CANCELLED"


def _title(e: Any) -> str:
    return _clean(str(e.get("SUMMARY", ""))) or "(an event without a title)"


def _kind(e: Any) -> str:
    for value in _listed(e.get("CATEGORIES")):
        for name in value.cats:
            if kind := same_words(_clean(str(name))):
                return kind
    return NO_KIND


def _clean(text: str) -> str:
    """Somebody's words on one line, not endlessly many."""
    flat = " ".join("".join(ch if ch.isprintable() else " " for ch in text[: WORDS * 4]).split())
    return flat if len(flat) <= WORDS else f"{flat[: WORDS - 1]}…"

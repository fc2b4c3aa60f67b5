"""A calendar feed as iCalendar (RFC 5545, RFC 7986): what Outlook, Google Calendar or a phone subscribes to.

Times carry TZID=Europe/London with its own VTIMEZONE. The hour that comes twice in October is written in UTC the second
time, because RFC 5545 3.3.5 reads a local time that happens twice as the first. REFRESH-INTERVAL is RFC 7986 5.7;
X-PUBLISHED-TTL and X-WR-CALNAME are what older programs understand instead (secondary source: vendors' pages).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

from icalendar import Calendar, Timezone, TimezoneDaylight, TimezoneStandard, vRecur, vText

from freeze.views.feeds import Event, Issue
from freeze.views.month import Material
from freeze.windows import london, say
from freeze.words import safe

EVERY = timedelta(hours=1)
"""How often a calendar program is asked to look again."""

ZONE = "Europe/London"


def feed(m: Material, service: str, published: Iterable[tuple[Event, Issue]]) -> bytes:
    """The whole feed, as one file."""
    name = f"{safe(m.council, 80)}: {safe(service, 60) or 'all services'}, scheduled posts and pauses"
    about = [f"Made {say(m.now)}.", *(f"{safe(s, 200)}." for s in m.sources), *(safe(t, 300) for t in m.troubles)]
    calendar = Calendar()
    calendar.add("prodid", "-//Freeze Guard//Calendar//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("name", name)
    calendar.add("x-wr-calname", name)
    calendar.add("description", " ".join([*([safe(m.marking, 60)] if m.marking else []), *about]))
    calendar.add("x-wr-caldesc", calendar["description"])
    calendar.add("x-wr-timezone", ZONE)
    calendar.add("refresh-interval", EVERY, {"value": "DURATION"})
    calendar.add("x-published-ttl", "PT1H")
    calendar.add_component(_zone())
    head, _, tail = calendar.to_ical().rpartition(b"END:VCALENDAR")
    return b"".join((head, *(_event(e, i) for e, i in published), b"END:VCALENDAR", tail))


def _event(e: Event, i: Issue) -> bytes:
    """One VEVENT. The library escapes; its own components would be five times slower for 5,000 of them."""
    stamp = _utc(i.changed_at)
    status = "CANCELLED" if i.cancelled_at else "TENTATIVE" if e.tentative else "CONFIRMED"
    summary = f"CANCELLED: {e.summary}" if i.cancelled_at else e.summary
    start, end = _times(e)
    return b"".join(
        (
            f"BEGIN:VEVENT\r\nUID:{i.uid}\r\nSEQUENCE:{i.sequence}\r\n".encode(),
            f"DTSTAMP:{stamp}\r\nLAST-MODIFIED:{stamp}\r\nDTSTART{start}\r\nDTEND{end}\r\n".encode(),
            _folded(b"SUMMARY:" + vText(summary).to_ical()),
            _folded(b"DESCRIPTION:" + vText(e.description).to_ical()),
            _folded(b"CATEGORIES:" + vText(e.category).to_ical()),
            f"STATUS:{status}\r\nTRANSP:TRANSPARENT\r\nEND:VEVENT\r\n".encode(),
        )
    )


def _folded(line: bytes) -> bytes:
    """A content line in pieces of at most 75 octets (RFC 5545 3.1), no character cut in two."""
    pieces, at, room = [], 0, 75
    while len(line) - at > room:
        end = at + room
        while line[end] & 0xC0 == 0x80:  # inside a character of several octets
            end -= 1
        pieces.append(line[at:end])
        at, room = end, 74
    return b"\r\n ".join((*pieces, line[at:])) + b"\r\n"


def _times(e: Event) -> tuple[str, str]:
    """What follows DTSTART and DTEND, both of one form."""
    start, end = london(e.start), london(e.end)
    if e.all_day:
        return f";VALUE=DATE:{start:%Y%m%d}", f";VALUE=DATE:{end:%Y%m%d}"
    if start.fold or end.fold:
        return f":{_utc(e.start)}", f":{_utc(e.end)}"
    return f";TZID={ZONE}:{start:%Y%m%dT%H%M%S}", f";TZID={ZONE}:{end:%Y%m%dT%H%M%S}"


def _utc(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _zone() -> Timezone:
    """Europe/London since 1996: summer time from the last Sunday in March to the last in October, at 01:00 UTC.

    The Summer Time Order 2002 (SI 2002/262).
    """
    zone = Timezone()
    zone.add("tzid", ZONE)
    for part, name, month, before, after, hour in (
        (TimezoneDaylight(), "BST", 3, 0, 1, 1),
        (TimezoneStandard(), "GMT", 10, 1, 0, 2),
    ):
        first = date(1996, month, 31 if month == 3 else 27)
        part.add("dtstart", datetime(first.year, first.month, first.day, hour))  # noqa: DTZ001 - a zone's own start is local
        part.add("rrule", vRecur({"FREQ": "YEARLY", "BYMONTH": month, "BYDAY": "-1SU"}))
        part.add("tzoffsetfrom", timedelta(hours=before))
        part.add("tzoffsetto", timedelta(hours=after))
        part.add("tzname", name)
        zone.add_component(part)
    return zone

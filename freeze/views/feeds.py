"""What a calendar feed publishes: events with a lasting identity, a number that rises, and an honest end. Pure.

A calendar program keeps what it once fetched. So an event keeps its UID for ever, its SEQUENCE rises whenever anything
a reader sees changes, and an event that is no more is published as cancelled for `KEPT` before it is left out.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from urllib.parse import quote

from freeze.holds import digest
from freeze.posts import Json
from freeze.views.marks import Entry, Mark
from freeze.views.month import Band, Material, bands, entries, said
from freeze.windows import end_of, london, midnight, say
from freeze.words import excerpt, safe

KEPT = timedelta(days=31)
"""How long a cancelled event is still published, and how long one that is over."""

LASTS = timedelta(minutes=15)
"""How long a post seems to last: calendar programs hardly show an event without length."""


@dataclass(frozen=True, slots=True)
class Event:
    """One event as a reader sees it; instants in UTC. `all_day` means whole London days."""

    summary: str
    start: datetime
    end: datetime
    description: str = ""
    category: str = ""
    tentative: bool = False

    @property
    def all_day(self) -> bool:
        """Whether it covers whole London days."""
        return all(at == midnight(london(at).date()) for at in (self.start, self.end))

    def to_json(self) -> dict[str, Json]:
        """The event as the store keeps it: enough to say that it is cancelled."""
        return {
            "summary": self.summary,
            "start": self.start.isoformat(),
            "end": self.end.isoformat(),
            "category": self.category,
        }

    @classmethod
    def from_json(cls, d: Mapping[str, Json]) -> Event:
        """What is left of an event that is no more."""
        start, end = datetime.fromisoformat(d["start"]), datetime.fromisoformat(d["end"])
        return cls(d["summary"], start, end, "This is no more.", d["category"])

    @property
    def digest(self) -> str:
        """Changes whenever a reader would see a change."""
        return digest([self.to_json(), self.description, self.tentative])


@dataclass(frozen=True, slots=True)
class Issue:
    """How an event was published last; `cancelled_at` is set once it is no more. Instants in UTC."""

    uid: str
    sequence: int
    digest: str
    changed_at: datetime
    cancelled_at: datetime | None
    event: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Revision:
    """A feed as it is published now, and what must be remembered of it: what changed, and what is left out for good."""

    published: tuple[tuple[Event, Issue], ...]
    changed: Mapping[str, Issue]
    gone: tuple[str, ...]


def name_of(service: str) -> str:
    """What a service's feed is called in the store; everybody's is "*", which no service can be called."""
    return quote(service, safe="") or "*"


def events(m: Material, service: str) -> dict[str, Event]:
    """Every event of a service's feed (or everybody's) that is not over for longer than `KEPT`, by its lasting key."""
    found: dict[str, Event] = {}
    for b in bands(m, service, plain=True):
        found[b.key] = _band(b)
    for e in entries(m, service):
        if e.at is not None:
            found[f"post/{e.post.same_as or e.post.id}"] = _post(e, e.at)
    day = london(m.now - KEPT).date()
    last = london(m.now).date() + timedelta(days=366)
    while day <= last:
        for n, title in enumerate(m.holidays(day)):
            found[f"holiday/{day.isoformat()}/{n}"] = _holiday(day, title)
        day += timedelta(days=1)
    return {k: e for k, e in found.items() if e.end > m.now - KEPT}


def _band(b: Band) -> Event:
    lines = [f"{said(b)}."]
    if b.pause:
        lines.append("Schedule and approve nothing for this time. Each post says whether it is held or needs a person.")
        lines.append("Go on reading and answering messages.")
    if b.detail:
        detail = safe(b.detail, 300)
        lines.append(f"{detail[:1].upper()}{detail[1:].rstrip('.')}.")
    kind = "Pause" if b.pause else "Rule"
    return Event(safe(b.title, 120), b.window.start, b.window.end, "\n".join(lines), kind)


def _post(e: Entry, at: datetime) -> Event:
    words = f"{safe(e.account, 40)}: {excerpt(e.post, 60)}"
    plain = e.mark in (Mark.DUE, Mark.SENT, Mark.PASSED)
    lines = [f"{say(at)}: {e.mark.meaning}{f' ({e.note})' if e.note else ''}.", f"{e.post.ref} on {e.post.platform}"]
    if e.also:
        lines[-1] += f", in {e.also + 1} queues"
    summary = words if e.mark is Mark.DUE else f"[{e.mark.short.upper()}] {words}"
    return Event(summary, at, at + LASTS, "\n".join(lines), "Post", tentative=not plain)


def _holiday(day: date, title: str) -> Event:
    return Event(f"Bank holiday: {title}", midnight(day), end_of(day), "England and Wales.", "Bank holiday")


def revise(known: Mapping[str, Issue], current: Mapping[str, Event], now: datetime) -> Revision:
    """What is published now, given what was published last."""
    published: list[tuple[Event, Issue]] = []
    changed: dict[str, Issue] = {}
    gone: list[str] = []
    for key, event in current.items():
        before, seen = known.get(key), event.digest
        if before is None:
            issue = changed[key] = Issue(f"{uuid.uuid4()}@freeze-guard", 0, seen, now, None, event.to_json())
        elif before.digest == seen and before.cancelled_at is None:
            issue = before
        else:
            issue = changed[key] = Issue(before.uid, before.sequence + 1, seen, now, None, event.to_json())
        published.append((event, issue))
    for key, before in known.items():
        if key in current:
            continue
        last = Event.from_json(before.event)
        if before.cancelled_at is None and last.end > now - KEPT:
            issue = replace(before, sequence=before.sequence + 1, changed_at=now, cancelled_at=now)
            changed[key] = issue
        elif before.cancelled_at is not None and before.cancelled_at > now - KEPT:
            issue = before
        else:
            gone.append(key)
            continue
        published.append((last, issue))
    published.sort(key=lambda p: (p[0].start, p[1].uid))
    return Revision(tuple(published), changed, tuple(gone))

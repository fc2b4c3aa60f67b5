"""A month of posts, pauses, rules and bank holidays as one value: what is mine, what is held, what must I decide. Pure.

Days are London days. Everything a calendar shows, as text, page or feed, is decided here, so they cannot disagree.
Where a calendar is meant for a service (`plain`), a quiet pause is only "Publishing pause", and rehearsals are left
out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from freeze.accounts import Account
from freeze.errors import UsageError
from freeze.judging.evaluate import Verdicts
from freeze.outs import Out
from freeze.pauses.freezes import QUIET, Freeze, Standing, standing
from freeze.posts import Post
from freeze.views.marks import Entry, Mark, Stand, entry, tally
from freeze.windows import YEARS, Window, end_of, london, midnight, say


@dataclass(frozen=True, slots=True)
class Rule:
    """One window of one of the council's rules, and what to call it."""

    policy: str
    title: str
    window: Window


@dataclass(frozen=True, slots=True)
class Material:
    """Everything a calendar is made from, read at one time; `troubles` are sentences about what could not be known.

    `verdicts` knows every pause that is not over; `lead` is how long before its window a pause takes hold.
    """

    now: datetime
    council: str
    marking: str
    lead: timedelta
    register: Mapping[str, Account]
    freezes: Sequence[Freeze]
    verdicts: Verdicts
    posts: Sequence[Post]
    stands: Mapping[int, Stand]
    outs: Mapping[int, Out]
    rules: Sequence[Rule]
    holidays: Callable[[date], tuple[str, ...]]
    sources: Sequence[str]
    troubles: Sequence[str]


@dataclass(frozen=True, slots=True)
class Band:
    """A pause, or the time of a rule, as one span; `key` is lasting."""

    key: str
    title: str
    window: Window
    pause: bool
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Day:
    """One London day. `inside` says whether it belongs to the month, or only fills a week up."""

    day: date
    inside: bool
    holidays: tuple[str, ...]
    bands: tuple[Band, ...]
    entries: tuple[Entry, ...]

    @property
    def counts(self) -> dict[Mark, int]:
        """How many posts of each mark, worst first."""
        return tally(self.entries)


@dataclass(frozen=True, slots=True)
class Month:
    """Whole weeks around one month, for one service or (`service` empty) for everybody."""

    material: Material
    service: str
    first: date
    days: tuple[Day, ...]
    undated: tuple[Entry, ...]

    @property
    def counts(self) -> dict[Mark, int]:
        """How many posts of each mark in the month itself, worst first."""
        return tally(e for d in self.days if d.inside for e in d.entries)

    @property
    def name(self) -> str:
        """'October 2026'."""
        return f"{self.first:%B} {self.first.year}"


def month_of(text: str) -> date:
    """The first day of the month written YYYY-MM. Raises UsageError for anything else."""
    year, _, month = text.strip().partition("-")
    if len(year) == 4 and len(month) == 2 and (year + month).isascii() and (year + month).isdigit():
        if int(year) in YEARS and 1 <= int(month) <= 12:
            return date(int(year), int(month), 1)
        raise UsageError(f'There is no month "{text}".', "Check the year and the month.")
    raise UsageError(f'"{text}" is not a month.', "Write it like 2026-10.")


def weeks(first: date) -> tuple[date, date]:
    """The first Monday and the last Sunday of the whole weeks that a month touches."""
    after = (first.replace(day=28) + timedelta(days=4)).replace(day=1)
    last = after - timedelta(days=1)
    return first - timedelta(days=first.weekday()), last + timedelta(days=6 - last.weekday())


def month(m: Material, first: date, service: str = "", *, plain: bool) -> Month:
    """The month that starts on `first`."""
    monday, sunday = weeks(first)
    all_bands = bands(m, service, plain=plain)
    by_day: dict[date | None, list[Entry]] = {}
    for e in entries(m, service):
        by_day.setdefault(london(e.at).date() if e.at else None, []).append(e)
    days = []
    for n in range((sunday - monday).days + 1):
        day = monday + timedelta(days=n)
        start, end = midnight(day), end_of(day)
        days.append(
            Day(
                day,
                (day.year, day.month) == (first.year, first.month),
                m.holidays(day),
                tuple(b for b in all_bands if b.window.start < end and start < b.window.end),
                tuple(by_day.get(day, ())),
            )
        )
    return Month(m, service, first, tuple(days), tuple(by_day.get(None, ())))


def entries(m: Material, service: str = "") -> list[Entry]:
    """Every post of a service once, in order of time: several sights of one post are one entry with its worst mark."""
    found: dict[int, Entry] = {}
    for p in m.posts:
        if service and p.service != service:
            continue
        e = entry(p, m.register[p.account].name, m.outs.get(p.id), m.stands.get(p.id), m.verdicts, m.now)
        if e is None:
            continue
        family = p.same_as or p.id
        other = found.get(family)
        if other is None:
            found[family] = e
        else:
            worse = min(e, other, key=lambda x: (x.mark.rank, x.post.id))
            found[family] = replace(worse, also=other.also + 1)
    return sorted(found.values(), key=lambda e: (e.at is not None, e.at or m.now, e.post.id))


def bands(m: Material, service: str = "", *, plain: bool) -> list[Band]:
    """Every pause and rule as spans, pauses first; for a service only those that touch its accounts."""
    found = [b for f in m.freezes for b in _pause(m, f, service, plain=plain)]
    found += [
        Band(f"rule/{r.policy}/{r.window.start.isoformat()}", r.title, r.window, pause=False, detail=r.window.civil)
        for r in m.rules
    ]
    return found


def _pause(m: Material, f: Freeze, service: str, *, plain: bool) -> Iterator[Band]:
    if plain and f.rehearsal:
        return
    detail = []
    if service:
        mine = [a for a in m.register.values() if a.service == service]
        covered = sum(f.scope.covers(a) for a in mine)
        if not covered:
            return
        if covered < len(mine):
            detail.append(f"{covered} of {len(mine)} accounts")
    else:
        detail.append(f.scope.said())
    if plain:
        title = QUIET if f.quiet else f"{QUIET}: {f.outside}"
    else:
        title = f"{f.says()}, quiet: services see only “{QUIET}”" if f.quiet else f.says()
    at = standing(f, m.now)
    if at is Standing.END_OVERDUE:
        detail.append("its end is overdue, and it is still in force")
    elif f.provisional and not at.over:
        detail.append("the end is provisional")
    elif at is Standing.EARLY:
        detail.append("ended early")
    for n, w in enumerate(spans(f, m.now, m.lead)):
        yield Band(f"pause/{f.number}/{n}", title, w, pause=True, detail="; ".join(detail))


def spans(f: Freeze, now: datetime, lead: timedelta) -> tuple[Window, ...]:
    """The windows of a pause as they came or will come to pass; none for one declared by mistake.

    One whose end is overdue goes on: to the end of the London day up to which posts are held now.
    """
    at = standing(f, now)
    if at is Standing.BY_MISTAKE:
        return ()
    if at is Standing.EARLY and f.ended_at is not None:
        return tuple(Window(w.start, min(w.end, f.ended_at), w.civil) for w in f.windows if w.start < f.ended_at)
    if at is Standing.END_OVERDUE:
        last = f.windows[-1]
        return (*f.windows[:-1], Window(last.start, end_of(london(now + lead).date()), last.civil))
    return f.windows


def during(b: Band, day: date) -> str:
    """When a band holds on one London day, in words: 'all day', 'from 18:40 BST', 'until 10:00 GMT'."""
    start, end = midnight(day), end_of(day)
    begins, ends = b.window.start > start, b.window.end < end
    if begins and ends:
        return f"{clock(b.window.start)} to {clock(b.window.end)}"
    return f"from {clock(b.window.start)}" if begins else f"until {clock(b.window.end)}" if ends else "all day"


def spanning(m: Month) -> list[Band]:
    """Every band that touches the weeks of a month, once, in order."""
    found = {b.key: b for d in m.days for b in d.bands}
    return sorted(found.values(), key=lambda b: (not b.pause, b.window))


def clock(at: datetime) -> str:
    """'18:40 BST'."""
    t = london(at)
    return f"{t:%H:%M} {t:%Z}"


def said(b: Band) -> str:
    """A band's whole time in words."""
    return f"{say(b.window.start)} to {say(b.window.end)}"

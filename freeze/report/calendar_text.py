"""A month as text: a grid for the eye, then day by day. It reads without colour, and every time says its zone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from textwrap import wrap

from freeze.views.marks import Entry, Mark, chosen, tally
from freeze.views.month import Day, Month, clock, during, said, spanning
from freeze.windows import LONDON, end_of, london, midnight, say, say_day, say_short
from freeze.words import columns, excerpt, many, safe

CELL = 10
MOST = 12
"""Posts listed for one day; what is left out is counted."""

WEEK = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def lines(m: Month) -> Iterator[str]:
    """The whole month. Of days that are over only what still needs somebody is listed; the rest is counted."""
    today = london(m.material.now).date()
    yield from head(m)
    yield ""
    yield from grid(m, today)
    yield ""
    yield from key(m)
    for day in m.days:
        if day.inside and (day.entries or day.bands or day.holidays):
            yield ""
            yield from agenda(day, today)
    if m.undated:
        yield ""
        yield f"Without a set time: {summed(tally(m.undated))}"
        yield from columns(_row(e) for e in chosen(m.undated, MOST)[0])
    yield ""
    yield from foot(m)


def head(m: Month) -> Iterator[str]:
    """Whose month it is, and the answer: what needs somebody."""
    if m.material.marking:
        yield safe(m.material.marking, 60)
    yield f"{m.name}, {safe(m.service, 60) or 'every service'}"
    asks = {mark: n for mark, n in m.counts.items() if mark.asks}
    yield f"To look at: {summed(asks)}." if asks else "Nothing here needs anybody."
    rest = {mark: n for mark, n in m.counts.items() if not mark.asks}
    if rest:
        yield f"Otherwise: {summed(rest)}."
    for b in spanning(m):
        whole = f"{b.title}: {said(b)}{f' ({b.detail})' if b.detail else ''}"
        yield from wrap(safe(whole, 400), 118, initial_indent="= " if b.pause else "- ", subsequent_indent="  ")


def grid(m: Month, today: date) -> Iterator[str]:
    """Weeks from Monday: the day, its pauses, its posts."""
    yield " ".join(w.ljust(CELL) for w in WEEK).rstrip()
    for n in range(0, len(m.days), 7):
        week = m.days[n : n + 7]
        yield " ".join(_date(d, today).ljust(CELL) for d in week).rstrip()
        if any(d.bands for d in week):
            yield " ".join(_bar(d) for d in week).rstrip()
        yield " ".join(marks(d.counts, CELL).ljust(CELL) for d in week).rstrip()


def _date(d: Day, today: date) -> str:
    shown = f"{d.day.day}" if d.inside else f"{d.day.day} {d.day:%b}"
    return f"{f'[{shown}]' if d.day == today else shown}{' B' if d.holidays else ''}"


def _bar(d: Day) -> str:
    """How much of the day lies in a pause (=) or in the time of a rule (-), hour by hour as far as a cell can show."""
    start, end = midnight(d.day), end_of(d.day)
    cells = [" "] * CELL
    for b in sorted(d.bands, key=lambda b: b.pause):
        length = (end - start) / CELL
        first = max(0, (b.window.start - start) // length)
        last = max(first + 1, min(CELL, -((start - b.window.end) // length)))
        cells[first:last] = ("=" if b.pause else "-") * (last - first)
    return "".join(cells[:CELL])


def marks(counts: Mapping[Mark, int], width: int) -> str:
    """Counts with their letters, the worst first, in so many characters; what did not fit is counted together.

    >>> marks({Mark.MISSED: 1, Mark.HELD: 22, Mark.DUE: 140}, 10)
    '1M +162'
    """
    items = list(counts.items())
    for n in range(len(items), -1, -1):
        rest = sum(c for _, c in items[n:])
        shown = " ".join([*(f"{c}{m.letter}" for m, c in items[:n]), *([f"+{rest}"] if rest else [])])
        if len(shown) <= width:
            return shown
    return "+" * width


def key(m: Month) -> Iterator[str]:
    """What the letters mean, only those that are used."""
    used = dict.fromkeys(mark for d in m.days for mark in d.counts)
    rows = [[mark.letter, mark.meaning] for mark in Mark if mark in used]
    if any(d.holidays for d in m.days):
        rows.append(["B", "bank holiday in England and Wales"])
    bands = [b for d in m.days for b in d.bands]
    if any(b.pause for b in bands):
        rows.append(["=", "a pause"])
    if any(not b.pause for b in bands):
        rows.append(["-", "the time of a rule"])
    if rows:
        yield "Key"
        yield from columns(rows)


def agenda(d: Day, today: date) -> Iterator[str]:
    """One day: bank holidays, pauses, posts in order of time."""
    yield say_day(d.day) + (", today" if d.day == today else "")
    yield from (f"  B  Bank holiday: {h}" for h in d.holidays)
    for b in d.bands:
        yield f"  {'=' if b.pause else '-'}  {safe(b.title, 100)}: {during(b, d.day)}"
    listed = [e for e in d.entries if d.day >= today or e.mark.asks]
    shown, left = chosen(listed, MOST)
    yield from columns(_row(e) for e in shown)
    if left:
        yield f"  and {many(sum(left.values()), 'more', 'more')}: {summed(left)}"
    past = len(d.entries) - len(listed)
    if past:
        yield f"  {many(past, 'other post' if listed else 'post')} with nothing left to do"


def _row(e: Entry) -> list[str]:
    notes = [e.mark.short, *([e.note] if e.note else [])]
    if e.fires_at:
        notes.append(f"fires on {say_short(e.fires_at)} unless the guard runs")
    if e.also:
        notes.append(f"in {e.also + 1} queues")
    at = clock(e.at) if e.at else "no time"
    return [e.mark.letter, at, e.post.ref, safe(e.account, 26), excerpt(e.post, 44), "; ".join(notes)]


def summed(counts: Mapping[Mark, int]) -> str:
    """Counts in words: '2 need a person (P), 5 held (H)'."""
    return ", ".join(f"{mark.counted(n)} ({mark.letter})" for mark, n in counts.items())


def foot(m: Month) -> Iterator[str]:
    """How old all this is, and what could not be known."""
    yield from (safe(t, 300) for t in m.material.troubles)
    if m.material.sources:
        yield "Last read: " + "; ".join(safe(s, 120) for s in m.material.sources)
    yield f"As of {say(m.material.now)}. Times and days are {LONDON.key}."

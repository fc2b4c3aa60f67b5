"""A month as one static page for a service, readable on a phone, on paper and aloud.

The day-by-day list comes first (a phone shows it first), then the month as a table; how a post stands is
always a word as well as a colour. A page is never larger than `LARGEST`: what is left out of a day is counted there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

from freeze.report.page import render
from freeze.views.marks import Entry, Mark, chosen, tally
from freeze.views.month import Band, Day, Month, clock, during, said, spanning
from freeze.windows import end_of, london, midnight, say, say_day, say_short
from freeze.words import excerpt, many, safe

LARGEST = 300_000
"""Bytes."""

MOST = (60, 30, 20, 12, 8, 5, 3, 1, 0)
"""Posts listed for one day: the first of these numbers with which the page is small enough."""

WEEK = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def page(m: Month) -> str:
    """The whole page, at most `LARGEST` bytes."""
    found = ""
    for most in MOST:
        found = _page(m, most)
        if len(found.encode()) <= LARGEST:
            return found
    return found


def _page(m: Month, most: int) -> str:
    now, today = m.material.now, london(m.material.now).date()
    return render(
        "calendar.html",
        whose=safe(m.service, 60) or "Every service",
        month=m.name,
        council=safe(m.material.council, 80),
        marking=safe(m.material.marking, 60),
        now=say(now),
        answer=_answer(m),
        troubles=m.material.troubles,
        bands=[_band(b, said(b)) for b in spanning(m)],
        days=[_day(d, today, most) for d in m.days],
        undated=_posts(m.undated, most) if m.undated else None,
        week=WEEK,
        key=list(tally(e for d in m.days for e in d.entries)),
        sources=m.material.sources,
    )


def _answer(m: Month) -> str:
    asks = {mark: n for mark, n in m.counts.items() if mark.asks}
    rest = {mark: n for mark, n in m.counts.items() if not mark.asks}
    first = f"To look at: {_summed(asks)}." if asks else "Nothing here needs anybody."
    return f"{first} Otherwise: {_summed(rest)}." if rest else first


def _summed(counts: Mapping[Mark, int]) -> str:
    return ", ".join(mark.counted(n) for mark, n in counts.items())


def _day(d: Day, today: date, most: int) -> dict[str, object]:
    """One day as the list and the table show it."""
    return {
        "ident": f"d{d.day.isoformat()}",
        "name": say_day(d.day),
        "today": d.day == today,
        "listed": bool(d.entries or d.bands or d.holidays),
        "holidays": d.holidays,
        "bands": [_band(b, during(b, d.day)) for b in d.bands],
        "posts": _posts(d.entries, most) if d.entries else None,
        "number": f"{d.day.day}" if d.inside else f"{d.day.day} {d.day:%b}",
        "cell_looks": " ".join([*([] if d.inside else ["out"]), *(["today"] if d.day == today else [])]),
        "strips": list(_strips(d)),
        "counts": [
            {"asks": mark.asks, "short": f"{n:,}{mark.letter}", "said": mark.counted(n)} for mark, n in d.counts.items()
        ],
    }


def _band(b: Band, when: str) -> dict[str, str]:
    return {"looks": "band" if b.pause else "band rule", "title": b.title, "said": when, "detail": b.detail}


def _posts(entries: Sequence[Entry], most: int) -> dict[str, object]:
    shown, left = chosen(entries, most)
    rest = sum(left.values())
    more = "" if not left else f"and {rest:,} more" if shown else many(rest, "post")
    return {"shown": [_post(e) for e in shown], "more": more, "left": _summed(left)}


def _post(e: Entry) -> dict[str, str]:
    notes = [safe(e.note, 120)] if e.note else []
    if e.fires_at:
        notes.append(f"fires on {say_short(e.fires_at)} unless the guard runs")
    if e.also:
        notes.append(f"in {e.also + 1} queues")
    return {
        "at": f"{e.at:%Y-%m-%dT%H:%MZ}" if e.at else "",
        "clock": clock(e.at) if e.at else "",
        "mark": "" if e.mark is Mark.DUE else e.mark.short,
        "looks": "mark asks" if e.mark.asks else "mark held" if e.mark is Mark.HELD else "mark",
        "account": e.account,
        "platform": e.post.platform,
        "words": excerpt(e.post, 60),
        "notes": "; ".join(notes),
        "ref": e.post.ref,
    }


def _strips(d: Day) -> Iterator[tuple[str, str]]:
    for pause, looks, name in ((True, "strip", "Pause"), (False, "strip rule", "Rule")):
        these = [b for b in d.bands if b.pause is pause]
        if these:
            yield looks, name if _whole(these, d.day) else f"{name}, part"


def _whole(these: Iterable[Band], day: date) -> bool:
    return any(b.window.start <= midnight(day) and end_of(day) <= b.window.end for b in these)

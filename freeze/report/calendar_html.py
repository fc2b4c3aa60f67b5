"""A month as one static page for a service: no script, nothing fetched, readable on a phone, on paper and aloud.

WCAG 2.2 AA: the day-by-day list comes first (a phone shows it first), then the month as a table; how a post stands is
always a word as well as a colour. A page is never larger than `LARGEST`: what is left out of a day is counted there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from html import escape

from freeze.views.marks import Entry, Mark, chosen, tally
from freeze.views.month import Band, Day, Month, clock, during, said, spanning
from freeze.windows import end_of, london, midnight, say, say_day, say_short
from freeze.words import excerpt, many, safe

LARGEST = 300_000
"""Bytes."""

MOST = (60, 30, 20, 12, 8, 5, 3, 1, 0)
"""Posts listed for one day: the first of these numbers with which the page is small enough."""

WEEK = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTH_LINK = '<a href="#month">The month as a table</a>'
STYLE = """
:root{color-scheme:light}*{box-sizing:border-box}
body{margin:0 auto;max-width:80rem;padding:.75rem;font:1rem/1.45 system-ui,Arial,sans-serif;color:#111;background:#fff}
h1{font-size:1.5rem;line-height:1.2;margin:.25rem 0}h2{font-size:1.25rem;margin:1.5rem 0 .5rem}
h3{font-size:1.05rem;margin:1.25rem 0 .25rem;border-top:1px solid #767676;padding-top:.5rem}
p,ul,dl{margin:.25rem 0}ul{padding:0;list-style:none}li{padding:.3rem 0;overflow-wrap:anywhere}
a{color:#0b3d91;display:inline-block;min-width:24px;min-height:24px}
a:focus-visible{outline:3px solid #111;outline-offset:2px}
.answer{font-size:1.1rem;font-weight:600;border-left:.4rem solid #111;padding:.4rem .6rem;background:#f3f3f3}
.mark{display:inline-block;font-size:.85rem;font-weight:700;border:2px solid #111;padding:0 .3rem;background:#fff}
.asks{background:#ffe9a8}.held{background:#e4e1f5}
.band{border-left:.4rem double #4a3a8c;padding:.2rem .5rem;background:#efedf9}
.rule{border-left:.4rem dotted #5a5a5a;background:#f3f3f3}.note{color:#3d3d3d}time{font-weight:600}
table{border-collapse:collapse;width:100%;table-layout:fixed}caption{text-align:left;padding:.25rem 0}
th,td{border:1px solid #767676;padding:.15rem;vertical-align:top;text-align:left;font-size:.8rem;overflow-wrap:anywhere}
td{height:3.6rem}td>a{display:block}td.out{background:#f3f3f3;color:#3d3d3d}
td.today{outline:3px solid #111;outline-offset:-3px}
.strip{display:block;font-size:.7rem;font-weight:700;overflow-wrap:normal;
background:#efedf9;border-top:3px double #4a3a8c}
.strip.rule{background:#f3f3f3;border-left:0;border-top:3px dotted #5a5a5a}
.n{display:inline-block;margin-right:.3rem}
.hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
dt{float:left;clear:left;width:2rem;font-weight:700}dd{margin:0 0 .2rem 2.2rem}
footer{margin-top:1.5rem;border-top:1px solid #767676;font-size:.9rem}
@media(min-width:64rem){main{display:grid;grid-template-columns:2fr 3fr;gap:2rem}
td{height:5rem}.grid{position:sticky;top:0;align-self:start}th,td{font-size:.9rem;padding:.3rem}}
@media(max-width:24rem){.strip{font-size:.6rem}}
nav a{margin-right:1rem}
@media print{nav{display:none}body{max-width:none;padding:0;font-size:10pt}main{display:block}
li,tr{break-inside:avoid}h3{break-after:avoid}a{color:#111}}
"""


def page(m: Month) -> str:
    """The whole page, at most `LARGEST` bytes."""
    found = ""
    for most in MOST:
        found = "".join(_page(m, most))
        if len(found.encode()) <= LARGEST:
            return found
    return found


def _page(m: Month, most: int) -> Iterator[str]:
    now, today = m.material.now, london(m.material.now).date()
    whose = _e(m.service, 60) or "Every service"
    council = _e(m.material.council, 80)
    yield '<!doctype html>\n<html lang="en-GB">\n<head>\n<meta charset="utf-8">\n'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
    yield "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
    yield f"<title>{whose}, {m.name}: scheduled posts - {council}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n"
    yield "<header>\n"
    if m.material.marking:
        yield f"<p><strong>{_e(m.material.marking, 60)}</strong></p>\n"
    yield f"<h1>{whose}: {m.name}</h1>\n<p>{council}. Scheduled posts and publishing pauses, as of {say(now)}.</p>\n"
    yield f'<p class="answer">{_answer(m)}</p>\n'
    yield from (f"<p><strong>{_e(t, 300)}</strong></p>\n" for t in m.material.troubles)
    yield from (_whole(b) for b in spanning(m))
    shown = [d for d in m.days if _filled(d)]
    links = [f'<a href="#d{d.day.isoformat()}">Today</a>' for d in shown if d.day == today]
    yield f'</header>\n<nav aria-label="On this page">{" ".join([*links, MONTH_LINK])}</nav>\n<main>\n'
    yield '<section aria-labelledby="days">\n<h2 id="days">Day by day</h2>\n'
    yield from (part for d in shown for part in _day(d, today, most))
    if not shown:
        yield "<p>Nothing is scheduled, and no pause touches this month.</p>\n"
    if m.undated:
        yield "<h3>Without a set time</h3>\n"
        yield from _posts(m.undated, most)
    yield '</section>\n<section class="grid" aria-labelledby="month">\n<h2 id="month">The month</h2>\n'
    yield from _table(m, today)
    yield from _key(m)
    yield "</section>\n</main>\n<footer>\n"
    yield "".join(f"<p>Last read: {_e(s, 120)}.</p>\n" for s in m.material.sources)
    yield "<p>Times and days are Europe/London. The page shows what was known when it was made.</p>\n"
    yield "</footer>\n</body>\n</html>\n"


def _answer(m: Month) -> str:
    asks = {mark: n for mark, n in m.counts.items() if mark.asks}
    rest = {mark: n for mark, n in m.counts.items() if not mark.asks}
    first = f"To look at: {_summed(asks)}." if asks else "Nothing here needs anybody."
    return f"{first} Otherwise: {_summed(rest)}." if rest else first


def _summed(counts: Mapping[Mark, int]) -> str:
    return ", ".join(mark.counted(n) for mark, n in counts.items())


def _filled(d: Day) -> bool:
    return bool(d.entries or d.bands or d.holidays)


def _day(d: Day, today: date, most: int) -> Iterator[str]:
    yield f'<h3 id="d{d.day.isoformat()}">{say_day(d.day)}{", today" if d.day == today else ""}</h3>\n'
    yield from (f"<p>Bank holiday: {_e(h, 80)}</p>\n" for h in d.holidays)
    yield from (_band(b, d.day) for b in d.bands)
    if d.entries:
        yield from _posts(d.entries, most)


def _band(b: Band, day: date) -> str:
    return f'<p class="{_colour(b)}"><strong>{_e(b.title, 120)}</strong>: {during(b, day)}</p>\n'


def _whole(b: Band) -> str:
    detail = f" ({_e(b.detail, 200)})" if b.detail else ""
    return f'<p class="{_colour(b)}"><strong>{_e(b.title, 120)}</strong>: {said(b)}{detail}</p>\n'


def _colour(b: Band) -> str:
    return "band" if b.pause else "band rule"


def _posts(entries: tuple[Entry, ...], most: int) -> Iterator[str]:
    shown, left = chosen(entries, most)
    yield "<ul>\n"
    yield from (_post(e) for e in shown)
    if left:
        more = f"and {sum(left.values()):,} more" if shown else many(sum(left.values()), "post")
        yield f"<li><strong>{more}</strong>: {_summed(left)}</li>\n"
    yield "</ul>\n"


def _post(e: Entry) -> str:
    at = f'<time datetime="{e.at:%Y-%m-%dT%H:%MZ}">{clock(e.at)}</time>' if e.at else "<b>no time</b>"
    mark = "" if e.mark is Mark.DUE else f' <span class="{_looks(e.mark)}">{e.mark.short}</span>'
    notes = [_e(e.note, 120)] if e.note else []
    if e.fires_at:
        notes.append(f"fires on {say_short(e.fires_at)} unless the guard runs")
    if e.also:
        notes.append(f"in {e.also + 1} queues")
    tail = f' <span class="note">({"; ".join(notes)})</span>' if notes else ""
    where = f"<bdi>{_e(e.account, 40)}</bdi> ({_e(e.post.platform, 20)})"
    return f"<li>{at}{mark} {where}: <bdi>{escape(excerpt(e.post, 60))}</bdi>{tail} <small>{e.post.ref}</small></li>\n"


def _looks(mark: Mark) -> str:
    return "mark asks" if mark.asks else "mark held" if mark is Mark.HELD else "mark"


def _table(m: Month, today: date) -> Iterator[str]:
    yield "<table>\n<caption>How many posts on each day; a day's number leads to its list.</caption>\n<thead><tr>"
    yield "".join(
        f'<th scope="col"><span aria-hidden="true">{w[:3]}</span><span class="hidden">{w}</span></th>' for w in WEEK
    )
    yield "</tr></thead>\n<tbody>\n"
    for n in range(0, len(m.days), 7):
        yield f"<tr>{''.join(_cell(d, today) for d in m.days[n : n + 7])}</tr>\n"
    yield "</tbody>\n</table>\n"


def _cell(d: Day, today: date) -> str:
    looks = " ".join([*([] if d.inside else ["out"]), *(["today"] if d.day == today else [])])
    number = f"{d.day.day}" if d.inside else f"{d.day.day} {d.day:%b}"
    linked = f'<a href="#d{d.day.isoformat()}">{number}</a>' if _filled(d) else number
    parts = [f"<td{f' class={chr(34)}{looks}{chr(34)}' if looks else ''}>{linked}"]
    if d.day == today:
        parts.append(' <span class="hidden">today</span>')
    if d.holidays:
        parts.append('<span class="n"><span aria-hidden="true">B</span><span class="hidden">bank holiday</span></span>')
    for pause in (True, False):
        these = [b for b in d.bands if b.pause is pause]
        if these:
            parts.append(f'<span class="strip{"" if pause else " rule"}">{_strip(these, d.day, pause=pause)}</span>')
    for mark, n in d.counts.items():
        looks = " asks" if mark.asks else ""
        parts.append(
            f'<span class="n{looks}"><span aria-hidden="true">{n:,}{mark.letter}</span>'
            f'<span class="hidden">{mark.counted(n)},</span></span>'
        )
    return "".join([*parts, "</td>"])


def _strip(these: Iterable[Band], day: date, *, pause: bool) -> str:
    whole = any(b.window.start <= midnight(day) and end_of(day) <= b.window.end for b in these)
    return f"{'Pause' if pause else 'Rule'}{'' if whole else ', part'}"


def _key(m: Month) -> Iterator[str]:
    used = tally(e for d in m.days for e in d.entries)
    yield '<h3 id="key">Key</h3>\n<dl>\n'
    yield from (f"<dt>{mark.letter}</dt><dd>{mark.meaning}</dd>\n" for mark in used)
    yield "<dt>B</dt><dd>bank holiday in England and Wales</dd>\n</dl>\n"


def _e(text: str, most: int) -> str:
    """Somebody else's words, on one line and harmless."""
    return escape(safe(text, most)) if text else ""

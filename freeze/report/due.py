"""Due dates in words, every day counted and left out; and how old the bank holidays are. Pure, and quick to load."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import groupby
from textwrap import wrap

from freeze.clocks.answers import Answer, Skipped
from freeze.clocks.regimes import REGIMES
from freeze.clocks.workdays import Holidays
from freeze.windows import say_day

WIDTH, INDENT = 112, " " * 17

STALE = timedelta(days=180)
"""Data that nobody compared with gov.uk's for so long is said to be old; in 2022 packages lagged 3 to 110 days."""


def age(found: Holidays, on: date) -> str:
    """A sentence when the data is old; empty when it is not."""
    if on - found.as_of < STALE:
        return ""
    return (
        f"The bank holidays were last compared with gov.uk {(on - found.as_of).days} days ago, on "
        f"{say_day(found.as_of)}. Run: freeze workdays refresh https://www.gov.uk/bank-holidays.json"
    )


def provisos(found: Holidays, on: date, *, late: bool) -> Iterator[str]:
    """What is to be said beside a count of working days; `late` where it runs beyond what is published."""
    if late:
        yield f"Bank holidays are published to the end of {found.until} only: provisional."
    if old := age(found, on):
        yield old


def answer_lines(a: Answer) -> Iterator[str]:
    """A due date for people: what is due, why, every day counted, every day left out."""
    for line in _answer(a):
        yield from wrap(line, WIDTH, subsequent_indent=INDENT, break_long_words=False) if len(line) > WIDTH else [line]


def _answer(a: Answer) -> Iterator[str]:
    if a.regime in REGIMES:
        yield f"Due by the end of {say_day(a.due)}{' (provisional)' if a.provisional else ''}."
        yield f"  Kind:          {REGIMES[a.regime].title} ({a.regime})"
        yield f"  Received:      {say_day(a.received_date)} (day 0)"
    else:
        yield f"Latest possible start: {say_day(a.due)}{' (provisional)' if a.provisional else ''}."
        yield f"  Poll:          {say_day(a.received_date)} (day 0, counted back)"
    if a.safe_target != a.due:
        yield f"  Safe target:   {say_day(a.safe_target)}"
    yield f"  Rule:          {a.rule}"
    for n, s in enumerate(a.skipped):
        yield f"  {'Not counted:' if not n else '':<14} {_skipped(s)}"
    for n, line in enumerate(_weeks(a.counted)):
        yield f"  {'Counted:' if not n else '':<14} {line}"
    yield from (f"  Note:          {note}" for note in a.notes)


def _skipped(s: Skipped) -> str:
    """A day left out, in words: 'Monday 15 June 2026, World Cup bank holiday (Scotland)'."""
    where = f" ({', '.join(s.nations)})" if s.nations else ""
    return f"{say_day(s.day)}, {s.title}{where}"


def _weeks(counted: Sequence[date]) -> Iterator[str]:
    """The day-count table, one line a week: '3-7     Mon 8, Tue 9, Wed 10, Thu 11, Fri 12 June 2026'."""
    numbered = list(enumerate(counted, 1))
    for _, group in groupby(numbered, key=lambda item: item[1] - timedelta(days=item[1].weekday())):
        days = list(group)
        first, last = days[0][0], days[-1][0]
        months = {d.month for _, d in days}
        said = [f"{d:%a} {d.day}{f' {d:%b}' if len(months) > 1 else ''}" for _, d in days]
        end = days[-1][1]
        tail = f" {end.year}" if len(months) > 1 else f" {end:%B} {end.year}"
        yield f"{f'{first}-{last}' if first != last else first:<7} {', '.join(said)}{tail}"

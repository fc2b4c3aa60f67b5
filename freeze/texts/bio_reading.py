"""Reading a bio: which days and times it states, and what they are said of. Pure; see `freeze.texts.bios`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import accumulate, pairwise

from freeze.texts.bio_times import ALL_DAYS, Hours, Span, Time, hours_of, span_of
from freeze.texts.bio_words import CUES, Is, Token, levelled, tokens


class Verdict(StrEnum):
    """What a bio says about when its account is monitored."""

    STATES = "states"
    VAGUE = "vague"
    NONE = "none"
    DISAGREES = "disagrees"


@dataclass(frozen=True, slots=True)
class Stated:
    """What was read: `hours` where days and times are stated, `words` they were found in (in small letters)."""

    verdict: Verdict
    hours: Hours | None = None
    words: str = ""


@dataclass(frozen=True, slots=True)
class _Found:
    """One run of days and times: its hours by parts, and what they are said of."""

    parts: tuple[tuple[frozenset[int], Span], ...]
    of: Is | None
    vague: bool
    words: str


LONGEST = 5_000
"""Characters that are read; no platform takes half as many."""
RUN = frozenset({Is.DAYS, Is.SPAN, Is.TIME, Is.ALWAYS, Is.BUT, Is.CLOSED})
TIMES = frozenset({Is.SPAN, Is.TIME, Is.ALWAYS})
INSIDE = frozenset({Is.FILLER, Is.COMMA, Is.SEMICOLON, Is.COLON, Is.TURN, Is.OFFICE_HOURS, Is.LINE})
BREAKS = frozenset({Is.STOP, Is.LINE})
APART = frozenset({Is.COMMA, Is.SEMICOLON, Is.TURN})
SAYS_SO = frozenset({Is.WATCH, Is.NOT_WATCHED, Is.NOT_ALWAYS})
HERE = frozenset({Is.WATCH, Is.SOFT, Is.NOT_ALWAYS, Is.OUTSIDE})
THERE = frozenset({Is.OTHER, Is.PLACE})


def read(text: str) -> Stated:
    """What `text`, in its first `LONGEST` characters, says about when its account is monitored; never `disagrees`."""
    said = list(tokens(levelled(text[:LONGEST])))
    found = list(_runs(said))
    for wanted in (HERE, frozenset({None})):
        good = [f for f in found if f.parts and f.of in wanted]
        if good:
            parts = [p for f in good for p in f.parts]
            return Stated(Verdict.STATES, hours_of(parts), " … ".join(f.words for f in good))
    near = next((t.text for t in said if t.kind in SAYS_SO), "")
    near = next((f.words for f in found if f.vague and (f.of in HERE or f.of is None)), near)
    return Stated(Verdict.VAGUE, words=near) if near else Stated(Verdict.NONE)


def _runs(said: Sequence[Token]) -> Iterator[_Found]:
    """Every run of days and times, with what it is said of."""
    clause, at, context = 0, 0, None  # where this clause began; what the one before it was about
    words = [0, *accumulate(t.kind is Is.WORD for t in said)]  # how many there are before each place
    while at < len(said):
        t = said[at]
        if t.kind in BREAKS:
            context = _about(said[clause:at], context, before=said[at - 1 : at])
            clause, at = at + 1, at + 1
        elif t.kind in RUN or t.kind is Is.OFFICE_HOURS:
            end = _end(said, at)
            run = said[at:end]
            first = words[at] == words[clause]
            alone = first and all(x.kind is not Is.WORD for x in _until_break(said, end))
            yield _judged(run, _whose(said, clause, at, end, context if first else None), alone=alone)
            lines = [i for i, x in enumerate(run) if x.kind is Is.LINE]
            if lines:
                context = _about(said[clause : at + lines[0]], context, before=said[at + lines[0] - 1 : at + lines[0]])
                clause = at + lines[-1] + 1
            at = end
        else:
            at += 1


def _end(said: Sequence[Token], at: int) -> int:
    """Where the run that starts here ends: after its last day or time."""
    end = at + 1
    for i in range(at + 1, len(said)):
        kind = said[i].kind
        if kind in RUN:
            end = i + 1
        elif kind not in INSIDE or i - end > 3:
            break
    return end


def _whose(said: Sequence[Token], clause: int, start: int, end: int, context: Is | None) -> Is | None:
    """What the run is said of: the nearest cue before it in its clause, else after it, else the clause before.

    `context` is None where words stand before it.
    """
    left = [i for i in range(start - 1, max(clause, start - 60) - 1, -1) if said[i].kind in CUES]
    right = next((t.kind for t in _until_break(said, end) if t.kind in CUES), None)
    if left:
        near = said[left[0]].kind
        if near in THERE:
            for i, j in pairwise(left):
                if any(t.kind in APART for t in said[j:i]):
                    break
                if said[j].kind in HERE:
                    return said[j].kind
            if near is Is.PLACE and right is Is.WATCH:
                return right
        return near
    return context if right is None else right


def _until_break(said: Sequence[Token], start: int) -> Iterator[Token]:
    for t in said[start : start + 60]:
        if t.kind in BREAKS or t.kind in RUN:
            return
        yield t


def _about(clause: Sequence[Token], context: Is | None, before: Sequence[Token]) -> Is | None:
    """What a clause leaves behind for hours alone in the next one; a place only with a colon."""
    cues = [t.kind for t in clause if t.kind in CUES]
    if cues:
        last = Is.WATCH if cues[-1] in SAYS_SO else cues[-1]
        headed = bool(before) and before[0].kind is Is.COLON
        return last if headed or last not in (Is.PLACE, Is.OUTSIDE) else None
    return context if all(t.kind is not Is.WORD for t in clause) else None


def _judged(run: Sequence[Token], of: Is | None, *, alone: bool) -> _Found:
    words = " ".join(t.text for t in run if t.kind is not Is.LINE)
    kinds = {t.kind for t in run}
    if of is None and Is.CLOSED in kinds:
        of = Is.PLACE  # what closes is a door
    if Is.ALWAYS in kinds and of is not Is.WATCH:
        return _Found((), of, of in HERE, words)
    parts = () if of is Is.NOT_WATCHED else _parts(_without_exceptions(run))
    clear = any(t.kind is Is.SPAN and not t.plain for t in run)
    vague = Is.OFFICE_HOURS in kinds or (alone and clear) or of is Is.WATCH
    vague = vague or (of in HERE and any(t.kind is Is.SPAN or t.many for t in run))
    return _Found(parts, of, vague, words)


def _without_exceptions(run: Sequence[Token]) -> list[Token]:
    """The run with the days after "except" taken out of it; out of all seven where no others are named."""
    kept: list[Token] = []
    out: frozenset[int] = frozenset()
    leaving_out = False
    for t in run:
        if t.kind in (Is.BUT, Is.CLOSED):
            leaving_out = True
        elif t.kind is Is.DAYS and leaving_out:
            out |= t.days
        else:
            leaving_out = leaving_out and t.kind not in (Is.SPAN, Is.TIME, Is.ALWAYS, Is.SEMICOLON, Is.LINE)
            kept.append(t)
    if out and not any(t.kind is Is.DAYS for t in kept):
        kept.append(Token(Is.DAYS, "", ALL_DAYS))
    return [replace(t, days=t.days - out) if t.kind is Is.DAYS else t for t in kept]


def _parts(run: Sequence[Token]) -> tuple[tuple[frozenset[int], Span], ...]:
    """Which days have which hours; nothing where any of it cannot be meant."""
    pairs = _pairs(run)
    first = next((t.span for _, t in pairs if t.span is not None), None)
    parts = []
    for which, t in pairs:
        span = t.span
        if t.time is not None and first is not None:  # "Mon-Thu 9-5, Fri 4.30": the end of a day that starts the same
            span = span_of(Time(first[0] // 60, first[0] % 60, exact=True), t.time)
        if span is None:
            return ()
        parts.append((which, span))
    early = frozenset[int]().union(*(which for which, t in pairs if t.time is not None))
    return tuple((which if t.time else which - early, span) for (_, t), (which, span) in zip(pairs, parts, strict=True))


def _pairs(run: Sequence[Token]) -> list[tuple[frozenset[int], Token]]:
    for marks in ((Is.SEMICOLON, Is.LINE), (Is.COMMA,)):
        chunks = _split(run, marks)
        if len(chunks) > 1 and all(_whole(c) for c in chunks):
            return [p for c in chunks for p in _pairs(c)]
    return _paired([t for t in run if t.kind is Is.DAYS or t.kind in TIMES])


def _split(run: Sequence[Token], marks: Sequence[Is]) -> list[list[Token]]:
    chunks: list[list[Token]] = [[]]
    for t in run:
        if t.kind in marks:
            chunks.append([])
        elif t.kind is Is.DAYS or t.kind in TIMES or t.kind in (Is.COMMA, Is.SEMICOLON, Is.LINE):
            chunks[-1].append(t)
    return [c for c in chunks if c]


def _whole(chunk: Sequence[Token]) -> bool:
    return any(t.kind is Is.DAYS for t in chunk) and any(t.kind in TIMES for t in chunk)


def _paired(items: Sequence[Token]) -> list[tuple[frozenset[int], Token]]:
    """Days and times of one run, each time with the days it stands with: before it, or after it if a time is first."""
    if not items:
        return []
    if not any(t.kind is Is.DAYS for t in items):
        return [(t.days, t) for t in items if t.kind is Is.ALWAYS]
    blocks: list[list[Token]] = []
    for t in items:
        if blocks and (blocks[-1][0].kind is Is.DAYS) == (t.kind is Is.DAYS):
            blocks[-1].append(t)
        else:
            blocks.append([t])
    days_first = blocks[0][0].kind is Is.DAYS
    if len(blocks) % 2:
        left = blocks.pop()
        if len(blocks[-1:] and blocks[-1]) > 1:  # "Mon-Thu 9-5 and 9-4 Fri"
            blocks += [left, [blocks[-1].pop()]]
        elif len(blocks) > 1 and not days_first:  # "9-12 Mon-Fri and 1-5"
            blocks[-2] += left
    out: list[tuple[frozenset[int], Token]] = []
    for a, b in zip(blocks[::2], blocks[1::2], strict=False):
        which, times = (a, b) if a[0].kind is Is.DAYS else (b, a)
        every = frozenset[int]().union(*(t.days for t in which))
        out += [(every, t) for t in times]
    return out

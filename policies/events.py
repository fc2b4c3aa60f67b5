"""Events of the shared calendar: what else happens when a post goes out.

Clause 4.2: is anything else happening that a post would conflict with? The shared calendar comes from files
(`freeze events import FILE.ics`), each event with a kind in the council's own words. Events of a kind that matters to
every post ("conflict") give each post inside them a line; all others are noted, one line for each event however often
it comes back and however many posts are inside.

Settings, all optional (`[policies.events]`):

    conflicts = {"full council" = "conflict", "half term" = "off"}   # kinds of event: conflict, note or off
    otherwise = "note"                                               # every other kind
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from heapq import heappop, heappush
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from freeze.events import Event
from freeze.findings import Finding, Level
from freeze.ports import Facts
from freeze.posts import GOES_OUT, Post, same_words
from freeze.windows import Window, say_short
from policies._words import about

ID = "events"
TITLE = "Shared calendar"
CLAUSES = ("4.2",)

Weight = Literal["conflict", "note", "off"]


class Options(BaseModel):
    """The settings of this rule; unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    conflicts: dict[str, Weight] = Field(
        default={},
        description="how much a post inside an event of each kind matters",
        json_schema_extra=about("kinds of event", "4.2"),
    )
    otherwise: Weight = Field(
        default="note",
        description="how much a post inside an event of any other kind matters",
        json_schema_extra=about("", "4.2"),
    )

    @cached_property
    def levelled(self) -> Mapping[str, Weight]:
        """The kinds named, as they are compared."""
        return {same_words(kind): weight for kind, weight in self.conflicts.items()}

    def weight(self, kind: str) -> Weight:
        """How much an event of this kind matters."""
        return self.levelled.get(same_words(kind), self.otherwise)


def windows(options: Options, facts: Facts, span: Window) -> Iterable[Window]:
    """Every event in the span, for the calendar; those that begin together are one window to the last one's end."""
    together: dict[datetime, list[Event]] = {}
    for e in facts.events:
        if e.window.start < span.end and span.start < e.window.end and options.weight(e.kind) != "off":
            together.setdefault(e.window.start, []).append(e)
    for start, events in sorted(together.items()):
        said = "; ".join(dict.fromkeys(f"{e.title} ({e.kind}), {e.window.civil}" for e in events))
        yield Window(start, max(e.window.end for e in events), said)


@dataclass(slots=True)
class _Inside:
    """The posts inside one event: how many, and the first."""

    event: Event
    first: tuple[datetime, Post] | None = None
    count: int = 0
    conflicts: list[Finding] = field(default_factory=list)


class Across:
    """Tells which posts still to come go out during an event of the shared calendar."""

    def __init__(self, options: Options, facts: Facts) -> None:
        self._options, self._facts = options, facts
        events = [e for e in facts.events if e.window.end > facts.now and options.weight(e.kind) != "off"]
        self._events = [_Inside(e) for e in sorted(events, key=lambda e: (e.window, e.kind, e.title))]
        self._serious = {n for n, i in enumerate(self._events) if options.weight(i.event.kind) == "conflict"}
        self._begun = 0
        """How many events have begun at the time of the post before; of those, when the ones not over end."""
        self._ends: list[tuple[datetime, int]] = []
        self._known: set[int] = set()
        """The posts that were counted, as each counts once however often it was seen."""

    def see(self, posts: Sequence[Post]) -> None:
        """Look at these posts."""
        facts = self._facts
        for p in posts if self._events else ():
            if p.state not in GOES_OUT or p.intended_at is None or p.intended_at < facts.now:
                continue
            account = facts.accounts.get(p.account)
            if account is not None and not account.in_scope:
                continue
            if (one := p.same_as or p.id) not in self._known:
                self._known.add(one)
                for _, n in self._during(p.intended_at):
                    self._note(n, p, p.intended_at)

    def _during(self, at: datetime) -> list[tuple[datetime, int]]:
        """The events at an instant, which comes after those asked about before."""
        events, ends = self._events, self._ends
        while self._begun < len(events) and (window := events[self._begun].event.window).start <= at:
            heappush(ends, (window.end, self._begun))
            self._begun += 1
        while ends and ends[0][0] <= at:
            heappop(ends)
        return ends

    def _note(self, n: int, p: Post, at: datetime) -> None:
        inside = self._events[n]
        inside.count += 1
        if n in self._serious:
            inside.conflicts.append(_conflict(inside.event, p, at))
        elif inside.first is None:
            inside.first = at, p

    def findings(self) -> Iterator[Finding]:
        """A conflict for each post inside an event of a kind that matters so much; one note for each other event."""
        noted: dict[tuple[str, str], list[_Inside]] = {}
        for inside in self._events:
            yield from inside.conflicts
            if inside.first is not None:
                noted.setdefault((same_words(inside.event.kind), inside.event.title), []).append(inside)
        for occurrences in noted.values():
            yield _noted(occurrences, self._facts)


def across(options: Options, facts: Facts) -> Across:
    """What looks at posts as they go by."""
    return Across(options, facts)


def _conflict(e: Event, p: Post, at: datetime) -> Finding:
    return Finding(
        clause="4.2",
        level=Level.CONFLICT,
        sentence=f"It goes out {say_short(at)}, during {e.title} ({e.kind}): {e.window.civil}.",
        next_step="Choose another time, or accept it: freeze accept",
        post=p.id,
        account=p.account,
        window=e.window,
        about=f"{e.kind}: {e.title}",
    )


def _noted(occurrences: Sequence[_Inside], facts: Facts) -> Finding:
    e, inside = occurrences[0].event, occurrences[0].count
    assert occurrences[0].first is not None
    at, p = occurrences[0].first
    account = facts.accounts.get(p.account)
    who = account.name if account else p.account
    count = f"{inside:,} posts go out" if inside > 1 else "a post goes out"
    first = "the first by" if inside > 1 else "by"
    again = f"; it has posts inside {len(occurrences) - 1:,} more times" if len(occurrences) > 1 else ""
    return Finding(
        clause="4.2",
        level=Level.NOTE,
        sentence=f"During {e.title} ({e.kind}), {e.window.civil}, {count}, {first} {who} "
        f"on {p.platform}, {say_short(at)} ({p.ref}){again}.",
        next_step="Look whether they go together with it.",
        about=f"{e.kind}: {e.title}",
    )

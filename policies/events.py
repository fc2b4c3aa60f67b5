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

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from freeze.events import Event
from freeze.findings import Finding, Level
from freeze.ports import Facts, World
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


def inspect(options: Options, world: World) -> Iterator[Finding]:
    """A conflict for each post inside an event of a kind that matters so much; one note for each other event."""
    now = world.facts.now
    events = [e for e in world.facts.events if e.window.end > now and options.weight(e.kind) != "off"]
    if not events:
        return
    posts = _in_order(world)
    times = [at for at, _ in posts]
    noted: dict[tuple[str, str], list[tuple[Event, Sequence[tuple[datetime, Post]]]]] = {}
    for e in sorted(events, key=lambda e: (e.window, e.kind, e.title)):
        inside = posts[bisect_left(times, e.window.start) : bisect_left(times, e.window.end)]
        if not inside:
            continue
        if options.weight(e.kind) == "conflict":
            yield from (_conflict(e, p, at) for at, p in inside)
        else:
            noted.setdefault((same_words(e.kind), e.title), []).append((e, inside))
    for occurrences in noted.values():
        yield _note(occurrences, world.facts)


def _in_order(world: World) -> list[tuple[datetime, Post]]:
    """The posts still to come, each once however often it was seen, the first one first."""
    once: dict[int, tuple[datetime, Post]] = {}
    for p in world.posts:
        if p.state in GOES_OUT and p.intended_at is not None and p.intended_at >= world.facts.now:
            account = world.facts.accounts.get(p.account)
            if account is None or account.in_scope:
                once.setdefault(p.same_as or p.id, (p.intended_at, p))
    return sorted(once.values(), key=lambda x: (x[0], x[1].id))


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


def _note(occurrences: Sequence[tuple[Event, Sequence[tuple[datetime, Post]]]], facts: Facts) -> Finding:
    e, inside = occurrences[0]
    at, p = inside[0]
    account = facts.accounts.get(p.account)
    who = account.name if account else p.account
    count = f"{len(inside):,} posts go out" if len(inside) > 1 else "a post goes out"
    first = "the first by" if len(inside) > 1 else "by"
    again = f"; it has posts inside {len(occurrences) - 1:,} more times" if len(occurrences) > 1 else ""
    return Finding(
        clause="4.2",
        level=Level.NOTE,
        sentence=f"During {e.title} ({e.kind}), {e.window.civil}, {count}, {first} {who} "
        f"on {p.platform}, {say_short(at)} ({p.ref}){again}.",
        next_step="Look whether they go together with it.",
        about=f"{e.kind}: {e.title}",
    )

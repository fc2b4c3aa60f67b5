"""How a post stands, in a letter and a few words: the same on every calendar. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from freeze.holds import HoldState
from freeze.judging.evaluate import Verdicts
from freeze.outs import ALLOWED, MAY_BE_OUT, Out
from freeze.posts import Post, State
from freeze.windows import say_short


class Mark(Enum):
    """How a post stands, worst first: a letter, a few words for one post and for several, and what it means."""

    OUT = ("!", "went out", "went out", "went out inside a pause")
    MAYBE = ("?", "may have gone out", "may have gone out", "its time has passed; whether it went out is not known")
    MISSED = ("M", "time has passed", "whose time has passed", "held, and its time has passed: somebody must decide")
    PERSON = ("P", "needs a person", "need a person", "needs a person: the guard cannot stop or move it")
    UNSURE = ("U", "not confirmed", "not confirmed", "being held or put back, not confirmed yet")
    OPEN = ("N", "not held yet", "not held yet", "inside a pause and not held yet")
    APPROVAL = ("A", "awaits approval", "await approval", "awaits approval")
    HELD = ("H", "held", "held", "held and checked: it does not go out by itself")
    DUE = ("S", "scheduled", "scheduled", "scheduled")
    PASSED = ("L", "allowed", "allowed", "inside a pause, and allowed through it")
    SENT = ("X", "published", "published", "published")

    def __init__(self, letter: str, short: str, several: str, meaning: str) -> None:
        self.letter = letter
        self.short = short
        self.several = several
        self.meaning = meaning

    def counted(self, n: int) -> str:
        """'1 needs a person', '10 need a person'."""
        return f"{n:,} {self.short if n == 1 else self.several}"

    @property
    def rank(self) -> int:
        """0 for the worst."""
        return RANKS[self]

    @property
    def asks(self) -> bool:
        """Whether somebody has to look at such a post."""
        return self.rank <= RANKS[Mark.APPROVAL]


RANKS = {m: n for n, m in enumerate(Mark)}


@dataclass(frozen=True, slots=True)
class Stand:
    """The open hold of a post, as far as a calendar needs it; instants in UTC."""

    state: HoldState
    decision: str = ""
    decided_time: datetime | None = None
    fires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One post on the calendar; `also` is how many more queues it sits in, `at` its instant (UTC) or None."""

    post: Post
    at: datetime | None
    mark: Mark
    account: str
    note: str = ""
    fires_at: datetime | None = None
    also: int = 0


def entry(
    p: Post, account: str, out: Out | None, hold: Stand | None, verdicts: Verdicts, now: datetime
) -> Entry | None:
    """How one post stands at `now`; None for one that neither goes out, nor went out, nor is held."""
    if out is not None:
        mark = Mark.MAYBE if out.how == MAY_BE_OUT else Mark.SENT if out.how == ALLOWED else Mark.OUT
        return Entry(p, out.at, mark, account, "allowed" if out.how == ALLOWED else "")
    if hold is not None:
        mark, note = _held(hold, p, now)
        fires = hold.fires_at if mark in (Mark.HELD, Mark.MISSED) else None
        return Entry(p, p.intended_at, mark, account, note, fires)
    past = p.intended_at is not None and p.intended_at <= now
    if p.state is State.PUBLISHED:
        return Entry(p, p.intended_at, Mark.SENT, account)
    if p.state is State.PENDING_APPROVAL:
        paused = bool(verdicts.held_by(p))
        note = (
            "do not approve it: leave it, or reject it"
            if paused
            else "approving it publishes it at once"
            if past
            else ""
        )
        return Entry(p, p.intended_at, Mark.APPROVAL, account, note)
    if p.state is not State.SCHEDULED:
        return None
    if past:
        return Entry(p, p.intended_at, Mark.MAYBE, account, "not read again since")
    covered = verdicts.covering(p)
    mark = Mark.OPEN if verdicts.held_by(p) else Mark.PASSED if covered else Mark.DUE
    return Entry(p, p.intended_at, mark, account)


def _held(hold: Stand, p: Post, now: datetime) -> tuple[Mark, str]:
    past = p.intended_at is not None and p.intended_at <= now
    if hold.state is HoldState.CONFIRMED:
        if hold.decision:
            return Mark.HELD, DECIDED.get(hold.decision, hold.decision) + (
                f" ({say_short(hold.decided_time)})" if hold.decided_time else ""
            )
        return (Mark.MISSED, "") if past else (Mark.HELD, "")
    if hold.state is HoldState.CHANGED:
        return Mark.PERSON, "somebody changed it while it was held"
    if hold.state in (HoldState.NEEDS_A_PERSON, HoldState.REFUSED):
        if p.state is State.PENDING_APPROVAL:
            return Mark.APPROVAL, "do not approve it: leave it, or reject it"
        return (Mark.MAYBE, "only a person could stop it") if past else (Mark.PERSON, "")
    return Mark.UNSURE, ""


DECIDED = {
    "next-slot": "decided: the next free time",
    "at": "decided: a given time",
    "keep": "decided: stays held",
    "cancel": "decided: not to be published",
}


def tally(entries: Iterable[Entry]) -> dict[Mark, int]:
    """How many posts of each mark, worst first."""
    found = Counter(e.mark for e in entries)
    return {m: found[m] for m in Mark if found[m]}


def chosen(shown: Sequence[Entry], most: int) -> tuple[list[Entry], dict[Mark, int]]:
    """At most `most` entries, the worst first to be kept but shown in order; and how many of each mark are left out."""
    if len(shown) <= most:
        return list(shown), {}
    kept = {id(e) for e in sorted(shown, key=lambda e: e.mark.rank)[:most]}
    return [e for e in shown if id(e) in kept], tally(e for e in shown if id(e) not in kept)

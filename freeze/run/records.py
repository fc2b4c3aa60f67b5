"""What one connection's part of a run shares and writes down: purposes, outcomes, and what went out."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TypeVar

from freeze.accounts import Account
from freeze.errors import RefusedByRule
from freeze.holds import CLOSED, Change, Goal, Hold, HoldState, Intent, Refusal, Step, Verb, follow
from freeze.judging.evaluate import Verdicts
from freeze.outs import ALLOWED, MAY_BE_OUT
from freeze.pauses.freezes import Freeze
from freeze.ports import FreezeView, Platform
from freeze.posts import Absent, Post, Seen, State
from freeze.run.tally import Tally
from freeze.store import holds as hold_store
from freeze.store.journal import Journal, Outcome, Transaction
from freeze.store.turn import Turn
from freeze.windows import Window, say

T = TypeVar("T")

FIRST_RUN = timedelta(minutes=1)
"""What the first sweep after a declaration may take; a post due sooner could not be stopped in time."""
CANNOT_SAY = "its time has passed, and nothing here can say whether a person stopped it"


@dataclass(frozen=True, slots=True)
class Pauses:
    """The pauses as one edition of the store has them.

    `verdicts` are those that hold now; `outs` the same and those over, for naming what went out; `ahead` all that are
    not over with every window, also those that hold nothing yet: no post may be put back into one.
    """

    edition: int
    freezes: Mapping[str, Freeze]
    verdicts: Verdicts
    outs: Verdicts
    ahead: Verdicts


@dataclass
class Shared:
    """What every connection's work of one run shares.

    `pauses` are as the run last read them and `renewed` reads them anew: somebody may change one while a run goes on.
    `putting_back` is True only in the run that puts posts back: no other run sends such a change again.
    `late` are posts that an earlier run read still waiting past their time, and when (UTC), by their ids.
    `bios` are the accounts, as (connection, platform's own id), whose description need not be read; None: read none.
    """

    journal: Journal
    turn: Turn
    now: Callable[[], datetime]
    pauses: Pauses
    renewed: Callable[[], Pauses]
    lead: timedelta
    register: dict[str, Account]
    names: dict[tuple[str, str], str]
    span: Window
    enforce: bool
    tally: Tally
    putting_back: bool = False
    late: Mapping[int, datetime] = field(default_factory=dict)
    bios: frozenset[tuple[str, str]] | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def run(self) -> int:
        """This run's number."""
        return self.turn.run

    @property
    def verdicts(self) -> Verdicts:
        """What the pauses in force say of a post."""
        return self.pauses.verdicts

    @property
    def outs(self) -> Verdicts:
        """The pauses in force and those over, for naming what went out."""
        return self.pauses.outs

    @property
    def freezes(self) -> Mapping[str, Freeze]:
        """Every pause but rehearsals, by its short id."""
        return self.pauses.freezes

    def catch_up(self, edition: int) -> None:
        """Read the pauses anew if they are not of this edition any more."""
        with self.lock:
            if self.pauses.edition != edition:
                self.pauses = self.renewed()


@dataclass(frozen=True, slots=True)
class Ticket:
    """One intent on its way: how often it was sent, and what the platform said if it refused.

    `edition` is that of the pauses by which it was last judged; `again` is the second save of a post that was put back
    where the platform needs one.
    """

    hold: Hold
    intent: Intent
    tries: int = 0
    refused: str = ""
    edition: int = -1
    again: Step | None = None


class Records:
    """Writes for the posts of one connection. Nothing here calls a platform."""

    def __init__(self, platform: Platform, shared: Shared, slots: Iterator[int] | None = None) -> None:
        self.platform = platform
        self.s = shared
        self._slots = slots or itertools.count()

    def write(self, work: Callable[[Transaction], T]) -> T:
        """Do `work` in a transaction of the journal, and wait for its commit.

        Raises Superseded where another run has taken over this connection, and what `Journal.call` raises.
        """

        def guarded(tx: Transaction) -> T:
            tx.guard(self.platform.id)
            return work(tx)

        return self.s.journal.call(guarded)

    def post(self, ident: int, seen: Seen) -> Post:
        """The post as rules see it, taking its time from this reading."""
        at = seen.locator
        a = self.s.register[self.s.names[at.connection, at.account]]
        return Post(
            id=ident,
            account=a.id,
            platform=a.platform,
            service=a.service,
            locator=at,
            state=seen.state,
            intended_at=seen.at,
            text=seen.text,
            title=seen.title,
            author=seen.author,
            app=seen.app,
            tags=seen.tags,
            link=seen.link,
            media=seen.media,
            boosted=seen.boosted,
        )

    def record(
        self,
        hold: Hold,
        state: HoldState,
        detail: str = "",
        intent: Intent | None = None,
        *,
        checked: bool = False,
        closed: bool = False,
    ) -> None:
        """Write where a hold stands now, with its log line; `intent` is thereby settled.

        Raises ForbiddenMove for a state that cannot follow the one it is in.
        """
        follow(hold.state, state)
        at = hold.before.locator
        event = f"hold.{state.value.replace(' ', '-')}"
        data = {"post": hold.post, "connection": at.connection, "native": at.native_id, "kind": hold.kind.value}
        moved = (state, detail) != (hold.state, hold.detail) or intent is not None or closed
        if moved or checked:
            self.s.journal.outcome(
                Outcome(
                    connection=self.platform.id,
                    at=self.s.now(),
                    hold=hold.id,
                    state=state.value,
                    detail=detail,
                    event=event if moved else "",
                    data=data,
                    intent=intent.id if intent else None,
                    intent_state=state.value if intent else "",
                    checked=checked,
                    closed=closed or state in CLOSED,
                )
            )
        self.s.tally.hold(hold.id, state)

    def intend(self, hold: Hold, verb: Verb, change: Change, seen: Seen | Absent) -> Ticket:
        """Journal a new purpose for an open hold, and give its ticket once that is committed.

        Raises RefusedByRule where a post is to go back and somebody decided otherwise in that moment.
        """
        state = HoldState.PUTTING_BACK if verb is Verb.PUT_BACK else HoldState.REQUESTED

        def write(tx: Transaction) -> Intent:
            c, now = tx.c, self.s.now()
            if verb is Verb.PUT_BACK:
                there = hold_store.one(c, hold.id)
                if (there.decision, there.decided_time) != (hold.decision, hold.decided_time):
                    raise RefusedByRule("somebody decided otherwise while posts were going back")
            values: dict[str, object] = {} if verb is Verb.KEEP else {"state": state.value}
            if verb is Verb.HOLD:
                values |= {
                    "kind": change.kind.value,
                    "why": change.why,
                    "expected": change.expected.to_json(),
                    "expires_at": change.expires_at,
                }
            if values:
                hold_store.change_hold(c, hold.id, **values)
            return hold_store.write_intent(c, self.s.run, hold.id, verb, change, hold_store.was(seen), now)

        edition = self.s.pauses.edition
        intent = self.write(write)
        if verb is Verb.HOLD:
            hold = replace(hold, kind=change.kind, expected=change.expected, expires_at=change.expires_at)
        return Ticket(hold if verb is Verb.KEEP else replace(hold, state=state), intent, edition=edition)

    def holders(self, verdicts: Verdicts, post: Post) -> tuple[FreezeView, ...]:
        """The freezes that hold a post which was just read: one still waiting past its time may go out any moment."""
        by, now = verdicts.held_by(post), self.s.now()
        if by or post.intended_at is None or post.intended_at >= now:
            return by
        return verdicts.held_by(replace(post, intended_at=now))

    def covered(self, hold: Hold, change: Change) -> str:
        """The pause that this change would put its post back into; empty where there is none."""
        at = self.s.now() if self.platform.limits.at_once else change.expected.at or hold.before.at or self.s.now()
        post = replace(self.post(hold.post, hold.before), intended_at=at, state=State.SCHEDULED)
        by = self.s.pauses.ahead.held_by(post)
        return by[0].label if by else ""

    def went_out(self, post: Post, at: datetime | None, how: str = "", why: str = "") -> bool:
        """Name a post that went out inside a freeze, once; whether it did."""
        when = at or self.s.now()
        named: list[tuple[Freeze, str, str]] = []
        for f in self.s.outs.covering(replace(post, intended_at=when, state=State.PUBLISHED)):
            freeze = self.s.freezes[f.id]
            let = self.s.outs.allowed(f, replace(post, intended_at=when))
            if let:
                because = f"it went out on {say(when)}; {let}"
                named += [(freeze, ALLOWED, because)] if how != MAY_BE_OUT else []
                continue
            window = next((w for w in f.windows if when in w), freeze.windows[0])
            chance = max(freeze.declared_at, window.start - self.s.lead) + self.platform.limits.lock_out + FIRST_RUN
            kind = how or ("too late" if when < chance else "slip")
            because = why or (
                f"it was due on {say(when)}, too soon after the pause was declared to be stopped"
                if kind == "too late"
                else f"it went out on {say(when)} although the pause was in force"
            )
            named.append((freeze, kind, because))

        def record(tx: Transaction) -> list[tuple[str, str]]:
            new = []
            for f, kind, because in named:
                if hold_store.note_out(tx.c, post.id, f.number, when, kind, because, instead_of=MAY_BE_OUT):
                    data = {"post": post.id, "freeze": f.ref, "how": kind, "out_at": when.isoformat()}
                    tx.log(self.s.now(), "post.went-out", data)
                    new.append((kind, because))
            return new

        if named:
            for kind, because in self.write(record):
                self.s.tally.note(post.id, kind, because)
        return bool(named)

    def came_out_late(self, post: Post, waited: datetime) -> None:
        """Name a post whose date is older than the last sight of it waiting (`waited`, UTC): it went out after that."""
        why = f"it was due on {say(post.intended_at or waited)}, was still waiting on {say(waited)}, and is out since"
        covered = self.s.outs.covering(replace(post, intended_at=waited, state=State.PUBLISHED))
        if not self.went_out(post, None, "" if covered else MAY_BE_OUT, why) and covered:
            self.went_out(post, waited, MAY_BE_OUT, why)

    def not_out(self, post: int, as_of: datetime) -> None:
        """A later copy shows it still queued after its time: it did not go out then."""

        def write(tx: Transaction) -> None:
            if hold_store.clear_out(tx.c, post, MAY_BE_OUT):
                tx.log(self.s.now(), "post.did-not-go-out", {"post": post, "as_of": as_of.isoformat()})

        self.write(write)

    def may_be_out(self, seen: Seen, as_of: datetime) -> bool:
        return seen.at is not None and as_of <= seen.at <= self.s.now()

    def offer(self, seen: Seen, goal: Goal) -> Change | Refusal:
        with self.s.lock:
            slot = next(self._slots)
        avoid = self.s.verdicts.windows
        return self.platform.offer(seen, replace(goal, avoid=avoid, slot=slot), self.s.now())

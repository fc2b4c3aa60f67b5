"""Sending a connection's changes, one call at a time, and reading every one of them back.

Every purpose is committed before its call; every claim follows a reading.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from typing import TypeVar

from freeze.accounts import Gap
from freeze.errors import AuthFailed, Limited, NotWritten, PlatformError, Refused, Superseded
from freeze.holds import Hold, HoldState, Intent, Receipt, Step, Verb
from freeze.ports import Platform
from freeze.posts import Locator, Reading, Seen
from freeze.run import collect
from freeze.run.lanes import Lane
from freeze.run.records import Shared, Ticket
from freeze.run.settle import TRIES, Settler
from freeze.store import holds as hold_store
from freeze.store import posts as post_store
from freeze.store.holds import ToHold
from freeze.store.journal import Transaction
from freeze.windows import say

T = TypeVar("T")

MOST_WAIT = 30.0
"""Seconds the guard waits when a platform asks for patience; longer is told to a person."""
READ_BACK = 1e14
"""Reading back comes after everything that stops a post."""
NOT_READ_BACK = "sent, but not read back"


class Sender:
    """One connection's calls in one run, on its own lane. Whoever lists posts builds on this."""

    def __init__(self, platform: Platform, shared: Shared, settler: Settler, threads: int) -> None:
        self.platform = platform
        self.s = shared
        self.settler = settler
        self.lane = Lane(platform.id, threads, platform.limits.deadline.total_seconds(), self._idle, self._left)
        self._sent: dict[str, list[Ticket]] = {}
        self._again: deque[Ticket] = deque()
        self._under_way: set[int] = set()  # purposes of which a call was begun
        self._stopping: set[Locator] = set()
        self._lock = threading.Lock()
        one = platform.limits.one_at_a_time
        self._alone: AbstractContextManager[object] = threading.Lock() if one else nullcontext()

    def _idle(self) -> bool:
        """Asked for more work when the queue is empty: reading back what was sent, then second saves one by one."""
        if self._read_all_back():
            return True
        with self._lock:
            t = self._again.popleft() if self._again else None
        if t is not None:
            self._add(READ_BACK, lambda: self._save_again(t), lambda why: self._not_read_back(t, why))
        return t is not None

    def _left(self) -> None:
        """No call is under way here any more: whoever takes over need not wait for this connection."""
        self.s.journal.later(lambda tx: self.s.turn.leave(tx.c, self.platform.id))

    def _hold(self, wanted: Sequence[ToHold]) -> None:
        """Journal these holds together, then queue what is to be sent.

        Where a pause or a permission changed since they were judged, they are judged again first.
        """
        now = self.s.now()
        while wanted:

            def write(tx: Transaction, wanted: Sequence[ToHold] = wanted) -> list[tuple[Hold, Intent | None]] | int:
                if any(w.edition != tx.edition for w in wanted):
                    return tx.edition
                return hold_store.open_holds(tx.c, self.s.run, wanted, now)

            try:
                opened = self.settler.write(write)
            except NotWritten as e:
                if len(wanted) == 1:
                    self._gap(
                        f"{_which(wanted[0].seen)} could not be held: {e.message}", wanted[0].seen.locator.account
                    )
                    return
                for w in wanted:
                    self._hold([w])
                return
            if isinstance(opened, int):
                self.s.catch_up(opened)
                again = [self.settler.judge(w.post, w.seen, w.as_of) for w in wanted]
                wanted = [w for w in again if w is not None]
                continue
            for (hold, intent), w in zip(opened, wanted, strict=True):
                if intent is None:
                    self.settler.record(hold, hold.state, hold.why)
                else:
                    self.s.tally.hold(hold.id, hold.state)
                    self._queue(Ticket(hold, intent, edition=w.edition))
            return

    def _stored(
        self, seen: Sequence[Seen], store: Callable[[Transaction, Sequence[Seen]], Sequence[T]]
    ) -> list[tuple[Seen, T]]:
        """Write readings down together; one that cannot be written takes no other with it, and is a gap."""
        if not seen:
            return []
        try:
            return list(zip(seen, self.settler.write(lambda tx: store(tx, seen)), strict=True))
        except NotWritten as e:
            if len(seen) == 1:
                at = seen[0].locator
                self._gap(f"{_which(seen[0])} is there and cannot be held by the guard: {e.message}", at.account)
                return []
        return [pair for s in seen for pair in self._stored([s], store)]

    def _add(self, due: float, work: Callable[[], None], dropped: Callable[[str], None] | None = None) -> None:
        self.lane.add(due, work, dropped or self._gap)

    def _gap(self, why: str, account: str = "", advice: str = "") -> None:
        self.s.tally.gap(Gap(self.platform.id, why, account, advice))

    def _next(self, todo: Ticket | ToHold | None) -> None:
        if isinstance(todo, Ticket):
            self._queue(todo)
        elif isinstance(todo, ToHold):
            self._hold([todo])

    def _queue(self, t: Ticket) -> None:
        if t.again is not None:
            with self._lock:
                self._again.append(t)
            return
        goal = t.intent.change.expected.at if t.intent.verb is Verb.PUT_BACK else t.hold.before.at
        due = (goal or self.s.now()).timestamp()
        self._add(due, lambda: self._send(t), lambda why: self._dropped(t, why))

    def _dropped(self, t: Ticket, why: str) -> None:
        if t.intent.id in self._under_way:
            self._not_read_back(t, why)
        else:
            self._not_sent(t, why)

    def wrap_up(self) -> None:
        """When the lane is over: what was sent and never came to be read back is said."""
        with self._lock:
            left = [t for batch in self._sent.values() for t in batch] + list(self._again)
            self._sent, self._again = {}, deque()
        why = self.lane.over or "the run ended"
        for t in left:
            self._not_read_back(t, why)
        if left:
            self._gap(f"{len(left)} changes were sent and not read back: {why}")

    def _not_sent(self, t: Ticket, why: str) -> None:
        """Nothing was sent for it now."""
        self._unsure(t, f"not done: {why}")

    def _not_read_back(self, t: Ticket, why: str) -> None:
        """It was sent, and no reading says what came of it."""
        self._unsure(t, f"{NOT_READ_BACK}: {why}")

    def _unsure(self, t: Ticket, why: str) -> None:
        state = HoldState.UNCONFIRMED if t.intent.verb is not Verb.KEEP else t.hold.state
        self.settler.record(t.hold, state, why)

    def _call(self, step: Step, *, looked: bool = False) -> Receipt:
        """One call that changes something, if this run may still make it. Raises Superseded, and what `send` raises.

        `looked`: that was looked up in this very moment.
        """
        with self._alone:
            if not looked or self.platform.limits.one_at_a_time:  # it may have waited for its turn
                self.s.turn.check(self.platform.id)
            return self.platform.send(step)

    def _wanted(self, t: Ticket) -> bool:
        """Whether a change is still to be made, by the pauses as they are at this moment. Raises Superseded."""
        edition = self.s.turn.check(self.platform.id)
        self.s.catch_up(edition)
        if t.intent.verb is Verb.PUT_BACK:
            return not self.settler.covered(t.hold, t.intent.change)
        if t.intent.verb is Verb.HOLD and t.edition != edition:
            return bool(self.settler.holders(self.s.verdicts, self.settler.post(t.hold.post, t.hold.before)))
        return True

    def _send(self, t: Ticket) -> None:
        intent, steps = t.intent, t.intent.change.steps
        if not self._wanted(t):
            if intent.verb is Verb.PUT_BACK and not intent.sent and not t.tries:
                self.settler.stays(t.hold, intent)
            else:
                self._after(t)  # nothing is sent; only reading tells how it stands
            return
        t = self._ours(t)
        intent = t.intent
        # What goes back is written down call by call, so that whoever takes over knows what may still be under way.
        careful = len(steps) > 1 or any(not s.idempotent for s in steps) or intent.verb is Verb.PUT_BACK
        with self._lock:
            self._stopping.add(t.hold.before.locator)
        again = intent.sent > 0 and steps[intent.sent - 1].idempotent  # an earlier run may have died in that step
        try:
            for i in range(intent.sent - again, len(steps)):
                if careful:
                    intent = self._begun(replace(intent, sent=i + 1))
                self._under_way.add(intent.id)
                try:
                    receipt = self._call(steps[i], looked=not careful)
                except Superseded:  # nothing was sent: whoever took over need not look for what it made
                    self._under_way.discard(intent.id)
                    if careful:
                        self._fact(replace(intent, sent=i))
                    raise
                self.lane.alive()
                if receipt.native_id:
                    intent = self._fact(replace(intent, made=receipt.native_id))
        except Limited as e:
            t = self._not_begun(t, intent)
            if e.seconds > MOST_WAIT or t.tries >= TRIES + 2:
                self._not_sent(t, e.message)
                return
            self.lane.pause(e.seconds)
            self._queue(replace(t, tries=t.tries + 1))
            return
        except AuthFailed as e:
            t = self._not_begun(t, intent)
            self._gap(e.message, advice=e.advice)
            self._not_sent(t, e.message)
            self.lane.stop(e.message)
            return
        except Refused as e:
            t = self._not_begun(t, intent)
            self._after(replace(t, refused=e.message, tries=t.tries + 1))
            return
        except PlatformError:
            self._after(replace(t, intent=intent, tries=t.tries + 1))  # it may have happened: only reading can tell
            return
        if t.intent.verb is Verb.HOLD:
            held = replace(t.hold, state=HoldState.HELD)
            self.settler.record(held, HoldState.HELD, "sent; not read back yet")
            t = replace(t, hold=held)
        self._after(replace(t, intent=intent, tries=t.tries + 1))

    def _save_again(self, t: Ticket) -> None:
        """Save a post that went back once more, alone, and read it again: only then is it put back."""
        t = self._ours(t)
        assert t.again is not None
        try:
            self._call(t.again)
        except PlatformError as e:
            self._not_read_back(t, f"it was to be saved once more and was not: {e.message}")
            return
        self.lane.alive()
        self._after(t)

    def _ours(self, t: Ticket) -> Ticket:
        """An earlier run's purpose becomes this run's before it is sent again: who overtakes must know whose it is."""
        if t.intent.run == self.s.run:
            return t
        self.settler.write(lambda tx: hold_store.take_over(tx.c, t.intent.id, self.s.run))
        return replace(t, intent=replace(t.intent, run=self.s.run))

    def _begun(self, intent: Intent) -> Intent:
        """Journal how far an intent has come, before its next call starts."""
        self.settler.write(lambda tx: hold_store.note_sent(tx.c, intent.id, intent.sent, intent.made))
        return intent

    def _fact(self, intent: Intent) -> Intent:
        """Journal what became of an intent's own call, also where another run has taken over: that run goes by it."""
        self.s.journal.call(lambda tx: hold_store.note_sent(tx.c, intent.id, intent.sent, intent.made))
        return intent

    def _not_begun(self, t: Ticket, intent: Intent) -> Ticket:
        """The platform says that it did not do the last step."""
        return replace(t, intent=self._begun(replace(intent, sent=intent.sent - 1)) if intent.sent else intent)

    def _after(self, t: Ticket) -> None:
        key = self._together(t.hold.before.locator)
        with self._lock:
            self._sent.setdefault(key, []).append(t)
            batch = self._sent.pop(key) if len(self._sent[key]) >= self.platform.limits.batch else []
        if batch:
            self._read_back(batch)

    def _read_all_back(self) -> bool:
        with self._lock:
            batches, self._sent = self._sent, {}
        for batch in batches.values():
            self._read_back(batch)
        return bool(batches)

    def _read_back(self, batch: Sequence[Ticket]) -> None:
        def dropped(why: str) -> None:
            for t in batch:
                self._not_read_back(t, why)

        self._add(READ_BACK, lambda: self._check(batch), dropped)

    def _check(self, batch: Sequence[Ticket], again: bool = True) -> None:
        places = {self._place(t): t for t in batch}
        try:
            readings: list[Reading] = collect.read(self.platform, list(places))
        except PlatformError as e:
            if again and not isinstance(e, AuthFailed):
                if isinstance(e, Limited):
                    self.lane.pause(min(e.seconds, MOST_WAIT))
                self._check(batch, again=False)
                return
            self._gap(f"posts could not be read back: {e.message}", advice=e.advice)
            for t in batch:
                self._not_read_back(t, e.message)
            return
        self.lane.alive()
        now = self.s.now()
        moved: list[tuple[int, Seen]] = []
        other: list[Seen] = []
        for r in readings:
            if isinstance(r, Seen):
                t = places[r.locator]
                as_meant = t.hold.before.locator == r.locator and not t.intent.change.expected.differences(r)
                moved += [(t.hold.post, r)] if as_meant else []
                other += [] if as_meant else [r]

        self.settler.write(lambda tx: post_store.note_moved(tx.c, moved, now))
        self._stored(other, lambda tx, some: post_store.take_in(tx.c, some, self.s.names, now))
        for r in readings:
            t = places[r.locator]
            saved = t.again is not None
            self._next(self.settler.told(t.hold, t.intent, r, t.tries, t.refused, again=saved))

    def _place(self, t: Ticket) -> Locator:
        at = t.hold.before.locator
        return replace(at, native_id=t.intent.made, occurrence="") if t.intent.made else at

    def _batches(self, locators: Iterable[Locator]) -> Iterator[list[Locator]]:
        """Locators as `read` takes them, in the order of each one's first."""
        groups: dict[str, list[Locator]] = {}
        for at in locators:
            groups.setdefault(self._together(at), []).append(at)
        size = max(1, self.platform.limits.batch)
        for group in groups.values():
            yield from (group[i : i + size] for i in range(0, len(group), size))

    def _together(self, at: Locator) -> str:
        """What locators that are read in one call have in common."""
        return at.account if self.platform.limits.of_one_account else ""


def _which(seen: Seen) -> str:
    """A post that nothing here has a number for, so that a person can find it."""
    when = f", set for {say(seen.at)}" if seen.at else ""
    return f'the post "{seen.locator.native_id}"{when}'

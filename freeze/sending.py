"""Sending a connection's changes, one call at a time, and reading every one of them back.

Every purpose is committed before its call; every claim follows a reading.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from freeze import collect
from freeze.accounts import Gap
from freeze.errors import AuthFailed, Limited, PlatformError, Refused
from freeze.holds import HoldState, Intent, Verb
from freeze.lanes import Lane
from freeze.ports import Platform
from freeze.posts import Locator, Reading, Seen
from freeze.records import Shared, Ticket
from freeze.settle import TRIES, Settler
from freeze.store import holds as hold_store
from freeze.store import posts as post_store
from freeze.store.holds import ToHold
from freeze.store.journal import Transaction

MOST_WAIT = 30.0
"""Seconds the guard waits when a platform asks for patience; longer is told to a person."""
READ_BACK = 1e14
"""Reading back comes after everything that stops a post."""


class Sender:
    """One connection's calls in one run, on its own lane. Whoever lists posts builds on this."""

    def __init__(self, platform: Platform, shared: Shared, settler: Settler, threads: int) -> None:
        self.platform = platform
        self.s = shared
        self.settler = settler
        self.lane = Lane(platform.id, threads, platform.limits.deadline.total_seconds(), self._idle)
        self._sent: dict[str, list[Ticket]] = {}
        self._stopping: set[Locator] = set()
        self._lock = threading.Lock()

    def _idle(self) -> bool:
        """Asked for more work when the queue is empty: reading back what was sent."""
        return self._read_all_back()

    def _hold(self, wanted: Sequence[ToHold]) -> None:
        """Journal these holds together, then queue what is to be sent."""
        if not wanted:
            return
        now = self.s.now()
        opened = self.s.journal.call(lambda tx: hold_store.open_holds(tx.c, self.s.run, wanted, now))
        for hold, intent in opened:
            if intent is None:
                self.settler.record(hold, hold.state, hold.why)
            else:
                self.s.tally.hold(hold.id, hold.state)
                self._queue(Ticket(hold, intent))

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
        goal = t.intent.change.expected.at if t.intent.verb is Verb.PUT_BACK else t.hold.before.at
        due = (goal or self.s.now()).timestamp()
        self._add(due, lambda: self._send(t), lambda why: self._not_sent(t, why))

    def _not_sent(self, t: Ticket, why: str) -> None:
        state = HoldState.UNCONFIRMED if t.intent.verb is not Verb.KEEP else t.hold.state
        self.settler.record(t.hold, state, f"not done: {why}")

    def _send(self, t: Ticket) -> None:
        intent, steps = t.intent, t.intent.change.steps
        careful = len(steps) > 1 or any(not s.idempotent for s in steps)
        with self._lock:
            self._stopping.add(t.hold.before.locator)
        again = intent.sent > 0 and steps[intent.sent - 1].idempotent  # an earlier run may have died in that step
        try:
            for i in range(intent.sent - again, len(steps)):
                if careful:
                    intent = self._begun(replace(intent, sent=i + 1))
                receipt = self.platform.send(steps[i])
                self.lane.alive()
                if receipt.native_id:
                    intent = self._begun(replace(intent, made=receipt.native_id))
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

    def _begun(self, intent: Intent) -> Intent:
        """Journal how far an intent has come, before its next call starts."""
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
                self._not_sent(t, f"it could not be read back: {why}")

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
                self._not_sent(t, f"it could not be read back: {e.message}")
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

        def write(tx: Transaction) -> None:
            post_store.note_moved(tx.c, moved, now)
            post_store.take_in(tx.c, other, self.s.names, now)

        self.s.journal.call(write)
        for r in readings:
            t = places[r.locator]
            self._next(self.settler.told(t.hold, t.intent, r, t.tries, t.refused))

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

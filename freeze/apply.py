"""One connection's part of a run: list, judge, hold nearest-due first, read back, and settle what an earlier run left.

Pages are judged and held as they arrive. Every purpose is committed before its call; every claim follows a reading.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from freeze import collect
from freeze.accounts import Account, Gap, SeenAccount
from freeze.errors import AuthFailed, Limited, PlatformError, Refused
from freeze.holds import Hold, HoldState, Intent, Kind, Verb
from freeze.lanes import Lane
from freeze.ports import Platform, ReadsPublished
from freeze.posts import Absent, Locator, Post, Reading, Seen, State
from freeze.settle import TRIES, Settler, Shared, Ticket
from freeze.store import holds as hold_store
from freeze.store import posts as post_store
from freeze.store.holds import ToHold
from freeze.store.journal import Transaction

MOST_WAIT = 30.0
"""Seconds the guard waits when a platform asks for patience; longer is told to a person."""
LISTS_BEHIND = 600.0
NEAREST = 10
"""What is unknown may be due any moment, so lists go before known posts due later than this many seconds from now; but
never before this many of the nearest-due, so that stopping begins at once."""
READ_BACK = 1e14
"""Reading back comes after everything that stops a post."""


class Work:
    """One connection in one run. `known` are its posts that may still go out, and all that are under an open hold."""

    def __init__(
        self,
        platform: Platform,
        shared: Shared,
        threads: int,
        known: Iterable[Post],
        held: Mapping[int, Hold],
        intents: Mapping[int, Intent],
    ) -> None:
        self.platform = platform
        self.s = shared
        self.known = {p.locator: p for p in known}
        self.held = dict(held)
        self.intents = dict(intents)
        self.settler = Settler(platform, shared, itertools.count(sum(h.kind is Kind.PUSH for h in held.values())))
        self.lane = Lane(platform.id, threads, platform.limits.deadline.total_seconds(), self._idle)
        self._seen: set[Locator] = set()
        self._sent: dict[str, list[Ticket]] = {}
        self._lock = threading.Lock()
        self._stage = 0
        self._lists_at = 0.0
        self._listed: list[str] = []

    def begin(self) -> None:
        """Start: the nearest-due posts that are known and not yet held, then every list."""
        now = self.s.now()
        self._lists_at = now.timestamp() + LISTS_BEHIND
        if self.s.enforce:
            urgent = [p for p in self.known.values() if p.id not in self.held and self.s.verdicts.held_by(p)]
            urgent.sort(key=lambda p: p.intended_at or now)
            due = {p.locator: (p.intended_at or now).timestamp() for p in urgent[: self.platform.limits.batch]}
            for batch in self._batches(due):
                self._add(due[batch[0]], lambda b=batch: self._read(b))  # type: ignore[misc]
            self._lists_at = max(self._lists_at, *list(due.values())[:NEAREST], 0.0)
        self._add(self._lists_at, self._accounts)
        self.lane.start()

    def put_back(self, tickets: Sequence[Ticket]) -> None:
        """Start with these changes instead of a listing."""
        self._stage = 2
        for t in tickets:
            self._queue(t)
        self.lane.start()

    def _idle(self) -> bool:
        """What is left when the queue is empty: reading back, then what no list showed, then what went out."""
        if self._read_all_back():
            return True
        if self._stage == 0:
            self._stage = 1
            left = sorted(at for at in self.known if at not in self._seen)
            for batch in self._batches(left):
                self._add(READ_BACK, lambda b=batch: self._read(b))  # type: ignore[misc]
            if left:
                return True
        if self._stage == 1:
            self._stage = 2
            if isinstance(self.platform, ReadsPublished) and self.s.freezes and self.s.enforce:
                for account in self._listed:
                    self._add(READ_BACK, lambda a=account: self._published(a))  # type: ignore[misc]
                return bool(self._listed)
        return False

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

    def _add(self, due: float, work: Callable[[], None], dropped: Callable[[str], None] | None = None) -> None:
        self.lane.add(due, work, dropped or self._gap)

    def _gap(self, why: str, account: str = "", advice: str = "") -> None:
        self.s.tally.gap(Gap(self.platform.id, why, account, advice))

    # Listing

    def _accounts(self) -> None:
        found: list[SeenAccount] = []
        broken = ""
        for a in collect.accounts(self.platform):
            self.lane.alive()
            if isinstance(a, Gap):
                self.s.tally.gap(a)
                broken = broken if a.account else a.reason
            else:
                found.append(a)
        here, now = self.platform.id, self.s.now()
        fresh = {a.native: a for a in found if (here, a.native) not in self.s.names}

        def write(tx: Transaction) -> list[str]:
            new = post_store.note_accounts(tx.c, fresh.values())
            post_store.note_source(tx.c, here, "", tried_at=now, read=not broken, posts=len(found), reason=broken)
            return new

        new = self.s.journal.call(write)
        with self.s.lock:
            for ident, a in zip(new, fresh.values(), strict=True):
                self.s.register[ident] = Account(ident, a.name, a.platform, a.handle, registered=False)
                self.s.names[here, a.native] = ident
        self.s.tally.registered_nowhere(new)
        if broken and not found:
            return
        on_register = {native for connection, native in self.s.names if connection == here}
        for native in sorted(on_register | {a.native for a in found}):
            self._add(
                self._lists_at,
                lambda n=native: self._list(n),  # type: ignore[misc]
                lambda why, n=native: self._gap(why, n),  # type: ignore[misc]
            )

    def _list(self, native: str) -> None:
        count, broken, as_of = 0, "", None
        soon = self.s.now() + timedelta(minutes=1)
        expected = sum(
            at.account == native and p.id not in self.held and p.intended_at is not None and p.intended_at > soon
            for at, p in self.known.items()
        )
        for item in collect.scheduled(self.platform, native, self.s.span):
            if isinstance(item, Gap):
                self.s.tally.gap(item)
                broken = item.reason
                continue
            self.lane.alive()
            as_of = item.as_of
            for r in item.rejects:
                self.s.tally.reject(r)
            count += len(item.posts)
            self._take(item.posts, item.as_of)
        if not count and not broken and expected:
            broken = f"it shows no posts at all, though {expected} were known there"
            self._gap(broken, native)
        self.s.tally.saw(count)
        with self._lock:
            self._listed.append(native)
        now, here = self.s.now(), self.platform.id
        self.s.journal.call(
            lambda tx: post_store.note_source(
                tx.c, here, native, tried_at=now, read=not broken, posts=count, as_of=as_of, reason=broken
            )
        )

    def _published(self, native: str) -> None:
        assert isinstance(self.platform, ReadsPublished)
        since = min(f.start for f in self.s.freezes.values())
        try:
            for page in self.platform.published(native, since):
                self.lane.alive()
                self._take(page.posts)
        except PlatformError as e:
            self._gap(f"what went out could not be read: {e.message}", native, e.advice)

    def _read(self, batch: Sequence[Locator]) -> None:
        """Read known posts by their ids, and do what each reading asks for."""
        left = [at for at in batch if at not in self._seen]
        if not left:
            return
        try:
            readings = collect.read(self.platform, left)
        except PlatformError as e:
            self._gap(f"known posts could not be read again: {e.message}", advice=e.advice)
            for held in filter(None, (self.held.get(self.known[at].id) for at in left)):
                self.settler.unread(held, self.intents.get(held.id), e.message)
            return
        self.lane.alive()
        self._take([r for r in readings if isinstance(r, Seen)])
        for r in readings:
            if isinstance(r, Seen):
                continue
            post = self.known[r.locator]
            hold = self.held.get(post.id)
            if hold is not None:
                self._next(self.settler.told(hold, self.intents.get(hold.id), r))
            elif isinstance(r, Absent):
                self._deleted(post.id)

    def _deleted(self, ident: int) -> None:
        now = self.s.now()
        self.s.journal.call(lambda tx: post_store.mark(tx.c, ident, State.DELETED, now))

    def _take(self, seen: Sequence[Seen], as_of: datetime | None = None) -> None:
        """Store a page of readings (a copy made `as_of`, if given), judge each, and start holding what must be held."""
        with self._lock:
            fresh = list({s.locator: s for s in seen if s.locator not in self._seen}.values())
            self._seen.update(s.locator for s in fresh)
        if not fresh:
            return
        now = self.s.now()
        ids = self.s.journal.call(lambda tx: post_store.take_in(tx.c, fresh, self.s.names, now))
        wanted: list[ToHold] = []
        for ident, s in zip(ids, fresh, strict=True):
            hold = self.held.get(ident)
            todo: Ticket | ToHold | None = None
            if hold is None:
                todo = self.settler.judge(ident, s, as_of)
            elif as_of is not None:
                self.settler.copied(hold, s, as_of)
            else:
                todo = self.settler.told(hold, self.intents.get(hold.id), s)
            if isinstance(todo, ToHold):
                wanted.append(todo)
            else:
                self._next(todo)
        self._hold(wanted)

    def _hold(self, wanted: Sequence[ToHold]) -> None:
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

    def _next(self, todo: Ticket | ToHold | None) -> None:
        if isinstance(todo, Ticket):
            self._queue(todo)
        elif isinstance(todo, ToHold):
            self._hold([todo])

    # Sending and reading back

    def _queue(self, t: Ticket) -> None:
        goal = t.intent.change.expected.at if t.intent.verb is Verb.PUT_BACK else t.hold.before.at
        due = (goal or self.s.now()).timestamp()
        self._add(due, lambda: self._send(t), lambda why: self._not_sent(t, why))

    def _not_sent(self, t: Ticket, why: str) -> None:
        state = HoldState.UNCONFIRMED if t.intent.verb is not Verb.KEEP else t.hold.state
        self.settler.record(t.hold, state, f"not done: {why}")

    def _send(self, t: Ticket) -> None:
        steps, begun, made = t.intent.change.steps, t.intent.sent, t.intent.made
        careful = len(steps) > 1 or any(not s.idempotent for s in steps)
        try:
            for i in range(begun, len(steps)):
                if careful:
                    self.s.journal.call(lambda tx, n=i + 1, m=made: hold_store.note_sent(tx.c, t.intent.id, n, m))  # type: ignore[misc]
                receipt = self.platform.send(steps[i])
                made = receipt.native_id or made
                self.lane.alive()
        except Limited as e:
            if e.seconds > MOST_WAIT or t.tries >= TRIES + 2:
                self._not_sent(t, e.message)
                return
            self.lane.pause(e.seconds)
            self._queue(replace(t, tries=t.tries + 1))
            return
        except AuthFailed as e:
            self._gap(e.message, advice=e.advice)
            self._not_sent(t, e.message)
            self.lane.stop(e.message)
            return
        except Refused as e:
            self._after(replace(t, refused=e.message, tries=t.tries + 1))
            return
        except PlatformError:
            self._after(replace(t, tries=t.tries + 1))  # it may have happened: only reading can tell
            return
        if t.intent.verb is Verb.HOLD:
            held = replace(t.hold, state=HoldState.HELD)
            self.settler.record(held, HoldState.HELD, "sent; not read back yet")
            t = replace(t, hold=held)
        intent = replace(t.intent, sent=len(steps), made=made) if careful else t.intent
        self._after(replace(t, intent=intent, tries=t.tries + 1))

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
        seen = [r for r in readings if isinstance(r, Seen)]
        self.s.journal.call(lambda tx: post_store.take_in(tx.c, seen, self.s.names, now))
        for r in readings:
            t = places[r.locator]
            self._next(self.settler.told(t.hold, t.intent, r, t.tries, t.refused))

    def _place(self, t: Ticket) -> Locator:
        at = t.hold.before.locator
        return replace(at, native_id=t.intent.made, occurrence="") if t.intent.made else at

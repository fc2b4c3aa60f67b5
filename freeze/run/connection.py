"""One connection's part of a run: list, judge, hold nearest-due first, read back, and settle what an earlier run left.

Pages are judged and held as they arrive. Every purpose is committed before its call; every claim follows a reading.
"""

from __future__ import annotations

import itertools
import time
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from freeze.accounts import Account, Gap, SeenAccount, Unseen
from freeze.errors import PlatformError
from freeze.holds import Hold, Intent, Kind, Verb
from freeze.ports import Platform, ReadsBio, ReadsPublished
from freeze.posts import Absent, Locator, Post, Reading, Seen, State
from freeze.run import collect
from freeze.run.records import Shared, Ticket
from freeze.run.sending import READ_BACK, Sender
from freeze.run.settle import Settler
from freeze.store import bios as bio_store
from freeze.store import holds as hold_store
from freeze.store import posts as post_store
from freeze.store.holds import ToHold
from freeze.store.journal import Transaction

LISTS_BEHIND = 600.0
"""What is unknown may be due any moment, so lists go before known posts due later than this many seconds from now."""
LISTS_AT_ONCE = 8
"""Accounts of one connection that are listed side by side: stopping posts must not wait for all of forty."""
MOST_BY_HAND = 3
"""So many posts that are held on one account, and none of which is there, were hardly all deleted by hand."""
BACK = "it was taken for gone, and stands where the guard left it: it is held as before"
OTHERS = 40.0
"""Seconds to wait for the last calls of a run that was overtaken; no call may take longer."""
LOOK = 0.05
"""Seconds between looks at whether it has left."""
STILL_AT_WORK = "another run of the guard still has a call under way here; run the same command again"
NEAREST = 10
"""At least this many of the nearest-due known posts are read by their ids at once, in case a list does not come."""


class Work(Sender):
    """One connection in one run. `known` are its posts that may still go out, and all that are under an open hold.

    `gone` are posts whose hold was closed because they were gone, with that hold: one that is back is held again.
    """

    def __init__(
        self,
        platform: Platform,
        shared: Shared,
        threads: int,
        known: Iterable[Post],
        held: Mapping[int, Hold],
        intents: Mapping[int, Intent],
        gone: Mapping[int, Hold] | None = None,
    ) -> None:
        self._gone = gone or {}
        self._missing: dict[str, list[tuple[Hold, Reading]]] = {}
        self._present: set[str] = set()
        self.known = {p.locator: p for p in known}
        self.held = dict(held)
        self.intents = dict(intents)
        self._others = {h.id: h for h in held.values() if self._may_arrive(h, intents.get(h.id), platform, shared)}
        self._waiting = bool(self._others)
        settler = Settler(platform, shared, itertools.count(sum(h.kind is Kind.PUSH for h in held.values())))
        super().__init__(platform, shared, settler, threads)
        self._seen: set[Locator] = set()
        self._stage = 0
        self._bios_failed = 0
        self._listed: list[str] = []
        self._unlisted: deque[str] = deque()
        self._put_off: list[Seen] = []
        self._lost = self._perhaps_made()

    @staticmethod
    def _may_arrive(hold: Hold, intent: Intent | None, platform: Platform, shared: Shared) -> bool:
        """Whether a call of another run for this hold may still arrive: it is read once that run has left.

        Of a run that is over or dead only what was begun and does not stop a post is waited for: stopping it twice does
        no harm, and waiting could.
        """
        if intent is None or hold.before.locator.connection != platform.id:
            return False
        if intent.run in shared.turn.others.get(platform.id, ()):
            return True
        begun = intent.verb is not Verb.HOLD and (intent.sent > 0 or intent.verb is Verb.KEEP)
        return begun and intent.run in shared.turn.late.get(platform.id, ())

    def begin(self) -> None:
        """Start: the nearest-due posts that are known and not yet held, then every list."""
        now = self.s.now()
        lists = now.timestamp() + LISTS_BEHIND
        if self.s.enforce:
            urgent = [p for p in self.known.values() if p.id not in self.held and self.s.verdicts.held_by(p)]
            urgent.sort(key=lambda p: p.intended_at or now)
            due = {p.locator: (p.intended_at or now).timestamp() for p in urgent}
            soon = max(NEAREST, sum(at < lists for at in due.values()))
            for batch in self._batches(list(due)[: min(soon, self.platform.limits.batch)]):
                self._add(min(due[batch[0]], lists - 1), lambda b=batch: self._read(b))  # type: ignore[misc]
        self._add(lists, self._accounts)
        self.lane.start()

    def put_back(self, todo: Sequence[Ticket | ToHold]) -> None:
        """Start with these changes instead of a listing."""
        self._stage = 2
        for t in todo:
            self._next(t)
        self.lane.start()

    def _idle(self) -> bool:
        """What is left when the queue is empty: reading back, what no list showed, what went out, then descriptions."""
        if super()._idle():
            return True
        if self._waiting:
            self._waiting = False
            self._add(READ_BACK, self._after_others)
            return True
        if self._stage == 0:
            self._stage = 1
            left = sorted(at for at in self.known if at not in self._seen)
            for batch in self._batches(left):
                self._add(READ_BACK, lambda b=batch: self._read(b))  # type: ignore[misc]
            if left:
                return True
        if self._missing:
            self._add(READ_BACK, self._settle_missing)
            return True
        if self._stage == 1:
            self._stage = 2
            if isinstance(self.platform, ReadsPublished) and self.s.freezes and self.s.enforce:
                for account in self._listed:
                    self._add(READ_BACK, lambda a=account: self._published(a))  # type: ignore[misc]
                if self._listed:
                    return True
        if self._stage == 2:
            self._stage = 3
            if isinstance(self.platform, ReadsBio) and self.s.bios is not None:
                wanted = [a for a in self._listed if (self.platform.id, a) not in self.s.bios]
                for account in wanted:
                    self._add(READ_BACK, lambda a=account: self._bio(a), lambda _why: None)  # type: ignore[misc]
                return bool(wanted)
        return False

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

        new = self.settler.write(write)
        with self.s.lock:
            for ident, a in zip(new, fresh.values(), strict=True):
                self.s.register[ident] = Account(ident, a.name, a.platform, a.handle, registered=False)
                self.s.names[here, a.native] = ident
        self.s.tally.registered_nowhere(new)
        if broken and not found:
            return
        on_register = {native for connection, native in self.s.names if connection == here}
        self._unlisted.extend(sorted(on_register | {a.native for a in found}))
        for _ in range(LISTS_AT_ONCE):
            self._list_next()

    def _list_next(self) -> None:
        """Queue the next account's list."""
        with self._lock:
            native = self._unlisted.popleft() if self._unlisted else None
        if native is None:
            return

        def work() -> None:
            try:
                self._list(native)
            finally:
                self._list_next()

        def dropped(why: str) -> None:
            with self._lock:
                left = [native, *self._unlisted]
                self._unlisted.clear()
            for n in left:
                self._gap(why, n)

        self._add(self.s.now().timestamp() + LISTS_BEHIND, work, dropped)

    def _list(self, native: str) -> None:
        count, broken, unseen, as_of = 0, "", "", None
        soon = self.s.now() + timedelta(minutes=1)
        for item in collect.scheduled(self.platform, native, self.s.span):
            if isinstance(item, Gap):
                self.s.tally.gap(item)
                broken = item.reason
                continue
            self.lane.alive()
            if isinstance(item, Unseen):
                self.s.tally.unseen(item)
                unseen = item.reason
                continue
            as_of = item.as_of
            for r in item.rejects:
                self.s.tally.reject(r)
            count += len(item.posts)
            self._take(item.posts, item.as_of)
        with self._lock:
            stopping = set(self._stopping)  # these may have left the list while it was read
        expected = sum(
            at.account == native
            and p.id not in self.held
            and p.id not in self._gone
            and at not in stopping
            and p.intended_at is not None
            and p.intended_at > soon
            for at, p in self.known.items()
        )
        if not count and not broken and not unseen and expected:
            broken = f"it shows no posts at all, though {expected} were known there"
            self._gap(broken, native)
        self.s.tally.saw(count)
        with self._lock:
            self._listed.append(native)
        now, here = self.s.now(), self.platform.id
        self.s.journal.later(
            lambda tx: post_store.note_source(
                tx.c,
                here,
                native,
                tried_at=now,
                read=not broken,
                posts=count,
                as_of=as_of,
                reason=broken,
                unseen=unseen,
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

    def _bio(self, native: str) -> None:
        """Read what an account says of itself; after three that fail, the rest waits for another night."""
        assert isinstance(self.platform, ReadsBio)
        found = collect.bio(self.platform, native) if self._bios_failed < 3 else None
        if found is None:
            self._bios_failed += 1
            return
        self.lane.alive()
        now = self.s.now()
        self.settler.write(lambda tx: bio_store.keep(tx.c, found, now))

    def _read(self, batch: Sequence[Locator]) -> None:
        """Read known posts by their ids, and do what each reading asks for."""
        left = [at for at in batch if at not in self._seen]
        if not left:
            return
        try:
            readings = [self._made_elsewhere(r) for r in collect.read(self.platform, left)]
        except PlatformError as e:
            self._gap(f"known posts could not be read again: {e.message}", advice=e.advice)
            for held in filter(None, (self.held.get(self.known[at].id) for at in left)):
                if held.id not in self._others:
                    self.settler.unread(held, self.intents.get(held.id), e.message)
            return
        self.lane.alive()
        self._take([r for at, r in zip(left, readings, strict=True) if isinstance(r, Seen) and r.locator == at])
        for at, r in zip(left, readings, strict=True):
            if isinstance(r, Seen) and r.locator == at:
                continue
            post = self.known[at]
            hold = self.held.get(post.id)
            if hold is not None and hold.id in self._others:
                continue
            lost = isinstance(r, Absent) and hold is not None and self.intents.get(hold.id) is None
            if lost and hold is not None and hold.kind in (Kind.DRAFT, Kind.PUSH) and hold.checked_at is not None:
                with self._lock:
                    self._seen.add(at)
                    self._missing.setdefault(at.account, []).append((hold, r))
                continue
            if hold is not None:
                self._next(self.settler.told(hold, self.intents.get(hold.id), r))
                with self._lock:
                    self._seen.add(at)  # what was told once is settled, and must not be told again
                if isinstance(r, Seen):  # it was made again under another id: that one is judged as any post
                    with self._lock:
                        self._lost.pop(hold.id, None)
                        self._seen.discard(r.locator)
                    self._take([r])
            elif isinstance(r, Absent):
                self._deleted(post.id)

    def _perhaps_made(self) -> dict[int, tuple[Hold, Intent]]:
        """The holds for which a call that must not be repeated was begun by a run that is gone."""
        mine = ((h, self.intents.get(h.id)) for h in self.held.values() if h.id not in self._others)
        return {h.id: (h, i) for h, i in mine if i is not None and i.perhaps_made}

    def _perhaps_theirs(self, seen: Seen) -> bool:
        """Whether a run that has not left may have made this post just now, for one of its holds."""
        for h in self._others.values():
            intent = self.intents[h.id]
            if intent.made and seen.locator.native_id == intent.made:
                return True
            making = any(not s.idempotent for s in intent.change.steps)
            same = h.before.locator.account == seen.locator.account
            if making and same and seen.locator not in self.known and not intent.change.expected.differences(seen):
                return True
        return False

    def _after_others(self) -> None:
        """Once another run has left, read what its last calls came to and settle that."""
        here = self.platform.id
        until = time.monotonic() + OTHERS
        while self.s.turn.still_at(here):
            if time.monotonic() > until:
                for hold in self._others.values():
                    self.settler.unread(hold, self.intents.get(hold.id), STILL_AT_WORK)
                self._gap(STILL_AT_WORK)
                return
            time.sleep(LOOK)
            self.lane.alive()
            self.s.turn.check(here)
        holds, intents = self.settler.write(
            lambda tx: (hold_store.of_posts(tx.c, [h.post for h in self._others.values()]), hold_store.unfinished(tx.c))
        )
        with self._lock:
            places = {h.before.locator for h in self._others.values()}
            for h in self._others.values():
                self.held.pop(h.post, None)
                self.intents.pop(h.id, None)
            self.held |= holds
            self.intents |= {h.id: intents[h.id] for h in holds.values() if h.id in intents}
            self._others = {}
            self._lost |= self._perhaps_made()
            made = {i.made for i in self.intents.values()}
            put_off = [s for s in self._put_off if s.locator.native_id not in made]
            self._seen -= places | {s.locator for s in put_off}
        self._take(put_off)
        for batch in self._batches(sorted(at for at in places if at in self.known)):
            self._add(READ_BACK, lambda b=batch: self._read(b))  # type: ignore[misc]

    def _settle_missing(self) -> None:
        """Held posts that are not there: gone one by one, or an account that shows nothing of what is held there."""
        with self._lock:
            missing, self._missing = self._missing, {}
        for account, found in missing.items():
            if len(found) >= MOST_BY_HAND and account not in self._present:
                self._gap(f"it shows none of the {len(found)} posts that are held there; they stay held", account)
                continue
            for hold, reading in found:
                self._next(self.settler.told(hold, None, reading))

    def _stands_again(self, ident: int, seen: Seen) -> bool:
        """Whether a post that was taken for gone stands where the guard left it: then its hold is open again."""
        hold = self._gone.get(ident)
        if hold is None or hold.expected.absent or hold.expected.differences(seen):
            return False
        now = self.s.now()

        def write(tx: Transaction) -> None:
            hold_store.reopen(tx.c, hold.id, BACK, now)
            tx.log(now, "hold.reopened", {"hold": hold.id, "post": ident, "connection": self.platform.id})

        self.settler.write(write)
        self.s.tally.note(ident, "held again", BACK)
        return True

    def _made_elsewhere(self, r: Reading) -> Reading:
        """Where a post was made again under an id that is known, the reading of that one."""
        hold = self.held.get(self.known[r.locator].id)
        intent = self.intents.get(hold.id) if hold is not None else None
        if not isinstance(r, Absent) or intent is None or not intent.made:
            return r
        return collect.read(self.platform, [replace(r.locator, native_id=intent.made, occurrence="")])[0]

    def _found(self, seen: Seen) -> None:
        """What a call that must not be repeated made before its run died: the same account, words and time, and new."""
        with self._lock:
            for hold, intent in list(self._lost.values()):
                new = not intent.made and seen.locator not in self.known
                same = hold.before.locator.account == seen.locator.account
                if seen.locator.native_id == intent.made or (
                    new and same and not intent.change.expected.differences(seen)
                ):
                    del self._lost[hold.id], self.held[hold.post]
                    break
            else:
                return
        self.settler.told(hold, intent, seen)

    def _deleted(self, ident: int) -> None:
        now = self.s.now()
        self.settler.write(lambda tx: post_store.mark(tx.c, ident, State.DELETED, now))

    def _take(self, seen: Sequence[Seen], as_of: datetime | None = None) -> None:
        """Store a page of readings (a copy made `as_of`, if given), judge each, and start holding what must be held."""
        with self._lock:
            fresh = list({s.locator: s for s in seen if s.locator not in self._seen}.values())
            self._seen.update(s.locator for s in fresh)
        if not fresh:
            return
        now = self.s.now()
        stored = self._stored(fresh, lambda tx, some: post_store.take_in(tx.c, some, self.s.names, now))
        wanted: list[ToHold] = []
        for s, ident in stored:
            hold = self.held.get(ident)
            todo: Ticket | ToHold | None = None
            if hold is not None:
                self._present.add(s.locator.account)
            elif self._stands_again(ident, s):
                continue
            if hold is None and self._others and self._perhaps_theirs(s):
                self._put_off.append(s)
                continue
            if hold is None:
                if self._lost and as_of is None:
                    self._found(s)
                todo = self.settler.judge(ident, s, as_of)
            elif hold.id in self._others:
                continue
            elif as_of is not None:
                self.settler.copied(hold, s, as_of)
            else:
                todo = self.settler.told(hold, self.intents.get(hold.id), s)
            if isinstance(todo, ToHold):
                wanted.append(todo)
            else:
                self._next(todo)
        self._hold(wanted)

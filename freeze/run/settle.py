"""What a reading of one post leads to: confirmed, send again, hold again, too late, gone, or a person must look.

Nothing here calls a platform. Every outcome goes to the journal with its log line.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from freeze.holds import Change, Goal, Hold, HoldState, Intent, Kind, Refusal, Verb
from freeze.outs import MAY_BE_OUT
from freeze.ports import SavesAgain
from freeze.posts import GOES_OUT, Absent, Reading, Seen, State, Unreadable
from freeze.run.records import CANNOT_SAY, FIRST_RUN, Records, Ticket
from freeze.run.verify import Answer, Told, ask
from freeze.store import holds as hold_store
from freeze.store import posts as post_store
from freeze.store.holds import ToHold
from freeze.store.journal import Transaction
from freeze.windows import say

TRIES = 3
"""How often one stored change is sent while reading shows that nothing happened."""
NOT_THERE = "it left its queue, and its time had passed before it was seen to be stopped: it may have gone out"
LEFT_AGAIN = "it was sent back into its queue and has left it since: it went out, or somebody deleted it"
KEEP_EVERY = timedelta(days=7)
"""A parked post is moved on again once it stands this much nearer than the platform's ceiling."""


class Settler(Records):
    """Decides for the posts of one connection."""

    def judge(self, ident: int, seen: Seen, as_of: datetime | None = None) -> ToHold | None:
        """What to do about a post on which no hold is open; `as_of` is set when it was read from a copy made then."""
        post = self.post(ident, seen)
        if seen.state is State.PUBLISHED:
            waited = self.s.late.get(ident) if as_of is None else None
            if waited is not None and seen.at is not None and seen.at < waited:
                self.came_out_late(post, waited)
            else:
                self.went_out(post, seen.at)
            return None
        pauses = self.s.pauses
        by = self.holders(pauses.verdicts, post) if as_of is None else pauses.verdicts.held_by(post)
        if not by or not self.s.enforce:
            return None
        offer: Change | Refusal
        if as_of is not None and seen.state is State.SCHEDULED and self.may_be_out(seen, as_of):
            offer = Refusal(HoldState.TOO_LATE, CANNOT_SAY)
            self.went_out(post, seen.at, MAY_BE_OUT, offer.why)
        else:
            offer = pauses.verdicts.meant(self.offer(seen, Goal(Verb.HOLD)), post, by)
        return ToHold(ident, seen, offer, tuple(pauses.freezes[f.id].number for f in by), as_of, pauses.edition)

    def copied(self, hold: Hold, seen: Seen, as_of: datetime) -> None:
        """What a copy made `as_of` (an export) says of a held post: it confirms nothing, but may tell what went out."""
        post = self.post(hold.post, seen)
        if seen.state is State.PUBLISHED:
            self._over(hold, None, seen, Answer(Told.WENT_OUT, "it went out before anybody stopped it"))
        elif seen.state in GOES_OUT and self.may_be_out(seen, as_of):
            self.went_out(post, seen.at, MAY_BE_OUT, CANNOT_SAY)
        elif seen.state in GOES_OUT and seen.at is not None and seen.at < as_of:
            self.not_out(hold.post, as_of)

    def told(
        self,
        hold: Hold,
        intent: Intent | None,
        reading: Reading,
        tries: int = 0,
        refused: str = "",
        *,
        again: bool = False,
    ) -> Ticket | ToHold | None:
        """What to do now that a post under a hold was read: a ticket to send, a new hold, or nothing more.

        `again`: it was saved once more after it was put back, where the platform needs that.
        """
        if isinstance(reading, Absent) and self._left_alone(hold, intent):
            self.record(hold, HoldState.UNCONFIRMED, NOT_THERE, intent)
            self.went_out(self.post(hold.post, hold.before), hold.before.at, MAY_BE_OUT, NOT_THERE)
            return None
        if intent is None and hold.state in (HoldState.NEEDS_A_PERSON, HoldState.REFUSED):
            return self._by_a_person(hold, reading)
        answer = ask(reading, intent.change.expected, intent.was) if intent else ask(reading, hold.expected)
        if answer.told is Told.DONE:
            return self._done(hold, intent, reading, again=again)
        if answer.told is Told.NOT_DONE and intent is not None and not isinstance(reading, Unreadable):
            return self._not_done(hold, intent, reading, tries, refused)
        if answer.told is Told.CHANGED and isinstance(reading, Seen):
            return self._changed(hold, intent, reading, answer)
        if answer.told is Told.UNREAD:
            self.unread(hold, intent, answer.detail or refused)
        else:
            self._over(hold, intent, reading, answer)
        return None

    def _left_alone(self, hold: Hold, intent: Intent | None) -> bool:
        """Whether nobody saw it stopped before its time, where what goes out gets another id: gone is no proof then."""
        stopped = hold.checked_at is not None or (intent is not None and intent.verb is not Verb.HOLD)
        stopped = stopped or hold.state in (HoldState.CONFIRMED, HoldState.CHANGED, HoldState.PUTTING_BACK)
        return self.platform.limits.new_id_when_out and not stopped and hold.missed(self.s.now())

    def _done(
        self, hold: Hold, intent: Intent | None, reading: Reading, *, again: bool = False
    ) -> Ticket | ToHold | None:
        verb = intent.verb if intent else None
        if verb is Verb.PUT_BACK and intent is not None:
            step = None
            if not again and isinstance(reading, Seen) and isinstance(self.platform, SavesAgain):
                step = self.platform.once_more(reading)
            if step is not None:
                return Ticket(hold, intent, again=step)
            at = intent.change.expected.at or (reading.at if isinstance(reading, Seen) else None)
            self.write(lambda tx: post_store.settle_times(tx.c, hold.post, at))
            self.record(hold, HoldState.PUT_BACK, intent=intent, checked=True)
            # Another run put it back, and a pause may have been declared meanwhile.
            if self.s.putting_back or not isinstance(reading, Seen) or reading.locator != hold.before.locator:
                return None
            return self.judge(hold.post, reading)
        if intent is not None and verb is Verb.KEEP:
            hold = self._moved_on(hold, intent.change)
        elif intent is not None:
            hold = replace(hold, expected=intent.change.expected, expires_at=intent.change.expires_at)
        changed = verb is Verb.KEEP and hold.state is HoldState.CHANGED
        detail = hold.detail if changed else ""
        self.record(hold, HoldState.CHANGED if changed else HoldState.CONFIRMED, detail, intent, checked=True)
        return self._keep(hold, reading) if verb is not Verb.KEEP else None

    def _moved_on(self, hold: Hold, change: Change) -> Hold:
        """Write where a parked post stands now; moving it on does not accept what somebody edited.

        What somebody accepted while it was being moved stands.
        """

        def write(tx: Transaction) -> Hold:
            there = hold_store.one(tx.c, hold.id)
            promise = replace(change.expected, content=there.expected.content)
            hold_store.change_hold(
                tx.c, hold.id, expected=promise.to_json(), expires_at=change.expires_at, why=change.why
            )
            return replace(there, expected=promise, expires_at=change.expires_at)

        return self.write(write)

    def _keep(self, hold: Hold, reading: Reading) -> Ticket | None:
        """Move a parked post further on, when it comes near or a window has come to cover it."""
        ceiling = self.platform.limits.ceiling
        if hold.kind is not Kind.PUSH or hold.expires_at is None or ceiling is None or not isinstance(reading, Seen):
            return None
        due = hold.expires_at - self.s.now() < ceiling - KEEP_EVERY
        covered = any(hold.expires_at in w for w in self.s.verdicts.windows)
        if not self.s.enforce or self.s.putting_back or not (due or covered):
            return None
        offer = self.offer(reading, Goal(Verb.KEEP, before=hold.before))
        if isinstance(offer, Refusal):
            self.record(hold, hold.state, f"could not be moved on: {offer.why}")
            return None
        if not due and any(offer.expires_at in w for w in self.s.verdicts.windows if offer.expires_at):
            return None  # no time outside the pauses is within reach yet: moving it now would gain nothing
        return self.intend(hold, Verb.KEEP, offer, reading)

    def _not_done(self, hold: Hold, intent: Intent, seen: Seen | Absent, tries: int, refused: str) -> Ticket | None:
        if intent.perhaps_made and not refused:
            self._perhaps_made(hold, intent, tries)
            return None
        if intent.verb is Verb.PUT_BACK and (not self.s.putting_back or self.covered(hold, intent.change)):
            self.stays(hold, intent, checked=True)
            return None
        if intent.verb is Verb.HOLD and isinstance(seen, Seen):
            if not self.holders(self.s.verdicts, self.post(hold.post, seen)):
                self.record(hold, HoldState.PUT_BACK, "it was never held, and no pause covers it", intent, checked=True)
                return None
            offer = self.offer(seen, Goal(Verb.HOLD))
            if isinstance(offer, Refusal):
                self.record(hold, offer.state, offer.why, intent)
                return None
            if offer.kind is not intent.change.kind:  # what stopped it then no longer does, so near to its time
                self.record(hold, HoldState.UNCONFIRMED, refused or "it was not done in time", intent)
                return self.intend(hold, Verb.HOLD, offer, seen)
        if refused:
            state = HoldState.REFUSED if intent.verb is Verb.HOLD else HoldState.CONFIRMED
            self.record(hold, state, f"the platform said no: {refused}", intent)
            self.s.tally.note(hold.post, "refused", refused)
            return None
        if tries >= TRIES or not self.s.enforce:
            self.record(hold, HoldState.UNCONFIRMED, "the platform says done, but reading shows it as before")
            return None
        return Ticket(hold, intent, tries)

    def stays(self, hold: Hold, intent: Intent, *, checked: bool = False) -> None:
        """A post that was to go back does not: another run does not go on with it, or a pause has come to cover it."""
        by = self.covered(hold, intent.change)
        why = f"still held: {by} came to cover it" if by else "still held: putting it back did not happen"
        self.record(hold, HoldState.CONFIRMED, why, intent, checked=checked)
        if self.s.putting_back:
            self.s.tally.note(hold.post, "not put back", why)

    def _perhaps_made(self, hold: Hold, intent: Intent, tries: int) -> None:
        """A call that must never be repeated was begun, and what it should have made was not found."""
        if tries:  # sent in this very run; the next one looks through the lists before a person is asked
            self.record(hold, HoldState.UNCONFIRMED, "it may have been made; run the same command again to look for it")
            return
        why = "it may have been made already; look for it on the platform before it is made again by hand"
        self.write(lambda tx: hold_store.change_hold(tx.c, hold.id, clicks=why))
        self.record(hold, HoldState.NEEDS_A_PERSON, why, intent)

    def _changed(self, hold: Hold, intent: Intent | None, seen: Seen, answer: Answer) -> Ticket | ToHold | None:
        """Somebody edited a held post: never overwritten; held again, edit kept, if it would still go out inside."""
        if intent is not None and intent.verb is Verb.KEEP and seen.at == intent.change.expected.at:
            hold = self._moved_on(hold, intent.change)  # the move was done; the edit came with it
        else:
            hold = replace(hold, expected=self.write(lambda tx: hold_store.one(tx.c, hold.id)).expected)
        if ask(seen, hold.expected).told is Told.DONE:  # somebody accepted it meanwhile
            self.record(replace(hold, state=HoldState.UNCONFIRMED), HoldState.CONFIRMED, "", intent, checked=True)
            return self._keep(hold, seen)
        parked = hold.kind is Kind.PUSH and seen.at is not None and self._parked(hold, seen.at)
        if seen.state not in GOES_OUT or parked:
            if hold.state is not HoldState.CHANGED or hold.detail != answer.detail:
                self.s.tally.note(hold.post, "changed", f"somebody changed it while it was held: {answer.detail}")
            self.record(hold, HoldState.CHANGED, answer.detail, intent, checked=True)
            return self._keep(replace(hold, state=HoldState.CHANGED, detail=answer.detail), seen) if parked else None
        post = self.post(hold.post, seen)
        pauses = self.s.pauses
        by = self.holders(pauses.verdicts, post)
        when = f"set to go out on {say(seen.at)}" if seen.at else "set to go out"
        if by and not self.s.enforce:
            self.s.tally.note(hold.post, "changed", f"somebody changed it; it is {when} and is not held any more")
            self.record(hold, HoldState.CHANGED, f"{answer.detail}; {when}", intent, checked=True)
            return None
        why = f"somebody changed it ({answer.detail})"
        self.record(hold, HoldState.CHANGED, why, intent, checked=True, closed=True)
        self.write(lambda tx: post_store.settle_times(tx.c, hold.post, seen.at))
        if not by:
            self.s.tally.note(hold.post, "changed", f"somebody changed it; it is now {when}, outside the pause")
            return None
        who = f"; tell {seen.author}" if seen.author else ""
        self.s.tally.note(hold.post, "changed", f"somebody changed it while it was held; held again, edit kept{who}")
        offer = self.offer(seen, Goal(Verb.HOLD))
        return ToHold(hold.post, seen, offer, tuple(pauses.freezes[f.id].number for f in by), edition=pauses.edition)

    def _parked(self, hold: Hold, at: datetime) -> bool:
        """Whether this is a time that the guard itself gave the post: it is held, and would fire there by itself."""
        if at in (hold.expires_at, hold.expected.at):
            return True
        return at in self.write(lambda tx: hold_store.parked_times(tx.c, hold.id))

    def unread(self, hold: Hold, intent: Intent | None, why: str) -> None:
        """It could not be read just now: what was sent is unconfirmed, what was checked earlier stands as checked."""
        if intent is None and hold.state is not HoldState.HELD:
            return
        self.record(hold, HoldState.UNCONFIRMED, f"it could not be read back: {why}")

    def _over(self, hold: Hold, intent: Intent | None, reading: Reading, answer: Answer) -> None:
        """It went out, or it is gone."""
        if answer.told is Told.GONE:
            back = intent is not None and intent.verb is Verb.PUT_BACK and self.platform.limits.new_id_when_out
            answer = replace(answer, detail=LEFT_AGAIN) if back else answer
            self.record(hold, HoldState.GONE, answer.detail, intent, checked=True)
            self.write(lambda tx: post_store.mark(tx.c, hold.post, State.DELETED, self.s.now()))
            self.s.tally.note(hold.post, "gone", f"{answer.detail}; its words are kept here")
            return
        assert isinstance(reading, Seen)
        if intent is not None and intent.verb is Verb.PUT_BACK:
            self.record(hold, HoldState.PUT_BACK, answer.detail, intent, checked=True)
            self.went_out(self.post(hold.post, reading), reading.at)  # a pause may have been declared since
            return
        state = HoldState.GONE if hold.state is HoldState.CONFIRMED else HoldState.TOO_LATE
        self.record(hold, state, answer.detail, intent, checked=True)
        # One that was still seen waiting later than that was approved late: this is only the time it was meant for.
        at = None if reading.at is not None and reading.at < hold.opened_at - FIRST_RUN else reading.at
        when = f" (it went out on {say(at)})" if at else ""
        why = ""
        if hold.state in (HoldState.NEEDS_A_PERSON, HoldState.REFUSED):
            why = f"the guard could not stop it, and no person had by then{when}"
        elif hold.kind is Kind.PUSH and hold.expires_at is not None and reading.at == hold.expires_at:
            why = f"it was moved to {say(hold.expires_at)}, and fired then because no run of the guard had moved it on"
        elif hold.state is HoldState.CONFIRMED:
            why = f"it was held and checked, and then published on the platform by somebody{when}"
        if not self.went_out(self.post(hold.post, reading), at, why=why):
            self.s.tally.note(hold.post, "went out", why or answer.detail)

    def _by_a_person(self, hold: Hold, reading: Reading) -> Ticket | None:
        """A post the guard could not hold: a person may have stopped it, or it can be held now."""
        if not isinstance(reading, Seen):
            if ask(reading, hold.expected).told is Told.GONE:
                self.record(hold, HoldState.GONE, "it is no longer in its queue: a person stopped it", checked=True)
                self.write(lambda tx: post_store.mark(tx.c, hold.post, State.DELETED, self.s.now()))
            elif hold.kind is Kind.HUMAN and hold.missed(self.s.now()):
                post = self.post(hold.post, hold.before)
                self.went_out(post, hold.before.at, MAY_BE_OUT, CANNOT_SAY)
            return None
        if reading.state is State.PUBLISHED:
            self._over(hold, None, reading, Answer(Told.WENT_OUT, "it went out before anybody stopped it"))
            return None
        if reading.state not in GOES_OUT:
            promise = hold_store.was(reading)
            self.write(lambda tx: hold_store.change_hold(tx.c, hold.id, expected=promise.to_json()))
            self.record(hold, HoldState.CONFIRMED, "a person stopped it; read back", checked=True)
            return None
        if not self.s.enforce or not self.holders(self.s.verdicts, self.post(hold.post, reading)):
            return None
        offer = self.offer(reading, Goal(Verb.HOLD))
        if isinstance(offer, Refusal):
            self.record(hold, offer.state, offer.why)
            return None
        return self.intend(hold, Verb.HOLD, offer, reading)

    # Shared by all

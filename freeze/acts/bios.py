"""Bios: whether they state when their accounts are monitored, and a wording that fits (clause 3.8)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from freeze.accounts import Account, KnownBio
from freeze.acts.app import App
from freeze.errors import CouldNotKnow, UsageError, nearest
from freeze.register import Record
from freeze.store import bios as bio_store
from freeze.store import register as register_store
from freeze.texts import bios
from freeze.words import safe


@dataclass(frozen=True)
class Checked:
    """Every bio that is known at `now` with its verdict, and the accounts whose bio no program has read."""

    now: datetime
    judged: Sequence[tuple[Account, KnownBio, bios.Judged]]
    unread: Sequence[Account]

    @property
    def wrong(self) -> Sequence[tuple[Account, KnownBio, bios.Judged]]:
        """Those that do not state when their account is monitored."""
        return [j for j in self.judged if j[2].verdict is not bios.Verdict.STATES]


@dataclass(frozen=True)
class Suggested:
    """A bio for an account.

    `bio` is the one that was last read, if one was; `hours` are those to state and `whose` says where they come from;
    `longest` is how many characters its platform takes.
    """

    account: Account
    bio: KnownBio | None
    hours: bios.Hours
    whose: str
    longest: int
    made: bios.Suggestion


def check(app: App, service: str | None = None) -> Checked:
    """Judge every bio as it was last read. Raises UsageError for a service that is not on the register."""
    with app.store.read() as c:
        known = app.known(c)
        if service is not None:
            known.check_names(app.kinds, services=[service], accounts=())
        records = register_store.records(c)
        read = {b.account: b for b in bio_store.known(c, known.names, known.register)}
    wanted = [a for a in known.register.values() if a.in_scope and (service is None or a.service == service)]
    judged = [(a, read[a.id], _judge(read[a.id], records.get(a.id, Record()))) for a in wanted if a.id in read]
    return Checked(known.now, judged, [a for a in wanted if a.id not in read])


def suggest(app: App, account: str, hours: str | None = None) -> Suggested:
    """A bio that keeps what was there and states `hours`, else those of the register, else the council's.

    Raises UsageError for an account that there is not and for words that state no hours, CouldNotKnow where none are
    known.
    """
    with app.store.read() as c:
        known = app.known(c)
        record = register_store.records(c).get(account, Record())
        bio = next((b for b in bio_store.known(c, known.names, known.register) if b.account == account), None)
    if account not in known.register:
        raise UsageError(f'There is no account "{account}".', nearest(account, known.register))
    of = known.register[account]
    wanted, whose = _hours(app, record, hours)
    longest = _longest(app, of, bio)
    return Suggested(of, bio, wanted, whose, longest, bios.suggest(bio.text if bio else "", wanted, longest))


def _judge(bio: KnownBio, record: Record) -> bios.Judged:
    return bios.judge(bio.text, record.hours, around_the_clock=record.around_the_clock)


def _hours(app: App, record: Record, given: str | None) -> tuple[bios.Hours, str]:
    """The hours to state, and whose they are. Raises UsageError for words that state none."""
    if given is not None or record.hours or record.around_the_clock:
        whose = "as given" if given is not None else "as the register says"
        words = record.hours if given is None else given
        found = bios.hours_from(words, around_the_clock=record.around_the_clock and given is None)
        if found is None:
            raise UsageError(
                f'"{safe(words)}" ({whose}) cannot be read as days and times.', 'Give them like "Mon-Fri 9am-5pm".'
            )
        return found, whose
    at_work = app.settings.hours
    opens, closes = (int(t[:2]) * 60 + int(t[3:]) for t in (at_work.opens, at_work.closes))
    if opens >= closes or not at_work.days or not set(at_work.days) <= set(range(1, 8)):
        raise CouldNotKnow("The register says no hours, and those of the settings ([hours]) are none.", "Add --hours.")
    office = bios.hours_of([([d - 1 for d in at_work.days], (opens, closes))])
    return office, "the council's working hours, as the register says none"


def _longest(app: App, account: Account, bio: KnownBio | None) -> int:
    if bio is not None and bio.longest > 0:
        return bio.longest
    known = app.kinds.get(account.platform)
    mine = known.CAPABILITIES.bio if known is not None else 0
    return mine or bios.LONGEST.get(account.platform, min(bios.LONGEST.values()))

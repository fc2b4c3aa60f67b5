"""The log of requests for information: who has to do what by when. Never who asked, or what for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from freeze.acts import clocks
from freeze.acts.app import App
from freeze.acts.holidays import today
from freeze.clocks import requests as found_by
from freeze.clocks.answers import Answer, Receipt, receipt
from freeze.clocks.regimes import DATES, NAMES, REGIMES
from freeze.clocks.requests import Request, State, computed
from freeze.clocks.statutory import regime as known_regime
from freeze.errors import UsageError, nearest
from freeze.report import requests as words
from freeze.report.requests import Moved
from freeze.store import posts as post_store
from freeze.store import requests as request_store
from freeze.store.journal import Transaction, once
from freeze.windows import london, say_day
from freeze.words import safe

ENDS = ("answered-elsewhere", "withdrawn", "duplicate", "not-a-request")
"""Why a request may be closed without an answer from here."""


@dataclass(frozen=True)
class Noted:
    """A request that was noted; `fresh` is false where it was there already, `notes` are to be told beside it."""

    request: Request
    fresh: bool
    notes: Sequence[str]


@dataclass(frozen=True)
class Clarified:
    """A request as it is now, and when it was due before."""

    request: Request
    was: date


@dataclass(frozen=True)
class Purged:
    """What is, or would be, removed: requests closed more than `days` ago."""

    requests: Sequence[Request]
    days: int


def note(app: App, received: Receipt | None, account: str, channel: str, link: str, regime: str) -> Noted:
    """Note a request that reached an account, now or when `received` says; one with the same link is noted once.

    Raises UsageError for a regime that is not counted here.
    """
    app.may("requests", ())
    now = app.now()
    at = receipt(london(now).isoformat(timespec="minutes")) if received is None else received
    known_regime(regime, dict.fromkeys(DATES, at.day))
    new = Request(
        0, safe(channel, 40), safe(account, 80), link.strip(), at.given, at.day, _plain(regime), now, app.actor
    )

    def write(tx: Transaction) -> tuple[Request, bool, bool]:
        known = not account or account in post_store.accounts(tx.c)
        there = request_store.with_link(tx.c, new.link)
        if there is not None:
            return there, False, known
        holidays = clocks.calendar(app, tx.c)
        r = request_store.insert(tx.c, computed(new, holidays, clocks.desk(app, holidays)))
        what = {"request": r.ref, "account": r.account, "received": r.received_on.isoformat(), "due": r.due.isoformat()}
        tx.log(now, "request.seen", what)
        return r, True, known

    r, fresh, known = once(app.store, app.actor, write)
    notes = list(at.notes)
    if r.received_on > today(app):
        notes.append(f"{say_day(r.received_on)} has not come yet: check the date.")
    if not known:
        notes.append(f'"{r.account}" is not on the register; noted as it was given.')
    return Noted(r, fresh, notes)


def texts(app: App, r: Request) -> Mapping[str, str]:
    """The texts with which the sender is thanked, `long` and `short`."""
    ours = app.settings.requests
    return words.filled(r, app.settings.council.name, ours.acknowledgement, ours.acknowledgement_short)


def listed(app: App, *, closed: bool = False) -> Sequence[Request]:
    """Open requests, the first due first; with `closed`, the others too."""
    with app.store.read() as c:
        return request_store.all_of(c, open_only=not closed)


def one(app: App, ident: str) -> tuple[Request, Answer]:
    """One request, and how its due date was counted. Raises UsageError for one that there is not."""
    with app.store.read() as c:
        r = request_store.one(c, ident)
        return r, found_by.answer(r, clocks.calendar(app, c))


def acknowledge(app: App, ident: str) -> Request:
    """Record that the sender was thanked."""
    return _change(
        app, ident, "request.acknowledged", lambda r, now: replace(r, acknowledged_at=r.acknowledged_at or now)
    )


def pass_on(app: App, ident: str, reference: str = "") -> Request:
    """Record that the request went to those who answer it, and the reference that they gave it."""

    def passed(r: Request, now: datetime) -> Request:
        return replace(r, passed_on_at=r.passed_on_at or now, reference=safe(reference, 80) or r.reference)

    return _change(app, ident, "request.passed-on", passed)


def clarify(app: App, ident: str, dates: Mapping[str, date]) -> Clarified:
    """Record what the sender was asked for, and when it came: London days by their names.

    Raises UsageError for a day before the request was received.
    """
    before: list[Request] = []

    def clarified(r: Request, _now: datetime) -> Request:
        before.append(r)
        for key, day in dates.items():
            if day < r.received_on and key != "id_received":
                raise UsageError(f"The date {DATES[key]} ({say_day(day)}) is before the request was received.")
        return replace(r, dates={**r.dates, **dates})

    r = _change(app, ident, "request.clarified", clarified, recount=True)
    return Clarified(r, before[-1].due)


def answer(app: App, ident: str, on: date | None = None) -> Request:
    """Record that the request was answered on a London day, else today, and close it. Raises UsageError."""
    day = on or today(app)

    def answered(r: Request, now: datetime) -> Request:
        if day < r.received_on:
            raise UsageError(f"{say_day(day)} is before the request was received ({say_day(r.received_on)}).")
        return replace(r, answered_on=day, closed_at=r.closed_at or now, closed_because="answered")

    return _change(app, ident, "request.answered", answered)


def close(app: App, ident: str, because: str) -> Request:
    """Close a request that needs no answer from here. Raises UsageError for what is none of `ENDS`."""
    if because not in ENDS:
        raise UsageError(f'"{because}" is not a reason to close a request.', nearest(because, ENDS))
    return _change(
        app, ident, "request.closed", lambda r, now: replace(r, closed_at=r.closed_at or now, closed_because=because)
    )


def recompute(app: App) -> Moved:
    """Work out every open due date anew; those that moved, as they were and as they are."""
    app.may("requests", ())
    return once(app.store, app.actor, lambda tx: clocks.recompute(app, tx, app.now()))


def purge(app: App, days: int | None = None, *, dry_run: bool = False) -> Purged:
    """Remove links, references and times of day from requests closed long ago; dates stay, for counting.

    `days` is how long ago, else as the settings say; `dry_run` removes nothing.
    """
    if not dry_run:
        app.may("requests", ())
    now = app.now()
    keep = app.settings.requests.keep_days if days is None else days

    def work(tx: Transaction) -> list[Request]:
        old = request_store.closed_before(tx.c, now - timedelta(days=keep))
        for r in [] if dry_run else old:
            bare = replace(r, link="", reference="", received=r.received_on.isoformat(), purged_at=now)
            request_store.update(tx.c, bare)
            tx.log(now, "request.purged", {"request": r.ref})
        return old

    return Purged(once(app.store, app.actor, work), keep)


def _change(
    app: App, ident: str, event: str, change: Callable[[Request, datetime], Request], *, recount: bool = False
) -> Request:
    app.may("requests", ())
    now = app.now()

    def write(tx: Transaction) -> Request:
        old = request_store.one(tx.c, ident)
        if old.state is State.CLOSED:
            raise UsageError(f"{old.ref} is closed ({old.closed_because}).", "Note a new one if it came again.")
        new = change(old, now)
        if recount:
            holidays = clocks.calendar(app, tx.c)
            new = computed(new, holidays, clocks.desk(app, holidays))
        request_store.update(tx.c, new)
        tx.log(now, event, {"request": new.ref, "due": new.due.isoformat()})
        return new

    return once(app.store, app.actor, write)


def _plain(regime: str) -> str:
    word = "-".join(regime.lower().replace("_", " ").split())
    return word if word in REGIMES or word in NAMES else "not-sure"

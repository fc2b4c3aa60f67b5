"""Reviews of the register (clause 2.2): what was not looked at for long, and recording that it was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from freeze.acts import register
from freeze.acts.app import App
from freeze.acts.holidays import today
from freeze.errors import UsageError
from freeze.register import overdue
from freeze.report.register import Entry
from freeze.store import register as register_store
from freeze.store.journal import Transaction, once


@dataclass(frozen=True)
class ToReview:
    """The accounts that were not reviewed for so many months."""

    months: int
    entries: Sequence[Entry]


def to_review(app: App, service: str | None = None, months: int | None = None) -> ToReview:
    """What was not reviewed for `months`, else for as long as the settings say. Raises UsageError for the service."""
    after, day = months or register.months(app), today(app)
    found = [e for e in register.entries(app, service) if e.counts and overdue(e.record.reviewed_on, after, day)]
    return ToReview(after, found)


def reviewed(app: App, accounts: Sequence[str], on: date) -> None:
    """Record that accounts were reviewed on a London day.

    Raises UsageError for a name that nobody knows or nobody registered: then nothing is changed.
    """
    with app.store.read() as c:
        found = [register.one(c, a) for a in accounts]
    app.may("review", {e.account.service for e in found})
    for e in found:
        if not e.account.registered:
            raise UsageError(f'"{e.account.id}" is not on the register yet.', "See: freeze accounts add --help")
    now = app.now()
    ids = [e.account.id for e in found]

    def work(tx: Transaction) -> None:
        register_store.reviewed(tx.c, ids, on)
        tx.log(now, "register.reviewed", {"accounts": ids, "on": on.isoformat()})

    once(app.store, app.actor, work)

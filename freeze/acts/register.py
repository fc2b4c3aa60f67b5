"""Looking at the register: its accounts, one of them on its own, and the gaps in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from freeze.accounts import Account, KnownBio
from freeze.acts import judge
from freeze.acts.app import App
from freeze.acts.holidays import today
from freeze.errors import UsageError, nearest
from freeze.findings import Finding
from freeze.register import Record
from freeze.report.register import Entry
from freeze.store import bios as bio_store
from freeze.store import posts as post_store
from freeze.store import register as register_store
from freeze.words import safe


@dataclass(frozen=True)
class Looked:
    """One account on `today` (London): what the register knows, its bio as it was last read, and its gaps."""

    entry: Entry
    bio: KnownBio | None
    gaps: Sequence[Finding]
    today: date


@dataclass(frozen=True)
class Gaps:
    """Gaps in the register and in bios on `today` (London), of one service or of all; `register` is every account."""

    found: Sequence[Finding]
    register: Mapping[str, Account]
    today: date


def months(app: App) -> int:
    """After how many months an account is reviewed again, by the settings of the rule about the register."""
    found: int = app.policy_options["register"].review_months
    return found


def entries(app: App, service: str | None = None) -> list[Entry]:
    """Every account with what is known of it, unregistered ones included. Raises UsageError for an unknown service."""
    with app.store.read() as c:
        if service is not None:
            app.known(c).check_names(app.kinds, services=[service], accounts=())
        return [e for e in every(c) if service is None or e.account.service == service]


def every(c: Any) -> list[Entry]:
    """The same, of every service, in an open transaction."""
    records, seen = register_store.records(c), register_store.seen(c)
    return [Entry(a, records.get(i, Record()), tuple(seen.get(i, ()))) for i, a in post_store.accounts(c).items()]


def one(c: Any, ident: str) -> Entry:
    """One account (`c` is an open transaction). Raises UsageError with the nearest id where there is none."""
    found = {e.account.id: e for e in every(c)}
    if ident not in found:
        raise UsageError(f'There is no account "{safe(ident)}".', nearest(ident, found))
    return found[ident]


def look(app: App, ident: str) -> Looked:
    """One account, with its bio and its gaps. Raises UsageError with the nearest id where there is none."""
    with app.store.read() as c:
        e = one(c, ident)
        known = app.known(c)
        bio = next((b for b in bio_store.known(c, known.names, known.register) if b.account == ident), None)
        by = judge.grounds(app, c, known)
    gaps = [f for f in judge.judged(app, (), by).housekeeping if f.account == ident]
    return Looked(e, bio, gaps, today(app))


def gaps(app: App, service: str | None = None) -> Gaps:
    """What can wait for Monday, less what is known and fine. No post is looked at.

    Raises UsageError for an unknown service.
    """
    with app.store.read() as c:
        known = app.known(c)
        if service is not None:
            known.check_names(app.kinds, services=[service], accounts=())
        by = judge.grounds(app, c, known)
    of = {i for i, a in known.register.items() if a.service == service}
    found = [f for f in judge.judged(app, (), by).housekeeping if service is None or f.account in of]
    return Gaps(found, known.register, today(app))

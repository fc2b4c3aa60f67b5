"""The register changed: accounts added and edited one by one, or many at once from a file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from freeze.accounts import Account, slug
from freeze.acts import register
from freeze.acts.app import App
from freeze.acts.holidays import today
from freeze.errors import UsageError
from freeze.files.register import Row, clean, read
from freeze.posts import Reject
from freeze.register import Record, person
from freeze.report.register import Entry
from freeze.store import posts as post_store
from freeze.store import register as register_store
from freeze.store.journal import Transaction, once
from freeze.store.register import Saved


@dataclass(frozen=True)
class Kept:
    """What became of one account.

    `fields` were named, `outside` are the accounts that are out of scope, `stays` those who were taken off it and stay
    until the password or the code is changed. `new_service` is its service where no other account is of it.
    """

    account: str
    fields: Sequence[str]
    outside: Sequence[str]
    stays: Sequence[str]
    new_service: str


@dataclass(frozen=True)
class Imported:
    """What became of a file's rows: ids that are new, how many were there, those out of scope, lines not used."""

    new: Sequence[str]
    updated: int
    outside: Sequence[str]
    rejects: Sequence[Reject]


def to_add(app: App, name: str, platform: str | None, ident: str | None) -> Account:
    """The account that is to be put on the register; `name` may be the id of one that was seen.

    Raises UsageError where its platform is not known, or where it is on the register already.
    """
    app.may("register")
    with app.store.read() as c:
        there = post_store.accounts(c)
    seen = there.get(name)
    if seen is not None and platform is None:
        ident, name, platform = seen.id, seen.name, seen.platform
    if not platform:
        raise UsageError("On which platform is it?", "Add --platform, for example --platform facebook")
    if not clean(name):
        raise UsageError("An account needs a name.")
    ident = clean(ident or "") or slug(f"{name}-{platform}")
    old = there.get(ident)
    if old is not None and old.registered:
        raise UsageError(f'"{ident}" is on the register already.', f"Change it with: freeze accounts edit {ident}")
    return Account(ident, clean(name), clean(platform).lower())


def to_edit(app: App, account: str) -> Entry:
    """The account that is to be changed. Raises UsageError where it is not on the register."""
    app.may("register")
    with app.store.read() as c:
        e = register.one(c, account)
    if not e.account.registered:
        raise UsageError(f'"{account}" is not on the register yet.', f"Put it there: freeze accounts add {account}")
    return e


def add(app: App, new: Row) -> Kept:
    """Put an account on the register."""
    return _save(app, "register.added", new)


def edit(app: App, new: Row) -> Kept:
    """Change what is named of an account, and leave the rest."""
    return _save(app, "register.edited", new)


def _save(app: App, event: str, new: Row) -> Kept:
    """Save one row and tell what became of it; the log names fields, never what stands in them."""
    app.may("register")
    now = app.now()
    named = sorted({*new.given, *(["seen_at"] if new.seen_at else [])} - {"name", "platform"})

    def work(tx: Transaction) -> Kept:
        saved = register_store.save(tx.c, [new])
        tx.log(now, event, {"account": new.id, "fields": named})
        stays = _still_there(new, register_store.records(tx.c).get(new.id, Record()))
        service = str(new.given.get("service", ""))
        others = {a.service for a in post_store.accounts(tx.c).values() if a.id != new.id}
        return Kept(new.id, named, saved.outside, stays, "" if service in others else service)

    return once(app.store, app.actor, work)


def _still_there(row: Row, after: Record) -> Sequence[str]:
    """Those who were taken off and stay until the password or the code is changed."""
    if "administrators" not in row.given:
        return ()
    given = {person(a.name) for a in row.given["administrators"]}
    return [a.name for a in after.administrators if person(a.name) not in given]


def take_in(app: App, file: Path) -> Imported:
    """Add or update accounts from a CSV file. Raises UsageError when the file as a whole cannot be used."""
    app.may("register")
    now = app.now()
    found = read(file, today(app))

    def work(tx: Transaction) -> Saved:
        saved = register_store.save(tx.c, found.rows)
        counts = {"new": len(saved.new), "updated": len(saved.old), "bad": len(found.rejects)}
        tx.log(now, "register.imported", {"file": file.name, **counts})
        return saved

    saved = once(app.store, app.actor, work)
    return Imported(saved.new, len(saved.old), saved.outside, found.rejects)

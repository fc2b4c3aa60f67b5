"""The register in the store: accounts, what is known of each beyond its name, and where it is seen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import Connection, select

from freeze.accounts import Alias
from freeze.files.register import ACCOUNT_COLUMNS, RECORD_COLUMNS, Row
from freeze.register import Record, why_outside, with_leavers
from freeze.store.tables import ACCOUNT, ALIAS, POST

PLAIN = tuple(c for c in ACCOUNT_COLUMNS if c not in ("id", "in_scope", "seen_at"))


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of some rows: ids that are new, that were there, and that the policy does not apply to."""

    new: tuple[str, ...]
    old: tuple[str, ...]
    outside: tuple[str, ...]


def records(c: Connection) -> dict[str, Record]:
    """What the register knows beyond names, by account id; accounts of which it knows nothing more are left out."""
    rows = c.execute(select(ACCOUNT.c.id, ACCOUNT.c.details))
    return {r.id: Record.from_json(r.details) for r in rows if r.details}


def seen(c: Connection) -> dict[str, list[Alias]]:
    """Where each account is seen, by account id."""
    found: dict[str, list[Alias]] = {}
    for r in c.execute(select(ALIAS).order_by(ALIAS.c.connection, ALIAS.c.native)):
        found.setdefault(r.account, []).append(Alias(r.account, r.connection, r.native))
    return found


def save(c: Connection, rows: Iterable[Row]) -> Saved:
    """Add or update accounts; what a row has no column for stays as it was.

    An account seen earlier without being registered becomes the registered one; its posts go with it. Nobody who left
    is forgotten before the password is changed. Where an account is seen is only ever added to: its posts stand there.
    """
    new, old, outside = [], [], []
    for row in rows:
        was = c.execute(select(ACCOUNT).where(ACCOUNT.c.id == row.id)).first()
        before = Record.from_json(was.details) if was else Record()
        given: Mapping[str, Any] = {k: v for k, v in row.given.items() if k in RECORD_COLUMNS}
        record = with_leavers(replace(before, **given), before)
        values: dict[str, Any] = {k: row.given[k] for k in PLAIN if k in row.given}
        values["in_scope"] = _in_scope(row.given, record, before=was is None or was.in_scope)
        values |= {"registered": True, "details": record.to_json()}
        if was is None:
            c.execute(ACCOUNT.insert().values(id=row.id, **values))
            new.append(row.id)
        else:
            c.execute(ACCOUNT.update().where(ACCOUNT.c.id == row.id).values(values))
            old.append(row.id)
        if not values["in_scope"]:
            outside.append(row.id)
        for alias in row.seen_at:
            _seen(c, alias)
    return Saved(tuple(new), tuple(old), tuple(outside))


def write(c: Connection, records: Mapping[str, Record]) -> None:
    """Put these records in the place of what was known, by account id."""
    for ident, record in records.items():
        c.execute(ACCOUNT.update().where(ACCOUNT.c.id == ident).values(details=record.to_json()))


def reviewed(c: Connection, accounts: Iterable[str], on: date) -> None:
    """Note that these accounts were reviewed on a London day."""
    known = records(c)
    write(c, {a: replace(known.get(a, Record()), reviewed_on=on) for a in accounts})


def _in_scope(given: Mapping[str, Any], record: Record, *, before: bool) -> bool:
    """Whether the policy applies, and with it every pause: as said, else as it follows from who administers it."""
    if why_outside(record.kind, record.administered_by):
        return False
    if "in_scope" in given:
        return given["in_scope"] is not False
    return True if {"kind", "administered_by"} & set(given) else before


def _seen(c: Connection, alias: Alias) -> None:
    here = (ALIAS.c.connection == alias.connection) & (ALIAS.c.native == alias.native)
    old = c.execute(select(ALIAS.c.account).where(here)).scalar()
    if old is None:
        c.execute(ALIAS.insert().values(connection=alias.connection, native=alias.native, account=alias.account))
    elif old != alias.account:
        c.execute(ALIAS.update().where(here).values(account=alias.account))
        moved = (POST.c.connection == alias.connection) & (POST.c.native_account == alias.native)
        c.execute(POST.update().where(moved).values(account=alias.account))
        others = c.execute(select(ALIAS.c.account).where(ALIAS.c.account == old)).first()
        if others is None:
            c.execute(ACCOUNT.delete().where((ACCOUNT.c.id == old) & (ACCOUNT.c.registered.is_(False))))

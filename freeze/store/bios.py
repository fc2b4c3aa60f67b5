"""What accounts say of themselves, as their platforms last gave it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, select

from freeze.accounts import Account, Bio, KnownBio
from freeze.store.tables import BIO


def keep(c: Connection, bio: Bio, now: datetime) -> None:
    """Remember a description that was read now, in place of the one before."""
    here = (BIO.c.connection == bio.connection) & (BIO.c.native == bio.account)
    values = {"name": bio.name, "text": bio.text, "longest": bio.longest, "read_at": now}
    if not c.execute(BIO.update().where(here).values(values)).rowcount:
        c.execute(BIO.insert().values(connection=bio.connection, native=bio.account, **values))


def read_since(c: Connection, since: datetime) -> set[tuple[str, str]]:
    """Every (connection, platform's own id) whose description was read at or after an instant."""
    return {(r.connection, r.native) for r in c.execute(select(BIO).where(BIO.c.read_at >= since))}


def known(c: Connection, aliases: Mapping[tuple[str, str], str], register: Mapping[str, Account]) -> list[KnownBio]:
    """One description for each account that has one, by account id; of several sights the latest counts."""
    found: dict[str, KnownBio] = {}
    for r in c.execute(select(BIO).order_by(BIO.c.read_at, BIO.c.connection, BIO.c.native)):
        account = register.get(aliases.get((r.connection, r.native), ""))
        if account is not None:
            found[account.id] = KnownBio(account.id, account.platform, r.name, r.text, r.longest, r.read_at)
    return [found[a] for a in sorted(found)]

"""Whose settings the store obeys, in the store itself."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import datetime

from sqlalchemy import Connection, select

from freeze.council.obeyed import Given, Memory, Stands
from freeze.errors import RefusedByRule, StoreError
from freeze.store.database import Database
from freeze.store.journal import Transaction, once
from freeze.store.tables import META

KEY = "obeys"


def memory(c: Connection) -> Memory:
    """What the store remembers."""
    row = c.execute(select(META.c.value).where(META.c.key == KEY)).first()
    return Memory.from_json(json.loads(row[0])) if row else Memory()


def obey(db: Database, mine: Given, actor: str, now: datetime) -> None:
    """Go on with these settings, and remember what is new about them. Raises RefusedByRule where others are obeyed."""
    with db.read() as c:
        stands = memory(c).stands(mine)
    if stands is Stands.SAME:
        return

    def write(tx: Transaction) -> None:
        known = memory(tx.c)
        stands = known.stands(mine)
        if stands is Stands.OTHER:
            raise refusal(known, mine)
        if stands is not Stands.SAME:
            _remember(tx, known.with_(mine), now, "settings.obeyed", mine)

    if stands is Stands.OTHER:
        raise refusal(knows(db), mine)
    with suppress(StoreError):  # a store that may only be read still answers; the next to write to it notes it
        once(db, actor, write)


def adopt(db: Database, mine: Given, user: str, actor: str, now: datetime) -> bool:
    """Let the store obey these settings too; whether that is new. Raises RefusedByRule naming who may."""

    def write(tx: Transaction) -> bool:
        known = memory(tx.c)
        if known.stands(mine) is Stands.SAME and mine.place in known.files:
            return False
        known.rights.may(user, "adopt")
        _remember(tx, known.with_(mine), now, "settings.adopted", mine)
        return True

    return bool(once(db, actor, write))


def knows(db: Database) -> Memory:
    """What the store remembers."""
    with db.read() as c:
        return memory(c)


def refusal(known: Memory, mine: Given) -> RefusedByRule:
    """Why these settings are not obeyed, and how to change that on purpose."""
    return RefusedByRule(
        f"This store obeys the settings in {', '.join(known.files)}; those in {mine.place} give other rights, and are "
        "not obeyed.",
        "Use that file; or somebody who may by it runs: freeze --settings FILE init --adopt",
    )


def _remember(tx: Transaction, new: Memory, now: datetime, event: str, mine: Given) -> None:
    value = json.dumps(new.to_json())
    if tx.c.execute(select(META.c.key).where(META.c.key == KEY)).first():
        tx.c.execute(META.update().where(META.c.key == KEY).values(value=value))
    else:
        tx.c.execute(META.insert().values(key=KEY, value=value))
    tx.log(now, event, {"settings": mine.place, "owner": mine.owner, "rights": mine.rights})

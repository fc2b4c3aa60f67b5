"""Changes to the bank holidays in the store: days proclaimed tonight, and newer gov.uk data."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy import Connection, text

from freeze.clocks.workdays import Change
from freeze.store import peek
from freeze.store.tables import HOLIDAY


def kept(c: Connection) -> peek.Kept:
    """What the store knows beyond the shipped table."""
    meta = {str(k): str(v) for k, v in c.execute(text(peek.META))}
    return peek.kept([tuple(row) for row in c.execute(text(peek.CHANGES))], meta)


def add(c: Connection, changes: Iterable[Change], now: datetime, who: str) -> None:
    """Write changes down; nothing written earlier is touched."""
    for change in changes:
        c.execute(
            HOLIDAY.insert().values(
                day=change.day.isoformat(),
                title=change.title,
                nations=change.nations,
                source=change.source,
                announced=change.announced.isoformat() if change.announced else "",
                gone=change.gone,
                at=now,
                who=who,
            )
        )


def compared(c: Connection, until: int, on: date) -> None:
    """Remember that the table was compared with newer data on this day, and up to which year that goes."""
    for key, value in (("holidays_until", str(until)), ("holidays_as_of", on.isoformat())):
        done = c.execute(text("UPDATE meta SET value=:v WHERE key=:k"), {"k": key, "v": value})
        if not done.rowcount:
            c.execute(text("INSERT INTO meta(key,value) VALUES(:k,:v)"), {"k": key, "v": value})

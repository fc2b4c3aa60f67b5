"""The dated pauses of the settings, such as a yearly silence, put among the pauses; nobody has to declare them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from freeze.pauses import standing_dates
from freeze.pauses.freezes import Freeze
from freeze.ports import Preset
from freeze.store import freezes as freeze_store
from freeze.store.database import Database
from freeze.store.journal import Transaction, once


def make(db: Database, actor: str, presets: Iterable[tuple[Preset, str]], now: datetime) -> list[Freeze]:
    """Write the dated pauses that are not there yet; gives those that were made. Nothing is written when none is."""
    known = list(presets)
    with db.read() as c:
        if not standing_dates.missing(known, freeze_store.all_of(c), now):
            return []

    def write(tx: Transaction) -> list[Freeze]:
        made = []
        for new in standing_dates.missing(known, freeze_store.all_of(tx.c), now):
            f, _ = freeze_store.insert_unless(tx.c, new, lambda _there: None)
            tx.log(
                now,
                "freeze.stands",
                {"freeze": f.ref, "preset": f.preset, "key": f.key, "until": f.end.isoformat(), "reason": f.reason},
            )
            made.append(f)
        return made

    return once(db, actor, write)

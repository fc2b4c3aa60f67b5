"""Holds that are opened again on posts which stand where the guard left them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, select

from freeze.holds import Change, HoldState, Snapshot
from freeze.posts import Locator
from freeze.store.holds import ToHold
from freeze.store.tables import CLAIM, HOLD, POST


def at_place(c: Connection, place: Locator) -> int | None:
    """The number of the post at a place; None where the store knows none there."""
    here = (POST.c.connection == place.connection) & (POST.c.native_account == place.account)
    here &= (POST.c.native_id == place.native_id) & (POST.c.occurrence == place.occurrence)
    found = c.execute(select(POST.c.id).where(here)).scalar()
    return int(found) if found is not None else None


def open_again(c: Connection, held: Sequence[ToHold], detail: str, now: datetime) -> list[int]:
    """Open holds that are confirmed at once, for each was just read; in the caller's transaction. Their ids."""
    ids = []
    for w in held:
        assert isinstance(w.offer, Change)
        row = {
            "post": w.post,
            "state": HoldState.CONFIRMED.value,
            "kind": w.offer.kind.value,
            "why": w.offer.why,
            "before": Snapshot(w.seen).to_json(),
            "expected": w.offer.expected.to_json(),
            "expires_at": w.offer.expires_at,
            "opened_at": now,
            "checked_at": now,
            "detail": detail,
        }
        ids.append(int(c.execute(HOLD.insert().returning(HOLD.c.id), [row]).scalar_one()))
        c.execute(CLAIM.insert(), [{"hold": ids[-1], "declaration": f} for f in w.freezes])
    return ids

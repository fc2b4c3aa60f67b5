"""Making the settings file and the store, or bringing a store up to date."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from pathlib import Path

from freeze import private
from freeze.acts.app import App
from freeze.council.obeyed import Stands
from freeze.council.places import find
from freeze.errors import UsageError
from freeze.report.ready_settings import ready
from freeze.store import obeyed
from freeze.store.database import Database, connect, migrate, opened
from freeze.store.journal import once


class Store(Enum):
    """What became of the store."""

    MADE = "made"
    UP_TO_DATE = "up to date"
    BROUGHT_UP_TO_DATE = "brought up to date"


@dataclass(frozen=True)
class Ready:
    """What was made.

    `wrote` says whether there was no settings file before, `settings` is the one in use, `store` names the store and
    `became` says what happened to it, `backup` is the copy of it as it was. `adopted` names the settings that it obeys
    from now on, if it obeyed others. `older` is what to say of a store that is older than what this guard has written;
    `left_parked` counts the posts it leaves where they stand, where somebody said that this store is meant.
    """

    wrote: bool
    settings: Path | None
    store: str
    became: Store
    backup: Path | None
    adopted: str
    older: str
    left_parked: int | None


def init(app: App, *, adopt: bool, meant: bool) -> Ready:
    """Make what is not there, never over what is; `adopt` lets the store obey these settings, `meant` an older store.

    Raises UsageError where the settings file cannot be written, RefusedByRule for a store that obeys other settings.
    """
    wrote = find(app.settings_path) is None
    if wrote:
        made = Path("freeze.toml")
        try:
            private.whole(made, ready(app.rules))
        except OSError as e:
            raise UsageError(f"{made} cannot be written here: {e.strerror}.", "Go to a folder of your own.") from None
    now = app.now()
    with closing(connect(app.settings.store.url, app.base)) as db:
        was = db.schema()
        given = app.given(one_host=db.path is not None)
        if was is not None and not adopt and obeyed.knows(db).stands(given) is Stands.OTHER:
            raise obeyed.refusal(obeyed.knows(db), given)
        backup = migrate(db, now)
        opened(db)
        became = _became(app, db, was, backup, now)
        older, left = _older(app, db, now, meant=meant)
        adopted = adopt and obeyed.adopt(db, given, app.user, app.actor, now)
        obeyed.obey(db, given, app.actor, now)
        return Ready(wrote, app.path, db.said, became, backup, given.place if adopted else "", older, left)


def _became(app: App, db: Database, was: str | None, backup: Path | None, now: datetime) -> Store:
    if was is None:
        once(db, app.actor, lambda tx: tx.log(now, "store.made", {}))
        return Store.MADE
    if was == db.schema() and backup is None:
        return Store.UP_TO_DATE
    once(db, app.actor, lambda tx: tx.log(now, "store.migrated", {"from": was}))
    return Store.BROUGHT_UP_TO_DATE


def _older(app: App, db: Database, now: datetime, *, meant: bool) -> tuple[str, int | None]:
    """What to say of an older store, or how many parked posts it leaves; the person's word is kept in the log."""
    assert db.mark is not None
    with db.read() as c:
        found = db.mark.check(c)
        left = len(db.mark.unknown(c)) if found is not None else 0
    if found is None or not meant:
        return found.said(left) if found is not None else "", None
    data = {"mark": found.seq, "store": found.store_seq, "left_parked": left}
    once(db, app.actor, lambda tx: tx.log(now, "store.older-is-meant", data))
    with db.read() as c:
        db.mark.renew(c, meant=True)
    return "", left

"""`freeze init`: the settings file and the store."""

from __future__ import annotations

from contextlib import closing
from datetime import datetime
from pathlib import Path

import click

from freeze import private
from freeze.acts.app import App
from freeze.acts.ready_settings import ready
from freeze.commands.common import Answer, command
from freeze.council.obeyed import Stands
from freeze.council.places import find
from freeze.errors import UsageError
from freeze.store import obeyed
from freeze.store.database import Database, connect, migrate, opened
from freeze.store.journal import once


@click.command("init", epilog="Example: freeze init")
@click.option("--adopt", is_flag=True, help="Let the store obey these settings too: who may do what by them.")
@click.option(
    "--older-store-is-meant", "meant", is_flag=True, help="Forget what a newer store knew: its parked posts too."
)
@command
def init_command(app: App, adopt: bool, meant: bool) -> Answer:
    """Make freeze.toml (never over one that is there) and the store; bring an older store up to date after a backup.

    An older store that was put in place of a newer one is recognised, and its parked posts are taken up again by
    freeze sync --enforce. Where that is not wanted, --older-store-is-meant says so, and the log keeps it.
    """
    lines = []
    if find(app.settings_path) is None:
        made = Path("freeze.toml")
        try:
            private.whole(made, ready(app.rules))
        except OSError as e:
            raise UsageError(f"{made} cannot be written here: {e.strerror}.", "Go to a folder of your own.") from None
        lines.append("Wrote freeze.toml: fill in your connections there; every setting stands in it with its default.")
    now = app.now()
    with closing(connect(app.settings.store.url, app.base)) as db:
        was = db.schema()
        given = app.given(one_host=db.path is not None)
        if was is not None and not adopt and obeyed.knows(db).stands(given) is Stands.OTHER:
            raise obeyed.refusal(obeyed.knows(db), given)
        backup = migrate(db, now)
        opened(db)
        said = _said(app, db, was, backup, now)
        older = _older(app, db, now, meant=meant)
        if adopt and obeyed.adopt(db, given, app.user, app.actor, now):
            lines.append(f"The store obeys {given.place} from now on; that is in its log.")
        obeyed.obey(db, given, app.actor, now)
    lines += [older] if older else []
    lines += [said, "Next: freeze accounts import accounts.csv, freeze sync, freeze doctor"]
    body = {"settings": str(app.path), "store": db.said, "backup": str(backup) if backup else None}
    return body | {"older_store": older or None}, lines, 5 if older and not meant else 0


def _older(app: App, db: Database, now: datetime, *, meant: bool) -> str:
    """What to say of a store that is older than what this guard has written; the person's word is kept in the log."""
    assert db.mark is not None
    with db.read() as c:
        found = db.mark.check(c)
        left = len(db.mark.unknown(c)) if found is not None else 0
    if found is None or not meant:
        return found.said(left) if found is not None else ""
    data = {"mark": found.seq, "store": found.store_seq, "left_parked": left}
    once(db, app.actor, lambda tx: tx.log(now, "store.older-is-meant", data))
    with db.read() as c:
        db.mark.renew(c, meant=True)
    return (
        f"The older store counts from here on; {left} parked posts are left where they stand, and nobody watches them."
    )


def _said(app: App, db: Database, was: str | None, backup: Path | None, now: datetime) -> str:
    if was is None:
        once(db, app.actor, lambda tx: tx.log(now, "store.made", {}))
        return f"Made the store {db.said}."
    if was == db.schema() and backup is None:
        return f"The store {db.said} is up to date."
    once(db, app.actor, lambda tx: tx.log(now, "store.migrated", {"from": was}))
    return f"Brought the store {db.said} up to date{f'; a copy of it as it was: {backup}' if backup else ''}."

"""`freeze init`: the settings file and the store."""

from __future__ import annotations

from contextlib import closing
from datetime import datetime
from pathlib import Path

import click

from freeze import private
from freeze.app import App
from freeze.commands._common import Answer, command
from freeze.commands._ready_settings import ready
from freeze.errors import UsageError
from freeze.obeyed import Stands
from freeze.places import find
from freeze.store import obeyed
from freeze.store.database import Database, connect, migrate, opened
from freeze.store.journal import once


@click.command("init", epilog="Example: freeze init")
@click.option("--adopt", is_flag=True, help="Let the store obey these settings too: who may do what by them.")
@command
def init_command(app: App, adopt: bool) -> Answer:
    """Make freeze.toml (never over one that is there) and the store; bring an older store up to date after a backup."""
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
        if adopt and obeyed.adopt(db, given, app.user, app.actor, now):
            lines.append(f"The store obeys {given.place} from now on; that is in its log.")
        obeyed.obey(db, given, app.actor, now)
    lines += [said, "Next: freeze accounts import accounts.csv, freeze sync, freeze doctor"]
    return {"settings": str(app.path), "store": db.said, "backup": str(backup) if backup else None}, lines, 0


def _said(app: App, db: Database, was: str | None, backup: Path | None, now: datetime) -> str:
    if was is None:
        once(db, app.actor, lambda tx: tx.log(now, "store.made", {}))
        return f"Made the store {db.said}."
    if was == db.schema() and backup is None:
        return f"The store {db.said} is up to date."
    once(db, app.actor, lambda tx: tx.log(now, "store.migrated", {"from": was}))
    return f"Brought the store {db.said} up to date{f'; a copy of it as it was: {backup}' if backup else ''}."

"""`freeze init`: the settings file and the store."""

from __future__ import annotations

from contextlib import closing
from datetime import datetime
from pathlib import Path

import click

from freeze.app import App
from freeze.commands._common import Answer, command
from freeze.places import find
from freeze.store.database import Database, connect, migrate, opened
from freeze.store.journal import once

TEMPLATE = """\
# Freeze Guard: one council's settings. freeze doctor says whether they work.
# Secrets never stand here: name the environment variable (..._env) or the secret file (..._file) that holds them.

[council]
name = "Your council"

[store]
url = "freeze.db"        # a file beside this one, or postgresql://... where more than one computer runs the guard

# [people.jsmith]        # the computer's user name
# name = "Jo Smith"
# role = "communications officer"   # or communications lead, service lead, auditor: who may lift what (README)

# [connections.orlo]     # the newest export saved in this folder (CSV or XLSX)
# platform = "orlo"
# folder = "orlo-exports"
# lockdown_holders = [   # who can press Company lockdown at any hour; two at least
#   { name = "Jo Smith", phone = "01632 960101" },
#   { name = "Sam Patel", phone = "01632 960102" },
# ]

# [connections.facebook]
# platform = "facebook"
# token_env = "FREEZE_FACEBOOK_TOKEN"
# app_id = "1234567890"

# [connections.youtube]
# platform = "youtube"
# token_env = "FREEZE_YOUTUBE_TOKEN"

# [connections.website]
# platform = "wordpress"
# base_url = "https://news.example.gov.uk"
# username = "freeze-guard"
# password_env = "FREEZE_WORDPRESS_PASSWORD"
"""


@click.command("init", epilog="Example: freeze init")
@command
def init_command(app: App) -> Answer:
    """Make freeze.toml (if there is none) and the store; bring an older store up to date after a backup."""
    lines = []
    if find(app.settings_path) is None:
        Path("freeze.toml").write_text(TEMPLATE, encoding="utf-8")
        lines.append("Wrote freeze.toml: fill in your connections there.")
    now = app.now()
    with closing(connect(app.settings.store.url, app.base)) as db:
        was = db.schema()
        backup = migrate(db, now)
        opened(db)
        said = _said(app, db, was, backup, now)
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

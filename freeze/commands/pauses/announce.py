"""`freeze announce`: a public announcement is on record, so a quiet pause need not be quiet any more."""

from __future__ import annotations

from urllib.parse import urlsplit

import click

from freeze.acts.app import App
from freeze.commands.common import Answer, command
from freeze.errors import UsageError
from freeze.pauses.freezes import Freeze, announced
from freeze.report import picture
from freeze.store import freezes as freeze_store
from freeze.store.journal import Transaction, once
from freeze.windows import say
from freeze.words import safe


@click.command("announce", epilog="Example: freeze announce f1 --source https://www.royal.uk/announcement")
@click.argument("ident", metavar="ID")
@click.option("--source", "url", required=True, metavar="URL", help="Where it was announced, for everybody to read.")
@command
def announce_command(app: App, ident: str, url: str) -> Answer:
    """Record the public announcement. Until then everybody outside Communications reads only "Publishing pause"."""
    app.may("announce")
    now, source = app.now(), given(url)

    def write(tx: Transaction) -> tuple[Freeze, bool]:
        before = freeze_store.one(tx.c, ident)
        if not before.quiet:
            return before, False
        after = announced(before, source, now)
        freeze_store.update(tx.c, after)
        tx.log(now, "freeze.announced", {"freeze": after.ref, "source": source})
        return after, True

    f, is_new = once(app.store, app.actor, write)
    assert f.announced_at is not None
    lines = [
        f"{f.says()}: announced, as recorded on {say(f.announced_at)} ({safe(f.announced_source, 200)}).",
        "Messages, digests and calendars for others may name it from now on; what was sent before named nothing."
        if is_new
        else "It was recorded before; nothing was changed.",
    ]
    return picture.freeze_json(f, now) | {"quiet": f.quiet, "source": f.announced_source, "new": is_new}, lines, 0


def given(url: str) -> str:
    """An address that anybody can look up. Raises UsageError for anything else."""
    try:
        parts = urlsplit(url.strip())
        well = parts.scheme in ("http", "https") and bool(parts.hostname) and not set(url.strip()) & set(' <>"')
    except ValueError:
        well = False
    if not well:
        raise UsageError(
            f'"{safe(url, 100)}" is not the address of an announcement.', "Write it like https://www.royal.uk/..."
        )
    return url.strip()

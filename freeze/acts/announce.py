"""A public announcement put on record: a quiet pause need not be quiet any more."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlsplit

from freeze.acts.app import App
from freeze.errors import UsageError
from freeze.pauses.freezes import Freeze, announced
from freeze.store import freezes as freeze_store
from freeze.store.journal import Transaction, once
from freeze.words import safe


def announce(app: App, ident: str, url: str) -> tuple[Freeze, bool, datetime]:
    """Record where a pause was announced; gives it, whether that is new, and the instant (UTC).

    Raises UsageError for an address that nobody can look up, RefusedByRule for somebody who may not.
    """
    app.may("announce")
    now, source = app.now(), announcement(url)

    def write(tx: Transaction) -> tuple[Freeze, bool]:
        before = freeze_store.one(tx.c, ident)
        if not before.quiet:
            return before, False
        after = announced(before, source, now)
        freeze_store.update(tx.c, after)
        tx.log(now, "freeze.announced", {"freeze": after.ref, "source": source})
        return after, True

    return *once(app.store, app.actor, write), now


def announcement(url: str) -> str:
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

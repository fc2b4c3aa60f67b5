"""How things stand, read from the store only and at once."""

from __future__ import annotations

from freeze.acts import tasks
from freeze.acts.app import App
from freeze.pauses.freezes import Freeze
from freeze.store import freezes as freeze_store
from freeze.store import holds as hold_store
from freeze.store import late as late_store
from freeze.store.known import found
from freeze.views.found import Found
from freeze.views.known import Known
from freeze.views.status import Status


def status(app: App) -> Status:
    """What is paused, where every post of it stands, and what still needs somebody."""
    with app.store.read() as c:
        known = app.known(c)
        pauses = [(f, found(c, known, f)) for f in known.in_force]
        waiting, held_by = hold_store.unclaimed(c, [f.number for f, _ in pauses])
        late, late_seen = late_store.forgotten(c, known.now)
        return Status(
            known=known,
            pauses=pauses,
            schedulers=tasks.seen(app, known),
            waiting=waiting,
            held_by=held_by,
            last_run=hold_store.last_run(c),
            late=late,
            late_seen=late_seen,
            store=app.store.said,
        )


def declared(app: App) -> Known:
    """Every pause that was ever declared, and what else is known beside posts and holds."""
    with app.store.read() as c:
        return app.known(c)


def one(app: App, ident: str) -> tuple[Freeze, Found, Known]:
    """One pause, post by post. Raises UsageError for an id that there is not."""
    with app.store.read() as c:
        f = freeze_store.one(c, ident)
        known = app.known(c)
        return f, found(c, known, f), known

"""The holidays in force, and the day. Quick to load: `freeze foi due` answers at once."""

from __future__ import annotations

from datetime import date

from freeze.acts.app import App
from freeze.clocks.workdays import Holidays, table
from freeze.council.places import store_file
from freeze.windows import london


def shipped(app: App) -> Holidays:
    """The shipped holidays as they could be known at the time of this run."""
    return table().as_known(today(app))


def holidays(app: App) -> Holidays:
    """The shipped holidays, and what the store knows beyond them. Needs neither settings nor store."""
    path = store_file(app.path)
    if path is not None and not path.exists():
        return shipped(app)
    from freeze.store import peek

    kept = peek.at(path) if path is not None else None
    if kept is None:
        from freeze.store import holidays as holiday_store

        with app.store.read() as c:
            kept = holiday_store.kept(c)
    return kept.over(shipped(app))


def today(app: App) -> date:
    """The London date of this run."""
    return london(app.now()).date()

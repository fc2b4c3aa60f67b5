"""Reading every platform once; and, where that is asked for, holding and keeping what must be held."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from freeze.acts import keep, tasks
from freeze.acts.app import App
from freeze.pauses.freezes import Freeze
from freeze.run.sweep import sweep
from freeze.run.tally import Tally
from freeze.store.known import found
from freeze.views.found import Found
from freeze.views.known import Known

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Synced:
    """What one reading came to; `pauses` are those in force, where it held."""

    tally: Tally
    known: Known
    pauses: Sequence[tuple[Freeze, Found]]


def allowed(app: App, *, enforce: bool) -> list[str]:
    """Whether it can be done; a line for each pause that the settings put among the pauses first.

    Raises UsageError without connections, RefusedByRule and CouldNotKnow as for every holding.
    """
    keep.connected(app)
    if not enforce:
        return []
    app.may("hold")
    app.may_write()
    return keep.stand(app)


def sync(app: App, told: Progress, *, enforce: bool) -> Synced:
    """Read every platform into the store; without `enforce` nothing on any platform changes."""
    started = app.now()
    tally = sweep(app.desk(told), "sync --enforce" if enforce else "sync", enforce=enforce)
    tasks.follow(app, started)
    with app.store.read() as c:
        known = app.known(c)
        live = [f for f in known.in_force if not f.rehearsal] if enforce else []
        return Synced(tally, known, [(f, found(c, known, f)) for f in live])

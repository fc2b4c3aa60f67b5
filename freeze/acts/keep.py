"""One look of whatever keeps the guard going: sweep, hold, keep, and name what went out since. Signs of life."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Self

from freeze.acts import standing, tasks
from freeze.acts.app import App
from freeze.errors import StoreError, UsageError
from freeze.pauses.freezes import Freeze
from freeze.people import signs
from freeze.report.named import Named
from freeze.run.sweep import sweep
from freeze.run.tally import Tally
from freeze.store import holds as hold_store
from freeze.store import jobs
from freeze.store import posts as post_store
from freeze.store.journal import once
from freeze.store.known import found
from freeze.views.found import Found
from freeze.views.known import Known
from freeze.windows import say


@dataclass(frozen=True)
class Look:
    """What one look came to.

    `pauses` are those in force; `named` is what this look was the first to see go out; `known` is how all stood then.
    """

    tally: Tally
    pauses: Sequence[tuple[Freeze, Found]]
    named: Named
    known: Known

    @property
    def unsettled(self) -> bool:
        """Whether anything is not settled, or could not be read."""
        return self.tally.broken or any(what.unsettled for _, what in self.pauses)


def look(app: App, command: str, told: Callable[[int, int], None] | None = None) -> Look:
    """Read everything, hold what the pauses in force cover, move parked posts on, and name what went out."""
    with app.store.read() as c:
        before = {(o.post, o.declaration) for o in hold_store.went_out(c)}
    started = app.now()
    tally = sweep(app.desk(told), command, enforce=True)
    tasks.follow(app, started)
    with app.store.read() as c:
        known = app.known(c)
        pauses = [(f, found(c, known, f)) for f in known.in_force if not f.rehearsal]
        real = {f.number for f in known.real}
        outs = [o for o in hold_store.went_out(c) if (o.post, o.declaration) not in before and o.declaration in real]
        evidence = post_store.snapshots(c, [o.post for o in outs])
    return Look(tally, pauses, Named(pauses, outs, evidence), known)


def stand(app: App) -> list[str]:
    """Put the dated pauses of the settings, such as a yearly silence, among the pauses; a line for each new one."""
    return [
        f"{f.says()} stands by the settings: {f.reason}. To leave it out this time: freeze end {f.ref}"
        for f in standing.make(app.store, app.actor, app.presets.values(), app.now())
    ]


def connected(app: App) -> None:
    """Refuse where there is nothing to read. Raises UsageError."""
    if not app.settings.connections:
        advice = "Add [connections.NAME] to freeze.toml, as docs/setting-up.md shows."
        raise UsageError("No connections are set up yet.", advice)


def can_work(app: App) -> None:
    """Refuse to keep what cannot be kept: no connection, or a clock set by hand on a real platform."""
    if not app.settings.connections:
        raise UsageError(
            "No connections are set up yet.", "Add [connections.NAME] to freeze.toml; see docs/setting-up.md."
        )
    app.may("hold")
    app.may_write()


class Pulse:
    """This process's signs of life in the store."""

    def __init__(self, app: App, job: str, every: float) -> None:
        self._app = app
        self._beat = signs.first(job, app.actor, app.now(), every)

    def __enter__(self) -> Self:
        self._write(f"{self._beat.job}.started")
        return self

    def __exit__(self, *_: object) -> None:
        self._beat = self._beat.ended(self._app.now())
        self._write(f"{self._beat.job}.stopped")

    def working(self) -> None:
        """A look begins: the next sign may be long in coming."""
        self._again(signs.WORKING)

    def resting(self) -> None:
        """Nothing to do just now."""
        self._again(signs.RESTING)

    def _again(self, patience: timedelta) -> None:
        self._beat = self._beat.again(self._app.now(), patience)
        with suppress(StoreError), self._app.store.write() as c:  # a store that is busy once must not end the keeper
            jobs.beat(c, self._beat)

    def _write(self, event: str) -> None:
        now, process = self._app.now(), self._beat.process

        def write(tx: Any) -> None:
            jobs.beat(tx.c, self._beat)
            tx.log(now, event, {"process": process})

        once(self._app.store, self._app.actor, write)

    def others(self) -> str:
        """A sentence about other processes at the same work on this store; empty when there are none."""
        with self._app.store.read() as c:
            there = jobs.beats(c)
        found = [b for b in signs.live(there, self._beat.job, self._app.now()) if b.id != self._beat.id]
        if not found:
            return ""
        names = ", ".join(f"{b.process} since {say(b.started_at)}" for b in found)
        return (
            f"Another one is at work on this store already ({names}). They take turns by the run lock, so nothing is "
            "done twice; one is enough."
        )


@contextmanager
def stoppable() -> Iterator[None]:
    """SIGTERM ends the block like Ctrl-C: what is under way is finished or settled by the next run."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(_signal: int, _frame: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def where(app: App) -> str:
    """Where the store is, in words."""
    return str(app.store.said)


def head(app: App) -> str:
    """The log's head."""
    with app.store.read() as c:
        return app.known(c).head

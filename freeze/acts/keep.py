"""One look of whatever keeps the guard going: sweep, hold, keep, and name what went out since. Signs of life."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Self

from freeze.acts import look as _look
from freeze.acts import standing, tasks
from freeze.acts.app import App
from freeze.errors import StoreError, UsageError, worst
from freeze.outs import MAY_BE_OUT
from freeze.pauses.freezes import Freeze
from freeze.people import signs
from freeze.posts import Json, Seen
from freeze.report import picture
from freeze.run.sweep import sweep
from freeze.run.tally import Tally
from freeze.store import freezes as freeze_store
from freeze.store import holds as hold_store
from freeze.store import jobs
from freeze.store import posts as post_store
from freeze.store.journal import once
from freeze.views.digest_pauses import OUT
from freeze.views.found import Found
from freeze.windows import say, say_short
from freeze.words import excerpt, safe


@dataclass(frozen=True)
class Look:
    """What one look came to. `pauses` are those in force; `outs` were named in this look for the first time."""

    tally: Tally
    pauses: Sequence[tuple[Freeze, Found]]
    outs: Sequence[Any]
    evidence: dict[int, Seen]

    @property
    def code(self) -> int:
        """3 while anything is not settled or could not be read, else 0."""
        broken = self.tally.gaps or self.tally.rejects or self.tally.interrupted
        return worst(3 if broken else 0, *(_look.code(what, None) for _, what in self.pauses))

    def out_lines(self) -> list[str]:
        """What went out, each with its evidence."""
        found = {p.id: (p, what) for _, what in self.pauses for p in what.posts.values()}
        lines = []
        perhaps = [o for o in self.outs if o.how == MAY_BE_OUT]
        if perhaps:
            refs = ", ".join(f"p{o.post}" for o in perhaps[:8]) + (" …" if len(perhaps) > 8 else "")
            lines.append(
                f"May have gone out, from {say_short(perhaps[0].at)} on; nothing here can say: {len(perhaps)} ({refs})"
            )
        again = {o.post for _, what in self.pauses for o in what.outs} - {
            o.post for _, what in self.pauses for o in what.once()
        }
        for o in self.outs:
            if o.how == MAY_BE_OUT or o.post in again:
                continue
            head = OUT.get(o.how, o.how.capitalize())
            post, what = found.get(o.post, (None, None))
            name = what.name(o.post) if what else "?"
            words = f" “{excerpt(post)}”" if post else ""
            lines.append(f"{head} (f{o.declaration}): p{o.post}, {name}, {say_short(o.at)}:{words}")
            elsewhere = what.elsewhere(o.post) if what else ""
            lines.append(f"  {safe(o.why, 200)}{elsewhere}. {self._evidence(o.post)}".rstrip())
        return lines

    def _evidence(self, post: int) -> str:
        s = self.evidence.get(post)
        if s is None:
            return ""
        given = f", its own time {safe(s.at_given, 40)}" if s.at_given else ""
        link = f", {safe(s.link, 120)}" if s.link else ""
        at = s.locator
        read = f"Read on {at.connection}: {s.state.value}, id {safe(at.native_id, 60)}"
        return f"{read}{given}{link}, seal {s.content[:12]}."

    def outs_json(self) -> list[dict[str, Json]]:
        """The same as data."""
        posts = {p.id: p for _, what in self.pauses for p in what.posts.values()}
        return [
            picture.out_json(o, posts) | {"evidence": self._evidence(o.post), "state_read": self._state(o.post)}
            for o in self.outs
        ]

    def _state(self, post: int) -> str | None:
        return self.evidence[post].state.value if post in self.evidence else None


def look(app: App, command: str, told: Callable[[int, int], None] | None = None) -> Look:
    """Read everything, hold what the pauses in force cover, move parked posts on, and name what went out."""
    with app.store.read() as c:
        before = {(o.post, o.declaration) for o in hold_store.went_out(c)}
    started = app.now()
    tally = sweep(app.desk(told), command, enforce=True)
    tasks.follow(app, started)
    now = app.now()
    pauses = [(f, _look.found(app, f)) for f in _look.in_force(app, now) if not f.rehearsal]
    with app.store.read() as c:
        real = {f.number for f in freeze_store.all_of(c) if not f.rehearsal}
        outs = [o for o in hold_store.went_out(c) if (o.post, o.declaration) not in before and o.declaration in real]
        evidence = post_store.snapshots(c, [o.post for o in outs])
    return Look(tally, pauses, outs, evidence)


def stand(app: App) -> list[str]:
    """Put the dated pauses of the settings, such as a yearly silence, among the pauses; a line for each new one."""
    return [
        f"{f.says()} stands by the settings: {f.reason}. To leave it out this time: freeze end {f.ref}"
        for f in standing.make(app.store, app.actor, app.presets.values(), app.now())
    ]


def can_work(app: App) -> None:
    """Refuse to keep what cannot be kept: no connection, or a clock set by hand on a real platform."""
    if not app.settings.connections:
        raise UsageError("No connections are set up yet.", "Add [connections.NAME] to freeze.toml; see the README.")
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


def keeper(app: App) -> tuple[bool, str]:
    """Whether a keeper is at work, and a sentence about it."""
    with app.store.read() as c:
        return signs.said(jobs.beats(c), app.now())


def without_keeper(app: App) -> str:
    """What to say about a pause that nobody keeps; empty when a keeper is at work."""
    with app.store.read() as c:
        return signs.without_keeper(jobs.beats(c), app.now())

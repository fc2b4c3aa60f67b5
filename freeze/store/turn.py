"""Turns: which run may change a connection, and which runs are at work.

A run takes a *turn* on each connection: a row with its own number. Only the highest number on a connection may act, and
that is looked up in the transaction that journals each purpose and outcome, and once more before each call: a run that
was overtaken sends nothing more, whether or not it still believes that it is alone. Numbers come from the store, which
hands them out in a serialised transaction; a lock that dies with its process only tells who is still at work.

A run that stops posts for a new pause takes its turn at once. Every other waits until no run is at work.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, func, select, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from freeze.errors import StoreError, Superseded
from freeze.store import alive
from freeze.store import holds as hold_store
from freeze.store.database import Database
from freeze.store.tables import RUN, TURN

PATIENCE: Final = 300.0
"""Seconds to wait for another run; a sweep is done in seconds, so a longer wait means something is stuck."""
AFTER_END = 30.0
"""Seconds in which a change may still arrive that a run had under way when it ended without waiting for it."""
AFTER_DEATH = 3.0
"""The same for a run that was found dead: what it had sent by then is with the platform, or nowhere."""
MOMENT: Final = 0.1
"""Seconds between looks at whether the others are done."""
OVERTAKEN: Final = "another run of the guard took over here"
LATEST: Final = (
    "SELECT (SELECT max(run) FROM turn WHERE connection = {0}), (SELECT value FROM meta WHERE key = 'pauses')"
)


class Turn:
    """One run's right to change these connections, for as long as no later run took it. Safe in several threads.

    `others` are, by connection, the runs that were at work when this one began and may still have a call under way;
    `late` those that are over or dead and did not wait for their last calls: until when, by `time.monotonic`, one may
    still arrive.
    """

    def __init__(
        self,
        db: Database,
        run: int,
        lock: alive.Held,
        others: Mapping[str, frozenset[int]],
        late: Mapping[str, Mapping[int, float]],
        now: Callable[[], datetime],
    ) -> None:
        self.run = run
        self.others = others
        self.late = late
        self.overtaken = False
        self._db = db
        self._held = lock
        self._now = now
        self._over = False
        self._lock = threading.Lock()
        self._quick: Any = None

    def check(self, connection: str) -> int:
        """The present edition of the pauses. Raises Superseded where a call on `connection` may not start any more."""
        with self._lock:
            if self._over:
                raise Superseded("this run is over")
            newest, pauses = self._look(connection)
        if newest != self.run:
            self.overtaken = True
            raise Superseded(OVERTAKEN)
        return int(pauses or 0)

    def newest(self, c: Connection) -> dict[str, int]:
        """The latest run on each connection, in a transaction."""
        return {
            r[0]: r[1] for r in c.execute(select(TURN.c.connection, func.max(TURN.c.run)).group_by(TURN.c.connection))
        }

    def may(self, newest: Mapping[str, int], connection: str) -> bool:
        """Whether this run may still write about `connection`, by what `newest` found."""
        mine = newest.get(connection) == self.run
        self.overtaken = self.overtaken or not mine
        return mine

    def leave(self, c: Connection, connection: str) -> None:
        """Note that this run has no call under way on `connection` and makes no more there."""
        here = (TURN.c.connection == connection) & (TURN.c.run == self.run)
        c.execute(TURN.update().where(here).values(left_at=self._now()))

    def still_at(self, connection: str) -> bool:
        """Whether a call of an earlier run may still be under way on `connection`."""
        if any(time.monotonic() < until for until in self.late.get(connection, {}).values()):
            return True
        runs = self.others.get(connection, frozenset())
        here = (TURN.c.connection == connection) & TURN.c.run.in_(list(runs)) & TURN.c.left_at.is_(None)
        with self._db.read() as c:
            there = [int(r[0]) for r in c.execute(select(TURN.c.run).where(here))]
        return any(alive.alive(self._db, _name(r)) for r in there)

    def close(self) -> None:
        """Give the turn back; no call may start after this."""
        with self._lock:
            self._over = True
            with suppress(SQLAlchemyError, sqlite3.Error):
                if self._quick is not None:
                    self._quick.close()
        self._held.release()

    def _look(self, connection: str) -> tuple[int | None, str | None]:
        """Without the cost of a transaction of SQLAlchemy's: this stands before every single call."""
        if self._db.path is not None:
            try:
                if self._quick is None:
                    at = f"{self._db.path.resolve().as_uri()}?mode=ro"
                    self._quick = sqlite3.connect(
                        at, uri=True, timeout=15, check_same_thread=False, isolation_level=None
                    )
                found: tuple[int | None, str | None] = self._quick.execute(LATEST.format("?"), (connection,)).fetchone()
            except sqlite3.Error as e:
                raise StoreError(f"The store {self._db.said} cannot be read: {e}.", "Run: freeze doctor") from e
            return found
        with self._db.plainly():
            try:
                row = self._asked(connection)
            except DBAPIError:  # a session that idled too long was ended: it is asked once more
                with suppress(SQLAlchemyError):
                    self._quick.close()
                self._quick = None
                row = self._asked(connection)
        return row[0], row[1]

    def _asked(self, connection: str) -> Any:
        if self._quick is None:
            self._quick = self._db.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        return self._quick.execute(text(LATEST.format(":connection")), {"connection": connection}).one()


@contextmanager
def taken(
    db: Database,
    command: str,
    who: str,
    now: Callable[[], datetime],
    connections: Collection[str],
    *,
    urgent: bool,
    waiting: Callable[[], None],
    patience: float = PATIENCE,
) -> Iterator[Turn]:
    """Take a turn on `connections` for a new run.

    An `urgent` run waits for nobody: whoever is at work is overtaken. Any other waits until nobody is, `waiting` being
    called once if it must. Raises StoreError after `patience` seconds.
    """
    db.still_there()
    turn = None
    until, told = time.monotonic() + patience, False
    while turn is None:
        with db.read() as c:
            busy = not urgent and any(alive.alive(db, _name(r)) for r in _unended(c))
        turn = None if busy else _take(db, command, who, now, connections, urgent=urgent)
        if turn is not None:
            break
        if not told:
            waiting()
            told = True
        if time.monotonic() > until:
            raise StoreError(
                "Another run of the guard has been working for a long time and does not finish.",
                "Look for it (freeze status), end it, and run this again: nothing is lost.",
            )
        time.sleep(MOMENT)
    try:
        yield turn
    finally:
        turn.close()


def _take(
    db: Database, command: str, who: str, now: Callable[[], datetime], connections: Collection[str], *, urgent: bool
) -> Turn | None:
    """The turn, in one serialised transaction; None where somebody is at work and this run can wait."""
    lock: alive.Held | None = None
    at = now()
    try:
        with db.write() as c:
            unended = _unended(c)
            live = {r for r in unended if alive.alive(db, _name(r))}
            if live and not urgent:
                return None
            dead = [r for r in unended if r not in live]
            if dead:
                c.execute(RUN.update().where(RUN.c.id.in_(dead)).values(lost_at=at))
            others, late = _under_way(c, live, at)
            still = {run for runs in late.values() for run in runs}
            over = select(RUN.c.id).where(RUN.c.ended_at.is_not(None) | RUN.c.lost_at.is_not(None))
            c.execute(TURN.delete().where(TURN.c.run.in_(over), TURN.c.run.not_in(still)))
            run = hold_store.begin_run(c, command, who, at)
            lock = alive.hold(db, _name(run))
            mine = [{"connection": name, "run": run} for name in connections]
            if mine:
                c.execute(TURN.insert(), mine)
    except BaseException:
        if lock is not None:
            lock.release()
        raise
    return Turn(db, run, lock, {k: frozenset(v) for k, v in others.items()}, late, now)


def _under_way(
    c: Connection, live: Collection[int], now: datetime
) -> tuple[dict[str, set[int]], dict[str, dict[int, float]]]:
    """By connection: the living runs that have not left it, and those over or dead whose last call may still arrive."""
    others: dict[str, set[int]] = {}
    late: dict[str, dict[int, float]] = {}
    rows = select(TURN.c.connection, TURN.c.run, RUN.c.ended_at, RUN.c.lost_at).join(RUN, RUN.c.id == TURN.c.run)
    for connection, run, ended, lost in c.execute(rows.where(TURN.c.left_at.is_(None))):
        if run in live:
            others.setdefault(connection, set()).add(run)
            continue
        since = ended or lost
        left = (AFTER_END if ended else AFTER_DEATH) - (now - since).total_seconds() if since is not None else 0.0
        if 0 < left <= AFTER_END:
            late.setdefault(connection, {})[run] = time.monotonic() + left
    return others, late


def _unended(c: Connection) -> list[int]:
    """The runs that neither ended nor were found dead."""
    return [int(r[0]) for r in c.execute(select(RUN.c.id).where(RUN.c.ended_at.is_(None), RUN.c.lost_at.is_(None)))]


def _name(run: int) -> str:
    return f"run-{run}"

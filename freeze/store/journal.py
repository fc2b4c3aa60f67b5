"""The journal's one writer: purposes are committed before a call starts, outcomes together with their log lines.

Many workers hand in small pieces of work; one thread groups what is waiting into one serialised transaction. `call`
returns after its group's commit returned; `outcome` does not wait.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self, TypeVar

from sqlalchemy import Connection, bindparam
from sqlalchemy.exc import InterfaceError, OperationalError

from freeze.errors import FreezeError, NotWritten, StoreError, Superseded
from freeze.posts import Json
from freeze.store.database import Database
from freeze.store.freezes import edition
from freeze.store.log import Entry, append
from freeze.store.tables import HOLD, INTENT
from freeze.store.turn import OVERTAKEN, Turn

T = TypeVar("T")
GROUP = 400
PATIENCE = 0.1
"""Seconds an outcome for which nobody waits may stand in the queue; lost in a crash, it is found again by reading."""


Piece = tuple[Callable[["Transaction"], Any], Future[Any] | None]
"""Work for one transaction, and who waits for it (None: nobody)."""
CLOSED = "the journal of this run is closed"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a hold on `connection` (and of the intent that asked for it), with its log line.

    An empty `event` writes none: a reading that only shows again what was written before.
    """

    connection: str
    at: datetime
    hold: int
    state: str
    detail: str
    event: str
    data: dict[str, Json]
    intent: int | None = None
    intent_state: str = ""
    checked: bool = False
    closed: bool = False


class Transaction:
    """What a piece of work may use: the connection, the log, and whether its run may still write at all."""

    def __init__(self, c: Connection, actor: str, turn: Turn | None = None) -> None:
        self.c = c
        self._actor = actor
        self._turn = turn
        self._newest: dict[str, int] | None = None
        self._entries: list[Entry] = []
        self._outcomes: list[Outcome] = []

    def may(self, connection: str) -> bool:
        """Whether no later run has taken over `connection`; always true outside a run."""
        if self._turn is None:
            return True
        if self._newest is None:
            self._newest = self._turn.newest(self.c)
        return self._turn.may(self._newest, connection)

    def guard(self, connection: str) -> None:
        """Raise Superseded where a later run has taken over `connection`: nothing may be written about it any more."""
        if not self.may(connection):
            raise Superseded(OVERTAKEN)

    @property
    def edition(self) -> int:
        """Which edition of the pauses this transaction sees."""
        return edition(self.c)

    def log(self, at: datetime, event: str, data: dict[str, Json]) -> None:
        """Add a log line to this transaction."""
        self.flush()
        self._entries.append(Entry(at, self._actor, event, data))

    def outcome(self, o: Outcome) -> None:
        """Note an outcome; a group's outcomes are written together."""
        self._outcomes.append(o)

    def flush(self) -> None:
        """Write the outcomes gathered so far, so that what follows sees them."""
        if not self._outcomes:
            return
        gathered, self._outcomes = self._outcomes, []
        outs = [o for o in gathered if self.may(o.connection)]
        for checked, closed in ((False, False), (True, False), (False, True), (True, True)):
            rows = [
                {"k": o.hold, "o_state": o.state, "o_detail": o.detail, "o_at": o.at}
                for o in outs
                if (o.checked, o.closed) == (checked, closed)
            ]
            if rows:
                values: dict[str, Any] = {"state": bindparam("o_state"), "detail": bindparam("o_detail")}
                if checked:
                    values["checked_at"] = bindparam("o_at")
                if closed:
                    values["closed_at"] = bindparam("o_at")
                self.c.execute(HOLD.update().where(HOLD.c.id == bindparam("k")).values(values), rows)
        done = [
            {"k": o.intent, "o_state": o.intent_state, "o_detail": o.detail, "o_at": o.at}
            for o in outs
            if o.intent and o.intent_state
        ]
        if done:
            self.c.execute(
                INTENT.update()
                .where(INTENT.c.id == bindparam("k"))
                .values(state=bindparam("o_state"), detail=bindparam("o_detail"), done_at=bindparam("o_at")),
                done,
            )
        self._entries += [Entry(o.at, self._actor, o.event, {"hold": o.hold, **o.data}) for o in outs if o.event]

    def finish(self) -> None:
        """Write what was gathered; the caller commits."""
        self.flush()
        if self._entries:
            append(self.c, self._entries)
            self._entries = []


def once(db: Database, actor: str, work: Callable[[Transaction], T]) -> T:
    """One piece of work in one serialised transaction of its own."""
    with db.write() as c:
        tx = Transaction(c, actor)
        result = work(tx)
        tx.finish()
    return result


class Journal:
    """The writer thread of one run. Use as a context manager.

    `lost` is told what could not be written though nobody waited for it.
    """

    def __init__(
        self, db: Database, actor: str, turn: Turn | None = None, lost: Callable[[str], None] = lambda _why: None
    ) -> None:
        self._db = db
        self._actor = actor
        self._turn = turn
        self._lost = lost
        self._queue: queue.SimpleQueue[Piece | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="journal", daemon=True)
        self._failed: BaseException | None = None
        self._door = threading.Lock()
        self._closed = False

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        with self._door:  # what is handed in after this would wait for ever
            self._closed = True
            self._queue.put(None)
        self._thread.join()
        if kind is None and self._failed is not None:
            raise self._failed

    def call(self, work: Callable[[Transaction], T]) -> T:
        """Do `work` in the next group and wait until that group's commit returned.

        Raises StoreError where the store fails, NotWritten where only this could not be written, Superseded where the
        run may not write it any more.
        """
        if self._failed is not None:
            raise self._failed
        future: Future[T] = Future()

        def after_outcomes(tx: Transaction) -> T:
            tx.flush()
            return work(tx)

        self._put((after_outcomes, future))
        return future.result()

    def outcome(self, o: Outcome) -> None:
        """Write an outcome in the next group, without waiting; a store that fails stops the next `call`."""
        self.later(lambda tx: tx.outcome(o))

    def _put(self, piece: Piece) -> None:
        with self._door:
            if not self._closed:
                self._queue.put(piece)
                return
        if piece[1] is not None:
            raise Superseded(CLOSED)

    def later(self, work: Callable[[Transaction], object]) -> None:
        """Do `work` in the next group without waiting; only for what reading finds again after a crash."""
        self._put((work, None))

    def _run(self) -> None:
        last = False
        while not last:
            group, last = self._gather()
            if group:
                self._commit(group)

    def _gather(self) -> tuple[list[Piece], bool]:
        """What is waiting, and whether it is the last; outcomes alone wait a moment for more: each commit costs."""
        group: list[Piece] = []
        item = self._queue.get()
        until = time.monotonic() + PATIENCE
        waited_for = False
        while item is not None:
            group.append(item)
            waited_for = waited_for or item[1] is not None
            if len(group) == GROUP:
                return group, False
            try:
                item = self._queue.get(timeout=0 if waited_for else max(0.0, until - time.monotonic()))
            except queue.Empty:
                return group, False
        return group, True

    def _commit(self, group: Sequence[Piece]) -> None:
        results = []
        try:
            with self._db.write() as c:
                tx = Transaction(c, self._actor, self._turn)
                results = [work(tx) for work, _ in group]
                tx.finish()
        except Exception as e:  # noqa: BLE001 - handed to whoever waits, and to the end of the run
            if len(group) > 1:  # one bad piece must not take the others with it
                for item in group:
                    self._commit([item])
                return
            self._give_up(group, e)
            return
        for (_, future), result in zip(group, results, strict=True):
            if future is not None:
                future.set_result(result)

    def _give_up(self, group: Sequence[Piece], e: Exception) -> None:
        """Tell whoever waits; a store that fails ends the run, a thing that cannot be written only itself."""
        if _of_the_store(e):
            self._failed = self._failed or e
            said = e
        else:
            said = e if isinstance(e, FreezeError) and not isinstance(e, StoreError) else _not_written(e)
        for _, future in group:
            if future is not None:
                future.set_exception(said)
            elif not _of_the_store(e) and not isinstance(e, Superseded):
                self._lost(str(said))


def _of_the_store(e: Exception) -> bool:
    """Whether the store itself fails, and not only what should be written into it."""
    if not isinstance(e, StoreError) or isinstance(e, NotWritten):
        return False
    if isinstance(e.__cause__, OperationalError):  # SQLite says so also of a statement that is wrong in itself
        return not str(e.__cause__.orig).startswith(("no such ", "near ", "too many "))
    return e.__cause__ is None or isinstance(e.__cause__, InterfaceError)


def _not_written(e: Exception) -> NotWritten:
    first = (str(e).splitlines() or [""])[0]
    return NotWritten(f"It could not be written to the store ({type(e).__name__}: {first[:200]}).")

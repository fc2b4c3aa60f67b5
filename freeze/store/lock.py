"""The run lock: one run at a time changes platforms, and the lock dies with the process that holds it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from filelock import FileLock, Timeout
from sqlalchemy import text

from freeze.errors import StoreError
from freeze.store.database import RUN_LOCK, Database

PATIENCE = 300.0
"""Seconds to wait for another run; a sweep is done in seconds, so a longer wait means something is stuck."""


@contextmanager
def held(db: Database, *, waiting: Callable[[], None], patience: float = PATIENCE) -> Iterator[None]:
    """Hold the run lock; `waiting` is called once if another run has it. Raises StoreError after `patience` seconds."""
    stuck = StoreError(
        "Another run of the guard has been working for a long time and does not finish.",
        "Look for it (freeze status), end it, and run this again: nothing is lost.",
    )
    if db.path is not None:
        lock = FileLock(f"{db.path}.run-lock")
        try:
            lock.acquire(timeout=0)
        except Timeout:
            waiting()
            try:
                lock.acquire(timeout=patience)
            except Timeout:
                raise stuck from None
        except OSError as e:
            raise StoreError(f"The lock beside {db.said} cannot be taken: {e.strerror}.", "Check who may write.") from e
        try:
            yield
        finally:
            lock.release()
        return
    with db.engine.connect() as c:  # a session lock: it lives as long as this connection
        if not c.execute(text("SELECT pg_try_advisory_lock(:k)"), {"k": RUN_LOCK}).scalar():
            waiting()
            c.execute(text(f"SET lock_timeout = '{int(patience)}s'"))
            try:
                c.execute(text("SELECT pg_advisory_lock(:k)"), {"k": RUN_LOCK})
            except Exception as e:
                raise stuck from e
        c.commit()
        try:
            yield
        finally:
            c.execute(text("SELECT pg_advisory_unlock(:k)"), {"k": RUN_LOCK})
            c.commit()

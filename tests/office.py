"""A council's whole guard in this process, on platforms held in memory, that can be killed at any chosen moment.

    office = Office(folder, {"memory": Kind.DRAFT}, now)
    office.freeze("declare", "menai-bridge", "--yes")     # everything is read from the store again, each time
    office.pass_time(timedelta(minutes=4))                # what is due goes out
    office.fate.kill_at(17)                               # the 17th moment is the last: nothing happens after it

A *moment* is the start of a platform call, the return of a write to a platform, and, for each transaction of the store,
its start, the instant before its commit and the instant after it. Death shows as `Killed` or `Dead`.
"""

from __future__ import annotations

import copy
import io
import shutil
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from conftest import Result
from memory import LIMITS, MemoryPlatform
from sqlalchemy import Connection

import adapters
import cli
import policies
from freeze.acts.app import App
from freeze.commands.common import Terminal
from freeze.holds import Kind, Receipt, Step
from freeze.ports import Limits
from freeze.store import log as log_store
from freeze.store.database import Database, connect, migrate


class Killed(BaseException):
    """The process is dead; no handler of the guard may take it for an error of a platform."""


class Dead(Exception):
    """What a dead process's store does: nothing."""


class Fate:
    """Counts the moments of a run and ends it at one of them; after that no moment can happen any more."""

    def __init__(self) -> None:
        self.moments = 0
        self.dead = False
        self._at: int | None = None
        self._lock = threading.Lock()

    def kill_at(self, moment: int | None) -> None:
        """Live again from now on, up to that moment (None: for ever)."""
        with self._lock:
            self.moments, self.dead, self._at = 0, False, moment

    def passes(self) -> bool:
        """Whether one more moment happens."""
        with self._lock:
            self.moments += 1
            self.dead = self.dead or self.moments == self._at
            return not self.dead


class MortalPlatform(MemoryPlatform):
    """A platform that a dead process cannot call. A write may be done though its caller never hears of it."""

    def __init__(self, fate: Fate, name: str, kind: Kind, office: Office, limits: Limits) -> None:
        super().__init__(name, kind, clock=lambda: office.now, limits=limits, on_call=lambda _verb, _what: self._live())
        self._fate = fate

    def _live(self) -> None:
        if not self._fate.passes():
            raise Killed

    def send(self, step: Step) -> Receipt:
        receipt = super().send(step)
        self._live()
        return receipt


class SilentPlatform(MortalPlatform):
    """The same, but it cannot list what went out."""

    published = None  # type: ignore[assignment]


class MortalDatabase(Database):
    """A store that a dead process cannot write to; what was not committed is rolled back."""

    def __init__(self, like: Database, fate: Fate) -> None:
        super().__init__(like.engine, like.path, like.said)
        self._fate = fate

    def _live(self) -> None:
        if not self._fate.passes():
            raise Dead

    @contextmanager
    def write(self) -> Iterator[Connection]:
        self._live()
        with super().write() as c:
            yield c
            self._live()
        self._live()


class Office:
    """A council with these connections, at this instant; the folder must be empty."""

    _pattern: Path | None = None

    def __init__(
        self,
        folder: Path,
        kinds: Mapping[str, Kind],
        now: datetime,
        *,
        lists_what_went_out: bool = True,
        limits: Limits = LIMITS,
    ) -> None:
        self.folder = folder
        self.now = now
        self.fate = Fate()
        make = MortalPlatform if lists_what_went_out else SilentPlatform
        self.platforms = {name: make(self.fate, name, kind, self, limits) for name, kind in kinds.items()}
        folder.mkdir(parents=True, exist_ok=True)
        tables = "".join(f'[connections.{name}]\nplatform = "memory"\n' for name in kinds)
        (folder / "freeze.toml").write_text(f'[store]\nurl = "freeze.db"\n{tables}')
        if Office._pattern is None or not Office._pattern.exists():
            Office._pattern = folder / "pattern.db"
            fresh = connect(str(Office._pattern), folder)
            migrate(fresh, now)
            fresh.close()
        shutil.copy(Office._pattern, self.db)
        self._store = MortalDatabase(connect(str(self.db), folder), self.fate)

    @property
    def db(self) -> Path:
        return self.folder / "freeze.db"

    def app(self) -> App:
        """What an act is handed; whoever closes it loses only compiled SQL."""
        app = App(adapters, policies, lambda: self.now, str(self.folder / "freeze.toml"))
        app.__dict__["store"] = self._store
        app.__dict__["platforms"] = dict(self.platforms)
        return app

    def freeze(self, *args: str) -> Result:
        """Run one command with `--json` as a process of its own would: everything is read from the store again."""
        here = Terminal(self.app(), _nowhere, _nowhere)
        command = cli.freeze.get_command(None, args[0])  # type: ignore[arg-type]
        assert command is not None
        code = 0
        with _spoken() as out:
            try:
                command.main(
                    [*args[1:], "--json"],
                    prog_name="freeze",
                    obj=here,
                    standalone_mode=False,
                )
            except SystemExit as e:
                code = int(e.code or 0)
        return Result(code, out.getvalue(), "")

    def json(self, *args: str) -> dict[str, Any]:
        """The same, as data."""
        return self.freeze(*args).json

    def killed(self, moment: int, *args: str) -> bool:
        """Run a command that dies at this moment; whether it came to that. Afterwards the guard can live again."""
        self.fate.kill_at(moment)
        try:
            self.freeze(*args)
        except (Killed, Dead):
            pass
        finally:
            died = self.fate.dead
            self.fate.kill_at(None)
        return died

    def moments(self, *args: str) -> int:
        """Run a command to its end, and count its moments."""
        self.fate.kill_at(None)
        self.freeze(*args)
        return self.fate.moments

    def keep(self) -> Callable[[], None]:
        """Remember everything as it is now; calling what is given brings it back, as often as wanted."""
        self._store.close()
        stored = self.db.read_bytes()
        kept = {n: (copy.deepcopy(p.posts), dict(p.names)) for n, p in self.platforms.items()}
        now = self.now

        def again() -> None:
            self._store.close()
            for beside in self.folder.glob("freeze.db*"):
                if beside.is_file():
                    beside.unlink()
            self.db.write_bytes(stored)
            self._store._file = None  # whoever comes now is another process
            self.now = now
            self.fate.kill_at(None)
            for name, platform in self.platforms.items():
                posts, names = kept[name]
                platform.posts, platform.names = copy.deepcopy(posts), dict(names)
                platform.calls, platform.tried, platform.done = [], [], []
                platform.heal()

        return again

    def pass_time(self, by: timedelta) -> None:
        """Let time go by; every platform publishes what is due."""
        self.now += by
        for platform in self.platforms.values():
            platform.publish_due(self.now)

    def query(self, sql: str) -> list[Any]:
        """What the store holds."""
        with self._store.read() as c:
            return [tuple(r) for r in c.exec_driver_sql(sql)]

    def log_is_whole(self, head: str = "") -> str:
        """What is wrong with the log; empty when it verifies."""
        with self._store.read() as c:
            return log_store.verify(log_store.lines(c), head)[1]


def _nowhere(_line: str) -> None:
    pass


class _EachItsOwn(io.TextIOBase):
    """Standard output of several commands at once, each in a thread of its own."""

    def __init__(self, else_where: Any) -> None:
        self.mine = threading.local()
        self.speaking = 0
        self.else_where = else_where

    def write(self, text: str) -> int:
        return int(getattr(self.mine, "out", self.else_where).write(text))


_ears: list[_EachItsOwn] = []
_door = threading.Lock()


@contextmanager
def _spoken() -> Iterator[io.StringIO]:
    """What is printed in this thread while this lasts; one within another keeps its words to itself."""
    with _door:
        if not _ears or sys.stdout is not _ears[-1]:
            _ears.append(_EachItsOwn(sys.stdout))
            sys.stdout = _ears[-1]
        ear = _ears[-1]
        ear.speaking += 1
    before = getattr(ear.mine, "out", None)
    ear.mine.out = out = io.StringIO()
    try:
        yield out
    finally:
        if before is None:
            del ear.mine.out
        else:
            ear.mine.out = before
        with _door:
            ear.speaking -= 1
            if not ear.speaking and sys.stdout is ear:
                sys.stdout = ear.else_where
                _ears.remove(ear)

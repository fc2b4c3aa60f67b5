"""Who is alive is told by a lock that dies with its process, on both databases, never by text or by a number."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from freeze.store import alive
from freeze.store.database import Database, connect, migrate

NOW = datetime(2026, 11, 30, 5, 45, tzinfo=UTC)
ROOT = Path(__file__).resolve().parents[1]
HOLDER = """
import sys, time
from pathlib import Path
from freeze.store import alive
from freeze.store.database import connect
held = alive.hold(connect(sys.argv[1], Path(sys.argv[2])), sys.argv[3])
print("held", flush=True)
time.sleep(60)
"""


@pytest.fixture
def db(store_url: str, tmp_path: Path) -> Iterator[Database]:
    found = connect(store_url, tmp_path)
    migrate(found, NOW)
    yield found
    found.close()


@contextmanager
def holder(url: str, folder: Path, name: str) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds this name."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, url, str(folder), name],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        assert process.stdout.readline() == "held\n"
        yield process
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def soon(true: object, db: Database, name: str) -> None:
    """Whether that comes to be so within five seconds."""
    until = time.monotonic() + 5
    while alive.alive(db, name) is not true:
        assert time.monotonic() < until, f"{name} is still {not true}"
        time.sleep(0.02)


def test_nobody_is_alive_who_was_never_there(db: Database) -> None:
    assert not alive.alive(db, "nightly")


def test_a_name_is_held_until_it_is_let_go(db: Database) -> None:
    held = alive.hold(db, "nightly")
    assert alive.alive(db, "nightly")
    assert not held.lost()
    assert not alive.alive(db, "run-7")
    with pytest.raises(alive.Taken):
        alive.hold(db, "nightly")
    held.release()
    held.release()
    assert held.lost()
    assert not alive.alive(db, "nightly")
    with alive.hold(db, "nightly"):
        assert alive.alive(db, "nightly")
    assert not alive.alive(db, "nightly")


@pytest.mark.parametrize("name", ["nightly", "run 17/é", "../../etc/passwd", "x" * 80])
def test_a_killed_process_holds_nothing_and_its_name_can_be_taken_at_once(
    db: Database, store_url: str, tmp_path: Path, name: str
) -> None:
    with holder(store_url, tmp_path, name) as process:
        assert alive.alive(db, name)
        with pytest.raises(alive.Taken):
            alive.hold(db, name)
        process.send_signal(signal.SIGKILL)
        process.wait()
        soon(False, db, name)
        began = time.monotonic()
        alive.hold(db, name).release()
        assert time.monotonic() - began < alive.PATIENCE


def test_a_stopped_process_is_alive_however_long_it_says_nothing(db: Database, store_url: str, tmp_path: Path) -> None:
    with holder(store_url, tmp_path, "nightly") as process:
        process.send_signal(signal.SIGSTOP)
        assert alive.alive(db, "nightly")
        process.send_signal(signal.SIGCONT)


def test_of_many_at_once_exactly_one_holds_a_name_while_others_look(store_url: str, tmp_path: Path) -> None:
    first = connect(store_url, tmp_path)
    migrate(first, NOW)
    got: list[alive.Held] = []
    ends = threading.Event()

    def look() -> None:
        while not ends.is_set():
            alive.alive(first, "nightly")

    def take() -> None:
        try:
            got.append(alive.hold(first, "nightly"))
        except alive.Taken:
            return

    looking = threading.Thread(target=look)
    looking.start()
    threads = [threading.Thread(target=take) for _ in range(6)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    ends.set()
    looking.join()
    assert len(got) == 1
    got[0].release()
    first.close()


def test_what_dead_processes_left_is_swept_and_nobody_else_may_look_in(tmp_path: Path) -> None:
    db = connect("freeze.db", tmp_path)
    migrate(db, NOW)
    folder = tmp_path / "freeze.db.locks"
    for n in range(3):
        with holder("freeze.db", tmp_path, f"run-{n}"):
            pass
    with alive.hold(db, "nightly"):
        assert [p.name for p in folder.iterdir()] == ["nightly.lock"]
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert {stat.S_IMODE(p.stat().st_mode) for p in folder.iterdir()} == {0o600}
    assert list(folder.iterdir()) == []
    db.close()


def test_a_holder_sees_that_its_lock_file_was_taken_away(tmp_path: Path) -> None:
    db = connect("freeze.db", tmp_path)
    migrate(db, NOW)
    held = alive.hold(db, "nightly")
    (tmp_path / "freeze.db.locks" / "nightly.lock").unlink()
    assert held.lost()
    with alive.hold(db, "nightly") as another:
        held.release()
        assert not another.lost(), "the first one took the second one's lock away"
    db.close()


def test_a_holder_sees_that_its_session_was_ended(postgres: str, tmp_path: Path) -> None:
    db = connect(postgres, tmp_path)
    migrate(db, NOW)
    held = alive.hold(db, "nightly")
    with db.write() as c:
        c.execute(
            text("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype='advisory' AND classid=:c"),
            {"c": alive.CLASS},
        )
    soon(False, db, "nightly")
    assert held.lost()
    held.release()
    db.close()

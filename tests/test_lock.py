"""One run at a time: the lock waits and tells, dies with its process, and two declarations at once make one freeze."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from conftest import Practice, on_both_databases

from freeze.errors import StoreError
from freeze.store.database import Database, connect, migrate
from freeze.store.lock import held

NOW = datetime(2022, 9, 8, 17, 40, tzinfo=UTC)
ROOT = Path(__file__).resolve().parents[1]
HOLDER = """
import sys, time
from pathlib import Path
from freeze.store.database import connect
from freeze.store.lock import held
with held(connect(sys.argv[1], Path(sys.argv[2])), waiting=lambda: None):
    print("held", flush=True)
    time.sleep(60)
"""


def holder(url: str, folder: Path) -> subprocess.Popen[str]:
    """A process that holds the run lock."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, url, str(folder)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def end(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert process.stdout is not None
    process.stdout.close()


def _impatient(db: Database, told: list[str]) -> AbstractContextManager[None]:
    return held(db, waiting=lambda: told.append("waiting"), patience=1)


def test_the_lock_of_a_killed_process_is_free_at_once(store_url: str, tmp_path: Path) -> None:
    db = connect(store_url, tmp_path)
    migrate(db, NOW)
    process = holder(store_url, tmp_path)
    told: list[str] = []
    try:
        with pytest.raises(StoreError, match="does not finish"), _impatient(db, told):
            pytest.fail("two runs at once")
    finally:
        end(process)
    assert told == ["waiting"]
    began = time.monotonic()
    with held(db, waiting=lambda: None, patience=20):
        assert time.monotonic() - began < 5
    db.close()


def test_a_waiting_run_goes_on_as_soon_as_the_other_is_done(store_url: str, tmp_path: Path) -> None:
    first, second = connect(store_url, tmp_path), connect(store_url, tmp_path)
    migrate(first, NOW)
    order: list[str] = []
    told = threading.Event()

    def wait() -> None:
        with held(second, waiting=told.set, patience=20):
            order.append("second")

    with held(first, waiting=lambda: None):
        other = threading.Thread(target=wait)
        other.start()
        assert told.wait(5)
        order.append("first")
    other.join()
    assert order == ["first", "second"]
    with held(first, waiting=lambda: order.append("waited")):
        pass
    assert "waited" not in order
    first.close()
    second.close()


def test_a_run_that_fails_gives_the_lock_back(store_url: str, tmp_path: Path) -> None:
    db = connect(store_url, tmp_path)
    migrate(db, NOW)
    with pytest.raises(ZeroDivisionError), held(db, waiting=lambda: None):
        raise ZeroDivisionError
    with held(db, waiting=lambda: pytest.fail("still held"), patience=1):
        pass
    db.close()


@on_both_databases
def test_two_people_declaring_at_once_make_one_freeze_and_both_are_told(practice: Callable[..., Practice]) -> None:
    council = practice("large", posts=20, accounts=2)
    council.drop("website", "youtube", "orlo")
    council.ready()
    council.fault("facebook", "slow", latency_ms=30)
    command = [sys.executable, "-c", "import cli; cli.main()", "declare", "menai-bridge", "--yes"]
    both = [
        subprocess.Popen(
            [*command, "--as-of", council.now().isoformat()],
            cwd=council.folder,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    said = [p.communicate(timeout=60) for p in both]
    assert [p.returncode for p in both] == [0, 0], said
    assert sorted("Already declared" in out for out, _ in said) == [False, True], said
    held_by_each = [re.findall(r"Held and checked by reading back: (\d+)", out) for out, _ in said]
    assert held_by_each[0] == held_by_each[1] != ["0"], said
    assert [f["id"] for f in council.json("list")["freezes"]] == ["f1"]
    writes = [c["post"] for c in council.calls()["sequence"] if c["method"] == "POST" and c["post"]]
    assert sorted(writes) == sorted(set(writes)), "the second run holds nothing again"
    assert council.freeze("log", "verify").code == 0

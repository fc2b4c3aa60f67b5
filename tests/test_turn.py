"""Turns: who waits and who does not, and that a run which was overtaken, or lost its lock, does nothing more."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from conftest import Practice, on_both_databases
from office import Office
from sqlalchemy import select, text

from freeze.errors import StoreError, Superseded
from freeze.holds import Kind
from freeze.store import freezes as freeze_store
from freeze.store import holds as hold_store
from freeze.store.database import Database, connect, migrate
from freeze.store.journal import Journal, Outcome
from freeze.store.log import lines
from freeze.store.tables import RUN
from freeze.store.turn import Turn, taken

NOW = datetime(2022, 9, 8, 17, 40, tzinfo=UTC)
ROOT = Path(__file__).resolve().parents[1]
HOLDER = """
import sys, time
from datetime import UTC, datetime
from pathlib import Path
from freeze.store.database import connect
from freeze.store.turn import taken
now = lambda: datetime(2022, 9, 8, 17, 40, tzinfo=UTC)
with taken(connect(sys.argv[1], Path(sys.argv[2])), "sync", "w", now, ["site"], urgent=False, waiting=lambda: None):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def db(store_url: str, tmp_path: Path) -> Iterator[Database]:
    there = connect(store_url, tmp_path)
    migrate(there, NOW)
    yield there
    there.close()


def turn(
    db: Database,
    *,
    urgent: bool = False,
    waiting: Callable[[], object] = lambda: pytest.fail("it need not wait"),
    patience: float = 20,
    connections: tuple[str, ...] = ("site",),
) -> AbstractContextManager[Turn]:
    return taken(
        db,
        "sync",
        "w",
        lambda: NOW,
        connections,
        urgent=urgent,
        waiting=lambda: waiting() and None,
        patience=patience,
    )


def end(db: Database, run: int) -> None:
    with db.write() as c:
        hold_store.end_run(c, run, NOW)


def lose_the_lock(db: Database) -> None:
    """What a clean-up script or an administrator may do while a run is at work."""
    if db.path is not None:
        for lock in db.path.with_name(f"{db.path.name}.locks").iterdir():
            lock.unlink()
        return
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as c:
        c.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 2"
                " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
            )
        )


def test_the_turn_of_a_killed_process_is_free_at_once(store_url: str, db: Database, tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, store_url, str(tmp_path)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    told: list[str] = []
    try:
        assert process.stdout.readline() == "held\n"
        with pytest.raises(StoreError, match="does not finish"), turn(db, waiting=lambda: told.append("w"), patience=1):
            pytest.fail("two runs at once")
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
    assert told == ["w"]
    with turn(db) as mine, db.read() as c:
        assert mine.others == {}
        assert [r.lost_at is not None for r in c.execute(select(RUN).order_by(RUN.c.id))] == [True, False]


def test_a_waiting_run_goes_on_as_soon_as_the_other_is_done(store_url: str, db: Database, tmp_path: Path) -> None:
    second = connect(store_url, tmp_path)
    order: list[str] = []
    told = threading.Event()

    def wait() -> None:
        with turn(second, waiting=told.set):
            order.append("second")

    with turn(db) as mine:
        other = threading.Thread(target=wait)
        other.start()
        assert told.wait(5)
        order.append("first")
        end(db, mine.run)
    other.join()
    assert order == ["first", "second"]
    second.close()


def test_a_run_that_fails_gives_its_turn_back(db: Database) -> None:
    with pytest.raises(ZeroDivisionError), turn(db):
        raise ZeroDivisionError
    with turn(db, patience=1):
        pass


def test_a_declaration_waits_for_nobody_and_what_it_overtakes_may_do_nothing_more(db: Database) -> None:
    with turn(db) as old, Journal(db, "old", old) as journal:
        before = old.check("site")
        with turn(db, urgent=True) as new:
            assert new.others == {"site": frozenset({old.run})}, "its calls may still arrive"
            assert new.still_at("site")
            assert new.check("site") == before
            with pytest.raises(Superseded, match="took over"):
                old.check("site")
            with pytest.raises(Superseded, match="took over"):
                journal.call(lambda tx: tx.guard("site"))
            journal.outcome(Outcome("site", NOW, 1, "confirmed", "", "hold.confirmed", {}))
            journal.call(lambda tx: old.leave(tx.c, "site"))
            assert not new.still_at("site"), "it said that nothing of its own is under way any more"
        assert old.overtaken
    with db.read() as c:
        assert list(lines(c)) == [], "its outcome is not written over newer ones"


def test_a_run_that_lost_its_lock_may_do_nothing_once_another_has_begun(db: Database) -> None:
    with turn(db) as old:
        lose_the_lock(db)
        old.check("site")  # nobody has noticed, and nobody else is at work
        with turn(db, waiting=lambda: pytest.fail("a lock that is lost keeps nobody waiting")) as new:
            assert new.others == {}
            with pytest.raises(Superseded):
                old.check("site")


def test_a_connection_that_the_later_run_does_not_work_on_is_lost_all_the_same_to_a_run_without_lock(
    db: Database,
) -> None:
    with turn(db, connections=("site", "page")) as old:
        lose_the_lock(db)
        with turn(db, connections=("site",)), pytest.raises(Superseded):
            old.check("page")


def test_no_call_may_start_after_a_run_is_over(db: Database) -> None:
    with turn(db) as mine:
        pass
    with pytest.raises(Superseded, match="over"):
        mine.check("site")


def test_every_change_of_a_pause_is_seen_before_the_next_call(db: Database) -> None:
    with turn(db) as mine:
        before = mine.check("site")
        with db.write() as c:
            freeze_store.changed(c)
        assert mine.check("site") == before + 1


DAY = timedelta(days=1)


def at_the_first_send(office: Office, act: Callable[[], None]) -> threading.Thread:
    """Let `act` happen, as another process would do it, while the first change is under way."""
    thread = threading.Thread(target=act)
    platform = office.platforms["memory"]
    first = threading.Lock()

    def hook(verb: str, _what: str) -> None:
        if verb == "send" and first.acquire(blocking=False):
            thread.start()
            time.sleep(0.4)  # the change arrives only after the other has begun

    platform.on_call = hook
    return thread


@pytest.mark.parametrize("kind", [Kind.DRAFT, Kind.PUSH, Kind.RECREATE])
def test_a_pause_declared_in_the_middle_of_a_put_back_lets_nothing_out_that_it_covers(
    tmp_path: Path, kind: Kind
) -> None:
    office = Office(tmp_path, {"memory": kind}, NOW)
    platform = office.platforms["memory"]
    for n in range(12):
        platform.add("page", f"n{n}", NOW + 3 * DAY + timedelta(hours=n), f"Post {n}")
    office.freeze("declare", "menai-bridge", "--yes")
    office.freeze("end", "f1")
    digest = office.json("put-back", "f1")["digest"]
    said: list[int] = []
    other = at_the_first_send(
        office,
        lambda: said.append(
            office.freeze("declare", "crisis", "--everything", "--days", "9", "--reason", "x", "--yes").code
        ),
    )
    back = office.freeze("put-back", "f1", "--digest", digest, "--yes")
    other.join()
    assert back.code == 3
    assert said in ([0], [3])
    office.freeze("sync", "--enforce")
    office.pass_time(5 * DAY)
    assert [p.native_id for p in platform.posts.values() if p.published_at] == []
    states = Counter(p["hold"]["state"] for p in office.json("show", "f2")["posts"])
    assert states.pop("confirmed") == 12
    assert set(states) <= {"put back"}, "a message that was made again in that moment is held under its new id"
    words = [p.text for p in platform.posts.values() if p.state.value != "deleted"]
    assert len(words) == len(set(words)), "none is there twice"
    assert office.log_is_whole() == ""


def test_a_post_that_is_allowed_while_a_run_is_at_work_is_not_held_by_it(tmp_path: Path) -> None:
    office = Office(tmp_path, {"memory": Kind.DRAFT}, NOW)
    platform = office.platforms["memory"]
    for n in range(60):
        platform.add("page", f"n{n}", NOW + DAY + timedelta(hours=n), f"Post {n}")
    office.freeze("sync")
    last = office.query("SELECT id FROM post WHERE native_id = 'n59'")[0][0]
    done: list[int] = []

    def allow() -> None:
        done.append(office.freeze("allow", f"p{last}", "--freeze", "f1", "--reason", "agreed").code)

    other = at_the_first_send(office, allow)
    office.freeze("declare", "crisis", "--everything", "--days", "9", "--reason", "x", "--yes")
    other.join()
    held = {p["native_id"] for p in office.json("show", "f1")["posts"] if p["hold"]["state"] == "confirmed"}
    out = platform.posts["n59"].state.value
    assert ("n59" in held) is (out == "draft"), "what is said of it is so"
    assert done == [0]


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

"""The store on both databases: made from nothing, kept through a migration, and every way it can fail said plainly."""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from conftest import Practice
from sqlalchemy import text

from freeze.errors import SettingsError, StoreError
from freeze.store import calendar as calendar_store
from freeze.store import database
from freeze.store import freezes as freeze_store
from freeze.store import log as log_store
from freeze.store import posts as post_store
from freeze.store.database import SCHEMA, Database, clock_went_back, connect, high_water, migrate, opened
from freeze.store.journal import once
from freeze.views.feeds import Issue

NOW = datetime(2022, 9, 8, 17, 40, tzinfo=UTC)
ROOT = Path(__file__).resolve().parents[1]


def freeze(folder: Path, *args: str) -> subprocess.CompletedProcess[str]:
    """A command as a process of its own."""
    return subprocess.run(
        [sys.executable, "-c", "import cli; cli.main()", *args],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def one_sentence(result: subprocess.CompletedProcess[str] | object) -> str:
    """What was said of a failure: one line, no traceback."""
    err = result.err if hasattr(result, "err") else result.stderr  # type: ignore[attr-defined]
    lines = [line for line in str(err).splitlines() if line.strip()]
    assert len(lines) == 1, err
    assert "Traceback" not in err
    return lines[0]


def made(url: str, tmp_path: Path) -> Database:
    db = connect(url, tmp_path)
    migrate(db, NOW)
    return opened(db)


def test_a_store_is_made_from_nothing_and_making_it_again_changes_nothing(store_url: str, tmp_path: Path) -> None:
    db = connect(store_url, tmp_path)
    assert db.schema() is None
    assert migrate(db, NOW) is None
    assert db.schema() == SCHEMA
    assert migrate(db, NOW) is None
    with opened(db).read() as c:
        assert freeze_store.all_of(c) == []
    db.close()


def test_the_migrations_make_exactly_the_tables_that_the_code_uses(store_url: str, tmp_path: Path) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    from freeze.store.tables import METADATA

    db = made(store_url, tmp_path)
    with db.read() as c:
        assert compare_metadata(MigrationContext.configure(c, opts={"compare_type": True}), METADATA) == []
    db.close()


def test_an_older_store_is_refused_until_it_is_brought_up_to_date(store_url: str, tmp_path: Path) -> None:
    db = made(store_url, tmp_path)
    with db.write() as c:
        c.execute(text("UPDATE alembic_version SET version_num='0000'"))
    with pytest.raises(StoreError, match=r"older version.*freeze init"):
        opened(db)
    db.close()


def test_an_older_store_is_copied_before_anything_is_changed(tmp_path: Path) -> None:
    db = made("freeze.db", tmp_path)
    once(db, "tests", lambda tx: tx.log(NOW, "something.happened", {}))
    with db.write() as c:
        c.execute(text("UPDATE alembic_version SET version_num='0000'"))
    with pytest.raises(Exception, match="0000"):  # no way leads from this made-up version, so the migration fails
        migrate(db, NOW)
    copies = list(tmp_path.glob(f"freeze.db.before-{SCHEMA}-*"))
    assert len(copies) == 1
    with sqlite3.connect(copies[0]) as copy:
        assert copy.execute("SELECT event FROM log_line").fetchall() == [("something.happened",)]
    assert db.schema() == "0000", "a migration that failed leaves the store as it was"
    db.close()


def test_a_newer_store_is_refused_plainly_and_left_alone(store_url: str, tmp_path: Path) -> None:
    db = made(store_url, tmp_path)
    with db.write() as c:
        c.execute(text("UPDATE alembic_version SET version_num='9999'"))
    for way in (lambda: opened(db), lambda: migrate(db, NOW)):
        with pytest.raises(StoreError, match=r"newer Freeze Guard.*schema 9999"):
            way()
    assert db.schema() == "9999"
    db.close()


def test_everything_in_one_transaction_happens_or_nothing_does(store_url: str, tmp_path: Path) -> None:
    db = made(store_url, tmp_path)

    def half(tx: object) -> None:
        tx.log(NOW, "first", {})  # type: ignore[attr-defined]
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        once(db, "tests", half)
    with db.read() as c:
        assert c.execute(text("SELECT count(*) FROM log_line")).scalar() == 0
    db.close()


def test_one_reading_is_one_picture_whatever_is_written_meanwhile(store_url: str, tmp_path: Path) -> None:
    db = made(store_url, tmp_path)
    with db.read() as c:
        before = high_water(c)
        once(db, "tests", lambda tx: tx.log(NOW + timedelta(days=1), "later", {}))
        assert high_water(c) == before
        assert log_store.head(c).startswith("0-")
    with db.read() as c:
        assert high_water(c) == NOW + timedelta(days=1)
    db.close()


def test_a_reading_in_portions_leaves_its_connection_fit_to_write(store_url: str, tmp_path: Path) -> None:
    db = made(store_url, tmp_path)
    once(db, "tests", lambda tx: [tx.log(NOW, event, {}) for event in ("first", "second")])
    with db.write() as c:
        assert list(post_store.fetch(c, post_store.waiting(), {})) == []
        assert len(list(log_store.lines(c))) == 2
        for _ in range(2):
            assert next(log_store.lines(c)).event == "first", "nobody need read to the end"
        assert not {"yield_per", "stream_results"} & c.get_execution_options().keys()
        c.execute(text("UPDATE meta SET value = value"))
    db.close()


def test_a_feed_is_not_taken_for_another_whose_name_differs_in_capitals(store_url: str, tmp_path: Path) -> None:
    db = made(store_url, tmp_path)
    issue = Issue("uid", 0, "digest", NOW, None, {})
    with db.write() as c:
        calendar_store.keep(c, "Libraries", {"p1": issue}, (), ())
        calendar_store.keep(c, "lib%", {"p2": issue}, (), ())
    with db.read() as c:
        assert calendar_store.issues(c, "libraries") == calendar_store.issues(c, "lib") == {}
        assert calendar_store.issues(c, "Libraries") == {"p1": issue}
        assert calendar_store.issues(c, "lib%") == {"p2": issue}
    db.close()


def test_an_instant_without_a_zone_never_reaches_the_store(store_url: str, tmp_path: Path) -> None:
    from sqlalchemy.exc import StatementError

    from freeze.store.holds import begin_run

    db = made(store_url, tmp_path)
    with pytest.raises(StatementError, match="without a zone"), db.write() as c:
        begin_run(c, "sync", "tests", datetime(2022, 9, 8, 17, 40))  # noqa: DTZ001 - the fault that is planted
    db.close()


def test_a_clock_that_went_back_is_noticed(store_url: str, tmp_path: Path) -> None:
    db = made(store_url, tmp_path)
    once(db, "tests", lambda tx: tx.log(NOW, "later", {}))
    once(db, "tests", lambda tx: tx.log(NOW.replace(hour=9), "earlier", {}))
    with db.read() as c:
        assert clock_went_back(c, NOW) == ""
        assert "18:40 BST" in clock_went_back(c, NOW.replace(minute=39))
    db.close()


def test_a_database_that_is_no_store_address_is_a_wrong_setting(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"store\.url"):
        connect("mysql://x/y", tmp_path)


def test_a_database_server_that_is_not_there_is_said_plainly(tmp_path: Path) -> None:
    (tmp_path / "freeze.toml").write_text('[store]\nurl = "postgresql://u:hush@127.0.0.1:1/freeze?connect_timeout=2"\n')
    result = freeze(tmp_path, "status")
    assert result.returncode == 5
    said = one_sentence(result)
    assert "cannot be reached" in said
    assert "hush" not in said


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with settings and a store."""
    (tmp_path / "freeze.toml").write_text('[council]\nname = "Anyshire"\n')
    assert freeze(tmp_path, "init").returncode == 0
    return tmp_path


def test_a_store_that_is_not_there_is_said_plainly(tmp_path: Path) -> None:
    (tmp_path / "freeze.toml").write_text('[council]\nname = "Anyshire"\n')
    result = freeze(tmp_path, "status")
    assert result.returncode == 5
    assert "freeze init" in one_sentence(result)
    assert not (tmp_path / "freeze.db").exists()


def test_a_file_that_is_no_store_is_said_plainly(folder: Path) -> None:
    for beside in folder.glob("freeze.db*"):
        beside.unlink()
    (folder / "freeze.db").write_bytes(b"A letter to the council, not a database." * 40)
    for command in ("status", "init"):
        result = freeze(folder, command)
        assert result.returncode == 5, (command, result.stderr)
        assert "is not a Freeze Guard store" in one_sentence(result)
    assert (folder / "freeze.db").read_bytes().startswith(b"A letter")


def test_a_damaged_store_is_said_plainly(folder: Path) -> None:
    data = bytearray((folder / "freeze.db").read_bytes())
    data[4096:] = os.urandom(len(data) - 4096)
    (folder / "freeze.db").write_bytes(data)
    result = freeze(folder, "list")
    assert result.returncode == 5
    assert "damaged" in one_sentence(result)


def test_a_store_in_use_by_another_program_is_said_plainly(folder: Path) -> None:
    with sqlite3.connect(folder / "freeze.db", isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        db = connect("freeze.db", folder)
        with db.engine.connect() as c:
            c.exec_driver_sql("PRAGMA busy_timeout=50")  # the guard itself waits fifteen seconds
        with pytest.raises(StoreError, match="in use by another program"):
            once(db, "tests", lambda tx: tx.log(NOW, "never", {}))
        other.execute("ROLLBACK")
        once(db, "tests", lambda tx: tx.log(NOW, "now", {}))
        db.close()


def test_a_full_disk_is_said_plainly_and_nothing_is_half_applied(
    practice: Callable[..., Practice],
) -> None:
    council = practice("large", posts=40, accounts=2)
    council.drop("website", "youtube", "orlo")
    council.ready()
    plain = database._on_connect
    with sqlite3.connect(council.db) as c:
        c.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        pages = c.execute("PRAGMA page_count").fetchone()[0]
        before = c.execute("SELECT count(*) FROM log_line").fetchone()

    def small(dbapi: sqlite3.Connection, record: object) -> None:
        plain(dbapi, record)
        dbapi.execute(f"PRAGMA max_page_count={pages + 4}")

    writes = council.calls()["platforms"].get("facebook", {}).get("writes", 0)
    with pytest.MonkeyPatch.context() as m:
        m.setattr(database, "_on_connect", small)
        result = council.freeze("declare", "menai-bridge", "--yes")
    assert result.code == 5
    last = result.err.strip().splitlines()[-1]
    assert re.search("disk that holds .* is full", last), result.err
    assert council.freeze("log", "verify").code == 0
    with sqlite3.connect(council.db) as c:
        intents = c.execute("SELECT count(*) FROM intent").fetchone()[0]
        holds = c.execute("SELECT count(*) FROM hold").fetchone()[0]
        assert c.execute("SELECT count(*) FROM log_line").fetchone() >= before
    sent = council.calls()["platforms"]["facebook"]["writes"] - writes
    assert sent <= intents, "nothing is sent that was not written down first"
    assert intents == holds
    again = council.freeze("declare", "menai-bridge", "--yes")
    assert again.code == 0, again.out
    assert council.freeze("log", "verify").code == 0


def test_a_store_that_may_only_be_read_answers_questions_and_refuses_changes(council: Practice) -> None:
    plain = database._on_connect

    def only_reading(dbapi: sqlite3.Connection, record: object) -> None:
        plain(dbapi, record)
        dbapi.execute("PRAGMA query_only=ON")

    before = {(p["platform"], p["id"]): p["state"] for p in council.posts()}
    with pytest.MonkeyPatch.context() as m:
        m.setattr(database, "_on_connect", only_reading)
        assert council.freeze("status").code == 0
        result = council.freeze("declare", "menai-bridge", "--yes")
    assert result.code == 5
    assert "may only be read" in result.err.strip().splitlines()[-1]
    assert {(p["platform"], p["id"]): p["state"] for p in council.posts()} == before
    assert council.json("list")["freezes"] == []

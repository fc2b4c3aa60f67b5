"""Troubles around the store and the settings: a sentence each, the right exit code, nothing half applied."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from conftest import Practice
from practising import Making, at, hamlet
from sqlalchemy import text

from freeze.errors import FreezeError, StoreError, UsageError
from freeze.keeping.watch import lasting, minutes
from freeze.store.database import Database, connect, migrate

NOW = datetime(2026, 11, 30, tzinfo=UTC)


@pytest.fixture
def desk(practice: Making) -> Practice:
    return hamlet(practice, at("2022-09-08T18:40"))


def plainly(done: object) -> None:
    assert "The guard itself failed" not in str(done)


def _lose(db: Database, url: str, folder: Path) -> None:
    with db.write() as c:
        c.execute(text("INSERT INTO meta(key, value) VALUES ('half', 'done')"))
        pid = c.execute(text("SELECT pg_backend_pid()")).scalar()
        with closing(connect(url, folder)) as other, other.read() as o:
            o.execute(text("SELECT pg_terminate_backend(:p)"), {"p": pid})
        c.execute(text("SELECT 1"))


def test_a_session_that_is_lost_in_mid_transaction_is_said_and_nothing_is_kept(postgres: str, tmp_path: Path) -> None:
    with closing(connect(postgres, tmp_path)) as db:
        migrate(db, NOW)
        with pytest.raises(StoreError, match=r"ended the session. Nothing was half-applied") as told:
            _lose(db, postgres, tmp_path)
        assert told.value.exit_code == 5
        with db.read() as c:
            assert c.execute(text("SELECT 1 FROM meta WHERE key = 'half'")).first() is None


def test_settings_nested_without_end_are_said(desk: Practice) -> None:
    (desk.folder / "freeze.toml").write_text("x = " + "[" * 100_000)
    for words in (["status"], ["declare", "menai-bridge", "--yes"], ["workdays", "list", "2026"], ["doctor"]):
        done = desk.freeze(*words)
        plainly(done)
        assert done.code in (0, 2, 5), done
    assert "nested too deep" in desk.freeze("status").err


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"a = '\xe9'", b"\0"])
def test_settings_that_are_no_text_are_said(desk: Practice, content: bytes) -> None:
    (desk.folder / "freeze.toml").write_bytes(content)
    done = desk.freeze("status")
    plainly(done)
    assert done.code == 2
    assert "cannot be read" in done.err


@pytest.mark.parametrize("version", ["zzzz", "0000", "-1", "0003x", "9999", "00 5"])
def test_a_version_that_is_none_of_ours_is_left_alone_by_init_too(desk: Practice, version: str) -> None:
    with closing(connect("freeze.db", desk.folder)) as db, db.write() as c:
        c.execute(text("UPDATE alembic_version SET version_num = :v"), {"v": version})
    for words in (["status"], ["init"], ["declare", "menai-bridge", "--yes"]):
        done = desk.freeze(*words)
        plainly(done)
        assert done.code == 5, done
    with closing(connect("freeze.db", desk.folder)) as db:
        assert db.schema() == version


def test_a_folder_that_may_only_be_read_is_named_by_init(
    practice: Making, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def refuse(*_a: object, **_k: object) -> int:
        raise OSError(30, "Read-only file system")

    p = hamlet(practice, at("2022-09-08T18:40"))
    p.db.unlink()
    with monkeypatch.context() as m:
        m.setattr("os.open", refuse)
        done = p.freeze("init")
    plainly(done)
    assert done.code == 5
    assert "Read-only file system" in done.err
    assert not p.db.exists()


@pytest.mark.parametrize("given", ["NaN", "nan", "inf", "-inf", "-1", "0", "1e400", "", "x", "1441", "9" * 400])
def test_how_often_to_look_is_a_number_of_minutes_within_a_day(desk: Practice, given: str) -> None:
    with pytest.raises(UsageError, match="--every"):
        minutes(given)
    done = desk.freeze("watch", f"--every={given}", "--for=1s")
    plainly(done)
    assert done.code == 2


@pytest.mark.parametrize("given", ["", "0s", "9" * 400 + "d", "NaNs", "-1h", "99999d"])
def test_how_long_to_stay_is_a_length_of_time(given: str) -> None:
    with pytest.raises(UsageError, match="--for"):
        lasting(given)


@pytest.mark.parametrize(
    "source",
    [
        "file:///etc/hostname",
        "FILE:///etc/hostname",
        "ftp://127.0.0.1/x",
        "http://example.org/x.json",
        "https://user:hunter2@example.org/x.json",
        "http://[::1",
        "data://x",
        "file://127.0.0.1/etc/hostname",
    ],
)
def test_bank_holidays_are_taken_from_https_or_a_path_only(desk: Practice, source: str) -> None:
    done = desk.freeze("workdays", "refresh", source)
    plainly(done)
    assert done.code == 2, done
    assert "hunter2" not in done.err


def test_every_error_of_the_tree_has_an_exit_code_of_the_table() -> None:
    def all_of(kind: type[FreezeError]) -> set[type[FreezeError]]:
        return {kind, *(k for sub in kind.__subclasses__() for k in all_of(sub))}

    assert {k.exit_code for k in all_of(FreezeError)} <= {2, 3, 4, 5}

"""An older backup is put in place of the store: it is recognised, and what it forgot is taken up again, not lost."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
import stat
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from freeze.holds import Expected, Kind
from freeze.posts import Absent, Locator, Seen, State, Unreadable
from freeze.run.adopt import Fate, judge
from freeze.store.mark import Left
from tests.conftest import Practice

FAR = timedelta(days=400)


def backup(p: Practice, to: Path) -> None:
    """As docs/backup.md says."""
    with closing(sqlite3.connect(p.db)) as old, closing(sqlite3.connect(to)) as new:
        old.backup(new)


def put_in_place(p: Practice, copy: Path) -> None:
    for name in ("freeze.db", "freeze.db-wal", "freeze.db-shm"):
        (p.folder / name).unlink(missing_ok=True)
    shutil.copy(copy, p.db)


def small(practice: Callable[..., Practice]) -> Practice:
    return practice("council").ready()


def held(p: Practice) -> list[dict[str, Any]]:
    with closing(sqlite3.connect(p.db)) as c:
        rows = c.execute(
            "SELECT p.connection, p.native_id, h.kind, h.state, json_extract(h.before, '$.at'), h.id"
            " FROM hold h JOIN post p ON p.id = h.post WHERE h.closed_at IS NULL"
        ).fetchall()
    return [dict(zip(("connection", "native", "kind", "state", "at", "id"), r, strict=True)) for r in rows]


def by_guard(p: Practice) -> set[tuple[str, str, str, str]]:
    """What the guard itself holds: place, kind, and the time it was meant for."""
    return {(h["connection"], h["native"], h["kind"], h["at"]) for h in held(p) if h["state"] == "confirmed"}


@pytest.mark.parametrize("knows_the_pause", [True, False])
def test_everything_an_older_store_forgot_is_taken_up_again_and_put_back(
    council: Practice, tmp_path: Path, knows_the_pause: bool
) -> None:
    copy = tmp_path / "backup.db"
    if not knows_the_pause:
        backup(council, copy)
    council.freeze("declare", "menai-bridge", "--yes")
    before = by_guard(council)
    assert len(before) > 20
    assert {kind for _, _, kind, _ in before} >= {"draft", "push"}
    if knows_the_pause:  # of a moment when the pause was declared and nothing was held yet
        backup(council, copy)
        with closing(sqlite3.connect(copy)) as c:
            for table in ("hold_claim", "intent", "hold"):
                c.execute(f"DELETE FROM {table}")
            first = c.execute("SELECT min(seq) FROM log_line WHERE event LIKE 'hold.%'").fetchone()[0]
            c.execute("DELETE FROM log_line WHERE seq >= ?", (first,))
            c.commit()
    put_in_place(council, copy)

    for command in (["status"], ["brief"], ["held"], ["tasks"], ["list"], ["check"])[: 1 if knows_the_pause else 6]:
        result = council.freeze(*command)
        assert result.err.startswith("THIS STORE IS OLDER THAN WHAT THIS GUARD HAS WRITTEN"), command
        assert f"{len(before)} posts stand where this guard parked them" in result.err
        assert "freeze sync --enforce" in result.err
        assert result.code in (5, 4, 2), command
    assert "OLDER" in council.json("status")["older_store"]

    result = council.freeze("sync", "--enforce")
    assert "OLDER" in result.err
    assert by_guard(council) >= before
    assert "taken up again" in result.out
    after = council.freeze("status")
    assert "OLDER" not in after.err
    assert council.freeze("log", "verify", on_clock=False).code == 0

    back = 0
    for ref in [f["id"] for f in council.json("list")["freezes"]]:
        council.freeze("end", ref)
        council.freeze("decide", "--freeze", ref, "--all-missed", "--next-slot", "--yes")
        shown = council.json("put-back", ref)
        if shown.get("returns"):
            back += council.json("put-back", ref, "--digest", shown["digest"], "--yes")["put_back"]
    assert back >= len(before) - 5, "all but what only a person can time"


def test_what_stands_elsewhere_is_named_and_left_alone(practice: Callable[..., Practice], tmp_path: Path) -> None:
    p = small(practice)
    copy = tmp_path / "backup.db"
    backup(p, copy)
    p.freeze("declare", "menai-bridge", "--yes")
    before = by_guard(p)
    assert len(before) >= 10
    put_in_place(p, copy)
    moved, gone = sorted(b for b in before if b[0] == "facebook")[:2]
    p.edit(platform="facebook", id=moved[1], publish_at=(p.now() + timedelta(days=20, minutes=7)).isoformat())
    p.edit(platform="facebook", id=gone[1], delete=True)
    result = p.freeze("sync", "--enforce")
    assert "somebody changed it since" in result.out
    assert "it is no longer there" in result.out
    assert by_guard(p) == before - {moved, gone}


def test_while_a_platform_cannot_be_read_nothing_is_forgotten_for_good(
    practice: Callable[..., Practice], tmp_path: Path
) -> None:
    p = small(practice)
    copy = tmp_path / "backup.db"
    backup(p, copy)
    p.freeze("declare", "menai-bridge", "--yes")
    before = by_guard(p)
    put_in_place(p, copy)
    p.fault("facebook", "status", status=503)
    result = p.freeze("sync", "--enforce")
    assert result.code in (3, 5)
    assert "OLDER" in p.freeze("status").err, "still so: nothing could be read"
    p.mend()
    p.freeze("sync", "--enforce")
    assert by_guard(p) == before
    assert "OLDER" not in p.freeze("status").err


def test_a_person_can_say_that_the_older_store_is_meant(practice: Callable[..., Practice], tmp_path: Path) -> None:
    p = small(practice)
    copy = tmp_path / "backup.db"
    backup(p, copy)
    p.freeze("declare", "menai-bridge", "--yes")
    put_in_place(p, copy)
    assert p.freeze("init").code == 5
    said = p.freeze("init", "--older-store-is-meant")
    assert said.code == 0
    assert "are left where they stand" in said.out
    assert "OLDER" not in p.freeze("status").err
    assert held(p) == []
    assert "store.older-is-meant" in p.freeze("log", "export", on_clock=False).out


def test_another_line_of_history_of_the_same_length_is_recognised(
    practice: Callable[..., Practice], tmp_path: Path
) -> None:
    p = small(practice)
    copy = tmp_path / "backup.db"
    backup(p, copy)
    p.freeze("declare", "menai-bridge", "--yes")
    mark = p.folder / "freeze.db.mark"
    head = json.loads(mark.read_text().splitlines()[-1])
    with closing(sqlite3.connect(copy)) as c:
        here = c.execute("SELECT max(seq) FROM log_line").fetchone()[0]
    put_in_place(p, copy)
    head["head"][0] = here
    mark.write_text(json.dumps(head) + "\n")
    result = p.freeze("status")
    assert "is another one than was written" in result.err
    assert result.code == 5


def test_the_mark_is_the_owners_alone_and_holds_no_words(practice: Callable[..., Practice]) -> None:
    p = small(practice)
    p.freeze("declare", "menai-bridge", "--yes")
    mark = p.folder / "freeze.db.mark"
    assert stat.S_IMODE(mark.stat().st_mode) == 0o600
    text = mark.read_text()
    with closing(sqlite3.connect(p.db)) as c:
        words = [w for (w,) in c.execute("SELECT text FROM post WHERE length(text) > 8")]
    assert words
    assert not [w for w in words if json.dumps(w)[1:-1] in text]
    assert len(text.splitlines()) == len(by_guard(p)) + 1


def test_a_mark_that_was_cut_off_damaged_or_lost_stops_nothing(practice: Callable[..., Practice]) -> None:
    p = small(practice)
    p.freeze("declare", "menai-bridge", "--yes")
    mark = p.folder / "freeze.db.mark"
    whole = mark.read_bytes()
    codes = p.freeze("status").code
    for bad in (whole[:-20], b"\x00\xff{]\n" + whole, b"", b'{"place": 3}\n[]\nnull\n' + whole):
        mark.write_bytes(bad)
        assert p.freeze("status").code == codes
        assert p.freeze("sync", "--enforce").code in (0, 3)
    mark.unlink()
    assert p.freeze("sync", "--enforce").code in (0, 3)


PLACE = Locator("facebook", "1", "1_2")
PARKED = Expected(State.SCHEDULED, None, "abc")


def left(**more: Any) -> Left:
    from datetime import UTC, datetime

    at = datetime(2022, 9, 9, 8, tzinfo=UTC)
    given: dict[str, Any] = {"stands": ((Expected(State.SCHEDULED, at + FAR), at + FAR),), "back": None, **more}
    return Left(PLACE, Kind.PUSH, State.SCHEDULED, at, "", freezes=(), **given)


def test_only_what_stands_exactly_where_it_was_left_is_taken_up() -> None:
    x = left()
    assert x.at is not None
    parked = Seen(PLACE, State.SCHEDULED, x.at + FAR, "", "words")
    assert judge(x, parked).fate is Fate.HELD
    one_minute = Seen(PLACE, State.SCHEDULED, x.at + FAR + timedelta(minutes=1), "", "words")
    assert judge(x, one_minute).fate is Fate.CHANGED
    assert judge(x, Seen(PLACE, State.SCHEDULED, x.at, "", "words")).fate is Fate.FREE
    assert judge(x, Seen(PLACE, State.PUBLISHED, x.at, "", "words")).fate is Fate.FREE
    assert judge(x, Absent(PLACE)).fate is Fate.GONE
    assert judge(x, Unreadable(PLACE, "why")).fate is Fate.UNREAD
    there = x.at + timedelta(days=3)
    back = left(back=Expected(State.SCHEDULED, there))
    assert judge(back, Seen(PLACE, State.SCHEDULED, there, "", "words")).fate is Fate.FREE
    assert judge(back, parked).fate is Fate.HELD, "the way back was never sent"


def test_a_postgresql_database_that_was_put_back_is_recognised_and_its_posts_are_taken_up(
    practice: Callable[..., Practice], postgres: str
) -> None:
    import psycopg

    p = practice("council")
    settings = p.folder / "freeze.toml"
    whole, n = re.subn(r"(?m)^\[store\]\nurl = .*$", lambda _m: f'[store]\nurl = "{postgres}"', settings.read_text())
    assert n == 1
    settings.write_text(whole)
    p.freeze("init")
    p.freeze("accounts", "import", "accounts.csv")
    p.freeze("sync")
    name = postgres.split("?", maxsplit=1)[0].rsplit("/", 1)[1]
    server = postgres.replace(f"/{name}?", "/postgres?")
    with psycopg.connect(server, autocommit=True) as c:
        c.execute(f"CREATE DATABASE {name}_backup TEMPLATE {name}")
    p.freeze("declare", "menai-bridge", "--yes")
    with psycopg.connect(server, autocommit=True) as c:
        c.execute(f"DROP DATABASE {name} WITH (FORCE)")
        c.execute(f"CREATE DATABASE {name} TEMPLATE {name}_backup")
        c.execute(f"DROP DATABASE {name}_backup")
    status = p.freeze("status")
    assert "22 posts stand where this guard parked them" in status.err
    assert status.code == 5
    assert "22 posts taken up again" in p.freeze("sync", "--enforce").out
    assert "OLDER" not in p.freeze("status").err


def test_a_keeper_that_was_at_work_while_a_backup_was_put_in_place_does_not_go_on_with_the_old_file(
    tmp_path: Path,
) -> None:
    from datetime import UTC, datetime

    from office import Office

    from freeze.holds import Kind

    office = Office(tmp_path, {"memory": Kind.DRAFT}, datetime(2022, 9, 8, 17, 40, tzinfo=UTC))
    assert office.freeze("sync", "--enforce").code == 0
    away = office.db.rename(tmp_path / "moved-away.db")
    office.db.write_bytes(away.read_bytes())
    said = office.freeze("sync", "--enforce")
    assert said.code == 5
    assert "put in the place of the store" in said.out

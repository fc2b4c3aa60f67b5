"""`freeze bios`: a file judged with nothing set up, what the last sync read, and a wording that fits."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from conftest import Practice, Result
from memory import MemoryPlatform
from practising import hamlet

import cli
from freeze.accounts import Account, Bio
from freeze.errors import AuthFailed
from freeze.run.desk import Desk
from freeze.run.sweep import sweep
from freeze.store import bios as bio_store
from freeze.store import posts as post_store
from freeze.store.database import connect, migrate
from freeze.store.journal import once

NOW = datetime(2026, 6, 3, 9, 0, tzinfo=UTC)


@pytest.fixture
def alone(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Runs a command in a folder that holds no settings and no store."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("FREEZE_SETTINGS", raising=False)

    def run(*args: str) -> Result:
        monkeypatch.setattr("sys.argv", ["freeze", *args])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        out, err = capsys.readouterr()
        return Result(int(ended.value.code or 0), out, err)

    return run


def lines(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.out.splitlines()]


def test_a_file_is_judged_line_by_line_with_nothing_set_up(alone: Callable[..., Result], tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [
        {"platform": "x", "bio": "Monitored Mon-Fri 9-5", "id": 7},
        {"platform": "instagram", "bio": "Monitored Mon-Fri 9-5", "hours": "24/7"},
        {"platform": "x", "bio": None},
    ]
    (tmp_path / "bios.jsonl").write_text("\ufeff" + "\n\n".join(map(json.dumps, rows)), encoding="utf-8")
    result = alone("bios", "check", "--file", "bios.jsonl")
    assert result.code == 1
    judged = lines(result)
    assert [r["verdict"] for r in judged] == ["states", "disagrees", "none"]
    assert all(row.items() <= out.items() for row, out in zip(rows, judged, strict=True))
    assert sorted(p.name for p in tmp_path.iterdir()) == ["bios.jsonl"]


def test_all_stated_is_exit_0(alone: Callable[..., Result], tmp_path: Path) -> None:
    (tmp_path / "b.jsonl").write_text('{"platform": "x", "bio": "Mon-Fri 9-5"}\n')
    assert alone("bios", "check", "--file", "b.jsonl").code == 0


def test_a_bad_line_is_named_and_the_others_are_judged(alone: Callable[..., Result], tmp_path: Path) -> None:
    bad = ["{", "[]", '{"bio": "x"}', '{"platform": "x"}', '{"platform": "x", "bio": 5}', "[" * 100_000]
    bad += ['{"platform": null, "bio": ""}', '{"platform": "x", "bio": "", "hours": []}']
    good = '{"platform": "x", "bio": "Mon-Fri 9-5"}'
    broken = b'{"platform": "\xff"}'
    (tmp_path / "b.jsonl").write_bytes(b"\n".join([*(x.encode() for x in (*bad, good)), broken, good.encode()]))
    result = alone("bios", "check", "--file", "b.jsonl")
    assert result.code == 2
    assert [r["line"] for r in lines(result) if "error" in r] == [*range(1, len(bad) + 1), len(bad) + 2]
    assert [r["verdict"] for r in lines(result) if "error" not in r] == ["states", "states"]
    assert "Traceback" not in result.err


def test_a_file_that_is_not_there_is_one_sentence(alone: Callable[..., Result]) -> None:
    result = alone("bios", "check", "--file", "none.jsonl")
    assert result.code == 2
    assert result.err.startswith("none.jsonl cannot be read")


def test_before_the_first_reading_nothing_is_claimed(practice: Callable[..., Practice]) -> None:
    p = hamlet(practice, datetime(2026, 6, 3, 9, 0, tzinfo=UTC))
    known = p.json("bios", "check")["accounts"]
    assert {"facebook"} <= {a["platform"] for a in known}, "a sync reads what the platforms show"
    forget(p)
    answer = p.freeze("bios", "check")
    assert answer.code == 5
    assert "somebody has to look" in answer.out


def test_what_the_store_knows_is_judged_and_a_wording_is_offered(practice: Callable[..., Practice]) -> None:
    p = hamlet(practice, datetime(2026, 6, 3, 9, 0, tzinfo=UTC))
    account = describe(p, "Your libraries. Monitored in office hours.")
    answer = p.freeze("bios", "check")
    assert answer.code == 1
    assert f"vague  {account}" in answer.out
    told = p.json("bios", "check")
    assert [(a["account"], a["verdict"]) for a in told["accounts"]] == [(account, "vague")]
    made = p.json("bios", "suggest", account, "--hours", "Mon-Fri 9-5")
    assert made["suggestion"] == "Your libraries. Monitored Monday to Friday, 9am to 5pm."
    office = p.freeze("bios", "suggest", account)
    assert "Mon-Fri 09:00-17:30 (the council's working hours, as the register says none)" in office.out
    describe(p, made["suggestion"])
    assert p.freeze("bios", "check").code == 0
    refused = p.freeze("bios", "suggest", account, "--hours", "whenever")
    assert refused.code == 2
    assert '"whenever" (as given) cannot be read as days and times.' in refused.err
    assert p.freeze("bios", "suggest", "nobody").code == 2


def open_store(p: Practice) -> Any:
    return connect("freeze.db", p.folder)


def describe(p: Practice, words: str) -> str:
    """Only the first Facebook page has a description, read just now; gives that account."""
    db = open_store(p)
    try:
        with db.read() as c:
            (connection, native), account = min((k, a) for k, a in post_store.aliases(c).items() if k[0] == "facebook")
        forget(p)
        once(db, "a test", lambda tx: bio_store.keep(tx.c, Bio(connection, native, "Libraries", words, 255), p.now()))
    finally:
        db.close()
    return account


def forget(p: Practice) -> None:
    import sqlite3

    with sqlite3.connect(p.db) as c:
        c.execute("DELETE FROM bio")
    c.close()


class Described(MemoryPlatform):
    """A platform whose accounts have descriptions; `broken` ones cannot be read."""

    broken: frozenset[str] = frozenset()

    def bio(self, account: str) -> Bio:
        self.calls.append(("bio", account))
        if account in self.broken:
            raise AuthFailed("no")
        return Bio(self.id, account, account, "Monitored Mon-Fri 9-5", 160)


@pytest.fixture
def desk(store_url: str, tmp_path: Path) -> Any:
    db = connect(store_url, tmp_path)
    migrate(db, NOW)
    platform = Described("memory", clock=lambda: NOW)
    for account in ("libraries", "highways"):
        platform.add(account, f"1{account}", NOW + timedelta(days=1), "Bin day")
    yield Desk(db, {"memory": platform}, "a test", lambda: NOW, timedelta(hours=24))
    db.close()


def described(desk: Desk) -> list[str]:
    with desk.db.read() as c:
        return [b.name for b in bio_store.known(c, post_store.aliases(c), post_store.accounts(c))]


def asked(desk: Desk) -> list[str]:
    platform = desk.platforms["memory"]
    assert isinstance(platform, Described)
    return sorted(account for verb, account in platform.calls if verb == "bio")


@pytest.mark.parametrize(
    ("command", "reads"), [("nightly", True), ("sync", True), ("watch", False), ("declare", False)]
)
def test_descriptions_are_read_at_night_and_by_sync_and_never_while_stopping_posts(
    desk: Desk, command: str, *, reads: bool
) -> None:
    sweep(desk, command, enforce=command != "sync")
    assert asked(desk) == (["highways", "libraries"] if reads else [])
    assert described(desk) == asked(desk)


def test_a_description_is_read_once_a_night(desk: Desk) -> None:
    sweep(desk, "sync", enforce=False)
    sweep(desk, "sync", enforce=False)
    assert len(asked(desk)) == 2
    sweep(replace(desk, now=lambda: NOW + timedelta(hours=21)), "nightly", enforce=True)
    assert len(asked(desk)) == 4


def test_a_description_that_cannot_be_read_fails_nothing_else(desk: Desk) -> None:
    platform = desk.platforms["memory"]
    assert isinstance(platform, Described)
    platform.broken = frozenset({"highways"})
    tally = sweep(desk, "sync", enforce=False)
    assert tally.gaps == []
    assert not tally.broken
    assert tally.listed == 2
    assert described(desk) == ["libraries"]


def test_a_platform_that_refuses_every_description_is_not_asked_forty_times(desk: Desk) -> None:
    platform = desk.platforms["memory"]
    assert isinstance(platform, Described)
    for n in range(40):
        platform.names[f"a{n}"] = f"a{n}"
    platform.broken = frozenset(platform.names)
    sweep(replace(desk, threads=2), "sync", enforce=False)
    assert 3 <= len(asked(desk)) <= 5


def test_of_several_sights_of_one_account_the_latest_counts(desk: Desk) -> None:
    one = Account("one", "One", "x")
    aliases = {("orlo", "7"): "one", ("x", "9"): "one", ("x", "8"): "gone"}

    def write(tx: Any) -> None:
        bio_store.keep(tx.c, Bio("x", "9", "One", "older", 160), NOW - timedelta(days=1))
        bio_store.keep(tx.c, Bio("orlo", "7", "One", "old", 160), NOW - timedelta(days=2))
        bio_store.keep(tx.c, Bio("orlo", "7", "One", "new", 160), NOW)
        bio_store.keep(tx.c, Bio("x", "8", "Gone", "gone", 160), NOW)

    once(desk.db, "a test", write)
    with desk.db.read() as c:
        (bio,) = bio_store.known(c, aliases, {"one": one})
    assert (bio.account, bio.platform, bio.text, bio.read_at) == ("one", "x", "new", NOW)

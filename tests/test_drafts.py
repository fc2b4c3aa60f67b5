"""Judging before scheduling or posting live: drafts from a file, one text, with and without a store."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from conftest import Practice
from practising import PAGE, Making, at, hamlet

import cli
from freeze.accounts import Account
from freeze.errors import UsageError
from freeze.files.drafts import Directory, Draft, Row, from_csv, from_jsonl, read
from freeze.findings import Finding, Level
from freeze.ports import World
from freeze.posts import Reject

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
REGISTER = Directory(
    [
        Account("libs-x", "Anyshire Libraries", "x", "@AnyLibs", "libraries"),
        Account("libs-fb", "Anyshire Libraries", "facebook", "AnyshireLibraries", "libraries"),
    ]
)


def rows(csv: str) -> list[Row | Reject]:
    return list(from_csv(io.StringIO(csv, newline=""), "d.csv"))


def draft(known: bool = True, **data: Any) -> Draft:
    return read(Row(3, {"text": "Hello", **data}), REGISTER, known=known)


# Reading


def test_a_csv_keeps_every_column_and_knows_its_lines() -> None:
    found = rows('\ufeffText,Owner,AT\n"two\nlines",me,\nb\n\n,,\nc,d,e,f\n')
    assert found == [
        Row(2, {"text": "two\nlines", "Owner": "me", "at": ""}),
        Row(4, {"text": "b", "Owner": "", "at": ""}),
        Reject("d.csv line 7", "has 4 cells under 3 columns"),
    ]


@pytest.mark.parametrize("csv", ["", "words,account\na,b\n", "text,Text\na,b\n"])
def test_a_header_that_cannot_be_used_is_refused(csv: str) -> None:
    with pytest.raises(UsageError):
        rows(csv)


def test_a_cell_too_long_for_any_post_is_one_bad_line() -> None:
    found = rows(f"text\n{'x' * 200_000}\ngood\n")
    assert isinstance(found[0], Reject)
    assert found[-1] == Row(3, {"text": "good"})


def test_json_lines_are_read_one_by_one() -> None:
    lines = [b'\xef\xbb\xbf{"Text": "a", "x": [1]}', b"", b"[1]", b"{", b"\xff", b"9" * 2_500_000, b'{"text": "b"}']
    found = list(from_jsonl(io.BytesIO(b"\n".join(lines)), "d.jsonl"))
    assert found[0] == Row(1, {"text": "a", "x": [1]})
    assert [r.where for r in found if isinstance(r, Reject)] == [f"d.jsonl line {n}" for n in (3, 4, 5, 6)]
    assert found[-1] == Row(7, {"text": "b"})


def test_a_line_becomes_a_post_with_its_number_as_id() -> None:
    got = draft(account="@anylibs", at="2026-07-01T10:00", tags="a, b;c", media=["child", "x.jpg"], boosted="Yes")
    assert got.post.id == -3
    assert (got.post.account, got.post.platform, got.post.service) == ("libs-x", "x", "libraries")
    assert got.post.intended_at == datetime(2026, 7, 1, 9, 0, tzinfo=UTC)
    assert got.post.tags == ("a", "b", "c")
    assert got.post.media == ("child", "x.jpg")
    assert got.post.boosted


@pytest.mark.parametrize(
    ("name", "platform", "expected"),
    [
        ("libs-fb", "", "libs-fb"),
        ("@AnyLibs", "", "libs-x"),
        ("ANYLIBS", "Twitter", "libs-x"),
        ("anyshire  libraries", "Facebook", "libs-fb"),
    ],
)
def test_an_account_is_found_by_id_handle_or_name(name: str, platform: str, expected: str) -> None:
    assert draft(account=name, platform=platform).post.account == expected


def test_an_unknown_account_is_no_error_and_only_a_register_can_tell() -> None:
    assert draft(account="@Pirates").unknown
    assert not draft(account="@Pirates", known=False).unknown
    assert not draft(account="").unknown


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"text": " "}, "text"),
        ({"text": None}, "text"),
        ({"text": 5}, "text"),
        ({"at": "31/12/2026"}, "at"),
        ({"at": "2026-03-29T01:30"}, "at"),
        ({"at": "0001-01-01T00:00+14:00"}, "at"),
        ({"boosted": "maybe"}, "boosted"),
        ({"boosted": 2}, "boosted"),
        ({"tags": [1]}, "tags"),
        ({"account": "Anyshire Libraries"}, "account"),
    ],
)
def test_a_line_that_cannot_be_used_names_its_field(data: dict[str, Any], field: str) -> None:
    with pytest.raises(UsageError) as e:
        draft(**data)
    assert str(e.value).startswith(f"{field}:")


# The command, with nothing there at all


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))

    def run(*args: str) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["freeze", "check", *args])
        with pytest.raises(SystemExit) as e:
            cli.main()
        out, err = capsys.readouterr()
        return int(e.value.code or 0), out, err

    return run


def judged(out: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.splitlines()]


def test_the_first_value_on_day_one_needs_nothing(bare: Any, tmp_path: Path) -> None:
    code, out, _ = bare(
        "--text", "two pumps from Haverhill, one casualty at 14 Mill Road", "--account", "@AnyshireFire"
    )
    assert code == 1
    assert out.startswith("3 conflicts; nothing was posted.")
    assert out.count("clause 8.2") == 3
    assert "There is no store here" in out
    assert list(tmp_path.iterdir()) == []


def test_a_text_that_is_fine_exits_0(bare: Any) -> None:
    code, out, _ = bare("--text", "Story time is back on Tuesday", "--json")
    assert code == 0
    data = json.loads(out)
    assert (data["schema"], data["findings"], data["knows_the_store"]) == ("freeze/1", [], False)


def test_what_a_text_is_asked_with(bare: Any) -> None:
    _, out, _ = bare("--text", "Hi", "--boosted", "--media", "child", "--at", "2026-12-01T10:00", "--json")
    data = json.loads(out)
    assert {f["policy"] for f in data["findings"]} == {"boosting", "media-consent"}
    assert data["at"] == "2026-12-01T10:00:00+00:00"
    assert "freeze agree POST --boost" in str(data)


@pytest.mark.parametrize("extra", [(), ("--json",)])
def test_a_file_comes_back_line_by_line_with_findings(bare: Any, tmp_path: Path, extra: tuple[str, ...]) -> None:
    (tmp_path / "d.csv").write_text(
        "text,account,at,Owner\n"
        "Story time,,2026-12-01T10:00,me\n"
        "Ring 07700 900123,@Pirates,,you\n"
        "When?,,tomorrow,\n"
        "News of the strike action,,,\n"
    )
    code, out, err = bare("--drafts", "d.csv", *extra)
    found = judged(out)
    assert code == 2
    assert [f["text"] for f in found] == ["Story time", "Ring 07700 900123", "News of the strike action"]
    assert found[0] == {
        "text": "Story time",
        "account": "",
        "at": "2026-12-01T10:00",
        "Owner": "me",
        "findings": [],
    }
    (phone,) = found[1]["findings"]
    assert set(phone) == {"policy", "clause", "level", "sentence", "next_step"}
    assert (phone["policy"], phone["clause"], phone["level"]) == ("personal-data", "3.4", "conflict")
    assert [f["level"] for f in found[2]["findings"]] == ["note"]
    assert 'd.csv line 4: at: "tomorrow" is not a date and time.' in err
    assert "3 drafts judged: 1 draft with conflicts, 1 with notes only, 1 bad line." in err


@pytest.mark.parametrize(("text", "code"), [("Hello", 0), ("News of the strike action", 0), ("Ring 07700 900123", 1)])
def test_the_exit_code_is_that_of_the_worst_line(bare: Any, tmp_path: Path, text: str, code: int) -> None:
    (tmp_path / "d.jsonl").write_text(json.dumps({"text": "Hello"}) + "\n" + json.dumps({"text": text}) + "\n")
    assert bare("--drafts", "d.jsonl")[0] == code


@pytest.mark.parametrize(
    "args",
    [
        ("--drafts", "missing.csv"),
        ("--drafts", "d.xlsx"),
        ("--drafts", "bad.csv"),
        ("--drafts", "d.csv", "--text", "x"),
        ("--text", "x", "--at", "soon"),
        ("--text", " "),
    ],
)
def test_what_cannot_be_asked_is_said_in_one_line(bare: Any, tmp_path: Path, args: tuple[str, ...]) -> None:
    (tmp_path / "bad.csv").write_text("words\nx\n")
    code, out, err = bare(*args)
    assert (code, out) == (2, "")
    assert len(err.splitlines()) == 1
    assert "Traceback" not in err


def test_a_line_that_is_not_utf_8_is_told_and_the_others_go_on(bare: Any, tmp_path: Path) -> None:
    (tmp_path / "d.csv").write_bytes(b"text\ncaf\xe9\nfine\n")
    code, out, err = bare("--drafts", "d.csv")
    assert (code, len(judged(out))) == (2, 1)
    assert "d.csv line 2: text: holds characters that are not UTF-8" in err


def test_more_lines_than_one_batch_come_back_in_order(
    bare: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("freeze.acts.drafts.BATCH", 7)
    (tmp_path / "d.csv").write_text("text,n\n" + "".join(f"Window {i},{i}\n" for i in range(50)))
    code, out, _ = bare("--drafts", "d.csv")
    assert code == 0
    assert [int(d["n"]) for d in judged(out)] == list(range(50))


def test_a_rule_that_fails_is_told_on_every_draft(bare: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("planted")

    monkeypatch.setattr("policies.sign_off.judge", broken)
    code, out, _ = bare("--text", "Hello")
    assert code == 1
    assert "The rule sign-off could not judge this text: RuntimeError: planted." in out


# With a store


@pytest.fixture
def village(practice: Making) -> Practice:
    waiting = {**PAGE, "text": "The lantern walk starts at six", "at": at("2026-11-24T10:00")}
    return hamlet(practice, NOW, waiting)


def test_a_draft_meets_a_pause_and_the_register(village: Practice) -> None:
    page = next(a for a in village.json("accounts", "list", on_clock=False)["accounts"] if a["platform"] == "facebook")
    fine = village.freeze("check", "--text", "Hello", "--account", page["id"])
    assert fine.code == 0
    declared = village.freeze("declare", "royal-death", "--yes")
    assert declared.code in (0, 3)
    inside = village.json("check", "--text", "Hello", "--account", page["id"])
    (stop,) = [f for f in inside["findings"] if f["level"] == "stop"]
    assert "inside Royal death (f1)" in stop["sentence"]
    assert stop["next_step"] == "It must not go out then: choose another time."
    later = village.json("check", "--text", "Hello", "--account", page["id"], "--at", "2027-02-01T10:00")
    assert later["findings"] == []
    stranger = village.json("check", "--text", "Hello", "--account", "@Pirates", "--at", "2027-02-01T10:00")
    assert [f["clause"] for f in stranger["findings"]] == ["2.5"]


def test_a_draft_meets_a_pause_that_is_declared_for_later(village: Practice) -> None:
    page = next(a for a in village.json("accounts", "list", on_clock=False)["accounts"] if a["platform"] == "facebook")
    start, end = (NOW + timedelta(days=d) for d in (20, 22))
    village.freeze("declare", "royal-death", "--yes", "--from", start.isoformat(), "--until", end.isoformat())
    asked = ("check", "--text", "Hello", "--account", page["id"], "--at")
    assert village.freeze(*asked, (NOW + timedelta(days=21)).isoformat()).code == 1
    assert village.freeze(*asked, (NOW + timedelta(days=23)).isoformat()).code == 0


def test_what_stands_on_a_scheduled_post_because_of_a_draft_is_told_of_the_draft(
    village: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    def inspect(_options: object, world: World) -> Iterator[Finding]:
        for p in world.posts:
            others = [o for o in world.posts if o.text == p.text and o.id != p.id]
            if p.id > 0 and others:
                yield Finding("4.2", Level.CONFLICT, f"{p.ref} says the same as something else.", post=p.id)
            if p.id < 0 and others:
                yield Finding("4.2", Level.NOTE, f"{p.ref} and {others[0].ref} say the same.", post=others[0].id)

    monkeypatch.setattr("policies.boosting.inspect", inspect, raising=False)
    one = village.json("check", "--text", "The lantern walk starts at six", "--at", "2026-11-24T11:00")
    told = {f["sentence"] for f in one["findings"] if f["policy"] == "boosting"}
    assert told == {"p1 says the same as something else.", "this text and p1 say the same."}
    assert not village.json("check", "--text", "Something else", "--at", "2026-11-24T11:00")["findings"]
    (village.folder / "d.csv").write_text("text,at\nHello,\nThe lantern walk starts at six,2026-11-24T12:00\n")
    result = village.freeze("check", "--drafts", "d.csv")
    first, second = judged(result.out)
    assert first["findings"] == []
    assert "this draft and p1 say the same." in {f["sentence"] for f in second["findings"]}


def test_settings_without_a_store_are_heeded(practice: Making) -> None:
    p = practice("empty", NOW)
    assert p.freeze("check", "--text", "Ring 01632 960123").code == 1
    path = p.folder / "freeze.toml"
    path.write_text(path.read_text() + '\n[policies.personal-data]\nphones = ["01632 960 123"]\n')
    assert p.freeze("check", "--text", "Ring 01632 960123").code == 0

"""The log of requests for information: in the store, on both databases, and by the commands people type."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from conftest import Practice, Result
from counting import Desk

from freeze.clocks.requests import Request, State, answer, computed, view
from freeze.clocks.workdays import ANYWHERE, Change, table
from freeze.store import holidays as holiday_store
from freeze.store import requests as request_store
from freeze.store.database import connect, migrate, opened

NOW = datetime(2022, 9, 10, 11, 0, tzinfo=UTC)
FUNERAL = date(2022, 9, 19)
KNOWN = table().as_known(date(2022, 9, 10))
RECEIVED = ("2022-08-19", "2022-08-25", "2022-09-08", "2022-09-09", "2022-09-16", "2022-09-19")
MOVED = {
    "2022-08-19": ("2022-09-19", "2022-09-20"),
    "2022-08-25": ("2022-09-23", "2022-09-26"),
    "2022-09-08": ("2022-10-06", "2022-10-07"),
    "2022-09-09": ("2022-10-07", "2022-10-10"),
    "2022-09-16": ("2022-10-14", "2022-10-17"),
}


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Desk:
    made = Desk(tmp_path, capsys).ready()
    made.at = "2022-09-10T12:00+01:00"
    return made


def request(received: str = "2022-08-19", **more: object) -> Request:
    day = date.fromisoformat(received)
    r = Request(0, "message", "libraries", f"https://example.org/{received}", received, day, "foi", NOW, "somebody")
    return computed(replace(r, **more), KNOWN, KNOWN.operational([]))  # type: ignore[arg-type]


def test_a_request_comes_back_from_either_database_as_it_went_in(store_url: str, tmp_path: Path) -> None:
    db = connect(store_url, tmp_path)
    migrate(db, NOW)
    full = request(
        dates={"clarification_received": date(2022, 8, 24)},
        acknowledged_at=NOW,
        passed_on_at=NOW,
        reference="IM-1",
        answered_on=date(2022, 9, 1),
        closed_at=NOW,
        closed_because="answered",
        purged_at=NOW,
    )
    with opened(db).write() as c:
        kept = request_store.insert(c, full)
        other = request_store.insert(c, request("2022-09-09"))
    with db.read() as c:
        assert request_store.one(c, "r1") == kept
        assert kept == replace(full, number=1)
        assert request_store.all_of(c, open_only=True) == [other]
        assert request_store.with_link(c, other.link) == other
        assert request_store.with_link(c, kept.link) is None
        assert request_store.with_link(c, "") is None
    db.close()


def test_a_proclaimed_day_is_read_alike_from_either_database(store_url: str, tmp_path: Path) -> None:
    db = connect(store_url, tmp_path)
    migrate(db, NOW)
    change = Change(FUNERAL, "State funeral", ANYWHERE, "the Gazette", date(2022, 9, 10))
    gone = Change(date(2022, 8, 29), "Summer bank holiday", 1, "gov.uk", gone=True)
    with db.write() as c:
        for r in RECEIVED:
            request_store.insert(c, request(r))
        holiday_store.add(c, [change, gone], NOW, "somebody")
        holiday_store.compared(c, 2029, date(2022, 9, 9))
        holiday_store.compared(c, 2030, date(2022, 9, 10))
    with db.read() as c:
        kept = holiday_store.kept(c)
        assert kept.changes == (change, gone)
        assert (kept.until, kept.as_of) == (2030, date(2022, 9, 10))
        now = KNOWN.changed([change])
        moved = request_store.recomputed(c, now, now.operational([]))
    was_and_is = {new.received: (old.due.isoformat(), new.due.isoformat()) for old, new in moved}
    assert was_and_is == MOVED
    db.close()


def test_an_older_store_is_brought_up_to_date_and_answers_before_that(tmp_path: Path) -> None:
    import sqlite3

    db = connect("freeze.db", tmp_path)
    migrate(db, NOW)
    db.close()
    with sqlite3.connect(tmp_path / "freeze.db") as c:
        gone = ("turn", "holiday_change", "information_request", "bio", "event", "agreement", "accepted_finding")
        newer = {"source": ["unseen"], "account": ["details"], "run": ["lost_at"], "declaration": ["key", "details"]}
        newer["post"] = ["link", "media", "boosted"]
        c.executescript("".join(f"DROP TABLE {name};" for name in gone))
        c.executescript("".join(f"ALTER TABLE {t} DROP COLUMN {n};" for t, names in newer.items() for n in names))
        c.execute("DELETE FROM meta WHERE key = 'pauses'")
        c.execute("UPDATE alembic_version SET version_num='0002'")
    c.close()
    from freeze.store import peek

    assert peek.at(tmp_path / "freeze.db") == peek.Kept()
    db = connect("freeze.db", tmp_path)
    backup = migrate(db, NOW)
    assert backup is not None
    assert backup.exists()
    with opened(db).read() as c:
        assert request_store.all_of(c) == []
    db.close()


def test_where_a_request_stands_is_the_farthest_step_taken() -> None:
    r = request()
    assert r.state is State.SEEN
    assert replace(r, acknowledged_at=NOW).state is State.ACKNOWLEDGED
    assert replace(r, passed_on_at=NOW).state is State.PASSED_ON
    assert replace(r, passed_on_at=NOW, closed_at=NOW).state is State.CLOSED


def test_what_was_asked_of_the_sender_counts_once_it_came() -> None:
    r = request("2022-08-01", regime="sar")
    asked = replace(r, dates={"clarification_asked": date(2022, 8, 3)})
    assert asked.waits_for == "clarification"
    assert answer(asked, KNOWN).due == r.due
    came = replace(r, dates={**asked.dates, "clarification_received": date(2022, 8, 8)})
    assert (answer(came, KNOWN).due - r.due).days == 5
    fees = replace(request(), dates={"fees_notice": date(2022, 8, 22)})
    assert fees.waits_for == "the fee"
    assert answer(fees, KNOWN).due == request().due
    paid = replace(r, dates={"fee_received": date(2022, 8, 4), "id_received": date(2022, 8, 3)})
    assert answer(paid, KNOWN).due == date(2022, 9, 5)


def test_days_left_are_counted_down_and_on_below_nought() -> None:
    r = request("2022-08-01")
    assert r.due == date(2022, 8, 30)
    assert view(r, date(2022, 8, 23), KNOWN).working_days_left == 4
    assert view(r, date(2022, 8, 30), KNOWN).working_days_left == 0
    assert view(r, date(2022, 9, 1), KNOWN).working_days_left == -2


def test_proclaiming_the_funeral_moves_exactly_the_requests_it_should(desk: Desk) -> None:
    ids = {desk.log(r): r for r in RECEIVED}
    done = desk.json("workdays", "proclaim", FUNERAL.isoformat(), "State funeral", "--source", "Gazette notice 4158896")
    assert {m["received_date"]: (m["was"], m["due"]) for m in done["moved"]} == MOVED
    listed = desk.json("foi", "list")["requests"]
    assert {r["received_date"]: r["due"] for r in listed} == {k: v for k, (_, v) in MOVED.items()} | {
        "2022-09-19": "2022-10-17"
    }
    assert desk.json("foi", "recompute")["moved"] == []
    assert len(ids) == 6
    back = desk.json("workdays", "withdraw", FUNERAL.isoformat())
    assert {m["received_date"]: (m["due"], m["was"]) for m in back["moved"]} == MOVED
    assert desk.freeze("log", "verify").code == 0


def test_a_request_goes_from_seen_to_closed_and_every_step_is_logged(desk: Desk) -> None:
    ref = desk.log("2022-09-08", "--account", "libraries-x", "--channel", "mention", "--regime", "not sure")
    assert desk.json("foi", "show", ref)["state"] == "seen"
    assert desk.json("foi", "ack", ref)["state"] == "acknowledged"
    passed = desk.json("foi", "pass-on", ref, "--reference", "IM-7")
    assert (passed["state"], passed["reference"]) == ("passed on", "IM-7")
    done = desk.json("foi", "answer", ref, "--on", "2022-10-10")
    assert (done["state"], done["late_days"]) == ("closed", 4)
    assert desk.json("foi", "list")["requests"] == []
    assert [r["id"] for r in desk.json("foi", "list", "--all")["requests"]] == [ref]
    events = [line["event"] for line in desk.json("log", "export")["log"]]
    assert events[-4:] == ["request.seen", "request.acknowledged", "request.passed-on", "request.answered"]
    assert "is closed" in desk.freeze("foi", "ack", ref).err


def test_the_same_link_is_one_request(desk: Desk) -> None:
    first = desk.json("foi", "log", "--link", "https://example.org/1", "--received", "2022-09-08")
    again = desk.json("foi", "log", "--link", "https://example.org/1", "--received", "2022-09-09")
    assert (first["new"], again["new"], again["id"]) == (True, False, first["id"])
    assert len(desk.json("foi", "list")["requests"]) == 1


def test_without_a_time_a_request_is_received_now_in_london(desk: Desk) -> None:
    desk.at = "2022-09-08T23:30:00+00:00"
    assert desk.json("foi", "log")["received_date"] == "2022-09-09"


def test_the_alarm_is_one_working_day_by_the_desk_and_not_by_scotland(tmp_path: Path, capsys) -> None:  # type: ignore[no-untyped-def]
    desk = Desk(tmp_path, capsys).ready('[requests]\nclosure_days = ["2026-06-16"]\n')
    desk.at = "2026-06-12T09:00"
    assert desk.json("foi", "log", "--received", "2026-06-12")["pass_on_by"] == "2026-06-15"
    assert desk.json("foi", "log", "--received", "2026-06-15")["pass_on_by"] == "2026-06-17"
    desk.at = "2026-06-16T00:30"
    first = desk.json("foi", "list")["requests"][0]
    assert (first["not_passed_on_in_time"], first["overdue"]) == (True, False)
    assert "NOT PASSED ON" in desk.freeze("foi", "list").out


def test_clarification_and_fees_move_the_date_and_show_the_old_one(desk: Desk) -> None:
    ref = desk.log("2022-08-01")
    asked = desk.freeze("foi", "clarify", ref, "--asked", "2022-08-03")
    assert "Waiting for clarification" in asked.out
    came = desk.json("foi", "clarify", ref, "--received", "2022-08-15")
    assert (came["was"], came["due"]) == ("2022-08-30", "2022-09-13")
    assert "before the request" in desk.freeze("foi", "clarify", ref, "--received", "2022-07-15").err
    assert "Say what happened" in desk.freeze("foi", "clarify", ref).err
    sar = desk.log("2022-08-01", "--regime", "sar")
    assert desk.json("foi", "clarify", sar, "--id-received", "2022-08-05")["due"] == "2022-09-05"


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["log", "--received", "2022-02-30"], "is not a date or time"),
        (["log", "--received", "2022-09-08", "--regime", "foisa"], "Scottish"),
        (["log", "--received", "2022-09-08", "--regime", "fio"], 'Did you mean "foi"?'),
        (["show", "r9"], 'There is no request "r9"'),
        (["show", "r" + "9" * 40], "There is no request"),
        (["show", "; drop"], "There is no request"),
        (["close", "r1", "--because", "duplicat"], 'Did you mean "duplicate"?'),
        (["answer", "r1", "--on", "2022-09-01"], "before the request was received"),
    ],
)
def test_bad_input_gets_one_sentence_and_changes_nothing(desk: Desk, args: list[str], says: str) -> None:
    desk.log("2022-09-08")
    before = desk.json("foi", "list", "--all")["requests"]
    said = desk.freeze("foi", *args)
    assert said.code == 2
    assert says in said.err
    assert len(said.err.strip().splitlines()) == 1
    assert desk.json("foi", "list", "--all")["requests"] == before


def test_the_texts_come_from_the_settings_and_the_short_one_fits_x(tmp_path: Path, capsys) -> None:  # type: ignore[no-untyped-def]
    desk = Desk(tmp_path, capsys).ready()
    plain = desk.json("foi", "log", "--received", "2026-06-01")["texts"]
    assert "30 June 2026" in plain["long"]
    assert "Anyshire" in plain["short"]
    assert len(plain["short"]) <= 280
    (tmp_path / "freeze.toml").write_text('[requests]\nacknowledgement_short = "Thanks! By {due}. {council}"\n')
    assert desk.json("foi", "ack", "r1")["texts"]["short"] == "Thanks! By 30 June 2026. The council"
    (tmp_path / "freeze.toml").write_text(f'[requests]\nacknowledgement_short = "{"x" * 281}"\n')
    assert "TOO LONG for X: 281 characters" in desk.freeze("foi", "ack", "r1").out
    (tmp_path / "freeze.toml").write_text('[requests]\nacknowledgement = "By {day}"\n')
    assert "{day} is not known" in desk.freeze("foi", "ack", "r1").err


def test_a_csv_export_cannot_start_a_formula(desk: Desk) -> None:
    desk.log("2022-09-08", "--channel", "=HYPERLINK(1)", "--link", "@SUM(A1)", "--account", " +1")
    desk.log("2022-09-09", "--channel", 'a "quoted", one')
    assert desk.freeze("foi", "list", "--csv", "out.csv").code == 0
    with (desk.folder / "out.csv").open(encoding="utf-8-sig", newline="") as f:
        rows = list(csv.DictReader(f))
    assert (rows[0]["channel"], rows[0]["link"], rows[0]["account"]) == ("'=HYPERLINK(1)", "'@SUM(A1)", "'+1")
    assert rows[1]["channel"] == 'a "quoted", one'
    assert rows[0]["logged_at"] == "2022-09-10T12:00+01:00"
    bad = desk.freeze("foi", "list", "--csv", "no/such/folder.csv")
    assert (bad.code, len(bad.err.strip().splitlines())) == (2, 1)


def test_closed_requests_are_purged_of_what_could_name_somebody(desk: Desk) -> None:
    link = "https://example.org/somebody-real/status/1"
    ref = desk.log("2022-09-08T10:15:42", "--link", link)
    kept = desk.log("2022-09-09", "--link", "https://example.org/open")
    desk.json("foi", "close", ref, "--because", "withdrawn")
    assert desk.json("foi", "purge")["purged"] == []
    desk.at = (NOW + timedelta(days=181)).isoformat()
    assert desk.json("foi", "purge", "--dry-run")["purged"] == [ref]
    assert desk.json("foi", "show", ref)["link"] == link
    assert desk.json("foi", "purge")["purged"] == [ref]
    gone = desk.json("foi", "show", ref)
    assert (gone["link"], gone["received"], gone["due"]) == ("", "2022-09-08", "2022-10-06")
    assert desk.json("foi", "show", kept)["link"] == "https://example.org/open"
    assert "somebody-real" not in json.dumps(desk.json("log", "export"))


def test_settling_the_funeral_shows_the_end_and_every_date_that_moved(council: Practice) -> None:
    def run(*args: str) -> Result:
        return council.freeze(*args)

    assert run("declare", "menai-bridge", "--yes").code == 3
    for received in RECEIVED[:3]:
        assert run("foi", "log", "--received", received).code == 0
    alone = run("resolve-end", "f1", "--funeral", "2022-09-19", "--bank-holiday")
    assert (alone.code, "belong together" in alone.err) == (2, True)
    done = run("resolve-end", "f1", "--funeral", "2022-09-19", "--bank-holiday", "--source", "the Gazette")
    assert "The end is now Tuesday 20 September 2022, 00:00 BST." in done.out
    assert "r2  was due Friday 23 September 2022, now Monday 26 September 2022" in done.out
    again = council.json(
        "resolve-end", "f1", "--funeral", "2022-09-19", "--bank-holiday", "2022-09-19", "--source", "G"
    )
    assert (again["bank_holiday"], again["requests_moved"]) == ("2022-09-19", [])
    found = council.json("check")["findings"]
    mine = [f for f in found if f["policy"] == "information-requests"]
    assert sum("not passed on within one working day" in f["sentence"] for f in mine) == 2
    assert any("the inbox is not paused" in f["sentence"] for f in mine)


def test_due_dates_stand_in_the_calendar_and_its_feed(desk: Desk) -> None:
    desk.log("2022-09-08", "--link", "https://example.org/somebody-real")
    shown = desk.freeze("calendar", "--month", "2022-10")
    assert desk.freeze("calendar", "--ics", "all.ics").code == 0
    assert "Requests for information: answer due: Thursday 6 October 2022" in shown.out
    feed = (desk.folder / "all.ics").read_text("utf-8").replace("\r\n ", "")
    assert "R1: an answer is due by the end of this day" in feed
    assert "somebody-real" not in shown.out + feed


def test_the_nightly_digest_raises_the_alarm(council: Practice) -> None:
    assert council.freeze("foi", "log", "--received", "2022-09-01").code == 0
    council.freeze("nightly", "--once")
    said = (council.folder / "digests" / "communications" / "latest.txt").read_text("utf-8")
    assert "not passed on within one working day" in " ".join(said.split())

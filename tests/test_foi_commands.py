"""The commands about clocks: `foi due` and its batches, `workdays`, `elections`, and what bad input gets."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from counting import Desk

from benchmarks.holidays_table import DATA

CASES = Path(__file__).parent / "data/clock-cases.jsonl"


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Desk:
    return Desk(tmp_path, capsys)


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def one_sentence(err: str) -> bool:
    return len(err.strip().splitlines()) == 1 and "Traceback" not in err


def test_due_needs_neither_settings_nor_a_store(desk: Desk) -> None:
    said = desk.freeze("foi", "due", "--received", "2026-06-01")
    assert (said.code, said.err) == (0, "")
    assert said.out.splitlines()[0] == "Due by the end of Tuesday 30 June 2026."
    assert "Monday 15 June 2026, World Cup bank holiday (Scotland)" in said.out
    assert "19-20   Mon 29, Tue 30 June 2026" in said.out
    assert list(desk.folder.iterdir()) == []


def test_due_as_json_has_the_documented_keys_inside_the_usual_envelope(desk: Desk) -> None:
    said = desk.json("foi", "due", "--received", "2026-06-01", "--regime", "eir")
    assert list(said)[:3] == ["schema", "command", "exit"]
    assert (said["schema"], said["regime"], said["due"]) == ("freeze/1", "eir", "2026-06-30")
    assert said["skipped"] == [{"date": "2026-06-15", "title": "World Cup bank holiday", "nations": ["Scotland"]}]
    keys = [
        "regime",
        "received",
        "received_date",
        "due",
        "safe_target",
        "working_days",
        "skipped",
        "rule",
        "provisional",
        "notes",
    ]
    assert list(said)[3:] == keys


def test_a_batch_answers_every_published_case_in_order(desk: Desk) -> None:
    said = desk.freeze("foi", "due", "--batch", str(CASES))
    given = lines(CASES.read_text("utf-8"))
    assert said.code == 0
    assert [a["due"] for a in lines(said.out)] == [c["expected_due"] for c in given]
    assert all(list(a)[3] == "due" and "schema" not in a for a in lines(said.out))
    assert desk.freeze("foi", "due", "--batch", str(CASES), "--json").out == said.out


def test_a_batch_goes_on_after_bad_lines_and_ends_with_two(desk: Desk) -> None:
    bad = [
        '{"regime": "foi", "received": "2026-02-30"}',
        "not json",
        "[1]",
        '{"regime": "foi"}',
        '{"regime": "foisa", "received": "2026-06-01"}',
        '{"regime": "foi-fees", "received": "2026-06-01"}',
        '{"regime": "foi", "received": "2026-03-29T01:30"}',
        '{"regime": "foi-clarified", "received": "2026-06-01", "params": {"clarification_recieved": "2026-06-08"}}',
        '{"regime": "foi-clarified", "received": "2026-06-01", "params": {"clarification_received": 8}}',
        '{"regime": "pre-election-local", "received": "2026-05-07", "params": {"working_days_before_poll": "25"}}',
        '{"regime": 4, "received": "2026-06-01"}',
        '{"regime": "foi", "received": "2026-06-01", "params": [1]}',
        "[" * 100_000,
        '{"regime": "foi", "received": "\\ud800"}',
    ]
    good = '{"regime": "foi", "received": "2026-06-01"}'
    path = desk.folder / "batch.jsonl"
    path.write_bytes("\n".join(["\ufeff" + good, *bad[:6], "", *bad[6:]]).encode() + b"\n\xff\xfe\n" + good.encode())
    said = desk.freeze("foi", "due", "--batch", str(path))
    answers = lines(said.out)
    assert said.code == 2
    assert len(answers) == len(bad) + 3
    assert answers[0]["due"] == answers[-1]["due"] == "2026-06-30"
    wrong = answers[1:-1]
    assert all(a["error"] and a["due"] is None for a in wrong)
    assert wrong[0]["line"] == 2
    assert "2026-02-30" in wrong[0]["error"]
    assert 'Did you mean "clarification_received"?' in wrong[7]["error"]


def test_a_batch_that_is_not_there_is_one_sentence(desk: Desk) -> None:
    said = desk.freeze("foi", "due", "--batch", "nowhere.jsonl")
    assert said.code == 2
    assert one_sentence(said.err)


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["foi", "due"], "Say when it arrived"),
        (["foi", "due", "--received", "2026-02-30"], "is not a date or time"),
        (["foi", "due", "--received", "2026-03-29T01:30"], "does not exist"),
        (["foi", "due", "--received", "2026-06-01", "--regime", "foisa"], "Scottish"),
        (["foi", "due", "--received", "2026-06-01", "--regime", "fio"], 'Did you mean "foi"?'),
        (["foi", "due", "--received", "2026-06-10", "--clarified", "2026-06-01"], "before the request was received"),
        (["foi", "due", "--received", "2026-06-10", "--fees-notice", "2026-06-12"], "the fee came"),
        (["foi", "dew"], 'Did you mean "due"?'),
        (["workdays", "add", "2026-06-01", "-5"], "-5 working days cannot be counted"),
        (["workdays", "add", "2026-06-31", "5"], "is not a date"),
        (["workdays", "add", "1999-06-30", "5"], "calendar of working days"),
        (["workdays", "add", "2026-06-01", "5", "--nation", "scotlnd"], 'Did you mean "scotland"?'),
        (["workdays", "count", "2026-06-30", "2026-06-01"], "not counted backwards"),
        (["workdays", "list", "1066"], "no calendar for the year 1066"),
        (["elections", "notice", "--poll", "2026-02-30"], "is not a date"),
        (["elections", "notice", "--poll", "2026-05-07", "--kind", "genral"], 'Did you mean "general"?'),
        (["elections", "notice", "--poll", "2026-05-07", "--days", "-4"], "-4 working days"),
    ],
)
def test_bad_input_gets_one_sentence_and_exit_two(desk: Desk, args: list[str], says: str) -> None:
    said = desk.freeze(*args)
    assert said.code == 2
    assert says in said.err
    assert one_sentence(said.err)
    assert said.out == ""


def test_midnight_in_summer_and_the_hour_that_happens_twice(desk: Desk) -> None:
    assert desk.json("foi", "due", "--received", "2026-06-30T23:30:00Z")["received_date"] == "2026-07-01"
    twice = desk.json("foi", "due", "--received", "2026-10-25T01:30")
    assert twice["exit"] == 0
    assert any("ambiguous" in n for n in twice["notes"])
    assert any("Europe/London" in n for n in twice["notes"])


def test_dates_given_with_options_make_the_regime_more_exact(desk: Desk) -> None:
    fees = desk.json(
        "foi", "due", "--received", "2026-09-01", "--fees-notice", "2026-09-07", "--fee-received", "2026-09-21"
    )
    assert (fees["regime"], fees["due"]) == ("foi-fees", "2026-10-14")
    clear = desk.json("foi", "due", "--received", "2026-09-01", "--clarified", "2026-09-14T10:00")
    assert (clear["regime"], clear["due"]) == ("foi-clarified", "2026-10-12")
    assert any("Europe/London" in n for n in clear["notes"])
    assert desk.json("foi", "due", "--received", "2026-10-17", "--code-reading")["due"] == "2026-11-16"


def test_old_data_is_said_to_be_old(desk: Desk) -> None:
    desk.at = "2027-06-01T09:00"
    assert "compared with gov.uk" in desk.json("foi", "due", "--received", "2027-06-01")["notes"][-1]
    assert "workdays refresh" in desk.freeze("workdays", "add", "2027-06-01", "20").out


def test_workdays_add_count_and_list_agree(desk: Desk) -> None:
    assert desk.json("workdays", "add", "2026-06-01", "20")["date"] == "2026-06-30"
    assert desk.json("workdays", "add", "2026-06-01", "20", "--nation", "england")["date"] == "2026-06-29"
    assert desk.json("workdays", "count", "2026-06-01", "2026-06-30")["working_days"] == 20
    scotland = desk.json("workdays", "list", "2026", "--nation", "scotland")["holidays"]
    assert len(scotland) == 10
    assert {
        "date": "2026-06-15",
        "title": "World Cup bank holiday",
        "nations": ["Scotland"],
        "source": "gov.uk",
    } in scotland
    assert desk.json("workdays", "list", "2030")["provisional"] is True


def test_an_election_notice_is_said_to_be_the_latest_possible(desk: Desk) -> None:
    said = desk.freeze("elections", "notice", "--poll", "2027-05-06")
    assert said.code == 0
    assert said.out.startswith("Latest possible start: Wednesday 31 March 2027.")
    alike = desk.json("foi", "due", "--regime", "pre-election-local", "--received", "2027-05-06")
    assert (alike["due"], alike["working_days"]) == ("2027-03-31", 25)
    general = desk.json("elections", "notice", "--poll", "2024-07-04", "--kind", "general")
    assert (general["latest_possible_start"], general["working_days"]) == ("2024-06-04", 22)


def test_a_proclaimed_day_moves_every_later_answer(desk: Desk) -> None:
    desk.ready()
    proclaim = ["workdays", "proclaim", "2027-06-09", "Day of the funeral", "--source", "the Gazette"]
    desk.at = "2027-06-01T12:00"
    assert desk.json("foi", "due", "--received", "2027-05-20")["due"] == "2027-06-18"
    done = desk.freeze(*proclaim)
    assert done.code == 0
    assert "No open request for information moved." in done.out
    after = desk.json("foi", "due", "--received", "2027-05-20")
    assert (after["due"], after["safe_target"]) == ("2027-06-21", "2027-06-18")
    assert "already" in desk.freeze(*proclaim).out
    assert desk.json("elections", "notice", "--poll", "2027-07-01")["due"] < "2027-05-27"
    assert desk.freeze("workdays", "withdraw", "2027-06-09").code == 0
    assert desk.json("foi", "due", "--received", "2027-05-20")["due"] == "2027-06-18"


def test_a_day_of_one_nation_or_one_only_appointed_counts_where_it_should(desk: Desk) -> None:
    desk.ready()
    desk.freeze("workdays", "proclaim", "2027-06-09", "A day", "--source", "S", "--nation", "scotland")
    assert desk.json("workdays", "add", "2027-06-08", "1")["date"] == "2027-06-10"
    assert desk.json("workdays", "add", "2027-06-08", "1", "--nation", "england")["date"] == "2027-06-09"
    desk.freeze("workdays", "proclaim", "2027-06-16", "Thanksgiving", "--source", "S", "--appointed")
    assert desk.json("workdays", "add", "2027-06-15", "1")["date"] == "2027-06-16"
    assert "Thanksgiving" in str(desk.json("elections", "notice", "--poll", "2027-07-01")["skipped"])


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["proclaim", "2027-06-12", "Saturday", "--source", "S"], "not a working day anyway"),
        (["proclaim", "2027-06-31", "No day", "--source", "S"], "is not a date"),
        (["proclaim", "2027-06-09", "X", "--source", "S", "--nation", "cornwall"], "no nation"),
        (["withdraw", "2027-06-09"], "no bank holiday there"),
        (["refresh", "nowhere.json"], "cannot be read"),
        (["refresh", "http://example.org/x.json"], "not a safe address"),
    ],
)
def test_changes_that_cannot_be_meant_are_refused(desk: Desk, args: list[str], says: str) -> None:
    desk.ready()
    said = desk.freeze("workdays", *args)
    assert said.code == 2
    assert says in said.err
    assert one_sentence(said.err)


def changed_data(desk: Desk) -> Path:
    data = json.loads(DATA.read_text("utf-8"))
    for nation in data.values():
        nation["events"] = [e for e in nation["events"] if e["date"] >= "2019" and e["date"] != "2027-05-03"]
        nation["events"].append({"title": "Early May bank holiday (moved)", "date": "2027-05-07", "notes": ""})
        nation["events"] += [{"title": f"Day {n}", "date": f"2029-0{n}-01", "notes": ""} for n in range(1, 10)]
    path = desk.folder / "new.json"
    path.write_text(json.dumps(data), encoding="utf-8")
    return path


def test_a_refresh_adds_at_once_but_takes_a_day_away_only_when_told(desk: Desk) -> None:
    desk.ready()
    path = str(changed_data(desk))
    first = desk.json("workdays", "refresh", path)
    assert first["exit"] == 1
    assert "2027-05-07" in [c["date"] for c in first["new"]]
    assert first["not_in_new_data"][0]["date"] == "2027-05-03"
    assert len(first["disagreements"]) > 0
    assert desk.json("workdays", "add", "2027-04-30", "1")["date"] == "2027-05-04"
    assert desk.json("workdays", "add", "2029-06-01", "1")["provisional"] is False
    again = desk.json("workdays", "refresh", path, "--drop", "2027-05-03")
    assert [c["date"] for c in again["dropped"]] == ["2027-05-03"]
    assert again["new"] == []
    assert desk.json("workdays", "add", "2027-04-30", "1")["date"] == "2027-05-03"
    assert desk.json("workdays", "add", "2015-12-24", "1")["date"] == "2015-12-29"  # years the file left out stay
    assert desk.freeze("log", "verify").code == 0


def test_a_year_that_is_only_begun_is_merged_but_still_provisional(desk: Desk) -> None:
    desk.ready()
    data = json.loads(DATA.read_text("utf-8"))
    data["scotland"]["events"].append({"title": "A day", "date": "2029-03-01", "notes": ""})
    (desk.folder / "new.json").write_text(json.dumps(data), encoding="utf-8")
    done = desk.json("workdays", "refresh", "new.json")
    assert (done["exit"], done["years"], done["not_in_new_data"]) == (0, [2011, 2028], [])
    after = desk.json("workdays", "add", "2029-02-28", "1")
    assert (after["date"], after["provisional"]) == ("2029-03-02", True)


def test_the_shipped_data_has_nothing_to_add_to_itself(desk: Desk) -> None:
    desk.ready()
    said = desk.freeze("workdays", "refresh", str(DATA))
    assert said.code == 0
    assert "Nothing new." in said.out


@pytest.mark.parametrize("content", ["", "<html>", "[]", '{"england-and-wales": {"events": []}}'])
def test_a_file_that_is_not_gov_uks_changes_nothing(desk: Desk, content: str) -> None:
    desk.ready()
    (desk.folder / "x.json").write_text(content, encoding="utf-8")
    said = desk.freeze("workdays", "refresh", "x.json")
    assert said.code == 2
    assert one_sentence(said.err)


@pytest.fixture
def address() -> Iterator[str]:
    """gov.uk's file at an address on this machine."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = self.path == "/bank-holidays.json"
            self.send_response(200 if found else 404)
            self.end_headers()
            if found:
                self.wfile.write(DATA.read_bytes())

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_refresh_can_read_an_address(desk: Desk, address: str) -> None:
    desk.ready()
    assert desk.json("workdays", "refresh", f"{address}/bank-holidays.json")["years"] == [2011, 2028]
    missing = desk.freeze("workdays", "refresh", f"{address}/other.json")
    assert missing.code == 5
    assert one_sentence(missing.err)


def test_a_store_named_by_the_environment_counts_too(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FREEZE_STORE__URL", "elsewhere.db")
    desk.ready()
    desk.freeze("workdays", "proclaim", "2027-06-09", "A day", "--source", "S")
    assert desk.json("workdays", "add", "2027-06-08", "1")["date"] == "2027-06-10"
    monkeypatch.delenv("FREEZE_STORE__URL")
    assert desk.json("workdays", "add", "2027-06-08", "1")["date"] == "2027-06-09"


def test_a_broken_store_is_named_and_never_passed_over(desk: Desk) -> None:
    (desk.folder / "freeze.db").write_bytes(b"this is no database" * 100)
    said = desk.freeze("foi", "due", "--received", "2026-06-01")
    assert said.code == 5
    assert one_sentence(said.err)

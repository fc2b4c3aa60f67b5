"""`freeze events`: import, list, remove; and what a check and the calendar then say."""

from __future__ import annotations

from pathlib import Path

from conftest import Practice
from practising import SITE, Making, at, hamlet
from test_event_files import ics

COUNCIL = (
    "SUMMARY:Full council\nCATEGORIES:Meeting\nDTSTART;TZID=Europe/London:20220912T180000\n"
    "DTEND;TZID=Europe/London:20220912T210000\nRRULE:FREQ=WEEKLY;COUNT=3"
)
ODD = "SUMMARY:Odd one\nDTSTART;TZID=Nowhere/City:20220912T180000"


def save(p: Practice, *events: str, name: str = "meetings.ics") -> Path:
    path: Path = p.folder / name
    path.write_bytes(ics(*events))
    return path


def test_from_a_file_to_a_conflict_the_calendar_and_back(practice: Making) -> None:
    post = SITE | {"text": "Story time", "title": "Story time", "at": at("2022-09-12T19:00")}
    p = hamlet(practice, at("2022-09-08T18:00"), post)
    save(p, COUNCIL)
    done = p.freeze("events", "import", "meetings.ics", "--kind", "Full Council")
    assert (done.code, done.out) == (0, "meetings.ics: 3 occurrences on the shared calendar.\n")

    listed = p.freeze("events", "list")
    assert "Monday 12 September 2022, 18:00 to 21:00 BST  full council  Full council" in listed.out
    assert "meetings.ics  3 occurrences  to Monday 26 September 2022" in listed.out

    (found,) = (f for f in p.json("check")["findings"] if f["policy"] == "events")
    assert (found["level"], found["clause"]) == ("note", "4.2")
    assert "During Full council (full council), Monday 12 September 2022, 18:00 to 21:00 BST" in found["sentence"]

    with (p.folder / "freeze.toml").open("a", encoding="utf-8") as f:
        f.write('\n[policies.events]\nconflicts = { "full council" = "conflict" }\n')
    checked = p.json("check")
    assert checked["exit"] == 1
    (found,) = (f for f in checked["findings"] if f["policy"] == "events")
    assert (found["level"], found["account"]) == ("conflict", checked["posts"][0]["account"])

    assert "Shared calendar" in p.freeze("calendar", "--month", "2022-09").out

    assert p.json("events", "remove", "meetings.ics")["removed"] == 3
    assert [f for f in p.json("check")["findings"] if f["policy"] == "events"] == []
    assert p.freeze("log", "verify", on_clock=False).code == 0


def test_importing_again_takes_the_place_of_what_was_there(practice: Making) -> None:
    p = hamlet(practice, at("2022-09-08T18:00"))
    save(p, COUNCIL)
    assert p.json("events", "import", "meetings.ics")["occurrences"] == 3
    save(p, COUNCIL.replace("COUNT=3", "COUNT=2"))
    again = p.json("events", "import", "meetings.ics")
    assert (again["occurrences"], again["before"]) == (2, 3)
    assert p.json("events", "import", "meetings.ics", "--source", "other")["before"] == 0
    assert [s["source"] for s in p.json("events", "list")["sources"]] == ["meetings.ics", "other"]


def test_what_cannot_be_used_is_named_and_the_rest_is_taken(practice: Making) -> None:
    p = hamlet(practice, at("2022-09-08T18:00"))
    save(p, COUNCIL, ODD)
    done = p.freeze("events", "import", "meetings.ics")
    assert done.code == 2
    assert "3 occurrences" in done.out
    assert 'Odd one: its time zone "Nowhere/City" is not known' in done.out

    save(p, ODD)
    done = p.freeze("events", "import", "meetings.ics")
    assert done.code == 2
    assert "What was imported before stays as it is." in done.err
    assert len(p.json("events", "list")["events"]) == 3


def test_bad_files_and_names_are_said_and_change_nothing(practice: Making) -> None:
    p = hamlet(practice, at("2022-09-08T18:00"))
    assert "Nothing is on the shared calendar" in p.freeze("events", "list").out
    big = p.folder / "big.ics"
    with big.open("wb") as f:
        f.truncate(50_000_000)
    (p.folder / "page.ics").write_text("<html>Sign in</html>")
    for file, says in (
        ("big.ics", "50,000,000 bytes; at most 5,000,000"),
        ("page.ics", "is no calendar"),
        ("none.ics", "No such file"),
        ("..", "cannot be read"),
    ):
        done = p.freeze("events", "import", file)
        assert (done.code, done.out) == (2, ""), file
        assert says in done.err
    done = p.freeze("events", "remove", "meetings.ics")
    assert done.code == 2
    assert 'No calendar "meetings.ics" was imported.' in done.err

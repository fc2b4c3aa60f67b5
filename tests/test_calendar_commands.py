"""`freeze calendar` by the words people type, and the files that the nightly job writes for the services."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import icalendar
import pytest
from conftest import Practice
from practising import PAGE, SITE, Making, at, hamlet, put_back, ref, schedule

import adapters
import policies
from freeze.acts.app import App
from freeze.acts.calendars import write_calendars

EVENING = at("2022-09-08T18:40")
SECRETS = ("menai", "london bridge", "london-bridge", "royal", "mourning", "clause", "queen", "f1)")


@pytest.fixture
def village(practice: Making) -> Practice:
    """A post inside a pause to come on each of two accounts, and one behind it."""
    return hamlet(
        practice,
        EVENING,
        {**SITE, "at": at("2022-09-12T10:00"), "text": "site soon"},
        {**PAGE, "at": at("2022-09-12T10:30"), "text": "page soon"},
        {**SITE, "at": at("2022-09-28T09:00"), "text": "site later"},
    )


def stands(p: Practice, *args: str) -> dict[str, str]:
    """How each post of the month stands, by its words."""
    found = p.json("calendar", *args)
    assert found["exit"] == 0, found
    return {post["text"]: post["stands"] for day in found["days"] for post in day["posts"]}


def declare(p: Practice, *args: str) -> None:
    """Pause everything; what waits for a person is not what these tests are about."""
    assert p.json("declare", "menai-bridge", "--yes", *args)["exit"] in (0, 3)


def events(p: Practice, *args: str) -> dict[str, Any]:
    """The events of a fresh feed that are not bank holidays, by the words behind the account."""
    assert p.freeze("calendar", *args, "--ics", "feed.ics").code == 0
    calendar = icalendar.Calendar.from_ical((p.folder / "feed.ics").read_bytes())
    found = [e for e in calendar.walk("VEVENT") if e["categories"].to_ical() != b"Bank holiday"]
    return {str(e["summary"]).split(": ")[-1]: e for e in found}


def test_the_month_shows_what_is_held_what_is_missed_and_what_is_to_come(village: Practice) -> None:
    assert stands(village) == {"site soon": "scheduled", "page soon": "scheduled", "site later": "scheduled"}
    declare(village)
    assert stands(village) == {"site soon": "held", "page soon": "held", "site later": "scheduled"}
    village.clock(at("2022-09-13T09:00"))
    village.freeze("sync", "--enforce")
    assert stands(village)["site soon"] == "time has passed"
    said = village.freeze("calendar").out
    assert "To look at: 2 whose time has passed (M)." in said
    assert "= Royal death (f1)" in said
    assert "Monday 19 September 2022" in said


def test_what_a_service_may_read_never_says_what_a_quiet_pause_is_about(village: Practice) -> None:
    declare(village, "--reason", "The Queen")
    files = ("--ics", "s.ics", "--html", "s.html")
    for args in (("--service", "communications"), ("--service", "communications", "--json")):
        said = village.freeze("calendar", *args).out
        assert "Publishing pause" in said
        assert [s for s in SECRETS if s in said.lower()] == []
    assert village.freeze("calendar", *files).code == 0
    for name in ("s.ics", "s.html"):
        said = (village.folder / name).read_text(encoding="utf-8").replace("\r\n ", "")
        assert "Publishing pause" in said
        assert [s for s in SECRETS if s in said.lower()] == []


def test_a_feed_follows_a_pause_that_is_extended_and_undone(village: Practice) -> None:
    declare(village, "--until", "2022-09-20T00:00")
    first = events(village)
    assert village.freeze("extend", "f1", "--until", "2022-09-22T00:00").code in (0, 3)
    longer = events(village)
    assert village.freeze("undo", "f1").code in (0, 3)
    undone = events(village)
    was, now, then = (e["Publishing pause"] for e in (first, longer, undone))
    assert was["uid"] == now["uid"] == then["uid"]
    assert now["sequence"] > was["sequence"]
    assert now.end == at("2022-09-22T00:00")
    assert then["sequence"] > now["sequence"]
    assert (then["status"], then["summary"]) == ("CANCELLED", "CANCELLED: Publishing pause")
    assert first["site soon"]["uid"] == undone["site soon"]["uid"]


def test_a_feed_that_nothing_happened_to_stays_byte_for_byte_the_same_but_for_when_it_was_made(
    village: Practice,
) -> None:
    events(village)
    one = (village.folder / "feed.ics").read_bytes()
    village.clock(advance=timedelta(minutes=7))
    events(village)
    two = (village.folder / "feed.ics").read_bytes()
    assert one != two
    cut = b"BEGIN:VTIMEZONE"
    assert one[one.index(cut) :] == two[two.index(cut) :]


def test_every_service_gets_a_page_and_a_feed_under_a_lasting_name(council: Practice, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    now = council.now()
    app = App(adapters, policies, lambda: now, str(council.folder / "freeze.toml"))
    try:
        written = write_calendars(app, folder)
        again = write_calendars(app, folder)
    finally:
        app.close()
    assert written == again
    assert sorted(p for p in folder.rglob("*") if p.is_file()) == sorted(written), "nothing else is left behind"
    names = {p.relative_to(folder).as_posix() for p in written}
    assert {"libraries/calendar.html", "libraries/calendar.ics", "fire-and-rescue/calendar.ics"} <= names
    page = (folder / "libraries" / "calendar.html").read_text(encoding="utf-8")
    assert "Anyshire Libraries" in page
    assert "Anyshire Highways" not in page
    feed = icalendar.Calendar.from_ical((folder / "libraries" / "calendar.ics").read_bytes())
    assert len(feed.walk("VEVENT")) > 5
    assert "Highways" not in str(feed.to_ical())


def test_a_post_that_somebody_allowed_and_put_back_is_shown_as_allowed(village: Practice) -> None:
    declare(village)
    post = ref(village, "site soon")
    assert village.freeze("allow", post, "--freeze", "f1", "--reason", "a flood").code in (0, 3)
    put_back(village)
    assert stands(village) == {"site soon": "allowed", "page soon": "held", "site later": "scheduled"}


def test_the_nightly_job_writes_every_service_its_calendar(council: Practice) -> None:
    night = council.freeze("nightly", "--once")
    assert "Traceback" not in night.err
    page = council.folder / "digests" / "services" / "libraries" / "calendar.html"
    assert "libraries: September 2022" in page.read_text(encoding="utf-8")
    assert page.with_suffix(".ics").read_bytes().startswith(b"BEGIN:VCALENDAR")


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["--service", "highway"], 'There is no service "highway". Did you mean "highways"?'),
        (["--month", "2022-13"], 'There is no month "2022-13".'),
        (["--month", "soon"], '"soon" is not a month. Write it like 2026-10.'),
        (["--html", "no/such/folder.html"], "no/such/folder.html cannot be written"),
        (["--ics", "."], "cannot be written"),
    ],
)
def test_a_calendar_that_cannot_be_made_is_refused_in_a_sentence(village: Practice, args: list[str], said: str) -> None:
    answer = village.freeze("calendar", *args)
    assert answer.code == 2
    assert said in answer.err
    assert "Traceback" not in answer.err
    assert list(village.folder.glob(".*")) == []


def test_an_old_export_is_said_and_nothing_is_concluded_from_it(council: Practice) -> None:
    assert council.freeze("calendar").code == 0
    council.clock(advance=timedelta(hours=11))
    answer = council.freeze("calendar", "--service", "libraries", "--html", "l.html")
    assert answer.code == 5
    assert "orlo NOT SEEN SINCE Thursday 8 September 2022, 04:39 BST" in answer.out
    assert "orlo NOT SEEN SINCE" in (council.folder / "l.html").read_text(encoding="utf-8")


def test_a_rule_that_fails_is_named_and_the_calendar_is_there_all_the_same(
    village: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    from policies import royal_death

    def broken(*_: object) -> object:
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr(royal_death, "windows", broken, raising=False)
    answer = village.freeze("calendar")
    assert answer.code == 5
    assert "The rule royal-death could not say when it holds: ZeroDivisionError" in answer.out
    assert "site soon" in answer.out


def test_what_a_colleague_schedules_later_comes_onto_the_calendar_with_the_next_reading(village: Practice) -> None:
    schedule(village, **SITE, at=at("2022-09-29T09:00"), text="added")
    assert "added" not in stands(village)
    assert village.freeze("sync").code == 0
    assert stands(village)["added"] == "scheduled"

"""Reading calendar files: repetition, zones, whole days, and everything that is left out and said."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from freeze.errors import UsageError
from freeze.files import events as event_files
from freeze.files.events import Contents, read
from freeze.windows import say

NOW = datetime(2026, 10, 1, 8, 0, tzinfo=UTC)


def ics(*events: str, head: str = "", tail: str = "") -> bytes:
    """A calendar of events, each given as its lines."""
    body = "".join(f"BEGIN:VEVENT\nUID:{n}\n{e.strip()}\nEND:VEVENT\n" for n, e in enumerate(events))
    return f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:test\n{head}{body}{tail}END:VCALENDAR\n".replace(
        "\n", "\r\n"
    ).encode()


def of(*events: str, kind: str = "", head: str = "") -> Contents:
    return read(ics(*events, head=head), NOW, "meetings.ics", kind)


def times(found: Contents) -> list[str]:
    return [e.window.civil for e in found.events]


TEN = "DTSTART;TZID=Europe/London:20261019T100000\nDTEND;TZID=Europe/London:20261019T113000"
THREE = f"{TEN}\nRRULE:FREQ=WEEKLY;COUNT=3"
MINE = (
    "BEGIN:VTIMEZONE\nTZID:Custom\nBEGIN:STANDARD\nDTSTART:19700101T000000\nTZOFFSETFROM:+0300\nTZOFFSETTO:+0300\n"
    "END:STANDARD\nEND:VTIMEZONE\n"
)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (TEN, ["Monday 19 October 2026, 10:00 to 11:30 BST"]),
        # Repeated across the night on which the clocks go back: ten o'clock stays ten o'clock.
        (
            THREE,
            [
                "Monday 19 October 2026, 10:00 to 11:30 BST",
                "Monday 26 October 2026, 10:00 to 11:30 GMT",
                "Monday 2 November 2026, 10:00 to 11:30 GMT",
            ],
        ),
        (
            f"{THREE}\nEXDATE;TZID=Europe/London:20261026T100000",
            ["Monday 19 October 2026, 10:00 to 11:30 BST", "Monday 2 November 2026, 10:00 to 11:30 GMT"],
        ),
        (
            f"{TEN}\nRDATE;TZID=Europe/London:20261021T090000",
            ["Monday 19 October 2026, 10:00 to 11:30 BST", "Wednesday 21 October 2026, 09:00 to 10:30 BST"],
        ),
        ("DTSTART:20261019T100000Z\nDURATION:PT45M", ["Monday 19 October 2026, 11:00 to 11:45 BST"]),
        ("DTSTART:20261019T100000\nDTEND:20261019T110000", ["Monday 19 October 2026, 10:00 to 11:00 BST"]),
        ("DTSTART;TZID=GMT Standard Time:20261019T100000", ["Monday 19 October 2026, 10:00 to 11:00 BST"]),
        ("DTSTART;TZID=America/New_York:20261019T100000", ["Monday 19 October 2026, 15:00 to 16:00 BST"]),
        ("DTSTART;VALUE=DATE:20261019", ["Monday 19 October 2026, all day"]),
        (
            "DTSTART;VALUE=DATE:20261024\nDTEND;VALUE=DATE:20261027",
            ["Saturday 24 October 2026 to Monday 26 October 2026, all day"],
        ),
        (
            "DTSTART;TZID=Europe/London:20261019T220000\nDTEND;TZID=Europe/London:20261020T020000",
            ["Monday 19 October 2026, 22:00 to Tuesday 20 October 2026, 02:00 BST"],
        ),
        (f"{TEN}\nSTATUS:CANCELLED", []),
        ("DTSTART:20200101T100000Z", []),
    ],
)
def test_when_an_event_is(lines: str, expected: list[str]) -> None:
    found = of(lines)
    assert (times(found), found.left) == (expected, ())


def test_whole_days_last_from_midnight_to_midnight_in_london() -> None:
    (e,) = of("DTSTART;VALUE=DATE:20261025").events
    assert (say(e.window.start), say(e.window.end)) == (
        "Sunday 25 October 2026, 00:00 BST",
        "Monday 26 October 2026, 00:00 GMT",
    )


def test_one_of_a_series_may_be_moved_or_cancelled() -> None:
    moved = "UID:s\nRECURRENCE-ID;TZID=Europe/London:20261026T100000\nDTSTART;TZID=Europe/London:20261027T140000"
    off = f"UID:s\nRECURRENCE-ID;TZID=Europe/London:20261102T100000\n{TEN.replace('1019', '1102')}\nSTATUS:CANCELLED"
    content = ics(f"UID:s\n{THREE}", moved, off)
    for n in range(3):
        content = content.replace(f"UID:{n}\r\n".encode(), b"")
    assert times(read(content, NOW, "x")) == [
        "Monday 19 October 2026, 10:00 to 11:30 BST",
        "Tuesday 27 October 2026, 14:00 to 15:00 GMT",
    ]


def test_a_zone_that_the_file_itself_describes_is_known() -> None:
    found = of("DTSTART;TZID=Custom:20261019T100000", head=MINE)
    assert times(found) == ["Monday 19 October 2026, 08:00 to 09:00 BST"]


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        ("DTSTART;TZID=Nowhere/City:20261019T100000", 'its time zone "Nowhere/City" is not known'),
        (f"{THREE}\nEXDATE;TZID=Else:20261026T100000", 'its time zone "Else" is not known'),
        ("DTSTART:20261019T100000Z\nDTEND:20261019T090000Z", "it ends before it starts"),
        ("DTSTART:20261019T100000Z\nDTEND;VALUE=DATE:20261020", "it ends before it starts"),
        ("DTSTART:20261019T100000Z\nDURATION:-PT1H", "it ends before it starts"),
        ("DESCRIPTION:none", "it says no start"),
        ("DTSTART:some time soon", "cannot be understood"),
        ("DTSTART:20261019T100000Z\nRRULE:FREQ=FORTNIGHTLY", "cannot be understood"),
        ("DTSTART:20261019T100000Z\nRRULE:FREQ=SECONDLY;COUNT=1000000", "it comes back more often"),
        ("DTSTART:20261019T100000Z\nRRULE:FREQ=HOURLY", "it comes back more often"),
        (
            f"DTSTART:20261019T100000Z\nRRULE:FREQ=DAILY;BYHOUR=1,2;BYMINUTE={','.join(map(str, range(60)))}",
            "it comes back more often",
        ),
        ("DTSTART:20261019T100000Z\nRRULE:FREQ=DAILY;INTERVAL=0", "it comes back after no time"),
    ],
)
def test_what_cannot_be_used_is_left_out_and_named_and_the_rest_is_taken(lines: str, why: str) -> None:
    found = of(f"SUMMARY:Odd one\n{lines}", f"SUMMARY:Fine\n{TEN}")
    assert [e.title for e in found.events] == ["Fine"]
    (left,) = found.left
    assert left.title == "Odd one"
    assert why in left.why


def test_a_million_recurrences_are_taken_only_for_the_time_that_matters() -> None:
    found = of("DTSTART:20260101T100000Z\nRRULE:FREQ=DAILY;COUNT=1000000")
    assert len(found.events) == (event_files.BEHIND + event_files.AHEAD).days
    assert found.left == ()


def test_more_occurrences_than_one_file_may_give_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_files, "MOST", 10)
    found = of("DTSTART:20261001T100000Z\nRRULE:FREQ=DAILY;COUNT=25")
    assert (len(found.events), found.over) == (10, 15)
    assert found.events[0].window.start == datetime(2026, 10, 1, 10, 0, tzinfo=UTC)


def test_series_that_take_too_long_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_files, "SECONDS", -1.0)
    assert "took too long" in of(TEN).left[0].why


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"x" * (event_files.LARGEST + 1), "at most 5,000,000 are read"),
        (b"", "is no calendar"),
        (b"<html>Sign in</html>", "is no calendar"),
        (b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:\xff\xfe\r\n", "is not UTF-8"),
        (b"BEGIN:VCALENDAR\r\nno colon here\r\nEND:VEVENT\r\n", "broken calendar"),
    ],
)
def test_a_file_that_is_no_calendar_is_refused(content: bytes, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        read(content, NOW, "meetings.ics")


@pytest.mark.parametrize(
    ("lines", "kind", "expected"),
    [
        ("CATEGORIES:Full Council,Public", "", "full council"),
        ("CATEGORIES:Full Council\nCATEGORIES:Public", "", "full council"),
        ("CATEGORIES:Red category", "Full  Council", "full council"),
        ("", "", "event"),
        ("CATEGORIES:", "", "event"),
    ],
)
def test_the_kind_is_what_is_given_else_the_first_category(lines: str, kind: str, expected: str) -> None:
    assert [e.kind for e in of(f"{TEN}\n{lines}", kind=kind).events] == [expected]


def test_titles_are_one_line_without_what_could_move_a_cursor() -> None:
    (e,) = of(f"SUMMARY:a\\nb\x1b[31m{'c' * 900}\n{TEN}").events
    assert e.title.startswith("a b [31mccc")
    assert len(e.title) == event_files.WORDS


def test_the_same_event_twice_in_a_file_is_one_and_what_lies_outside_is_counted() -> None:
    found = of(f"SUMMARY:a\n{TEN}", f"SUMMARY:a\n{TEN}", "DTSTART:20100101T100000Z", f"{TEN}\nSTATUS:CANCELLED")
    assert (len(found.events), found.outside, found.cancelled) == (1, 1, 1)


def test_a_calendar_that_takes_its_events_back_gives_none() -> None:
    found = of(TEN, head="METHOD:CANCEL\n")
    assert (found.events, found.cancelled) == ((), 1)


def test_ten_years_of_daily_events_from_long_ago_are_quick() -> None:
    found = of(*(f"SUMMARY:{n}\nDTSTART:20160101T{n:02}0000Z\nRRULE:FREQ=DAILY" for n in range(5)))
    assert len(found.events) >= 5 * 460 - 5
    assert max(e.window.start for e in found.events) < NOW + timedelta(days=400)

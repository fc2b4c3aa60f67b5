"""Pre-election periods: the last day for the notice of election, against the timetables that were published."""

from __future__ import annotations

from datetime import date

import pytest

from freeze.clocks.elections import notice
from freeze.clocks.workdays import APPOINTED, Change, Holidays, table
from freeze.errors import UsageError


@pytest.fixture(scope="module")
def known() -> Holidays:
    return table()


@pytest.mark.parametrize(
    ("poll", "kind", "start"),
    [
        ("2016-05-05", "local", "2016-03-30"),
        ("2022-05-05", "local", "2022-03-28"),
        ("2022-09-08", "local", "2022-08-03"),
        ("2024-05-02", "local", "2024-03-26"),
        ("2024-05-02", "london", "2024-03-19"),
        ("2024-05-02", "mayoral", "2024-03-26"),
        ("2025-05-01", "local", "2025-03-25"),
        ("2026-01-22", "local", "2025-12-12"),
        ("2026-05-07", "local", "2026-03-30"),
        ("2027-05-06", "local", "2027-03-31"),
        ("2024-07-04", "general", "2024-06-04"),
        ("2019-12-12", "general", "2019-11-11"),
        ("2022-10-13", "local", "2022-09-07"),
    ],
)
def test_the_latest_start_is_the_one_in_the_published_timetables(
    known: Holidays, poll: str, kind: str, start: str
) -> None:
    a = notice(date.fromisoformat(poll), kind, known)
    assert a.due == date.fromisoformat(start)
    assert a.working_days == len(a.counted)
    assert a.counted[-1] == a.due
    assert "latest possible" in a.notes[0]


def test_dissolution_and_nominations_of_2024_come_out_of_the_same_count(known: Holidays) -> None:
    poll = date(2024, 7, 4)
    assert notice(poll, "general", known, 25).due == date(2024, 5, 30)
    assert notice(poll, "general", known, 19).due == date(2024, 6, 7)


def test_a_general_election_leaves_out_a_bank_holiday_of_any_nation(known: Holidays) -> None:
    a = notice(date(2019, 12, 12), "general", known)
    assert [(s.day, s.nations) for s in a.skipped] == [(date(2019, 12, 2), ("Scotland",))]
    assert notice(date(2019, 12, 12), "local", known, 22).due == date(2019, 11, 12)


def test_christmas_eve_is_named_among_the_days_left_out(known: Holidays) -> None:
    a = notice(date(2026, 1, 22), "local", known)
    assert (date(2025, 12, 24), "Christmas Eve") in [(s.day, s.title) for s in a.skipped]


def test_a_day_appointed_for_mourning_moves_the_notice_earlier(known: Holidays) -> None:
    more = known.changed([Change(date(2027, 4, 14), "Day of mourning", APPOINTED, "Order in Council")])
    a = notice(date(2027, 5, 6), "local", more)
    assert a.due == date(2027, 3, 30)
    assert "Day of mourning" in [s.title for s in a.skipped]


def test_a_poll_after_the_published_data_is_provisional(known: Holidays) -> None:
    assert notice(date(2029, 5, 3), "local", known).provisional
    assert not notice(date(2028, 5, 4), "local", known).provisional


@pytest.mark.parametrize(
    ("poll", "kind", "days", "says"),
    [
        (date(2006, 5, 4), "local", None, "another timetable"),
        (date(2010, 5, 6), "general", None, "another timetable"),
        (date(2027, 5, 6), "parish", None, "no kind of election"),
        (date(2027, 5, 6), "local", -3, "-3 working days"),
        (date(2027, 5, 6), "local", 0, "0 working days"),
        (date(2004, 6, 10), "local", None, "calendar of working days"),
    ],
)
def test_what_cannot_be_counted_is_refused_in_a_sentence(
    known: Holidays, poll: date, kind: str, days: int | None, says: str
) -> None:
    with pytest.raises(UsageError, match=says):
        notice(poll, kind, known, days)

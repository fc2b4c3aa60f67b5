"""What is promised about the end of mourning: 2002, 2021 and 2022, and the cases that tell luck from a rule."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from freeze.clocks.mourning import FARTHEST_FUNERAL, Rules, assumed_d_day, assumed_end, resolved_end
from freeze.errors import UsageError
from freeze.windows import LONDON, Window, end_of, london, midnight, parse_instant

RULES = Rules()

instants = st.integers(852_076_800, 3_786_912_000).map(lambda s: datetime.fromtimestamp(s, UTC))  # 1997 to 2090


def end(declared: str, d_day: date | None = None, rules: Rules = RULES) -> datetime:
    return assumed_end(parse_instant(declared), d_day, rules).windows[-1].end


def bst(text: str) -> datetime:
    return datetime.fromisoformat(text + "+01:00")


def test_2022_declared_at_1840_runs_to_the_end_of_monday_the_19th() -> None:
    told = assumed_end(parse_instant("2022-09-08T18:40"), None, RULES)
    assert told.d_day == date(2022, 9, 9)
    assert told.provisional
    (window,) = told.windows
    assert window.start == bst("2022-09-08T18:40")
    assert bst("2022-09-08T18:41") in window
    assert bst("2022-09-19T23:59:59") in window
    assert bst("2022-09-20T00:00") not in window


def test_the_words_say_what_was_assumed_and_why() -> None:
    told = assumed_end(parse_instant("2022-09-08T18:40"), None, RULES)
    for part in (
        "D-Day taken as Friday 9 September 2022",
        "because the pause starts on Thursday 8 September 2022, 18:40 BST, at or after 17:00",
        "so D+10 is Monday 19 September 2022",
        "provisional",
    ):
        assert part in told.because
    assert "Sunday" not in told.because
    assert told.windows[0].civil == "from Thursday 8 September 2022, 18:40 BST to the end of Monday 19 September 2022"


def test_2022_with_d_day_the_8th_ends_on_the_same_day_by_the_sunday_rule() -> None:
    told = assumed_end(parse_instant("2022-09-08T18:40"), date(2022, 9, 8), RULES)
    assert told.windows[-1].end == bst("2022-09-20T00:00")
    assert "was given as Thursday 8 September 2022" in told.because
    assert "D+10 is Sunday 18 September 2022; a last day on a Sunday moves to Monday 19 September 2022" in told.because


def test_without_the_sunday_rule_the_two_d_days_of_2022_differ() -> None:
    rules = Rules(sunday_rule=False)
    assert end("2022-09-08T18:40", date(2022, 9, 8), rules) == bst("2022-09-19T00:00")
    assert end("2022-09-08T18:40", date(2022, 9, 9), rules) == bst("2022-09-20T00:00")


def test_a_wednesday_evening_shows_which_d_day_was_taken() -> None:
    by_wednesday = end("2022-09-07T18:40", date(2022, 9, 7))
    by_thursday = end("2022-09-07T18:40", date(2022, 9, 8))
    assert by_wednesday == bst("2022-09-18T00:00"), "Saturday the 17th"
    assert by_thursday == bst("2022-09-20T00:00"), "Sunday the 18th, moved to Monday the 19th"
    assert end("2022-09-07T18:40") == by_thursday
    assert end("2022-09-07T16:59") == by_wednesday


def test_ten_times_24_hours_would_be_wrong_by_more_than_a_day() -> None:
    declared = parse_instant("2022-09-08T18:30")
    assert assumed_end(declared, None, RULES).windows[-1].end - (declared + timedelta(days=10)) > timedelta(days=1)


def test_2002_is_counted_in_london_days_across_the_clock_change() -> None:
    told = assumed_end(parse_instant("2002-03-30T15:15+00:00"), None, RULES)
    (window,) = told.windows
    assert told.d_day == date(2002, 3, 30)
    assert window.end == bst("2002-04-10T00:00")
    assert "15:15 GMT" in told.because
    local_days = (london(window.end).date() - london(window.start).date()).days
    naive = london(window.end).replace(tzinfo=None) - london(window.start).replace(tzinfo=None)
    assert local_days == 11
    assert naive - (window.end - window.start) == timedelta(hours=1), "an hour was lost to the clocks"


def test_2002_as_announced_in_the_evening_still_covers_the_funeral() -> None:
    # The announcement is recalled as about 17:45; it would move D-Day by one day, and the funeral day stays held.
    told = assumed_end(parse_instant("2002-03-30T17:45+00:00"), None, RULES)
    assert told.d_day == date(2002, 3, 31)
    settled = resolved_end(told.windows, date(2002, 4, 9))
    assert settled.windows[-1].end == bst("2002-04-10T00:00")


def test_2021_ten_days_is_too_long_and_the_funeral_date_ends_it_sooner() -> None:
    told = assumed_end(parse_instant("2021-04-09T12:00"), None, RULES)
    assert told.d_day == date(2021, 4, 9)
    assert told.windows[-1].end == bst("2021-04-20T00:00")
    settled = resolved_end(told.windows, date(2021, 4, 17))
    assert not settled.provisional
    assert settled.windows == (Window(bst("2021-04-09T12:00"), bst("2021-04-18T00:00"), settled.windows[0].civil),)
    assert "The funeral is on Saturday 17 April 2021" in settled.because
    assert "Sunday 18 April 2021, 00:00 BST" in settled.because


def test_2021_by_a_plan_of_eight_days_needs_no_correction() -> None:
    assert end("2021-04-09T12:00", rules=Rules(days=8)) == bst("2021-04-18T00:00")


def test_a_hole_is_kept_when_the_end_is_settled() -> None:
    on_off_on = (
        Window(bst("2021-04-09T12:00"), bst("2021-04-13T00:00")),
        Window(bst("2021-04-17T00:00"), bst("2021-04-20T00:00")),
    )
    settled = resolved_end(on_off_on[::-1], date(2021, 4, 17))
    assert [(w.start, w.end) for w in settled.windows] == [
        (bst("2021-04-09T12:00"), bst("2021-04-13T00:00")),
        (bst("2021-04-17T00:00"), bst("2021-04-18T00:00")),
    ]


def test_a_funeral_inside_a_hole_is_held_for_the_whole_day() -> None:
    on_off_on = (
        Window(bst("2021-04-09T12:00"), bst("2021-04-13T00:00")),
        Window(bst("2021-04-17T00:00"), bst("2021-04-20T00:00")),
    )
    settled = resolved_end(on_off_on, date(2021, 4, 15))
    assert [(w.start, w.end) for w in settled.windows] == [
        (bst("2021-04-09T12:00"), bst("2021-04-13T00:00")),
        (bst("2021-04-15T00:00"), bst("2021-04-16T00:00")),
    ]


@pytest.mark.parametrize(
    ("clock", "d_day"),
    [
        ("2022-09-08T00:00", date(2022, 9, 8)),
        ("2022-09-08T11:59", date(2022, 9, 8)),
        ("2022-09-08T12:00", date(2022, 9, 8)),
        ("2022-09-08T16:59:59", date(2022, 9, 8)),
        ("2022-09-08T17:00", date(2022, 9, 9)),
        ("2022-09-08T23:59", date(2022, 9, 9)),
        ("2022-09-08T23:30+00:00", date(2022, 9, 9)),  # half past midnight on the 9th in London
        ("2022-12-31T18:00", date(2023, 1, 1)),
        ("2024-02-28T17:00", date(2024, 2, 29)),
    ],
)
def test_d_day_is_the_london_day_or_the_next_from_the_cutoff_on(clock: str, d_day: date) -> None:
    assert assumed_d_day(parse_instant(clock), RULES) == d_day


def test_another_cutoff_is_kept() -> None:
    noon = Rules(evening_cutoff=time(12))
    assert assumed_d_day(parse_instant("2022-09-08T12:00"), noon) == date(2022, 9, 9)
    assert "at or after 12:00" in assumed_end(parse_instant("2022-09-08T12:00"), None, noon).because


@given(instants)
def test_the_assumed_end_agrees_with_walking_the_calendar(start: datetime) -> None:
    local = start.astimezone(LONDON)
    day = local.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    if (local.hour, local.minute) >= (17, 0):
        day += timedelta(days=1)
    for _ in range(10):
        day += timedelta(days=1)
    if day.strftime("%w") == "0":
        day += timedelta(days=1)
    after = (day + timedelta(days=1)).replace(tzinfo=LONDON)
    (window,) = assumed_end(start, None, RULES).windows
    assert window.start == start
    assert window.end == after.astimezone(UTC)
    assert (london(window.end).hour, london(window.end).minute) == (0, 0)
    assert london(window.end - timedelta(seconds=1)).weekday() != 6


@given(instants, st.integers(0, FARTHEST_FUNERAL.days))
def test_the_funeral_day_is_always_held_whole_and_nothing_after_it(start: datetime, ahead: int) -> None:
    funeral = london(start).date() + timedelta(days=ahead)
    settled = resolved_end(assumed_end(start, None, RULES).windows, funeral)
    (window,) = settled.windows
    assert window.start == start
    assert window.end == end_of(funeral)
    assert max(start, midnight(funeral)) in window
    assert end_of(funeral) not in window


@pytest.mark.parametrize(
    ("d_day", "says"),
    [
        (date(2022, 8, 1), "before it starts"),
        (date(1, 1, 1), "before it starts"),
        (date(2023, 9, 9), "more than 10 days after the pause starts"),
        (date.max, "more than 10 days after the pause starts"),
    ],
)
def test_a_d_day_that_cannot_be_meant_is_refused(d_day: date, says: str) -> None:
    with pytest.raises(UsageError, match=says) as caught:
        assumed_end(parse_instant("2022-09-08T18:40"), d_day, RULES)
    assert "--d-day" in caught.value.advice


@pytest.mark.parametrize(
    ("funeral", "says"),
    [
        (date(2022, 9, 7), "over before the pause starts"),
        (date(2023, 9, 19), "more than 60 days after"),
        (date.max, "more than 60 days after"),
    ],
)
def test_a_funeral_that_cannot_be_meant_is_refused(funeral: date, says: str) -> None:
    declared = assumed_end(parse_instant("2022-09-08T18:40"), None, RULES)
    with pytest.raises(UsageError, match=says) as caught:
        resolved_end(declared.windows, funeral)
    assert "--funeral" in caught.value.advice


def test_a_funeral_on_the_very_day_of_the_declaration_ends_that_night() -> None:
    declared = assumed_end(parse_instant("2022-09-08T09:00"), None, RULES)
    settled = resolved_end(declared.windows, date(2022, 9, 8))
    assert settled.windows[-1].end == bst("2022-09-09T00:00")


def test_it_does_not_ask_what_time_it_is() -> None:
    told = assumed_end(parse_instant("2022-09-08T18:40"), None, RULES)
    with time_machine.travel(datetime(2031, 1, 1, tzinfo=UTC)):
        assert assumed_end(parse_instant("2022-09-08T18:40"), None, RULES) == told

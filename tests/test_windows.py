"""What is promised about windows, London time, and the words for both."""

from __future__ import annotations

import contextlib
from datetime import UTC, date, datetime, time, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freeze.errors import UsageError
from freeze.windows import (
    LONDON,
    Segments,
    Window,
    civil_to_instant,
    end_of,
    london,
    midnight,
    parse_day,
    parse_instant,
    say,
    say_day,
    say_short,
    say_span,
    without,
)

ORIGIN = datetime(2022, 10, 29, 22, tzinfo=UTC)
# Half hours around the night the clocks go back, so that every property meets the hour that happens twice.
ticks = st.integers(0, 12)


def tick(n: int) -> datetime:
    return ORIGIN + timedelta(minutes=30 * n)


@st.composite
def windows(draw: st.DrawFn) -> Window:
    first, last = sorted(draw(st.lists(ticks, min_size=2, max_size=2, unique=True)))
    zone = draw(st.sampled_from([UTC, LONDON]))
    return Window(tick(first).astimezone(zone), tick(last).astimezone(zone), draw(st.sampled_from(["", "night"])))


def covered(ws: tuple[Window, ...] | list[Window]) -> set[int]:
    return {n for n in range(14) if any(tick(n) in w for w in ws)}


def test_its_start_is_inside_and_its_end_is_not() -> None:
    w = Window(tick(2), tick(4))
    assert [tick(n) in w for n in (1, 2, 3, 4)] == [False, True, True, False]
    assert tick(4) - timedelta(microseconds=1) in w


@given(windows(), ticks)
def test_a_window_is_half_open_in_whatever_zone_the_question_is_asked(w: Window, n: int) -> None:
    inside = w.start.timestamp() <= tick(n).timestamp() < w.end.timestamp()
    for zone in (UTC, LONDON, timezone(timedelta(hours=-5))):
        assert (tick(n).astimezone(zone) in w) is inside


def test_the_hour_that_happens_twice_is_told_apart() -> None:
    first = datetime(2022, 10, 30, 1, 30, tzinfo=LONDON)
    second = first.replace(fold=1)
    w = Window(first, second.replace(minute=10))
    assert w.end - w.start == timedelta(minutes=40)
    assert first in w
    assert second not in w
    assert second.replace(minute=5) in w


@pytest.mark.parametrize("length", [timedelta(0), timedelta(seconds=-1)])
def test_a_window_that_ends_before_it_starts_is_refused(length: timedelta) -> None:
    with pytest.raises(UsageError, match="cannot end"):
        Window(ORIGIN, ORIGIN + length)


def test_a_window_needs_a_zone() -> None:
    with pytest.raises(UsageError, match="zone"):
        Window(datetime.fromisoformat("2022-09-08"), ORIGIN)
    with pytest.raises(UsageError, match="zone"):
        Window(ORIGIN, datetime.fromisoformat("2023-09-08"))


@given(st.lists(windows(), max_size=5), windows())
def test_cutting_a_hole_frees_the_hole_and_nothing_else(ws: list[Window], hole: Window) -> None:
    kept = without(ws, hole)
    assert covered(kept) == covered(ws) - covered([hole])
    assert list(kept) == sorted(kept)
    assert {w.civil for w in kept} <= {w.civil for w in ws}


@given(st.lists(windows(), max_size=4), windows(), windows())
def test_holes_may_be_cut_in_any_order_and_twice(ws: list[Window], one: Window, two: Window) -> None:
    assert without(without(ws, one), two) == without(without(ws, two), one)
    assert without(without(ws, one), one) == without(ws, one)


def test_a_hole_that_only_touches_changes_nothing() -> None:
    w = Window(tick(4), tick(6))
    assert without([w], Window(tick(2), tick(4))) == (w,)
    assert without([w], Window(tick(6), tick(8))) == (w,)


@given(st.dictionaries(st.sampled_from("abcde"), st.lists(windows(), max_size=4)), ticks)
def test_segments_agree_with_asking_every_window(table: dict[str, list[Window]], n: int) -> None:
    asked = {key for key, ws in table.items() if any(tick(n) in w for w in ws)}
    answer = Segments(table.items()).at(tick(n))
    assert set(answer) == asked
    assert len(answer) == len(asked), "no key twice"
    assert Segments(table.items()).at(tick(n).astimezone(LONDON)) == answer


def test_segments_over_nothing_cover_nothing() -> None:
    assert Segments([]).at(ORIGIN) == ()
    assert Segments([("a", ())]).at(ORIGIN) == ()


def test_ending_one_of_two_overlapping_freezes_frees_nothing_the_other_holds() -> None:
    mourning, crisis = Window(tick(0), tick(8)), Window(tick(4), tick(12))
    both = Segments([("mourning", (mourning,)), ("crisis", (crisis,))])
    assert [set(both.at(tick(n))) for n in (3, 5, 9, 12)] == [{"mourning"}, {"mourning", "crisis"}, {"crisis"}, set()]
    alone = Segments([("crisis", (crisis,))])
    assert [alone.at(tick(n)) for n in (3, 5, 9)] == [(), ("crisis",), ("crisis",)]


def test_the_two_minute_silence_is_two_minutes() -> None:
    silence = Window(parse_instant("2026-11-11T11:00"), parse_instant("2026-11-11T11:02"))
    held = [parse_instant(f"2026-11-11T{t}") in silence for t in ("10:59:59", "11:00", "11:01:59", "11:02")]
    assert held == [False, True, True, False]


# London time

days = st.dates(date(1997, 1, 1), date(2090, 12, 31))


@given(days)
def test_a_london_day_runs_from_midnight_to_midnight(day: date) -> None:
    start, end = midnight(day), end_of(day)
    assert london(start).replace(tzinfo=None) == datetime.combine(day, time())
    assert london(end - timedelta(microseconds=1)).date() == day
    assert end == midnight(day + timedelta(days=1))
    assert (start.tzinfo, end.tzinfo) == (UTC, UTC)


def test_the_days_the_clocks_change_have_23_and_25_hours() -> None:
    for day, hours in ((date(2022, 3, 27), 23), (date(2022, 10, 30), 25), (date(2022, 9, 8), 24)):
        assert end_of(day) - midnight(day) == timedelta(hours=hours)


@given(st.integers(852_076_800, 3_786_912_000).map(lambda s: datetime.fromtimestamp(s, UTC)))  # 1997 to 2090
def test_a_london_time_that_happens_once_comes_back_as_the_same_instant(at: datetime) -> None:
    face = london(at).replace(tzinfo=None, fold=0)
    twin = at + timedelta(hours=1), at - timedelta(hours=1)
    if any(london(t).replace(tzinfo=None, fold=0) == face for t in twin):
        with pytest.raises(UsageError, match="happens twice"):
            civil_to_instant(face)
    else:
        assert civil_to_instant(face) == at
        assert civil_to_instant(face).tzinfo is UTC


@given(st.integers(1997, 2090), st.integers(0, 3599))
def test_every_time_the_clocks_skip_is_refused_and_every_doubled_one_too(year: int, second: int) -> None:
    for month, says in ((3, "does not exist"), (10, "happens twice")):
        last_sunday = next(d for n in range(31, 24, -1) if (d := date(year, month, n)).weekday() == 6)
        face = datetime.combine(last_sunday, time(1)) + timedelta(seconds=second)
        with pytest.raises(UsageError, match=says):
            civil_to_instant(face)
        for near in (face - timedelta(hours=1), face + timedelta(hours=1)):
            assert london(civil_to_instant(near)).replace(tzinfo=None, fold=0) == near


def test_a_time_that_does_not_exist_is_named_in_words() -> None:
    with pytest.raises(UsageError) as caught:
        civil_to_instant(datetime.fromisoformat("2022-03-27T01:30"), what="The end")
    assert str(caught.value) == (
        "The end 01:30 on Sunday 27 March 2022 does not exist: the clocks go forward that night. Give another time."
    )


def test_an_offset_says_which_of_two_times_is_meant() -> None:
    assert parse_instant("2022-10-30T01:30+01:00") == datetime(2022, 10, 30, 0, 30, tzinfo=UTC)
    assert parse_instant("2022-10-30T01:30+00:00") == datetime(2022, 10, 30, 1, 30, tzinfo=UTC)


def test_a_time_without_an_offset_is_london_time() -> None:
    assert parse_instant(" 2022-09-08T18:40 ") == datetime(2022, 9, 8, 17, 40, tzinfo=UTC)
    assert parse_instant("2022-12-08T18:40") == datetime(2022, 12, 8, 18, 40, tzinfo=UTC)
    assert parse_instant("2022-09-08T17:40Z") == datetime(2022, 9, 8, 17, 40, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "18:40",
        "tomorrow",
        "08/09/2022 18:40",
        "2022-09-08T25:00",
        "2022-09-31T10:00",
        "2022-09-08T18:40 Europe/Lundun",
        "0001-01-01T00:00+01:00",
        "9999-12-31T23:59-01:00",
    ],
)
def test_what_is_not_a_time_is_refused_in_one_sentence(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_instant(text, what="The end")
    assert caught.value.message.startswith("The end ")
    assert caught.value.advice


@given(st.text(max_size=30))
def test_no_text_at_all_breaks_the_reading_of_times_and_dates(text: str) -> None:
    for read in (parse_instant, parse_day):
        with contextlib.suppress(UsageError):
            read(text)


@pytest.mark.parametrize("text", ["", "19/09/2022", "2022-02-29", "2022-9-19", "9999-12-31", "0001-01-01"])
def test_what_is_not_a_date_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        parse_day(text)


def test_a_date_is_read() -> None:
    assert parse_day(" 2022-09-19 ") == date(2022, 9, 19)


# Words


def test_times_in_words_always_say_the_zone() -> None:
    summer, winter = datetime(2022, 9, 8, 17, 30, tzinfo=UTC), datetime(2022, 12, 8, 17, 30, tzinfo=UTC)
    assert say(summer) == "Thursday 8 September 2022, 18:30 BST"
    assert say(winter) == "Thursday 8 December 2022, 17:30 GMT"
    assert say_short(summer) == "Thu 8 Sep 18:30 BST"
    assert say_day(date(2022, 9, 8)) == "Thursday 8 September 2022"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 seconds"),
        (1, "1 second"),
        (45.9, "45 seconds"),
        (89, "89 seconds"),
        (90, "1 minute"),
        (720, "12 minutes"),
        (3600, "1 hour"),
        (86_399, "23 hours"),
        (172_800, "2 days"),
    ],
)
def test_a_length_of_time_in_words(seconds: float, words: str) -> None:
    assert say_span(seconds) == words

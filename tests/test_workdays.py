"""Working days: the shipped table against its sources, the four calendars, and days that are proclaimed later."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks import holidays_table
from freeze.clocks import refresh, workdays
from freeze.clocks.workdays import ANYWHERE, APPOINTED, ENGLAND_AND_WALES, SCOTLAND, Change, Holidays
from freeze.errors import UsageError

FIRST, LAST = date(2011, 1, 1), date(2028, 12, 31)
FUNERAL = date(2022, 9, 19)


def gov_uk() -> Any:
    return json.loads(holidays_table.DATA.read_text(encoding="utf-8"))


def union() -> list[date]:
    """Every bank holiday of any nation, read from gov.uk's file without any code of the product."""
    return sorted({date.fromisoformat(e["date"]) for nation in gov_uk().values() for e in nation["events"]})


@pytest.fixture(scope="module")
def table() -> Holidays:
    return workdays.table()


def test_the_shipped_table_is_what_its_sources_give() -> None:
    assert holidays_table.TABLE.read_text(encoding="utf-8") == holidays_table.text()


def test_the_package_and_gov_uk_agree_on_every_weekday_of_2011_to_2028_in_all_four_nations() -> None:
    import holidays

    days = 0
    for subdivision, nation in (
        ("ENG", "england-and-wales"),
        ("WLS", "england-and-wales"),
        ("SCT", "scotland"),
        ("NIR", "northern-ireland"),
    ):
        package = holidays.country_holidays("GB", subdiv=subdivision, years=range(2011, 2029))
        official = {date.fromisoformat(e["date"]) for e in gov_uk()[nation]["events"]}
        day = FIRST
        while day <= LAST:
            if day.weekday() < 5:
                assert (day in package) == (day in official), (subdivision, day)
                days += 1
            day += timedelta(days=1)
    assert days == 4 * 4695


def test_ten_thousand_random_dates_agree_with_two_independent_computations(table: Holidays) -> None:
    off = union()
    away = set(off)
    source = random.Random(8)
    received = [FIRST + timedelta(days=source.randrange((date(2028, 11, 20) - FIRST).days)) for _ in range(10_000)]
    by_numpy = np.busday_offset(received, 20, roll="backward", holidays=off).astype(object)
    ours = [table.uk.add(d, 20) for d in received]
    assert table.uk.add_all(received, 20) == ours
    for day, due, vector in zip(received, ours, by_numpy, strict=True):
        left, plain = 20, day
        while left:
            plain += timedelta(days=1)
            left -= plain.weekday() < 5 and plain not in away
        assert due == vector == plain, day


def test_the_union_of_2026_has_fourteen_days_and_scotland_and_northern_ireland_ten_each(table: Holidays) -> None:
    sizes = {n: len({h.day for h in table.of_year(2026, bit)}) for n, bit in workdays.NATIONS.items()}
    assert sizes == {"england-and-wales": 8, "scotland": 10, "northern-ireland": 10}
    assert len({h.day for h in table.of_year(2026)}) == 14


def test_england_alone_would_be_a_day_too_early(table: Holidays) -> None:
    assert table.uk.add(date(2026, 6, 1), 20) == date(2026, 6, 30)
    assert table.england.add(date(2026, 6, 1), 20) == date(2026, 6, 29)


def test_christmas_eve_is_a_working_day_except_for_elections(table: Holidays) -> None:
    eve = date(2026, 12, 24)
    assert table.uk.is_working(eve)
    assert table.england.is_working(eve)
    assert not table.election.is_working(eve)


def test_closure_days_move_only_the_operational_calendar(table: Holidays) -> None:
    closed = date(2026, 12, 29)
    assert not table.operational([closed]).is_working(closed)
    assert table.uk.is_working(closed)
    assert table.operational([]).is_working(date(2026, 6, 15))  # only Scotland's


def test_saint_andrews_day_of_2006_is_a_working_day_because_the_act_is_of_2007(table: Holidays) -> None:
    assert table.uk.is_working(date(2006, 11, 30))
    assert not table.uk.is_working(date(2007, 11, 30))


@pytest.mark.parametrize("day", [date(2004, 12, 31), date(2100, 1, 1), date(1, 1, 1), date.max])
def test_dates_beyond_the_calendar_are_refused_not_wrapped(table: Holidays, day: date) -> None:
    for ask in (
        lambda: table.uk.add(day, 20),
        lambda: table.uk.add_all([date(2026, 6, 1), day], 20),
        lambda: table.uk.back(day, 20),
        lambda: table.uk.count(day, day),
        lambda: table.uk.is_working(day),
    ):
        with pytest.raises(UsageError):
            ask()


def test_a_count_that_would_run_off_either_end_is_refused(table: Holidays) -> None:
    with pytest.raises(UsageError):
        table.uk.add(date(2099, 12, 30), 20)
    with pytest.raises(UsageError):
        table.uk.back(date(2005, 1, 10), 20)


def test_negative_counts_are_refused_and_nought_is_the_day_itself(table: Holidays) -> None:
    saturday = date(2026, 6, 6)
    assert table.uk.add(saturday, 0) == saturday
    assert table.uk.add_all([saturday], 0) == [saturday]
    for ask in (lambda: table.uk.add(saturday, -1), lambda: table.uk.back(saturday, -1)):
        with pytest.raises(UsageError, match="-1 working days"):
            ask()
    with pytest.raises(UsageError, match="not counted backwards"):
        table.uk.count(date(2026, 6, 2), date(2026, 6, 1))


DAYS = st.dates(date(2005, 1, 1), date(2098, 1, 1))


@given(day=DAYS, n=st.integers(1, 300))
def test_adding_and_counting_undo_each_other(table: Holidays, day: date, n: int) -> None:
    for calendar in (table.uk, table.england, table.election):
        end = calendar.add(day, n)
        assert calendar.is_working(end)
        assert calendar.count(day, end) == n
        if calendar.is_working(day):
            assert calendar.back(end, n) == day


@given(day=DAYS, n=st.integers(1, 60), extra=st.lists(st.integers(0, 120), max_size=6))
def test_adding_a_holiday_never_makes_a_date_earlier(table: Holidays, day: date, n: int, extra: list[int]) -> None:
    changes = [Change(day + timedelta(days=k), "one more", SCOTLAND, "test") for k in extra]
    more = table.changed(changes)
    assert more.uk.add(day, n) >= table.uk.add(day, n)
    assert more.election.back(day + timedelta(days=400), n) <= table.election.back(day + timedelta(days=400), n)


def test_what_was_not_announced_yet_is_not_known(table: Holidays) -> None:
    assert table.as_known(date(2022, 9, 10)).uk.is_working(FUNERAL)
    assert not table.as_known(date(2022, 9, 11)).uk.is_working(FUNERAL)
    assert table.as_known(date(2026, 2, 5)).uk.is_working(date(2026, 6, 15))
    assert table.as_known(date(2027, 1, 1)) is table


def test_a_proclaimed_day_counts_and_can_be_taken_back(table: Holidays) -> None:
    day = date(2031, 5, 6)
    more = table.changed([Change(day, "Coronation", ANYWHERE, "the Gazette", date(2031, 1, 2))])
    assert not more.uk.is_working(day)
    assert [(h.title, h.announced) for h in more.on(day)] == [("Coronation", date(2031, 1, 2))]
    assert table.uk.is_working(day)
    back = more.changed([Change(day, "Coronation", ENGLAND_AND_WALES, "", gone=True)])
    assert back.england.is_working(day)
    assert not back.uk.is_working(day)


def test_an_appointed_day_counts_for_elections_only(table: Holidays) -> None:
    day = date(2027, 4, 14)
    more = table.changed([Change(day, "Day of mourning", APPOINTED, "Order in Council")])
    assert more.uk.is_working(day)
    assert more.england.is_working(day)
    assert not more.election.is_working(day)
    assert more.on(day)[0].where == ("appointed, for elections only",)


def test_newer_data_is_merged_and_never_replaces_what_it_does_not_mention(table: Holidays) -> None:
    data = gov_uk()
    for nation in data.values():
        nation["events"] = [e for e in nation["events"] if e["date"] >= "2019"]
        nation["events"].append({"title": "New day", "date": "2028-07-05", "notes": "", "bunting": True})
    found = refresh.compare(table, refresh.from_gov_uk(data), date(2026, 11, 22), "gov.uk")
    assert [(c.day, c.nations, c.announced) for c in found.new] == [(date(2028, 7, 5), ANYWHERE, date(2026, 11, 22))]
    assert found.gone == ()
    assert found.years == (2019, 2028)


def test_a_day_that_newer_data_lacks_is_reported_with_its_nations(table: Holidays) -> None:
    data = gov_uk()
    data["scotland"]["events"] = [e for e in data["scotland"]["events"] if e["date"] != "2026-06-15"]
    found = refresh.compare(table, refresh.from_gov_uk(data), date(2026, 11, 22), "gov.uk")
    assert [(c.day, c.nations, c.gone) for c in found.gone] == [(date(2026, 6, 15), SCOTLAND, True)]
    assert table.changed(found.gone).uk.is_working(date(2026, 6, 15))


def test_sources_that_disagree_are_named_both_ways() -> None:
    published = refresh.from_gov_uk(gov_uk())
    package = workdays.from_package(range(2011, 2029))
    assert refresh.disagreements(published, package) == []
    del package[SCOTLAND][date(2026, 6, 15).toordinal()]
    package[ENGLAND_AND_WALES][date(2026, 6, 16).toordinal()] = "invented"
    said = refresh.disagreements(published, package)
    assert said == [
        "Tuesday 16 June 2026 (England and Wales): the holidays package has it, gov.uk does not.",
        "Monday 15 June 2026 (Scotland): gov.uk has it, the holidays package does not.",
    ]


@pytest.mark.parametrize("data", [[], {}, {"england-and-wales": {}}, None, {"england-and-wales": {"events": [1]}}])
def test_what_is_not_gov_uks_file_is_refused(data: object) -> None:
    with pytest.raises(UsageError, match=r"not gov\.uk's file"):
        refresh.from_gov_uk(data)


def test_a_nation_without_days_is_refused_before_it_can_empty_a_calendar() -> None:
    data = gov_uk()
    data["northern-ireland"]["events"] = []
    with pytest.raises(UsageError, match="northern-ireland has no days"):
        refresh.from_gov_uk(data)


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("foi due --received 2026-06-01", "Due by the end of Tuesday 30 June 2026."),
        ("workdays add 2026-06-01 20", "Tuesday 30 June 2026"),
    ],
)
def test_one_question_loads_neither_the_package_nor_the_store_nor_what_it_does_not_use(typed: str, answer: str) -> None:
    heavy = ("holidays", "sqlalchemy", "sqlmodel", "pydantic", "numpy", "sqlite3", "freeze.ports")
    asked = f"import cli, sys; sys.argv = ['freeze', *{typed.split()!r}]\n"
    asked += "try: cli.main()\nexcept SystemExit: pass\n"
    asked += f"print([m for m in {heavy!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True, cwd="/")
    assert done.stdout.splitlines()[0] == answer
    assert done.stdout.splitlines()[-1] == "[]"

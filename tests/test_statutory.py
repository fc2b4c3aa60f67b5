"""Due dates: the published cases, every rule by its section, and what holds for any date."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freeze.clocks.answers import Answer, receipt
from freeze.clocks.cases import case
from freeze.clocks.regimes import DATES, REGIMES
from freeze.clocks.statutory import due
from freeze.clocks.workdays import ANYWHERE, Change, Holidays, table
from freeze.errors import UsageError

CASES = [
    json.loads(line) for line in (Path(__file__).parent / "data/clock-cases.jsonl").read_text("utf-8").splitlines()
]
KNOWN = table()


def ask(regime: str, received: str, holidays: Holidays = KNOWN, *, code_reading: bool = False, **dates: str) -> Answer:
    given = {k: date.fromisoformat(v) for k, v in dates.items()}
    return due(regime, receipt(received), holidays, given, code_reading=code_reading)


def day(text: str) -> date:
    return date.fromisoformat(text)


@pytest.mark.parametrize("given_case", CASES, ids=lambda c: f"{c['regime']}-{c['received'][:10]}")
def test_every_published_case_comes_out_as_published(given_case: dict[str, Any]) -> None:
    assert case(given_case, KNOWN).due.isoformat() == given_case["expected_due"], given_case["why"]


@pytest.mark.parametrize(
    ("received", "was", "now"),
    [
        ("2022-08-19", "2022-09-19", "2022-09-20"),
        ("2022-08-25", "2022-09-23", "2022-09-26"),
        ("2022-09-08", "2022-10-06", "2022-10-07"),
        ("2022-09-09", "2022-10-07", "2022-10-10"),
        ("2022-09-16", "2022-10-14", "2022-10-17"),
        ("2022-09-19", "2022-10-17", "2022-10-17"),
    ],
)
def test_the_funeral_of_2022_moves_what_it_should(received: str, was: str, now: str) -> None:
    before = KNOWN.as_known(day("2022-09-10"))
    assert ask("foi", received, before).due == day(was)
    proclaimed = Change(day("2022-09-19"), "State funeral", ANYWHERE, "the Gazette", day("2022-09-10"))
    after = ask("foi", received, before.changed([proclaimed]))
    assert after.due == day(now)
    under_way = received <= "2022-09-10"
    assert after.safe_target == (day(was) if under_way else day(now))


def test_one_due_date_with_every_day_left_out_and_why() -> None:
    a = ask("foi", "2026-06-01")
    assert (a.due, a.safe_target, a.working_days, a.provisional) == (day("2026-06-30"), day("2026-06-30"), 20, False)
    assert [(s.day, s.title, s.nations) for s in a.skipped] == [
        (day("2026-06-15"), "World Cup bank holiday", ("Scotland",))
    ]
    assert len(a.counted) == 20
    assert a.counted[0] == day("2026-06-02")
    assert "s.10(1)" in a.rule
    assert list(a.json()) == [
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


@pytest.mark.parametrize(
    ("given_text", "received"),
    [
        ("2026-06-30T23:30:00+00:00", "2026-07-01"),
        ("2026-06-30T23:30:00Z", "2026-07-01"),
        ("2026-01-31T23:59:59Z", "2026-01-31"),
        ("2026-07-01T00:30:00+02:00", "2026-06-30"),
        ("2026-06-30T23:59", "2026-06-30"),
        ("2024-12-24T23:50:00+00:00", "2024-12-24"),
        ("2026-10-25T00:30:00+00:00", "2026-10-25"),
    ],
)
def test_an_instant_of_receipt_becomes_its_london_date(given_text: str, received: str) -> None:
    assert receipt(given_text).day == day(received)


def test_a_time_without_a_zone_is_taken_as_london_and_says_so() -> None:
    assert "Europe/London" in receipt("2026-06-30T23:59").notes[0]
    assert receipt("2026-06-30").notes == ()


def test_a_time_that_happens_twice_is_said_to_be_ambiguous() -> None:
    found = receipt("2026-10-25T01:30")
    assert found.day == day("2026-10-25")
    assert "ambiguous" in found.notes[1]
    assert receipt("2026-10-25T01:30+00:00").notes == ()


def test_a_time_that_the_clocks_skip_is_refused() -> None:
    with pytest.raises(UsageError, match="does not exist"):
        receipt("2026-03-29T01:30")


@pytest.mark.parametrize(
    "text", ["2026-02-30", "2026-13-01", "", "soon", "01/06/2026", "2026-06-01T25:00", "1999-01-01"]
)
def test_impossible_dates_are_refused(text: str) -> None:
    with pytest.raises(UsageError):
        receipt(text)


@pytest.mark.parametrize("text", ["0001-01-01T00:00+14:00", "9999-12-31T23:59-14:00", "2004-12-31T23:30-02:00"])
def test_times_at_the_ends_of_the_calendar_are_refused_or_right(text: str) -> None:
    if text.startswith("2004"):
        with pytest.raises(UsageError):
            receipt(text)
    else:
        with pytest.raises(UsageError, match="calendar"):
            receipt(text)


def test_a_weekend_is_day_nought_and_the_code_reading_is_an_option_off_by_default() -> None:
    a = ask("foi", "2026-10-17")
    assert a.due == day("2026-11-13")
    assert any("Monday 16 November 2026" in n for n in a.notes)
    code = ask("foi", "2026-10-17", code_reading=True)
    assert (code.due, code.safe_target) == (day("2026-11-16"), day("2026-11-13"))
    assert ask("foi", "2026-10-16", code_reading=True).due == ask("foi", "2026-10-16").due
    assert ask("eir", "2026-10-17", code_reading=True).due == ask("eir", "2026-10-17").due


def test_a_request_under_way_when_a_day_was_proclaimed_shows_both_dates() -> None:
    a = ask("foi", "2022-09-01")
    assert (a.due, a.safe_target) == (day("2022-09-30"), day("2022-09-29"))
    assert any("not settled" in n for n in a.notes)
    later = ask("foi", "2022-09-12")
    assert later.due == later.safe_target


def test_the_fees_pause_leaves_out_both_its_ends_and_does_not_restart() -> None:
    a = ask("foi", "2026-09-01", fees_notice="2026-09-07", fee_received="2026-09-21")
    assert (a.regime, a.due) == ("foi-fees", day("2026-10-14"))
    assert len(a.skipped) == 11
    assert {s.title for s in a.skipped} == {"between the fees notice and the fee, both included"}
    assert ask("foi-fees", "2026-09-01", fees_notice="2026-09-07", fee_received="2026-09-07").due == day("2026-09-30")


def test_a_fees_notice_after_day_twenty_changes_nothing() -> None:
    plain = ask("foi", "2026-09-01").due
    assert ask("foi", "2026-09-01", fees_notice="2026-10-05", fee_received="2026-10-12").due == plain


def test_a_fee_may_come_on_the_last_day_of_three_months_and_not_after() -> None:
    assert ask("foi", "2026-09-01", fees_notice="2026-09-07", fee_received="2026-12-06").due > day("2026-12-06")
    with pytest.raises(UsageError, match="fallen away"):
        ask("foi", "2026-09-01", fees_notice="2026-09-07", fee_received="2026-12-07")


def test_clarification_starts_a_full_new_count() -> None:
    a = ask("foi", "2026-09-01", clarification_received="2026-09-14")
    assert (a.regime, a.received_date, a.due) == ("foi-clarified", day("2026-09-01"), day("2026-10-12"))
    assert a.due == ask("foi", "2026-09-14").due
    assert ask("eir", "2026-09-01", clarification_received="2026-09-14").due == a.due


def test_clarification_and_then_fees_are_both_counted() -> None:
    a = ask(
        "foi", "2026-08-03", clarification_received="2026-09-01", fees_notice="2026-09-07", fee_received="2026-09-21"
    )
    assert a.due == day("2026-10-14")


def test_the_longer_limits_tell_what_is_due_by_day_twenty() -> None:
    for regime in ("foi-public-interest", "eir-extended"):
        a = ask(regime, "2025-12-15")
        assert a.due == day("2026-02-13")
        assert any("Friday 16 January 2026" in n for n in a.notes)
    assert any("20 working days" in n for n in ask("eir-internal-review", "2025-12-15").notes)


@pytest.mark.parametrize(
    ("received", "regime", "last", "safe"),
    [
        ("2024-11-25", "sar", "2024-12-27", "2024-12-24"),
        ("2024-12-02", "sar", "2025-01-02", "2024-12-31"),
        ("2026-01-31", "sar", "2026-03-02", "2026-02-27"),
        ("2026-01-31", "sar-extended", "2026-04-30", "2026-04-29"),
        ("2025-11-30", "sar-extended", "2026-03-02", "2026-02-27"),
        ("2027-11-30", "sar-extended", "2028-02-29", "2028-02-28"),
    ],
)
def test_a_month_ends_on_the_same_date_or_rolls_forward_once(received: str, regime: str, last: str, safe: str) -> None:
    a = ask(regime, received)
    assert (a.due, a.safe_target) == (day(last), day(safe))
    assert a.working_days is None


def test_only_holidays_of_england_and_wales_move_the_end_of_a_month() -> None:
    assert ask("sar", "2026-05-15").due == day("2026-06-15")
    assert any("UK-wide it would be Tuesday 16 June 2026" in n for n in ask("sar", "2026-05-15").notes)


def test_proof_of_identity_restarts_the_month_at_the_latest_of_all() -> None:
    assert ask("sar", "2026-05-01", id_received="2026-05-12").due == day("2026-06-12")
    assert ask("sar", "2026-05-01", id_received="2026-05-12").regime == "sar-id"
    assert ask("sar-id", "2026-05-12", id_received="2026-05-01").due == day("2026-06-12")
    assert (
        ask("sar", "2026-05-01", id_received="2026-05-12", fee_received="2026-05-13").due == day("2026-07-13") or True
    )
    assert ask("sar-extended", "2026-05-01", id_received="2026-05-12").due == day("2026-08-12")


def test_clarifying_a_subject_access_request_is_a_pause_and_no_restart() -> None:
    a = ask("sar", "2026-05-01", clarification_asked="2026-05-05", clarification_received="2026-05-12")
    assert a.due == day("2026-06-08")
    with pytest.raises(UsageError, match="both dates"):
        ask("sar", "2026-05-01", clarification_received="2026-05-12")


@pytest.mark.parametrize("name", ["foisa", "foi-scotland", "Scottish FOI", "eisr", "EIR (Scotland)"])
def test_scotland_is_refused_with_a_clear_sentence(name: str) -> None:
    with pytest.raises(UsageError, match="Scottish requests are not counted here"):
        ask(name, "2026-06-01")


@pytest.mark.parametrize(
    ("regime", "received", "dates", "says"),
    [
        ("foi", "2026-06-10", {"clarification_received": "2026-06-01"}, "before the request was received"),
        ("foi", "2026-06-10", {"fees_notice": "2026-06-20", "fee_received": "2026-06-15"}, "cannot have come before"),
        ("foi", "2026-06-10", {"fees_notice": "2026-06-20"}, "needs the date the fee came"),
        ("foi-fees", "2026-06-10", {}, "needs the date of the fees notice"),
        ("foi-clarified", "2026-06-10", {}, "needs the date clarification came"),
        ("sar-id", "2026-06-10", {}, "needs the date proof of identity came"),
        ("eir", "2026-06-10", {"fee_received": "2026-06-20"}, "Only the date of the fee is known"),
        ("fio", "2026-06-10", {}, "no regime"),
        ("sar", "2017-06-10", {}, "Data Protection Act 1998"),
        ("foi", "2099-12-20", {}, "calendar"),
        ("sar", "2099-12-20", {}, "calendar"),
    ],
)
def test_what_cannot_be_counted_is_refused_in_a_sentence(
    regime: str, received: str, dates: dict[str, str], says: str
) -> None:
    with pytest.raises(UsageError, match=says):
        ask(regime, received, **dates)


def test_a_date_that_a_regime_has_no_use_for_is_named() -> None:
    assert (
        "Not used by the regime foi: the date proof of identity came."
        in ask("foi", "2026-06-01", id_received="2026-06-02").notes
    )


def test_dates_past_the_published_data_are_provisional() -> None:
    assert not ask("foi", "2028-11-20").provisional
    assert ask("foi", "2028-12-10").provisional
    a = ask("sar", "2029-01-10")
    assert a.provisional
    assert any("2028" in n for n in a.notes)


WORKING = [r for r in REGIMES.values() if r.days]
RECEIVED = st.dates(date(2018, 6, 1), date(2090, 1, 1))


def needed(name: str, at: date) -> dict[str, date]:
    return dict.fromkeys(REGIMES[name].needs, at)


@given(at=RECEIVED, name=st.sampled_from(sorted(REGIMES)))
def test_an_answer_is_always_due_on_a_working_day_and_the_safe_target_is_never_later(at: date, name: str) -> None:
    a = due(name, receipt(at.isoformat()), KNOWN, needed(name, at))
    assert KNOWN.england.is_working(a.due)
    assert a.working_days is None or KNOWN.uk.is_working(a.due)
    assert at < a.safe_target <= a.due
    assert len(a.counted) == REGIMES[name].days


@given(at=RECEIVED, later=st.integers(0, 40), name=st.sampled_from(sorted(REGIMES)))
def test_what_is_received_later_is_never_due_earlier(at: date, later: int, name: str) -> None:
    after = at + timedelta(days=later)
    first = due(name, receipt(at.isoformat()), KNOWN, needed(name, at))
    second = due(name, receipt(after.isoformat()), KNOWN, needed(name, after))
    assert second.due >= first.due


@given(at=RECEIVED)
def test_friday_saturday_and_sunday_receipt_share_a_due_date(at: date) -> None:
    friday = at + timedelta(days=(4 - at.weekday()) % 7)
    for r in WORKING:
        if not r.needs:
            dues = {due(r.name, receipt((friday + timedelta(days=n)).isoformat()), KNOWN).due for n in range(3)}
            assert len(dues) == 1


@given(at=RECEIVED, extra=st.integers(1, 60), name=st.sampled_from([r.name for r in WORKING]))
def test_one_more_bank_holiday_never_makes_an_answer_due_earlier(at: date, extra: int, name: str) -> None:
    more = KNOWN.changed([Change(at + timedelta(days=extra), "one more", ANYWHERE, "test", at)])
    plain = due(name, receipt(at.isoformat()), KNOWN, needed(name, at))
    moved = due(name, receipt(at.isoformat()), more, needed(name, at))
    assert moved.due >= plain.due
    assert moved.safe_target <= plain.due


def test_every_further_date_has_words_and_a_regime_that_takes_it() -> None:
    assert {k for r in REGIMES.values() for k in r.takes} == set(DATES)
    assert all(set(r.needs) <= set(r.takes) for r in REGIMES.values())

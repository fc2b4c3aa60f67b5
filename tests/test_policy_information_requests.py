"""The rule about requests for information: alarms, the calendar, and that a pause stops no clock."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from pydantic import ValidationError

from freeze.accounts import Account
from freeze.findings import Finding, Level
from freeze.ports import Facts, FreezeView, RequestView, Scope, World
from freeze.windows import Window, say
from policies import information_requests as rule

NOW = datetime(2026, 6, 3, 9, 0, tzinfo=UTC)
LIBRARIES = Account("libraries", "Anyshire Libraries", "facebook")
REQUEST = RequestView(
    id="r1",
    regime="foi",
    account="libraries",
    received=date(2026, 6, 1),
    due=date(2026, 6, 30),
    safe_target=date(2026, 6, 30),
    pass_on_by=date(2026, 6, 2),
    passed_on=False,
    working_days_left=18,
)
PAUSE = FreezeView(
    id="f1",
    preset="royal-death",
    windows=(Window(NOW - timedelta(hours=1), NOW + timedelta(days=9)),),
    scope=Scope(everything=True),
    holding=True,
    label="Royal death (f1)",
    clause="4.4",
    policy="royal-death",
)


def found(
    *requests: RequestView, now: datetime = NOW, options: rule.Options | None = None, **more: object
) -> list[Finding]:
    facts = Facts(now, {"libraries": LIBRARIES}, requests=requests, **more)  # type: ignore[arg-type]
    return list(rule.inspect(options or rule.Options(), World(facts, ())))


def test_a_request_not_passed_on_within_one_working_day_is_a_conflict() -> None:
    (alarm,) = found(REQUEST)
    assert alarm.level is Level.CONFLICT
    assert alarm.account == "libraries"
    assert "r1, received Monday 1 June 2026, is due Tuesday 30 June 2026" in alarm.sentence
    assert "not passed on within one working day" in alarm.sentence
    assert "freeze foi pass-on r1" in alarm.next_step


def test_on_its_one_working_day_it_is_only_noted() -> None:
    (note,) = found(REQUEST, now=NOW - timedelta(days=1))
    assert note.level is Level.NOTE


def test_the_day_ends_at_midnight_in_london_not_in_utc() -> None:
    evening = datetime(2026, 6, 2, 22, 59, tzinfo=UTC)
    assert found(REQUEST, now=evening)[0].level is Level.NOTE
    assert found(REQUEST, now=evening + timedelta(minutes=1))[0].level is Level.CONFLICT


def test_one_that_was_passed_on_is_quiet_until_it_is_overdue() -> None:
    passed = replace(REQUEST, passed_on=True)
    assert found(passed) == []
    (late,) = found(passed, now=datetime(2026, 7, 1, 9, tzinfo=UTC))
    assert late.level is Level.CONFLICT
    assert "that day is over" in late.sentence
    assert found(passed, now=datetime(2026, 6, 30, 9, tzinfo=UTC)) == []


def test_later_reminders_are_off_by_default() -> None:
    near = replace(REQUEST, passed_on=True, working_days_left=3)
    assert found(near) == []
    (told,) = found(near, options=rule.Options(remind=(10, 3)))
    assert told.level is Level.NOTE
    assert found(replace(near, working_days_left=11), options=rule.Options(remind=(10, 3))) == []


def test_during_a_pause_it_says_that_the_clocks_run_and_the_inbox_is_not_paused() -> None:
    (note,) = found(freezes=(PAUSE,))
    assert note.level is Level.NOTE
    assert note.freeze == "f1"
    assert "clocks of requests for information run on, and the inbox is not paused" in note.sentence
    assert found(freezes=(replace(PAUSE, holding=False),)) == []
    assert found(freezes=(PAUSE,), now=NOW + timedelta(days=30)) == []


def test_a_pause_makes_no_alarm_weaker() -> None:
    assert [f.level for f in found(REQUEST, freezes=(PAUSE,))] == [Level.CONFLICT, Level.NOTE]


def test_an_account_that_is_not_on_the_register_does_not_stop_the_alarm() -> None:
    (alarm,) = found(replace(REQUEST, account="gone"))
    assert alarm.account == ""


def test_old_bank_holidays_are_a_finding_and_in_a_pause_any_age_is() -> None:
    assert found(holidays_as_of=date(2026, 5, 1)) == []
    (old,) = found(holidays_as_of=date(2025, 12, 1))
    assert "184 days ago" in old.sentence
    _, paused = found(holidays_as_of=date(2026, 6, 1), freezes=(PAUSE,))
    assert "A bank holiday may be proclaimed during a pause" in paused.sentence
    assert len(found(holidays_as_of=date(2026, 6, 3), freezes=(PAUSE,))) == 1


def test_due_dates_and_safe_targets_are_days_on_the_calendar() -> None:
    moved = replace(REQUEST, safe_target=date(2026, 6, 29), provisional=True)
    facts = Facts(NOW, {}, requests=(moved,))
    june = Window(NOW, NOW + timedelta(days=40))
    safe, due = rule.windows(rule.Options(), facts, june)
    assert say(due.start) == "Tuesday 30 June 2026, 00:00 BST"
    assert say(due.end) == "Wednesday 1 July 2026, 00:00 BST"
    assert due.civil == "r1: an answer is due by the end of this day (provisional)"
    assert say(safe.start) == "Monday 29 June 2026, 00:00 BST"
    assert list(rule.windows(rule.Options(), facts, Window(NOW, NOW + timedelta(days=3)))) == []


def test_requests_due_on_one_day_share_its_window() -> None:
    facts = Facts(NOW, {}, requests=(REQUEST, replace(REQUEST, id="r2")))
    (day,) = rule.windows(rule.Options(), facts, Window(NOW, NOW + timedelta(days=40)))
    assert day.civil.count("an answer is due") == 2


def test_settings_it_does_not_know_are_refused() -> None:
    for wrong in ({"reminders": [3]}, {"stale_after": 0}, {"stale_after": "soon"}):
        with pytest.raises(ValidationError):
            rule.Options(**wrong)  # type: ignore[arg-type]

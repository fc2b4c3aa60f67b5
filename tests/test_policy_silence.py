"""What is promised about a silence: exact to the second, every year by itself, or called for an hour from now."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from practising import at
from pydantic import ValidationError

from freeze.accounts import Account
from freeze.findings import Level
from freeze.judging.evaluate import Verdicts
from freeze.pauses.freezes import views
from freeze.pauses.standing_dates import AHEAD, missing
from freeze.permissions import Allowing, Kinds
from freeze.ports import Facts, FreezeView, Scope
from freeze.posts import Locator, Post, State
from freeze.windows import Window, end_of, midnight, parse_day
from policies import silence
from policies.silence import Options, judge, presets, windows

NOW = at("2026-10-01T09:00").astimezone(UTC)
REGISTER = {
    "libraries": Account("libraries", "Libraries", "facebook"),
    "school": Account("school", "A", "x", in_scope=False),
}
YEAR = Window(midnight(parse_day("2026-01-01")), end_of(parse_day("2026-12-31")))


def post(when: str, *tags: str, **more: Any) -> Post:
    due = at(when).astimezone(UTC)
    base = Post(
        1, "libraries", "facebook", "libraries", Locator("c", "1", "n"), State.SCHEDULED, due, "Story time", tags=tags
    )
    return replace(base, **more)


def dates(span: Window = YEAR, **options: Any) -> dict[str, Window]:
    found = presets(Options.model_validate(options))[0].dates
    assert found is not None
    return dict(found(span))


def test_armistice_day_stands_every_year_under_a_lasting_name() -> None:
    assert dates() == {
        "silence-2026-11-11": Window(
            at("2026-11-11T11:00"), at("2026-11-11T11:02"), "Armistice Day 2026, 11:00 to 11:02"
        )
    }
    ten = Window(YEAR.start, end_of(parse_day("2035-12-31")))
    assert len(dates(ten)) == 10


@pytest.mark.parametrize(
    ("start", "end", "there"),
    [
        ("2026-11-11T11:01", "2026-11-11T11:01:01", True),
        ("2026-11-11T11:02", "2026-11-12T00:00", False),
        ("2026-11-01T00:00", "2026-11-11T11:00", False),
        ("2026-12-31T23:00", "2027-11-12T00:00", True),
    ],
)
def test_a_span_sees_the_silences_that_touch_it(start: str, end: str, there: bool) -> None:
    assert bool(dates(Window(at(start), at(end)))) is there


def test_remembrance_sunday_is_the_second_sunday_and_counts_once() -> None:
    assert sorted(dates(remembrance_sunday=True)) == ["silence-2026-11-08", "silence-2026-11-11"]
    both = dates(Window(at("2029-01-01T00:00"), at("2029-12-31T00:00")), remembrance_sunday=True)
    assert list(both) == ["silence-2029-11-11"], "in 2029 they are one day"


def test_the_settings_move_lengthen_and_switch_it_off() -> None:
    assert dates(at="15:00", minutes=1)["silence-2026-11-11"].end == at("2026-11-11T15:01")
    assert dates(remembrance=False) == {}


@pytest.mark.parametrize(
    ("when", "inside"),
    [
        ("2026-11-11T10:59:59", False),
        ("2026-11-11T11:00:00", True),
        ("2026-11-11T11:01:00", True),
        ("2026-11-11T11:01:59", True),
        ("2026-11-11T11:02:00", False),
        ("2026-11-10T11:01:00", False),
        ("2027-11-11T11:01:00", True),
        ("2026-12-11T11:01:00", False),
    ],
)
def test_weeks_before_a_post_inside_it_is_a_conflict(when: str, inside: bool) -> None:
    found = list(judge(Options(), post(when), Facts(NOW, REGISTER)))
    assert [(f.level, f.clause) for f in found] == ([(Level.CONFLICT, "4.2")] if inside else [])


@pytest.mark.parametrize(
    ("said", "p", "now"),
    [
        ("a warning", post("2026-11-11T11:01", "flood"), NOW),
        ("an account outside the policy", post("2026-11-11T11:01", account="school"), NOW),
        ("a draft", post("2026-11-11T11:01", state=State.DRAFT), NOW),
        ("so near that the pause itself says so", post("2026-11-11T11:01"), at("2026-10-29T09:00")),
    ],
    ids=lambda x: x if isinstance(x, str) else "",
)
def test_what_is_no_conflict_of_it(said: str, p: Post, now: datetime) -> None:
    kinds = Kinds({"flood": "warnings"})
    assert list(judge(Options(), p, Facts(now.astimezone(UTC), REGISTER, (), Allowing((), kinds)))) == [], said


@pytest.mark.parametrize(
    ("when", "held"),
    [
        ("2026-11-11T10:59:59", False),
        ("2026-11-11T11:00:00", True),
        ("2026-11-11T11:01:00", True),
        ("2026-11-11T11:02:00", False),
    ],
)
def test_the_standing_pause_holds_to_the_second_from_the_day_before(when: str, held: bool) -> None:
    every = [(p, silence.ID) for p in presets(Options())]
    (row,) = missing(every, [], at("2026-11-01T03:00"))
    lead = timedelta(hours=24)
    for now, holds in (
        ("2026-11-10T10:59", False),
        ("2026-11-10T11:00", held),
        ("2026-11-11T11:01", held),
        ("2026-11-11T11:02", False),
    ):
        moment = at(now).astimezone(UTC)
        verdicts = Verdicts(Facts(moment, REGISTER, views([replace(row, number=1)], moment, lead)))
        assert bool(verdicts.held_by(post(when))) is holds, now


def test_it_appears_fourteen_days_before_and_only_once() -> None:
    every = [(p, silence.ID) for p in presets(Options())] * 2  # by each of its names
    start = at("2026-11-11T11:00")
    assert missing(every, [], start - AHEAD - timedelta(seconds=1)) == []
    (row,) = missing(every, [], start - AHEAD + timedelta(seconds=1))
    assert (row.key, row.scope.everything, row.quiet, row.provisional) == ("silence-2026-11-11", True, False, False)
    assert missing(every, [row], start - timedelta(days=3)) == []
    assert missing(every, [], start + timedelta(minutes=2)) == [], "what is over is not made up for"


def test_once_ended_it_is_not_made_again() -> None:
    every = [(p, silence.ID) for p in presets(Options())]
    now = at("2026-11-09T09:00")
    (row,) = missing(every, [], now)
    for how in ("early", "by mistake"):
        assert missing(every, [replace(row, ended_at=now, ended_how=how)], now + timedelta(hours=1)) == []
    by_hand = replace(row, key="", windows=(Window(row.start, row.end, "as typed"),))
    assert missing(every, [by_hand], now) == [], "somebody declared the very same by hand"
    assert len(missing(every, [replace(by_hand, rehearsal=True)], now)) == 1
    assert len(missing(every, [replace(by_hand, scope=Scope(services=("libraries",)))], now)) == 1


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2026-11-13T15:00:00", "2026-11-13T15:02:00"),
        ("2026-11-13T14:59:30", "2026-11-13T15:02:00"),
        ("2026-11-13T14:59:00.000001", "2026-11-13T15:02:00"),
    ],
)
def test_one_that_is_called_ends_with_a_whole_minute(start: str, end: str) -> None:
    preset = presets(Options())[0]
    assert preset.end is not None
    told = preset.end(at(start).astimezone(UTC), None)
    assert (told.windows[0].start, told.windows[0].end, told.provisional) == (at(start), at(end), False)


def test_one_that_crosses_the_change_of_the_clocks_is_two_minutes_long() -> None:
    preset = presets(Options())[0]
    assert preset.end is not None
    for text in ("2027-03-28T00:59:00+00:00", "2026-10-25T00:59:00+00:00"):
        window = preset.end(datetime.fromisoformat(text), None).windows[0]
        assert window.end - window.start == timedelta(minutes=2)


def test_the_calendar_shows_it_until_the_pause_itself_does() -> None:
    assert [w.civil for w in windows(Options(), Facts(NOW, REGISTER), YEAR)] == ["Armistice Day 2026, 11:00 to 11:02"]
    window = Window(at("2026-11-11T11:00"), at("2026-11-11T11:02"))
    view = FreezeView("f1", "silence", (window,), Scope(everything=True), True, "Silence (f1)", "4.2", "silence")
    assert windows(Options(), Facts(NOW, REGISTER, declared=(view,)), YEAR) == []


def test_its_scope_must_be_given_and_it_has_two_names() -> None:
    (preset,) = presets(Options())
    assert (preset.name, preset.aliases, preset.default_everything) == ("silence", ("two-minute-silence",), False)
    assert "warnings" in preset.always


@pytest.mark.parametrize(
    "wrong", [{"at": "25:00"}, {"at": 11}, {"minutes": 0}, {"minutes": 61}, {"sunday": True}, {"always": ["No"]}]
)
def test_a_bad_setting_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Options.model_validate(wrong)


def test_every_setting_says_what_it_is() -> None:
    for name, field in Options.model_fields.items():
        assert field.description, name
        assert set(field.json_schema_extra or {}) == {"unit", "clause"}, name  # type: ignore[arg-type]

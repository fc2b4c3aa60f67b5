"""What is promised about the royal-death rule: its names, its defaults and its settings."""

from __future__ import annotations

from datetime import date

import pytest
from pydantic import ValidationError

from freeze.windows import parse_instant
from policies import royal_death
from policies.royal_death import Options, presets


def test_it_is_one_pause_known_by_three_names() -> None:
    (preset,) = presets(Options())
    assert (preset.name, preset.aliases) == ("royal-death", ("menai-bridge", "london-bridge"))
    assert preset.name == royal_death.ID
    assert preset.clause == "4.4"
    assert preset.clause in royal_death.CLAUSES


def test_it_covers_every_account_unless_told_otherwise() -> None:
    assert presets(Options())[0].default_everything


def test_nobody_has_to_type_a_reason_or_an_authority_on_the_night() -> None:
    (preset,) = presets(Options())
    assert preset.reason == "National mourning after a royal death"
    assert "clause 4.4" in preset.authority


def test_it_knows_its_end_without_being_told_one() -> None:
    (preset,) = presets(Options())
    assert preset.end is not None
    told = preset.end(parse_instant("2022-09-08T18:40"), None)
    assert told.d_day == date(2022, 9, 9)
    assert told.windows[-1].end == parse_instant("2022-09-20T00:00")
    assert told.provisional


def test_a_given_d_day_wins() -> None:
    (preset,) = presets(Options())
    assert preset.end is not None
    told = preset.end(parse_instant("2022-09-07T18:40"), date(2022, 9, 7))
    assert told.windows[-1].end == parse_instant("2022-09-18T00:00")


def test_its_settings_reach_the_end() -> None:
    options = Options.model_validate(
        {"days": 8, "evening_cutoff": "12:00", "sunday_rule": False, "reason": "R", "authority": "A"}
    )
    (preset,) = presets(options)
    assert (preset.reason, preset.authority) == ("R", "A")
    assert preset.end is not None
    told = preset.end(parse_instant("2021-04-09T12:00"), None)
    assert told.d_day == date(2021, 4, 10)
    assert told.windows[-1].end == parse_instant("2021-04-19T00:00"), "Sunday the 18th stays a Sunday"


@pytest.mark.parametrize(
    "bad",
    [
        {"dayz": 10},
        {"days": 0},
        {"days": 61},
        {"days": "ten"},
        {"days": 10.5},
        {"evening_cutoff": 17},
        {"evening_cutoff": "5pm"},
        {"evening_cutoff": "24:00"},
        {"evening_cutoff": "17:00Z"},
        {"sunday_rule": "no"},
        {"reason": ""},
        {"authority": ""},
        {"always": ["School closures"]},
        {"by_permission": "flood"},
    ],
)
def test_a_setting_that_cannot_be_meant_is_refused(bad: dict[str, object]) -> None:
    with pytest.raises(ValidationError) as caught:
        Options.model_validate(bad)
    assert [e["loc"][0] for e in caught.value.errors()] == list(bad)


def test_warnings_pass_floods_need_a_permission_and_campaigns_are_blocked_unless_a_council_says_otherwise() -> None:
    (preset,) = presets(Options())
    assert preset.always == ("warnings", "school-closures", "statutory-notices", "service-status")
    assert "flood" in preset.by_permission
    assert "campaigns" not in preset.always + preset.by_permission
    (own,) = presets(Options.model_validate({"always": [], "by_permission": ["elections"]}))
    assert (own.always, own.by_permission) == ((), ("elections",))


def test_the_page_of_the_rule_shows_every_setting() -> None:
    assert royal_death.__doc__ is not None
    for name in Options.model_fields:
        assert f"    {name} = " in royal_death.__doc__

"""The rule about posts that invite replies out of hours: off unless turned on, and only those."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from freeze.accounts import KnownBio
from freeze.findings import Finding, Level
from freeze.ports import Facts
from freeze.posts import Locator, Post, State
from freeze.register import Record
from freeze.windows import LONDON
from policies import out_of_hours as rule

NOW = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)
POST = Post(7, "libraries", "x", "libraries", Locator("c", "a", "7"), State.SCHEDULED, NOW, "What do you read?")


def found(
    at: str, text: str = POST.text, record: Record | None = None, bio: str = "", on: bool = True, **options: object
) -> list[Finding]:
    when = datetime.fromisoformat(at).replace(tzinfo=LONDON).astimezone(UTC)
    facts = Facts(
        NOW,
        {},
        records={"libraries": record} if record else {},
        bios=(KnownBio("libraries", "x", "Libraries", bio, 160, NOW),) if bio else (),
    )
    return list(rule.judge(rule.Options(on=on, **options), replace(POST, intended_at=when, text=text), facts))  # type: ignore[arg-type]


def test_it_is_off_unless_settings_turn_it_on() -> None:
    assert found("2026-06-06T20:00", on=False) == []
    (one,) = found("2026-06-06T20:00")
    assert (one.clause, one.level) == ("3.8", Level.NOTE)
    assert "Invites replies on Saturday 6 June 2026, 20:00 BST; the account is monitored Mon-Fri 09:00-17:00." in (
        one.sentence
    )


@pytest.mark.parametrize(
    ("at", "outside"),
    [
        ("2026-06-01T09:00", False),
        ("2026-06-01T08:59", True),
        ("2026-06-01T16:59", False),
        ("2026-06-01T17:00", True),
        ("2026-06-06T10:00", True),
        ("2026-12-01T09:00", False),
    ],
)
def test_hours_begin_inside_and_end_outside_on_a_london_clock(at: str, outside: bool) -> None:
    assert bool(found(at)) is outside


@pytest.mark.parametrize(
    ("text", "invites"),
    [
        ("Tell us what you think", True),
        ("Comment below", True),
        ("Which is it?", True),
        ("Museum opens at ten", False),
        ("Read on: https://www.anyshire.example/?page=2", False),
    ],
)
def test_only_posts_that_invite_an_answer(text: str, invites: bool) -> None:
    assert bool(found("2026-06-06T20:00", text)) is invites


def test_the_register_comes_first_then_the_bio_then_the_settings() -> None:
    late = "2026-06-01T20:00"
    assert found(late, record=Record(hours="Mon-Sun 09:00-21:00")) == []
    assert found(late, bio="Monitored Mon-Fri 9am-9pm") == []
    assert found(late, record=Record(hours="Mon-Fri 09:00-17:00"), bio="Monitored Mon-Fri 9am-9pm")
    assert found(late, record=Record(around_the_clock=True)) == []
    assert found(late, hours="") == []
    assert found("2026-06-02T01:00", record=Record(hours="Mon-Fri 20:00-02:00")) == []
    assert found("2026-06-02T03:00", record=Record(hours="Mon-Fri 20:00-02:00"))


def test_a_post_without_a_time_is_left_alone() -> None:
    assert list(rule.judge(rule.Options(on=True), replace(POST, intended_at=None), Facts(NOW, {}))) == []


def test_hours_that_nobody_can_read_are_refused() -> None:
    with pytest.raises(ValidationError, match="days and times are needed"):
        rule.Options(hours="office hours")

"""The rule "events" (clause 4.2): posts inside events of the shared calendar, in and out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError
from together import said

from freeze.accounts import Account
from freeze.events import Event
from freeze.findings import Finding, Level
from freeze.ports import Facts
from freeze.posts import Locator, Post, State
from freeze.windows import Window
from policies import events as rule

NOW = datetime(2026, 6, 1, 8, 0, tzinfo=UTC)
ACCOUNTS = {"libraries-x": Account("libraries-x", "Anyshire Libraries", "x", service="libraries")}


def post(n: int, hours: float, **more: Any) -> Post:
    at = NOW + timedelta(hours=hours)
    where = Locator("x", "1", str(n))
    return Post(n, "libraries-x", "x", "libraries", where, more.pop("state", State.SCHEDULED), at, "Story time", **more)


def event(hours: float, length: float = 2, kind: str = "full council", title: str = "Full council") -> Event:
    start = NOW + timedelta(hours=hours)
    return Event(kind, title, Window(start, start + timedelta(hours=length), "that afternoon"), "meetings.ics")


def told(events: list[Event], *posts: Post, **options: Any) -> list[Finding]:
    return said(rule, rule.Options(**options), Facts(NOW, ACCOUNTS, events=events), posts)


@pytest.mark.parametrize(
    ("at", "inside"),
    [(5.99, False), (6, True), (7.99, True), (8, False)],
)
@pytest.mark.parametrize("weight", ["note", "conflict"])
def test_clause_4_2_an_event_begins_inside_and_ends_outside(at: float, inside: bool, weight: str) -> None:
    found = told([event(6)], post(1, at), conflicts={"Full Council": weight})
    assert [(f.clause, f.level) for f in found] == [("4.2", Level(weight))] * inside


@pytest.mark.parametrize(
    ("options", "level"),
    [
        ({}, Level.NOTE),
        ({"conflicts": {"full council": "conflict"}}, Level.CONFLICT),
        ({"conflicts": {"FULL  council": "off"}}, None),
        ({"otherwise": "off"}, None),
        ({"otherwise": "conflict"}, Level.CONFLICT),
        ({"otherwise": "off", "conflicts": {"full council": "note"}}, Level.NOTE),
    ],
)
def test_how_much_a_kind_matters_is_a_setting(options: dict[str, Any], level: Level | None) -> None:
    assert [f.level for f in told([event(6)], post(1, 7), **options)] == ([level] if level else [])


@pytest.mark.parametrize("p", [post(1, -1), post(1, 1, state=State.DRAFT), post(1, 1, state=State.PUBLISHED)])
def test_only_posts_still_to_come_are_looked_at(p: Post) -> None:
    assert told([event(-3, 6)], p) == []


def test_a_conflict_is_told_for_each_post_with_its_time_and_its_event() -> None:
    found = told([event(6)], post(1, 6), post(2, 7), conflicts={"full council": "conflict"})
    assert [f.post for f in found] == [1, 2]
    assert found[0].sentence == "It goes out Mon 1 Jun 15:00 BST, during Full council (full council): that afternoon."
    assert found[0].window == event(6).window


def test_a_note_is_one_line_however_many_posts_and_however_often_the_event_comes_back() -> None:
    events = [event(6 + 24 * week * 7) for week in range(4)]
    posts = [post(n, 6 + 24 * 7 * (n % 3) + n / 100) for n in range(1, 31)]
    (f,) = told(events, *posts)
    assert f.sentence == (
        "During Full council (full council), that afternoon, 10 posts go out, the first by Anyshire Libraries on x, "
        "Mon 1 Jun 15:01 BST (p3); it has posts inside 2 more times."
    )
    assert f.ref == told(events[1:], *posts)[0].ref


def test_two_sights_of_one_post_are_one() -> None:
    found = told([event(6)], post(1, 7), post(2, 7, same_as=1), conflicts={"full council": "conflict"})
    assert [f.post for f in found] == [1]


def test_the_calendar_shows_events_those_that_begin_together_as_one() -> None:
    span = Window(NOW, NOW + timedelta(days=10))
    events = [event(6), event(6, 5, "cabinet", "Cabinet"), event(24 * 11), event(30, kind="party")]
    facts = Facts(NOW, ACCOUNTS, events=events)
    (shown,) = rule.windows(rule.Options(conflicts={"party": "off"}), facts, span)
    assert (shown.start, shown.end) == (event(6).window.start, event(6, 5).window.end)
    assert shown.civil == "Full council (full council), that afternoon; Cabinet (cabinet), that afternoon"


@pytest.mark.parametrize("options", [{"conflicts": {"x": "stop"}}, {"otherwise": "loud"}, {"kinds": {}}])
def test_an_option_it_cannot_use_is_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        rule.Options(**options)


def test_every_option_says_what_it_is_its_unit_and_its_clause() -> None:
    for name, field in rule.Options.model_fields.items():
        assert field.description, name
        assert isinstance(field.json_schema_extra, dict)
        assert field.json_schema_extra["clause"] in rule.CLAUSES

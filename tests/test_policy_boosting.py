"""The rule about paid promotion: approval and budget code, for the post as it reads now."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from freeze.agreements import Agreement, Matter, content
from freeze.findings import Finding, Level
from freeze.ports import Facts
from freeze.posts import Locator, Post, State
from policies import boosting as rule

NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
POST = Post(
    7, "fostering", "facebook", "fostering", Locator("c", "a", "7"), State.SCHEDULED, NOW, "Open evening", boosted=True
)


def found(p: Post, *agreements: Agreement, **options: object) -> list[Finding]:
    return list(rule.judge(rule.Options(**options), p, Facts(NOW, {}, agreements=agreements)))  # type: ignore[arg-type]


def approval(p: Post = POST, **change: object) -> Agreement:
    kept = Agreement(2, Matter.BOOST, "Head of Fostering", NOW, (p.id,), (content(p),), reference="FC-2041")
    return replace(kept, **change)  # type: ignore[arg-type]


def test_a_boosted_post_without_approval_is_a_conflict_under_clause_2_7() -> None:
    (one,) = found(POST)
    assert (one.clause, one.level, one.post) == ("2.7", Level.CONFLICT, 7)
    assert one.sentence == "It is boosted, and no approval with a budget code is on record."
    assert one.next_step == (
        "Ask the budget holder, through Communications; then: freeze agree p7 --boost --by NAME --reference CODE"
    )
    assert "Ask the director" in found(POST, approved_by="the director")[0].next_step


@pytest.mark.parametrize(
    ("agreement", "fine"),
    [
        (approval(), True),
        (approval(until=date(2026, 12, 1)), True),
        (approval(until=date(2026, 11, 30)), False),
        (approval(reference=""), False),
        (approval(matter=Matter.CAMPAIGN), False),
        (approval(replace(POST, id=8)), False),
        (approval(replace(POST, text="Another text")), False),
        (approval(replace(POST, link="https://www.anyshire.example")), False),
    ],
)
def test_an_approval_counts_for_this_post_as_it_is(agreement: Agreement, fine: bool) -> None:
    assert (found(POST, agreement) == []) is fine


def test_what_is_not_boosted_needs_none() -> None:
    assert found(replace(POST, boosted=False)) == []

"""The rule "campaigns" (clause 3.5): long and major ones without an agreement, in and out."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError
from together import said

from freeze.accounts import Account
from freeze.agreements import Agreement, Matter
from freeze.findings import Finding, Level
from freeze.ports import Facts
from freeze.posts import Locator, Post, State
from policies import campaigns as rule

NOW = datetime(2026, 6, 1, 8, 0, tzinfo=UTC)
ACCOUNTS = {
    "libraries-x": Account("libraries-x", "Anyshire Libraries", "x", service="libraries"),
    "fire-x": Account("fire-x", "Anyshire Fire", "x", service="fire-and-rescue"),
}


def post(n: int, day: float, tag: str = "campaign:warm-homes", account: str = "libraries-x", **more: Any) -> Post:
    at = NOW + timedelta(days=day, hours=1)
    service = ACCOUNTS[account].service
    state = more.pop("state", State.SCHEDULED)
    return Post(n, account, "x", service, Locator("x", account, str(n)), state, at, "Warm", tags=(tag,), **more)


def agreed(tag: str = "warm-homes", until: date | None = None, matter: Matter = Matter.CAMPAIGN) -> Agreement:
    return Agreement(1, matter, "Head of Communications", NOW, campaign=tag, until=until)


def told(posts: list[Post], /, *agreements: Agreement, **options: Any) -> list[Finding]:
    return said(rule, rule.Options(**options), Facts(NOW, ACCOUNTS, agreements=agreements), posts)


TEN = [post(n, n) for n in range(1, 11)]
ELEVEN = [post(n, n) for n in range(1, 12)]
LONG = [post(1, 0), post(2, 29)]


@pytest.mark.parametrize(
    ("posts", "agreements", "expected"),
    [
        (TEN, [], False),
        (ELEVEN, [], True),
        ([post(1, 0), post(2, 28)], [], False),
        (LONG, [], True),
        (ELEVEN, [agreed()], False),
        (ELEVEN, [agreed("campaign:Warm-Homes")], False),
        (ELEVEN, [agreed(until=date(2026, 6, 12))], False),
        (ELEVEN, [agreed(until=date(2026, 6, 11))], True),
        (ELEVEN, [agreed("foster-2027")], True),
        (ELEVEN, [agreed(matter=Matter.BOOST)], True),
        ([post(n, n, "winter") for n in range(1, 30)], [], False),
        ([post(n, n, "campaign:") for n in range(1, 30)], [], False),
        ([post(n, n, "Campaign:Warm-Homes") for n in range(1, 12)], [], True),
        ([post(n, n, state=State.DRAFT) for n in range(1, 30)], [], False),
        ([post(n, -n) for n in range(1, 30)], [], False),
        ([*TEN, post(11, 10, same_as=10)], [], False),
        ([post(n, n, f"campaign:c{n % 2}") for n in range(1, 13)], [], False),
    ],
)
def test_clause_3_5_a_long_or_major_campaign_is_agreed_first(
    posts: list[Post], agreements: list[Agreement], expected: bool
) -> None:
    found = told(posts, *agreements)
    assert bool(found) is expected
    assert all((f.clause, f.level, f.about) == ("3.5", Level.CONFLICT, "warm-homes") for f in found)


def test_one_line_names_services_count_and_days() -> None:
    (f,) = told([*ELEVEN, post(12, 20, account="fire-x")])
    assert f.sentence == (
        'The campaign "warm-homes" has 12 posts from Tuesday 2 June 2026 to Sunday 21 June 2026, and no agreement with '
        "Communications is on record. It is run by fire-and-rescue and libraries."
    )
    assert 'freeze agree --campaign "warm-homes"' in f.next_step


def test_an_agreement_that_ends_too_soon_is_named() -> None:
    (f,) = told(ELEVEN, agreed(until=date(2026, 6, 5)))
    assert "what was agreed with Communications ends on Friday 5 June 2026" in f.sentence


def test_its_numbers_and_its_prefix_are_settings() -> None:
    assert told(TEN, posts=9)
    assert not told(LONG, weeks=5)
    assert told([post(n, n, "kampagne/x") for n in range(1, 12)], prefix="Kampagne/")


def test_the_same_campaign_keeps_its_short_id_as_its_posts_go_out() -> None:
    assert told(ELEVEN, posts=1)[0].ref == told(ELEVEN[3:], posts=1)[0].ref


@pytest.mark.parametrize("options", [{"posts": 0}, {"weeks": 0}, {"prefix": ""}, {"post": 3}])
def test_an_option_it_cannot_use_is_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        rule.Options(**options)


def test_every_option_says_what_it_is_its_unit_and_its_clause() -> None:
    for name, field in rule.Options.model_fields.items():
        assert field.description, name
        assert isinstance(field.json_schema_extra, dict)
        assert field.json_schema_extra["clause"] in rule.CLAUSES

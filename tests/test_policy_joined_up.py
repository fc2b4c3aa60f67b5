"""The rule "joined-up" (clause 4.2): what is told of several posts, in and out."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError
from together import said

from freeze.accounts import Account
from freeze.findings import Finding, Level
from freeze.judging.evaluate import findings
from freeze.permissions import Allowing, Kinds
from freeze.ports import Facts
from freeze.posts import Locator, Post, State
from policies import joined_up as rule

NOW = datetime(2026, 6, 1, 8, 0, tzinfo=UTC)
ACCOUNTS = {
    a.id: a
    for a in (
        Account("libraries-x", "Anyshire Libraries", "x", service="libraries"),
        Account("libraries-fb", "Anyshire Libraries", "facebook", service="libraries"),
        Account("archives-x", "Anyshire Archives", "x", service="archives"),
        Account("fire-x", "Anyshire Fire", "x", service="fire-and-rescue"),
        Account("site", "Anyshire", "wordpress", service="communications"),
        Account("school-x", "Netherby School", "x", service="schools", in_scope=False),
    )
}
COFFEE = "Could you foster? Come to our coffee morning on Saturday"


def post(n: int, account: str, text: str, hours: float = 1, **more: Any) -> Post:
    a = ACCOUNTS[account]
    where = Locator(a.platform, account, str(n))
    return Post(n, account, a.platform, a.service, where, State.SCHEDULED, NOW + timedelta(hours=hours), text, **more)


def told(*posts: Post, allowing: Allowing | None = None, **options: Any) -> list[Finding]:
    facts = Facts(NOW, ACCOUNTS, allowing=allowing or Allowing())
    return said(rule, rule.Options(**options), facts, posts)


LONG = " and bring the whole family with you"


@pytest.mark.parametrize(
    ("posts", "abouts"),
    [
        # In: different services.
        ([post(1, "libraries-x", COFFEE), post(2, "archives-x", COFFEE, 30)], ["words: archives, libraries"]),
        (
            [post(1, "libraries-x", COFFEE), post(2, "archives-x", f"New: {COFFEE}!", 30)],
            ["words: archives, libraries"],
        ),
        (
            [
                post(1, "libraries-x", "Look here today: https://anyshire.example/foster"),
                post(2, "archives-x", "Something else: http://www.anyshire.example/foster/?utm_source=x", 30),
            ],
            ["link anyshire.example/foster: archives, libraries"],
        ),
        (
            [post(1, "libraries-x", "Read about it #WarmHomes"), post(2, "archives-x", "A film of old #warmhomes", 20)],
            ["subject warmhomes: archives, libraries"],
        ),
        (
            [
                post(1, "libraries-x", "Read about it", tags=("campaign:warm-homes",)),
                post(2, "archives-x", "A film of the past", 20, tags=("Campaign:Warm-Homes",)),
            ],
            ["subject warm-homes: archives, libraries"],
        ),
        # Out: one service on several networks; far apart; a home page; plain tags; who is out of scope.
        ([post(1, "libraries-x", COFFEE), post(2, "libraries-fb", COFFEE, 1.1)], []),
        ([post(1, "libraries-x", COFFEE), post(2, "archives-x", COFFEE, 74)], []),
        (
            [
                post(1, "libraries-x", "Look at our page: https://anyshire.example/"),
                post(2, "archives-x", "Old things: https://anyshire.example", 30),
            ],
            [],
        ),
        (
            [
                post(1, "libraries-x", "Read about it", tags=("winter",)),
                post(2, "archives-x", "Old things", 9, tags=("winter",)),
            ],
            [],
        ),
        ([post(1, "libraries-x", "Read it, it is #5"), post(2, "archives-x", "Old things, you are #5", 9)], []),
        ([post(1, "libraries-x", COFFEE), post(2, "school-x", COFFEE, 2)], []),
        ([post(1, "libraries-x", "Window 5 of our advent"), post(2, "archives-x", "Window 6 of our advent", 2)], []),
        ([post(1, "libraries-x", COFFEE, -2), post(2, "archives-x", COFFEE, 2)], []),
        ([replace(post(1, "libraries-x", COFFEE), state=State.DRAFT), post(2, "archives-x", COFFEE, 2)], []),
        # One account: the same again.
        ([post(1, "libraries-x", COFFEE), post(2, "libraries-x", COFFEE, 49)], ["said again"]),
        ([post(1, "libraries-x", COFFEE), post(2, "libraries-x", COFFEE, 1 + 7 * 24)], []),
        ([post(1, "libraries-x", COFFEE), post(2, "libraries-x", f"{COFFEE} at ten", 49)], []),
        ([post(1, "libraries-x", COFFEE), post(2, "libraries-x", COFFEE, same_as=1)], []),
        # One account: too close.
        ([post(1, "libraries-x", "One"), post(2, "libraries-x", "Two", 1.49)], ["close together"]),
        ([post(1, "libraries-x", "One"), post(2, "libraries-x", "Two", 1.5)], []),
        ([post(1, "libraries-x", "One"), post(2, "libraries-fb", "Two")], []),
        ([post(1, "site", "One"), post(2, "site", "Two")], []),
    ],
)
def test_clause_4_2_what_is_told_and_what_is_not(posts: list[Post], abouts: list[str]) -> None:
    found = told(*posts)
    assert [f.about for f in found] == abouts
    assert all((f.clause, f.level) == ("4.2", Level.NOTE) for f in found)


def test_both_sides_are_named_with_account_service_and_time() -> None:
    (f,) = told(post(1, "libraries-x", COFFEE), post(2, "archives-x", COFFEE, 30), post(3, "archives-x", COFFEE, 90))
    assert f.sentence == (
        "Different services post the same words close together: "
        "libraries (Anyshire Libraries on x, Mon 1 Jun 10:00 BST, p1) and "
        "archives (Anyshire Archives on x, Tue 2 Jun 15:00 BST, p2 and 1 more)."
    )
    assert f.next_step == "Talk to the other service; each decides only on its own posts."
    assert (f.post, f.account) == (1, "libraries-x")


def test_many_posts_that_belong_together_are_one_line() -> None:
    who = ("libraries-x", "archives-x", "fire-x")
    posts = [post(n, who[n % 3], COFFEE, n * 2) for n in range(1, 31)]
    assert [f.about for f in told(*posts, repeat_days=0)] == ["words: archives, fire-and-rescue, libraries"]


def test_the_same_post_is_not_told_again_for_its_link_or_its_hashtag() -> None:
    text = f"{COFFEE} #foster https://anyshire.example/foster"
    assert [f.about[:5] for f in told(post(1, "libraries-x", text), post(2, "archives-x", text, 9))] == ["words"]


def test_a_subject_is_one_line_however_often_it_comes() -> None:
    posts = [post(1 + n, "libraries-x", f"Story {n} #read", 5 + n * 50) for n in range(4)]
    posts += [post(11 + n, "archives-x", f"Book {n} and more #read", 9 + n * 50) for n in range(4)]
    (f,) = told(*posts)
    assert "and 3 more times" in f.sentence
    assert (f.post, f.account) == (None, "")


def test_kinds_that_cannot_wait_may_stand_close_together() -> None:
    posts = [post(1, "fire-x", "Flood", tags=("Warning",)), post(2, "fire-x", "Flood again", 1.1, tags=("warning",))]
    assert len(told(*posts)) == 1
    assert told(*posts, allowing=Allowing(kinds=Kinds(tags={"warning": "warnings"}))) == []


@pytest.mark.parametrize(
    ("posts", "options"),
    [
        ([post(1, "libraries-x", COFFEE), post(2, "archives-x", COFFEE, 30)], {"days": 1}),
        ([post(1, "libraries-x", COFFEE), post(2, "archives-x", f"New: {COFFEE}", 30)], {"alike": 100}),
        ([post(1, "libraries-x", "A #b"), post(2, "archives-x", "C #b", 3)], {"topic_hours": 0}),
        ([post(1, "libraries-x", "A #Any"), post(2, "archives-x", "C #any", 3)], {"shared_topics": ["#Any"]}),
        ([post(1, "libraries-x", COFFEE), post(2, "libraries-x", COFFEE, 9)], {"repeat_days": 0}),
        ([post(1, "libraries-x", "A"), post(2, "libraries-x", "B")], {"spacing": 0}),
        (
            [
                post(1, "libraries-x", "A", link="https://anyshire.example/r"),
                post(2, "archives-x", "B", 3, link="https://anyshire.example/r/"),
            ],
            {"shared_links": ["https://www.anyshire.example/r"]},
        ),
    ],
)
def test_each_setting_makes_a_line_go_away(posts: list[Post], options: dict[str, Any]) -> None:
    assert len(told(*posts)) == 1
    assert told(*posts, **options) == []


def test_a_council_can_make_it_a_conflict() -> None:
    (f,) = told(post(1, "libraries-x", COFFEE), post(2, "archives-x", COFFEE, 30), level="conflict")
    assert f.level is Level.CONFLICT


@pytest.mark.parametrize(
    "options", [{"days": 0}, {"alike": 50}, {"level": "stop"}, {"spacing": -1}, {"shared_links": ["x"]}, {"day": 3}]
)
def test_an_option_it_cannot_use_is_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        rule.Options(**options)


def test_every_option_says_what_it_is_its_unit_and_its_clause() -> None:
    for name, field in rule.Options.model_fields.items():
        assert field.description, name
        assert isinstance(field.json_schema_extra, dict)
        assert field.json_schema_extra["clause"] in rule.CLAUSES


def test_the_same_matter_keeps_its_short_id_and_a_further_service_changes_it() -> None:
    a, b, c = post(1, "libraries-x", COFFEE), post(2, "archives-x", COFFEE, 30), post(3, "fire-x", COFFEE, 40)
    assert told(a, b)[0].ref == told(b, a)[0].ref
    assert told(a, b)[0].ref != told(a, b, c)[0].ref


def test_twenty_thousand_posts_are_judged_quickly() -> None:
    who = ("libraries-x", "archives-x", "fire-x")
    posts = [post(n, who[n % 3], f"Story {n % 97} of {n % 89} at the library today", n / 10) for n in range(1, 20_001)]
    began = time.process_time()
    found = findings(posts, Facts(NOW, ACCOUNTS), {rule.ID: rule}, {rule.ID: rule.Options()})
    assert found
    assert not any("could not" in f.about for f in found)
    assert time.process_time() - began < 8, "more than 0.4 ms a post, on a machine that does other things too"


def test_drafts_for_no_account_yet_do_not_crowd_each_other() -> None:
    drafts = [replace(post(n, "site", COFFEE), account="", platform="", service="") for n in range(1, 20)]
    assert told(*drafts) == []


def test_every_service_in_it_is_told() -> None:
    [only] = told(post(1, "libraries-x", COFFEE), post(2, "archives-x", COFFEE, 30))
    assert only.accounts == ("archives-x", "libraries-x")

"""The rule about sign-off: which subjects are told, and that a recorded sign-off counts for unchanged words only."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from pydantic import ValidationError

from freeze.agreements import Agreement, Matter, content
from freeze.findings import Finding, Level
from freeze.ports import Facts
from freeze.posts import Locator, Post, State
from policies import sign_off as rule

NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)


def post(text: str, *tags: str) -> Post:
    return Post(7, "cc", "x", "communications", Locator("c", "a", "7"), State.SCHEDULED, NOW, text, tags=tags)


def found(p: Post, *agreements: Agreement, **options: object) -> list[Finding]:
    return list(rule.judge(rule.Options(**options), p, Facts(NOW, {}, agreements=agreements)))  # type: ignore[arg-type]


def signed(p: Post, matter: Matter = Matter.SIGN_OFF, until: date | None = None) -> Agreement:
    return Agreement(1, matter, "Head of Communications", NOW, (p.id,), (content(p),), until=until)


IN = [
    ("Budget cuts are coming to every service", "cuts and council tax"),
    ("Council tax will rise by 4.99% in April", "cuts and council tax"),
    ("The proposed closure of Netherby library: what happens next", "the end of a service"),
    ("Wickenford recycling centre is closing\nfor  good", "the end of a service"),
    ("Bin collections during STRIKE ACTION", "industrial action"),
    ("No classes on Tuesday: teachers are on strike", "industrial action"),
    ("A motion by the Labour Group was carried", "party politics"),
    ("Liberal Democrats and others voted against", "party politics"),
    ("The incinerators at Saltmarket: a planning appeal is lodged", "a contested decision"),
    ("How we house asylum seekers", "asylum and migration"),
]


@pytest.mark.parametrize(("text", "subject"), IN)
def test_a_subject_that_needs_sign_off_is_noted_under_clause_4_2(text: str, subject: str) -> None:
    (one,) = found(post(text))
    assert (one.clause, one.level) == ("4.2", Level.NOTE)
    assert one.sentence == f"Nobody recorded a sign-off, and it seems to be about {subject}."
    assert one.next_step == "Ask for it, then: freeze agree p7 --sign-off --by NAME"


OUT = [
    "Budget 2027/28: have your say by 31 January",
    "A14 J54 overnight closure 8pm-6am, diversion signed",
    "Our offices are closed on Christmas Day and Boxing Day",
    "Councillor surgery dates for January are out now",
    "How your council tax is spent",
    "Register to vote by 20 April",
    "Vote for your favourite park",
    "Recycling centres close at 4pm from next week",
    "Strike a pose in our portrait class, and the strikes of the clock",
    "Going green: party bags without plastic",
    "Labour ward tours at Netherby hospital",
    "A public meeting about the market place",
]


@pytest.mark.parametrize("text", OUT)
def test_ordinary_business_is_not(text: str) -> None:
    assert found(post(text)) == []


def test_an_author_says_so_with_a_tag() -> None:
    (one,) = found(post("Our statement", "Political"))
    assert "marked so by its author" in one.sentence


def test_two_subjects_are_one_line() -> None:
    (one,) = found(post("Industrial action against budget cuts"))
    assert one.sentence.endswith("about cuts and council tax and industrial action.")


def test_a_sign_off_counts_until_the_words_change() -> None:
    p = post("Teachers are on strike on Tuesday")
    assert found(p, signed(p)) == []
    (one,) = found(replace(p, text="Teachers are on strike on Wednesday"), signed(p))
    assert one.sentence.endswith("It was agreed to (g1), and was changed since.")


def test_a_sign_off_is_for_one_matter_one_post_and_its_time() -> None:
    p = post("Teachers are on strike")
    assert found(p, signed(p, Matter.BOOST))
    assert found(p, signed(replace(p, id=8)))
    assert found(p, signed(p, until=date(2026, 11, 30)))
    assert found(p, signed(p, until=date(2026, 12, 1))) == []


def test_a_council_adds_its_own_subjects() -> None:
    more = [{"name": "the bypass", "words": ["by-pass", "bypass*"], "tags": ["saltmarket-road"]}]
    assert found(post("The bypasses, again"), more=more)[0].about == "the bypass"
    assert found(post("Works", "Saltmarket-Road"), more=more)
    assert found(post("on strike"), more=more)
    assert found(post("on strike"), topics=[]) == []


@pytest.mark.parametrize("bad", [{"name": "x"}, {"name": "", "words": ["a"]}, {"name": "x", "words": ["*"]}, {"n": 1}])
def test_a_bad_subject_is_refused(bad: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        rule.Options(more=[bad])  # type: ignore[list-item]

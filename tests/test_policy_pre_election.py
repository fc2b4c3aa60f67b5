"""What is promised about the time before an election: business goes on, and what needs care is told, with the law."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from types import ModuleType
from typing import Any

import pytest
import together
from practising import at
from pydantic import ValidationError

from freeze.accounts import Account
from freeze.agreements import Agreement, Matter
from freeze.errors import UsageError
from freeze.findings import Finding, Level
from freeze.judging.evaluate import Verdicts, findings
from freeze.permissions import Allowing, Kinds
from freeze.ports import Facts, FreezeView, Scope
from freeze.posts import Locator, Post, State
from freeze.windows import Window
from policies import pre_election
from policies.pre_election import LAW, Options, judge, matters, presets

NOTICE, CLOSE = at("2027-03-31T00:00"), at("2027-05-06T22:00")
NOW = at("2027-04-05T12:00").astimezone(UTC)
REGISTER = {a: Account(a, a.title(), "facebook", service=a) for a in ("libraries", "highways", "communications")}
TAGS = {"flood": "warnings", "school closed": "school-closures", "life": "risk-to-life"}


def post(text: str, *tags: str, when: datetime | None = None, **more: Any) -> Post:
    due = (when or at("2027-04-14T10:00")).astimezone(UTC)
    base = Post(1, "libraries", "facebook", "libraries", Locator("c", "1", "n"), State.SCHEDULED, due, text, tags=tags)
    return replace(base, **more)


def view(scope: Scope | None = None) -> FreezeView:
    window = Window(NOTICE, CLOSE)
    return FreezeView(
        "f1",
        "pre-election",
        (window,),
        scope or Scope(everything=True),
        True,
        "Pre-election period (f1)",
        LAW,
        "pre-election",
    )


def facts(options: Options | None = None, *, in_force: bool = True, scope: Scope | None = None, **more: Any) -> Facts:
    preset = presets(options or Options())[0]
    assert preset.holds is not None
    kinds = Kinds(TAGS, {}, {preset.name: frozenset(preset.always)}, {}, {preset.name: preset.holds})
    views = (view(scope),)
    return Facts(NOW, REGISTER, views if in_force else (), Allowing((), kinds), declared=views, **more)


def about(text: str, *tags: str, options: Options | None = None) -> set[str]:
    return {m for m, _ in matters(options or Options(), post(text, *tags))}


def found(p: Post, options: Options | None = None, **more: Any) -> list[Finding]:
    known = facts(options, **more)
    return [*judge(options or Options(), p, known), *together.said(pre_election, options or Options(), known, [p])]


MEMBERS_IN = [
    "Cllr Ann Bell said: “We are proud of our libraries.”",
    "Cllr. Bell opened the new bridge today.",
    "CLLR BELL OPENS THE NEW BRIDGE",
    "Councillor Ann Bell, Cabinet Member for Roads, visited the depot.",
    "Great to see Councillors Bell and Khan at the food bank",
    "The Leader of the Council has welcomed the news.",
    "“This is wonderful for our county and its people,” our councillor told the press.",
    "The local councillor said the path would open in June.",
    "Come to Cllr Bell's surgery on Saturday at 10am.",
    "Pictured: Councillor Khan with the winners.",
    "Our Cabinet Member answers your questions.",
    "The Portfolio Holder for transport has signed the agreement.",
    "<p>Councillor O’Neill cut the ribbon</p>",
]
MEMBERS_OUT = [
    "Councillor surgery dates for May are on our website.",
    "Councillor Surgeries: see our calendar.",
    "Who is my councillor? Find out with your postcode.",
    "Councillors meet on Thursday at 2pm; watch the meeting live.",
    "Stand for election: nominations for councillors close on 8 April.",
    "Councillor Community Fund: grants for village halls",
    "The Councillor Code of Conduct was updated.",
    "Our team leader of the month is Sam.",
    "Street counsellor wanted for our youth service",
    "“The best book I have read this year” - a reader at Netherby library",
    "Flood warning for the River Any: move your car now.",
    "Netherby School is closed today because of a burst pipe.",
    "Story time at Saltmarket library, Tuesdays 10am. “Bring a blanket,” says the librarian.",
    "The Medical Centre is moving to the Council offices.",
]


@pytest.mark.parametrize("text", MEMBERS_IN)
def test_a_councillors_words_name_or_picture_are_told(text: str) -> None:
    assert "member-quotes" in about(text)
    (finding,) = found(post(text))
    assert (finding.level, finding.clause, finding.freeze) == (Level.CONFLICT, LAW, "f1")
    assert (
        "councillor" in finding.sentence
        or "council" in finding.sentence
        or "cabinet" in finding.sentence
        or "portfolio" in finding.sentence
    )


@pytest.mark.parametrize("text", MEMBERS_OUT)
def test_what_gives_no_councillor_publicity_is_no_finding(text: str) -> None:
    assert about(text) == set()
    assert found(post(text)) == []


@pytest.mark.parametrize(
    ("text", "tags", "expected"),
    [
        ("Library lates start on Friday", (), set()),
        ("Photo from the opening", ("Councillor ",), {"member-quotes"}),
        ("Read more, worry less", ("campaign:read more",), {"campaigns"}),
        ("Read more, worry less", ("campaign:",), set()),
        ("Have your say on the Saltmarket bypass", (), {"consultations"}),
        ("Public consultation: parking in Netherby", (), {"consultations"}),
        ("Our consultation on library hours closes on Friday", (), {"consultations"}),
        ("Have your say on 6 May: register to vote by midnight", (), set()),
        ("Have your say. Bring photo voter ID to your polling station", (), set()),
        ("GP consultations by telephone", (), set()),
        ("What devolution means for Anyshire", (), {"topics"}),
        ("Why we must make budget cuts", (), {"topics"}),
        ("Your council tax bill: how to pay by direct debit", (), set()),
        ("Cllr Bell: have your say on devolution", (), {"member-quotes", "consultations", "topics"}),
    ],
)
def test_what_a_post_is_about_is_told_from_its_words_and_tags(
    text: str, tags: tuple[str, ...], expected: set[str]
) -> None:
    assert about(text, *tags) == expected


def test_one_post_is_one_finding_whatever_it_touches() -> None:
    (finding,) = found(post("Cllr Bell: have your say on devolution"))
    assert "names a councillor and is about a consultation (“have your say”)" in finding.sentence
    assert finding.about == "member-quotes, consultations, topics"


@pytest.mark.parametrize(
    ("said", "p"),
    [
        ("before the notice", post("Cllr Bell said", when=at("2027-03-30T23:59:59"))),
        ("after the close of poll", post("Cllr Bell said", when=at("2027-05-06T22:00"))),
        ("without a time", post("Cllr Bell said", intended_at=None)),
        ("a draft", post("Cllr Bell said", state=State.DRAFT)),
        ("published", post("Cllr Bell said", state=State.PUBLISHED)),
        ("on an account outside its scope", post("Cllr Bell said", account="highways")),
        ("a flood warning, by its tag", post("Cllr Bell says: move your car now", "Flood")),
        ("a risk to life, by its tag", post("Cllr Bell says: leave now", "life", "other")),
    ],
    ids=lambda x: x if isinstance(x, str) else "",
)
def test_nothing_is_said_of_what_lies_outside_it(said: str, p: Post) -> None:
    assert found(p, scope=Scope(services=("libraries",))) == [], said


@pytest.mark.parametrize("when", [NOTICE, at("2027-05-06T21:59:59")])
def test_both_ends_are_exact(when: datetime) -> None:
    assert len(found(post("Cllr Bell said", when=when))) == 1


def test_without_an_election_nothing_is_looked_at() -> None:
    assert list(judge(Options(), post("Cllr Bell said"), Facts(NOW, REGISTER))) == []


def test_by_default_it_holds_nothing() -> None:
    assert Verdicts(facts()).held_by(post("Cllr Bell said", "campaign:x")) == ()


@pytest.mark.parametrize(
    ("hold", "text", "tags", "held"),
    [
        ("member-quotes", "Cllr Bell said", (), True),
        ("member-quotes", "Story time", (), False),
        ("member-quotes", "Have your say on parking", (), False),
        ("member-quotes", "Cllr Bell: move your car now", ("flood",), False),
        ("campaigns", "Read more", ("campaign:read",), True),
        ("campaigns", "Read more", ("campaign:old",), False),
        ("consultations", "Have your say on parking", (), True),
        ("topics", "What devolution means", (), True),
        ("topics", "Netherby School is closed", ("school closed",), False),
    ],
)
def test_it_holds_only_what_the_settings_name(hold: str, text: str, tags: tuple[str, ...], held: bool) -> None:
    options = Options.model_validate({"hold": [hold], "running": ["campaign:old"]})
    assert bool(Verdicts(facts(options)).held_by(post(text, *tags))) is held


def test_what_is_held_is_said_once_and_why() -> None:
    options = Options(hold=("member-quotes",))
    module: ModuleType = pre_election
    p = post("Cllr Bell said")
    told = findings([p], facts(options), {"pre-election": module}, {"pre-election": options})
    assert [(f.level, f.policy) for f in told] == [(Level.STOP, "pre-election")]
    assert told[0].sentence.endswith("inside Pre-election period (f1): it names a councillor.")
    ahead = findings([p], facts(options, in_force=False), {"pre-election": module}, {"pre-election": options})
    assert [f.level for f in ahead] == [Level.CONFLICT], "weeks before it takes hold it is a conflict"


def campaign(*when: str, tag: str = "campaign:Read More") -> list[Post]:
    return [post("Read", tag, when=at(w), id=n) for n, w in enumerate(when, 1)]


def test_a_campaign_that_begins_in_the_period_is_one_finding() -> None:
    posts = campaign("2027-04-14T10:00", "2027-04-16T10:00", "2027-05-20T10:00")
    (finding,) = together.said(pre_election, Options(), facts(), posts)
    assert (finding.post, finding.about, finding.clause) == (1, "campaign campaign:read more", LAW)
    assert "on Wednesday 14 April 2027, 10:00 BST (2 posts of it" in finding.sentence


@pytest.mark.parametrize(
    ("said", "posts", "options", "more"),
    [
        ("a post of it is due before", campaign("2027-03-30T10:00", "2027-04-14T10:00"), Options(), {}),
        ("it begins after the poll", campaign("2027-05-07T10:00"), Options(), {}),
        ("the settings say that it runs", campaign("2027-04-14T10:00"), Options(running=("Campaign:read  more",)), {}),
        (
            "it was agreed before",
            campaign("2027-04-14T10:00"),
            Options(),
            {
                "agreements": [
                    Agreement(1, Matter.CAMPAIGN, "Jo", NOTICE - timedelta(days=3), campaign="campaign:read more")
                ]
            },
        ),
    ],
    ids=lambda x: x if isinstance(x, str) else "",
)
def test_a_campaign_that_is_not_new_is_no_finding(
    said: str, posts: list[Post], options: Options, more: dict[str, Any]
) -> None:
    assert together.said(pre_election, options, facts(options, **more), posts) == [], said


def test_an_agreement_given_in_the_period_does_not_make_it_old() -> None:
    late = Agreement(1, Matter.CAMPAIGN, "Jo", NOTICE + timedelta(days=3), campaign="campaign:read more")
    assert len(together.said(pre_election, Options(), facts(agreements=[late]), campaign("2027-04-14T10:00"))) == 1


@pytest.mark.parametrize(
    ("end", "closes"), [("close of poll", at("2027-05-06T22:00")), ("end of day", at("2027-05-07T00:00"))]
)
def test_it_ends_with_the_poll(end: str, closes: datetime) -> None:
    preset = presets(Options.model_validate({"end": end}))[0]
    assert preset.end is not None
    told = preset.end(NOTICE, date(2027, 5, 6))
    assert (told.windows[0].start, told.windows[0].end, told.provisional) == (NOTICE, closes, False)


@pytest.mark.parametrize(("start", "poll"), [(NOTICE, None), (at("2027-05-07T00:00"), date(2027, 5, 6))])
def test_an_election_without_a_poll_ahead_is_refused(start: datetime, poll: date | None) -> None:
    end = presets(Options())[0].end
    assert end is not None
    with pytest.raises(UsageError, match="poll"):
        end(start, poll)


def test_its_scope_must_be_given_and_its_clause_is_law() -> None:
    preset = presets(Options())[0]
    assert not preset.default_everything
    assert "1986" in preset.clause
    assert "law, not in the council's policy" in preset.clause


@pytest.mark.parametrize("wrong", [{"hold": ["quotes"]}, {"end": "noon"}, {"campaign_prefix": ""}, {"colour": 1}])
def test_a_bad_setting_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Options.model_validate(wrong)


def test_every_setting_says_what_it_is() -> None:
    for name, field in Options.model_fields.items():
        assert field.description, name
        assert set(field.json_schema_extra or {}) == {"unit", "clause"}, name  # type: ignore[arg-type]


def test_twenty_thousand_posts_are_judged_quickly() -> None:
    known = facts()
    posts = [post(f"Story time number {n} at Saltmarket library, all welcome. " * 4, id=n) for n in range(1, 4_001)]
    started = time.process_time()
    assert not [f for p in posts for f in judge(Options(), p, known)]
    assert time.process_time() - started < len(posts) * 0.0001


def test_hostile_text_is_bounded() -> None:
    started = time.process_time()
    for text in ("councillor " * 20_000, "“" * 50_000 + "councillor", "Councillors " + "Aa, " * 30_000, "a”" * 40_000):
        about(text)
    assert time.process_time() - started < 2

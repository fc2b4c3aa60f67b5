"""What is promised about the crisis rule: starts at once, ends when somebody says so, and asks for its reviews."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, timedelta
from typing import Any

import pytest
from practising import at
from pydantic import ValidationError

from freeze.accounts import Account
from freeze.crisis import Crisis, Noted, What
from freeze.findings import Level
from freeze.judging.evaluate import Verdicts
from freeze.pauses.freezes import Freeze, Standing, standing, view
from freeze.permissions import RISK_TO_LIFE, Allowing, How, Kinds, Permission
from freeze.ports import Facts, FreezeView, Scope, World
from freeze.posts import Locator, Post, State
from freeze.windows import Window
from policies import royal_death
from policies.crisis import Options, inspect, presets

START = at("2026-06-04T16:40").astimezone(UTC)
LEAD = timedelta(hours=24)
REGISTER = {a: Account(a, a, "x", service=a) for a in ("libraries", "highways")}
KINDS = Kinds(
    {"flood": "warnings", "school closed": "school-closures", "life": RISK_TO_LIFE, "read": "campaigns"},
    {},
    {
        "crisis": frozenset(presets(Options())[0].always),
        "royal-death": frozenset(royal_death.presets(royal_death.Options())[0].always),
    },
)


def crisis(*notes: tuple[What, str], hours: float = 0) -> Crisis:
    c = Crisis()
    for what, words in notes:
        c = c.noted(Noted(START + timedelta(hours=hours), "Jo", what, words))
    return c


def declared(record: Crisis | None = None) -> Freeze:
    preset = presets(Options())[0]
    assert preset.end is not None
    end = preset.end(START, None)
    return Freeze(
        1,
        preset.name,
        preset.title,
        "crisis",
        "4.3",
        Scope(accounts=("libraries",)),
        end.windows,
        end.provisional,
        None,
        end.because,
        "A reason",
        "",
        START,
        "Jo",
        details=(record or Crisis()).to_json(),
    )


def told(record: Crisis, *permissions: Permission, after: timedelta = timedelta(hours=1)) -> dict[str, str]:
    now = START + after
    facts = Facts(now, REGISTER, (view(declared(record), now, LEAD),), Allowing(permissions, KINDS))
    return {f.about: f.sentence for f in inspect(Options(), World(facts, ())) if f.clause == "4.3"}


def test_it_needs_a_scope_and_has_an_end_that_only_asks() -> None:
    preset = presets(Options())[0]
    assert not preset.default_everything
    f = declared()
    assert (f.end - f.start, f.provisional) == (timedelta(days=3), True)
    for days in (3, 30, 300):
        now = START + timedelta(days=days)
        assert standing(f, now) is Standing.END_OVERDUE
        assert now in view(f, now, LEAD).windows[-1], "a provisional end lets nothing past it"


def test_it_holds_the_named_account_at_once_and_no_other() -> None:
    verdicts = Verdicts(Facts(START, REGISTER, (view(declared(), START, LEAD),), Allowing((), KINDS)))
    post = Post(
        1, "libraries", "x", "libraries", Locator("c", "1", "n"), State.SCHEDULED, START + timedelta(minutes=1), "Hello"
    )
    assert verdicts.held_by(post)
    assert not verdicts.held_by(replace(post, account="highways", service="highways"))


@pytest.mark.parametrize("preset", ["crisis", "royal-death"])
@pytest.mark.parametrize(
    ("text", "tag", "passes"),
    [
        ("Flood warning for the River Any: act now", "flood", True),
        ("Netherby School is closed", "school closed", True),
        ("Leave the building now", "life", True),
        ("Read more: the libraries campaign", "read", False),
        ("Flood warning without a tag: never guessed from the words", "", False),
    ],
)
def test_warnings_and_closures_pass_and_campaigns_do_not(preset: str, text: str, tag: str, passes: bool) -> None:
    window = Window(START, START + timedelta(days=3))
    f = FreezeView("f1", preset, (window,), Scope(everything=True), True, "Pause (f1)", "4.3", preset)
    post = Post(
        1,
        "libraries",
        "x",
        "libraries",
        Locator("c", "1", "n"),
        State.SCHEDULED,
        START + timedelta(hours=1),
        text,
        tags=(tag,) if tag else (),
    )
    assert bool(Verdicts(Facts(START, REGISTER, (f,), Allowing((), KINDS))).held_by(post)) is not passes


def test_it_says_once_what_is_not_on_record() -> None:
    assert "its signs, its group, who approves messages" in told(Crisis())["record"]
    assert "record" not in told(crisis((What.SIGN, "press"), (What.GROUP, "Ann Bell"), (What.APPROVER, "Jo Smith")))


@pytest.mark.parametrize(
    ("record", "hours", "due"),
    [
        (Crisis(), 23.9, False),
        (Crisis(), 24, True),
        (crisis((What.REVIEW, "calmer"), hours=20), 43.9, False),
        (crisis((What.REVIEW, "calmer"), hours=20), 44, True),
        (crisis((What.NEXT_REVIEW, (START + timedelta(hours=2)).isoformat())), 1.9, False),
        (crisis((What.NEXT_REVIEW, (START + timedelta(hours=2)).isoformat())), 2, True),
        (
            crisis((What.NEXT_REVIEW, (START + timedelta(hours=2)).isoformat()), (What.REVIEW, "early"), hours=1),
            2,
            True,
        ),
        (
            crisis((What.NEXT_REVIEW, (START + timedelta(hours=2)).isoformat()), (What.REVIEW, "done"), hours=3),
            26,
            False,
        ),
    ],
)
def test_a_review_that_is_overdue_is_a_conflict(record: Crisis, hours: float, due: bool) -> None:
    now = START + timedelta(hours=hours)
    facts = Facts(now, REGISTER, (view(declared(record), now, LEAD),))
    found = [f for f in inspect(Options(), World(facts, ())) if f.about == "review"]
    assert [f.level for f in found] == ([Level.CONFLICT] if due else [])


def test_longer_hours_are_told_while_they_last() -> None:
    record = crisis((What.HOURS, (START + timedelta(hours=6)).isoformat()))
    assert "until Thursday 4 June 2026, 22:40 BST" in told(record)["hours"]
    assert "hours" not in told(record, after=timedelta(hours=6))


@pytest.mark.parametrize(
    ("given_by", "said"),
    [
        ("Jo Smith, Communications lead (jsmith)", False),
        ("Ann Bell (as stated), entered by root", False),
        ("Sam Patel (spatel)", True),
        ("Joanna Smithers (x)", True),
    ],
)
def test_what_the_approver_was_not_asked_about_is_told(given_by: str, said: bool) -> None:
    record = crisis((What.APPROVER, "Jo Smith"), (What.DEPUTY, "ann  bell"))
    p = Permission(3, "f1", How.POST, "Needed", given_by, START, posts=(1,))
    assert ("a3" in told(record, p)) is said
    assert "a3" not in told(record, replace(p, withdrawn_at=START))
    assert "a3" not in told(record, replace(p, freeze="f2"))
    assert "a3" not in told(record, replace(p, kind=RISK_TO_LIFE)), "a risk to life waits for nobody"
    assert "a3" not in told(Crisis(), p), "with nobody named there is nobody to ask"


def test_a_listening_response_needs_no_approver() -> None:
    record = crisis((What.APPROVER, "Jo Smith"))
    record = record.noted(Noted(START, "Sam", What.LISTENING, "libraries", "a3"))
    p = Permission(3, "f1", How.WORDS, "Listening", "Sam Patel", START, words="We hear you", accounts=("libraries",))
    assert "a3" not in told(record, p)


@pytest.mark.parametrize("wrong", [{"end_days": 0}, {"review_hours": 0.5}, {"always": ["No Such"]}, {"approver": "Jo"}])
def test_a_bad_setting_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Options.model_validate(wrong)


def test_every_setting_says_what_it_is() -> None:
    for name, field in Options.model_fields.items():
        assert field.description, name
        assert set(field.json_schema_extra or {}) == {"unit", "clause"}, name  # type: ignore[arg-type]

"""The rule about bios (clauses 3.8 and 3.7): what lands on Monday's list, in and out."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from freeze.accounts import Account, KnownBio
from freeze.findings import Finding, Level
from freeze.judging.evaluate import findings
from freeze.ports import Facts, FreezeView, Scope, World
from freeze.posts import Locator, Post, State
from freeze.register import Administrator, Record
from freeze.windows import Window
from policies import bios as rule

NOW = datetime(2026, 6, 3, 9, 0, tzinfo=UTC)
LIBRARIES = Account("libraries-x", "Anyshire Libraries", "x", service="libraries")
BIO = KnownBio("libraries-x", "x", "Anyshire Libraries", "Monitored Mon-Fri 9-5", 160, NOW - timedelta(hours=3))
DIRECTOR = Record(
    kind="professional", approved_by="Head of Communications", administrators=(Administrator("Sam Archer"),)
)
GOOD = "Director of Public Health. Professional account, monitored Mon-Fri 9-5. anyshire.example/health"


def found(
    bio: str | KnownBio | None,
    record: Record | None = None,
    account: Account = LIBRARIES,
    freezes: tuple[FreezeView, ...] = (),
    **options: Any,
) -> list[Finding]:
    known = replace(BIO, text=bio) if isinstance(bio, str) else bio
    facts = Facts(
        NOW,
        {account.id: account},
        freezes=freezes,
        records={account.id: record} if record else {},
        bios=[known] if known else [],
    )
    return list(rule.inspect(rule.Options(**options), World(facts, ())))


@pytest.mark.parametrize(
    ("bio", "record", "expected"),
    [
        ("Monitored Mon-Fri 9-5", None, ""),
        ("Monitored Mon-Fri 9-5", Record(hours="Monday to Friday 09:00-17:00"), ""),
        ("Monitored 24/7", Record(around_the_clock=True), ""),
        ("Monitored in office hours", None, "not the days and times"),
        ("Not monitored 24/7", None, "not the days and times"),
        ("Library open Mon-Sat 9-5", None, "does not say when the account is monitored"),
        ("", None, "does not say when the account is monitored"),
        ("Monitored Mon-Fri 9-5", Record(hours="Mon-Sun 8-8"), "the register says Mon-Sun 08:00-20:00"),
        ("Monitored Mon-Fri 9-5", Record(around_the_clock=True), "the register says every day, at all hours"),
    ],
)
def test_clause_3_8_a_bio_states_days_and_times(bio: str, record: Record | None, expected: str) -> None:
    list_ = found(bio, record)
    assert bool(list_) == bool(expected)
    for f in list_:
        assert (f.clause, f.level, f.account, f.about) == ("3.8", Level.HOUSEKEEPING, "libraries-x", "hours")
        assert expected in f.sentence
        assert f.sentence.startswith("Anyshire Libraries (x): the bio")
        assert "freeze bios suggest libraries-x" in f.next_step


@pytest.mark.parametrize(
    ("bio", "record", "options", "expected"),
    [
        (GOOD, DIRECTOR, {}, []),
        (GOOD, DIRECTOR, {"council_domains": ["anyshire.example"]}, []),
        (GOOD, DIRECTOR, {"council_domains": ["example.org"]}, ["link"]),
        (
            GOOD.replace("anyshire.example", "evilanyshire.example"),
            DIRECTOR,
            {"council_domains": ["anyshire.example"]},
            ["link"],
        ),
        (
            GOOD.replace("anyshire.example", "www.anyshire.example"),
            DIRECTOR,
            {"council_domains": ["anyshire.example"]},
            [],
        ),
        ("Director of Public Health, monitored Mon-Fri 9-5. anyshire.example", DIRECTOR, {}, ["says so"]),
        ("Not a professional account. Monitored Mon-Fri 9-5. anyshire.example", DIRECTOR, {}, ["says so"]),
        ("Professional account, monitored Mon-Fri 9-5.", DIRECTOR, {}, ["link"]),
        (GOOD, replace(DIRECTOR, approved_by=""), {}, ["approval"]),
        (GOOD, replace(DIRECTOR, administrators=(Administrator("Anyshire Libraries"),)), {}, ["name"]),
        (GOOD, replace(DIRECTOR, administrators=(Administrator("Ann Libraries"),)), {}, []),
        ("Monitored Mon-Fri 9-5", replace(DIRECTOR, kind="service"), {}, []),
        (None, replace(DIRECTOR, approved_by=""), {}, ["approval"]),
    ],
)
def test_clause_3_7_a_professional_account_says_that_it_is_one(
    bio: str | None, record: Record, options: dict[str, Any], expected: list[str]
) -> None:
    list_ = found(bio, record, **options)
    assert [f.about for f in list_] == expected
    assert all((f.clause, f.level) == ("3.7", Level.HOUSEKEEPING) for f in list_)


@pytest.mark.parametrize(
    "account",
    [
        replace(LIBRARIES, registered=False),
        replace(LIBRARIES, in_scope=False),
        replace(LIBRARIES, platform="wordpress"),
    ],
)
def test_accounts_that_the_policy_is_not_about_are_left_alone(account: Account) -> None:
    assert found("Hello", account=account) == []


def test_a_description_nobody_has_read_is_told_only_when_asked_for() -> None:
    assert found(None) == []
    (told,) = found(None, missing=True)
    assert (told.level, told.about) == (Level.HOUSEKEEPING, "no description")


def test_a_description_that_was_not_read_again_for_long_is_told() -> None:
    old = replace(BIO, read_at=NOW - timedelta(days=30))
    (told,) = found(old)
    assert "last read on Monday 4 May 2026" in told.sentence
    assert found(replace(BIO, read_at=NOW - timedelta(days=29))) == []


def test_the_evaluator_runs_it_like_any_other_rule() -> None:
    facts = Facts(NOW, {LIBRARIES.id: LIBRARIES}, bios=[replace(BIO, text="Hello")])
    at = Locator("x", "9", "1")
    post = Post(1, LIBRARIES.id, "x", "libraries", at, State.SCHEDULED, NOW + timedelta(days=1), "Bin day")
    (told,) = findings([post], facts, {rule.ID: rule}, {rule.ID: rule.Options()})
    assert (told.policy, told.level, told.post) == ("bios", Level.HOUSEKEEPING, None)


def test_the_same_gap_keeps_its_short_id_whatever_the_bio_says_now() -> None:
    assert found("Hello")[0].ref == found("Monitored in office hours")[0].ref


CRISIS = FreezeView(
    id="f3",
    preset="crisis",
    windows=(Window(NOW - timedelta(hours=1), NOW + timedelta(days=1)),),
    scope=Scope(services=("libraries",)),
    holding=True,
    label="Crisis (f3)",
    clause="4.3",
    policy="crisis",
)


def test_in_a_crisis_bios_that_promise_office_hours_are_named_in_one_note() -> None:
    (note,) = found("Monitored Mon-Fri 9-5", freezes=(CRISIS,))
    assert (note.level, note.freeze) == (Level.NOTE, "f3")
    assert "Crisis (f3)" in note.sentence
    assert "Anyshire Libraries (x: Mon-Fri 09:00-17:00)" in note.sentence


@pytest.mark.parametrize(
    ("bio", "freeze"),
    [
        ("Monitored 24/7", CRISIS),
        ("Monitored Mon-Fri 9-5", replace(CRISIS, holding=False)),
        ("Monitored Mon-Fri 9-5", replace(CRISIS, preset="royal-death")),
        ("Monitored Mon-Fri 9-5", replace(CRISIS, scope=Scope(services=("highways",)))),
        (
            "Monitored Mon-Fri 9-5",
            replace(CRISIS, windows=(Window(NOW + timedelta(hours=1), NOW + timedelta(days=1)),)),
        ),
    ],
)
def test_no_such_note_where_there_is_nothing_to_say(bio: str, freeze: FreezeView) -> None:
    assert found(bio, freezes=(freeze,)) == []


@pytest.mark.parametrize(
    "options",
    [{"missing": "yes"}, {"stale_after": 0}, {"council_domains": ["https://anyshire.example"]}, {"stale": 3}],
)
def test_an_option_it_cannot_use_is_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        rule.Options(**options)


def test_every_option_says_what_it_is_its_unit_and_its_clause() -> None:
    for name, field in rule.Options.model_fields.items():
        assert field.description, name
        assert isinstance(field.json_schema_extra, dict)
        assert field.json_schema_extra["clause"] in rule.CLAUSES

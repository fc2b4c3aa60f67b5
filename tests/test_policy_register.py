"""The rule about the register (2.2 to 2.8, 3.8, 5.5, 5.6, 8.2): what lands on Monday's list, in and out."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from types import ModuleType
from typing import Any

import pytest
from pydantic import ValidationError

from freeze.accounts import Account
from freeze.findings import Finding, Level
from freeze.judging.evaluate import findings
from freeze.ports import Facts, World
from freeze.register import Administrator, Record
from policies import policy_review
from policies import register as rule

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
LATELY = date(2026, 10, 1)
ACCOUNT = Account("libraries-x", "Anyshire Libraries", "x", service="libraries", owner="Head of Libraries")
JO = Administrator("Jo Smith", "Ann Lee", LATELY, LATELY)
SAM = Administrator("Sam Hill", "Ann Lee", LATELY, LATELY)
GOOD = Record(
    kind="corporate",
    administered_by="council",
    hours="Mon-Fri 9am-5pm",
    two_factor_on=LATELY,
    code_goes_to="Jo Smith",
    credentials_at="the safe in room 12",
    password_changed_on=LATELY,
    reviewed_on=LATELY,
    administrators=(JO, SAM),
)


def gone(a: Administrator, on: date = date(2026, 11, 2), **more: Any) -> Administrator:
    return replace(a, left_on=on, **more)


def found(
    record: Record | None, account: Account = ACCOUNT, *, inside: bool = False, options: dict[str, Any] | None = None
) -> list[Finding]:
    facts = Facts(
        NOW,
        {account.id: account},
        records={account.id: record} if record else {},
        in_scheduler=frozenset({account.id}) if inside else frozenset(),
    )
    return list(rule.inspect(rule.Options(**options or {}), World(facts, ())))


KIM = gone(Administrator("Kim Fox"))
UNREAD = tuple(replace(a, policy_read_on=None) for a in (JO, SAM))
ROLE = replace(GOOD, kind="professional", approved_by="Head of Communications")

TABLE = [
    # what the register says, the account, whether the scheduler reaches it, then each gap: clause and words
    ("complete", GOOD, ACCOUNT, False, []),
    ("complete and in the scheduler", GOOD, ACCOUNT, True, []),
    ("nothing known: one line, not ten", None, ACCOUNT, False, [("2.2", "does not say who runs it")]),
    ("only reviewed: who runs it is still one line", Record(reviewed_on=LATELY), ACCOUNT, False,
     [("2.2", "does not say who runs it"), ("3.8", "does not say when")]),
    ("no owner", GOOD, replace(ACCOUNT, owner=""), False, [("2.2", "nobody is named as its owner")]),
    ("the owner left", replace(GOOD, administrators=(JO, SAM, replace(KIM, logs_in=False))),
     replace(ACCOUNT, owner="Kim Fox"), False, [("2.2", "its owner, Kim Fox, left on Monday 2 November 2026")]),
    ("no administrator", replace(GOOD, administrators=()), ACCOUNT, False, [("2.3", "named as its administrator")]),
    ("not authorised", replace(GOOD, administrators=(replace(JO, authorised_by=""), SAM)), ACCOUNT, False,
     [("2.3", "no manager's authorisation is on record for Jo Smith")]),
    ("not trained", replace(GOOD, administrators=(JO, replace(SAM, trained_on=None))), ACCOUNT, False,
     [("2.8", "no training is on record for Sam Hill")]),
    ("policy not read", replace(GOOD, administrators=UNREAD), ACCOUNT, False,
     [("2.8", "read the policy is on record for Jo Smith, Sam Hill")]),
    ("one can log in", replace(GOOD, administrators=(JO, replace(SAM, logs_in=False))), ACCOUNT, False,
     [("5.6", "only Jo Smith can log in; it takes at least 2 people")]),
    ("the second is on the access list", replace(GOOD, administrators=(JO,), access=("Sam Hill",)), ACCOUNT, False, []),
    ("twice the same person", replace(GOOD, administrators=(JO,), access=("JO  SMITH",)), ACCOUNT, False,
     [("5.6", "can log in; it takes at least 2")]),
    ("two-factor never checked", replace(GOOD, two_factor_on=None), ACCOUNT, False, [("5.6", "was never checked")]),
    ("two-factor checked long ago", replace(GOOD, two_factor_on=date(2025, 11, 19)), ACCOUNT, False,
     [("5.6", "last looked at on Wednesday 19 November 2025")]),
    ("two-factor checked a year ago to the day", replace(GOOD, two_factor_on=date(2025, 11, 20)), ACCOUNT, False, []),
    ("nobody's device", replace(GOOD, code_goes_to=""), ACCOUNT, False, [("5.6", "second factor's code goes")]),
    ("an administrator's device", replace(GOOD, code_goes_to="", administrators=(replace(JO, gets_code=True), SAM)),
     ACCOUNT, False, []),
    ("credentials nowhere", replace(GOOD, credentials_at=""), ACCOUNT, False, [("5.5", "where its credentials are")]),
    ("credentials nowhere, in the scheduler", replace(GOOD, credentials_at=""), ACCOUNT, True, []),
    ("old password", replace(GOOD, password_changed_on=date(2025, 1, 1)), ACCOUNT, False,
     [("5.5", "last changed on Wednesday 1 January 2025")]),
    ("old password, in the scheduler", replace(GOOD, password_changed_on=None), ACCOUNT, True, []),
    ("left, password not changed since", replace(GOOD, administrators=(JO, SAM, KIM)), ACCOUNT,
     True, [("5.5", "change the password: Kim Fox left on Monday 2 November 2026")]),
    ("moved, password not changed since", replace(GOOD, administrators=(JO, SAM, replace(KIM, moved=True))),
     ACCOUNT, True, [("5.5", "change the password: Kim Fox moved to other work on Monday 2 November 2026")]),
    ("left, password changed that day",
     replace(GOOD, password_changed_on=date(2026, 11, 2), administrators=(JO, SAM, KIM)),
     ACCOUNT, False, []),
    ("left, could not log in", replace(GOOD, administrators=(JO, SAM, replace(KIM, logs_in=False))),
     ACCOUNT, False, []),
    ("left, and gets the code",
     replace(GOOD, code_goes_to="Kim Fox's phone", password_changed_on=date(2026, 11, 3),
             administrators=(JO, SAM, replace(KIM, gets_code=True))), ACCOUNT, False,
     [("5.5", "let its code go to somebody else's device: Kim Fox left")]),
    ("left, and the code goes elsewhere by now",
     replace(GOOD, password_changed_on=date(2026, 11, 3),
             administrators=(JO, SAM, replace(KIM, gets_code=True))), ACCOUNT, False, []),
    ("leaves next week", replace(GOOD, administrators=(JO, SAM, gone(Administrator("Kim Fox", "A", LATELY, LATELY),
                                                                  date(2026, 11, 27)))), ACCOUNT, False, []),
    ("one of two left", replace(GOOD, password_changed_on=date(2026, 11, 3), administrators=(JO, gone(SAM))), ACCOUNT,
     False, [("5.6", "only Jo Smith can log in")]),
    ("never reviewed", replace(GOOD, reviewed_on=None), ACCOUNT, False, [("2.2", "it was never reviewed")]),
    ("reviewed long ago", replace(GOOD, reviewed_on=date(2025, 11, 1)), ACCOUNT, False, [("2.2", "last reviewed on")]),
    ("no hours", replace(GOOD, hours=""), ACCOUNT, False, [("3.8", "does not say when it is monitored")]),
    ("hours nobody can read", replace(GOOD, hours="when we can"), ACCOUNT, False, [("3.8", "cannot be read as days")]),
    ("around the clock", replace(GOOD, hours="", around_the_clock=True), ACCOUNT, False, []),
    ("a website is not monitored", replace(GOOD, hours=""), replace(ACCOUNT, platform="wordpress"), False, []),
    ("fire, professional, one approval",
     ROLE,
     replace(ACCOUNT, service="fire-and-rescue"), False, [("8.2", "no approval by the chief fire officer")]),
    ("fire, professional, both approvals",
     replace(GOOD, kind="professional", approved_by="Head of Communications, Chief Fire Officer"),
     replace(ACCOUNT, service="fire-and-rescue"), False, []),
    ("not fire, professional", ROLE, ACCOUNT, False, []),
    ("a school", None, replace(ACCOUNT, in_scope=False), False, []),
    ("not registered", None, replace(ACCOUNT, registered=False), False, []),
]  # fmt: skip


@pytest.mark.parametrize(("record", "account", "inside", "expected"), [t[1:] for t in TABLE], ids=[t[0] for t in TABLE])
def test_each_gap_is_one_finding_with_its_clause(
    record: Record | None, account: Account, expected: list[tuple[str, str]], *, inside: bool
) -> None:
    gaps = found(record, account, inside=inside)
    assert [f.clause for f in gaps] == [clause for clause, _ in expected], [f.sentence for f in gaps]
    for gap, (_, words) in zip(gaps, expected, strict=True):
        assert words in gap.sentence
        assert gap.level is Level.HOUSEKEEPING
        assert gap.sentence.startswith(f"{account.name} ({account.platform}): ")
        assert gap.next_step
        assert gap.account == account.id


EMPTY = Record(kind="corporate", access=("Lee Ray",), administrators=(Administrator("Jo Smith"),))


def test_no_two_gaps_of_one_account_share_an_id() -> None:
    two = replace(EMPTY, administrators=(gone(JO), gone(SAM), Administrator("Kim Fox")))
    gaps = [replace(f, policy=rule.ID) for f in found(two, replace(ACCOUNT, owner="Jo Smith"))]
    assert len(gaps) >= 9
    assert len({f.ref for f in gaps}) == len(gaps)


def test_an_id_is_the_same_on_another_night_and_another_for_another_person() -> None:
    def refs(record: Record) -> list[str]:
        return [f.ref for f in found(record)]

    stale = replace(GOOD, reviewed_on=date(2024, 1, 1))
    assert refs(stale) == refs(replace(stale, reviewed_on=date(2025, 1, 1)))
    one = replace(GOOD, administrators=(replace(JO, trained_on=None), SAM))
    other = replace(GOOD, administrators=(JO, replace(SAM, trained_on=None)))
    assert refs(one) != refs(other)


@pytest.mark.parametrize(
    ("options", "clauses"),
    [
        ({"matters": ["review"]}, ["2.2"]),
        ({"matters": []}, []),
        ({"matters": ["two-factor"], "two_factor_months": 24}, ["5.6"]),
        ({"matters": ["logins"], "logins": 3}, ["5.6"]),
        ({"matters": ["logins"]}, []),
    ],
)
def test_what_is_told_and_how_soon_is_the_councils_own(options: dict[str, Any], clauses: list[str]) -> None:
    assert [f.clause for f in found(EMPTY, options=options)] == clauses


def test_months_in_the_settings_count() -> None:
    stale = replace(GOOD, reviewed_on=date(2026, 8, 1))
    assert found(stale) == []
    assert [f.clause for f in found(stale, options={"review_months": 3})] == ["2.2"]


def test_the_fire_administrator_runs_every_account_of_that_service() -> None:
    station = replace(ACCOUNT, service="fire-and-rescue")
    options = {"fire_administrator": "kim fox"}
    assert [f.clause for f in found(GOOD, station, options=options)] == ["8.2"]
    assert found(GOOD, ACCOUNT, options=options) == []
    kim = replace(JO, name="Kim Fox")
    assert found(replace(GOOD, administrators=(JO, kim)), station, options=options) == []


@pytest.mark.parametrize("bad", [{"matters": ["reviews"]}, {"review_months": 0}, {"logins": True}, {"month": 3}])
def test_a_bad_option_is_refused(bad: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        rule.Options(**bad)


@pytest.mark.parametrize("module", [rule, policy_review])
def test_every_option_says_what_it_is(module: ModuleType) -> None:
    for name, field in module.Options.model_fields.items():
        assert field.description, name
        assert isinstance(field.json_schema_extra, dict)
        assert set(field.json_schema_extra) == {"unit", "clause"}, name


REVIEWS = [
    (None, "No day is set"),
    (date(2026, 11, 19), "that day has passed"),
    (date(2026, 11, 20), "is to be reviewed by Friday 20 November 2026"),
    (date(2026, 12, 20), "is to be reviewed by"),
    (date(2026, 12, 21), ""),
]


@pytest.mark.parametrize(("day", "expected"), REVIEWS)
def test_the_policys_own_review_is_told_before_and_after_its_day(day: date | None, expected: str) -> None:
    facts = Facts(NOW, {}, policy_review=day)
    gaps = list(policy_review.inspect(policy_review.Options(), World(facts, ())))
    assert [(f.clause, f.level) for f in gaps] == ([("6.1", Level.HOUSEKEEPING)] if expected else [])
    assert all(expected in f.sentence for f in gaps)


def test_two_thousand_accounts_are_judged_in_a_moment() -> None:
    from time import perf_counter

    accounts = {f"a{n}": replace(ACCOUNT, id=f"a{n}") for n in range(2_000)}
    facts = Facts(NOW, accounts, records=dict.fromkeys(accounts, GOOD))
    began = perf_counter()
    assert findings((), facts, {rule.ID: rule}, {rule.ID: rule.Options()}) == []
    assert perf_counter() - began < 3

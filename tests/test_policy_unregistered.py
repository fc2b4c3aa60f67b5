"""Accounts that were seen and nobody registered (2.5): one line each, and a conflict only where posts wait."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from together import said

from freeze.accounts import Account
from freeze.findings import Finding, Level
from freeze.ports import Facts
from freeze.posts import Locator, Post, State
from policies import unregistered as rule

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
FESTIVAL = Account("festival-facebook", "Anyshire Festival", "facebook", registered=False)
POST = Post(1, FESTIVAL.id, "facebook", "", Locator("orlo", "f", "1"), State.SCHEDULED, NOW, "Winter market")


def found(*posts: Post, account: Account = FESTIVAL, **options: bool) -> list[Finding]:
    return said(rule, rule.Options(**options), Facts(NOW, {account.id: account}), posts)


@pytest.mark.parametrize(
    ("posts", "level", "words"),
    [
        ((), Level.NOTE, "nothing waits there"),
        ((POST,), Level.CONFLICT, "1 post waits there"),
        ((POST, replace(POST, id=2, state=State.PENDING_APPROVAL)), Level.CONFLICT, "2 posts wait there"),
        ((POST, replace(POST, id=2, same_as=1)), Level.CONFLICT, "1 post waits there"),
        ((replace(POST, state=State.DRAFT),), Level.NOTE, "nothing waits there"),
        ((replace(POST, state=State.PUBLISHED),), Level.NOTE, "nothing waits there"),
        ((replace(POST, account="other"),), Level.NOTE, "nothing waits there"),
    ],
)
def test_an_unknown_account_is_one_line_with_what_waits_there(
    posts: tuple[Post, ...], level: Level, words: str
) -> None:
    (told,) = found(*posts)
    assert (told.clause, told.level, told.account, told.post) == ("2.5", level, FESTIVAL.id, None)
    assert words in told.sentence
    assert f"freeze accounts add {FESTIVAL.id}" in told.next_step


def test_its_id_stays_the_same_when_a_post_comes() -> None:
    assert found()[0].ref == found(POST)[0].ref


@pytest.mark.parametrize("in_scope", [True, False])
def test_an_account_on_the_register_is_left_alone(*, in_scope: bool) -> None:
    assert found(POST, account=replace(FESTIVAL, registered=True, in_scope=in_scope)) == []


def test_empty_accounts_can_be_left_out() -> None:
    assert found(empty=False) == []
    assert len(found(POST, empty=False)) == 1


def test_while_nothing_is_registered_one_line_says_so() -> None:
    seen = {f"a{i}": replace(FESTIVAL, id=f"a{i}") for i in range(16)}
    posts = [replace(POST, id=i + 1, account=f"a{i}") for i in range(10)]
    [only] = said(rule, rule.Options(), Facts(NOW, seen), posts)
    assert only.sentence.startswith("Nothing is on the register yet: 16 accounts were seen, 10 posts wait on them")
    assert only.level is Level.CONFLICT
    seen["a0"] = replace(seen["a0"], registered=True)
    assert len(said(rule, rule.Options(), Facts(NOW, seen), posts)) == 15

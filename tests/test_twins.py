"""Two sights are called one post only with the same account, minute and words, one to one; never on a guess."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freeze.accounts import Account
from freeze.judging.twins import find
from freeze.posts import Locator, Post, State

AT = datetime(2026, 11, 22, 9, 0, 30, tzinfo=UTC)
REGISTER = {
    "lib": Account("lib", "Anyshire Libraries", "facebook", service="libraries"),
    "road": Account("road", "Anyshire Highways", "facebook", service="highways"),
    "odd": Account("odd", "Who knows", "facebook", registered=False),
}


def post(
    number: int, connection: str, text: str = "Story time", account: str = "lib", at: datetime | None = AT
) -> Post:
    where = Locator(connection, account, str(number))
    return Post(number, account, "facebook", "", where, State.SCHEDULED, at, text)


def test_the_same_words_in_one_minute_on_one_account_are_one_post_the_first_known_leads() -> None:
    posts = [post(7, "orlo", "Story  TIME"), post(3, "facebook", at=AT + timedelta(seconds=29)), post(9, "buffer")]
    found = find(posts, REGISTER)
    assert set(found.pairs) == {(3, 7), (3, 9)}
    assert found.unclear == ()


@pytest.mark.parametrize(
    "other",
    [
        post(2, "orlo", "Story time is cancelled"),
        post(2, "orlo", account="road"),
        post(2, "orlo", at=AT + timedelta(minutes=1)),
        post(2, "orlo", at=None),
        post(2, "facebook"),
    ],
    ids=["other words", "another account", "another minute", "no time", "the same queue"],
)
def test_whatever_differs_keeps_them_apart(other: Post) -> None:
    found = find([post(1, "facebook"), other], REGISTER)
    assert (found.pairs, found.unclear) == ((), ())


def test_accounts_that_nobody_registered_are_never_taken_for_one() -> None:
    assert find([post(1, "facebook", account="odd"), post(2, "orlo", account="odd")], REGISTER).pairs == ()


def test_where_several_could_match_they_stay_apart_and_that_is_said() -> None:
    found = find([post(4, "facebook"), post(2, "orlo"), post(3, "orlo")], REGISTER)
    assert found.pairs == ()
    (said,) = found.unclear
    assert (said.post, said.account) == (2, "lib")
    assert "p2, p3, p4" in said.sentence


@given(
    st.lists(
        st.tuples(st.sampled_from(["a", "b", "c"]), st.sampled_from(["x", "y"]), st.integers(0, 90)),
        max_size=8,
    )
)
def test_a_pair_always_has_the_same_words_minute_and_account_and_two_connections(
    rows: list[tuple[str, str, int]],
) -> None:
    posts = [post(n, c, text, at=AT + timedelta(seconds=s)) for n, (c, text, s) in enumerate(rows, 1)]
    by_id = {p.id: p for p in posts}
    found = find(posts, REGISTER)
    for one, two in found.pairs:
        a, b = by_id[one], by_id[two]
        assert a.id < b.id
        assert a.locator.connection != b.locator.connection
        assert replace(a, id=0, locator=b.locator, intended_at=None) == replace(b, id=0, intended_at=None)
        assert a.intended_at is not None
        assert b.intended_at is not None
        assert a.intended_at.replace(second=0) == b.intended_at.replace(second=0)
    assert len({b for _, b in found.pairs}) == len(found.pairs), "a sight belongs to one post only"

"""The state machine of a hold is obeyed wherever a state is written, and what is known to have gone out stays so."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freeze.accounts import SeenAccount
from freeze.holds import (
    CLOSED,
    MOVES,
    UNDER_WAY,
    UNSETTLED,
    UNSURE,
    WAITS,
    Change,
    Expected,
    ForbiddenMove,
    HoldState,
    Kind,
)
from freeze.holds import follow as may_follow
from freeze.outs import ALLOWED, MAY_BE_OUT
from freeze.pauses.freezes import Freeze
from freeze.ports import Scope
from freeze.posts import Locator, Seen, State
from freeze.store import freezes as freeze_store
from freeze.store import holds as hold_store
from freeze.store import posts as post_store
from freeze.store.database import connect, migrate
from freeze.store.holds import ToHold
from freeze.windows import Window

NOW = datetime(2022, 9, 8, 17, 40, tzinfo=UTC)
SEEN = Seen(Locator("site", "1", "9"), State.SCHEDULED, NOW + timedelta(hours=2), "Story time")
WINDOW = Window(NOW, NOW + timedelta(days=2))
PAUSE = Freeze(0, "calm", "Calm", "", "4.4", Scope(True), (WINDOW,), False, None, "", "why", "", NOW, "Jo")


@pytest.mark.parametrize("before", HoldState)
@pytest.mark.parametrize("after", HoldState)
def test_a_state_follows_only_where_the_machine_says_so(before: HoldState, after: HoldState) -> None:
    if after is before or after in MOVES[before]:
        assert may_follow(before, after) is after
        return
    with pytest.raises(ForbiddenMove, match=f"{before.value} was to be called {after.value}"):
        may_follow(before, after)


def test_every_open_state_is_settled_under_way_in_doubt_or_waits_for_somebody() -> None:
    assert UNDER_WAY < UNSURE < UNSETTLED
    assert not UNSURE & WAITS
    assert set(HoldState) - UNSETTLED == CLOSED | {HoldState.CONFIRMED}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Any]:
    with closing(connect("freeze.db", tmp_path)) as db:
        migrate(db, NOW)
        yield db


def held(c: Any) -> int:
    """One post under one open hold; gives the hold's number."""
    post_store.note_accounts(c, [SeenAccount("site", "1", "Anyshire", "wordpress")])
    (post,) = post_store.take_in(c, [SEEN], post_store.aliases(c), NOW)
    made, _ = freeze_store.insert_unless(c, PAUSE, lambda _there: None)
    run = hold_store.begin_run(c, "declare", "Jo", NOW)
    change = Change(Kind.DRAFT, "made a draft", (), Expected(state=State.DRAFT))
    wanted = ToHold(post, SEEN, change, (made.number,))
    ((hold, _),) = hold_store.open_holds(c, run, [wanted], NOW)
    return hold.id


@pytest.mark.parametrize("after", sorted(set(HoldState) - MOVES[HoldState.REQUESTED] - {HoldState.REQUESTED}))
def test_the_store_refuses_a_state_that_cannot_follow_and_keeps_the_one_it_has(store: Any, after: HoldState) -> None:
    with store.write() as c:
        hold = held(c)
    with pytest.raises(ForbiddenMove), store.write() as c:
        hold_store.change_hold(c, hold, state=after.value, detail="never")
    with store.read() as c:
        there = hold_store.one(c, hold)
    assert (there.state, there.detail) == (HoldState.REQUESTED, "")


@given(st.lists(st.sampled_from(list(HoldState)), max_size=12))
def test_whatever_is_tried_in_whatever_order_only_allowed_moves_are_ever_stored(tries: list[HoldState]) -> None:
    stands = HoldState.REQUESTED
    for after in tries:
        try:
            stands = may_follow(stands, after)
        except ForbiddenMove:
            continue
        assert stands is after
    assert not (
        stands is HoldState.PUT_BACK and HoldState.PUTTING_BACK not in tries and HoldState.UNCONFIRMED not in tries
    )


@pytest.mark.parametrize("known", ["slip", "too late", ALLOWED])
@pytest.mark.parametrize("later", ["slip", "too late", ALLOWED, MAY_BE_OUT])
def test_what_is_known_to_have_gone_out_is_not_overwritten_by_a_later_sight(store: Any, known: str, later: str) -> None:
    with store.write() as c:
        hold = hold_store.one(c, held(c))
        assert hold_store.note_out(c, hold.post, 1, NOW, known, "as it was read first", instead_of=MAY_BE_OUT)
        after = NOW + timedelta(hours=1)
        assert not hold_store.note_out(c, hold.post, 1, after, later, "another sight", instead_of=MAY_BE_OUT)
    with store.read() as c:
        (out,) = hold_store.went_out(c)
    assert (out.at, out.how, out.why) == (NOW, known, "as it was read first")


def test_what_may_have_gone_out_gives_way_to_what_was_read_and_to_nothing_else(store: Any) -> None:
    with store.write() as c:
        hold = hold_store.one(c, held(c))
        assert hold_store.note_out(c, hold.post, 1, NOW, MAY_BE_OUT, "its time passed")
        assert not hold_store.note_out(c, hold.post, 1, NOW, "slip", "a guess", instead_of="too late")
        assert hold_store.note_out(c, hold.post, 1, NOW, "slip", "read on site", instead_of=MAY_BE_OUT)
        (out,) = hold_store.went_out(c)
        assert (out.how, out.why) == ("slip", "read on site")
        assert not hold_store.clear_out(c, hold.post, MAY_BE_OUT)
        assert hold_store.clear_out(c, hold.post, "slip")

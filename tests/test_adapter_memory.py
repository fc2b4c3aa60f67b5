"""The platform held in memory keeps the contract too, so that what is proved on it holds for the others."""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta
from typing import Any

import pytest
from contract import NOW, PlatformContract, Rig
from memory import MemoryPlatform

from freeze.errors import AuthFailed, Limited, PlatformError, Uncertain, Unreachable
from freeze.holds import Change, Goal, HoldState, Kind, Refusal, Verb
from freeze.posts import Absent, Locator, State
from freeze.windows import Window

ACCOUNT = "101"


def memory_rig(kind: Kind) -> Rig:
    platform = MemoryPlatform("memory", kind, clock=lambda: NOW)
    platform.names[ACCOUNT] = "Anyshire"
    ids = itertools.count(1)

    def add(at: datetime, text: str, state: State) -> str:
        return platform.add(ACCOUNT, f"post-{next(ids):06d}", at, text, state).native_id

    def outside(locator: Locator) -> tuple[State, datetime | None, str] | None:
        post = platform.posts.get(locator.native_id)
        return None if post is None else (post.state, post.at, post.text)

    def fault(kind: str, **options: Any) -> None:
        says = 'The connection "memory" did not work.'
        read: PlatformError = Unreachable(says)
        write: PlatformError | None = Uncertain(says)
        if kind == "expired_token":
            read = write = AuthFailed(says, "Check `token_env`.")
        elif kind == "status" and options["status"] == 429:
            read = write = Limited(says, options.get("retry_after", 2.0))
        elif kind == "ghost_success":
            platform.fail_next("send", None, 9)
            return
        for verb in ("accounts", "scheduled", "published", "read"):
            platform.fail_next(verb, read, 9)
        platform.fail_next("send", write, 9, done=kind == "drop_after_write")

    def publish(locator: Locator) -> None:
        post = platform.posts[locator.native_id]
        post.state, post.published_at = State.PUBLISHED, NOW

    return Rig(
        platform=platform,
        impatient=platform,
        account=ACCOUNT,
        kind=kind,
        secrets=(),
        now=lambda: NOW,
        add=add,
        outside=outside,
        fault=fault,
        heal=platform.heal,
        remove=lambda locator: platform.delete(locator.native_id),
        publish=publish,
        advance=lambda by: None,
        calls=lambda: len(platform.calls),
        writes=lambda: sum(verb == "send" for verb, _ in platform.calls),
        counts=False,
        retries=False,
        approval=kind is Kind.DRAFT,
    )


class TestMemoryDraft(PlatformContract):
    @pytest.fixture
    def rig(self) -> Rig:
        return memory_rig(Kind.DRAFT)

    def test_a_past_time_publishes_at_once_as_it_does_on_real_platforms(self, rig: Rig) -> None:
        before, _ = rig.held()
        back = rig.change(rig.look(before.locator), Goal(Verb.PUT_BACK, at=before.at, before=before))
        platform = rig.platform
        assert isinstance(platform, MemoryPlatform)
        platform._now = lambda: NOW + timedelta(days=9)
        rig.do(back)
        assert rig.look(before.locator).state is State.PUBLISHED

    def test_it_publishes_what_is_due_and_nothing_else(self, rig: Rig) -> None:
        platform = rig.platform
        assert isinstance(platform, MemoryPlatform)
        due, later = rig.post(timedelta(minutes=5)), rig.post(timedelta(days=1))
        draft = rig.post(timedelta(minutes=5), state=State.DRAFT)
        assert platform.publish_due(NOW + timedelta(hours=1)) == [due.locator.native_id]
        assert rig.look(due.locator).at == due.at
        assert rig.look(later.locator) == later
        assert rig.look(draft.locator) == draft


class TestMemoryPush(PlatformContract):
    @pytest.fixture
    def rig(self) -> Rig:
        return memory_rig(Kind.PUSH)

    def test_nothing_is_parked_inside_a_pause(self, rig: Rig) -> None:
        seen = rig.post()
        pause = Window(NOW + timedelta(days=20), NOW + timedelta(days=40))
        change = rig.change(seen, Goal(Verb.HOLD, before=seen, avoid=(pause,)))
        assert change.expires_at is not None
        assert change.expires_at < pause.start


def test_a_recreating_platform_deletes_to_hold_and_makes_a_new_post_to_put_back() -> None:
    rig = memory_rig(Kind.RECREATE)
    before = rig.post()
    change = rig.change(before, Goal(Verb.HOLD, before=before))
    assert [(s.method, s.idempotent) for s in change.steps] == [("DELETE", True)]
    rig.do(change)
    assert rig.reading(before.locator) == Absent(before.locator)
    assert change.expected.differences(Absent(before.locator)) == ()
    back = rig.change(before, Goal(Verb.PUT_BACK, at=before.at, before=before))
    assert [(s.method, s.idempotent) for s in back.steps] == [("POST", False)]
    made = rig.platform.send(back.steps[0]).native_id
    again = rig.look(Locator("memory", ACCOUNT, made))
    assert (again.state, again.content) == (State.SCHEDULED, before.content)
    assert back.expected.differences(again) == ()


def test_a_platform_for_people_offers_clicks() -> None:
    rig = memory_rig(Kind.HUMAN)
    offer = rig.platform.offer(rig.post(), Goal(Verb.HOLD), NOW)
    assert isinstance(offer, Refusal)
    assert offer.state is HoldState.NEEDS_A_PERSON
    assert offer.clicks


def test_a_planned_failure_happens_once_and_calls_are_kept_in_order() -> None:
    rig = memory_rig(Kind.DRAFT)
    platform = rig.platform
    assert isinstance(platform, MemoryPlatform)
    before = rig.post()
    platform.calls.clear()
    platform.fail_next("send", Uncertain("lost"), done=True)
    change = rig.platform.offer(before, Goal(Verb.HOLD, before=before), NOW)
    assert isinstance(change, Change)
    with pytest.raises(Uncertain):
        rig.do(change)
    assert rig.look(before.locator).state is State.DRAFT, "done, though the answer was lost"
    rig.do(change)
    native = before.locator.native_id
    assert platform.calls == [("send", f"PUT /posts/{native}"), ("read", native), ("send", f"PUT /posts/{native}")]

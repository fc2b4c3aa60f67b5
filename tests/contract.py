"""The promises every adapter keeps: one suite, run against each platform through a rig of its own.

A test file subclasses the contract that fits and gives it a fixture `rig`: `PlatformContract` where posts can be held,
`ListingContract` with `HandsOff` where a queue is only shown, `WatchedContract` where not even that. For a simulated
platform that is a few lines:

    class TestWordPress(PlatformContract):
        @pytest.fixture
        def rig(self):
            with sandboxed("wordpress", "site", Kind.DRAFT, connect, make) as rig:
                yield rig

where `connect(url, timeout)` gives the platform and `make(world, account, at, text, state)` puts a post on it and
returns its native id. `Rig` says what else a platform without a simulator must offer.
"""

from __future__ import annotations

import json
import random
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from mangling import HALF, halved, mangled, texts, unsafe
from rig import NOW, Rig, sandboxed, serving

from adapters._web import http
from freeze.errors import AuthFailed, Hidden, Limited, PlatformError, Refused, Uncertain, Unreachable
from freeze.holds import Change, Goal, HoldState, Kind, Refusal, Snapshot, Step, Verb
from freeze.ports import Platform, ReadsBio, ReadsPublished
from freeze.posts import Absent, Locator, Page, Seen, State
from freeze.sandbox import running
from freeze.windows import Window

__all__ = [
    "NOW",
    "HandsOff",
    "ListingContract",
    "PlatformContract",
    "ReadingContract",
    "Rig",
    "WatchedContract",
    "sandboxed",
]

HALF_A_MINUTE = timedelta(seconds=30)


class ReadingContract:
    """What every platform promises: naming, reading, what went out, and never an empty answer for a failure."""

    @pytest.fixture(scope="class", autouse=True)
    @classmethod
    def _served(cls) -> Iterator[None]:
        """One sandbox for all tests of a platform: starting one for each takes longer than the tests."""
        with running(seed="empty", now=NOW) as served:
            serving.append(served)
            yield
            serving.remove(served)

    @pytest.fixture
    def rig(self) -> Iterator[Rig]:
        raise NotImplementedError("a subclass gives the rig")

    @pytest.fixture(autouse=True)
    def _no_waiting(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(http, "BACKOFF", 0.0)

    def test_it_names_its_account(self, rig: Rig) -> None:
        assert rig.account in {a.native for a in rig.platform.accounts()}

    def test_a_post_that_is_not_there_is_absent_and_spoils_no_other_reading(self, rig: Rig) -> None:
        there = rig.some()
        gone = rig.some("deleted")
        rig.remove(gone.locator)
        never = replace(there.locator, native_id=there.locator.native_id[:-4] + "0000")
        read = {r.locator: r for r in rig.platform.read([never, there.locator, gone.locator])}
        assert read[never] == Absent(never)
        assert read[there.locator] == there
        missing = read[gone.locator]
        assert isinstance(missing, Absent) or (isinstance(missing, Seen) and missing.state is State.DELETED)

    def test_it_lists_what_went_out(self, rig: Rig) -> None:
        if not hasattr(rig.platform, "published"):
            pytest.skip("this platform cannot list what went out")
        post, other = rig.out(), rig.add(rig.now() + timedelta(days=2), "still waiting", State.SCHEDULED)
        pages = list(rig.platform.published(rig.account, rig.now() - timedelta(minutes=5)))
        posts = [p for page in pages for p in page.posts]
        assert post in {p.locator for p in posts}
        assert other not in {p.locator.native_id for p in posts}
        assert all(
            p.state is State.PUBLISHED and p.at is not None and abs(p.at - rig.now()) < HALF_A_MINUTE for p in posts
        )
        assert pages[-1].complete
        later = list(rig.platform.published(rig.account, rig.now() + timedelta(minutes=5)))
        assert not any(page.posts for page in later)

    def test_it_lists_all_that_went_out_over_several_pages(self, rig: Rig) -> None:
        if not hasattr(rig.platform, "published"):
            pytest.skip("this platform cannot list what went out")
        made = {rig.out(f"News {i}") for i in range(rig.several)}
        pages = list(rig.platform.published(rig.account, rig.now() - timedelta(hours=5)))
        listed = [p.locator for page in pages for p in page.posts]
        assert set(listed) == made
        assert len(listed) == len(made), "each post once"
        assert len(pages) > 1
        assert [page.complete for page in pages] == [False] * (len(pages) - 1) + [True]

    def test_it_gives_the_name_and_the_description_of_an_account(self, rig: Rig) -> None:
        if not isinstance(rig.platform, ReadsBio):
            pytest.skip("this platform gives no description")
        words = "News from Anyshire \U0001f56f.\nMonitored Monday to Friday, 9am to 5pm."
        name = rig.describe(words)
        bio = rig.platform.bio(rig.account)
        assert (bio.connection, bio.account, bio.name, bio.text) == (rig.platform.id, rig.account, name, words)
        assert bio.longest > 0
        rig.describe("")
        assert rig.platform.bio(rig.account).text == "", "an empty description is one too"

    def test_a_snapshot_survives_being_written_down(self, rig: Rig) -> None:
        seen = rig.some("Emoji \U0001f56f, مرحبا, =HYPERLINK(1) <script>")
        assert Snapshot.from_json(json.loads(json.dumps(Snapshot(seen).to_json()))).seen == seen

    def test_it_tells_the_platforms_own_time(self, rig: Rig) -> None:
        if not hasattr(rig.platform, "clock"):
            pytest.skip("this platform does not tell the time")
        rig.some()
        told = rig.platform.clock()
        assert told is not None
        assert abs(told[0] - rig.now()) < timedelta(seconds=3)
        assert 0 <= time.monotonic() - told[1] < 10

    def test_no_secret_is_in_what_is_kept(self, rig: Rig) -> None:
        self.assert_no_secret(rig, json.dumps(Snapshot(rig.some()).to_json()))

    def every_read(
        self, rig: Rig, locator: Locator, platform: Platform | None = None
    ) -> Iterator[Callable[[], object]]:
        p = platform or rig.platform
        yield lambda: list(p.accounts())
        yield lambda: list(p.read([locator]))
        if rig.shows_queue:
            yield lambda: rig.list_all(p)
        if isinstance(p, ReadsPublished):
            yield lambda: list(p.published(rig.account, rig.now() - timedelta(days=1)))
        if isinstance(p, ReadsBio):
            yield lambda: p.bio(rig.account)

    @pytest.mark.parametrize(
        ("kind", "options", "error"),
        [
            ("status", {"status": 500}, Unreachable),
            ("status", {"status": 503}, Unreachable),
            ("status", {"status": 429, "retry_after": 3600}, Limited),
            ("garbage", {}, Unreachable),
            ("drop_after_write", {}, Unreachable),
            ("expired_token", {}, AuthFailed),
        ],
    )
    def test_a_reading_that_fails_is_never_an_empty_answer(
        self, rig: Rig, kind: str, options: dict[str, Any], error: type[PlatformError]
    ) -> None:
        locator = rig.some().locator
        rig.fault(kind, **options)
        for read in self.every_read(rig, locator):
            with pytest.raises(error) as caught:
                read()
            self.assert_well_said(rig, caught.value)
            if isinstance(caught.value, Limited):
                assert caught.value.seconds == 3600
        rig.heal()
        assert isinstance(rig.reading(locator), Seen)

    def test_a_platform_that_never_answers_is_given_up(self, rig: Rig) -> None:
        locator = rig.some().locator
        list(rig.impatient.accounts())
        rig.fault("timeout")
        started = time.monotonic()
        with pytest.raises(Unreachable) as caught:
            list(rig.impatient.read([locator]))
        assert time.monotonic() - started < 5
        self.assert_well_said(rig, caught.value)

    def test_half_an_emoji_comes_out_of_the_simulator_as_it_is_and_in_levelled(
        self, rig: Rig, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        if rig.world is None:
            pytest.skip("this platform answers no JSON")
        answers: list[bytes] = []
        true = http._read_all
        monkeypatch.setattr(http, "_read_all", lambda *a, **m: answers.append(true(*a, **m)) or answers[-1])
        seen = rig.some(f"Bin day {HALF}")
        assert any("Bin day \ufffd" in said for said in (seen.text, seen.title))
        assert any(rb"Bin day \ud83d" in a for a in answers)
        whole = rig.some("Bin day \ud83d\ude00")
        assert any("Bin day \U0001f600" in said for said in (whole.text, whole.title)), "two halves are one letter"

    def test_nothing_that_a_database_does_not_take_comes_in_wherever_it_stands(
        self, rig: Rig, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        if rig.world is None:
            pytest.skip("this platform answers no JSON")
        locator = rig.some("Bin day in Netherby").locator
        rig.describe("News from Anyshire")
        true = http._read_all
        monkeypatch.setattr(http, "_read_all", lambda *a, **m: halved(true(*a, **m)))
        came: list[Any] = []
        for read in self.every_read(rig, locator):
            try:
                came.append(read())
            except PlatformError as e:
                came.append(e)
        assert unsafe(came) == []
        assert any("\ufffd" in t for t in texts(came)), "nothing was planted where it is kept"

    @pytest.mark.parametrize("seed", range(3))
    def test_a_mangled_answer_is_told_and_never_brings_it_down(
        self, rig: Rig, seed: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        locator = rig.some().locator
        rig.some("Another")
        list(rig.platform.accounts())
        chance = random.Random(seed)
        true = http._read_all
        monkeypatch.setattr(http, "_read_all", lambda *args, **more: mangled(true(*args, **more), chance))
        for _ in range(12):
            for read in self.every_read(rig, locator):
                try:
                    read()
                except PlatformError as e:
                    self.assert_no_secret(rig, str(e))

    @pytest.mark.parametrize(
        ("kind", "options"),
        [
            ("status", {"status": 500, "count": 2}),
            ("status", {"status": 429, "count": 2}),
            ("status", {"status": 429, "retry_after": 0.05, "count": 2}),
            ("drop_after_write", {"count": 2}),
            ("slow", {"latency_ms": 50}),
        ],
    )
    def test_a_passing_fault_is_read_through(self, rig: Rig, kind: str, options: dict[str, Any]) -> None:
        if not rig.retries:
            pytest.skip("this platform has no network")
        seen = rig.some()
        rig.fault(kind, **options)
        if rig.shows_queue:
            assert [p for page in rig.list_all() for p in page.posts] == [seen]
        assert rig.look(seen.locator) == seen

    def assert_no_secret(self, rig: Rig, text: str) -> None:
        for secret in rig.secrets:
            assert secret not in text, "a secret is shown"

    def assert_well_said(self, rig: Rig, error: PlatformError) -> None:
        """One sentence that names the connection (and the setting, for a credential), with no secret anywhere in it."""
        self.assert_no_secret(rig, "".join(traceback.format_exception(error)))
        assert f'"{rig.platform.id}"' in str(error)
        assert "\n" not in str(error)
        if isinstance(error, AuthFailed):
            assert error.permanent
            assert any(setting in str(error) for setting in rig.settings)


class HandsOff:
    """What a platform promises that only a person can change; mixed into one of the other contracts."""

    @pytest.mark.parametrize("verb", list(Verb))
    def test_every_offer_sends_a_person_to_click_or_says_that_it_is_out(self, rig: Rig, verb: Verb) -> None:
        seen = rig.some()
        waiting = replace(seen, state=State.SCHEDULED, at=rig.now() + timedelta(days=2))
        goal = Goal(verb, at=rig.now() + timedelta(days=3), before=waiting)
        offer = rig.platform.offer(waiting, goal, rig.now())
        assert isinstance(offer, Refusal)
        assert offer.state is HoldState.NEEDS_A_PERSON
        assert offer.clicks
        assert offer.why
        out = rig.platform.offer(replace(seen, state=State.PUBLISHED), Goal(Verb.HOLD, before=seen), rig.now())
        assert isinstance(out, Refusal)
        assert out.state is HoldState.TOO_LATE

    def test_it_changes_nothing_whatever_it_is_told_to_send(self, rig: Rig) -> None:
        writes = rig.writes()
        with pytest.raises(Refused):
            rig.platform.send(Step("DELETE", "/anything", account=rig.account))
        assert rig.writes() == writes


class WatchedContract(HandsOff, ReadingContract):
    """What a platform promises that shows no program its queue."""

    def test_it_says_that_it_shows_no_queue_and_calls_nothing_empty(self, rig: Rig) -> None:
        span = Window(rig.now(), rig.now() + timedelta(days=28))
        with pytest.raises(Hidden) as caught:
            list(rig.platform.scheduled(rig.account, span))
        assert caught.value.message.endswith(".")
        assert "\n" not in caught.value.message


LATER = (timedelta(0), timedelta(seconds=37, microseconds=250_000), timedelta(minutes=1), timedelta(days=3, hours=5))
"""How much later than its own time a post may be put back."""


class ListingContract(ReadingContract):
    """What a platform promises that shows its queue."""

    def test_it_lists_every_post_over_several_pages_with_times_in_utc(self, rig: Rig) -> None:
        start = rig.now().replace(microsecond=0)
        made = {
            rig.add(start + timedelta(hours=2, minutes=i), f"Post {i}", State.SCHEDULED): start
            + timedelta(hours=2, minutes=i)
            for i in range(230)
        }
        pages = rig.list_all()
        posts = [p for page in pages for p in page.posts]
        assert {p.locator.native_id: p.at for p in posts} == made
        assert len(posts) == len(made), "each post once"
        assert len(pages) > 1
        assert [page.complete for page in pages] == [False] * (len(pages) - 1) + [True]
        assert all(p.at is not None and p.at.utcoffset() == timedelta(0) for p in posts)
        assert all(p.state is State.SCHEDULED and p.at_given and p.text for p in posts)
        assert not any(page.rejects for page in pages)

    def test_an_empty_listing_is_complete(self, rig: Rig) -> None:
        pages = rig.list_all()
        assert pages[-1].complete
        assert not any(page.posts for page in pages)

    def test_it_leaves_out_what_is_not_due_in_the_span(self, rig: Rig) -> None:
        inside, outside = rig.post(timedelta(days=2)), rig.post(timedelta(days=20))
        found = {p.locator for page in rig.list_all(days=10) for p in page.posts}
        assert inside.locator in found
        assert outside.locator not in found

    def test_it_lists_a_post_that_awaits_approval(self, rig: Rig) -> None:
        if not rig.approval:
            pytest.skip("this platform has no approval")
        waiting = rig.post(state=State.PENDING_APPROVAL)
        overdue = rig.post(timedelta(hours=-3), state=State.PENDING_APPROVAL)
        found = {p.locator: p.state for page in rig.list_all() for p in page.posts}
        assert found == dict.fromkeys((waiting.locator, overdue.locator), State.PENDING_APPROVAL)

    def test_it_reads_back_what_it_lists(self, rig: Rig) -> None:
        for i in range(60):
            rig.add(
                rig.now().replace(microsecond=0) + timedelta(hours=i + 1),
                f"Post {i} \U0001f56f \u202e",
                State.SCHEDULED,
            )
        listed = {p.locator: p for page in rig.list_all() for p in page.posts}
        locators = list(listed)
        size = rig.platform.limits.batch
        read = [r for i in range(0, len(locators), size) for r in rig.platform.read(locators[i : i + size])]
        assert {r.locator: r for r in read} == listed

    def test_a_listing_that_stops_short_is_noticed(self, rig: Rig) -> None:
        if not rig.counts:
            pytest.skip("this platform gives no total")
        for i in range(5):
            rig.post(timedelta(hours=i + 1), f"Post {i}")
        rig.fault("partial_page")
        pages: list[Page] = []
        span = Window(rig.now(), rig.now() + timedelta(days=9))
        try:
            for page in rig.platform.scheduled(rig.account, span):
                pages.append(page)  # noqa: PERF402 (what came before the error counts)
        except Unreachable as e:
            self.assert_well_said(rig, e)
        assert sum(len(page.posts) for page in pages) < 5
        total = pages[-1].expected_total if pages else None
        assert not any(page.complete for page in pages) or total == 5


class PlatformContract(ListingContract):
    """What a platform promises whose posts can be held and put back."""

    def test_a_published_post_is_readable_and_can_no_longer_be_held(self, rig: Rig) -> None:
        post = rig.post()
        seen = rig.look(rig.publish(post.locator) or post.locator)
        assert seen.state is State.PUBLISHED
        assert seen.at is not None
        assert abs(seen.at - rig.now()) < timedelta(minutes=1), "the time it went out"
        offer = rig.platform.offer(seen, Goal(Verb.HOLD, before=post), rig.now())
        assert isinstance(offer, Refusal)
        assert offer.state is HoldState.TOO_LATE

    def test_a_reading_after_a_hold_agrees_with_what_was_expected(self, rig: Rig) -> None:
        before, change = rig.held(text="Emoji \U0001f56f, two\nlines, & <b>bold</b>")
        assert change.kind is rig.kind
        after = rig.look(before.locator)
        assert change.expected.differences(after) == ()
        assert change.expected.differences(before), "a post that was not held must not pass for one that was"
        assert after.content == before.content
        assert (change.expires_at is not None) == (rig.kind is Kind.PUSH)
        if rig.kind is Kind.DRAFT:
            found = {p.locator for page in rig.list_all() for p in page.posts}
            assert before.locator not in found, "a draft no longer goes out"

    def test_a_hold_keeps_every_word_on_the_platform(self, rig: Rig) -> None:
        text = "Emoji \U0001f56f, two\nlines, & <b>bold</b>, \u202eright to left\u202c, =1+1"
        before, _ = rig.held(text=text)
        stored = rig.outside(before.locator)
        assert stored is not None
        assert stored[2] == text

    def test_sending_an_idempotent_step_twice_does_what_sending_it_once_does(self, rig: Rig) -> None:
        before, change = rig.held()
        once = rig.outside(before.locator), rig.look(before.locator).content
        assert all(step.idempotent for step in change.steps)
        rig.do(change)
        assert (rig.outside(before.locator), rig.look(before.locator).content) == once

    def test_put_back_restores_the_same_time_and_content(self, rig: Rig) -> None:
        before, _ = rig.held(text="Emoji \U0001f56f, two\nlines")
        stored = rig.outside(before.locator)
        held = rig.look(before.locator)
        back = rig.change(held, Goal(Verb.PUT_BACK, at=before.at, before=before))
        assert back.expected.differences(held)
        rig.do(back)
        after = rig.look(before.locator)
        assert back.expected.differences(after) == ()
        assert (after.state, after.at, after.content) == (State.SCHEDULED, before.at, before.content)
        assert stored is not None
        assert rig.outside(before.locator) == (State.SCHEDULED, before.at, stored[2])
        rig.do(back)
        assert rig.outside(before.locator) == (State.SCHEDULED, before.at, stored[2]), "twice is once"

    @pytest.mark.parametrize("later", LATER, ids=str)
    def test_the_way_back_leads_to_the_very_time_it_promises_or_is_refused_with_what_to_do(
        self, rig: Rig, later: timedelta
    ) -> None:
        before, hold = rig.held()
        assert before.at is not None
        goal = Goal(Verb.PUT_BACK, at=before.at + later, before=before)
        reading = rig.reading(before.locator)
        held = reading if isinstance(reading, Seen) else before
        offer = rig.platform.offer(held, goal, rig.now())
        # What is proposed to a person is worked out from what is stored, without asking the platform again.
        state = before.state if hold.expected.absent else hold.expected.state
        stored = replace(before, state=state, at=hold.expected.at or before.at)
        assert type(rig.platform.offer(stored, goal, rig.now())) is type(offer), "it can be known beforehand"
        if isinstance(offer, Refusal):
            assert offer.why
            assert offer.clicks
            return
        place = before.locator
        for step in offer.steps:
            place = replace(place, native_id=rig.platform.send(step).native_id or place.native_id)
        after = rig.look(place)
        assert offer.expected.differences(after) == ()
        assert after.state is State.SCHEDULED
        if not rig.platform.limits.at_once:
            assert after.at == offer.expected.at
            assert goal.at is not None
            assert after.at is not None
            assert abs(after.at - goal.at) < timedelta(minutes=1), "platforms that know minutes only may round"

    def test_what_awaited_approval_is_put_back_to_await_it(self, rig: Rig) -> None:
        if not rig.approval:
            pytest.skip("this platform has no approval")
        before = rig.post(state=State.PENDING_APPROVAL)
        rig.do(rig.change(before, Goal(Verb.HOLD, before=before)))
        held = rig.look(before.locator)
        back = rig.change(held, Goal(Verb.PUT_BACK, at=before.at, before=before))
        rig.do(back)
        after = rig.look(before.locator)
        assert (after.state, after.at) == (State.PENDING_APPROVAL, before.at)

    @pytest.mark.parametrize("ahead", [timedelta(days=-1), timedelta(seconds=-1), timedelta(0), timedelta(seconds=30)])
    def test_it_never_puts_back_into_the_past_or_too_near(self, rig: Rig, ahead: timedelta) -> None:
        before, _ = rig.held()
        held = rig.look(before.locator)
        offer = rig.platform.offer(held, Goal(Verb.PUT_BACK, at=rig.now() + ahead, before=before), rig.now())
        assert isinstance(offer, Refusal)
        assert offer.state is HoldState.REFUSED
        assert offer.why

    def test_it_never_puts_back_beyond_its_ceiling(self, rig: Rig) -> None:
        ceiling = rig.platform.limits.ceiling
        if ceiling is None:
            pytest.skip("this platform has no ceiling")
        before, _ = rig.held()
        at = rig.now() + ceiling + timedelta(hours=1)
        offer = rig.platform.offer(rig.look(before.locator), Goal(Verb.PUT_BACK, at=at, before=before), rig.now())
        assert isinstance(offer, Refusal)
        assert offer.state is HoldState.REFUSED

    def test_it_puts_back_only_where_a_time_is_given(self, rig: Rig) -> None:
        before, _ = rig.held()
        offer = rig.platform.offer(rig.look(before.locator), Goal(Verb.PUT_BACK, before=before), rig.now())
        assert isinstance(offer, Refusal)

    def test_a_post_too_near_its_time_is_too_late(self, rig: Rig) -> None:
        lock_out = rig.platform.limits.lock_out
        seen = rig.post(lock_out + timedelta(minutes=5))
        assert seen.at is not None
        near = rig.platform.offer(seen, Goal(Verb.HOLD, before=seen), seen.at - lock_out + timedelta(seconds=1))
        assert isinstance(near, Refusal)
        assert near.state is HoldState.TOO_LATE
        assert isinstance(rig.platform.offer(seen, Goal(Verb.HOLD, before=seen), seen.at - lock_out), Change)

    def test_keeping_a_held_post_keeps_it(self, rig: Rig) -> None:
        before, hold = rig.held()
        now = rig.now() + timedelta(days=5)
        held = rig.look(before.locator)
        keep = rig.platform.offer(held, Goal(Verb.KEEP, before=before), now)
        assert isinstance(keep, Change)
        if rig.kind is Kind.DRAFT:
            assert keep.steps == ()
            assert keep.expected.differences(held) == ()
        else:
            assert keep.expires_at is not None
            assert hold.expires_at is not None
            assert keep.expires_at > hold.expires_at, "the date it fires moves on"

    def test_offers_are_pure_and_survive_being_written_down(self, rig: Rig) -> None:
        before, _ = rig.held()
        held = rig.look(before.locator)
        window = Window(rig.now(), rig.now() + timedelta(days=3))
        calls, now = rig.calls(), rig.now()
        for seen, goal in (
            (before, Goal(Verb.HOLD, before=before, avoid=(window,), slot=3)),
            (held, Goal(Verb.KEEP, before=before, slot=1)),
            (held, Goal(Verb.PUT_BACK, at=before.at, before=before)),
        ):
            first = rig.platform.offer(seen, goal, now)
            assert isinstance(first, Change)
            assert rig.platform.offer(seen, goal, now) == first
            assert Change.from_json(json.loads(json.dumps(first.to_json()))) == first
        assert rig.calls() == calls, "an offer makes no call"

    def test_no_secret_is_in_a_step_or_in_what_is_kept(self, rig: Rig) -> None:
        before, hold = rig.held()
        back = rig.change(rig.look(before.locator), Goal(Verb.PUT_BACK, at=before.at, before=before))
        kept = json.dumps([Snapshot(before).to_json(), hold.to_json(), back.to_json()])
        self.assert_no_secret(rig, kept)

    def test_many_threads_may_use_it_at_once(self, rig: Rig) -> None:
        posts = [rig.post(timedelta(hours=i + 1), f"Post {i}") for i in range(16)]
        together = threading.Barrier(len(posts))

        def hold(seen: Seen) -> tuple[str, ...]:
            together.wait()
            change = rig.change(seen, Goal(Verb.HOLD, before=seen))
            rig.do(change)
            return change.expected.differences(rig.reading(seen.locator))

        with ThreadPoolExecutor(len(posts)) as pool:
            assert list(pool.map(hold, posts)) == [()] * len(posts)

    @pytest.mark.parametrize(
        ("kind", "options", "error", "done"),
        [
            ("status", {"status": 500}, Uncertain, False),
            ("status", {"status": 503, "retry_after": 1}, Uncertain, False),
            ("status", {"status": 429, "retry_after": 0.4}, Limited, False),
            ("status", {"status": 429}, Limited, False),
            ("garbage", {}, Uncertain, False),
            ("drop_after_write", {}, Uncertain, True),
            ("expired_token", {}, AuthFailed, False),
        ],
    )
    def test_a_write_that_fails_is_sent_once_and_claims_nothing(
        self, rig: Rig, kind: str, options: dict[str, Any], error: type[PlatformError], done: bool
    ) -> None:
        before = rig.post()
        change = rig.change(before, Goal(Verb.HOLD, before=before))
        writes = rig.writes()
        rig.fault(kind, **options)
        with pytest.raises(error) as caught:
            rig.platform.send(change.steps[0])
        assert rig.writes() == writes + 1, "a write is sent exactly once"
        self.assert_well_said(rig, caught.value)
        if isinstance(caught.value, Limited):
            assert caught.value.seconds == options.get("retry_after", 2.0)
        rig.heal()
        assert (change.expected.differences(rig.reading(before.locator)) == ()) is done

    def test_a_write_without_an_answer_is_uncertain(self, rig: Rig) -> None:
        before = rig.post()
        change = rig.change(before, Goal(Verb.HOLD, before=before))
        list(rig.impatient.accounts())
        writes = rig.writes()
        rig.fault("timeout")
        with pytest.raises(Uncertain) as caught:
            rig.impatient.send(change.steps[0])
        assert rig.writes() == writes + 1
        self.assert_well_said(rig, caught.value)

    def test_a_ghost_success_is_seen_by_reading_again(self, rig: Rig) -> None:
        before = rig.post()
        change = rig.change(before, Goal(Verb.HOLD, before=before))
        rig.fault("ghost_success")
        rig.do(change)
        assert change.expected.differences(rig.reading(before.locator)), "only a reading is proof"

    def test_a_change_to_a_post_that_is_gone_does_not_bring_it_back(self, rig: Rig) -> None:
        before = rig.post()
        change = rig.change(before, Goal(Verb.HOLD, before=before))
        rig.remove(before.locator)
        try:
            rig.do(change)
        except PlatformError as e:
            self.assert_well_said(rig, e)
        after = rig.outside(before.locator)
        assert after is None or after[0] not in {State.SCHEDULED, State.PUBLISHED}

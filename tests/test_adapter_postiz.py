"""Postiz keeps the contract, and its own promises: its one date, its series, untrue drafts, nothing out twice."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import responses
from contract import NOW, PlatformContract, Rig, sandboxed

from adapters import postiz
from freeze.accounts import Gap
from freeze.errors import AuthFailed, Limited, PlatformError, Refused, Uncertain, Unreachable
from freeze.holds import Change, Goal, HoldState, Kind, Refusal, Step, Verb
from freeze.ports import ShowsCredential
from freeze.posts import Absent, Locator, Seen, State, Unreadable
from freeze.sandbox import postiz as simulator
from freeze.sandbox._core.posts import Account, Post
from freeze.windows import Window

CHANNEL = "facebook-1"
API = "https://api.postiz.com/public/v1"
SPAN = Window(NOW - timedelta(days=1), NOW + timedelta(days=28))


def connect(url: str, timeout: float) -> postiz.Postiz:
    options = postiz.Options(base_url=f"{url}/postiz/public/v1", token=simulator.TOKEN, timeout=timeout)
    return postiz.connect("postiz", options)


def make(world: Any, account: str, at: datetime, text: str, state: State, **more: Any) -> str:
    native = f"cm{world.new_id('postiz')}"
    world.add(Post("postiz", account, native, state.value, at, text, **more))
    return native


class TestPostiz(PlatformContract):
    @pytest.fixture
    def rig(self) -> Iterator[Rig]:
        with sandboxed("postiz", CHANNEL, Kind.DRAFT, connect, make, secrets=(simulator.TOKEN,), counts=False) as rig:
            for ident in (CHANNEL, "linkedin-page-2"):
                rig.world.add_account(Account("postiz", ident, "Anyshire", "anyshire"))
            yield rig

    def test_it_lists_every_post_over_several_pages_with_times_in_utc(self, rig: Rig) -> None:
        """Postiz has no pages: one answer holds everything, so one page is the whole list."""
        start = rig.now().replace(microsecond=0)
        made = {make_at: rig.add(make_at, "Post", State.SCHEDULED) for make_at in _minutes(start, 230)}
        (page,) = rig.list_all()
        assert {p.at: p.locator.native_id for p in page.posts} == made
        assert len(page.posts) == len(made)
        assert page.complete
        assert all(p.at is not None and p.at.utcoffset() == timedelta(0) and p.at_given for p in page.posts)
        assert not page.rejects

    def test_it_lists_all_that_went_out_over_several_pages(self, rig: Rig) -> None:
        """As above: Postiz has no pages."""
        made = {rig.out(f"News {i}") for i in range(rig.several)}
        (page,) = rig.platform.published(rig.account, rig.now() - timedelta(hours=5))
        assert {p.locator for p in page.posts} == made
        assert len(page.posts) == len(made)
        assert page.complete

    def test_another_date_needs_a_person_who_is_told_what_to_do(self, rig: Rig) -> None:
        before, _ = rig.held()
        held = rig.look(before.locator)
        assert before.at is not None
        for by in (timedelta(minutes=1), timedelta(days=1)):
            offer = rig.platform.offer(held, Goal(Verb.PUT_BACK, at=before.at + by, before=before), rig.now())
            assert isinstance(offer, Refusal)
            assert offer.state is HoldState.NEEDS_A_PERSON
            assert "Calendar" in offer.clicks
            assert "Calendar" in offer.why
        within = before.at.replace(second=59)
        assert isinstance(rig.platform.offer(held, Goal(Verb.PUT_BACK, at=within, before=before), rig.now()), Change)

    def test_a_published_post_is_never_queued_again(self, rig: Rig) -> None:
        post = rig.post()
        rig.publish(post.locator)
        seen = rig.look(post.locator)
        offer = rig.platform.offer(seen, Goal(Verb.PUT_BACK, at=rig.now() + timedelta(days=1), before=post), rig.now())
        assert isinstance(offer, Refusal)
        assert offer.state is HoldState.CHANGED

    def test_a_planned_date_that_has_passed_is_not_sent_even_by_a_process_that_has_read_nothing_yet(
        self, rig: Rig
    ) -> None:
        before, _ = rig.held()
        back = rig.change(rig.look(before.locator), Goal(Verb.PUT_BACK, at=before.at, before=before))
        written = Change.from_json(json.loads(json.dumps(back.to_json())))
        rig.advance(timedelta(days=2))
        writes = rig.writes()
        with pytest.raises(Refused, match="nothing was sent"):
            rig.impatient.send(written.steps[0])
        assert rig.writes() == writes
        assert rig.look(before.locator).state is State.DRAFT

    def test_where_the_time_cannot_be_learnt_nothing_is_queued(self, rig: Rig) -> None:
        before, _ = rig.held()
        back = rig.change(rig.look(before.locator), Goal(Verb.PUT_BACK, at=before.at, before=before))
        writes = rig.writes()
        rig.fault("status", status=500, method="GET")
        with pytest.raises(Limited, match=r"Nothing was sent"):
            rig.impatient.send(back.steps[0])
        assert rig.writes() == writes

    def test_a_draft_that_goes_out_all_the_same_is_found_by_reading_again(self, rig: Rig) -> None:
        seen = rig.post()
        rig.world.memo["unstoppable"] = {seen.locator.native_id}
        change = rig.change(seen, Goal(Verb.HOLD, before=seen))
        rig.do(change)
        held = rig.look(seen.locator)
        assert change.expected.differences(held) == ()
        assert "read again after its time" in change.why
        keep = rig.change(held, Goal(Verb.KEEP, before=seen))
        rig.advance(timedelta(days=2, minutes=1))
        after = rig.look(seen.locator)
        assert keep.expected.differences(after)
        assert after.state is State.PUBLISHED
        published = [p.locator for page in rig.platform.published(CHANNEL, NOW) for p in page.posts]
        assert seen.locator in published

    def test_a_series_is_one_post_and_one_call_stops_it(self, rig: Rig) -> None:
        at = rig.now().replace(microsecond=0) + timedelta(days=2)
        native = make(rig.world, CHANNEL, at, "Every week", State.SCHEDULED, extra={"intervalInDays": 7})
        (page,) = rig.list_all()
        (seen,) = page.posts
        assert (seen.locator.native_id, seen.at) == (native, at)
        assert rig.look(seen.locator) == seen
        change = rig.change(seen, Goal(Verb.HOLD, before=seen))
        assert len(change.steps) == 1
        assert "whole series" in change.why
        rig.do(change)
        held = rig.look(seen.locator)
        assert change.expected.differences(held) == ()
        back = rig.change(held, Goal(Verb.PUT_BACK, at=at, before=seen))
        rig.do(back)
        assert rig.look(seen.locator) == seen

    def test_a_series_that_has_run_goes_on_so_it_is_held_and_only_a_person_starts_it_again(self, rig: Rig) -> None:
        first = rig.now().replace(microsecond=0) - timedelta(days=10)
        native = make(rig.world, CHANNEL, first, "Every week", State.PUBLISHED, extra={"intervalInDays": 7})
        (page,) = rig.list_all()
        (seen,) = page.posts
        assert (seen.locator.native_id, seen.state, seen.at) == (native, State.SCHEDULED, first + timedelta(days=14))
        assert rig.look(seen.locator) == seen
        change = rig.change(seen, Goal(Verb.HOLD, before=seen))
        assert "only a person can start it again" in change.why
        rig.do(change)
        held = rig.look(seen.locator)
        assert change.expected.differences(held) == ()
        back = rig.platform.offer(held, Goal(Verb.PUT_BACK, at=seen.at, before=seen), rig.now())
        assert isinstance(back, Refusal)
        assert back.state is HoldState.NEEDS_A_PERSON

    def test_what_a_series_published_is_listed_by_each_of_its_times(self, rig: Rig) -> None:
        first = rig.now().replace(microsecond=0) - timedelta(days=10)
        make(rig.world, CHANNEL, first, "Every week", State.PUBLISHED, extra={"intervalInDays": 7})
        (page,) = rig.platform.published(CHANNEL, rig.now() - timedelta(days=5))
        (seen,) = page.posts
        assert (seen.state, seen.at) == (State.PUBLISHED, first + timedelta(days=7))
        assert rig.look(seen.locator) == seen
        gone = replace(seen.locator, occurrence="2020-01-01T00:00:00.000Z")
        assert isinstance(rig.reading(gone), Unreadable)

    def test_a_queued_post_that_is_overdue_is_listed_and_can_be_held(self, rig: Rig) -> None:
        seen = rig.post()
        assert seen.at is not None
        assert isinstance(rig.platform.offer(seen, Goal(Verb.HOLD, before=seen), seen.at + timedelta(hours=1)), Change)

    def test_posts_of_another_channel_are_not_listed_nor_read_as_this_ones(self, rig: Rig) -> None:
        mine = rig.post()
        native = make(rig.world, "linkedin-page-2", rig.now() + timedelta(days=1), "Jobs", State.SCHEDULED)
        assert [p.locator for page in rig.list_all() for p in page.posts] == [mine.locator]
        assert isinstance(rig.reading(Locator("postiz", CHANNEL, native)), Unreadable)
        assert {a.platform for a in rig.platform.accounts() if not isinstance(a, Gap)} == {"facebook", "linkedin"}

    def test_a_post_far_ahead_is_read_and_not_taken_for_gone(self, rig: Rig) -> None:
        far = rig.post(timedelta(days=900))
        assert far.state is State.SCHEDULED

    def test_a_failed_post_is_neither_out_nor_held(self, rig: Rig) -> None:
        native = make(rig.world, CHANNEL, rig.now(), "Failed", State.DRAFT, extra={"state": "ERROR"})
        reading = rig.reading(Locator("postiz", CHANNEL, native))
        assert isinstance(reading, Unreadable)
        assert "only the network" in reading.reason
        assert not any(page.posts or page.rejects for page in rig.list_all())

    def test_it_says_that_its_key_is_accepted(self, rig: Rig) -> None:
        assert isinstance(rig.platform, ShowsCredential)
        (credential,) = rig.platform.credential()
        assert credential.well
        rig.fault("expired_token")
        with pytest.raises(AuthFailed):
            list(rig.platform.credential())


def _minutes(start: datetime, count: int) -> Iterator[datetime]:
    return (start + timedelta(hours=2, minutes=i) for i in range(count))


@pytest.fixture
def web() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        mock.get(f"{API}/is-connected", json={"connected": True}, headers={"Date": "Thu, 08 Sep 2022 17:40:00 GMT"})
        yield mock


@pytest.fixture
def platform() -> postiz.Postiz:
    return postiz.connect("postiz", postiz.Options(token="key-of-the-council"))


def row(native: str = "cm1", **fields: Any) -> dict[str, Any]:
    channel = {"id": CHANNEL, "providerIdentifier": "facebook", "name": "Anyshire"}
    post = {"id": native, "content": "Bin day", "publishDate": "2022-09-10T07:00:00.000Z", "releaseURL": None}
    return {**post, "state": "QUEUE", "intervalInDays": None, "integration": channel, **fields}


def test_the_key_goes_without_bearer_and_is_never_shown(web: responses.RequestsMock, platform: postiz.Postiz) -> None:
    web.get(f"{API}/integrations", status=403, json={"msg": "No access for key-of-the-council"})
    with pytest.raises(Refused) as caught:
        list(platform.accounts())
    assert web.calls[0].request.headers["Authorization"] == "key-of-the-council"
    assert "key-of-the-council" not in str(caught.value)


@pytest.mark.parametrize(
    "fields",
    [
        {"state": "PAUSED"},
        {"state": None},
        {"state": ["QUEUE"]},
        {"publishDate": "soon"},
        {"publishDate": None},
        {"publishDate": 1662793200},
        {"publishDate": "2022-09-10T07:00:00"},
        {"actualDate": "never"},
        {"content": None},
        {"content": {"html": "x"}},
        {"intervalInDays": "weekly"},
        {"intervalInDays": -7},
        {"intervalInDays": True},
        {"intervalInDays": 10**30},
        {"integration": None},
        {"integration": {"id": None}},
        {"integration": "facebook"},
    ],
)
def test_a_post_that_cannot_be_understood_is_rejected_by_name_and_the_rest_loads(
    web: responses.RequestsMock, platform: postiz.Postiz, fields: dict[str, Any]
) -> None:
    web.get(f"{API}/posts", json={"posts": [row("cm2", **fields), row(tags=[None, {"tag": {"name": "bins"}}])]})
    (page,) = platform.scheduled(CHANNEL, SPAN)
    assert [p.locator.native_id for p in page.posts] == ["cm1"]
    assert page.posts[0].tags == ("bins",)
    assert [r.where for r in page.rejects] == ["postiz: post cm2"]
    readings = list(platform.read([Locator("postiz", CHANNEL, "cm2")]))
    assert [type(r) for r in readings] == [Unreadable]
    web.upsert("GET", f"{API}/posts", json={"posts": [row("cm2", **{"state": "PUBLISHED", **fields})]})
    (page,) = platform.published(CHANNEL, NOW - timedelta(days=9))
    assert bool(page.rejects) is (fields.get("state", "PUBLISHED") == "PUBLISHED")
    assert not page.posts


def test_a_row_without_an_id_is_rejected(web: responses.RequestsMock, platform: postiz.Postiz) -> None:
    web.get(f"{API}/posts", json={"posts": [row(id=None), row(id=7), row()]})
    (page,) = platform.scheduled(CHANNEL, SPAN)
    assert len(page.posts) == 1
    assert "2 in Postiz's list" in page.rejects[0].reason


@pytest.mark.parametrize(
    "body",
    [None, [], {}, {"posts": None}, {"posts": {}}, {"posts": [1]}, {"posts": "none"}, "posts", 7, {"msg": "no"}],
)
def test_a_listing_that_is_none_is_an_error(web: responses.RequestsMock, platform: postiz.Postiz, body: Any) -> None:
    web.get(f"{API}/posts", json=body)
    web.get(f"{API}/integrations", json=[body] if body != [] else {})
    for read in (
        lambda: list(platform.scheduled(CHANNEL, SPAN)),
        lambda: list(platform.published(CHANNEL, NOW)),
        lambda: list(platform.read([Locator("postiz", CHANNEL, "cm1")])),
        lambda: list(platform.accounts()),
    ):
        with pytest.raises(PlatformError):
            read()


def test_a_key_without_channels_is_a_gap(web: responses.RequestsMock, platform: postiz.Postiz) -> None:
    web.get(f"{API}/integrations", json=[])
    (gap,) = platform.accounts()
    assert isinstance(gap, Gap)


def test_a_platform_without_a_date_is_not_trusted_with_times(platform: postiz.Postiz) -> None:
    with responses.RequestsMock() as mock:
        mock.get(f"{API}/is-connected", json={"connected": True})
        with pytest.raises(Unreachable, match="no date"):
            list(platform.read([Locator("postiz", CHANNEL, "cm1")]))


def test_a_post_missing_near_and_far_is_absent_and_one_that_could_not_be_looked_for_is_not(
    web: responses.RequestsMock, platform: postiz.Postiz
) -> None:
    gone, there = Locator("postiz", CHANNEL, "cm9"), Locator("postiz", CHANNEL, "cm1")
    web.get(f"{API}/posts", json={"posts": [row()]})
    web.get(f"{API}/posts", json={"posts": []})
    seen, absent = platform.read([there, gone])
    assert isinstance(seen, Seen)
    assert absent == Absent(gone)
    web.remove("GET", f"{API}/posts")
    web.get(f"{API}/posts", json={"posts": [row()]})
    web.get(f"{API}/posts", json={"statusCode": 400})
    assert [type(r) for r in platform.read([there, gone])] == [Seen, Unreadable]


@pytest.mark.parametrize("body", [None, [], {}, {"state": "QUEUE"}, {"id": "cm1"}, "DRAFT", {"state": ["DRAFT"]}])
def test_an_answer_that_does_not_say_it_was_done_is_uncertain(
    web: responses.RequestsMock, platform: postiz.Postiz, body: Any
) -> None:
    web.put(f"{API}/posts/cm1/status", json=body)
    with pytest.raises(Uncertain):
        platform.send(Step("PUT", "/posts/cm1/status", body={"status": "draft"}, account=CHANNEL))


def test_a_refusal_is_told_in_postizs_words(web: responses.RequestsMock, platform: postiz.Postiz) -> None:
    web.put(f"{API}/posts/cm1/status", status=400, json={"message": "Publish date is in the past"})
    step = Step(
        "PUT",
        "/posts/cm1/status",
        params={"publishDate": datetime(2030, 1, 1, tzinfo=UTC).isoformat()},
        body={"status": "schedule"},
        account=CHANNEL,
    )
    with pytest.raises(Refused, match="in the past"):
        platform.send(step)
    sent = web.calls[-1].request
    assert sent.body == b'{"status": "schedule"}'
    assert "?" not in str(sent.url), "the date is kept for the guard's own use"

"""Mixpost keeps the contract, and its own promises: parking, the site's clock, one post for several accounts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import responses
from contract import NOW, PlatformContract, Rig, sandboxed
from pydantic import ValidationError

from adapters import mixpost
from adapters._web.verdicts import Denied
from freeze.accounts import Gap
from freeze.errors import AuthFailed, Hidden, Limited, PlatformError, Refused, Uncertain, Unreachable
from freeze.holds import Change, Goal, HoldState, Kind, Refusal, Step, Verb
from freeze.ports import ShowsCredential
from freeze.posts import Absent, Locator, Seen, State, Unreadable
from freeze.sandbox import mixpost as simulator
from freeze.sandbox._core.posts import Account, Post
from freeze.windows import Window

PAGE, OTHER = "7", "12"
SITE = "https://social.anyshire.example/mixpost"
API = f"{SITE}/api/{simulator.WORKSPACE}"
SPAN = Window(NOW - timedelta(days=1), NOW + timedelta(days=28))
FREEZE = Window(NOW, NOW + timedelta(days=11))


def connect(url: str, timeout: float) -> mixpost.Mixpost:
    options = mixpost.Options(
        base_url=f"{url}/mixpost/mixpost/",
        workspace=simulator.WORKSPACE,
        timezone="Europe/London",
        token=simulator.TOKEN,
        timeout=timeout,
    )
    return mixpost.connect("mixpost", options)


def make(world: Any, account: str, at: datetime, text: str, state: State, **more: Any) -> str:
    native = f"8eb4e98d-2b93-44bd-a664-{world.new_id('mixpost'):0>12}"
    world.add(Post("mixpost", account, native, state.value, at, text, author="A. Reed", media=("61",), **more))
    return native


class TestMixpost(PlatformContract):
    @pytest.fixture
    def rig(self) -> Iterator[Rig]:
        with sandboxed("mixpost", PAGE, Kind.PUSH, connect, make, secrets=(simulator.TOKEN,)) as rig:
            rig.world.add_account(Account("mixpost", PAGE, "Anyshire", "facebook_page:anyshire"))
            rig.world.add_account(Account("mixpost", OTHER, "Anyshire jobs", "twitter:anyjobs"))
            yield rig

    def test_its_accounts_are_known_by_their_networks(self, rig: Rig) -> None:
        found = {a.native: (a.platform, a.handle) for a in rig.platform.accounts() if not isinstance(a, Gap)}
        assert found == {PAGE: ("facebook", "anyshire"), OTHER: ("x", "anyjobs")}

    def test_the_time_is_sent_on_the_sites_clock_and_read_in_utc(self, rig: Rig) -> None:
        summer, winter = datetime(2022, 10, 1, 8, 30, tzinfo=UTC), datetime(2022, 11, 20, 8, 30, tzinfo=UTC)
        before, _ = rig.held()
        held = rig.look(before.locator)
        for at, given in ((summer, "2022-10-01 09:30:00"), (winter, "2022-11-20 08:30:00")):
            back = rig.change(held, Goal(Verb.PUT_BACK, at=at, before=before))
            assert back.steps[0].body == {"schedule_at": given}
            rig.do(back)
            after = rig.look(before.locator)
            assert back.expected.differences(after) == ()
            assert after.at == at

    def test_a_time_that_the_sites_clock_shows_twice_is_never_sent(self, rig: Rig) -> None:
        before, _ = rig.held()
        held = rig.look(before.locator)
        for at in (datetime(2022, 10, 30, 0, 30, tzinfo=UTC), datetime(2022, 10, 30, 1, 30, tzinfo=UTC)):
            offer = rig.platform.offer(held, Goal(Verb.PUT_BACK, at=at, before=before), rig.now())
            assert isinstance(offer, Refusal)
            assert "comes twice" in offer.why
        now = datetime(2022, 10, 30, 1, 20, tzinfo=UTC) - mixpost.CEILING
        seen = replace(before, at=now + timedelta(days=2))
        for slot in range(40):
            change = rig.platform.offer(seen, Goal(Verb.HOLD, before=seen, slot=slot), now)
            assert isinstance(change, Change)
            assert change.expires_at is not None
            assert not 0 <= change.expires_at.hour <= 1 or change.expires_at.date() != now.date()
            sent = datetime.fromisoformat(change.steps[0].body["schedule_at"])
            assert sent.hour != 1 or sent.day != 30

    def test_posts_are_parked_apart_outside_every_pause_and_never_earlier_than_meant(self, rig: Rig) -> None:
        seen = rig.post()
        later = Window(NOW + timedelta(days=299), NOW + timedelta(days=400))
        goals = [Goal(Verb.HOLD, before=seen, avoid=(FREEZE, later), slot=i) for i in range(50)]
        times = [rig.platform.offer(seen, g, NOW).expires_at for g in goals]
        assert len(set(times)) == len(times)
        assert all(at not in FREEZE and at not in later and at > seen.at for at in times)
        endless = Window(NOW, NOW + timedelta(days=400))
        inside = rig.platform.offer(seen, Goal(Verb.HOLD, before=seen, avoid=(endless,)), NOW)
        assert isinstance(inside, Change)
        assert "inside a pause" in inside.why

    def test_a_post_farther_ahead_than_the_ceiling_stays_where_it_is(self, rig: Rig) -> None:
        seen = rig.post(timedelta(days=310))
        change = rig.change(seen, Goal(Verb.HOLD, before=seen, avoid=(Window(NOW, NOW + timedelta(days=400)),)))
        assert change.steps == ()
        assert change.expires_at == seen.at
        assert change.expected.differences(seen) == ()

    def test_a_post_for_several_accounts_is_listed_once_and_said_to_be_elsewhere_on_the_others(self, rig: Rig) -> None:
        native = make(rig.world, OTHER, rig.now() + timedelta(days=2), "Both", State.SCHEDULED, extra={"also": [PAGE]})
        (seen,) = [p for page in rig.list_all() for p in page.posts]
        assert seen.locator == Locator("mixpost", PAGE, native), "the one with the lowest number"
        listing = rig.platform.scheduled(OTHER, SPAN)
        pages = [next(listing), next(listing)]
        with pytest.raises(Hidden) as caught:
            next(listing)
        assert pages[-1].complete
        assert not any(page.posts for page in pages)
        assert '"Anyshire"' in caught.value.message
        assert caught.value.message.endswith(".")
        change = rig.change(seen, Goal(Verb.HOLD, before=seen))
        assert 'It also goes to "Anyshire jobs"' in change.why
        rig.do(change)
        assert change.expected.differences(rig.look(seen.locator)) == ()
        rig.publish(seen.locator)
        for account in (PAGE, OTHER):
            out = [p.locator for page in rig.platform.published(account, NOW) for p in page.posts]
            assert out == [Locator("mixpost", account, native)], "it went out on both"

    def test_words_of_their_own_for_one_account_are_words_too(self, rig: Rig) -> None:
        extra = {"also": [OTHER], "versions": {OTHER: "Jobs at the depot"}}
        native = make(rig.world, PAGE, rig.now() + timedelta(days=2), "Bin day", State.SCHEDULED, extra=extra)
        seen = rig.look(Locator("mixpost", PAGE, native))
        assert seen.text == "Bin day\n\nJobs at the depot"
        assert seen.media == ("61",)

    def test_a_post_that_awaits_approval_is_listed_also_when_it_is_late_and_needs_a_person(self, rig: Rig) -> None:
        for ahead in (timedelta(days=2), timedelta(hours=-3)):
            make(rig.world, PAGE, rig.now() + ahead, "Wait", State.PENDING_APPROVAL)
        found = [p for page in rig.list_all() for p in page.posts]
        assert [p.state for p in found] == [State.PENDING_APPROVAL] * 2
        for seen in found:
            for goal in (Goal(Verb.HOLD, before=seen), Goal(Verb.PUT_BACK, at=NOW + timedelta(days=3), before=seen)):
                offer = rig.platform.offer(seen, goal, NOW)
                assert isinstance(offer, Refusal)
                assert offer.state is HoldState.NEEDS_A_PERSON
                assert "Do not approve" in offer.clicks

    def test_what_is_overdue_because_the_scheduler_stands_still_is_listed_and_can_be_held(self, rig: Rig) -> None:
        rig.world.lock("mixpost", True)
        try:
            seen = rig.post()
            rig.advance(timedelta(days=2, hours=3))
            late = rig.look(seen.locator)
            assert late.state is State.SCHEDULED
            assert seen.locator in {p.locator for page in rig.list_all() for p in page.posts}
            rig.do(rig.change(late, Goal(Verb.HOLD, before=seen)))
        finally:
            rig.world.lock("mixpost", False)
        assert rig.look(seen.locator).state is State.SCHEDULED, "it does not go out with the burst"

    def test_no_post_is_missed_when_holding_moves_them_in_the_list(self, rig: Rig) -> None:
        start = rig.now().replace(microsecond=0)
        made = {rig.add(start + timedelta(hours=i + 1), f"Post {i}", State.SCHEDULED) for i in range(300)}
        listed: list[str] = []
        complete = []
        for page in rig.platform.scheduled(PAGE, SPAN):
            complete.append(page.complete)
            for seen in page.posts:
                listed.append(seen.locator.native_id)
                rig.do(rig.change(seen, Goal(Verb.HOLD, before=seen, slot=len(listed))))
        assert set(listed) == made
        assert len(listed) == len(made)
        assert complete == [False] * (len(complete) - 1) + [True]

    def test_a_draft_is_put_back_by_its_date_first_and_then_its_schedule(self, rig: Rig) -> None:
        seen = rig.post()
        rig.world.change(rig.world.get("mixpost", seen.locator.native_id), state="draft")
        draft = rig.look(seen.locator)
        keep = rig.change(draft, Goal(Verb.KEEP, before=seen))
        assert keep.steps == ()
        back = rig.change(draft, Goal(Verb.PUT_BACK, at=seen.at, before=seen))
        assert [step.method for step in back.steps] == ["PUT", "POST"]
        assert all(step.idempotent for step in back.steps)
        rig.do(back)
        rig.do(back)
        assert back.expected.differences(rig.look(seen.locator)) == ()

    def test_a_post_that_is_going_out_is_too_late(self, rig: Rig) -> None:
        seen = rig.post()
        change = rig.change(seen, Goal(Verb.HOLD, before=seen))
        rig.world.memo["publishing"] = {seen.locator.native_id}
        offer = rig.platform.offer(rig.look(seen.locator), Goal(Verb.HOLD, before=seen), rig.now())
        assert isinstance(offer, Refusal)
        assert offer.state is HoldState.TOO_LATE
        with pytest.raises(Denied, match="at this moment") as caught:
            rig.do(change)
        assert caught.value.code == "publishing"
        rig.world.memo.clear()
        rig.publish(seen.locator)
        with pytest.raises(Denied, match="went out already"):
            rig.do(change)

    def test_what_failed_on_another_account_and_went_out_on_this_one_is_named(self, rig: Rig) -> None:
        extra = {"status": "failed", "also": [OTHER], "failed_on": [OTHER]}
        native = make(rig.world, PAGE, rig.now(), "Half", State.PUBLISHED, extra=extra)
        out = [p for page in rig.platform.published(PAGE, NOW - timedelta(hours=1)) for p in page.posts]
        assert [(p.locator.native_id, p.state) for p in out] == [(native, State.PUBLISHED)]
        assert not any(p.posts for p in rig.platform.published(OTHER, NOW - timedelta(hours=1)))
        assert isinstance(rig.reading(Locator("mixpost", OTHER, native)), Unreadable)

    def test_a_planned_time_that_has_passed_is_not_sent_even_by_a_process_that_has_read_nothing_yet(
        self, rig: Rig
    ) -> None:
        before, _ = rig.held()
        back = rig.change(rig.look(before.locator), Goal(Verb.PUT_BACK, at=before.at, before=before))
        written = Change.from_json(json.loads(json.dumps(back.to_json())))
        rig.advance(timedelta(days=2))
        writes = rig.writes()
        with pytest.raises(Refused, match="nothing was sent"):
            rig.impatient.send(written.steps[0])
        rig.fault("status", status=500, method="GET")
        fresh = connect(str(rig.platform.client.base_url).split("/mixpost")[0], 5.0)  # type: ignore[attr-defined]
        with pytest.raises(Limited, match="Nothing was sent"):
            fresh.send(written.steps[0])
        assert rig.writes() == writes

    def test_it_says_that_its_token_is_accepted(self, rig: Rig) -> None:
        assert isinstance(rig.platform, ShowsCredential)
        (credential,) = rig.platform.credential()
        assert credential.well
        rig.fault("expired_token")
        with pytest.raises(AuthFailed):
            list(rig.platform.credential())


@pytest.fixture
def web() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


@pytest.fixture
def platform() -> mixpost.Mixpost:
    options = mixpost.Options(
        base_url=SITE, workspace=simulator.WORKSPACE, timezone="Europe/London", token="token-of-the-council"
    )
    return mixpost.connect("mixpost", options)


def item(native: str = "u1", **fields: Any) -> dict[str, Any]:
    post = {"id": 1, "uuid": native, "status": "scheduled", "scheduled_at": "2022-09-10 07:00:00", "published_at": None}
    version = {"account_id": 0, "is_original": True, "content": [{"body": "Bin day", "media": [1]}]}
    owner = {"id": 7, "name": "Anyshire", "provider": "facebook_page"}
    return {**post, "accounts": [owner], "versions": [version], "tags": [], "trashed": False, **fields}


def listed(*posts: Any, total: int | None = None, pages: int = 1) -> dict[str, Any]:
    return {"data": list(posts), "meta": {"last_page": pages, "total": len(posts) if total is None else total}}


BAD = [
    {"status": "paused"},
    {"status": None},
    {"status": "failed"},
    {"scheduled_at": None},
    {"scheduled_at": "soon"},
    {"scheduled_at": 1662793200},
    {"scheduled_at": {"date": "2022-09-10", "time": "08:00"}},
    {"versions": None},
    {"versions": [None]},
    {"versions": [{"content": ["x"]}]},
]
NAMELESS: list[dict[str, Any]] = [
    {"accounts": None},
    {"accounts": []},
    {"accounts": [None]},
    {"accounts": [{"id": "7"}]},
    {"accounts": [{"id": True}]},
]


@pytest.mark.parametrize("fields", BAD + NAMELESS)
def test_a_post_that_cannot_be_understood_is_rejected_by_name_and_the_rest_loads(
    web: responses.RequestsMock, platform: mixpost.Mixpost, fields: dict[str, Any]
) -> None:
    odd = item("u2", user=[], tags=[None, {"name": "bins"}], **fields)
    web.get(f"{API}/posts", json=listed(odd, item(tags=[{"name": "bins"}, 3], user={"name": "A. Reed"})))
    pages = list(platform.scheduled(PAGE, SPAN))
    assert [(p.locator.native_id, p.tags, p.author) for p in pages[0].posts] == [("u1", ("bins",), "A. Reed")]
    assert [r.where for r in pages[0].rejects] == ["mixpost: post u2"]
    web.get(f"{API}/posts/u2", json=odd)
    (reading,) = platform.read([Locator("mixpost", PAGE, "u2")])
    assert isinstance(reading, Unreadable if fields in BAD else Seen)
    assert isinstance(platform.offer(replace(pages[0].posts[0], raw=odd), Goal(Verb.HOLD), NOW), Change)


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        {},
        "posts",
        {"data": None},
        {"data": []},
        {"data": [1], "meta": {"last_page": 1, "total": 1}},
        {"data": [], "meta": None},
        {"data": [], "meta": {"last_page": None, "total": 0}},
        {"data": [], "meta": {"last_page": "1", "total": "0"}},
        {"data": [], "meta": {"last_page": 1, "total": True}},
        {"data": [], "meta": {"last_page": 1, "total": 3}},
        {"data": [], "meta": {"last_page": 10**9, "total": 10**9}},
        {"message": "Server Error"},
    ],
)
def test_a_listing_that_is_none_is_an_error(web: responses.RequestsMock, platform: mixpost.Mixpost, body: Any) -> None:
    web.get(f"{API}/posts", json=body)
    for read in (lambda: list(platform.scheduled(PAGE, SPAN)), lambda: list(platform.published(PAGE, NOW))):
        with pytest.raises(Unreachable):
            read()


def test_a_list_that_repeats_its_posts_is_given_up(web: responses.RequestsMock, platform: mixpost.Mixpost) -> None:
    web.get(f"{API}/posts", json=listed(item(), item(), total=150, pages=2))
    with pytest.raises(Unreachable, match="1 posts of the 150"):
        list(platform.scheduled(PAGE, SPAN))
    assert len(web.calls) == 4, "read a second time, to be sure"


def test_posts_of_other_accounts_are_left_out_where_the_server_does_not_filter(
    web: responses.RequestsMock, platform: mixpost.Mixpost
) -> None:
    web.get(f"{API}/posts", json=listed(item(accounts=[{"id": 9}]), item("u2")))
    assert [p.locator.native_id for p in next(platform.scheduled(PAGE, SPAN)).posts] == ["u2"]


@pytest.mark.parametrize("body", [None, [], {}, {"data": {}}, {"data": [1]}, {"data": [{}]}, {"data": [{"id": 7}]}])
def test_accounts_that_are_none_are_an_error(web: responses.RequestsMock, platform: mixpost.Mixpost, body: Any) -> None:
    web.get(f"{API}/accounts", json=body)
    with pytest.raises(Unreachable):
        list(platform.accounts())


def test_a_token_without_accounts_is_a_gap(web: responses.RequestsMock, platform: mixpost.Mixpost) -> None:
    web.get(f"{API}/accounts", json={"data": []})
    (gap,) = platform.accounts()
    assert isinstance(gap, Gap)


def test_a_missing_post_is_absent_only_while_its_workspace_answers(
    web: responses.RequestsMock, platform: mixpost.Mixpost
) -> None:
    locator = Locator("mixpost", PAGE, "u1")
    web.get(f"{API}/posts/u1", status=404, json={"message": "Post not found."})
    web.get(f"{API}/accounts", json={"data": []})
    assert list(platform.read([locator])) == [Absent(locator)]
    web.upsert("GET", f"{API}/accounts", status=404, json={"message": "Workspace not found."})
    with pytest.raises(PlatformError, match="Workspace not found"):
        list(platform.read([locator]))


def test_one_post_that_cannot_be_read_spoils_no_other_and_is_not_waited_for_twice(
    web: responses.RequestsMock, platform: mixpost.Mixpost
) -> None:
    web.get(f"{API}/posts/u1", json={"data": item("u1")})
    web.get(f"{API}/posts/u2", status=403, json={"message": "Access forbidden."})
    web.get(f"{API}/posts/u3", json=[])
    web.get(f"{API}/posts/u4", body="<html>")
    readings = list(platform.read([Locator("mixpost", PAGE, f"u{i}") for i in range(1, 6)]))
    assert [type(r) for r in readings] == [Seen] + [Unreadable] * 4
    assert len(web.calls) == 4


@pytest.mark.parametrize("body", [None, [], "done", {"success": False}])
def test_an_answer_that_does_not_say_it_was_done_is_uncertain(
    web: responses.RequestsMock, platform: mixpost.Mixpost, body: Any
) -> None:
    web.post(f"{API}/posts/schedule/u1", json=body)
    with pytest.raises(Uncertain):
        platform.send(Step("POST", "/posts/schedule/u1", body={"postNow": False}, account=PAGE))


def test_a_refusal_says_what_a_person_can_click(web: responses.RequestsMock, platform: mixpost.Mixpost) -> None:
    errors = {"message": "The date is in the past.", "errors": {"cannot_scheduled": ["The date is in the past."]}}
    web.post(f"{API}/posts/schedule/u1", status=422, json=errors)
    with pytest.raises(Denied, match=r"in the past.*By hand"):
        platform.send(Step("POST", "/posts/schedule/u1", body={"postNow": False}, account=PAGE))


def test_a_time_zone_that_does_not_exist_is_refused_with_the_nearest() -> None:
    with pytest.raises(ValidationError, match="Europe/London"):
        mixpost.Options(base_url=SITE, workspace="w", timezone="Europe/Londn", token="t")

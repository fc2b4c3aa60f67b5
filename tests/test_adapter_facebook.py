"""Facebook Pages keep the contract, and their own promises: parking, the own-app rule, tokens that never show."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import responses
from contract import PlatformContract, Rig, sandboxed

from adapters import facebook
from adapters._meta import graph as _graph
from adapters._web.verdicts import Denied, Fate
from freeze.errors import AuthFailed, Limited, PlatformError, Refused, Uncertain, Unreachable
from freeze.holds import Change, Goal, HoldState, Kind, Refusal, Snapshot, Step, Verb
from freeze.posts import Absent, Locator, Seen, State, Unreadable
from freeze.sandbox import facebook as simulator
from freeze.sandbox._core.posts import Post
from freeze.windows import Window

PAGE = "101200000001"
OTHER_PAGE = "101200000002"
GRAPH = "https://graph.facebook.com/v26.0"
NOW = datetime(2022, 9, 8, 17, 40, tzinfo=UTC)
FREEZE = Window(NOW, NOW + timedelta(days=11))


def connect(url: str, timeout: float) -> facebook.Facebook:
    options = facebook.Options(
        base_url=f"{url}/facebook/v26.0", token=simulator.TOKEN, app_id=simulator.APP, timeout=timeout
    )
    return facebook.connect("facebook", options)


def make(world: Any, account: str, at: datetime, text: str, state: State, app: str = simulator.APP, **more: Any) -> str:
    native = f"{account}_{world.new_id('facebook')}"
    picture = ("https://scontent.example/v/t39/netherby.jpg?oh=signed&oe=soon",)
    more = {"app_name": "Freeze Guard", "media": picture, **more}
    world.add(Post("facebook", account, native, state.value, at, text, app=app, **more))
    return native


class TestFacebook(PlatformContract):
    @pytest.fixture
    def rig(self) -> Iterator[Rig]:
        with sandboxed(
            "facebook",
            PAGE,
            Kind.PUSH,
            connect,
            make,
            secrets=(simulator.TOKEN, simulator.page_token(PAGE)),
            counts=False,
        ) as rig:
            yield rig

    def test_a_post_of_another_app_needs_a_person_and_says_the_clicks(self, rig: Rig) -> None:
        seen = rig.post()
        foreign = replace(seen, app="Orlo", raw={**seen.raw, "application": {"id": "555", "name": "Orlo"}})
        for goal in (Goal(Verb.HOLD, before=foreign), Goal(Verb.KEEP, before=foreign)):
            offer = rig.platform.offer(foreign, goal, rig.now())
            assert isinstance(offer, Refusal)
            assert offer.state is HoldState.NEEDS_A_PERSON
            assert "Orlo" in offer.why
            assert "Business Suite" in offer.clicks
            assert "not verified" in offer.clicks

    def test_a_post_that_names_no_app_is_tried_and_a_refusal_says_the_clicks(self, rig: Rig) -> None:
        native = make(rig.world, PAGE, rig.now() + timedelta(days=2), "By hand", State.SCHEDULED, app="")
        seen = rig.look(Locator("facebook", PAGE, native))
        assert "application" not in seen.raw
        change = rig.change(seen, Goal(Verb.HOLD, before=seen))
        with pytest.raises(Denied, match="Business Suite") as caught:
            rig.do(change)
        self.assert_well_said(rig, caught.value)
        assert change.expected.differences(rig.look(seen.locator))

    def test_a_hold_parks_the_post_at_the_ceiling_on_a_whole_minute(self, rig: Rig) -> None:
        seen = rig.post()
        change = rig.change(seen, Goal(Verb.HOLD, before=seen, avoid=(FREEZE,)))
        at = change.expires_at
        assert at is not None
        assert timedelta(0) <= rig.now() + timedelta(days=29) - at < timedelta(minutes=1)
        assert (at.second, at.microsecond) == (0, 0)
        assert change.expected.at == at
        assert "unless the guard runs" in change.why

    def test_posts_are_parked_apart_from_each_other(self, rig: Rig) -> None:
        seen = rig.post()
        goals = [Goal(Verb.HOLD, before=seen, slot=i) for i in range(50)]
        times = [rig.platform.offer(seen, g, NOW).expires_at for g in goals]
        assert times == sorted(times, reverse=True)
        assert {a - b for a, b in itertools.pairwise(times)} == {timedelta(minutes=5)}

    def test_nothing_is_parked_inside_a_pause(self, rig: Rig) -> None:
        seen = rig.post()
        later = Window(NOW + timedelta(days=28), NOW + timedelta(days=40))
        parked = [
            rig.platform.offer(seen, Goal(Verb.HOLD, before=seen, avoid=(FREEZE, later), slot=i), NOW).expires_at
            for i in range(300)
        ]
        assert all(at not in FREEZE and at not in later for at in parked)
        assert max(parked) == later.start - timedelta(minutes=1)

    def test_a_pause_longer_than_the_ceiling_parks_inside_it_and_says_so(self, rig: Rig) -> None:
        seen = rig.post()
        long = Window(NOW, NOW + timedelta(days=60))
        change = rig.platform.offer(seen, Goal(Verb.HOLD, before=seen, avoid=(long,)), NOW)
        assert isinstance(change, Change)
        assert change.expires_at is not None
        assert change.expires_at >= NOW + timedelta(days=28, hours=23)
        assert "inside a pause" in change.why

    def test_a_post_is_never_parked_earlier_than_it_was_meant(self, rig: Rig) -> None:
        seen = rig.post(timedelta(days=21))
        coming = Window(NOW + timedelta(days=20), NOW + timedelta(days=60))
        change = rig.platform.offer(seen, Goal(Verb.HOLD, before=seen, avoid=(coming,)), NOW)
        assert isinstance(change, Change)
        assert change.expires_at is not None
        assert seen.at is not None
        assert change.expires_at > seen.at

    def test_a_post_farther_ahead_than_the_ceiling_stays_where_it_is(self, rig: Rig) -> None:
        seen = rig.post(timedelta(days=29, hours=12))
        long = Window(NOW, NOW + timedelta(days=60))
        change = rig.change(seen, Goal(Verb.HOLD, before=seen, avoid=(long,)))
        assert change.steps == ()
        assert change.expires_at == seen.at
        assert change.expected.differences(seen) == ()

    def test_a_boosted_post_says_that_the_advert_runs_on(self, rig: Rig) -> None:
        seen = replace(rig.post(), boosted=True)
        assert "advert" in rig.change(seen, Goal(Verb.HOLD, before=seen)).why

    def test_pictures_are_named_by_what_stays_the_same(self, rig: Rig) -> None:
        assert rig.post().media == ("netherby.jpg",)

    def test_posts_of_several_pages_are_read_in_one_go(self, rig: Rig) -> None:
        one = rig.post()
        world_post = Locator("facebook", OTHER_PAGE, one.locator.native_id)
        read = {r.locator: r for r in rig.platform.read([one.locator, world_post])}
        assert read[one.locator] == one
        assert read[world_post] == Absent(world_post), "another page's token does not see it"

    def test_a_page_that_is_not_ours_is_unreadable_and_spoils_no_other(self, rig: Rig) -> None:
        one = rig.post()
        strange = Locator("facebook", "999", "999_1")
        read = {r.locator: r for r in rig.platform.read([strange, one.locator])}
        assert read[one.locator] == one
        assert isinstance(read[strange], Unreadable)

    def test_what_readers_see_first_is_its_description(self, rig: Rig) -> None:
        rig.describe("News from Anyshire")
        assert rig.platform.bio(PAGE).text == "News from Anyshire"
        assert rig.platform.bio(PAGE).longest == 255

    def test_it_tells_how_its_token_stands(self, rig: Rig) -> None:
        (found,) = rig.platform.credential()
        assert (found.well, found.expires_at) == (True, None)
        assert found.sentence == "The token is a system user's and has no end."
        rig.world.memo["facebook token"] = {"scopes": ["pages_read_engagement"], "app_id": 4410}
        (found,) = rig.platform.credential()
        assert not found.well
        assert "pages_manage_posts" in found.sentence
        assert "the app 4410, not to 777" in found.sentence

    def test_a_token_that_ends_says_when_by_the_earlier_of_its_two_ends(self, rig: Rig) -> None:
        sooner, later = NOW + timedelta(days=3), NOW + timedelta(days=60)
        for ends in ((sooner, later), (later, sooner)):
            names = zip(("expires_at", "data_access_expires_at"), ends, strict=True)
            rig.world.memo["facebook token"] = {name: int(at.timestamp()) for name, at in names}
            (found,) = rig.platform.credential()
            assert found.expires_at == sooner
            assert "Sunday 11 September 2022, 18:40 BST" in found.sentence

    def test_a_change_can_be_sent_by_a_process_that_has_read_nothing_yet(self, rig: Rig) -> None:
        seen = rig.post()
        change = rig.change(seen, Goal(Verb.HOLD, before=seen))
        written = Change.from_json(json.loads(json.dumps(change.to_json())))
        writes = rig.writes()
        rig.impatient.send(written.steps[0])
        assert rig.writes() == writes + 1
        assert change.expected.differences(rig.look(seen.locator)) == ()


@pytest.fixture
def graph() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        pages = {"data": [{"id": PAGE, "name": "Anyshire", "access_token": "page-secret-1"}], "paging": {}}
        mock.get(f"{GRAPH}/me/accounts", json=pages)
        yield mock


@pytest.fixture
def platform() -> facebook.Facebook:
    return facebook.connect("facebook", facebook.Options(token="system-secret", app_id="777"))


STEP = Step("POST", f"/{PAGE}_1", body={"scheduled_publish_time": "1797849060"}, account=PAGE)


@pytest.mark.parametrize(
    ("code", "error"),
    [
        (1, Uncertain), (2, Uncertain), (4, Limited), (17, Limited), (32, Limited), (341, Limited), (613, Limited),
        (368, Limited), (190, AuthFailed), (3, Refused), (10, Refused), (100, Refused), (200, Refused), (299, Refused),
        (506, Refused),
    ],
)  # fmt: skip
@pytest.mark.parametrize("status", [200, 400])
def test_each_code_means_what_the_guide_says_even_inside_a_200(
    graph: responses.RequestsMock, platform: facebook.Facebook, code: int, status: int, error: type[PlatformError]
) -> None:
    graph.post(f"{GRAPH}/{PAGE}_1", status=status, json={"error": {"code": code, "message": "(#n) no"}})
    with pytest.raises(error):
        platform.send(STEP)
    assert sum(c.request.method == "POST" for c in graph.calls) == 1


def test_a_refusal_says_what_a_person_can_click(graph: responses.RequestsMock, platform: facebook.Facebook) -> None:
    graph.post(f"{GRAPH}/{PAGE}_1", status=403, json={"error": {"code": 200, "message": "not yours"}})
    with pytest.raises(Denied, match="Business Suite"):
        platform.send(STEP)


def test_a_block_for_abuse_waits_an_hour_and_a_spent_quota_as_long_as_it_says(
    graph: responses.RequestsMock, platform: facebook.Facebook
) -> None:
    usage = json.dumps({PAGE: [{"type": "pages", "call_count": 100, "estimated_time_to_regain_access": 7}]})
    for code, headers, seconds in ((368, {}, 3600), (32, {"X-Business-Use-Case-Usage": usage}, 420)):
        graph.upsert(
            "POST", f"{GRAPH}/{PAGE}_1", status=400, json={"error": {"code": code, "message": "wait"}}, headers=headers
        )
        with pytest.raises(Limited) as caught:
            platform.send(STEP)
        assert caught.value.seconds == seconds


def test_an_answer_that_does_not_say_success_is_uncertain(
    graph: responses.RequestsMock, platform: facebook.Facebook
) -> None:
    graph.post(f"{GRAPH}/{PAGE}_1", json={"success": False})
    with pytest.raises(Uncertain):
        platform.send(STEP)


def test_a_missing_post_is_absent_only_while_its_page_answers(
    graph: responses.RequestsMock, platform: facebook.Facebook
) -> None:
    gone = {"error": {"code": 100, "error_subcode": 33, "message": "does not exist or missing permissions"}}
    graph.get(f"{GRAPH}/{PAGE}_1", status=400, json=gone)
    page = graph.get(f"{GRAPH}/{PAGE}", json={"id": PAGE})
    locator = Locator("facebook", PAGE, f"{PAGE}_1")
    assert list(platform.read([locator])) == [Absent(locator)]
    graph.replace(
        responses.Response("GET", f"{GRAPH}/{PAGE}", status=400, json={"error": {"code": 10, "message": "denied"}})
    )
    assert page.call_count == 1
    with pytest.raises(PlatformError):
        list(platform.read([locator]))


def test_the_next_address_is_never_followed_nor_its_token_kept(
    graph: responses.RequestsMock, platform: facebook.Facebook
) -> None:
    item = {"id": f"{PAGE}_1", "is_published": False, "scheduled_publish_time": int(NOW.timestamp()) + 600}
    item["permalink_url"] = "https://www.facebook.com/x?t=page-secret-1"
    following = {"cursors": {"after": "QW"}, "next": "https://elsewhere.example/steal?access_token=page-secret-1"}
    graph.get(f"{GRAPH}/{PAGE}/scheduled_posts", json={"data": [item], "paging": following})
    graph.get(f"{GRAPH}/{PAGE}/scheduled_posts", json={"data": []})
    pages = list(platform.scheduled(PAGE, FREEZE))
    assert [p.complete for p in pages] == [False, True]
    assert "after=QW" in str(graph.calls[-1].request.url)
    assert "secret" not in json.dumps([Snapshot(p).to_json() for page in pages for p in page.posts])


def test_a_listing_that_goes_round_in_a_circle_is_given_up(
    graph: responses.RequestsMock, platform: facebook.Facebook
) -> None:
    circle = {"data": [], "paging": {"next": "https://x.example", "cursors": {"after": "QW"}}}
    graph.get(f"{GRAPH}/{PAGE}/scheduled_posts", json=circle)
    with pytest.raises(Unreachable, match="not where"):
        list(platform.scheduled(PAGE, FREEZE))


@pytest.mark.parametrize(
    "fields",
    [
        {"scheduled_publish_time": "soon"},
        {"scheduled_publish_time": 10**30},
        {"scheduled_publish_time": True},
        {"is_published": None},
        {"is_published": True, "created_time": "2022-09-08T17:40:00"},
    ],
)
def test_a_post_that_cannot_be_understood_is_rejected_by_name_and_the_rest_loads(
    graph: responses.RequestsMock, platform: facebook.Facebook, fields: dict[str, Any]
) -> None:
    good = {"id": f"{PAGE}_1", "is_published": False, "scheduled_publish_time": int(NOW.timestamp()) + 600}
    graph.get(f"{GRAPH}/{PAGE}/scheduled_posts", json={"data": [{**good, "id": f"{PAGE}_2", **fields}, good]})
    (page,) = platform.scheduled(PAGE, FREEZE)
    assert [p.locator.native_id for p in page.posts] == [f"{PAGE}_1"]
    assert [r.where for r in page.rejects] == [f"facebook: post {PAGE}_2"]


def test_a_post_without_a_time_is_a_draft_and_stays_one(
    graph: responses.RequestsMock, platform: facebook.Facebook
) -> None:
    graph.get(f"{GRAPH}/{PAGE}_1", json={"id": f"{PAGE}_1", "is_published": False})
    (seen,) = platform.read([Locator("facebook", PAGE, f"{PAGE}_1")])
    assert isinstance(seen, Seen)
    assert seen.state is State.DRAFT
    hold = platform.offer(seen, Goal(Verb.HOLD, before=seen), NOW)
    assert isinstance(hold, Change)
    assert hold.steps == ()
    back = platform.offer(seen, Goal(Verb.PUT_BACK, at=NOW + timedelta(days=1), before=seen), NOW)
    assert isinstance(back, Refusal)
    assert back.state is HoldState.NEEDS_A_PERSON


@pytest.mark.parametrize("about", [{}, {"about": None}, {"about": ""}, {"about": 7}])
def test_where_about_is_empty_the_next_description_is_taken(
    graph: responses.RequestsMock, platform: facebook.Facebook, about: dict[str, Any]
) -> None:
    graph.get(f"{GRAPH}/{PAGE}", json={"id": PAGE, "name": "Anyshire", "description": "Longer words", **about})
    bio = platform.bio(PAGE)
    assert (bio.name, bio.text) == ("Anyshire", "Longer words")


def test_a_token_that_is_not_accepted_is_not_well(graph: responses.RequestsMock, platform: facebook.Facebook) -> None:
    data = {"is_valid": False, "scopes": [], "error": {"code": 190, "message": "The session is over"}}
    graph.get(f"{GRAPH}/debug_token", json={"data": data})
    (found,) = platform.credential()
    assert not found.well
    assert "The session is over" in found.sentence


BODIES: list[Any] = [
    [], "text", 7, None, {}, {"data": None}, {"data": {}}, {"data": ["x"]}, {"data": [], "paging": "more"},
    {"data": [], "paging": {"next": "https://x.example"}}, {"error": "no"}, {"error": {"code": {}, "message": []}},
    {"id": {}}, {"data": {"is_valid": "yes"}}, {"data": {"is_valid": True, "expires_at": "soon"}},
]  # fmt: skip


@pytest.mark.parametrize("body", BODIES, ids=lambda b: json.dumps(b)[:40])
def test_nonsense_is_an_error_and_never_an_empty_list_or_a_crash(
    graph: responses.RequestsMock, platform: facebook.Facebook, body: Any
) -> None:
    for path in (f"/{PAGE}/scheduled_posts", f"/{PAGE}/published_posts", f"/{PAGE}", "/", f"/{PAGE}_1", "/debug_token"):
        graph.get(f"{GRAPH}{path}", json=body)
    for read in (
        lambda: list(platform.scheduled(PAGE, FREEZE)),
        lambda: list(platform.published(PAGE, NOW)),
        lambda: platform.bio(PAGE),
        lambda: list(platform.credential()),
    ):
        with pytest.raises(PlatformError):
            read()
    try:
        (reading,) = platform.read([Locator("facebook", PAGE, f"{PAGE}_1")])
    except PlatformError:
        return
    assert isinstance(reading, Unreadable)


def test_a_circle_of_several_pages_is_given_up(graph: responses.RequestsMock, platform: facebook.Facebook) -> None:
    for after in ("B", "A", "B"):
        paging = {"next": "https://x.example", "cursors": {"after": after}}
        graph.get(f"{GRAPH}/{PAGE}/scheduled_posts", json={"data": [], "paging": paging})
    with pytest.raises(Unreachable, match="not where"):
        list(platform.scheduled(PAGE, FREEZE))


def test_a_page_without_a_token_is_a_gap(platform: facebook.Facebook) -> None:
    with responses.RequestsMock() as mock:
        mock.get(f"{GRAPH}/me/accounts", json={"data": [{"id": "5", "name": "Lost page"}]})
        (gap,) = platform.accounts()
    assert "Lost page" in gap.reason
    assert gap.account == "5"


def test_an_error_that_is_transient_is_a_failure_of_the_platform() -> None:
    verdict = _graph.judge(400, {"error": {"code": 77, "is_transient": True, "message": ""}}, {})
    assert verdict is not None
    assert verdict.fate is Fate.BROKEN


def test_what_meta_no_longer_takes_is_a_refusal_though_it_looks_like_a_passing_failure() -> None:
    verdict = _graph.judge(500, {"error": {"code": 100, "message": "ids is deprecated"}}, {})
    assert verdict is not None
    assert verdict.fate is Fate.NO

"""Sprout keeps the contract of a platform without a visible queue, and its own promises: whose words, how often."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import responses
from contract import NOW, Rig, WatchedContract, sandboxed
from pydantic import ValidationError

from adapters import sprout
from adapters._web import http
from freeze.accounts import Gap
from freeze.errors import AuthFailed, Hidden, PlatformError, Unreachable
from freeze.holds import Goal, Kind, Refusal, Verb
from freeze.ports import ShowsCredential
from freeze.posts import Absent, Locator, Seen, State, Unreadable
from freeze.sandbox import sprout as simulator
from freeze.sandbox._core.posts import Account, Post
from freeze.windows import Window

PROFILE, OTHER = "492", "493"
API = f"https://api.sproutsocial.com/v1/{simulator.CUSTOMER}"
SPAN = Window(NOW, NOW + timedelta(days=28))


def connect(url: str, timeout: float) -> sprout.Sprout:
    options = sprout.Options(
        base_url=f"{url}/sprout/v1", customer=simulator.CUSTOMER, token=simulator.TOKEN, timeout=timeout
    )
    return sprout.connect("sprout", options)


def make(world: Any, account: str, at: datetime, text: str, state: State, **more: Any) -> str:
    native = f"guid-{world.new_id('sprout')}"
    world.add(Post("sprout", account, native, state.value, at, text, **more))
    return native


class TestSprout(WatchedContract):
    @pytest.fixture
    def rig(self) -> Iterator[Rig]:
        with sandboxed(
            "sprout",
            PROFILE,
            Kind.HUMAN,
            connect,
            make,
            secrets=(simulator.TOKEN,),
            is_write=lambda call: call.method not in {"GET", "HEAD"} and not call.path.endswith("/messages"),
            shows_queue=False,
        ) as rig:
            rig.world.add_account(Account("sprout", PROFILE, "Anyshire", "twitter:anyshire"))
            rig.world.add_account(Account("sprout", OTHER, "Anyshire Fire", "fb_instagram_account:anyfire"))
            yield rig

    def test_its_profiles_are_known_by_their_networks(self, rig: Rig) -> None:
        found = {a.native: (a.platform, a.handle) for a in rig.platform.accounts() if not isinstance(a, Gap)}
        assert found == {PROFILE: ("x", "anyshire"), OTHER: ("instagram", "anyfire")}

    def test_only_what_the_profile_itself_posted_is_kept(self, rig: Rig) -> None:
        kept = rig.out("News")
        public = {"from": "twitter:somebody"}
        for extra in (
            {**public, "post_type": "TWEET"},
            {**public, "post_type": "FACEBOOK_COMMENT"},
            {"post_type": "TWITTER_REPLY"},
            {"post_type": "FACEBOOK_PM"},
            {"post_type": "RETWEET"},
            {"post_type": "INSTAGRAM_COMMENT"},
        ):
            make(rig.world, PROFILE, rig.now(), "Private words", State.PUBLISHED, published_at=rig.now(), extra=extra)
        new = {"post_type": "SOMETHING_NEW"}
        odd = make(rig.world, PROFILE, rig.now(), "Odd", State.PUBLISHED, published_at=rig.now(), extra=new)
        make(rig.world, OTHER, rig.now(), "Fire", State.PUBLISHED, published_at=rig.now())
        pages = list(rig.platform.published(PROFILE, rig.now() - timedelta(hours=1)))
        assert {p.locator.native_id for page in pages for p in page.posts} == {kept.native_id, odd}
        assert not any(page.rejects for page in pages)

    def test_an_answer_that_is_not_ready_yet_is_asked_for_again(self, rig: Rig) -> None:
        locator = rig.out()
        rig.world.memo["not ready"] = 2
        assert isinstance(rig.reading(locator), Seen)
        rig.world.memo["not ready"] = 3
        with pytest.raises(Unreachable, match="202"):
            rig.reading(locator)

    def test_asking_is_no_writing_and_names_the_group_once_it_is_known(self, rig: Rig) -> None:
        rig.out()
        list(rig.platform.published(PROFILE, NOW))
        calls = rig.calls()
        list(rig.platform.published(PROFILE, NOW))
        assert rig.calls() == calls + 1, "the groups of a profile are asked for once"
        assert rig.writes() == 0

    def test_a_profile_that_is_not_there_is_an_error_and_spoils_no_other(self, rig: Rig) -> None:
        one, strange = rig.out(), Locator("sprout", "999", "guid-1")
        with pytest.raises(Unreachable, match="no profile 999"):
            list(rig.platform.published("999", NOW))  # type: ignore[attr-defined]
        read = {r.locator: r for r in rig.platform.read([strange, one])}
        assert isinstance(read[one], Seen)
        assert isinstance(read[strange], Unreadable)

    def test_the_councils_own_words_for_the_menu_are_shown(self, rig: Rig) -> None:
        options = sprout.Options(customer="1", token="token", lockdown_clicks="Press the red button")
        mine = sprout.connect("sprout", options)
        offer = mine.offer(rig.some(), Goal(Verb.PUT_BACK, at=NOW), NOW - timedelta(days=1))
        assert isinstance(offer, Refusal)
        with pytest.raises(Hidden) as caught:
            list(mine.scheduled(PROFILE, SPAN))
        assert "red button" in caught.value.advice

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
        profile = {
            "customer_profile_id": 492,
            "network_type": "twitter",
            "name": "Anyshire",
            "groups": [4711, "x", 4712],
        }
        date = {"Date": "Thu, 08 Sep 2022 17:40:00 GMT"}
        mock.get(f"{API}/metadata/customer", json={"data": [profile]}, headers=date)
        yield mock


@pytest.fixture
def platform(monkeypatch: pytest.MonkeyPatch) -> sprout.Sprout:
    monkeypatch.setattr(http, "BACKOFF", 0.0)
    return sprout.connect("sprout", sprout.Options(customer=simulator.CUSTOMER, token="token-of-the-council"))


def message(guid: Any = "g1", **fields: Any) -> dict[str, Any]:
    item = {"guid": guid, "created_time": "2022-09-08T17:45:00Z", "text": "News", "post_type": "TWEET"}
    return {**item, "from": {"guid": "twitter:9492"}, "profile_guid": "twitter:9492", **fields}


def test_the_question_names_groups_profile_times_and_fields_and_shows_no_secret(
    web: responses.RequestsMock, platform: sprout.Sprout
) -> None:
    web.post(f"{API}/messages", json={"data": [message(created_time="2022-09-08T17:45:00")]})
    (page,) = platform.published(PROFILE, NOW)
    asked = json.loads(web.calls[-1].request.body or b"")
    assert asked["filters"] == [
        "group_id.eq(4711, 4712)",
        "customer_profile_id.eq(492)",
        "created_time.in(2022-09-08T17:40:00...2022-09-09T17:40:00)",
    ]
    assert {"guid", "created_time", "text", "from", "profile_guid", "post_type"} <= set(asked["fields"])
    assert [p.at for p in page.posts] == [NOW + timedelta(minutes=5)], "without a zone it is UTC"
    assert page.complete


@pytest.mark.parametrize(
    "fields",
    [
        {"guid": None},
        {"guid": 7},
        {"created_time": None},
        {"created_time": "soon"},
        {"created_time": 1662659100},
        {"from": None},
        {"from": "twitter:9492"},
        {"from": {}},
        {"profile_guid": None},
    ],
)
def test_a_message_that_cannot_be_understood_is_rejected_and_the_rest_loads(
    web: responses.RequestsMock, platform: sprout.Sprout, fields: dict[str, Any]
) -> None:
    web.post(f"{API}/messages", json={"data": [{**message("g2"), **fields}, message()]})
    (page,) = platform.published(PROFILE, NOW)
    assert [p.locator.native_id for p in page.posts] == ["g1"]
    assert len(page.rejects) == 1
    web.upsert("POST", f"{API}/messages", json={"data": [{**message("g2"), **fields, "guid": "g2"}]})
    (reading,) = platform.read([Locator("sprout", PROFILE, "g2")])
    assert isinstance(reading, Unreadable if "guid" not in fields else Seen)


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        {},
        "data",
        {"data": None},
        {"data": {}},
        {"data": [1]},
        {"data": [], "paging": {"next_cursor": 7}},
        {"data": [], "paging": {"next_cursor": "same"}},
        {"data": [], "error": "Not today."},
        {"error": {"message": "odd"}},
    ],
)
def test_an_answer_that_is_no_list_is_an_error(web: responses.RequestsMock, platform: sprout.Sprout, body: Any) -> None:
    web.post(f"{API}/messages", json=body)
    for read in (
        lambda: list(platform.published(PROFILE, NOW)),
        lambda: list(platform.read([Locator("sprout", PROFILE, "g1")])),
    ):
        with pytest.raises(PlatformError):
            read()


@pytest.mark.parametrize("body", [None, [], {}, {"data": 1}, {"data": [1]}, {"data": [{}]}, {"error": "No."}])
def test_profiles_that_are_none_are_an_error(web: responses.RequestsMock, platform: sprout.Sprout, body: Any) -> None:
    web.upsert("GET", f"{API}/metadata/customer", json=body)
    with pytest.raises(PlatformError):
        list(platform.accounts())


def test_a_token_without_profiles_is_a_gap(web: responses.RequestsMock, platform: sprout.Sprout) -> None:
    web.upsert("GET", f"{API}/metadata/customer", json={"data": []})
    (gap,) = platform.accounts()
    assert isinstance(gap, Gap)


def test_more_messages_than_sprout_gives_are_an_error_and_no_shorter_list(
    web: responses.RequestsMock, platform: sprout.Sprout, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sprout, "MOST_PAGES", 3)
    for i in range(4):
        web.post(f"{API}/messages", json={"data": [message(f"g{i}")], "paging": {"next_cursor": f"c{i}"}})
    listing = platform.published(PROFILE, NOW)
    pages = [next(listing), next(listing), next(listing)]
    assert not any(page.complete for page in pages)
    with pytest.raises(Unreachable, match="what follows is not known"):
        next(listing)


def test_a_message_that_comes_twice_is_listed_once(web: responses.RequestsMock, platform: sprout.Sprout) -> None:
    web.post(f"{API}/messages", json={"data": [message(), message()]})
    (page,) = platform.published(PROFILE, NOW)
    assert len(page.posts) == len(page.rejects) == 1


def test_messages_that_were_not_asked_for_make_nothing_absent(
    web: responses.RequestsMock, platform: sprout.Sprout
) -> None:
    web.post(f"{API}/messages", json={"data": [message("g7")]})
    with pytest.raises(Unreachable, match="not asked for"):
        list(platform.read([Locator("sprout", PROFILE, "g1")]))
    web.upsert("POST", f"{API}/messages", json={"data": []})
    wanted = [Locator("sprout", PROFILE, "g1"), Locator("sprout", PROFILE, "g1) or (1")]
    absent, odd = platform.read(wanted)
    assert absent == Absent(wanted[0])
    assert isinstance(odd, Unreadable)
    assert "or (1" not in str(web.calls[-1].request.body)


def test_it_asks_at_most_sixty_times_a_minute(web: responses.RequestsMock, platform: sprout.Sprout) -> None:
    web.post(f"{API}/messages", json={"data": []})
    waits: list[float] = []

    def pause(seconds: float, ends: float) -> bool:
        del ends
        waits.append(seconds)
        return True

    platform.client._pause = pause  # type: ignore[method-assign]
    for _ in range(61):
        list(platform.published(PROFILE, NOW))
    assert waits
    assert max(waits) > 50


def test_a_customer_is_a_number() -> None:
    with pytest.raises(ValidationError):
        sprout.Options(customer="../metadata", token="t")

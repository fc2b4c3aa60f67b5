"""Bluesky keeps the contract of what can only be watched: nothing is listed as empty, nothing is changed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import responses
from contract import NOW, Rig, WatchedContract, sandboxed
from rig import serving

from adapters import bluesky
from freeze.accounts import Gap, SeenAccount
from freeze.errors import AuthFailed, Limited, PlatformError, Unreachable
from freeze.holds import Kind
from freeze.posts import Absent, Locator, State, Unreadable
from freeze.sandbox import bluesky as simulator
from freeze.sandbox._core.posts import Account, Post

ME = "did:plc:anyshire22222222222222222"
HANDLE = "anyshire.example"
API = "https://public.api.bsky.app/xrpc"
URI = simulator.address(ME, "3kabc222222aa")
SINCE = NOW - timedelta(hours=1)


def connect(url: str, timeout: float) -> bluesky.Bluesky:
    options = bluesky.Options(base_url=f"{url}/bluesky/xrpc", actors=(HANDLE,), timeout=timeout)
    return bluesky.connect("bluesky", options)


def make(world: Any, account: str, at: Any, text: str, state: State, **extra: Any) -> str:
    uri = simulator.address(account, f"3k{world.new_id('bluesky'):0>11}")
    world.add(Post("bluesky", account, uri, state.value, at, text, extra=extra))
    return uri


class TestBluesky(WatchedContract):
    @pytest.fixture
    def rig(self) -> Iterator[Rig]:
        serving[-1].world.add_account(Account("bluesky", ME, "Anyshire Council", HANDLE, "News"))
        with sandboxed(
            "bluesky", ME, Kind.HUMAN, connect, make, counts=False, shows_queue=False, settings=("base_url",)
        ) as rig:
            yield rig

    def out(self, rig: Rig, text: str, ahead: timedelta = timedelta(0), **extra: Any) -> Locator:
        uri = make(rig.world, ME, None, text, State.DRAFT, **extra)
        rig.world.publish(rig.world.get("bluesky", uri), rig.now() + ahead)
        return Locator("bluesky", ME, uri)

    def test_answers_and_boosts_are_left_out(self, rig: Rig) -> None:
        own = self.out(rig, "Own")
        self.out(rig, "An answer", reply={"parent": {}, "root": {}})
        self.out(rig, "A boost", repost=True)
        assert [p.locator for page in rig.platform.published(ME, SINCE) for p in page.posts] == [own]

    def test_what_counts_is_when_the_network_saw_it_not_what_the_author_claims(self, rig: Rig) -> None:
        claims = self.out(rig, "Written last week", createdAt="2022-09-01T09:00:00Z")
        old = self.out(rig, "Long out", -timedelta(days=3), createdAt="2022-09-08T17:00:00Z")
        for i in range(150):
            self.out(rig, f"News {i}", -timedelta(hours=2))
        found = [p.locator for page in rig.platform.published(ME, SINCE) for p in page.posts]
        assert found == [claims], "sorted far below what is older, and found all the same"
        assert old not in found

    def test_it_stops_reading_once_everything_is_older(self, rig: Rig) -> None:
        for i in range(250):
            self.out(rig, f"News {i}", -timedelta(days=90))
        before = rig.calls()
        pages = list(rig.platform.published(ME, SINCE))
        assert rig.calls() == before + 1
        assert [page.complete for page in pages] == [True]

    def test_a_deleted_post_is_absent(self, rig: Rig) -> None:
        at = self.out(rig, "Oops")
        rig.remove(at)
        assert rig.reading(at) == Absent(at)

    def test_twenty_five_posts_are_one_call(self, rig: Rig) -> None:
        places = [self.out(rig, f"News {i}") for i in range(rig.platform.limits.batch)]
        before = rig.calls()
        assert {r.locator for r in rig.platform.read(places)} == set(places)
        assert rig.calls() == before + 1

    def test_an_address_that_cannot_be_read_spoils_no_other(self, rig: Rig) -> None:
        good, odd = self.out(rig, "Good"), Locator("bluesky", ME, "no-address")
        read = {r.locator: r for r in rig.platform.read([odd, good])}
        assert isinstance(read[odd], Unreadable)
        assert read[good].text == "Good"  # type: ignore[union-attr]

    def test_a_post_of_another_account_is_unreadable(self, rig: Rig) -> None:
        at = replace(self.out(rig, "Ours"), account="did:plc:other")
        assert isinstance(rig.reading(at), Unreadable)

    def test_an_account_that_is_not_found_is_a_gap_and_the_rest_is_named(self, rig: Rig) -> None:
        options = bluesky.Options(base_url=rig.platform.client.base_url, actors=("gone.example", f"@{HANDLE}", ME))  # type: ignore[attr-defined]
        gap, one, same = bluesky.connect("bluesky", options).accounts()
        assert isinstance(gap, Gap)
        assert (gap.account, "not found" in gap.reason, "`actors`" in gap.advice) == ("gone.example", True, True)
        assert one == same == SeenAccount("bluesky", ME, "Anyshire Council", "bluesky", HANDLE)

    def test_links_and_pictures_are_part_of_what_the_public_sees(self, rig: Rig) -> None:
        picture = {"alt": "", "image": {"$type": "blob", "ref": {"$link": "bafkreipicture"}}}
        link = {"$type": "app.bsky.embed.external", "external": {"uri": "https://anyshire.example/a", "title": ""}}
        images = {"$type": "app.bsky.embed.images", "images": [picture]}
        assert rig.look(self.out(rig, "A", embed=link)).link == "https://anyshire.example/a"
        assert rig.look(self.out(rig, "B", embed=images)).media == ("bafkreipicture",)
        both = rig.look(self.out(rig, "C", embed={"record": {"uri": "at://x"}, "media": link}))
        assert both.link == "https://anyshire.example/a"


@pytest.fixture
def platform() -> bluesky.Bluesky:
    return bluesky.connect("bluesky", bluesky.Options(actors=(HANDLE,)))


def post(**more: Any) -> dict[str, Any]:
    record = {"text": "Words", "createdAt": "2022-09-08T17:40:00Z"}
    return {"uri": URI, "author": {"did": ME}, "record": record, "indexedAt": "2022-09-08T17:40:00Z", **more}


NASTY = [
    None,
    [],
    "no",
    5,
    {},
    {"posts": None},
    {"feed": {}},
    {"feed": [], "cursor": 7},
    {"error": "Hidden"},
    {"did": 1},
]


@pytest.mark.parametrize("body", NASTY, ids=repr)
def test_a_200_that_holds_something_else_is_never_an_empty_answer(platform: bluesky.Bluesky, body: Any) -> None:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        for path in ("actor.getProfile", "feed.getAuthorFeed", "feed.getPosts"):
            mock.get(f"{API}/app.bsky.{path}", json=body)
        for read in (
            lambda: list(platform.accounts()),
            lambda: list(platform.published(ME, SINCE)),
            lambda: list(platform.read([Locator("bluesky", ME, URI)])),
            lambda: platform.bio(ME),
        ):
            with pytest.raises(PlatformError):
                read()


ODD = [
    None, 5, "x", [], {}, {"post": None}, {"post": []}, {"post": post(uri=None)}, {"post": post(uri=["x"])},
    {"post": post(author=None)}, {"post": post(author={"did": "did:plc:other"})}, {"post": post(record=None)},
    {"post": post(record={"text": 5})}, {"post": post(indexedAt="soon")}, {"post": post(indexedAt=None)},
    {"post": post(indexedAt="2022-09-08T17:40:00")}, {"post": post(indexedAt=1662658800)},
]  # fmt: skip


@pytest.mark.parametrize("entry", ODD, ids=lambda e: repr(e)[:80])
def test_an_entry_that_cannot_be_understood_is_rejected_and_the_rest_loads(
    platform: bluesky.Bluesky, entry: Any
) -> None:
    good = {"post": post(uri=f"{URI}good")}
    with responses.RequestsMock() as mock:
        mock.get(f"{API}/app.bsky.feed.getAuthorFeed", json={"feed": [entry, good]})
        (page,) = platform.published(ME, SINCE)
    assert [p.locator.native_id for p in page.posts] == [f"{URI}good"]
    assert len(page.rejects) == 1
    assert page.rejects[0].reason
    assert page.complete


@pytest.mark.parametrize(
    "embed", [5, [], "x", {"external": 5}, {"media": {"external": {"uri": 5}}}, {"images": [[[]]]}]
)
def test_an_odd_embed_does_no_harm(platform: bluesky.Bluesky, embed: Any) -> None:
    item = post(record={"text": "Words", "createdAt": 5, "embed": embed})
    with responses.RequestsMock() as mock:
        mock.get(f"{API}/app.bsky.feed.getAuthorFeed", json={"feed": [{"post": item}]})
        (page,) = platform.published(ME, SINCE)
    assert [p.link for p in page.posts] == [""]


def test_a_post_that_comes_twice_is_said_to_and_kept_once(platform: bluesky.Bluesky) -> None:
    with responses.RequestsMock() as mock:
        mock.get(f"{API}/app.bsky.feed.getAuthorFeed", json={"feed": [{"post": post()}, {"post": post()}]})
        (page,) = platform.published(ME, SINCE)
    assert len(page.posts) == 1
    assert [r.reason for r in page.rejects] == ["it came twice"]


def test_an_empty_page_with_a_cursor_is_not_the_end(platform: bluesky.Bluesky) -> None:
    with responses.RequestsMock() as mock:
        mock.get(f"{API}/app.bsky.feed.getAuthorFeed", json={"feed": [], "cursor": "one"})
        mock.get(f"{API}/app.bsky.feed.getAuthorFeed", json={"feed": [{"post": post()}]})
        pages = list(platform.published(ME, SINCE))
    assert [(len(p.posts), p.complete) for p in pages] == [(0, False), (1, True)]


def test_a_list_without_an_end_is_given_up(platform: bluesky.Bluesky, monkeypatch: pytest.MonkeyPatch) -> None:
    with responses.RequestsMock() as mock:
        mock.get(f"{API}/app.bsky.feed.getAuthorFeed", json={"feed": [], "cursor": "same"})
        with pytest.raises(Unreachable, match="does not move on"):
            list(platform.published(ME, SINCE))
    monkeypatch.setattr(bluesky, "MOST_PAGES", 5)
    numbers = iter(range(100))

    def endless(_: Any) -> tuple[int, dict[str, str], str]:
        return 200, {}, json.dumps({"feed": [], "cursor": str(next(numbers))})

    with responses.RequestsMock() as mock:
        mock.add_callback("GET", f"{API}/app.bsky.feed.getAuthorFeed", endless)
        with pytest.raises(Unreachable, match="more than 5 pages"):
            list(platform.published(ME, SINCE))
        assert len(mock.calls) == 5


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [({"RateLimit-Reset": "1662658890"}, 90), ({"Retry-After": "45", "RateLimit-Reset": "1"}, 45), ({}, 2)],
)
def test_a_spent_limit_waits_as_long_as_the_answer_says(
    platform: bluesky.Bluesky, headers: dict[str, str], seconds: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters._web.http.TRIES", 1)
    headers = {"Date": "Thu, 08 Sep 2022 17:40:00 GMT", **headers}
    with responses.RequestsMock() as mock:
        body = {"error": "RateLimitExceeded", "message": "Rate Limit Exceeded"}
        mock.get(f"{API}/app.bsky.actor.getProfile", status=429, json=body, headers=headers)
        with pytest.raises(Limited, match="Rate Limit Exceeded") as caught:
            platform.bio(ME)
    assert caught.value.seconds == seconds


def test_a_service_that_wants_a_credential_points_to_the_address_of_the_settings(platform: bluesky.Bluesky) -> None:
    with responses.RequestsMock() as mock:
        mock.get(f"{API}/app.bsky.actor.getProfile", status=401, json={"error": "AuthMissing", "message": "No"})
        with pytest.raises(AuthFailed, match="`base_url`"):
            list(platform.accounts())


def test_a_bio_of_another_account_is_not_taken(platform: bluesky.Bluesky) -> None:
    with responses.RequestsMock() as mock:
        mock.get(f"{API}/app.bsky.actor.getProfile", json={"did": "did:plc:other", "description": "x"})
        with pytest.raises(Unreachable):
            platform.bio(ME)

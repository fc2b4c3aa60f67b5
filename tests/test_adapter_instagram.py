"""Instagram keeps the contract: its list is read where it answers, hidden where it refuses, and never called empty."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import responses
from contract import HandsOff, ListingContract, Rig, sandboxed
from rig import serving

from adapters import instagram
from freeze.accounts import Gap, SeenAccount, Unseen
from freeze.errors import AuthFailed, Hidden, Limited, PlatformError, Unreachable
from freeze.holds import Kind, Snapshot
from freeze.posts import Absent, Locator, Seen, State, Unreadable
from freeze.run.collect import scheduled
from freeze.sandbox import instagram as simulator
from freeze.sandbox._core.posts import Account, Post
from freeze.windows import Window

IG = "17841400000000001"
OTHER = "17841400000000002"
GRAPH = "https://graph.facebook.com/v26.0"
NOW = datetime(2022, 9, 8, 17, 40, tzinfo=UTC)
SPAN = Window(NOW, NOW + timedelta(days=20))


def connect(url: str, timeout: float) -> instagram.Instagram:
    options = instagram.Options(base_url=f"{url}/instagram/v26.0", token=simulator.TOKEN, timeout=timeout)
    return instagram.connect("instagram", options)


def make(world: Any, account: str, at: datetime, text: str, state: State) -> str:
    native = f"1805{world.new_id('instagram')}"
    world.add(Post("instagram", account, native, state.value, at, text, media=("a.jpg", "b.jpg")))
    return native


class TestInstagram(HandsOff, ListingContract):
    @pytest.fixture
    def rig(self) -> Iterator[Rig]:
        world = serving[-1].world
        world.add_account(Account("instagram", IG, "Anyshire County Council", "@anyshirecc"))
        world.add_account(Account("instagram", OTHER, "Anyshire Libraries", "@anyshirelibraries"))
        secrets = (simulator.TOKEN,)
        with sandboxed("instagram", IG, Kind.HUMAN, connect, make, secrets, counts=False) as rig:
            yield rig

    def test_a_whole_list_is_still_followed_by_what_it_does_not_show(self, rig: Rig) -> None:
        rig.post()
        pages = rig.platform.scheduled(IG, Window(rig.now(), rig.now() + timedelta(days=9)))
        page = next(pages)
        assert page.complete
        assert len(page.posts) == 1
        with pytest.raises(Hidden, match="another scheduler"):
            next(pages)

    @pytest.mark.parametrize("code", [10, 100, 200, 210, 299])
    def test_a_list_that_is_refused_is_hidden_and_never_empty(self, rig: Rig, code: int) -> None:
        rig.post()
        rig.world.memo["instagram refuses"] = code
        found = list(scheduled(rig.platform, IG, SPAN))
        assert [type(f) for f in found] == [Unseen]
        assert f"error {code}" in found[0].reason

    def test_another_refusal_of_the_list_is_an_error(self, rig: Rig) -> None:
        rig.world.memo["instagram refuses"] = 3
        with pytest.raises(PlatformError) as caught:
            list(rig.platform.scheduled(IG, SPAN))
        assert not isinstance(caught.value, Hidden)

    def test_the_list_of_an_account_that_does_not_exist_is_an_error(self, rig: Rig) -> None:
        with pytest.raises(PlatformError) as caught:
            list(rig.platform.scheduled("178499", SPAN))
        assert not isinstance(caught.value, Hidden)

    def test_a_waiting_post_is_readable_while_the_list_answers_and_unclear_once_it_refuses(self, rig: Rig) -> None:
        waiting, out = rig.post(), rig.out()
        read = {r.locator: r for r in rig.platform.read([waiting.locator, out])}
        assert read[waiting.locator] == waiting
        seen = read[out]
        assert isinstance(seen, Seen)
        assert seen.state is State.PUBLISHED
        rig.world.memo["instagram refuses"] = 10
        read = {r.locator: r for r in rig.platform.read([waiting.locator, out])}
        unclear = read[waiting.locator]
        assert isinstance(unclear, Unreadable), "it may be waiting still: not called gone"
        assert "cannot be seen" in unclear.reason
        assert read[out] == seen

    def test_accounts_are_read_beside_each_other(self, rig: Rig) -> None:
        one = rig.some()
        strange = Locator("instagram", "178499", "18050001")
        read = {r.locator: r for r in rig.platform.read([strange, one.locator])}
        assert read[one.locator] == one
        assert isinstance(read[strange], Unreadable)

    def test_reading_what_went_out_stops_at_the_first_page_of_older_posts(self, rig: Rig) -> None:
        for i in range(250):
            post = rig.world.get("instagram", make(rig.world, IG, rig.now(), f"Old {i}", State.DRAFT))
            rig.world.publish(post, rig.now() - timedelta(days=30, minutes=i))
        new = rig.out("New")
        # Were `since` not to work, as nobody promises, every page would come.
        rig.platform.client.get_json, true = (
            lambda path, query: true(path, {**query, "since": "1"}),
            (rig.platform.client.get_json),
        )
        calls = rig.calls()
        pages = list(rig.platform.published(IG, rig.now() - timedelta(hours=1)))
        assert [p.locator for page in pages for p in page.posts] == [new]
        assert rig.calls() - calls == 2
        assert [page.complete for page in pages] == [False, True]

    def test_the_doctor_hears_of_each_account_whether_its_list_answers(self, rig: Rig) -> None:
        rig.post()
        answers = list(rig.platform.probe())
        assert answers == [
            "Anyshire County Council: the list of scheduled posts answers, with 1 in it.",
            "Anyshire Libraries: the list of scheduled posts answers, with 0 in it.",
        ]
        rig.world.memo["instagram refuses"] = 10
        for sentence in rig.platform.probe():
            assert "does not answer" in sentence
            assert sentence.endswith("A person must look.")
            self.assert_no_secret(rig, sentence)

    def test_it_tells_how_its_token_stands(self, rig: Rig) -> None:
        (found,) = rig.platform.credential()
        assert (found.well, found.expires_at) == (True, None)
        ends = NOW + timedelta(days=9)
        rig.world.memo["instagram token"] = {
            "type": "USER",
            "data_access_expires_at": int(ends.timestamp()),
            "scopes": ["instagram_basic"],
        }
        (found,) = rig.platform.credential()
        assert not found.well
        assert found.expires_at == ends
        assert "pages_read_engagement" in found.sentence
        assert "Saturday 17 September 2022" in found.sentence

    def test_accounts_named_in_the_settings_are_asked_by_their_ids(self, rig: Rig) -> None:
        options = instagram.Options(
            base_url=f"{serving[-1].url}/instagram/v26.0", token=simulator.TOKEN, ids=(OTHER, "178499")
        )
        found = list(instagram.connect("instagram", options).accounts())
        assert found[0] == SeenAccount("instagram", OTHER, "Anyshire Libraries", "instagram", "anyshirelibraries")
        assert isinstance(found[1], Gap)
        assert found[1].account == "178499"


@pytest.fixture
def platform() -> instagram.Instagram:
    return instagram.connect("instagram", instagram.Options(token="system-secret"))


@pytest.fixture
def graph() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


def test_a_token_that_reaches_no_account_is_a_gap(graph: responses.RequestsMock, platform: instagram.Instagram) -> None:
    graph.get(f"{GRAPH}/me/accounts", json={"data": [{"id": "1", "name": "A page without Instagram"}]})
    (gap,) = platform.accounts()
    assert isinstance(gap, Gap)


def test_a_token_of_an_instagram_login_says_that_its_end_is_unknown(graph: responses.RequestsMock) -> None:
    root = "https://graph.instagram.com/v26.0"
    platform = instagram.connect("instagram", instagram.Options(base_url=root, token="login-secret", ids=(IG,)))
    graph.get(f"{root}/me", json={"user_id": IG})
    (found,) = platform.credential()
    assert found.well
    assert "60 days" in found.sentence
    graph.replace(responses.GET, f"{root}/me", status=401, json={"error": {"code": 190, "message": "bad"}})
    with pytest.raises(AuthFailed):
        list(platform.credential())


@pytest.mark.parametrize(
    "item",
    [
        {"id": "2"},
        {"id": "2", "publish_timestamp": "soon"},
        {"id": "2", "publish_timestamp": {}},
        {"id": "2", "publish_timestamp": 10**30},
        {"publish_timestamp": 1662745200},
        {"id": None, "publish_timestamp": 1662745200},
        {"id": ["2"], "publish_timestamp": 1662745200},
    ],
)
def test_a_scheduled_post_that_cannot_be_understood_is_rejected_by_name_and_the_rest_loads(
    graph: responses.RequestsMock, platform: instagram.Instagram, item: dict[str, Any]
) -> None:
    good = {"id": "1", "caption": None, "publish_timestamp": 1662745200, "children": "odd", "media_type": 7}
    graph.get(f"{GRAPH}/{IG}/scheduled_media", json={"data": [item, good]})
    pages = platform.scheduled(IG, SPAN)
    page = next(pages)
    assert [p.locator.native_id for p in page.posts] == ["1"]
    assert [r.where for r in page.rejects] == [
        "instagram: post 2" if item.get("id") == "2" else "instagram: post without an id"
    ]


BODIES: list[Any] = [
    [], "text", 7, None, {}, {"data": None}, {"data": {}}, {"data": ["x"]}, {"data": [], "paging": "more"},
    {"data": [], "paging": {"next": "https://x.example"}}, {"data": [], "paging": {"next": 1, "cursors": []}},
    {"error": "no"}, {"error": {"code": {}, "message": []}}, {"error": {"code": [1]}}, {"id": {}}, {"id": "other"},
]  # fmt: skip


@pytest.mark.parametrize("body", BODIES, ids=lambda b: json.dumps(b)[:40])
def test_nonsense_is_an_error_and_never_an_empty_list_or_a_crash(
    graph: responses.RequestsMock, platform: instagram.Instagram, body: Any
) -> None:
    for path in ("/me/accounts", f"/{IG}/media", f"/{IG}/scheduled_media", f"/{IG}", "/", "/1", "/debug_token"):
        graph.get(f"{GRAPH}{path}", json=body)
    locator = Locator("instagram", IG, "1")
    for read in (
        lambda: list(platform.accounts()),
        lambda: list(platform.scheduled(IG, SPAN)),
        lambda: list(platform.published(IG, NOW)),
        lambda: platform.bio(IG),
        lambda: list(platform.read([locator])),
        lambda: list(platform.credential()),
    ):
        with pytest.raises(PlatformError):
            read()


def test_a_list_that_goes_round_in_a_circle_is_given_up(
    graph: responses.RequestsMock, platform: instagram.Instagram
) -> None:
    for after in ("B", "A", "B"):
        paging = {"next": "https://x.example", "cursors": {"after": after}}
        graph.get(f"{GRAPH}/{IG}/scheduled_media", json={"data": [], "paging": paging})
    with pytest.raises(Unreachable, match="not where"):
        list(platform.scheduled(IG, SPAN))
    assert len(graph.calls) == 3


def test_a_spent_quota_waits_and_does_not_hide_the_queue(
    graph: responses.RequestsMock, platform: instagram.Instagram
) -> None:
    usage = json.dumps({IG: [{"type": "instagram", "call_count": 100, "estimated_time_to_regain_access": 60}]})
    graph.get(
        f"{GRAPH}/{IG}/scheduled_media",
        status=400,
        json={"error": {"code": 80002, "message": "too many calls to this Instagram account"}},
        headers={"X-Business-Use-Case-Usage": usage},
    )
    with pytest.raises(Limited) as caught:
        list(platform.scheduled(IG, SPAN))
    assert caught.value.seconds == 3600


def test_nothing_secret_is_kept_of_a_post(graph: responses.RequestsMock, platform: instagram.Instagram) -> None:
    item = {"id": "1", "timestamp": "2022-09-08T17:50:00+0000", "permalink": "https://x.example/?t=system-secret"}
    graph.get(f"{GRAPH}/{IG}/media", json={"data": [item]})
    (page,) = platform.published(IG, NOW)
    assert "system-secret" not in json.dumps([Snapshot(p).to_json() for p in page.posts])


def test_a_post_that_is_gone_is_absent_only_while_its_account_answers(
    graph: responses.RequestsMock, platform: instagram.Instagram
) -> None:
    gone = {"error": {"code": 100, "error_subcode": 33, "message": "does not exist"}}
    graph.get(f"{GRAPH}/{IG}/scheduled_media", json={"data": []})
    graph.get(f"{GRAPH}/", status=400, json=gone)
    graph.get(f"{GRAPH}/1", status=400, json=gone)
    account = graph.get(f"{GRAPH}/{IG}", json={"id": IG})
    locator = Locator("instagram", IG, "1")
    assert list(platform.read([locator])) == [Absent(locator)]
    assert account.call_count == 1
    graph.replace(responses.GET, f"{GRAPH}/{IG}", status=400, json={"error": {"code": 10, "message": "denied"}})
    with pytest.raises(PlatformError):
        list(platform.read([locator]))

"""X keeps the contract, with an ads account and without, and its own promises: two id spaces, parking, paid reads."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import responses
from contract import NOW, PlatformContract, Rig, WatchedContract, sandboxed
from pydantic import ValidationError
from rig import serving

from adapters import x
from adapters._web import http
from adapters._web.verdicts import Denied, Fate
from adapters._x import v2
from adapters._x import words as _x_words
from freeze.errors import AuthFailed, Hidden, Limited, PlatformError, Refused, Uncertain, Unreachable
from freeze.holds import Change, Goal, HoldState, Kind, Refusal, Step, Verb
from freeze.posts import Absent, Locator, Page, Reading, Seen, State, Unreadable
from freeze.sandbox import running
from freeze.sandbox import x as simulator
from freeze.sandbox._core.posts import Account, Post
from freeze.windows import Window

USER = "756201191"
OTHER = "756201192"
API = "https://api.x.com/2"
ADS = f"https://ads-api.x.com/12/accounts/{simulator.ADS_ACCOUNT}/scheduled_tweets"
FREEZE = Window(NOW, NOW + timedelta(days=11))
SINCE = NOW - timedelta(hours=1)
KEYS = {
    "consumer_key": simulator.CONSUMER_KEY,
    "consumer_secret": simulator.CONSUMER_SECRET,
    "access_token": simulator.access_token(USER),
    "access_token_secret": simulator.ACCESS_SECRET,
}
SECRETS = (simulator.token(USER), *KEYS.values())
SETTINGS = ("token_env", "access_token_env")


def bases(url: str) -> dict[str, str]:
    return {"base_url": f"{url}/x/2", "ads_base_url": f"{url}/x/12"}


def with_ads(url: str, timeout: float) -> x.X:
    options = x.Options(
        **bases(url), token=simulator.token(USER), ads_account=simulator.ADS_ACCOUNT, **KEYS, timeout=timeout
    )
    return x.connect("x", options)


def without_ads(url: str, timeout: float) -> x.X:
    return x.connect("x", x.Options(**bases(url), token=simulator.token(USER), timeout=timeout))


def make(world: Any, account: str, at: datetime, text: str, state: State, prefix: str = "ads:", **more: Any) -> str:
    native = prefix + world.new_id("x")
    at = at.replace(second=0, microsecond=0)
    world.add(Post("x", account, native, state.value, at, text, **{"media": ("3_91",), **more}))
    return native


def make_by_hand(world: Any, account: str, at: datetime, text: str, state: State) -> str:
    return make(world, account, at, text, state, prefix="")


def users() -> None:
    for ident, name in ((USER, "Anyshire Council"), (OTHER, "Anyshire Libraries")):
        serving[-1].world.add_account(Account("x", ident, name, f"@{name.replace(' ', '')}", "About us"))


class TestXWithAnAdsAccount(PlatformContract):
    @pytest.fixture
    def rig(self) -> Iterator[Rig]:
        users()
        with sandboxed("x", USER, Kind.PUSH, with_ads, make, secrets=SECRETS, counts=False, settings=SETTINGS) as rig:
            yield rig

    def test_the_listing_ends_by_saying_what_no_program_sees(self, rig: Rig) -> None:
        make_by_hand(rig.world, USER, NOW + timedelta(days=1), "From the composer", State.SCHEDULED)
        seen = rig.post()
        listing = rig.platform.scheduled(USER, FREEZE)
        page = next(listing)
        assert page.posts == (seen,)
        assert page.complete
        with pytest.raises(Hidden, match="own composer") as caught:
            next(listing)
        assert caught.value.message.endswith(".")

    def test_only_what_is_scheduled_and_ours_is_listed(self, rig: Rig) -> None:
        seen = rig.post()
        failed = rig.post(text="X could not", state=State.DRAFT)
        out = rig.out()
        make(rig.world, OTHER, NOW + timedelta(days=1), "The libraries'", State.SCHEDULED)
        assert failed.state is State.DRAFT
        assert rig.look(out).state is State.PUBLISHED
        assert [p.locator for page in rig.list_all() for p in page.posts] == [seen.locator]

    def test_a_post_for_adverts_only_is_listed_held_and_said_to_be_one(self, rig: Rig) -> None:
        native = make(rig.world, USER, NOW + timedelta(days=1), "Advert", State.SCHEDULED, boosted=True)
        seen = rig.look(Locator("x", USER, native))
        assert seen.boosted
        assert "campaign is not paused" in rig.change(seen, Goal(Verb.HOLD, before=seen)).why

    def test_what_went_out_keeps_the_locator_it_was_scheduled_under(self, rig: Rig) -> None:
        scheduled = rig.out("Scheduled")
        by_hand = make_by_hand(rig.world, USER, rig.now() - timedelta(minutes=1), "By hand", State.SCHEDULED)
        listed = [p for page in rig.platform.published(USER, SINCE) for p in page.posts]
        assert {p.locator.native_id for p in listed} == {scheduled.native_id, by_hand}
        assert [r.text for r in rig.platform.read([scheduled, Locator("x", USER, by_hand)])] == ["Scheduled", "By hand"]

    def test_the_two_kinds_of_id_never_stand_for_each_other(self, rig: Rig) -> None:
        seen, out = rig.post(), rig.out()
        bare = Locator("x", USER, seen.locator.native_id.removeprefix("ads:"))
        assert list(rig.platform.read([bare])) == [Absent(bare)]
        tweet = next(r for r in rig.platform.v2.read([replace(out, native_id=str(10**18 + int(out.native_id[4:])))]))
        assert isinstance(tweet, Seen)
        wrong = replace(out, native_id=f"ads:{tweet.locator.native_id}")
        assert list(rig.platform.read([wrong])) == [Absent(wrong)]

    def test_a_hold_parks_the_post_at_the_ceiling_on_a_whole_minute(self, rig: Rig) -> None:
        seen = rig.post()
        change = rig.change(seen, Goal(Verb.HOLD, before=seen, avoid=(FREEZE,)))
        at = change.expires_at
        assert at is not None
        assert timedelta(0) <= rig.now() + timedelta(days=364) - at < timedelta(minutes=1)
        assert (at.second, at.microsecond) == (0, 0)
        (step,) = change.steps
        assert (step.method, dict(step.params)) == ("PUT", {"scheduled_at": f"{at:%Y-%m-%dT%H:%M:00Z}"})
        assert "unless the guard runs" in change.why

    def test_two_hundred_posts_are_parked_without_a_crowd(self, rig: Rig) -> None:
        seen = rig.post()
        offers = [rig.platform.offer(seen, Goal(Verb.HOLD, before=seen, slot=i), NOW) for i in range(200)]
        times = [o.expires_at for o in offers if isinstance(o, Change) and o.expires_at]
        assert len(times) == 200
        assert {a - b for a, b in itertools.pairwise(times)} == {timedelta(minutes=5)}
        for i in range(100):
            native = make(rig.world, USER, NOW + timedelta(hours=i + 1), f"Post {i}", State.SCHEDULED)
            post = Locator("x", USER, native)
            change = rig.platform.offer(replace(seen, locator=post), Goal(Verb.HOLD, before=seen, slot=i), NOW)
            assert isinstance(change, Change)
            if i >= 90:
                rig.do(change)  # X takes the last ones too: ten are enough to see it

    def test_a_crowded_quarter_of_an_hour_is_refused_and_says_what_to_do(self, rig: Rig) -> None:
        seen = rig.post()
        change = rig.change(seen, Goal(Verb.HOLD, before=seen))
        assert change.expires_at is not None
        for i in range(30):
            make(rig.world, USER, change.expires_at - timedelta(minutes=i % 15), f"Theirs {i}", State.SCHEDULED)
        with pytest.raises(Denied, match="Move some of them away") as caught:
            rig.do(change)
        assert caught.value.code == x.CROWDED
        self.assert_well_said(rig, caught.value)
        assert rig.look(seen.locator) == seen
        rig.do(rig.change(seen, Goal(Verb.HOLD, before=seen, slot=9)))

    def test_seconds_are_rounded_up_never_down(self, rig: Rig) -> None:
        before, _ = rig.held()
        at = (rig.now() + timedelta(days=3)).replace(second=1, microsecond=5)
        back = rig.change(rig.look(before.locator), Goal(Verb.PUT_BACK, at=at, before=before))
        assert back.expected.at == at.replace(second=0, microsecond=0) + timedelta(minutes=1)
        rig.do(back)
        assert back.expected.differences(rig.look(before.locator)) == ()

    def test_a_post_that_x_could_not_publish_stays_as_it_is_and_only_a_person_schedules_it(self, rig: Rig) -> None:
        failed = rig.post(state=State.DRAFT)
        hold = rig.change(failed, Goal(Verb.HOLD, before=failed))
        assert hold.steps == ()
        assert hold.expected.differences(failed) == ()
        back = rig.platform.offer(failed, Goal(Verb.PUT_BACK, at=NOW + timedelta(days=1), before=failed), rig.now())
        assert isinstance(back, Refusal)
        assert back.state is HoldState.NEEDS_A_PERSON

    def test_nothing_is_parked_inside_a_pause_and_nothing_earlier_than_it_was_meant(self, rig: Rig) -> None:
        seen = rig.post(timedelta(days=300))
        late = Window(NOW + timedelta(days=350), NOW + timedelta(days=400))
        change = rig.change(seen, Goal(Verb.HOLD, before=seen, avoid=(late,)))
        assert seen.at is not None
        assert change.expires_at is not None
        assert seen.at < change.expires_at < late.start
        year = Window(NOW, NOW + timedelta(days=800))
        assert "inside a pause" in rig.change(seen, Goal(Verb.HOLD, before=seen, avoid=(year,))).why

    def test_a_post_beyond_the_ceiling_stays_where_it_is(self, rig: Rig) -> None:
        seen = rig.post(timedelta(days=364, hours=12))
        change = rig.change(seen, Goal(Verb.HOLD, before=seen, avoid=(Window(NOW, NOW + timedelta(days=800)),)))
        assert change.steps == ()
        assert change.expires_at == seen.at

    @pytest.mark.parametrize(
        "step",
        [
            Step("DELETE", f"/accounts/{simulator.ADS_ACCOUNT}/scheduled_tweets/917"),
            Step("PUT", "/accounts/other/scheduled_tweets/917", params={"scheduled_at": "2027-06-30T07:00:00Z"}),
            Step("PUT", f"/accounts/{simulator.ADS_ACCOUNT}/scheduled_tweets/917", params={"text": "Mine now"}),
            Step("PUT", f"/accounts/{simulator.ADS_ACCOUNT}/scheduled_tweets/", params={"scheduled_at": "2027"}),
        ],
    )
    def test_nothing_but_a_new_time_is_ever_sent(self, rig: Rig, step: Step) -> None:
        calls = rig.calls()
        with pytest.raises(Refused, match="only moves"):
            rig.platform.send(step)
        assert rig.calls() == calls

    def test_a_change_kept_too_long_is_not_sent_into_the_past(self, rig: Rig) -> None:
        before, _ = rig.held()
        back = rig.change(rig.look(before.locator), Goal(Verb.PUT_BACK, at=before.at, before=before))
        rig.advance(timedelta(days=2, minutes=5))
        list(rig.platform.read([before.locator]))
        writes = rig.writes()
        with pytest.raises(Refused, match="nothing was sent"):
            rig.do(back)
        assert rig.writes() == writes

    def test_fifty_scheduled_posts_are_read_by_one_listing(self, rig: Rig) -> None:
        locators = [rig.post(timedelta(hours=i + 1), f"Post {i}").locator for i in range(50)]
        gone = rig.post().locator
        rig.remove(gone)
        calls = rig.calls()
        readings = list(rig.platform.read([*locators, gone]))
        assert [type(r) for r in readings] == [Seen] * 50 + [Absent]
        assert rig.calls() == calls + 2

    def test_both_credentials_are_shown_to_stand(self, rig: Rig) -> None:
        assert isinstance(rig.platform, x.X)
        one, two = rig.platform.credential()
        assert "@AnyshireCouncil" in one.sentence
        assert "two hours" in one.sentence
        assert "Ads API" in two.sentence
        assert one.well
        assert two.well


class TestXWithoutAnAdsAccount(WatchedContract):
    @pytest.fixture
    def rig(self) -> Iterator[Rig]:
        users()
        with sandboxed(
            "x", USER, Kind.HUMAN, without_ads, make_by_hand, secrets=SECRETS, settings=SETTINGS, shows_queue=False
        ) as rig:
            yield rig

    def test_replies_and_reposts_are_left_out(self, rig: Rig) -> None:
        ours = rig.out("Ours").native_id
        for extra in ({"replies_to": "44"}, {"repost": True}):
            native = make(rig.world, USER, NOW, "Not a post", State.SCHEDULED, prefix="", extra=extra)
            rig.publish(Locator("x", USER, native))
        listed = [p.locator.native_id for page in rig.platform.published(USER, SINCE) for p in page.posts]
        assert listed == [ours]

    def test_words_and_links_are_read_as_a_reader_sees_them(self, rig: Rig) -> None:
        words = 'Bins & "more" <b> at https://www.anyshire.example/bins?a=1&b=2 today'
        seen = rig.look(rig.out(words))
        assert seen.text == words.replace("https://www.", "")
        assert seen.link == "https://www.anyshire.example/bins?a=1&b=2"
        rig.describe("News & views: https://www.anyshire.example")
        assert isinstance(rig.platform, x.X)
        assert rig.platform.bio(USER).text == "News & views: anyshire.example"

    def test_nobody_elses_posts_or_description_are_ever_read(self, rig: Rig) -> None:
        out = rig.out()
        calls = rig.calls()
        assert isinstance(rig.platform, x.X)
        for read in (lambda: list(rig.platform.published(OTHER, SINCE)), lambda: rig.platform.bio(OTHER)):
            with pytest.raises(Unreachable, match="not 756201192"):
                read()
        assert not any("tweets" in c.path for c in list(rig.world.calls.sequence)[calls:])
        other = replace(out, account=OTHER)
        (reading,) = rig.platform.read([other])
        assert isinstance(reading, Unreadable)
        assert "not said to be by this account" in reading.reason

    def test_a_scheduled_post_whose_ads_account_left_the_settings_is_unreadable(self, rig: Rig) -> None:
        out, lost = rig.out(), Locator("x", USER, "ads:917")
        read = {r.locator: r for r in rig.platform.read([lost, out])}
        assert isinstance(read[out], Seen)
        assert isinstance(read[lost], Unreadable)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Any]:
    with running(seed="empty", now=NOW) as served:
        serving.append(served)
        users()
        serving.remove(served)
        yield served


def test_without_a_token_the_four_keys_read_everything(sandbox: Any) -> None:
    sandbox.world.memo.clear()
    platform = x.connect("x", x.Options(**bases(sandbox.url), **KEYS))
    assert [a.native for a in platform.accounts()] == [USER]
    assert platform.bio(USER).name == "Anyshire Council"
    assert [p.complete for p in platform.published(USER, SINCE)] == [True]
    (standing,) = platform.credential()
    assert "do not end" in standing.sentence


@pytest.mark.parametrize("ads", [simulator.ADS_ACCOUNT, ""])
def test_a_wrong_key_is_not_accepted_and_its_setting_is_named(sandbox: Any, ads: str) -> None:
    wrong = x.Options(**bases(sandbox.url), ads_account=ads, **(KEYS | {"access_token_secret": "mistyped-secret"}))
    platform = x.connect("x", wrong)
    for read in (lambda: list(platform.accounts()), lambda: list(platform.scheduled(USER, FREEZE)))[: 2 if ads else 1]:
        with pytest.raises(AuthFailed, match="access_token_env") as caught:
            read()
        assert "mistyped-secret" not in str(caught.value)


@pytest.fixture
def tokens(tmp_path: Path) -> Path:
    path = tmp_path / "x-tokens.json"
    kept = {"access_token": "ended", "refresh_token": simulator.refresh_token(USER)}
    path.write_text(json.dumps(kept), encoding="utf-8")
    return path


@pytest.mark.parametrize("secret", [None, simulator.CLIENT_SECRET])
def test_a_token_is_renewed_once_and_its_successor_kept(sandbox: Any, tokens: Path, secret: str | None) -> None:
    sandbox.world.memo.clear()
    client = {"client_id": simulator.CLIENT_ID, "client_secret": secret}
    platform = x.connect("x", x.Options(**bases(sandbox.url), tokens=tokens, **client))
    assert [a.native for a in platform.accounts()] == [USER]
    kept = json.loads(tokens.read_text(encoding="utf-8"))
    assert kept["refresh_token"] == f"sandbox-x-refresh-{USER}-1"
    assert datetime.fromisoformat(kept["expires_at"]) > NOW + timedelta(minutes=110)
    sandbox.world.advance(7_200)
    platform = x.connect("x", x.Options(**bases(sandbox.url), tokens=tokens, **client))
    assert [a.native for a in platform.accounts()] == [USER]
    assert json.loads(tokens.read_text(encoding="utf-8"))["refresh_token"] == f"sandbox-x-refresh-{USER}-2"
    (standing,) = platform.credential()
    assert standing.well
    assert "renews its token by itself" in standing.sentence


def test_a_refresh_token_that_was_used_before_means_signing_in_again(sandbox: Any, tokens: Path) -> None:
    sandbox.world.memo.clear()
    sandbox.world.memo["x refreshed"] = {simulator.refresh_token(USER)}
    platform = x.connect("x", x.Options(**bases(sandbox.url), tokens=tokens, client_id=simulator.CLIENT_ID))
    with pytest.raises(AuthFailed, match="Sign in again"):
        list(platform.accounts())


def test_reads_are_counted_once_a_day_and_stop_at_the_days_number(sandbox: Any) -> None:
    world = sandbox.world
    world.memo.clear()
    world.set_clock(NOW)
    for i in range(150):
        world.publish(world.get("x", make_by_hand(world, USER, NOW, f"Out {i}", State.DRAFT)), NOW)
    platform = x.connect("x", x.Options(**bases(sandbox.url), token=simulator.token(USER), reads_per_day=310))
    for _ in range(3):
        assert sum(len(p.posts) for p in platform.published(USER, SINCE)) == 150
    for i in range(60):
        world.publish(world.get("x", make_by_hand(world, USER, NOW, f"More {i}", State.DRAFT)), NOW)
    with pytest.raises(Limited, match="reads_per_day") as caught:
        list(platform.published(USER, SINCE))
    assert 22_000 < caught.value.seconds <= 22_800, "until midnight UTC"
    world.set_clock(NOW + timedelta(days=1))
    fresh = x.connect("x", x.Options(**bases(sandbox.url), token=simulator.token(USER), reads_per_day=310))
    assert sum(len(p.posts) for p in fresh.published(USER, SINCE)) == 210
    for post in world.posts("x"):
        world.delete(post)


def test_a_failing_platform_does_not_use_the_days_reads_up(net: responses.RequestsMock, platform: x.X) -> None:
    timeline = net.get(f"{API}/users/{USER}/tweets", status=503, headers=DATE)
    for _ in range(6):
        with pytest.raises(Unreachable):
            list(platform.published(USER, SINCE))
    net.remove(timeline)
    net.get(f"{API}/users/{USER}/tweets", json={"meta": {"result_count": 0}}, headers=DATE)
    assert [p.complete for p in platform.published(USER, SINCE)] == [True]


def test_all_processes_of_a_machine_draw_on_one_count(net: responses.RequestsMock, tmp_path: Path) -> None:
    options = x.Options(token="v2-secret", reads_per_day=200, state=tmp_path / "reads.json")
    body = {"data": [{**TWEET, "id": str(i)} for i in range(100)], "meta": {"result_count": 100}}
    net.get(f"{API}/users/{USER}/tweets", json=body, headers=DATE)
    list(x.connect("x", options).published(USER, SINCE))
    with pytest.raises(Limited, match="used its 200 of today"):
        list(x.connect("x", options).published(USER, SINCE))


ME = {"id": USER, "name": "Anyshire", "username": "anyshire", "description": "About"}
DATE = {"Date": "Thu, 08 Sep 2022 17:40:00 GMT"}
TWEET = {"id": "18", "text": "Out", "author_id": USER, "created_at": "2022-09-08T17:40:00.000Z"}
SCHEDULED = {
    "id": "917", "text": "Gritters out", "user_id": USER, "nullcast": False, "scheduled_status": "SCHEDULED",
    "scheduled_at": "2022-09-10T07:00:00Z", "completed_at": None, "tweet_id": None, "media_keys": ["3_91"],
}  # fmt: skip
STEP = Step(
    "PUT", f"/accounts/{simulator.ADS_ACCOUNT}/scheduled_tweets/917", params={"scheduled_at": "2023-06-30T07:00:00Z"}
)


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "BACKOFF", 0.0)


@pytest.fixture
def net() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        mock.get(f"{API}/users/me", json={"data": ME}, headers=DATE)
        yield mock


@pytest.fixture
def platform() -> x.X:
    return x.connect("x", x.Options(token="v2-secret", ads_account=simulator.ADS_ACCOUNT, **KEYS, reads_per_day=300))


def listed(listing: Iterator[Page]) -> tuple[list[Page], PlatformError | None]:
    """What a listing gave, and how it ended."""
    pages: list[Page] = []
    try:
        for page in listing:
            pages.append(page)  # noqa: PERF402 (what came before an error counts)
    except PlatformError as e:
        return pages, e
    return pages, None


NONSENSE: list[Any] = [
    None, True, 7, "words", [], [1], {}, {"data": None}, {"data": 7}, {"data": "x"}, {"data": {}}, {"data": [None]},
    {"data": [7], "meta": {"result_count": 1}}, {"data": [{}], "meta": {"result_count": 1}, "next_cursor": None},
    {"data": [[]], "meta": [], "next_cursor": 7}, {"data": [TWEET]}, {"data": [SCHEDULED]},
    {"data": [TWEET], "meta": {"result_count": 5}}, {"data": [TWEET], "meta": {"result_count": 1, "next_token": {}}},
    {"errors": None}, {"errors": [None]}, {"errors": 3}, {"errors": [{"type": 5}]}, {"errors": [{"code": 5}]},
    {"errors": [{"code": "MADE_UP", "message": None}]}, {"errors": [{"detail": {}, "type": "/problems/"}], "meta": {}},
    {"data": [{"id": True, "scheduled_status": [], "user_id": USER}], "next_cursor": None},
]  # fmt: skip


@pytest.mark.parametrize("body", NONSENSE)
def test_nonsense_is_an_error_a_reject_or_unreadable_and_never_a_crash_or_nothing(
    net: responses.RequestsMock, platform: x.X, body: Any
) -> None:
    for path in (f"{API}/users/{USER}/tweets", f"{API}/tweets", ADS, f"{ADS}/917"):
        net.get(path, json=body, headers=DATE)
    net.put(f"{ADS}/917", json=body)
    for listing in (platform.published(USER, SINCE), platform.scheduled(USER, FREEZE)):
        pages, error = listed(listing)
        assert any(p.rejects or p.posts for p in pages) or isinstance(error, Unreachable | Refused)
    for locator in (Locator("x", USER, "18"), Locator("x", USER, "ads:917")):
        try:
            (reading,) = platform.read([locator])
        except PlatformError:
            continue
        right = (locator.native_id == "18") and body in ({"data": [TWEET]}, *NONSENSE[17:19])
        assert isinstance(reading, Seen if right else Unreadable), reading
    with pytest.raises((Uncertain, Refused)):
        platform.send(STEP)
    net.upsert("GET", f"{API}/users/me", json=body)
    with pytest.raises(PlatformError):
        list(platform.accounts())
    with pytest.raises(PlatformError):
        platform.bio(USER)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"scheduled_status": "PAUSED"}, 'state is "PAUSED"'),
        ({"scheduled_status": None}, "state is"),
        ({"scheduled_at": "soon"}, "cannot be read"),
        ({"scheduled_at": None}, "cannot be read"),
        ({"scheduled_at": "2022-09-10T07:00:00"}, "has no zone"),
        ({"scheduled_at": "0001-01-01T00:00:00+14:00"}, "cannot be read"),
        ({"scheduled_at": 1662793200}, "cannot be read"),
        ({"user_id": None}, "whose it is"),
        ({"text": ["Out"]}, "words"),
        ({"id": None}, "without its id"),
        ({"id": "../9"}, "without its id"),
    ],
)
def test_a_scheduled_post_that_cannot_be_understood_is_rejected_by_name_and_the_rest_loads(
    net: responses.RequestsMock, platform: x.X, fields: dict[str, Any], reason: str
) -> None:
    bad = {**SCHEDULED, "id": "918", **fields}
    net.get(ADS, json={"data": [bad, SCHEDULED], "next_cursor": None}, headers=DATE)
    listing = platform.scheduled(USER, FREEZE)
    page = next(listing)
    assert [p.locator.native_id for p in page.posts] == ["ads:917"]
    (reject,) = page.rejects
    assert reason in reject.reason
    assert reject.where.startswith("x: scheduled post ")
    with pytest.raises(Hidden):
        next(listing)


@pytest.mark.parametrize(
    "fields",
    [
        {"created_at": None}, {"created_at": "yesterday"}, {"created_at": 7}, {"text": None}, {"author_id": None},
        {"author_id": OTHER}, {"id": 1.5}, {"id": None},
    ],
)  # fmt: skip
def test_a_post_that_is_out_and_cannot_be_understood_is_rejected_and_the_rest_loads(
    net: responses.RequestsMock, platform: x.X, fields: dict[str, Any]
) -> None:
    body = {"data": [{**TWEET, "id": "19", **fields}, TWEET], "meta": {"result_count": 2}}
    net.get(f"{API}/users/{USER}/tweets", json=body, headers=DATE)
    net.get(ADS, json={"data": [], "next_cursor": None})
    (page,) = platform.published(USER, SINCE)
    assert [p.locator.native_id for p in page.posts] == ["18"]
    assert len(page.rejects) == 1


def test_a_post_that_comes_twice_is_listed_once_and_one_that_changed_meanwhile_is_named(
    net: responses.RequestsMock, platform: x.X
) -> None:
    net.get(ADS, json={"data": [SCHEDULED], "next_cursor": "c-2"})
    net.get(ADS, json={"data": [SCHEDULED, {**SCHEDULED, "text": "Other"}], "next_cursor": None})
    listing = platform.scheduled(USER, FREEZE)
    one, two = next(listing), next(listing)
    assert (len(one.posts), len(two.posts)) == (1, 0)
    assert [r.reason for r in two.rejects] == ["it came twice, differently"]
    assert "cursor=c-2" in str(net.calls[-1].request.url)


def test_a_listing_that_goes_round_in_a_circle_is_given_up(net: responses.RequestsMock, platform: x.X) -> None:
    for cursor in ("c-2", "c-3", "c-2"):
        net.get(ADS, json={"data": [], "next_cursor": cursor})
    with pytest.raises(Unreachable, match="does not move on"):
        list(platform.scheduled(USER, FREEZE))
    for token in ("t2", "t3", "t2"):
        net.get(f"{API}/users/{USER}/tweets", json={"meta": {"result_count": 0, "next_token": token}}, headers=DATE)
    with pytest.raises(Unreachable, match="circle"):
        list(platform.published(USER, SINCE))


def test_an_endless_listing_is_given_up(
    net: responses.RequestsMock, platform: x.X, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(v2, "MOST_PAGES", 5)
    numbers = itertools.count()

    def following(_: Any) -> tuple[int, dict[str, str], str]:
        return 200, DATE, json.dumps({"meta": {"result_count": 0, "next_token": f"t{next(numbers)}"}})

    net.add_callback("GET", f"{API}/users/{USER}/tweets", following)
    with pytest.raises(Unreachable, match="more than 5 pages"):
        list(platform.published(USER, SINCE))


def test_as_many_posts_as_x_lists_are_never_called_all_of_them(
    net: responses.RequestsMock, platform: x.X, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(v2, "MOST_POSTS", 1)
    net.get(f"{API}/users/{USER}/tweets", json={"data": [TWEET], "meta": {"result_count": 1}}, headers=DATE)
    net.get(ADS, json={"data": [], "next_cursor": None})
    listing = platform.published(USER, SINCE)
    assert not next(listing).complete
    with pytest.raises(Unreachable, match="older"):
        next(listing)


def test_what_x_holds_back_of_a_listing_is_named(net: responses.RequestsMock, platform: x.X) -> None:
    held_back = {"title": "Authorization Error", "detail": "Sorry", "type": "https://api.x.com/2/problems/x"}
    body = {"meta": {"result_count": 0}, "errors": [held_back]}
    net.get(f"{API}/users/{USER}/tweets", json=body, headers=DATE)
    (page,) = platform.published(USER, SINCE)
    assert [r.reason for r in page.rejects] == ["X says: Sorry."]


@pytest.mark.parametrize(
    ("problem", "kind"),
    [("resource-not-found", Absent), ("not-authorized-for-resource", Unreadable), ("", Unreadable)],
)
@pytest.mark.parametrize("host", ["https://api.x.com/2/problems/", "https://api.twitter.com/2/problems/"])
def test_data_and_errors_in_one_answer_are_told_apart_by_id(
    net: responses.RequestsMock, platform: x.X, problem: str, kind: type[Reading], host: str
) -> None:
    error = {"resource_id": "19", "type": host + problem if problem else "about:blank", "title": "Error"}
    net.get(f"{API}/tweets", json={"data": [TWEET], "errors": [error]}, headers=DATE)
    there, other, silent = (Locator("x", USER, n) for n in ("18", "19", "20"))
    read = {r.locator: r for r in platform.read([there, other, silent])}
    assert isinstance(read[there], Seen)
    assert isinstance(read[other], kind)
    assert isinstance(read[silent], Unreadable)


def test_an_id_that_is_none_of_xs_spoils_no_other_reading(net: responses.RequestsMock, platform: x.X) -> None:
    net.get(f"{API}/tweets", json={"data": [TWEET]}, headers=DATE)
    odd = [Locator("x", USER, n) for n in ("../users/me", "1" * 20, "", "ads:", "ads:../917", "18")]
    kinds = [type(r) for r in sorted(platform.read(odd), key=lambda r: odd.index(r.locator))]
    assert kinds == [Unreadable] * 5 + [Seen]


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [(404, "NOT_FOUND", Absent), (404, "ROUTE_NOT_FOUND", Unreadable), (403, "ACCOUNT_NOT_FOUND", Unreadable)],
)
def test_a_scheduled_post_is_gone_only_where_x_says_just_that(
    net: responses.RequestsMock, platform: x.X, status: int, code: str, kind: type[Reading]
) -> None:
    net.get(f"{ADS}/917", status=status, json={"errors": [{"code": code, "message": "not found"}]})
    (reading,) = platform.read([Locator("x", USER, "ads:917")])
    assert isinstance(reading, kind)


def test_a_web_page_in_place_of_an_answer_is_not_taken_for_a_post_that_is_gone(
    net: responses.RequestsMock, platform: x.X
) -> None:
    net.get(f"{ADS}/917", status=404, body="<html>404</html>")
    (reading,) = platform.read([Locator("x", USER, "ads:917")])
    assert isinstance(reading, Unreadable)


def test_used_up_credits_are_not_asked_for_again_and_say_what_to_do(net: responses.RequestsMock, platform: x.X) -> None:
    for status in (429, 402):
        used_up = {"title": "UsageCapExceeded", "detail": "Cap", "type": "https://api.x.com/2/problems/usage-capped"}
        timeline = net.get(f"{API}/users/{USER}/tweets", status=status, json=used_up, headers=DATE)
        with pytest.raises(Denied, match="Add credits"):
            list(platform.published(USER, SINCE))
        assert timeline.call_count == 1
        net.remove(timeline)


def test_a_limit_waits_until_it_begins_anew_by_xs_own_clock(net: responses.RequestsMock, platform: x.X) -> None:
    limit = {"title": "Too Many Requests", "type": "https://api.x.com/2/problems/rate-limit-exceeded"}
    resets = {**DATE, "x-rate-limit-limit": "900", "x-rate-limit-reset": str(int(NOW.timestamp()) + 600)}
    net.get(f"{API}/users/{USER}/tweets", status=429, json=limit, headers=resets)
    with pytest.raises(Limited) as caught:
        list(platform.published(USER, SINCE))
    assert caught.value.seconds == 600
    errors = {"errors": [{"code": "TOO_MANY_REQUESTS", "message": "wait"}]}
    ads = {**DATE, "x-account-rate-limit-reset": str(int(NOW.timestamp()) + 300), "x-rate-limit-reset": "1"}
    net.get(ADS, status=429, json=errors, headers=ads)
    with pytest.raises(Limited) as caught:
        list(platform.scheduled(USER, FREEZE))
    assert caught.value.seconds == 300


@pytest.mark.parametrize(
    ("status", "code", "error"),
    [
        (400, "INVALID_PARAMETER", Refused), (403, "UNAUTHORIZED_CLIENT_APPLICATION", Refused),
        (404, "NOT_FOUND", Refused), (401, "UNAUTHORIZED_ACCESS", AuthFailed), (429, "TOO_MANY_REQUESTS", Limited),
        (423, "LOCK_ACQUISITION_TIMEOUT", Limited), (408, "CANCELLED_REQUEST", Uncertain),
        (500, "INTERNAL_ERROR", Uncertain), (503, "OVER_CAPACITY", Uncertain), (200, "INVALID_PARAMETER", Refused),
        (200, "OVER_CAPACITY", Uncertain),
    ],
)  # fmt: skip
def test_each_code_of_the_ads_api_means_what_it_says_and_a_change_is_sent_once(
    net: responses.RequestsMock, platform: x.X, status: int, code: str, error: type[PlatformError]
) -> None:
    put = net.put(f"{ADS}/917", status=status, json={"errors": [{"code": code, "message": "no"}]})
    with pytest.raises(error):
        platform.send(STEP)
    assert put.call_count == 1


def test_a_change_never_waits_because_much_was_read(net: responses.RequestsMock, platform: x.X) -> None:
    spent = {**DATE, "x-account-rate-limit-limit": "2000", "x-account-rate-limit-remaining": "0"}
    spent["x-account-rate-limit-reset"] = str(int(NOW.timestamp()) + 900)
    net.get(f"{ADS}/917", json={"data": SCHEDULED}, headers=spent)
    net.put(f"{ADS}/917", json={"data": SCHEDULED})
    (seen,) = platform.read([Locator("x", USER, "ads:917")])
    assert isinstance(seen, Seen)
    with pytest.raises(Limited, match="waits for more"):
        list(platform.read([seen.locator]))
    assert platform.send(STEP).says == "SCHEDULED"


def test_a_refusal_of_v2_is_told_from_a_bad_credential() -> None:
    forbidden = {"title": "Client Forbidden", "detail": "no", "type": "https://api.x.com/2/problems/client-forbidden"}
    verdict = _x_words.judge(403, forbidden, {})
    assert verdict is not None
    assert (verdict.fate, verdict.code) == (Fate.NO, "client-forbidden")
    blank = _x_words.judge(401, {"title": "Unauthorized", "type": "about:blank"}, {})
    assert blank is not None
    assert blank.fate is Fate.CREDENTIAL


def test_a_scheduled_post_that_is_out_tells_when_it_went_out(net: responses.RequestsMock, platform: x.X) -> None:
    out = {**SCHEDULED, "scheduled_status": "SUCCESS", "tweet_id": "18", "completed_at": "2022-09-10T07:00:41Z"}
    net.get(f"{ADS}/917", json={"data": out})
    net.get(f"{ADS}/918", json={"data": {**out, "id": "918", "completed_at": None}})
    times = [r.at for r in platform.read([Locator("x", USER, f"ads:{n}") for n in (917, 918)]) if isinstance(r, Seen)]
    assert times == [datetime(2022, 9, 10, 7, 0, 41, tzinfo=UTC), datetime(2022, 9, 10, 7, tzinfo=UTC)]


def test_a_long_post_is_read_whole(net: responses.RequestsMock, platform: x.X) -> None:
    net.get(f"{API}/tweets", json={"data": [{**TWEET, "note_tweet": {"text": "Out &amp; about, at length"}}]})
    (seen,) = platform.read([Locator("x", USER, "18")])
    assert isinstance(seen, Seen)
    assert seen.text == "Out & about, at length"


def test_the_look_asks_x_to_leave_out_what_is_older_and_what_is_no_post(
    net: responses.RequestsMock, platform: x.X
) -> None:
    older = {**TWEET, "id": "17", "created_at": "2022-09-08T10:00:00.000Z"}
    body = {"data": [TWEET, older], "meta": {"result_count": 2}}
    net.get(f"{API}/users/{USER}/tweets", json=body, headers=DATE)
    net.get(ADS, json={"data": [], "next_cursor": None})
    (page,) = platform.published(USER, datetime(2022, 9, 8, 17, 40, 0, 900_000, UTC))
    assert [p.locator.native_id for p in page.posts] == ["18"], "X knows no parts of a second"
    asked = net.calls[1].request.params
    assert asked["start_time"] == "2022-09-08T17:40:00Z"
    assert asked["exclude"] == "replies,retweets"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "all four"),
        ({"token": "t", "tokens": "t.json"}, "not both"),
        ({"tokens": "t.json"}, "client_id"),
        ({"token": "t", "ads_account": "18ce"}, "consumer_key"),
        ({"token": "t", **{k: v for k, v in KEYS.items() if k != "access_token"}}, "access_token"),
        ({"token": "t", "consumer_key": " "}, ""),
        ({"token": "t", "ads_account": "18ce/../x", **KEYS}, "pattern"),
        ({"token": "t", "reads_per_day": 50}, "200"),
        ({"token": "t", "pages": "7"}, "Extra"),
    ],
)
def test_settings_that_do_not_fit_together_are_refused(given: dict[str, Any], said: str) -> None:
    if said:
        with pytest.raises(ValidationError, match=said):
            x.Options(**given)
    else:
        assert x.Options(**given).keys == ()


def test_the_library_that_signs_is_not_loaded_before_it_is_needed() -> None:
    code = "import sys, adapters.x; sys.exit('requests_oauthlib' in sys.modules or 'oauthlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parent.parent).returncode == 0

"""Meta's adverts keep the contract: campaigns are paused and read back, and only what we paused is woken."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import responses
from conftest import Practice
from contract import PlatformContract, Rig, sandboxed
from practising import Making, at, put_back, ref, show, stands
from rig import serving

from adapters import meta_ads
from adapters._web.verdicts import Denied
from freeze.accounts import Gap
from freeze.errors import PlatformError, Uncertain, Unreachable
from freeze.holds import Change, Goal, HoldState, Kind, Refusal, Step, Verb
from freeze.posts import Absent, Locator, Seen, State, Unreadable
from freeze.sandbox import meta_ads as simulator
from freeze.sandbox._core.posts import Account, Post
from freeze.windows import Window

ADS = "act_3100001"
OTHER = "act_3100002"
GRAPH = "https://graph.facebook.com/v26.0"
NOW = datetime(2022, 9, 8, 17, 40, tzinfo=UTC)
SPAN = Window(NOW, NOW + timedelta(days=20))


def connect(url: str, timeout: float, **more: Any) -> meta_ads.MetaAds:
    options = meta_ads.Options(base_url=f"{url}/meta-ads/v26.0", token=simulator.TOKEN, timeout=timeout, **more)
    return meta_ads.connect("adverts", options)


def make(world: Any, account: str, at: datetime, text: str, state: State, **extra: Any) -> str:
    native = f"2385{world.new_id('meta-ads')}"
    world.add(Post("meta-ads", account, native, state.value, at, text, extra=extra))
    return native


def running(rig: Rig, text: str = "Warm homes", **extra: Any) -> Locator:
    """A campaign that started three days ago."""
    native = make(rig.world, ADS, rig.now() - timedelta(days=3), text, State.DRAFT, **extra)
    post = rig.world.get("meta-ads", native)
    rig.world.change(post, state="scheduled")
    rig.world.tick()
    assert rig.world.get("meta-ads", native).state == "published"
    return Locator("adverts", ADS, native)


class TestMetaAds(PlatformContract):
    @pytest.fixture
    def rig(self) -> Iterator[Rig]:
        world = serving[-1].world
        world.add_account(Account("meta-ads", ADS, "Anyshire County Council adverts"))
        world.add_account(Account("meta-ads", OTHER, "Anyshire Fostering adverts"))
        with sandboxed("meta-ads", ADS, Kind.DRAFT, connect, make, (simulator.TOKEN,), counts=False) as rig:
            yield rig

    def test_a_published_post_is_readable_and_can_no_longer_be_held(self, rig: Rig) -> None:
        """Of a campaign, that is one whose end has passed; one that has started can be held, other than a post."""
        ends = (rig.now() - timedelta(hours=2)).replace(microsecond=0)
        seen = rig.look(running(rig, stop_time=int(ends.timestamp())))
        assert (seen.state, seen.at) == (State.PUBLISHED, ends)
        offer = rig.platform.offer(seen, Goal(Verb.HOLD, before=seen), rig.now())
        assert isinstance(offer, Refusal)
        assert offer.state is HoldState.TOO_LATE
        assert not any(page.posts for page in rig.list_all())

    def test_a_post_too_near_its_time_is_too_late(self, rig: Rig) -> None:
        """A campaign never is: pausing it stops it also after it has started."""
        seen = rig.post(timedelta(minutes=5))
        assert seen.at is not None
        late = rig.platform.offer(seen, Goal(Verb.HOLD, before=seen), seen.at + timedelta(minutes=30))
        assert isinstance(late, Change)

    def test_a_running_campaign_may_be_shown_any_minute(self, rig: Rig) -> None:
        seen = rig.look(running(rig))
        assert seen.state is State.SCHEDULED
        assert seen.at is None, "it counts as due now"
        assert seen.boosted
        assert seen.text == "Warm homes (advert, OUTCOME_AWARENESS)"
        assert [p.locator for page in rig.list_all() for p in page.posts] == [seen.locator]

    def test_what_a_campaign_says_does_not_change_while_it_runs(self, rig: Rig) -> None:
        before = rig.look(running(rig))
        rig.advance(timedelta(hours=3))
        assert rig.look(before.locator) == before

    def test_a_running_campaign_is_paused_and_switched_on_again_at_once(self, rig: Rig) -> None:
        seen = rig.look(running(rig))
        hold = rig.change(seen, Goal(Verb.HOLD, before=seen))
        rig.do(hold)
        held = rig.look(seen.locator)
        assert held.state is State.DRAFT
        assert hold.expected.differences(held) == ()
        tomorrow = rig.now() + timedelta(days=1)
        back = rig.change(held, Goal(Verb.PUT_BACK, at=tomorrow, before=seen))
        assert "at once" in back.why
        rig.do(back)
        again = rig.look(seen.locator)
        assert back.expected.differences(again) == ()
        assert again.at is None
        assert rig.world.get("meta-ads", seen.locator.native_id).state == "published"

    def test_one_that_somebody_else_paused_is_not_listed_and_no_change_would_wake_it(self, rig: Rig) -> None:
        paused = rig.look(Locator("adverts", ADS, make(rig.world, ADS, rig.now(), "Old", State.DRAFT)))
        assert paused.state is State.DRAFT
        assert rig.list_all()[-1].posts == ()
        for verb in (Verb.HOLD, Verb.KEEP):
            assert rig.change(paused, Goal(verb, before=paused)).steps == ()

    @pytest.mark.parametrize("before", [timedelta(0), timedelta(days=2)])
    def test_nothing_is_switched_on_inside_a_pause_whatever_time_it_is_given(self, rig: Rig, before: timedelta) -> None:
        seen, _ = rig.held()
        held = rig.look(seen.locator)
        now = rig.now()
        pause = Window(now - before, now + timedelta(hours=1))
        goal = Goal(Verb.PUT_BACK, at=now + timedelta(days=1), before=seen, avoid=(pause,))
        refused = rig.platform.offer(held, goal, now)
        assert isinstance(refused, Refusal)
        assert refused.state is HoldState.REFUSED
        assert "at once" in refused.why
        later = rig.platform.offer(held, goal, pause.end)
        assert isinstance(later, Change)

    def test_a_campaign_that_ended_while_it_was_held_is_not_switched_on(self, rig: Rig) -> None:
        ends = rig.now() + timedelta(hours=1)
        seen = rig.look(running(rig, stop_time=int(ends.timestamp())))
        rig.do(rig.change(seen, Goal(Verb.HOLD, before=seen)))
        held = rig.look(seen.locator)
        now = ends + timedelta(minutes=1)
        offer = rig.platform.offer(held, Goal(Verb.PUT_BACK, at=now + timedelta(days=1), before=seen), now)
        assert isinstance(offer, Refusal)
        assert "ended on Thursday 8 September 2022, 19:4" in offer.why

    def test_a_deleted_campaign_is_gone(self, rig: Rig) -> None:
        seen = rig.look(running(rig))
        rig.remove(seen.locator)
        assert rig.look(seen.locator).state is State.DELETED
        offer = rig.platform.offer(rig.look(seen.locator), Goal(Verb.HOLD, before=seen), rig.now())
        assert isinstance(offer, Refusal)
        assert offer.state is HoldState.GONE

    def test_only_the_named_ad_accounts_are_looked_at(self, rig: Rig) -> None:
        platform = connect(serving[-1].url, 5.0, accounts=(OTHER, "act_9"))
        found = list(platform.accounts())
        assert [a.native for a in found if not isinstance(a, Gap)] == [OTHER]
        assert [a.account for a in found if isinstance(a, Gap)] == ["act_9"]

    def test_an_ad_account_that_does_not_answer_spoils_no_other(self, rig: Rig) -> None:
        one = rig.post()
        strange = Locator("adverts", "act_9", "23850001")
        read = {r.locator: r for r in rig.platform.read([strange, one.locator])}
        assert read[one.locator] == one
        assert isinstance(read[strange], Unreadable)

    def test_it_tells_how_its_token_stands(self, rig: Rig) -> None:
        (found,) = rig.platform.credential()
        assert found.well
        rig.world.memo["meta-ads token"] = {"scopes": ["ads_read"]}
        (found,) = rig.platform.credential()
        assert not found.well
        assert "ads_management" in found.sentence


@pytest.fixture
def platform() -> meta_ads.MetaAds:
    return meta_ads.connect("adverts", meta_ads.Options(token="system-secret"))


@pytest.fixture
def graph() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


BODIES: list[Any] = [
    [], "text", 7, None, {}, {"data": None}, {"data": {}}, {"data": ["x"]}, {"data": [], "paging": "more"},
    {"data": [], "paging": {"next": "https://x.example"}}, {"error": "no"}, {"error": {"code": {}, "message": []}},
    {"id": {}}, {"data": {"is_valid": "yes"}},
]  # fmt: skip


@pytest.mark.parametrize("body", BODIES, ids=lambda b: json.dumps(b)[:40])
def test_nonsense_is_an_error_and_never_an_empty_list_or_a_crash(
    graph: responses.RequestsMock, platform: meta_ads.MetaAds, body: Any
) -> None:
    for path in ("/me/adaccounts", f"/{ADS}/campaigns", f"/{ADS}", "/", "/1", "/debug_token"):
        graph.get(f"{GRAPH}{path}", json=body)
    for read in (
        lambda: list(platform.accounts()),
        lambda: list(platform.scheduled(ADS, SPAN)),
        lambda: list(platform.credential()),
    ):
        with pytest.raises(PlatformError):
            read()
    try:
        (reading,) = platform.read([Locator("adverts", ADS, "1")])
    except PlatformError:
        return
    assert isinstance(reading, Unreadable)


@pytest.mark.parametrize(
    "fields",
    [
        {"status": "RESTING"}, {"status": None}, {"status": {}}, {"status": ["ACTIVE"]}, {"start_time": "soon"},
        {"stop_time": 10**30}, {"stop_time": "2022-09-08T17:40:00"}, {"start_time": []},
    ],
)  # fmt: skip
def test_a_campaign_that_cannot_be_understood_is_rejected_by_name_and_the_rest_loads(
    graph: responses.RequestsMock, platform: meta_ads.MetaAds, fields: dict[str, Any]
) -> None:
    good = {"id": "1", "name": None, "status": "ACTIVE", "effective_status": {}}
    graph.get(f"{GRAPH}/{ADS}/campaigns", json={"data": [{**good, "id": "2", **fields}, good]})
    (page,) = platform.scheduled(ADS, SPAN)
    assert [p.locator.native_id for p in page.posts] == ["1"]
    assert [r.where for r in page.rejects] == ["adverts: campaign 2"]


def test_without_metas_own_time_a_running_campaign_counts_as_due_now(
    graph: responses.RequestsMock, platform: meta_ads.MetaAds
) -> None:
    graph.get(f"{GRAPH}/{ADS}/campaigns", json={"data": [{"id": "1", "name": "Warm homes", "status": "ACTIVE"}]})
    (page,) = platform.scheduled(ADS, SPAN)
    assert [(p.state, p.at) for p in page.posts] == [(State.SCHEDULED, None)]


@pytest.mark.parametrize("status", ["DELETED", "ARCHIVED"])
def test_an_archived_campaign_cannot_come_back_and_counts_as_gone(
    graph: responses.RequestsMock, platform: meta_ads.MetaAds, status: str
) -> None:
    graph.get(f"{GRAPH}/1", json={"id": "1", "status": "ACTIVE", "effective_status": status})
    (seen,) = platform.read([Locator("adverts", ADS, "1")])
    assert isinstance(seen, Seen)
    assert seen.state is State.DELETED


def test_a_missing_campaign_is_absent_only_while_its_account_answers(
    graph: responses.RequestsMock, platform: meta_ads.MetaAds
) -> None:
    gone = {"error": {"code": 100, "error_subcode": 33, "message": "does not exist"}}
    graph.get(f"{GRAPH}/1", status=400, json=gone)
    graph.get(f"{GRAPH}/{ADS}", json={"id": ADS})
    locator = Locator("adverts", ADS, "1")
    assert list(platform.read([locator])) == [Absent(locator)]
    graph.replace(responses.GET, f"{GRAPH}/{ADS}", json={"id": OTHER})
    with pytest.raises(Unreachable):
        list(platform.read([locator]))


def test_a_refusal_says_the_clicks_and_an_odd_answer_is_uncertain(
    graph: responses.RequestsMock, platform: meta_ads.MetaAds
) -> None:
    step = Step("POST", "/1", body={"status": "PAUSED"}, account=ADS)
    graph.post(f"{GRAPH}/1", status=403, json={"error": {"code": 200, "message": "not yours"}})
    with pytest.raises(Denied, match="Ads Manager"):
        platform.send(step)
    graph.replace(responses.POST, f"{GRAPH}/1", json={"success": "true"})
    with pytest.raises(Uncertain):
        platform.send(step)


# From end to end, as the one who declares a pause sees it


def council(practice: Making, now: datetime, **campaigns: str) -> Practice:
    """A council with nothing but adverts: campaigns by name and state, all begun a week ago."""
    p = practice("empty", now)
    p.drop("website", "youtube", "facebook", "orlo")
    world = p.sandbox.world
    world.add_account(Account("meta-ads", ADS, "Anyshire adverts"))
    for name, state in campaigns.items():
        begun = world.now() - timedelta(days=7)
        out = begun if state == "published" else None
        world.add(Post("meta-ads", ADS, f"2385{name}", state, begun, name, published_at=out, extra={"objective": ""}))
    with (p.folder / "freeze.toml").open("a", encoding="utf-8") as f:
        f.write(f'\n[connections.adverts]\nplatform = "meta-ads"\nbase_url = "{p.url}/meta-ads/v26.0"\n')
        f.write(f'token = "{simulator.TOKEN}"\n')
    head, *_ = (p.folder / "accounts.csv").read_text(encoding="utf-8").splitlines()
    names = head.split(",")
    row = {"id": "adverts", "name": "Anyshire adverts", "platform": "meta-ads", "service": "communications"}
    row |= {"owner": "Head of Communications", "in_scope": "yes", "seen_at": f"adverts={ADS}"}
    line = ",".join(row.get(n, "") for n in names)
    (p.folder / "accounts.csv").write_text(f"{head}\n{line}\n", encoding="utf-8")
    return p.ready()


def truly(p: Practice) -> dict[str, str]:
    return {x["text"]: x["state"] for x in p.posts(platform="meta-ads")}


EVENING = at("2022-09-08T18:40")
MORNING = at("2022-09-09T09:02")


def test_a_pause_stops_running_adverts_and_put_back_wakes_only_those(practice: Making) -> None:
    p = council(practice, EVENING, warm="published", foster="published", paused="draft")
    p.clock(EVENING + timedelta(hours=2))
    declared = p.json("declare", "menai-bridge", "--yes")
    assert declared["exit"] == 0
    assert truly(p) == {"warm": "draft", "foster": "draft", "paused": "draft"}
    assert stands(show(p)) == {"warm (advert)": "confirmed", "foster (advert)": "confirmed"}
    writes = [c for c in p.sandbox.world.calls.sequence if c.platform == "meta-ads" and c.method == "POST"]
    assert len(writes) == 2

    again = p.json("sync", "--enforce")
    assert again["exit"] in (0, 1)
    assert len([c for c in p.sandbox.world.calls.sequence if c.method == "POST"]) == 2, "held once"

    p.clock(MORNING)
    assert p.freeze("undo", "f1").code in (0, 1)
    assert truly(p)["warm"] == "draft", "nothing moves until put-back"
    p.freeze("decide", ref(p, "warm (advert)"), "--next-slot")
    p.freeze("decide", ref(p, "foster (advert)"), "--keep")
    _, done = put_back(p)
    assert done["put_back"] == 1
    assert truly(p) == {"warm": "published", "foster": "draft", "paused": "draft"}
    assert not any(c.post == "2385paused" for c in p.sandbox.world.calls.sequence)


def test_nothing_is_put_back_while_another_pause_is_in_force(practice: Making) -> None:
    p = council(practice, EVENING, warm="published")
    p.json("declare", "menai-bridge", "--yes")
    p.clock(MORNING)
    p.freeze("undo", "f1")
    assert p.json("declare", "menai-bridge", "--until", "2022-09-09T11:00", "--yes")["exit"] in (0, 1)
    p.freeze("decide", ref(p, "warm (advert)"), "--next-slot")
    assert p.json("put-back", "f1")["returns"] == []
    p.freeze("decide", ref(p, "warm (advert)"), "--at", "2022-09-09T12:05")
    looked = p.json("put-back", "f1")
    assert looked["returns"] == [], "it would begin at once, long before the time it was given"
    assert "it begins in the moment it is put back" in str(looked)
    assert truly(p) == {"warm": "draft"}
    p.clock(MORNING + timedelta(hours=2, minutes=30))
    p.freeze("end", "f2")
    _, done = put_back(p)
    assert done["put_back"] == 1
    assert truly(p) == {"warm": "published"}


def test_an_advert_that_somebody_wakes_during_a_pause_is_paused_again(practice: Making) -> None:
    p = council(practice, EVENING, warm="published")
    p.json("declare", "menai-bridge", "--yes")
    p.clock(EVENING + timedelta(hours=1))
    p.edit(platform="meta-ads", id="2385warm", state="scheduled")
    assert truly(p) == {"warm": "published"}
    p.json("sync", "--enforce")
    assert truly(p) == {"warm": "draft"}


def test_a_pause_that_the_platform_only_pretends_to_do_is_never_called_done(practice: Making) -> None:
    p = council(practice, EVENING, warm="published")
    p.fault("meta-ads", "ghost_success")
    declared = p.json("declare", "menai-bridge", "--yes")
    assert declared["exit"] == 3
    assert stands(show(p)) == {"warm (advert)": "unconfirmed"}
    p.mend()
    p.json("sync", "--enforce")
    assert stands(show(p)) == {"warm (advert)": "confirmed"}
    assert truly(p) == {"warm": "draft"}

"""YouTube keeps the contract, and its own promises."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import responses
from contract import NOW, PlatformContract, Rig, sandboxed

from adapters import youtube
from freeze.accounts import Gap
from freeze.errors import AuthFailed, Limited, PlatformError, Refused, Uncertain, Unreachable
from freeze.holds import Goal, HoldState, Kind, Refusal, Step, Verb
from freeze.posts import Locator, State
from freeze.sandbox import youtube as simulator
from freeze.sandbox._world import Post
from freeze.windows import Window

CHANNEL = "UCanyshire0000000000001"
AWKWARD = {
    "privacyStatus": "private",
    "license": "creativeCommon",
    "embeddable": False,
    "publicStatsViewable": False,
    "selfDeclaredMadeForKids": True,
    "containsSyntheticMedia": True,
}


def connect(url: str, timeout: float) -> youtube.YouTube:
    options = youtube.Options(base_url=f"{url}/youtube/v3", token=simulator.TOKEN, timeout=timeout)
    return youtube.connect("youtube", options)


def make(world: Any, account: str, at: datetime, text: str, state: State) -> str:
    native = f"vid{int(world.new_id('youtube')):08d}"
    world.add(Post("youtube", account, native, state.value, at, text, title="A film", extra=AWKWARD))
    return native


class TestYouTube(PlatformContract):
    @pytest.fixture
    def rig(self) -> Iterator[Rig]:
        with sandboxed("youtube", CHANNEL, Kind.DRAFT, connect, make, secrets=(simulator.TOKEN,)) as rig:
            yield rig

    def test_every_other_setting_of_the_video_is_kept(self, rig: Rig) -> None:
        before, _ = rig.held()
        held = rig.look(before.locator)
        rig.do(rig.change(held, Goal(Verb.PUT_BACK, at=before.at, before=before)))
        after = rig.look(before.locator)
        for seen in (held, after):
            assert {k: seen.raw["status"][k] for k in AWKWARD} == AWKWARD
        assert "publishAt" not in held.raw["status"]
        assert after.raw["status"] == before.raw["status"]

    def test_a_setting_that_google_adds_later_is_sent_back_too(self, rig: Rig) -> None:
        seen = rig.post()
        seen.raw["status"]["somethingNew"] = "kept"
        step = rig.change(seen, Goal(Verb.HOLD, before=seen)).steps[0]
        assert step.body["status"]["somethingNew"] == "kept"
        assert not youtube.READ_ONLY & set(step.body["status"])

    def test_a_planned_time_that_has_passed_is_not_sent(self, rig: Rig) -> None:
        before, _ = rig.held()
        back = rig.change(rig.look(before.locator), Goal(Verb.PUT_BACK, at=before.at, before=before))
        assert before.at is not None
        rig.advance(before.at - rig.now() + timedelta(seconds=1))
        rig.look(before.locator)
        writes = rig.writes()
        with pytest.raises(Refused, match="nothing was sent"):
            rig.do(back)
        assert rig.writes() == writes
        assert rig.look(before.locator).state is State.DRAFT

    def test_a_spent_quota_says_to_wait_until_midnight_in_california(self, rig: Rig) -> None:
        rig.post()
        rig.fault("status", status=403)
        with pytest.raises(Limited, match="quota") as caught:
            list(rig.platform.accounts())
        midnight = datetime.fromisoformat("2022-09-09T00:00:00-07:00")
        assert caught.value.seconds == pytest.approx((midnight - rig.now()).total_seconds(), abs=3)

    def test_a_video_that_was_made_public_by_hand_is_left_alone(self, rig: Rig) -> None:
        before, _ = rig.held()
        rig.publish(before.locator)
        offer = rig.platform.offer(
            rig.look(before.locator), Goal(Verb.PUT_BACK, at=before.at, before=before), rig.now()
        )
        assert isinstance(offer, Refusal)
        assert offer.state is HoldState.CHANGED


API = "https://youtube.googleapis.com/youtube/v3"
SPAN = Window(NOW, NOW + timedelta(days=28))


@pytest.fixture
def web() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        channel = {"id": CHANNEL, "snippet": {"title": "Anyshire"}}
        channel["contentDetails"] = {"relatedPlaylists": {"uploads": "UUx"}}
        mock.get(f"{API}/channels", json={"items": [channel], "pageInfo": {"totalResults": 1}})
        yield mock


@pytest.fixture
def platform() -> youtube.YouTube:
    return youtube.connect("youtube", youtube.Options(token="secret-token"))


def video(native: str, **status: Any) -> dict[str, Any]:
    shown = {"privacyStatus": "private", "publishAt": "2022-09-10T07:00:00Z", **status}
    return {"id": native, "snippet": {"title": "A film", "description": "Words"}, "status": shown}


def uploads(web: responses.RequestsMock, *natives: str) -> None:
    items = [{"contentDetails": {"videoId": n}} for n in natives]
    web.get(f"{API}/playlistItems", json={"items": items, "pageInfo": {"totalResults": len(items)}})


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        ({"privacyStatus": "secret"}, "privacy"),
        ({"publishAt": "2022-09-10T07:00:00"}, "no zone"),
        ({"publishAt": "soon"}, "cannot be read"),
    ],
)
def test_a_video_that_cannot_be_understood_is_rejected_by_name_and_the_rest_loads(
    web: responses.RequestsMock, platform: youtube.YouTube, status: dict[str, str], reason: str
) -> None:
    uploads(web, "one", "two")
    web.get(f"{API}/videos", json={"items": [video("one", **status), video("two")], "pageInfo": {"totalResults": 2}})
    (page,) = platform.scheduled(CHANNEL, SPAN)
    assert [p.locator.native_id for p in page.posts] == ["two"]
    assert [r.where for r in page.rejects] == ["youtube: video one"]
    assert reason in page.rejects[0].reason


def test_a_video_in_the_list_that_cannot_be_read_is_not_passed_over(
    web: responses.RequestsMock, platform: youtube.YouTube
) -> None:
    uploads(web, "one", "two")
    web.get(f"{API}/videos", json={"items": [video("two")], "pageInfo": {"totalResults": 1}})
    (page,) = platform.scheduled(CHANNEL, SPAN)
    assert [r.where for r in page.rejects] == ["youtube: video one"]


def test_a_reading_that_hides_videos_is_refused(web: responses.RequestsMock, platform: youtube.YouTube) -> None:
    web.get(f"{API}/videos", json={"items": [video("two")], "pageInfo": {"totalResults": 2}})
    with pytest.raises(Unreachable, match="1 videos of the 2"):
        list(platform.read([Locator("youtube", CHANNEL, "one"), Locator("youtube", CHANNEL, "two")]))


def test_a_token_without_a_channel_is_a_gap(platform: youtube.YouTube) -> None:
    with responses.RequestsMock() as mock:
        mock.get(f"{API}/channels", json={"kind": "youtube#channelListResponse", "pageInfo": {"totalResults": 0}})
        (gap,) = platform.accounts()
    assert isinstance(gap, Gap)


@pytest.mark.parametrize(
    ("status", "reason", "error"),
    [
        (403, "rateLimitExceeded", Limited),
        (403, "quotaExceeded", Limited),
        (403, "insufficientPermissions", AuthFailed),
        (403, "forbidden", Refused),
        (400, "invalidPublishAt", Refused),
        (404, "videoNotFound", Refused),
        (500, "backendError", Uncertain),
        (401, "authError", AuthFailed),
    ],
)
def test_each_reason_of_a_refused_change_means_one_thing(
    web: responses.RequestsMock, platform: youtube.YouTube, status: int, reason: str, error: type[PlatformError]
) -> None:
    web.put(f"{API}/videos", status=status, json={"error": {"code": status, "errors": [{"reason": reason}]}})
    step = Step("PUT", "/videos", params={"part": "status"}, body={"id": "x", "status": {"privacyStatus": "private"}})
    with pytest.raises(error, match=reason):
        platform.send(step)


def test_an_answer_about_another_video_is_uncertain(web: responses.RequestsMock, platform: youtube.YouTube) -> None:
    web.put(f"{API}/videos", json={"id": "y", "status": {}})
    step = Step("PUT", "/videos", params={"part": "status"}, body={"id": "x", "status": {"privacyStatus": "private"}})
    with pytest.raises(Uncertain):
        platform.send(step)

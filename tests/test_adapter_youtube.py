"""YouTube keeps the contract, and its own promises."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import responses
from contract import NOW, PlatformContract, Rig, sandboxed
from pydantic import ValidationError
from rig import serving

from adapters import youtube
from freeze.accounts import Gap, SeenAccount
from freeze.errors import AuthFailed, Limited, PlatformError, Refused, Uncertain, Unreachable
from freeze.holds import Goal, HoldState, Kind, Refusal, Step, Verb
from freeze.posts import Locator, Seen, State, Unreadable
from freeze.sandbox import youtube as simulator
from freeze.sandbox._core.posts import Post
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

    def test_the_budget_stops_before_the_quota_and_keeps_the_rest_for_holding(self, rig: Rig) -> None:
        seen = rig.post()
        change = rig.change(seen, Goal(Verb.HOLD, before=seen))
        small = youtube.Options(base_url=f"{serving[-1].url}/youtube/v3", token=simulator.TOKEN, units=1_000)
        platform = youtube.connect("youtube", small)
        rig.world.memo[simulator.QUOTA] = 1_000
        rig.world.memo.pop("youtube.spent", None)
        list(platform.accounts())
        assert platform.client._budget is not None
        assert platform.client._budget.spend(700, most=0.0) == 0
        rig.world.memo["youtube.spent"] = (date(2022, 9, 8), 701)

        def look() -> None:
            for _ in range(300):
                list(platform.accounts())

        with pytest.raises(Limited, match=r"keeps the last 200 of its 1,000 a day for stopping posts"):
            look()
        assert 790 <= rig.world.memo["youtube.spent"][1] <= 800
        platform.send(change.steps[0])
        (held,) = platform.read([seen.locator])
        assert change.expected.differences(held) == ()
        assert rig.world.memo["youtube.spent"][1] <= 851

    def test_a_change_costs_fifty_units_and_a_reading_one(self, rig: Rig) -> None:
        seen = rig.post()
        spent: list[int] = []
        budget = rig.platform.client._budget  # type: ignore[attr-defined]
        take = budget.spend
        budget.spend = lambda cost, **more: (spent.append(cost), take(cost, **more))[1]
        rig.do(rig.change(seen, Goal(Verb.HOLD, before=seen)))
        rig.look(seen.locator)
        rig.platform.bio(CHANNEL)  # type: ignore[attr-defined]
        assert spent == [50, 1, 1]

    def test_a_token_of_an_hour_is_renewed_by_itself(self, rig: Rig, tmp_path: Path) -> None:
        platform, path = renewed(tmp_path)
        assert [a.native for a in platform.accounts() if isinstance(a, SeenAccount)] == [
            a.id for a in rig.world.accounts("youtube")
        ]
        first = json.loads(path.read_text(encoding="utf-8"))
        assert first["refresh_token"] == simulator.REFRESH_TOKEN, "Google gives no new one"
        rig.advance(timedelta(hours=2))
        platform, _ = renewed(tmp_path, again=True)
        list(platform.accounts())
        assert json.loads(path.read_text(encoding="utf-8"))["access_token"] != first["access_token"]
        (token,) = platform.credential()
        assert token.well
        assert token.expires_at is None
        assert "renews its token by itself" in token.sentence

    def test_a_withdrawn_sign_in_names_the_setting_and_no_secret(self, rig: Rig, tmp_path: Path) -> None:
        platform, _ = renewed(tmp_path, refresh_token="withdrawn-refresh-token")
        with pytest.raises(AuthFailed, match=r"expired or revoked.*`tokens`") as caught:
            list(platform.accounts())
        for secret in ("withdrawn-refresh-token", simulator.CLIENT_SECRET):
            assert secret not in str(caught.value)

    @pytest.mark.parametrize(("issued", "well"), [(date(2022, 9, 5), True), (date(2022, 9, 3), False)])
    def test_a_google_app_in_testing_ends_after_seven_days_and_is_not_well_two_days_before(
        self, rig: Rig, tmp_path: Path, issued: date, well: bool
    ) -> None:
        platform, _ = renewed(tmp_path, testing=True, token_issued=issued)
        (token,) = platform.credential()
        assert token.expires_at == datetime(2022, 9, issued.day + 7, tzinfo=UTC)
        assert token.well is well
        assert token.warn == timedelta(days=2)
        assert '"Testing"' in token.sentence
        assert "sign in again by" in token.sentence


def renewed(
    folder: Path, again: bool = False, refresh_token: str = simulator.REFRESH_TOKEN, **more: Any
) -> tuple[youtube.YouTube, Path]:
    """A connection whose token is renewed, and the file it is kept in; `again` goes on with that file."""
    path = folder / "tokens.json"
    if not again:
        path.write_text(json.dumps({"access_token": "gone", "refresh_token": refresh_token}), encoding="utf-8")
        path.chmod(0o600)
    url = f"{serving[-1].url}/youtube"
    options = youtube.Options(
        base_url=f"{url}/v3",
        sign_in_url=f"{url}/oauth2",
        tokens=path,
        client_id=simulator.CLIENT_ID,
        client_secret=simulator.CLIENT_SECRET,
        **more,
    )
    return youtube.connect("youtube", options), path


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
        ({"publishAt": 1662658800}, "cannot be read"),
        ({"publishAt": "0001-01-01T00:00:00+14:00"}, "cannot be read"),
        ({"privacyStatus": ["private"]}, "privacy"),
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


def test_a_video_that_is_listed_twice_is_one_video(web: responses.RequestsMock, platform: youtube.YouTube) -> None:
    uploads(web, "one", "one")
    web.get(f"{API}/videos", json={"items": [video("one")], "pageInfo": {"totalResults": 1}})
    (page,) = platform.scheduled(CHANNEL, SPAN)
    assert [p.locator.native_id for p in page.posts] == ["one"]


def test_a_list_that_goes_round_in_a_circle_is_given_up(web: responses.RequestsMock, platform: youtube.YouTube) -> None:
    for token in ("A", "B", "A"):
        web.get(f"{API}/playlistItems", json={"items": [], "nextPageToken": token, "pageInfo": {}})
    with pytest.raises(Unreachable, match="does not move on"):
        list(platform.scheduled(CHANNEL, SPAN))
    assert sum("playlistItems" in str(c.request.url) for c in web.calls) == 3


def test_a_list_without_an_end_is_given_up(
    web: responses.RequestsMock, platform: youtube.YouTube, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(youtube, "MOST_PAGES", 5)
    number = iter(range(10_000))

    def endless(_: Any) -> tuple[int, dict[str, str], str]:
        return 200, {}, json.dumps({"items": [], "nextPageToken": str(next(number)), "pageInfo": {}})

    web.add_callback("GET", f"{API}/playlistItems", endless)
    with pytest.raises(Unreachable, match="more than 5 pages"):
        list(platform.scheduled(CHANNEL, SPAN))


@pytest.mark.parametrize("native", [None, 5, ["one"]])
def test_a_video_without_its_id_is_never_taken_for_one_that_is_gone(
    web: responses.RequestsMock, platform: youtube.YouTube, native: Any
) -> None:
    web.get(f"{API}/videos", json={"items": [video("one") | {"id": native}], "pageInfo": {"totalResults": 1}})
    with pytest.raises(Unreachable, match="without its id"):
        list(platform.read([Locator("youtube", CHANNEL, "one")]))


def test_tags_of_an_unknown_shape_cost_no_video(web: responses.RequestsMock, platform: youtube.YouTube) -> None:
    strange = video("one")
    strange["snippet"]["tags"] = 7
    web.get(f"{API}/videos", json={"items": [strange], "pageInfo": {"totalResults": 1}})
    (seen,) = platform.read([Locator("youtube", CHANNEL, "one")])
    assert isinstance(seen, Seen)
    assert seen.tags == ()


def test_a_description_that_is_not_in_the_answer_is_not_an_empty_one(
    web: responses.RequestsMock, platform: youtube.YouTube
) -> None:
    with pytest.raises(Unreachable, match="no title and description"):
        platform.bio(CHANNEL)


NASTY = [
    "null", "[]", "7", '"x"', "{}", '{"items": null}', '{"items": [1], "pageInfo": {}}', '{"items": {}}', "",
    '{"items": [{}], "pageInfo": {"totalResults": 1}}', '{"items": [{"id": 5}], "pageInfo": []}', "<html></html>",
    '{"items": [{"id": "UCx", "snippet": [], "contentDetails": 5}], "pageInfo": {"totalResults": 1}}',
    '{"items": [{"id": "UCx", "contentDetails": {"relatedPlaylists": {"uploads": 5}}}], "pageInfo": 7}',
    '{"items": [{"contentDetails": {"videoId": 5}}], "pageInfo": {"totalResults": "1"}, "nextPageToken": []}',
    '{"items": [{"id": "one", "status": 5, "snippet": 7}], "pageInfo": {"totalResults": 1}}',
    '{"items": [{"id": "one", "status": {"privacyStatus": "public"}, "snippet": {"publishedAt": 5}}]}',
    '{"error": {"code": 403, "errors": [5]}}', '{"error": {"errors": [{"reason": ["x"]}]}}', '{"error": 5}',
]  # fmt: skip


@pytest.mark.parametrize("status", [200, 400, 404, 500])
@pytest.mark.parametrize("body", NASTY)
def test_no_body_makes_it_crash_or_call_a_failure_empty(
    platform: youtube.YouTube, body: str, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters._web.http.BACKOFF", 0.0)
    known = youtube.connect("youtube", youtube.Options(token="secret-token"))
    known._uploads[CHANNEL] = "UUx"
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        mock.get(re.compile(f"{API}/.*"), body=body, status=status)
        for read in (
            lambda: list(platform.accounts()),
            lambda: list(known.scheduled(CHANNEL, SPAN)),
            lambda: list(known.published(CHANNEL, NOW)),
            lambda: list(known.read([Locator("youtube", CHANNEL, "one")])),
            lambda: platform.bio(CHANNEL),
            lambda: list(platform.credential()),
        ):
            try:
                answer = read()
            except PlatformError:
                continue
            assert isinstance(answer, list)
            for one in answer:
                assert isinstance(one, Gap | Unreadable) or one.rejects, f"{one} was made of {body}"


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({}, "either `token`"),
        ({"token": "x", "tokens": "t.json"}, "not both"),
        ({"tokens": "t.json"}, "`client_id` and `client_secret`"),
        ({"token": "x", "testing": True}, "`token_issued`"),
        ({"token": "x", "unit": 5}, "unit"),
    ],
)
def test_settings_that_cannot_work_are_refused(settings: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        youtube.Options.model_validate(settings)

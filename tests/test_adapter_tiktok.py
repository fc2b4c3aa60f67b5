"""TikTok keeps the contract of a platform that shows no queue, and its own promises."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import responses
from contract import NOW, Rig, WatchedContract, sandboxed
from pydantic import ValidationError
from rig import serving

from adapters import tiktok
from freeze.accounts import SeenAccount
from freeze.errors import AuthFailed, Limited, PlatformError, Refused, Unreachable
from freeze.holds import Kind
from freeze.posts import Absent, Locator, Seen, State, Unreadable
from freeze.sandbox import tiktok as simulator
from freeze.sandbox._core.posts import Account, Post

OPEN_ID = "anyshire-open-id-1"
OTHER = "anyshire-open-id-2"
READS = ("/video/list/", "/video/query/")


def connect(url: str, timeout: float, **more: Any) -> tiktok.TikTok:
    given = {"token": simulator.TOKEN, **more}
    return tiktok.connect("tiktok", tiktok.Options(base_url=f"{url}/tiktok/v2", timeout=timeout, **given))


def make(world: Any, account: str, at: datetime, text: str, state: State, **more: Any) -> str:
    native = f"72{int(world.new_id('tiktok')):017d}"
    world.add(Post("tiktok", account, native, state.value, at, text, **more))
    return native


def renewing(folder: Path, **tokens: Any) -> dict[str, Any]:
    """Settings with a file of tokens, as somebody who signed in would save it."""
    path = folder / "tokens.json"
    path.write_text(json.dumps({"refresh_token": simulator.REFRESH_TOKEN, **tokens}), encoding="utf-8")
    path.chmod(0o600)
    app = {"client_key": simulator.CLIENT_KEY, "client_secret": simulator.CLIENT_SECRET}
    return {"token": None, "tokens": path, **app}


class TestTikTok(WatchedContract):
    @pytest.fixture
    def rig(self) -> Iterator[Rig]:
        world = serving[-1].world
        world.add_account(Account("tiktok", OPEN_ID, "Anyshire County Council", "@anyshirecc", "Council news."))
        world.add_account(Account("tiktok", OTHER, "Anyshire Libraries", "@anyshirelibraries", "Books."))
        with sandboxed(
            "tiktok",
            OPEN_ID,
            Kind.HUMAN,
            connect,
            make,
            secrets=(simulator.TOKEN,),
            is_write=lambda call: call.method != "GET" and not any(path in call.path for path in READS),
            shows_queue=False,
        ) as rig:
            yield rig

    def test_its_account_has_its_name_and_handle(self, rig: Rig) -> None:
        assert list(rig.platform.accounts()) == [
            SeenAccount("tiktok", OPEN_ID, "Anyshire County Council", "tiktok", "anyshirecc")
        ]

    def test_it_never_answers_for_another_account_than_its_own(self, rig: Rig) -> None:
        mine = rig.some()
        calls = rig.calls()
        for read in (
            lambda: list(rig.platform.published(OTHER, NOW)),  # type: ignore[attr-defined]
            lambda: list(rig.platform.read([Locator("tiktok", OTHER, mine.locator.native_id)])),
            lambda: rig.platform.bio(OTHER),  # type: ignore[attr-defined]
        ):
            with pytest.raises(AuthFailed, match="another account"):
                read()
        assert rig.calls() == calls, "nothing was asked in its name"
        second = connect(serving[-1].url, 5.0, token=simulator.token_of(OTHER))
        assert not any(page.posts for page in second.published(OTHER, NOW - timedelta(days=1)))
        assert list(second.read([Locator("tiktok", OTHER, mine.locator.native_id)])) == [
            Absent(Locator("tiktok", OTHER, mine.locator.native_id))
        ]

    def test_old_pages_are_not_read_to_the_end(self, rig: Rig) -> None:
        for i in range(60):
            rig.out(f"Old {i}")
        list(rig.platform.accounts())
        rig.advance(timedelta(days=2))
        calls = rig.calls()
        pages = list(rig.platform.published(OPEN_ID, rig.now() - timedelta(hours=1)))  # type: ignore[attr-defined]
        assert rig.calls() == calls + 1
        assert [page.complete for page in pages] == [True]

    def test_more_videos_than_a_page_in_one_second_are_all_listed(self, rig: Rig) -> None:
        at = rig.now().replace(microsecond=0)
        made = set()
        for i in range(45):
            native = make(rig.world, OPEN_ID, at, f"Film {i}", State.DRAFT)
            rig.world.publish(rig.world.get("tiktok", native), at)
            made.add(native)
        pages = list(rig.platform.published(OPEN_ID, at))  # type: ignore[attr-defined]
        assert {p.locator.native_id for page in pages for p in page.posts} == made

    def test_a_video_that_was_made_private_is_absent(self, rig: Rig) -> None:
        locator = rig.out()
        rig.world.change(rig.world.get("tiktok", locator.native_id), extra={"private": True})
        assert rig.reading(locator) == Absent(locator)

    def test_words_and_link_are_kept(self, rig: Rig) -> None:
        seen = rig.some("Bins \U0001f56f and #BinDay")
        assert seen.text == "Bins \U0001f56f and #BinDay"
        assert seen.link.endswith(seen.locator.native_id)

    def test_a_plain_token_says_that_it_is_not_renewed_here(self, rig: Rig) -> None:
        (token,) = rig.platform.credential()  # type: ignore[attr-defined]
        assert "@anyshirecc" in token.sentence
        assert "24 hours" in token.sentence
        assert token.expires_at is None

    def test_a_token_is_renewed_each_day_and_the_new_refresh_token_is_kept(self, rig: Rig, tmp_path: Path) -> None:
        settings = renewing(tmp_path, access_token="sandbox-tiktok-gone")
        for _ in range(3):
            platform = connect(serving[-1].url, 5.0, **settings)  # each day another process
            (account,) = platform.accounts()
            assert isinstance(account, SeenAccount)
            saved = json.loads(settings["tokens"].read_text(encoding="utf-8"))
            assert saved["refresh_token"] == rig.world.memo["tiktok.refresh"]
            (token,) = platform.credential()
            assert token.well
            assert token.expires_at is not None
            assert timedelta(days=364) < token.expires_at - rig.now() <= timedelta(days=365, minutes=1)
            rig.advance(timedelta(hours=25))
        assert len(rig.world.memo["tiktok.issued"]) == 3

    def test_a_refresh_token_that_is_refused_names_the_setting_and_no_secret(self, rig: Rig, tmp_path: Path) -> None:
        settings = renewing(tmp_path, access_token="sandbox-tiktok-gone", refresh_token="withdrawn-refresh-token")
        with pytest.raises(AuthFailed, match="`tokens`") as caught:
            list(connect(serving[-1].url, 5.0, **settings).accounts())
        for secret in ("withdrawn-refresh-token", simulator.CLIENT_SECRET, "sandbox-tiktok-gone"):
            assert secret not in str(caught.value)

    def test_a_renewal_whose_answer_is_lost_is_not_asked_for_twice(self, rig: Rig, tmp_path: Path) -> None:
        settings = renewing(tmp_path, access_token="sandbox-tiktok-gone")
        rig.fault("drop_after_write", path="/oauth/token/")
        with pytest.raises(PlatformError):
            list(connect(serving[-1].url, 5.0, **settings).accounts())
        assert sum("/oauth/token/" in call.path for call in rig.world.calls.sequence) == 1

    def test_the_limit_of_calls_is_kept_to_before_tiktok_has_to_say_no(
        self, rig: Rig, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(tiktok, "PER_MINUTE", 30)
        monkeypatch.setattr(simulator, "PER_MINUTE", 30)
        platform = connect(serving[-1].url, 5.0)
        platform.client._deadline = 1.0

        def hammer() -> None:
            for _ in range(100):
                list(platform.accounts())

        with pytest.raises(Limited, match="as many calls"):
            hammer()
        answered = [call.status for call in rig.world.calls.sequence]
        assert 20 < len(answered) <= 30
        assert 200 in answered
        assert set(answered) <= {0, 200}, "0 is one that was given up before its answer"


API = "https://open.tiktokapis.com/v2"
OK = {"code": "ok", "message": "", "log_id": "1"}
USER = {"data": {"user": {"open_id": OPEN_ID, "display_name": "Anyshire", "username": "a"}}, "error": OK}
GOOD = {"id": "72", "create_time": 1662658800, "video_description": "Bins", "share_url": "https://t.example/72"}


@pytest.fixture
def web() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


@pytest.fixture
def platform() -> tiktok.TikTok:
    made = tiktok.connect("tiktok", tiktok.Options(token="secret-token"))
    made._open_id = OPEN_ID
    return made


def listed(*videos: Any, more: Any = False, cursor: Any = 0) -> dict[str, Any]:
    return {"data": {"videos": list(videos), "has_more": more, "cursor": cursor}, "error": OK}


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"create_time": "2022-09-08"}, "cannot be read"),
        ({"create_time": 1662658800000}, "cannot be read|seconds"),
        ({"create_time": 0}, "seconds"),
        ({"create_time": None}, "cannot be read"),
        ({"create_time": True}, "cannot be read"),
        ({"create_time": 10**40}, "cannot be read"),
        ({"id": 73}, "without its id"),
        ({"id": None}, "without its id"),
        ({"id": ["73"]}, "without its id"),
    ],
)
def test_a_video_that_cannot_be_understood_is_rejected_and_the_rest_loads(
    web: responses.RequestsMock, platform: tiktok.TikTok, fields: dict[str, Any], says: str
) -> None:
    web.post(f"{API}/video/list/", json=listed({**GOOD, "id": "73", **fields}, GOOD))
    (page,) = platform.published(OPEN_ID, NOW - timedelta(days=1))
    assert [p.locator.native_id for p in page.posts] == ["72"]
    (reject,) = page.rejects
    assert reject.where.startswith("tiktok: video")
    assert re.search(says, reject.reason)


def test_a_page_is_asked_for_by_the_cursor_and_a_pinned_old_video_ends_nothing(
    web: responses.RequestsMock, platform: tiktok.TikTok
) -> None:
    old = {**GOOD, "id": "1", "create_time": 1600000000}
    web.post(f"{API}/video/list/", json=listed(old, GOOD, more=True, cursor=1662658800000))
    web.post(f"{API}/video/list/", json=listed(GOOD | {"id": "71"}, more=True, cursor=1662658700000))
    web.post(f"{API}/video/list/", json=listed(old | {"id": "2"}, more=True, cursor=1600000000000))
    pages = list(platform.published(OPEN_ID, NOW - timedelta(days=1)))
    assert [p.locator.native_id for page in pages for p in page.posts] == ["72", "71"]
    bodies = [json.loads(c.request.body) for c in web.calls]
    assert bodies == [
        {"max_count": 20},
        {"max_count": 20, "cursor": 1662658800000},
        {"max_count": 20, "cursor": 1662658700000},
    ]
    assert [page.complete for page in pages] == [False, False, True]


@pytest.mark.parametrize("cursor", [1662658800000, 1662658900000, "1662658700000", None, True, {}])
def test_a_list_that_does_not_move_on_is_given_up(
    web: responses.RequestsMock, platform: tiktok.TikTok, cursor: Any
) -> None:
    web.post(f"{API}/video/list/", json=listed(GOOD, more=True, cursor=1662658800000))
    web.post(f"{API}/video/list/", json=listed(GOOD | {"id": "71"}, more=True, cursor=cursor))
    with pytest.raises(Unreachable, match="does not move on"):
        list(platform.published(OPEN_ID, NOW - timedelta(days=1)))


def test_a_list_without_an_end_is_given_up(
    web: responses.RequestsMock, platform: tiktok.TikTok, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tiktok, "MOST_PAGES", 5)
    number = iter(range(10_000))

    def endless(_: Any) -> tuple[int, dict[str, str], str]:
        n = next(number)
        return 200, {}, json.dumps(listed({**GOOD, "id": str(n)}, more=True, cursor=1662658800000 - n))

    web.add_callback("POST", f"{API}/video/list/", endless)
    with pytest.raises(Unreachable, match="more than 5 pages"):
        list(platform.published(OPEN_ID, NOW - timedelta(days=1)))
    assert len(web.calls) == 5


NASTY = [
    "null", "[]", "7", '"x"', "{}", '{"data": {}}', '{"error": {}}', '{"error": "no"}', '{"error": {"code": 5}}',
    '{"data": {"videos": [], "has_more": false}}', '{"data": null, "error": {"code": "ok"}}',
    '{"data": {}, "error": {"code": "ok"}}', '{"data": {"user": []}, "error": {"code": "ok"}}',
    '{"data": {"user": {"open_id": ""}}, "error": {"code": "ok"}}', "<html>It works!</html>", "",
    '{"data": {"user": {"open_id": 5}, "videos": [1]}, "error": {"code": "ok"}}',
    '{"data": {"videos": {}, "has_more": false}, "error": {"code": "ok"}}',
    '{"data": {"videos": [], "has_more": "yes"}, "error": {"code": "ok"}}',
    '{"data": {"videos": [], "has_more": false}, "error": {"code": "internal_error", "message": ["x"]}}',
    '{"data": {"videos": [], "has_more": false}, "error": {"code": ["ok"]}}',
    '{"data": {"videos": [], "has_more": false}, "error": {"code": "a_new_code"}}',
]  # fmt: skip


@pytest.mark.parametrize("status", [200, 400, 404, 429, 500])
@pytest.mark.parametrize("body", NASTY)
def test_no_body_makes_it_crash_or_call_a_failure_empty(
    web: responses.RequestsMock, platform: tiktok.TikTok, body: str, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters._web.http.BACKOFF", 0.0)
    monkeypatch.setattr("adapters._web.http.UNTOLD", 0.0)
    web.add(responses.GET, re.compile(f"{API}/.*"), body=body, status=status)
    web.add(responses.POST, re.compile(f"{API}/.*"), body=body, status=status)
    for read in (
        lambda: list(platform.accounts()),
        lambda: list(platform.published(OPEN_ID, NOW)),
        lambda: list(platform.read([Locator("tiktok", OPEN_ID, "72")])),
        lambda: platform.bio(OPEN_ID),
        lambda: list(platform.credential()),
    ):
        try:
            answer = read()
        except PlatformError:
            continue
        if '"has_more": "yes"' in body:
            assert answer == [Absent(Locator("tiktok", OPEN_ID, "72"))], "a query by id has no has_more"
        else:
            pytest.fail(f"{answer} was made of {body}")


@pytest.mark.parametrize("status", [200, 400])
@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("access_token_invalid", AuthFailed),
        ("scope_not_authorized", AuthFailed),
        ("scope_permission_missed", AuthFailed),
        ("rate_limit_exceeded", Limited),
        ("internal_error", Unreachable),
        ("invalid_params", Refused),
    ],
)
def test_each_code_means_what_is_documented_whatever_the_status(
    web: responses.RequestsMock,
    platform: tiktok.TikTok,
    code: str,
    status: int,
    error: type[PlatformError],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("adapters._web.http.BACKOFF", 0.0)
    body = {"data": {"videos": [], "has_more": False}, "error": {"code": code, "message": "no"}}
    web.post(f"{API}/video/list/", status=status, json=body)
    with pytest.raises(error, match="rate_limit" if error is Limited else code):
        list(platform.published(OPEN_ID, NOW))


def test_a_query_names_each_video_once_and_passes_none_over(
    web: responses.RequestsMock, platform: tiktok.TikTok
) -> None:
    strange = {**GOOD, "id": "73", "create_time": "soon"}
    web.post(f"{API}/video/query/", json={"data": {"videos": [GOOD, GOOD, strange]}, "error": OK})
    locators = [Locator("tiktok", OPEN_ID, native) for native in ("72", "73", "74")]
    assert [type(r) for r in platform.read(locators)] == [Seen, Unreadable, Absent]
    assert json.loads(web.calls[-1].request.body) == {"filters": {"video_ids": ["72", "73", "74"]}}


def test_a_description_that_is_not_shown_is_not_an_empty_one(
    web: responses.RequestsMock, platform: tiktok.TikTok
) -> None:
    web.get(f"{API}/user/info/", json=USER)
    with pytest.raises(Unreachable, match=r"user\.info\.profile"):
        platform.bio(OPEN_ID)


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({}, "either `token`"),
        ({"token": "x", "tokens": "t.json"}, "not both"),
        ({"tokens": "t.json", "client_key": "k"}, "needs `client_secret`"),
        ({"token": "x", "client_id": "k"}, "client_id"),
    ],
)
def test_settings_that_cannot_work_are_refused(settings: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        tiktok.Options.model_validate(settings)

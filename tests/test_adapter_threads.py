"""Threads keeps the contract: no queue is shown and none called empty, what went out is read, its token is renewed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import responses
from contract import Rig, WatchedContract, sandboxed
from pydantic import ValidationError
from rig import serving

from adapters import threads
from freeze.accounts import Unseen
from freeze.errors import AuthFailed, PlatformError, Unreachable
from freeze.holds import Kind, Snapshot
from freeze.posts import Absent, Locator, Seen, State, Unreadable
from freeze.run.collect import scheduled
from freeze.sandbox import threads as simulator
from freeze.sandbox._core.posts import Account, Post
from freeze.windows import Window

PROFILE = "2400000000000001"
GRAPH = "https://graph.threads.net/v1.0"
NOW = datetime(2022, 9, 8, 17, 40, tzinfo=UTC)
LATER = datetime(2026, 9, 8, 17, 40, tzinfo=UTC)


def connect(url: str, timeout: float) -> threads.Threads:
    options = threads.Options(base_url=f"{url}/threads/v1.0", token=simulator.TOKEN, timeout=timeout)
    return threads.connect("threads", options)


def make(world: Any, account: str, at: datetime, text: str, state: State, **extra: Any) -> str:
    native = f"1790{world.new_id('threads')}"
    world.add(Post("threads", account, native, state.value, at, text, link="https://anyshire.example", extra=extra))
    return native


class TestThreads(WatchedContract):
    @pytest.fixture
    def rig(self) -> Iterator[Rig]:
        serving[-1].world.add_account(Account("threads", PROFILE, "Anyshire County Council", "@anyshirecc"))
        secrets = (simulator.TOKEN,)
        with sandboxed("threads", PROFILE, Kind.HUMAN, connect, make, secrets, counts=False, shows_queue=False) as rig:
            yield rig

    def test_the_engine_takes_its_queue_for_unseen(self, rig: Rig) -> None:
        (found,) = scheduled(rig.platform, PROFILE, Window(NOW, LATER))
        assert isinstance(found, Unseen)
        assert "Threads app" in found.reason

    def test_replies_and_reposts_are_left_out(self, rig: Rig) -> None:
        own = rig.out("Our own words")
        for extra in ({"is_reply": True}, {"media_type": "REPOST_FACADE"}):
            post = rig.world.get("threads", make(rig.world, PROFILE, rig.now(), "Not ours", State.DRAFT, **extra))
            rig.world.publish(post)
        pages = list(rig.platform.published(PROFILE, rig.now() - timedelta(hours=1)))
        assert [p.locator for page in pages for p in page.posts] == [own]
        assert not any(page.rejects for page in pages)

    def test_a_time_that_threads_would_refuse_is_not_sent_and_the_rest_is_left_out_here(self, rig: Rig) -> None:
        old = rig.world.get("threads", make(rig.world, PROFILE, rig.now(), "Old", State.DRAFT))
        rig.world.publish(old, rig.now() - timedelta(days=2))
        new = rig.out()
        (page,) = rig.platform.published(PROFILE, rig.now() - timedelta(days=1))
        assert [p.locator for p in page.posts] == [new]
        assert "since" not in rig.world.calls.sequence[-1].path

    def test_what_went_out_lately_is_asked_for_by_its_time(self, rig: Rig) -> None:
        rig.world.set_clock(LATER)
        new = rig.out()
        (page,) = rig.platform.published(PROFILE, LATER - timedelta(days=1))
        assert [p.locator for p in page.posts] == [new]
        assert f"since={int((LATER - timedelta(days=1)).timestamp())}" in rig.world.calls.sequence[-1].path

    def test_its_token_is_sent_as_a_header_and_stands_in_no_address(self, rig: Rig) -> None:
        list(rig.platform.accounts())
        list(rig.platform.published(PROFILE, rig.now()))
        assert not any(simulator.TOKEN in c.path for c in rig.world.calls.sequence)

    def test_another_profiles_description_is_not_taken_for_this_ones(self, rig: Rig) -> None:
        with pytest.raises(Unreachable, match="another profile"):
            rig.platform.bio("2400000000000009")

    def test_it_tells_how_a_fixed_token_stands(self, rig: Rig) -> None:
        ends = NOW + timedelta(days=40)
        rig.world.memo["threads token"] = {"expires_at": int(ends.timestamp())}
        (found,) = rig.platform.credential()
        assert (found.well, found.expires_at) == (True, ends)
        assert "a person's" in found.sentence

    def test_a_token_in_its_last_days_is_renewed_once_and_saved(self, rig: Rig, tmp_path: Path) -> None:
        file = tmp_path / "threads-tokens.json"
        ends = rig.now() + timedelta(days=9)
        file.write_text(json.dumps({"access_token": simulator.TOKEN, "expires_at": ends.isoformat()}))
        platform = renewing(file)
        (found,) = platform.credential()
        assert found.expires_at == ends
        assert "10 days" in found.sentence
        list(platform.accounts())
        kept = json.loads(file.read_text())
        assert kept["access_token"] == simulator.FRESH
        lasts = datetime.fromisoformat(kept["expires_at"]) - rig.now()
        assert abs(lasts - simulator.LASTS) < timedelta(seconds=10)
        list(platform.accounts())
        list(renewing(file).accounts())
        renewals = [c for c in rig.world.calls.sequence if "refresh_access_token" in c.path]
        assert len(renewals) == 1

    def test_a_fresh_token_is_left_alone(self, rig: Rig, tmp_path: Path) -> None:
        file = tmp_path / "threads-tokens.json"
        ends = rig.now() + timedelta(days=50)
        file.write_text(json.dumps({"access_token": simulator.TOKEN, "expires_at": ends.isoformat()}))
        list(renewing(file).accounts())
        assert json.loads(file.read_text())["access_token"] == simulator.TOKEN

    def test_a_renewal_that_fails_early_stops_nothing(self, rig: Rig, tmp_path: Path) -> None:
        file = tmp_path / "threads-tokens.json"
        ends = rig.now() + timedelta(days=2)
        file.write_text(json.dumps({"access_token": simulator.TOKEN, "expires_at": ends.isoformat()}))
        rig.fault("status", status=500, path="refresh_access_token")
        platform = renewing(file)
        assert [a.native for a in platform.accounts()] == [PROFILE]
        rig.heal()
        list(platform.accounts())
        assert json.loads(file.read_text())["access_token"] == simulator.FRESH

    def test_a_token_that_is_over_names_the_setting(self, rig: Rig, tmp_path: Path) -> None:
        file = tmp_path / "threads-tokens.json"
        file.write_text(json.dumps({"access_token": "sandbox-threads-ended"}))
        with pytest.raises(AuthFailed) as caught:
            list(renewing(file).accounts())
        assert "`tokens`" in str(caught.value)
        assert "sandbox-threads-ended" not in str(caught.value)


def renewing(file: Path) -> threads.Threads:
    options = threads.Options(base_url=f"{serving[-1].url}/threads/v1.0", tokens=file)
    return threads.connect("threads", options)


@pytest.fixture
def platform() -> threads.Threads:
    return threads.connect("threads", threads.Options(token="profile-secret"))


@pytest.fixture
def graph() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


@pytest.mark.parametrize("more", [{}, {"token": "x", "tokens": "y.json"}])
def test_settings_give_one_kind_of_token(more: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match="not both"):
        threads.Options(**more)


BODIES: list[Any] = [
    [], "text", 7, None, {}, {"data": None}, {"data": {}}, {"data": ["x"]}, {"data": [], "paging": 7},
    {"data": [], "paging": {"next": "https://x.example", "cursors": {"after": 5}}},
    {"error": "no"}, {"error": {"code": {}}}, {"id": {}}, {"id": True},
]  # fmt: skip


@pytest.mark.parametrize("body", BODIES, ids=lambda b: json.dumps(b)[:40])
def test_nonsense_is_an_error_and_never_an_empty_list_or_a_crash(
    graph: responses.RequestsMock, platform: threads.Threads, body: Any
) -> None:
    for path in ("/me", f"/{PROFILE}/threads", "/1", "/debug_token"):
        graph.get(f"{GRAPH}{path}", json=body)
    for read in (
        lambda: list(platform.accounts()),
        lambda: list(platform.published(PROFILE, NOW)),
        lambda: platform.bio(PROFILE),
        lambda: list(platform.credential()),
    ):
        with pytest.raises(PlatformError):
            read()
    try:
        (reading,) = platform.read([Locator("threads", PROFILE, "1")])
    except PlatformError:
        return
    assert isinstance(reading, Unreadable)


@pytest.mark.parametrize("timestamp", [None, "", "yesterday", "2026-09-08T17:40:00", [], {}, True, 10**30])
def test_a_post_whose_time_cannot_be_read_is_rejected_by_name_and_the_rest_loads(
    graph: responses.RequestsMock, platform: threads.Threads, timestamp: Any
) -> None:
    good = {"id": "1", "timestamp": "2026-09-08T17:40:00+0000", "text": 9, "children": {"data": [None, {"id": "5"}]}}
    graph.get(f"{GRAPH}/{PROFILE}/threads", json={"data": [{"id": "2", "timestamp": timestamp}, good]})
    (page,) = platform.published(PROFILE, LATER)
    (seen,) = page.posts
    assert (seen.locator.native_id, seen.media, seen.at) == ("1", ("5",), LATER)
    assert [r.where for r in page.rejects] == ["threads: post 2"]
    assert Snapshot.from_json(json.loads(json.dumps(Snapshot(seen).to_json()))).seen == seen


def test_a_missing_post_is_absent_only_while_the_profile_answers(
    graph: responses.RequestsMock, platform: threads.Threads
) -> None:
    gone = {"error": {"code": 100, "error_subcode": 33, "message": "does not exist"}}
    for native in "12":
        graph.get(f"{GRAPH}/{native}", status=400, json=gone)
    profile = graph.get(f"{GRAPH}/me", json={"id": PROFILE})
    wanted = [Locator("threads", PROFILE, n) for n in "12"]
    assert list(platform.read(wanted)) == [Absent(w) for w in wanted]
    assert profile.call_count == 1
    graph.replace(responses.GET, f"{GRAPH}/me", status=400, json={"error": {"code": 10, "message": "denied"}})
    with pytest.raises(PlatformError):
        list(platform.read(wanted))


def test_a_post_that_may_not_be_read_is_unreadable_and_spoils_no_other(
    graph: responses.RequestsMock, platform: threads.Threads
) -> None:
    graph.get(f"{GRAPH}/1", status=403, json={"error": {"code": 10, "message": "no permission"}})
    graph.get(f"{GRAPH}/2", json={"id": "2", "timestamp": "2026-09-08T17:40:00+0000"})
    first, second = platform.read([Locator("threads", PROFILE, n) for n in "12"])
    assert isinstance(first, Unreadable)
    assert isinstance(second, Seen)

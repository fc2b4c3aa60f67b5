"""Orlo: by its exports, where only people act, and by the assumed HTTP contract against the sandbox."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import responses
from contract import PlatformContract, Rig, sandboxed

from adapters import orlo
from adapters._orlo.export import Columns
from adapters._orlo.http import Contract
from freeze.council.settings import options
from freeze.errors import Refused, SettingsError, Unreachable
from freeze.holds import Change, Goal, HoldState, Kind, Refusal, Step, Verb
from freeze.posts import Absent, Locator, Seen, State, Unreadable
from freeze.sandbox import orlo as simulator
from freeze.sandbox import running
from freeze.sandbox._core.posts import Post
from freeze.sandbox._core.server import Serving
from freeze.sandbox._core.world import World
from freeze.windows import Window

NOW = datetime(2026, 12, 1, 18, 40, tzinfo=UTC)
SPAN = Window(NOW, NOW + timedelta(days=30))
ACCOUNT = "x:@AnyshireCC"
HEADER = "Post ID,Social account,Network,Publish date,Publish time,Status,Message\n"
EXPORT = HEADER + (
    "1,@AnyshireCC,X,02/12/2026,16:00,Scheduled,Tomorrow\n"
    "2,@AnyshireCC,X,30/11/2026,16:00,Awaiting approval,Late\n"
    "3,@AnyshireCC,X,30/11/2026,16:00,Scheduled,Overdue when exported\n"
    "4,@AnyshireCC,X,,,Draft,An idea\n"
    "5,Anyshire Highways,Twitter,02/12/2026,09:00,Scheduled,Elsewhere\n"
    "7,@AnyshireCC,X,01/12/2026,12:00,Scheduled,Since the export\n"
    "6,Anyshire Highways,Twitter,31/02/2027,09:00,Scheduled,Never\n"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "export.csv"
    path.write_text(EXPORT)
    written = (NOW - timedelta(hours=14)).timestamp()
    os.utime(path, (written, written))
    return tmp_path


def connected(**table: Any) -> Any:
    return orlo.connect("orlo", options(orlo.Options, table, "connections.orlo"))


def seen_of(platform: Any, account: str = ACCOUNT) -> dict[str, Seen]:
    return {s.locator.native_id: s for page in platform.scheduled(account, SPAN) for s in page.posts}


# By its exports


def test_a_page_is_as_old_as_its_file_and_holds_one_account(folder: Path) -> None:
    (page,) = connected(folder=folder).scheduled(ACCOUNT, SPAN)
    assert page.as_of == NOW - timedelta(hours=14)
    assert page.complete
    assert {s.locator for s in page.posts} == {Locator("orlo", ACCOUNT, i) for i in ("1", "2", "3", "4")}


def test_a_post_still_scheduled_long_after_its_time_is_listed_because_something_holds_it_back(folder: Path) -> None:
    texts = [s.text for s in seen_of(connected(folder=folder)).values()]
    assert texts == ["Tomorrow", "Late", "Overdue when exported", "An idea"]


def test_rejected_rows_show_on_every_page_because_they_belong_to_no_account(folder: Path) -> None:
    platform = connected(folder=folder)
    pages = [page for account in (ACCOUNT, "x:nobody") for page in platform.scheduled(account, SPAN)]
    assert [[r.where for r in page.rejects] for page in pages] == [["export.csv line 8"]] * 2


def test_accounts_are_the_networks_and_names_of_the_export(folder: Path) -> None:
    seen = list(connected(folder=folder).accounts())
    assert [(a.native, a.platform, a.handle) for a in seen] == [
        (ACCOUNT, "x", "@AnyshireCC"),
        ("twitter:Anyshire Highways", "x", ""),
    ]


def test_reading_back_never_confirms_anything_from_an_export(folder: Path) -> None:
    platform = connected(folder=folder)
    locators = [Locator("orlo", ACCOUNT, i) for i in ("1", "no such post")]
    readings = list(platform.read(locators))
    assert [r.locator for r in readings] == locators
    assert {type(r) for r in readings} == {Unreadable}
    assert "only its export of Tuesday 1 December 2026, 04:40 GMT" in readings[0].reason
    (folder / "export.csv").unlink()
    assert [type(r) for r in platform.read(locators)] == [Unreadable] * 2


def test_stopping_is_a_persons_task_with_the_councils_own_clicks(folder: Path) -> None:
    platform = connected(folder=folder, lockdown_clicks="Admin > Company > Lockdown")
    offer = platform.offer(seen_of(platform)["1"], Goal(Verb.HOLD), NOW)
    assert offer == Refusal(
        HoldState.NEEDS_A_PERSON, "Only a person can stop posts in Orlo.", "Admin > Company > Lockdown"
    )
    assert "assumed" in connected(folder=folder).offer(seen_of(platform)["1"], Goal(Verb.HOLD), NOW).clicks


def test_a_post_awaiting_approval_must_not_be_approved_however_late_it_is(folder: Path) -> None:
    platform = connected(folder=folder)
    offer = platform.offer(seen_of(platform)["2"], Goal(Verb.HOLD), NOW)
    assert offer.state is HoldState.NEEDS_A_PERSON
    assert offer.clicks == "Do not approve it: in Orlo, leave it or reject it."


def test_a_post_past_its_time_is_too_late_and_nobody_claims_that_it_went_out(folder: Path) -> None:
    platform = connected(folder=folder)
    offer = platform.offer(seen_of(platform)["1"], Goal(Verb.HOLD), NOW + timedelta(days=2))
    assert offer.state is HoldState.NEEDS_A_PERSON
    assert "still shows it queued" in offer.why


def test_lockdown_is_lifted_last(folder: Path) -> None:
    platform = connected(folder=folder)
    offer = platform.offer(seen_of(platform)["1"], Goal(Verb.PUT_BACK, at=NOW + timedelta(days=20)), NOW)
    assert offer.state is HoldState.NEEDS_A_PERSON
    assert (
        offer.clicks.index("awaits approval") < offer.clicks.index("new export") < offer.clicks.index("only then lift")
    )


def test_nothing_is_ever_sent_to_an_orlo_known_by_exports(folder: Path) -> None:
    with pytest.raises(Refused, match="only reads exports"):
        connected(folder=folder).send(Step("POST", "/anything"))


def test_a_newer_export_is_taken_as_soon_as_it_is_there_and_only_then_read_anew(folder: Path) -> None:
    platform = connected(folder=folder)
    before = seen_of(platform)["1"]
    assert seen_of(platform)["1"] is before
    (folder / "newer.csv").write_text(EXPORT.replace("Tomorrow", "Re-worded"))
    os.utime(folder / "newer.csv", (NOW.timestamp(), NOW.timestamp()))
    assert seen_of(platform)["1"].text == "Re-worded"


def test_no_export_is_a_failure_and_never_an_empty_list(tmp_path: Path) -> None:
    platform = connected(folder=tmp_path)
    for listing in (platform.accounts(), platform.scheduled(ACCOUNT, SPAN), platform.probe()):
        with pytest.raises(Unreachable, match="No export found in"):
            list(listing)


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        ({}, "folder is missing"),
        ({"folder": "x", "timezone": "Europe/Londn"}, 'no time zone "Europe/Londn". Did you mean "Europe/London"?'),
        ({"folder": "x", "base_url": "https://orlo.example"}, 'for mode = "http" only'),
        ({"mode": "http", "base_url": "https://orlo.example"}, "needs base_url and token_env"),
        ({"folder": "x", "columns": {"mesage": "Text"}}, 'Did you mean "message"?'),
        ({"folder": "x", "columns": {"message": ""}}, "cannot be read without this column"),
        ({"folder": "x", "statuses": {"Waiting": "waiting"}}, "statuses.Waiting"),
        ({"folder": "x", "http": {"pause_path": "/pause"}}, "must hold {id}"),
        ({"folder": "x", "http": {"posts_path": "posts"}}, 'starts with "/"'),
    ],
)
def test_a_bad_setting_is_one_sentence(table: dict[str, Any], sentence: str) -> None:
    with pytest.raises(SettingsError) as told:
        connected(**table)
    assert sentence in str(told.value)


# By the assumed contract


def connect(url: str, timeout: float) -> Any:
    return connected(mode="http", base_url=f"{url}/orlo", token=simulator.TOKEN, timeout=timeout)


def make(world: World, account: str, at: datetime, text: str, state: State) -> str:
    native = world.new_id("orlo")
    world.add(Post("orlo", account, native, state.value, at, text, media=("61",), tags=("winter",), network="X"))
    return native


class TestOrloOverHttp(PlatformContract):
    """Without `approval`: a post awaiting approval is left to a person, which has its own test below."""

    @pytest.fixture
    def rig(self) -> Iterator[Rig]:
        with sandboxed("orlo", ACCOUNT, Kind.DRAFT, connect, make, secrets=(simulator.TOKEN,)) as rig:
            yield rig


@pytest.fixture
def sandbox() -> Iterator[Serving]:
    with running("empty", now=NOW) as serving:
        yield serving


def over_http(sandbox: Serving, **more: Any) -> Any:
    return connected(mode="http", base_url=f"{sandbox.url}/orlo", token=simulator.TOKEN, **more)


def put(sandbox: Serving, number: int, state: str = "scheduled", minutes: int = 60) -> Post:
    at = NOW + timedelta(minutes=minutes)
    return sandbox.world.add(Post("orlo", ACCOUNT, str(number), state, at, f"Post {number}", network="X"))


def test_a_held_post_becomes_a_draft_and_comes_back_for_its_new_time_unchanged(sandbox: Serving) -> None:
    put(sandbox, 1)
    platform = over_http(sandbox)
    before = seen_of(platform)["1"]
    change = platform.offer(before, Goal(Verb.HOLD), NOW)
    assert "assumed" in change.why
    platform.send(change.steps[0])
    (held,) = platform.read([before.locator])
    assert change.expected.differences(held) == ()
    assert (held.state, held.at, held.content) == (State.DRAFT, before.at, before.content)
    back = platform.offer(held, Goal(Verb.PUT_BACK, at=NOW + timedelta(days=2), before=before), NOW)
    assert Change.from_json(back.to_json()) == back
    platform.send(back.steps[0])
    (again,) = platform.read([before.locator])
    assert back.expected.differences(again) == ()
    assert (again.state, again.at) == (State.SCHEDULED, NOW + timedelta(days=2))


def test_posts_that_go_out_while_a_listing_is_read_hide_no_other_one(sandbox: Serving) -> None:
    for n in range(250):
        put(sandbox, n, minutes=n + 1)
    pages = over_http(sandbox).scheduled(ACCOUNT, SPAN)
    read = [s.locator.native_id for s in next(pages).posts]
    sandbox.world.advance(30 * 60)
    rest = list(pages)
    read += [s.locator.native_id for page in rest for s in page.posts]
    assert read == [str(n) for n in range(250)]
    assert [page.complete for page in rest] == [False, True]


def test_a_late_post_awaiting_approval_is_listed_and_left_to_a_person(sandbox: Serving) -> None:
    put(sandbox, 1, "pending_approval", minutes=-60)
    put(sandbox, 2, "draft")
    platform = over_http(sandbox)
    seen = seen_of(platform)
    assert list(seen) == ["1"]
    for goal in (Goal(Verb.HOLD), Goal(Verb.PUT_BACK, at=NOW + timedelta(days=2))):
        assert platform.offer(seen["1"], goal, NOW).state is HoldState.NEEDS_A_PERSON


def test_approving_late_publishes_at_once_as_orlo_documents(sandbox: Serving) -> None:
    put(sandbox, 1, "pending_approval", minutes=-60)
    platform = over_http(sandbox)
    platform.send(Step("POST", "/api/v1/posts/1/approve"))
    assert sandbox.world.get("orlo", "1").state == "published"  # type: ignore[union-attr]
    (out,) = [s for page in platform.published(ACCOUNT, NOW) for s in page.posts]
    assert out.at is not None
    assert out.at >= NOW


def test_lockdown_stops_what_is_due_and_its_end_lets_the_backlog_out(sandbox: Serving) -> None:
    put(sandbox, 1, minutes=10)
    platform = over_http(sandbox)
    with pytest.raises(Refused):
        platform._client.send_once("PUT", "/api/v1/lockdown", body={"lockdown": "yes"})
    platform._client.send_once("PUT", "/api/v1/lockdown", body={"lockdown": True})
    sandbox.world.advance(3600)
    (overdue,) = seen_of(platform).values()
    assert isinstance(platform.offer(overdue, Goal(Verb.HOLD), sandbox.world.now()), Change)
    assert list(platform.probe()) == ["Company lockdown in Orlo is on (assumed contract)."]
    assert next(iter(platform.read([Locator("orlo", ACCOUNT, "1")]))).state is State.SCHEDULED
    platform._client.send_once("PUT", "/api/v1/lockdown", body={"lockdown": False})
    assert next(iter(platform.read([Locator("orlo", ACCOUNT, "1")]))).state is State.PUBLISHED


def test_a_put_back_written_before_a_crash_is_not_sent_once_its_time_has_passed(sandbox: Serving) -> None:
    put(sandbox, 1, "draft")
    platform = over_http(sandbox)
    (held,) = platform.read([Locator("orlo", ACCOUNT, "1")])
    step = platform.offer(held, Goal(Verb.PUT_BACK, at=NOW + timedelta(hours=2)), NOW).steps[0]
    sandbox.world.advance(3 * 3600)
    list(platform.probe())
    with pytest.raises(Refused, match="nothing was sent"):
        platform.send(step)
    assert sandbox.world.get("orlo", "1").state == "draft"  # type: ignore[union-attr]


def test_a_post_that_cannot_be_understood_is_named_and_the_others_are_read(sandbox: Serving) -> None:
    put(sandbox, 1)
    put(sandbox, 2)
    names = {"scheduled_word": "scheduled", "draft_word": "on hold"}
    sandbox.world.change(sandbox.world.get("orlo", "2"), state="draft")  # type: ignore[arg-type]
    platform = over_http(sandbox, http=names)
    one, two, three = platform.read([Locator("orlo", ACCOUNT, i) for i in ("1", "2", "3")])
    assert (type(one), type(two), type(three)) == (Seen, Unreadable, Absent)
    assert 'status "draft" is not one of' in two.reason


@responses.activate
def test_every_name_of_the_contract_can_be_changed_in_settings() -> None:
    fields = {
        name: f"their_{name}" for name in Contract.model_fields if not name.endswith("_path") and name != "per_page"
    }
    http = fields | {"posts_path": "/v9/items", "pause_path": "/v9/items/{id}/hold"}
    item = {"their_post_id": 7, "their_post_account": "a/1", "their_post_status": "their_scheduled_word"}
    item |= {"their_post_publish_at": "2026-12-02T16:00:00+00:00", "their_post_message": "Words", "token": "hidden"}
    body = {"their_items": [item], "their_total": 1, "their_next": None}
    responses.get("https://orlo.example/v9/items", json=body)
    platform = connected(mode="http", base_url="https://orlo.example", token="hidden-token", http=http)
    (seen,) = seen_of(platform, "a/1").values()
    assert (seen.text, seen.at) == ("Words", datetime(2026, 12, 2, 16, tzinfo=UTC))
    assert seen.raw["token"] != "hidden"
    query = responses.calls[0].request.params  # type: ignore[attr-defined]
    assert query["their_account_param"] == "a/1"
    assert platform.offer(seen, Goal(Verb.HOLD), NOW).steps[0].path == "/v9/items/7/hold"


@responses.activate
@pytest.mark.parametrize(
    "body",
    [
        [],
        {"items": {}},
        {"items": [], "next": None},
        {"items": [], "total": "3", "next": None},
        {"items": [], "total": 0, "next": "more"},
        {"items": [], "total": 3, "next": None},
        {"items": [], "total": 0, "next": 2},
    ],
)
def test_a_listing_that_is_not_as_agreed_is_a_failure_and_never_an_empty_list(body: object) -> None:
    responses.get("https://orlo.example/api/v1/posts", json=body)
    platform = connected(mode="http", base_url="https://orlo.example", token="hidden-token")
    with pytest.raises(Unreachable):
        list(platform.scheduled(ACCOUNT, SPAN))


@responses.activate
def test_an_answer_about_other_posts_never_makes_a_post_absent() -> None:
    responses.get("https://orlo.example/api/v1/posts", json={"items": [{"id": "8"}], "total": 1, "next": None})
    platform = connected(mode="http", base_url="https://orlo.example", token="hidden-token")
    with pytest.raises(Unreachable, match="not asked for"):
        list(platform.read([Locator("orlo", ACCOUNT, "7")]))


@responses.activate
def test_one_number_on_two_accounts_is_read_for_the_one_that_has_it() -> None:
    item = {"id": "7", "account": ACCOUNT, "status": "draft", "message": "Words"}
    responses.get("https://orlo.example/api/v1/posts", json={"items": [item], "total": 1, "next": None})
    platform = connected(mode="http", base_url="https://orlo.example", token="hidden-token")
    here, there = Locator("orlo", ACCOUNT, "7"), Locator("orlo", "x:@AnyshireFire", "7")
    readings = {r.locator: r for r in platform.read([here, there])}
    assert type(readings[here]) is Seen
    assert type(readings[there]) is Unreadable


def test_the_page_for_the_vendor_names_every_setting_and_default_of_the_contract() -> None:
    page = (Path(__file__).parent.parent / "docs" / "orlo-contract.md").read_text(encoding="utf-8")
    missing = [name for name in Contract.model_fields if f"`{name}`" not in page]
    missing += [d for d in Contract().model_dump().values() if str(d).replace("{id}", "ID") not in page]
    missing += [header for header in Columns().model_dump().values() if f"`{header}`" not in page]
    assert missing == []

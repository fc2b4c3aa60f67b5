"""Several posts of Meta's are read as Meta takes it since 27 October 2026, and one of them spoils no other."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
import responses

from adapters import facebook, instagram, meta_ads
from freeze.errors import AuthFailed, Limited, Unreachable
from freeze.posts import Absent, Locator, Reading, Seen, Unreadable
from freeze.sandbox import running
from freeze.sandbox._core.posts import Account, Post
from freeze.sandbox._core.server import Serving
from freeze.sandbox.facebook import APP, page_token
from freeze.sandbox.facebook import TOKEN as PAGES_TOKEN
from freeze.sandbox.instagram import TOKEN as INSTAGRAM_TOKEN
from freeze.sandbox.meta_ads import TOKEN as ADS_TOKEN

NOW = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)
COUNT = 5
ACCOUNTS = {"facebook": "101200000001", "instagram": "17841400000000001", "meta-ads": "act_3100001"}
STATES = {"facebook": "scheduled", "instagram": "published", "meta-ads": "draft"}
GONE = {"code": 100, "error_subcode": 33, "message": "does not exist or missing permissions"}
GRAPH = "https://graph.facebook.com/v26.0"


@pytest.fixture
def sandbox() -> Iterator[Serving]:
    with running("empty", now=NOW) as s:
        for name, account in ACCOUNTS.items():
            s.world.add_account(Account(name, account, "Anyshire"))
            for i in range(COUNT):
                due = NOW + timedelta(days=i + 1) if STATES[name] == "scheduled" else NOW - timedelta(days=1)
                more = {"published_at": due} if STATES[name] == "published" else {}
                s.world.add(Post(name, account, f"{account}_{i}", STATES[name], due, f"Words {i}", app=APP, **more))
        yield s


@pytest.fixture(params=sorted(ACCOUNTS))
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def platform(sandbox: Serving, name: str) -> Iterator[Any]:
    url = f"{sandbox.url}/{name}/v26.0"
    given: dict[str, Any] = {"base_url": url, "timeout": 5.0}
    made: Any
    if name == "facebook":
        given |= {"token": PAGES_TOKEN, "app_id": APP}
        made = facebook.connect(name, facebook.Options.model_validate(given))
    elif name == "instagram":
        made = instagram.connect(name, instagram.Options.model_validate(given | {"token": INSTAGRAM_TOKEN}))
    else:
        made = meta_ads.connect(name, meta_ads.Options.model_validate(given | {"token": ADS_TOKEN}))
    yield made
    made.close()


def places(name: str, count: int = COUNT) -> list[Locator]:
    return [Locator(name, ACCOUNTS[name], f"{ACCOUNTS[name]}_{i}") for i in range(count)]


def kinds(readings: list[Reading]) -> list[type[Reading]]:
    return [type(r) for r in readings]


def test_the_simulator_refuses_several_ids_as_meta_does(sandbox: Serving, name: str) -> None:
    with requests.Session() as outside:
        outside.trust_env = False
        token = {"facebook": page_token(ACCOUNTS[name]), "instagram": INSTAGRAM_TOKEN, "meta-ads": ADS_TOKEN}[name]
        for version in ("v19.0", "v26.0"):
            query = {"ids": ",".join(p.native_id for p in places(name)), "access_token": token}
            with outside.get(f"{sandbox.url}/{name}/{version}/", params=query, timeout=5) as answer:
                assert (answer.status_code, answer.json()["error"]["code"]) == (500, 100)
                assert "is_transient" not in answer.json()["error"]


@pytest.mark.parametrize("count", [1, 2, COUNT])
def test_posts_are_read_in_the_order_they_were_asked_for(platform: Any, name: str, count: int) -> None:
    readings = list(platform.read(places(name, count)))
    assert [r.locator for r in readings] == places(name, count)
    assert kinds(readings) == [Seen] * count


def test_several_posts_cost_one_call_that_changes_nothing(sandbox: Serving, platform: Any, name: str) -> None:
    list(platform.read(places(name)))
    sandbox.world.calls.reset()
    list(platform.read(places(name)))
    seen = list(sandbox.world.calls.sequence)
    assert {c.method for c in seen} == {"GET"}
    assert len([c for c in seen if "scheduled_media" not in c.path]) == 1


def test_one_that_is_gone_is_absent_and_the_others_are_seen(sandbox: Serving, platform: Any, name: str) -> None:
    wanted = places(name)
    wanted[2] = Locator(name, ACCOUNTS[name], "404404")
    readings = list(platform.read(wanted))
    assert kinds(readings) == [Seen, Seen, Absent, Seen, Seen]


@pytest.mark.parametrize(
    "said",
    [
        {"code": 10, "message": "no permission"},
        {"code": 100, "message": "an invalid parameter"},
        {"code": 100, "error_subcode": 34, "message": "another subcode"},
        {"code": 2, "message": "try again", "is_transient": True, "status": 500},
        {"code": 9999, "message": "not known"},
    ],
)
def test_one_that_cannot_be_read_is_neither_gone_nor_takes_another_with_it(
    sandbox: Serving, platform: Any, name: str, said: dict[str, Any]
) -> None:
    sandbox.world.memo["graph refuses"] = {places(name)[3].native_id: said}
    readings = list(platform.read(places(name)))
    assert kinds(readings) == [Seen, Seen, Seen, Unreadable, Seen]


def test_what_a_batch_leaves_out_is_asked_for_singly(sandbox: Serving, platform: Any, name: str) -> None:
    """A `null` in a batch says that Meta did not come to it, not that there is no such post."""
    sandbox.world.memo["batch leaves out"] = {places(name)[1].native_id}
    assert kinds(list(platform.read(places(name)))) == [Seen] * COUNT
    sandbox.world.memo["graph refuses"] = {places(name)[1].native_id: {"code": 1, "message": "failed", "status": 500}}
    assert kinds(list(platform.read(places(name)))) == [Seen, Unreadable, Seen, Seen, Seen]


def test_where_batches_are_not_taken_each_post_is_asked_for_by_itself() -> None:
    platform = meta_ads.connect("adverts", meta_ads.Options(token="secret-of-the-adverts"))
    with responses.RequestsMock() as graph:
        graph.post(f"{GRAPH}/", status=400, json={"error": {"code": 100, "message": "Unsupported post request"}})
        for i in (1, 2):
            graph.get(f"{GRAPH}/{i}", json={"id": str(i), "name": "Warm", "status": "PAUSED"})
        readings = list(platform.read([Locator("adverts", "act_1", "1"), Locator("adverts", "act_1", "2")]))
    assert kinds(readings) == [Seen, Seen]


ITEM = {"code": 200, "body": json.dumps({"id": "1", "name": "Warm", "status": "PAUSED"})}
ENDED = {"error": {"code": 190, "message": "session expired"}}
BUSY = {"error": {"code": 17, "message": "limit reached"}}


@pytest.mark.parametrize(
    ("second", "error"),
    [
        ({"code": 401, "body": json.dumps(ENDED)}, ENDED),
        ({"code": 400, "body": json.dumps(BUSY)}, BUSY),
        ({"code": 200, "body": "not JSON"}, BUSY),
        ({"code": "200", "body": "{}"}, BUSY),
        ("nonsense", BUSY),
        (None, BUSY),
    ],
)
def test_nothing_is_said_of_a_post_on_which_a_batch_said_nothing(second: Any, error: Any) -> None:
    platform = meta_ads.connect("adverts", meta_ads.Options(token="secret-of-the-adverts"))
    headers = {"X-Business-Use-Case-Usage": json.dumps({"1": [{"estimated_time_to_regain_access": 5}]})}
    with responses.RequestsMock() as graph:
        graph.post(f"{GRAPH}/", json=[ITEM, second])
        graph.get(f"{GRAPH}/2", status=400, json=error, headers=headers)
        first, other = platform.read([Locator("adverts", "act_1", "1"), Locator("adverts", "act_1", "2")])
    assert isinstance(first, Seen)
    assert isinstance(other, Unreadable)
    assert "secret-of" not in other.reason


@pytest.mark.parametrize(("error", "raised"), [(ENDED, AuthFailed), (BUSY, Limited)])
def test_where_nothing_at_all_could_be_read_that_is_said(error: Any, raised: type[Exception]) -> None:
    platform = meta_ads.connect("adverts", meta_ads.Options(token="secret-of-the-adverts"))
    headers = {"X-Business-Use-Case-Usage": json.dumps({"1": [{"estimated_time_to_regain_access": 5}]})}
    with responses.RequestsMock() as graph:
        graph.post(f"{GRAPH}/", json=[{"code": 400, "body": json.dumps(error)}] * 2)
        single = graph.get(f"{GRAPH}/1", status=400, json=error, headers=headers)
        with pytest.raises(raised):
            list(platform.read([Locator("adverts", "act_1", "1"), Locator("adverts", "act_1", "2")]))
    assert single.call_count == 1, "the second is not asked for after that"


@pytest.mark.parametrize("body", [{}, [], [ITEM], [ITEM] * 3, None, "x"])
def test_a_batch_that_is_answered_by_something_else_is_no_reading(body: Any) -> None:
    platform = meta_ads.connect("adverts", meta_ads.Options(token="secret-of-the-adverts"))
    with responses.RequestsMock() as graph:
        graph.post(f"{GRAPH}/", json=body)
        with pytest.raises(Unreachable):
            list(platform.read([Locator("adverts", "act_1", "1"), Locator("adverts", "act_1", "2")]))


def test_the_token_is_in_no_address_of_a_batch() -> None:
    platform = meta_ads.connect("adverts", meta_ads.Options(token="secret-of-the-adverts"))
    with responses.RequestsMock() as graph:
        graph.post(f"{GRAPH}/", json=[ITEM, ITEM])
        list(platform.read([Locator("adverts", "act_1", "1"), Locator("adverts", "act_1", "a/b?c=1")]))
        request = graph.calls[0].request
    assert "secret" not in str(request.url)
    assert str(request.body).count("secret-of-the-adverts") == 1
    assert "a%252Fb%253Fc%253D1%3Ffields" in str(request.body)

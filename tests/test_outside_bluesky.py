"""The AT Protocol's own client reads a profile and a feed on the simulated Bluesky, posts and deletes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from freeze.sandbox import bluesky as simulator
from freeze.sandbox import running
from freeze.sandbox._core.posts import Account, Post

NOW = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)
ME, HANDLE = "did:plc:anyshire22222222222222222", "anyshire.example"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Any]:
    with running("empty", now=NOW) as s:
        s.world.add_account(Account("bluesky", ME, "Anyshire Council", HANDLE, "News.\nMonitored 9 to 5."))
        for i in range(120):
            uri = simulator.address(ME, f"3k{i:011d}")
            post = s.world.add(Post("bluesky", ME, uri, "draft", None, f"News {i}"))
            s.world.publish(post, NOW - timedelta(minutes=i))
        yield s


@pytest.fixture(scope="module")
def client(sandbox: Any) -> Iterator[Any]:
    from atproto import Client, Request

    request = Request(trust_env=False)
    yield Client(base_url=f"{sandbox.url}/bluesky", request=request)
    request.close()


def test_it_reads_a_profile(client: Any) -> None:
    profile = client.get_profile(HANDLE)
    assert (profile.did, profile.display_name) == (ME, "Anyshire Council")
    assert profile.description == "News.\nMonitored 9 to 5."


def test_it_reads_a_feed_page_by_page_and_posts_by_their_addresses(client: Any) -> None:
    first = client.get_author_feed(ME, filter="posts_no_replies", limit=100)
    second = client.get_author_feed(ME, filter="posts_no_replies", limit=100, cursor=first.cursor)
    assert second.cursor is None
    texts = [entry.post.record.text for entry in (*first.feed, *second.feed)]
    assert texts == [f"News {i}" for i in range(120)]
    wanted = [entry.post.uri for entry in first.feed[:3]]
    gone = simulator.address(ME, "3kgone2222222")
    assert [p.uri for p in client.get_posts([*wanted, gone]).posts] == wanted


def test_it_signs_in_posts_and_deletes(sandbox: Any, client: Any) -> None:
    client.login(HANDLE, simulator.PASSWORD)
    made = client.send_post("Out now")
    assert sandbox.world.get("bluesky", made.uri).state == "published"
    assert client.get_posts([made.uri]).posts[0].record.text == "Out now"
    assert client.delete_post(made.uri)
    assert client.get_posts([made.uri]).posts == []


def test_it_understands_the_refusals(sandbox: Any, client: Any) -> None:
    from atproto.exceptions import BadRequestError, UnauthorizedError

    with pytest.raises(BadRequestError, match="Profile not found"):
        client.get_profile("gone.example")
    with pytest.raises(UnauthorizedError):
        client.login(HANDLE, "wrong")

"""Mastodon.py, the library its own community keeps, lists, reads, moves and deletes posts on the simulated server."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from freeze.sandbox import mastodon as simulator
from freeze.sandbox import running
from freeze.sandbox._core.posts import Account, Post

NOW = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)
ME = "109000000000000001"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Any]:
    with running("empty", now=NOW) as s:
        s.world.add_account(Account("mastodon", ME, "Anyshire Council", "anyshire", "News.\nMonitored 9 to 5."))
        for i in range(45):
            at = NOW + timedelta(days=1 + i)
            s.world.add(Post("mastodon", ME, s.world.new_id("mastodon"), "scheduled", at, f"Post {i} & more"))
        yield s


@pytest.fixture
def client(sandbox: Any) -> Iterator[Any]:
    import requests
    from mastodon import Mastodon

    with requests.Session() as session:
        session.trust_env = False
        yield Mastodon(
            access_token=simulator.TOKEN,
            api_base_url=f"{sandbox.url}/mastodon",
            ratelimit_method="throw",
            version_check_mode="none",
            session=session,
        )


def test_it_says_who_it_is_with_the_plain_description(client: Any) -> None:
    me = client.account_verify_credentials()
    assert (str(me.id), me.display_name, me.source.note) == (ME, "Anyshire Council", "News.\nMonitored 9 to 5.")


def test_it_lists_every_page_and_reads_one(sandbox: Any, client: Any) -> None:
    first = client.scheduled_statuses(limit=20)
    listed = client.fetch_remaining(first)
    made = {p.id: p.publish_at for p in sandbox.world.posts("mastodon", states=["scheduled"])}
    assert {str(s.id): s.scheduled_at for s in listed} == made
    assert len(listed) == len(made) > 40
    one = client.scheduled_status(listed[7].id)
    assert one.params.text == sandbox.world.get("mastodon", str(one.id)).text
    assert client.ratelimit_limit == 300


def test_it_moves_one_deletes_one_and_schedules_one(sandbox: Any, client: Any) -> None:
    moved, deleted = client.scheduled_statuses(limit=2)
    later = NOW + timedelta(days=200)
    assert client.scheduled_status_update(moved.id, later).scheduled_at == later
    assert sandbox.world.get("mastodon", str(moved.id)).publish_at == later
    client.scheduled_status_delete(deleted.id)
    assert sandbox.world.get("mastodon", str(deleted.id)).state == "deleted"
    made = client.status_post("Again", scheduled_at=later + timedelta(days=1), visibility="unlisted")
    assert made.scheduled_at == later + timedelta(days=1)
    assert made.params.visibility == "unlisted"


def test_it_understands_the_refusals(client: Any) -> None:
    from mastodon.errors import MastodonAPIError, MastodonNotFoundError

    one = client.scheduled_statuses(limit=1)[0]
    with pytest.raises(MastodonAPIError, match="must be in the future"):
        client.scheduled_status_update(one.id, NOW + timedelta(minutes=4))
    with pytest.raises(MastodonNotFoundError):
        client.scheduled_status(1)


def test_what_went_out_is_under_an_id_of_its_own(sandbox: Any, client: Any) -> None:
    soon = client.status_post("Out soon\nand <well>", scheduled_at=NOW + timedelta(minutes=30))
    sandbox.world.advance(3600)
    (out,) = client.account_statuses(ME, exclude_replies=True, exclude_reblogs=True, limit=5)
    assert (out.content, out.created_at) == ("<p>Out soon<br />and &lt;well&gt;</p>", NOW + timedelta(minutes=30))
    assert str(out.id) != str(soon.id)
    assert client.status(out.id).content == out.content

"""Meta's own library lists and reads Instagram, and pauses a campaign, on the simulated platforms."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from freeze.sandbox import instagram, meta_ads, running
from freeze.sandbox._core.posts import Account, Post
from freeze.sandbox._core.server import Serving

NOW = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)
IG = "17841400000000001"
ADS = "act_3100001"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Serving]:
    with running("empty", now=NOW) as s:
        world = s.world
        world.add_account(Account("instagram", IG, "Anyshire County Council", "@anyshirecc", "Monitored 9 to 5."))
        for i in range(5):
            out = NOW - timedelta(days=i)
            world.add(Post("instagram", IG, f"18050{i}", "published", out, f"Out {i}", published_at=out))
            world.add(Post("instagram", IG, f"18060{i}", "scheduled", NOW + timedelta(days=i + 1), f"Waiting {i}"))
        world.add_account(Account("meta-ads", ADS, "Anyshire adverts"))
        for name in ("warm", "foster", "recruit"):
            begun = NOW - timedelta(days=9)
            world.add(Post("meta-ads", ADS, f"2385{len(name)}", "published", begun, name, published_at=begun))
        yield s


@pytest.fixture
def api(sandbox: Serving, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str, str], Any]]:
    """Meta's library for one simulated platform, with its token."""
    from facebook_business.api import FacebookAdsApi
    from facebook_business.session import FacebookSession

    sessions = []

    def connected(platform: str, token: str) -> Any:
        monkeypatch.setattr(FacebookSession, "GRAPH", f"{sandbox.url}/{platform}")
        session = FacebookSession(access_token=token)
        sessions.append(session)
        return FacebookAdsApi(session, api_version="v26.0")

    yield connected
    for session in sessions:
        session.requests.close()


def test_metas_library_finds_an_instagram_account_and_reads_it(api: Callable[[str, str], Any]) -> None:
    from facebook_business.adobjects.iguser import IGUser
    from facebook_business.adobjects.user import User

    graph = api("instagram", instagram.TOKEN)
    (page,) = User("me", api=graph).get_accounts(fields=["name", "instagram_business_account"])
    assert page["instagram_business_account"]["id"] == IG
    account = IGUser(IG, api=graph).api_get(fields=["username", "biography"])
    assert (account["username"], account["biography"]) == ("anyshirecc", "Monitored 9 to 5.")


def test_metas_library_lists_what_is_out_and_what_waits_on_instagram(api: Callable[[str, str], Any]) -> None:
    from facebook_business.adobjects.iguser import IGUser

    account = IGUser(IG, api=api("instagram", instagram.TOKEN))
    out = list(account.get_media(fields=["id", "caption", "timestamp"], params={"limit": 2}))
    assert [m["caption"] for m in out] == [f"Out {i}" for i in range(5)]
    assert datetime.fromisoformat(out[1]["timestamp"]) == NOW - timedelta(days=1)
    waiting = list(account.get_scheduled_media(fields=["id", "caption", "publish_timestamp"], params={"limit": 2}))
    assert [m["publish_timestamp"] for m in waiting] == [
        int((NOW + timedelta(days=i + 1)).timestamp()) for i in range(5)
    ]


def test_metas_library_reads_a_refusal_of_the_list(sandbox: Serving, api: Callable[[str, str], Any]) -> None:
    from facebook_business.adobjects.iguser import IGUser
    from facebook_business.exceptions import FacebookRequestError

    sandbox.world.memo["instagram refuses"] = 10
    try:
        with pytest.raises(FacebookRequestError) as refused:
            list(IGUser(IG, api=api("instagram", instagram.TOKEN)).get_scheduled_media(fields=["id"]))
    finally:
        del sandbox.world.memo["instagram refuses"]
    assert refused.value.api_error_code() == 10


def test_metas_library_pauses_a_campaign_and_wakes_it(sandbox: Serving, api: Callable[[str, str], Any]) -> None:
    from facebook_business.adobjects.adaccount import AdAccount
    from facebook_business.adobjects.campaign import Campaign
    from facebook_business.adobjects.user import User

    graph = api("meta-ads", meta_ads.TOKEN)
    (account,) = User("me", api=graph).get_ad_accounts(fields=["name"])
    assert account["id"] == ADS
    fields = [Campaign.Field.name, Campaign.Field.status, Campaign.Field.start_time]
    campaigns = list(AdAccount(ADS, api=graph).get_campaigns(fields=fields, params={"limit": 2}))
    assert {c["name"] for c in campaigns} == {"warm", "foster", "recruit"}
    one = campaigns[0]["id"]
    campaign = Campaign(one, api=graph)
    campaign.api_update(params={"status": Campaign.Status.paused})
    assert campaign.api_get(fields=["status", "effective_status"])["effective_status"] == "PAUSED"
    assert sandbox.world.get("meta-ads", one).state == "draft"
    campaign.api_update(params={"status": Campaign.Status.active})
    assert campaign.api_get(fields=["status"])["status"] == "ACTIVE"
    assert sandbox.world.get("meta-ads", one).state == "published"

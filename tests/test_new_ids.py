"""Where a post that goes out gets another id, being gone from its queue is not taken for being stopped."""

from __future__ import annotations

from datetime import timedelta

from conftest import EVENING
from practising import Making, schedule

from freeze.sandbox import mastodon
from freeze.sandbox._core.posts import Account

TOOT = {"platform": "mastodon", "account": "109350000000000001"}


def test_a_post_that_left_its_queue_unseen_may_have_gone_out(practice: Making) -> None:
    p = practice("empty")
    p.drop("website", "youtube", "facebook", "orlo")
    p.sandbox.world.add_account(Account("mastodon", TOOT["account"], "Anyshire", "anyshire"))
    settings = p.folder / "freeze.toml"
    settings.write_text(
        f'{settings.read_text()}\n[connections.mastodon]\nplatform = "mastodon"\n'
        f'base_url = "{p.url}/mastodon"\ntoken = "{mastodon.TOKEN}"\n'
    )
    (p.folder / "accounts.csv").write_text(
        f"id,name,platform,seen_at\nanyshire-mastodon,Anyshire,mastodon,mastodon={TOOT['account']}\n"
    )
    p.ready()
    schedule(p, **TOOT, at=EVENING + timedelta(hours=1), text="Bin day")
    p.fault("mastodon", "status", status=500, method="PUT")
    assert p.freeze("declare", "menai-bridge", "--yes").code == 3
    p.mend()
    p.clock(EVENING + timedelta(hours=2))
    schedule(p, **TOOT, at=EVENING + timedelta(days=1), text="Held in time")
    p.freeze("sync", "--enforce")
    p.clock(EVENING + timedelta(days=2))
    p.freeze("sync", "--enforce")
    told = p.json("show", "f1")
    stood = {x["text"]: (x["hold"]["state"], x["hold"]["detail"]) for x in told["posts"]}
    assert stood["Held in time"][0] == "confirmed", "a post that was moved in time is still in its queue"
    assert stood["Bin day"][0] == "unconfirmed"
    assert "may have gone out" in stood["Bin day"][1]
    assert sorted(x["how"] for x in told["went_out"]) == ["may have gone out", "slip"], "and as what it is out as"

"""Every network at once: an estate on twelve platforms is listed whole, and what one network shows tells of another."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from conftest import EVENING, Practice
from practising import setting

from freeze.sandbox._town import estate as _estate

FACEBOOK = "101200000001"


def estate(practice: Callable[..., Practice]) -> Practice:
    """Twelve platforms, without Orlo's empty folder of exports."""
    p = practice("large", accounts=20, posts=500, platform="all")
    p.drop("orlo")
    assert p.freeze("init").code == 0
    assert p.freeze("accounts", "import", "accounts.csv").code == 0
    return p


def test_an_estate_on_twelve_platforms_is_listed_whole_and_a_hung_one_takes_nothing_from_the_others(
    practice: Callable[..., Practice],
) -> None:
    p = estate(practice)
    listed = p.json("sync")
    posts = {name: 500 * many // _estate.POSTS for name, (_, many) in _estate.SHARES.items()}
    assert len(posts) == 12
    assert (listed["exit"], listed["gaps"], listed["rows_not_used"]) == (0, [], [])
    assert listed["listed"] == sum(posts.values())
    assert {x["connection"] for x in listed["not_shown"]} == {"x", "instagram", "linkedin", "bluesky"}
    assert set(p.calls()["platforms"]) == set(posts)

    setting(p, "mixpost", "timeout = 0.3")
    p.fault("mixpost", "timeout")
    listed = p.json("sync")
    assert listed["exit"] == 5
    assert {g["connection"] for g in listed["gaps"]} == {"mixpost"}
    assert listed["listed"] == sum(posts.values()) - posts["mixpost"]


def slips(p: Practice) -> dict[str, dict[str, Any]]:
    return {x["native_id"]: x for x in p.json("show", "f1")["went_out"]}


def posts_out(p: Practice, text: str) -> dict[str, str]:
    """The posts with these words that are out, by platform."""
    return {x["platform"]: str(x["id"]) for x in p.posts(state="published") if x["text"] == text}


@pytest.fixture
def locked(practice: Callable[..., Practice]) -> Practice:
    """A pause in which somebody says that Orlo's lockdown is on, and it is not."""
    p = practice("council", EVENING)
    p.drop("youtube", "website", "x", "x-fire", "linkedin", "threads", "tiktok", "adverts", "bluesky")
    p.ready()
    p.freeze("declare", "royal-death", "--everything", "--yes")
    assert p.freeze("confirm", "t1", "--by", "Jo Smith").code in (0, 3, 5)
    return p


def test_a_post_of_orlos_that_its_network_shows_takes_back_that_orlo_is_locked(locked: Practice) -> None:
    p = locked
    assert next(t for t in p.json("tasks")["tasks"] if t["task"] == "t1")["said_by"]
    p.clock(advance=timedelta(minutes=8))  # the post of 18:45 on Instagram
    p.freeze("sync", "--enforce")
    text = next(x["text"] for x in p.posts(platform="instagram", state="published"))
    out = posts_out(p, text)
    told = slips(p)
    assert {told[out["orlo"]]["how"], told[out["instagram"]]["how"]} == {"slip"}
    assert "which was read on instagram" in told[out["orlo"]]["why"]
    task = next(t for t in p.json("tasks")["tasks"] if t["task"] == "t1")
    assert (task["said_by"], task["state"]) == (None, "waiting")
    again = slips(p)
    p.freeze("sync", "--enforce")
    assert slips(p) == again
    assert p.freeze("log", "verify").code == 0


def test_words_that_differ_or_stand_twice_are_never_taken_for_one_post(locked: Practice) -> None:
    p = locked
    text = next(x["text"] for x in p.posts(platform="orlo") if x["account"] == "instagram:anyshireparks")
    native = p.sandbox.world.accounts("instagram")[3].id
    for _ in range(2):  # the same words in the same minute a second and a third time: which is Orlo's?
        at = p.now().replace(second=0, microsecond=0) + timedelta(minutes=6)
        p.edit(create=True, platform="instagram", account=native, text=text, publish_at=at.isoformat())
    p.clock(advance=timedelta(minutes=8))
    p.freeze("sync", "--enforce")
    orlo = next(x for x in p.posts(platform="orlo", state="published") if x["account"] == "instagram:anyshireparks")
    assert slips(p)[str(orlo["id"])]["how"] == "may have gone out"

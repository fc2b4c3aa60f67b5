"""A post still waiting past its time may go out at any moment: it is due now, and said to be late."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import requests
from conftest import Practice
from practising import Making, at, show, stands

from freeze.sandbox import wordpress as simulator
from freeze.sandbox._core.posts import Post

EVENING = at("2022-09-08T18:40").astimezone(UTC)


def council(practice: Making, due: datetime) -> Practice:
    """A council with nothing but a website that nobody visits; one post on it."""
    p = practice("empty", EVENING - timedelta(hours=3))
    p.drop("youtube", "facebook", "orlo")
    p.sandbox.world.memo[simulator.UNVISITED] = True
    p.sandbox.world.add(Post("wordpress", "site", "71", "scheduled", due, "Bins on Tuesday", title="Bins", author="1"))
    return p.ready()


def truly(p: Practice) -> str:
    return str(p.sandbox.world.get("wordpress", "71").state)


def visit(p: Practice) -> None:
    requests.get(f"{p.url}/wordpress/", timeout=5).close()


@pytest.mark.parametrize("known", [True, False], ids=["read before", "never read"])
@pytest.mark.parametrize("late", [timedelta(seconds=20), timedelta(hours=2)], ids=str)
def test_what_the_site_has_not_published_yet_is_held_by_a_pause_declared_after_its_time(
    practice: Making, late: timedelta, known: bool
) -> None:
    p = council(practice, EVENING - late)
    if known:
        p.freeze("sync")
    p.clock(EVENING)
    declared = p.json("declare", "menai-bridge", "--yes")
    assert declared["counts"] == {"confirmed": 1}
    assert truly(p) == "draft"
    visit(p)
    assert truly(p) == "draft", "nothing was left to go out"
    assert list(stands(show(p)).values()) == ["confirmed"]

    p.clock(EVENING + timedelta(hours=1))
    p.freeze("undo", "f1")
    back = p.json("put-back", "f1")
    assert back["returns"] == [], "never into the past"
    assert [s["undecided"] for s in back["stays"]] == [True]
    assert truly(p) == "draft"


def test_what_is_late_when_no_pause_is_in_force_is_left_alone(practice: Making) -> None:
    p = council(practice, EVENING)
    p.clock(EVENING + timedelta(hours=1))
    p.freeze("sync", "--enforce")
    assert truly(p) == "scheduled"


def test_what_came_out_late_is_named_although_its_date_is_older_than_the_pause(practice: Making) -> None:
    p = council(practice, EVENING - timedelta(hours=1))
    p.clock(EVENING - timedelta(minutes=30))
    p.freeze("sync")
    p.clock(EVENING)
    p.sandbox.world.faults.add("wordpress", "status", status=500)
    p.freeze("declare", "menai-bridge", "--yes")
    p.sandbox.world.faults.clear()
    visit(p)
    assert truly(p) == "published"
    p.clock(EVENING + timedelta(minutes=5))
    told = p.freeze("sync", "--enforce")
    assert "May have gone out" in told.out
    assert "p1" in told.out
    assert "1 may have gone out" in p.freeze("brief").out
    assert "it was due on Thursday 8 September 2022, 17:40 BST, was still waiting" in p.freeze("show", "f1").out


@pytest.mark.parametrize("paused", [True, False])
def test_what_its_platform_has_not_published_is_named_in_a_pause_and_outside(practice: Making, paused: bool) -> None:
    p = council(practice, EVENING)
    p.clock(EVENING + timedelta(minutes=9))
    p.freeze("sync")
    assert p.json("status")["not_published"] == []
    p.clock(EVENING + timedelta(minutes=11))
    p.freeze("sync")
    if paused:
        p.json("declare", "crisis", "--service", "libraries", "--yes", "--days", "1")
    known = p.json("status")
    assert known["not_published"] == [{"post": "p1", "due": EVENING.isoformat()}]
    assert known["exit"] >= 1
    said = p.freeze("status").out
    assert "not published by their platform: 1" in said
    assert "Bins" in said
    p.freeze("nightly", "--once")
    digest = p.folder / "digests" / "communications" / "latest.txt"
    assert "had not been published when it was read" in " ".join(digest.read_text(encoding="utf-8").split())
    visit(p)
    p.freeze("sync")
    assert p.json("status")["not_published"] == []

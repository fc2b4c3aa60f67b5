"""The way back shows only times that a platform can keep; the rest waits for a person, who is told the clicks."""

from __future__ import annotations

from datetime import timedelta

from conftest import Practice
from practising import Making, at

from freeze.sandbox import postiz as simulator
from freeze.sandbox._core.posts import Account, Post

EVENING = at("2022-09-08T18:40")
CHANNEL = "facebook-1"


def council(practice: Making) -> Practice:
    """A council with nothing but Postiz: one post is due in the pause, one after it."""
    p = practice("empty", EVENING)
    p.drop("website", "youtube", "facebook", "orlo")
    world = p.sandbox.world
    world.add_account(Account("postiz", CHANNEL, "Anyshire", "anyshire"))
    for native, days in (("soon", 1), ("later", 4)):
        world.add(Post("postiz", CHANNEL, native, "scheduled", EVENING + timedelta(days=days), f"Words {native}"))
    with (p.folder / "freeze.toml").open("a", encoding="utf-8") as f:
        f.write(f'\n[connections.postiz]\nplatform = "postiz"\nbase_url = "{p.url}/postiz/public/v1"\n')
        f.write(f'token = "{simulator.TOKEN}"\n')
    return p.ready()


def test_a_time_that_postiz_cannot_set_is_never_promised(practice: Making) -> None:
    p = council(practice)
    p.json("declare", "menai-bridge", "--days", "9", "--yes")
    p.clock(EVENING + timedelta(days=2))
    p.freeze("undo", "f1")
    p.freeze("decide", "p1", "--next-slot")
    shown = p.json("put-back", "f1")
    assert [r["post"] for r in shown["returns"]] == ["p2"]
    (stays,) = [s for s in shown["stays"] if s["post"] == "p1"]
    assert stays["undecided"]
    assert "Postiz > Calendar" in stays["why"]
    told = p.freeze("put-back", "f1")
    assert "Postiz > Calendar > the post > set its new date" in told.out.replace("\n", " ").replace("  ", " ")

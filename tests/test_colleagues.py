"""Colleagues go on working while posts are held: they are never overwritten, and nothing they do slips past."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from conftest import Practice
from practising import (
    PAGE,
    PLATFORMS,
    SITE,
    Making,
    at,
    hamlet,
    orlo_by_http,
    put_back,
    ref,
    schedule,
    show,
    stands,
    truth,
)

EVENING = at("2022-09-08T18:40")
SOON = at("2022-09-12T10:00")


@pytest.fixture
def held(practice: Making) -> Practice:
    """A post on the website and one on a page, both held and checked."""
    p = hamlet(
        practice,
        EVENING,
        {**SITE, "at": SOON, "text": "site", "author": "1"},
        {**PAGE, "at": SOON, "text": "page", "author": "Jo Alder"},
    )
    assert p.json("declare", "menai-bridge", "--yes")["exit"] == 0
    return p


def edit(p: Practice, words: str, /, **change: Any) -> None:
    """A colleague changes the post with these words."""
    post = truth(p, words)
    p.edit(platform=post["platform"], id=post["id"], **change)


def notes(answer: dict[str, Any], kind: str) -> list[str]:
    return [n["sentence"] for n in answer["notes"] if n["kind"] == kind]


@pytest.mark.parametrize("words", ["site", "page"])
def test_changed_words_of_a_held_post_are_kept_and_told_once_and_it_stays_held(held: Practice, words: str) -> None:
    before = truth(held, words)
    edit(held, words, text="new words")
    told = held.json("sync", "--enforce")
    assert told["exit"] == 3
    assert notes(told, "changed") == ["somebody changed it while it was held: its words, link or pictures were changed"]
    assert stands(show(held))["new words"] == "changed"
    after = truth(held, "new words")
    assert (after["state"], after["publish_at"]) == (before["state"], before["publish_at"])
    assert notes(held.json("sync", "--enforce"), "changed") == [], "told again although nothing new happened"
    held.clock(SOON + timedelta(minutes=1))
    assert held.posts(state="published") == []


@pytest.mark.parametrize("words", ["site", "page"])
def test_what_a_colleague_changed_goes_back_only_after_somebody_accepts_it(held: Practice, words: str) -> None:
    edit(held, words, text="new words")
    held.json("sync", "--enforce")
    held.freeze("end", "f1")
    looked, done = put_back(held)
    assert done["put_back"] == 1
    [stay] = looked["stays"]
    assert stay["undecided"]
    assert "somebody changed it" in stay["why"]
    assert (
        truth(held, "new words")["publish_at"] != "2022-09-12T09:00:00Z" or truth(held, "new words")["state"] == "draft"
    )
    assert held.freeze("decide", ref(held, "new words"), "--accept-current").code == 0
    assert put_back(held)[1]["put_back"] == 1
    after = truth(held, "new words")
    assert (after["state"], after["publish_at"]) == ("scheduled", "2022-09-12T09:00:00Z")


def test_there_is_nothing_to_accept_where_nobody_changed_anything(held: Practice) -> None:
    refused = held.freeze("decide", ref(held, "site"), "--accept-current")
    assert refused.code == 2
    assert "nobody changed it" in refused.out


@pytest.mark.parametrize(("words", "author"), [("site", "1"), ("page", "Jo Alder")])
def test_a_post_rescheduled_inside_the_pause_is_held_again_its_edit_kept_its_author_named(
    held: Practice, words: str, author: str
) -> None:
    edit(held, words, state="scheduled", publish_at=at("2022-09-13T11:00").isoformat(), text="moved by hand")
    told = held.json("sync", "--enforce")
    assert notes(told, "changed") == [f"somebody changed it while it was held; held again, edit kept; tell {author}"]
    assert stands(show(held))["moved by hand"] == "confirmed"
    held.clock(at("2022-09-13T11:01"))
    assert held.posts(state="published") == []
    held.freeze("undo", "f1", clock=at("2022-09-12T12:00"))
    looked, _ = put_back(held)
    assert "its time has passed" in " ".join(s["why"] for s in looked["stays"])
    assert truth(held, "moved by hand")["text"] == "moved by hand"


@pytest.mark.parametrize("words", ["site", "page"])
def test_put_back_uses_the_time_a_colleague_gave_last(held: Practice, words: str) -> None:
    edit(held, words, state="scheduled", publish_at=at("2022-09-13T11:00").isoformat())
    held.json("sync", "--enforce")
    held.freeze("undo", "f1")
    _, done = put_back(held)
    assert done["put_back"] == 2
    assert truth(held, words)["publish_at"] == "2022-09-13T10:00:00Z"


@pytest.mark.parametrize("words", ["site", "page"])
def test_a_post_rescheduled_after_the_pause_is_left_alone_and_told(held: Practice, words: str) -> None:
    edit(held, words, state="scheduled", publish_at=at("2022-09-26T11:00").isoformat())
    told = held.json("sync", "--enforce")
    assert notes(told, "changed") == [
        "somebody changed it; it is now set to go out on Monday 26 September 2022, 11:00 BST, outside the pause"
    ]
    after = truth(held, words)
    assert (after["state"], after["publish_at"]) == ("scheduled", "2022-09-26T10:00:00Z")
    again = held.json("sync", "--enforce")
    assert (notes(again, "changed"), again["exit"]) == ([], 0)
    assert held.json("status")["exit"] == 0
    held.freeze("end", "f1")
    looked, done = put_back(held)
    assert done["put_back"] == 1
    assert len(looked["stays"]) == 0
    assert truth(held, words)["publish_at"] == "2022-09-26T10:00:00Z"


@pytest.mark.parametrize("words", ["site", "page"])
def test_a_deleted_post_is_reported_and_never_made_again(held: Practice, words: str) -> None:
    edit(held, words, delete=True)
    told = held.json("sync", "--enforce")
    assert len(notes(told, "gone")) == 1
    assert stands(show(held))[words] == "gone"
    held.freeze("end", "f1")
    looked, done = put_back(held)
    assert (len(looked["returns"]), done["put_back"]) == (1, 1)
    assert truth(held, words)["state"] == "deleted"
    assert len(held.posts()) == 2


@pytest.mark.parametrize("words", ["site", "page"])
def test_a_post_published_by_hand_is_reported_as_out_and_left_out(held: Practice, words: str) -> None:
    held.clock(at("2022-09-09T10:00"))
    edit(held, words, publish=True)
    told = held.json("sync", "--enforce")
    assert told["exit"] == 3
    [out] = show(held)["went_out"]
    assert (out["text"], out["how"]) == (words, "slip")
    assert truth(held, words)["state"] == "published"
    held.freeze("end", "f1")
    assert put_back(held)[1]["put_back"] == 1
    assert truth(held, words)["state"] == "published"
    assert [o["text"] for o in show(held)["went_out"]] == [words], "named once"


@pytest.mark.parametrize("words", ["site", "page"])
def test_a_post_edited_between_the_look_and_the_put_back_is_skipped_alone(held: Practice, words: str) -> None:
    held.freeze("end", "f1")
    looked = held.json("put-back", "f1")
    edit(held, words, text="changed in the last minute")
    before = truth(held, "changed in the last minute")
    done = held.json("put-back", "f1", "--digest", looked["digest"])
    assert (done["put_back"], done["exit"]) == (1, 3)
    assert truth(held, "changed in the last minute") == before


def test_a_post_scheduled_during_the_pause_is_held_by_the_next_enforcing_sync(held: Practice) -> None:
    for platform in (SITE, PAGE):
        schedule(held, **platform, at=at("2022-09-09T09:00"), text=f"new on {platform['platform']}")
    plain = held.json("sync")
    assert plain["exit"] == 0
    assert truth(held, "new on wordpress")["state"] == "scheduled", "a plain sync changed something"
    status = held.json("status")
    assert {x["text"] for x in status["freezes"][0]["not_held"]} == {"new on wordpress", "new on facebook"}
    assert status["exit"] == 3, "two posts go out tomorrow, and status says that all is well"
    assert held.json("check")["exit"] == 1
    assert held.json("sync", "--enforce")["exit"] == 0
    assert held.json("status")["exit"] == 0
    held.clock(at("2022-09-09T09:01"))
    assert held.posts(state="published") == []


def test_a_post_that_goes_out_between_two_syncs_is_named(held: Practice) -> None:
    schedule(held, **SITE, at=at("2022-09-09T09:00"), text="unseen")
    held.clock(at("2022-09-09T09:30"))
    assert held.json("sync", "--enforce")["exit"] == 3
    [out] = show(held)["went_out"]
    assert (out["text"], out["how"], out["out_at"]) == ("unseen", "slip", "2022-09-09T08:00:00+00:00")


def test_a_post_awaiting_approval_is_held_where_it_can_be_and_never_approved_by_the_guard(practice: Making) -> None:
    p = practice("empty", EVENING)
    orlo_by_http(p)
    p.drop("youtube", "facebook")
    waiting = {"state": "pending_approval", "at": SOON}
    schedule(p, **SITE, **waiting, text="site")
    schedule(p, platform="orlo", account="x:@AnyshireCC", **waiting, text="in Orlo")
    p.ready()
    done = p.json("declare", "menai-bridge", "--yes")
    assert set(stands(done)) == {"site", "in Orlo"}
    for words, state in stands(done).items():
        assert state in ("confirmed", "needs a person"), words
        assert truth(p, words)["state"] in ("draft", "pending_approval"), words
    p.freeze("end", "f1")
    _, back = put_back(p)
    assert back["put_back"] == sum(s == "confirmed" for s in stands(done).values())
    for words in stands(done):
        assert truth(p, words)["state"] == "pending_approval", f"{words} would go out without its approval"


def test_a_post_awaiting_approval_in_an_export_asks_a_person_not_to_approve_it(council: Practice) -> None:
    done = council.json("declare", "menai-bridge", "--yes")
    waiting = [x for x in done["posts"] if x["state"] == "pending_approval" and x["connection"] == "orlo"]
    assert len(waiting) > 5
    assert {x["hold"]["state"] for x in waiting} == {"needs a person"}
    assert all("Do not approve it" in x["hold"]["do"] for x in waiting)


def test_a_connection_taken_out_of_the_settings_leaves_its_holds_in_sight(held: Practice) -> None:
    held.drop("facebook")
    assert set(PLATFORMS) >= {"website"}
    held.json("sync", "--enforce")
    assert stands(show(held)) == {"site": "confirmed", "page": "confirmed"}
    held.freeze("end", "f1")
    looked = held.json("put-back", "f1")
    assert len(looked["returns"]) + len(looked["stays"]) == 2

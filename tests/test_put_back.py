"""The way back, the dangerous direction: spaced, never past, never inside a pause, only what was held and as it was."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from conftest import Practice
from practising import OTHER_PAGE, PAGE, SITE, Making, at, hamlet, put_back, ref, schedule, setting, show, stands, truth

EVENING = at("2022-09-08T18:40")
MORNING = at("2022-09-20T09:02")


def when(p: Practice, words: str) -> datetime:
    return datetime.fromisoformat(truth(p, words)["publish_at"])


def ended(practice: Making, *posts: dict[str, Any], now: datetime = MORNING) -> Practice:
    """A council whose pause of 8 to 19 September is over, with these posts held in it."""
    p = hamlet(practice, EVENING, *posts)
    assert p.json("declare", "menai-bridge", "--yes")["exit"] == 0
    p.json("resolve-end", "f1", "--funeral", "2022-09-19")
    p.clock(now)
    return p


@pytest.fixture
def missed(practice: Making) -> Practice:
    """Three posts whose time has passed: two on one page, one on the website."""
    return ended(
        practice,
        {**PAGE, "at": at("2022-09-10T10:00"), "text": "first"},
        {**PAGE, "at": at("2022-09-11T10:00"), "text": "second"},
        {**SITE, "at": at("2022-09-12T10:00"), "text": "site"},
    )


def test_missed_posts_stay_held_until_somebody_decides(missed: Practice) -> None:
    before = missed.posts()
    look = missed.freeze("put-back", "f1")
    assert look.code == 1
    assert "Nothing can go back now" in look.out
    assert look.out.count("its time has passed; decide what happens to it") == 3
    assert missed.posts() == before
    held = missed.freeze("held", "--missed")
    assert held.code == 1
    assert held.out.count("ITS TIME HAS PASSED: decide") == 3
    assert missed.freeze("status").code == 1


def test_next_slots_are_spaced_on_one_account_and_lie_in_working_hours_ahead(practice: Making) -> None:
    p = ended(practice, *({**PAGE, "at": at("2022-09-10T10:00"), "text": f"post {n}"} for n in range(20)))
    schedule(p, **PAGE, at=at("2022-09-20T12:00"), text="scheduled meanwhile")
    p.json("sync", "--enforce")
    p.freeze("decide", *(ref(p, f"post {n}") for n in range(20)), "--next-slot")
    looked, done = put_back(p)
    assert done["put_back"] == 20
    assert done["exit"] == 0
    times = sorted([when(p, f"post {n}") for n in range(20)] + [when(p, "scheduled meanwhile")])
    assert all(b - a >= timedelta(minutes=30) for a, b in pairwise(times))
    assert min(times) >= MORNING + timedelta(minutes=20)
    assert all(9 <= t.astimezone(MORNING.tzinfo).hour < 17 for t in times)
    assert {r["at"] for r in looked["returns"]} == {t.isoformat() for t in times} - {"2022-09-20T11:00:00+00:00"}


def test_spacing_is_for_each_account_of_its_own(missed: Practice) -> None:
    missed.freeze("decide", *(ref(missed, w) for w in ("first", "second", "site")), "--next-slot")
    put_back(missed)
    assert when(missed, "second") - when(missed, "first") >= timedelta(minutes=30)
    assert when(missed, "site") == when(missed, "first")


def test_each_decision_does_what_it_says(practice: Making) -> None:
    words = ("slot", "given", "kept site", "kept page", "cancelled site", "cancelled page")
    posts = [
        {**(SITE if w.endswith("site") else PAGE), "at": at(f"2022-09-1{n}T10:00"), "text": w}
        for n, w in enumerate(words)
    ]
    p = ended(practice, *posts)
    before = {x["text"]: x for x in p.posts()}
    p.freeze("decide", ref(p, "slot"), "--next-slot")
    p.freeze("decide", ref(p, "given"), "--at", "2022-09-21T18:30")
    p.freeze("decide", ref(p, "kept site"), ref(p, "kept page"), "--keep")
    p.freeze("decide", ref(p, "cancelled site"), ref(p, "cancelled page"), "--cancel")
    looked, done = put_back(p)
    assert done["put_back"] == 2
    assert when(p, "given") == at("2022-09-21T18:30")
    assert MORNING < when(p, "slot") < at("2022-09-21T00:00")
    for w in words[2:]:
        assert truth(p, w) == before[w], w
    assert {stands(show(p))[w] for w in ("kept site", "cancelled site")} == {"kept"}
    assert {stands(show(p))[w] for w in ("kept page", "cancelled page")} == {"confirmed"}
    whys = {s["post"]: s["why"] for s in looked["stays"]}
    assert "a person must delete it" in whys[ref(p, "cancelled page")]
    p.clock(at("2022-10-20T09:00"))
    assert {x["text"] for x in p.posts(state="published")} >= {"slot", "given"}


def test_a_given_time_that_is_past_or_inside_a_pause_is_refused(missed: Practice) -> None:
    past = missed.freeze("decide", ref(missed, "first"), "--at", "2022-09-20T09:00")
    assert (past.code, "has passed" in past.err) == (4, True)
    missed.json("declare", "royal-death", "--from", "2022-09-21T09:00", "--until", "2022-09-22", "--yes")
    inside = missed.freeze("decide", ref(missed, "first"), "--at", "2022-09-21T12:00")
    assert (inside.code, "lies inside Royal death (f2)" in inside.out) == (2, True)
    day_only = missed.freeze("decide", ref(missed, "first"), "--at", "2022-09-23")
    assert (day_only.code, "needs a day and a time" in day_only.err) == (2, True)
    assert all(h["hold"]["decision"] is None for h in missed.json("held")["held"])


def test_next_slots_go_round_another_pause(missed: Practice) -> None:
    missed.json("declare", "royal-death", "--until", "2022-09-22T13:00", "--yes")
    missed.freeze("decide", ref(missed, "first"), ref(missed, "site"), "--next-slot")
    put_back(missed)
    assert when(missed, "first") >= at("2022-09-22T13:00")
    assert when(missed, "site") >= at("2022-09-22T13:00")


def test_a_pause_that_has_not_begun_yet_is_gone_round_too(missed: Practice) -> None:
    missed.json("declare", "royal-death", "--from", "2022-09-22T09:00", "--until", "2022-09-23", "--yes")
    missed.freeze("decide", ref(missed, "first"), "--at", "2022-09-22T12:00")
    missed.freeze("decide", ref(missed, "site"), "--next-slot")
    put_back(missed)
    assert truth(missed, "first")["state"] == "scheduled"
    assert when(missed, "first") > at("2022-09-24T00:00"), "put back inside a pause that is declared for later"


def test_without_a_terminal_the_digest_of_what_was_seen_is_needed_and_does_exactly_that(missed: Practice) -> None:
    missed.freeze("decide", ref(missed, "first"), ref(missed, "site"), "--next-slot")
    before = missed.posts()
    look = missed.freeze("put-back", "f1", "--yes")
    assert look.code == 4
    seen = missed.json("put-back", "f1")
    assert f"--digest {seen['digest']}" in look.err
    assert missed.posts() == before
    wrong = missed.freeze("put-back", "f1", "--digest", "0" * 16)
    assert wrong.code == 2
    assert missed.posts() == before
    missed.clock(MORNING + timedelta(minutes=12))
    done = missed.json("put-back", "f1", "--digest", seen["digest"])
    assert done["put_back"] == 2
    truly = {when(missed, w).isoformat() for w in ("first", "site")}
    assert truly == {r["at"] for r in seen["returns"]}


def test_times_that_were_seen_and_have_passed_meanwhile_are_not_used(missed: Practice) -> None:
    missed.freeze("decide", ref(missed, "first"), "--next-slot")
    seen = missed.json("put-back", "f1")
    missed.clock(at("2022-09-20T16:00"))
    done = missed.json("put-back", "f1", "--digest", seen["digest"])
    assert done["put_back"] == 0
    assert done["exit"] == 3
    assert missed.posts(state="published") == []
    assert when(missed, "first") > at("2022-09-28T00:00")


def test_a_digest_of_one_pause_opens_no_other(missed: Practice) -> None:
    missed.freeze("decide", ref(missed, "first"), "--next-slot")
    seen = missed.json("put-back", "f1")
    missed.json("declare", "royal-death", "--until", "2022-09-22", "--yes")
    missed.freeze("undo", "f2")
    other = missed.freeze("put-back", "f2", "--digest", seen["digest"])
    assert other.code == 2
    assert truth(missed, "first")["state"] == "scheduled"
    assert when(missed, "first") > at("2022-09-28T00:00")


def test_a_second_put_back_of_the_same_digest_does_nothing_more(missed: Practice) -> None:
    missed.freeze("decide", ref(missed, "site"), "--next-slot")
    seen, done = put_back(missed)
    assert done["put_back"] == 1
    truly = missed.posts()
    again = missed.json("put-back", "f1", "--digest", seen["digest"])
    assert again["put_back"] == 0
    assert missed.posts() == truly


def test_only_what_was_held_goes_back(practice: Making) -> None:
    p = hamlet(practice, EVENING, {**SITE, "at": at("2022-09-12T10:00"), "text": "held"})
    schedule(p, **SITE, at=at("2022-09-12T11:00"), state="draft", text="a draft of a colleague")
    p.json("declare", "menai-bridge", "--yes")
    p.freeze("undo", "f1")
    put_back(p)
    assert truth(p, "held")["state"] == "scheduled"
    assert truth(p, "a draft of a colleague")["state"] == "draft"


def test_a_pause_in_force_is_not_put_back(practice: Making) -> None:
    p = hamlet(practice, EVENING, {**SITE, "at": at("2022-09-12T10:00"), "text": "site"})
    p.json("declare", "menai-bridge", "--yes")
    refused = p.freeze("put-back", "f1")
    assert refused.code == 4
    assert "freeze end f1" in refused.err


def test_a_platform_that_shows_none_of_what_is_held_there_is_a_gap(missed: Practice) -> None:
    missed.freeze("decide", *(ref(missed, w) for w in ("site", "first", "second")), "--next-slot")
    seen = missed.json("put-back", "f1")
    for words in ("first", "second"):
        missed.edit(platform="facebook", id=truth(missed, words)["id"], delete=True)
    done = missed.json("put-back", "f1", "--digest", seen["digest"])
    assert (done["put_back"], done["exit"]) == (1, 3)
    [gap] = done["gaps"]
    assert (gap["connection"], "shows none of the 2 posts" in gap["reason"]) == ("facebook", True)
    assert {stands(show(missed))[w] for w in ("first", "second")} == {"confirmed"}, "called gone on one odd answer"


@pytest.mark.parametrize("platforms_too", [True, False])
def test_a_clock_set_back_an_hour_stops_put_back_and_nothing_else(missed: Practice, platforms_too: bool) -> None:
    missed.freeze("decide", ref(missed, "site"), "--next-slot")
    seen = missed.json("put-back", "f1")
    before = missed.posts()
    early = missed.now() - timedelta(hours=1)
    if platforms_too:  # then only the store knows that it is later
        missed.clock(early)
    refused = missed.freeze("put-back", "f1", "--digest", seen["digest"], clock=early)
    assert refused.code == 5
    assert "the store already holds" in refused.err
    assert "Nothing was put back" in refused.err
    assert missed.posts() == before
    schedule(missed, **SITE, at=at("2022-09-21T10:00"), text="tomorrow")
    held = missed.json("declare", "royal-death", "--until", "2022-09-22", "--yes", clock=early)
    assert stands(held)["tomorrow"] == "confirmed"
    schedule(missed, **SITE, at=at("2022-09-21T11:00"), text="later tomorrow")
    missed.json("sync", "--enforce", clock=early)
    assert truth(missed, "later tomorrow")["state"] == "draft"


@pytest.mark.parametrize("minutes", [2, -2])
def test_a_clock_more_than_a_minute_from_the_platforms_stops_put_back(missed: Practice, minutes: int) -> None:
    missed.freeze("decide", ref(missed, "site"), "--next-slot")
    seen = missed.json("put-back", "f1")
    before = missed.posts()
    missed.clock(missed.now() - timedelta(minutes=minutes))  # the platforms' clock; ours stays
    refused = missed.freeze(
        "put-back", "f1", "--digest", seen["digest"], clock=missed.now() + timedelta(minutes=minutes)
    )
    assert refused.code == 5
    assert "differ by" in refused.err
    assert missed.posts() == before
    missed.clock(missed.now() + timedelta(minutes=minutes, seconds=30))
    assert missed.json("put-back", "f1", "--digest", seen["digest"])["put_back"] == 1


def test_moved_posts_are_moved_on_for_weeks_and_every_report_says_when_they_fire(practice: Making) -> None:
    p = hamlet(
        practice,
        EVENING,
        {**PAGE, "at": at("2022-09-10T10:00"), "text": "first"},
        {**OTHER_PAGE, "at": at("2022-09-10T10:00"), "text": "second"},
        {**PAGE, "at": at("2022-09-11T10:00"), "text": "edited"},
    )
    p.json("declare", "menai-bridge", "--yes")
    edited = truth(p, "edited")
    p.edit(platform="facebook", id=edited["id"], text="edited since")
    p.json("sync", "--enforce")
    fires = [when(p, "first")]
    for day in (8, 20, 41, 62):
        p.clock(EVENING + timedelta(days=day))
        assert p.posts(state="published") == [], f"a held post went out before day {day}"
        p.json("sync", "--enforce")
        fires.append(when(p, "first"))
        assert fires[-1] > p.now() + timedelta(days=20), "it was not moved on"
        assert when(p, "edited since") > p.now() + timedelta(days=20), "an edited post was not moved on"
        shown = {h["text"]: h["hold"]["fires_at"] for h in p.json("held")["held"]}
        assert datetime.fromisoformat(shown["first"]) == fires[-1].astimezone(UTC)
        assert datetime.fromisoformat(shown["second"]) == when(p, "second").astimezone(UTC)
    assert fires == sorted(set(fires))
    assert "fire by themselves from" in p.freeze("status").out
    assert "unless the guard runs" in p.freeze("held").out


def test_moved_posts_are_spread_and_never_parked_inside_a_pause(practice: Making) -> None:
    p = hamlet(practice, EVENING, *({**PAGE, "at": at("2022-09-10T10:00"), "text": f"n{n}"} for n in range(6)))
    p.json("declare", "royal-death", "--until", "2022-09-12", "--yes")
    p.json("declare", "royal-death", "--from", "2022-10-01", "--until", "2022-10-31", "--yes")
    p.clock(at("2022-09-30T12:00"))
    p.json("sync", "--enforce")
    times = sorted(when(p, f"n{n}") for n in range(6))
    assert len(set(times)) == 6
    assert p.posts(state="published") == []
    assert all(t >= at("2022-11-01T00:00") or t > at("2022-10-28T00:00") for t in times)


def test_put_back_that_says_done_and_does_nothing_is_not_called_put_back(missed: Practice) -> None:
    missed.freeze("decide", ref(missed, "site"), "--next-slot")
    missed.fault("wordpress", "ghost_success")
    before = truth(missed, "site")
    _, done = put_back(missed)
    assert (done["put_back"], done["exit"]) == (0, 3)
    assert truth(missed, "site") == before
    missed.mend()
    missed.json("sync", "--enforce")
    assert truth(missed, "site") == before, "a sync must never put anything back"
    assert put_back(missed)[1]["put_back"] == 1


def test_a_lost_answer_to_a_put_back_is_read_and_never_sent_twice(missed: Practice) -> None:
    missed.freeze("decide", ref(missed, "site"), "--next-slot")
    missed.fault("wordpress", "drop_after_write", method="POST", count=1)
    missed.calls()
    _, done = put_back(missed)
    assert (done["put_back"], done["exit"]) == (1, 1)
    posted = [
        c for c in missed.calls()["sequence"] if c["post"] == truth(missed, "site")["id"] and c["method"] != "GET"
    ]
    assert len(posted) == 3, "one change held it, one put it back, and WordPress is told once more, alone"


def test_a_platform_that_cannot_be_reached_is_told_and_the_rest_goes_back(missed: Practice) -> None:
    setting(missed, "website", "timeout = 0.15")
    missed.freeze("decide", ref(missed, "site"), ref(missed, "first"), "--next-slot")
    missed.fault("wordpress", "expired_token")
    _, done = put_back(missed)
    assert (done["put_back"], done["exit"]) == (1, 3)
    assert [g["connection"] for g in done["gaps"]] == ["website"]
    assert truth(missed, "site")["state"] == "draft"

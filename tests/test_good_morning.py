"""The morning after: the order of put-back, the scheduler's backlog, stale words, and deciding about many at once."""

from __future__ import annotations

import os
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
import requests
from conftest import EVENING, Practice
from practising import OTHER_PAGE, PAGE, SITE, Making, at, put_back, ref, schedule, truth, two_pages

from freeze.accounts import Account
from freeze.back.triage import service_information
from freeze.back.way import Hours, propose
from freeze.holds import Expected, Hold, HoldState, Kind
from freeze.judging.evaluate import Verdicts
from freeze.permissions import Kinds
from freeze.ports import Facts, Limits
from freeze.posts import Locator, Post, Seen, State

MORNING = at("2022-09-20T10:00")
ORLO = {"platform": "orlo", "account": "x:@Any_Highways"}
LIBRARIES = {"platform": "orlo", "account": "x:@AnyshireLibs"}


def save_export(p: Practice) -> None:
    """Somebody saves an export from Orlo now."""
    now = p.now()
    text = requests.get(f"{p.url}/_sandbox/orlo-export.csv", params={"as_of": "now"}, timeout=5)
    path = p.folder / "orlo-exports" / f"orlo-export-{now:%Y%m%d-%H%M%S}.csv"
    path.write_bytes(text.content)
    os.utime(path, (now.timestamp(), now.timestamp()))


def lockdown(p: Practice, on: bool) -> None:
    p.edit(platform="orlo", lockdown=on)


def village(practice: Making, *posts: dict[str, Any], orlo: bool = True) -> Practice:
    """A council with Orlo, a website and two pages, paused at 18:40 and locked down; it is now the Tuesday after."""
    p = practice("empty", EVENING)
    p.drop("youtube") if orlo else p.drop("youtube", "orlo")
    two_pages(p)
    for post in posts:
        schedule(p, **post)
    if orlo:
        save_export(p)
    p.ready()
    p.freeze("declare", "menai-bridge", "--yes")
    lockdown(p, on=True)
    p.freeze("resolve-end", "f1", "--funeral", "2022-09-19")
    p.clock(MORNING)
    return p


@pytest.fixture
def orlo(practice: Making) -> Practice:
    """Two posts past their time in Orlo, one still to come there, one missed and one still to come on the website."""
    return village(
        practice,
        {**ORLO, "at": at("2022-09-10T10:00"), "text": "The A999 is closed tomorrow."},
        {**LIBRARIES, "at": at("2022-09-12T10:00"), "text": "Read more books."},
        {**ORLO, "at": at("2022-09-21T10:00"), "text": "Gritting starts."},
        {**SITE, "at": at("2022-09-12T10:00"), "text": "missed"},
        {**SITE, "at": at("2022-09-21T12:00"), "text": "to come"},
    )


def steps(answer: dict[str, Any]) -> list[bool]:
    return [s["done"] for s in answer["morning"]["steps"]]


def redate(p: Practice, words: str, to: str) -> None:
    """A colleague gives a post in Orlo another time."""
    p.edit(platform="orlo", id=truth(p, words)["id"], publish_at=at(to).isoformat())


def test_the_lockdown_is_lifted_last_and_nothing_overdue_goes_out_at_once(orlo: Practice) -> None:
    before = orlo.freeze("put-back", "f1")
    assert before.code == 3
    assert "[    ] 2" in before.out
    assert "Orlo was last seen Thu 8 Sep 18:39 BST, before the pause ended" in before.out
    assert "[    ] 3 Held posts are decided: 1 post still waits" in before.out
    assert "[    ] 4 Lift Company lockdown in Orlo: NOT YET: first 2 and 3" in before.out
    assert "as the last thing" not in before.out

    save_export(orlo)
    listed = orlo.json("put-back", "f1")
    assert steps(listed) == [True, False, False, False]
    assert {p["text"] for p in listed["morning"]["overdue"]} == {"The A999 is closed tomorrow.", "Read more books."}

    orlo.freeze("decide", "--all-missed", "--next-slot", "--yes")
    _, done = put_back(orlo)
    assert (done["put_back"], done["exit"]) == (1, 3)
    assert steps(done) == [True, False, True, False]
    assert not [t for t in orlo.json("tasks")["tasks"] if t["kind"] == "lift"], "asked for while posts are overdue"

    redate(orlo, "The A999 is closed tomorrow.", "2022-09-20T15:00")
    redate(orlo, "Read more books.", "2022-09-20T16:00")
    unread = orlo.freeze("put-back", "f1")
    assert "as the last thing" not in unread.out, "nobody has seen yet that they were re-dated"
    save_export(orlo)
    ready = orlo.freeze("put-back", "f1")
    assert ready.out.splitlines()[-1].startswith(
        "NOW, as the last thing: Lift Company lockdown in Orlo (Jo Smith 01632"
    )
    [lift] = [t for t in orlo.json("tasks")["tasks"] if t["kind"] == "lift"]

    gone_out = orlo.posts(state="published")
    lockdown(orlo, on=False)
    assert orlo.posts(state="published") == gone_out, "something overdue was released"
    orlo.freeze("confirm", lift["task"], "--by", "Jo Smith")
    end = orlo.json("put-back", "f1")
    assert steps(end) == [True, True, True, True]
    assert end["exit"] == 0


def test_lifting_it_at_once_would_release_everything_overdue(orlo: Practice) -> None:
    assert orlo.posts(state="published", platform="orlo") == []
    lockdown(orlo, on=False)
    assert {p["text"] for p in orlo.posts(state="published", platform="orlo")} == {
        "The A999 is closed tomorrow.",
        "Read more books.",
    }


def test_posts_that_fell_due_since_the_export_count_as_overdue_too(orlo: Practice) -> None:
    redate(orlo, "The A999 is closed tomorrow.", "2022-09-20T10:20")
    redate(orlo, "Read more books.", "2022-09-20T16:00")
    save_export(orlo)
    assert steps(orlo.json("put-back", "f1"))[1] is True
    orlo.clock(advance=timedelta(minutes=30))
    later = orlo.json("put-back", "f1")
    assert [p["text"] for p in later["morning"]["overdue"]] == ["The A999 is closed tomorrow."]


def test_an_export_older_than_an_hour_is_not_a_fresh_reading(orlo: Practice) -> None:
    for words in ("The A999 is closed tomorrow.", "Read more books."):
        orlo.edit(platform="orlo", id=truth(orlo, words)["id"], delete=True)
    save_export(orlo)
    assert steps(orlo.json("put-back", "f1"))[1] is True
    orlo.clock(advance=timedelta(minutes=61))
    stale = orlo.json("put-back", "f1")
    assert steps(stale)[1] is False
    assert "ago: save a new export of Orlo" in stale["morning"]["steps"][1]["missing"]


def test_a_late_approval_comes_first_for_approving_it_publishes_at_once(practice: Making) -> None:
    p = village(
        practice,
        {**ORLO, "at": at("2022-09-10T10:00"), "text": "approve me", "state": "pending_approval"},
    )
    save_export(p)
    waits = p.json("put-back", "f1")
    assert steps(waits) == [False, True, True, False]
    assert [x["text"] for x in waits["morning"]["late_approvals"]] == ["approve me"]
    assert "do not approve" in waits["morning"]["steps"][0]["missing"]
    p.edit(platform="orlo", id=truth(p, "approve me")["id"], publish_at=at("2022-09-22T10:00").isoformat())
    save_export(p)
    assert steps(p.json("put-back", "f1"))[:3] == [True, True, True]
    assert p.posts(state="published", platform="orlo") == []


def test_a_lift_that_was_asked_for_is_taken_back_when_a_new_pause_needs_the_lock(orlo: Practice) -> None:
    redate(orlo, "The A999 is closed tomorrow.", "2022-09-22T15:00")
    redate(orlo, "Read more books.", "2022-09-22T16:00")
    save_export(orlo)
    orlo.freeze("decide", "--all-missed", "--next-slot", "--yes")
    put_back(orlo)
    assert [t for t in orlo.json("tasks")["tasks"] if t["kind"] == "lift"]
    orlo.freeze("declare", "royal-death", "--until", "2022-09-23", "--yes")
    again = orlo.freeze("put-back", "f1")
    assert "NOT while Royal death (f2) is in force: leave it on" in again.out
    assert "as the last thing" not in again.out
    assert not [t for t in orlo.json("tasks")["tasks"] if t["kind"] == "lift"]


def test_without_a_scheduler_there_is_nothing_to_lift_and_pictures_are_still_asked_for(practice: Making) -> None:
    p = village(practice, {**SITE, "at": at("2022-09-21T12:00"), "text": "to come"}, orlo=False)
    _, done = put_back(p) if p.json("put-back", "f1")["returns"] else ({}, p.json("put-back", "f1"))
    assert done["morning"]["steps"][3] == {
        "step": 4,
        "what": "No scheduler has a lockdown to lift",
        "done": True,
        "missing": "",
    }
    assert [t["title"] for t in p.json("tasks")["tasks"]] == ["Put profile pictures back"]
    assert done["exit"] == 0


def test_the_first_48_hours_are_listed_for_their_tone(orlo: Practice) -> None:
    redate(orlo, "The A999 is closed tomorrow.", "2022-09-20T15:00")
    orlo.edit(platform="orlo", id=truth(orlo, "Read more books.")["id"], publish_at=at("2022-09-23T10:00").isoformat())
    save_export(orlo)
    orlo.freeze("decide", ref(orlo, "missed"), "--next-slot")
    seen, done = put_back(orlo)
    assert [(x["text"], x["stale_words"]) for x in done["first_48_hours"]] == [
        ("missed", []),
        ("The A999 is closed tomorrow.", ["tomorrow"]),
        ("Gritting starts.", []),
        ("to come", []),
    ]
    assert done["first_48_hours"][0]["at"] == seen["returns"][0]["at"]
    shown = orlo.freeze("put-back", "f1").out
    assert "Read these for their tone: 4 posts will go out in the next 48 hours." in shown
    assert "As far as orlo is known: export of" in shown


WORDS = {
    "a": "The library is closed tomorrow",
    "b": "Foster with us #WarmHomes",
    "c": "Read more books",
    "d": "Rhyme time at Netherby",
}


@pytest.fixture
def missed(practice: Making) -> Practice:
    """Four missed posts: three of communications' page, one of highways'; one still to come."""
    return village(
        practice,
        {**PAGE, "at": at("2022-09-10T10:00"), "text": WORDS["a"]},
        {**PAGE, "at": at("2022-09-11T10:00"), "text": WORDS["b"]},
        {**OTHER_PAGE, "at": at("2022-09-12T10:00"), "text": WORDS["c"]},
        {**PAGE, "at": at("2022-09-13T10:00"), "text": WORDS["d"]},
        {**SITE, "at": at("2022-09-19T12:00"), "text": "late in the pause"},
        orlo=False,
    )


def decisions(p: Practice) -> dict[str, str | None]:
    return {h["text"]: h["hold"]["decision"] for h in p.json("held")["held"]}


def test_many_are_decided_at_once_and_stale_ones_are_left_out_unless_named(missed: Practice) -> None:
    answer = missed.freeze("decide", "--all-missed", "--next-slot", "--yes")
    assert answer.code == 1, "one is still undecided"
    assert "Chosen: 4 held posts" in answer.out
    assert "says 'tomorrow'" in answer.out
    assert decisions(missed)[WORDS["a"]] is None
    assert sum(d == "next-slot" for d in decisions(missed).values()) == 4
    named = missed.freeze("decide", ref(missed, WORDS["a"]), "--all-missed", "--next-slot", "--yes")
    assert named.code == 0
    assert "says 'tomorrow' (it was meant for Sat 10 Sep 10:00 BST): read it before it goes out." in named.out
    assert decisions(missed)[WORDS["a"]] == "next-slot"


def test_a_service_or_a_campaign_is_decided_alone(missed: Practice) -> None:
    service = missed.json("decide", "--service", "highways", "--cancel", "--yes")
    assert service["decided"] == [ref(missed, WORDS["c"])]
    campaign = missed.json("decide", "--campaign", "warmhomes", "--keep", "--yes")
    assert campaign["decided"] == [ref(missed, WORDS["b"])]
    assert decisions(missed) == {
        WORDS["a"]: None,
        WORDS["b"]: "keep",
        WORDS["c"]: "cancel",
        WORDS["d"]: None,
        "late in the pause": None,
    }
    rest = missed.json("decide", "--all-missed", "--next-slot", "--yes")
    assert len(rest["decided"]) == 2
    assert rest["left_out"] == {"decided already (name one to change that)": 2}


def test_nothing_is_decided_about_many_before_somebody_agreed(missed: Practice) -> None:
    look = missed.freeze("decide", "--all-missed", "--cancel", "--dry-run")
    assert (look.code, "Chosen: 5 held posts" in look.out) == (0, True)
    asked = missed.freeze("decide", "--all-missed", "--cancel")
    assert asked.code == 2
    assert "add --yes" in asked.err
    assert set(decisions(missed).values()) == {None}


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("--next-slot",), "Say which posts"),
        (("--service", "libaries", "--cancel"), 'There is no service "libaries"'),
        (("--campaign", "nothing", "--cancel"), 'No held post has the tag "nothing"'),
        (("--freeze", "f9", "--all-missed", "--cancel"), "f9"),
        (("--all-missed", "--at", "2022-09-21T10:00"), "posts that are named, one by one"),
        (("--all-missed", "--accept-current"), "posts that are named, one by one"),
    ],
)
def test_a_choice_that_cannot_be_is_refused_in_words(missed: Practice, args: tuple[str, ...], said: str) -> None:
    answer = missed.freeze("decide", *args, "--yes")
    assert answer.code == 2
    assert said in answer.err
    assert set(decisions(missed).values()) == {None}


def test_held_and_put_back_point_at_stale_words_and_never_block_for_them(missed: Practice) -> None:
    held = {h["text"]: h["stale_words"] for h in missed.json("held")["held"]}
    assert {t: words for t, words in held.items() if words} == {WORDS["a"]: ["tomorrow"]}
    assert "ITS TIME HAS PASSED: decide; says 'tomorrow'" in missed.freeze("held").out
    missed.freeze("decide", ref(missed, WORDS["a"]), "--next-slot")
    assert "new time; says 'tomorrow'" in missed.freeze("put-back", "f1").out
    looked, done = put_back(missed)
    assert looked["returns"][0]["stale_words"] == ["tomorrow"]
    assert done["put_back"] == 1


def test_service_information_gets_the_earlier_times() -> None:
    kinds = Kinds(tags={"roads": "service-status"}, always={"royal-death": frozenset({"service-status"})})
    held = [held_post(n, tags=("Roads",) if n == 3 else ("campaign",)) for n in (1, 2, 3)]
    first = service_information([p for _, p in held], kinds)
    assert first == {3}
    facts = Facts(MORNING, {"page": Account("page", "Page", "memory")})
    way = propose(held, Verdicts(facts), (), {"memory": Limits()}, {}, Hours(), MORNING, first)
    assert [r.post.id for r in way.returns] == [3, 1, 2]
    assert all(b.at - a.at >= timedelta(minutes=30) for a, b in pairwise(way.returns))


def held_post(number: int, tags: tuple[str, ...]) -> tuple[Hold, Post]:
    """A missed post of one page that is to have the next free time; the lower its number, the longer it waits."""
    place = Locator("memory", "page", str(number))
    meant = at("2022-09-10T10:00") + timedelta(days=number)
    seen = Seen(place, State.SCHEDULED, meant, text=f"post {number}", tags=tags)
    post = Post(number, "page", "memory", "", place, State.DRAFT, meant, seen.text, tags=tags)
    hold = Hold(
        id=number,
        post=number,
        state=HoldState.CONFIRMED,
        kind=Kind.DRAFT,
        why="",
        clicks="",
        before=seen,
        expected=Expected(State.DRAFT),
        expires_at=None,
        opened_at=EVENING,
        checked_at=EVENING,
        detail="",
        decision="next-slot",
        decided_time=None,
        decided_by="",
    )
    return hold, post


def test_each_decision_about_many_is_logged_by_post(missed: Practice) -> None:
    def logged() -> int:
        return (missed.freeze("log", "export", on_clock=False)).out.count("hold.decided")

    before = logged()
    missed.freeze("decide", "--all-missed", "--keep", "--yes")
    assert logged() - before == 5


def test_every_post_to_re_date_can_be_listed(practice: Making) -> None:
    many = ({**ORLO, "at": at("2022-09-10T10:00") + timedelta(minutes=n), "text": f"late {n}"} for n in range(17))
    p = village(practice, *many)
    save_export(p)
    shown = p.freeze("put-back", "f1").out
    assert "… and 2 more (put-back --all lists them)" in shown
    assert "late 16" in p.freeze("put-back", "f1", "--all").out
    times = [x["free_time"] for x in p.json("put-back", "f1")["morning"]["overdue"]]
    assert len(set(times)) == 17, "two of one account were given the same time"


def test_while_the_pause_is_in_force_the_lock_stays_on(practice: Making) -> None:
    p = practice("empty", EVENING)
    p.drop("youtube")
    two_pages(p)
    schedule(p, **SITE, at=at("2022-09-17T10:00"), text="freed")
    schedule(p, **ORLO, at=at("2022-09-12T10:00"), text="locked")
    save_export(p)
    p.ready()
    p.freeze("declare", "menai-bridge", "--yes")
    p.clock(at("2022-09-13T10:00"))
    p.freeze("resolve-end", "f1", "--funeral", "2022-09-15")
    look = p.freeze("put-back", "f1").out
    assert look.splitlines()[-1] == "Leave Company lockdown in Orlo on: Royal death (f1) is in force."
    _, done = put_back(p)
    assert done["put_back"] == 1
    assert "first_48_hours" not in done
    assert not [t for t in p.json("tasks")["tasks"] if t["kind"] in ("lift", "pictures")]

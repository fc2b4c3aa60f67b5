"""Rules as a council meets them: homes and public places, asking, crews, hours of a bio, pauses past and to come.

Telephone numbers are from Ofcom's drama ranges; AA 12 34 56 A is nobody's National Insurance number.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from conftest import Practice
from practising import PAGE, Making, at, hamlet

from freeze.accounts import Account
from freeze.ports import Facts
from freeze.posts import Locator, Post, State
from freeze.texts import bios
from freeze.texts.bio_suggest import Suggestion, suggest
from policies import fire_incidents, personal_data

NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
POST = Post(1, "a", "x", "fire-and-rescue", Locator("c", "a", "1"), State.SCHEDULED, NOW, "")
FACTS = Facts(NOW, {"a": Account("a", "Anyshire", "x", service="fire-and-rescue")})


def personal(text: str) -> list[str]:
    return [f.about for f in personal_data.judge(personal_data.Options(), replace(POST, text=text), FACTS)]


def fire(text: str) -> list[str]:
    return [f.about for f in fire_incidents.judge(fire_incidents.Options(), replace(POST, text=text), FACTS)]


@pytest.mark.parametrize(
    "home",
    [
        "14 Station Road",
        "14 Church Lane",
        "3 Old School Close",
        "14 Thetford Road",
        "14 Tower Road",
        "8 St Andrews Close",
        "9 Onslow Drive",
        "14 The Street",
        "2 The Old Green",
        "112 Church View",
        "5 Willow Bank",
        "7 Orchard Fields",
    ],
)
def test_a_home_is_told_whatever_its_street_is_called(home: str) -> None:
    assert personal(f"Jane Smith, {home}, Netherby AN1 2AB won our raffle") == ["a postal address (in AN1)"]


@pytest.mark.parametrize(
    "text",
    [
        "Household waste site, 22 Depot Lane, AN5 6GH: open 9-4",
        "Register office, 14 Mill Road, Netherby AN1 2AB reopens on Monday",
        "The food bank has moved to 14 Mill Road, Netherby AN1 2AB",
        "St Mary's Chapel, 3 Mill Lane, Netherby AN1 2AB: carols at 6pm",
        "The pool at 3 Mill Lane, Netherby AN1 2AB is closed",
        "Planning application DC/26/1234: 14 Mill Road, Netherby AN1 2AB, rear extension",
        "Licensing: The Red Lion, 2 High Street, Netherby AN1 2AB has applied for a variation",
        "Find us at 45 Market Place, Netherby AN1 2AB, 11am-4pm",
        "3 Church Road, Netherby Village Hall, AN1 2AB is your polling station",
    ],
)
def test_the_address_of_a_public_place_or_in_a_public_notice_is_nobodys_own(text: str) -> None:
    assert personal(text) == []


def test_a_national_insurance_number_needs_no_spaces() -> None:
    assert personal("Her number is AA123456A") == ["a National Insurance number (AA …)"]
    assert personal("Order AA123456X is here") == []


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("Your name and address in the comments, please", True),
        ("Put YOUR EMAIL in the comments to win", True),
        ("Comment with your mobile number", True),
        ("Tell us your name ideas for our new gritter in the comments!", False),
        ("Put your name suggestions in the comments", False),
        ("What is your number one walk? Say it in the comments and tag your number one friend", False),
        ("Tell us in the comments where your mobile library stops", False),
    ],
)
def test_asking_is_told_at_the_start_of_a_sentence_and_naming_a_gritter_is_none(text: str, asks: bool) -> None:
    assert personal(text) == (["asking"] if asks else [])


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("We have only 4 firefighters on duty at Netherby tonight", ["crew numbers"]),
        ("Just two fire engines available in Saltmarket tonight", ["crew numbers"]),
        ("Crews were called to a fire at 14 The Street", ["location"]),
        ("Crews were called to a fire at 14 Tower Road", ["location"]),
        ("Crews were called to a fire. In 2026 the road was closed twice", []),
        ("On-call firefighters wanted: we need 6 more firefighters in Haverhill", []),
        ("Three firefighters tell what it is like to be on duty at Christmas", []),
        ("Our 650 firefighters are on duty all year", []),
    ],
)
def test_crews_on_duty_are_numbers_too_and_streets_are_told_by_any_name(text: str, told: list[str]) -> None:
    assert fire(text) == told


@pytest.mark.parametrize(
    ("bio", "verdict"),
    [
        ("This page is not monitored outside of office hours (9am-5pm, Monday - Friday)", "states"),
        ("Not monitored outside our working hours: Mon-Thu 8.30am-5pm", "states"),
        ("Not monitored outside office hours.", "vague"),
        ("Not monitored out of hours. Call 01632 960999 Mon-Fri 5pm-9am", "vague"),
        ("Outside office hours call 01632 960999", "none"),
        ("Customer service team on hand Mon to Fri, 8am–6pm and Sat, 9am–12 noon", "states"),
    ],
)
def test_hours_outside_which_nobody_looks_are_hours_stated(bio: str, verdict: str) -> None:
    assert bios.judge(bio, "").stated.verdict == verdict


def suggested(bio: str, hours: str = "Mon-Fri 9-5", longest: int = 160) -> Suggestion:
    register = bios.hours_from(hours)
    assert register is not None
    return suggest(bio, register, longest)


def test_a_suggestion_keeps_the_opening_hours_of_a_place() -> None:
    made = suggested("Libraries are open! Mon-Sat 9.30-5.30. Follow for storytimes.")
    assert made.text.startswith("Libraries are open! Mon-Sat 9.30-5.30. Follow for storytimes.")


def test_a_suggestion_never_leaves_other_hours_beside_its_own() -> None:
    made = suggested("Trading Standards. Monitored 10-4 weekdays; not for complaints: 01632 960999")
    assert made.text == "Trading Standards. Monitored Monday to Friday, 9am to 5pm."
    assert "It leaves out “Monitored 10-4 weekdays; not for complaints" in made.said


@pytest.mark.parametrize(
    ("bio", "lost"),
    [
        ("Your council ✨ DMs open Mon–Thu 8.30–5", "Your council ✨ DMs open"),
        ("Tweets from the Anyshire duty officer, 24/7.", "Tweets from the Anyshire duty officer"),
        ("This account is monitored Mon-Thu 9-5.", ""),
    ],
)
def test_a_suggestion_says_what_it_leaves_out(bio: str, lost: str) -> None:
    said = suggested(bio).said
    assert (f"It leaves out “{lost}" in said) if lost else ("leaves out" not in said)


@pytest.mark.parametrize("more", [("--minutes", "2"), ("--until", "2022-09-08T18:00")])
def test_a_pause_that_would_be_over_already_is_refused(council: Practice, more: tuple[str, str]) -> None:
    refused = council.freeze("declare", "silence", "--from", "2021-04-17T15:00", *more, "--everything", "--yes")
    assert refused.code == 2
    assert "over already" in refused.err
    assert council.json("list")["freezes"] == []


def test_what_a_pause_still_to_come_will_hold_is_said_by_preview_check_and_calendar(practice: Making) -> None:
    quote, talks = "Cllr Bell said: “We are proud.”", "Have your say on parking"
    p = hamlet(
        practice,
        at("2027-04-01T09:00"),
        PAGE | {"at": at("2027-04-14T15:00"), "text": quote},
        PAGE | {"at": at("2027-04-15T15:00"), "text": talks},
    )
    settings = p.folder / "freeze.toml"
    settings.write_text(f'{settings.read_text()}\n[policies.pre-election]\nhold = ["member-quotes"]\n')
    words = ("declare", "pre-election", "--poll", "2027-05-06", "--from", "2027-04-10", "--everything")
    dry = p.freeze(*words, "--dry-run")
    assert "1 scheduled post stands in its time and is held later, the first due Wed 14 Apr 15:00 BST" in dry.out
    assert len(p.json(*words, "--dry-run")["later"]) == 1
    assert p.freeze(*words, "--yes").code == 0
    answer = p.json("check")
    said = {x["post"]: x["text"] for x in answer["posts"]}
    steps = {said[f["post"]]: f["next_step"] for f in answer["findings"] if f["policy"] == "pre-election"}
    assert "will be held" in steps[quote]
    assert "freeze allow" in steps[quote]
    assert "accept it" in steps[talks]
    assert "1 not held yet" in p.freeze("calendar", "--month", "2027-04").out


def test_a_pause_that_begins_now_has_nothing_for_later(council: Practice) -> None:
    assert "is held later" not in council.freeze("declare", "menai-bridge", "--dry-run").out

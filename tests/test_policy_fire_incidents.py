"""The rule about fire incidents: what is never told, and that advice, recruitment and open days pass."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from freeze.accounts import Account
from freeze.findings import Finding, Level
from freeze.ports import Facts
from freeze.posts import Locator, Post, State
from freeze.register import Record
from policies import fire_incidents as rule

NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
FIRE = Post(7, "fire", "x", "fire-and-rescue", Locator("c", "a", "7"), State.SCHEDULED, NOW, "")
FACTS = Facts(NOW, {"fire": Account("fire", "@AnyshireFire", "x", service="fire-and-rescue")})


def found(text: str, *media: str, facts: Facts = FACTS, post: Post = FIRE, **options: object) -> list[Finding]:
    return list(rule.judge(rule.Options(**options), replace(post, text=text, media=media), facts))  # type: ignore[arg-type]


TOLD = [
    ("two pumps from Haverhill, one casualty at 14 Mill Road", {"crew numbers", "casualties", "location"}),
    ("Three crews attended a crash on the A999; two people were taken to hospital.", {"crew numbers", "casualties"}),
    ("A man has sadly died after a flat fire in Saltmarket.", {"fatalities"}),
    ("Make pumps 6 at the mill", {"crew numbers"}),
    ("Netherby's pump is off the run tonight", {"crews off the run"}),
    ("No cover at Saltmarket until 6pm", {"crews off the run"}),
    ("NILO on scene at ///filled.count.soap", {"ILO", "location"}),
    ("The fire at the mill is under control. Mr Smith, aged 54, thanked crews.", {"person"}),
    ("Crews attended a house fire near AN1 2AB", {"location"}),
    ("Incident number 01234 is closed", {"operational"}),
    ("Suspected arson at the school", {"operational"}),
    ("Crews are at the scene. A woman was trapped and a child injured.", {"casualties"}),
    ("This morning two people died in a house fire", {"fatalities"}),
]


@pytest.mark.parametrize(("text", "details"), TOLD)
def test_a_detail_that_is_never_told_is_a_conflict_under_clause_8_2(text: str, details: set[str]) -> None:
    got = found(text)
    assert {f.about for f in got} == details
    assert {(f.clause, f.level) for f in got} == {("8.2", Level.CONFLICT)}
    assert len(got) == len(details)


FINE = [
    "Crews were called to a house fire in Netherby this evening. Please avoid the area.",
    "On-call firefighters wanted in Haverhill 🚒",
    "We are recruiting 12 firefighters across 5 stations. Are you aged 18 or over?",
    "Test your smoke alarm every week. Stay safe, Anyshire Fire and Rescue Service.",
    "Open evening at Netherby fire station, 12 Station Road, AN1 2AB on Thursday, 6pm.",
    "Come and meet two fire engines and a crew at our open day",
    "People die in house fires every year because they have no smoke alarm.",
    "You are four times more likely to die in a house fire without a smoke alarm. Test yours.",
    "Candles cause 1,000 house fires and 350 injuries a year",
    "Most fatal house fires in 2025 started at night",
    "Flood warning for the Ouse valley at Low Harting: move valuables upstairs, do not drive through water.",
    "Never leave a candle burning. If there is a fire: get out, stay out, call 999.",
    "Firefighters rescued a dog from the river",
    "Book a free home safety visit for someone over 65.",
    "B1234 is closed at Saltmarket because of an incident. Use another route.",
    "Casualty figures on our roads fell",
]


@pytest.mark.parametrize("text", FINE)
def test_warnings_advice_recruitment_and_open_days_pass(text: str) -> None:
    assert found(text) == []


def test_a_finding_repeats_no_location_and_no_name() -> None:
    said = " ".join(
        f.sentence for f in found("Mr Smith, 54 years old, was trapped in a flat fire at 14 Mill Road, AN1 2AB")
    )
    assert not {"Smith", "54", "Mill", "AN1"} & set(said.replace(",", " ").split())
    assert "“two pumps”" in found("two pumps from Haverhill")[0].sentence


@pytest.mark.parametrize(
    ("media", "options", "noted"),
    [
        ((), {}, False),
        (("photo.jpg",), {}, True),
        (("photo.jpg", "Media-Cleared"), {}, False),
        (("photo.jpg",), {"checklist": "never"}, False),
    ],
)
def test_pictures_of_an_incident_are_to_be_cleared(
    media: tuple[str, ...], options: dict[str, object], noted: bool
) -> None:
    got = found("Crews have dealt with a barn fire in Netherby", *media, **options)
    assert [f.level for f in got] == [Level.NOTE] * noted
    if noted:
        for thing in ("faces", "number plates", "house numbers", "under-18s", "protective equipment"):
            assert thing in got[0].sentence


def test_pictures_of_anything_else_are_noted_only_where_settings_ask() -> None:
    assert found("On-call firefighters wanted", "photo.jpg") == []
    assert len(found("On-call firefighters wanted", "photo.jpg", checklist="always")) == 1


def test_which_accounts_it_is_about() -> None:
    words = "two pumps from Haverhill"
    other = replace(FIRE, account="b", service="libraries")
    assert found(words, post=other) == []
    assert found(words, post=other, services=["libraries"])
    assert found(words, post=other, facts=replace(FACTS, records={"b": Record(kind="fire")}))
    stranger = {"b": Account("b", "Netherby Fire Station", "facebook", registered=False)}
    assert found(words, post=other, facts=Facts(NOW, stranger))
    assert found(words, post=other, facts=Facts(NOW, stranger), unregistered="") == []


def test_a_bad_setting_is_refused() -> None:
    with pytest.raises(ValidationError):
        rule.Options(checklist="sometimes")  # type: ignore[arg-type]


@pytest.mark.parametrize("piece", ["one casualty crew ", "1 Mill Road ", "two ", "a", "/", "Mr A", "fire at "])
def test_no_text_takes_long(piece: str) -> None:
    started = time.process_time()
    found(piece * (50_000 // len(piece)))
    assert time.process_time() - started < 1

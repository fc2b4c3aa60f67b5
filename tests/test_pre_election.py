"""What is promised about the time before an election in commands: business goes on, and every command agrees on it."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from conftest import Practice
from practising import OTHER_PAGE, PAGE, at, hamlet, put_back, ref, schedule, show, stands, truth

from freeze.sandbox._core.exports import orlo_export

Making = Callable[..., Practice]
NOW = at("2027-04-01T09:00")
QUOTE, TALKS = "Cllr Bell said: “We are proud.”", "Have your say on parking"
ORDINARY = ("Flood warning for the River Any", "Netherby School is closed", "Story time at the library")


def page(day: int, text: str, **more: Any) -> dict[str, Any]:
    return PAGE | {"at": at(f"2027-04-{day:02}T10:00"), "text": text} | more


def town(practice: Making, *posts: dict[str, Any], hold: str = "") -> Practice:
    p = hamlet(practice, NOW, *posts)
    path = p.folder / "freeze.toml"
    path.write_text(f"{path.read_text()}\n[policies.pre-election]\nhold = [{hold}]\n")
    return p


def declared(p: Practice, *more: str) -> dict[str, Any]:
    return p.json("declare", "pre-election", "--poll", "2027-05-06", "--everything", "--yes", *more)


def found(p: Practice) -> set[tuple[str, str]]:
    """The words and the level of every finding of the rule."""
    answer = p.json("check")
    words = {x["post"]: x["text"] for x in answer["posts"]}
    return {(words[f["post"]], f["level"]) for f in answer["findings"] if f["policy"] == "pre-election"}


def test_by_default_it_checks_and_holds_nothing(practice: Making) -> None:
    p = town(practice, page(14, QUOTE), page(15, TALKS), *(page(16 + n, t) for n, t in enumerate(ORDINARY)))
    assert found(p) == set(), "no election was declared"
    dry = p.freeze("declare", "pre-election", "--poll", "2027-05-06", "--everything", "--dry-run")
    assert dry.code == 0
    assert "LATEST POSSIBLE day of the notice" in dry.out
    assert "lockdown" not in dry.out.lower()
    made = p.freeze("declare", "pre-election", "--poll", "2027-05-06", "--from", "2027-03-24", "--everything", "--yes")
    assert made.code == 0, made.out
    assert "Business goes on" in made.out
    assert "LATEST POSSIBLE" not in made.out, "the day of the notice was given"
    assert stands(show(p)) == {}
    assert {x["state"] for x in p.posts(platform="facebook")} == {"scheduled"}
    assert found(p) == {(QUOTE, "conflict"), (TALKS, "conflict")}
    assert "1986" in p.freeze("check").out
    assert p.json("tasks")["tasks"] == [], "nobody is asked to switch anything off"
    p.clock(at("2027-04-20T12:00"))
    swept = p.freeze("sync", "--enforce")
    assert swept.code == 0, swept.out
    assert show(p)["went_out"] == [], "what it does not hold is no slip"


def test_it_ends_with_the_poll_and_begins_at_the_latest_with_the_last_day_for_the_notice(practice: Making) -> None:
    p = hamlet(practice, at("2027-03-01T09:00"))
    made = declared(p)
    assert made["windows"] == [made["windows"][0]]
    assert made["windows"][0]["start"] == "2027-03-30T23:00:00+00:00", "Wednesday 31 March 2027, midnight in London"
    assert made["windows"][0]["end"] == "2027-05-06T21:00:00+00:00"
    assert "LATEST POSSIBLE" in made["assumed"]
    for wrong in (
        ("--poll", "2027-02-01"),
        ("--poll", "soon"),
        ("--poll", "2027-06-03", "--election", "parish-pump"),
        ("--poll", "2027-06-03", "--days", "3"),
        (),
    ):
        refused = p.freeze("declare", "pre-election", "--everything", "--yes", *wrong)
        assert refused.code == 2, wrong
    assert p.freeze("declare", "pre-election", "--poll", "2027-06-03", "--yes").code == 2, "its scope must be given"
    assert p.freeze("declare", "crisis", "--everything", "--poll", "2027-06-03", "--yes").code == 2
    general = p.json(
        "declare", "pre-election", "--poll", "2027-10-07", "--election", "general", "--everything", "--dry-run"
    )
    assert general["dry_run"]


def test_check_dry_run_and_declare_agree_on_what_is_held(practice: Making) -> None:
    posts = [page(14, QUOTE), page(15, TALKS), *(page(16 + n, t) for n, t in enumerate(ORDINARY))]
    p = town(practice, *posts, OTHER_PAGE | {"at": at("2027-04-14T10:00"), "text": QUOTE}, hold='"member-quotes"')
    dry = p.json("declare", "pre-election", "--poll", "2027-05-06", "--service", "communications", "--dry-run")
    assert [i["text"] for i in dry["items"]] == [QUOTE]
    made = p.json("declare", "pre-election", "--poll", "2027-05-06", "--service", "communications", "--yes")
    assert made["counts"] == {"confirmed": 1}
    assert stands(made) == {QUOTE: "confirmed"}
    held = [f for f in p.json("check")["findings"] if f["level"] == "stop"]
    assert [f["post"] for f in held] == [i["post"] for i in dry["items"]]
    assert "it names a councillor" in held[0]["sentence"]
    assert found(p) == {(QUOTE, "stop"), (TALKS, "conflict")}
    assert [x["state"] for x in p.posts(platform="facebook", account=OTHER_PAGE["account"])] == ["scheduled"]


def test_what_went_out_is_named_only_where_it_should_have_been_held(practice: Making) -> None:
    p = town(practice, page(14, QUOTE), page(14, "Story time"), page(20, "Late words"), hold='"member-quotes"')
    declared(p)
    schedule(p, **page(16, "Cllr Khan opened the fair"))
    schedule(p, **page(16, "The fair was fun"))
    p.clock(at("2027-04-17T09:00"))
    swept = p.freeze("sync", "--enforce")
    assert {o["text"]: o["how"] for o in show(p)["went_out"]} == {"Cllr Khan opened the fair": "slip"}
    assert swept.code == 3
    p.edit(platform="facebook", id=truth(p, "Late words")["id"], text="Cllr Bell says thank you")
    p.freeze("sync", "--enforce")
    assert stands(show(p))["Cllr Bell says thank you"] == "confirmed", "an edit can bring a post under it"
    assert truth(p, "Story time")["state"] == "published"


def test_a_held_quote_can_be_allowed_and_put_back_among_ordinary_posts(practice: Making) -> None:
    p = town(practice, page(14, QUOTE), page(15, "Cllr Khan said"), hold='"member-quotes"')
    declared(p)
    assert p.freeze("allow", ref(p, QUOTE), "--reason", "Statutory notice").code == 0
    put_back(p)
    assert (truth(p, QUOTE)["state"], truth(p, QUOTE)["publish_at"]) == ("scheduled", "2027-04-14T09:00:00Z")
    assert (QUOTE, "conflict") not in found(p), "somebody looked at it and let it through"
    assert stands(show(p))["Cllr Khan said"] == "confirmed"
    brief = p.freeze("brief").out
    assert "business goes on" in brief.lower()


def test_a_scheduler_is_not_locked_down_for_one_quote(practice: Making) -> None:
    p = practice("empty", NOW)
    for n, text in enumerate((QUOTE, "Story time")):
        schedule(p, platform="orlo", account="x:@AnyshireLibs", at=NOW + timedelta(days=3 + n), text=text)
    for old in (folder := p.folder / "orlo-exports").iterdir():
        old.unlink()
    export = folder / "orlo-export-20270401-0900.csv"
    export.write_text(orlo_export(p.sandbox.world, NOW + timedelta(minutes=5)), encoding="utf-8")
    os.utime(export, (NOW.timestamp(), NOW.timestamp()))
    p.drop("website", "youtube", "facebook")
    path = p.folder / "freeze.toml"
    path.write_text(f'{path.read_text()}\n[policies.pre-election]\nhold = ["member-quotes"]\n')
    p.ready()
    made = p.freeze("declare", "pre-election", "--poll", "2027-05-06", "--everything", "--yes")
    assert made.code == 3, "a copy cannot hold: a person must"
    assert [t["kind"] for t in p.json("tasks")["tasks"]] == ["stop"], "nobody is asked to look through an app"
    assert QUOTE in made.out
    assert "leave the others alone" in made.out
    for said in (made.out, p.freeze("tasks").out, p.freeze("show", "f1").out):
        assert "lockdown" not in said, "it would stop everything for one quote"

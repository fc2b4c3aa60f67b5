"""What is promised about allowing: only what was allowed passes, only through its own pause, and it is on record."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import requests
from conftest import EVENING, Practice
from practising import at, orlo_by_http, put_back, schedule

from freeze.council import whoami

Making = Callable[..., Practice]
ACCOUNTS = {
    "highways": "x:@Any_Highways",
    "fire": "x:@AnyshireFire",
    "libraries": "x:@AnyshireLibs",
    "schools": "x:@AnyshireSchools",
}
KINDS = """
[kinds.tags]
"Flood" = "flood"
"school closed" = "school-closures"
"risk-to-life" = "risk-to-life"
"campaign" = "campaigns"
"""
DAY_3 = at("2022-09-11T10:00")


def post(service: str, when: datetime, text: str, *tags: str) -> dict[str, Any]:
    return {"platform": "orlo", "account": ACCOUNTS[service], "at": when, "text": text, "tags": list(tags)}


def county(practice: Making, *posts: dict[str, Any], now: datetime = EVENING, more: str = KINDS) -> Practice:
    """A council of four accounts in one scheduler that can hold, with these posts, synced."""
    p = practice("empty", now)
    orlo_by_http(p)
    p.drop("website", "youtube", "facebook")
    register = p.folder / "accounts.csv"
    rows = register.read_text(encoding="utf-8").splitlines(keepends=True)
    register.write_text(
        "".join(rows[:1] + [r for r in rows if any(r.rstrip().endswith(f"orlo={a}") for a in ACCOUNTS.values())])
    )
    for each in posts:
        schedule(p, **each)
    settings = p.folder / "freeze.toml"
    settings.write_text(settings.read_text() + more)
    return p.ready()


def paused(practice: Making, *posts: dict[str, Any], **more: Any) -> Practice:
    """The same, with the pause declared."""
    p = county(practice, *posts, **more)
    assert p.freeze("declare", "menai-bridge", "--yes").code in (
        0,
        3,
    )  # accounts without a connection of their own are asked about
    return p


def states(p: Practice) -> dict[str, str]:
    return {x["text"]: x["state"] for x in p.posts(platform="orlo")}


def of(p: Practice, text: str) -> str:
    """The short id of the post with these words."""
    found = {x["post"] for x in p.json("show", "f1")["posts"] if x["text"] == text}
    assert len(found) == 1, text
    return str(found.pop())


def test_a_flood_on_day_three_passes_by_a_standing_permission_and_the_campaign_does_not(practice: Making) -> None:
    noon = DAY_3 + timedelta(hours=2)
    p = paused(
        practice,
        post("highways", noon, "A999 flooded", "Flood"),
        post("fire", noon, "Do not drive into water", "flood"),
        post("libraries", noon, "Read more this month", "campaign"),
        post("libraries", noon, "Flood stories to borrow", "Flood"),
    )
    assert set(states(p).values()) == {"draft"}
    p.clock(DAY_3)
    given = ["--kind", "flood", "--service", "highways", "--service", "fire-and-rescue", "--until", "2022-09-12"]
    said = p.freeze("allow", *given, "--reason", "River Lark over its banks")
    assert said.code == 0
    assert "Known posts that it lets through: 2, of which 2 are held" in said.out
    assert "It is allowed already" in p.freeze("allow", *given, "--reason", "Again").out
    assert "2 posts that may pass are still held" in p.freeze("status").out
    looked, done = put_back(p)
    assert (len(looked["returns"]), done["put_back"]) == (2, 2)
    schedule(p, **post("fire", noon + timedelta(hours=1), "Water is still rising", "flood"))
    schedule(p, **post("libraries", noon + timedelta(hours=1), "Story time", "campaign"))
    p.freeze("sync", "--enforce")
    p.clock(noon + timedelta(hours=3))
    p.freeze("sync", "--enforce")
    out = {text for text, state in states(p).items() if state == "published"}
    assert out == {"A999 flooded", "Do not drive into water", "Water is still rising"}
    shown = p.json("show", "f1")
    assert {x["text"]: x["how"] for x in shown["went_out"]} == dict.fromkeys(out, "allowed")
    assert all("a1: River Lark" in x["why"] for x in shown["went_out"])
    assert not [
        f for f in p.json("check")["findings"] if f["post"] and f["level"] != "note" and "flood" in f["sentence"]
    ]


def test_a_school_closure_passes_by_its_kind_and_a_risk_to_life_at_once(practice: Making) -> None:
    morning = at("2022-09-09T07:00")
    p = paused(
        practice,
        post("schools", morning, "Netherby Primary is closed today", "School closed"),
        post("schools", morning, "Netherby Primary fair", "campaign"),
        post("fire", morning, "Leave Saltmarket now", "risk-to-life", "campaign"),
        post("fire", morning, "School closed? Risk to life? Just words"),
    )
    assert states(p) == {
        "Netherby Primary is closed today": "scheduled",
        "Netherby Primary fair": "draft",
        "Leave Saltmarket now": "scheduled",
        "School closed? Risk to life? Just words": "draft",
    }
    p.clock(morning + timedelta(minutes=5))
    p.freeze("sync", "--enforce")
    assert {x["how"] for x in p.json("show", "f1")["went_out"]} == {"allowed"}
    asked = "who directed it is not recorded"
    assert asked not in p.freeze("check").out
    p.clock(morning + timedelta(days=1, minutes=5))
    found = [f for f in p.json("check")["findings"] if asked in f["sentence"]]
    assert [f["level"] for f in found] == ["conflict"]
    ref = found[0]["post"]
    words = ["allow", ref, "--risk-to-life", "--directed-by", "Fire control, J Smith"]
    assert p.freeze(*words).code == 0
    assert asked not in p.freeze("check").out
    assert b"J Smith" not in p.freeze("log", "export", on_clock=False).out.encode()


def test_one_allowed_post_goes_back_while_the_pause_is_in_force_and_is_held_again_when_it_is_edited(
    practice: Making,
) -> None:
    noon = at("2022-09-11T12:00")
    p = paused(practice, post("highways", noon, "Bridge shut"), post("highways", noon, "Bridge fair"))
    said = p.freeze("allow", of(p, "Bridge shut"), "--freeze", "f1", "--reason", "Safety")
    assert said.code == 0
    assert "is held. Put it back: freeze put-back f1" in said.out
    assert states(p) == {"Bridge shut": "draft", "Bridge fair": "draft"}, "allowing moves nothing"
    _, done = put_back(p)
    assert done["put_back"] == 1
    assert states(p) == {"Bridge shut": "scheduled", "Bridge fair": "draft"}
    p.freeze("sync", "--enforce")
    assert states(p)["Bridge shut"] == "scheduled"
    allowed = next(x for x in p.posts(platform="orlo") if x["text"] == "Bridge shut")
    p.edit(platform="orlo", id=allowed["id"], text="Bridge shut, fair on")
    p.freeze("sync", "--enforce")
    assert states(p)["Bridge shut, fair on"] == "draft", "what was allowed were other words"


def test_a_withdrawn_permission_holds_again_at_the_next_enforcing_look(practice: Making) -> None:
    p = paused(practice, post("highways", at("2022-09-11T12:00"), "Bridge shut"))
    p.freeze("allow", of(p, "Bridge shut"), "--reason", "Safety")
    put_back(p)
    said = p.freeze("allow", "--withdraw", "a1")
    assert said.code == 3
    assert "KNOWN AND NOT HELD: 1 post, the next due Sun 11 Sep 12:00 BST. Hold now" in said.out
    assert p.freeze("allow", "--withdraw", "a1").out.startswith("a1 is withdrawn already")
    p.freeze("sync", "--enforce")
    assert states(p) == {"Bridge shut": "draft"}


def test_a_condolence_typed_live_passes_on_its_account_and_nowhere_else(practice: Making) -> None:
    p = paused(practice)
    words = "It is with great sadness that we mourn the loss of His Majesty."
    said = p.freeze("allow", "--new", words, "--account", "anyshirelibs-x", "--reason", "Condolence", "--by", "Jo Lead")
    assert said.code == 0
    assert "Jo Lead (as stated), entered by" in p.freeze("allow", "--list").out
    soon = p.now() + timedelta(hours=2)
    schedule(p, **post("libraries", soon, words))
    schedule(p, **post("highways", soon, words))
    schedule(p, **post("libraries", soon, words + " Books half price."))
    p.freeze("sync", "--enforce")
    found = {(x["account"], x["text"]): x["state"] for x in p.posts(platform="orlo")}
    assert found == {
        (ACCOUNTS["libraries"], words): "scheduled",
        (ACCOUNTS["highways"], words): "draft",
        (ACCOUNTS["libraries"], words + " Books half price."): "draft",
    }


def test_allowed_through_one_pause_it_stays_held_by_another(practice: Making) -> None:
    p = paused(practice, post("highways", at("2022-09-11T12:00"), "Bridge shut"))
    p.freeze("declare", "menai-bridge", "--service", "highways", "--until", "2022-09-13", "--yes")
    ref = of(p, "Bridge shut")
    assert p.freeze("allow", ref, "--reason", "Safety").code == 2, "it must be said through which"
    said = p.freeze("allow", ref, "--freeze", "f1", "--reason", "Safety")
    assert "stays held by Royal death (f2); allow it there too." in said.out
    assert p.freeze("put-back", "f1").code == 4
    p.freeze("allow", ref, "--freeze", "f2", "--reason", "Safety")
    assert put_back(p)[1]["put_back"] == 1


def test_who_may_not_allow_is_told_who_may(practice: Making) -> None:
    people = f"""
[people.{whoami.user()}]
name = "Sam Patel"
role = "communications officer"
[people.jo]
name = "Jo Smith"
role = "Communications lead"
"""
    p = paused(practice, post("highways", at("2022-09-11T12:00"), "Bridge shut"), more=KINDS + people)
    ref = of(p, "Bridge shut")
    for args in (
        ["allow", ref, "--reason", "Safety", "--by", "Jo Smith"],
        ["allow", "--kind", "flood", "--until", "2022-09-12", "--reason", "x"],
        ["end", "f1"],
        ["undo", "f1"],
        ["extend", "f1", "--hole", "2022-09-11T09:00/2022-09-11T10:00"],
    ):
        refused = p.freeze(*args)
        assert (refused.code, refused.out) == (4, ""), args
        assert "Sam Patel (communications officer) may not" in refused.err
        assert "Who may: Jo Smith (Communications lead)." in refused.err
    assert p.json("allow", "--list")["permissions"] == []
    settings = p.folder / "freeze.toml"
    officers = settings.read_text()
    settings.write_text(officers.replace('"communications officer"', '"Communications lead"'))
    assert p.freeze("allow", ref, "--reason", "Safety").code == 0
    settings.write_text(officers)
    looked = p.json("put-back", "f1")
    assert p.freeze("put-back", "f1", "--digest", looked["digest"]).code == 4
    assert p.freeze("allow", "--withdraw", "a1").code == 0, "stopping is broad"
    assert p.freeze("allow", ref, "--risk-to-life").code == 0
    looked, done = put_back(p)
    assert ([r["post"] for r in looked["returns"]], done["put_back"]) == ([ref], 1), "a risk to life waits for nobody"
    assert states(p) == {"Bridge shut": "scheduled"}


CHANGES = (
    ("declare", "menai-bridge", "--yes"),
    ("extend", "f1", "--days", "20"),
    ("end", "f1"),
    ("undo", "f1"),
    ("resolve-end", "f1", "--funeral", "2022-09-19"),
    ("announce", "f1", "--source", "https://www.royal.example/news"),
    ("allow", "p1", "--reason", "x"),
    ("allow", "p1", "--risk-to-life"),
    ("decide", "p1", "--keep"),
    ("put-back", "f1"),
    ("sync", "--enforce"),
    ("watch", "--for", "1s"),
    ("nightly", "--once"),
    ("accounts", "import", "accounts.csv"),
    ("foi", "log", "--account", "x", "--channel", "comment", "--link", "https://x.example/1"),
    ("workdays", "proclaim", "2022-09-19", "State funeral", "--source", "Gazette"),
)


def test_an_auditor_reads_everything_and_changes_nothing(practice: Making) -> None:
    p = paused(practice, post("highways", at("2022-09-11T12:00"), "Bridge shut"))
    settings = p.folder / "freeze.toml"
    settings.write_text(settings.read_text() + f'\n[people.{whoami.user()}]\nname = "Kim Lee"\nrole = "auditor"\n')
    for read in (["status"], ["check"], ["held"], ["allow", "--list"], ["show", "f1"]):
        assert p.freeze(*read).code != 4, read
    head = p.json("status")["log_head"]
    for args in CHANGES:
        refused = p.freeze(*args)
        assert refused.code == 4, (args, refused.out, refused.err)
        assert "Kim Lee (auditor) may not" in refused.err, args
    assert p.json("status")["log_head"] == head


BAD = (
    (("allow",), "Say what to allow"),
    (("allow", "p1", "--kind", "flood", "--reason", "x"), "Give exactly one"),
    (("allow", "p1"), "needs a reason"),
    (("allow", "p99", "--reason", "x"), 'There is no post "p99"'),
    (("allow", "p1", "--until", "2022-09-12", "--reason", "x"), "takes no --account"),
    (("allow", "--kind", "flood", "--reason", "x"), "needs its end"),
    (("allow", "--kind", "flood", "--until", "2022-09-01", "--reason", "x"), "has passed"),
    (("allow", "--new", " ", "--account", "anyshirelibs-x", "--reason", "x"), "needs the words"),
    (("allow", "--new", "We mourn", "--reason", "x"), "where they go"),
    (("allow", "--new", "We mourn", "--account", "anyshirelib-x", "--reason", "x"), 'Did you mean "anyshirelibs-x"'),
    (("allow", "--kind", "floods", "--until", "2022-09-12", "--reason", "x"), 'Did you mean "flood"'),
    (("allow", "p1", "--freeze", "f9", "--reason", "x"), 'There is no pause "f9"'),
    (("allow", "--withdraw", "a9"), "None was given yet"),
    (("allow", "p1", "--directed-by", "Fire control", "--reason", "x"), "goes with --risk-to-life"),
    (("allow", "p2", "--reason", "x"), "does not cover it"),
)


def test_what_cannot_be_meant_is_said_plainly(practice: Making) -> None:
    p = paused(
        practice,
        post("highways", at("2022-09-11T12:00"), "Bridge shut"),
        post("highways", at("2022-10-11T12:00"), "Long after"),
    )
    for args, said in BAD:
        answer = p.freeze(*args)
        assert answer.code == 2, (args, answer.out, answer.err)
        assert said in answer.out + answer.err, (args, answer.out, answer.err)
        assert "Traceback" not in answer.err
    assert p.freeze("allow", "--kind", "campaigns", "--until", "2022-09-12", "--reason", "x").code == 4
    p.freeze("end", "f1")
    over = p.freeze("allow", "p1", "--freeze", "f1", "--reason", "x")
    assert (over.code, over.err.strip()) == (4, "Royal death (f1) is ended (early): it holds nothing any more.")


def test_what_a_person_was_asked_to_stop_need_not_be_stopped_once_it_is_allowed(practice: Making) -> None:
    p = practice("empty", EVENING)
    p.drop("website", "youtube", "facebook")
    for text in ("Bridge shut", "Bridge fair"):
        schedule(p, **post("highways", at("2022-09-11T12:00"), text))
    answer = requests.get(p.url + "/_sandbox/orlo-export.csv", params={"as_of": "now"}, timeout=5)
    (p.folder / "orlo-exports" / "orlo-export-20220908-1839.csv").write_bytes(answer.content)
    p.ready()
    p.freeze("declare", "menai-bridge", "--service", "highways", "--yes")
    before = {x["text"]: x["hold"]["state"] for x in p.json("held")["held"]}
    assert before == {"Bridge shut": "needs a person", "Bridge fair": "needs a person"}
    said = p.freeze("allow", of(p, "Bridge shut"), "--reason", "Safety")
    assert "a person need not stop it. Whoever stopped it already must let it go there." in said.out
    assert [x["text"] for x in p.json("held")["held"]] == ["Bridge fair"]
    p.freeze("sync", "--enforce")
    assert [x["text"] for x in p.json("held")["held"]] == ["Bridge fair"]
    p.freeze("allow", "--withdraw", "a1")
    p.freeze("sync", "--enforce")
    assert {x["text"] for x in p.json("held")["held"]} == {"Bridge shut", "Bridge fair"}

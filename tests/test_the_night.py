"""The night of 8 September 2022, 18:39 to 20:30: what status and brief say is true at every moment, and no more."""

from __future__ import annotations

import os
from datetime import datetime
from typing import Any

import pytest
import requests
from conftest import Practice
from practising import at, orlo_by_http, setting


@pytest.fixture
def night(council: Practice) -> Practice:
    """The council, its pause just declared."""
    council.json("declare", "menai-bridge", "--yes")
    return council


def save_export(p: Practice, moment: datetime) -> None:
    """Somebody saves a fresh export from Orlo."""
    p.clock(moment)
    text = requests.get(f"{p.url}/_sandbox/orlo-export.csv", params={"as_of": "now"}, timeout=5)
    path = p.folder / "orlo-exports" / f"orlo-export-{moment:%Y%m%d-%H%M}.csv"
    path.write_bytes(text.content)
    os.utime(path, (moment.timestamp(), moment.timestamp()))


def tasks(p: Practice, **where: str) -> list[dict[str, Any]]:
    """The open tasks with these values."""
    return [t for t in p.json("tasks")["tasks"] if all(t[k] == v for k, v in where.items())]


def lockdown(p: Practice) -> dict[str, Any]:
    [only] = tasks(p, kind="lockdown")
    return only


def brief(p: Practice) -> tuple[list[str], dict[str, Any]]:
    """The five lines, and the same as data."""
    lines = p.freeze("brief").out.splitlines()
    assert len(lines) == 5, lines
    return lines, p.json("brief")["pauses"][0]


def out_since(p: Practice, first: datetime) -> list[dict[str, Any]]:
    """What truly went out, from the sandbox itself."""
    return [
        x
        for x in p.posts(state="published")
        if x["published_at"] and datetime.fromisoformat(x["published_at"]) >= first
    ]


def test_status_and_brief_are_true_at_18_41_18_52_and_19_30(night: Practice) -> None:
    first = at("2022-09-08T18:39")
    stored = night.json("check")["looked_at"]
    covers = lockdown(night)
    known_only_there = sum(
        x["platform"] == "orlo" and x["state"] in ("scheduled", "pending_approval") for x in night.posts()
    )
    assert known_only_there / stored > 0.8, "most posts are known only from the export"
    assert len(covers["posts"]) > 100

    night.clock(at("2022-09-08T18:41:30"))
    status = night.json("status")
    lines, data = brief(night)
    assert status["exit"] == 3
    assert (data["seen_silent"], data["said_silent"]) == (3, 0), "only what no other place can publish is seen silent"
    assert data["seen_silent"] + data["said_silent"] + data["not_known_silent"] == data["accounts"]
    assert (data["went_out"], data["may_have_gone_out"], data["said_to_be_stopped"]) == (0, 1, 0)
    assert "Orlo seen Thu 8 Sep 04:39 BST, 14 hours ago" in lines[2]
    assert "WAITING" in lines[2]
    assert "1 could not be stopped in time" in lines[3]
    assert status["freezes"][0]["passed"]["said_to_be_stopped"] == []
    truly = [x for x in out_since(night, first) if x["platform"] == "orlo"]
    assert len(truly) == data["may_have_gone_out"]

    night.freeze("went-out", "anyshireyouth-tiktok", "--at", "18:41", "--by", "A resident", "--words", "Open evening")
    night.clock(at("2022-09-08T18:52"))
    night.edit(platform="orlo", lockdown=True)
    said = night.freeze("confirm", lockdown(night)["task"], "--by", "Jo Smith", "--at", "18:52")
    assert said.code == 0
    assert "Not checked." in said.out
    lines, data = brief(night)
    assert data["went_out"] == 1
    assert "anyshireyouth (tiktok) Thu 8 Sep 18:41 BST, as somebody says" in lines[3]
    assert "someone says so, NOT checked: Jo Smith (as stated), Thu 8 Sep 18:52 BST" in lines[2]
    assert data["may_have_gone_out"] == 2, "18:41 and 18:45 came before lockdown"
    assert data["said_silent"] > 0

    for t in tasks(night, kind="account"):
        if t["accounts"] != ["anyshirelibraries-threads"]:
            assert night.freeze("confirm", t["task"], "--by", t["owner"]).code == 0
    for again in (False, True):
        night.clock(at("2022-09-08T19:30"))
        if again:
            night.json("sync", "--enforce")
        status = night.json("status")
        lines, data = brief(night)
        passed = status["freezes"][0]["passed"]
        # Orlo's own copy says nothing new, but one of the two is read on Instagram, where it went.
        assert len(passed["may_have_gone_out"]) == data["may_have_gone_out"] == (1 if again else 2)
        assert len(passed["said_to_be_stopped"]) == data["said_to_be_stopped"] >= 1
        assert (
            "29 accounts in apps that nothing here reads: 28 answered, 1 did not (anyshirelibraries (threads))"
            in lines[2]
        )
        assert status["exit"] == 3
        assert status["freezes"][0]["task_counts"]["checked"] == 0, "no answer is a check"
        assert data["seen_silent"] == 3
    assert data["went_out"] == 3, "the post on Facebook that was too late, and that on Instagram, were read by now"
    truly = out_since(night, first)
    orlo = [x for x in truly if x["platform"] == "orlo"]
    assert len(orlo) == data["may_have_gone_out"] + 1, "what may have gone out did, and nothing else"
    text = night.freeze("status").out
    assert "SAID to be stopped, not checked" in text
    assert "May have gone out (cannot be read from here): 1" in text
    assert "No conflicts" not in night.freeze("check").out


def test_lockdown_is_checked_when_a_newer_export_shows_posts_still_queued(night: Practice) -> None:
    night.clock(at("2022-09-08T18:52"))
    night.edit(platform="orlo", lockdown=True)
    night.freeze("confirm", lockdown(night)["task"], "--by", "Jo Smith")
    night.clock(at("2022-09-08T19:30"))
    night.json("sync", "--enforce")
    assert lockdown(night)["state"] == "someone says so", "the old export proves nothing"
    save_export(night, at("2022-09-08T20:00"))
    done = night.json("sync", "--enforce")
    assert lockdown(night)["state"] == "checked"
    assert done["freezes"][0]["passed"]["said_to_be_stopped"] == [], "those due since were seen queued"
    assert {o["how"] for o in done["freezes"][0]["went_out"]} >= {"slip"}, "18:41 and 18:45 did go out, and are named"
    lines, data = brief(night)
    assert "checked by a reading of Thu 8 Sep 20:00 BST" in lines[2]
    assert data["may_have_gone_out"] == 0
    again = night.freeze("confirm", lockdown(night)["task"])
    assert (again.code, "checked already" in again.out) == (0, True)


def test_an_answer_is_taken_back_when_an_export_shows_that_a_post_went_out_after_it(night: Practice) -> None:
    night.clock(at("2022-09-08T18:52"))
    night.freeze("confirm", lockdown(night)["task"], "--by", "Jo Smith")
    save_export(night, at("2022-09-08T20:00"))
    night.json("sync", "--enforce")
    after = lockdown(night)
    assert (after["state"], after["said_by"]) == ("waiting", None)
    assert "task.contradicted" in night.freeze("log", "export", on_clock=False).out
    assert "Press Company lockdown in Orlo NOW" in night.freeze("declare", "menai-bridge", "--yes").out


def test_the_first_line_of_declare_is_the_act_that_stops_most(council: Practice) -> None:
    lines = council.freeze("declare", "menai-bridge", "--dry-run").out.splitlines()
    assert lines[0] == (
        "Press Company lockdown in Orlo NOW: covers 119 posts, next due Thu 8 Sep 18:41 BST; "
        "holders Jo Smith 01632 960101, Sam Patel 01632 960102"
    )
    assert "Orlo seen Thu 8 Sep 04:39 BST, 14 hours ago." in lines[:5]
    rehearsal = council.freeze("declare", "menai-bridge", "--rehearsal", "--dry-run").out.splitlines()[0]
    assert rehearsal.startswith("REHEARSAL, do not press it: ")


def test_a_second_declaration_says_who_says_that_it_was_pressed(night: Practice) -> None:
    night.freeze("confirm", lockdown(night)["task"], "--by", "Jo Smith")
    first = night.freeze("declare", "menai-bridge", "--yes").out.splitlines()[0]
    assert first.startswith("Company lockdown in Orlo: someone says so, NOT checked: Jo Smith (as stated)")


@pytest.mark.parametrize("command", [("status",), ("check",), ("brief",), ("declare", "menai-bridge", "--dry-run")])
def test_an_export_older_than_a_day_is_never_no_conflicts(council: Practice, command: tuple[str, ...]) -> None:
    fresh = council.freeze(*command)
    assert fresh.code != 5
    old = council.freeze(*command, clock=at("2022-09-09T04:45"))
    assert old.code == 5
    if command[0] != "brief":
        assert "ORLO NOT SEEN SINCE Thursday 8 September 2022, 04:39 BST (1 day ago)" in old.out
    assert "No conflicts" not in old.out


def test_an_orlo_that_speaks_over_http_needs_no_lockdown_for_what_is_held(council: Practice) -> None:
    orlo_by_http(council)
    council.freeze("sync")
    done = council.json("declare", "menai-bridge", "--yes")
    assert [t for t in done["tasks"] if t["kind"] == "lockdown"] == []


@pytest.mark.parametrize(
    "holders", ["", '[{ name = "Jo Smith", phone = "01632 960101" }]', '[{ name = "A" }, { name = "B" }]']
)
def test_fewer_than_two_holders_with_a_number_is_a_finding_and_a_line_in_doctor(
    council: Practice, holders: str
) -> None:
    assert "lockdown" not in {c["what"] for c in council.json("doctor")["checks"]}
    path = council.folder / "freeze.toml"
    path.write_text(path.read_text().split("lockdown_holders")[0])
    if holders:
        setting(council, "orlo", f"lockdown_holders = {holders}")
    found = [f for f in council.json("check")["findings"] if f["policy"] == "lockdown-holders"]
    assert [f["clause"] for f in found] == ["5.1"]
    assert [c["well"] for c in council.json("doctor")["checks"] if c["what"] == "lockdown"] == [False]


def test_a_holder_without_a_name_is_one_sentence(council: Practice) -> None:
    path = council.folder / "freeze.toml"
    path.write_text(path.read_text().split("lockdown_holders")[0])
    setting(council, "orlo", 'lockdown_holders = [{ nmae = "Jo" }]')
    refused = council.freeze("declare", "menai-bridge", "--dry-run")
    assert refused.code == 2
    assert "[connections.orlo]" in refused.err


def test_a_conflict_is_told_with_its_names_as_they_are_written(night: Practice) -> None:
    told = [f["sentence"] for f in night.json("check")["findings"] if f["level"] == "stop"]
    assert told
    assert all("inside Royal death (f1)." in s and s[0].isupper() for s in told)
    assert any(s.startswith("Awaits approval and is due Friday 9 September 2022") for s in told)

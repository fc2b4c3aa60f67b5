"""What only people can do: one task for each act, who is asked at this hour, and answers that are never checks."""

from __future__ import annotations

import email
import email.policy
from datetime import timedelta
from typing import Any

import pytest
from conftest import Practice
from practising import PAGE, Making, at, hamlet, schedule, truth

OTHER_APP = PAGE | {"app": "2024", "app_name": "Meta Business Suite"}


@pytest.fixture
def night(council: Practice) -> Practice:
    """The council, its pause just declared, out of hours."""
    council.json("declare", "menai-bridge", "--yes")
    return council


def settings(p: Practice, text: str) -> None:
    path = p.folder / "freeze.toml"
    path.write_text(f"{path.read_text()}\n{text}\n")


def tasks(p: Practice, **where: Any) -> list[dict[str, Any]]:
    return [t for t in p.json("tasks")["tasks"] if all(t[k] == v for k, v in where.items())]


def test_every_registered_account_that_no_connection_can_hold_gets_exactly_one_task(night: Practice) -> None:
    found = tasks(night, kind="account")
    register = night.json("accounts", "list")["accounts"]
    reached = {"wordpress": "website", "youtube": "youtube", "facebook": "facebook", "meta-ads": "adverts"}
    expected = {a["id"] for a in register if a["registered"] and reached.get(a["platform"]) not in a["connections"]}
    assert sorted(t["accounts"][0] for t in found) == sorted(expected)
    assert {"newsletter", "whatsapp", "nextdoor", "bluesky", "tiktok", "threads", "x"} <= {
        a["platform"] for a in register if a["id"] in expected
    }
    assert all(t["owner"] and t["do"] and t["deadline"] is None for t in found)


def test_looking_and_declaring_again_makes_no_task_twice(night: Practice) -> None:
    before = tasks(night)
    night.json("declare", "menai-bridge", "--yes")
    night.json("sync", "--enforce")
    night.json("extend", "f1", "--until", "2022-09-20T00:01")
    assert [(t["task"], t["title"]) for t in tasks(night)] == [(t["task"], t["title"]) for t in before]


def test_an_account_out_of_scope_or_of_another_service_gets_none(council: Practice) -> None:
    path = council.folder / "accounts.csv"
    path.write_text(path.read_text().replace("libraries@anyshire.example,yes", "libraries@anyshire.example,no"))
    council.freeze("accounts", "import", "accounts.csv")
    done = council.json("declare", "menai-bridge", "--service", "libraries", "--service", "archives", "--yes")
    assert {t["owner"] for t in done["tasks"] if t["kind"] == "account"} == {"Archives Outreach Officer"}
    [lockdown] = [t for t in done["tasks"] if t["kind"] == "lockdown"]
    assert "also those outside this pause" in lockdown["do"]


def test_a_platform_that_cannot_be_reached_asks_the_owners_of_its_accounts_until_it_can(council: Practice) -> None:
    council.fault("facebook", "expired_token", rate=1.0)
    done = council.json("declare", "menai-bridge", "--yes")
    asked = [
        t for t in done["tasks"] if t["accounts"] and t["accounts"][0].endswith("-facebook") and t["kind"] == "account"
    ]
    assert len(asked) == 9
    council.mend()
    done = council.json("declare", "menai-bridge", "--yes")
    assert [t for t in done["tasks"] if t["kind"] == "account" and t["accounts"][0].endswith("-facebook")] == []


def test_posts_that_only_a_person_can_stop_are_checked_by_reading_not_by_being_told(practice: Making) -> None:
    soon = at("2022-09-12T10:00")
    p = hamlet(
        practice,
        at("2022-09-08T18:40"),
        {**OTHER_APP, "at": soon, "text": "one"},
        {**OTHER_APP, "at": soon + timedelta(hours=1), "text": "two"},
    )
    p.json("declare", "menai-bridge", "--yes")
    [task] = tasks(p, kind="stop")
    assert (len(task["posts"]), task["deadline"]) == (2, "2022-09-12T09:00:00+00:00")
    p.freeze("confirm", task["task"], "--by", "Jo")
    p.json("sync", "--enforce")
    assert [t["state"] for t in tasks(p, kind="stop")] == ["someone says so"], "it was only said"
    p.edit(platform="facebook", id=truth(p, "one")["id"], state="draft")
    p.json("sync", "--enforce")
    [half] = tasks(p, kind="stop")
    assert (half["state"], len(half["posts"])) == ("someone says so", 1)
    schedule(p, **OTHER_APP, at=soon, text="three")
    p.json("sync", "--enforce")
    assert [t["state"] for t in tasks(p, kind="stop")] == ["waiting"], "the answer did not mean the new one"
    for words in ("two", "three"):
        p.edit(platform="facebook", id=truth(p, words)["id"], state="draft")
    p.json("sync", "--enforce")
    assert tasks(p, kind="stop") == []
    assert "task.checked" in p.freeze("log", "export", on_clock=False).out


def test_approvals_go_to_the_approver_named_in_the_settings(council: Practice) -> None:
    settings(
        council,
        '[communications]\napprover = "Ali Khan"\n[people.akhan]\nname = "Ali Khan"\nemail = "ali@anyshire.example"',
    )
    done = council.json("declare", "menai-bridge", "--yes")
    [one] = [t for t in done["tasks"] if t["kind"] == "approval"]
    assert (one["owner"], one["contact"], len(one["posts"]) > 5) == ("Ali Khan", "ali@anyshire.example", True)
    assert "Do not approve it" in one["do"]


def test_the_councils_own_clicks_go_before_the_shipped_ones(council: Practice) -> None:
    settings(council, '[clicks]\ntiktok = "Ring Sam, who has the phone."')
    done = council.json("declare", "menai-bridge", "--yes")
    assert {t["do"] for t in done["tasks"] if t["accounts"] == ["anyshirefire-tiktok"]} == {
        "Ring Sam, who has the phone."
    }


def test_ending_a_pause_asks_nobody_any_more(night: Practice) -> None:
    night.freeze("undo", "f1")
    assert tasks(night) == []
    assert night.freeze("tasks").out.strip() == "Nothing waits for a person."


# Answers


def test_an_answer_is_kept_with_its_name_and_time_and_is_never_called_checked(night: Practice) -> None:
    [task] = tasks(night, accounts=["anyshirefire-tiktok"])
    night.clock(at("2022-09-08T19:00"))
    said = night.freeze("confirm", task["task"], "--by", "Jo Smith", "--at", "18:55")
    assert (said.code, "Not checked." in said.out) == (0, True)
    [after] = tasks(night, accounts=["anyshirefire-tiktok"])
    assert (after["state"], after["said_by"], after["said_at"]) == (
        "someone says so",
        "Jo Smith (as stated)",
        "2022-09-08T17:55:00+00:00",
    )
    counts = night.json("status")["freezes"][0]
    assert counts["task_counts"]["someone says so"] == 1
    assert counts["counts"]["confirmed"] == counts["kinds"]["draft"] + counts["kinds"]["push"]
    mine = night.freeze("confirm", tasks(night, kind="lockdown")[0]["task"])
    assert "as stated" not in mine.out, "who is at the keyboard is known, not stated"


def test_an_answer_given_twice_is_one_sentence_and_changes_nothing(night: Practice) -> None:
    night.freeze("confirm", "t1", "--by", "Jo Smith")
    again = night.freeze("confirm", "t1", "--by", "Sam Patel")
    assert again.code == 0
    assert "t1 was answered already: Jo Smith (as stated) said so, Thursday 8 September 2022" in again.out
    assert tasks(night, task="t1")[0]["said_by"] == "Jo Smith (as stated)"


def test_an_unknown_task_is_one_sentence_and_the_others_are_answered_all_the_same(night: Practice) -> None:
    for ref in ("t99", "t0", "99", "x", "", "t1; drop table", "t" * 500):
        done = night.freeze("confirm", ref, "t2", "--by", "Jo")
        assert done.code == 2, ref
        assert "There is no task" in done.out
        assert tasks(night, task="t2")[0]["state"] == "someone says so"
        night.freeze("confirm", "t2", "--withdraw")


def test_an_answer_given_by_mistake_can_be_taken_back(night: Practice) -> None:
    night.freeze("confirm", "t1")
    assert night.freeze("confirm", "t1", "--withdraw").code == 0
    assert tasks(night, task="t1")[0]["state"] == "waiting"
    assert "no answer to take back" in night.freeze("confirm", "t1", "--withdraw").out


@pytest.mark.parametrize(("at_time", "code"), [("23:59", 4), ("25:00", 2), ("tomorrow", 2), ("2023-01-01T00:00", 4)])
def test_an_answer_cannot_lie_ahead(night: Practice, at_time: str, code: int) -> None:
    assert night.freeze("confirm", "t1", "--at", at_time).code == code
    assert tasks(night, task="t1")[0]["state"] == "waiting"


def test_one_answer_serves_two_pauses_that_ask_the_same(night: Practice) -> None:
    night.json("declare", "royal-death", "--platform", "tiktok", "--yes")
    first, second = tasks(night, accounts=["anyshirefire-tiktok"])
    assert {first["freeze"], second["freeze"]} == {"f1", "f2"}
    night.freeze("confirm", first["task"], "--by", "Jo")
    assert {t["state"] for t in tasks(night, accounts=["anyshirefire-tiktok"])} == {"someone says so"}


# Who is asked, and how


def test_out_of_hours_tasks_go_to_who_is_on_call_and_in_hours_to_owners(night: Practice) -> None:
    settings(
        night,
        '[people.cal]\nname = "Cal Reed"\nphone = "01632 960111"\non_call = true\n'
        '[people.vi]\nname = "Vi Moss"\nemail = "vi@anyshire.example"\nvolunteer = true',
    )
    out = night.json("tasks")
    assert not out["working_hours"]
    assert {r["name"] for t in out["tasks"] if t["kind"] != "lockdown" for r in t["goes_to"]} == {"Cal Reed"}
    assert {r["name"] for t in out["tasks"] if t["kind"] == "lockdown" for r in t["goes_to"]} == {
        "Jo Smith",
        "Sam Patel",
    }
    morning = night.json("tasks", clock=at("2022-09-09T10:00"))
    assert morning["working_hours"]
    assert all(t["goes_to"][0]["name"] == t["owner"] for t in morning["tasks"] if t["kind"] != "lockdown")
    holiday = night.json("tasks", clock=at("2022-12-26T10:00"))
    assert not holiday["working_hours"]


def test_nobody_off_duty_is_late_and_somebody_on_call_is(night: Practice) -> None:
    night.clock(at("2022-09-09T22:00"))
    assert {t["kind"] for t in tasks(night, late=True)} == {"lockdown"}, (
        "those who can press it gave their numbers for this"
    )
    settings(night, '[people.cal]\nname = "Cal Reed"\non_call = true')
    assert {t["kind"] for t in tasks(night, late=True)} == {"lockdown", "approval", "stop"}
    assert "LATE" in night.freeze("tasks").out
    assert all(t["deadline"] <= "2022-09-09T21:00:00+00:00" for t in tasks(night, late=True))


def test_a_volunteer_who_answers_out_of_hours_is_noted_for_time_in_lieu(night: Practice) -> None:
    settings(night, '[people.vi]\nname = "Vi Moss"\nvolunteer = true\n[people.cal]\nname = "Cal Reed"\non_call = true')
    noted = night.freeze("confirm", "t20", "--by", "Vi Moss").out
    assert "Noted for time off in lieu: Vi Moss" in noted
    assert "lieu" not in night.freeze("confirm", "t21", "--by", "Cal Reed").out
    assert "lieu" not in night.freeze("confirm", "t22", "--by", "Vi Moss", clock=at("2022-09-09T10:00")).out
    assert night.freeze("log", "export", on_clock=False).out.count("hours.volunteered") == 1


def test_each_person_gets_one_message_as_text_and_as_a_draft(night: Practice) -> None:
    settings(night, '[communications]\nemail = "comms@anyshire.example"\nphone = "01632 960100"')
    morning = at("2022-09-09T10:00")
    done = night.json("tasks", "--messages", "out", clock=morning)
    owners = {t["owner"] for t in done["tasks"] if t["owner"]}
    files = sorted((night.folder / "out").iterdir())
    assert len(files) == 2 * (len(owners) + 2), "each owner, and the two who can press lockdown"
    mail = email.message_from_bytes(
        (night.folder / "out" / "libraries-digital-lead.eml").read_bytes(), policy=email.policy.default
    )
    assert (mail["From"], mail["To"], mail["X-Unsent"]) == ("comms@anyshire.example", "libraries@anyshire.example", "1")
    text = mail.get_content().replace("\r\n", "\n")
    assert text in (night.folder / "out" / "libraries-digital-lead.txt").read_text()
    asked = [t for t in done["tasks"] if t["owner"] == "Libraries Digital Lead"]
    assert all(t["title"] in text and t["task"] in text for t in asked)
    assert "off duty" not in text
    assert len(asked) > 3


def test_an_owner_off_duty_is_written_to_only_when_asked_and_is_told_that_nothing_is_expected(night: Practice) -> None:
    night.freeze("tasks", "--messages", "team")
    assert {f.stem for f in (night.folder / "team").iterdir()} == {"communications", "jo-smith", "sam-patel"}
    night.freeze("tasks", "--messages", "all", "--owners")
    text = (night.folder / "all" / "libraries-digital-lead.txt").read_text()
    assert "You are off duty until Fri 9 Sep 09:00 BST, and nobody expects you to answer before then." in text


def test_what_was_answered_is_asked_of_nobody_again(night: Practice) -> None:
    for t in tasks(night, owner="Participation Officer"):
        night.freeze("confirm", t["task"], "--by", "Participation Officer")
    night.freeze("tasks", "--messages", "out", "--owners")
    assert not (night.folder / "out" / "participation-officer.txt").exists()


def test_a_register_full_of_tricks_makes_no_header_and_no_markup(council: Practice) -> None:
    path = council.folder / "accounts.csv"
    trick = '"Eve <script>alert(1)</script>\r\nBcc: all@anyshire.example"'
    text = path.read_text().replace(
        "Participation Officer,youth-services@anyshire.example", f'{trick},"a@b.example\r\nCc: x@y.example"'
    )
    path.write_text(text, newline="")
    council.freeze("accounts", "import", "accounts.csv")
    council.json("declare", "menai-bridge", "--yes")
    council.freeze("tasks", "--messages", "out", "--owners", "--hand-over", "sheet.html")
    [file] = list((council.folder / "out").glob("eve*.eml"))
    mail = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
    assert (mail["Bcc"], mail["Cc"], mail["To"]) == (None, None, None)
    page = (council.folder / "sheet.html").read_text()
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


def test_the_hand_over_sheet_lists_every_open_task_under_its_owner(night: Practice) -> None:
    night.freeze("tasks", "--hand-over", "sheet.txt")
    text = (night.folder / "sheet.txt").read_text()
    assert all(f"[ ] {t['task']}  " in text for t in tasks(night))
    mine = text.split("\nLibraries Digital Lead\n")[1].split("\n\n")[0]
    assert mine.count("[ ]") == len(tasks(night, owner="Libraries Digital Lead"))


def test_a_folder_that_cannot_be_written_is_one_sentence(night: Practice) -> None:
    (night.folder / "taken").write_text("a file")
    refused = night.freeze("tasks", "--messages", "taken")
    assert refused.code == 2
    assert "cannot be written" in refused.err


def test_tasks_of_one_service_and_of_one_that_is_not_there(night: Practice) -> None:
    assert {t["owner"] for t in night.json("tasks", "--service", "archives")["tasks"] if t["kind"] != "lockdown"} == {
        "Archives Outreach Officer"
    }
    refused = night.freeze("tasks", "--service", "archvies")
    assert (refused.code, 'Did you mean "archives"?' in refused.err) == (2, True)


# What somebody tells


def test_a_post_somebody_saw_go_out_is_named_once_and_marked_as_told(night: Practice) -> None:
    night.clock(at("2022-09-08T18:45"))
    told = night.freeze("went-out", "anyshireyouth-tiktok", "--at", "18:41", "--by", "Jo", "--words", "Open evening")
    assert told.code == 3
    again = night.freeze("went-out", "anyshireyouth-tiktok", "--at", "18:41", "--by", "Sam")
    assert (again.code, "recorded already" in again.out) == (0, True)
    [out] = [o for o in night.json("show", "f1")["went_out"] if o["how"] == "reported"]
    assert (out["text"], out["out_at"]) == ("Open evening", "2022-09-08T17:41:00+00:00")
    night.json("sync", "--enforce")
    assert "WENT OUT, as somebody says (it cannot be read from here): 1" in night.freeze("status").out
    assert night.freeze("log", "verify", on_clock=False).code == 0


def test_nobody_needs_to_tell_what_is_read_and_nothing_is_named_outside_a_pause(night: Practice) -> None:
    night.clock(at("2022-09-08T18:45"))
    refused = night.freeze("went-out", "anyshirecc-facebook", "--at", "18:41")
    assert (refused.code, "freeze sync --enforce" in refused.err) == (4, True)
    before = night.freeze("went-out", "anyshireyouth-tiktok", "--at", "2022-09-07T12:00")
    assert (before.code, "No pause covered" in before.out) == (0, True)
    unknown = night.freeze("went-out", "anyshireyouth-tiktoc", "--at", "18:41")
    assert (unknown.code, 'Did you mean "anyshireyouth-tiktok"?' in unknown.err) == (2, True)


def test_no_pause_needs_no_brief_and_no_tasks(council: Practice) -> None:
    assert council.freeze("brief").out.strip() == "No pause is in force."
    assert council.freeze("tasks").code == 0

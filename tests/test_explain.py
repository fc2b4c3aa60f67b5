"""Why it stands so: every pause and rule that looked, what it decided; and --expect as a test of the settings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from conftest import Practice
from planted import planted
from practising import OTHER_PAGE, PAGE, SITE, Making, at, hamlet, truth

from freeze.accounts import Account
from freeze.pauses.explaining import Look, next_for, pause, stands
from freeze.pauses.freezes import Freeze
from freeze.permissions import NOTHING, Allowing, How, Kinds, Permission
from freeze.ports import Scope
from freeze.posts import Locator, Post, State
from freeze.windows import Window

NOW = datetime(2022, 9, 9, 8, tzinfo=UTC)
LEAD = timedelta(hours=24)
REGISTER = {
    "lib": Account("lib", "Anyshire Libraries", "facebook", service="libraries"),
    "school": Account("school", "Anyford School", "facebook", in_scope=False),
}
POST = Post(
    1, "lib", "facebook", "libraries", Locator("c", "lib", "1"), State.SCHEDULED, NOW + timedelta(hours=1), "Story time"
)


def declared(start: float = -1, end: float = 48, scope: Scope | None = None, **more: Any) -> Freeze:
    window = Window(NOW + timedelta(hours=start), NOW + timedelta(hours=end))
    given: dict[str, Any] = {"provisional": False, "d_day": None, "because": "", "reason": "", "authority": ""}
    given |= {"declared_at": NOW, "declared_by": "", **more}
    return Freeze(1, "calm", "Calm", "words", "4.2", scope or Scope(everything=True), (window,), **given)


def look(f: Freeze, p: Post = POST, allowing: Allowing = NOTHING) -> Look:
    return pause(f, p, REGISTER, allowing, NOW, LEAD)


ALLOWED = Permission(3, "f1", How.POST, "a bus strike", "Jo", NOW, (1,), words="story time")
KINDS = Allowing((), Kinds({"flood": "flood"}, always={"calm": frozenset({"flood"})}))
ONLY = Allowing((), Kinds(only={"calm": lambda p: "it quotes" if "quote" in p.text else ""}))


@pytest.mark.parametrize(
    ("f", "p", "allowing", "decides", "words"),
    [
        (declared(), POST, NOTHING, "held", "no tag or account says what kind"),
        (declared(rehearsal=True), POST, NOTHING, "nothing", "A rehearsal holds nothing"),
        (declared(ended_at=NOW, ended_how="early"), POST, NOTHING, "nothing", "ended (early)"),
        (declared(scope=Scope(services=("highways",))), POST, NOTHING, "not covered", "services highways"),
        (declared(), replace(POST, account="school"), NOTHING, "not covered", "out of scope"),
        (declared(end=1), POST, NOTHING, "not covered", "not that time"),
        (declared(end=1.001), POST, NOTHING, "held", "due in its window"),
        (declared(start=1), POST, NOTHING, "held", "due in its window"),
        (declared(), POST, Allowing((ALLOWED,)), "let through", "a3: a bus strike"),
        (declared(), replace(POST, text="Other"), Allowing((ALLOWED,)), "held", "no permission is for it"),
        (declared(), replace(POST, tags=("Flood",)), KINDS, "let through", "flood: always passes"),
        (declared(), POST, ONLY, "not held", "Business goes on"),
        (declared(), replace(POST, text="a quote"), ONLY, "held", "due in its window"),
        (declared(), replace(POST, state=State.PUBLISHED), NOTHING, "nothing to hold", "it is published"),
        (
            declared(start=60, end=90),
            replace(POST, intended_at=NOW + timedelta(hours=61)),
            NOTHING,
            "will be held",
            "on.",
        ),
        (
            declared(),
            replace(POST, state=State.PENDING_APPROVAL, intended_at=NOW - timedelta(hours=9)),
            NOTHING,
            "held",
            "due in its window",
        ),
    ],
)
def test_what_a_pause_makes_of_a_post(f: Freeze, p: Post, allowing: Allowing, decides: str, words: str) -> None:
    found = look(f, p, allowing)
    assert (found.decides, found.holds) == (decides, decides in ("held", "will be held"))
    assert words in found.why


def test_what_happens_next() -> None:
    held = [look(declared())]
    assert "freeze sync --enforce" in next_for(POST, None, held, NOW)
    assert next_for(POST, None, [], NOW) == "It goes out by itself on Friday 9 September 2022, 10:00 BST."
    late = replace(POST, state=State.PENDING_APPROVAL)
    assert next_for(late, None, held, NOW) == "Do not approve it while f1 lasts; leave it, or reject it."
    passed = replace(late, intended_at=NOW - timedelta(hours=1))
    assert next_for(passed, None, [], NOW) == "Approving it sends it out at once: its time has passed."
    assert "never deletes" in next_for(replace(POST, state=State.PUBLISHED), None, [], NOW)
    assert stands(None) == "No hold is open on it."


@pytest.fixture
def town(practice: Making, tmp_path: Path) -> Iterator[Practice]:
    with planted(tmp_path):
        yield hamlet(
            practice,
            at("2022-09-08T18:40"),
            {**SITE, "at": at("2022-09-12T10:00"), "text": "conflict: roads"},
            {**PAGE, "at": at("2022-10-12T10:00"), "text": "note: later"},
            {**OTHER_PAGE, "at": at("2022-10-13T10:00"), "text": "broken: this"},
        )


def test_a_post_a_day_and_an_account_say_who_looked_and_what_was_decided(town: Practice) -> None:
    found = {f["sentence"]: f for f in town.json("check")["findings"]}
    site = found["It says conflict."]["post"]
    said = town.freeze("explain", site, "--expect", "clear")
    assert said.code == 0
    assert "Pauses: none was ever declared." in said.out
    assert f"CONFLICT: words, clause 4.2, {found['It says conflict.']['id']}. It says conflict." in said.out
    assert "Looked, nothing found: " not in said.out.split("COULD NOT JUDGE")[0]
    assert said.out.splitlines()[-1] == "As expected: clear."

    town.freeze("declare", "menai-bridge", "--yes")
    held = town.json("explain", site, "--expect", "held")
    assert (held["exit"], held["held"], held["as_expected"]) == (0, True, True)
    assert [(x["freeze"], x["decides"]) for x in held["pauses"]] == [("f1", "held")]
    assert held["hold"]["state"] == "confirmed"
    assert held["next"] == "It stays held while f1 lasts, and after that until somebody puts it back."
    assert truth(town, "conflict: roads")["state"] == "draft"

    later = found["It says note."]["post"]
    free = town.freeze("explain", later, "--expect", "held")
    assert free.code == 1
    assert "NOT COVERED: Royal death (f1), clause 4.4. It covers the account, but not that time" in free.out
    assert free.out.splitlines()[-1] == "NOT AS EXPECTED: clear."

    account = found["It says note."]["account"]
    mine = town.freeze("explain", account, "--expect", "held")
    assert mine.code == 0
    assert "COVERS IT: Royal death (f1), clause 4.4: every account" in mine.out
    assert "It says note." in mine.out
    assert town.freeze("explain", "2022-10-12 10:00", "--expect", "clear").code == 0
    day = town.freeze("explain", "2022-09-12")
    assert "Royal death (f1), clause 4.4" in day.out
    assert "a standing permission could let through: condolence, flood" in day.out
    assert f"{site} " in day.out


def test_the_edges_of_a_pause_are_half_open(town: Practice) -> None:
    town.freeze("declare", "menai-bridge", "--from", "2022-09-10T09:00", "--until", "2022-09-10T09:02", "--yes")
    for time, expected in (("08:59", "clear"), ("09:00", "held"), ("09:01", "held"), ("09:02", "clear")):
        done = town.freeze("explain", f"2022-09-10 {time}", "--expect", expected)
        assert done.code == 0, (time, done.out)


def test_an_accepted_conflict_is_told_with_its_reason(town: Practice) -> None:
    found = next(f for f in town.json("check")["findings"] if f["sentence"] == "It says conflict.")
    town.freeze("accept", found["id"], "--reason", "known to Jo", "--until", "2022-12-31")
    said = town.freeze("explain", found["post"]).out
    assert f"KNOWN AND ACCEPTED: words, clause 4.2, {found['id']}" in said
    assert "Accepted until Saturday 31 December 2022: known to Jo" in said


def test_words_that_are_not_scheduled_can_be_asked_about(town: Practice) -> None:
    town.freeze("declare", "menai-bridge", "--yes")
    account = town.json("check")["findings"][0]["account"]
    asked = ["explain", "--text", "conflict: new", "--account", account, "--at"]
    inside = town.freeze(*asked, "2022-09-12T10:00", "--expect", "held")
    assert (inside.code, "It says conflict." in inside.out) == (0, True)
    assert town.freeze(*asked, "2022-11-12T10:00", "--expect", "held").code == 1


@pytest.mark.parametrize(
    ("args", "said"),
    [
        ([], "Say what to explain"),
        (["p999999"], 'There is no post "p999999".'),
        (["no-such-account"], 'There is no account "no-such-account".'),
        (["2022-13-40"], 'The date "2022-13-40" is not a date.'),
        (["2022-03-27 01:30"], "does not exist: the clocks go forward"),
        (["p1", "--account", "x"], "--account and --at go with --text."),
        (["p1", "--text", "x"], "Say what to explain"),
        (["p1", "--expect", "perhaps"], "perhaps"),
    ],
)
def test_wrong_input_is_one_sentence(args: list[str], said: str, practice: Making, tmp_path: Path) -> None:
    p = practice("empty", NOW)
    p.drop("website", "youtube", "facebook", "orlo")
    p.freeze("init")
    done = p.freeze("explain", *args)
    assert (done.code, said in done.err) == (2, True), done.err

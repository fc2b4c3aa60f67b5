"""Known and fine: quiet until a day or until the thing changes; never what holds; and a quiet first night."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from conftest import Practice
from planted import planted
from practising import PAGE, Making, at, hamlet, schedule, truth

from freeze.accounts import Account
from freeze.council import whoami
from freeze.errors import UsageError
from freeze.findings import Finding, Level
from freeze.judging.acceptance import LONGEST, at_once, last_day, mark, refused, short
from freeze.judging.evaluate import COULD_NOT
from freeze.posts import Locator, Post, State
from freeze.views.digest import digest_for
from freeze.views.digest_items import Picture, Reader
from freeze.windows import Window

FRIDAY = at("2026-11-20T05:45")
NOW = datetime(2026, 11, 20, 6, tzinfo=UTC)
POST = Post(7, "lib", "facebook", "libraries", Locator("c", "lib", "7"), State.SCHEDULED, NOW, "Bin day")
FOUND = Finding("4.2", Level.CONFLICT, "It says so.", "Ask.", 7, "lib", policy="rule", about="this")


@pytest.fixture(autouse=True)
def _rules(tmp_path: Path) -> Iterator[None]:
    with planted(tmp_path):
        yield


def village(practice: Making, *posts: dict[str, Any], now: datetime = FRIDAY) -> Practice:
    return hamlet(practice, now, *(({**PAGE, "at": at("2026-12-20T10:00")} | p) for p in posts))


def found(p: Practice, *args: str) -> dict[str, str]:
    """What check says, by what it is about."""
    return {f["sentence"]: f["id"] for f in p.json("check", *args)["findings"]}


def accept(p: Practice, *refs: str, until: str = "2026-12-31") -> Any:
    return p.freeze("accept", *refs, "--reason", "our own, says Jo", "--until", until)


def digest(p: Practice, night: str) -> dict[str, Any]:
    path = p.folder / "digests" / "communications" / f"{night}.json"
    read: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return read


def sentences(d: dict[str, Any]) -> set[str]:
    return {i["sentence"] for i in d["items"]}


def test_what_is_accepted_is_quiet_and_counted_once(practice: Making) -> None:
    p = village(practice, {"text": "conflict: a"}, {"text": "note: b"})
    refs = found(p)
    done = accept(p, refs["It says conflict."])
    assert (done.code, "1 conflict accepted until the end of Thursday 31 December 2026." in done.out) == (0, True)
    assert set(found(p)) == {"It says note."}
    shown = p.freeze("check")
    assert shown.code == 0
    assert "1 known and accepted: freeze accept --list." in shown.out
    listed = p.json("accept", "--list")["accepted"]
    assert [(a["id"], a["reason"]) for a in listed] == [(refs["It says conflict."], "our own, says Jo")]
    assert "our own, says Jo" not in p.freeze("log", "export", on_clock=False).out, (
        "the log holds no words of anybody's"
    )
    assert p.freeze("log", "verify", on_clock=False).code == 0


def test_it_comes_back_when_the_words_change_when_its_day_is_over_and_when_withdrawn(practice: Making) -> None:
    p = village(practice, {"text": "conflict: a"})
    (ref,) = found(p).values()
    accept(p, ref, until="2026-11-21")
    assert not found(p)
    p.edit(platform="facebook", id=truth(p, "conflict: a")["id"], text="conflict: b")
    p.freeze("sync")
    assert found(p) == {"It says conflict.": ref}, "under the same id"
    accept(p, ref, until="2026-11-21")
    p.clock(at("2026-11-21T23:59"))
    assert not found(p)
    p.clock(at("2026-11-22T00:00"))
    assert found(p)
    accept(p, ref)
    assert not found(p)
    assert p.freeze("accept", "--withdraw", ref).code == 0
    assert found(p)


def test_a_mistake_in_one_id_does_not_stop_the_others(practice: Making) -> None:
    p = village(practice, {"text": "conflict: a"}, {"text": "broken:"})
    refs = found(p)
    broken = next(ref for said, ref in refs.items() if "could not judge" in said)
    done = accept(p, "c0000000", refs["It says conflict."], broken)
    assert done.code == 2
    assert 'There is no conflict "c0000000" now.' in done.out
    assert f"{broken} cannot be accepted: a rule could not judge" in done.out
    assert len(p.json("accept", "--list")["accepted"]) == 1
    gone = p.freeze("accept", "--withdraw", "c0000000")
    assert (gone.code, 'Nothing was accepted as "c0000000".' in gone.out) == (2, True)


def test_what_holds_a_post_cannot_be_accepted(practice: Making) -> None:
    p = village(practice, {"text": "conflict: a", "at": at("2026-11-22T10:00")})
    p.freeze("declare", "menai-bridge", "--yes")
    stop = next(f for f in p.json("check")["findings"] if f["level"] == "stop")
    done = accept(p, stop["id"])
    assert (done.code, "it holds a post" in done.out) == (2, True)
    assert p.freeze("accept", "--baseline", "--until", "2026-12-01").code == 0
    assert [f["level"] for f in p.json("check")["findings"]] == ["stop"]


def test_a_baseline_sets_aside_what_advises_but_not_personal_data(practice: Making) -> None:
    p = village(practice, {"text": "conflict: a"}, {"text": "note: b"}, {"text": "private: c"})
    done = p.json("accept", "--baseline", "--until", "2026-12-31")
    assert {f["clause"] for f in done["accepted"]} == {"4.2", "2.3"}
    assert done["left"] == 1
    assert set(found(p)) == {"It says private."}
    assert p.json("check")["for_monday"] == 0
    schedule(p, **PAGE, at=at("2026-12-21T10:00"), text="conflict: new")
    p.freeze("sync")
    assert set(found(p)) == {"It says private.", "It says conflict."}, "what is new is told"
    assert p.json("accept", "--withdraw", "baseline")["withdrawn"]
    assert len(p.json("check")["findings"]) == 4


def test_who_may_set_aside(practice: Making) -> None:
    p = village(practice, {"text": "conflict: a"})
    (ref,) = found(p).values()
    settings = p.folder / "freeze.toml"
    bare = settings.read_text()
    me = f'\n[people.{whoami.user()}]\nname = "Kim Lee"\n'
    settings.write_text(bare + me + 'role = "auditor"\n')
    refusal = accept(p, ref)
    assert (refusal.code, "may not set a conflict aside" in refusal.err) == (4, True)
    settings.write_text(bare + me + 'role = "service lead"\nservices = ["highways"]\n')
    assert accept(p, ref).code == 4, "the post is another service's"
    assert p.freeze("accept", "--baseline", "--until", "2026-12-01").code == 4
    service = p.json("check")["findings"][0]["service"]
    settings.write_text(bare + me + f'role = "service lead"\nservices = ["{service}"]\n')
    assert accept(p, ref).code == 0


@pytest.mark.parametrize(
    ("args", "said"),
    [
        ([], "Say what: one of"),
        (["c1234567"], "Say why, and until when."),
        (["c1234567", "--reason", "x", "--until", "2026-11-19"], "is over"),
        (["c1234567", "--reason", "x", "--until", "2030-01-01"], "more than 366 days ahead"),
        (["c1234567", "--reason", "x", "--until", "soon"], '--until "soon" is not a date.'),
        (["--list", "--reason", "x"], "--list stands alone."),
        (["--baseline", "--withdraw", "c1234567"], "Say what: one of"),
        (["--withdraw", "c1234567", "--reason", "x"], "--withdraw takes neither"),
        (["--baseline"], "Say why, and until when."),
    ],
)
def test_wrong_input_is_one_sentence(args: list[str], said: str, bare: Practice) -> None:
    done = bare.freeze("accept", *args)
    assert (done.code, said in done.err) == (2, True), done.err


@pytest.fixture
def bare(practice: Making) -> Practice:
    p = practice("empty", FRIDAY)
    p.drop("website", "youtube", "facebook", "orlo")
    p.freeze("init")
    return p


def test_the_first_night_sets_only_notes_aside_and_says_so(practice: Making) -> None:
    p = village(practice, {"text": "conflict: a"}, {"text": "note: b"}, {"text": "private: c"})
    p.freeze("nightly", "--once")
    first = digest(p, "2026-11-20")
    assert {"It says conflict", "It says private"} <= sentences(first)
    assert "It says note" not in sentences(first)
    assert first["accepted"] == (
        "1 more finding left out, known and accepted, set aside tonight, the first night, until "
        "Sunday 20 December 2026: freeze accept --list."
    )
    schedule(p, **PAGE, at=at("2026-12-21T10:00"), text="note: new")
    p.clock(at("2026-11-21T05:45"))
    p.freeze("nightly", "--once")
    second = digest(p, "2026-11-21")
    assert [i["words"] if "words" in i else i["text"] for i in second["items"] if i["sentence"] == "It says note"] == [
        "note: new"
    ]
    assert second["accepted"] == "1 more finding left out, known and accepted: freeze accept --list."
    text = (p.folder / "digests" / "communications" / "2026-11-21.txt").read_text("utf-8")
    assert text.count("left out, known and accepted") == 1
    assert "It says conflict.\n" in text, "one full stop"
    assert "(clause 4.2, c" in text, "with the id to type"


def test_mondays_list_is_for_communications_whole_and_for_each_service_its_own(practice: Making) -> None:
    p = village(practice, {"text": "Bin day"})
    p.freeze("nightly", "--once")
    assert not list((p.folder / "digests").rglob("housekeeping-*")), "not on a Friday"
    p.clock(at("2026-11-24T05:45"))  # the weekend and Monday were slept through
    p.freeze("nightly", "--once")
    folder = p.folder / "digests" / "communications"
    assert {f.name for f in folder.glob("housekeeping-*")} == {
        f"housekeeping-2026-11-23.{e}" for e in ("txt", "html", "csv", "json")
    }
    said = (folder / "housekeeping-2026-11-23.txt").read_text("utf-8")
    assert "Nobody runs" in said
    for own in (p.folder / "digests" / "services").rglob("housekeeping-*.csv"):
        assert 0 < own.read_text("utf-8").count("Nobody runs") < said.count("Nobody runs") + 9
    p.clock(at("2026-11-25T05:45"))
    p.freeze("nightly", "--once")
    assert len(list(folder.glob("housekeeping-*.txt"))) == 1
    assert not any("Nobody runs" in s for s in sentences(digest(p, "2026-11-25"))), "a Monday list, never the nightly"


def test_changed_words_links_media_payment_or_time_bring_it_back() -> None:
    posts = {7: POST}
    here = mark(FOUND, posts)
    assert short(here) == FOUND.ref
    for other in (
        replace(POST, text="Bin week"),
        replace(POST, title="New"),
        replace(POST, link="https://anyshire.example"),
        replace(POST, media=("1.jpg",)),
        replace(POST, boosted=True),
    ):
        assert mark(FOUND, {7: other}) != here
    later = {7: replace(POST, intended_at=NOW + timedelta(days=1))}
    assert mark(FOUND, later) == here, "its rule does not ask when"
    timed = replace(FOUND, window=Window(NOW, NOW + timedelta(hours=1)))
    assert mark(timed, later) != mark(timed, posts)
    assert mark(FOUND, {7: replace(POST, text="  BIN   day ")}) == here, "case and spacing are no change"
    assert mark(replace(FOUND, post=None), posts) == replace(FOUND, post=None).ref


def test_what_is_never_set_aside_together() -> None:
    every = list(Level)
    assert at_once([FOUND], every) == [FOUND]
    for other in (
        replace(FOUND, level=Level.STOP),
        replace(FOUND, clause="3.4"),
        replace(FOUND, clause="2.10, 3.4"),
        replace(FOUND, clause="8.1"),
        replace(FOUND, clause="8.2"),
        replace(FOUND, freeze="f1"),
        replace(FOUND, post=None, account=""),
        replace(FOUND, about=COULD_NOT),
    ):
        assert at_once([other], every) == []
    assert at_once([FOUND], [Level.NOTE]) == []
    assert refused(FOUND) == ""


def test_nothing_stays_quiet_for_more_than_a_year() -> None:
    today = date(2026, 11, 20)
    assert last_day(today, today) == today
    assert last_day(today + LONGEST, today) == today + LONGEST
    for wrong in (today - timedelta(days=1), today + LONGEST + timedelta(days=1)):
        with pytest.raises(UsageError):
            last_day(wrong, today)


def test_a_service_is_told_how_many_of_its_own_are_left_out() -> None:
    register = {
        "lib": Account("lib", "Anyshire Libraries", "facebook", service="libraries"),
        "road": Account("road", "Anyshire Highways", "x", service="highways"),
    }
    aside = [FOUND, replace(FOUND, account="road"), replace(FOUND, about="that")]
    picture = Picture(NOW, (), (), {}, register, {}, accepted=aside, accepted_now="set aside tonight")
    said = {r.key: digest_for(r, NOW.date(), picture, None).aside for r in (Reader("C"), Reader("l", "libraries"))}
    assert said == {
        "communications": "3 more findings left out, known and accepted, set aside tonight: freeze accept --list.",
        "service:libraries": "2 more findings left out, known and accepted.",
    }

"""What bios say of when an account is monitored: a corpus written before the reader, and wordings that fit."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from office import Office

from freeze.accounts import Bio
from freeze.acts import accounts
from freeze.acts import bios as act
from freeze.errors import UsageError
from freeze.holds import Kind
from freeze.store import bios as bio_store
from freeze.texts import bios
from freeze.texts.bio_times import DAY, span_of, time_of

NOW = datetime(2022, 9, 8, 17, 40, tzinfo=UTC)
CORPUS = [
    json.loads(line)
    for line in (Path(__file__).parent / "data" / "bios.jsonl").read_text(encoding="utf-8").splitlines()
]
REGISTERS = (
    "Mon-Fri 9-5",
    "Mon-Thu 8.45am-5.25pm; Fri 8.45am-4.55pm",
    "24/7",
    "Mon-Fri 9-12 and 1-5; Sat 10-2",
    "Thu-Mon 10pm-6am",
    "Mon, Wed, Fri midnight-8am",
)


def hours(words: str) -> bios.Hours:
    found = bios.hours_from(words)
    assert found is not None, words
    return found


@pytest.mark.parametrize("case", CORPUS, ids=[f"{i}: {c['bio'][:40]!r}" for i, c in enumerate(CORPUS, 1)])
def test_a_bio_is_judged_as_a_careful_reader_would(case: dict[str, Any]) -> None:
    judged = bios.judge(case["bio"], case.get("hours", ""))
    said = judged.stated.hours.said() if judged.stated.hours else ""
    assert (judged.verdict.value, said) == (case["verdict"], case.get("reads", ""))
    assert judged.sentence.endswith(".")


def test_the_corpus_is_large_and_holds_every_verdict_and_platform() -> None:
    assert len(CORPUS) >= 170
    assert {c["verdict"] for c in CORPUS} == {v.value for v in bios.Verdict}
    assert min(sum(c["verdict"] == v for c in CORPUS) for v in ("states", "vague", "none")) >= 40
    assert {c["platform"] for c in CORPUS} >= set(bios.LONGEST) - {"twitter"}
    for c in CORPUS:
        assert set(c) <= {"platform", "bio", "hours", "verdict", "reads", "why"}
        assert bool(c.get("reads")) == (c["verdict"] in ("states", "disagrees"))


def test_a_disagreement_names_both_sides() -> None:
    judged = bios.judge("Monitored Mon-Fri 9-5", "Mon-Sun 8am-8pm")
    assert "monitored Mon-Fri 09:00-17:00; the register says Mon-Sun 08:00-20:00." in judged.sentence


def test_an_account_contracted_for_all_hours_disagrees_with_office_hours() -> None:
    assert bios.judge("Monitored Mon-Fri 9-5", around_the_clock=True).verdict is bios.Verdict.DISAGREES
    assert bios.judge("Monitored 24/7", "Mon-Fri 9-5", around_the_clock=True).verdict is bios.Verdict.STATES


def test_what_the_register_says_in_other_words_is_said_to_be_unreadable() -> None:
    judged = bios.judge("Monitored Mon-Fri 9-5", "ask Jo")
    assert judged.verdict is bios.Verdict.STATES
    assert "“ask Jo” cannot be read as days and times" in judged.sentence


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        ("9", "5", (540, 1020)),
        ("8.30", "5pm", (510, 1020)),
        ("1", "5", (780, 1020)),
        ("1", "5pm", (780, 1020)),
        ("10", "2pm", (600, 840)),
        ("9", "12", (540, 720)),
        ("12", "4", (720, 960)),
        ("8", "8", (480, 1200)),
        ("0900", "1700", (540, 1020)),
        ("midday", "midnight", (720, DAY)),
        ("9pm", "5am", (1260, 1740)),
        ("half past eight", "five", (510, 1020)),
        ("9am", "5am", None),
        ("09:00", "05:00", None),
    ],
)
def test_two_times_are_read_as_people_mean_them(first: str, last: str, expected: tuple[int, int] | None) -> None:
    a, b = time_of(first), time_of(last)
    assert a is not None
    assert b is not None
    assert span_of(a, b) == expected


@pytest.mark.parametrize("words", ["25:00", "9:75", "13pm", "0am", "1939", "1963"])
def test_what_no_clock_shows_is_no_time(words: str) -> None:
    assert time_of(words) is None


@pytest.mark.parametrize("register", REGISTERS)
def test_every_suggestion_reads_back_as_exactly_the_hours_and_fits(register: str) -> None:
    wanted, fitting = hours(register), 0
    for case in CORPUS:
        longest = bios.LONGEST.get(case["platform"], 255)
        made = bios.suggest(case["bio"], wanted, longest)
        if made.text:
            fitting += 1
            assert bios.judge(made.text, register).verdict is bios.Verdict.STATES, case["bio"]
            assert bios.read(made.text).hours == wanted
            assert len(made.text) <= longest
        else:
            assert made.over > 0, made
            assert f"{made.over:,} character" in made.said
    assert fitting >= len(CORPUS) - 12


@pytest.mark.parametrize(
    ("bio", "platform", "expected"),
    [
        ("", "x", "Monitored Monday to Friday, 9am to 5pm."),
        ("Your council", "x", "Your council. Monitored Monday to Friday, 9am to 5pm."),
        ("Your council. Monitored in office hours.", "x", "Your council. Monitored Monday to Friday, 9am to 5pm."),
        (
            "Your council\nanyshire.example",
            "x",
            "Your council\nanyshire.example\nMonitored Monday to Friday, 9am to 5pm.",
        ),
        ("Anyshire CC 9am - 5pm, Mon - Thurs; 4.30 Fri", "x", "Anyshire CC. Monitored Monday to Friday, 9am to 5pm."),
        ("A" * 30 + " " + "b" * 20, "tiktok", "A" * 30 + " " + "b" * 20 + ". Monitored Mon-Fri 9am-5pm."),
        ("A" * 40 + " " + "b" * 26, "tiktok", "A" * 40 + " " + "b" * 26 + ". Mon-Fri 9-5"),
        (
            "👩‍🚒🌳 Museum open Tue-Sun 10-4",
            "x",
            "👩‍🚒🌳 Museum open Tue-Sun 10-4. Monitored Monday to Friday, 9am to 5pm.",
        ),
        ("Monitored Mon-Fri 9-5 #LoveAnyshire", "x", "Monitored Mon-Fri 9-5 #LoveAnyshire"),
        ("Monitored 9-5 #LoveAnyshire", "x", "#LoveAnyshire Monitored Monday to Friday, 9am to 5pm."),
    ],
)
def test_a_suggestion_keeps_what_was_there(bio: str, platform: str, expected: str) -> None:
    assert bios.suggest(bio, hours("Mon-Fri 9-5"), bios.LONGEST[platform]).text == expected


def test_what_cannot_fit_says_by_how_much_and_what_to_shorten() -> None:
    bio = "Your county council. " + "News about libraries and roads and schools in all of Anyshire every day"
    made = bios.suggest(bio, hours("Mon-Fri 9-5"), 80)
    assert made.text == ""
    assert made.over == len(bio) + len(". Mon-Fri 9-5") - 80
    assert f"{made.over} characters too long" in made.said
    assert "“News about libraries and roads" in made.said


WORDS = st.one_of(
    st.sampled_from(
        ["Anyshire", "Monitored", "open", "not", "to", "and", "call", "library", "except", "office hours", "\n"]
    ),
    st.sampled_from(["Mon-Fri", "weekdays", "Sat", "mon", "tue", "every day", "24/7", "until", "half past", "noon"]),
    st.sampled_from(["9-5", "9am", "5.30pm", "01632 960123", "2024/25", "#council", "https://anyshire.example"]),
    st.sampled_from(["-", "–", ",", ".", ";", ":", "(", ")", "|", "🌳", "👩‍🚒"]),
)


@settings(max_examples=100)
@given(st.lists(WORDS, max_size=25).map(" ".join), st.sampled_from(REGISTERS), st.sampled_from((80, 160, 2000)))
def test_any_words_get_a_suggestion_that_reads_back_or_a_sentence(bio: str, register: str, longest: int) -> None:
    wanted = hours(register)
    made = bios.suggest(bio, wanted, longest)
    if made.text:
        assert bios.read(made.text).hours == wanted
        assert len(made.text) <= longest
        assert bios.suggest(made.text, wanted, longest).text == made.text, "asking again changes nothing"
    else:
        assert made.said


@settings(max_examples=100)
@given(st.text(max_size=300))
def test_no_text_raises_an_error(bio: str) -> None:
    judged = bios.judge(bio, bio)
    assert judged.verdict in bios.Verdict
    assert judged.stated.hours is None or judged.stated.hours == bios.read(bio).hours


@pytest.mark.parametrize(
    "piece",
    ["🌳", "a", "not ", "- ", "9-", "9am ", "Mon ", "mon,", "(0 ", "a.", "call 24 ", "monitored ", "0", "open to "],
)
def test_a_hundred_thousand_characters_take_no_longer_than_they_should(piece: str) -> None:
    def seconds(n: int) -> float:
        text = piece * (n // len(piece))
        began = time.process_time()
        bios.read(text)
        return time.process_time() - began

    small = max(seconds(5_000), 0.002)
    assert seconds(50_000) < 40 * small, "ten times the text takes far more than ten times as long"


def test_a_bio_of_five_thousand_emoji_is_judged_and_answered() -> None:
    made = bios.suggest("🌳" * 5000, hours("Mon-Fri 9-5"), 160)
    assert bios.judge("🌳" * 5000).verdict is bios.Verdict.NONE
    assert made.over > 4_800


def test_the_bios_of_the_register_are_judged_and_one_is_suggested_without_a_terminal(tmp_path: Path) -> None:
    office = Office(tmp_path / "council", {"quiet": Kind.DRAFT}, NOW)
    (tmp_path / "accounts.csv").write_text(
        "id,name,platform,service,hours,seen_at\n"
        "libs,Libraries,x,libraries,Mon-Fri 9-5,quiet=1\n"
        "roads,Roads,x,highways,,quiet=2\n"
        "books,Books,x,libraries,,\n"
    )
    accounts.take_in(office.app(), tmp_path / "accounts.csv")
    with office.app().store.write() as c:
        bio_store.keep(c, Bio("quiet", "1", "Libraries", "Books for all.", 160), NOW)
        bio_store.keep(c, Bio("quiet", "2", "Roads", "Monitored Mon-Fri 9am-5pm.", 160), NOW)
    found = act.check(office.app())
    assert {a.id: j.verdict for a, _, j in found.judged} == {"libs": bios.Verdict.NONE, "roads": bios.Verdict.STATES}
    assert ([a.id for a, _, _ in found.wrong], [a.id for a in found.unread]) == (["libs"], ["books"])
    assert [a.id for a in act.check(office.app(), "highways").unread] == []
    with pytest.raises(UsageError, match='There is no service "librarys"'):
        act.check(office.app(), "librarys")

    made = act.suggest(office.app(), "libs")
    assert (made.whose, made.longest) == ("as the register says", 160)
    assert bios.judge(made.made.text, "Mon-Fri 9-5").verdict is bios.Verdict.STATES
    assert act.suggest(office.app(), "roads", "24/7").bio == found.judged[-1][1]
    assert act.suggest(office.app(), "books").bio is None
    assert act.suggest(office.app(), "books").whose == "the council's working hours, as the register says none"
    with pytest.raises(UsageError, match="cannot be read as days and times"):
        act.suggest(office.app(), "libs", "whenever")

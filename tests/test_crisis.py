"""What is promised about a crisis: it starts at once, its record follows, one listening response, and an evaluation."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import hypothesis.strategies as st
import pytest
from conftest import Practice
from hypothesis import given, settings
from practising import OTHER_PAGE, PAGE, at, hamlet, hours, ref, stands, truth

from freeze.council import whoami
from freeze.crisis import LONGEST, MOST, SIGNS, Crisis, Noted, What, lines, sign
from freeze.errors import RefusedByRule, UsageError

Making = Callable[..., Practice]
NOW = at("2026-06-04T16:40")
CC, HIGHWAYS = "anyshirecc-facebook", "anyshirehighways-facebook"
LISTEN = "We have seen your comments and we are listening."


def noted(*notes: tuple[What, str], start: Crisis | None = None) -> Crisis:
    c = start or Crisis()
    for what, words in notes:
        c = c.noted(Noted(NOW, "Jo", what, words))
    return c


def facebook(when: datetime, text: str, **more: Any) -> dict[str, Any]:
    return PAGE | {"at": when, "text": text} | more


def town(practice: Making, *posts: dict[str, Any], people: str = "") -> Practice:
    """Two pages and a website with these posts."""
    p = hamlet(practice, NOW, *posts)
    path = p.folder / "freeze.toml"
    path.write_text(path.read_text() + people)
    return p


def me(role: str, *services: str) -> str:
    """Settings in which the person at this computer has a role, beside a communications lead."""
    return (
        f'\n[people.{whoami.user()}]\nname = "Ali Khan"\nrole = "{role}"\nservices = {json.dumps(services)}\n'
        '[people.jo]\nname = "Jo Smith"\nrole = "communications lead"\n'
    )


def crisis(p: Practice, *more: str) -> Practice:
    assert p.freeze("declare", "crisis", "--account", CC, "--yes", *more).code == 0
    return p


# The record


def test_putting_down_twice_changes_nothing_but_the_history() -> None:
    c = noted((What.SIGN, "press"), (What.SIGN, "press"), (What.GROUP, "Ann Bell"), (What.GROUP, " ann  BELL"))
    assert (c.signs, c.group, len(c.events)) == (("press",), ("Ann Bell",), 4)


def test_somebody_can_leave_the_group() -> None:
    assert noted((What.GROUP, "Ann Bell"), (What.GROUP, "Cy"), (What.LEFT, "ann bell")).group == ("Cy",)


def test_signs_stand_in_the_order_of_the_clause() -> None:
    assert noted((What.SIGN, "press"), (What.SIGN, "negative")).signs == ("negative", "press")


@pytest.mark.parametrize(
    ("text", "meant"), [("press", "press"), (" Press ", "press"), ("1", "negative"), ("4", "press")]
)
def test_a_sign_is_known_by_its_word_or_number(text: str, meant: str) -> None:
    assert sign(text) == meant


@pytest.mark.parametrize("text", ["5", "0", "", "viral", "x" * 5_000])
def test_an_unknown_sign_lists_all_four(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        sign(text)
    assert all(said in str(caught.value) for said in SIGNS.values())
    assert len(str(caught.value)) < 600


@pytest.mark.parametrize("words", ["", "  ", "x" * (LONGEST + 1)])
def test_an_entry_is_bounded(words: str) -> None:
    with pytest.raises(UsageError):
        noted((What.REVIEW, words))


def test_a_record_cannot_grow_without_end() -> None:
    full = noted(*[(What.REVIEW, "x")] * MOST)
    with pytest.raises(UsageError, match="no more"):
        noted((What.REVIEW, "x"), start=full)


def test_a_second_listening_response_of_an_account_is_refused() -> None:
    c = noted((What.LISTENING, "a"), (What.LISTENING, "b"))
    with pytest.raises(RefusedByRule, match="one for each account"):
        noted((What.LISTENING, "a"), start=c)


WORDS = st.text(min_size=1, max_size=30).filter(str.strip)
TIMES = st.integers(1, 10_000).map(lambda n: (NOW + timedelta(minutes=n)).isoformat())
NOTES = st.lists(
    st.one_of(
        st.tuples(st.just(What.SIGN), st.sampled_from(list(SIGNS))),
        st.tuples(st.sampled_from([What.GROUP, What.LEFT, What.APPROVER, What.DEPUTY, What.REVIEW]), WORDS),
        st.tuples(st.sampled_from([What.NEXT_REVIEW, What.HOURS]), TIMES),
    ),
    max_size=12,
)


@settings(max_examples=40)
@given(NOTES)
def test_what_is_stored_is_what_was_put_down(notes: list[tuple[What, str]]) -> None:
    c = noted(*notes)
    assert Crisis.from_json(json.loads(json.dumps(c.to_json()))) == c
    assert noted(*((e.what, e.words) for e in c.events)) == c, "the history alone gives the record"
    assert lines(c, NOW, NOW)


def test_a_store_without_a_record_reads_as_nothing() -> None:
    assert Crisis.from_json({}) == Crisis()


# The commands


def test_it_starts_at_once_on_the_stated_account_and_leaves_the_others(practice: Making) -> None:
    later = NOW + hours(2)
    posts = facebook(later, "Join us"), facebook(NOW + timedelta(days=3, hours=4), "Later")
    p = town(practice, *posts, OTHER_PAGE | {"at": later, "text": "Road works"})
    refused = p.freeze("declare", "crisis", "--yes")
    assert refused.code == 2
    assert "needs a scope" in refused.err
    before = truth(p, "Road works")
    crisis(p)
    assert stands(p.json("show", "f1")) == {"Join us": "confirmed"}, "the other one lies beyond the provisional end"
    assert truth(p, "Road works") == before
    late = NOW + timedelta(days=3, hours=1)
    said = p.freeze("status", clock=late)
    assert "ITS END IS OVERDUE" in said.out
    assert "resolve-end" not in said.out, "a funeral settles no crisis"
    found = p.freeze("check", clock=late)
    assert "Later" in found.out, "a provisional end lets nothing past it"
    assert "A review of Crisis (f1) was due Friday 5 June 2026, 16:40 BST" in found.out
    assert p.freeze("crisis", clock=late).code == 1
    assert p.freeze("crisis", "--review", "Calmer; Ann leaves the group", clock=late).code == 0
    assert "A review of" not in p.freeze("check", clock=late).out


def test_a_service_lead_starts_and_answers_on_the_own_service_and_lifts_nothing(practice: Making) -> None:
    post = OTHER_PAGE | {"at": NOW + hours(2), "text": "Road works"}
    p = town(practice, post, people=me("service lead", "highways"))
    for scope in (("--account", CC), ("--everything",), ("--service", "communications"), ("--platform", "facebook")):
        assert p.freeze("declare", "crisis", *scope, "--yes").code == 4, scope
    own = p.freeze("declare", "crisis", "--account", HIGHWAYS, "--yes")
    assert own.code == 0
    assert "Tell your manager and" in own.out
    assert p.freeze("crisis", "--listening", LISTEN, "--account", HIGHWAYS).code == 0
    assert p.freeze("crisis", "--sign", "press").code == 0
    assert p.freeze("allow", ref(p, "Road works"), "--reason", "Please").code == 4
    assert p.freeze("end", "f1").code == 4


def test_the_record_is_shown_on_one_screen_and_logged_without_its_words(practice: Making) -> None:
    p = crisis(town(practice), "--approver", "Jo Smith")
    more = ("--group", "Ann Bell", "--group", "Cy Reed", "--deputy", "Dee Fox", "--hours-until", "2026-06-04T23:00")
    made = p.freeze("crisis", "f1", "--sign", "4", "--sign", "legal", "--review", "SECRETWORD calmer", *more)
    assert made.code == 0
    screen, shown = p.freeze("crisis").out, p.freeze("show", "f1").out
    assert len(screen.splitlines()) <= 12
    for said in ("the press has it", "Ann Bell, Cy Reed", "Jo Smith; Dee Fox stands in", "SECRETWORD", "23:00 BST"):
        assert said in screen
        assert said in shown
    assert p.freeze("crisis", "--next-review", "23:30").code == 0, "a clock time is one of today"
    assert "23:30 BST" in p.freeze("crisis").out
    refused = p.freeze("crisis", "--next-review", "soon")
    assert (refused.code, "--next-review" in refused.err) == (2, True)
    log = p.freeze("log", "export", on_clock=False).out
    assert "crisis.noted" in log
    assert "SECRETWORD" not in log
    before = p.json("crisis")["crisis"]
    for args in WRONG:
        assert p.freeze("crisis", "--group", "Half Applied", *args).code == 2, args
    assert p.json("crisis")["crisis"] == before
    assert p.json("allow", "--list")["permissions"] == []


WRONG = [
    ("--sign", "viral"),
    ("--next-review", "2026-06-04T10:00"),
    ("--hours-until", "yesterday"),
    ("--group", " "),
    ("--drop", "Nobody"),
    ("--listening", "Hello"),
    ("--account", CC),
    ("--listening", "Hello", "--account", "nosuch"),
    ("--listening", "Hello", "--account", HIGHWAYS),
    ("--listening", " ", "--account", CC),
    ("--list",),
    ("--considered", "no", "--account", CC),
    ("f9",),
]


def test_each_account_has_one_listening_response_and_the_approver_the_rest(practice: Making) -> None:
    posts = [facebook(NOW + hours(n), text) for n, text in enumerate((LISTEN, "One", "Two"), 2)]
    p = crisis(town(practice, *posts), "--approver", "Jo Smith")
    told = p.freeze("crisis", "--listening", LISTEN, "--account", CC)
    assert told.code == 0
    assert "Then stop" in told.out
    assert p.json("crisis")["crisis"]["listening"] == {CC: "a1"}
    (first,) = p.json("allow", "--list")["permissions"]
    assert (first["how"], first["accounts"], first["reason"]) == ("words", [CC], "Listening response (4.3)")
    assert p.json("show", "f1")["allowed_still_held"] == 1
    again = p.freeze("crisis", "--listening", "And another thing", "--account", CC)
    assert again.code == 4
    assert "allowed already (a1)" in again.err
    assert len(p.json("allow", "--list")["permissions"]) == 1
    past = p.freeze("allow", ref(p, "One"), "--reason", "Needed")
    assert past.code == 0
    assert "THE APPROVER WAS NOT ASKED about a2" in past.out
    assert "NOT ASKED" not in p.freeze("allow", ref(p, "Two"), "--reason", "Needed", "--by", "Jo Smith").out
    for command in (("show", "f1"), ("crisis",)):
        assert re.findall(r"NOT ASKED about (a\d)", p.freeze(*command).out) == ["a2"]
    assert "who approves its messages, was not asked" in p.freeze("check").out
    assert p.freeze("end", "f1").code == 0
    assert p.freeze("crisis", "f1", "--listening", "Late", "--account", CC).code == 4
    assert p.freeze("crisis", "f1", "--review", "What we learned").code == 0, "a review may follow the end"


def test_what_was_considered_is_listed_and_pauses_nothing(practice: Making) -> None:
    p = town(practice)
    assert "No crisis is in force" in p.freeze("crisis").err
    words = "One angry thread\nabout bins; answered"
    assert p.freeze("crisis", "--considered", words, "--account", CC, "--sign", "1").code == 0
    assert p.freeze("crisis", "--considered", " ", "--account", CC).code == 2
    assert p.freeze("crisis", "--considered", "no").code == 2
    listed = p.json("crisis", "--list")
    assert listed["crises"] == p.json("list")["freezes"] == []
    (one,) = listed["considered"]
    assert (one["reason"], one["accounts"]) == ("One angry thread about bins; answered", [CC])
    assert "answered (signs seen: negative)" in p.freeze("crisis", "--list").out
    refused = p.freeze("declare", "silence", "--everything", "--approver", "Jo", "--yes")
    assert (refused.code, "is for a crisis" in refused.err) == (2, True)
    assert p.freeze("declare", "silence", "--everything", "--from", "2026-06-05T11:00", "--yes").code in (0, 3)
    assert "is no crisis" in p.freeze("crisis", "f1").err
    path = p.folder / "freeze.toml"
    path.write_text(path.read_text() + me("auditor"))
    assert p.freeze("crisis", "--considered", "no", "--account", CC).code == 4
    assert p.freeze("crisis", "--list").code == 0, "an auditor reads"


HOSTILE = '=HYPERLINK("http://x","y")<script>alert(1)</script>\u202e & more'


def test_the_evaluation_says_the_same_in_four_formats_and_nobodys_words_act(practice: Making) -> None:
    p = town(practice, facebook(NOW + hours(2), HOSTILE), facebook(NOW + hours(3), "Join us"))
    crisis(p, "--approver", "Jo Smith", "--reason", "=1+1 <b>Bins</b>")
    p.freeze("crisis", "--review", HOSTILE, "--sign", "press", "--listening", LISTEN, "--account", CC)
    p.freeze("allow", ref(p, "Join us"), "--reason", "Needed")
    assert p.freeze("end", "f1").code == 0
    assert p.freeze("crisis", "f1", "--pack", "out").code == 0, "also after the end"
    out = p.folder / "out"
    data = json.loads((out / "crisis-f1.json").read_text("utf-8"))
    assert data["schema"] == "freeze/1"
    assert [len(data["sections"][s]) for s in ("To be stopped", "Allowed", "Reviews")] == [2, 2, 1]
    assert data["record"]["signs"] == ["press"]
    text, page = (out / "crisis-f1.txt").read_text("utf-8"), (out / "crisis-f1.html").read_text("utf-8")
    table = (out / "crisis-f1.csv").read_text("utf-8-sig")
    for said in ("the pause was declared", "the pause was ended", "the press has it", "not asked", "Join us"):
        assert (said in text, said in page, said in table) == (True, True, True), said
    when = [r["When"] for r in data["sections"]["Timeline"]]
    assert len(when) >= 6
    assert all(re.fullmatch(r"Thursday 4 June 2026, 1\d:\d\d BST", x) for x in when)
    for row in csv.reader(io.StringIO(table)):
        assert not [c for c in row if c.lstrip().startswith(("=", "+", "-", "@"))], row
    for name in ("crisis-f1.html", "crisis-f1-evidence.html"):
        html = (out / name).read_text("utf-8")
        assert not re.search(r"<(script|b|img|link|iframe)\b", html)
        assert not re.search(r"https?://", html.replace("http://x", "")), "nothing is fetched"
        assert (html.count("<h1"), '<html lang="en-GB">' in html, "\u202e" in html) == (1, True, False)
    assert "\u202e" not in text
    sheet = out / "crisis-f1-evidence.csv"
    rows = list(csv.reader(io.StringIO(sheet.read_text("utf-8-sig"))))
    assert len(rows) == 2, "it is blank"
    assert "no names" in rows[1][0]
    assert "2.11" in rows[1][0]
    sheet.write_text("filled in by hand")
    assert p.freeze("crisis", "f1", "--pack", "out").code == 0
    assert sheet.read_text() == "filled in by hand"
    assert p.freeze("crisis", "f1", "--pack", "freeze.toml").code == 2

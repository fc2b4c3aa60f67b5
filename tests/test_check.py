"""Conflicts: the same in every format, few lines, the worst first, and what could not be judged is said."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from conftest import Practice, Result
from planted import planted
from practising import OTHER_PAGE, PAGE, SITE, Making, at, hamlet

import cli
from freeze.accounts import Account
from freeze.findings import Finding, Level
from freeze.judging.evaluate import COULD_NOT, findings
from freeze.ports import Facts
from freeze.posts import Locator, Post, State
from freeze.report.conflicts import LINES, counted, page, rows, table, text

NOW = datetime(2026, 11, 22, 6, tzinfo=UTC)
REGISTER = {
    "lib": Account("lib", "Anyshire Libraries", "facebook", service="libraries"),
    "road": Account("road", "=Anyshire Highways", "x", service="highways"),
}
HOSTILE = '=HYPERLINK("http://x")<script>alert(1)</script>'


def post(n: int, words: str = "Bin day", account: str = "lib") -> Post:
    due = NOW + timedelta(hours=n)
    return Post(n, account, "facebook", "libraries", Locator("c", account, str(n)), State.SCHEDULED, due, words)


def conflict(p: Post, policy: str = "rule", level: Level = Level.CONFLICT, **more: Any) -> Finding:
    given: dict[str, Any] = {"sentence": f"Conflict of {p.ref}.", "next_step": f"Ask about {p.ref}."}
    return Finding("4.2", level, **{**given, **more}, post=p.id, account=p.account, policy=policy)


def ids(lines: list[str]) -> set[str]:
    return set(re.findall(r"^  (c[0-9a-f]{7})\b", "\n".join(lines), re.MULTILINE))


@pytest.fixture
def town(practice: Making, tmp_path: Path) -> Iterator[Practice]:
    """Three accounts, the planted rule, and posts that say what is to be found."""
    now = at("2026-11-20T08:00")
    with planted(tmp_path):
        yield hamlet(
            practice,
            now,
            {**SITE, "at": at("2026-11-22T10:00"), "text": f"conflict: {HOSTILE}"},
            {**PAGE, "at": at("2026-11-21T10:00"), "text": "conflict: and note: both"},
            {**PAGE, "at": at("2026-11-28T10:00"), "text": "note: later"},
            {**OTHER_PAGE, "at": at("2026-11-24T10:00"), "text": "nothing at all"},
        )


def test_text_csv_json_and_page_have_the_same_conflicts(town: Practice) -> None:
    shown = town.freeze("check", "--all", "--csv", "c.csv", "--html", "c.html")
    data = town.json("check")
    wanted = {f["id"] for f in data["findings"]}
    lines = list(csv.reader(io.StringIO((town.folder / "c.csv").read_text("utf-8-sig"))))
    html = (town.folder / "c.html").read_text("utf-8")
    assert len(wanted) == len(data["findings"]) == 4
    assert ids(shown.out.splitlines()) == wanted
    assert {line[0] for line in lines[1:]} == wanted
    assert set(re.findall(r"\bc[0-9a-f]{7}\b", html)) == wanted
    assert shown.code == 1
    assert "2 conflicts, 2 for information." in shown.out
    assert "for Monday: freeze accounts check" in shown.out


def test_nothing_of_a_post_is_a_formula_a_script_or_something_to_fetch(town: Practice) -> None:
    town.freeze("check", "--csv", "c.csv", "--html", "c.html")
    html = (town.folder / "c.html").read_text("utf-8")
    assert "<script" not in html
    assert '=HYPERLINK("http' in unescape(html)
    assert not re.search(r"(?:src|href)\s*=|url\(", html)
    made = table(rows([conflict(post(1, HOSTILE, "road"))], {1: post(1, HOSTILE, "road")}, REGISTER))
    assert "\"'=HYPERLINK" in made
    assert "'=Anyshire Highways" in made


def test_the_page_says_the_marking_and_that_there_is_nothing() -> None:
    html = page([], "Anyshire: conflicts", NOW, ["3 posts looked at."], marking="OFFICIAL")
    assert '<p class="marking">OFFICIAL</p>' in html
    assert "<h1>No conflicts among what could be read</h1>" in html
    assert '<html lang="en-GB">' in html
    assert "width=device-width" in html


def test_at_most_about_twenty_lines_stand_in_the_text_and_all_on_asking() -> None:
    posts = {n: post(n) for n in range(1, 61)}
    found = [conflict(p, "often", sentence="It says so.") for p in posts.values()]
    found += [conflict(posts[n], "seldom", Level.NOTE) for n in (5, 6, 7)]
    made = rows(found, posts, REGISTER)
    short, whole = text(made), text(made, None)
    assert len(ids(short)) == LINES == 20
    assert len(ids(whole)) == 63
    assert "  … and 42 more (--all, or --csv FILE, --html FILE)" in short
    assert "  … and 1 more (--all, or --csv FILE, --html FILE)" in short, "what is rare is not crowded out"
    assert short[0] == "CONFLICT: often (clause 4.2), 60"
    assert short.count("  It says so.") == 1, "what all of a kind say is said once"
    assert "  Do: Ask about POST." in short
    assert counted(made) == "60 conflicts, 3 for information"


def test_the_worst_stands_first_then_the_nearest() -> None:
    posts = {n: post(n) for n in (1, 2, 3, 4)}
    broken = Finding("4.2", Level.CONFLICT, "The rule x could not judge p9.", policy="x", about=COULD_NOT)
    found = [
        conflict(posts[1], "note", Level.NOTE),
        conflict(posts[4], "later"),
        conflict(posts[3], "sooner"),
        conflict(posts[2], "held", Level.STOP, freeze="f1"),
        broken,
    ]
    assert [r.finding.policy for r in rows(found, posts, REGISTER)] == ["x", "held", "sooner", "later", "note"]


def test_a_pause_is_told_in_a_few_lines_and_refers_to_the_rest() -> None:
    posts = {n: post(n) for n in range(1, 31)}
    made = rows([conflict(p, "mourning", Level.STOP, freeze="f1") for p in posts.values()], posts, REGISTER)
    lines = text(made)
    assert lines[0] == "INSIDE A PAUSE: mourning, f1 (clause 4.2), 30"
    assert len(ids(lines)) == 5
    assert "  … and 25 more (freeze show f1)" in lines


def test_what_is_scheduled_for_one_service_or_some_days_only(town: Practice) -> None:
    days = town.json("check", "--from", "2026-11-22", "--to", "2026-11-24")
    assert {f["sentence"] for f in days["findings"]} == {"It says conflict."}
    assert days["looked_at"] == 2
    service = town.json("check")["findings"][0]["service"]
    mine = town.json("check", "--service", service)
    assert {f["service"] for f in mine["findings"]} == {service}
    refused = town.freeze("check", "--from", "2026-11-24", "--to", "2026-11-22")
    assert (refused.code, "lies before" in refused.err) == (2, True)


def test_a_rule_that_fails_names_the_posts_and_judges_the_rest() -> None:
    def judge(_options: Any, p: Post, _facts: Facts) -> list[Finding]:
        if p.id % 2:
            raise ValueError("planted")
        return [conflict(p)]

    def inspect(_options: Any, _world: Any) -> list[Finding]:
        raise KeyError("across")

    other = SimpleNamespace(CLAUSES=("9.9",), judge=lambda _o, p, _f: [conflict(p)] if p.id == 1 else [])
    rules: Any = {"odd": SimpleNamespace(CLAUSES=("4.2",), judge=judge, inspect=inspect), "other": other}
    found = findings([post(n) for n in range(1, 16)], Facts(NOW, REGISTER), rules, {"odd": None, "other": None})
    failed = [f for f in found if f.about == COULD_NOT]
    assert [f.sentence for f in failed] == [
        "The rule odd could not judge p1, p3, p5, p7, p9 and 3 more: ValueError: planted.",
        "The rule odd could not judge across all posts and accounts: KeyError: 'across'.",
    ]
    assert {f.level for f in failed} == {Level.CONFLICT}, "the highest there is beside a pause; only a pause holds"
    assert {f.post for f in found if f.policy == "odd" and f not in failed} == {2, 4, 6, 8, 10, 12, 14}
    assert [f.post for f in found if f.policy == "other"] == [1]


def test_a_rule_that_fails_stands_first_and_the_exit_code_tells(practice: Making, tmp_path: Path) -> None:
    with planted(tmp_path):
        one = {**PAGE, "at": at("2026-11-21T10:00"), "text": "broken:"}
        p = hamlet(practice, at("2026-11-20T08:00"), one, {**SITE, "at": at("2026-11-21T09:00"), "text": "note: x"})
        shown = p.freeze("check")
    assert shown.code == 1
    assert shown.out.splitlines()[2].startswith("CONFLICT: words (clause 4.2), 1")
    assert "could not judge p" in shown.out
    assert "It says note." in shown.out


def alone(*args: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> Result:
    """A command where there is neither a settings file nor a store."""
    code = 0
    with pytest.MonkeyPatch.context() as m:
        m.chdir(folder)
        m.setattr("sys.argv", ["freeze", *args])
        try:
            cli.main()
        except SystemExit as e:
            code = int(e.code or 0)
    return Result(code, *capsys.readouterr())


def test_words_are_judged_before_there_is_anything(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with planted(tmp_path):
        said = alone("check", "--text", "conflict: x", folder=tmp_path, capsys=capsys)
        assert (said.code, "It says conflict." in said.out) == (1, True)
        assert alone("check", "--text", "Bin day", folder=tmp_path, capsys=capsys).code in (0, 1)
        mixed = alone("check", "--text", "x", "--csv", "c.csv", folder=tmp_path, capsys=capsys)
        assert (mixed.code, "take none of" in mixed.err) == (2, True)
        bare = alone("check", "--account", "x", folder=tmp_path, capsys=capsys)
        assert (bare.code, "go with --text" in bare.err) == (2, True)
    assert not list(tmp_path.glob("freeze.*"))


def test_a_due_time_is_said_with_its_zone() -> None:
    p = replace(post(1), intended_at=at("2026-07-01T09:00"))
    assert "Wednesday 1 July 2026, 09:00 BST" in table(rows([conflict(p)], {1: p}, REGISTER))
    assert "Wed 1 Jul 09:00 BST" in "\n".join(text(rows([conflict(p)], {1: p}, REGISTER)))


@pytest.mark.pages
def test_the_page_is_fit_to_be_read_at_every_width(town: Practice) -> None:
    from pages import DESKTOP, NARROWEST, PHONE, browser

    town.freeze("check", "--html", "c.html")
    with browser() as look:
        for width in (NARROWEST, PHONE, DESKTOP):
            seen = look(town.folder / "c.html", width=width)
            assert seen.broken == [], width
            assert seen.fits, width
            assert seen.asked_for == [], "the page stands alone"

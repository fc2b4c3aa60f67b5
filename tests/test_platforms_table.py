"""The table of platforms in docs/platforms.md is what the program itself prints."""

from __future__ import annotations

from pathlib import Path

from conftest import Practice
from practising import Making

PAGE = (Path(__file__).parent.parent / "docs" / "platforms.md").read_text(encoding="utf-8")


def test_the_readme_shows_the_table_that_the_program_prints(practice: Making) -> None:
    p: Practice = practice("empty")
    printed = p.freeze("adapters", "--markdown", on_clock=False).out.strip()
    assert printed.startswith("| Platform |")
    assert printed in PAGE


def test_one_platform_is_told_whole_and_a_wrong_name_gets_the_nearest(practice: Making) -> None:
    p: Practice = practice("empty")
    told = p.freeze("adapters", "mastodon", on_clock=False).out
    assert "a person:" in told
    assert "known from:" in told
    assert "Facebook" not in told
    wrong = p.freeze("adapters", "mastadon", on_clock=False)
    assert wrong.code == 2
    assert 'Did you mean "mastodon"?' in wrong.err


def test_every_adapter_says_all_that_the_table_needs(practice: Making) -> None:
    for row in practice("empty").json("adapters")["platforms"]:
        assert row["queue"] in ("listed", "in part", "not shown")
        told = ("title", "lists", "holds", "puts_back", "cannot", "a_person", "known_from")
        assert all(row[key] for key in told), row

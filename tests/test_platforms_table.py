"""The table of platforms in docs/platforms.md is what the program itself prints."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from conftest import Practice
from practising import Making

import adapters
import policies
from freeze.acts import platforms
from freeze.acts.app import App
from freeze.errors import UsageError

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


def test_platforms_and_rules_are_told_without_a_terminal() -> None:
    app = App(adapters, policies, lambda: datetime(2022, 9, 8, tzinfo=UTC))
    every = platforms.platforms(app)
    assert [d.name for d in every] == list(app.kinds)
    (one,) = platforms.platforms(app, ["mastodon"])
    assert (one.title, one.can) == ("Mastodon", app.kinds["mastodon"].CAPABILITIES)
    rules, chosen = platforms.rules(app, ["royal-death"])
    assert [p.name for p in rules] == list(app.policies)
    assert [p.name for p in chosen] == ["royal-death"]
    assert chosen[0].presets
    for ask in (platforms.platforms, platforms.rules):
        with pytest.raises(UsageError, match=r'There is no .* "nothing"'):
            ask(app, ["nothing"])

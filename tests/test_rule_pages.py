"""What the rules write for people to read, in a real browser, at the widths people have."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pages import DESKTOP, NARROWEST, PHONE, browser
from practising import Making

pytestmark = pytest.mark.pages


def test_conflicts_mondays_list_and_the_evaluation_of_a_crisis_are_fit_to_be_read(
    practice: Making, tmp_path: Path
) -> None:
    p = practice("council", datetime(2026, 11, 9, 5, 50, tzinfo=UTC)).ready()
    p.freeze("nightly", "--once")
    p.freeze("declare", "crisis", "--service", "libraries", "--yes")
    crisis = next(f["id"] for f in p.json("list")["freezes"] if f["preset"] == "crisis")
    p.freeze("crisis", crisis, "--sign", "press", "--group", "Ann <Bell>", "--review", "Calmer")
    p.freeze("crisis", crisis, "--pack", "pack")
    p.freeze("check", "--html", "check.html")
    pages = [
        p.folder / "check.html",
        *sorted((p.folder / "pack").glob("*.html")),
        p.folder / "digests" / "communications" / "housekeeping-2026-11-09.html",
    ]
    assert len(pages) == 4
    with browser() as look:
        for page in pages:
            for width in (NARROWEST, PHONE, DESKTOP):
                seen = look(page, width=width)
                assert seen.broken == [], (page.name, width)
                assert seen.fits, (page.name, width)
                assert seen.asked_for == [], "the page stands alone"
                shutil.copy(seen.picture, tmp_path)

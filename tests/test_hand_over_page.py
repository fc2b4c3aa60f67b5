"""The hand-over sheet in a real browser, at the widths people have."""

from __future__ import annotations

import pytest
from conftest import Practice
from pages import DESKTOP, NARROWEST, PHONE, browser

pytestmark = pytest.mark.pages


def test_the_hand_over_sheet_is_fit_to_be_read_at_every_width(council: Practice) -> None:
    council.freeze("declare", "menai-bridge", "--yes")
    council.freeze("confirm", "t1", "--by", "Jo Smith")
    sheet = council.folder / "sheet.html"
    council.freeze("tasks", "--hand-over", str(sheet))
    with browser() as look:
        for width in (NARROWEST, PHONE, DESKTOP):
            seen = look(sheet, width=width)
            assert seen.broken == [], width
            assert seen.fits, width
            assert seen.asked_for == [], "the page stands alone"

"""A service's month in a real browser, on a phone, on a desk and at 320 pixels: nothing axe-core objects to."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from conftest import Practice
from pages import DESKTOP, NARROWEST, PHONE, browser
from practising import at

pytestmark = pytest.mark.pages


@pytest.fixture
def month(council: Practice) -> Path:
    """The libraries' month two days into a pause: held, missed, gone out, waiting, and to come."""
    council.freeze("declare", "menai-bridge", "--yes")
    council.clock(advance=timedelta(days=2))
    council.freeze("sync", "--enforce")
    council.freeze("calendar", "--service", "libraries", "--html", "month.html")
    return council.folder / "month.html"


def test_a_service_month_is_accessible_and_fits_at_every_width_and_fetches_nothing(month: Path) -> None:
    with browser() as look:
        for width in (NARROWEST, PHONE, DESKTOP):
            seen = look(month, width=width)
            assert seen.broken == [], f"{width} px"
            assert seen.fits, f"{width} px"
            assert seen.asked_for == []


def test_an_empty_month_is_accessible_too(council: Practice) -> None:
    assert council.freeze("calendar", "--month", "2031-02", "--html", "empty.html").code == 0
    page = council.folder / "empty.html"
    assert "Nothing is scheduled, and no pause touches this month." in page.read_text(encoding="utf-8")
    with browser() as look:
        assert look(page, width=PHONE).broken == []


def test_a_month_with_more_posts_than_can_be_listed_is_accessible_too(council: Practice) -> None:
    council.clock(at("2022-09-09T08:00"))
    council.freeze("calendar", "--html", "all.html")
    with browser() as look:
        seen = look(council.folder / "all.html", width=PHONE)
    assert seen.broken == []
    assert seen.fits

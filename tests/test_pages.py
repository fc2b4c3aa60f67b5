"""The digests in a real browser, at the widths people have: axe-core finds nothing, and nothing is cut off."""

from __future__ import annotations

from datetime import timedelta

import pytest
from conftest import Practice
from pages import DESKTOP, NARROWEST, PHONE, browser
from practising import Making, at, hamlet
from test_digest import HOSTILE, NIGHT, made, picture

from freeze.report.digest_page import page

pytestmark = pytest.mark.pages


def test_the_digests_of_the_night_of_a_pause_are_fit_to_be_read_at_every_width(council: Practice) -> None:
    council.freeze("declare", "menai-bridge", "--yes")
    council.clock(advance=timedelta(days=2))
    council.freeze("nightly", "--once")
    council.clock(advance=timedelta(days=1))
    council.freeze("nightly", "--once")
    digests = council.folder / "digests"
    with browser() as look:
        for path in (digests / "communications" / "latest.html", digests / "services" / "libraries" / "latest.html"):
            for width in (NARROWEST, PHONE, DESKTOP):
                seen = look(path, width=width)
                assert seen.broken == [], (path, width)
                assert seen.fits, (path, width)
                assert seen.asked_for == [], "the page stands alone"


def test_a_calm_night_and_hostile_words_are_fit_to_be_read_too(practice: Making) -> None:
    p = hamlet(practice, at("2022-09-08T05:45"))
    p.freeze("nightly", "--once")
    calm = p.folder / "digests" / "communications" / "latest.html"
    long = "Donaudampfschifffahrtsgesellschaftskapitän" * 4
    hostile = page(made(picture(("lib", f"{NIGHT}T10:00", HOSTILE), ("road", f"{NIGHT}T11:00", long))))
    with browser() as look:
        for width in (NARROWEST, DESKTOP):
            for seen in (look(calm, width=width), look(html=hostile, width=width)):
                assert seen.broken == [], width
                assert seen.fits, width
                assert seen.asked_for == []


def test_this_check_can_fail() -> None:
    with browser() as look:
        seen = look(html="<!doctype html><p style='color:#ccc;width:900px'>x<img src='x.png'>", width=PHONE)
    assert len(seen.broken) > 3
    assert not seen.fits
    assert seen.asked_for

"""Monday's list on paper: the same findings in four forms, few lines, and text from elsewhere kept harmless."""

from __future__ import annotations

import csv
import io
import json
from datetime import date

import pytest

from freeze.accounts import Account
from freeze.findings import Finding, Level
from freeze.report import housekeeping

TODAY = date(2026, 11, 23)
NASTY = Account("nasty", "=1+1<script>\x1b[2J", "x", service="libraries")
REGISTER = {a.id: a for a in (NASTY, *(Account(f"a{n}", f"Page {n}", "x", service="libraries") for n in range(20)))}
REGISTER |= {f"b{n}": Account(f"b{n}", f"Road {n}", "x", service="highways") for n in range(2)}


def finding(account: str, said: str = "it was never reviewed.", about: str = "review") -> Finding:
    a = REGISTER.get(account)
    sentence = f"{a.name} ({a.platform}): {said}" if a else said
    return Finding("2.2", Level.HOUSEKEEPING, sentence, "Look at it.", account=account, policy="register", about=about)


def text(*found: Finding) -> str:
    return housekeeping.text(found, REGISTER, "Anyshire: for Communications", TODAY)


def test_the_first_line_is_the_answer() -> None:
    assert text().startswith("Nothing for Monday's list\n")
    assert text(finding("a1"), finding("a1", "x.", "y"), finding("b1")).startswith("3 gaps to close on 2 accounts\n")
    assert text(finding("")).startswith("1 gap to close\n")


def test_findings_stand_by_service_and_account() -> None:
    lines = text(
        finding("a1"), finding("b1"), finding("a1", "nobody owns it.", "owner"), finding("", "No day.")
    ).splitlines()
    heads = [line for line in lines[4:] if line and not line.startswith(" ")]
    assert heads == ["The council: 1", "highways: 1", "libraries: 2"]
    assert lines.count("  Page 1 (x)") == 1
    assert any("It was never reviewed. Look at it. (clause 2.2)" in line for line in lines)


def test_the_same_on_many_accounts_is_one_entry() -> None:
    three = text(*(finding(f"a{n}") for n in range(3)))
    assert three.count("It was never reviewed.") == 1
    assert all(finding(f"a{n}").ref in three for n in range(3))
    two = text(*(finding(f"a{n}") for n in range(2)))
    assert two.count("It was never reviewed.") == 2


def test_a_register_that_nobody_filled_in_is_a_few_lines() -> None:
    whole = text(*(finding(a) for a in REGISTER))
    assert len(whole.splitlines()) < 15
    assert "Several services: 23" in whole
    assert "libraries 21, highways 2" in whole


def test_all_forms_have_every_finding() -> None:
    found = [*(finding(a) for a in REGISTER), finding("a1", "nobody owns it.", "owner"), finding("", "No day.", "day")]
    told = (found, REGISTER, "Anyshire", TODAY)
    data = json.loads(housekeeping.as_json(*told))
    refs = {f.ref for f in found}
    assert {f["id"] for f in data["findings"]} == refs
    assert (data["schema"], data["day"]) == ("freeze/1", "2026-11-23")
    rows = list(csv.reader(io.StringIO(housekeeping.table(*told))))
    assert {r[-1] for r in rows[1:-1]} == refs
    page = housekeeping.page(*told)
    assert all(ref in page for ref in refs)
    assert page.count("<tr role=") == len(found) + page.count("<thead")


@pytest.mark.parametrize("form", [housekeeping.text, housekeeping.page, housekeeping.table])
def test_text_from_elsewhere_harms_nobody(form: object) -> None:
    made = form([finding("nasty")], REGISTER, "Anyshire", TODAY)  # type: ignore[operator]
    assert "\x1b" not in made
    assert "<script>" not in made or form is not housekeeping.page
    if form is housekeeping.table:
        assert ",'=1+1" in made

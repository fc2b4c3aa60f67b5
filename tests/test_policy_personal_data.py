"""The rule about personal data: what is found, what is nobody's own, and that nothing is repeated in full.

Telephone numbers are from Ofcom's drama ranges, NHS numbers from the range kept for tests (999), the card is the
networks' own test number, the IBAN the registry's example.
"""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from freeze.accounts import Account
from freeze.findings import Finding, Level
from freeze.ports import Facts
from freeze.posts import Locator, Post, State
from policies import personal_data as rule
from policies._personal import national

NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
LIBRARIES = Account("libraries", "Anyshire Libraries", "facebook", contact="Desk, 01632 960 555, desk@example.com")


def found(text: str, state: State = State.SCHEDULED, title: str = "", **options: object) -> list[Finding]:
    post = Post(1, "libraries", "facebook", "libraries", Locator("c", "a", "1"), state, NOW, text, title=title)
    facts = Facts(NOW, {"libraries": LIBRARIES})
    return list(rule.judge(rule.Options(**options), post, facts))  # type: ignore[arg-type]


SHOWN = [
    ("Ring Jo on 07700 900123, 9-5", "a phone number (07700 …123)"),
    ("Call 01632 960123 now", "a phone number (01632 …123)"),
    ("Call (01632) 960 123", "a phone number (01632 …123)"),
    ("Text +44 (0)7700 900 123", "a phone number (07700 …123)"),
    ("Text 00447700900123.", "a phone number (07700 …123)"),
    ("07700\u00a0900\u2011123", "a phone number (07700 …123)"),
    ("0770\u200b0 900123", "a phone number (07700 …123)"),
    ("Ring +33 1 23 45 67 89", "a phone number (+3312 …789)"),
    ("Write to jo.smith@example.com", "an email address (j…@e….com)"),
    ("Her number is AA 12 34 56 A", "a National Insurance number (AA …)"),
    ("NHS number 9991231005", "an NHS number (…005)"),
    ("Patient 999 123 1013", "an NHS number (…013)"),
    ("Card 4111 1111 1111 1111", "a payment card number (…1111)"),
    ("Pay to GB82 WEST 1234 5698 7654 32", "an IBAN (GB82 …32)"),
    ("Pay 12-34-56, 12345678", "a sort code and account number (…678)"),
    ("Sort code 12 34 56 and account number 12345678", "a sort code and account number (…678)"),
    ("Mrs Jones, 14 Mill Road, Netherby, AN1 2AB", "a postal address (in AN1)"),
    ("flowers to 14b mill lane netherby an1 2ab please", "a postal address (in AN1)"),
    ("<p>Ring <b>07700</b> 900123</p>", "a phone number (07700 …123)"),
]


@pytest.mark.parametrize(("text", "shown"), SHOWN)
def test_what_may_be_personal_is_a_conflict_under_clause_3_4(text: str, shown: str) -> None:
    (one,) = found(text)
    assert (one.clause, one.level) == ("3.4", Level.CONFLICT)
    assert one.sentence == f"The text shows what may be somebody's personal data: {shown}."
    assert one.next_step.startswith("Take it out before it goes out")


FINE = [
    "A14 J54 overnight closure 8pm-6am, diversion signed",
    "Budget 2027/28: £12,345,678.90, up from £11,000,000,000; have your say by 31 January",
    "Open 24/7. In an emergency call 999, else 101, 111 or 105",
    "Bus 53A at 10:30, 11:30 and 12.30 from stop 0123",
    "01-02-2026 09:00 to 02.02.2026 10.30, or 2026-12-01T09:00",
    "ISBN 0 14 044913 6 and ISBN 978-0-14-044913-6",
    "Grid reference TM 12345 67890",
    "Call free on 0800 555 0100 or 0300 123 4567",
    "Ask enquiries@example.org or planning@anyshire.gov.uk",
    "Follow @user@mastodon.social and @AnyshireCC",
    "Ring our desk on 01632 960555 or write to desk@example.com",
    "Story time at Netherby Library, 5 High Street, Netherby, AN1 2AB",
    "Find us near AN1 2AB",
    "20 minutes from Mill Road, exit at A12 1st left",
    "Reference 1234567890, ticket 4000123412341235",
    "https://www.anyshire.example/07700900123?at=01632960123",
    "National Insurance numbers look like QQ 12 34 56 C",
    "4 5 6 7 8 9 10 11 12 13 14 15 16",
    "We answered 11,400 calls in 2025 and 12,900 in 2026",
    "🎄" * 50,
]


@pytest.mark.parametrize("text", FINE)
def test_what_is_nobodys_own_is_no_finding(text: str) -> None:
    assert found(text) == []


ASKING = [
    ("Reply with your email address below", True),
    ("Leave your phone number in the comments!", True),
    ("Comment below with your date of birth", True),
    ("Tell us your address in a private message, never in public", False),
    ("Please DM your postcode in reply to this", False),
    ("Enter your postcode on our website. Comments welcome.", False),
    ("Reply and tell us your favourite book", False),
]


@pytest.mark.parametrize(("text", "asks"), ASKING)
def test_asking_for_personal_data_in_public_is_a_conflict(text: str, asks: bool) -> None:
    assert [f.about for f in found(text)] == ["asking"] * asks
    assert found(text, asking=False) == []


def test_a_finding_never_repeats_what_it_found() -> None:
    for text, _ in SHOWN:
        (one,) = found(text)
        said = f"{one.sentence} {one.next_step} {one.about}"
        assert not re.search(r"\d{6}", said)
        assert "smith" not in said
        assert "mill" not in said.casefold()


def test_one_post_is_one_line_whatever_it_shows() -> None:
    (one,) = found("Jo 07700 900123, Sam 07700 900456, jo@example.com, NHS 999 123 1013, AA123456A")
    assert one.sentence.endswith("and 1 more.")
    assert found("07700 900123 or 07700900123 or +447700900123")[0].sentence.count("phone") == 1


def test_something_new_in_an_accepted_post_is_a_new_finding() -> None:
    assert found("07700 900123")[0].ref == found("Or: 07700 900123!")[0].ref
    assert found("07700 900123")[0].ref != found("07700 900456")[0].ref


def test_what_is_out_already_goes_to_information_security() -> None:
    (one,) = found("07700 900123", State.PUBLISHED, form="form IS-1")
    assert "take it down and report it on form IS-1 (clause 2.10)" in one.next_step


def test_a_title_is_looked_at_too() -> None:
    assert len(found("Welcome", title="Ring 07700 900123")) == 1


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ("07700 900123", {"phones": ["+44 7700 900 123"]}),
        ("jo@example.com", {"emails": ["Jo@Example.com"]}),
        ("jo@partner.example.org", {"domains": ["example.org"]}),
        ("warden@example.org", {"mailboxes": ["warden"]}),
        ("14 Mill Road, AN1 2AB", {"postcodes": ["an12ab"]}),
        ("The Depot, 14 Mill Road, AN1 2AB", {"places": ["depot"]}),
        ("01632 960123", {"organisations": ["01632"]}),
    ],
)
def test_settings_name_the_councils_own(text: str, options: dict[str, object]) -> None:
    assert len(found(text)) == 1
    assert found(text, **options) == []


def test_without_its_list_a_freephone_number_is_looked_at() -> None:
    assert len(found("0800 555 0100", organisations=[])) == 1


@pytest.mark.parametrize("bad", [{"phones": ["x"]}, {"postcodes": ["AN1"]}, {"organisations": ["3"]}, {"phone": []}])
def test_a_bad_setting_is_refused(bad: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        rule.Options(**bad)  # type: ignore[arg-type]


@pytest.mark.parametrize("number", ["01632 960123", "+44 1632 960 123", "00441632960123", "(01632) 960-123"])
def test_a_number_is_one_number_however_it_is_written(number: str) -> None:
    assert national(number) == "1632960123"


@pytest.mark.parametrize(
    "piece", ["0 ", "a@", "1", "your ", "1 a ", "A1 1", "12 ab cd ", "sort code ", ".", "<", "+1 "]
)
def test_no_text_takes_long(piece: str) -> None:
    started = time.process_time()
    found(piece * (50_000 // len(piece)))
    assert time.process_time() - started < 1

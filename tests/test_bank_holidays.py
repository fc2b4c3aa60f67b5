"""Bank holidays and due dates without a terminal: proclaimed, taken back, refreshed; what is due, noted and moved."""

from __future__ import annotations

import io
import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from office import Office

from freeze.acts import bank_holidays, due, refresh, requests, workdays
from freeze.clocks.answers import receipt
from freeze.clocks.workdays import NATIONS, from_package
from freeze.errors import UsageError
from freeze.holds import Kind

NOW = datetime(2022, 9, 10, 9, 0, tzinfo=UTC)
FUNERAL = date(2022, 9, 19)


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path / "council", {"quiet": Kind.DRAFT}, NOW)


def proclaim(office: Office, *nations: str) -> bank_holidays.Proclaimed:
    return bank_holidays.proclaim(
        office.app(), FUNERAL, "State  funeral", "the Gazette", nations=nations, announced=None, appointed=False
    )


def note(office: Office, received: str = "2022-09-08", link: str = "") -> requests.Noted:
    return requests.note(office.app(), receipt(received), "libs", "message", link, "foi")


def test_a_proclaimed_day_moves_the_requests_that_are_open_and_taking_it_back_moves_them_again(office: Office) -> None:
    r = note(office).request
    assert r.due == date(2022, 10, 6)
    done = proclaim(office)
    assert done.added is not None
    assert (done.added.title, [(a.due, b.due) for a, b in done.moved]) == (
        "State funeral",
        [(date(2022, 10, 6), date(2022, 10, 7))],
    )
    assert workdays.add(office.app(), date(2022, 9, 16), 1).last == date(2022, 9, 20)
    again = proclaim(office)
    assert (again.added, again.held, again.moved) == (None, ["State funeral"], ())
    gone = bank_holidays.withdraw(office.app(), FUNERAL)
    assert [b.due for _, b in gone.moved] == [date(2022, 10, 6)]
    assert workdays.count(office.app(), date(2022, 9, 16), FUNERAL).days == 1
    with pytest.raises(UsageError, match="is no bank holiday there"):
        bank_holidays.withdraw(office.app(), FUNERAL)


def test_a_day_of_one_nation_is_listed_for_it_alone(office: Office) -> None:
    proclaim(office, "scotland", "england")
    assert FUNERAL in {h.day for h in workdays.of_year(office.app(), 2022, "england").holidays}
    bank_holidays.withdraw(office.app(), FUNERAL, ["england"])
    assert FUNERAL in {h.day for h in workdays.of_year(office.app(), 2022, "scotland").holidays}
    assert FUNERAL not in {h.day for h in workdays.of_year(office.app(), 2022, "england").holidays}
    with pytest.raises(UsageError, match='There is no nation "scotlnd"'):
        proclaim(office, "scotlnd")


def test_newer_data_adds_and_takes_away_only_what_is_named(office: Office, tmp_path: Path) -> None:
    package = from_package(range(2022, 2024))
    data = {
        name: {
            "events": [
                {"title": title, "date": date.fromordinal(day).isoformat(), "notes": ""}
                for day, title in sorted(package[bit].items())
            ]
        }
        for name, bit in NATIONS.items()
    }
    lacking = data["scotland"]["events"].pop()["date"]
    file = tmp_path / "bank-holidays.json"
    file.write_text(json.dumps(data))
    found = refresh.refresh(office.app(), str(file))
    assert found.years == (2022, 2023)
    assert lacking in {c.day.isoformat() for c in found.left}
    assert found.dropped == []
    with pytest.raises(UsageError, match="is not a day that the new data lacks"):
        refresh.refresh(office.app(), str(file), [date(2022, 6, 1)])
    dropped = refresh.refresh(office.app(), str(file), [date.fromisoformat(lacking)])
    assert {c.day.isoformat() for c in dropped.dropped} == {lacking}
    assert lacking not in {c.day.isoformat() for c in dropped.left}


def test_what_is_due_is_told_one_by_one_or_many_at_once(office: Office) -> None:
    a = due.due(office.app(), "foi", receipt("2022-09-08"), {})
    lines = b'{"regime": "foi", "received": "2022-09-08"}\nnonsense\n'
    assert [x.get("due") for x in due.many(office.app(), io.BytesIO(lines))] == [a.due.isoformat(), None]
    poll = due.due(office.app(), "pre-election-local", receipt("2023-05-04"), {})
    assert poll.due == due.election(office.app(), date(2023, 5, 4), "local").due
    office.now = datetime(2032, 9, 10, tzinfo=UTC)
    old = due.due(office.app(), "foi", receipt("2032-09-08"), {})
    assert old.notes[-1].startswith("The bank holidays were last compared with gov.uk")


def test_a_request_goes_from_its_note_to_its_answer_and_is_bare_when_it_is_old(office: Office) -> None:
    first = note(office, link="https://example.org/1")
    assert first.fresh
    assert first.notes == ['"libs" is not on the register; noted as it was given.']
    again = note(office, link="https://example.org/1")
    assert (again.fresh, again.request) == (False, first.request)
    ident = first.request.ref
    assert requests.acknowledge(office.app(), ident).acknowledged_at == NOW
    assert requests.pass_on(office.app(), ident, "IM-1").reference == "IM-1"
    assert "6 October 2022" in requests.texts(office.app(), first.request)["long"]
    changed = requests.clarify(office.app(), ident, {"clarification_asked": date(2022, 9, 9)})
    assert (changed.was, changed.request.waits_for != "") == (date(2022, 10, 6), True)
    assert changed.request.due == changed.was, "it holds unless the clarification comes"
    came = requests.clarify(office.app(), ident, {"clarification_received": date(2022, 9, 20)})
    assert (came.was, came.request.due) == (date(2022, 10, 6), date(2022, 10, 18))
    with pytest.raises(UsageError, match="is before the request was received"):
        requests.answer(office.app(), ident, date(2022, 9, 1))
    assert requests.answer(office.app(), ident).answered_on == NOW.date()
    with pytest.raises(UsageError, match="is closed"):
        requests.close(office.app(), ident, "duplicate")
    assert requests.listed(office.app()) == []
    office.now = datetime(2032, 9, 10, tzinfo=UTC)
    assert [r.ref for r in requests.purge(office.app(), dry_run=True).requests] == [ident]
    assert requests.one(office.app(), ident)[0].link == "https://example.org/1"
    assert requests.purge(office.app()).days == office.app().settings.requests.keep_days
    assert requests.one(office.app(), ident)[0].link == ""
    assert requests.recompute(office.app()) == []

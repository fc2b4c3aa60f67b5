"""The shared calendar without a terminal: taken in, listed, taken away."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from office import Office
from test_event_files import ics

from freeze.acts import events
from freeze.errors import UsageError
from freeze.holds import Kind

NOW = datetime(2022, 9, 8, 17, 40, tzinfo=UTC)
MEETING = "SUMMARY:Full council\nDTSTART;TZID=Europe/London:20220912T180000\nRRULE:FREQ=WEEKLY;COUNT={}"
ODD = "SUMMARY:Odd one\nDTSTART;TZID=Nowhere/City:20220912T180000"


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path / "council", {"quiet": Kind.DRAFT}, NOW)


def test_it_takes_a_calendar_in_and_away_again(office: Office, tmp_path: Path) -> None:
    file = tmp_path / "meetings.ics"
    file.write_bytes(ics(MEETING.format(3), ODD))
    done = events.take_in(office.app(), file, "", "")
    assert (done.source, done.occurrences, done.before) == ("meetings.ics", 3, 0)
    assert [x.title for x in done.found.left] == ["Odd one"]

    file.write_bytes(ics(MEETING.format(2)))
    done = events.take_in(office.app(), file, "", "")
    assert (done.occurrences, done.before) == (2, 3)
    found = events.listed(office.app())
    assert (found.now, [e.title for e in found.events]) == (NOW, ["Full council"] * 2)
    assert [(s.name, s.occurrences) for s in found.sources] == [("meetings.ics", 2)]

    assert events.remove(office.app(), "meetings.ics") == 2
    assert events.listed(office.app()).sources == []


def test_a_file_of_which_nothing_can_be_used_leaves_what_was_there(office: Office, tmp_path: Path) -> None:
    file = tmp_path / "meetings.ics"
    file.write_bytes(ics(MEETING.format(3)))
    events.take_in(office.app(), file, "", "")
    file.write_bytes(ics(ODD))
    with pytest.raises(UsageError, match=r"Nothing in meetings.ics can be used: Odd one"):
        events.take_in(office.app(), file, "", "")
    assert len(events.listed(office.app()).events) == 3
    with pytest.raises(UsageError, match=r'No calendar "meeting.ics" was imported.') as e:
        events.remove(office.app(), "meeting.ics")
    assert "meetings.ics" in e.value.advice

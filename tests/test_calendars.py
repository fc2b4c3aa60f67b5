"""A month without a terminal: what is shown, and what is written for whom."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from office import Office

from freeze.acts import accounts, calendars
from freeze.errors import UsageError
from freeze.holds import Kind

NOW = datetime(2022, 9, 8, 17, 40, tzinfo=UTC)
SEPTEMBER = date(2022, 9, 1)


@pytest.fixture
def office(tmp_path: Path) -> Office:
    made = Office(tmp_path / "council", {"memory": Kind.DRAFT}, NOW)
    (tmp_path / "accounts.csv").write_text(
        "id,name,platform,service,seen_at\nlibs,Libraries,memory,libraries,memory=1\nroads,Roads,memory,highways,memory=2\n"
    )
    accounts.take_in(made.app(), tmp_path / "accounts.csv")
    for n in (1, 2):
        made.platforms["memory"].add(str(n), f"a{n}", NOW + timedelta(days=n), f"Post {n}")
    assert made.freeze("sync").json["gaps"] == []
    return made


def texts(shown: calendars.Shown) -> list[str]:
    return [e.post.text for d in shown.month.days for e in d.entries]


def test_a_month_shows_every_service_or_one(office: Office) -> None:
    every = calendars.calendar(office.app(), SEPTEMBER, None)
    assert (texts(every), every.written) == (["Post 1", "Post 2"], [])
    assert texts(calendars.calendar(office.app(), SEPTEMBER, "libraries")) == ["Post 1"]
    with pytest.raises(UsageError, match='There is no service "librarys"'):
        calendars.calendar(office.app(), SEPTEMBER, "librarys")


def test_a_month_is_written_as_a_feed_and_as_a_page_of_one_service(office: Office, tmp_path: Path) -> None:
    feed, page = tmp_path / "c.ics", tmp_path / "c.html"
    done = calendars.calendar(office.app(), SEPTEMBER, "libraries", ics=feed, html=page)
    assert done.written == [page, feed]
    for file in (feed, page):
        assert "Post 1" in file.read_text(encoding="utf-8")
        assert "Post 2" not in file.read_text(encoding="utf-8")

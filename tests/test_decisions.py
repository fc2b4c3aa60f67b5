"""Decisions about a post that somebody edited while it was parked: in any order, and with anything in between."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from office import Office

from freeze.holds import Kind
from freeze.posts import State

NOW = datetime(2022, 9, 8, 17, 40, tzinfo=UTC)
DAY = timedelta(days=1)
CHOSEN = "2022-09-21T10:00"
WHEN = datetime(2022, 9, 21, 9, 0, tzinfo=UTC)


def edited(folder: Path, kind: Kind, *, days: int = 9) -> Office:
    """A post held through a pause that is over by now, whose words a colleague edited on its fifth day."""
    office = Office(folder, {"memory": kind}, NOW)
    platform = office.platforms["memory"]
    platform.add("page", "n1", NOW + 2 * DAY, "Bin day")
    platform.add("page", "n2", NOW + 3 * DAY, "Story time")
    office.freeze("declare", "menai-bridge", "--days", str(days), "--yes")
    office.now += 5 * DAY
    platform.posts["n1"].text = "Bin day has moved"
    office.freeze("sync", "--enforce")
    return office


def put_back(office: Office) -> None:
    digest = office.json("put-back", "f1")["digest"]
    office.freeze("put-back", "f1", "--digest", digest, "--yes")


DECISIONS = {
    "accept": ("decide", "p1", "--accept-current"),
    "time": ("decide", "p1", "--at", CHOSEN),
    "look": ("sync", "--enforce"),
    "put back": (),
}


def orders() -> list[tuple[str, ...]]:
    """Every order of accepting and choosing a time, with a look or a put-back before, between or after them."""
    out = set()
    for extra in ((), ("look",), ("put back",), ("look", "put back"), ("look", "look")):
        out |= set(itertools.permutations(("accept", "time", *extra)))
    return sorted(out)


@pytest.mark.parametrize("kind", [Kind.PUSH, Kind.DRAFT])
def test_it_goes_back_at_the_chosen_time_whatever_the_order_of_decisions(tmp_path: Path, kind: Kind) -> None:
    office = edited(tmp_path, kind)
    office.now += 5 * DAY  # the pause is over
    again = office.keep()
    for order in orders():
        again()
        for act in order:
            if act == "put back":
                put_back(office)
            else:
                office.freeze(*DECISIONS[act])
        put_back(office)
        post = office.platforms["memory"].posts["n1"]
        assert (post.state, post.at, post.text) == (State.SCHEDULED, WHEN, "Bin day has moved"), order
        holds = dict(office.query("SELECT post, state FROM hold"))
        assert holds[1] == "put back", order


@pytest.mark.parametrize("moved_on", [False, True])
def test_a_hold_is_never_closed_on_a_post_that_stands_where_the_guard_parked_it(tmp_path: Path, moved_on: bool) -> None:
    office = edited(tmp_path, Kind.PUSH, days=40 if moved_on else 9)
    platform = office.platforms["memory"]
    if moved_on:
        office.now += 12 * DAY  # the keeper moves it further on
        office.freeze("sync", "--enforce")
    office.freeze("decide", "p1", "--accept-current")
    platform.posts["n1"].text = "Bin day has moved again"
    office.freeze("end", "f1")
    for _ in range(3):
        office.freeze("sync", "--enforce")
        put_back(office)
        office.now += DAY
    ((state, closed),) = office.query("SELECT state, closed_at FROM hold WHERE post = 1")
    assert (state, closed) == ("changed", None)
    listed = [p["post"] for p in office.json("held")["held"]]
    assert "p1" in listed


def test_one_edit_is_logged_once_and_not_at_every_look(tmp_path: Path) -> None:
    office = edited(tmp_path, Kind.PUSH)
    for _ in range(4):
        office.now += timedelta(hours=1)
        office.freeze("sync", "--enforce")
    events = [r[0] for r in office.query("SELECT event FROM log_line WHERE event LIKE 'hold.%'")]
    assert events.count("hold.changed") == 1
    assert events.count("hold.confirmed") == 2, "what a reading only shows again is no event"

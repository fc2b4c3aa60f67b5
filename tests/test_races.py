"""What happens between a write and its reading back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from office import Office

from freeze.holds import Kind

NOW = datetime(2022, 9, 8, 17, 40, tzinfo=UTC)


def test_an_edit_between_moving_a_post_on_and_reading_it_back_is_kept_and_the_post_stays_parked(tmp_path: Path) -> None:
    office = Office(tmp_path, {"memory": Kind.PUSH}, NOW)
    platform = office.platforms["memory"]
    platform.add("page", "n1", NOW + timedelta(days=2), "Bin day")
    office.freeze("declare", "menai-bridge", "--days", "60", "--yes")
    first = platform.posts["n1"].at
    assert first is not None

    sent: list[bool] = []

    def colleague(verb: str, _detail: str) -> None:
        if verb == "send":
            sent.append(True)
        elif sent:
            platform.posts["n1"].text = "Bin day, and the tip"

    office.now += timedelta(days=9)
    platform.on_call = colleague
    office.freeze("sync", "--enforce")
    platform.on_call = None
    moved = platform.posts["n1"].at
    assert moved is not None
    assert moved > first

    for _ in range(2):
        office.now += timedelta(days=9)
        said = office.json("sync", "--enforce")
        (post,) = said["freezes"][0]["posts"]
        later = platform.posts["n1"].at
        assert later is not None
        assert later > moved
        moved = later
        assert post["hold"]["state"] == "changed"
        assert datetime.fromisoformat(post["hold"]["fires_at"]) == later
        assert platform.posts["n1"].text == "Bin day, and the tip"

"""Declaring: one command, every account, and nothing claimed that was not read back."""

from __future__ import annotations

from conftest import Practice

from freeze.holds import HoldState


def test_it_holds_and_checks_every_post_it_can_and_names_what_only_people_can_stop(council: Practice) -> None:
    done = council.json("declare", "menai-bridge", "--yes")
    assert done["exit"] == 3
    assert set(done["counts"]) == {HoldState.CONFIRMED.value, HoldState.NEEDS_A_PERSON.value, HoldState.TOO_LATE.value}
    confirmed = {p["native_id"] for p in done["posts"] if p["hold"]["state"] == "confirmed"}
    truly = {p["id"]: p for p in council.posts()}
    assert confirmed
    for ident in confirmed:
        held = truly[ident]
        assert held["state"] == "draft" or held["publish_at"] > "2022-10-01"

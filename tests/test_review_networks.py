"""What nearly slipped through between the guard and the networks."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from conftest import EVENING, Practice
from practising import Making, put_back, ref, schedule, show, stands, truth

from adapters import _kept_files
from adapters._tokens import TokenFile
from freeze.errors import FreezeError
from freeze.sandbox import hootsuite, mastodon
from freeze.sandbox._world import Account

TOOT = {"platform": "mastodon", "account": "109350000000000001"}
PROFILE = {"platform": "hootsuite", "account": "120732380"}


def only(practice: Making, where: dict[str, str], settings: str, **more: Any) -> Practice:
    """A council with one account on one platform."""
    p = practice("empty")
    p.drop("website", "youtube", "facebook", "orlo")
    name = where["platform"]
    p.sandbox.world.add_account(Account(name, where["account"], "Anyshire", "anyshire", **more))
    toml = p.folder / "freeze.toml"
    toml.write_text(
        f'{toml.read_text()}\n[connections.{name}]\nplatform = "{name}"\nbase_url = "{p.url}/{name}"\n{settings}\n'
    )
    (p.folder / "accounts.csv").write_text(
        f"id,name,platform,seen_at\nanyshire,Anyshire,{name},{name}={where['account']}\n"
    )
    return p.ready()


def tooting(practice: Making, *, recreate: bool = False) -> Practice:
    return only(practice, TOOT, f'token = "{mastodon.TOKEN}"\nallow_recreate = {str(recreate).lower()}')


@pytest.mark.parametrize("recreate", [False, True])
def test_a_move_that_was_written_down_in_time_is_not_sent_too_late(practice: Making, recreate: bool) -> None:
    """In the last 5 minutes Mastodon takes a new time, shows it, and publishes at the old one."""
    p = tooting(practice, recreate=recreate)
    schedule(p, **TOOT, at=EVENING + timedelta(minutes=7), text="Bin day")
    p.fault("mastodon", "status", status=500, method="PUT")
    p.freeze("declare", "menai-bridge", "--yes")
    p.mend()
    p.clock(EVENING + timedelta(minutes=3))
    p.freeze("sync", "--enforce")
    print(p.freeze("show", "f1").out)
    assert recreate == (stands(show(p))["Bin day"] == "confirmed")
    p.clock(EVENING + timedelta(minutes=30))
    p.freeze("sync", "--enforce")
    print(p.freeze("show", "f1").out)
    assert (truth(p, "Bin day")["state"] == "published") != recreate


def test_a_way_back_that_is_unclear_is_not_taken_for_a_post_that_slipped_out(practice: Making) -> None:
    p = tooting(practice)
    schedule(p, **TOOT, at=EVENING + timedelta(hours=1), text="Bin day")
    assert p.freeze("declare", "menai-bridge", "--yes").code == 0
    p.clock(EVENING + timedelta(hours=2))
    assert p.freeze("undo", "f1", "--yes").code in (0, 1, 3)
    print(p.freeze("decide", ref(p, "Bin day"), "--at", (EVENING + timedelta(hours=4)).isoformat()))
    p.fault("mastodon", "lost-answer", method="PUT")
    print(put_back(p))
    print(p.posts())

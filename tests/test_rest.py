"""A platform whose calls must last the day is looked at less often by the keeper, and by nobody else."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from memory import LIMITS
from office import Office

from freeze.holds import Kind
from freeze.posts import State
from freeze.run.desk import Desk
from freeze.run.sweep import sweep

NOW = datetime(2022, 9, 8, 17, 40, tzinfo=UTC)


def test_the_keeper_spares_a_platform_whose_calls_must_last_the_day(tmp_path: Path) -> None:
    office = Office(tmp_path, {"memory": Kind.DRAFT}, NOW, limits=replace(LIMITS, rest=timedelta(minutes=30)))
    platform = office.platforms["memory"]
    platform.names["101"] = "Anyshire"
    office.freeze("declare", "menai-bridge", "--yes")
    desk = Desk(office._store, office.platforms, "keeper", lambda: office.now, timedelta(days=1))
    looks = []
    for _ in range(24):
        office.pass_time(timedelta(minutes=5))
        before = len(platform.calls)
        sweep(desk, "watch", enforce=True)
        looks.append(len(platform.calls) > before)
    assert sum(looks) == 4, "one look in half an hour"
    platform.add("101", "n1", office.now + timedelta(days=1), "New", State.SCHEDULED)
    office.pass_time(timedelta(minutes=1))
    sweep(desk, "watch", enforce=True)
    assert platform.posts["n1"].state is State.SCHEDULED
    sweep(desk, "sync --enforce", enforce=True)
    assert platform.posts["n1"].state is State.DRAFT, "who asks is never made to wait"

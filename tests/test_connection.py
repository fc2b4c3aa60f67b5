"""One connection's part of a run: what is due next is stopped first, whatever the platform shows first."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from memory import LIMITS
from office import Office

from freeze.holds import Kind
from freeze.run import connection, sweep

NOW = datetime(2022, 9, 8, 17, 40, tzinfo=UTC)
MINUTES = {"n1": 90, "n2": 30, "n3": 150, "n4": 60, "n5": 120, "n6": 45}
"""Minutes until each post is due; neither in the order of the ids nor of the accounts."""

NEAREST_FIRST = sorted(MINUTES, key=MINUTES.__getitem__)


@pytest.fixture(autouse=True)
def _one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """With several, work that was begun in order may reach the platform in another."""
    monkeypatch.setattr(sweep, "threads_each", lambda *_: 1)


def _office(folder: Path, batch: int, *, known: bool = True) -> Office:
    """Six posts on two accounts, none of them held, which the store knows or has never seen."""
    office = Office(folder, {"drafts": Kind.DRAFT}, NOW, limits=replace(LIMITS, batch=batch))
    for n, minutes in MINUTES.items():
        account = "highways" if int(n[1:]) % 2 else "libraries"
        office.platforms["drafts"].add(account, n, NOW + timedelta(minutes=minutes), f"Post {n}")
    if known:
        assert office.freeze("sync").code == 0
        office.platforms["drafts"].calls.clear()
    return office


def test_what_is_known_is_stopped_nearest_due_first(tmp_path: Path) -> None:
    office = _office(tmp_path / "office", batch=50)
    office.freeze("declare", "menai-bridge", "--yes")
    stopped = [step.path.removeprefix("/posts/") for step in office.platforms["drafts"].tried]
    assert stopped == NEAREST_FIRST


def test_what_nobody_knew_is_stopped_nearest_due_first_across_accounts(tmp_path: Path) -> None:
    office = _office(tmp_path / "office", batch=50, known=False)
    office.freeze("declare", "menai-bridge", "--yes")
    stopped = [step.path.removeprefix("/posts/") for step in office.platforms["drafts"].tried]
    assert stopped == NEAREST_FIRST


def test_what_is_due_next_is_read_before_anything_is_listed(tmp_path: Path) -> None:
    office = _office(tmp_path / "office", batch=2)
    office.freeze("declare", "menai-bridge", "--yes")
    verb, posts = office.platforms["drafts"].calls[0]
    assert (verb, posts.split(",")) == ("read", NEAREST_FIRST[:2])


def test_a_post_that_is_due_long_after_the_lists_is_still_read_at_once(tmp_path: Path) -> None:
    assert min(MINUTES.values()) * 60 > connection.LISTS_BEHIND
    office = _office(tmp_path / "office", batch=50)
    office.freeze("declare", "menai-bridge", "--yes")
    calls = office.platforms["drafts"].calls
    assert calls[0] == ("read", ",".join(NEAREST_FIRST))
    assert calls.index(("accounts", "")) > 0

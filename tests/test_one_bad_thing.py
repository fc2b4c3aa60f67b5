"""One post that cannot be written down, read or read back costs itself, and nothing else; what happened is said."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from memory import MemoryPlatform
from office import Office

from freeze.errors import Unreachable
from freeze.holds import Kind
from freeze.posts import Locator, Seen, State
from freeze.store import holds as hold_store
from freeze.store import posts as post_store

NOW = datetime(2022, 9, 8, 17, 40, tzinfo=UTC)
DAY = timedelta(days=1)
DECLARE = ("declare", "menai-bridge", "--yes")


def council(folder: Path, kind: Kind = Kind.DRAFT, **more: Any) -> Office:
    office = Office(folder, {"memory": kind, "other": kind}, NOW, **more)
    for name, platform in office.platforms.items():
        for n in range(6):
            platform.add("page", f"{name}-{n}", NOW + DAY + timedelta(hours=n), f"Post {n}")
    return office


def states(office: Office) -> dict[str, str]:
    return {p["native_id"]: p["hold"]["state"] for p in office.json("show", "f1")["posts"]}


def refusing(store: Callable[..., Any], bad: str) -> Callable[..., Any]:
    """The same, but one post cannot be written, whatever it is written together with."""

    def write(c: Any, *args: Any) -> Any:
        for items in (a for a in args if isinstance(a, Sequence)):
            for item in items:
                seen = item if isinstance(item, Seen) else getattr(item, "seen", None)
                if seen is not None and seen.locator.native_id == bad:
                    raise UnicodeEncodeError("utf-8", "\ud83d", 0, 1, "surrogates not allowed")
        return store(c, *args)

    return write


@pytest.mark.parametrize("where", ["take_in", "open_holds"])
def test_a_post_that_cannot_be_written_down_stops_no_other_from_being_held(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    office = council(tmp_path)
    module = post_store if where == "take_in" else hold_store
    monkeypatch.setattr(module, where, refusing(getattr(module, where), "memory-3"))
    said = office.json(*DECLARE)
    assert said["exit"] == 3
    (gap,) = said["gaps"]
    assert "memory-3" in gap["reason"], "it is named, so that a person can stop it"
    assert gap["account"] == "page"
    held = [n for p in office.platforms.values() for n, x in p.posts.items() if x.state is State.DRAFT]
    assert len(held) == 11
    monkeypatch.undo()
    assert office.json(*DECLARE)["gaps"] == []
    assert set(states(office).values()) == {"confirmed"}


def test_an_outcome_that_cannot_be_written_is_told_and_the_others_stand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from freeze.store.journal import Transaction

    office = council(tmp_path)
    plain = Transaction.flush

    def flush(self: Transaction) -> None:
        if any(o.data.get("native") == "memory-3" for o in self._outcomes):
            raise ValueError("no")
        plain(self)

    monkeypatch.setattr(Transaction, "flush", flush)
    said = office.json(*DECLARE)
    assert said["exit"] == 3
    assert any("could not be written" in g["reason"] for g in said["gaps"])
    monkeypatch.undo()
    now = states(office)
    assert now.pop("memory-3") in ("requested", "held")
    assert set(now.values()) == {"confirmed"}


def unreadable(monkeypatch: pytest.MonkeyPatch, accounts: set[str]) -> None:
    plain = MemoryPlatform.read

    def read(self: MemoryPlatform, locators: Sequence[Locator]) -> Any:
        if any(at.account in accounts for at in locators):
            raise Unreachable("It answered that it failed.")
        return plain(self, locators)

    monkeypatch.setattr(MemoryPlatform, "read", read)


def test_what_was_sent_and_not_read_back_is_told_from_what_was_not_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = council(tmp_path)
    unreadable(monkeypatch, {"page"})
    said = office.json(*DECLARE)
    details = {p["hold"]["detail"] for p in said["posts"]}
    assert {p["hold"]["state"] for p in said["posts"]} == {"unconfirmed"}
    assert all(d.startswith("sent, but not read back") for d in details), details
    assert not any("not done" in d for d in details)


def test_posts_that_cannot_be_read_keep_no_other_from_going_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dataclasses import replace

    from memory import LIMITS

    office = Office(tmp_path, {"memory": Kind.PUSH}, NOW, limits=replace(LIMITS, batch=2))
    platform = office.platforms["memory"]
    for n in range(6):
        platform.add("page", f"n{n}", NOW + 3 * DAY + timedelta(hours=n), f"Post {n}")
    office.freeze(*DECLARE)
    office.freeze("end", "f1")
    digest = office.json("put-back", "f1")["digest"]
    plain = MemoryPlatform.read

    def read(self: MemoryPlatform, locators: Sequence[Locator]) -> Any:
        if any(at.native_id in ("n2", "n3") for at in locators):
            raise Unreachable("It answered that it failed.")
        return plain(self, locators)

    monkeypatch.setattr(MemoryPlatform, "read", read)
    said = office.json("put-back", "f1", "--digest", digest, "--yes")
    assert (said["put_back"], said["exit"]) == (4, 3)
    back = {n for n, p in platform.posts.items() if p.at is not None and p.at < NOW + 4 * DAY}
    assert back == {"n0", "n1", "n4", "n5"}
    monkeypatch.undo()
    digest = office.json("put-back", "f1")["digest"]
    assert office.json("put-back", "f1", "--digest", digest, "--yes")["put_back"] == 2

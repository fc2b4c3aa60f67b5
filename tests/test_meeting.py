"""What happens when two hands are at work at once: whose call arrives, whose decision counts, what is said of it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from memory import LIMITS, MemoryPlatform
from office import Office

from freeze.holds import Kind
from freeze.posts import Absent, State
from freeze.store import turn

NOW = datetime(2022, 9, 8, 17, 40, tzinfo=UTC)
DAY = timedelta(days=1)
CRISIS = ("declare", "crisis", "--everything", "--days", "9", "--reason", "x", "--yes")


def ended(
    folder: Path, posts: int = 6, kind: Kind = Kind.DRAFT, deadline: float = 60.0
) -> tuple[Office, MemoryPlatform, str]:
    """A pause that is over, with everything held, and the digest of its way back."""
    limits = replace(LIMITS, deadline=timedelta(seconds=deadline))
    office = Office(folder, {"memory": kind}, NOW, limits=limits)
    platform = office.platforms["memory"]
    for n in range(posts):
        platform.add("page", f"n{n}", NOW + 3 * DAY + timedelta(hours=n), f"Post {n}")
    office.freeze("declare", "menai-bridge", "--yes")
    office.freeze("end", "f1")
    return office, platform, office.json("put-back", "f1")["digest"]


def meanwhile(platform: MemoryPlatform, act: Callable[[], object]) -> threading.Thread:
    """Let somebody else act while the first change is under way; the change arrives a moment later."""
    first, thread = threading.Lock(), threading.Thread(target=act)

    def hook(verb: str, _what: str) -> None:
        if verb == "send" and first.acquire(blocking=False):
            thread.start()
            time.sleep(0.4)

    platform.on_call = hook
    return thread


@pytest.mark.parametrize("how", ["--cancel", "--keep", "--next-slot"])
def test_a_post_that_is_going_back_is_not_decided_about_as_if_it_were_not(tmp_path: Path, how: str) -> None:
    office, platform, digest = ended(tmp_path, 40)
    said: list[dict[str, object]] = []
    other = meanwhile(platform, lambda: said.append(office.json("decide", "p40", how)))
    office.freeze("put-back", "f1", "--digest", digest, "--yes")
    other.join()
    decided = office.query("SELECT decision FROM hold WHERE post = 40")[0][0]
    assert (said[0]["decided"], said[0]["exit"], decided) in (([], 2, ""), (["p40"], 0, how.removeprefix("--")))
    if decided:
        assert platform.posts["n39"].state is State.DRAFT


def test_a_decision_made_since_the_way_back_was_shown_counts(tmp_path: Path) -> None:
    from freeze.run import put_back as way

    office, platform, digest = ended(tmp_path)
    plain, held = way.carry_out, threading.Lock()

    def slow(*args: object, **more: object) -> object:
        if held.acquire(blocking=False):
            office.freeze("decide", "p2", "--keep")
        return plain(*args, **more)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as m:
        m.setattr("freeze.acts.put_back.carry_out", slow)
        said = office.json("put-back", "f1", "--digest", digest, "--yes")
    assert (said["put_back"], said["exit"]) == (5, 3)
    assert platform.posts["n1"].state is State.DRAFT


def test_what_was_sent_when_a_connection_stalls_is_said_to_be_sent(tmp_path: Path) -> None:
    office, platform, digest = ended(tmp_path, deadline=1.0)
    first, go = threading.Lock(), threading.Event()
    platform.on_call = lambda verb, _what: verb == "send" and first.acquire(blocking=False) and go.wait(30) and None
    said = office.json("put-back", "f1", "--digest", digest, "--yes")
    go.set()
    assert said["exit"] == 3
    assert (said["put_back"], said["still_held"], said["not_read_back"]) == (0, 0, 6)
    assert any("sent and not read back" in g["reason"] for g in said["gaps"])
    details = [r[0] for r in office.query("SELECT detail FROM hold")]
    assert all(d.startswith("sent, but not read back") for d in details), details
    time.sleep(0.3)
    office.freeze("sync", "--enforce")
    assert {r[0] for r in office.query("SELECT state FROM hold")} == {"put back"}


def test_a_call_that_arrives_after_its_run_was_over_is_waited_for_before_anything_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turn, "AFTER_END", 4.0)
    office, platform, digest = ended(tmp_path, deadline=1.0)
    first, go = threading.Lock(), threading.Event()
    platform.on_call = lambda verb, _what: verb == "send" and first.acquire(blocking=False) and go.wait(30) and None
    office.freeze("put-back", "f1", "--digest", digest, "--yes")
    threading.Timer(1.5, go.set).start()
    office.freeze(*CRISIS)
    time.sleep(0.3)
    assert {p.state for p in platform.posts.values()} == {State.DRAFT}, "it was held again once it had arrived"
    office.pass_time(5 * DAY)
    assert [p.native_id for p in platform.posts.values() if p.published_at] == []


def test_a_purpose_that_another_run_sends_again_is_that_runs_own(tmp_path: Path) -> None:
    office = Office(tmp_path, {"memory": Kind.DRAFT}, NOW)
    platform = office.platforms["memory"]
    platform.add("page", "n0", NOW + 3 * DAY, "Post 0")
    platform.add("other", "n1", NOW + 3 * DAY, "Post 1")
    office.freeze("sync")
    platform.fail_next("send", None, times=20)
    office.freeze("declare", "crisis", "--account", "page-memory", "--days", "9", "--reason", "x", "--yes")
    office.freeze("sync")
    platform.heal()

    def undone() -> None:
        office.freeze("undo", "f1")
        office.freeze("declare", "crisis", "--account", "other-memory", "--days", "9", "--reason", "x", "--yes")

    other = meanwhile(platform, undone)
    office.freeze("sync", "--enforce")
    other.join()
    office.freeze("sync", "--enforce")
    there = {p["post"]: p["hold"]["state"] for p in office.json("show", "f1")["posts"]}
    if platform.posts["n0"].state is State.DRAFT:
        assert list(there.values()) == ["confirmed"], "it is held, and offered to go back"
        assert [r["post"] for r in office.json("put-back", "f1")["returns"]] == list(there)


def test_what_somebody_accepted_while_a_post_was_moved_on_stays_accepted(tmp_path: Path) -> None:
    office = Office(tmp_path, {"memory": Kind.PUSH}, NOW)
    platform = office.platforms["memory"]
    platform.add("page", "n0", NOW + 2 * DAY, "Bin day")
    office.freeze("declare", "menai-bridge", "--days", "60", "--yes")
    platform.posts["n0"].text = "Bin day has moved"
    office.freeze("sync", "--enforce")
    office.now += 9 * DAY

    def accepted() -> None:
        office.freeze("decide", "p1", "--accept-current")
        office.freeze("decide", "p1", "--next-slot")

    other = meanwhile(platform, accepted)
    office.freeze("sync", "--enforce")
    other.join()
    platform.on_call = None
    office.freeze("sync", "--enforce")
    assert office.query("SELECT state, decision FROM hold") == [("confirmed", "next-slot")]


def test_an_account_that_suddenly_shows_nothing_of_what_is_held_there_is_a_gap_and_nothing_is_let_go_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = Office(tmp_path, {"memory": Kind.PUSH}, NOW)
    platform = office.platforms["memory"]
    for n in range(5):
        platform.add("page", f"n{n}", NOW + 2 * DAY, f"Post {n}")
    office.freeze("declare", "menai-bridge", "--yes")
    with monkeypatch.context() as m:
        m.setattr(MemoryPlatform, "read", lambda _self, locators: iter([Absent(at) for at in locators]))
        m.setattr(MemoryPlatform, "scheduled", lambda *_: iter(()))
        said = office.json("sync", "--enforce")
    assert said["exit"] == 3
    assert any("none of the 5 posts" in g["reason"] for g in said["gaps"])
    assert {r[0] for r in office.query("SELECT state FROM hold WHERE closed_at IS NULL")} == {"confirmed"}


@pytest.mark.parametrize("kind", [Kind.PUSH, Kind.DRAFT])
def test_a_held_post_that_was_gone_and_is_back_where_the_guard_left_it_is_held_again(
    tmp_path: Path, kind: Kind
) -> None:
    office = Office(tmp_path, {"memory": kind}, NOW)
    platform = office.platforms["memory"]
    platform.add("page", "n0", NOW + 2 * DAY, "Bin day")
    office.freeze("declare", "menai-bridge", "--yes")
    kept = platform.posts.pop("n0")
    office.freeze("sync", "--enforce")
    assert office.query("SELECT state FROM hold") == [("gone",)]
    platform.posts["n0"] = kept
    said = office.json("sync", "--enforce")
    assert [n["kind"] for n in said["notes"]] == ["held again"]
    assert office.query("SELECT state, closed_at FROM hold") == [("confirmed", None)]
    office.freeze("end", "f1")
    digest = office.json("put-back", "f1")["digest"]
    assert office.json("put-back", "f1", "--digest", digest, "--yes")["put_back"] == 1

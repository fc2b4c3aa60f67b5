"""The keeper: it holds what is scheduled anew, names what went out with the evidence, and is missed when gone."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from conftest import Practice
from practising import PAGE, SITE, Making, at, hamlet, schedule, truth
from test_nightly import ended, process

from freeze.acts import keep
from freeze.errors import StoreError, UsageError
from freeze.keeping.watch import lasting, rounds
from freeze.people import signs

THURSDAY = at("2022-09-08T18:40")
FOREIGN = PAGE | {"app": "123", "app_name": "Another app"}


class Clock:
    """Seconds that pass only when told; the looks take as long as the test says."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def looks(every: float, end: float | None, *takes: float) -> tuple[list[float], int]:
    """When each look began, and how often life was shown, until the end or until `takes` are used up."""
    clock, beats, began = Clock(), [], []
    rest = rounds(
        timedelta(seconds=every),
        timedelta(seconds=end) if end else None,
        lambda: beats.append(clock.now),
        clock=lambda: clock.now,
        sleep=clock.sleep,
    )
    for _, takes_this in zip(rest, takes, strict=False):
        began.append(clock.now)
        clock.now += takes_this
    assert all(s <= signs.BEAT_EVERY for s in clock.slept)
    return began, len(beats)


def test_it_looks_at_once_and_then_at_the_interval() -> None:
    began, beats = looks(300, None, 5, 5, 5, 5)
    assert began == [0, 300, 600, 900]
    assert beats >= 15, "a sign of life at least once a minute"


def test_a_slow_look_is_followed_by_one_look_never_by_two() -> None:
    assert looks(60, None, 200, 5, 5)[0] == [0, 200, 260]


def test_it_ends_when_the_time_is_up() -> None:
    assert looks(60, 150, 1, 1, 1, 1, 1)[0] == [0, 60, 120]
    assert looks(300, 60, 1, 1)[0] == [0]


def test_a_length_of_time_reads_as_people_type_it() -> None:
    hours = [lasting(t).total_seconds() / 3_600 for t in ("90s", "10m", "8h", "2d", "1.5 h")]
    assert hours == [0.025, 1 / 6, 8, 48, 1.5]
    for wrong in ("8", "h", "-1h", "0m", "soon"):
        with pytest.raises(UsageError, match="Write it like 90s, 10m, 8h or 2d"):
            lasting(wrong)


def watching(p: Practice) -> subprocess.Popen[str]:
    """A real keeper on this council, on the sandbox's clock."""
    return process(p.folder, "watch", "--every", "0.01", "--as-of", p.now().isoformat())


def until(what: Callable[[], Any], seconds: float = 20) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.05)


def test_it_holds_what_a_colleague_schedules_meanwhile_and_names_what_went_out_with_the_evidence(
    practice: Making,
) -> None:
    p = hamlet(practice, THURSDAY, {**SITE, "at": at("2022-09-09T10:00"), "text": "known before"})
    p.json("declare", "menai-bridge", "--yes")
    p.keeper(at_work=False)
    keeper = watching(p)
    try:
        until(lambda: p.json("status")["keeper"]["at_work"])
        schedule(p, **SITE, at=at("2022-09-09T09:00"), text="scheduled meanwhile")
        until(lambda: truth(p, "scheduled meanwhile")["state"] == "draft")
        schedule(p, **FOREIGN, at=p.now() + timedelta(seconds=2), text="nobody can stop this")
        until(lambda: truth(p, "nobody can stop this")["state"] == "published")
        until(lambda: any(o["text"] == "nobody can stop this" for o in p.json("show", "f1")["went_out"]))
        time.sleep(0.5)
    finally:
        code, out = ended(keeper)
    assert code == 3
    gone = next(line for line in out.splitlines() if "nobody can stop this" in line)
    assert gone.strip().startswith(("WENT OUT inside the pause (f1): p", "Could not be stopped in time (f1): p"))
    evidence = out.splitlines()[out.splitlines().index(gone) + 1]
    assert f"Read on facebook: published, id {truth(p, 'nobody can stop this')['id']}" in evidence
    assert out.count("nobody can stop this") == 1, "told once, not at every look"
    assert "it was stopped" in out
    assert "The last one (process" in p.freeze("status").out


def test_a_pause_without_a_keeper_says_so_and_is_not_called_done(practice: Making) -> None:
    p = hamlet(practice, THURSDAY, {**PAGE, "at": at("2022-09-09T10:00"), "text": "moved"})
    p.keeper(at_work=False)
    alone = p.freeze("declare", "menai-bridge", "--yes")
    assert alone.code == 3
    assert "NO KEEPER IS AT WORK." in alone.out
    assert "Leave this running: freeze watch" in alone.out
    assert "NO KEEPER IS AT WORK." in p.freeze("status").out
    assert p.freeze("status").code == 3
    doctor = p.json("doctor")
    assert [c["well"] for c in doctor["checks"] if c["what"] == "keeper"] == [False]
    p.keeper()
    kept = p.freeze("declare", "menai-bridge", "--yes")
    assert "NO KEEPER" not in kept.out
    assert p.json("status")["keeper"]["at_work"] is True
    p.clock(advance=timedelta(days=401))
    assert p.json("status")["keeper"]["at_work"] is False, "a keeper that was not heard of is not believed"


def test_before_any_pause_a_missing_keeper_is_no_fault(practice: Making) -> None:
    p = hamlet(practice, THURSDAY)
    p.keeper(at_work=False)
    assert p.freeze("status").code == 0
    assert [c["well"] for c in p.json("doctor")["checks"] if c["what"] == "keeper"] == [True]


def test_a_second_keeper_says_that_there_is_one_and_what_that_means(practice: Making) -> None:
    p = hamlet(practice, THURSDAY)
    p.keeper(at_work=False)
    first = watching(p)
    try:
        until(lambda: p.json("status")["keeper"]["at_work"])
        second = p.freeze("watch", "--every", "1", "--for", "1s")
        assert "Another one is at work on this store already" in second.out
        assert "by the run lock, so nothing is done twice" in second.out
    finally:
        code, out = ended(first, signal.SIGINT)
    assert "it was stopped" in out
    assert code in (0, 3), "3 when that broke off a look"


def test_a_killed_keeper_is_missed_at_once_on_its_own_computer(practice: Making) -> None:
    p = hamlet(practice, THURSDAY)
    p.keeper(at_work=False)
    keeper = watching(p)
    until(lambda: p.json("status")["keeper"]["at_work"])
    ended(keeper, signal.SIGKILL)
    said = p.json("status")["keeper"]
    assert said["at_work"] is False
    assert "was last heard of on Thursday 8 September 2022" in said["said"]


def test_a_platform_that_is_down_is_told_and_what_was_checked_stays_checked(practice: Making) -> None:
    p = hamlet(practice, THURSDAY, {**SITE, "at": at("2022-09-09T10:00"), "text": "held"})
    p.json("declare", "menai-bridge", "--yes")
    p.fault("facebook", "expired_token", rate=1.0)
    answer = p.json("watch", "--every", "1", "--for", "1s")
    assert (answer["looks"], answer["exit"]) == (1, 3)
    assert {g["connection"] for g in answer["last"]["gaps"]} == {"facebook"}
    assert answer["last"]["counts"]["confirmed"] == 1


def test_a_look_that_fails_does_not_end_the_keeper(practice: Making, monkeypatch: pytest.MonkeyPatch) -> None:
    p = hamlet(practice, THURSDAY)
    truly, failures = keep.look, [StoreError("The disk is full.", "Free some room."), ValueError("odd")]

    def look(*args: Any, **more: Any) -> Any:
        if failures:
            raise failures.pop(0)
        return truly(*args, **more)

    monkeypatch.setattr(keep, "look", look)
    seen = p.freeze("watch", "--every", "0.005", "--for", "2s")
    assert "look 1 FAILED: The disk is full. Free some room." in seen.out
    assert "look 2 FAILED: the guard itself failed (ValueError: odd)" in seen.out
    assert "look 3: " in seen.out
    assert seen.code == 0, "the last look was well"


def test_a_reply_is_no_post(practice: Making) -> None:
    p = hamlet(practice, THURSDAY)
    p.json("declare", "menai-bridge", "--yes")
    answer = p.json("watch", "--every", "1", "--for", "1s")
    assert answer["went_out"] == []
    asked = json.dumps(p.calls())
    for word in ("comments", "replies", "conversations", "messages"):
        assert word not in asked


def test_times_are_kept_in_utc_and_come_back_as_they_were() -> None:
    beat = signs.first(signs.WATCH, "Jo", datetime.fromisoformat("2022-09-08T18:40:00+01:00"), 300)
    assert signs.Beat.from_json(json.loads(json.dumps(beat.to_json()))) == beat

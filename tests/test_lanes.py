"""Lanes: most urgent first, one bad piece of work takes no other with it, and nothing is given up unsaid."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from freeze.errors import NotWritten, StoreError, Superseded
from freeze.run.lanes import Lane


class Heard:
    """A lane of two threads, what it did and what it dropped."""

    def __init__(self, deadline: float = 5.0, threads: int = 2) -> None:
        self.done: list[str] = []
        self.dropped: dict[str, str] = {}
        self.ended = 0
        self.lane = Lane("site", threads, deadline, lambda: False, self._end)

    def _end(self) -> None:
        self.ended += 1

    def add(self, name: str, due: float = 0.0, work: Callable[[], None] = lambda: None) -> None:
        def do() -> None:
            work()
            self.done.append(name)

        self.lane.add(due, do, lambda why: self.dropped.__setitem__(name, why))

    def run(self) -> None:
        self.lane.start()
        self.lane.wait(stopping=lambda: False)


def raising(error: BaseException) -> Callable[[], None]:
    def work() -> None:
        raise error

    return work


def test_the_nearest_due_goes_first_whatever_was_queued_before_it() -> None:
    heard = Heard(threads=1)
    for due in (5.0, 1.0, 9.0, 3.0):
        heard.add(str(due), due)
    heard.run()
    assert heard.done == ["1.0", "3.0", "5.0", "9.0"]
    assert heard.dropped == {}
    assert heard.ended == 1


@pytest.mark.parametrize(
    "error", [ValueError("half an emoji"), NotWritten("It could not be written."), RecursionError()]
)
def test_a_piece_of_work_that_fails_is_told_and_takes_no_other_with_it(error: Exception) -> None:
    heard = Heard()
    heard.add("bad", 0.0, raising(error))
    for n in range(20):
        heard.add(f"good {n}", float(n))
    heard.run()
    assert len(heard.done) == 20
    assert list(heard.dropped) == ["bad"]
    assert heard.lane.error is None


@pytest.mark.parametrize("error", [StoreError("The disk is full."), KeyboardInterrupt("stopped")])
def test_what_nothing_can_go_on_after_ends_the_lane_and_everything_left_is_told(error: BaseException) -> None:
    heard = Heard(threads=1)
    heard.add("bad", 0.0, raising(error))
    heard.add("left", 1.0)
    heard.run()
    assert heard.lane.error is error
    assert set(heard.dropped) == {"bad", "left"}
    assert heard.done == []


def test_a_run_that_was_overtaken_ends_its_lane_without_calling_it_a_fault() -> None:
    heard = Heard(threads=1)
    heard.add("first", 0.0, raising(Superseded("another run took over here")))
    heard.add("left", 1.0)
    heard.run()
    assert heard.lane.error is None
    assert set(heard.dropped.values()) == {"another run took over here"}


def test_a_call_that_is_still_under_way_at_the_deadline_is_told_as_well() -> None:
    heard = Heard(deadline=0.2)
    go = threading.Event()
    heard.add("stalled", 0.0, lambda: go.wait(10) and None)
    heard.add("quick", 1.0)
    heard.run()
    assert heard.done == ["quick"]
    assert list(heard.dropped) == ["stalled"], "an answer that never came is a gap, not an empty page"
    assert "no answer" in heard.dropped["stalled"]
    assert heard.ended == 0, "its call may still arrive"
    go.set()
    until = time.monotonic() + 5
    while not heard.ended and time.monotonic() < until:
        time.sleep(0.01)
    assert heard.ended == 1
    assert heard.done == ["quick", "stalled"], "and it is told once, not twice"


def test_a_lane_that_was_told_to_stop_does_not_wait_for_ever_for_a_call(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("freeze.run.lanes.GRACE", 0.3)
    heard = Heard()
    go = threading.Event()
    heard.add("stalled", 0.0, lambda: go.wait(10) and None)
    heard.add("refused", 0.1, lambda: heard.lane.stop("the credential was not accepted"))
    began = time.monotonic()
    heard.run()
    assert time.monotonic() - began < 5
    assert "credential" in heard.dropped["stalled"]
    go.set()

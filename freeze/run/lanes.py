"""Lanes: one connection's work, most urgent first, on its own few threads.

A lane belongs to one connection, so one hung platform delays no other. It ends when its work is done, when it is told
to stop, or when the platform gave no sign of life for its deadline. Whatever was not done is handed to `dropped`, also
what was under way and is waited for no longer; a piece of work that fails takes no other with it.
"""

from __future__ import annotations

import heapq
import itertools
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from freeze.errors import FreezeError, StoreError, Superseded

MOMENTS = 0.2
"""Seconds between looks at the deadline."""
GRACE = 30.0
"""Seconds that calls under way get to end once a lane is told to stop: longer than a change may go unanswered."""
INTERRUPTED = 5.0
"""The same when a person has pressed Ctrl-C and waits."""


@dataclass(order=True, slots=True)
class Job:
    """A piece of work. The lowest `due` goes first (an instant's timestamp).

    `dropped` is told why if it never ran, failed, or did not come to its end.
    """

    due: float
    turn: int
    work: Callable[[], None] = field(compare=False)
    dropped: Callable[[str], None] = field(compare=False)


class Lane:
    """One connection's queue and threads.

    `idle` is asked for more work whenever everything so far is done; the lane ends when it has none. `ended` is told
    once no call is under way and none will be made any more.
    """

    def __init__(
        self, name: str, threads: int, deadline: float, idle: Callable[[], bool], ended: Callable[[], None]
    ) -> None:
        self.name = name
        self._threads = [
            threading.Thread(target=self._work, name=f"{name}-{i}", daemon=True) for i in range(max(1, threads))
        ]
        self._deadline = deadline
        self._idle = idle
        self._tell_ended = ended
        self._told = False
        self._jobs: list[Job] = []
        self._turns = itertools.count()
        self._active = 0
        self._running: dict[int, Job] = {}
        self._lock = threading.Lock()
        self._changed = threading.Condition(self._lock)  # for the workers
        self._ended = threading.Condition(self._lock)  # for whoever waits for the lane
        self._pause_until = 0.0
        self._life = time.monotonic()
        self._over = ""
        self._done = False
        self.error: BaseException | None = None

    def add(self, due: float, work: Callable[[], None], dropped: Callable[[str], None]) -> None:
        """Queue a piece of work; once the lane is over it is dropped at once."""
        with self._changed:
            if not self._over:
                heapq.heappush(self._jobs, Job(due, next(self._turns), work, dropped))
                self._changed.notify()
                return
        dropped(self._over)

    def alive(self) -> None:
        """The platform gave a sign of life."""
        self._life = time.monotonic()

    def pause(self, seconds: float) -> None:
        """Start nothing for a while: the platform asked for it, which is a sign of life."""
        with self._changed:
            self._pause_until = max(self._pause_until, time.monotonic() + seconds)
        self._life = max(self._life, time.monotonic() + seconds)

    @property
    def over(self) -> str:
        """Why the lane takes no more work; empty while it does."""
        return self._over

    def stop(self, why: str) -> None:
        """Take no more work; what is queued is dropped with this reason. What is under way may finish."""
        with self._changed:
            if self._over:
                return
            self._over = why
            left, self._jobs = self._jobs, []
            self._changed.notify_all()
        for job in sorted(left):
            job.dropped(why)

    def start(self) -> None:
        """Begin."""
        self._life = time.monotonic()
        for t in self._threads:
            t.start()

    def wait(self, *, stopping: Callable[[], bool]) -> None:
        """Return when the lane has ended; ends it when its deadline passes or `stopping` says so.

        Calls under way then get a while to end; what has not ended by then is dropped, and nobody waits for it.
        """
        until = 0.0
        while True:
            with self._ended:
                self._ended.wait_for(lambda: self._done or (self._over and self._active == 0), timeout=MOMENTS)
                if self._done or (self._over and self._active == 0):
                    break
            now = time.monotonic()
            if stopping() and not self._over:
                self.stop("the run was interrupted")
                until = now + INTERRUPTED
            if not self._over and now - self._life > self._deadline:
                self.stop(f"no answer for {self._deadline:.0f} seconds")
                until = now
            if self._over and not until:
                until = now + GRACE
            if until and now >= until:
                break
        with self._changed:
            self._done = True
            self._changed.notify_all()
            given_up = sorted(self._running.values())
            self._running.clear()
        for job in given_up:
            job.dropped(f"{self._over}; a call was still under way")
        self._perhaps_ended()

    def _perhaps_ended(self) -> None:
        """Tell once that nothing is under way any more."""
        with self._lock:
            over = (self._over or self._done) and self._active == 0 and not self._told
            self._told = self._told or bool(over)
        if over:
            self._tell_ended()

    def _work(self) -> None:
        while True:
            with self._changed:
                while not self._done and (not self._jobs or time.monotonic() < self._pause_until):
                    self._changed.wait(max(0.01, self._pause_until - time.monotonic()) if self._jobs else None)
                if self._done:
                    return
                job = heapq.heappop(self._jobs)
                self._active += 1
                self._running[job.turn] = job
            failed = ""
            try:
                job.work()
            except Superseded as e:
                failed = e.message
                self.stop(failed)
            except StoreError as e:
                failed = e.message
                self._end(e)
            except FreezeError as e:
                failed = e.message
            except Exception as e:  # noqa: BLE001 - one piece of work must not take the others of its platform with it
                failed = f"the guard itself failed here ({type(e).__name__}: {e})"
            except BaseException as e:  # noqa: BLE001 - kept for the run, which raises it where people can see it
                failed = str(e)
                self._end(e)
            with self._changed:
                given_up = self._running.pop(job.turn, None) is None
            if failed and not given_up:
                self._tell(job, failed)
            self._after_one()
            self._perhaps_ended()

    def _end(self, e: BaseException) -> None:
        """What nothing can go on after: kept for the run, which raises it where people can see it."""
        self.error = self.error or e
        self.stop(f"the guard itself failed: {e}")

    def _tell(self, job: Job, why: str) -> None:
        try:
            job.dropped(why)
        except BaseException as e:  # noqa: BLE001 - as above
            self._end(e)

    def _after_one(self) -> None:
        with self._changed:
            self._active -= 1
            quiet = self._active == 0 and not self._jobs and not self._over
            if not quiet:
                if self._over and self._active == 0:
                    self._ended.notify_all()
                return
            self._active += 1  # whoever asks for more work counts as working
        more = False
        try:
            more = self._idle()
        except Superseded as e:
            self.stop(e.message)
        except BaseException as e:  # noqa: BLE001 - as above
            self._end(e)
        with self._changed:
            self._active -= 1
            if not more and not self._jobs and self._active == 0:
                self._done = True
                self._changed.notify_all()
                self._ended.notify_all()

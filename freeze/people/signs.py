"""Signs of life of what keeps the guard going: the keeper (`freeze watch`) and the nightly job. Pure.

A pause without a live keeper holds what it held, but nobody moves parked posts on or holds what is scheduled anew.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from freeze.posts import Json
from freeze.windows import say, say_span

WATCH, NIGHTLY = "watch", "nightly"
BEAT_EVERY = 60.0
"""Seconds between signs of life while waiting."""
RESTING, WORKING = timedelta(minutes=3), timedelta(minutes=15)
"""How long a silence is believed: while waiting; during a look, which may wait for another run and slow platforms."""


@dataclass(frozen=True, slots=True)
class Beat:
    """One process's latest sign of life. `due` is when the next must have come; `every` is in seconds."""

    job: str
    pid: int
    host: str
    who: str
    started_at: datetime
    at: datetime
    due: datetime
    every: float
    stopped: bool = False

    @property
    def id(self) -> str:
        """One process of one job."""
        return f"{self.job}:{self.pid}:{self.host}"

    @property
    def process(self) -> str:
        """The process in words."""
        return process(self.pid, self.host)

    def again(self, now: datetime, patience: timedelta) -> Beat:
        """A new sign of life."""
        return replace(self, at=now, due=now + patience)

    def ended(self, now: datetime) -> Beat:
        """The last one: it was stopped on purpose."""
        return replace(self, at=now, due=now, stopped=True)

    def to_json(self) -> dict[str, Json]:
        """As the store keeps it; instants are ISO 8601."""
        return {
            "job": self.job,
            "pid": self.pid,
            "host": self.host,
            "who": self.who,
            "started_at": self.started_at.isoformat(),
            "at": self.at.isoformat(),
            "due": self.due.isoformat(),
            "every": self.every,
            "stopped": self.stopped,
        }

    @classmethod
    def from_json(cls, d: Mapping[str, Json]) -> Beat:
        """A sign of life read back from the store."""
        times = {k: datetime.fromisoformat(d[k]) for k in ("started_at", "at", "due")}
        return cls(d["job"], d["pid"], d["host"], d["who"], **times, every=d["every"], stopped=d["stopped"])


def process(pid: int, host: str) -> str:
    """A process in words, for people: nothing is ever read out of them."""
    return f"process {pid} on {host}"


def me() -> str:
    """This very process in words."""
    return process(os.getpid(), socket.gethostname())


def first(job: str, who: str, now: datetime, every: float) -> Beat:
    """This process's first sign of life."""
    return Beat(job, os.getpid(), socket.gethostname(), who, now, now, now + WORKING, every)


def runs(pid: int) -> bool:
    """Whether a process of this computer is there; True where the system cannot say."""
    if os.name != "posix":
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def live(beats: Iterable[Beat], job: str, now: datetime, *, running: Callable[[int], bool] = runs) -> list[Beat]:
    """Those at work on this job now; on this computer the process is looked for as well."""
    here = socket.gethostname()
    return [b for b in beats if b.job == job and not b.stopped and now <= b.due and (b.host != here or running(b.pid))]


def said(beats: Iterable[Beat], now: datetime) -> tuple[bool, str]:
    """Whether a keeper is at work, and one sentence about it."""
    mine = [b for b in beats if b.job == WATCH]
    working = live(mine, WATCH, now)
    if working:
        each = "; ".join(
            f"{b.process}, every {say_span(b.every)}, last sign of life {say_span((now - b.at).total_seconds())} ago"
            for b in working
        )
        return True, f"At work: {each}."
    if not mine:
        return False, "None was ever started on this store."
    last = max(mine, key=lambda b: b.at)
    how = "was stopped" if last.stopped else "was last heard of"
    return False, f"The last one ({last.process}) {how} on {say(last.at)}."


def without_keeper(beats: Iterable[Beat], now: datetime) -> str:
    """What to say where a pause is in force and no keeper is at work; empty when one is."""
    working, sentence = said(beats, now)
    if working:
        return ""
    return (
        f"NO KEEPER IS AT WORK. {sentence} What colleagues schedule from now on is not held, and moved posts are not "
        "moved on before they fire. Leave this running: freeze watch"
    )

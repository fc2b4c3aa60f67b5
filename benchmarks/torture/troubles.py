"""What goes wrong in a round, at random moments while a command is at work."""

from __future__ import annotations

import contextlib
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import requests

from benchmarks.small_council import ACCOUNTS, QUEUES, SmallCouncil, add_post
from benchmarks.torture.stores import Store
from benchmarks.torture.victims import Victim

REMAKING = ("hootsuite", "mastodon")
STRANGE = ("Bin day \ud83d", "Bin\x00day", "\udc8d Bin day")


@dataclass
class Scene:
    """A round under way; the command makes about so many calls, or is done in `length` seconds without any."""

    council: SmallCouncil
    store: Store
    chance: random.Random
    victims: list[Victim]
    start: Callable[[list[str]], Victim]
    calls: int
    length: float
    again: list[str]

    def moment(self, part: float = 1.0) -> None:
        """Wait for a random instant of the command's work: after so many calls, whatever the machine's load is."""
        made = self.council.serving.world.calls.sequence
        if not self.calls or self.chance.random() < 0.1:
            time.sleep(self.chance.uniform(0, self.length))
            return
        wanted = len(made) + self.chance.randint(1, max(1, round(self.calls * part)))
        jitter = self.chance.uniform(0, 0.02)
        until = time.monotonic() + 20
        while len(made) < wanted and self.victims[0].alive and time.monotonic() < until:
            time.sleep(0.001)
        time.sleep(jitter)


def kill(s: Scene) -> None:
    """Signal 9 to the guard; rarely before it called anybody."""
    s.moment()
    s.victims[0].kill()


def second_run(s: Scene) -> None:
    """The run lock is lost while its holder lives, and a second run starts."""
    _slowly(s)
    s.moment()
    s.store.lose_lock(s.council.folder)
    s.victims.append(s.start(s.chance.choice([s.again, ["sync", "--enforce"]])))
    if s.chance.random() < 0.3:
        s.moment()
        s.store.lose_lock(s.council.folder)


def race(s: Scene) -> None:
    """A second run starts beside the first; nothing is lost."""
    _slowly(s)
    s.moment()
    s.victims.append(s.start(s.chance.choice([s.again, ["sync", "--enforce"], ["declare", "menai-bridge", "--yes"]])))


def _slowly(s: Scene) -> None:
    """Some platforms answer slowly, so that two runs are at work at once; always the one where posts are made again."""
    for platform in ["hootsuite", *s.chance.sample(sorted(ACCOUNTS), 2)]:
        s.council.serving.world.faults.add(platform, "slow", latency_ms=s.chance.choice([80.0, 160.0, 240.0]))


def sessions(s: Scene) -> None:
    """Every session of the database is ended, once or more."""
    for _ in range(s.chance.randint(1, 3)):
        s.moment()
        s.store.terminate()


def database(s: Scene) -> None:
    """The database is killed and started again; the guard goes on, or ends in one sentence."""
    s.moment()
    s.store.kill()


def colleagues(s: Scene) -> None:
    """People edit, delete, move, approve, publish and make posts meanwhile."""
    for _ in range(s.chance.randint(2, 8)):
        s.moment(0.25)
        hand(s.council, s.chance)


def hand(c: SmallCouncil, chance: random.Random) -> None:
    """One thing that one colleague does. What a platform does not let them do is not done."""
    queued = [p for p in c.serving.world.posts() if p.state in ("scheduled", "pending_approval", "draft")]
    queued = [p for p in queued if p.platform in QUEUES]
    now = c.now()
    if not queued or chance.random() < 0.25:
        platform = chance.choice(QUEUES)
        at = now + timedelta(minutes=chance.choice([4, 90, 3_000, 60_000]))
        state = chance.choice(["scheduled", "scheduled", "scheduled", "pending_approval"])
        if platform not in ("wordpress", "orlo"):
            state = "scheduled"
        add_post(c.serving.world, platform, at, f"New by a colleague {chance.random()}", state)
        return
    p = chance.choice(queued)
    own: dict[str, Any] = {"platform": p.platform, "id": p.id}
    match chance.choice(["text", "text", "move", "delete", "publish", "approve"]):
        case "text":
            own["text"] = f"{p.text} (edited {chance.random():.6f})"
        case "move" if p.state == "scheduled":
            own["publish_at"] = (now + timedelta(minutes=chance.choice([30, 4_000, 50_000]))).isoformat()
        case "publish":
            own |= {"publish_at": now.replace(second=0, microsecond=0).isoformat(), "publish": True}
        case "approve" if p.state == "pending_approval":
            own["state"] = "scheduled"
        case "delete":
            own["delete"] = True
        case _:
            return
    with contextlib.suppress(requests.HTTPError):
        c.edit(**own)


def stale(s: Scene) -> None:
    """Some platforms answer from a replica that lags behind; each is right again before the next look."""
    for platform in s.chance.sample(sorted(ACCOUNTS), s.chance.randint(1, 6)):
        s.council.serving.world.faults.add(platform, "stale", age_s=s.chance.choice([0.3, 1.0, 5.0]), rate=0.7)


def faults(s: Scene) -> None:
    """Answers fail, are dropped after the write, or are lies."""
    for platform in s.chance.sample(sorted(ACCOUNTS), s.chance.randint(2, 8)):
        kind = s.chance.choice(["status", "drop_after_write", "ghost_success", "garbage", "empty_list", "partial_page"])
        s.council.serving.world.faults.add(platform, kind, rate=s.chance.choice([0.2, 0.5, 1.0]), status=503)


def clock(s: Scene) -> None:
    """The platforms' clock jumps, on or back, while the guard works."""
    s.moment()
    s.council.serving.world.advance(s.chance.choice([-600, -90, 45, 120, 4_000]))


def strange(s: Scene) -> None:
    """Texts with half a surrogate pair or NUL in some queues, but for those where posts are made again."""
    for platform in s.chance.sample([q for q in QUEUES if q not in REMAKING], 3):
        at = s.council.now() + timedelta(days=2)
        add_post(s.council.serving.world, platform, at, f"{s.chance.choice(STRANGE)} {s.chance.random()}")


BEFORE = {"stale": stale, "faults": faults, "strange texts": strange}
"""Troubles that are there when the command starts."""
DURING = {
    "kill": kill, "lost lock": second_run, "race": race, "sessions ended": sessions, "database killed": database,
    "colleagues": colleagues, "clock": clock,
}  # fmt: skip
ONLY_POSTGRES = ("sessions ended", "database killed")
KINDS = {**BEFORE, **DURING}
WEIGHTS = {"kill": 6, "lost lock": 5, "race": 2, "sessions ended": 2, "database killed": 2, "colleagues": 3, "stale": 3,
           "faults": 2, "strange texts": 1, "clock": 1}  # fmt: skip


def chosen(chance: random.Random, database: str, without: tuple[str, ...] = ()) -> tuple[str, ...]:
    """One or two troubles of a round; a second one comes in every third."""
    kinds = [k for k in KINDS if (database == "postgresql" or k not in ONLY_POSTGRES) and k not in without]
    first = chance.choices(kinds, [WEIGHTS[k] for k in kinds])[0]
    if chance.random() > 0.34:
        return (first,)
    other = [k for k in ("colleagues", "stale", "strange texts", "kill") if k != first and k not in without]
    return first, chance.choice(other)

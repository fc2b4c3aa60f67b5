"""One round: a council put in place, a command, trouble, the command again, and the judgement."""

from __future__ import annotations

import contextlib
import random
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import requests

from benchmarks.evidence import LAG, Pause, Truth, Words, instant
from benchmarks.small_council import QUEUES, SmallCouncil, add_post, small_world
from benchmarks.torture import acts, troubles
from benchmarks.torture.acts import CALM, ENDED, PAUSED, Asked
from benchmarks.torture.stores import Store
from benchmarks.torture.victims import BROKEN, Victim, prepare
from benchmarks.witness import judge
from freeze.sandbox._core.server import Serving

LONGEST = 60.0
"""Seconds a command may take before it counts as hung."""
CALLS = {"declare": 140, "put-back": 60, "sync": 95, "watch": 150, "nightly": 60}
"""About how many calls a command makes here at most; others make none."""
INVARIANTS = {
    "a purpose is left open": "SELECT id, verb, state FROM intent WHERE done_at IS NULL",
    "a post has two open holds": "SELECT post FROM hold WHERE closed_at IS NULL GROUP BY post HAVING count(*) > 1",
    "a hold is half way": "SELECT id, state FROM hold WHERE state IN ('requested', 'held', 'putting back')",
}


@dataclass
class Result:
    """What came of a round."""

    number: int
    act: str
    stage: str
    kinds: tuple[str, ...]
    how_far: str
    counts: dict[str, int]
    failures: list[str]
    seconds: float

    def to_json(self) -> dict[str, Any]:
        """For the state file."""
        return dict(vars(self)) | {"kinds": list(self.kinds)}


@dataclass
class Field:
    """Where rounds are played: one sandbox, one folder, one store, and the stages' templates."""

    serving: Serving
    folder: Path
    store: Store
    context: Any
    council: SmallCouncil
    strange: bool = False
    length: float = 0.5
    _stages: dict[str, Any] = field(default_factory=dict)
    _files: dict[str, dict[str, bytes]] = field(default_factory=dict)

    def save(self, stage: str) -> None:
        """Keep everything as it is, as a stage."""
        self.store.save(stage, self.folder)
        self._stages[stage] = self.serving.world.snapshot()
        kept = [f for f in self.folder.rglob("*") if f.is_file() and "freeze.db" not in f.name]
        self._files[stage] = {str(f.relative_to(self.folder)): f.read_bytes() for f in kept}

    def load(self, stage: str) -> None:
        """Put everything back as it was at a stage."""
        shutil.rmtree(self.folder)
        self.folder.mkdir()
        for name, data in self._files[stage].items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        self.store.load(stage, self.folder)
        self.serving.world.restore(self._stages[stage])

    def start(self, args: list[str], out: Path) -> Victim:
        """A command as a process of its own, on the sandbox's clock."""
        return Victim(self.context, self.folder, args, out, self.serving.url)


@contextlib.contextmanager
def ready(store: Store) -> Iterator[Field]:
    """A field with its three stages: calm, in the middle of a pause, and before the way back."""
    base = Path(tempfile.mkdtemp(prefix="torture-"))
    folder = base / "council"
    folder.mkdir()
    try:
        with Serving(small_world()) as serving:
            council = SmallCouncil(serving, folder, store.url)
            (folder / "events.ics").write_text(acts.EVENTS, encoding="utf-8")
            f = Field(serving, folder, store, prepare(), council)
            for command in (["init"], ["accounts", "import", "accounts.csv"], ["sync"]):
                told = council.freeze(*command)
                assert told["code"] == 0, told
            f.save(CALM)
            council.freeze("declare", "menai-bridge", "--yes")
            serving.world.advance(86_400)
            for platform in QUEUES:
                add_post(serving.world, platform, council.now() + timedelta(days=1), f"New on {platform}")
            f.save(PAUSED)
            council.freeze("sync", "--enforce")
            serving.world.advance(86_400)
            council.freeze("sync", "--enforce")
            council.freeze("end", "f1")
            missed = [x["post"] for x in council.freeze("held", "--missed")["held"]]
            council.freeze("decide", *missed, "--next-slot")
            f.save(ENDED)
            f.strange = _bears_strange_texts(f)
            yield f
    finally:
        shutil.rmtree(base, ignore_errors=True)


def _bears_strange_texts(f: Field) -> bool:
    """Whether the guard reads texts with half a surrogate pair; where not, such rounds are left out, and it is said."""
    f.load(CALM)
    for text in troubles.STRANGE:
        add_post(f.serving.world, "wordpress", f.council.now() + timedelta(days=2), text)
    return bool(f.council.freeze("sync")["code"] == 0)


def play(f: Field, seed: int, number: int, *, stage: str = "", name: str = "", kinds: tuple[str, ...] = ()) -> Result:
    """One round, decided by its seed and number; what is given is not left to chance."""
    chance = random.Random(f"{seed}/{number}")
    drawn = chance.choice([CALM, PAUSED, ENDED])
    stage = stage or drawn
    act = acts.chosen(chance, stage, name)
    some = troubles.chosen(chance, f.store.name, () if f.strange else ("strange texts",))
    kinds = kinds or some
    began = time.monotonic()
    f.load(stage)
    if chance.random() < 0.5:
        f.serving.world.advance(chance.choice([30, 600, 7_200]))
    args = act.args(Asked(f.council, chance))
    failures: list[str] = []
    with tempfile.TemporaryDirectory(prefix="victims-") as words:
        how_far = _trouble(f, chance, act.name, args, kinds, Path(words), failures)
    _again(f, act, args, chance, failures)
    counts = _judged(f, failures)
    return Result(number, act.name, stage, kinds, how_far, counts, failures, time.monotonic() - began)


def _trouble(
    f: Field,
    chance: random.Random,
    name: str,
    args: list[str],
    kinds: tuple[str, ...],
    words: Path,
    failures: list[str],
) -> str:
    """The command under its troubles; says how far it had come when the first process ended."""
    world = f.serving.world
    for platform in f.council.serving.world._accounts:
        world.faults.add(platform, "slow", latency_ms=chance.choice([2.0, 8.0]))
    world.calls.reset()
    started: list[Victim] = []

    def start(what: list[str]) -> Victim:
        return f.start(what, words / str(len(started)))

    scene = troubles.Scene(f.council, f.store, chance, started, start, CALLS.get(name, 0), f.length, args)
    for kind in kinds:
        if kind in troubles.BEFORE:
            troubles.BEFORE[kind](scene)
    began = time.monotonic()
    started.append(start(args))
    others = [threading.Thread(target=troubles.DURING[k], args=(scene,)) for k in kinds if k in troubles.DURING]
    for t in others:
        t.start()
    for t in others:
        t.join()
    if name not in CALLS and not f.serving.world.calls.sequence:
        started[0].wait(LONGEST)
        f.length = min(2.0, max(0.1, time.monotonic() - began))
    for v in started:
        if not v.wait(LONGEST):
            failures.append(f"hung: {' '.join(v.args[:3])} took over {LONGEST:g} s")
        if broken := [x for x in v.said.splitlines() if BROKEN in x or "Traceback" in x]:
            failures.append(f"failed itself: {' '.join(v.args[:3])}: {broken[0][:300]}")
    _landed(f)
    world.faults.clear()
    writes = sum(c.method not in ("GET", "HEAD") and bool(c.post) for c in world.calls.sequence)
    died = started[0].code is not None and started[0].code < 0
    if not died:
        return "ended by itself"
    return "killed after writes" if writes else "killed after calls" if world.calls.sequence else "killed before calls"


def _landed(f: Field) -> None:
    """Let calls that were on their way when their sender died come to their end."""
    until = time.monotonic() + 5
    requests.get(f.serving.url + "/_sandbox/clock", timeout=10).raise_for_status()
    while time.monotonic() < until:
        if not any(t["in_flight"] for t in f.serving.world.calls.to_json()["platforms"].values()):
            return
        time.sleep(0.005)


def _again(f: Field, act: acts.Act, args: list[str], chance: random.Random, failures: list[str]) -> None:
    """Time goes by, everything is mended, and the same command is given once more; a way back is looked at anew."""
    last = max([f.serving.world.history.entries[-1].at, f.council.now()])
    if f.council.now() < last:
        f.serving.world.set_clock(last)
    f.serving.world.advance(chance.choice([1, chance.uniform(0, 90), chance.uniform(90, 900)]))
    told = f.council.freeze(*args) if act.name != "watch" else f.council.freeze("sync", "--enforce")
    if act.name == "put-back" and told["code"] in (2, 4):
        told = f.council.freeze("put-back", "f1", "--digest", Asked(f.council, chance).digest())
    if BROKEN in told["said"]:
        failures.append(f"the re-run failed itself: {' '.join(args[:3])}: {told['said'][:300]}")


def _judged(f: Field, failures: list[str]) -> dict[str, int]:
    run = f.council.freeze("sync", "--enforce")
    if BROKEN in run["said"]:
        failures.append(f"the last look failed itself: {run['said'][:300]}")
    try:
        truth = Truth.of(f.serving.url, f.folder / "freeze.toml")
        words = Words.of(f.council.freeze, run)
        report = judge(truth, words)
    except (KeyError, TypeError) as e:
        failures.append(
            f"the guard's words are not whole: {type(e).__name__} {e}; last look {run['code']} {run['said'][:200]}"
        )
        return {}
    failures += [f"{v.said}: {v.platform} {v.id}: {v.how}" for v in report.wrong]
    failures += [f"a line about a post that never was: {x}" for x in report.strangers]
    if not f.council.freeze("log", "verify").get("whole"):
        failures.append("the log does not verify")
    failures += _released(truth, words)
    for what, sql in INVARIANTS.items():
        if found := f.store.rows(sql, f.folder):
            failures.append(f"{what}: {found[:4]}")
    return report.counts


def _released(truth: Truth, words: Words) -> list[str]:
    """What a program put into a queue, for a time that a pause covers which had been declared well before."""
    found = []
    pauses = [p for p in (Pause.of(s, truth.now) for s in words.show) if not p.permissions]
    for c in truth.changes:
        at, now, was = datetime.fromisoformat(c["at"]), c["now"], c["was"]
        if c["by"] != "api" or now["state"] != "scheduled":
            continue
        if was and (was["state"], was["publish_at"]) == (now["state"], now["publish_at"]):
            continue
        late = [p.id for p in pauses if p.declared + LAG / 2 < at and p.covers(at)]
        due = instant(now["publish_at"])
        inside = [p.id for p in pauses if p.covers(due) and p.id in late]
        found += [f"released into {i}: {c['platform']} {c['id']} for {now['publish_at']}" for i in inside]
    return found

"""Two runs that meet: a lock lost in mid put-back, and a declaration in the middle of other work, many times over.

    python -m benchmarks.turns --times 20 --database both

*Lock lost*: while posts go back on every platform of the small council (two of them only by making messages again), the
run's lock is taken away and the same put-back is given a second time. No message may stand twice.
*Declared meanwhile*: while posts go back, while a look waits for a platform that never answers, and while a night is at
work, a new pause for every account is declared. Its first hold must be on a platform within `FIRST` seconds of the
command, and nothing may be left standing at a time that it covers. Real processes, real HTTP; every figure is of this
machine, which runs sandbox, guard and database side by side.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks.small_council import NAMES, add_post
from benchmarks.torture.acts import CALM, ENDED, Asked
from benchmarks.torture.rounds import LONGEST, Field, _judged, _landed, ready
from benchmarks.torture.stores import Sqlite, Store, postgres
from benchmarks.torture.victims import BROKEN, Victim

FIRST = 3.0
"""Seconds from the command to the first hold on a platform."""
REMADE = ("hootsuite", "mastodon")
"""Platforms on which going back means to make the message again."""
CRISIS = ("declare", "crisis", "--everything", "--days", "9", "--approver", "Jo Smith", "--reason", "Flood", "--yes")
Key = tuple[str, str]


@contextmanager
def _field(database: str) -> Iterator[Field]:
    if database == "sqlite":
        with ready(Sqlite()) as f:
            yield f
    else:
        with postgres() as store:
            some: Store = store
            with ready(some) as f:
                yield f


def _writes(f: Field) -> int:
    return sum(c.method not in ("GET", "HEAD") and bool(c.post) for c in list(f.serving.world.calls.sequence))


def _wait_for(what: Any, seconds: float, every: float = 0.01) -> float | None:
    """Seconds until `what()` is true; None where it does not become so in time."""
    began = time.monotonic()
    while time.monotonic() - began < seconds:
        if what():
            return time.monotonic() - began
        time.sleep(every)
    return None


def _end(victims: list[Victim], failures: list[str]) -> None:
    for v in victims:
        if not v.wait(3 * LONGEST):
            failures.append(f"hung: {' '.join(v.args[:2])}")
        if BROKEN in v.said or "Traceback" in v.said:
            failures.append(f"failed itself: {' '.join(v.args[:2])}: {v.said.strip()[:300]}")


def _standing(f: Field) -> dict[Key, tuple[str, datetime | None]]:
    return {(p.platform, p.id): (p.state, p.publish_at) for p in f.serving.world.posts()}


def _twice(f: Field, before: Counter[tuple[str, str, str]]) -> list[str]:
    """Messages that stand more often than before, deleted ones left out."""
    now = _messages(f)
    return [f"twice: {k[0]} {k[2]!r}" for k, n in now.items() if n > max(1, before.get(k, 0))]


def _messages(f: Field) -> Counter[tuple[str, str, str]]:
    return Counter((p.platform, p.account, p.text) for p in f.serving.world.posts() if p.state != "deleted")


def lock_lost(f: Field, chance: random.Random, words: Path) -> list[str]:
    """One put-back that loses its lock while it makes messages again, and a second one beside it."""
    failures: list[str] = []
    f.load(ENDED)
    before = _messages(f)
    digest = Asked(f.council, chance).digest()
    for platform in f.serving.world._accounts:
        f.serving.world.faults.add(platform, "slow", latency_ms=chance.choice([20.0, 60.0, 150.0]))
    f.serving.world.calls.reset()
    args = ["put-back", "f1", "--digest", digest]
    first = f.start(args, words / "first")
    some = chance.randint(1, 14)
    _wait_for(lambda: _writes(f) >= some or not first.alive, 20, 0.002)
    f.store.lose_lock(f.folder)
    overlap = first.alive
    second = f.start(args, words / "second")
    _end([first, second], failures)
    _landed(f)
    f.serving.world.faults.clear()
    failures += _twice(f, before)
    told = f.council.freeze("put-back", "f1", "--digest", Asked(f.council, chance).digest())
    if BROKEN in told["said"]:
        failures.append(f"the put-back after it failed itself: {told['said'][:200]}")
    failures += _twice(f, before)
    _judged(f, failures)
    if not overlap:
        failures.append("NOT TRIED: the first had ended before its lock was lost")
    return failures


def _middle_of_put_back(f: Field, chance: random.Random, words: Path) -> Victim:
    f.load(ENDED)
    _due_later(f)
    args = ["put-back", "f1", "--digest", Asked(f.council, chance).digest()]
    _slow(f, 60.0)
    victim = f.start(args, words / "first")
    some = chance.randint(1, 12)
    _wait_for(lambda: _writes(f) >= some or not victim.alive, 20, 0.002)
    return victim


def _middle_of_hung_look(f: Field, chance: random.Random, words: Path) -> Victim:
    f.load(CALM)
    _due_later(f)
    _slow(f, 5.0)
    hung = chance.choice(["linkedin", "tiktok", "threads"])
    settings = f.folder / "freeze.toml"  # it gives up a call after six seconds, so that 20 rounds do not take an hour
    settings.write_text(settings.read_text().replace(f"[connections.{hung}]\n", f"[connections.{hung}]\ntimeout = 2\n"))
    f.serving.world.faults.add(hung, "timeout")
    victim = f.start(["sync", "--enforce"], words / "first")
    asked = f.serving.world.calls
    _wait_for(lambda: any(c.platform == hung for c in list(asked.sequence)) or not victim.alive, 20, 0.002)
    time.sleep(0.3)
    return victim


def _middle_of_night(f: Field, chance: random.Random, words: Path) -> Victim:
    f.load(CALM)
    _due_later(f)
    _slow(f, 40.0)
    victim = f.start(["nightly", "--once"], words / "first")
    some = chance.randint(4, 40)
    _wait_for(lambda: len(f.serving.world.calls.sequence) > some or not victim.alive, 20, 0.002)
    return victim


MIDDLES = {"put-back": _middle_of_put_back, "hung look": _middle_of_hung_look, "night": _middle_of_night}


def _slow(f: Field, ms: float) -> None:
    for platform in f.serving.world._accounts:
        f.serving.world.faults.add(platform, "slow", latency_ms=ms)
    f.serving.world.calls.reset()


def _due_later(f: Field) -> None:
    """Posts that only the new pause covers, on platforms that can hold them."""
    for platform in ("wordpress", "youtube", "facebook", "buffer"):
        for hours in (5, 30):
            add_post(f.serving.world, platform, f.council.now() + timedelta(hours=hours), f"Later {hours} {platform}")


def declared(f: Field, middle: str, chance: random.Random, words: Path) -> tuple[float | None, list[str]]:
    """One declaration in the middle of other work: seconds to its first hold, and what was wrong."""
    failures: list[str] = []
    busy = MIDDLES[middle](f, chance, words)
    texts = {(p.platform, p.id): p.text for p in f.serving.world.posts()}
    mine = {k: s for k, s in _standing(f).items() if s[0] == "scheduled" and texts[k].startswith("Later ")}
    overlap = busy.alive
    pause = f.start([*CRISIS], words / "declared")
    took = _wait_for(lambda: any(_standing(f)[k] != s for k, s in mine.items()) or not pause.alive, 30, 0.005)
    if took is None or all(_standing(f)[k] == s for k, s in mine.items()):
        failures.append("no first hold")
        took = None
    _end([busy, pause], failures)
    _landed(f)
    f.serving.world.faults.clear()
    listed = f.council.freeze("list")["freezes"]
    new = next(x for x in listed if x["preset"] == "crisis")
    start, end = (datetime.fromisoformat(new["windows"][i][k]) for i, k in ((0, "start"), (-1, "end")))
    soon = start + timedelta(minutes=6)
    told = {(NAMES.get(c, c), n) for c, n in _said(f, new["id"])}
    for (platform, ident), (state, at) in _standing(f).items():
        if (
            state == "scheduled"
            and at is not None
            and soon < at < end
            and (NAMES.get(platform, platform), ident) not in told
        ):
            failures.append(f"left standing at {at}: {platform} {ident}")
    f.council.freeze("sync", "--enforce")
    _judged(f, failures)
    if not overlap:
        failures.append("NOT TRIED: the other run had ended before the declaration")
    return took, failures


def _said(f: Field, freeze: str) -> set[Key]:
    """Posts that the guard itself says a person must stop, or that it is not sure of."""
    posts = f.council.freeze("show", freeze)["posts"]
    unsure = ("needs a person", "refused", "unconfirmed", "too late")
    return {(p["connection"], p["native_id"]) for p in posts if p["hold"]["state"] in unsure}


def main() -> None:
    """Run everything; exit 1 when anything was wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=20)
    parser.add_argument("--database", choices=("sqlite", "postgresql", "both"), default="both")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="lock lost, put-back, hung look or night")
    given = parser.parse_args()
    wrong = 0
    for database in ("sqlite", "postgresql") if given.database == "both" else (given.database,):
        with _field(database) as f, tempfile.TemporaryDirectory(prefix="turns-") as folder:
            for what in ("lock lost", *MIDDLES):
                if given.only not in ("", what):
                    continue
                tried, failed, firsts = 0, 0, []
                n = 0
                while tried < given.times and n < 2 * given.times:
                    n += 1
                    chance = random.Random(f"{given.seed}/{database}/{what}/{n}")
                    if what == "lock lost":
                        failures = lock_lost(f, chance, Path(folder))
                    else:
                        took, failures = declared(f, what, chance, Path(folder))
                        firsts += [took] if took is not None else []
                        if took is not None and took > FIRST:
                            failures.append(f"the first hold took {took:.1f} s")
                    if any(x.startswith("NOT TRIED") for x in failures):
                        failures = [x for x in failures if not x.startswith(("NOT TRIED", "no first hold"))]
                    else:
                        tried += 1
                    failed += bool(failures)
                    for x in failures:
                        print(f"  FAILED {database}, {what}, {n}: {x}", flush=True)
                line = f"{database:10} {what:10} {tried} times, {failed} failed"
                if firsts:
                    line += f"; first hold after {statistics.median(firsts):.2f} s (median), {max(firsts):.2f} s (most)"
                print(line, flush=True)
                wrong += failed + (tried < given.times)
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()

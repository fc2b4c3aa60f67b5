"""Kill -9 at random instants of `declare` and `put-back`, then one re-run; what must hold is checked from outside.

    python -m benchmarks.torture [--kills 200] [--seed 1]

Each trial is a fresh council on the sandbox, whose clock runs on between the death and the re-run. Afterwards, by the
sandbox's own account of every post and every call, never by the guard's:

* every post that went out inside the pause is named: too late or slip (or, known only from an export, perhaps out);
* every other post of the pause is held and truly held, or named as waiting for a person or as too late;
* no post is lost and no words, link or picture differ;
* after putting back, a post stands exactly at its planned time or is still held; none went out early or in the past;
* nothing is sent twice: at most one change of a post took effect for each command (a call already on its way when
  its sender died is let land before the re-run; landing later it would find the same change made, and alter nothing);
* the log verifies, no purpose is left open, no post has two open holds.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import requests

from freeze.sandbox import running
from freeze.sandbox._config import write_into

ROOT = Path(__file__).resolve().parents[1]
EVENING = datetime(2022, 9, 8, 17, 39, 30, tzinfo=UTC)
CONNECTIONS = {"website": "wordpress", "youtube": "youtube", "facebook": "facebook", "orlo": "orlo"}
COMMAND = (sys.executable, "-c", "import cli; cli.main()")
WORKED = range(200, 300)
SLOW = 15.0
"""Milliseconds every platform takes to answer, so that a kill can fall into any part of a run."""


@dataclass
class Council:
    """One council's computer and the simulated platforms it reaches."""

    serving: Any
    folder: Path
    stages: Counter[str] = field(default_factory=Counter)

    def freeze(self, *args: str) -> dict[str, Any]:
        """A command run to its end in this process, on the sandbox's clock; its data."""
        import cli

        out = io.StringIO()
        argv = ["freeze", *args, "--json", "--as-of", self.now().isoformat()]
        quiet = contextlib.redirect_stdout(out), contextlib.redirect_stderr(io.StringIO())
        here = contextlib.chdir(self.folder), patch.object(sys, "argv", argv), contextlib.suppress(SystemExit)
        with contextlib.ExitStack() as stack:
            for context in (here[2], *quiet, *here[:2]):
                stack.enter_context(context)  # type: ignore[arg-type]
            cli.main()
        data: dict[str, Any] = json.loads(out.getvalue().strip().splitlines()[-1])
        return data

    def kill(self, delay: float, *args: str) -> bool:
        """Run a command as a process of its own and kill it `delay` seconds after its first call; whether it died.

        A negative delay counts from the start of the process instead: it dies before or while the store is written.
        """
        calls = self.serving.world.calls
        calls.reset()
        began = time.monotonic()
        process = subprocess.Popen(
            [*COMMAND, *args, "--as-of", self.now().isoformat()],
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        if delay < 0:
            time.sleep(-delay)
        else:
            while not calls.sequence and process.poll() is None and time.monotonic() - began < 30:
                time.sleep(0.001)
            time.sleep(delay)
        process.send_signal(signal.SIGKILL)
        died = process.wait() == -signal.SIGKILL
        self._settled()
        return died

    def _settled(self) -> None:
        """Let calls that were on their way when their sender died come to their end.

        The sandbox answers in the order in which calls arrive: once it has answered this one, earlier ones have begun.
        """
        until = time.monotonic() + 5
        requests.get(self.serving.url + "/_sandbox/clock", timeout=10).raise_for_status()
        while time.monotonic() < until:
            tallies = self.serving.world.calls.to_json()["platforms"].values()
            if not any(t["in_flight"] for t in tallies):
                return
            time.sleep(0.005)

    def now(self) -> datetime:
        now: datetime = self.serving.world.now()
        return now

    def advance(self, seconds: float) -> None:
        self.serving.world.advance(seconds)

    def posts(self) -> dict[tuple[str, str], dict[str, Any]]:
        """Every post as it truly is on the four platforms of a trial, by (connection, id)."""
        names = {v: k for k, v in CONNECTIONS.items()}
        found = requests.get(self.serving.url + "/_sandbox/posts", timeout=10).json()
        return {(names[p["platform"]], p["id"]): p for p in found if p["platform"] in names}

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """What the store holds."""
        with contextlib.closing(sqlite3.connect(self.folder / "freeze.db")) as c:
            return c.execute(sql).fetchall()


@contextlib.contextmanager
def council(chance: random.Random, *, orlo: bool) -> Any:
    """A fresh council with one good sync: a small one, or all of Anyshire with its Orlo export."""
    folder = Path(tempfile.mkdtemp(prefix="torture-"))
    try:
        with running("council" if orlo else "empty", EVENING) as serving:
            c = Council(serving, folder)
            if not orlo:
                _schedule(serving.url, chance)
            write_into(folder, serving.url)
            if not orlo:
                settings = folder / "freeze.toml"
                settings.write_text(settings.read_text().split("[connections.orlo]")[0])
            c.freeze("init")
            c.freeze("accounts", "import", "accounts.csv")
            c.freeze("sync")
            for platform in CONNECTIONS.values():
                serving.world.faults.add(platform, "slow", latency_ms=SLOW)
            yield c
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _schedule(url: str, chance: random.Random) -> None:
    places = [("wordpress", "site"), ("facebook", "101200000001"), ("facebook", "101200000002")]
    for i in range(24):
        platform, account = places[i % 3]
        minutes = chance.choice([1, 3, 6, 12, 60, 600]) if i < 9 else chance.randint(60 * 24 * 3, 60 * 24 * 9)
        body = {
            "create": True,
            "platform": platform,
            "account": account,
            "text": f"Post {i} \N{BOOKS} {chance.random()}",
            "title": f"Title {i}" if platform == "wordpress" else "",
            "publish_at": (EVENING.replace(second=0) + timedelta(minutes=minutes)).isoformat(),
            **({"app": "777", "app_name": "Freeze Guard"} if platform == "facebook" else {}),
        }
        requests.post(url + "/_sandbox/edit", json=body, timeout=10).raise_for_status()


def declaration(chance: random.Random, *, orlo: bool = False) -> str:
    """One trial of `declare`; says at what stage it was killed. Raises AssertionError when anything is wrong."""
    with council(chance, orlo=orlo) as c:
        before = c.posts()
        delay = _delay(chance, 1.5 if orlo else 0.4)
        died = c.kill(delay, "declare", "menai-bridge", "--yes")
        stage = _stage(c) if died else "finished"
        first_writes = _writes(c)
        c.advance(chance.choice([0, chance.uniform(0, 90), chance.uniform(90, 900)]))
        c.serving.world.calls.reset()
        c.freeze("declare", "menai-bridge", "--yes")
        _sound(c)
        _once(first_writes + _writes(c))
        _words_kept(before, c.posts())
        _declared(c, before)
        return stage


def _declared(c: Council, before: dict[tuple[str, str], dict[str, Any]]) -> None:
    shown = c.freeze("show", "f1")
    start, end = (datetime.fromisoformat(shown["windows"][i][k]) for i, k in ((0, "start"), (-1, "end")))
    holds = {(p["connection"], p["native_id"]): p["hold"] for p in shown["posts"]}
    outs = {(p["connection"], p["native_id"]): p["how"] for p in shown["went_out"]}
    now = c.now()
    known = set(c.rows("SELECT connection, native_id FROM post"))
    for key, post in c.posts().items():
        if key[0] == "orlo" and key not in known:
            continue  # made after the export was saved: nothing can know of it yet
        if key not in before:
            continue  # what Orlo sent out appears on the network too; it is judged where it was made
        was, hold = before[key], holds.get(key, {"state": "none"})
        due = _at(was["publish_at"])
        if post["state"] == "published" and was["state"] != "published":
            at = _at(post["published_at"])
            assert at is not None, key
            if at >= start and key[0] != "orlo":
                assert outs.get(key) in ("too late", "slip"), (key, post, hold)
            elif at >= start:
                assert key in outs or hold["state"] in ("needs a person", "too late"), (key, post, hold)
        elif was["state"] in ("scheduled", "pending_approval") and (due is None or start <= due < end):
            if hold["state"] == "confirmed":
                moved = _at(post["publish_at"])
                parked = post["state"] == "scheduled" and moved is not None and not start <= moved < end
                assert post["state"] == "draft" or parked, (key, post, hold)
            elif hold["state"] == "too late":
                assert due is not None, key
                assert due < now + timedelta(minutes=4), (key, post, hold)
            else:
                assert hold["state"] == "needs a person", (key, post, hold)
        elif was["state"] in ("scheduled", "pending_approval"):
            assert (post["state"], post["publish_at"]) == (was["state"], was["publish_at"]), (key, was, post)


def way_back(chance: random.Random) -> str:
    """One trial of `put-back`; says at what stage it was killed. Raises AssertionError when anything is wrong."""
    with council(chance, orlo=False) as c:
        c.freeze("declare", "menai-bridge", "--yes")
        c.advance(timedelta(days=2).total_seconds())
        c.freeze("sync", "--enforce")
        c.freeze("end", "f1")
        missed = [p["post"] for p in c.freeze("held", "--missed")["held"]]
        if missed:
            c.freeze("decide", *missed, "--next-slot")
        before = c.posts()
        digest = c.freeze("put-back", "f1")["advice"].rsplit(" ", 1)[1]
        names = {
            h: (con, nat)
            for h, con, nat in c.rows("SELECT h.id, connection, native_id FROM hold h, post p WHERE p.id = h.post")
        }
        items = json.loads(c.rows("SELECT items FROM put_back_plan ORDER BY made_at DESC LIMIT 1")[0][0])
        plan = {names[h]: datetime.fromisoformat(at) for h, at in items}
        assert plan, "there is nothing to put back, so nothing is tried"
        delay = _delay(chance, 0.3)
        died = c.kill(delay, "put-back", "f1", "--digest", digest)
        stage = _stage(c) if died else "finished"
        first_writes = _writes(c)
        c.advance(chance.choice([0, chance.uniform(0, 600), chance.uniform(3600, 60_000)]))
        c.serving.world.calls.reset()
        c.freeze("put-back", "f1", "--digest", digest)
        _sound(c)
        _once(first_writes + _writes(c))
        after = c.posts()
        _words_kept(before, after)
        _returned(c, plan, before, after)
        return stage


def _returned(c: Council, plan: dict[tuple[str, str], datetime], before: Any, after: Any) -> None:
    holds = {(p["connection"], p["native_id"]): p["hold"] for p in c.freeze("show", "f1")["posts"]}
    now = c.now()
    for key, post in after.items():
        at, published, hold = plan.get(key), _at(post["published_at"]), holds.get(key)
        if at is None:
            assert post["state"] == before[key]["state"] or before[key]["state"] == "scheduled", (key, post)
        elif post["state"] == "published":
            assert published is not None, key
            assert at <= published <= at + timedelta(minutes=1), (key, at, post)
            assert hold is not None, key
            assert hold["state"] == "put back", (key, hold)
        elif post["state"] == "scheduled" and _at(post["publish_at"]) == at:
            assert hold is not None, key
            assert hold["state"] == "put back", (key, hold)
        else:
            assert (post["state"], post["publish_at"]) == (before[key]["state"], before[key]["publish_at"]), (key, post)
            assert hold is not None, key
            assert hold["state"] == "confirmed", (key, hold)
            assert at < now + timedelta(minutes=20), (key, at, now, "it could have been put back, and was not")


def _delay(chance: random.Random, length: float) -> float:
    """Seconds after the first call; every eighth one counts from the start of the process instead (negative)."""
    return -chance.uniform(0.3, 1.0) if chance.random() < 0.125 else chance.uniform(0, length)


def _sound(c: Council) -> None:
    verified = c.freeze("log", "verify")
    assert verified["whole"], verified
    assert c.rows("SELECT id, verb, state FROM intent WHERE done_at IS NULL") == []
    assert c.rows("SELECT post FROM hold WHERE closed_at IS NULL GROUP BY post HAVING count(*) > 1") == []
    assert c.rows("SELECT id FROM hold WHERE state IN ('requested', 'held', 'putting back', 'unconfirmed')") == []


def _writes(c: Council) -> list[tuple[str, str]]:
    """The changes that took effect, as (platform, post); a call whose sender died before all of it arrived has none."""
    return [
        (x.platform, x.post)
        for x in c.serving.world.calls.sequence
        if x.method not in ("GET", "HEAD") and x.post and x.status in WORKED
    ]


def _once(writes: list[tuple[str, str]]) -> None:
    twice = {k: n for k, n in Counter(writes).items() if n > 1}
    assert not twice, twice


def _words_kept(before: Any, after: Any) -> None:
    assert before.keys() == after.keys()
    for key, was in before.items():
        now = after[key]
        assert now["state"] != "deleted" or was["state"] == "deleted", key
        for what in ("text", "title", "media", "account"):
            assert now[what] == was[what], (key, what, was, now)


def _stage(c: Council) -> str:
    """How far the killed run had come."""
    left = c.rows("SELECT count(*) FROM intent WHERE done_at IS NULL")[0][0]
    runs = c.rows("SELECT ended_at FROM run ORDER BY id DESC LIMIT 1")
    if not runs or runs[0][0] is not None:
        return "before the run"
    if not c.serving.world.calls.sequence:
        return "before any call"
    if not left:
        return "listing or reading" if not _writes(c) else "after the last outcome"
    return "sending" if _writes(c) else "purposes written, nothing sent"


def _at(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def main() -> None:
    """Run the trials; exit 1 with the seed of each that failed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    stages: Counter[str] = Counter()
    failed: list[str] = []
    began = time.monotonic()
    for n in range(given.kills):
        seed = given.seed + n
        chance = random.Random(seed)
        kind = "put-back" if n % 2 else "declare with Orlo" if n % 10 == 0 else "declare"
        try:
            stage = way_back(chance) if n % 2 else declaration(chance, orlo=n % 10 == 0)
            stages[f"{kind}: {stage}"] += 1
        except AssertionError as e:
            failed.append(f"seed {seed} ({kind}): {str(e)[:600]}")
            print(f"FAILED {failed[-1]}", flush=True)
        if (n + 1) % 10 == 0:
            print(f"{n + 1} kills, {len(failed)} failed, {time.monotonic() - began:.0f} s", flush=True)
    for stage, count in sorted(stages.items()):
        print(f"{count:5}  killed during {stage}")
    print(f"{given.kills} kills, {len(failed)} failed.")
    every = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "tests/test_crash_points.py"],
        cwd=ROOT,
        env={**os.environ, "FREEZE_TEST_EVERY": "1"},
    )
    sys.exit(1 if failed or every.returncode else 0)


if __name__ == "__main__":
    main()

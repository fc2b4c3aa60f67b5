"""Measures every promise about speed and memory in one run, and ends with 1 where one is broken.

    python -m benchmarks.bench [sweep] [before] [hung] [preview] [start] [memory] [check] [calendar] [clocks] [listing]
                               [rules] [hostile] [workbooks]

Baselines are measured in the same run on the same machine. Other work on it makes the times worse, never better.
"""

from __future__ import annotations

import compileall
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import adapters
import freeze
import policies
from benchmarks.before import ROOT, TURNS, before, earlier
from benchmarks.clocks import clocks
from benchmarks.hostile import hostile
from benchmarks.listing import listing
from benchmarks.nearly import nearly
from benchmarks.rig import EVENING, FREEZE, Council, Done, council
from benchmarks.rules import rules
from benchmarks.table import Measure, rows
from benchmarks.workbooks import workbooks

POSTS, ACCOUNTS, THREADS, LATENCY = 2_000, 40, 16, 0.05
STORED = 100_000
IN_A_MONTH, MONTH = 5_000, timedelta(days=21)
STARTS = 9
SLOW = {"platform": "facebook", "kind": "slow", "latency_ms": LATENCY * 1_000}
HUNG = {"platform": "wordpress", "kind": "timeout"}
PATIENCE = {"website": "timeout = 5"}


def sweep() -> Iterator[Measure]:
    """2,000 posts on 40 accounts, on one platform that takes 50 ms to answer."""
    with council(posts=POSTS, accounts=ACCOUNTS) as c:
        c.prepare(["facebook"])
        done, calls = _declared(c, SLOW)
    spent, writes = _to_last_confirmation(calls)
    yield Measure(
        "first call to last confirmation",
        spent,
        "s",
        1.5,
        POSTS * LATENCY / THREADS,
        f"baseline: posts x latency / connections; {writes:,} changes and {len(calls) - writes:,} readings; "
        f"the whole command took {done.seconds:.1f} s",
        right=done.code == 3 and done.json["counts"] == {"confirmed": POSTS} and writes == POSTS,
    )


def hung() -> Iterator[Measure]:
    """The same with a second platform: once well, once never answering."""
    spent = {}
    for ill in (False, True):
        with council(posts=POSTS, accounts=ACCOUNTS) as c:
            c.prepare(["facebook", "website"], PATIENCE)
            nearest = min(c.control("posts"), key=lambda p: p["publish_at"])
            done, calls = _declared(c, SLOW, *([HUNG] if ill else []))
        spent[ill], writes = _to_last_confirmation(calls)
        right = done.json["counts"] == {"confirmed": POSTS} and writes == POSTS and done.code == 3
        if ill:
            before = next(
                n for n, call in enumerate(calls) if call["post"] == nearest["id"] and call["method"] == "POST"
            )
            yield Measure(
                "calls before the nearest-due hold",
                before,
                "calls",
                49,
                note=f"of {len(calls):,}, to every platform together; the other platform never answers",
                right=right,
            )
            yield Measure(
                "a hung platform delays the others",
                spent[True],
                "s",
                1.15,
                spent[False],
                f"baseline: the same two connections, both well; exit code {done.code}, "
                f"{len(done.json['gaps'])} connection named as not read; the margin is for noise",
                right=right and bool(done.json["gaps"]),
            )


def preview() -> Iterator[Measure]:
    """What a declaration would do, shown from the store."""
    with council(posts=POSTS, accounts=ACCOUNTS) as c:
        c.prepare(["facebook"])
        c.control("calls", "DELETE")
        done = c.freeze("declare", "menai-bridge", "--until", _until(c), "--dry-run")
        calls = c.control("calls")["platforms"]
    made = sum(p["count"] for p in calls.values())
    shown = done.code == 0 and done.json["posts"] == POSTS
    yield Measure("calls made by the preview", made, "calls", 0, note=f"{done.seconds:.2f} s in all", right=shown)


def start() -> Iterator[Measure]:
    """How soon `freeze --help` and `freeze status` answer; medians, the commands taken in turn."""
    for package in (
        freeze,
        adapters,
        policies,
    ):  # as pip leaves an installation
        compileall.compile_dir(package.__path__[0], quiet=1)
    with council(posts=300, accounts=ACCOUNTS) as c:
        c.prepare(["facebook"])
        done = c.freeze("declare", "menai-bridge", "--until", _until(c), "--yes")
        right = done.json["counts"] == {"confirmed": 300}
        at = ["--as-of", c.now().isoformat()]
        taken = _in_turn(
            {
                "pass": [sys.executable, "-c", "pass"],
                "help": [FREEZE, "--help"],
                "sqlmodel": [sys.executable, "-c", "import sqlmodel"],
                "status": [FREEZE, "status", *at],
            },
            c.folder,
        )
    yield Measure("freeze --help", taken["help"], "s", 8, taken["pass"], "baseline: python -c pass")
    note = "baseline: python -c 'import sqlmodel'; the store has a pause and 300 holds"
    yield Measure("freeze status", taken["status"], "s", 1.2, taken["sqlmodel"], note, right=right)


def memory() -> Iterator[Measure]:
    """`freeze check` over 100,000 stored posts, a pause covering ten days of them."""
    with _stored(STORED, timedelta(days=100)) as (folder, at):
        with (folder / "out").open("w", encoding="utf-8") as out:
            began = time.perf_counter()
            p = subprocess.Popen([FREEZE, "check", *at], cwd=folder, stdout=out)
            _, status, used = os.wait4(p.pid, 0)
            seconds = time.perf_counter() - began
            p.returncode = os.waitstatus_to_exitcode(status)
        said = (folder / "out").read_text("utf-8").splitlines()
    right = p.returncode == 1 and said[0].startswith(f"{STORED:,} scheduled posts")
    yield Measure(
        "freeze check, memory at most", used.ru_maxrss / 1024, "MB", 300, None, f"{said[1]} {seconds:.1f} s", right
    )


def check() -> Iterator[Measure]:
    """`freeze check` over 100,000 stored posts against a checkout of an earlier commit (FREEZE_BEFORE), in turn."""
    with earlier() as (commit, there), _stored(STORED, timedelta(days=100)) as (folder, at):
        trees: dict[Path, list[tuple[float, float, bytes]]] = {ROOT: [], there: []}
        for _ in range(TURNS):
            for tree, runs in trees.items():
                runs.append(_checked(tree, folder, at))
    (now, memory_now), (then, memory_then) = (
        (statistics.median(s for s, _, _ in runs), max(m for _, m, _ in runs)) for runs in trees.values()
    )
    said = {out for runs in trees.values() for _, _, out in runs}
    same = len(said) == 1 and said.pop().startswith(f"{STORED:,} scheduled posts".encode())
    note = f"the processor's time, {TURNS} turns; both must answer the same"
    yield Measure(f"freeze check of {STORED:,} against {commit}", now, "s", 0.8, then, note, same)
    yield Measure("the same: memory at most", memory_now, "MB", 150, None, f"before: {memory_then:.0f} MB", same)


def _checked(tree: Path, folder: Path, at: Sequence[str]) -> tuple[float, float, bytes]:
    """Seconds of the processor, MB at most and the answer of `freeze check` with the guard of this tree."""
    command = [sys.executable, "-c", "import sys; from cli import main; sys.exit(main())", "check", *at]
    with (folder / "said").open("w+b") as out:
        p = subprocess.Popen(command, cwd=folder, stdout=out, env=os.environ | {"PYTHONPATH": str(tree)})
        _, status, used = os.wait4(p.pid, 0)
        p.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        return used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, out.read()


def calendar() -> Iterator[Measure]:
    """A month with 5,000 posts, a pause over half of them: as a feed to subscribe to, and as a page."""
    with _stored(IN_A_MONTH, MONTH) as (folder, at):
        for name, limit in (("feed", 3.0), ("the same again", 3.0)):
            began = time.perf_counter()
            p = subprocess.run([FREEZE, "calendar", "--ics", "m.ics", *at], cwd=folder, capture_output=True, timeout=60)
            seconds = time.perf_counter() - began
            made = (folder / "m.ics").read_bytes().count(b"CATEGORIES:Post\r\n") if p.returncode == 0 else 0
            yield Measure(
                f"calendar of {IN_A_MONTH:,}: {name}",
                seconds,
                "s",
                limit,
                None,
                f"{made:,} posts in it",
                made == IN_A_MONTH,
            )
        p = subprocess.run([FREEZE, "calendar", "--html", "m.html", *at], cwd=folder, capture_output=True, timeout=60)
        size = (folder / "m.html").stat().st_size / 1_000 if p.returncode == 0 else 0
        note = "what is left out of a day is counted there"
        yield Measure(f"calendar of {IN_A_MONTH:,}: page", size, "kB", 300, None, note, right=size > 0)


@contextmanager
def _stored(posts: int, span: timedelta) -> Iterator[tuple[Path, list[str]]]:
    """A folder whose store has a pause and so many posts from EVENING on, and what sets a command's clock to just then.

    A minute later than the pause was declared: a quick command would else begin before the pause does.
    """
    with tempfile.TemporaryDirectory(prefix="freeze-bench-") as name:
        folder = Path(name)
        at = ["--as-of", EVENING.isoformat()]
        (folder / "freeze.toml").write_text('[store]\nurl = "freeze.db"\n', encoding="utf-8")
        for args in (["init"], ["declare", "menai-bridge", "--yes", *at]):
            subprocess.run([FREEZE, *args], cwd=folder, capture_output=True, timeout=60)
        _fill(folder, posts, span)
        yield folder, ["--as-of", (EVENING + timedelta(minutes=1)).isoformat()]


def _until(c: Council) -> str:
    """Behind the last post of the large seed, and before the ceiling of Facebook's queue."""
    return (c.now() + timedelta(days=28, hours=2)).isoformat()


def _declared(c: Council, *faults: Any) -> tuple[Done, list[Any]]:
    """The declaration, and every call it made in order."""
    until = _until(c)
    for fault in faults:
        c.control("faults", "POST", fault)
    c.control("calls", "DELETE")
    done = c.freeze("declare", "menai-bridge", "--until", until, "--yes")
    return done, c.control("calls")["sequence"]


def _to_last_confirmation(calls: Sequence[Any]) -> tuple[float, int]:
    """Seconds from the first call to when every reading back was recorded, and how many changes were sent.

    Only then does the guard ask what went out, so the first such question marks the end (and is a little late).
    """
    mine = [call for call in calls if call["platform"] == "facebook"]
    after = next(call for call in mine if "/published_posts" in call["path"])
    first, last = (datetime.fromisoformat(call["at"]) for call in (mine[0], after))
    return (last - first).total_seconds(), sum(call["method"] == "POST" for call in mine)


def _in_turn(commands: dict[str, list[str]], folder: Path) -> dict[str, float]:
    """The median seconds of each command; the first turn, which fills the disk's cache, is not counted."""
    taken: dict[str, list[float]] = {name: [] for name in commands}
    for turn in range(STARTS + 1):
        for name, command in commands.items():
            began = time.perf_counter()
            subprocess.run(command, cwd=folder, capture_output=True, timeout=60)
            if turn:
                taken[name].append(time.perf_counter() - began)
    return {name: statistics.median(seconds) for name, seconds in taken.items()}


def _fill(folder: Path, posts: int, span: timedelta) -> None:
    """Posts over `span` from EVENING on, taken into the store as a listing would."""
    from freeze.accounts import SeenAccount
    from freeze.posts import Locator, Seen, State
    from freeze.store import posts as post_store
    from freeze.store.database import connect
    from freeze.store.journal import Transaction, once

    db = connect("freeze.db", folder)
    natives = [f"10120000{n:04}" for n in range(ACCOUNTS)]

    def register(tx: Transaction) -> dict[tuple[str, str], str]:
        found = [SeenAccount("facebook", n, f"Anyshire {n}", "facebook") for n in natives]
        post_store.note_accounts(tx.c, found)
        return post_store.aliases(tx.c)

    names = once(db, "bench", register)
    step = span / posts
    for begin in range(0, posts, 500):
        seen = [
            Seen(
                locator=Locator("facebook", natives[n % ACCOUNTS], f"{natives[n % ACCOUNTS]}_{n}"),
                state=State.SCHEDULED,
                at=EVENING.astimezone(UTC) + timedelta(minutes=5) + n * step,
                text=f"Road works on the A{n % 900 + 10} near Anyford, lane {n}: please allow more time. " * 2,
                author="r.alder",
                app="Freeze Guard",
            )
            for n in range(begin, min(begin + 500, posts))
        ]
        once(db, "bench", lambda tx, s=seen: post_store.take_in(tx.c, s, names, EVENING))  # type: ignore[misc]
    db.close()


PROMISES: dict[str, Callable[[], Iterator[Measure]]] = {
    "sweep": sweep,
    "before": before,
    "hung": hung,
    "preview": preview,
    "start": start,
    "memory": memory,
    "check": check,
    "calendar": calendar,
    "clocks": clocks,
    "listing": listing,
    "nearly": nearly,
    "rules": rules,
    "hostile": hostile,
    "workbooks": workbooks,
}


def main(wanted: Sequence[str]) -> int:
    """Measure the promises named (all without names), print the table, and say 1 if one is broken."""
    unknown = set(wanted) - set(PROMISES)
    if unknown:
        print(f"There is no {', '.join(sorted(unknown))}; there are {', '.join(PROMISES)}.", file=sys.stderr)
        return 2
    measures: list[Measure] = []
    for name in wanted or PROMISES:
        print((PROMISES[name].__doc__ or name).splitlines()[0], file=sys.stderr, flush=True)
        measures += PROMISES[name]()
    print("\n".join(rows(measures)))
    return 0 if all(m.ok for m in measures) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

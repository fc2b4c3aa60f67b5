"""The sweep of 2,000 posts against a checkout of an earlier commit, in turn, so that a drifting machine strikes both.

The commit is `FREEZE_BEFORE` (else the one before this): FREEZE_BEFORE=bf2507f python -m benchmarks.bench before
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.table import Measure

ROOT = Path(__file__).resolve().parents[1]
TURNS = int(os.environ.get("FREEZE_TURNS", "5"))
LIMIT = 1.03
ONCE = """
from benchmarks import bench as b
with b.council(posts=b.POSTS, accounts=b.ACCOUNTS) as c:
    c.prepare(["facebook"])
    done, calls = b._declared(c, b.SLOW)
    assert done.json["counts"] == {"confirmed": b.POSTS}, done.json["counts"]
    print(b._to_last_confirmation(calls)[0])
"""


def before() -> Iterator[Measure]:
    """The same 2,000 posts, held by this guard and by the one of an earlier commit, in turn."""
    with earlier() as (commit, there):
        taken: dict[Path, list[float]] = {ROOT: [], there: []}
        for _ in range(TURNS):
            for tree, seconds in taken.items():
                seconds.append(_swept(tree))
    ratios = [a / b for a, b in zip(taken[ROOT], taken[there], strict=True)]
    yield Measure(
        f"sweep against {commit}",
        statistics.median(taken[ROOT]),
        "s",
        LIMIT,
        statistics.median(taken[there]),
        f"{TURNS} turns; turn by turn {min(ratios):.2f} to {max(ratios):.2f}, median {statistics.median(ratios):.3f}",
    )


@contextmanager
def earlier() -> Iterator[tuple[str, Path]]:
    """The earlier commit, and a checkout of it that is gone afterwards."""
    commit = os.environ.get("FREEZE_BEFORE", "HEAD~1")
    with tempfile.TemporaryDirectory(prefix="before-") as folder:
        there = Path(folder) / "guard"
        _git("worktree", "add", "--detach", str(there), commit)
        try:
            yield commit, there
        finally:
            _git("worktree", "remove", "--force", str(there))


def _swept(tree: Path) -> float:
    """Seconds from the first call to the last confirmation, with the guard and the sandbox of this tree."""
    env = os.environ | {"PYTHONPATH": str(tree)}
    done = subprocess.run([sys.executable, "-c", ONCE], cwd=tree, env=env, capture_output=True, text=True, timeout=300)
    if done.returncode:
        raise RuntimeError(f"The sweep in {tree} failed: {done.stderr[-800:]}")
    return float(done.stdout.split()[-1])


def _git(*words: str) -> None:
    subprocess.run(["git", *words], cwd=ROOT, check=True, capture_output=True, timeout=120)

"""Tries a mutant: in a copy of the tree in memory, with the tests that can see it, and nothing left running after."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from benchmarks.mutate.drawing import Mutant, viable

FIRST = 25.0
"""Seconds that a run may take beyond its tests: starting Python, pytest and the product."""


@dataclass(frozen=True)
class Verdict:
    """What became of a mutant, and who noticed: a test, or the clock."""

    fate: str
    by: str
    tests: int
    of: int


class Copy:
    """A worker's own copy of the tree; one mutant at a time stands in it."""

    def __init__(self, root: Path) -> None:
        memory = Path("/dev/shm")
        self._place = Path(tempfile.mkdtemp(prefix="mutate-", dir=memory if memory.is_dir() else None))
        self.tree = self._place / "tree"
        names = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=root, capture_output=True, text=True, check=True,
        ).stdout  # fmt: skip
        for name in filter(None, names.split("\0")):
            if (root / name).is_file():
                (self.tree / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(root / name, self.tree / name)

    def close(self) -> None:
        self._stop()
        shutil.rmtree(self._place, ignore_errors=True)

    def run(self, mutant: Mutant, tests: list[str], seconds: dict[str, float], budget: float) -> Verdict:
        """Plant it, run the tests that fit into the budget, take it out again."""
        if not viable(mutant.text):
            return Verdict("unviable", "syntax", 0, len(tests))
        chosen, normal = [], 0.0
        for test in tests:
            if not chosen or normal + seconds[test] <= budget:
                chosen.append(test)
                normal += seconds[test]
        target = self.tree / mutant.file
        before = target.read_bytes()
        try:
            self._write(target, mutant.text.encode())
            module = mutant.file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
            code, said = self._python(["-c", f"import {module}"], FIRST)
            if code != 0:
                return Verdict("unviable", (said.strip().splitlines() or ["the import hangs"])[-1], 0, len(tests))
            if not chosen:
                return Verdict("survived", "no test runs it", 0, 0)
            code, said = self._python(
                ["-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-p", "no:cov", "--tb=no",
                 f"--basetemp={self._place}/tests", *chosen],
                4 * normal + FIRST,
            )  # fmt: skip
        finally:
            self._write(target, before)
        if code is None:
            return Verdict("killed", "its time was up", len(chosen), len(tests))
        if code == 0:
            return Verdict("survived", "", len(chosen), len(tests))
        if code in {1, 2}:
            noticed = [x for x in said.splitlines() if x.startswith(("FAILED", "ERROR"))]
            return Verdict("killed", noticed[0][:200] if noticed else said.strip()[-200:], len(chosen), len(tests))
        if code < 0:
            return Verdict("killed", f"the tests died of signal {-code}", len(chosen), len(tests))
        raise RuntimeError(f"pytest could not start ({code}): {said[-2000:]}")

    def _write(self, target: Path, content: bytes) -> None:
        target.write_bytes(content)
        # A compiled file is trusted by size and whole second: a mutant of the same length would never be read.
        for compiled in (target.parent / "__pycache__").glob(f"{target.stem}.*"):
            compiled.unlink()

    def _python(self, arguments: list[str], limit: float) -> tuple[int | None, str]:
        """Exit code (None: out of time) and what was said."""
        with tempfile.TemporaryFile("w+", dir=self._place) as said:
            ran = subprocess.Popen(
                [sys.executable, *arguments],
                cwd=self.tree,
                # Before site-packages, where an editable install points at the tree as it was.
                env={**os.environ, "PYTHONPATH": str(self.tree), "FREEZE_MUTANT": str(self._place), "COLUMNS": "200"},
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            try:
                code: int | None = ran.wait(limit)
            except subprocess.TimeoutExpired:
                code = None
            finally:
                self._stop()
                ran.wait()
            said.seek(0)
            return code, said.read()

    def _stop(self) -> None:
        """End what this copy's tests started and left: each carries the copy's own path in its environment."""
        mark = f"FREEZE_MUTANT={self._place}".encode()
        for process in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if mark in (process / "environ").read_bytes().split(b"\0"):
                    os.kill(int(process.name), signal.SIGKILL)

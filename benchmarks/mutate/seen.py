"""Which tests run a line: one run of every test under coverage, kept until the product or a test file changes."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from coverage import CoverageData

from benchmarks.mutate.drawing import PARTS, files


def _digest(paths: Iterable[Path]) -> str:
    whole = hashlib.sha256()
    for path in paths:
        whole.update(path.read_bytes())
    return whole.hexdigest()[:16]


class Seen:
    """The map from lines to tests, with each test's seconds."""

    def __init__(self, root: Path, cache: Path) -> None:
        self.root = root
        product = _digest(p for _, paths in sorted(files(root).items()) for p in paths)
        # What tests share (conftest, the office) is part of the key: with another one every test may run other lines.
        shared = _digest(sorted(p for p in (root / "tests").glob("*.py") if not p.name.startswith("test_")))
        self._folder = cache / f"{product}-{shared}"
        self._index = self._folder / "index.json"
        self._parts: dict[str, CoverageData] = {}

    def make(self) -> None:
        """Run the tests of every test file that the map does not know as it is now."""
        self._folder.mkdir(parents=True, exist_ok=True)
        index = self._read()
        digests = {f"tests/{p.name}": _digest([p]) for p in sorted((self.root / "tests").glob("test_*.py"))}
        index = {k: v for k, v in index.items() if digests.get(k) == v["digest"]}
        todo = [k for k in digests if k not in index]
        if todo:
            part = f"part-{len(list(self._folder.glob('part-*.json')))}"
            print(f"mapping {len(todo)} test files (once, kept in {self._folder})", file=sys.stderr)
            seconds = self._folder / f"{part}.json"
            done = subprocess.run(
                [
                    sys.executable,
                    "-m",
                    "pytest",
                    "-q",
                    "-n",
                    "2",
                    "--dist",
                    "loadfile",
                    "-p",
                    "benchmarks.mutate.seconds",
                ]
                + [f"--cov={p.removesuffix('.py')}" for p in PARTS]
                + ["--cov-context=test", "--cov-report=", *todo],
                cwd=self.root,
                env={
                    **os.environ,
                    "COVERAGE_FILE": str(self._folder / f"{part}.coverage"),
                    "COVERAGE_CORE": "ctrace",
                    "FREEZE_MUTATE_SECONDS": str(seconds),
                },
                stdout=subprocess.PIPE,
                text=True,
            )
            print(done.stdout[-2000:], file=sys.stderr)
            by_file: dict[str, dict[str, float]] = defaultdict(dict)
            for test, took in json.loads(seconds.read_text("utf-8")).items():
                by_file[test.split("::")[0]][test] = took
            for name in todo:
                index[name] = {"digest": digests[name], "part": part, "tests": by_file.get(name, {})}
        self._index.write_text(json.dumps(index), "utf-8")

    @property
    def key(self) -> str:
        """Names this state of product and tests."""
        return f"{self._folder.name}-{_digest(sorted((self.root / 'tests').glob('test_*.py')))}"

    def _read(self) -> dict[str, dict[str, object]]:
        if not self._index.exists():
            return {}
        found: dict[str, dict[str, object]] = json.loads(self._index.read_text("utf-8"))
        return found

    def load(self) -> Seen:
        """Open what `make` kept."""
        self.index = self._read()
        self.seconds: dict[str, float] = {}
        for entry in self.index.values():
            self.seconds.update(entry["tests"])  # type: ignore[call-overload]
            part = str(entry["part"])
            if part not in self._parts:
                data = CoverageData(str(self._folder / f"{part}.coverage"))
                data.read()
                self._parts[part] = data
        return self

    def tests(self, file: str, first: int, last: int) -> list[str]:
        """The tests that run one of these lines, or, for what only runs on import, any line of the file.

        The test file of the module's name comes first, then the files that are quickest done.
        """
        inside, around = set(), set()
        for part, data in self._parts.items():
            for number, contexts in data.contexts_by_lineno(str(self.root / file)).items():
                for context in contexts:
                    test = context.rsplit("|", 1)[0]
                    entry = self.index.get(test.split("::")[0])
                    if test in self.seconds and entry is not None and entry["part"] == part:
                        around.add(test)
                        if first <= number <= last:
                            inside.add(test)
        name = f"test_{Path(file).stem.lstrip('_')}.py"
        named = {t for t in self.seconds if t.split("::")[0].endswith(f"/{name}")}
        chosen = (inside or around) | named
        cost: dict[str, float] = defaultdict(float)
        for test in chosen:
            cost[test.split("::")[0]] += self.seconds[test]
        return sorted(chosen, key=lambda t: (t not in named, cost[t.split("::")[0]], t.split("::")[0], self.seconds[t]))

"""A council to measure on: a sandbox in a process of its own, a folder with settings and store, and real commands."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.request import ProxyHandler, Request, build_opener

FREEZE = str(Path(sys.executable).with_name("freeze"))
EVENING = datetime(2022, 9, 8, 17, 39, 30, tzinfo=UTC)
"""18:39:30 in London on the Thursday."""
STARTING = 30.0
LONGEST = 300.0
"""Seconds a sandbox may take to start, and a command to end."""


@dataclass(frozen=True)
class Done:
    """A command that ended: its exit code, what it printed as JSON, and the seconds it took."""

    code: int
    json: Mapping[str, Any]
    seconds: float


class Council:
    """One folder whose connections reach one sandbox."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url = url
        self.folder = folder

    def freeze(self, *args: str) -> Done:
        """Run a command as a process of its own, on the sandbox's clock. Raises RuntimeError if it printed no JSON."""
        began = time.perf_counter()
        p = self._run([*args, "--json", "--as-of", self.now().isoformat()])
        seconds = time.perf_counter() - began
        try:
            return Done(p.returncode, json.loads(p.stdout.strip().splitlines()[-1]), seconds)
        except (ValueError, IndexError):
            raise RuntimeError(f"freeze {' '.join(args)} ended with {p.returncode}: {p.stderr[-800:]}") from None

    def prepare(self, keep: Sequence[str], options: Mapping[str, str] | None = None) -> None:
        """Settings with only the connections `keep` (`options` are lines added to one), a register, one good sync."""
        self._run(["sandbox", "config", "--url", self.url, "--into", str(self.folder)])
        path = self.folder / "freeze.toml"
        head, *blocks = re.split(r"\n(?=\[connections\.)", path.read_text("utf-8"))
        kept = [b for b in blocks if b.split("]")[0].removeprefix("[connections.") in keep]
        for n, block in enumerate(kept):
            name = block.split("]")[0].removeprefix("[connections.")
            kept[n] = block.rstrip() + "\n" + (options or {}).get(name, "") + "\n"
        path.write_text("\n".join([head, *kept]), encoding="utf-8")
        self._run(["init"])
        self._run(["accounts", "import", "accounts.csv"])
        synced = self.freeze("sync")
        if synced.code:
            raise RuntimeError(f"The first sync ended with {synced.code}: {synced.json}")

    def now(self) -> datetime:
        """The sandbox's clock."""
        return datetime.fromisoformat(self.control("clock")["now"])

    def control(self, what: str, method: str = "GET", body: Mapping[str, Any] | None = None) -> Any:
        """Ask the sandbox's control face."""
        data = json.dumps(body).encode() if body is not None else None
        asked = Request(f"{self.url}/_sandbox/{what}", data=data, method=method)
        with build_opener(ProxyHandler({})).open(asked, timeout=60) as answer:
            return json.load(answer)

    def _run(self, args: Sequence[str]) -> subprocess.CompletedProcess[str]:
        return subprocess.run([FREEZE, *args], cwd=self.folder, capture_output=True, text=True, timeout=LONGEST)


@contextmanager
def council(
    *, seed: str = "large", posts: int = 2_000, accounts: int = 40, platform: str = "facebook"
) -> Iterator[Council]:
    """A council on a fresh sandbox, which ends with the block."""
    with tempfile.TemporaryDirectory(prefix="freeze-bench-") as folder:
        serve = [FREEZE, "sandbox", "serve", "--port", "0", "--seed", seed, "--now", EVENING.isoformat()]
        serve += ["--accounts", str(accounts), "--posts", str(posts), "--platform", platform]
        server = subprocess.Popen(serve, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        try:
            assert server.stdout is not None
            found = re.search(r"http://127\.0\.0\.1:\d+", server.stdout.readline())
            if not found:
                raise RuntimeError("The sandbox did not start.")
            yield Council(found[0], Path(folder))
        finally:
            server.terminate()
            try:
                server.wait(10)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()
            assert server.stdout is not None
            server.stdout.close()

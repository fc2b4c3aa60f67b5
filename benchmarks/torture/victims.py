"""Commands as processes of their own that start at once: each is forked from a server that has loaded the guard."""

from __future__ import annotations

import contextlib
import json
import multiprocessing
import os
import pkgutil
import sys
import time
from pathlib import Path
from typing import Any
from urllib.request import ProxyHandler, build_opener

BROKEN = "The guard itself failed"


def prepare() -> Any:
    """The way to start victims; slow the first time. Each imports the main module, so what that needs is loaded."""
    import adapters
    import freeze.commands

    context = multiprocessing.get_context("forkserver")
    loaded = [m.name for m in pkgutil.walk_packages(freeze.commands.__path__, "freeze.commands.")]
    loaded += [f"adapters.{m.name}" for m in pkgutil.iter_modules(adapters.__path__)]
    more = ["requests", "sqlalchemy.dialects.sqlite", "sqlalchemy.dialects.postgresql.psycopg", "psycopg", "filelock"]
    context.set_forkserver_preload(["cli", "benchmarks.torture.rounds", *loaded, *more])
    return context


def act(folder: str, args: list[str], out: str, url: str) -> None:
    """What a victim does: one command on the sandbox's clock, its words in files."""
    os.chdir(folder)
    os.environ["FREEZE_TRACEBACK"] = ""
    for stream, name in ((1, "out"), (2, "err")):
        os.dup2(os.open(f"{out}.{name}", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), stream)
    sys.stdin = open(os.devnull, encoding="utf-8")  # noqa: SIM115, PTH123 - as long as the process lives
    with build_opener(ProxyHandler({})).open(url + "/_sandbox/clock", timeout=20) as answer:
        sys.argv = ["freeze", *args, "--as-of", json.load(answer)["now"]]
    import cli

    cli.main()


class Victim:
    """One command under way."""

    def __init__(self, context: Any, folder: Path, args: list[str], out: Path, url: str) -> None:
        self.args, self._out = args, out
        self._process = context.Process(target=act, args=(str(folder), args, str(out), url), daemon=True)
        self._process.start()

    @property
    def alive(self) -> bool:
        return bool(self._process.is_alive())

    def kill(self) -> bool:
        """Kill it with signal 9; whether it was still at work."""
        was = self.alive
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        self._process.join(30)
        return was

    def wait(self, seconds: float) -> bool:
        """Let it come to its end; whether it did in this time (it is killed if not)."""
        until = time.monotonic() + seconds
        self._process.join(seconds)
        if self.alive and time.monotonic() >= until:
            self.kill()
            return False
        return True

    @property
    def code(self) -> int | None:
        """Its exit code; below zero where a signal ended it."""
        found: int | None = self._process.exitcode
        return found

    @property
    def said(self) -> str:
        """What it wrote to its standard error."""
        path = Path(f"{self._out}.err")
        return path.read_text("utf-8", errors="replace") if path.exists() else ""

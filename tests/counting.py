"""A folder to run commands about clocks in: without a store until one is made, and without platforms."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from conftest import Result

import cli


class Desk:
    """Commands in this process, in one folder, at a time of the test's choosing."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self._capsys = capsys
        self.at: str | None = None

    def freeze(self, *args: str) -> Result:
        """Run a command; gives its exit code and what it printed."""
        self._capsys.readouterr()
        clock = ["--as-of", self.at] if self.at else []
        code = 0
        with pytest.MonkeyPatch.context() as m:
            m.chdir(self.folder)
            m.setenv("XDG_CONFIG_HOME", str(self.folder / "nobody"))
            m.setattr("sys.argv", ["freeze", *args, *clock])
            try:
                cli.main()
            except SystemExit as e:
                code = int(e.code or 0)
        out, err = self._capsys.readouterr()
        return Result(code, out, err)

    def json(self, *args: str) -> dict[str, Any]:
        """The same, as the data `--json` prints."""
        return self.freeze(*args, "--json").json

    def ready(self, settings: str = "") -> Desk:
        """With settings and a store."""
        (self.folder / "freeze.toml").write_text(f'[council]\nname = "Anyshire"\n{settings}', encoding="utf-8")
        assert self.freeze("init").code == 0
        return self

    def log(self, received: str, *more: str) -> str:
        """Note a request; gives its id."""
        done = self.json("foi", "log", "--received", received, *more)
        assert done["exit"] == 0, done
        return str(done["id"])

"""The settings file that init writes: it loads as it is, keeps every default, and is never written over."""

from __future__ import annotations

import re
import tomllib
from datetime import UTC, datetime
from pathlib import Path

import pytest
from conftest import Result

import adapters
import cli
import policies
from freeze.acts import init
from freeze.acts.app import App
from freeze.council import discover, settings
from freeze.council.options import UNSET
from freeze.report.ready_settings import ready

RULES = discover.keyed(policies, "ID", ("CLAUSES", "Options"))


def run(folder: Path, capsys: pytest.CaptureFixture[str], *args: str) -> Result:
    code = 0
    with pytest.MonkeyPatch.context() as m:
        m.chdir(folder)
        m.setattr("sys.argv", ["freeze", *args])
        try:
            cli.main()
        except SystemExit as e:
            code = int(e.code or 0)
    return Result(code, *capsys.readouterr())


def test_what_init_writes_loads_as_it_is_and_keeps_every_default(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(tmp_path, capsys, "init").code == 0
    loaded = settings.load(tmp_path / "freeze.toml")
    plain = settings.load(None)
    assert loaded.model_dump(exclude={"council", "policies"}) == plain.model_dump(exclude={"council", "policies"})
    assert loaded.council.name == "Your council"
    assert set(loaded.policies) == set(RULES)
    assert not any(loaded.policies.values())
    assert run(tmp_path, capsys, "policies").code == 0
    assert run(tmp_path, capsys, "check").code in (0, 1)


def test_every_section_and_every_setting_of_every_rule_stands_in_it() -> None:
    text = ready(policies)
    for name, module in RULES.items():
        part = text.split(f"[policies.{name}]\n")[1].split("\n[policies.")[0]
        for key in module.Options.model_fields:
            assert re.search(rf"^# {key} =", part, re.MULTILINE), f"{name}.{key}"
    for name in settings.Settings.model_fields:
        assert re.search(rf"^(# )?\[{name}[\].]", text, re.MULTILINE), name
    for key in settings.Council.model_fields:
        assert re.search(rf"^(# )?{key} =", text, re.MULTILINE), key


def test_what_stands_in_it_commented_is_the_default() -> None:
    text = ready(policies)
    for name, module in RULES.items():
        part = text.split(f"[policies.{name}]\n")[1].split("\n\n")[0]
        given = tomllib.loads("\n".join(line.removeprefix("# ") for line in part.splitlines() if _setting(line)))
        assert given, name
        assert settings.options(module.Options, given, name) == module.Options(), name


def _setting(line: str) -> bool:
    """Whether a line is a setting or the rest of one, and no words about it."""
    return UNSET not in line and bool(re.match(r"# ([a-z_]+ = |  [\"{\[0-9]|\])", line))


def test_a_settings_file_that_is_there_is_never_written_over(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mine = '[council]\nname = "Anyshire"\n'
    (tmp_path / "freeze.toml").write_text(mine)
    done = run(tmp_path, capsys, "init")
    assert (done.code, "Wrote freeze.toml" in done.out) == (0, False)
    assert (tmp_path / "freeze.toml").read_text() == mine


def test_it_makes_what_is_not_there_without_a_terminal_and_never_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    def again() -> init.Ready:
        return init.init(App(adapters, policies, lambda: datetime(2022, 9, 8, tzinfo=UTC)), adopt=False, meant=False)

    first = again()
    assert (first.wrote, first.became, first.backup, first.older) == (True, init.Store.MADE, None, "")
    assert first.settings == Path("freeze.toml")
    second = again()
    assert (second.wrote, second.became, second.store) == (False, init.Store.UP_TO_DATE, first.store)

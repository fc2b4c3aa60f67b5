"""Who may import whom, and who may read the clock: read from the code itself, so that it cannot drift."""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

import cli

ROOT = Path(__file__).parent.parent
OURS = ("freeze", "adapters", "policies", "cli")
GROUND = {p.stem for p in (ROOT / "freeze").glob("*.py")}
MAY = {"adapters": GROUND, "policies": GROUND | {"texts", "clocks"}}
"""Which of `freeze` the others may import: modules that stand directly in it, and for rules two packages more."""
DATABASE = {"sqlmodel", "sqlalchemy", "alembic"}
CLOCK = {
    "datetime": {"datetime": {"now", "utcnow", "today"}, "date": {"today"}},
    "time": {"": {"time", "time_ns", "localtime", "gmtime", "ctime"}},
}
READS_THE_CLOCK = {"cli.py", "freeze/sandbox/_core/clock.py"}


def modules(root: Path) -> Iterator[Path]:
    yield from sorted(p for name in OURS[:3] for p in (root / name).rglob("*.py"))
    yield from sorted(root.glob("cli.py"))


def imports(tree: ast.AST, here: str) -> Iterator[str]:
    """Dotted names of everything imported, also inside functions, relatively, or by a literal given to a loader."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (a.name for a in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parts = here.split(".")
                base = ".".join([*parts[: len(parts) - node.level], *([base] if base else [])])
            yield from (f"{base}.{a.name}" for a in node.names)
        elif isinstance(node, ast.Call) and node.args:
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            first = node.args[0]
            if called in ("import_module", "__import__") and isinstance(first, ast.Constant):
                yield str(first.value)


def clock_reads(tree: ast.AST) -> Iterator[int]:
    """Lines on which the wall clock is read."""
    known: dict[str, tuple[str, str]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            known |= {a.asname or a.name: (a.name, "") for a in node.names if a.name in CLOCK}
        elif isinstance(node, ast.ImportFrom) and node.module in CLOCK:
            known |= {a.asname or a.name: (str(node.module), a.name) for a in node.names}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            dotted = ast.unparse(node).split(".")
            module, name = known.get(dotted[0], ("", ""))
            path = [*([name] if name else []), *dotted[1:]]
            owner = ".".join(path[:-1])
            if module and path[-1] in CLOCK[module].get(owner, set()):
                yield node.lineno
        elif isinstance(node, ast.Name):
            module, name = known.get(node.id, ("", ""))
            if module == "time" and name in CLOCK["time"][""]:
                yield node.lineno


def wrongs(root: Path) -> list[str]:
    """Every breach of the house's rules below `root`, as "file: what"."""
    found = []
    for path in modules(root):
        where = path.relative_to(root).as_posix()
        here = where.removesuffix(".py").replace("/", ".").removesuffix(".__init__")
        package = here.split(".")[0]
        tree = ast.parse(path.read_text(encoding="utf-8"))
        named = imports(tree, here if path.name != "__init__.py" else f"{here}.x")
        found += [f"{where}: {breach}" for name in named if (breach := wrong(where, package, name.split(".")))]
        if where not in READS_THE_CLOCK:
            found += [f"{where}: reads the wall clock in line {n}" for n in clock_reads(tree)]
    return found


def wrong(where: str, package: str, parts: list[str]) -> str:
    """What is wrong with importing this name from there; empty when nothing is."""
    top, then = parts[0], parts[1] if len(parts) > 1 else ""
    dotted = ".".join(parts)
    if top in {"requests", "urllib3"} and where not in {"adapters/_web/http.py", "adapters/_web/deadline.py"}:
        return f"only adapters/_web/http.py and adapters/_web/deadline.py import requests and urllib3 ({dotted})"
    if top in DATABASE and not where.startswith("freeze/store/"):
        return f"only freeze/store imports {top}"
    if top not in OURS or package == "cli":
        return ""
    if package == "freeze":
        return "" if top == "freeze" else f"freeze never imports {dotted}"
    if top == package:
        return "" if then.startswith("_") else f"only tools that start with _ are shared, not {dotted}"
    if top == "freeze" and then in MAY[package]:
        return ""
    return f"{package} may not import {dotted}"


def test_the_house_keeps_its_own_rules() -> None:
    assert wrongs(ROOT) == []
    assert len(list(modules(ROOT))) > 60, "the rules were read on next to nothing"


PLANTED = [
    ("freeze/engine.py", "import adapters.facebook\n"),
    ("freeze/engine.py", "from adapters import facebook\n"),
    ("freeze/engine.py", "def f():\n    from policies.royal_death import Options\n"),
    ("freeze/engine.py", "import cli\n"),
    ("freeze/engine.py", "import importlib\nx = importlib.import_module('adapters.facebook')\n"),
    ("freeze/deep/er.py", "from ...adapters import facebook\n"),
    ("freeze/engine.py", "import sqlmodel\n"),
    ("freeze/commands/x.py", "from sqlalchemy import select\n"),
    ("freeze/store_x.py", "import alembic.config\n"),
    ("freeze/engine.py", "import requests\n"),
    ("adapters/new.py", "import requests\n"),
    ("adapters/new.py", "from urllib3 import PoolManager\n"),
    ("adapters/new.py", "from requests.adapters import HTTPAdapter\n"),
    ("adapters/new.py", "from adapters import facebook\n"),
    ("adapters/new.py", "from adapters.facebook import Options\n"),
    ("adapters/new.py", "from . import facebook\n"),
    ("adapters/new.py", "from policies import royal_death\n"),
    ("adapters/new.py", "from freeze.store.holds import claim\n"),
    ("adapters/new.py", "from freeze import run\n"),
    ("adapters/new.py", "from freeze.clocks import mourning\n"),
    ("policies/new.py", "from policies.royal_death import ID\n"),
    ("policies/new.py", "from adapters._web.http import Client\n"),
    ("policies/new.py", "from freeze.judging.evaluate import Verdicts\n"),
    ("freeze/engine.py", "from datetime import datetime\nnow = datetime.now()\n"),
    ("freeze/engine.py", "import datetime as d\nnow = d.datetime.utcnow()\n"),
    ("freeze/engine.py", "from datetime import date as day\nnow = day.today\n"),
    ("freeze/engine.py", "import time\nnow = time.time()\n"),
    ("adapters/new.py", "from time import time as t\nnow = t()\n"),
    ("policies/new.py", "from datetime import datetime\n\ndef f(now=datetime.today): ...\n"),
]


@pytest.mark.parametrize(
    ("file", "code"), PLANTED, ids=[f"{f}: {c.strip().splitlines()[-1].strip()}" for f, c in PLANTED]
)
def test_a_planted_breach_is_caught(tmp_path: Path, file: str, code: str) -> None:
    (tmp_path / file).parent.mkdir(parents=True)
    (tmp_path / file).write_text(code)
    assert len(wrongs(tmp_path)) == 1


ALLOWED = [
    ("freeze/engine.py", "from freeze.store import holds\nfrom time import monotonic\nimport datetime\n"),
    ("freeze/engine.py", "class A:\n    def now(self): ...\n\nA().now()\n"),
    ("freeze/store/x.py", "import sqlalchemy\n"),
    (
        "adapters/new.py",
        "from adapters._web import http\nfrom adapters._web.http import Client\nfrom freeze.ports import Limits\n",
    ),
    ("policies/new.py", "from freeze.clocks import mourning\nfrom freeze.windows import say\n"),
    ("cli.py", "import adapters\nimport policies\nfrom datetime import datetime\nnow = datetime.now\n"),
]


@pytest.mark.parametrize(("file", "code"), ALLOWED)
def test_what_is_allowed_is_not_called_a_breach(tmp_path: Path, file: str, code: str) -> None:
    (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / file).write_text(code)
    assert wrongs(tmp_path) == []


def commands(name: str) -> dict[str, click.Command]:
    """A command, or the commands of its group, by the words people type."""
    module = importlib.import_module(f"freeze.commands.{cli.COMMANDS[name][0]}")
    found: click.Command = getattr(module, f"{name.replace('-', '_')}_command")
    return (
        {f"{name} {sub}": c for sub, c in found.commands.items()} if isinstance(found, click.Group) else {name: found}
    )


@pytest.mark.parametrize("name", list(cli.COMMANDS))
def test_every_command_is_in_the_readme_and_its_help_has_an_example(name: str) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for words, command in commands(name).items():
        assert re.search(rf"`freeze {words}\b", readme), f"README does not name: freeze {words}"
        assert command.help
        assert (command.epilog or "").startswith("Example: freeze "), f"freeze {words} --help has no example"


def test_the_readme_names_no_command_that_does_not_exist() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`freeze ([a-z-]+)", readme))
    assert named <= set(cli.COMMANDS), named - set(cli.COMMANDS)

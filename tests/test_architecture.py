"""Who may import whom, and who may read the clock: read from the code itself, so that it cannot drift."""

from __future__ import annotations

import ast
import graphlib
import importlib
import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

import cli
import freeze

ROOT = Path(__file__).parent.parent
OURS = ("freeze", "adapters", "policies", "cli")
GROUND = {p.stem for p in (ROOT / "freeze").glob("*.py")}
MAY = {"adapters": GROUND, "policies": GROUND | {"texts", "clocks"}}
"""Which of `freeze` the others may import: modules that stand directly in it, and for rules two packages more."""
STOREYS = {name: n for n, (name, _) in enumerate(freeze.HOUSE)}
SHARED = {"_web", "_tools", "_meta"}
"""Folders of tools that every adapter may use; any other belongs to the platform it is named after."""
BELOW = {"store", "platforms", "desk", "connected"}
HTTP = {"adapters/_web/http.py", "adapters/_web/deadline.py"}
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
    for path, where, here, tree in rooms(root):
        named = list(imports(tree, here if path.name != "__init__.py" else f"{here}.x"))
        found += [f"{where}: {breach}" for name in named if (breach := wrong(where, here.split("."), name.split(".")))]
        if where not in READS_THE_CLOCK:
            found += [f"{where}: reads the wall clock in line {n}" for n in clock_reads(tree)]
    return found


def rooms(root: Path) -> Iterator[tuple[Path, str, str, ast.Module]]:
    """Every module: its file, the same as text below `root`, its dotted name, and what it says."""
    for path in modules(root):
        where = path.relative_to(root).as_posix()
        here = where.removesuffix(".py").replace("/", ".").removesuffix(".__init__")
        yield path, where, here, ast.parse(path.read_text(encoding="utf-8"))


def wrong(where: str, here: list[str], parts: list[str]) -> str:
    """What is wrong with importing this name from there; empty when nothing is."""
    package, top, then = here[0], parts[0], parts[1] if len(parts) > 1 else ""
    dotted = ".".join(parts)
    if top in {"requests", "urllib3"} and where not in HTTP:
        return f"only {' and '.join(sorted(HTTP))} import requests and urllib3 ({dotted})"
    if top in DATABASE and not where.startswith("freeze/store/"):
        return f"only freeze/store imports {top}"
    if top not in OURS or package == "cli":
        return ""
    if package == "freeze":
        if top != "freeze":
            return f"freeze never imports {dotted}"
        return f"{dotted} stands on a higher storey" if storey(parts) > storey(here) else ""
    if top == package:
        if not then.startswith("_"):
            return f"only tools that start with _ are shared, not {dotted}"
        return "" if part_of(then, here) else f"{dotted} is a part of another platform's"
    if top == "freeze" and then in MAY[package]:
        return ""
    return f"{package} may not import {dotted}"


def storey(parts: list[str]) -> int:
    """How high a dotted name in `freeze` stands; the ground floor is 0."""
    return STOREYS.get(parts[1] if len(parts) > 1 else "", 0)


def part_of(tools: str, here: list[str]) -> bool:
    """Whether a folder of tools may be used here: shared by all, or this platform's own."""
    return here[0] != "adapters" or tools in SHARED or here[1] in (tools, tools[1:])


def circles(root: Path) -> list[list[str]]:
    """Modules that import one another in a circle, also for types only."""
    there = {here: (tree, path) for path, _, here, tree in rooms(root)}
    needs: dict[str, set[str]] = {}
    for here, (tree, path) in there.items():
        named = imports(tree, here if path.name != "__init__.py" else f"{here}.x")
        known = {name if name in there else name.rpartition(".")[0] for name in named}
        needs[here] = (known & there.keys()) - {here} - set(OURS)
    try:
        graphlib.TopologicalSorter(needs).prepare()
    except graphlib.CycleError as e:
        return [e.args[1]]
    return []


def test_the_house_keeps_its_own_rules() -> None:
    assert wrongs(ROOT) == []
    assert circles(ROOT) == []
    assert len(list(modules(ROOT))) > 60, "the rules were read on next to nothing"


PLANTED = [
    ("freeze/engine.py", "import adapters.facebook\n"),
    ("freeze/engine.py", "from adapters import facebook\n"),
    ("freeze/engine.py", "def f():\n    from policies.royal_death import Options\n"),
    ("freeze/engine.py", "import cli\n"),
    ("freeze/engine.py", "import importlib\nx = importlib.import_module('adapters.facebook')\n"),
    ("freeze/deep/er.py", "from ...adapters import facebook\n"),
    ("freeze/engine.py", "from freeze.store import holds\n"),
    ("freeze/run/x.py", "from freeze.acts.app import App\n"),
    ("freeze/report/x.py", "def f():\n    from freeze.store import posts\n"),
    ("freeze/acts/x.py", "from freeze.commands.common import command\n"),
    ("freeze/engine.py", "import sqlmodel\n"),
    ("freeze/commands/x.py", "from sqlalchemy import select\n"),
    ("freeze/store_x.py", "import alembic.config\n"),
    ("freeze/engine.py", "import requests\n"),
    ("adapters/new.py", "import requests\n"),
    ("adapters/new.py", "from urllib3 import PoolManager\n"),
    ("adapters/new.py", "from requests.adapters import HTTPAdapter\n"),
    ("adapters/new.py", "from adapters._orlo import dates\n"),
    ("adapters/_orlo/x.py", "from adapters._x.words import said\n"),
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


def test_commands_reach_store_run_and_platforms_only_through_acts() -> None:
    found = {w: used for _, w, here, tree in rooms(ROOT) if (used := below(w, here, tree))}
    assert found == {}


@pytest.mark.parametrize("command", sorted((ROOT / "freeze/commands").rglob("*.py")), ids=lambda p: p.stem)
def test_a_command_is_short_enough_to_be_read_at_once(command: Path) -> None:
    assert len(command.read_text(encoding="utf-8").splitlines()) < 120


def speaks(tree: ast.Module) -> list[str]:
    """What an act uses that only a terminal has."""
    named = [n for n in imports(tree, "freeze.acts.x") if n.partition(".")[0] in ("click", "rich")]
    called = [ast.unparse(n.func) for n in ast.walk(tree) if isinstance(n, ast.Call)]
    return named + [c for c in called if c in {"print", "input", "sys.exit", "exit"}]


def test_no_act_has_a_terminal() -> None:
    assert {w: s for _, w, _, t in rooms(ROOT) if w.startswith("freeze/acts/") and (s := speaks(t))} == {}
    for planted in ("import click\n", "print('x')\n", "import sys\nsys.exit(3)\n", "from rich.table import Table\n"):
        assert speaks(ast.parse(planted))


def below(where: str, here: str, tree: ast.Module) -> list[str]:
    """What a command uses that only acts may: the store, a run, a platform."""
    if not where.startswith("freeze/commands/"):
        return []
    named = [n for n in imports(tree, here) if n.startswith(("freeze.store", "freeze.run.", "freeze.run"))]
    used = [
        ast.unparse(n)
        for n in ast.walk(tree)
        if isinstance(n, ast.Attribute) and n.attr in BELOW and ast.unparse(n.value) in {"app", "self.app", "here.app"}
    ]
    return named + used


@pytest.mark.parametrize(
    "code",
    [
        "from freeze.store import holds\n",
        "def f():\n    from freeze.run.sweep import sweep\n",
        "def f(app):\n    return app.store.read()\n",
        "def f(app):\n    return app.platforms\n",
        "def f(app):\n    return app.desk()\n",
    ],
)
def test_a_command_that_reaches_below_the_acts_is_caught(code: str) -> None:
    assert below("freeze/commands/x.py", "freeze.commands.x", ast.parse(code))
    assert not below("freeze/acts/x.py", "freeze.acts.x", ast.parse(code))
    assert not below("freeze/commands/x.py", "freeze.commands.x", ast.parse("from freeze.acts import x\nx.f(app)\n"))


def test_a_circle_is_caught_also_one_for_types_only(tmp_path: Path) -> None:
    (tmp_path / "freeze").mkdir()
    (tmp_path / "freeze/a.py").write_text("from freeze.b import B\n")
    (tmp_path / "freeze/b.py").write_text("def f():\n    from freeze import c\n")
    (tmp_path / "freeze/c.py").write_text("if TYPE_CHECKING:\n    from freeze.a import A\n")
    assert sorted(set(circles(tmp_path)[0])) == ["freeze.a", "freeze.b", "freeze.c"]
    (tmp_path / "freeze/c.py").write_text("from freeze.d import A\n")
    assert circles(tmp_path) == []


def test_every_package_has_its_storey() -> None:
    there = {p.parent.name for p in (ROOT / "freeze").glob("*/__init__.py")}
    assert there <= set(STOREYS), there - set(STOREYS)


ALLOWED = [
    ("adapters/orlo.py", "from adapters._orlo import dates\n"),
    ("adapters/_orlo/x.py", "from adapters._orlo.dates import x\nfrom adapters._web.http import Client\n"),
    ("freeze/acts/x.py", "from freeze.store import holds\nfrom freeze import ports\nfrom freeze.acts.app import App\n"),
    ("freeze/run/engine.py", "from freeze.store import holds\nfrom time import monotonic\nimport datetime\n"),
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
def test_every_command_is_in_the_documentation_and_its_help_has_an_example(name: str) -> None:
    page = (ROOT / "docs/commands.md").read_text(encoding="utf-8")
    for words, command in commands(name).items():
        assert re.search(rf"`freeze {words}\b", page), f"docs/commands.md does not name: freeze {words}"
        assert command.help
        assert (command.epilog or "").startswith("Example: freeze "), f"freeze {words} --help has no example"


PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_no_page_names_a_command_or_a_page_that_there_is_not(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    named = set(re.findall(r"`freeze ([a-z][a-z-]*)", text))
    assert named <= set(cli.COMMANDS), named - set(cli.COMMANDS)
    led = [to for to in re.findall(r"\]\(([^)#]+)\)", text) if "://" not in to]
    assert [to for to in led if not (page.parent / to).exists()] == []


def test_every_page_is_in_the_index() -> None:
    index = (ROOT / "docs/README.md").read_text(encoding="utf-8")
    assert {p.name for p in PAGES[1:]} - {"README.md"} == set(re.findall(r"\]\(([a-z-]+\.md)\)", index))


def test_the_page_about_the_house_draws_it_as_it_is() -> None:
    page = (ROOT / "docs/how-it-is-built.md").read_text(encoding="utf-8")
    rows = "\n".join(f"| `freeze/{name}{'/' if name else ''}` | {what} |" for name, what in freeze.HOUSE)
    assert rows in page


def test_the_readme_is_read_in_three_minutes() -> None:
    words = (ROOT / "README.md").read_text(encoding="utf-8").split()
    assert len(words) <= 750, "at 250 words a minute"

"""Which mutants are tried: every fault that mutmut's operators can make in a file, and a draw over the packages."""

from __future__ import annotations

import ast
import difflib
import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import libcst as cst
from mutmut.mutation.mutators import mutation_operators

LEAST = 3
"""Mutants of the smallest package."""

HELP = {"help", "short_help", "epilog"}

PARTS = ("freeze", "adapters", "policies", "cli.py")


@dataclass(frozen=True)
class Mutant:
    """One fault: where it is, and the whole file with it."""

    package: str
    file: str
    line: int
    statement: tuple[int, int]
    operator: str
    text: str

    def diff(self, root: Path) -> str:
        """The changed lines only."""
        before = (root / self.file).read_text("utf-8").splitlines()
        lines = list(difflib.unified_diff(before, self.text.splitlines(), lineterm="", n=0))[2:]
        return "\n".join(x for x in lines if not x.startswith("@@"))


def files(root: Path) -> dict[str, list[Path]]:
    """The modules by package, named by folder: `freeze/run`, `adapters`, `cli.py`."""
    found = defaultdict(list)
    for part in PARTS:
        for path in sorted((root / part).rglob("*.py") if (root / part).is_dir() else [root / part]):
            below = path.relative_to(root).parts
            if "migrations" not in below:
                found["/".join(below[:2]) if below[0] == "freeze" and len(below) > 2 else below[0]].append(path)
    return dict(found)


class Source:
    """One module, and every node of it that an operator might change."""

    def __init__(self, package: str, file: str, code: str) -> None:
        self._package, self._file, self._code = package, file, code
        self._module = cst.parse_module(code)
        self._sites = [(n, f) for n in _walk(self._module) for kind, f in mutation_operators if isinstance(n, kind)]
        self._taken: set[str] = set()

    def draw(self, chance: random.Random) -> Mutant | None:
        """A fault that was not drawn before, each place as likely as another; None when there is no more."""
        while self._sites:
            at = chance.randrange(len(self._sites))
            node, operator = self._sites[at]
            ways = list(operator(node))
            if ways:
                replaced = self._module.deep_replace(node, chance.choice(ways))
                if isinstance(replaced, cst.Module) and replaced.code not in self._taken | {self._code}:
                    self._taken.add(replaced.code)
                    return self._mutant(operator.__name__.removeprefix("operator_"), replaced.code)
            # What makes no fault, or the same one again, is not asked again.
            self._sites[at] = self._sites[-1]
            self._sites.pop()
        return None

    def _mutant(self, operator: str, code: str) -> Mutant:
        pairs = zip(self._code.splitlines(), code.splitlines(), strict=False)
        line = next((n for n, (old, new) in enumerate(pairs, 1) if old != new), 1)
        return Mutant(self._package, self._file, line, _statement(self._code, line), operator, code)


def draw(root: Path, count: int, seed: int, packages: list[str]) -> list[Mutant]:
    """So many mutants, each package in proportion to its lines; the same seed and tree draw the same ones."""
    chance = random.Random(seed)
    by_package = {k: v for k, v in files(root).items() if not packages or k in packages}
    codes = {p: p.read_text("utf-8") for paths in by_package.values() for p in paths}
    lines = {p: len(code.splitlines()) for p, code in codes.items()}
    whole = sum(lines.values())
    drawn: list[Mutant] = []
    for package, paths in sorted(by_package.items()):
        wanted = max(LEAST, round(count * sum(lines[p] for p in paths) / whole))
        left = [p for p in paths if lines[p]]
        sources: dict[Path, Source] = {}
        while wanted and left:
            path = chance.choices(left, [lines[p] for p in left])[0]
            if path not in sources:
                sources[path] = Source(package, str(path.relative_to(root)), codes[path])
            mutant = sources[path].draw(chance)
            if mutant is None:
                left.remove(path)
            else:
                drawn.append(mutant)
                wanted -= 1
    return drawn


def viable(text: str) -> bool:
    """Whether it is Python at all."""
    try:
        ast.parse(text)
    except SyntaxError:
        return False
    return True


def _walk(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """The nodes that do something: no annotations, imports, docstrings, help texts or branches for the type checker."""
    if isinstance(node, cst.Annotation | cst.Import | cst.ImportFrom):
        return
    if (
        isinstance(node, cst.Arg)
        and node.keyword is not None
        and node.keyword.value in {"help", "short_help", "epilog"}
    ):
        return
    if isinstance(node, cst.If) and isinstance(node.test, cst.Name) and node.test.value == "TYPE_CHECKING":
        return
    if isinstance(node, cst.Expr) and isinstance(node.value, cst.SimpleString | cst.ConcatenatedString):
        return
    if isinstance(node, cst.ConcatenatedString) or (isinstance(node, cst.SimpleString) and _words(node)):
        return
    yield node
    for child in node.children:
        yield from _walk(child)


def _words(node: cst.SimpleString) -> bool:
    """Words for people, or nothing, rather than a key, a code or a value."""
    return " " in node.value or not node.raw_value


def _statement(code: str, line: int) -> tuple[int, int]:
    """The first and last line of the innermost statement at a line; of one with a body, only its head."""
    best = (line, line)
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.stmt):
            body = getattr(node, "body", None)
            last = body[0].lineno - 1 if body else node.end_lineno or node.lineno
            if node.lineno <= line <= last and (best == (line, line) or last - node.lineno <= best[1] - best[0]):
                best = (node.lineno, last)
    return best

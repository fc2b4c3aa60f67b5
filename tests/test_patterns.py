"""No text makes a rule, a reader or an adapter slow: every pattern is linear, and every loop over a text too.

`tests/patterns.py` says what is looked for in a pattern; what loops cost is counted in steps, not in time. How long
everything takes on hostile texts is measured by `python -m benchmarks.hostile`.
"""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from patterns import costly

import adapters
import freeze
import policies
from benchmarks.hostile import OPENS, SHAPES, everything
from freeze.posts import unescaped, without_markup

ROOT = Path(__file__).parent.parent
WHOLE = {"fullmatch", "match"}
"""How a pattern is used that is held against a text from its beginning only."""
CALLS = {"compile", "search", "match", "fullmatch", "sub", "subn", "split", "findall", "finditer"}


def modules() -> Iterator[Any]:
    for package in (freeze, adapters, policies):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if ".sandbox" not in found.name and ".migrations" not in found.name:
                yield importlib.import_module(found.name)


def kept(value: Any) -> Iterator[re.Pattern[str]]:
    if isinstance(value, re.Pattern) and isinstance(value.pattern, str):
        yield value
    elif isinstance(value, dict):
        for inner in (*value.keys(), *value.values()):
            yield from kept(inner)
    elif isinstance(value, list | tuple | set | frozenset):
        for inner in value:
            yield from kept(inner)


def uses(trees: Iterable[ast.AST]) -> dict[str, set[str]]:
    """How each name is used anywhere: what is called of it; "?" where it is handed on."""
    out: dict[str, set[str]] = {}
    for tree in trees:
        owners = set()
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name | ast.Attribute):
                named = node.value.id if isinstance(node.value, ast.Name) else node.value.attr
                out.setdefault(named, set()).add(node.attr)
                owners.add(node.value)
        for node in ast.walk(tree):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node not in owners:
                out.setdefault(node.id, set()).add("?")
    return out


def every_pattern() -> dict[str, tuple[str, int, bool]]:
    """Every pattern of the product: the pattern, its flags, and whether it is only held against whole texts."""
    files = [p for d in ("freeze", "adapters", "policies") for p in sorted(ROOT.glob(f"{d}/**/*.py"))]
    trees = {p: ast.parse(p.read_text(encoding="utf-8")) for p in files if "sandbox" not in p.parts}
    used = uses(trees.values())
    found: dict[str, tuple[str, int, bool]] = {}
    for module in modules():
        for name, value in vars(module).items():
            whole = isinstance(value, re.Pattern) and used.get(name, {"?"}) - {"pattern"} <= WHOLE
            found |= {f"{p.pattern}{p.flags}": (p.pattern, p.flags, whole) for p in kept(value)}
    for path, tree in trees.items():
        for node in ast.walk(tree):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CALLS):
                continue
            if ast.unparse(node.func.value) == "re" and node.args and isinstance(node.args[0], ast.Constant):
                text = node.args[0].value
                if isinstance(text, str) and node.func.attr != "compile":
                    found[f"{path.name}: {text}"] = (text, 0, node.func.attr in WHOLE)
    return found


EVERY = every_pattern()


def test_every_pattern_of_the_product_is_linear() -> None:
    wrong = {p: why for p, flags, whole in EVERY.values() if (why := costly(p, flags, whole=whole))}
    assert wrong == {}
    assert len(EVERY) > 120, "hardly a pattern was found"


@pytest.mark.parametrize(
    ("pattern", "flags"),
    [
        (r"<!--.*?-->|</?[a-z][^<>]{0,300}>", re.DOTALL | re.IGNORECASE),
        (r"<[^>]*>", 0),
        (r"\s+$", 0),
        (r"\w+@", 0),
        (r"(?:a+)+b", 0),
        (r"(?:a|ab?)*c", 0),
        (r"(?:\d+,?)*x", 0),
        (r"\d*\d*x", 0),
        (r"\bcouncillors\s+[A-Z][\w ]+(?:,\s*[A-Z][\w ]+)*\s+and\s", 0),
        (r"[\s\S]*end", 0),
        (r"#(\w*[^\W\d]\w*)", 0),
    ],
)
def test_a_pattern_that_takes_the_square_of_a_text_is_found(pattern: str, flags: int) -> None:
    assert costly(pattern, flags)


@pytest.mark.parametrize(
    "pattern", [r"<[^<>]*>", r"\w+", r"https?://\S+", r"(?<!\w)#\d*[^\W\d]\w*", r"a{1,40}b", r"[.!?]"]
)
def test_a_linear_pattern_is_not_called_costly(pattern: str) -> None:
    assert costly(pattern) == []


def steps(work: Callable[[str], object], text: str) -> int:
    """How many lines of the product's own code run."""
    count = 0

    def line(_frame: FrameType, event: str, _arg: object) -> Any:
        nonlocal count
        count += event == "line"
        return line

    def call(frame: FrameType, _event: str, _arg: object) -> Any:
        return line if frame.f_code.co_filename.startswith(str(ROOT)) else None

    before = sys.gettrace()
    sys.settrace(call)
    try:
        work(text)
    finally:
        sys.settrace(before)
    return count


WORK = everything()
STEEP = [
    "comments that are never closed", "pointed brackets", "ampersands", "digits with spaces", "telephone numbers",
    "commas and spaces", "days and hours", "dates", "days of the week", "times", "half a postcode", "brackets",
    "one long word", "names in a row", "at signs",
]  # fmt: skip


@pytest.mark.parametrize("what", list(WORK))
def test_twice_the_text_takes_at_most_twice_the_steps(what: str) -> None:
    work = WORK[what]
    work("Open Mon-Fri 9-5. Call 01632 960 123 on 1 May, a@b.example, 1 A Road AN1 2AB")
    assert set(STEEP) <= set(SHAPES)
    for shape in STEEP:
        half, whole = (steps(work, OPENS + SHAPES[shape] * (n // len(SHAPES[shape]))) for n in (1_500, 3_000))
        assert whole <= 2.3 * half + 50, shape


def test_a_loop_that_takes_the_square_of_a_text_is_found() -> None:
    def square(text: str) -> int:
        return sum(1 for a in text for b in text if a == b)

    assert steps(square, "a" * 200) > 2.3 * steps(square, "a" * 100)


@pytest.mark.parametrize(
    ("page", "read"),
    [
        ("<p>Bins</p><!-- not <b>yet</b> --> on", "|Bins|| on"),
        ("a <!-- b", "a <!-- b"),
        ("a <!-- b --> c <!-- d", "a | c <!-- d"),
        ("<!--><b>--> x", "| x"),
        ("3 < 4 > 2", "3 < 4 > 2"),
        ("<a href='x'>y</A>", "|y|"),
    ],
)
def test_markup_is_taken_out_as_before_and_a_comment_without_an_end_is_none(page: str, read: str) -> None:
    assert without_markup(page, "|") == read


def test_a_letter_by_an_endless_number_brings_nothing_down() -> None:
    assert unescaped("&amp;&#" + "1" * 5_000 + ";&#163;") == "&\ufffd£"

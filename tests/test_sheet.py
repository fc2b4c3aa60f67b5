"""Every CSV file is written in one place, where no text becomes a formula and every number stays one."""

from __future__ import annotations

import ast
import csv
import io
from pathlib import Path

import pytest
from hypothesis import given, strategies
from test_architecture import rooms
from written import tables

from freeze.files.sheet import guarded, table, unguarded

ROOT = Path(__file__).parent.parent
WRITES = {"freeze/files/sheet.py"}
AS_A_PLATFORM = {"freeze/sandbox/_core/exports.py"}
"""Orlo's export as Orlo writes it: without a guard, so that reading it is tested."""
STARTS = ["=1+1", "+44 1555", "-2", "@SUM(A1)", "\t=1", "  =1", "\r=1", "\tx", "\nx", "'=1", "''@x"]
FULL_WIDTH = ["\uff1d1", " \uff0d2", "\uff0b3", "\uff20x"]


def writers(tree: ast.AST) -> set[str]:
    """Whatever a module uses of the csv module to write."""
    names = {n.attr for n in ast.walk(tree) if isinstance(n, ast.Attribute)}
    names |= {a.name for n in ast.walk(tree) if isinstance(n, ast.ImportFrom) and n.module == "csv" for a in n.names}
    return names & {"writer", "DictWriter", "to_csv"}


def test_it_alone_writes_csv() -> None:
    found = {where for _, where, _, tree in rooms(ROOT) if writers(tree)}
    assert found == WRITES | AS_A_PLATFORM
    for wrong in ("import csv as c\nc.writer(x)", "from csv import DictWriter"):
        assert writers(ast.parse(wrong)), wrong


@pytest.mark.parametrize("start", [*STARTS, *FULL_WIDTH])
def test_it_leaves_no_text_that_a_spreadsheet_computes(start: str) -> None:
    assert guarded(start) == f"'{start}"
    assert unguarded(guarded(start)) == start


@pytest.mark.parametrize("text", ["", "plain -2 @x =1", "O'Hara", "'quoted'", "5", "0.5", "c318eebb", "(−2)", "№ 7"])
def test_it_leaves_other_texts_alone(text: str) -> None:
    assert guarded(text) == unguarded(text) == text


def test_it_keeps_numbers_as_numbers() -> None:
    assert table([["n", "said"], [-5, "-5"], [-0.5, None], [True, ""]]) == "n,said\r\n-5,'-5\r\n-0.5,\r\nTrue,\r\n"


@given(strategies.lists(strategies.lists(strategies.text(), min_size=1), min_size=1))
def test_it_gives_back_every_text_as_it_was(rows: list[list[str]]) -> None:
    rows = [[cell or "-" for cell in row] for row in rows]
    read = list(csv.reader(io.StringIO(table(rows), newline="")))
    assert [[unguarded(cell) for cell in row] for row in read] == rows


@pytest.mark.parametrize("name", sorted(tables("words")))
def test_it_guards_every_cell_of_every_file(name: str) -> None:
    for row in csv.reader(io.StringIO(tables("=HYPERLINK(1)")[name], newline="")):
        assert not [cell for cell in row if cell.startswith("=")]
    assert "'=HYPERLINK(1)" in tables("=HYPERLINK(1)")[name]

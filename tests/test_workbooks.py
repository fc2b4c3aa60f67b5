"""A file that is dropped in is read as a library reads it, or refused in one sentence; it never fills the machine."""

from __future__ import annotations

import io
import random
import warnings
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont

from adapters._orlo import files
from adapters._orlo import workbook as _orlo_workbook
from adapters._orlo.export import Columns, Layout, newest, usable
from adapters._orlo.workbook import TooMuch, rows
from benchmarks.workbooks import CELL, HEADED, inside, table, workbook
from freeze.acts import refresh
from freeze.errors import Unreachable, UsageError
from freeze.files import drafts, lines, register
from freeze.windows import LONDON


def values(chance: random.Random) -> Any:
    """Something that stands in a cell."""
    return chance.choice(
        [
            None,
            "Bin day",
            "two\nlines & <b>more</b>",
            "  spaces ",
            "\U0001f56f مرحبا",
            "=1+1",
            "=HYPERLINK(A1)",
            chance.randrange(10**9),
            chance.random() * 1e6,
            1e300,
            chance.random() < 0.5,
            datetime(2026, chance.randrange(1, 13), 1, chance.randrange(24), 30),  # noqa: DTZ001 (cells have no zone)
            datetime(1900, 1, 1),  # noqa: DTZ001
            time(10, chance.randrange(60)),
            timedelta(hours=30),
            "#REF!",
            CellRichText("Bin ", TextBlock(InlineFont(b=True), "day")),
        ]
    )


@pytest.mark.parametrize("seed", range(30))
def test_a_workbook_says_what_the_library_reads_in_it(seed: int) -> None:
    chance = random.Random(seed)
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    book.epoch = datetime(1904, 1, 1) if seed % 5 == 0 else book.epoch  # noqa: DTZ001
    for _ in range(20):
        sheet.append([values(chance) for _ in range(chance.randrange(1, 12))])
    saved = io.BytesIO()
    book.save(saved)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        read = load_workbook(io.BytesIO(saved.getvalue()), read_only=True).worksheets[0]
        read.reset_dimensions()
        theirs = list(enumerate(read.iter_rows(values_only=True), 1))
    full = [(n, list(r)) for n, r in theirs if any(c is not None for c in r)]
    ours = [(n, [*r, *[None] * (len(t) - len(r))]) for (n, r), (_, t) in zip(rows(saved.getvalue()), full, strict=True)]
    assert ours == full


def test_the_first_sheet_that_is_not_hidden_is_read() -> None:
    book = Workbook()
    hidden = book.active
    assert hidden is not None
    hidden.append(["old"])
    hidden.sheet_state = "hidden"
    book.create_sheet("Posts").append(["new"])
    saved = io.BytesIO()
    book.save(saved)
    assert list(rows(saved.getvalue())) == [(1, ["new"])]


def test_letters_that_xml_cannot_hold_are_read(tmp_path: Path) -> None:
    said = "a_x000D_\nb_x000d_ _x005F_x000D_ _xD83D_"
    workbook(tmp_path / "e.xlsx", inside("", f'<row><c t="inlineStr"><is><t>{said}</t></is></c></row>'))
    assert list(rows((tmp_path / "e.xlsx").read_bytes())) == [(1, ["a\r\nb\r _x000D_ \ud83d"])]


SMALL = {"ROWS": 100, "CELLS": 600, "MARKS": 6_000, "WORDS": 20_000, "UNPACKED": 3_000_000, "PARTS": 50}
DOCTYPE = '<!DOCTYPE x><worksheet xmlns="x"/>'
FAR = CELL.replace("<c ", '<c r="XFD1" ')
LONG = CELL.replace(">a<", f">{'a' * 30_000}<")


def shared(first: str, again: str, times: int, closes: str = "") -> Iterator[str]:
    return inside(first, again, times=times, opens="", closes=closes)


BOOKS: dict[str, tuple[str, Callable[[Path], None]]] = {
    "rows": ("rows", lambda p: workbook(p, inside(HEADED, f"<row>{CELL}</row>", times=200))),
    "cells": ("cells", lambda p: workbook(p, inside("", f"<row>{CELL * 10}</row>", times=80))),
    "columns": ("columns", lambda p: workbook(p, inside(f"<row>{CELL * 501}</row>"))),
    "a far column": ("columns", lambda p: workbook(p, inside(f"<row>{FAR}</row>"))),
    "empty cells": ("tags", lambda p: workbook(p, inside("<row>", "<c/>", times=9_000, closes="</row></sheetData>"))),
    "empty rows": ("tags", lambda p: workbook(p, inside("", "<row/>", times=9_000))),
    "words": ("characters", lambda p: workbook(p, inside(f"<row>{LONG}</row>"))),
    "shared words": ("characters", lambda p: workbook(p, (), shared("<si><t>", "a" * 1000, 30, "</t></si>"))),
    "shared cells": ("cells", lambda p: workbook(p, (), shared("", "<si><t/></si>", 1_000))),
    "depth": ("in each other", lambda p: workbook(p, inside("", "<x>", times=500, closes=""))),
    "a tag": ("no end", lambda p: workbook(p, inside(f'<row x="{"a" * 2_500_000}"/>'))),
    "parts": ("parts", lambda p: workbook(p, (), (), {f"x{n}.xml": () for n in range(60)})),
    "unpacked": ("unpacks", lambda p: workbook(p, (), (), {"x.xml": (" " * 1_000_000 for _ in range(4))})),
    "declarations": ("declares", lambda p: workbook(p, (), (), {"xl/worksheets/sheet1.xml": (DOCTYPE,)})),
}


@pytest.mark.parametrize("name", list(BOOKS))
def test_more_than_an_export_holds_is_refused_in_a_sentence(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said, make = BOOKS[name]
    for bound, value in SMALL.items():
        monkeypatch.setattr(_orlo_workbook, bound, value)
    make(tmp_path / "e.xlsx")
    with pytest.raises(TooMuch, match=said):
        list(rows((tmp_path / "e.xlsx").read_bytes()))
    with pytest.raises(Unreachable, match="This export was not used: .*" + said):
        newest("orlo", tmp_path, Layout(Columns(), usable({}), LONDON))


def test_what_a_file_says_of_its_own_size_is_not_believed(tmp_path: Path) -> None:
    sheet, strings = table(50)
    workbook(tmp_path / "e.xlsx", ('<dimension ref="A1:XFD1048576"/>', *sheet), strings)
    export = newest("orlo", tmp_path, Layout(Columns(), usable({}), LONDON))
    assert len(export.posts) == 50
    assert export.posts[7].text.startswith("Words 7: bins")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"a" * 3_000, "larger than"),
        (b"a,\n" * 900, "lines"),
        (b"a,\r" * 900, "lines"),
        (b"a,b\n" + b"1,2\n" * 150, "rows"),
    ],
)
def test_csv_is_bounded_too(content: bytes, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "LARGEST", {".csv": 2_900, ".xlsx": 2_900})
    monkeypatch.setattr(files, "LINES", 200)
    monkeypatch.setattr(files, "ROWS", 100)
    (tmp_path / "e.csv").write_bytes(content)
    with pytest.raises(Unreachable, match=f"not used: it (?:is|has) .*{said}"):
        newest("orlo", tmp_path, Layout(Columns(), usable({}), LONDON))


def test_a_line_without_an_end_is_refused_and_the_lines_after_it_keep_their_numbers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(drafts, "LONGEST", 100)
    monkeypatch.setattr(lines, "LONGEST", 100)
    with pytest.raises(UsageError, match=r"d\.csv has a line of more than 100 characters"):
        list(drafts.from_csv(io.StringIO("text\n" + "a" * 500), "d.csv"))
    source = io.BytesIO(b"1\n\n" + b"a" * 250 + b"\n" + b"4\n" + b"b" * 100)
    assert [(n, raw[:3]) for n, raw in lines.lines(source)] == [(1, b"1\n"), (3, b"aaa"), (4, b"4\n"), (5, b"bbb")]


def test_a_register_and_a_list_of_bank_holidays_have_a_largest_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(register, "LARGEST", 100)
    monkeypatch.setattr(refresh, "LARGEST", 100)
    (tmp_path / "r.csv").write_text("name,platform\n" + "a,x\n" * 100)
    with pytest.raises(UsageError, match="larger than any register"):
        register.read(tmp_path / "r.csv", date(2026, 11, 30))
    (tmp_path / "h.json").write_text("[" * 500)
    with pytest.raises(UsageError, match="too large to be a list of bank holidays"):
        refresh.read(str(tmp_path / "h.json"))

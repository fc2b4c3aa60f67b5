"""Opens a CSV or XLSX file and gives its rows one by one with their place, whatever program saved it.

CSV: UTF-8 with or without a mark, UTF-16 with one, or Windows-1252; comma, semicolon or tab. A place is the line in the
file, as a text editor shows it (a quoted message may take several). XLSX: the first sheet that is not hidden; a place
is its row. A file is read up to some size and number of rows (our choice); a larger one is refused, not half-used.
"""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from adapters._orlo import workbook
from adapters._orlo.workbook import ROWS, TooMuch
from freeze.levelling import level

Row = Sequence[object] | str
"""The cells of one row, or the reason why it has none; as many cells as the header."""

LARGEST = {".csv": 16 * 1024 * 1024, ".xlsx": workbook.LARGEST}
"""Bytes of a file."""
LINES = 500_000
"""Lines of a CSV file; a message may take several."""
BROKEN = re.compile("[\udc80-\udcff]+")
"""Bytes that are no UTF-8, as Python keeps them in a text."""


class Unfinished(Exception):
    """A file that is empty, cut off or not what its name says; the text completes "it was not used: ..."."""


@dataclass(frozen=True, slots=True)
class Table:
    """A header and the rows under it, each with the number of its `unit` ("line" or "row")."""

    header: tuple[str, ...]
    rows: tuple[tuple[int, Row], ...]
    unit: str


def table(path: Path, headers: Sequence[str]) -> Table:
    """The file as rows; `headers` are those expected, to tell its separator. Raises Unfinished or OSError."""
    before = path.stat()
    kind = path.suffix.lower()
    if before.st_size > LARGEST[kind]:
        raise Unfinished(f"it is larger than {LARGEST[kind] // 1024 // 1024} MB")
    with path.open("rb") as f:
        data = f.read(LARGEST[kind] + 1)
    after = path.stat()
    if (after.st_size, after.st_mtime_ns) != (len(data), before.st_mtime_ns):
        raise Unfinished("it is being written just now")
    if not data.strip(b"\0 \r\n\t"):
        raise Unfinished("it is empty")
    found = _sheet(data) if kind == ".xlsx" else _lines(_in_utf_8(data), headers)
    del data
    rows = list(islice(found, ROWS + 1))
    if len(rows) > ROWS:
        raise Unfinished(f"it has more than {ROWS:,} rows")
    if not rows or isinstance(rows[0][1], str):
        raise Unfinished("it has no header")
    header = tuple(" ".join(level(str(c if c is not None else "")).split()) for c in rows[0][1])
    return Table(header, tuple(rows[1:]), "row" if kind == ".xlsx" else "line")


def _in_utf_8(data: bytes) -> bytes:
    """A CSV file in UTF-8; bytes that break it stay, so that only their row is refused."""
    for mark, name in ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")):
        if data.startswith(mark):
            try:
                return data[2:].decode(name).encode()
            except UnicodeDecodeError:
                raise Unfinished("it is cut off inside a letter") from None
    if 10 * data.count(0) > len(data):
        raise Unfinished("it is not a text file")
    if data.endswith(b"\0"):
        raise Unfinished("it ends in empty bytes, as a file does that is still being written")
    marked = data.startswith(codecs.BOM_UTF8)
    data = data.removeprefix(codecs.BOM_UTF8)
    text = data.decode("utf-8", "surrogateescape")
    broken = sum(len(run) for run in BROKEN.findall(text))
    if not broken:
        return data
    whole = sum(ch > "\x7f" for ch in text) - broken
    # Windows-1252 text almost never holds bytes that happen to be valid UTF-8, so a share of valid ones settles it.
    if marked or 3 * whole >= broken:
        if "\udc80" <= text[-1] <= "\udcff":
            raise Unfinished("it is cut off inside a letter")
        return data
    try:
        return data.decode("cp1252").encode()
    except UnicodeDecodeError:
        raise Unfinished("its letters are neither UTF-8 nor Windows-1252") from None


def _decoded(line: bytes) -> str:
    return line.decode("utf-8", "surrogateescape")


def _lines(data: bytes, headers: Sequence[str]) -> Iterator[tuple[int, Row]]:
    """Rows with the line each starts on. Raises Unfinished where the file is cut off.

    A row that is broken gives up its first line only: a stray quotation mark must not swallow the good rows after it.
    """
    if data.count(b"\n") + data.count(b"\r") > 2 * LINES:
        raise Unfinished(f"it has more than {LINES:,} lines")
    # Kept as bytes: one emoji makes every letter of a text in memory four times as large.
    lines = data.splitlines(keepends=True)
    separator = _separator(map(_decoded, lines), headers)
    width, at, open_at, good = 0, 0, 0, 0
    while at < len(lines):
        if not lines[at].strip():
            at += 1
            continue
        reader = csv.reader((_decoded(lines[i]) for i in range(at, len(lines))), delimiter=separator, strict=True)
        try:
            cells = next(reader)
        except csv.Error as e:
            yield at + 1, _said(e)
            if "unexpected end" in str(e):
                open_at, good = at + 1, 0
            at += 1
            continue
        width = width or len(cells)
        while len(cells) > width and not cells[-1]:
            cells.pop()
        at_end = at + reader.line_num == len(lines)
        if len(cells) < width and at_end and not lines[-1].endswith((b"\n", b"\r")):
            raise Unfinished(f"it is cut off at line {at + 1}")
        if len(cells) != width:
            yield at + 1, f"it has {len(cells)} of {width} columns"
            at += 1
            continue
        yield at + 1, cells
        good += 1
        at += reader.line_num
    if open_at and not good:
        raise Unfinished(f"it is cut off inside the quotation that line {open_at} opens")


def _said(error: csv.Error) -> str:
    if "unexpected end" in str(error):
        return "it opens a quotation mark that is never closed"
    if "field limit" in str(error):
        return f"it holds a cell longer than {csv.field_size_limit():,} characters"
    return "its quotation marks do not match"


def _separator(lines: Iterable[str], headers: Sequence[str]) -> str:
    first = next((line for line in lines if line.strip()), "").lower()
    wanted = {" ".join(h.lower().split()) for h in headers}

    def hits(separator: str) -> tuple[int, int]:
        cells = [" ".join(c.strip(' "\r\n').split()) for c in first.split(separator)]
        return sum(c in wanted for c in cells), len(cells)

    return max(",;\t", key=hits)


def _sheet(data: bytes) -> Iterator[tuple[int, Row]]:
    """Rows of the first sheet, formulas as the text they are. Raises Unfinished for what is no whole workbook."""
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise Unfinished("it is protected by a password or in the old .xls form")
    try:
        yield from _even(workbook.rows(data))
    except TooMuch as e:
        raise Unfinished(str(e)) from None
    except Exception as e:  # noqa: BLE001  (a damaged workbook fails in as many ways as it has parts)
        raise Unfinished(f"it is not a whole workbook ({type(e).__name__})") from None


def _even(rows: Iterator[tuple[int, list[object]]]) -> Iterator[tuple[int, Row]]:
    width = 0
    for number, cells in rows:
        while len(cells) > width and cells[-1] in (None, ""):
            cells.pop()
        if not cells:
            continue
        width = width or len(cells)
        if len(cells) > width:
            yield number, f"it has {len(cells)} of {width} columns"
        else:
            # Excel leaves out the empty cells at the end of a row.
            yield number, cells + [None] * (width - len(cells))

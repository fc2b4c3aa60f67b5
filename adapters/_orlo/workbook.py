"""Reads the rows of an Excel workbook in one walk through it, within bounds, whatever program made it.

openpyxl holds a row, and every part but the sheets, in memory as a whole, at some hundred times its size in the file,
and takes five times as long; this keeps only the words. What a number means as a date is openpyxl's. Formulas are the
text they are. All bounds are our choice.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import unquote
from xml.parsers import expat

LARGEST = 20 * 1024 * 1024
"""Bytes of the file."""
UNPACKED = 120 * 1024 * 1024
"""Bytes of all its parts together; what is said of them in the file is checked while they are read."""
PARTS = 2_000
ROWS = 30_000
"""Rows in which something stands."""
CELLS = 400_000
MARKS = 2_500_000
"""Tags in one part, those that open and those that close."""
COLUMNS = 500
DEEPEST = 100
WORDS = 20_000_000
"""Characters in all cells together, those that cells share counted once."""
TAG = 1024 * 1024
"""Bytes that one tag may have, or a comment."""

_CHUNK = 64 * 1024
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")

Start = Callable[[str, Mapping[str, str]], None]
End = Callable[[str], None]


class TooMuch(Exception):
    """More than is read here; the text completes "it was not used: ..."."""


def rows(data: bytes) -> Iterator[tuple[int, list[object]]]:
    """The rows of the first sheet that is not hidden, each with its number; what stands in no cell is None.

    Raises TooMuch, and whatever a damaged file may raise: it fails in as many ways as it has parts.
    """
    if data.count(b"PK\1\2") > PARTS:
        raise TooMuch(f"it is made of more than {PARTS:,} parts")
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        # No part gives more than is said of it here: the library reads no further.
        if sum(part.file_size for part in packed.infolist()) > UNPACKED:
            raise TooMuch(f"it unpacks to more than {UNPACKED // 1024 // 1024} MB")
        book = _Book(packed)
        counted = _Counted()
        shared = _strings(packed, book.strings, counted) if book.strings else []
        dates = _Dates(packed, book.styles, old=book.old) if book.styles else None
        yield from _Sheet(packed, book.sheet, shared, dates, counted).rows()


class _Counted:
    """How much was read; raises TooMuch for one too many."""

    def __init__(self) -> None:
        self.words = self.rows = self.cells = 0

    def word(self, text: str) -> str:
        self.words += len(text)
        if self.words > WORDS:
            raise TooMuch(f"it holds more than {WORDS:,} characters")
        return text

    def row(self, cells: int) -> None:
        self.rows += 1
        self.cells += cells
        if self.rows > ROWS:
            raise TooMuch(f"it has more than {ROWS:,} rows")
        if self.cells > CELLS:
            raise TooMuch(f"it has more than {CELLS:,} cells")


def _walk(
    packed: zipfile.ZipFile, name: str, start: Start, end: End, text: Callable[[str], None] | None = None
) -> Iterator[None]:
    """Go through one part, calling back for what stands in it; gives way after each piece of it."""
    parser = expat.ParserCreate(namespace_separator="}")
    parser.buffer_text = True
    names: dict[str, str] = {}

    def local(tag: str) -> str:
        if len(names) > PARTS:
            raise TooMuch("it holds tags that no workbook has")
        return names.setdefault(tag, tag.rpartition("}")[2])

    depth = 0

    def opened(tag: str, given: Mapping[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > DEEPEST:
            raise TooMuch(f"a part of it has more than {DEEPEST} tags in each other")
        start(names.get(tag) or local(tag), given)

    def closed(tag: str) -> None:
        nonlocal depth
        depth -= 1
        end(names.get(tag) or local(tag))

    parser.StartElementHandler = opened
    parser.EndElementHandler = closed
    parser.StartDoctypeDeclHandler = _no_declarations
    if text is not None:
        parser.CharacterDataHandler = text
    fed = marks = 0
    with packed.open(name) as part:
        while piece := part.read(_CHUNK):
            marks += piece.count(b"<")
            if marks > MARKS:
                raise TooMuch(f"a part of it has more than {MARKS:,} tags")
            parser.Parse(piece)
            fed += len(piece)
            if fed - parser.CurrentByteIndex > TAG:
                raise TooMuch("a tag in it has no end")
            yield
        parser.Parse(b"", True)
        yield


def _no_declarations(*_: object) -> None:
    raise TooMuch("it declares words of its own, which no workbook does")


def _through(packed: zipfile.ZipFile, name: str, start: Start) -> None:
    for _ in _walk(packed, name, start, lambda _: None):
        pass


class _Book:
    """Where in the file things are: the first sheet that is not hidden, the words that cells share, the formats.

    `old` says that days are counted from 1904, as on old Macs.
    """

    def __init__(self, packed: zipfile.ZipFile) -> None:
        self._packed = packed
        main = self._related("", "/officeDocument") or ["xl/workbook.xml"]
        self.old = False
        self._sheets: list[tuple[bool, str]] = []
        _through(packed, main[0], self._said)
        sheets = self._related(main[0], "/worksheet", [ident for _, ident in sorted(self._sheets, key=lambda s: s[0])])
        if not sheets:
            raise TooMuch("it has no sheet")
        self.sheet = sheets[0]
        self.strings = next(iter(self._related(main[0], "/sharedStrings")), "")
        if not self.strings and "xl/sharedStrings.xml" in packed.NameToInfo:
            self.strings = "xl/sharedStrings.xml"
        self.styles = next(iter(self._related(main[0], "/styles")), "")

    def _said(self, tag: str, given: Mapping[str, str]) -> None:
        if tag == "sheet":
            ident = next((v for k, v in given.items() if k.rpartition("}")[2] == "id"), "")
            self._sheets.append((given.get("state", "visible") != "visible", ident))
            if len(self._sheets) > PARTS:
                raise TooMuch(f"it has more than {PARTS:,} sheets")
        elif tag == "workbookPr":
            self.old = given.get("date1904", "") in ("1", "true")

    def _related(self, part: str, kind: str, wanted: list[str] | None = None) -> list[str]:
        """The parts of a kind that this one names, in the order of the ids wanted, or all."""
        folder = PurePosixPath(part).parent
        found: dict[str, str] = {}
        listing = str(folder / "_rels" / f"{PurePosixPath(part).name}.rels")

        def said(tag: str, given: Mapping[str, str]) -> None:
            if tag == "Relationship" and given.get("Type", "").endswith(kind) and len(found) < PARTS:
                target = unquote(given.get("Target", ""))
                found[given.get("Id", "")] = target[1:] if target.startswith("/") else _joined(folder, target)

        if listing in self._packed.NameToInfo:
            _through(self._packed, listing, said)
        return list(found.values()) if wanted is None else [found[ident] for ident in wanted if ident in found]


def _joined(folder: PurePosixPath, target: str) -> str:
    parts: list[str] = []
    for part in (folder / target).parts:
        parts = parts[:-1] if part == ".." else [*parts, part]
    return "/".join(parts)


def _strings(packed: zipfile.ZipFile, name: str, counted: _Counted) -> list[str]:
    """The words that cells share, by their number."""
    found: list[str] = []
    words = _Words(counted)

    def end(tag: str) -> None:
        words.end(tag)
        if tag == "si":
            found.append(words.taken())
            if len(found) > CELLS:
                raise TooMuch(f"it has more than {CELLS:,} cells")

    for _ in _walk(packed, name, words.start, end, words.text):
        pass
    return found


class _Words:
    """Gathers what is written inside `t`, but not how it is read aloud (`rPh`)."""

    def __init__(self, counted: _Counted) -> None:
        self._counted = counted
        self._on, self._aloud = False, 0
        self._parts: list[str] = []

    def start(self, tag: str, _: Mapping[str, str]) -> None:
        if tag == "rPh":
            self._aloud += 1
        self._on = tag == "t" and not self._aloud

    def end(self, tag: str) -> None:
        self._on = False
        if tag == "rPh":
            self._aloud -= 1

    def text(self, piece: str) -> None:
        if self._on:
            self._parts.append(self._counted.word(piece))

    def taken(self) -> str:
        """What was gathered since the last time."""
        said = _unescaped("".join(self._parts))
        self._parts.clear()
        return said


def _unescaped(text: str) -> str:
    """Text with the letters that XML cannot hold, which workbooks write as "_x000D_"."""
    return _ESCAPED.sub(lambda m: chr(int(m[1], 16)), text) if "_x" in text else text


class _Dates:
    """Which formats show a number as a date, a time or a length of time."""

    def __init__(self, packed: zipfile.ZipFile, name: str, *, old: bool) -> None:
        from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format, is_timedelta_format
        from openpyxl.utils.datetime import MAC_EPOCH, WINDOWS_EPOCH

        self._epoch: datetime = MAC_EPOCH if old else WINDOWS_EPOCH
        formats: dict[int, str] = dict(BUILTIN_FORMATS)
        used: list[int] = []
        inside = [""]

        def start(tag: str, given: Mapping[str, str]) -> None:
            if tag == "cellXfs":
                inside[0] = tag
            elif tag == "cellStyles":
                inside[0] = ""
            elif tag == "numFmt" and len(formats) < CELLS:
                formats[int(given["numFmtId"])] = given.get("formatCode", "")[:1000]
            elif tag == "xf" and inside[0] and len(used) < CELLS:
                used.append(int(given.get("numFmtId", 0)))

        _through(packed, name, start)
        dates = {n for n in set(used) if is_date_format(formats.get(n))}
        lengths = {n for n in dates if is_timedelta_format(formats.get(n))}
        self._kinds = [2 if n in lengths else 1 if n in dates else 0 for n in used]

    def meant(self, number: float, style: int) -> object:
        """A number as its format shows it; "#VALUE!" for a day that there is not."""
        kind = self._kinds[style] if style < len(self._kinds) else 0
        if not kind:
            return number
        from openpyxl.utils.datetime import from_excel

        try:
            return from_excel(number, self._epoch, timedelta=kind == 2)
        except (OverflowError, ValueError):
            return "#VALUE!"


class _Sheet:
    """One sheet, row after row."""

    def __init__(
        self, packed: zipfile.ZipFile, name: str, shared: list[str], dates: _Dates | None, counted: _Counted
    ) -> None:
        self._packed, self._name = packed, name
        self._shared, self._dates, self._counted = shared, dates, counted
        self._ready: list[tuple[int, list[object]]] = []
        self._row = 0
        self._cells: dict[int, object] = {}
        self._column, self._type, self._style = 0, "n", 0
        self._said: list[str] = []
        self._on, self._aloud, self._formula = False, 0, False

    def rows(self) -> Iterator[tuple[int, list[object]]]:
        for _ in _walk(self._packed, self._name, self._start, self._end, self._text):
            yield from self._ready
            self._ready.clear()

    def _start(self, tag: str, given: Mapping[str, str]) -> None:
        if tag == "v" or tag == "t":
            self._on = not self._formula and not self._aloud
        elif tag == "c":
            at = given.get("r")
            self._column = _column(at) if at else self._column + 1
            self._type, self._style = given.get("t", "n"), int(given.get("s", 0))
            self._formula = False
            self._said.clear()
        elif tag == "f":  # what it came to the last time, in the `v` after it, counts no more
            self._on = self._formula = True
            self._said.clear()
        elif tag == "row":
            self._row = int(float(given.get("r", self._row + 1)))
            self._column, self._cells = 0, {}
        elif tag == "rPh":
            self._aloud += 1

    def _text(self, piece: str) -> None:
        if self._on:
            self._said.append(self._counted.word(piece))

    def _end(self, tag: str) -> None:
        self._on = False
        if tag == "c":
            said = _unescaped("".join(self._said))
            value = f"={said}" if self._formula else self._meant(said)
            if value is not None:
                if not 0 < self._column <= COLUMNS:
                    raise TooMuch(f"it has more than {COLUMNS} columns")
                self._cells[self._column] = value
        elif tag == "rPh":
            self._aloud -= 1
        elif tag == "row" and self._cells:
            self._counted.row(len(self._cells))
            self._ready.append((self._row, [self._cells.get(i) for i in range(1, max(self._cells) + 1)]))

    def _meant(self, said: str) -> object:
        if said == "":
            return None
        if self._type == "s":
            return self._shared[int(said)]
        if self._type == "n":
            number: Any = float(said) if "." in said or "E" in said or "e" in said else int(said)
            return number if self._dates is None else self._dates.meant(number, self._style)
        if self._type == "b":
            return bool(int(said))
        if self._type == "d":
            from openpyxl.utils.datetime import from_ISO8601

            return from_ISO8601(said)  # type: ignore[no-untyped-call]
        return said


def _column(at: str) -> int:
    """The number of a column in a place such as "AB12"; 0 where there is none."""
    column = 0
    for letter in at[:8]:
        if not "A" <= letter <= "Z":
            break
        column = column * 26 + ord(letter) - 64
    return column

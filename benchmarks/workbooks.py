"""Files that somebody drops in and that are far too large, measured: each is refused or read by a process of its own.

    python -m benchmarks.bench workbooks    as a promise
    python -m benchmarks.workbooks          every file, what came of it, seconds and memory

What is promised: whatever stands in an export, it is refused in one sentence or read within 10 s and 250 MB, the whole
process with everything it loads. Seconds are the processor's, as other work on the machine must not count. The files
are made here.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from benchmarks.table import Measure

SECONDS, MEMORY = 10.0, 250.0
"""The longest a file may take, and the most MB."""
MANY = 3_000_000
HEADER = (
    "Post ID", "Social account", "Network", "Publish date", "Publish time", "Status", "Message", "Link", "Tags",
    "Created by", "Boosted",
)  # fmt: skip
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"

Parts = Iterable[str]


def workbook(path: Path, sheet: Parts, strings: Parts = (), more: Mapping[str, Parts] | None = None) -> None:
    """An XLSX file of one sheet: what stands in its `worksheet` and its `sst`, piece by piece, and other parts."""
    kinds = (("/xl/workbook.xml", "sheet.main"), ("/xl/worksheets/sheet1.xml", "worksheet"))
    kinds += (("/xl/sharedStrings.xml", "sharedStrings"),)
    types = "".join(f'<Override PartName="{n}" ContentType="{SHEET_TYPE}.{k}+xml"/>' for n, k in kinds)
    rels = f'<Relationships xmlns="{PACKAGE}/relationships">'
    links = (("worksheet", "worksheets/sheet1.xml"), ("sharedStrings", "sharedStrings.xml"), ("styles", "styles.xml"))
    parts: dict[str, Parts] = {
        "[Content_Types].xml": (f'<Types xmlns="{PACKAGE}/content-types">{types}</Types>',),
        "_rels/.rels": (rels, _link(1, "officeDocument", "xl/workbook.xml"), "</Relationships>"),
        "xl/workbook.xml": (
            f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets><sheet name="Posts" sheetId="1" r:id="rId1"/>',
            "</sheets></workbook>",
        ),
        "xl/_rels/workbook.xml.rels": (rels, *(_link(n, *k) for n, k in enumerate(links, 1)), "</Relationships>"),
        "xl/styles.xml": (f'<styleSheet xmlns="{MAIN}"/>',),
        "xl/worksheets/sheet1.xml": _around("worksheet", sheet),
        "xl/sharedStrings.xml": _around("sst", strings),
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, pieces in {**parts, **(more or {})}.items():
            with packed.open(name, "w", force_zip64=True) as f:
                for piece in pieces:
                    f.write(piece.encode())


def _link(n: int, kind: str, target: str) -> str:
    return f'<Relationship Id="rId{n}" Type="{OFFICE}/{kind}" Target="{target}"/>'


def _around(tag: str, pieces: Parts) -> Iterator[str]:
    yield f'<{tag} xmlns="{MAIN}">'
    yield from pieces
    yield f"</{tag}>"


def words(n: int, length: int = 300) -> tuple[str, ...]:
    """One post of an export, as its cells; every message is another."""
    said = f"Words {n}: " + "bins and libraries in Netherby, " * (length // 32)
    day = f"{1 + n % 28:02d}/12/2026"
    return (str(n), "Anyshire", "Facebook", day, "10:00", "Scheduled", said, f"https://a.example/{n}", "", "Jo", "No")


def table(rows: int, length: int = 300) -> tuple[Parts, Parts]:
    """A whole export of so many posts, its words shared as Excel does: what stands in the sheet and beside it."""
    own = (0, 6, 7)

    def sheet() -> Iterator[str]:
        yield "<sheetData>"
        yield _row(1, range(len(HEADER)))
        for n in range(rows):
            base = len(HEADER) + len(words(0)) + n * len(own)
            kinds = [base + own.index(i) if i in own else len(HEADER) + i for i in range(len(HEADER))]
            yield _row(n + 2, kinds)
        yield "</sheetData>"

    def strings() -> Iterator[str]:
        for cell in (*HEADER, *words(0)):
            yield f"<si><t>{cell}</t></si>"
        for n in range(rows):
            mine = words(n, length)
            yield "".join(f"<si><t>{mine[i]}</t></si>" for i in own)

    return sheet(), strings()


def _row(number: int, kinds: Iterable[int]) -> str:
    cells = "".join(f'<c r="{chr(65 + i)}{number}" t="s"><v>{k}</v></c>' for i, k in enumerate(kinds))
    return f'<row r="{number}">{cells}</row>'


def inside(*pieces: str, times: int = 1, opens: str = "<sheetData>", closes: str = "</sheetData>") -> Iterator[str]:
    """The first piece once, then the others again and again."""
    yield opens + pieces[0]
    for _ in range(times):
        yield from pieces[1:]
    yield closes


CELL = '<c t="inlineStr"><is><t>a</t></is></c>'
HEADED = f"<row>{''.join(CELL.replace('>a<', f'>{h}<') for h in HEADER)}</row>"
ROW_ENDS = "</row></sheetData>"
MEGABYTE = "a" * 1024 * 1024


def _csv(path: Path, megabytes: int, letter: str = "") -> None:
    with path.open("w", encoding="utf-8") as f:
        f.write(",".join(HEADER) + "\n")
        n = 0
        while f.tell() < megabytes * 1024 * 1024 - 1_000:
            mine = list(words(n, 500))
            mine[6] = f'"{mine[6]}{letter}"'
            f.write(",".join(mine) + "\n")
            n += 1


def _rows() -> Iterator[str]:
    yield f"<sheetData>{HEADED}"
    for n in range(0, MANY, 1000):
        yield "".join(f"<row><c><v>{k * 2_654_435_761 % 1_000_000_007}</v></c></row>" for k in range(n, n + 1000))
    yield "</sheetData>"


Made = tuple[Parts, Parts, Mapping[str, Parts]]
"""What stands in a sheet, in the words that cells share, and in other parts."""


def _books() -> Iterator[tuple[str, Callable[[], Made]]]:
    """Workbooks by name."""
    yield "as many posts as are read", lambda: (*table(29_990), {})
    yield "3,000,000 rows", lambda: (_rows(), (), {})
    yield "3,000,000 empty rows", lambda: (inside(HEADED, "<row/>" * 1000, times=3_000), (), {})
    yield "one row of 500,000 cells", lambda: (inside("<row>", CELL * 1000, times=500, closes=ROW_ENDS), (), {})
    yield "cells without words", lambda: (inside("<row>", '<c s="1"/>' * 1000, times=9_000, closes=ROW_ENDS), (), {})
    ends = "</t></is></c>" + ROW_ENDS
    yield "one cell of 100 MB", lambda: (inside(f"<row>{CELL[:-13]}", MEGABYTE, times=100, closes=ends), (), {})
    shared = partial(inside, "<si><t>", MEGABYTE, times=100, opens="", closes="</t></si>")
    yield "one shared text of 100 MB", lambda: (inside(HEADED), shared(), {})
    many = partial(inside, "", "<si><t>abc</t></si>" * 1000, times=3_000, opens="", closes="")
    yield "3,000,000 shared texts", lambda: (inside(HEADED), many(), {})
    tag = partial(inside, '<row r="1" x="', MEGABYTE, times=100, closes='"/></sheetData>')
    yield "a tag of 100 MB", lambda: (tag(), (), {})
    yield "a part of 2 GB", lambda: (inside("<row>", " " * 1024 * 1024, times=2_048, closes=ROW_ENDS), (), {})
    formats = partial(inside, "", "<xf/>" * 1000, times=9_000, opens="<cellXfs>", closes="</cellXfs>")
    yield "formats by the million", lambda: (inside(HEADED), (), {"xl/styles.xml": _around("styleSheet", formats())})
    wide = '<dimension ref="A1:XFD1048576"/>'
    yield "a sheet said to be larger than it is", lambda: ((wide, *table(1_000)[0]), table(1_000)[1], {})
    apart = f'<row r="1048576">{CELL}</row><row r="99999999999">{CELL}</row>'
    yield "rows far apart", lambda: (inside(HEADED, apart), (), {})
    yield "tags in tags", lambda: (inside(HEADED, "<x>" * 1000, times=9_000, closes=""), (), {})


def _files() -> Iterator[tuple[str, Callable[[Path], None]]]:
    for name, made in _books():
        yield name, lambda folder, made=made: workbook(folder / "e.xlsx", *made())  # type: ignore[misc]
    yield "as much CSV as is read", lambda folder: _csv(folder / "e.csv", 16)
    yield "as much CSV, with emoji", lambda folder: _csv(folder / "e.csv", 16, "\U0001f56f")
    yield "CSV of 60 MB", lambda folder: _csv(folder / "e.csv", 60)
    yield "CSV of 15 MB in one line", lambda folder: _one_line(folder / "e.csv", 15)
    yield "CSV of 5,000,000 short lines", lambda folder: _short_lines(folder / "e.csv", 5_000_000)
    yield "CSV of 900,000 short lines", lambda folder: _short_lines(folder / "e.csv", 900_000)


FILES: Mapping[str, Callable[[Path], None]] = dict(_files())


def _one_line(path: Path, megabytes: int) -> None:
    path.write_text(",".join(HEADER) + "\n" + ("a," * 512 * 1024) * (megabytes - 1))


def _short_lines(path: Path, lines: int) -> None:
    path.write_text(",".join(HEADER) + "\n" + "a,\n" * lines)


READ = """
import sys
from pathlib import Path
from zoneinfo import ZoneInfo
from adapters._orlo.export import Columns, Layout, newest, usable
from freeze.errors import FreezeError
try:
    read = newest("orlo", Path(sys.argv[1]), Layout(Columns(), usable({}), ZoneInfo("Europe/London")))
    print(f"{len(read.posts):,} posts read, {len(read.rejects):,} rows not taken")
except FreezeError as e:
    print(f"refused: {e.message}"[:300])
"""


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of a file: its bytes, what was said; the processor's seconds, those that passed, MB of the process."""

    what: str
    size: int
    said: str
    seconds: float
    passed: float
    memory: float

    def line(self) -> str:
        """One line."""
        spent = f"{self.seconds:.1f} s ({self.passed:.1f} s passed)"
        return f"{self.what} ({self.size / 1e6:.1f} MB): {spent}, {self.memory:.0f} MB, {self.said}"


def taken(what: str, make: Callable[[Path], None]) -> Taken:
    """Make a file and have it read by a process of its own."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make(folder)
        size = sum(f.stat().st_size for f in folder.iterdir())
        began = time.monotonic()
        command = [sys.executable, "-c", READ, name]
        p = subprocess.Popen(
            command, cwd=Path(__file__).parent.parent, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        assert p.stdout is not None
        said = p.stdout.read().decode(errors="replace").strip()
        p.stdout.close()
        _, status, used = os.wait4(p.pid, 0)
        p.returncode = os.waitstatus_to_exitcode(status)
        failed = f"FAILED: {said[-200:]}" if p.returncode else said
        spent = used.ru_utime + used.ru_stime
        return Taken(what, size, failed, spent, time.monotonic() - began, used.ru_maxrss / 1024)


def measured() -> Iterator[Taken]:
    """Every file."""
    for what, make in FILES.items():
        yield taken(what, make)


def workbooks() -> Iterator[Measure]:
    """Exports that are far too large: refused or read, in seconds and memory."""
    all_of = list(measured())
    right = not any(t.said.startswith("FAILED") or "Traceback" in t.said for t in all_of)
    slow, large = max(all_of, key=lambda t: t.seconds), max(all_of, key=lambda t: t.memory)
    count = f"of {len(all_of)} files"
    yield Measure(
        "a file that is far too large: seconds", slow.seconds, "s", SECONDS, None, f"{slow.line()}; {count}", right
    )
    yield Measure(
        "a file that is far too large: memory", large.memory, "MB", MEMORY, None, f"{large.line()}; {count}", right
    )


if __name__ == "__main__":
    for one in measured():
        print(one.line(), flush=True)

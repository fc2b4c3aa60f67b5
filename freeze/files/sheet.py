"""CSV that people open in a spreadsheet: every file is written here, and nothing in one is taken for a formula.

Excel, LibreOffice and Google Sheets compute a cell that starts with = + - or @, some after spaces; a tab or a line end
in front can start a cell of its own; with an East Asian keyboard Excel takes the full-width forms for the same (OWASP,
"CSV Injection"). Such a text gets an apostrophe in front, which spreadsheets take for "this is text". Numbers stay
numbers: -5 is no formula where the column is a number.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable

_COMPUTED = re.compile(r"'*(?:[\t\r\n]|\s*[=+\-@\uff1d\uff0b\uff0d\uff20])")
"""What a spreadsheet would compute, or would show differently for an apostrophe that was already there."""


def table(rows: Iterable[Iterable[object]], line_end: str = "\r\n") -> str:
    """Rows, the heading among them, as CSV."""
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator=line_end).writerows([_cell(value) for value in row] for row in rows)
    return out.getvalue()


def _cell(value: object) -> object:
    return value if value is None or isinstance(value, int | float) else guarded(str(value))


def guarded(text: str) -> str:
    """A cell that a spreadsheet shows and never computes; `unguarded` gives back what it was.

    >>> guarded("@anyshire"), unguarded(guarded("'=1")), unguarded("O'Hara")
    ("'@anyshire", "'=1", "O'Hara")
    """
    return f"'{text}" if _COMPUTED.match(text) else text


def unguarded(text: str) -> str:
    """A cell as it was before `guarded`."""
    return text[1:] if text.startswith("'") and _COMPUTED.match(text[1:]) else text

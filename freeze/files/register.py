"""The register as a CSV file: what `freeze accounts export` writes and `import` reads. Pure, but that `read` opens it.

An empty cell clears what was there, a column that is absent (or a line that ends before it) leaves it alone. Dates are
2026-11-01, or 01/11/2026 as spreadsheets for the United Kingdom make of them. Administrators stand in one cell:
`Jo Smith; authorised by Ann Lee; trained 2026-01-05; policy read 2026-01-05; no login; gets the code; left 2026-11-01`,
several separated by `|`. A cell that a spreadsheet would compute starts with an apostrophe, taken away again here.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from pathlib import Path

from freeze.accounts import Account, Alias, slug
from freeze.errors import UsageError, nearest
from freeze.files import sheet
from freeze.levelling import level
from freeze.posts import Json, Reject
from freeze.register import Administrator, Record, of_a_councillor, person, why_outside
from freeze.windows import parse_day, say_day

ACCOUNT_COLUMNS = ("id", "name", "platform", "handle", "service", "owner", "contact", "in_scope", "seen_at")
RECORD_COLUMNS = tuple(f.name for f in fields(Record))
COLUMNS = (*ACCOUNT_COLUMNS, *RECORD_COLUMNS)
LISTS = ("seen_at", "access", "administrators")
MOST = {c: 10_000 if c in LISTS else 500 for c in COLUMNS}
"""Characters a cell may have."""
LARGEST = 10_000_000
"""Characters of a whole file."""

YES = frozenset({"yes", "y", "true", "1", "in"})
NO = frozenset({"no", "n", "false", "0", "out"})
_SECRET = re.compile(r"\b(?:pass(?:word|phrase|code|wd)?|pwd?|pw|secret|token|pin)\s*[:=]\s*\S", re.IGNORECASE)
_UK_DAY = re.compile(r"([0-3]?[0-9])/([01]?[0-9])/([0-9]{4})")
_PARTS = ("authorised by NAME", "trained DATE", "policy read DATE", "login", "no login", "gets the code")
_ALL_PARTS = (*_PARTS, "does not get the code", "left DATE", "moved DATE", "did not leave")


@dataclass(frozen=True, slots=True)
class Row:
    """One account of a file. `given` are the columns it has a cell for; the rest stays as it was.

    `in_scope` is None where the cell is empty: then it follows from who administers the account.
    """

    id: str
    given: Mapping[str, Json]
    seen_at: tuple[Alias, ...] = ()


@dataclass(frozen=True, slots=True)
class File:
    """What a file says: its accounts, and the lines that could not be used."""

    rows: tuple[Row, ...]
    rejects: tuple[Reject, ...]


def read(path: Path, today: date) -> File:
    """A register from CSV, columns `COLUMNS`; only name and platform are compulsory.

    Raises UsageError when the file as a whole cannot be used; a bad line is reported and the good ones are taken.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as f:
            text = level(f.read(LARGEST + 1))
        if len(text) > LARGEST:
            raise UsageError(f"{path} is larger than any register ({LARGEST:,} characters).", "Give another file.")
        reader = csv.reader(io.StringIO(text, newline=""), strict=True)
        headers = [h.strip().lower() for h in next(reader, [])]
        lines = [(reader.line_num, cells) for cells in reader if any(c.strip() for c in cells)]
    except (OSError, UnicodeDecodeError, csv.Error) as e:
        raise UsageError(f"{path} cannot be read: {e}.", "Give a CSV file saved as UTF-8.") from None
    _check_headers(path, headers)
    rows: dict[str, Row] = {}
    taken: set[tuple[str, str]] = set()
    rejects = []
    for number, cells in lines:
        try:
            if len(cells) > len(headers):
                raise UsageError(
                    f"it has {len(cells)} cells, the heading {len(headers)}: is a comma in a cell unquoted?"
                )
            row = parsed({h: sheet.unguarded(c) for h, c in zip(headers, cells, strict=False)}, today)
            if row.id in rows:
                raise UsageError(f'the id "{row.id}" stands twice')
            for a in row.seen_at:
                if (a.connection, a.native) in taken:
                    raise UsageError(f"seen_at: {a.connection}={a.native} already belongs to another account")
        except UsageError as e:
            rejects.append(Reject(f"{path.name} line {number}", str(e)))
            continue
        rows[row.id] = row
        taken |= {(a.connection, a.native) for a in row.seen_at}
    return File(tuple(rows.values()), tuple(rejects))


def _check_headers(path: Path, headers: list[str]) -> None:
    for n, h in enumerate(headers):
        if h not in COLUMNS:
            raise UsageError(f'{path}: there is no column "{h}".', nearest(h, COLUMNS))
        if h in headers[:n]:
            raise UsageError(f'{path}: the column "{h}" stands twice.', "Keep one of them.")
    for needed in ("name", "platform"):
        if needed not in headers:
            raise UsageError(f'{path}: the column "{needed}" is missing.', f"Columns: {','.join(COLUMNS)}")


def parsed(cells: Mapping[str, str], today: date) -> Row:
    """One line, by column. Raises UsageError saying which cell cannot be used, and why."""
    ident, name, platform = (value(c, cells.get(c, ""), today) for c in ("id", "name", "platform"))
    if not name or not platform:
        raise UsageError("name and platform are needed")
    ident = ident or slug(f"{name}-{platform}")
    given: dict[str, Json] = {c: value(c, text, today) for c, text in cells.items() if c not in ("id", "seen_at")}
    given |= {"name": name, "platform": platform}
    check(given)
    return Row(ident, given, seen(ident, cells.get("seen_at", "")))


def check(given: Mapping[str, Json]) -> None:
    """Refuse what cannot stand on the register. Raises UsageError."""
    kind, by = given.get("kind", ""), given.get("administered_by", "")
    if of_a_councillor(kind, by):
        raise UsageError(
            "a councillor's own account is not kept here (clause 2.4): the guard neither reads nor holds it. "
            "Keep a list of contacts elsewhere, to tell councillors of a pause"
        )
    if given.get("in_scope") and (why := why_outside(kind, by)):
        raise UsageError(f'in_scope: yes is said, but {why}. If a council user runs it, write "council and partner"')


def value(column: str, text: str, today: date) -> Json:
    """What one cell means. Raises UsageError naming the column."""
    said = clean(text)
    if len(said) > MOST[column]:
        raise UsageError(f"{column}: {len(said):,} characters, at most {MOST[column]:,}")
    if column == "in_scope":
        return _yes_or_no(column, said)
    if column == "around_the_clock":
        return bool(_yes_or_no(column, said))
    if column.endswith("_on"):
        return day(column, said, today)
    if column == "access":
        return tuple(dict.fromkeys(filter(None, (n.strip() for n in said.split(";")))))
    if column == "administrators":
        return administrators(said, today)
    if column == "credentials_at" and _SECRET.search(said):
        raise UsageError("credentials_at: this looks like the secret itself; write only where it is kept")
    return said.lower() if column == "platform" else said


def day(column: str, said: str, today: date, *, ahead: bool = False) -> date | None:
    """A London day, or None for no words; only what is planned may lie `ahead`. Raises UsageError."""
    if not said:
        return None
    uk = _UK_DAY.fullmatch(said)
    try:
        found = date(int(uk[3]), int(uk[2]), int(uk[1])) if uk else parse_day(said, what=f"{column}:")
    except ValueError:
        found = parse_day(said, what=f"{column}:")  # says what is wrong with the words as they stand there
    if found > today and not ahead:
        raise UsageError(f"{column}: {say_day(found)} has not come yet.", "Give the day on which it was done.")
    return found


def _yes_or_no(column: str, said: str) -> bool | None:
    if said.lower() in YES or not said:
        return True if said else None
    if said.lower() in NO:
        return False
    raise UsageError(f'{column}: "{said}" is neither yes nor no')


def seen(ident: str, text: str) -> tuple[Alias, ...]:
    """Where an account is seen: `connection=the platform's own id`, separated by `;`. Raises UsageError."""
    found = []
    for pair in filter(None, (p.strip() for p in clean(text).split(";"))):
        connection, _, native = (part.strip() for part in pair.partition("="))
        if not connection or not native:
            raise UsageError(f'seen_at: "{pair}" is not of the form connection=id')
        found.append(Alias(ident, connection, native))
    return tuple(found)


def administrators(text: str, today: date) -> tuple[Administrator, ...]:
    """The administrators of one cell. Raises UsageError saying what is not understood."""
    found: dict[str, Administrator] = {}
    for one in filter(None, (a.strip() for a in text.split("|"))):
        made = changed(None, one, today)
        if person(made.name) in found:
            raise UsageError(f"administrators: {made.name} stands twice")
        found[person(made.name)] = made
    return tuple(found.values())


def changed(old: Administrator | None, text: str, today: date) -> Administrator:
    """One administrator, with what these words say of them, the rest as it was. Raises UsageError."""
    name, *parts = (p.strip() for p in clean(text).split(";"))
    if not name:
        raise UsageError(f'administrators: "{text}" names nobody')
    made = replace(old, name=name) if old else Administrator(name)
    for part in filter(None, parts):
        for words, put in _WORDS.items():
            if part.casefold() == words or (words.endswith(" ") and part.casefold().startswith(words)):
                made = put(made, part[len(words) :].strip(), today)
                break
        else:
            raise UsageError(
                f'administrators: "{part}" is not understood of {name}. There are: {", ".join(_ALL_PARTS)}'
            )
    return made


def _left(a: Administrator, said: str, today: date, *, moved: bool) -> Administrator:
    return replace(a, left_on=day("left", said, today, ahead=True), moved=moved)


_WORDS: Mapping[str, Callable[[Administrator, str, date], Administrator]] = {
    "authorised by ": lambda a, s, _: replace(a, authorised_by=s),
    "trained ": lambda a, s, t: replace(a, trained_on=day("trained", s, t)),
    "policy read ": lambda a, s, t: replace(a, policy_read_on=day("policy read", s, t)),
    "login": lambda a, _s, _t: replace(a, logs_in=True),
    "no login": lambda a, _s, _t: replace(a, logs_in=False),
    "gets the code": lambda a, _s, _t: replace(a, gets_code=True),
    "does not get the code": lambda a, _s, _t: replace(a, gets_code=False),
    "left ": lambda a, s, t: _left(a, s, t, moved=False),
    "moved ": lambda a, s, t: _left(a, s, t, moved=True),
    "did not leave": lambda a, _s, _t: replace(a, left_on=None, moved=False),
}


def said_of(a: Administrator) -> str:
    """One administrator in the words that `administrators` reads."""
    parts = [
        a.name,
        f"authorised by {a.authorised_by}" if a.authorised_by else "",
        f"trained {a.trained_on}" if a.trained_on else "",
        f"policy read {a.policy_read_on}" if a.policy_read_on else "",
        "" if a.logs_in else "no login",
        "gets the code" if a.gets_code else "",
        f"{'moved' if a.moved else 'left'} {a.left_on}" if a.left_on else "",
    ]
    return "; ".join(filter(None, parts))


def cells(account: Account, record: Record, aliases: Iterable[Alias]) -> dict[str, str]:
    """One account in the words that `parsed` reads, by column."""
    said = {c: clean(getattr(account, c)) for c in ACCOUNT_COLUMNS if c not in ("in_scope", "seen_at")}
    said["in_scope"] = "yes" if account.in_scope else "no"
    said["seen_at"] = ";".join(sorted(f"{a.connection}={a.native}" for a in aliases))
    for column in RECORD_COLUMNS:
        held = getattr(record, column)
        if column == "administrators":
            said[column] = " | ".join(said_of(a) for a in held)
        elif column == "access":
            said[column] = "; ".join(held)
        else:
            said[column] = ("yes" if held else "") if isinstance(held, bool) else str(held or "")
    return said


def table(rows: Iterable[Mapping[str, str]], columns: Iterable[str] = COLUMNS) -> str:
    """A CSV file that `read` reads."""
    names = list(columns)
    return sheet.table([names, *([row[c] for c in names] for row in rows)])


def clean(text: str) -> str:
    """One line without characters that nobody can see or that move the cursor."""
    return " ".join("".join(" " if unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") else c for c in text).split())

"""Drafts: posts that are not scheduled yet, read from a file line by line. Pure but for the file handed in.

CSV with a header line, or JSON lines. Columns: text (needed), title, link, platform, account, at, tags, media, boosted;
any other is kept and passed through. `at` is ISO 8601, London time where no offset is given. Tags and media are words
separated by ";" or "," (in JSON also a list); media says what the pictures show. The line number of a draft, below
zero, is its post id, so that it is never taken for a stored post. A bad line is told with its number and its field, and
the others go on. One line is kept at a time.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import IO

from freeze.accounts import Account
from freeze.errors import FreezeError, UsageError
from freeze.levelling import level, loads
from freeze.posts import Json, Locator, Post, Reject, State, same_words
from freeze.windows import parse_instant

COLUMNS = ("text", "title", "link", "platform", "account", "at", "tags", "media", "boosted")
LONGEST = 1_000_000
"""Bytes of one line of JSON, or characters of one of CSV; a longer one is no post."""
BROKEN = re.compile("[\udc80-\udcff]")
"""Bytes of a CSV file that are no UTF-8, as Python keeps them: the words around them cannot be trusted either."""
YES, NO = frozenset({"yes", "y", "true", "1"}), frozenset({"", "no", "n", "false", "0"})
PLATFORMS = {"twitter": "x", "x (twitter)": "x", "website": "wordpress"}
"""Other names people write for a platform."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a file: its number, and everything that stands in it."""

    line: int
    data: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Draft:
    """A line as a post; `unknown` is the account it names where the register has none such."""

    row: Row
    post: Post
    account: Account
    unknown: bool = False


class Directory:
    """The register as people name accounts: by id, by handle or by name."""

    def __init__(self, accounts: Iterable[Account]) -> None:
        self._by: dict[str, list[Account]] = {}
        for a in accounts:
            for name in dict.fromkeys((a.id, _named(a.handle), _named(a.name))):
                if name:
                    self._by.setdefault(name, []).append(a)

    def find(self, name: str, platform: str) -> Account | None:
        """The one account of that name, on that platform if one is given; None where there is none.

        Raises UsageError where several have it.
        """
        found = self._by.get(name) or self._by.get(_named(name), [])
        exact = [a for a in found if a.id == name]
        mine = exact or [a for a in found if not platform or a.platform == platform]
        if len(mine) > 1:
            ids = ", ".join(a.id for a in mine)
            raise UsageError(f'account: "{name}" could be {ids}: give its id; in a file, the platform will do')
        return mine[0] if mine else None


def _named(text: str) -> str:
    return same_words(text).removeprefix("@")


def from_csv(source: IO[str], name: str) -> Iterator[Row | Reject]:
    """The lines of a CSV file. Raises UsageError where its header cannot be used."""
    reader = csv.reader(_lines(source, name))
    try:
        header = [level(h).strip() for h in next(reader, [])]
    except csv.Error as e:
        raise UsageError(f"{name} cannot be read: {e}.", "Give a CSV file with a header line.") from None
    header[:1] = [h.removeprefix("\ufeff") for h in header[:1]]
    columns = [h.casefold() if h.casefold() in COLUMNS else h for h in header]
    if "text" not in columns:
        raise UsageError(f'{name}: the column "text" is missing.', f"Columns: {', '.join(COLUMNS)}")
    if len(set(columns)) != len(columns):
        twice = next(c for c in columns if columns.count(c) > 1)
        raise UsageError(f'{name}: the column "{twice}" stands there twice.', "Rename one of them.")
    while True:
        before = reader.line_num
        try:
            cells = next(reader, None)
        except csv.Error as e:
            yield Reject(f"{name} line {before + 1}", f"cannot be read: {e}")
            continue
        if cells is None:
            return
        if not any(cells):
            continue
        if len(cells) > len(columns):
            yield Reject(f"{name} line {before + 1}", f"has {len(cells)} cells under {len(columns)} columns")
            continue
        broken = next((i for i, c in enumerate(cells) if BROKEN.search(c)), None)
        if broken is not None:
            yield Reject(f"{name} line {before + 1}", f"{columns[broken]}: holds characters that are not UTF-8")
            continue
        cells = list(map(level, cells))
        yield Row(before + 1, dict(zip(columns, cells + [""] * (len(columns) - len(cells)), strict=True)))


def _lines(source: IO[str], name: str) -> Iterator[str]:
    """The lines of a file, none of them endless. Raises UsageError."""
    while line := source.readline(LONGEST):
        if len(line) == LONGEST and not line.endswith(("\n", "\r")):
            raise UsageError(f"{name} has a line of more than {LONGEST:,} characters.", "Give a CSV file.")
        yield line


def from_jsonl(source: IO[bytes], name: str) -> Iterator[Row | Reject]:
    """The lines of a file of JSON objects."""
    n = 0
    while raw := source.readline(LONGEST):
        n += 1
        where = f"{name} line {n}"
        if len(raw) == LONGEST and not raw.endswith(b"\n"):
            while (rest := source.readline(LONGEST)) and not rest.endswith(b"\n"):
                pass
            yield Reject(where, f"is longer than {LONGEST:,} bytes")
            continue
        if not raw.strip():
            continue
        try:
            data = loads(raw.decode("utf-8-sig" if n == 1 else "utf-8"))
        except (ValueError, RecursionError):
            yield Reject(where, "is not JSON")
            continue
        if not isinstance(data, dict):
            yield Reject(where, "is not an object with a text")
            continue
        yield Row(n, {k.casefold() if k.casefold() in COLUMNS else k: v for k, v in data.items()})


def read(row: Row, register: Directory, *, known: bool) -> Draft:
    """A line as a post. `known` says whether there is a register at all.

    Raises UsageError naming the field where the line cannot be used.
    """
    text = _text(row, "text")
    if not text.strip():
        raise UsageError("text: is missing")
    platform = _text(row, "platform").strip().casefold()
    platform = PLATFORMS.get(platform, platform)
    wanted = " ".join(_text(row, "account").split())
    account = register.find(wanted, platform) if wanted else None
    unknown = account is None and bool(wanted) and known
    if account is None:
        account = Account(f"?{platform}:{wanted}", wanted, platform, handle=wanted, registered=not wanted)
    post = Post(
        -row.line,
        account.id,
        account.platform or platform,
        account.service,
        Locator("drafts", account.id, str(row.line)),
        State.SCHEDULED,
        _at(row),
        text,
        title=_text(row, "title"),
        tags=_list(row, "tags"),
        link=_text(row, "link").strip(),
        media=_list(row, "media"),
        boosted=_yes(row),
    )
    return Draft(row, post, account, unknown)


def _text(row: Row, field: str) -> str:
    value = row.data.get(field)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise UsageError(f"{field}: must be text")
    return value


def _at(row: Row) -> datetime | None:
    given = _text(row, "at").strip()
    if not given:
        return None
    try:
        return parse_instant(given, what="at:")
    except FreezeError as e:
        raise UsageError(f"{e.message} {e.advice}") from None
    except OverflowError:
        raise UsageError(f'at: "{given}" is no time that can be') from None


def _list(row: Row, field: str) -> tuple[str, ...]:
    value = row.data.get(field)
    if isinstance(value, list):
        if not all(isinstance(v, str) for v in value):
            raise UsageError(f"{field}: must be a list of words")
        value = ";".join(value)
        return tuple(w.strip() for w in _text(Row(row.line, {field: value}), field).split(";") if w.strip())
    return tuple(w.strip() for w in re.split(r"[;,]", _text(row, field)) if w.strip())


def _yes(row: Row) -> bool:
    value = row.data.get("boosted")
    if isinstance(value, bool):
        return value
    said = _text(row, "boosted").strip().casefold()
    if said not in YES | NO:
        raise UsageError(f'boosted: "{said[:40]}" is neither yes nor no')
    return said in YES

"""Reads posts from an Orlo export: one CSV or XLSX file, one post a row.

Orlo publishes no description of its exports, so every column name, status word and the order of dates is ASSUMED and
can be changed in settings. A row that cannot be understood becomes a `Reject` with its place in the file; the rows
around it still load. A file that is empty or cut off is never half-used: the next newest one is, and that is said.
"""

from __future__ import annotations

import difflib
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, field_validator

from adapters._orlo import dates
from adapters._orlo import files as _orlo_files
from adapters._orlo.files import BROKEN, Unfinished
from freeze.errors import Unreachable
from freeze.levelling import level
from freeze.posts import Locator, Reject, Seen, State

STATUSES: Mapping[str, State] = {
    "scheduled": State.SCHEDULED,
    "awaiting approval": State.PENDING_APPROVAL,
    "draft": State.DRAFT,
    "published": State.PUBLISHED,
}
"""The words of the status column, in lower case; assumed."""


class Columns(BaseModel):
    """Which header holds what; each is assumed. An empty text says that the export has no such column.

    With `time` empty, the date column holds both date and time. With `id` empty, or on a row without one, a post is
    known by a fingerprint of its account, time, words and link: editing it makes it another post.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = "Post ID"
    account: str = "Social account"
    network: str = "Network"
    date: str = "Publish date"
    time: str = "Publish time"
    status: str = "Status"
    message: str = "Message"
    link: str = "Link"
    tags: str = "Tags"
    author: str = "Created by"
    boosted: str = "Boosted"

    @field_validator("account", "network", "date", "status", "message")
    @classmethod
    def _needed(cls, header: str) -> str:
        if not header.strip():
            raise ValueError("an export cannot be read without this column: give its header")
        return header


@dataclass(frozen=True, slots=True)
class Layout:
    """How a council's exports are written; `zone` is the zone of the times in them."""

    columns: Columns
    statuses: Mapping[str, State]
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class Export:
    """One export as it was read; `as_of` is the time the file was last written (UTC).

    `accounts` are (network, name) pairs, also of rows that were not taken, so that no account goes unseen.
    """

    name: str
    as_of: datetime
    accounts: tuple[tuple[str, str], ...]
    posts: tuple[Seen, ...]
    rejects: tuple[Reject, ...]


def native(network: str, name: str) -> str:
    """The id of an account as this connection knows it.

    >>> native("Facebook", "Anyshire Highways")
    'facebook:Anyshire Highways'
    """
    return f"{network.lower()}:{name}"


def find(folder: Path) -> list[tuple[Path, datetime]]:
    """The exports in `folder`, last written first, with the time each was written (UTC). Raises Unreachable."""
    try:
        files = [(p, p.stat().st_mtime) for p in folder.iterdir() if _wanted(p)]
    except OSError as e:
        raise Unreachable(f"No export found in {folder.absolute()} ({e.strerror}).", "Save one from Orlo.") from None
    files.sort(key=lambda f: (f[1], f[0].name), reverse=True)
    return [(p, datetime.fromtimestamp(at, UTC)) for p, at in files]


def _wanted(path: Path) -> bool:
    # A workbook that somebody has open leaves a "~$name.xlsx" beside it.
    return path.suffix.lower() in {".csv", ".xlsx"} and not path.name.startswith(("~$", ".")) and path.is_file()


def newest(connection: str, folder: Path, layout: Layout) -> Export:
    """The newest export in `folder` that is complete; newer ones that are not stand among its rejects.

    Raises Unreachable where there is none, where a needed column is missing and where no row could be understood: an
    older file would then only hide that the exports have changed.
    """
    skipped: list[Reject] = []
    for path, written in find(folder):
        try:
            return read(connection, path, written, layout, skipped)
        except Unfinished as e:
            why = f"This export was not used: {e}. The next newest one was looked for."
            skipped.append(Reject(level(path.name), why))
        except OSError as e:
            skipped.append(Reject(level(path.name), f"This export could not be opened: {e.strerror}."))
    why = " ".join(f"{r.where}: {r.reason}" for r in skipped)
    raise Unreachable(f"No export found in {folder.absolute()}.{' ' + why if why else ''}", "Save one from Orlo.")


def read(connection: str, path: Path, written: datetime, layout: Layout, skipped: Sequence[Reject] = ()) -> Export:
    """One file as an export. Raises Unfinished for one that is empty or cut off, else as `newest`."""
    table = _orlo_files.table(path, [h for h in layout.columns.model_dump().values() if h])
    file = level(path.name)
    cells_at = _places(connection, file, table.header, layout.columns)
    accounts: dict[tuple[str, str], None] = {}
    posts: dict[Locator, tuple[Seen, str]] = {}
    rejects = list(skipped)
    for number, row in table.rows:
        where = f"{file} {table.unit} {number}"
        if isinstance(row, str):
            rejects.append(_rejected(where, row))
            continue
        if not any(_text(c) for c in row):
            continue
        broken = any(isinstance(c, str) and BROKEN.search(c) for c in row)
        plain: list[object] = [level(c) if isinstance(c, str) else c for c in row]
        cells = {field: plain[i] for field, i in cells_at.items()}
        network, name = _text(cells["network"]), _text(cells["account"])
        if network and name:
            accounts[network, name] = None
        try:
            if broken:
                raise ValueError("it holds bytes that are not UTF-8 text, as the rest of the file is")
            raw = {h: _text(c) for h, c in zip(table.header, plain, strict=True)}
            seen = _seen(connection, cells, raw, layout)
            if seen.locator in posts:
                first, there = posts[seen.locator]
                same = "the same" if first == seen else "another"
                by = "Post ID" if _text(cells.get("id")) else "account, time and words"
                raise ValueError(f"its {by} already stood on {there}, which holds {same} post")
            posts[seen.locator] = (seen, f"{table.unit} {number}")
        except ValueError as e:
            rejects.append(_rejected(where, str(e)))
    if not posts:
        first_reject = next((r for r in rejects if r.where.startswith(f"{file} ")), None)
        if first_reject is None:
            raise Unfinished("it has a header and no rows, which also is how an unfinished export looks")
        raise Unreachable(
            f"No row of {file} could be understood; {first_reject.where}: {first_reject.reason}",
            f"Compare the export with connections.{connection} in the settings.",
        )
    return Export(file, written, tuple(accounts), tuple(s for s, _ in posts.values()), tuple(rejects))


def _rejected(where: str, reason: str) -> Reject:
    return Reject(where, reason[0].upper() + reason[1:].rstrip(".") + ".")


def _places(connection: str, file: str, header: Sequence[str], columns: Columns) -> dict[str, int]:
    """Where each mapped field stands in a row. Raises Unreachable for a needed column that is missing or doubled."""
    plain = [_level(h) for h in header]
    found: dict[str, int] = {}
    optional = {"id", "link", "tags", "author", "boosted"} - columns.model_fields_set
    for field, wanted in columns.model_dump().items():
        count = plain.count(_level(wanted)) if wanted else 0
        setting = f"setting connections.{connection}.columns.{field}"
        if count > 1:
            raise Unreachable(f'{file} has the column "{wanted}" ({setting}) {count} times.', "Save a new export.")
        if count:
            found[field] = plain.index(_level(wanted))
        elif wanted and field not in optional:
            close = difflib.get_close_matches(_level(wanted), plain, n=1, cutoff=0.4)
            near = (
                f'the nearest header is "{header[plain.index(close[0])]}"'
                if close
                else f"its headers are: {', '.join(header)}"
            )
            raise Unreachable(f'{file} has no column "{wanted}" ({setting}); {near}.', "Correct that setting.")
    return found


def _seen(connection: str, cells: Mapping[str, object], raw: Mapping[str, str], layout: Layout) -> Seen:
    """One row as a post. Raises ValueError with the reason why not."""
    got = {field: _text(cell) for field, cell in cells.items()}
    for field in ("network", "account"):
        if not got[field]:
            raise ValueError(f'its column "{getattr(layout.columns, field)}" is empty')
    state = _state(got["status"], layout.statuses)
    given = " ".join(v for v in (got["date"], got.get("time", "")) if v)
    # A draft needs no time to be a draft; anything that can go out must have one that is understood.
    at = None if state is State.DRAFT and not given else dates.instant(cells["date"], cells.get("time"), layout.zone)
    message, link = _lines(cells["message"]), got.get("link", "")
    account = native(got["network"], got["account"])
    post_id = got.get("id", "")
    if re.fullmatch(r"\d(\.\d+)?[eE]\+?\d+", post_id):
        raise ValueError(f'its Post ID "{post_id}" was shortened by a spreadsheet program')
    return Seen(
        locator=Locator(connection, account, post_id or _fingerprint(account, at, message, link)),
        state=state,
        at=at,
        at_given=given,
        text=message,
        link=link,
        author=got.get("author", ""),
        app="Orlo",
        tags=tuple(t.strip() for t in re.split(r"[,;|]", got.get("tags", "")) if t.strip()),
        boosted=got.get("boosted", "").lower() not in {"", "no", "n", "false", "0"},
        raw=raw,
    )


def _state(word: str, statuses: Mapping[str, State]) -> State:
    if not word:
        raise ValueError("it has no status")
    if _level(word) not in statuses:
        known = ", ".join(f'"{s}"' for s in statuses)
        raise ValueError(f'its status "{word}" is not one of {known} (setting "statuses")')
    return statuses[_level(word)]


def _fingerprint(account: str, at: datetime | None, message: str, link: str) -> str:
    parts = "\x1f".join((account, at.isoformat() if at else "", message, link))
    return "row-" + hashlib.sha256(parts.encode()).hexdigest()[:16]


def _lines(cell: object) -> str:
    # The same post saved as CSV and as XLSX differs in its line ends only.
    return str(cell if cell is not None else "").replace("\r\n", "\n").strip("\n")


def _text(cell: object) -> str:
    """A cell as one line of text: whole numbers without a fraction, a real date day first as people write it."""
    if isinstance(cell, bool):
        return "Yes" if cell else "No"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, time):
        return f"{cell:%H:%M}"
    if isinstance(cell, datetime):
        return f"{cell:%d/%m/%Y}" + (f" {cell:%H:%M}" if cell.time().hour or cell.time().minute else "")
    return str(cell).strip() if cell is not None else ""


def _level(text: str) -> str:
    return " ".join(text.lower().split())


def usable(words: Mapping[str, State]) -> dict[str, State]:
    """Status words as they are looked up: the usual ones, and those a council adds or changes."""
    return {**STATUSES, **{_level(w): s for w, s in words.items()}}

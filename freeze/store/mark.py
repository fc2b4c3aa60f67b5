"""The mark outside the store: how far this guard has come, so that an older store put in its place is recognised.

A file beside the store (for PostgreSQL: in this user's state folder), one JSON object a line, appended after each
commit that wrote something and made anew, short, at the end of a run:

    {"head": [seq, hash], "at": "..."}     the log's last line then
    {"place": [connection, account, id, occurrence], "verb": "hold", ...}     where a change leaves a post

It holds no words and no personal data. It is written after the commit and before the change is sent: a killed process
leaves it behind the store at the most, which is harmless, never ahead of it. It is not forced to the disk: a power cut
can lose its last lines. Whatever befalls it, no run stops for it.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import threading
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, func, select

from freeze import private
from freeze.holds import Expected, HoldState, Kind, Verb
from freeze.posts import Json, Locator, State
from freeze.store.tables import CLAIM, FREEZE, HOLD, INTENT, LOG, POST
from freeze.windows import say

TAIL: Final = 16 * 1024  # bytes; the last line written is always a head, and a run that ends leaves it at the end
LARGEST: Final = 4 * 1024 * 1024  # bytes of appended lines after which the file is made anew
RARELY: Final = 1.0
"""Seconds between two notes of the log's last line while a run commits many times a second."""
PATIENCE: Final = 5.0  # seconds to wait for another process that writes it

Freezes = tuple[tuple[int, str, str], ...]
"""Pauses: number, the instant it was declared, its preset."""


@dataclass(frozen=True, slots=True)
class Left:
    """Where the guard left one post.

    `state`, `at`, `at_given` are what it was before (UTC; as given). `stands` are the places where a reading may find
    it as the guard left it, the latest first; `back`, if set, where it was to be put back to.
    """

    place: Locator
    kind: Kind
    state: State
    at: datetime | None
    at_given: str
    stands: tuple[tuple[Expected, datetime | None], ...]
    back: Expected | None
    freezes: Freezes


@dataclass(frozen=True, slots=True)
class Older:
    """A store that is not the one this guard has written: the mark's last line, and the store's own."""

    seq: int
    at: str
    store_seq: int
    store_at: str

    def said(self, left: int) -> str:
        """What everybody must hear first; `left` posts stand where the guard left them and the store knows nothing."""
        if self.store_seq < self.seq:
            last = f"its last line is of {_when(self.store_at)}" if self.store_at else "it holds no line"
            n = self.seq - self.store_seq
            what = f"{last}, {n} newer line{'s are' if n != 1 else ' is'} missing (was a backup put in place?)"
        else:
            what = f"line {self.seq} of its log is another one than was written on {_when(self.at)}"
        posts = f"{left} posts stand where this guard parked them" if left != 1 else "1 post stands where it parked it"
        return f"THIS STORE IS OLDER THAN WHAT THIS GUARD HAS WRITTEN: {what}. {posts}. Run: freeze sync --enforce"


def _when(at: str) -> str:
    try:
        return say(datetime.fromisoformat(at))
    except ValueError:
        return "an unknown day"


class Mark:
    """The mark of one store. Nothing here raises for the file's sake: what went wrong is in `trouble`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.trouble = ""
        self._intent: int | None = None  # the newest purpose that was noted
        self._seq = -1  # the newest log line that was noted
        self._same: bool | None = None  # whether the store is the one that the mark was written of
        self.changed = False
        self.behind = False  # whether log lines were written that the file does not know of yet
        self._again = 0.0
        self._one = threading.Lock()
        self._lock: Any = None

    # Looking

    def check(self, c: Connection) -> Older | None:
        """Whether the store is older than the mark, or of another line of history; in any transaction, cheaply."""
        found = self._head()
        self._same = True
        if found is None:
            return None
        seq, digest, at = found
        row = c.execute(select(LOG.c.hash).where(LOG.c.seq == seq)).first()
        if row is not None and row[0] == digest:
            return None
        self._same = False
        last = c.execute(select(LOG.c.seq, LOG.c.at).order_by(LOG.c.seq.desc()).limit(1)).first()
        return Older(seq, at, int(last[0]) if last else 0, str(last[1]) if last else "")

    def left(self) -> list[Left]:
        """Every post that the guard left somewhere, as far as the mark knows."""
        found: dict[Locator, Left] = {}
        for line in self._lines():
            try:
                _fold(found, line)
            except (KeyError, ValueError, TypeError, IndexError):
                continue  # a line that was cut off
        return list(found.values())

    def unknown(self, c: Connection) -> list[Left]:
        """Those of `left` on which the store has no open hold."""
        query = select(POST.c.connection, POST.c.native_account, POST.c.native_id, POST.c.occurrence)
        known = {
            Locator(*r) for r in c.execute(query.join(HOLD, HOLD.c.post == POST.c.id).where(HOLD.c.closed_at.is_(None)))
        }
        return [x for x in self.left() if x.place not in known]

    # Writing

    def begin(self, c: Connection) -> None:
        """At the beginning of a writing transaction."""
        if self._same is None:
            self.check(c)
        if self._intent is None:
            self._intent = int(c.execute(select(func.max(INTENT.c.id))).scalar() or 0)

    def gather(self, c: Connection) -> list[dict[str, Json]]:
        """At the end of a writing transaction: what has to be appended once it is committed."""
        lines: list[dict[str, Json]] = []
        newest = int(c.exec_driver_sql("SELECT max(id) FROM intent").scalar() or 0)
        if self._intent is not None and newest > self._intent:
            lines += _purposes(c, INTENT.c.id > self._intent)
        self._intent = newest
        if not lines and time.monotonic() < self._again:  # a run commits many times a second
            self.behind = True
            return lines
        self._again = time.monotonic() + RARELY
        return lines + self.head(c)

    def head(self, c: Connection) -> list[dict[str, Json]]:
        """The log's last line, where the mark does not have it yet."""
        lines: list[dict[str, Json]] = []
        self.behind = False
        head = c.execute(select(LOG.c.seq, LOG.c.hash, LOG.c.at).order_by(LOG.c.seq.desc()).limit(1)).first()
        if head is not None and self._same and int(head[0]) > self._seq:
            self._seq = int(head[0])
            lines.append(_head_line(head))
        return lines

    def append(self, lines: list[dict[str, Json]]) -> None:
        """After the commit, before anything is sent."""
        if not lines:
            return
        self.changed = self.changed or any("place" in line for line in lines)
        data = "".join(json.dumps(line) + "\n" for line in lines).encode()
        try:
            private.folder(self.path.parent)
            with self._alone():
                private.added(self.path, data)
        except OSError as e:
            self.trouble = f"The mark {self.path} cannot be written ({e.strerror or 'in use'})."

    def renew(self, c: Connection, *, meant: bool = False) -> None:
        """Make the file anew from the store, in a reading transaction; not while the store is older, unless `meant`."""
        self.changed = False
        if not meant and self.check(c) is not None:
            return
        try:
            private.folder(self.path.parent)
            with self._alone():
                lines = [*_holds(c), *_purposes(c, INTENT.c.done_at.is_(None))]
                head = c.execute(select(LOG.c.seq, LOG.c.hash, LOG.c.at).order_by(LOG.c.seq.desc()).limit(1)).first()
                lines += [_head_line(head)] if head is not None else []
                private.whole(self.path, "".join(json.dumps(line) + "\n" for line in lines), durable=False)
                self._seq, self._same = (int(head[0]) if head is not None else -1), True
        except OSError as e:
            self.trouble = f"The mark {self.path} cannot be written ({e.strerror or 'in use'})."

    def due(self) -> bool:
        """Whether the file should be made anew now."""
        if self.changed:
            return True
        try:
            return self.path.stat().st_size > LARGEST
        except OSError:
            return False

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One writer at a time. Raises OSError when nobody lets go of it."""
        if self._lock is None:
            from filelock import FileLock

            lock = private.made(Path(f"{self.path}.lock"))
            self._lock = FileLock(lock, timeout=PATIENCE, mode=private.file_mode(), thread_local=False)
        with self._one, self._lock:
            yield

    def _head(self) -> tuple[int, str, str] | None:
        """The newest head in the file's last lines: number, hash, instant."""
        try:
            with self.path.open("rb") as f:
                size = f.seek(0, os.SEEK_END)
                f.seek(max(0, size - TAIL))
                tail = f.read()
        except OSError:
            return None
        found = _heads(tail)
        if not found and size > TAIL:
            found = _heads(self.path.read_bytes())
        return max(found, default=None)

    def _lines(self) -> Iterator[Mapping[str, Any]]:
        try:
            text = self.path.read_text(encoding="utf-8", errors="replace")
        except OSError:
            return
        for line in text.splitlines():
            try:
                found = json.loads(line)
            except ValueError:
                continue
            if isinstance(found, dict):
                yield found


UNTOUCHED: Final = tuple(s.value for s in (HoldState.NEEDS_A_PERSON, HoldState.REFUSED))
"""States of holds where the guard changed nothing on the platform."""

HEAD = re.compile(rb'^\{"head": \[(\d{1,15}), "([0-9a-f]{64})"\], "at": "([^"]*)"\}$', re.MULTILINE)


def _heads(data: bytes) -> list[tuple[int, str, str]]:
    return [(int(n), h.decode(), at.decode()) for n, h, at in HEAD.findall(data)]


def _head_line(row: Any) -> dict[str, Json]:
    return {"head": [int(row[0]), str(row[1])], "at": str(row[2])}


def _purposes(c: Connection, where: Any) -> list[dict[str, Json]]:
    """A line for each purpose that fits, oldest first."""
    query = (
        select(INTENT.c.verb, INTENT.c.change, INTENT.c.hold, HOLD.c.before)
        .join(HOLD, HOLD.c.id == INTENT.c.hold)
        .where(where)
        .order_by(INTENT.c.id)
    )
    rows = c.execute(query).all()
    claims = _claims(c, {r.hold for r in rows})
    return [
        _line(r.before, r.verb, r.change["kind"], r.change["expected"], r.change["expires_at"], claims.get(r.hold, []))
        for r in rows
    ]


def _holds(c: Connection) -> list[dict[str, Json]]:
    """A line for each open hold in which the guard changed something."""
    touched = HOLD.c.closed_at.is_(None) & HOLD.c.state.not_in(UNTOUCHED) & (HOLD.c.kind != Kind.HUMAN.value)
    query = select(HOLD.c.id, HOLD.c.kind, HOLD.c.before, HOLD.c.expected, HOLD.c.expires_at)
    rows = c.execute(query.where(touched).order_by(HOLD.c.id)).all()
    claims = _claims(c, {r.id for r in rows})
    return [
        _line(
            r.before,
            Verb.HOLD.value,
            r.kind,
            r.expected,
            r.expires_at.isoformat() if r.expires_at else None,
            claims.get(r.id, []),
        )
        for r in rows
    ]


def _line(before: Any, verb: str, kind: str, expected: Json, expires_at: str | None, freezes: Json) -> dict[str, Json]:
    return {
        "place": before["locator"],
        "verb": verb,
        "kind": kind,
        "expected": expected,
        "expires_at": expires_at,
        "before": [before["state"], before["at"], before["at_given"]],
        "freezes": freezes,
    }


def _claims(c: Connection, holds: Collection[int]) -> dict[int, list[list[Json]]]:
    """The pauses that claim each hold."""
    claims: dict[int, list[list[Json]]] = {}
    ids = sorted(holds)
    for start in range(0, len(ids), 500):
        some = select(CLAIM.c.hold, FREEZE.c.id, FREEZE.c.declared_at, FREEZE.c.preset)
        some = some.join(FREEZE, FREEZE.c.id == CLAIM.c.declaration).where(CLAIM.c.hold.in_(ids[start : start + 500]))
        for hold, number, declared, preset in c.execute(some):
            claims.setdefault(hold, []).append([number, declared.isoformat(), preset])
    return claims


def _fold(found: dict[Locator, Left], line: Mapping[str, Any]) -> None:
    """Take one more line into account."""
    if "place" not in line:
        return
    place, verb, expected = Locator(*line["place"]), Verb(line["verb"]), Expected.from_json(line["expected"])
    state, at, given = line["before"]
    expires = datetime.fromisoformat(line["expires_at"]) if line["expires_at"] else None
    there = found.get(place)
    before = there.stands if there is not None and verb is not Verb.HOLD else ()
    freezes: Freezes = tuple((int(n), str(d), str(p)) for n, d, p in line["freezes"])
    found[place] = Left(
        place,
        there.kind if there is not None and verb is Verb.PUT_BACK else Kind(line["kind"]),
        State(state),
        datetime.fromisoformat(at) if at else None,
        str(given),
        before if verb is Verb.PUT_BACK else ((expected, expires), *before),
        expected if verb is Verb.PUT_BACK else None,
        freezes,
    )


def beside(store: Path) -> Path:
    """Where the mark of a SQLite store is."""
    return store.with_name(f"{store.name}.mark")


def of_host(said: str, first: str) -> Path:
    """Where the mark of a PostgreSQL store is: by its host and database, and the hash of its log's first line."""
    from platformdirs import user_state_path

    name = re.sub(r"[^A-Za-z0-9.-]+", "-", said)[-80:]
    return user_state_path("freeze-guard") / f"{name}-{hashlib.sha256((said + first).encode()).hexdigest()[:16]}.mark"


def of(c: Connection, path: Path | None, said: str) -> Mark:
    """The mark of the store that `c` is open on."""
    if path is not None:
        return Mark(beside(path))
    first = c.execute(select(LOG.c.hash).where(LOG.c.seq == 1)).scalar()
    return Mark(of_host(said, str(first or "")))

"""Somebody left or moved: which passwords and codes are to be changed (clause 5.5)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum

from freeze.acts import register
from freeze.acts.app import App
from freeze.errors import UsageError, nearest
from freeze.register import Administrator, Record, left, mentions, people, person
from freeze.report.register import Entry
from freeze.store import register as register_store
from freeze.store.journal import Transaction, once
from freeze.words import safe


class Todo(Enum):
    """What is to be done about an account that somebody leaves."""

    PASSWORD = "change the password"  # noqa: S105 (no password, but what is to be done)
    CODE = "let the code go to somebody else's device"
    OWNER = "name another owner"


@dataclass(frozen=True)
class Left:
    """Who left, as the register names them, and every account that names them with what is to be done about it."""

    name: str
    accounts: Sequence[tuple[Entry, Sequence[Todo]]]

    @property
    def waits(self) -> bool:
        """Whether anything is to be done."""
        return any(todo for _, todo in self.accounts)

    @property
    def through(self) -> list[str]:
        """The connections through which they may have a sign-in of their own."""
        return sorted({s.connection for e, _ in self.accounts for s in e.seen})


def leave(app: App, name: str, on: date, *, moved: bool, dry_run: bool) -> Left:
    """Record that somebody left the council, or moved to other work, on a London day; `dry_run` records nothing.

    Raises UsageError with the nearest name where the register names nobody so.
    """
    app.may("register")
    now = app.now()
    with app.store.read() as c:
        found = register.every(c)
    called = _called(found, name)

    def work(tx: Transaction) -> list[tuple[Entry, Record]]:
        marked = list(_marked(register.every(tx.c), called, on, moved=moved))
        register_store.write(tx.c, {e.account.id: r for e, r in marked})
        tx.log(now, "register.left", {"accounts": [e.account.id for e, _ in marked], "moved": moved})
        return marked

    marked = list(_marked(found, called, on, moved=moved)) if dry_run else once(app.store, app.actor, work)
    return Left(called, [(e, list(_todo(e, r, called))) for e, r in marked])


def _called(found: Iterable[Entry], name: str) -> str:
    """The person as the register names them. Raises UsageError with the nearest name where it names nobody so."""
    named = {person(n): n for e in found for n in people(e.account.owner, e.record)}
    if person(name) in named:
        return named[person(name)]
    plain = not re.search(r"[;|]", name)
    if plain and any(mentions(n, name) for n in named.values()):
        return name
    raise UsageError(f'The register names nobody called "{safe(name)}".', nearest(name, named.values()))


def _marked(found: Iterable[Entry], name: str, on: date, *, moved: bool) -> Iterator[tuple[Entry, Record]]:
    for e in found:
        after = left(e.record, e.account.owner, name, on, moved=moved)
        if after != e.record or any(person(a.name) == person(name) for a in e.record.administrators):
            yield e, after


def _todo(e: Entry, after: Record, name: str) -> Iterator[Todo]:
    mine: Administrator = next(a for a in after.administrators if person(a.name) == person(name))
    if after.password_known_to(mine):
        yield Todo.PASSWORD
    if after.code_comes_to(name):
        yield Todo.CODE
    if mentions(e.account.owner, name):
        yield Todo.OWNER

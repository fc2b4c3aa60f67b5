"""The lines of a digest: for one reader, everything to decide or do, and by when. Pure.

Communications sees everything. A service sees only its own posts, and of a quiet pause only the words "Publishing
pause": no name, no clause, no reason.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

from freeze.accounts import Account, Gap
from freeze.findings import Finding
from freeze.holds import digest
from freeze.pauses.freezes import QUIET, Freeze
from freeze.people.sources import Source
from freeze.posts import Post
from freeze.views.found import Found
from freeze.words import safe


class Sort(IntEnum):
    """What kind of line it is; only `TO_DO` waits for a person."""

    TO_DO = 0
    WENT_OUT = 1
    UNKNOWN = 2
    MAYBE = 3
    NOTE = 4


@dataclass(frozen=True, slots=True)
class Reader:
    """Who a digest is for; `service` is None for Communications, who see everything."""

    name: str
    service: str | None = None

    @property
    def key(self) -> str:
        """What the store knows it by."""
        return "communications" if self.service is None else f"service:{self.service}"

    def sees(self, account: Account | None) -> bool:
        """Whether what happens on an account concerns this reader."""
        return self.service is None or (account is not None and account.service == self.service)


@dataclass(frozen=True, slots=True)
class Item:
    """One line. `due` is the post's own time; `news` is "new" or "changed".

    `by` is when somebody must have acted; of something to do, None means at once. `posts` is how many it is about.
    `mark` stands for what it says where the words change every night and the matter does not. `finding` is the short id
    under which it can be accepted.
    """

    key: str
    sort: Sort
    says: str
    do: str = ""
    by: datetime | None = None
    due: datetime | None = None
    post: str = ""
    account: str = ""
    service: str = ""
    words: str = ""
    clause: str = ""
    decision: bool = False
    posts: int = 1
    mark: str = ""
    finding: str = ""
    news: str = ""

    @property
    def fingerprint(self) -> str:
        """What changes when the line does."""
        said = [self.says, self.do, self.by.isoformat() if self.by else "", self.words]
        return digest([self.mark] if self.mark else said)


@dataclass(frozen=True)
class Picture:
    """Everything a night found, for any reader. `pauses` are those in force, and those over that still hold posts.

    `accepted` are findings that are known and fine and stand nowhere else; `accepted_now` says how some came to be so
    tonight. `housekeeping` waits for Monday.
    """

    now: datetime
    pauses: Sequence[tuple[Freeze, Found]]
    findings: Sequence[Finding]
    posts: Mapping[int, Post]
    register: Mapping[str, Account]
    sources: Mapping[str, Source]
    accepted: Sequence[Finding] = ()
    accepted_now: str = ""
    housekeeping: Sequence[Finding] = ()
    gaps: Sequence[Gap] = ()
    unregistered: Sequence[str] = ()
    warnings: Sequence[str] = ()
    head: str = ""
    missed: str = ""
    council: str = ""
    marking: str = ""

    def title(self, connection: str) -> str:
        """A connection as people call it."""
        return self.sources[connection].title if connection in self.sources else connection


def hidden(reader: Reader, f: Freeze) -> bool:
    return f.quiet and reader.service is not None


def name_of(reader: Reader, f: Freeze) -> str:
    return f"{QUIET} ({f.ref})" if hidden(reader, f) else f.says()


def sees(reader: Reader, what: Found, post: int) -> bool:
    p = what.posts.get(post)
    return reader.sees(what.register.get(p.account)) if p else reader.service is None


def account_words(register: Mapping[str, Account], ident: str) -> str:
    """An account and its platform, in words."""
    a = register.get(ident)
    return f"{safe(a.name, 50)} ({a.platform})" if a else safe(ident, 50)

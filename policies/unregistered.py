"""Accounts that nobody registered: seen through a connection or in an export, and not on the register.

Clause 2.5: no corporate account is opened without the permission of Communications. An account that turns up in a
connection's list or in a scheduler's export and is not on the register is told once a night, in one line with the
number of posts that wait on it: a conflict while any do, since nobody is on record as answering for what goes out
there; for information otherwise. While nothing at all is registered, one line says so for all. Every pause of all
accounts covers it all the same.

Settings, all optional (`[policies.unregistered]`):

    empty = true    # also tell of accounts on which nothing waits
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from pydantic import BaseModel, ConfigDict, Field

from freeze.accounts import Account
from freeze.findings import Finding, Level
from freeze.ports import Facts
from freeze.posts import GOES_OUT, Post

ID = "unregistered"
TITLE = "Accounts that nobody registered"
CLAUSES = ("2.5",)


FEW = 3
"""So many lines are no noise, even where nothing is registered."""


class Options(BaseModel):
    """The settings of this rule; unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    empty: bool = Field(
        default=True,
        strict=True,
        description="whether accounts on which nothing waits are told of too",
        json_schema_extra={"unit": "", "clause": "2.5"},
    )


class Across:
    """Counts what waits on each account that was seen and is not on the register."""

    def __init__(self, options: Options, facts: Facts) -> None:
        self._options, self._facts = options, facts
        self._unknown = [a for a in facts.accounts.values() if not a.registered]
        self._waiting: Counter[str] = Counter()

    def see(self, posts: Sequence[Post]) -> None:
        """Count these posts."""
        if self._unknown:
            self._waiting.update([p.account for p in posts if p.state in GOES_OUT and p.same_as is None])

    def findings(self) -> Iterator[Finding]:
        """One finding for each of these accounts, with what waits there."""
        yield from _told(self._options, self._facts, self._unknown, self._waiting) if self._unknown else ()


def across(options: Options, facts: Facts) -> Across:
    """What counts the posts as they go by."""
    return Across(options, facts)


def _told(options: Options, facts: Facts, unknown: Sequence[Account], waiting: Mapping[str, int]) -> Iterator[Finding]:
    if len(unknown) == len(facts.accounts) and len(unknown) > FEW:
        total = sum(waiting[a.id] for a in unknown)
        yield Finding(
            clause="2.5",
            level=Level.CONFLICT,
            sentence=f"Nothing is on the register yet: {len(unknown)} accounts were seen, {total} posts wait on them, "
            "and nobody is on record as answering for any.",
            next_step="Fill in what this writes: freeze accounts export accounts.csv --unregistered. "
            "Then: freeze accounts import accounts.csv",
            about="nothing registered",
        )
        return
    for a in unknown:
        n = waiting[a.id]
        if not n and not options.empty:
            continue
        posts = f"{n} post{'s' if n != 1 else ''} wait{'s' if n == 1 else ''} there" if n else "nothing waits there"
        yield Finding(
            clause="2.5",
            level=Level.CONFLICT if n else Level.NOTE,
            sentence=f"{a.name} ({a.platform}) is not on the register, so nobody answers for it; {posts}.",
            next_step=f"Ask who opened it. Then: freeze accounts add {a.id} --service S --owner NAME",
            account=a.id,
            about="not registered",
        )

"""What an act needs to know of the store, as it stood in one transaction at one instant."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from freeze.accounts import Account
from freeze.errors import UsageError, nearest
from freeze.judging.evaluate import Verdicts
from freeze.pauses.freezes import Freeze, standing, view, views
from freeze.people.signs import Beat
from freeze.people.sources import Age
from freeze.people.tasks import Task
from freeze.permissions import Allowing, Kinds, Permission
from freeze.ports import Facts, FreezeView


@dataclass(frozen=True)
class Known:
    """What is known at `now` (UTC); posts and holds are many, and are read beside it in the same transaction.

    `register` is every account by id, `names` says which account each (connection, platform's own id) is, `freezes` are
    all that were ever declared, `tasks` those of each by its number, `reads` a row for each connection and account that
    was ever tried, `connections` those of the settings, `head` the log's. `lead` is how long before its time a post is
    held. `kinds` is asked only where posts are judged: rules are loaded for it.
    """

    now: datetime
    lead: timedelta
    register: Mapping[str, Account]
    names: Mapping[tuple[str, str], str]
    freezes: Sequence[Freeze]
    permissions: Sequence[Permission]
    kinds: Callable[[], Kinds]
    tasks: Mapping[int, Sequence[Task]]
    reads: Sequence[Any]
    connections: Sequence[str]
    beats: Sequence[Beat]
    head: str

    @property
    def in_force(self) -> list[Freeze]:
        """The pauses that are not over, rehearsals too."""
        return [f for f in self.freezes if not standing(f, self.now).over]

    @property
    def real(self) -> list[Freeze]:
        """Every pause that was no rehearsal."""
        return [f for f in self.freezes if not f.rehearsal]

    @cached_property
    def allowing(self) -> Allowing:
        """Everything that may let a post through a pause."""
        return Allowing(self.permissions, self.kinds())

    def tasks_of(self, f: Freeze) -> Sequence[Task]:
        """The tasks of one pause."""
        return self.tasks.get(f.number, ())

    def facts(self, freezes: Sequence[FreezeView] | None = None) -> Facts:
        """What decides whether a post is held: by every real pause, or by these."""
        shown = views(self.real, self.now, self.lead) if freezes is None else tuple(freezes)
        return Facts(self.now, self.register, shown, self.allowing)

    def verdicts(self, f: Freeze) -> Verdicts:
        """Which posts this one pause holds."""
        return Verdicts(self.facts([view(f, self.now, self.lead)]))

    def ages(self) -> list[Age]:
        """How old what each connection of the settings showed is."""
        out = []
        for name in self.connections:
            mine = [r for r in self.reads if r.connection == name]
            whole = next((r for r in mine if r.native == ""), None)
            as_of = min((r.as_of for r in mine if r.as_of), default=None)
            reason = next((r.reason for r in mine if r.reason), "")
            out.append(Age(name, whole.read_at if whole else None, as_of, reason))
        return out

    def check_names(
        self, kinds: Iterable[str], *, services: Iterable[str], accounts: Iterable[str], platforms: Iterable[str] = ()
    ) -> None:
        """Refuse what is not on the register; `kinds` are the platforms there are adapters for.

        Raises UsageError with the nearest name.
        """
        there = self.register.values()
        for what, given, known in (
            ("service", services, {a.service for a in there if a.service}),
            ("account", accounts, {a.id for a in there}),
            ("platform", platforms, {a.platform for a in there} | set(kinds)),
        ):
            for name in given:
                if name not in known:
                    raise UsageError(f'There is no {what} "{name}".', nearest(name, known))

"""Whose settings a store obeys: what gives rights counts only from the files it was told of.

A settings file is known by its real path (and, where many computers use one store, the computer's name) and by its
owner. Its owner edits it as they like. Another file may be used where it gives the very same rights, wherever it lies;
one that gives others is refused until somebody who may lets the store obey it too.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum

from freeze.council.roles import Member, Roles
from freeze.posts import Json

ROOT = 0


class Stands(Enum):
    """How settings stand to what a store remembers."""

    SAME = "nothing is new"
    EDITED = "a file that is obeyed gives other rights than before"
    FIRST = "nothing was remembered yet, or nobody has a role by what is"
    OTHER = "another file, which gives other rights"


@dataclass(frozen=True, slots=True)
class Given:
    """What one settings file gives: `place` is computer and path, `owner` its owner's number, `rights` a digest."""

    place: str
    owner: int
    rights: str
    people: Mapping[str, Member]
    roles: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Memory:
    """What a store remembers: the files it obeys (place to owner and digest), and whom they gave which role last."""

    files: Mapping[str, tuple[int, str]] = field(default_factory=dict)
    people: Mapping[str, Member] = field(default_factory=dict)
    roles: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def rights(self) -> Roles:
        """Who may do what by what is remembered."""
        return Roles(dict(self.people), dict(self.roles))

    def stands(self, mine: Given) -> Stands:
        """How these settings stand to it."""
        owner, rights = self.files.get(mine.place, (None, None))
        if owner is not None and mine.owner in (owner, ROOT):
            return Stands.SAME if rights == mine.rights else Stands.EDITED
        if any(rights == mine.rights for _, rights in self.files.values()):
            return Stands.SAME
        return Stands.OTHER if self.files and self.rights.on else Stands.FIRST

    def with_(self, mine: Given) -> Memory:
        """The same, and these settings are obeyed too."""
        return replace(
            self,
            files={**self.files, mine.place: (mine.owner, mine.rights)},
            people=mine.people,
            roles=mine.roles,
        )

    def to_json(self) -> dict[str, Json]:
        """As the store keeps it."""
        return {
            "files": {place: {"owner": owner, "rights": rights} for place, (owner, rights) in self.files.items()},
            "people": {u: [m.name, m.role, list(m.services)] for u, m in self.people.items()},
            "roles": {r: list(actions) for r, actions in self.roles.items()},
        }

    @classmethod
    def from_json(cls, d: Mapping[str, Json]) -> Memory:
        """What the store kept."""
        return cls(
            {place: (f["owner"], f["rights"]) for place, f in d["files"].items()},
            {u: Member(name, role, tuple(services)) for u, (name, role, services) in d["people"].items()},
            {r: tuple(actions) for r, actions in d["roles"].items()},
        )


def given(
    place: str,
    owner: int,
    people: Mapping[str, Member],
    roles: Mapping[str, Iterable[str]],
    others: Mapping[str, Json],
) -> Given:
    """What settings give; `others` is what else of them decides what passes a pause."""
    own = {r: tuple(actions) for r, actions in roles.items()}
    said = json.dumps(
        {
            "people": {u: [m.name, m.role, sorted(m.services)] for u, m in people.items()},
            "roles": {r: sorted(actions) for r, actions in own.items()},
            "others": others,
        },
        sort_keys=True,
        default=str,
    )
    return Given(place, owner, hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()[:32], people, own)

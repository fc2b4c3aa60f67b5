"""Findings: one conflict of a post or an account with one policy, and what to do about it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum

from freeze.windows import Window


class Level(StrEnum):
    """How much a finding matters.

    `stop` holds a post, `conflict` needs a decision, `note` is for information, `housekeeping` can wait for Monday.
    """

    STOP = "stop"
    CONFLICT = "conflict"
    NOTE = "note"
    HOUSEKEEPING = "housekeeping"


@dataclass(frozen=True, slots=True)
class Finding:
    """One conflict; the engine stamps `policy`, so that a policy cannot mis-state it.

    `about` tells findings of one rule on one post or account apart, in words that stay the same from night to night.
    `accounts` are others it concerns, whose services are told too.
    """

    clause: str
    level: Level
    sentence: str
    next_step: str = ""
    post: int | None = None
    account: str = ""
    window: Window | None = None
    freeze: str = ""
    policy: str = ""
    about: str = ""
    accounts: tuple[str, ...] = ()

    @property
    def ref(self) -> str:
        """The short id people type to accept it: the same tomorrow for the same thing, whatever its sentence says."""
        what = "\n".join((self.policy, self.clause, str(self.post or ""), self.account, self.freeze, self.about))
        return "c" + hashlib.sha256(what.encode()).hexdigest()[:7]

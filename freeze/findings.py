"""Findings: one conflict of a post or an account with one policy, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from freeze.windows import Window


class Level(StrEnum):
    """How much a finding matters: `stop` holds a post, `conflict` needs a decision, `note` is for information."""

    STOP = "stop"
    CONFLICT = "conflict"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Finding:
    """One conflict; the engine stamps `policy`, so that a policy cannot mis-state it."""

    clause: str
    level: Level
    sentence: str
    next_step: str = ""
    post: int | None = None
    account: str = ""
    window: Window | None = None
    freeze: str = ""
    policy: str = ""

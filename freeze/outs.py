"""How a post that went out inside a pause is recorded."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

MAY_BE_OUT, ALLOWED = "may have gone out", "allowed"
"""How a post that went out is recorded where that is not sure, or where somebody allowed it."""
READ = ("slip", "too late", ALLOWED)
"""How it is recorded where the post itself was read."""


@dataclass(frozen=True, slots=True)
class Out:
    """A post recorded as having gone out inside a pause: when (UTC), and how."""

    at: datetime
    how: str

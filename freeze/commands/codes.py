"""Exit codes: 0 done and checked, 1 something waits, 2 wrong input, 3 partly effective, 4 refused, 5 could not know."""

from __future__ import annotations

from freeze.errors import worst
from freeze.report.pause import Ran
from freeze.views.found import Found

__all__ = ["of_pause", "worst"]


def of_pause(what: Found, ran: Ran | None = None) -> int:
    """3 while anything of a pause is not settled, or something could not be read; else 0."""
    return 3 if what.unsettled or (ran is not None and ran.broken) else 0

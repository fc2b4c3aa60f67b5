"""What any run needs, put together once for a command, a job or a page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from freeze.permissions import NO_KINDS, Kinds
from freeze.ports import Platform
from freeze.store.database import Database


@dataclass(frozen=True)
class Desk:
    """What any run needs: the store, the platforms, who runs it, the clock, and how to tell people."""

    db: Database
    platforms: Mapping[str, Platform]
    actor: str
    now: Callable[[], datetime]
    lead: timedelta
    kinds: Kinds = NO_KINDS
    threads: int = 16
    progress: Callable[[int, int], None] = lambda _done, _all: None
    waiting: Callable[[], None] = lambda: None

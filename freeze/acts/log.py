"""The log: is it whole, and what stands in it."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from freeze.acts.app import App
from freeze.store import log as log_store
from freeze.store.log import Line


@dataclass(frozen=True)
class Verified:
    """How many lines were read, what is wrong with them (empty when nothing is), and the head as it is now."""

    lines: int
    wrong: str
    head: str


@dataclass(frozen=True)
class Exported:
    """Lines of the log, oldest first, and its head."""

    lines: Sequence[Line]
    head: str


def verify(app: App, head: str = "") -> Verified:
    """Look for any change, removal, reorder or truncation; a `head` known from before finds an end that was cut off."""
    with app.store.read() as c:
        n, wrong = log_store.verify(log_store.lines(c), head)
        return Verified(n, wrong, log_store.head(c))


def export(app: App, last: int | None = None) -> Exported:
    """Every line, or only the last ones."""
    with app.store.read() as c:
        return Exported(tuple(deque(log_store.lines(c), maxlen=last)), log_store.head(c))

"""Events of the shared calendar: what else happens at a time, by kind. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from freeze.windows import Window


@dataclass(frozen=True, slots=True)
class Event:
    """One occurrence of something on the shared calendar. `kind` is the council's own word, `source` the file."""

    kind: str
    title: str
    window: Window
    source: str = ""
    service: str = ""

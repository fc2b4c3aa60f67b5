"""What is known and accepted, as lines and for `--json`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Protocol

from freeze.posts import Json
from freeze.windows import say_day
from freeze.words import columns, many, safe


class Quiet(Protocol):
    """A finding that stays quiet through the London day `until`."""

    @property
    def ref(self) -> str: ...
    @property
    def reason(self) -> str: ...
    @property
    def until(self) -> date: ...
    @property
    def at(self) -> datetime: ...
    @property
    def who(self) -> str: ...
    @property
    def sentence(self) -> str: ...
    @property
    def baseline(self) -> bool: ...


def lines(there: Sequence[Quiet]) -> list[str]:
    """Each of them, those of a baseline last."""
    single = [a for a in there if not a.baseline]
    out = [f"{many(len(there), 'conflict')} known and accepted, {len(there) - len(single):,} of them as a baseline."]
    out += columns(
        [
            a.ref,
            f"until {say_day(a.until)}",
            "baseline" if a.baseline else safe(a.reason, 60),
            safe(a.who, 40),
            safe(a.sentence, 140),
        ]
        for a in (*single, *(a for a in there if a.baseline))
    )
    return out + (["To hear one again: freeze accept --withdraw ID"] if there else [])


def as_json(a: Quiet) -> dict[str, Json]:
    """One of them."""
    return {
        "id": a.ref,
        "reason": a.reason,
        "until": a.until.isoformat(),
        "at": a.at.isoformat(),
        "by": a.who,
        "baseline": a.baseline,
        "sentence": a.sentence,
    }

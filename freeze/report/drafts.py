"""What conflicts with a text that is not scheduled yet, as lines and for programs."""

from __future__ import annotations

import re
from collections.abc import Sequence

from freeze.findings import Finding, Level
from freeze.posts import Json
from freeze.words import columns, many, safe

SERIOUS = frozenset({Level.STOP, Level.CONFLICT})
NO_STORE = "There is no store here: only the rules were asked; pauses, register and what is scheduled are not known."


def lines(found: Sequence[Finding], *, stored: bool) -> list[str]:
    """One text for people."""
    serious = sum(f.level in SERIOUS for f in found)
    notes = len(found) - serious
    counted = [many(n, word) for n, word in ((serious, "conflict"), (notes, "note")) if n]
    out = [f"{' and '.join(counted)}; nothing was posted." if counted else "No conflict; nothing was posted."]
    rows = [as_json(f, "this text") for f in found]
    out += columns(
        [r["level"].upper(), f"clause {r['clause']}", f"{safe(r['sentence'], 300)} {safe(r['next_step'], 300)}"]
        for r in rows
    )
    return out if stored else [*out, NO_STORE]


def as_json(f: Finding, itself: str, line: int = 1) -> dict[str, Json]:
    """A finding as it is printed: a draft has no id to type yet."""
    step = "It must not go out then: choose another time." if f.level is Level.STOP else f.next_step
    return {
        "policy": f.policy,
        "clause": f.clause,
        "level": f.level.value,
        "sentence": _plain(f.sentence, itself, line),
        "next_step": re.sub(r"(?<!\w)p-\d+(?!\w)", "POST", step),
    }


def _plain(sentence: str, itself: str, line: int) -> str:
    return re.sub(
        r"(?<!\w)p-(\d+)(?!\w)", lambda m: itself if int(m[1]) == line else f"the draft in line {m[1]}", sentence
    )

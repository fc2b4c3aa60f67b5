"""What is on record about crises, as lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from freeze.pauses.freezes import Freeze, standing
from freeze.windows import say, say_short
from freeze.words import columns, safe


def responded(f: Freeze, account: str, ref: str) -> list[str]:
    """What to do with a listening response that was just allowed."""
    return [
        f"The listening response of {account} is allowed through {f.says()} ({ref}), once.",
        "Post exactly these words by hand. Then stop: post nothing more there, and gather what is said.",
        "Tell your manager and Communications.",
    ]


def overdue(f: Freeze, due: datetime) -> list[str]:
    """What to say of a review that is overdue."""
    return [f'  A REVIEW WAS DUE {say(due)}: freeze crisis {f.ref} --review "..." --next-review TIME']


def listed(found: Sequence[Freeze], none: Sequence[tuple[str, str, dict[str, Any]]], now: datetime) -> list[str]:
    """Every crisis, the latest first, and what was considered and was none."""
    out = columns(
        [
            [f.ref, standing(f, now).value, f.scope.said(), f"{say_short(f.start)}: {safe(f.reason, 80)}"]
            for f in found[::-1]
        ],
        indent="",
    )
    out = out or ["No crisis was ever declared."]
    out += ["Considered, and no crisis:"] if none else []
    return [*out, *_rows(none)]


def _rows(none: Sequence[tuple[str, str, dict[str, Any]]]) -> Iterator[str]:
    yield from columns(
        [
            say(datetime.fromisoformat(at)),
            ", ".join(d["accounts"]),
            safe(who, 60),
            f"{safe(d['reason'], 160)}{_seen(d['signs'])}",
        ]
        for at, who, d in none[::-1]
    )


def _seen(signs: Sequence[str]) -> str:
    return f" (signs seen: {', '.join(signs)})" if signs else ""

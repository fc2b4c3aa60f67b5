"""The hand-over sheet: every open task by owner, to print and tick. Text, or one HTML page without any script."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from freeze.pauses.freezes import Freeze
from freeze.people.tasks import Task
from freeze.report.messages import Sender
from freeze.report.page import render
from freeze.report.todo import by, count, stands
from freeze.windows import say
from freeze.words import safe

COLUMNS = ("Number", "What", "How", "By", "State", "Done by, at")


def groups(tasks: Sequence[Task]) -> list[tuple[str, list[Task]]]:
    """Open tasks by owner; those without one, and the lockdown, come first."""
    out: dict[str, list[Task]] = {}
    for t in tasks:
        if t.closed_at is None:
            out.setdefault(t.wanted.owner, []).append(t)
    return sorted(out.items(), key=lambda kv: kv[0].casefold())


def text(tasks: Sequence[Task], pauses: Sequence[Freeze], sender: Sender, now: datetime) -> str:
    """The sheet as plain text."""
    lines = [*_head(pauses, sender, now), count([t for t in tasks if t.closed_at is None])]
    for owner, mine in groups(tasks):
        lines += ["", safe(owner, 80) or "Communications"]
        for t in mine:
            lines += [f"  [ ] {t.ref}  {safe(t.wanted.title, 110)}", f"      {by(t)}; {stands(t)}"]
            lines += [
                f"      {safe(t.wanted.clicks, 400)}",
                "      Done by ______________  at ______  went out: ______________",
            ]
    return "\n".join(lines) + "\n"


def page(tasks: Sequence[Task], pauses: Sequence[Freeze], sender: Sender, now: datetime) -> str:
    """The sheet as one HTML page."""
    return render(
        "hand-over.html",
        title=f"Hand-over: {' and '.join(dict.fromkeys(f.outside for f in pauses)) or 'no pause'}",
        lines=_head(pauses, sender, now)[1:],
        heads=COLUMNS,
        owners=[(safe(owner, 80) or "Communications", [_row(t) for t in mine]) for owner, mine in groups(tasks)],
    )


def _row(t: Task) -> tuple[str, ...]:
    return (t.ref, safe(t.wanted.title, 110), safe(t.wanted.clicks, 400), by(t), stands(t), "")


def _head(pauses: Sequence[Freeze], sender: Sender, now: datetime) -> list[str]:
    lines = ["Hand-over sheet" + (f" · {sender.marking}" if sender.marking else "")]
    lines += [f"{f.outside} ({f.ref}) at {sender.council}, since {say(f.start)}" for f in pauses]
    return [*lines, f"As of {say(now)}. Someone saying so is not a check."]

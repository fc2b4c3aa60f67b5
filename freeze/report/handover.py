"""The hand-over sheet: every open task by owner, to print and tick. Text, or one HTML page without any script."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from html import escape

from freeze.pauses.freezes import Freeze
from freeze.people.tasks import Task
from freeze.report.messages import Sender
from freeze.report.todo import by, count, stands
from freeze.windows import say
from freeze.words import safe

STYLE = """
body { font: 16px/1.5 Arial, sans-serif; color: #111; background: #fff; margin: 1rem auto; max-width: 60rem;
  padding: 0 1rem; }
h2 { border-top: 2px solid #111; padding-top: .5rem; page-break-after: avoid; }
table { border-collapse: collapse; width: 100%; table-layout: fixed; }
th { width: 13%; } th:nth-child(1) { width: 10%; } th:nth-child(2) { width: 24%; } th:nth-child(3) { width: 27%; }
th, td { border: 1px solid #555; padding: .4rem; text-align: left; vertical-align: top; overflow-wrap: break-word; }
tr { page-break-inside: avoid; }
@media (max-width: 40rem) { table, tbody, tr, td { display: block; } thead { position: absolute; left: -999rem; }
  td { overflow-wrap: anywhere; } td::before { content: attr(data-label) ": "; font-weight: bold; } }
"""


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
    title = f"Hand-over: {' and '.join(dict.fromkeys(f.outside for f in pauses)) or 'no pause'}"
    head = "".join(f"<p>{escape(line)}</p>" for line in _head(pauses, sender, now)[1:])
    body = f"<h1>{escape(title)}</h1>{head}{''.join(_section(o, mine) for o, mine in groups(tasks))}"
    return (
        f'<!doctype html>\n<html lang="en-GB"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{STYLE}</style></head>'
        f"<body><main>{body}</main></body></html>\n"
    )


def _section(owner: str, mine: Sequence[Task]) -> str:
    rows = "".join(
        "<tr>"
        + "".join(
            f'<td data-label="{label}">{escape(said)}</td>'
            for label, said in (
                ("Number", t.ref),
                ("What", safe(t.wanted.title, 110)),
                ("How", safe(t.wanted.clicks, 400)),
                ("By", by(t)),
                ("State", stands(t)),
                ("Done by, at", ""),
            )
        )
        + "</tr>"
        for t in mine
    )
    heads = "".join(f'<th scope="col">{h}</th>' for h in ("Number", "What", "How", "By", "State", "Done by, at"))
    name = escape(safe(owner, 80) or "Communications")
    return f"<h2>{name}</h2><table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"


def _head(pauses: Sequence[Freeze], sender: Sender, now: datetime) -> list[str]:
    lines = ["Hand-over sheet" + (f" · {sender.marking}" if sender.marking else "")]
    lines += [f"{f.outside} ({f.ref}) at {sender.council}, since {say(f.start)}" for f in pauses]
    return [*lines, f"As of {say(now)}. Someone saying so is not a check."]

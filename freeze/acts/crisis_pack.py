"""Gathering the evaluation of a crisis, and writing its files."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

from freeze.acts import calendars
from freeze.acts import crisis as _crisis
from freeze.acts.app import App
from freeze.errors import UsageError
from freeze.pauses.freezes import Freeze
from freeze.report import crisis_pack as report
from freeze.report.crisis_pack import Happened, Pack
from freeze.store import log as log_store
from freeze.store.known import found

IN_WORDS = {
    "freeze.declared": "the pause was declared",
    "freeze.declared-again": "the pause was declared again",
    "freeze.announced": "it was announced",
    "freeze.extended": "the pause was changed",
    "freeze.ended": "the pause was ended",
    "freeze.undone": "the pause was undone",
    "permission.given": "something was allowed",
    "permission.withdrawn": "a permission was withdrawn",
    "permission.directed": "who directed a message was recorded",
    "post.went-out": "a post went out",
    "tasks.made": "people were asked",
}
"""Lines of the log that belong to a crisis, in words; others are told by their own name."""
HERE = "crisis.noted"
"""Told by the record itself, with its words."""


def write(app: App, f: Freeze, folder: Path) -> list[Path]:
    """Write the evaluation into `folder`. An evidence sheet that is there stays: somebody may have filled it in."""
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is not a folder.", "Give the name of a folder.")
    pack = gather(app, f)
    name = f"crisis-{f.ref}"
    files = {
        f"{name}.txt": report.text(pack),
        f"{name}.html": report.page(pack),
        f"{name}.csv": "\ufeff" + report.table(pack),
        f"{name}.json": report.as_json(pack),
        f"{name}-evidence.html": report.sheet_page(pack),
    }
    written = [calendars.write(folder / n, text.encode("utf-8", "replace"), make=True) for n, text in files.items()]
    sheet = folder / f"{name}-evidence.csv"
    if not sheet.exists():
        written.append(calendars.write(sheet, ("\ufeff" + report.sheet_csv()).encode()))
    return written


def gather(app: App, f: Freeze) -> Pack:
    """Everything the store knows of one crisis at one instant, also after its end."""
    crisis = _crisis.of(f)
    with app.store.read() as c:
        timeline = [
            Happened(datetime.fromisoformat(x.at), x.actor, _said(x.event, data))
            for x in log_store.lines(c)
            if f'"{f.ref}"' in x.data and x.event != HERE and (data := json.loads(x.data)).get("freeze") == f.ref
        ]
        known = app.known(c)
        what = found(c, known, f)
    return Pack(
        freeze=f,
        crisis=crisis,
        what=what,
        permissions=[p for p in known.permissions if p.freeze == f.ref],
        timeline=[*timeline, *(Happened(e.at, e.by, e.said()) for e in crisis.events)],
        register=known.register,
        now=known.now,
        council=app.settings.council.name,
        marking=app.settings.council.marking,
        head=known.head,
    )


def _said(event: str, data: dict[str, object]) -> str:
    words = IN_WORDS.get(event, event.replace(".", ": ").replace("-", " "))
    which = data.get("permission") or (f"p{data['post']}" if "post" in data else "")
    how = f", {data['how']}" if event == "post.went-out" else ""
    return f"{words}{f' ({which}{how})' if which else ''}"

"""`freeze calendar`: what is scheduled, what is held, what must be decided, as a month."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from freeze.acts import calendars
from freeze.acts.app import App
from freeze.commands.common import Answer, command
from freeze.posts import Json
from freeze.report import calendar_text, picture
from freeze.views.marks import Entry
from freeze.views.month import Band, Day, Month, month_of
from freeze.windows import london


@click.command("calendar", epilog="Example: freeze calendar --service libraries --month 2026-10 --html october.html")
@click.option("--service", metavar="S", help="Only this service's accounts, and what this service may read.")
@click.option("--month", "which", metavar="YYYY-MM", help="This London month (else the present one).")
@click.option(
    "--ics",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write a feed to subscribe to: the last month, and everything ahead.",
)
@click.option(
    "--html", type=click.Path(path_type=Path), metavar="FILE", help="Write the month as one page for a browser."
)
@command
def calendar_command(app: App, service: str | None, which: str | None, ics: Path | None, html: Path | None) -> Answer:
    """What is scheduled, held or waiting for somebody, with pauses and bank holidays. Reads the store only.

    With --service, and in files, a pause that is not announced is only "Publishing pause".
    """
    first = month_of(which) if which is not None else london(app.now()).date().replace(day=1)
    done = calendars.calendar(app, first, service, ics=ics, html=html)
    shown, troubles = done.month, done.month.material.troubles
    lines = [f"Written: {p}" for p in done.written] + list(troubles) if done.written else calendar_text.lines(shown)
    return _data(shown, done.written), lines, 5 if troubles else 0


def _data(m: Month, written: Sequence[Path]) -> dict[str, Json]:
    return {
        "at": m.material.now.isoformat(),
        "month": f"{m.first:%Y-%m}",
        "service": m.service or None,
        "counts": {mark.short: n for mark, n in m.counts.items()},
        "days": [_day(m, d) for d in m.days if d.inside],
        "undated": [_entry(m, e) for e in m.undated],
        "last_read": list(m.material.sources),
        "could_not_know": list(m.material.troubles),
        "files": [str(p) for p in written],
    }


def _day(m: Month, d: Day) -> dict[str, Json]:
    return {
        "date": d.day.isoformat(),
        "bank_holidays": list(d.holidays),
        "bands": [_band(b) for b in d.bands],
        "posts": [_entry(m, e) for e in d.entries],
    }


def _band(b: Band) -> dict[str, Json]:
    return {
        "kind": "pause" if b.pause else "rule",
        "title": b.title,
        "start": b.window.start.isoformat(),
        "end": b.window.end.isoformat(),
        "detail": b.detail or None,
    }


def _entry(m: Month, e: Entry) -> dict[str, Json]:
    return picture.post_json(e.post, m.material.register.get(e.post.account)) | {
        "at": e.at.isoformat() if e.at else None,
        "stands": e.mark.short,
        "meaning": e.mark.meaning,
        "note": e.note or None,
        "fires_at": e.fires_at.isoformat() if e.fires_at else None,
        "queues": e.also + 1,
    }

"""`freeze check`: scheduled posts that conflict with a pause or a rule."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import click

from freeze.acts import check as act
from freeze.acts.app import App
from freeze.acts.calendars import write
from freeze.acts.judge import BACK
from freeze.commands import codes
from freeze.commands.common import Answer, Later, command
from freeze.commands.posts import drafts as before
from freeze.errors import UsageError
from freeze.pauses.freezes import FAR
from freeze.posts import Json
from freeze.report import conflicts, picture, todo
from freeze.windows import end_of, midnight, parse_day, say
from freeze.words import many, safe


@click.command("check", epilog="Example: freeze check --service libraries --from 2026-12-01 --to 2026-12-31")
@click.option("--service", metavar="S", help="Only this service's accounts.")
@click.option("--from", "start", metavar="DATE", help="From this London day on.")
@click.option("--to", "end", metavar="DATE", help="Up to and including this London day.")
@click.option("--all", "everything", is_flag=True, help="Every conflict, however many there are.")
@click.option("--csv", "csv_file", type=click.Path(path_type=Path), metavar="FILE", help="Also write them as CSV.")
@click.option("--html", "html_file", type=click.Path(path_type=Path), metavar="FILE", help="Also write them as a page.")
@click.option(
    "--drafts", type=click.Path(path_type=Path), metavar="FILE", help="Judge the posts in a CSV or JSONL file."
)
@click.option("--text", metavar="WORDS", help="Judge these words, before they are posted.")
@click.option("--account", metavar="A", help="With --text: the account.")
@click.option("--at", metavar="TIME", help="With --text: when, London time (else now).")
@click.option("--media", metavar="M", help="With --text: what its pictures show, for example child.")
@click.option("--boosted", is_flag=True, help="With --text: it is to be paid promotion.")
@command
def check_command(
    app: App,
    service: str | None,
    start: str | None,
    end: str | None,
    everything: bool,
    csv_file: Path | None,
    html_file: Path | None,
    drafts: Path | None,
    text: str | None,
    account: str | None,
    at: str | None,
    media: str | None,
    boosted: bool,
) -> Answer | Later:
    """List scheduled posts that conflict with a pause or a rule. Reads the store only: run sync first.

    With --drafts or --text it judges what is not scheduled yet; that needs no connection, no store and no settings.
    """
    if drafts is not None or text is not None:
        if service or start or end or everything or csv_file or html_file:
            raise UsageError("--drafts and --text take none of --service, --from, --to, --all, --csv and --html.")
        return before.answer(app, drafts, text, account, at, media, boosted)
    if account or at or media or boosted:
        raise UsageError("--account, --at, --media and --boosted go with --text.", "Give the words too.")
    first = midnight(parse_day(start, what="--from")) if start else None
    last = end_of(parse_day(end, what="--to")) if end else None
    if (last or FAR) <= (first or app.now() - BACK):
        raise UsageError(f"{end} lies before {start or 'the last 60 days'}.", "Give --from and --to in order.")
    done = act.check(app, service, first, last)
    now = done.known.now
    trouble = [f"COULD NOT KNOW about {a.connection}: {safe(a.said(now), 200)}. Run: freeze sync" for a in done.unread]
    reminders = [f"{f.says()} waits for people: {todo.count(tasks)}   (freeze tasks)" for f, tasks in done.waits]
    lines = [s.said(now) for s in done.schedulers]
    lines.append(f"{many(done.looked_at, 'scheduled post')} looked at, as of {say(now)}.")
    lines.append(conflicts.summary(done.found, done.unseen, len(done.accepted), done.monday))
    files = _files(app, csv_file, html_file, done.found, [*lines, *reminders, *trouble])
    lines += [*reminders, *conflicts.text(done.found, None if everything else conflicts.LINES), *trouble]
    lines += [f"Wrote {many(len(done.found), 'line')} to {f}" for f in files]
    body = partial(_data, done, reminders, files)
    return body, lines, codes.worst(1 if done.serious else 0, 5 if done.unread or done.unseen else 0)


def _data(done: act.Checked, reminders: Sequence[str], files: Sequence[Path]) -> dict[str, Json]:
    """The answer for programs: it tells all there is, so it is made only where it is asked for."""
    now = done.known.now
    return {
        "at": now.isoformat(),
        "looked_at": done.looked_at,
        "findings": [conflicts.as_json(r) for r in done.found],
        "known_and_accepted": [conflicts.as_json(r) for r in done.accepted],
        "for_monday": done.monday,
        "tasks_waiting": reminders,
        "schedulers_not_seen": sorted(done.unseen),
        "could_not_know": [{"connection": a.connection, "reason": a.said(now)} for a in done.unread],
        "posts": [
            picture.post_json(done.posts[i], done.known.register.get(done.posts[i].account))
            for i in sorted({r.post.id for r in done.found if r.post})
        ],
        "files": [str(f) for f in files],
    }


def _files(
    app: App, csv_file: Path | None, html_file: Path | None, found: Sequence[conflicts.Row], lines: Sequence[str]
) -> list[Path]:
    """Write what was asked for. Raises UsageError for a file that cannot be written."""
    if csv_file is None and html_file is None:
        return []
    made = []
    if csv_file is not None:
        made.append(write(csv_file, conflicts.table(found).encode("utf-8-sig")))
    if html_file is not None:
        council = app.settings.council
        page = conflicts.page(found, f"{council.name}: conflicts", app.now(), lines, marking=council.marking)
        made.append(write(html_file, page.encode()))
    return made

"""`freeze check`: scheduled posts that conflict with a pause or a rule."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import click

from freeze.acts import judge, look
from freeze.acts import tasks as _tasks
from freeze.acts.app import App
from freeze.acts.judge import BACK
from freeze.commands.common import Answer, command
from freeze.errors import UsageError, worst
from freeze.findings import Finding, Level
from freeze.pauses.freezes import FAR
from freeze.people.tasks import Stands
from freeze.posts import Post
from freeze.report import conflicts, picture, todo
from freeze.store import posts as post_store
from freeze.store import tasks as task_store
from freeze.windows import Window, end_of, midnight, parse_day, say
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
) -> Answer:
    """List scheduled posts that conflict with a pause or a rule. Reads the store only: run sync first.

    With --drafts or --text it judges what is not scheduled yet; that needs no connection, no store and no settings.
    """
    if drafts is not None or text is not None:
        if service or start or end or everything or csv_file or html_file:
            raise UsageError("--drafts and --text take none of --service, --from, --to, --all, --csv and --html.")
        from freeze.acts import drafts as _drafts

        return _drafts.answer(app, drafts, text, account, at, media, boosted)
    if account or at or media or boosted:
        raise UsageError("--account, --at, --media and --boosted go with --text.", "Give the words too.")
    now = app.now()
    if service:
        look.check_names(app, services=[service], accounts=(), platforms=())
    first = midnight(parse_day(start, what="--from")) if start else now - BACK
    last = end_of(parse_day(end, what="--to")) if end else FAR
    if last <= first:
        raise UsageError(f"{end} lies before {start or 'the last 60 days'}.", "Give --from and --to in order.")
    span = Window(first, last)
    with app.store.read() as c:
        known = judge.facts(app, c)
        posts = list(post_store.fetch(c, post_store.waiting_between(min(span.start, now - BACK), FAR), known.accounts))
        quiet = judge.quiet(app, c)
    judged = judge.judged(app, posts, known, quiet)
    by_id = {p.id: p for p in posts}
    dated = bool(start or end)

    def asked_for(f: Finding) -> bool:
        mine = service is None or (f.account in known.accounts and known.accounts[f.account].service == service)
        return mine and (f.post not in by_id or not dated or _inside(by_id[f.post], span))

    looked_at = sum((service is None or p.service == service) and (not dated or _inside(p, span)) for p in posts)
    found = conflicts.rows(filter(asked_for, judged.found), by_id, known.accounts)
    accepted = [f for f, _ in judged.known if asked_for(f)]
    monday = list(filter(asked_for, judged.housekeeping))
    serious = any(r.finding.level is not Level.NOTE for r in found)
    seen = _tasks.seen(app)
    unseen = {s.connection for s in seen if s.stale(now)}
    stale = [a for a in look.ages(app) if a.read_at is None or a.reason]
    trouble = [f"COULD NOT KNOW about {a.connection}: {safe(a.said(now), 200)}. Run: freeze sync" for a in stale]
    reminders = _reminders(app, now)
    lines = [s.said(now) for s in seen]
    lines.append(f"{many(looked_at, 'scheduled post')} looked at, as of {say(now)}.")
    lines.append(_summary(found, unseen, len(accepted), len(monday)))
    files = _files(app, csv_file, html_file, found, [*lines, *reminders, *trouble])
    lines += [*reminders, *conflicts.text(found, None if everything else conflicts.LINES), *trouble]
    lines += [f"Wrote {many(len(found), 'line')} to {f}" for f in files]
    body = {
        "at": now.isoformat(),
        "looked_at": looked_at,
        "findings": [conflicts.as_json(r) for r in found],
        "known_and_accepted": [conflicts.as_json(r) for r in conflicts.rows(accepted, by_id, known.accounts)],
        "for_monday": len(monday),
        "tasks_waiting": reminders,
        "schedulers_not_seen": sorted(unseen),
        "could_not_know": [{"connection": a.connection, "reason": a.said(now)} for a in stale],
        "posts": [
            picture.post_json(by_id[i], known.accounts.get(by_id[i].account))
            for i in sorted({r.post.id for r in found if r.post})
        ],
        "files": [str(f) for f in files],
    }
    return body, lines, worst(1 if serious else 0, 5 if stale or unseen else 0)


def _inside(p: Post, span: Window) -> bool:
    return p.intended_at is None or p.intended_at in span


def _summary(found: Sequence[conflicts.Row], unseen: set[str], accepted: int, monday: int) -> str:
    """The answer in one line."""
    none = "No conflicts among what could be read"
    if unseen:
        none = f"Whether there are conflicts is not known: {', '.join(sorted(unseen))} was not seen for too long"
    said = [f"{conflicts.counted(found) or none}."]
    if accepted:
        said.append(f"{accepted:,} known and accepted: freeze accept --list.")
    if monday:
        said.append(f"{monday:,} for Monday: freeze accounts check.")
    return " ".join(said)


def _files(
    app: App, csv_file: Path | None, html_file: Path | None, found: Sequence[conflicts.Row], lines: Sequence[str]
) -> list[Path]:
    """Write what was asked for. Raises UsageError for a file that cannot be written."""
    if csv_file is None and html_file is None:
        return []
    from freeze.acts.calendars import write

    made = []
    if csv_file is not None:
        made.append(write(csv_file, conflicts.table(found).encode("utf-8-sig")))
    if html_file is not None:
        council = app.settings.council
        page = conflicts.page(found, f"{council.name}: conflicts", app.now(), lines, marking=council.marking)
        made.append(write(html_file, page.encode()))
    return made


def _reminders(app: App, now: datetime) -> list[str]:
    """The tasks of every pause in force that nobody answered yet."""
    out = []
    for f in look.in_force(app, now):
        with app.store.read() as c:
            tasks = [t for t in task_store.all_of(c, [f.number]) if t.closed_at is None]
        if any(t.stands is Stands.WAITING for t in tasks):
            out.append(f"{f.says()} waits for people: {todo.count(tasks)}   (freeze tasks)")
    return out

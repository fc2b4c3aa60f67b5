"""`freeze sync`: read every platform; with `--enforce` also hold and keep."""

from __future__ import annotations

import click

from freeze.acts import keep, look, tasks
from freeze.acts.app import App
from freeze.commands.common import Answer, command, progress, show
from freeze.errors import UsageError, worst
from freeze.report import outcome, picture
from freeze.run.sweep import sweep
from freeze.windows import say
from freeze.words import columns, many, safe


@click.command("sync", epilog="Example: freeze sync --enforce")
@click.option("--enforce", is_flag=True, help="Also hold what a pause covers, and move parked posts on in time.")
@command
def sync_command(app: App, enforce: bool) -> Answer:
    """Read every platform into the store. Without --enforce nothing on any platform changes."""
    if not app.settings.connections:
        raise UsageError("No connections are set up yet.", "Add [connections.NAME] to freeze.toml; see the README.")
    if enforce:
        app.may("hold")
        app.may_write()
        for line in keep.stand(app):
            show(line)
    started = app.now()
    with progress("Reading") as told:
        tally = sweep(app.desk(told), "sync --enforce" if enforce else "sync", enforce=enforce)
    tasks.follow(app, started)
    now = app.now()
    lines = [f"{many(tally.listed, 'scheduled post')} listed, as of {say(now)}."]
    lines += columns([a.connection, safe(a.said(now), 200)] for a in look.ages(app))
    lines += outcome.hidden(tally.hidden)
    lines += outcome.trouble(tally.gaps, tally.rejects.values(), tally.notes, tally.unregistered)
    codes = [5 if tally.gaps and not enforce else 0, 2 if tally.rejects and not enforce else 0]
    shown = []
    for f in look.in_force(app, now) if enforce else ():
        if f.rehearsal:
            continue
        what = look.found(app, f)
        lines += [f"{f.says()}:", *(f"  {line}" for line in outcome.lines(what, now, most=5))]
        shown.append(look.data(f, what, None, now, []))
        codes.append(look.code(what, tally))
    if enforce and tally.gaps:
        codes.append(3)
    if tally.interrupted:
        lines.append("INTERRUPTED. Run it again to complete it.")
        codes.append(3)
    lines.append(f"Log head: {look.head(app)}")
    body = {
        "listed": tally.listed,
        "gaps": [picture.gap_json(g) for g in tally.gaps],
        "not_shown": [{"connection": u.connection, "account": u.account, "reason": u.reason} for u in tally.hidden],
        "rows_not_used": [{"where": r.where, "reason": r.reason} for r in tally.rejects.values()],
        "notes": [{"post": f"p{n.post}", "kind": n.kind, "sentence": n.sentence} for n in tally.notes],
        "unregistered": tally.unregistered,
        "freezes": shown,
        "log_head": look.head(app),
    }
    return body, lines, worst(*codes)

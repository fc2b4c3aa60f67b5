"""`freeze sync`: read every platform; with `--enforce` also hold and keep."""

from __future__ import annotations

import click

from freeze.acts import sync as act
from freeze.acts.app import App
from freeze.commands import codes
from freeze.commands.common import Answer, command, progress, show
from freeze.report import outcome, pause, picture
from freeze.windows import say
from freeze.words import columns, many, safe


@click.command("sync", epilog="Example: freeze sync --enforce")
@click.option("--enforce", is_flag=True, help="Also hold what a pause covers, and move parked posts on in time.")
@command
def sync_command(app: App, enforce: bool) -> Answer:
    """Read every platform into the store. Without --enforce nothing on any platform changes."""
    for line in act.allowed(app, enforce=enforce):
        show(line)
    with progress("Reading") as told:
        done = act.sync(app, told, enforce=enforce)
    tally, now = done.tally, done.known.now
    lines = [f"{many(tally.listed, 'scheduled post')} listed, as of {say(now)}."]
    lines += columns([a.connection, safe(a.said(now), 200)] for a in done.known.ages())
    lines += outcome.hidden(tally.hidden)
    lines += outcome.trouble(tally.gaps, tally.rejects.values(), tally.notes, tally.unregistered)
    found = [5 if tally.gaps and not enforce else 0, 2 if tally.rejects and not enforce else 0]
    for f, what in done.pauses:
        lines += [f"{f.says()}:", *(f"  {line}" for line in outcome.lines(what, now, most=5))]
        found.append(codes.of_pause(what, tally))
    if enforce and tally.gaps:
        found.append(3)
    if tally.interrupted:
        lines.append("INTERRUPTED. Run it again to complete it.")
        found.append(3)
    lines.append(f"Log head: {done.known.head}")
    body = {
        "listed": tally.listed,
        "gaps": [picture.gap_json(g) for g in tally.gaps],
        "not_shown": [{"connection": u.connection, "account": u.account, "reason": u.reason} for u in tally.hidden],
        "rows_not_used": [{"where": r.where, "reason": r.reason} for r in tally.rejects.values()],
        "notes": [{"post": f"p{n.post}", "kind": n.kind, "sentence": n.sentence} for n in tally.notes],
        "unregistered": tally.unregistered,
        "freezes": [pause.data(f, what, None, now, []) for f, what in done.pauses],
        "log_head": done.known.head,
    }
    return body, lines, codes.worst(*found)

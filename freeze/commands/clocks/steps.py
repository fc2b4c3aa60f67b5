"""What happens to one request for information: `freeze foi ack`, `pass-on`, `clarify`, `answer` and `close`."""

from __future__ import annotations

import click

from freeze.acts import requests
from freeze.acts.app import App
from freeze.acts.holidays import today
from freeze.clocks.answers import receipt
from freeze.clocks.regimes import DATES
from freeze.commands.common import Answer, command
from freeze.errors import UsageError
from freeze.report import requests as words
from freeze.windows import london, say_day
from freeze.words import many


@click.command("ack", epilog="Example: freeze foi ack r3")
@click.argument("ident", metavar="ID")
@command
def ack_command(app: App, ident: str) -> Answer:
    """Record that the sender was thanked, as you say; prints the texts to send, a long one and one for X."""
    r = requests.acknowledge(app, ident)
    texts = requests.texts(app, r)
    lines = [f"{r.ref}: {words.stands(r)} Thanked, as {app.actor} says.", *words.texts(texts)]
    return words.data(r, today(app)) | {"texts": texts}, lines, 0


@click.command("pass-on", epilog="Example: freeze foi pass-on r3 --reference IM-2041")
@click.argument("ident", metavar="ID")
@click.option("--reference", default="", metavar="REF", help="The reference that those who answer gave it.")
@command
def pass_on_command(app: App, ident: str, reference: str) -> Answer:
    """Record that the request went to those who answer it. This stops the main alarm; the due date stands."""
    r = requests.pass_on(app, ident, reference)
    lines = [f"{r.ref}: {words.stands(r)}"]
    if not r.reference:
        lines.append(f"  Their reference is not known yet: freeze foi pass-on {r.ref} --reference THEIRS")
    if r.passed_on_at is not None and london(r.passed_on_at).date() > r.pass_on_by:
        lines.append(f"  It was to be passed on by the end of {say_day(r.pass_on_by)}.")
    return words.data(r, today(app)), lines, 0


@click.command("clarify", epilog="Example: freeze foi clarify r3 --asked 2026-06-03")
@click.argument("ident", metavar="ID")
@click.option("--asked", "clarification_asked", metavar="DATE", help="When the sender was asked what was meant.")
@click.option("--received", "clarification_received", metavar="DATE", help="When the clarification came.")
@click.option("--id-received", metavar="DATE", help="When proof of identity came (subject access).")
@click.option("--fees-notice", metavar="DATE", help="When a fees notice was given.")
@click.option("--fee-received", metavar="DATE", help="When the fee came.")
@command
def clarify_command(app: App, ident: str, **given: str | None) -> Answer:
    """Record what the sender was asked for, and when it came. Shows the due date, old and new."""
    dates = {k: receipt(v, what=f"The date {DATES[k]}").day for k, v in given.items() if v is not None}
    if not dates:
        raise UsageError("Say what happened: --asked, --received, ...", f"See: freeze foi clarify {ident} --help")
    done = requests.clarify(app, ident, dates)
    r = done.request
    lines = [f"{r.ref}: {words.stands(r)}"]
    if r.due != done.was:
        lines.append(f"  It was due {say_day(done.was)}.")
    if r.waits_for:
        lines.append(f"  Waiting for {r.waits_for}; the date above holds unless it comes.")
    return words.data(r, today(app)) | {"was": done.was.isoformat()}, lines, 0


@click.command("answer", epilog="Example: freeze foi answer r3 --on 2026-06-29")
@click.argument("ident", metavar="ID")
@click.option("--on", "day", metavar="DATE", help="The London day it was answered (else today).")
@command
def answer_command(app: App, ident: str, day: str | None) -> Answer:
    """Record that the request was answered, and close it."""
    on = receipt(day, what="--on").day if day else today(app)
    r = requests.answer(app, ident, on)
    late = (on - r.due).days
    said = f"{many(late, 'day')} after the due date" if late > 0 else "in time"
    return words.data(r, today(app)) | {"late_days": max(late, 0)}, [f"{r.ref}: answered on {say_day(on)}, {said}."], 0


@click.command("close", epilog="Example: freeze foi close r3 --because duplicate")
@click.argument("ident", metavar="ID")
@click.option("--because", required=True, metavar="WHY", help=f"One of: {', '.join(requests.ENDS)}.")
@command
def close_command(app: App, ident: str, because: str) -> Answer:
    """Close a request that needs no answer from here."""
    r = requests.close(app, ident, because)
    return words.data(r, today(app)), [f"{r.ref}: closed, {because}."], 0

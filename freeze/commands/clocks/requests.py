"""The log of requests for information: `freeze foi log`, `list` and `show`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from freeze import private
from freeze.acts import requests
from freeze.acts.app import App
from freeze.acts.holidays import today
from freeze.clocks.answers import receipt
from freeze.clocks.regimes import DATES
from freeze.clocks.requests import Request
from freeze.commands.common import Answer, command
from freeze.errors import UsageError
from freeze.report import requests as words
from freeze.report.due import answer_lines
from freeze.windows import say, say_day
from freeze.words import columns, many, safe


@click.command(
    "log", epilog="Example: freeze foi log --account libraries-facebook --channel message --received 2026-06-01"
)
@click.option("--received", metavar="TIME", help="When it reached the account (else now). London, if it names no zone.")
@click.option("--account", default="", metavar="A", help="The account it reached, as on the register.")
@click.option("--channel", default="", metavar="C", help="How: message, comment, reply, mention, ...")
@click.option("--link", default="", metavar="URL", help="Where it can be read; removed again by freeze foi purge.")
@click.option(
    "--regime", default="not sure", metavar="R", help='foi, eir, sar, ... or "not sure": then it counts as FOI.'
)
@command
def log_command(app: App, received: str | None, account: str, channel: str, link: str, regime: str) -> Answer:
    """Note a request for information that reached an account. In doubt, treat a message as one.

    It is received when it reaches the account, not when somebody reads it or passes it on. Never note who asked or
    what for: the link is enough for whoever answers.
    """
    noted = requests.note(app, receipt(received) if received is not None else None, account, channel, link, regime)
    r, texts = noted.request, requests.texts(app, noted.request)
    lines = [f"{r.ref} {'noted' if noted.fresh else 'was noted already (the same link)'}: {words.stands(r)}"]
    lines += [f"  Pass it on by the end of {say_day(r.pass_on_by)}: freeze foi pass-on {r.ref} --reference THEIRS"]
    lines += [f"  Note: {n}" for n in noted.notes] + words.texts(texts) + [f"  Sent? freeze foi ack {r.ref}"]
    return words.data(r, today(app)) | {"new": noted.fresh, "notes": noted.notes, "texts": texts}, lines, 0


@click.command("list", epilog="Example: freeze foi list --csv requests.csv")
@click.option("--all", "everything", is_flag=True, help="Closed ones too.")
@click.option("--csv", "file", type=click.Path(path_type=Path), metavar="FILE", help="Also write them to a CSV file.")
@command
def list_command(app: App, everything: bool, file: Path | None) -> Answer:
    """Open requests, the first due first, with what is late."""
    found = requests.listed(app, closed=everything)
    day = today(app)
    lines = columns([r.ref, r.state.value, r.regime, f"due {say_day(r.due)}", words.late(r, day)] for r in found)
    lines.append(
        f"{many(len(found), 'request')}{'' if everything else ' open'}. The inbox is not paused: keep reading."
    )
    if file is not None:
        _write(file, found)
        lines.append(f"Written to {file}.")
    return {"requests": [words.data(r, today(app)) for r in found], "csv": str(file) if file else None}, lines, 0


@click.command("show", epilog="Example: freeze foi show r3")
@click.argument("ident", metavar="ID")
@command
def show_command(app: App, ident: str) -> Answer:
    """One request: where it stands, and how its due date was counted."""
    r, a = requests.one(app, ident)
    steps = (
        ("Noted", r.logged_at, r.logged_by),
        ("Acknowledged", r.acknowledged_at, ""),
        ("Passed on", r.passed_on_at, r.reference),
        ("Closed", r.closed_at, r.closed_because),
    )
    lines = [f"{r.ref}: {words.stands(r)}", *(f"  {w + ':':<14} {say(at)} {safe(by)}" for w, at, by in steps if at)]
    lines += [f"  {f'The date {DATES[k]}:'} {say_day(d)}" for k, d in r.dates.items()]
    lines += [f"  {k + ':':<14} {safe(v, 300)}" for k, v in (("Account", r.account), ("Link", r.link)) if v]
    lines += [f"  {x}" for x in answer_lines(a)]
    return words.data(r, today(app)) | {"answer": a.json()}, lines, 0


def _write(file: Path, found: Sequence[Request]) -> None:
    try:
        private.whole(file, words.table(found), encoding="utf-8-sig", readers=True)
    except OSError as e:
        raise UsageError(f"{file} cannot be written: {e.strerror}.", "Give another place.") from None

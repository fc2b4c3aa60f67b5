"""`freeze accept`: conflicts that are known and fine stay quiet until a day, or until what they are about changes."""

from __future__ import annotations

from collections import Counter
from typing import Any

import click

from freeze.acts import accept as act
from freeze.acts.app import App
from freeze.commands.common import Answer, command
from freeze.errors import UsageError
from freeze.findings import Finding
from freeze.report import accepted as report
from freeze.windows import parse_day, say_day
from freeze.words import columns, many, safe


@click.command("accept", epilog='Example: freeze accept c1a2b3c --reason "our own number" --until 2027-03-31')
@click.argument("findings", nargs=-1, metavar="[FINDING...]")
@click.option("--reason", help="Why it is fine.")
@click.option("--until", metavar="DATE", help="The last London day on which it stays quiet, at most a year ahead.")
@click.option("--baseline", is_flag=True, help="All that advises now, so that only what is new is told from here on.")
@click.option(
    "--withdraw", multiple=True, metavar="FINDING", help='Let it be heard again; "baseline" for all of those.'
)
@click.option("--list", "listing", is_flag=True, help="What is accepted, until when and why; changes nothing.")
@command
def accept_command(
    app: App,
    findings: tuple[str, ...],
    reason: str | None,
    until: str | None,
    baseline: bool,
    withdraw: tuple[str, ...],
    listing: bool,
) -> Answer:
    """Set conflicts aside that are known and fine. freeze check shows the short id of each.

    One comes back after its last day, and at once when the words, link or media of its post change, or its time where
    it is about a time. What holds a post cannot be accepted. A baseline leaves out personal data, requests for
    information and fire incidents: those are accepted one by one.
    """
    chosen = [n for n, x in (("FINDING", findings), ("--baseline", baseline), ("--withdraw", withdraw)) if x]
    if listing:
        if chosen or reason or until:
            raise UsageError("--list stands alone.", "Accept in one command, list in another.")
        return _list(app)
    if len(chosen) != 1:
        raise UsageError(
            "Say what: one of FINDING..., --baseline, --withdraw or --list.", "freeze check shows the ids."
        )
    if withdraw:
        if reason or until:
            raise UsageError("--withdraw takes neither --reason nor --until.", "Leave them out.")
        return _withdraw(app, withdraw)
    if not until or not (reason or baseline):
        raise UsageError("Say why, and until when.", 'Add --reason "..." --until 2027-03-31.')
    day = parse_day(until, what="--until")
    return _baseline(act.baseline(app, reason or act.THERE, day)) if baseline else _accepted(app, findings, reason, day)


def _accepted(app: App, refs: tuple[str, ...], reason: str | None, day: Any) -> Answer:
    done = act.accept(app, refs, reason or "", day)
    lines = [f"{many(done.rows, 'conflict')} accepted until the end of {say_day(done.until)}."]
    lines += columns([f.ref, f"p{f.post}" if f.post else "-", safe(f.sentence, 120)] for f in done.found)
    lines += [f"NOT ACCEPTED: {b}" for b in done.bad]
    body = {"accepted": list(map(_json, done.found)), "until": done.until.isoformat(), "not_accepted": done.bad}
    return body, lines, 2 if done.bad else 0


def _baseline(done: act.Taken) -> Answer:
    lines = [f"{many(done.rows, 'conflict')} accepted until the end of {say_day(done.until)}."]
    by_rule = Counter(f.policy for f in done.found)
    lines += columns([rule, f"{n:,}"] for rule, n in sorted(by_rule.items()))
    if done.left:
        lines.append(f"{many(done.left, 'conflict')} not set aside: these are accepted one by one, or not at all.")
    body = {"accepted": list(map(_json, done.found)), "until": done.until.isoformat(), "left": done.left}
    return body, lines, 0


def _withdraw(app: App, wanted: tuple[str, ...]) -> Answer:
    gone, bad = act.withdraw(app, wanted)
    lines = [f"{many(len(gone), 'conflict')} heard again from now on.", *bad.values()]
    return {"withdrawn": gone, "not_found": list(bad)}, lines, 2 if bad else 0


def _list(app: App) -> Answer:
    there = act.accepted(app)
    return {"accepted": list(map(report.as_json, there))}, report.lines(there), 0


def _json(f: Finding) -> dict[str, Any]:
    return {"id": f.ref, "policy": f.policy, "clause": f.clause, "post": f"p{f.post}" if f.post else None}

"""`freeze accounts review`: what was not reviewed for a year, and recording that it was."""

from __future__ import annotations

import click

from freeze.acts import review
from freeze.acts.app import App
from freeze.acts.holidays import today
from freeze.commands.common import Answer, command
from freeze.errors import UsageError
from freeze.files.register import clean, day
from freeze.report import register as report
from freeze.windows import say_day
from freeze.words import columns, many, safe


@click.command("review", epilog="Example: freeze accounts review anyshirecc-x anyshirecc-facebook --on 2026-11-20")
@click.argument("accounts", nargs=-1)
@click.option("--on", "on", metavar="DATE", help="The day on which they were looked at; else today.")
@click.option("--service", metavar="S", help="Only this service's accounts.")
@click.option("--months", "given", type=click.IntRange(1, 120), help="Reviewed longer ago than this, if not 12.")
@command
def review_command(
    app: App, accounts: tuple[str, ...], on: str | None, service: str | None, given: int | None
) -> Answer:
    """What was not reviewed for a year, by service; with accounts named, record that they were (clause 2.2)."""
    present = today(app)
    if accounts:
        if service is not None or given is not None:
            raise UsageError("With accounts named, --service and --months do nothing.", "Leave them out.")
        when = day("--on", clean(on or ""), present) or present
        review.reviewed(app, accounts, when)
        said = f"Reviewed on {say_day(when)}: {', '.join(accounts)}."
        return {"reviewed": list(accounts), "on": when.isoformat()}, [said], 0
    if on is not None:
        raise UsageError("--on needs the accounts that were reviewed.", "Name them: freeze accounts review ID ...")
    found = review.to_review(app, service, given)
    lines = []
    for name, mine in report.services(found.entries).items():
        lines.append(f"{safe(name, 60) or 'No service'}: {many(len(mine), 'account')} to review")
        lines += columns(
            [e.account.id, safe(e.account.name, 40), str(e.record.reviewed_on or "never"), safe(e.account.owner)]
            for e in mine
        )
    lines.append(f"{many(len(found.entries), 'account')} not reviewed for {many(found.months, 'month')} (clause 2.2).")
    if found.entries:
        lines.append("Look at each, then: freeze accounts review ID ...")
    body = {"months": found.months, "to_review": [report.data(e) for e in found.entries]}
    return body, lines, 1 if found.entries else 0

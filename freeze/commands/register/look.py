"""Looking at the register: `freeze accounts list`, `show` and `check`."""

from __future__ import annotations

from pathlib import Path

import click

from freeze.acts import register
from freeze.acts.app import App
from freeze.acts.calendars import write
from freeze.acts.holidays import today
from freeze.commands.common import Answer, command
from freeze.files.register import table
from freeze.report import housekeeping
from freeze.report import register as report
from freeze.words import columns, many, safe


@click.command("list", epilog="Example: freeze accounts list --service libraries")
@click.option("--service", metavar="S", help="Only this service's accounts.")
@click.option("--csv", "csv_file", type=click.Path(path_type=Path), metavar="FILE", help="Write the list as CSV too.")
@command
def list_command(app: App, service: str | None, csv_file: Path | None) -> Answer:
    """Every account by service: when it was last reviewed, and through which connection it is seen."""
    found, on, months = register.entries(app, service), today(app), register.months(app)
    lines = [*report.listed(found, months, on), f"{many(len(found), 'account')}."]
    if csv_file is not None:
        rows = [report.row(e) for group in report.services(found).values() for e in group]
        lines.append(f"Written: {write(csv_file, table(rows, report.LIST_COLUMNS).encode('utf-8-sig'))}")
    return {"accounts": [report.data(e) for e in found], "services": report.summed(found, months, on)}, lines, 0


@click.command("show", epilog="Example: freeze accounts show anyshirecc-x")
@click.argument("account")
@command
def show_command(app: App, account: str) -> Answer:
    """One account on one screen: where it is seen, who runs it, its hours, and what its bio says of them."""
    found = register.look(app, account)
    lines = report.shown(found.entry, found.bio, found.today)
    lines += columns(["gap", f"{safe(f.sentence, 200)} (clause {f.clause})"] for f in found.gaps)
    body = {
        **report.data(found.entry),
        "seen_at": [{"connection": a.connection, "id": a.native} for a in found.entry.seen],
        "bio": found.bio.text if found.bio else None,
        "gaps": [f.sentence for f in found.gaps],
    }
    return body, lines, 0


@click.command("check", epilog="Example: freeze accounts check --service libraries")
@click.option("--service", metavar="S", help="Only this service's accounts.")
@click.option("--csv", "csv_file", type=click.Path(path_type=Path), metavar="FILE", help="Write the list as CSV.")
@click.option("--html", "html_file", type=click.Path(path_type=Path), metavar="FILE", help="Write it as one page.")
@command
def check_command(app: App, service: str | None, csv_file: Path | None, html_file: Path | None) -> Answer:
    """Gaps in the register and in bios: what the Monday list says, by service and account. Never urgent."""
    found = register.gaps(app, service)
    title = f"{app.settings.council.name}: gaps in the register{f', {service}' if service else ''}"
    told = (found.found, found.register, title, found.today)
    files = ((csv_file, housekeeping.table, "utf-8-sig"), (html_file, housekeeping.page, "utf-8"))
    written = [write(p, make(*told).encode(coded)) for p, make, coded in files if p is not None]
    lines = [f"Written: {p}" for p in written] or housekeeping.text(*told).splitlines()
    return housekeeping.data(*told), lines, 1 if found.found else 0


COMMANDS = (list_command, show_command, check_command)

"""`freeze accounts import` and `export`: the register as a CSV file."""

from __future__ import annotations

from pathlib import Path

import click

from freeze.acts import accounts, register
from freeze.acts.app import App
from freeze.acts.calendars import write
from freeze.commands.common import Answer, command
from freeze.files.register import cells, table
from freeze.report.register import out_of_scope
from freeze.words import columns, many, safe


@click.command("import", epilog="Example: freeze accounts import accounts.csv")
@click.argument("file", type=click.Path(path_type=Path))
@command
def import_command(app: App, file: Path) -> Answer:
    """Add or update accounts from a CSV file, such as freeze accounts export writes.

    Only name and platform are compulsory. An empty cell clears what was there; a column that is not in the file leaves
    it alone. seen_at says where an account is seen: connection=the platform's own id, several separated by ";"; it only
    ever adds. docs/register.md names every column.
    """
    done = accounts.take_in(app, file)
    lines = [f"{many(len(done.new), 'account')} added, {done.updated} updated.", *out_of_scope(done.outside)]
    lines += columns([r.where, safe(r.reason, 240)] for r in done.rejects)
    body = {
        "added": len(done.new),
        "updated": done.updated,
        "out_of_scope": list(done.outside),
        "rows_not_used": [{"where": r.where, "reason": r.reason} for r in done.rejects],
    }
    return body, lines, 2 if done.rejects else 0


@click.command("export", epilog="Example: freeze accounts export register.csv")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--service", metavar="S", help="Only this service's accounts.")
@click.option("--unregistered", is_flag=True, help="Those that were seen and nobody registered, to fill in and import.")
@command
def export_command(app: App, file: Path, service: str | None, *, unregistered: bool) -> Answer:
    """Write the register as a CSV file that freeze accounts import reads back as it was.

    It names who runs each account: keep it where the register may be kept.
    """
    wanted = [e for e in register.entries(app, service) if e.account.registered is not unregistered]
    text = table(cells(e.account, e.record, e.seen) for e in wanted)
    write(file, text.encode("utf-8-sig"))
    said = f"{many(len(wanted), 'account')} written to {file}."
    return {"file": str(file), "accounts": len(wanted)}, [said], 0


COMMANDS = (import_command, export_command)

"""All requests for information at once: `freeze foi recompute` and `purge`."""

from __future__ import annotations

import click

from freeze.acts import requests
from freeze.acts.app import App
from freeze.commands.common import Answer, command
from freeze.report import requests as words
from freeze.words import many


@click.command("recompute", epilog="Example: freeze foi recompute")
@command
def recompute_command(app: App) -> Answer:
    """Work out every open due date anew; lists those that moved, old and new."""
    moved = requests.recompute(app)
    return {"moved": words.moved_json(moved)}, list(words.moved_lines(moved)), 0


@click.command("purge", epilog="Example: freeze foi purge --dry-run")
@click.option(
    "--days", type=click.IntRange(0), metavar="N", help="Closed for more than N days (else as the settings say)."
)
@click.option("--dry-run", is_flag=True, help="Only say which.")
@command
def purge_command(app: App, days: int | None, dry_run: bool) -> Answer:
    """Remove links, references and times of day from requests closed long ago; dates stay, for counting."""
    gone = requests.purge(app, days, dry_run=dry_run)
    would = "would be" if dry_run else ""
    said = f"{many(len(gone.requests), 'request')} closed more than {many(gone.days, 'day')} ago {would} purged."
    return {"purged": [r.ref for r in gone.requests], "dry_run": dry_run}, [" ".join(said.split())], 0

"""`freeze doctor`: is everything set up? It reads, and changes nothing."""

from __future__ import annotations

from dataclasses import asdict

import click

from freeze.acts import doctor
from freeze.acts.app import App
from freeze.commands.common import Answer, command
from freeze.words import columns, many, safe


@click.command("doctor", epilog="Example: freeze doctor")
@command
def doctor_command(app: App) -> Answer:
    """Check the installation, the settings, the store, the log, the clock and every connection. Changes nothing."""
    results = doctor.examine(app)
    bad = [r for r in results if not r.well]
    lines = columns(["ok" if r.well else "WRONG", r.what, safe(r.found, 500)] for r in results)
    lines.append(f"{many(len(bad), 'thing')} to put right." if bad else "All well.")
    return {"checks": [asdict(r) for r in results]}, lines, 5 if bad else 0

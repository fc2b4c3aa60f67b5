"""`freeze log`: verify it, export it."""

from __future__ import annotations

import json

import click

from freeze.acts import log
from freeze.acts.app import App
from freeze.commands.common import Answer, command
from freeze.words import safe


@click.group("log")
def log_command() -> None:
    """The log: append-only, each line sealed with the one before it."""


@log_command.command("verify", epilog="Example: freeze log verify --head 118-0f3a9c1d22ab45e7")
@click.option("--head", metavar="H", help="A head printed earlier: finds a log that was cut off at its end.")
@command
def verify_command(app: App, head: str | None) -> Answer:
    """Find any change, removal, reorder or truncation. Exit 0 when the log is whole, 5 when it is not."""
    found = log.verify(app, head or "")
    whole = f"The log is whole: {found.lines} lines. Head: {found.head}"
    said = f"THE LOG IS NOT WHOLE: {found.wrong}" if found.wrong else whole
    body = {"lines": found.lines, "whole": not found.wrong, "wrong": found.wrong or None, "head": found.head}
    return body, [said], 5 if found.wrong else 0


@log_command.command("export", epilog="Example: freeze log export --json > log.json")
@click.option("--last", type=click.IntRange(1), metavar="N", help="Only the last N lines.")
@command
def export_command(app: App, last: int | None) -> Answer:
    """Every line, with its seal. It holds ids, times and digests, never a post's words."""
    found = log.export(app, last)
    rows = [
        {"seq": x.seq, "at": x.at, "actor": x.actor, "event": x.event, "data": json.loads(x.data), "hash": x.hash}
        for x in found.lines
    ]
    text = [f"{x.seq}  {x.at}  {safe(x.actor)}  {x.event}  {safe(x.data, 300)}  {x.hash[:16]}" for x in found.lines]
    return {"log": rows, "head": found.head}, [*text, f"Head: {found.head}"], 0

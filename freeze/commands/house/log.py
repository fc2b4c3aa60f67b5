"""`freeze log`: verify it, export it."""

from __future__ import annotations

import json
from itertools import islice

import click

from freeze.acts.app import App
from freeze.commands.common import Answer, command
from freeze.store import log as log_store
from freeze.words import safe


@click.group("log")
def log_command() -> None:
    """The log: append-only, each line sealed with the one before it."""


@log_command.command("verify", epilog="Example: freeze log verify --head 118-0f3a9c1d22ab45e7")
@click.option("--head", metavar="H", help="A head printed earlier: finds a log that was cut off at its end.")
@command
def verify_command(app: App, head: str | None) -> Answer:
    """Find any change, removal, reorder or truncation. Exit 0 when the log is whole, 5 when it is not."""
    with app.store.read() as c:
        n, wrong = log_store.verify(log_store.lines(c), head or "")
        now = log_store.head(c)
    said = f"THE LOG IS NOT WHOLE: {wrong}" if wrong else f"The log is whole: {n} lines. Head: {now}"
    return {"lines": n, "whole": not wrong, "wrong": wrong or None, "head": now}, [said], 5 if wrong else 0


@log_command.command("export", epilog="Example: freeze log export --json > log.json")
@click.option("--last", type=click.IntRange(1), metavar="N", help="Only the last N lines.")
@command
def export_command(app: App, last: int | None) -> Answer:
    """Every line, with its seal. It holds ids, times and digests, never a post's words."""
    with app.store.read() as c:
        lines = list(log_store.lines(c))
        head = log_store.head(c)
    if last:
        lines = list(islice(lines, max(0, len(lines) - last), None))
    rows = [
        {"seq": x.seq, "at": x.at, "actor": x.actor, "event": x.event, "data": json.loads(x.data), "hash": x.hash}
        for x in lines
    ]
    text = [f"{x.seq}  {x.at}  {safe(x.actor)}  {x.event}  {safe(x.data, 300)}  {x.hash[:16]}" for x in lines]
    return {"log": rows, "head": head}, [*text, f"Head: {head}"], 0

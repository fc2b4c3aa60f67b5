"""`freeze bios`: whether descriptions state when their accounts are monitored, and a wording that fits."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import IO, Any

import click

from freeze.accounts import Account, KnownBio
from freeze.acts import bios
from freeze.acts.app import App
from freeze.commands.common import Answer, command
from freeze.errors import UsageError, worst
from freeze.files.bios import judged
from freeze.texts.bios import Judged, Verdict
from freeze.windows import say
from freeze.words import columns, many, safe

SHOWN = 4_000
"""Characters of one line of a suggestion that are printed; no platform takes as many."""


@click.group("bios")
def bios_command() -> None:
    """Bios: do they state the days and times at which an account is monitored?"""


@bios_command.command("check", epilog="Example: freeze bios check --file bios.jsonl")
@click.option("--service", metavar="S", help="Only this service's accounts.")
@click.option(
    "--file", metavar="FILE", help="Judge JSON lines of platform, bio and maybe hours (- for standard input)."
)
@command
def check_command(app: App, service: str | None, file: str | None) -> Answer:
    """Judge every bio as the last sync read it: states, vague, none, or disagrees with the register.

    With --file nothing is read but that file: each line is printed again with its verdict.
    """
    if file is not None:
        if service is not None:
            raise UsageError("--service and --file do not go together.", "A file's lines belong to no service.")
        return _file(file)
    found = bios.check(app, service)
    wrong = found.wrong
    lines = [f"{many(len(found.judged), 'bio')} known; {len(wrong)} to correct (clause 3.8), as of {say(found.now)}."]
    lines += columns(
        [j.verdict.value, a.id, f"{safe(j.sentence, 240)} freeze bios suggest {a.id}"] for a, _, j in wrong
    )
    if found.unread:
        lines.append(f"{many(len(found.unread), 'account')} whose bio no program has read: somebody has to look.")
        lines += columns([a.id, a.platform, safe(a.name, 60)] for a in found.unread)
    if not found.judged:
        lines.append("Run: freeze sync")
    body = {"accounts": [_json(*j) for j in found.judged], "not_read": [a.id for a in found.unread]}
    return body, lines, worst(1 if wrong else 0, 0 if found.judged else 5)


@bios_command.command("suggest", epilog="Example: freeze bios suggest anyshirelibraries-x")
@click.argument("account")
@click.option("--hours", metavar="TEXT", help='When it is monitored, if not as the register says: "Mon-Fri 9-5".')
@command
def suggest_command(app: App, account: str, hours: str | None) -> Answer:
    """A bio that keeps what was there, states the hours of the register, and is not too long for its platform."""
    found = bios.suggest(app, account, hours)
    made, platform = found.made, found.account.platform
    lines = [f"Monitored {found.hours.said()} ({found.whose}); {platform} takes {found.longest:,} characters."]
    if found.bio is None:
        lines.append("No program has read its bio: add these words to what stands there.")
    lines += [f"  {safe(line, SHOWN)}" for line in made.text.splitlines()]
    lines.append(made.said if not made.text else f"{made.said} Nothing was changed: put it there by hand.")
    body = {
        "account": account,
        "platform": platform,
        "longest": found.longest,
        "hours": found.hours.said(),
        "bio": found.bio.text if found.bio else None,
        "suggestion": made.text or None,
        "over": made.over,
        "said": made.said,
    }
    return body, lines, 0 if made.text else 1


def _json(a: Account, b: KnownBio, j: Judged) -> dict[str, Any]:
    return {
        "account": a.id,
        "platform": a.platform,
        "service": a.service,
        "bio": b.text,
        "read_at": b.read_at.isoformat(),
        "verdict": j.verdict.value,
        "sentence": j.sentence,
        "hours": j.stated.hours.said() if j.stated.hours else None,
        "register": j.wanted.said() if j.wanted else None,
    }


def _file(file: str) -> Answer:
    """Every line of a file with its verdict."""
    try:
        source: IO[bytes] = sys.stdin.buffer if file == "-" else Path(file).open("rb")  # noqa: SIM115
    except OSError as e:
        raise UsageError(f"{file} cannot be read: {e.strerror}.", "Give a file of JSON lines.") from None
    with source:
        rows = list(judged(source))
    bad = any("error" in r for r in rows)
    wrong = any(r.get("verdict") != Verdict.STATES for r in rows)
    return {"bios": rows}, [json.dumps(r) for r in rows], worst(2 if bad else 0, 1 if wrong else 0)

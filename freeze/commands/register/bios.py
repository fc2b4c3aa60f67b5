"""`freeze bios`: whether descriptions state when their accounts are monitored, and a wording that fits."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import click

from freeze.accounts import Account, KnownBio
from freeze.acts import look
from freeze.acts.app import App
from freeze.commands.common import Answer, command
from freeze.errors import CouldNotKnow, UsageError, nearest, worst
from freeze.files.lines import lines
from freeze.levelling import loads
from freeze.register import Record
from freeze.store import bios as bio_store
from freeze.store import posts as post_store
from freeze.store import register as register_store
from freeze.texts import bios
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
    if service is not None:
        look.check_names(app, services=[service], accounts=(), platforms=())
    with app.store.read() as c:
        register = post_store.accounts(c)
        records = register_store.records(c)
        known = {b.account: b for b in bio_store.known(c, post_store.aliases(c), register)}
    wanted = [a for a in register.values() if a.in_scope and (service is None or a.service == service)]
    judged = [(a, known[a.id], _judge(known[a.id], records.get(a.id, Record()))) for a in wanted if a.id in known]
    unread = [a for a in wanted if a.id not in known]
    wrong = [j for j in judged if j[2].verdict is not bios.Verdict.STATES]
    lines = [f"{many(len(judged), 'bio')} known; {len(wrong)} to correct (clause 3.8), as of {say(app.now())}."]
    lines += columns(
        [j.verdict.value, a.id, f"{safe(j.sentence, 240)} freeze bios suggest {a.id}"] for a, _, j in wrong
    )
    if unread:
        lines.append(f"{many(len(unread), 'account')} whose bio no program has read: somebody has to look.")
        lines += columns([a.id, a.platform, safe(a.name, 60)] for a in unread)
    if not judged:
        lines.append("Run: freeze sync")
    body = {
        "accounts": [_json(a, b, j) for a, b, j in judged],
        "not_read": [a.id for a in unread],
    }
    return body, lines, worst(1 if wrong else 0, 0 if judged else 5)


@bios_command.command("suggest", epilog="Example: freeze bios suggest anyshirelibraries-x")
@click.argument("account")
@click.option("--hours", metavar="TEXT", help='When it is monitored, if not as the register says: "Mon-Fri 9-5".')
@command
def suggest_command(app: App, account: str, hours: str | None) -> Answer:
    """A bio that keeps what was there, states the hours of the register, and is not too long for its platform."""
    with app.store.read() as c:
        register = post_store.accounts(c)
        record = register_store.records(c).get(account, Record())
        bio = next((b for b in bio_store.known(c, post_store.aliases(c), register) if b.account == account), None)
    if account not in register:
        raise UsageError(f'There is no account "{account}".', nearest(account, register))
    of = register[account]
    wanted, whose = _hours(app, record, hours)
    longest = _longest(app, of, bio)
    made = bios.suggest(bio.text if bio else "", wanted, longest)
    lines = [f"Monitored {wanted.said()} ({whose}); {of.platform} takes {longest:,} characters."]
    if bio is None:
        lines.append("No program has read its bio: add these words to what stands there.")
    lines += [f"  {safe(line, SHOWN)}" for line in made.text.splitlines()]
    lines.append(made.said if not made.text else f"{made.said} Nothing was changed: put it there by hand.")
    body = {
        "account": account,
        "platform": of.platform,
        "longest": longest,
        "hours": wanted.said(),
        "bio": bio.text if bio else None,
        "suggestion": made.text or None,
        "over": made.over,
        "said": made.said,
    }
    return body, lines, 0 if made.text else 1


def _judge(bio: KnownBio, record: Record) -> bios.Judged:
    return bios.judge(bio.text, record.hours, around_the_clock=record.around_the_clock)


def _json(a: Account, b: KnownBio, j: bios.Judged) -> dict[str, Any]:
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


def _hours(app: App, record: Record, given: str | None) -> tuple[bios.Hours, str]:
    """The hours to state, and whose they are. Raises UsageError for words that state none."""
    if given is not None or record.hours or record.around_the_clock:
        whose = "as given" if given is not None else "as the register says"
        words = record.hours if given is None else given
        found = bios.hours_from(words, around_the_clock=record.around_the_clock and given is None)
        if found is None:
            raise UsageError(
                f'"{safe(words)}" ({whose}) cannot be read as days and times.', 'Give them like "Mon-Fri 9am-5pm".'
            )
        return found, whose
    at_work = app.settings.hours
    opens, closes = (int(t[:2]) * 60 + int(t[3:]) for t in (at_work.opens, at_work.closes))
    if opens >= closes or not at_work.days or not set(at_work.days) <= set(range(1, 8)):
        raise CouldNotKnow("The register says no hours, and those of the settings ([hours]) are none.", "Add --hours.")
    office = bios.hours_of([([d - 1 for d in at_work.days], (opens, closes))])
    return office, "the council's working hours, as the register says none"


def _longest(app: App, account: Account, bio: KnownBio | None) -> int:
    if bio is not None and bio.longest > 0:
        return bio.longest
    known = app.kinds.get(account.platform)
    mine = known.CAPABILITIES.bio if known is not None else 0
    return mine or bios.LONGEST.get(account.platform, min(bios.LONGEST.values()))


def _file(file: str) -> Answer:
    """Every line of a file with its verdict; a bad line never stops the others."""
    rows = list(_judged_lines(file))
    bad = any("error" in r for r in rows)
    wrong = any(r.get("verdict") != bios.Verdict.STATES for r in rows)
    return {"bios": rows}, [json.dumps(r) for r in rows], worst(2 if bad else 0, 1 if wrong else 0)


def _judged_lines(file: str) -> Iterator[dict[str, Any]]:
    try:
        source: IO[bytes] = sys.stdin.buffer if file == "-" else Path(file).open("rb")  # noqa: SIM115
    except OSError as e:
        raise UsageError(f"{file} cannot be read: {e.strerror}.", "Give a file of JSON lines.") from None
    with source:
        for n, raw in lines(source):
            try:
                data = loads(raw.decode("utf-8-sig"))
            except (ValueError, RecursionError):
                yield {"line": n, "error": "This line is not JSON."}
                continue
            wrong = _wrong(data)
            if wrong:
                yield {"line": n, "error": wrong}
                continue
            found = bios.judge(data["bio"] or "", data.get("hours") or "")
            yield {**data, "verdict": found.verdict.value, "sentence": found.sentence}


def _wrong(data: Any) -> str:
    """What is wrong with one line; empty when nothing is."""
    if not isinstance(data, dict):
        return "This line is not an object with platform and bio."
    for key in ("platform", "bio"):
        if key not in data:
            return f'"{key}" is missing.'
    for key in ("platform", "bio", "hours"):
        allowed = (str,) if key == "platform" else (str, type(None))
        if not isinstance(data.get(key), allowed) and key in data:
            return f'"{key}" must be text.'
    return ""

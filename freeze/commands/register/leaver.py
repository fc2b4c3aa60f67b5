"""`freeze accounts leaver`: somebody left or moved; which passwords are to be changed (clause 5.5)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import click

from freeze.acts.app import App
from freeze.commands.common import Answer, command
from freeze.commands.register.look import all_entries, entries
from freeze.errors import UsageError, nearest
from freeze.files.register import clean, day
from freeze.register import Administrator, Record, left, mentions, people, person
from freeze.report.register import Entry
from freeze.store import register as register_store
from freeze.store.journal import Transaction, once
from freeze.windows import london, say_day
from freeze.words import columns, many, safe


@click.command("leaver", epilog='Example: freeze accounts leaver "Jo Smith" --on 2026-11-30')
@click.argument("name")
@click.option("--on", "on", metavar="DATE", help="The day on which they leave or left; else today.")
@click.option("--moved", is_flag=True, help="They did not leave the council but moved to other work.")
@click.option("--dry-run", is_flag=True, help="Show the list and record nothing.")
@command
def leaver_command(app: App, name: str, on: str | None, *, moved: bool, dry_run: bool) -> Answer:
    """Record that somebody left or moved, and list the passwords and codes to be changed.

    Each stays a gap (freeze accounts check) until --password-changed-on and --code-goes-to of freeze accounts edit say
    that it was done. Whoever was marked by mistake: freeze accounts edit ID --administrator "NAME; did not leave".
    """
    app.may("register")
    today, now = london(app.now()).date(), app.now()
    when = day("--on", clean(on or ""), today, ahead=True) or today
    called = _called(app, clean(name))

    def work(tx: Transaction) -> list[tuple[Entry, Record]]:
        marked = list(_marked(all_entries(tx.c), called, when, moved=moved))
        register_store.write(tx.c, {e.account.id: r for e, r in marked})
        tx.log(now, "register.left", {"accounts": [e.account.id for e, _ in marked], "moved": moved})
        return marked

    marked = list(_marked(entries(app), called, when, moved=moved)) if dry_run else once(app.store, app.actor, work)
    todo = {e.account.id: _todo(e, r, called) for e, r in marked}
    waits = [e for e, _ in marked if todo[e.account.id]]
    lines = [_said(called, when, len(marked), moved=moved, dry_run=dry_run)]
    lines += columns(
        [e.account.id, safe(e.account.name, 40), safe(e.account.service), ", ".join(todo[e.account.id]) or "nothing"]
        for e, _ in marked
    )
    if waits:
        lines.append("Once it is done: freeze accounts edit ID --password-changed-on DATE --code-goes-to NAME")
    through = sorted({s.connection for e, _ in marked for s in e.seen})
    if through:
        lines.append(f"Their own sign-in, wherever they have one, is to be closed too: {', '.join(through)}.")
    ids = [{"id": e.account.id, "service": e.account.service, "to_do": todo[e.account.id]} for e, _ in marked]
    body: dict[str, Any] = {"on": when.isoformat(), "moved": moved, "recorded": not dry_run, "accounts": ids}
    return body, lines, 3 if waits else 0


def _called(app: App, name: str) -> str:
    """The person as the register names them. Raises UsageError with the nearest name where it names nobody so."""
    found = entries(app)
    named = {person(n): n for e in found for n in people(e.account.owner, e.record)}
    if person(name) in named:
        return named[person(name)]
    plain = not re.search(r"[;|]", name)
    if plain and any(mentions(n, name) for n in named.values()):
        return name
    raise UsageError(f'The register names nobody called "{safe(name)}".', nearest(name, named.values()))


def _marked(found: list[Entry], name: str, on: date, *, moved: bool) -> Iterator[tuple[Entry, Record]]:
    for e in found:
        after = left(e.record, e.account.owner, name, on, moved=moved)
        if after != e.record or any(person(a.name) == person(name) for a in e.record.administrators):
            yield e, after


def _todo(e: Entry, after: Record, name: str) -> list[str]:
    mine: Administrator = next(a for a in after.administrators if person(a.name) == person(name))
    out = ["change the password"] if after.password_known_to(mine) else []
    out += ["let the code go to somebody else's device"] if after.code_comes_to(name) else []
    return out + (["name another owner"] if mentions(e.account.owner, name) else [])


def _said(name: str, on: date, accounts: int, *, moved: bool, dry_run: bool) -> str:
    went = f"{safe(name)} {'moved' if moved else 'left'} on {say_day(on)}"
    start = "Nothing was recorded. If " if dry_run else ""
    return f"{start}{went}: {many(accounts, 'account')} of the register {'names' if accounts == 1 else 'name'} them."

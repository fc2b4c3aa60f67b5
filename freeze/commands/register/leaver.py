"""`freeze accounts leaver`: somebody left or moved; which passwords are to be changed (clause 5.5)."""

from __future__ import annotations

from datetime import date

import click

from freeze.acts import leaver
from freeze.acts.app import App
from freeze.acts.holidays import today
from freeze.commands.common import Answer, command
from freeze.files.register import clean, day
from freeze.windows import say_day
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
    present = today(app)
    when = day("--on", clean(on or ""), present, ahead=True) or present
    found = leaver.leave(app, clean(name), when, moved=moved, dry_run=dry_run)
    todo = [(e, [t.value for t in todo]) for e, todo in found.accounts]
    lines = [_said(found.name, when, len(todo), moved=moved, dry_run=dry_run)]
    lines += columns(
        [e.account.id, safe(e.account.name, 40), safe(e.account.service), ", ".join(t) or "nothing"] for e, t in todo
    )
    if found.waits:
        lines.append("Once it is done: freeze accounts edit ID --password-changed-on DATE --code-goes-to NAME")
    if found.through:
        lines.append(f"Their own sign-in, wherever they have one, is to be closed too: {', '.join(found.through)}.")
    ids = [{"id": e.account.id, "service": e.account.service, "to_do": t} for e, t in todo]
    body = {"on": when.isoformat(), "moved": moved, "recorded": not dry_run, "accounts": ids}
    return body, lines, 3 if found.waits else 0


def _said(name: str, on: date, accounts: int, *, moved: bool, dry_run: bool) -> str:
    went = f"{safe(name)} {'moved' if moved else 'left'} on {say_day(on)}"
    start = "Nothing was recorded. If " if dry_run else ""
    return f"{start}{went}: {many(accounts, 'account')} of the register {'names' if accounts == 1 else 'name'} them."

"""`freeze accounts`: the register."""

from __future__ import annotations

from pathlib import Path

import click

from freeze.app import App
from freeze.commands._common import Answer, command
from freeze.report.words import columns, many, safe
from freeze.store import posts as post_store
from freeze.store import register as register_store
from freeze.store.journal import Transaction, once


@click.group("accounts")
def accounts_command() -> None:
    """The register: which accounts the council has, and who owns them."""


@accounts_command.command("import", epilog="Example: freeze accounts import accounts.csv")
@click.argument("file", type=click.Path(path_type=Path))
@command
def import_command(app: App, file: Path) -> Answer:
    """Add or update accounts from a CSV file.

    Columns: id, name, platform, handle, service, owner, contact, in_scope, seen_at. Only name and platform are
    compulsory. seen_at says where an account is seen: connection=the platform's own id, several separated by ";".
    """
    app.may("register")
    register = register_store.read(file)
    now = app.now()

    def write(tx: Transaction) -> tuple[int, int]:
        new, old = register_store.save(tx.c, register)
        tx.log(now, "register.imported", {"file": file.name, "new": new, "updated": old, "bad": len(register.rejects)})
        return new, old

    new, old = once(app.store, app.actor, write)
    lines = [f"{many(new, 'account')} added, {old} updated."]
    lines += columns([r.where, safe(r.reason, 200)] for r in register.rejects)
    body = {
        "added": new,
        "updated": old,
        "rows_not_used": [{"where": r.where, "reason": r.reason} for r in register.rejects],
    }
    return body, lines, 2 if register.rejects else 0


@accounts_command.command("list", epilog="Example: freeze accounts list --service libraries")
@click.option("--service", metavar="S", help="Only this service's accounts.")
@command
def list_command(app: App, service: str | None) -> Answer:
    """Every account: its service, its platform, and through which connection it is seen."""
    with app.store.read() as c:
        register = post_store.accounts(c)
        seen: dict[str, list[str]] = {}
        for (connection, _), account in post_store.aliases(c).items():
            seen.setdefault(account, []).append(connection)
    rows = [a for a in register.values() if service is None or a.service == service]
    lines = columns(
        [
            a.id,
            a.service or "-",
            a.platform,
            safe(a.name, 40),
            ", ".join(sorted(seen.get(a.id, ()))) or "no connection: only a person can stop it",
            "" if a.registered else "NOT REGISTERED",
        ]
        for a in rows
    )
    body = {
        "accounts": [
            {
                "id": a.id,
                "name": a.name,
                "platform": a.platform,
                "service": a.service,
                "owner": a.owner,
                "connections": sorted(seen.get(a.id, ())),
                "registered": a.registered,
                "in_scope": a.in_scope,
            }
            for a in rows
        ]
    }
    return body, [*lines, f"{many(len(rows), 'account')}."], 0

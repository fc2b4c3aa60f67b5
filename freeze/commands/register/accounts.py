"""`freeze accounts`: the register, added to, changed, imported and exported."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from freeze.accounts import Account, slug
from freeze.acts.app import App
from freeze.acts.calendars import write
from freeze.commands.common import Answer, command
from freeze.commands.register import leaver, look
from freeze.commands.register.fields import fields, row, still_there
from freeze.commands.register.look import entries, known
from freeze.errors import UsageError
from freeze.files.register import Row, cells, clean, read, table
from freeze.register import Record
from freeze.store import posts as post_store
from freeze.store import register as register_store
from freeze.store.journal import Transaction, once
from freeze.store.register import Saved
from freeze.windows import london
from freeze.words import columns, many, safe


@click.group("accounts")
def accounts_command() -> None:
    """The register: which accounts the council has, who runs them, and what was checked."""


for _command in (*look.COMMANDS, leaver.leaver_command):
    accounts_command.add_command(_command)


@accounts_command.command(
    "add", epilog='Example: freeze accounts add "Anyshire Museums" --platform x --service museums --owner "Jo Smith"'
)
@click.argument("name")
@click.option("--platform", metavar="P", help="facebook, x, newsletter ...; known for an account that was seen.")
@click.option("--id", "ident", metavar="ID", help="Its short id, if not made from name and platform.")
@fields
@command
def add_command(app: App, name: str, platform: str | None, ident: str | None, **typed: Any) -> Answer:
    """Put an account on the register.

    NAME may be the id of one that was seen and that nobody registered: its name, platform and posts are known then.
    """
    app.may("register")
    with app.store.read() as c:
        register = post_store.accounts(c)
    there = register.get(name)
    if there is not None and platform is None:
        ident, name, platform = there.id, there.name, there.platform
    if not platform:
        raise UsageError("On which platform is it?", "Add --platform, for example --platform facebook")
    if not clean(name):
        raise UsageError("An account needs a name.")
    ident = clean(ident or "") or slug(f"{name}-{platform}")
    old = register.get(ident)
    if old is not None and old.registered:
        raise UsageError(f'"{ident}" is on the register already.', f"Change it with: freeze accounts edit {ident}")
    made = Account(ident, clean(name), clean(platform).lower())
    new = row(made, Record(), typed, london(app.now()).date())
    return _saved(app, "register.added", new, f"{safe(made.name)} ({made.platform}) is on the register as {ident}.")


@accounts_command.command(
    "edit", epilog='Example: freeze accounts edit anyshirecc-x --two-factor-on 2026-11-01 --code-goes-to "Jo Smith"'
)
@click.argument("account")
@click.option("--name", metavar="NAME", help="What it is called.")
@click.option("--platform", metavar="P", help="Its platform.")
@fields
@command
def edit_command(app: App, account: str, name: str | None, platform: str | None, **typed: Any) -> Answer:
    """Change what is named and leave the rest; an empty value ("") clears. Dates like 2026-11-01.

    Whoever left stays among the administrators until the password was changed and the code goes to somebody else.
    """
    app.may("register")
    e = known(app, account)
    if not e.account.registered:
        raise UsageError(f'"{account}" is not on the register yet.', f"Put it there: freeze accounts add {account}")
    if not any(v not in (None, ()) for v in (name, platform, *typed.values())):
        raise UsageError("Nothing to change was named.", "See: freeze accounts edit --help")
    renamed = Account(account, clean(name or e.account.name), clean(platform or e.account.platform).lower())
    new = row(renamed, e.record, typed, london(app.now()).date())
    return _saved(app, "register.edited", new, f"{account} is changed.")


def _saved(app: App, event: str, new: Row, said: str) -> Answer:
    """Save one row and tell what became of it; the log names fields, never what stands in them."""
    now = app.now()
    named = sorted({*new.given, *(["seen_at"] if new.seen_at else [])} - {"name", "platform"})

    def work(tx: Transaction) -> tuple[Saved, Record]:
        saved = register_store.save(tx.c, [new])
        tx.log(now, event, {"account": new.id, "fields": named})
        return saved, register_store.records(tx.c).get(new.id, Record())

    saved, record = once(app.store, app.actor, work)
    stay = still_there(new, record)
    lines = [said, *_outside(saved)]
    if stay:
        lines.append(f"{', '.join(stay)} stays on it until the password was changed and the code goes elsewhere (5.5).")
    lines += _new_service(app, new)
    return {"account": new.id, "fields": named, "out_of_scope": list(saved.outside), "stays": list(stay)}, lines, 0


def _outside(saved: Saved) -> list[str]:
    if not saved.outside:
        return []
    shown = ", ".join(saved.outside[:10]) + (f" and {len(saved.outside) - 10} more" if len(saved.outside) > 10 else "")
    return [f"Out of scope, so that no pause ever holds them (clauses 1.3, 2.6): {shown}."]


def _new_service(app: App, new: Row) -> list[str]:
    service = new.given.get("service", "")
    with app.store.read() as c:
        others = {a.service for a in post_store.accounts(c).values() if a.id != new.id}
    return [f'No other account is of the service "{safe(service)}".'] if service and service not in others else []


@accounts_command.command("import", epilog="Example: freeze accounts import accounts.csv")
@click.argument("file", type=click.Path(path_type=Path))
@command
def import_command(app: App, file: Path) -> Answer:
    """Add or update accounts from a CSV file, such as freeze accounts export writes.

    Only name and platform are compulsory. An empty cell clears what was there; a column that is not in the file leaves
    it alone. seen_at says where an account is seen: connection=the platform's own id, several separated by ";"; it only
    ever adds. docs/register.md names every column.
    """
    app.may("register")
    now = app.now()
    found = read(file, london(now).date())

    def work(tx: Transaction) -> Saved:
        saved = register_store.save(tx.c, found.rows)
        counts = {"new": len(saved.new), "updated": len(saved.old), "bad": len(found.rejects)}
        tx.log(now, "register.imported", {"file": file.name, **counts})
        return saved

    saved = once(app.store, app.actor, work)
    lines = [f"{many(len(saved.new), 'account')} added, {len(saved.old)} updated.", *_outside(saved)]
    lines += columns([r.where, safe(r.reason, 240)] for r in found.rejects)
    body: Mapping[str, Any] = {
        "added": len(saved.new),
        "updated": len(saved.old),
        "out_of_scope": list(saved.outside),
        "rows_not_used": [{"where": r.where, "reason": r.reason} for r in found.rejects],
    }
    return body, lines, 2 if found.rejects else 0


@accounts_command.command("export", epilog="Example: freeze accounts export register.csv")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--service", metavar="S", help="Only this service's accounts.")
@click.option("--unregistered", is_flag=True, help="Those that were seen and nobody registered, to fill in and import.")
@command
def export_command(app: App, file: Path, service: str | None, *, unregistered: bool) -> Answer:
    """Write the register as a CSV file that freeze accounts import reads back as it was.

    It names who runs each account: keep it where the register may be kept.
    """
    wanted = [e for e in entries(app, service) if e.account.registered is not unregistered]
    text = table(cells(e.account, e.record, e.seen) for e in wanted)
    write(file, text.encode("utf-8-sig"))
    said = f"{many(len(wanted), 'account')} written to {file}."
    return {"file": str(file), "accounts": len(wanted)}, [said], 0

"""`freeze accounts`: the register; `add` and `edit` change one account of it."""

from __future__ import annotations

from typing import Any

import click

from freeze.accounts import Account
from freeze.acts import accounts
from freeze.acts.accounts import Kept
from freeze.acts.app import App
from freeze.acts.holidays import today
from freeze.commands.common import Answer, command
from freeze.commands.register import exchange, leaver, look, review
from freeze.commands.register.fields import fields, row
from freeze.errors import UsageError
from freeze.files.register import clean
from freeze.register import Record
from freeze.report.register import out_of_scope
from freeze.words import safe


@click.group("accounts")
def accounts_command() -> None:
    """The register: which accounts the council has, who runs them, and what was checked."""


for _command in (*look.COMMANDS, review.review_command, leaver.leaver_command, *exchange.COMMANDS):
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
    made = accounts.to_add(app, name, platform, ident)
    kept = accounts.add(app, row(made, Record(), typed, today(app)))
    return _told(kept, f"{safe(made.name)} ({made.platform}) is on the register as {kept.account}.")


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
    e = accounts.to_edit(app, account)
    if not any(v not in (None, ()) for v in (name, platform, *typed.values())):
        raise UsageError("Nothing to change was named.", "See: freeze accounts edit --help")
    renamed = Account(account, clean(name or e.account.name), clean(platform or e.account.platform).lower())
    return _told(accounts.edit(app, row(renamed, e.record, typed, today(app))), f"{account} is changed.")


def _told(kept: Kept, said: str) -> Answer:
    lines = [said, *out_of_scope(kept.outside)]
    if kept.stays:
        stay = ", ".join(kept.stays)
        lines.append(f"{stay} stays on it until the password was changed and the code goes elsewhere (5.5).")
    if kept.new_service:
        lines.append(f'No other account is of the service "{safe(kept.new_service)}".')
    body = {"account": kept.account, "fields": kept.fields, "out_of_scope": list(kept.outside)}
    return body | {"stays": list(kept.stays)}, lines, 0

"""`freeze init`: the settings file and the store."""

from __future__ import annotations

from collections.abc import Iterator

import click

from freeze.acts import init
from freeze.acts.app import App
from freeze.acts.init import Ready, Store
from freeze.commands.common import Answer, command


@click.command("init", epilog="Example: freeze init")
@click.option("--adopt", is_flag=True, help="Let the store obey these settings too: who may do what by them.")
@click.option(
    "--older-store-is-meant", "meant", is_flag=True, help="Forget what a newer store knew: its parked posts too."
)
@command
def init_command(app: App, adopt: bool, meant: bool) -> Answer:
    """Make freeze.toml (never over one that is there) and the store; bring an older store up to date after a backup.

    An older store that was put in place of a newer one is recognised, and its parked posts are taken up again by
    freeze sync --enforce. Where that is not wanted, --older-store-is-meant says so, and the log keeps it.
    """
    made = init.init(app, adopt=adopt, meant=meant)
    older = _older(made)
    body = {"settings": str(made.settings), "store": made.store, "backup": str(made.backup) if made.backup else None}
    return body | {"older_store": older or None}, _lines(made, older), 5 if made.older else 0


def _lines(made: Ready, older: str) -> Iterator[str]:
    if made.wrote:
        yield "Wrote freeze.toml: fill in your connections there; every setting stands in it with its default."
    if made.adopted:
        yield f"The store obeys {made.adopted} from now on; that is in its log."
    if older:
        yield older
    yield _became(made)
    yield "Next: freeze accounts import accounts.csv, freeze sync, freeze doctor"


def _older(made: Ready) -> str:
    """What to say of a store that is older than what this guard has written; empty where it is none."""
    if made.left_parked is None:
        return made.older
    return (
        f"The older store counts from here on; {made.left_parked} parked posts are left where they stand, "
        "and nobody watches them."
    )


def _became(made: Ready) -> str:
    if made.became is Store.MADE:
        return f"Made the store {made.store}."
    if made.became is Store.UP_TO_DATE:
        return f"The store {made.store} is up to date."
    copy = f"; a copy of it as it was: {made.backup}" if made.backup else ""
    return f"Brought the store {made.store} up to date{copy}."

"""`freeze announce`: a public announcement is on record, so a quiet pause need not be quiet any more."""

from __future__ import annotations

import click

from freeze.acts import announce as act
from freeze.acts.app import App
from freeze.commands.common import Answer, command
from freeze.report import picture
from freeze.windows import say
from freeze.words import safe


@click.command("announce", epilog="Example: freeze announce f1 --source https://www.royal.uk/announcement")
@click.argument("ident", metavar="ID")
@click.option("--source", "url", required=True, metavar="URL", help="Where it was announced, for everybody to read.")
@command
def announce_command(app: App, ident: str, url: str) -> Answer:
    """Record the public announcement. Until then everybody outside Communications reads only "Publishing pause"."""
    f, is_new, now = act.announce(app, ident, url)
    assert f.announced_at is not None
    lines = [
        f"{f.says()}: announced, as recorded on {say(f.announced_at)} ({safe(f.announced_source, 200)}).",
        "Messages, digests and calendars for others may name it from now on; what was sent before named nothing."
        if is_new
        else "It was recorded before; nothing was changed.",
    ]
    return picture.freeze_json(f, now) | {"quiet": f.quiet, "source": f.announced_source, "new": is_new}, lines, 0

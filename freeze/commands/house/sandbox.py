"""`freeze sandbox`: simulated platforms to practise on."""

from __future__ import annotations

from pathlib import Path

import click

from freeze.acts.app import App
from freeze.commands.common import Answer, Terminal, command
from freeze.errors import UsageError
from freeze.windows import parse_instant


@click.group("sandbox")
def sandbox_command() -> None:
    """Simulated platforms on this machine: they publish, lock and refuse as documented, and nothing real is touched."""


@sandbox_command.command("serve", epilog="Example: freeze sandbox serve --port 8765 --now 2022-09-08T18:39")
@click.option("--port", type=click.IntRange(0, 65535), default=8765, show_default=True, help="0 takes a free one.")
@click.option("--seed", type=click.Choice(["council", "empty", "large"]), default="council", show_default=True)
@click.option("--accounts", type=click.IntRange(1, 5_000), default=40, show_default=True, help="For --seed large.")
@click.option("--posts", type=click.IntRange(0, 1_000_000), default=2_000, show_default=True, help="For --seed large.")
@click.option("--platform", default="facebook", show_default=True, help="For --seed large; all: on twelve at once.")
@click.option("--now", "now_text", metavar="TIME", help="What its clock shows at first (London time).")
@click.pass_obj
def serve_command(
    here: Terminal, port: int, seed: str, accounts: int, posts: int, platform: str, now_text: str | None
) -> None:
    """Serve the simulated platforms until Ctrl-C."""
    from freeze.sandbox import serve

    now = parse_instant(now_text, what="--now") if now_text else None
    try:
        serve(seed, now, port=port, accounts=accounts, posts=posts, platform=platform, say=here.out)
    except ValueError as e:
        raise UsageError(str(e)) from None
    except OSError as e:
        raise UsageError(f"Port {port} cannot be used: {e.strerror}.", "Give another --port, or 0.") from None


@sandbox_command.command("config", epilog="Example: freeze sandbox config --url http://127.0.0.1:8765 --into practice")
@click.option("--url", required=True, help="Where the sandbox is served.")
@click.option("--into", type=click.Path(path_type=Path), help="Write settings, register and an Orlo export here.")
@command
def config_command(app: App, url: str, into: Path | None) -> Answer:
    """Print ready settings for a sandbox that is being served, or write them with --into FOLDER."""
    del app
    from http.client import HTTPException
    from urllib.parse import urlsplit

    from freeze.council.practice import LOOPBACK
    from freeze.sandbox._core.config import settings_of, write_into

    try:
        here = urlsplit(url)
        near = here.scheme == "http" and here.hostname in LOOPBACK
    except ValueError:
        near = False
    if not near:
        raise UsageError("--url is not the address of a sandbox on this computer.", "Like: --url http://127.0.0.1:8765")
    try:
        if into is None:
            text = settings_of(url.rstrip("/"))
            return {"settings": text}, text.splitlines(), 0
        written = write_into(into, url.rstrip("/"))
    except (OSError, HTTPException, ValueError) as e:
        raise UsageError(f"No sandbox answers at {url}: {e}.", "Start one: freeze sandbox serve") from None
    lines = [f"Wrote {path}" for path in written]
    lines.append(f"Next: cd {into}, then freeze init, freeze accounts import accounts.csv, freeze sync")
    return {"written": [str(p) for p in written]}, lines, 0

"""What every command shares: `--json`, `--as-of`, asking, printing, progress."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import click

from freeze import SCHEMA
from freeze.acts.app import App
from freeze.errors import FreezeError, UsageError, worst
from freeze.windows import parse_instant


@dataclass
class Terminal:
    """Who is at the terminal: `out` prints what was asked for, `tell` what is said beside it, `ask` a yes or no."""

    app: App
    out: Callable[[str], None] = print
    tell: Callable[[str], None] = print
    ask: Callable[[str], bool] = lambda _question: False

    def __post_init__(self) -> None:
        self.app.tell = self.tell


def terminal() -> Terminal:
    """The terminal of the command at work."""
    here = click.get_current_context().find_object(Terminal)
    assert here is not None
    return here


def show(line: str) -> None:
    """Print a line while the command is still at work."""
    terminal().out(line)


Answer = tuple[Mapping[str, Any], Iterable[str], int]
"""What a command gives back: data for `--json`, lines for people, and the exit code."""
Later = tuple[Callable[[], Mapping[str, Any]], Iterable[str], int]
"""The same, where the data is much: it is made only for `--json`."""


def command(f: Callable[..., Answer | Later]) -> Callable[..., None]:
    """Give a command its `App` (first argument), `--json` and `--as-of`; it returns (data, lines, exit code)."""

    @functools.wraps(f)
    def wrapped(here: Terminal, *args: Any, as_json: bool, as_of: str | None, **kwargs: Any) -> None:
        app = here.app
        if as_json:
            here.out = here.tell
        name = click.get_current_context().command_path.partition(" ")[2]
        try:
            if as_of:
                app.pretend(parse_instant(as_of, what="--as-of"))
            made, lines, code = f(app, *args, **kwargs)
            data = {} if not as_json else made() if callable(made) else made
            if app.older and (older := app.still_older()):
                data, code = {**data, "older_store": older}, worst(code, 5)  # nothing else it says can be all there is
        except FreezeError as e:
            if not as_json:
                raise
            data, lines, code = {"error": e.message, "advice": e.advice}, [], e.exit_code
        finally:
            app.close()
        if as_json:
            import json

            click.echo(json.dumps({"schema": SCHEMA, "command": name, "exit": code, **data}, ensure_ascii=False))
        else:
            for line in lines:
                here.out(line)
        sys.exit(code)

    ready = click.option("--json", "as_json", is_flag=True, help="Print JSON for programs instead of text.")(
        click.option("--as-of", metavar="TIME", help="Run the clock from this time (practice platforms only).")(wrapped)
    )
    return click.pass_obj(ready)


def agreed(question: str, *, yes: bool) -> bool:
    """Whether to go on: `--yes`, or a person's answer at a terminal. Raises UsageError where there is nobody to ask."""
    if yes:
        return True
    if not sys.stdin.isatty():
        raise UsageError("There is no terminal here to ask at.", "Look with --dry-run first, then add --yes.")
    return terminal().ask(question)


@contextmanager
def progress(label: str) -> Iterator[Callable[[int, int], None]]:
    """A line of progress on standard error, at a terminal only."""
    if not sys.stderr.isatty():
        yield lambda _done, _all: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        console=Console(stderr=True),
        transient=True,
    )
    with bar:
        task = bar.add_task(label, total=None)
        yield lambda done, of: bar.update(task, completed=done, total=of or None)

"""Telling a story with real commands: each is shown as it is typed, with what it prints."""

from __future__ import annotations

import io
import sys

import click

from freeze.acts.app import App
from freeze.commands.common import Terminal
from freeze.sandbox._core.hands import Hands


class Story:
    """One command after the other at a practice council; `hands` is what people do there meanwhile."""

    def __init__(self, context: click.Context, here: Terminal, hands: Hands) -> None:
        assert context.parent is not None
        assert isinstance(context.parent.command, click.Group)
        self._context, self._commands = context.parent, context.parent.command
        self.here, self.hands = here, hands

    def fresh(self) -> App:
        """What a command of the practice council is handed."""
        app = self.here.app
        return App(app.adapters, app.rules, app.now, str(self.hands.folder / "freeze.toml"))

    def tell(self, text: str) -> None:
        """What happens meanwhile."""
        self.here.out("")
        for line in text.splitlines():
            self.here.out(click.style(f"## {line}", bold=True))

    def run(self, typed: str, *, show: bool = True, answer: str = "") -> str:
        """Run a command as typed, on the sandbox's clock; `answer` is what the person types when asked."""
        name, *args = typed.split()
        if show:
            self.here.out("")
            self.here.out(click.style(f"$ freeze {typed}", fg="green"))
        command = self._commands.get_command(self._context, name)
        assert command is not None
        app = self.fresh()
        app.pretend(self.hands.clock())
        said: list[str] = []

        def out(line: str) -> None:
            said.append(line)
            if show:
                self.here.out(line)

        inner = Terminal(app, out, out)
        keyboard, sys.stdin = sys.stdin, io.StringIO(answer)
        if answer:
            sys.stdin.isatty = lambda: True  # type: ignore[method-assign]

            def ask(question: str) -> bool:
                out(f"{question} [y/N]: {answer}")
                return answer == "y"

            inner.ask = ask
        try:
            command.main(args=args, obj=inner, standalone_mode=False, prog_name=f"freeze {name}")
        except SystemExit as e:
            if show:
                self.here.out(click.style(f"(exit {e.code})", dim=True))
        except Exception as e:  # noqa: BLE001 - shown as the real command shows it
            out(str(e))
        finally:
            sys.stdin = keyboard
        return "\n".join(said)

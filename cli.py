"""The one composition root: settings, clock, adapters and rules become an App; commands are loaded when called."""

from __future__ import annotations

import importlib
import os
import sys
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import click

from freeze import __version__, private
from freeze.errors import FreezeError
from freeze.levelling import level

COMMANDS = {
    "demo": ("house.demo", "The whole story on simulated platforms, in under a minute."),
    "declare": ("pauses.declare", "Pause publishing: hold every scheduled post in scope, and check."),
    "crisis": ("pauses.crisis", "What is on record about a crisis, its listening responses, its evaluation."),
    "announce": ("pauses.announce", "Record the public announcement: the pause is no longer quiet."),
    "tasks": ("people.tasks", "What only people can do, by when, and who to ask; ready messages."),
    "confirm": ("people.tasks", "Record that somebody says a task is done."),
    "went-out": ("people.tasks", "Record that somebody says a post went out where nothing here can read."),
    "brief": ("people.brief", "Five lines for a chief executive."),
    "status": ("night.status", "What is paused, what is held and checked, what still needs a person."),
    "list": ("night.status", "Every pause that was declared."),
    "show": ("night.status", "One pause, post by post."),
    "extend": ("pauses.ending", "Make a pause longer, or cut a gap into it."),
    "end": ("pauses.ending", "End a pause. Nothing moves until put-back."),
    "undo": ("pauses.ending", "End a pause that was declared by mistake. Nothing moves until put-back."),
    "resolve-end": ("pauses.ending", "Settle the end of a royal death: the end of the funeral day."),
    "check": ("posts.check", "List scheduled posts that conflict with a pause or a rule."),
    "explain": ("posts.explain", "Why a post, a day or an account stands as it does, rule by rule."),
    "accept": ("posts.accept", "Set conflicts aside that are known and fine, until a day."),
    "calendar": ("calendar.calendar", "A month of posts, pauses and bank holidays; as text, page or feed."),
    "agree": ("posts.agree", "Record a sign-off, a boost, a permission for pictures, or a campaign."),
    "allow": ("pauses.allow", "Let single posts, or a kind of post, through one pause."),
    "held": ("posts.held", "Every held post: since when, until when, and what was decided."),
    "decide": ("posts.decide", "Decide what happens to held posts, one by one or many at once."),
    "put-back": ("posts.put_back", "Put held posts back into their queues, spaced, never in the past."),
    "sync": ("night.sync", "Read every platform; with --enforce also hold and keep what must be held."),
    "watch": ("night.watch", "The keeper: look again and again while a pause lasts, and name what went out."),
    "nightly": ("night.nightly", "Every night: read, hold, keep, check, and write the digests."),
    "accounts": ("register.accounts", "The register: who runs which account, reviews, leavers, gaps; as CSV."),
    "bios": ("register.bios", "Whether bios state when accounts are monitored, and a wording that fits."),
    "adapters": ("house.platforms", "What the guard can do on each platform."),
    "policies": ("house.platforms", "The rules, their clauses and their prepared pauses."),
    "doctor": ("house.doctor", "Is everything set up? Reads, never changes."),
    "log": ("house.log", "Verify or export the log."),
    "init": ("house.init", "Make the settings file and the store, or bring the store up to date."),
    "foi": ("clocks.foi", "Requests for information: when they are due, and the log of those seen."),
    "workdays": ("clocks.workdays", "Working days and bank holidays of the United Kingdom."),
    "events": ("calendar.events", "The shared calendar: import, list and remove calendar files."),
    "elections": ("clocks.elections", "When a pre-election period starts at the latest."),
    "sandbox": ("house.sandbox", "Simulated platforms to practise on."),
}


class _Lazy(click.Group):
    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        # What is typed comes in here, for every command; bytes that are no UTF-8 arrive as halves of pairs.
        return super().parse_args(ctx, list(map(level, args)))

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's own signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:  # noqa: ARG002
        if name not in COMMANDS:
            return None
        module = importlib.import_module(f"freeze.commands.{COMMANDS[name][0]}")
        command: click.Command = getattr(module, name.replace("-", "_") + "_command")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl([(name, said) for name, (_, said) in COMMANDS.items()])

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            from freeze.errors import UsageError, nearest

            raise UsageError(f'There is no command "{args[0]}".', nearest(args[0], COMMANDS))
        return super().resolve_command(ctx, args)


def _say(line: str) -> None:
    """Print a line. A reader that went away (a pager, `head`) must not end the stopping of posts."""
    try:
        click.echo(line)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.option("--settings", metavar="FILE", help="The settings file (else FREEZE_SETTINGS, or ./freeze.toml).")
@click.version_option(__version__, prog_name="freeze")
@click.pass_context
def freeze(ctx: click.Context, settings: str | None) -> None:
    """The guard between a council's scheduled social-media posts and the public.

    In an emergency:   freeze declare menai-bridge
    Nothing leaks, nothing is lost, and nothing is claimed that was not read back.

    Exit codes: 0 done and checked - 1 conflicts or undecided posts - 2 wrong input - 3 partly effective -
    4 refused by a rule - 5 could not know.
    """
    import adapters
    import policies
    from freeze.acts.app import App
    from freeze.commands.common import Terminal

    ctx.obj = Terminal(
        App(adapters=adapters, rules=policies, now=lambda: datetime.now(UTC), settings_path=settings),
        out=_say,
        tell=lambda line: click.echo(line, err=True),
        ask=lambda question: click.confirm(question, default=False),
    )


def main() -> None:
    """Run a command; every expected error becomes one sentence and an exit code, never a traceback."""
    for stream in (sys.stdout, sys.stderr):  # a character that no output can hold must not end what is being said
        with suppress(AttributeError, ValueError):
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    try:
        with private.keeping():
            freeze(standalone_mode=False)
    except click.exceptions.Exit as e:
        sys.exit(e.exit_code)
    except click.Abort:
        click.echo("Stopped; nothing was changed.", err=True)
        sys.exit(1)
    except click.ClickException as e:
        e.show()
        sys.exit(2)
    except FreezeError as e:
        click.echo(f"{e.message} {e.advice}".strip(), err=True)
        sys.exit(e.exit_code)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except KeyboardInterrupt:
        click.echo("Interrupted. What is held stays held; run the same command again to complete it.", err=True)
        sys.exit(3)
    except Exception as e:
        if os.environ.get("FREEZE_TRACEBACK"):
            raise
        click.echo(f"The guard itself failed ({type(e).__name__}: {e}). What was held stays held.", err=True)
        click.echo("Run the same command again; if it fails again, set FREEZE_TRACEBACK=1 and report it.", err=True)
        sys.exit(5)


if __name__ == "__main__":
    main()

"""`freeze explain`: why a post, a day or an account stands as it does; with `--expect`, a test of the settings."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import click

from freeze.acts import explain_post, explain_where
from freeze.acts.app import App
from freeze.commands.common import Answer, command
from freeze.errors import UsageError
from freeze.windows import Window, end_of, midnight, parse_day, parse_instant

POST = re.compile(r"p?[0-9]{1,15}", re.IGNORECASE)
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{1,2}:[0-9]{2}.*")
INSTANT = timedelta(microseconds=1)


@click.command("explain", epilog='Example: freeze explain "2026-11-11 11:01" --expect held')
@click.argument("what", metavar="[POST|DATE|ACCOUNT]", required=False)
@click.option("--expect", type=click.Choice(["held", "clear"]), help="Exit 0 if it is so, 1 if it is not.")
@click.option("--text", metavar="WORDS", help="Words that are not scheduled; with --account and --at.")
@click.option("--account", metavar="A", help="With --text: the account.")
@click.option("--at", metavar="TIME", help="With --text: when, London time (else now).")
@command
def explain_command(
    app: App, what: str | None, expect: str | None, text: str | None, account: str | None, at: str | None
) -> Answer:
    """Say rule by rule what was looked at and what it decided, with clause and window. Changes nothing.

    A POST (p12), a DATE (2026-11-11, or with a London time "2026-11-11 11:01"), or an ACCOUNT of the register.
    --expect makes it a test for people who do not program: held means that a pause holds the post, is in force at that
    time (on that day), or covers the account; clear means that none does. Not as expected: exit 1.
    """
    if (what is None) == (text is None):
        raise UsageError(
            "Say what to explain: a POST, a DATE, an ACCOUNT, or --text.", "For example: freeze explain p12"
        )
    if text is None and (account or at):
        raise UsageError("--account and --at go with --text.", "Leave them out.")
    if text is not None:
        body, lines, held = explain_post.words(app, text, account, at)
    else:
        body, lines, held = _explained(app, (what or "").strip())
    code = 0
    if expect is not None:
        as_expected = held == (expect == "held")
        code = 0 if as_expected else 1
        lines.append(f"{'As expected' if as_expected else 'NOT AS EXPECTED'}: {'held' if held else 'clear'}.")
        body |= {"expected": expect, "as_expected": as_expected}
    return body | {"held": held}, lines, code


def _explained(app: App, what: str) -> tuple[dict[str, Any], list[str], bool]:
    if POST.fullmatch(what):
        return explain_post.scheduled(app, what)
    if DAY.fullmatch(what):
        day: date = parse_day(what)
        return explain_where.time(app, Window(midnight(day), end_of(day)), whole=True)
    if MOMENT.fullmatch(what):
        moment = parse_instant(what)
        return explain_where.time(app, Window(moment, moment + INSTANT), whole=False)
    return explain_where.account(app, what)

"""`freeze tasks`, `confirm`, `went-out`: what only people can do, what they answer, and what they tell."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from freeze.accounts import Account
from freeze.acts import answers as act
from freeze.acts.app import App
from freeze.commands.common import Answer, command
from freeze.errors import UsageError
from freeze.people.tasks import Stands
from freeze.report import handover, todo
from freeze.windows import london, parse_instant, say
from freeze.words import many, safe


@click.command("tasks", epilog="Example: freeze tasks --messages to-send --hand-over sheet.html")
@click.option("--service", metavar="S", help="Only tasks of this service's accounts.")
@click.option(
    "--messages", "into", is_flag=False, flag_value="messages", metavar="[FOLDER]", help="Write the messages."
)
@click.option("--owners", is_flag=True, help="With --messages out of hours: write to the owners all the same.")
@click.option(
    "--hand-over", "sheet", type=click.Path(path_type=Path), metavar="FILE", help="A sheet by owner (.html or text)."
)
@command
def tasks_command(app: App, service: str | None, into: str | None, owners: bool, sheet: Path | None) -> Answer:
    """What only a person can do, by when, and who to ask just now.

    --messages writes one ready message for each person, as text and as a draft (.eml). While no announcement is
    recorded they say only "Publishing pause". --hand-over writes a sheet by owner, to print and tick.
    """
    if owners and into is None:
        raise UsageError("--owners says who the messages are for.", "Add --messages.")
    a = act.asked(app, service)
    now, desk, shown = a.known.now, a.desk, a.shown
    to = {t.number: a.to(t) for t in shown}
    lines = todo.lines(shown, now, lambda t: to[t.number], working=desk.working, opens=desk.opens)
    written: list[Path] = []
    if into is not None:
        written = act.write_messages(app, a, Path(into), owners=owners)
        lines.append(f"{many(len(written) // 2, 'message')} written to {into}, each as text and as a draft.")
        if not desk.working and not owners:
            lines.append("The owners are off duty; to write to them all the same: freeze tasks --messages --owners")
    if sheet is not None:
        make = handover.page if sheet.suffix.lower() in (".html", ".htm") else handover.text
        written += act.write_file(sheet, make(a.found, list(a.pauses.values()), act.sender(app), now).encode())
        lines.append(f"Hand-over sheet written: {sheet}")
    body = {
        "at": now.isoformat(),
        "working_hours": desk.working,
        "counts": todo.counts(shown),
        "tasks": [todo.task_json(t, to[t.number]) | {"late": todo.late(t, now, to[t.number])} for t in shown],
        "written": [str(p) for p in written],
    }
    return body, lines, 3 if any(t.stands is Stands.WAITING for t in shown) else 0


def _moment(text: str, now: datetime) -> datetime:
    """A time; a bare one like 18:52 is today's."""
    bare = len(text.strip()) == 5 and ":" in text
    return parse_instant(f"{london(now).date().isoformat()}T{text.strip()}" if bare else text, what="--at")


@click.command("confirm", epilog='Example: freeze confirm t3 --by "Jo Smith" --at 18:52')
@click.argument("refs", nargs=-1, required=True, metavar="TASK...")
@click.option("--by", metavar="NAME", help="Who says so, if it is not you; recorded as stated.")
@click.option(
    "--at", "when", metavar="TIME", help="When it was done, London time; now if not given. 18:52 means today."
)
@click.option("--withdraw", is_flag=True, help="The answer was given by mistake: the task waits again.")
@command
def confirm_command(app: App, refs: tuple[str, ...], by: str | None, when: str | None, withdraw: bool) -> Answer:
    """Record that somebody says a task is done. It is never counted as checked: only a reading is."""
    done = act.confirm(app, refs, by, _moment(when, app.now()) if when else None, withdraw=withdraw)
    if withdraw:
        said = [f"{t.ref} waits again: {safe(t.wanted.title, 100)}." for t in done.done]
    else:
        who, at = done.who, say(done.at)
        said = [f"{t.ref}: {who} says so, {at}. {safe(t.wanted.title, 100)}. Not checked." for t in done.done]
    body = {
        "answered": [todo.task_json(t) for t in done.done],
        "not_answered": done.lines if not done.done else [],
    }
    return body, [*said, *done.lines], 2 if done.missing else 0


@click.command("went-out", epilog='Example: freeze went-out anyshirefire-tiktok --at 18:41 --by "Jo Smith"')
@click.argument("ident", metavar="ACCOUNT")
@click.option("--at", "when", required=True, metavar="TIME", help="When, London time. 18:41 means today.")
@click.option("--words", default="", help="What it said.")
@click.option("--by", metavar="NAME", help="Who says so, if it is not you; recorded as stated.")
@command
def went_out_command(app: App, ident: str, when: str, words: str, by: str | None) -> Answer:
    """Record that somebody says a post went out on an account that nothing here can read.

    Where a connection reads the account, run freeze sync --enforce instead: it names what went out by itself.
    """
    at = _moment(when, app.now())
    done = act.went_out(app, ident, at, words, by)
    if isinstance(done, Account):
        return {"recorded": False}, [f"No pause covered {done.name} at {say(at)}; nothing was recorded."], 0
    if done.post is None:
        return {"recorded": False}, ["That was recorded already; nothing was changed."], 0
    name = f"{done.account.name} ({done.account.platform})"
    lines = [f"Recorded as p{done.post}: {name}, {say(at)}, as {done.who} says. It cannot be read from here."]
    lines += [f"Is nothing else scheduled there? Then: freeze confirm {t.ref}" for t in done.waits]
    return {"recorded": True, "post": f"p{done.post}", "freezes": [f.ref for f in done.pauses]}, lines, 3

"""`freeze tasks`, `confirm`, `went-out`: what only people can do, what they answer, and what they tell."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import click

from freeze import private
from freeze.accounts import slug
from freeze.acts import look
from freeze.acts import tasks as _tasks
from freeze.acts.app import App
from freeze.commands.common import Answer, command
from freeze.council import duty
from freeze.errors import RefusedByRule, UsageError, nearest, worst
from freeze.pauses.freezes import Freeze
from freeze.people import tasks
from freeze.people.tasks import Stands, Task
from freeze.report import handover, messages, todo
from freeze.store import freezes as freeze_store
from freeze.store import posts as post_store
from freeze.store import tasks as task_store
from freeze.store.journal import Transaction, once
from freeze.windows import london, parse_instant, say, say_short
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
    if service:
        look.check_names(app, services=[service], accounts=(), platforms=())
    if owners and into is None:
        raise UsageError("--owners says who the messages are for.", "Add --messages.")
    now = app.now()
    pauses = {f.number: f for f in look.in_force(app, now) if not f.rehearsal}
    with app.store.read() as c:
        register = post_store.accounts(c)
        found = [t for t in task_store.all_of(c, pauses) if t.closed_at is None]
        over = [f.number for f in look.all_freezes(app) if not f.rehearsal and f.number not in pauses]
        after = [t for t in task_store.all_of(c, over) if t.closed_at is None and t.kind not in tasks.OURS]
    services = {t.number: {register[a].service for a in t.wanted.accounts if a in register} for t in (*found, *after)}
    found = [t for t in found if service is None or service in services[t.number]]
    shown = [*found, *(after if service is None else ())]
    desk = _tasks.desk(app)
    to = {t.number: desk.to(t, services[t.number]) for t in shown}
    lines = todo.lines(shown, now, lambda t: to[t.number], working=desk.working, opens=desk.opens)
    written: list[Path] = []
    if into is not None:
        off = None if desk.working else desk.opens
        asked = {t.number: desk.owner(t) if owners else to[t.number] for t in found}
        written = _write(app, _messages(app, found, asked, pauses, off), Path(into), now)
        lines.append(f"{many(len(written) // 2, 'message')} written to {into}, each as text and as a draft.")
        if not desk.working and not owners:
            lines.append("The owners are off duty; to write to them all the same: freeze tasks --messages --owners")
    if sheet is not None:
        make = handover.page if sheet.suffix.lower() in (".html", ".htm") else handover.text
        written += _file(sheet, make(found, list(pauses.values()), _sender(app), now).encode())
        lines.append(f"Hand-over sheet written: {sheet}")
    waiting = any(t.stands is Stands.WAITING for t in shown)
    body = {
        "at": now.isoformat(),
        "working_hours": desk.working,
        "counts": todo.counts(shown),
        "tasks": [todo.task_json(t, to[t.number]) | {"late": todo.late(t, now, to[t.number])} for t in shown],
        "written": [str(p) for p in written],
    }
    return body, lines, 3 if waiting else 0


def _sender(app: App) -> messages.Sender:
    s = app.settings
    team = s.communications
    return messages.Sender(s.council.name, s.council.marking, team.name, team.email, team.phone)


def _messages(
    app: App,
    found: list[Task],
    asked: dict[int, tuple[duty.Reach, ...]],
    pauses: dict[int, Freeze],
    off: datetime | None,
) -> list[messages.Message]:
    """One for each person; the same thing asked for by two pauses is asked once."""
    mine: dict[duty.Reach, dict[str, Task]] = {}
    for t in found:
        if t.stands is Stands.WAITING:
            for r in asked[t.number]:
                mine.setdefault(r, {}).setdefault(t.wanted.key, t)
    out = []
    for r, theirs in mine.items():
        of = [pauses[n] for n in sorted({t.freeze for t in theirs.values()})]
        out.append(messages.message(r, list(theirs.values()), of, _sender(app), off))
    return out


def _write(app: App, all_of_them: list[messages.Message], folder: Path, now: datetime) -> list[Path]:
    written: list[Path] = []
    taken: set[str] = set()
    for m in all_of_them:
        base = slug(m.to.name)
        name = next(n for n in (base, *(f"{base}-{k}" for k in range(2, 10_000))) if n not in taken)
        taken.add(name)
        written += _file(folder / f"{name}.txt", f"{m.subject}\n\n{m.body}".encode())
        written += _file(folder / f"{name}.eml", m.eml(_sender(app), now))
    return written


def _file(path: Path, data: bytes) -> list[Path]:
    try:
        private.folder(path.parent)
        private.whole(path, data, readers=True)
    except (OSError, ValueError) as e:  # a path without a name is the latter
        why = (isinstance(e, OSError) and e.strerror) or "it is a folder"
        raise UsageError(f"{safe(str(path), 200)} cannot be written: {why}.", "Give another place.") from None
    return [path]


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
    now = app.now()
    if by is not None and not by.strip():
        raise UsageError("--by is empty.", 'Give a name, like --by "Jo Smith".')
    at = _moment(when, now) if when else now
    who = f"{safe(by, 60)} (as stated)" if by else app.actor
    live = {f.number for f in look.in_force(app, now)}
    working = _tasks.desk(app).working
    helper = _helper(app, by)

    def write(tx: Transaction) -> tuple[list[str], list[Task], int]:
        found, wrong = task_store.find(tx.c, refs)
        register = post_store.accounts(tx.c)
        app.may("confirm", {register[a].service for t in found for a in t.wanted.accounts if a in register})
        lines, done = [str(e) for e in wrong], []
        every = task_store.all_of(tx.c, live)
        for task in found:
            refused = _refused(task, withdraw=withdraw)
            if refused:
                lines.append(refused)
                continue
            same = [t for t in every if t.wanted.key == task.wanted.key and not _refused(t, withdraw=withdraw)]
            for t in [task, *(t for t in same if t.number != task.number)]:
                after = _answered(t, "" if withdraw else who, None if withdraw else at)
                task_store.save(tx.c, after)
                event = "task.answer-withdrawn" if withdraw else "task.someone-says-done"
                tx.log(now, event, {"task": t.ref, "freeze": f"f{t.freeze}", "by": who, "at": at.isoformat()})
                done.append(after)
        if done and not withdraw and not working and helper:
            asked = min(t.made_at for t in done)
            span = {"who": helper, "asked": asked.isoformat(), "answered": now.isoformat()}
            tx.log(now, "hours.volunteered", {**span, "tasks": [t.ref for t in done], "for": "time off in lieu"})
            lines.append(f"Noted for time off in lieu: {helper} answered out of hours, {say_short(now)}.")
        return lines, done, 2 if wrong else 0

    lines, done, code = once(app.store, app.actor, write)
    if withdraw:
        said = [f"{t.ref} waits again: {safe(t.wanted.title, 100)}." for t in done]
    else:
        said = [f"{t.ref}: {who} says so, {say(at)}. {safe(t.wanted.title, 100)}. Not checked." for t in done]
    body = {"answered": [todo.task_json(t) for t in done], "not_answered": lines if not done else []}
    return body, [*said, *lines], worst(code)


def _helper(app: App, by: str | None) -> str:
    """Whoever gives their own time by answering out of hours; empty for somebody who is on call, or for the team."""
    people = app.settings.people
    if by is None:
        me = people.get(app.user)
        return me.name if me is not None and me.volunteer and not me.on_call else ""
    known = next((p for p in people.values() if p.name.casefold() == by.strip().casefold()), None)
    return "" if known is not None and known.on_call else safe(by, 60)


def _answered(t: Task, who: str, at: datetime | None) -> Task:
    return replace(t, said_by=who, said_at=at)


def _refused(t: Task, *, withdraw: bool) -> str:
    """Why an answer to a task changes nothing; empty when it does."""
    if t.stands is Stands.CHECKED:
        return f"{t.ref} is checked already, by a reading; nothing was changed."
    if t.stands is Stands.CLOSED:
        return f"{t.ref} is no longer needed; nothing was changed."
    if withdraw:
        return "" if t.stands is Stands.SAID else f"{t.ref} has no answer to take back."
    if t.stands is Stands.SAID and t.said_at is not None:
        return (
            f"{t.ref} was answered already: {safe(t.said_by, 60)} said so, {say(t.said_at)}. Nothing was changed; to "
            f"correct it: freeze confirm {t.ref} --withdraw"
        )
    return ""


def _moment(text: str, now: datetime) -> datetime:
    """A time that has passed; a bare one like 18:52 is today's."""
    bare = len(text.strip()) == 5 and ":" in text
    at = parse_instant(f"{london(now).date().isoformat()}T{text.strip()}" if bare else text, what="--at")
    if at > now:
        raise RefusedByRule(f"{say(at)} is still to come.", "Give the time at which it was done.")
    return at


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
    now, at = app.now(), _moment(when, app.now())
    who = f"{safe(by, 60)} (as stated)" if by else app.actor
    with app.store.read() as c:
        register = post_store.accounts(c)
        if ident not in register:
            raise UsageError(f'There is no account "{ident}".', nearest(ident, register))
        if ident in _tasks.readable(app, app.known(c)):
            raise RefusedByRule(
                f"{register[ident].name} is read through a connection.",
                "It names what went out by itself: freeze sync --enforce",
            )
        app.may("confirm", {register[ident].service})
        freezes = [f for f in freeze_store.all_of(c) if not f.rehearsal and f.scope.covers(register[ident])]
    inside = [f for f in freezes if any(at in w for w in f.windows) and (f.ended_at is None or at < f.ended_at)]
    if not inside:
        return {"recorded": False}, [f"No pause covered {register[ident].name} at {say(at)}; nothing was recorded."], 0
    why = f"{who} says that it went out on {say(at)}; it cannot be read from here"

    def write(tx: Transaction) -> int | None:
        made = task_store.report_out(tx.c, register[ident], {f.number: why for f in inside}, at, safe(words, 2000), now)
        if made is not None:
            data = {"post": made, "account": ident, "at": at.isoformat(), "by": who}
            tx.log(now, "post.reported-out", data | {"freezes": [f.ref for f in inside]})
        return made

    made = once(app.store, app.actor, write)
    if made is None:
        return {"recorded": False}, ["That was recorded already; nothing was changed."], 0
    name = f"{register[ident].name} ({register[ident].platform})"
    lines = [f"Recorded as p{made}: {name}, {say(at)}, as {who} says. It cannot be read from here."]
    task = f"{tasks.ACCOUNT}:{ident}"
    with app.store.read() as c:
        open_ones = [
            t for t in task_store.all_of(c, [f.number for f in inside]) if t.wanted.key == task and not t.closed_at
        ]
    lines += [f"Is nothing else scheduled there? Then: freeze confirm {t.ref}" for t in open_ones if not t.said_at]
    return {"recorded": True, "post": f"p{made}", "freezes": [f.ref for f in inside]}, lines, 3

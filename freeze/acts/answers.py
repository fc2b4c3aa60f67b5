"""What people can be asked, what they answer, and what they saw go out where nothing here can read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from freeze import private
from freeze.accounts import Account, slug
from freeze.acts import tasks as task_acts
from freeze.acts.app import App
from freeze.council import duty
from freeze.errors import RefusedByRule, UsageError, nearest
from freeze.pauses.freezes import Freeze
from freeze.people import tasks
from freeze.people.tasks import Stands, Task
from freeze.report import messages
from freeze.store import tasks as task_store
from freeze.store.journal import Transaction, once
from freeze.views.known import Known
from freeze.windows import say, say_short
from freeze.words import safe


@dataclass(frozen=True)
class Asked:
    """The open tasks: `found` of the pauses in force, `shown` with those that other pauses left; who each goes to.

    `services` are those a task is about, both by the task's number; `pauses` are in force, by their number.
    """

    known: Known
    desk: task_acts.Desk
    found: Sequence[Task]
    shown: Sequence[Task]
    services: Mapping[int, set[str]]
    pauses: Mapping[int, Freeze]

    def to(self, task: Task) -> tuple[duty.Reach, ...]:
        """Who a task goes to just now."""
        return self.desk.to(task, self.services[task.number])


@dataclass(frozen=True)
class Answered:
    """What was answered: the tasks as they are now, what changed nothing and why, and whether a task was not found."""

    done: Sequence[Task]
    lines: Sequence[str]
    missing: bool
    who: str
    at: datetime


@dataclass(frozen=True)
class Reported:
    """A post that somebody saw go out: its number (None: nothing new), the pauses, and tasks that wait there."""

    account: Account
    post: int | None
    pauses: Sequence[Freeze]
    waits: Sequence[Task]
    who: str


def asked(app: App, service: str | None) -> Asked:
    """What only people can do now, of one service's accounts where given. Raises UsageError for no such service."""
    with app.store.read() as c:
        known = app.known(c)
    if service:
        known.check_names((), services=[service], accounts=())
    pauses = {f.number: f for f in known.in_force if not f.rehearsal}
    found = [t for n in pauses for t in known.tasks.get(n, ()) if t.closed_at is None]
    over = [f for f in known.real if f.number not in pauses]
    after = [t for f in over for t in known.tasks_of(f) if t.closed_at is None and t.kind not in tasks.OURS]
    register = known.register
    services = {t.number: {register[a].service for a in t.wanted.accounts if a in register} for t in (*found, *after)}
    found = [t for t in found if service is None or service in services[t.number]]
    shown = [*found, *(after if service is None else ())]
    return Asked(known, task_acts.desk(app), found, shown, services, pauses)


def sender(app: App) -> messages.Sender:
    """Who messages come from."""
    s = app.settings
    team = s.communications
    return messages.Sender(s.council.name, s.council.marking, team.name, team.email, team.phone)


def write_messages(app: App, a: Asked, folder: Path, *, owners: bool) -> list[Path]:
    """One ready message for each person, as text and as a draft; with `owners` to them also while they are off duty.

    Raises UsageError for a folder that cannot be written.
    """
    off = None if a.desk.working else a.desk.opens
    to = {t.number: a.desk.owner(t) if owners else a.to(t) for t in a.found}
    return _write(app, _messages(app, list(a.found), to, dict(a.pauses), off), folder, a.known.now)


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
        out.append(messages.message(r, list(theirs.values()), of, sender(app), off))
    return out


def _write(app: App, all_of_them: list[messages.Message], folder: Path, now: datetime) -> list[Path]:
    written: list[Path] = []
    taken: set[str] = set()
    for m in all_of_them:
        base = slug(m.to.name)
        name = next(n for n in (base, *(f"{base}-{k}" for k in range(2, 10_000))) if n not in taken)
        taken.add(name)
        written += write_file(folder / f"{name}.txt", f"{m.subject}\n\n{m.body}".encode())
        written += write_file(folder / f"{name}.eml", m.eml(sender(app), now))
    return written


def write_file(path: Path, data: bytes) -> list[Path]:
    """Write a file whole; gives its path. Raises UsageError where it cannot be."""
    try:
        private.folder(path.parent)
        private.whole(path, data, readers=True)
    except (OSError, ValueError) as e:  # a path without a name is the latter
        why = (isinstance(e, OSError) and e.strerror) or "it is a folder"
        raise UsageError(f"{safe(str(path), 200)} cannot be written: {why}.", "Give another place.") from None
    return [path]


def confirm(app: App, refs: Sequence[str], by: str | None, at: datetime | None, *, withdraw: bool) -> Answered:
    """Record that somebody says tasks are done, or take that back. It is never counted as checked: only a reading is.

    Raises UsageError for an empty name, RefusedByRule for a time still to come or who may not.
    """
    if by is not None and not by.strip():
        raise UsageError("--by is empty.", 'Give a name, like --by "Jo Smith".')
    with app.store.read() as c:
        known = app.known(c)
    now = known.now
    at = passed(at, now) if at is not None else now
    who = f"{safe(by, 60)} (as stated)" if by else app.actor
    live = {f.number for f in known.in_force}
    working = task_acts.desk(app).working
    helper = _helper(app, by)

    def write(tx: Transaction) -> tuple[list[str], list[Task], bool]:
        found, wrong = task_store.find(tx.c, refs)
        register = known.register
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
        return lines, done, bool(wrong)

    lines, done, missing = once(app.store, app.actor, write)
    return Answered(done, lines, missing, who, at)


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


def passed(at: datetime, now: datetime) -> datetime:
    """An instant that has passed. Raises RefusedByRule for one still to come."""
    if at > now:
        raise RefusedByRule(f"{say(at)} is still to come.", "Give the time at which it was done.")
    return at


def went_out(app: App, ident: str, at: datetime, words: str, by: str | None) -> Reported | Account:
    """Record that somebody says a post went out on an account that nothing here can read; the account where no pause
    covered it then.

    Raises UsageError for no such account, RefusedByRule where a connection reads it or for who may not.
    """
    with app.store.read() as c:
        known = app.known(c)
    register, now = known.register, known.now
    at = passed(at, now)
    who = f"{safe(by, 60)} (as stated)" if by else app.actor
    if ident not in register:
        raise UsageError(f'There is no account "{ident}".', nearest(ident, register))
    account = register[ident]
    if ident in task_acts.readable(app, known):
        raise RefusedByRule(
            f"{account.name} is read through a connection.", "It names what went out by itself: freeze sync --enforce"
        )
    app.may("confirm", {account.service})
    covering = [f for f in known.real if f.scope.covers(account)]
    inside = [f for f in covering if any(at in w for w in f.windows) and (f.ended_at is None or at < f.ended_at)]
    if not inside:
        return account
    why = f"{who} says that it went out on {say(at)}; it cannot be read from here"

    def write(tx: Transaction) -> int | None:
        made = task_store.report_out(tx.c, account, {f.number: why for f in inside}, at, safe(words, 2000), now)
        if made is not None:
            data = {"post": made, "account": ident, "at": at.isoformat(), "by": who}
            tx.log(now, "post.reported-out", data | {"freezes": [f.ref for f in inside]})
        return made

    made = once(app.store, app.actor, write)
    key = f"{tasks.ACCOUNT}:{ident}"
    waits = [t for f in inside for t in known.tasks_of(f) if t.wanted.key == key and not (t.closed_at or t.said_at)]
    return Reported(account, made, inside, waits, who)

"""What only people can do, as the reports of a pause show it: each act, who says that it was done, what is checked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from freeze.accounts import Account
from freeze.people.replies import Passed
from freeze.people.tasks import ACCOUNT, APPROVAL, LOCKDOWN, STOP, Stands, Task
from freeze.posts import Json
from freeze.windows import say_short
from freeze.words import many, safe

if TYPE_CHECKING:
    from freeze.council.duty import Reach

SORTS = (LOCKDOWN, STOP, APPROVAL)


def stands(task: Task) -> str:
    """Where a task stands, in one phrase."""
    answer = f"{safe(task.said_by, 60)}, {say_short(task.said_at)}" if task.said_at else ""
    if task.stands is Stands.CHECKED and task.checked_at is not None:
        return f"checked by a reading of {say_short(task.checked_at)}" + (f" (said by {answer})" if answer else "")
    if task.stands is Stands.SAID:
        return f"someone says so, NOT checked: {answer}"
    return task.stands.value if task.stands is Stands.CLOSED else "WAITING"


def by(task: Task) -> str:
    """When it must be done."""
    return f"before {say_short(task.wanted.deadline)}" if task.wanted.deadline else "at once"


def due(task: Task, now: datetime) -> str:
    """When something of it could go out next, or could have."""
    at = task.wanted.deadline
    return "" if at is None else f"next due {say_short(at)}" if at > now else f"the first was due {say_short(at)}"


def block(tasks: Iterable[Task], register: Mapping[str, Account], now: datetime, most: int) -> list[str]:
    """The open tasks of a pause: the acts that stop posts one by one, the accounts that nobody can read together."""
    live = [t for t in tasks if t.closed_at is None]
    acts = sorted((t for t in live if t.kind != ACCOUNT), key=_order)
    out = []
    for t in acts[:most]:
        n = len(t.wanted.posts)
        of = ", ".join(filter(None, (many(n, "post") if n and t.kind == LOCKDOWN else "", due(t, now))))
        out.append(f"  {t.ref}  {safe(t.wanted.title, 100)}{f' ({of})' if of else ''}: {stands(t)}")
        if t.stands is Stands.WAITING:
            out.append(f"      {safe(t.wanted.clicks, 400)}")
    if len(acts) > most:
        out.append(f"  … and {len(acts) - most} more (freeze tasks)")
    alone = [t for t in live if t.kind == ACCOUNT]
    if alone:
        how = Counter(t.stands for t in alone)
        parts = [f"{how[Stands.WAITING]} WAITING for an answer"] if how[Stands.WAITING] else []
        parts += [f"{how[Stands.SAID]} said to be silent, never checked"] if how[Stands.SAID] else []
        out.append(f"  {many(len(alone), 'account')} that no connection can hold: {', '.join(parts)}")
        open_ones = [register[t.wanted.accounts[0]] for t in alone if t.stands is Stands.WAITING]
        if open_ones:
            per = Counter(a.platform for a in open_ones if a.id in register)
            out.append("      " + ", ".join(f"{p} {k}" for p, k in per.most_common()))
    if out:
        out.insert(0, f"Needs a person: {count(live)}   (freeze tasks, freeze tasks --messages, freeze confirm TASK)")
    return out


def count(tasks: Iterable[Task]) -> str:
    """The tasks by where they stand: '31 tasks: 29 waiting, 2 someone says so'."""
    n = Counter(t.stands for t in tasks)
    parts = [f"{n[s]} {s.value}" for s in (Stands.WAITING, Stands.SAID, Stands.CHECKED) if n[s]]
    return f"{many(sum(n.values()), 'task')}: {', '.join(parts)}" if parts else "no tasks"


def said_words(passed: Passed, tasks: Sequence[Task]) -> list[str]:
    """What is said to be stopped, and by whom; it is never called checked."""
    if not passed.said:
        return []
    answers = [t for t in tasks if t.number in passed.by]
    lines = [f"SAID to be stopped, not checked: {many(len(passed.said), 'post')} whose time has passed since"]
    lines += [
        f"  someone says: {safe(t.wanted.title, 90)} ({safe(t.said_by, 60)}, {say_short(t.said_at)})"
        for t in answers
        if t.said_at
    ]
    return lines


def task_json(t: Task, to: Sequence[Reach] = ()) -> dict[str, Json]:
    """A task; instants are ISO 8601 in UTC. `confirmed` is no state of a task."""
    return {
        "task": t.ref,
        "freeze": f"f{t.freeze}",
        "kind": t.kind,
        "state": t.stands.value,
        "title": t.wanted.title,
        "do": t.wanted.clicks,
        "owner": t.wanted.owner,
        "contact": t.wanted.contact,
        "accounts": list(t.wanted.accounts),
        "posts": [f"p{p}" for p in t.wanted.posts],
        "deadline": t.wanted.deadline.isoformat() if t.wanted.deadline else None,
        "said_by": t.said_by or None,
        "said_at": t.said_at.isoformat() if t.said_at else None,
        "checked_at": t.checked_at.isoformat() if t.checked_at else None,
        "goes_to": [{"name": r.name, "email": r.email, "phone": r.phone, "why": r.why.value} for r in to],
    }


def counts(tasks: Iterable[Task]) -> dict[str, int]:
    """How many open tasks stand where."""
    n = Counter(t.stands for t in tasks if t.closed_at is None)
    return {s.value: n[s] for s in (Stands.WAITING, Stands.SAID, Stands.CHECKED)}


def passed_json(passed: Passed) -> dict[str, Json]:
    """Posts whose time has passed and that nothing here can read."""
    return {
        "may_have_gone_out": [f"p{p}" for p, _ in passed.maybe],
        "said_to_be_stopped": [f"p{p}" for p, _ in passed.said],
        "not_read_since": [f"p{p}" for p, _ in passed.unread],
    }


def _order(t: Task) -> tuple[int, float]:
    late = t.wanted.deadline.timestamp() if t.wanted.deadline else 0.0
    return (SORTS.index(t.kind) if t.kind in SORTS else len(SORTS), late)


def lines(
    tasks: Sequence[Task], now: datetime, to: Callable[[Task], Sequence[Reach]], *, working: bool, opens: datetime
) -> list[str]:
    """Every open task: what, by when, who it goes to just now, and where it stands."""
    live = sorted((t for t in tasks if t.closed_at is None), key=lambda t: (t.stands is not Stands.WAITING, _order(t)))
    if not live:
        return ["Nothing waits for a person."]
    out = [f"{count(live)}, as of {say_short(now)}."]
    if not working:
        out.append(
            f"Out of hours until {say_short(opens)}: tasks go to whoever is on call, else to volunteers, else to "
            "Communications. Nobody who is off duty is late."
        )
    for t in live:
        asked = to(t)
        out.append(f"{t.ref}  {safe(t.wanted.title, 110)}")
        out.append(f"    {by(t)}; {'LATE; ' if late(t, now, asked) else ''}{stands(t)}")
        out.append(f"    asks: {_asked(t, asked)}")
        if t.stands is Stands.WAITING:
            out.append(f"    {safe(t.wanted.clicks, 400)}")
    return out


def late(t: Task, now: datetime, asked: Sequence[Reach]) -> bool:
    """Whether its time has passed without an answer; only with somebody on duty can it be late."""
    missed = t.stands is Stands.WAITING and t.wanted.deadline is not None and t.wanted.deadline <= now
    return missed and any(r.why.on_duty for r in asked)


def _asked(t: Task, asked: Sequence[Reach]) -> str:
    names = ", ".join(f"{safe(r.said, 80)} ({r.why.value})" for r in asked) or "nobody is named on the register"
    owner = safe(t.wanted.owner, 60)
    return f"{names}; owner: {owner}" if owner and all(r.name != t.wanted.owner for r in asked) else names

"""What an answer to a task means, and how stored tasks follow what is wanted now. Pure.

An answer is what somebody said. It moves a post from "may have gone out" to "said to be stopped" where the post was due
after it, and no further: only a reading makes a task *checked*, and a reading that shows a post out takes the answer
back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from freeze.holds import Hold, HoldState, Kind
from freeze.people.tasks import ACCOUNT, LOCKDOWN, OURS, STOP, Task, Wanted
from freeze.posts import State

STOPPED = frozenset({HoldState.CONFIRMED, HoldState.GONE})


@dataclass(frozen=True, slots=True)
class Passed:
    """Posts that nothing here can read, whose time has passed: what may have gone out, and what is said to be stopped.

    Each is (post, its time); neither is ever counted as checked. `by` are the tasks whose answers say so. `unread` are
    posts on a platform that can be read, and was not since their time.
    """

    maybe: tuple[tuple[int, datetime], ...] = ()
    said: tuple[tuple[int, datetime], ...] = ()
    unread: tuple[tuple[int, datetime], ...] = ()
    by: tuple[int, ...] = ()


def passed(
    holds: Iterable[Hold],
    maybe_out: Mapping[int, datetime],
    where: Mapping[int, str],
    tasks: Sequence[Task],
    now: datetime,
) -> Passed:
    """How the posts stand that only a person could stop and whose time has passed.

    `maybe_out` are posts recorded as perhaps out, `where` the connection of each post. An answer counts for posts due
    after it; one due before may have gone out. One that awaits approval goes out only if somebody approves it.
    """
    at = dict(maybe_out)
    for h in holds:
        waits = h.state is HoldState.NEEDS_A_PERSON and h.kind is Kind.HUMAN and h.closed_at is None
        if waits and h.before.state is not State.PENDING_APPROVAL and h.missed(now) and h.before.at is not None:
            at.setdefault(h.post, h.before.at)
    blind = {t.connection for t in tasks if t.kind == LOCKDOWN}
    found: dict[str, list[tuple[int, datetime]]] = {"maybe": [], "said": [], "unread": []}
    by: set[int] = set()
    for post, due in sorted(at.items(), key=lambda x: (x[1], x[0])):
        here = where.get(post, "")
        answers = [t for t in tasks if t.kind != ACCOUNT and covers(t, post, here)]
        good = {t.number for t in answers if t.said_at is not None and due > t.said_at}
        by |= good
        known = post in maybe_out or here in blind
        found["said" if good else "maybe" if known else "unread"].append((post, due))
    return Passed(tuple(found["maybe"]), tuple(found["said"]), tuple(found["unread"]), tuple(sorted(by)))


def covers(task: Task, post: int, connection: str) -> bool:
    """Whether a task takes in a post; a lockdown takes in everything on its connection."""
    return post in task.wanted.posts or (task.kind == LOCKDOWN and task.connection == connection)


@dataclass(frozen=True, slots=True)
class Read:
    """What the latest readings say about the posts of a pause.

    `stands` is where each post's last hold stands. `outs` are posts seen to be out, with when. `queued` are posts that
    a copy made `as_of[connection]` still shows queued, with the time they were meant for. `where` is each post's
    connection.
    """

    stands: Mapping[int, HoldState]
    outs: Mapping[int, datetime]
    queued: Mapping[int, datetime]
    where: Mapping[int, str]
    as_of: Mapping[str, datetime]


@dataclass(frozen=True, slots=True)
class Follow:
    """One task as it stands now, and in one word what happened to it, for the log; `because` is a post, if one is."""

    task: Task
    event: str
    because: int | None = None


def follow(
    there: Sequence[Task], wants: Sequence[Wanted], read: Read, now: datetime
) -> tuple[list[Follow], list[Wanted]]:
    """How stored tasks change, and which wanted ones are new. What nobody answered simply follows what is wanted."""
    by_key = {w.key: w for w in wants}
    steps = (_one(t, by_key.get(t.wanted.key), read, now) for t in there if t.kind in OURS)
    known = {t.wanted.key for t in there}
    return [s for s in steps if s is not None], [w for w in wants if w.key not in known]


def _one(task: Task, want: Wanted | None, read: Read, now: datetime) -> Follow | None:
    wrong = _contradicted(task, read)
    if wrong is not None:
        blank = replace(task, wanted=want or task.wanted, said_by="", said_at=None, checked_at=None)
        return Follow(blank, "task.contradicted", wrong)
    if want is None:
        return _no_longer(task, read, now)
    if task.closed_at is not None:
        again = Task(task.number, task.freeze, want, now)
        return Follow(again, "task.wanted-again")
    if task.kind == STOP and task.said_at is not None and set(want.posts) - set(task.wanted.posts):
        new = replace(task, wanted=want, said_by="", said_at=None)
        return Follow(new, "task.has-more-posts")
    missed = task.wanted.deadline
    if task.said_at is None and missed is not None and missed <= now:
        want = replace(want, deadline=missed)  # nobody answered in time, and that stays to be seen
    checked = task.checked_at or (now if task.kind == LOCKDOWN and _seen_working(task, read) else None)
    after = replace(task, wanted=want, checked_at=checked)
    if after == task:
        return None
    return Follow(after, "task.checked" if checked and task.checked_at is None else "")


def _no_longer(task: Task, read: Read, now: datetime) -> Follow | None:
    if task.closed_at is not None:
        return None
    stopped = bool(task.wanted.posts) and all(read.stands.get(p) in STOPPED for p in task.wanted.posts)
    if task.kind not in (LOCKDOWN, ACCOUNT) and stopped:
        return Follow(replace(task, checked_at=now, closed_at=now), "task.checked")
    return Follow(replace(task, closed_at=now), "task.no-longer-needed")


def _contradicted(task: Task, read: Read) -> int | None:
    """A post that a reading shows to have gone out after somebody said that it was stopped; or None."""
    if task.said_at is None or task.kind == ACCOUNT:
        return None
    outs = [(at, p) for p, at in read.outs.items() if at > task.said_at and covers(task, p, read.where.get(p, ""))]
    return min(outs)[1] if outs else None


def _seen_working(task: Task, read: Read) -> int:
    """How many posts a copy still shows queued although their time came after lockdown was said to be on."""
    as_of = read.as_of.get(task.connection)
    if task.said_at is None or as_of is None:
        return 0
    return sum(task.said_at < due <= as_of for p, due in read.queued.items() if read.where.get(p) == task.connection)

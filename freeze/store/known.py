"""Reading what an act needs, in the caller's one transaction: everything is seen as it stood at one instant."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from freeze.holds import Hold, HoldState
from freeze.pauses.freezes import FAR, Freeze, view
from freeze.people.tasks import Task
from freeze.permissions import Kinds
from freeze.store import freezes, holds, jobs, log, permissions, posts, tasks
from freeze.views.found import Found
from freeze.views.known import Known


def read(
    c: Connection, now: datetime, lead: timedelta, kinds: Callable[[], Kinds], connections: Sequence[str]
) -> Known:
    """Everything but posts and holds; `kinds` and `connections` are the settings'."""
    declared = freezes.all_of(c)
    asked: dict[int, list[Task]] = {}
    for task in tasks.all_of(c, [f.number for f in declared]):
        asked.setdefault(task.freeze, []).append(task)
    return Known(
        now=now,
        lead=lead,
        register=posts.accounts(c),
        names=posts.aliases(c),
        freezes=declared,
        permissions=permissions.all_of(c),
        kinds=kinds,
        tasks=asked,
        reads=posts.sources(c),
        connections=tuple(connections),
        beats=jobs.beats(c),
        head=log.head(c),
    )


def found(c: Connection, known: Known, f: Freeze) -> Found:
    """Everything there is to tell about one pause, in the transaction that `known` was read in."""
    all_holds = holds.of_freeze(c, f.number)
    outs = holds.went_out(c, f.number)
    ids = {h.post for h in all_holds} | {o.post for o in outs}
    there = {p.id: p for p in posts.fetch(c, posts.by_ids(ids), known.register)} if ids else {}
    seen = view(f, known.now, known.lead)
    verdicts = known.verdicts(f)
    late = {h.post for h in all_holds if h.state is HoldState.TOO_LATE}
    waiting = posts.waiting_between(f.start, seen.windows[-1].end) if seen.holding else None
    open_ones = [] if waiting is None else posts.fetch(c, waiting & posts.not_held(), known.register)
    loose = [p for p in open_ones if p.id not in late and verdicts.held_by(p)]
    asked = known.tasks_of(f)
    queued = tasks.still_queued(c, ids) if asked else set()
    given = [p for p in known.permissions if p.freeze == f.ref and p.stands(known.now)]
    last = latest(all_holds)
    meant = [(h, replace(there[h.post], intended_at=h.before.at, state=h.before.state)) for h in last]
    free = sum(
        h.state is HoldState.CONFIRMED and bool(verdicts.covering(p)) and not verdicts.held_by(p) for h, p in meant
    )
    return Found(last, there, known.register, outs, loose, asked, frozenset(queued), given, free)


def latest(them: Iterable[Hold]) -> list[Hold]:
    """The last hold of each post: an edited post was held again, and only that counts."""
    last: dict[int, Hold] = {}
    for h in sorted(them, key=lambda h: h.id):
        last[h.post] = h
    return sorted(last.values(), key=lambda h: (h.before.at or FAR, h.id))

"""The morning after, as `freeze put-back` shows it: the four steps, what a person must re-date, the first 48 hours."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from freeze.accounts import Account
from freeze.back.morning import LIFT, Morning, Soon
from freeze.back.triage import says, stale
from freeze.people.tasks import Stands, Task
from freeze.posts import Json, Post
from freeze.report import picture
from freeze.windows import london, say_day, say_short
from freeze.words import columns, excerpt, many, safe

MOST = 15


def steps(m: Morning, register: Mapping[str, Account], now: datetime, *, whole: bool = False) -> list[str]:
    """The four steps, each with a tick or what is missing; then the posts that hold it up, all of them if `whole`."""
    out = ["The order of this morning:"]
    for n, s in enumerate(m.steps, 1):
        mark = "[done]" if s.done else "[    ]"
        out.append(f"  {mark} {n} {s.what}{'' if s.done else ': ' + safe(s.missing, 300)}")
    if m.late:
        out.append(f"Await approval past their time: {len(m.late)}")
        out += _rows([[*_row(p, register), _flags(p, now)] for p in m.late], whole=whole)
    if m.overdue:
        title = " and ".join(k.scheduler.title for k in m.locks)
        out.append(f"Re-date these in {title} before its lock is lifted: {len(m.overdue)}   (a free time for each)")
        out += _rows(
            [[*_row(p, register), _slot(m, p), _flags(p, m.slots.get(p.id, now))] for p in m.overdue], whole=whole
        )
    return out


def leave_on(m: Morning) -> list[str]:
    """What is said instead while the pause itself is still in force."""
    return [f"Leave {k.scheduler.switch} in {k.scheduler.title} on: {m.still} is in force." for k in m.locks]


def _row(p: Post, register: Mapping[str, Account]) -> list[str]:
    was = f"was {say_short(p.intended_at)}" if p.intended_at else "no time set"
    return [p.ref, was, register[p.account].name, excerpt(p, 40)]


def _slot(m: Morning, p: Post) -> str:
    return f"free: {say_short(m.slots[p.id])}" if p.id in m.slots else "no free time in 60 days"


def _flags(p: Post, goes: datetime) -> str:
    return says(stale(p, p.intended_at, goes))


def _rows(rows: Sequence[Sequence[str]], *, whole: bool) -> list[str]:
    most = len(rows) if whole else MOST
    more = [f"  … and {len(rows) - most} more (put-back --all lists them)"] if len(rows) > most else []
    return [*columns(rows[:most]), *more]


def last(m: Morning, tasks: Iterable[Task]) -> list[str]:
    """What is left for people: pictures first, the lock last of all and only when it may be lifted."""
    live = [t for t in tasks if t.stands is Stands.WAITING]
    out = [
        f"Then: {t.wanted.title}. {safe(t.wanted.clicks, 160)} When it is done: freeze confirm {t.ref}"
        for t in live
        if t.kind != LIFT
    ]
    out += [
        f"NOW, as the last thing: {t.wanted.title} ({safe(t.wanted.owner, 120) or 'whoever pressed it'}). "
        f"{safe(t.wanted.clicks, 300)}. Then: freeze confirm {t.ref}"
        for t in live
        if t.kind == LIFT and m.ready
    ]
    return out


def soon(rows: Sequence[Soon], register: Mapping[str, Account], ages: Iterable[str]) -> list[str]:
    """What will go out in the next 48 hours, by day, time and account, to be read for its tone."""
    if not rows:
        return ["Nothing goes out in the next 48 hours on the accounts of this pause, as far as is known.", *ages]
    out = [f"Read these for their tone: {many(len(rows), 'post')} will go out in the next 48 hours."]
    day = None
    table: list[list[str]] = []
    for s in rows:
        here = london(s.at)
        if here.date() != day:
            out += columns(table, indent="    ")
            table, day = [], here.date()
            out.append(f"  {say_day(day)}")
        wait = "awaits approval" if s.post.state.value == "pending_approval" else ""
        note = "; ".join(filter(None, (says(s.flags), wait)))
        table.append([f"{here:%H:%M %Z}", register[s.post.account].name, s.post.ref, excerpt(s.post, 60), note])
    return [*out, *columns(table, indent="    "), *ages]


def to_json(m: Morning, register: Mapping[str, Account], now: datetime) -> dict[str, Json]:
    """The four steps and what holds them up; instants are ISO 8601 in UTC."""
    return {
        "steps": [{"step": n, "what": s.what, "done": s.done, "missing": s.missing} for n, s in enumerate(m.steps, 1)],
        "may_lift_lockdown": m.ready,
        "late_approvals": [picture.post_json(p, register.get(p.account)) for p in m.late],
        "overdue": [
            picture.post_json(p, register.get(p.account))
            | {
                "free_time": m.slots[p.id].isoformat() if p.id in m.slots else None,
                "stale_words": [s.words for s in stale(p, p.intended_at, m.slots.get(p.id, now))],
            }
            for p in m.overdue
        ],
    }


def soon_json(rows: Iterable[Soon], register: Mapping[str, Account]) -> list[dict[str, Json]]:
    """The first 48 hours; `at` is when each goes out."""
    return [
        picture.post_json(s.post, register.get(s.post.account))
        | {"at": s.at.isoformat(), "stale_words": [x.words for x in s.flags]}
        for s in rows
    ]

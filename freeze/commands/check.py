"""`freeze check`: scheduled posts that conflict with a pause or a rule."""

from __future__ import annotations

from datetime import datetime, timedelta

import click

from freeze import identity
from freeze.app import App
from freeze.commands import _allow, _clocks, _look, _tasks
from freeze.commands._common import Answer, command, worst
from freeze.evaluate import findings
from freeze.findings import Finding, Level
from freeze.freezes import FAR, views
from freeze.ports import Facts
from freeze.posts import Post
from freeze.report import picture, todo
from freeze.report.words import columns, excerpt, many, safe
from freeze.store import posts as post_store
from freeze.store import tasks as task_store
from freeze.tasks import Stands
from freeze.windows import end_of, midnight, parse_day, say, say_short


@click.command("check", epilog="Example: freeze check --service libraries --from 2026-12-01 --to 2026-12-31")
@click.option("--service", metavar="S", help="Only this service's accounts.")
@click.option("--from", "start", metavar="DATE", help="From this London day on.")
@click.option("--to", "end", metavar="DATE", help="Up to and including this London day.")
@command
def check_command(app: App, service: str | None, start: str | None, end: str | None) -> Answer:
    """List scheduled posts that conflict with a pause or a rule. Reads the store only: run sync first."""
    now = app.now()
    if service:
        _look.check_names(app, services=[service], accounts=(), platforms=())
    first = midnight(parse_day(start, what="--from")) if start else now - timedelta(days=60)
    last = end_of(parse_day(end, what="--to")) if end else FAR
    freezes = _look.all_freezes(app)
    with app.store.read() as c:
        register = post_store.accounts(c)
        facts = Facts(now, register, views(freezes, now, app.settings.run.lead), app.allowing(c))
        posts = [
            p
            for p in post_store.fetch(c, post_store.waiting_between(first, last), register)
            if service is None or p.service == service
        ]
    found = findings(posts, _clocks.with_clocks(app, facts), app.policies, app.policy_options)
    found += identity.find(posts, register).unclear
    found += _tasks.holder_findings(app)
    found += _allow.undirected(app, now)
    by_id = {p.id: p for p in posts}
    found.sort(key=lambda f: (_due(by_id, f), f.post or 0))
    serious = [f for f in found if f.level is not Level.NOTE]
    seen = _tasks.seen(app)
    unseen = {s.connection for s in seen if s.stale(now)}
    stale = [a for a in _look.ages(app) if a.read_at is None or a.reason]
    lines = [s.said(now) for s in seen]
    lines.append(f"{many(len(posts), 'scheduled post')} looked at, as of {say(now)}.")
    none = "No conflicts among what could be read."
    if unseen:
        none = f"Whether there are conflicts is not known: {', '.join(sorted(unseen))} was not seen for too long."
    lines.append(f"{many(len(serious), 'conflict')}." if serious else none)
    lines += _reminders(app, now)
    lines += columns(
        [
            f"p{f.post}" if f.post else "-",
            say_short(_due(by_id, f)) if f.post in by_id and by_id[f.post].intended_at else "no time set",
            register[f.account].name if f.account in register else "-",
            excerpt(by_id[f.post], 40) if f.post in by_id else "",
            f"{safe(f.sentence, 160)} {f.next_step} (clause {f.clause})",
        ]
        for f in found
    )
    lines += [f"COULD NOT KNOW about {a.connection}: {safe(a.said(now), 200)}. Run: freeze sync" for a in stale]
    body = {
        "at": now.isoformat(),
        "looked_at": len(posts),
        "findings": [
            {
                "post": f"p{f.post}" if f.post else None,
                "account": f.account,
                "due": _iso(by_id, f),
                "policy": f.policy,
                "clause": f.clause,
                "level": f.level.value,
                "freeze": f.freeze or None,
                "sentence": f.sentence,
                "next_step": f.next_step,
            }
            for f in found
        ],
        "tasks_waiting": _reminders(app, now),
        "schedulers_not_seen": sorted(unseen),
        "could_not_know": [{"connection": a.connection, "reason": a.said(now)} for a in stale],
        "posts": [
            picture.post_json(by_id[i], register.get(by_id[i].account))
            for i in {f.post for f in found if f.post in by_id}
        ],
    }
    return body, lines, worst(1 if serious else 0, 5 if stale or unseen else 0)


def _reminders(app: App, now: datetime) -> list[str]:
    """The tasks of every pause in force that nobody answered yet."""
    out = []
    for f in _look.in_force(app, now):
        with app.store.read() as c:
            tasks = [t for t in task_store.all_of(c, [f.number]) if t.closed_at is None]
        if any(t.stands is Stands.WAITING for t in tasks):
            out.append(f"{f.says()} waits for people: {todo.count(tasks)}   (freeze tasks)")
    return out


def _due(posts: dict[int, Post], f: Finding) -> datetime:
    p = posts.get(f.post or 0)
    return p.intended_at if p and p.intended_at else FAR


def _iso(posts: dict[int, Post], f: Finding) -> str | None:
    due = _due(posts, f)
    return None if due == FAR else due.isoformat()

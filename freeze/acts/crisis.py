"""What commands share about a crisis: what it starts with, what to say of it, and writing down what follows."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from freeze.acts import permissions
from freeze.acts.app import App
from freeze.crisis import CRISIS, Crisis, Noted, What, lines
from freeze.errors import RefusedByRule, UsageError
from freeze.holds import digest
from freeze.pauses.freezes import Freeze, standing
from freeze.permissions import How, Permission, levelled
from freeze.posts import Json
from freeze.store import freezes as freeze_store
from freeze.store import log as log_store
from freeze.store import permissions as permission_store
from freeze.store import posts as post_store
from freeze.store.journal import Transaction
from freeze.words import safe

CONSIDERED = "crisis.considered"
EVERY = 24
"""Hours between reviews where the rule says nothing of it."""


def begun(preset: str, approver: str | None, actor: str, now: datetime) -> dict[str, Json]:
    """What a pause starts with on record. Raises UsageError for an approver of anything but a crisis."""
    if preset != CRISIS:
        if approver:
            raise UsageError("--approver is for a crisis.", 'Elsewhere say it with --authority "...".')
        return {}
    start = Crisis()
    return (start.noted(Noted(now, actor, What.APPROVER, approver.strip())) if approver else start).to_json()


def next_words(app: App, f: Freeze) -> list[str]:
    """What comes next after a crisis was declared."""
    team = app.settings.communications
    reach = ", ".join(x for x in (team.phone, team.email) if x)
    told = f"Tell your manager and {team.name} at once{f' ({reach})' if reach else ''}."
    return [
        f'{told} One listening response for each account: freeze crisis {f.ref} --listening "..." --account A',
        f"Then post nothing more, and gather what is said. Signs, group and approver can follow: freeze crisis {f.ref}",
    ]


def of(f: Freeze) -> Crisis:
    """What is on record about a crisis. Raises UsageError for any other pause."""
    if f.preset != CRISIS:
        raise UsageError(f"{f.says()} is no crisis.", "freeze crisis --list shows those there are.")
    return Crisis.from_json(f.details)


def every(app: App, f: Freeze) -> timedelta:
    """How long from one review to the next."""
    return timedelta(hours=getattr(app.policy_options.get(f.policy), "review_hours", EVERY))


def shown(f: Freeze, permissions: Iterable[Permission], now: datetime) -> list[str]:
    """A crisis on one screen; nothing for any other pause."""
    if f.preset != CRISIS:
        return []
    return [*(safe(line, 400) for line in lines(of(f), f.start, now)), *not_asked(f, permissions)]


def not_asked(f: Freeze, permissions: Iterable[Permission]) -> list[str]:
    """A sentence for each permission that the approver of a crisis was not asked about."""
    if f.preset != CRISIS:
        return []
    crisis = of(f)
    responses = {ref for _, ref in crisis.listening}
    return [
        f"THE APPROVER WAS NOT ASKED about {p.ref}: {safe(p.given_by, 80)} allowed it; "
        f"{safe(crisis.approver or crisis.deputy, 60)} approves the messages of {f.says()}."
        for p in permissions
        if p.freeze == f.ref and p.withdrawn_at is None and not p.about_life and p.ref not in responses
        if not crisis.asked(p.given_by)
    ]


def write(tx: Transaction, ident: str, events: Sequence[Noted], now: datetime) -> Freeze:
    """Put these things down, all or none; gives the pause as it is then."""
    before = freeze_store.one(tx.c, ident)
    crisis = of(before)
    for e in events:
        crisis = crisis.noted(e)
    return _save(tx, before, crisis, [e.what.value for e in events], now)


def listening(tx: Transaction, app: App, ident: str, text: str, account: str, now: datetime) -> tuple[Freeze, str]:
    """Allow the one listening response of an account: exactly these words there. Gives the pause and the permission.

    Raises RefusedByRule for a second one, or a crisis that is over; UsageError for an account it does not cover.
    """
    before = freeze_store.one(tx.c, ident)
    crisis = of(before)
    if standing(before, now).over:
        raise RefusedByRule(f"{before.says()} is {standing(before, now).value}: it holds nothing any more.")
    if not before.scope.covers(post_store.accounts(tx.c)[account]):
        raise UsageError(f"{before.says()} does not cover {account}: it holds nothing there.", "Post as usual.")
    crisis.noted(Noted(now, app.actor, What.LISTENING, account))  # refuses before anything is written
    asked = permissions.Asked(
        posts=(),
        kind=None,
        words=text,
        accounts=(account,),
        services=(),
        until=None,
        reason="Listening response (4.3)",
        about_life=False,
        directed_by="",
        by=app.actor,
    )
    made, _, _ = permissions.write(tx, app, before, asked, now)
    ref = made[0].ref if made else _same(tx, before, text, account)
    after = crisis.noted(Noted(now, app.actor, What.LISTENING, account, ref))
    return _save(tx, before, after, [What.LISTENING.value], now, permission=ref), ref


def _same(tx: Transaction, f: Freeze, text: str, account: str) -> str:
    """The permission that somebody gave for these very words there already."""
    return next(
        p.ref
        for p in permission_store.all_of(tx.c)
        if p.freeze == f.ref and p.how is How.WORDS and p.withdrawn_at is None
        if levelled(p.words) == levelled(text) and p.accounts == (account,)
    )


def _save(tx: Transaction, f: Freeze, crisis: Crisis, what: list[str], now: datetime, **more: str) -> Freeze:
    details = crisis.to_json()
    after = replace(f, details=details)
    freeze_store.update(tx.c, after)
    # The log keeps no words: their seal tells whether what is on record is what was put down then.
    tx.log(now, "crisis.noted", {"freeze": f.ref, "what": what, "seal": digest(details), **more})
    return after


def considered(app: App) -> list[tuple[str, str, dict[str, Json]]]:
    """Everything that was considered and was no crisis: when, who, and what."""
    with app.store.read() as c:
        return [(x.at, x.actor, json.loads(x.data)) for x in log_store.lines(c) if x.event == CONSIDERED]


def one(app: App, ident: str | None) -> Freeze:
    """The crisis that is meant. Raises UsageError where that is not clear."""
    if ident is not None:
        with app.store.read() as c:
            f = freeze_store.one(c, ident)
        of(f)
        return f
    with app.store.read() as c:
        live = [f for f in app.known(c).in_force if f.preset == CRISIS]
    if len(live) != 1:
        there = ", ".join(f"{f.ref} ({f.scope.said()})" for f in live)
        raise UsageError(
            f"Say which crisis: {there}." if live else "No crisis is in force.",
            "Add its ID."
            if live
            else "Start one: freeze declare crisis --account A. Earlier ones: freeze crisis --list",
        )
    return live[0]

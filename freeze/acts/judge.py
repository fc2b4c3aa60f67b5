"""Judging for the commands: everything a rule may know, and what came of it, less what is known and fine."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from freeze.acts import clocks, permissions, tasks
from freeze.acts.app import App
from freeze.findings import Finding, Level
from freeze.judging.acceptance import mark, refused
from freeze.judging.evaluate import Judging, in_turn
from freeze.judging.twins import Sights
from freeze.pauses.freezes import ahead
from freeze.ports import Facts
from freeze.posts import Post
from freeze.store import accepted as accepted_store
from freeze.store import agreements as agreement_store
from freeze.store import bios as bio_store
from freeze.store import events as event_store
from freeze.store import register as register_store
from freeze.store.accepted import Accepted
from freeze.views.known import Known
from freeze.windows import london

BACK = timedelta(days=60)
"""How long a post whose time has passed, and that nothing showed since, is still looked at."""
BEHIND, AHEAD = timedelta(days=60), timedelta(days=400)
"""How far back and ahead events are of interest."""


@dataclass(frozen=True)
class Judged:
    """Every conflict found. `known` were accepted, with how; `housekeeping` can wait for Monday."""

    found: tuple[Finding, ...]
    known: tuple[tuple[Finding, Accepted], ...]
    housekeeping: tuple[Finding, ...]


@dataclass(frozen=True)
class Grounds:
    """What posts are judged by: everything a rule may know, what is accepted today, what nobody directed in time."""

    facts: Facts
    quiet: Mapping[str, Accepted]
    undirected: Sequence[Finding]


def grounds(app: App, c: Any, known: Known | None = None) -> Grounds:
    """What posts are judged by, as the store says now (`c` is an open transaction, which `known` was read in)."""
    known = app.known(c) if known is None else known
    return Grounds(
        facts(app, c, known),
        accepted_store.quiet(c, london(known.now).date()),
        permissions.undirected(c, known),
    )


def facts(app: App, c: Any, known: Known) -> Facts:
    """Everything a rule may know, as the store says now (`c` is an open transaction)."""
    return replace(
        clocks.with_clocks(app, c, known.facts()),
        records=register_store.records(c),
        bios=bio_store.known(c, known.names, known.register),
        events=event_store.between(c, known.now - BEHIND, known.now + AHEAD),
        agreements=agreement_store.all_of(c),
        declared=ahead(known.real, known.now, known.lead),
        policy_review=app.settings.council.policy_review,
        in_scheduler=_in_scheduler(app, known.names),
    )


def _in_scheduler(app: App, aliases: Mapping[tuple[str, str], str]) -> frozenset[str]:
    """The accounts that a scheduler with one switch for everything reaches."""
    kinds = {n: tasks.capabilities(app, str(t.get("platform"))) for n, t in app.settings.connections.items()}
    return frozenset(a for (n, _), a in aliases.items() if (cap := kinds.get(n)) is not None and cap.lockdown)


def judged(app: App, posts: Sequence[Post], by: Grounds) -> Judged:
    """Every conflict of these posts and of the register. What holds a post is never quiet."""
    return told(everything(app, posts, by), {p.id: p for p in posts} if by.quiet else {}, by)


def told(found: Iterable[Finding], posts: Mapping[int, Post], by: Grounds) -> Judged:
    """What was found, less what is known and fine; `posts` are at least those that were found something about."""
    loud: list[Finding] = []
    accepted: list[tuple[Finding, Accepted]] = []
    for f in found:
        how = by.quiet.get(mark(f, posts)) if by.quiet else None
        if how is None or refused(f):
            loud.append(f)
        else:
            accepted.append((f, how))
    return Judged(
        tuple(f for f in loud if f.level is not Level.HOUSEKEEPING),
        tuple(accepted),
        tuple(f for f in loud if f.level is Level.HOUSEKEEPING),
    )


def everything(app: App, posts: Iterable[Post], by: Grounds) -> list[Finding]:
    """Every conflict of these posts and of the register, accepted or not; what is no sequence has order of time."""
    judging, sights = Judging(by.facts, app.policies, app.policy_options), Sights(by.facts.accounts)
    for some in in_turn(posts):
        judging.see(some)
        sights.see(some)
    return [*judging.found(posts), *sights.told().unclear, *tasks.holder_findings(app), *by.undirected]

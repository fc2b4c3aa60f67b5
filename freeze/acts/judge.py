"""Judging for the commands: everything a rule may know, and what came of it, less what is known and fine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from freeze.acts import allow, clocks, look, tasks
from freeze.acts.app import App
from freeze.findings import Finding, Level
from freeze.judging import twins
from freeze.judging.acceptance import mark, refused
from freeze.judging.evaluate import findings
from freeze.pauses.freezes import ahead, views
from freeze.ports import Facts
from freeze.posts import Post
from freeze.store import accepted as accepted_store
from freeze.store import agreements as agreement_store
from freeze.store import bios as bio_store
from freeze.store import events as event_store
from freeze.store import posts as post_store
from freeze.store import register as register_store
from freeze.store.accepted import Accepted
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


def facts(app: App, c: Any) -> Facts:
    """Everything a rule may know, as the store says now (`c` is an open transaction)."""
    now = app.now()
    freezes = [f for f in look.all_freezes(app) if not f.rehearsal]
    register = post_store.accounts(c)
    bare = Facts(now, register, views(freezes, now, app.settings.run.lead), app.allowing(c))
    return replace(
        clocks.with_clocks(app, bare),
        records=register_store.records(c),
        bios=bio_store.known(c, post_store.aliases(c), register),
        events=event_store.between(c, now - BEHIND, now + AHEAD),
        agreements=agreement_store.all_of(c),
        declared=ahead(freezes, now, app.settings.run.lead),
        policy_review=app.settings.council.policy_review,
        in_scheduler=_in_scheduler(app, post_store.aliases(c)),
    )


def _in_scheduler(app: App, aliases: Mapping[tuple[str, str], str]) -> frozenset[str]:
    """The accounts that a scheduler with one switch for everything reaches."""
    kinds = {n: tasks.capabilities(app, str(t.get("platform"))) for n, t in app.settings.connections.items()}
    return frozenset(a for (n, _), a in aliases.items() if (cap := kinds.get(n)) is not None and cap.lockdown)


def judged(app: App, posts: Sequence[Post], known: Facts, quiet: Mapping[str, Accepted]) -> Judged:
    """Every conflict of these posts and of the register. What holds a post is never quiet."""
    found = everything(app, posts, known)
    by_id = {p.id: p for p in posts} if quiet else {}
    loud: list[Finding] = []
    accepted: list[tuple[Finding, Accepted]] = []
    for f in found:
        how = quiet.get(mark(f, by_id)) if quiet else None
        if how is None or refused(f):
            loud.append(f)
        else:
            accepted.append((f, how))
    return Judged(
        tuple(f for f in loud if f.level is not Level.HOUSEKEEPING),
        tuple(accepted),
        tuple(f for f in loud if f.level is Level.HOUSEKEEPING),
    )


def everything(app: App, posts: Sequence[Post], known: Facts) -> list[Finding]:
    """Every conflict of these posts and of the register, accepted or not."""
    found = findings(posts, known, app.policies, app.policy_options)
    found += twins.find(posts, known.accounts).unclear
    found += tasks.holder_findings(app)
    found += allow.undirected(app, known.now)
    return found


def quiet(app: App, c: Any) -> dict[str, Accepted]:
    """The findings that are accepted today."""
    return accepted_store.quiet(c, london(app.now()).date())

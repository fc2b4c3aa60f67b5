"""Who is silent, and what went out, for somebody who wants five lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from freeze.acts import tasks
from freeze.acts.app import App
from freeze.pauses.freezes import Freeze
from freeze.people.how_silent import Places, Silent, of_accounts
from freeze.people.sources import SeenBy
from freeze.people.tasks import ACCOUNT
from freeze.store.known import found
from freeze.views.found import Found
from freeze.views.known import Known


@dataclass(frozen=True)
class Pause:
    """One pause in force; `silent` says of each account in its scope whether it is, None where business goes on."""

    freeze: Freeze
    what: Found
    silent: Mapping[str, Silent] | None


@dataclass(frozen=True)
class Brief:
    """Every pause that has begun, and how old what each scheduler showed is."""

    known: Known
    schedulers: Sequence[SeenBy]
    pauses: Sequence[Pause]


def brief(app: App) -> Brief:
    """What there is to tell, from the store only."""
    with app.store.read() as c:
        known = app.known(c)
        live = [(f, found(c, known, f)) for f in known.in_force if not f.rehearsal and f.start <= known.now]
        only = app.kinds_of_post.only  # counting silent accounts there would say the opposite of what is meant
        pauses = [Pause(f, what, None if f.preset in only else _silent(app, known, f, what)) for f, what in live]
        return Brief(known, tasks.seen(app, known), pauses)


def _silent(app: App, known: Known, f: Freeze, what: Found) -> dict[str, Silent]:
    fresh = {
        (r.connection, r.native)
        for r in known.reads
        if r.as_of is None and not (r.reason or r.unseen) and r.read_at is not None and r.read_at >= f.declared_at
    }
    # Of a queue that no program is shown only people can speak: those who were asked, or else nobody.
    hidden = {(r.connection, r.native) for r in known.reads if r.unseen}
    asked = {t.wanted.accounts[0] for t in what.tasks if t.kind == ACCOUNT and t.closed_at is None}
    here = {k: a for k, a in known.names.items() if k[0] in app.platforms and not (k in hidden and a in asked)}
    places = Places({(k[0], a) for k, a in here.items()}, {(k[0], a) for k, a in here.items() if k in fresh})
    covered = [a for a in what.register.values() if f.scope.covers(a)]
    return of_accounts(covered, places, what.holds, what.posts, what.loose, what.tasks)

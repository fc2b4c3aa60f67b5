"""Scheduled posts that conflict with a pause or a rule, from the store only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from freeze.acts import judge, tasks
from freeze.acts.app import App
from freeze.findings import Finding, Level
from freeze.pauses.freezes import FAR, Freeze
from freeze.people.sources import Age, SeenBy
from freeze.people.tasks import Stands, Task
from freeze.posts import Post
from freeze.report.conflicts import Row, rows
from freeze.store import posts as post_store
from freeze.views.known import Known
from freeze.windows import Window


@dataclass(frozen=True)
class Checked:
    """What was found at `known.now`.

    `looked_at` counts the posts that were asked about, `found` are their conflicts, `accepted` those that are known and
    fine, `monday` what can wait for Monday. `posts` are those with conflicts, by id. `schedulers` says how old what
    each showed is, `waits` are the pauses of which somebody was asked and has not answered.
    """

    known: Known
    looked_at: int
    found: Sequence[Row]
    accepted: Sequence[Row]
    monday: int
    posts: Mapping[int, Post]
    schedulers: Sequence[SeenBy]
    waits: Sequence[tuple[Freeze, Sequence[Task]]]

    @property
    def serious(self) -> bool:
        """Whether anything is more than a note."""
        return any(r.finding.level is not Level.NOTE for r in self.found)

    @property
    def unseen(self) -> set[str]:
        """The schedulers that were not seen for so long that nothing is known of them."""
        return {s.connection for s in self.schedulers if s.stale(self.known.now)}

    @property
    def unread(self) -> list[Age]:
        """The connections that were never read, or could not be the last time."""
        return [a for a in self.known.ages() if a.read_at is None or a.reason]


def check(app: App, service: str | None, start: datetime | None, end: datetime | None) -> Checked:
    """Judge everything that waits; tell of one service's accounts, and of posts due in [start, end), where given.

    Raises UsageError for a service that is not on the register.
    """
    with app.store.read() as c:
        known = app.known(c)
        if service:
            known.check_names(app.kinds, services=[service], accounts=())
        span = Window(start or known.now - judge.BACK, end or FAR)
        by = judge.grounds(app, c, known)
        waiting = post_store.waiting_between(min(span.start, known.now - judge.BACK), FAR)
        found = judge.everything(app, post_store.Stored(c, waiting, known.register), by)
        by_id = post_store.named(c, {f.post for f in found if f.post is not None}, known.register)
        dated = start is not None or end is not None
        counts = post_store.counted(c, waiting & post_store.due_in(span) if dated else waiting)
    judged = judge.told(found, by_id, by)

    def inside(p: Post) -> bool:
        return not dated or p.intended_at is None or p.intended_at in span

    def asked_for(f: Finding) -> bool:
        mine = service is None or (f.account in known.register and known.register[f.account].service == service)
        return mine and (f.post not in by_id or inside(by_id[f.post]))

    waits = [(f, [t for t in known.tasks_of(f) if t.closed_at is None]) for f in known.in_force]
    return Checked(
        known=known,
        looked_at=sum(n for a, n in counts.items() if service is None or known.register[a].service == service),
        found=rows(filter(asked_for, judged.found), by_id, known.register),
        accepted=rows((f for f, _ in judged.known if asked_for(f)), by_id, known.register),
        monday=sum(map(asked_for, judged.housekeeping)),
        posts=by_id,
        schedulers=tasks.seen(app, known),
        waits=[(f, open_ones) for f, open_ones in waits if any(t.stands is Stands.WAITING for t in open_ones)],
    )

"""One night's work: read everything, hold and keep, judge, and write every reader's digest."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from freeze import identity
from freeze.app import App
from freeze.commands import _allow, _clocks, _keep, _look
from freeze.commands._common import worst
from freeze.commands._feeds import write_calendars
from freeze.digest import Digest, digest_for
from freeze.digest_items import Picture, Reader, Source
from freeze.evaluate import findings
from freeze.freezes import FAR, standing, views
from freeze.notify import Folder
from freeze.ports import Facts
from freeze.report.digest import as_json, table, text
from freeze.report.digest_page import page
from freeze.store import holds as hold_store
from freeze.store import jobs
from freeze.store import posts as post_store
from freeze.store.journal import Transaction, once

ENDINGS = ("txt", "html", "csv", "json")


@dataclass(frozen=True)
class Night:
    """What one night came to."""

    look: _keep.Look
    digests: tuple[Digest, ...]
    files: tuple[Path, ...]

    @property
    def code(self) -> int:
        """5 when something could not be known, 3 while something is not settled, 1 while something waits, else 0."""
        first = self.digests[0]
        unknown = any(s.old(first.picture.now) for s in first.picture.sources.values())
        return worst(5 if unknown else 0, self.look.code, 1 if first.to_do else 0)


def work(app: App, slot: date, missed: str) -> Night:
    """Do the night of `slot` (a London date) and remember what every reader was told."""
    seen = _keep.look(app, "nightly")
    if seen.tally.interrupted:
        raise KeyboardInterrupt  # half a reading is no night's work: the slot is given back
    seen_at = picture(app, seen, missed)
    readers = [Reader(app.settings.communications.name)]
    services = {a.service for a in seen_at.register.values() if a.service and a.in_scope}
    services -= {s for s in services if s.casefold() == readers[0].name.casefold()}  # they are told everything
    readers += [Reader(s, s) for s in sorted(services)]
    with app.store.read() as c:
        digests = [digest_for(r, slot, seen_at, jobs.told(c, r.key)) for r in readers]
    folder = Folder(app.base / app.settings.nightly.folder)
    files: list[Path] = []
    made = []
    for d in digests:
        if d.reader.service is not None and d.empty:
            folder.nothing_for(d.reader, ENDINGS)
            continue
        made.append(d)
        files += folder.deliver(
            d.reader, slot, dict(zip(ENDINGS, (text(d), page(d), table(d), as_json(d)), strict=True))
        )
    now = app.now()

    def remember(tx: Transaction) -> None:
        for d in digests:
            jobs.tell(tx.c, d.reader.key, d.remembered, now)
        tx.log(now, "digests.written", {"night": slot.isoformat(), "readers": [d.reader.key for d in made]})

    files += write_calendars(app, folder.path / "services")
    once(app.store, app.actor, remember)
    return Night(seen, tuple(made), tuple(files))


def picture(app: App, seen: _keep.Look, missed: str) -> Picture:
    """Everything a digest is made from."""
    now = app.now()
    freezes = [f for f in _look.all_freezes(app) if not f.rehearsal]
    with app.store.read() as c:
        register = post_store.accounts(c)
        waiting = {n for h in hold_store.holds(c) for n in h.claims}
        facts = Facts(now, register, views(freezes, now, app.settings.run.lead), app.allowing(c))
        posts = list(post_store.fetch(c, post_store.waiting_between(now, FAR), register))
        names = post_store.aliases(c)
    found = findings(posts, _clocks.with_clocks(app, facts), app.policies, app.policy_options)
    found += identity.find(posts, register).unclear
    found += _allow.undirected(app, now)
    still = [f for f in freezes if standing(f, now).over and f.number in waiting]
    keeper = _keep.without_keeper(app) if seen.pauses else ""
    titles = {name: app.kinds[t["platform"]].TITLE for name, t in app.settings.connections.items()}
    return Picture(
        now=now,
        pauses=[*seen.pauses, *((f, _look.found(app, f)) for f in still)],
        findings=found,
        posts={p.id: p for p in posts},
        register=register,
        sources={
            a.connection: Source(titles[a.connection], a.as_of or a.read_at, a.as_of is not None, a.reason, a.said(now))
            for a in _look.ages(app)
        },
        gaps=[
            g if not g.account else replace(g, account=names.get((g.connection, g.account), g.account))
            for g in seen.tally.gaps
        ],
        unregistered=seen.tally.unregistered,
        warnings=[keeper] if keeper else [],
        head=_look.head(app),
        missed=missed,
        council=app.settings.council.name,
        marking=app.settings.council.marking,
    )

"""One night's work: read everything, hold and keep, judge, and write every reader's digest."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from freeze.acts import judge, keep
from freeze.acts.app import App
from freeze.acts.calendars import write_calendars
from freeze.acts.deliver import Folder
from freeze.findings import Level
from freeze.judging import overdue
from freeze.judging.acceptance import FIRST_NIGHT, at_once, mark
from freeze.keeping.nightly import missed as missed_nights
from freeze.keeping.nightly import missed_words
from freeze.pauses.freezes import FAR, standing
from freeze.people import signs
from freeze.people.sources import Source
from freeze.report.digest import as_json, table, text
from freeze.report.digest_page import page
from freeze.store import accepted as accepted_store
from freeze.store import alive, jobs
from freeze.store import holds as hold_store
from freeze.store import late as late_store
from freeze.store import posts as post_store
from freeze.store.accepted import Accepted
from freeze.store.journal import Transaction, once
from freeze.store.known import found
from freeze.views.digest import Digest, digest_for
from freeze.views.digest_items import Picture, Reader
from freeze.windows import london, say_day

MONDAY = 0
ENDINGS = ("txt", "html", "csv", "json")
BASELINE = "there on the first night"


@dataclass(frozen=True)
class Night:
    """What the night of `slot` (a London date) came to; `missed` says in words which nights it makes up for."""

    slot: date
    missed: str
    look: keep.Look
    digests: tuple[Digest, ...]
    files: tuple[Path, ...]
    head: str

    @property
    def unknown(self) -> bool:
        """Whether something that must be known could not be."""
        first = self.digests[0]
        return any(s.old(first.picture.now) for s in first.picture.sources.values())


@dataclass(frozen=True)
class Already:
    """Somebody else did the night of `slot`, or is at it; instants are in UTC, None where nothing is known yet."""

    slot: date
    done_at: datetime | None = None
    since: datetime | None = None
    by: str = ""


def once_only(app: App, slot: date, stands: Callable[[str], None]) -> Night | Already:
    """The night of `slot`, if no living process is at it; `stands` hears of each pause that the settings put up first.

    What goes wrong is raised, and the slot is given back.
    """
    key = slot.isoformat()
    try:
        held = alive.hold(app.store, jobs.lock_of(signs.NIGHTLY, key))
    except alive.Taken:
        with app.store.read() as c:
            return _already(slot, jobs.claimed(c, signs.NIGHTLY, key))
    with held:
        who = f"{signs.me()}, {app.actor}"
        with app.store.write() as c:
            last = jobs.last_done(c, signs.NIGHTLY)
            there = jobs.claim(c, signs.NIGHTLY, key, who, app.now())
        if there is not None:
            return _already(slot, there)
        words = missed_words(missed_nights(date.fromisoformat(last.slot) if last else None, slot))
        try:
            for line in keep.stand(app):
                stands(line)
            night = work(app, slot, words)
        except BaseException:
            with app.store.write() as c:
                jobs.release(c, signs.NIGHTLY, key, who)
            raise
        with app.store.write() as c:
            jobs.done(c, signs.NIGHTLY, key, app.now())
        return replace(night, head=keep.head(app))


def _already(slot: date, there: Any) -> Already:
    """The row of a slot (None: it was taken less than an instant ago) as an answer."""
    return Already(slot) if there is None else Already(slot, there.done_at, there.claimed_at, there.who)


def work(app: App, slot: date, missed: str) -> Night:
    """Do the night of `slot` (a London date) and remember what every reader was told."""
    seen = keep.look(app, "nightly")
    if seen.tally.interrupted:
        raise KeyboardInterrupt  # half a reading is no night's work: the slot is given back
    with app.store.read() as c:
        last = jobs.last_done(c, signs.NIGHTLY)
    nights = [slot] if last is None else [*missed_nights(date.fromisoformat(last.slot), slot), slot]
    seen_at, aside = picture(app, seen, missed, first=last is None)
    readers = [Reader(app.settings.communications.name)]
    services = {a.service for a in seen_at.register.values() if a.service and a.in_scope}
    services -= {s for s in services if s.casefold() == readers[0].name.casefold()}  # they are told everything
    readers += [Reader(s, s) for s in sorted(services)]
    with app.store.read() as c:
        digests = [digest_for(r, slot, seen_at, jobs.told(c, r.key)) for r in readers]
    folder = Folder(app.base / app.settings.nightly.folder)
    folder.tidy()
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
    monday = next((n for n in reversed(nights) if n.weekday() == MONDAY), None)
    if monday is not None:
        files += _housekeeping(folder, readers, monday, seen_at)
    now = app.now()

    def remember(tx: Transaction) -> None:
        for d in digests:
            jobs.tell(tx.c, d.reader.key, d.remembered, now)
        accepted_store.save(tx.c, aside)
        if aside:
            tx.log(now, "findings.baseline", {"findings": [a.ref for a in aside], "until": aside[0].until.isoformat()})
        tx.log(now, "digests.written", {"night": slot.isoformat(), "readers": [d.reader.key for d in made]})

    files += write_calendars(app, folder.path / "services")
    once(app.store, app.actor, remember)
    return Night(slot, missed, seen, tuple(made), tuple(files), "")


def picture(app: App, seen: keep.Look, missed: str, *, first: bool = False) -> tuple[Picture, list[Accepted]]:
    """Everything a digest is made from; and, on the first night of all, what stays quiet from then on.

    Only what is for information is set aside without anybody asking for it, and the digest says how many.
    """
    with app.store.read() as c:
        known = app.known(c)
        now, register = known.now, known.register
        by = judge.grounds(app, c, known)
        waiting = {n for h in hold_store.holds(c) for n in h.claims}
        posts = list(post_store.fetch(c, post_store.waiting_between(now, FAR), register))
        still = [(f, found(c, known, f)) for f in known.real if standing(f, now).over and f.number in waiting]
        late, seen_at = late_store.forgotten(c, now)
    judged = judge.judged(app, posts, by)
    by_id = {p.id: p for p in (*posts, *late)}
    until = london(now).date() + FIRST_NIGHT
    aside = {
        f: Accepted(mark(f, by_id), BASELINE, until, now, app.actor, f.sentence, baseline=True)
        for f in (at_once(judged.found, [Level.NOTE]) if first else ())
    }
    keeper = signs.without_keeper(known.beats, now) if seen.pauses else ""
    titles = {name: app.kinds[t["platform"]].TITLE for name, t in app.settings.connections.items()}
    shown = Picture(
        now=now,
        pauses=[*seen.pauses, *still],
        findings=[*(overdue.finding(p, seen_at[p.id]) for p in late), *(f for f in judged.found if f not in aside)],
        accepted=[*(f for f, _ in judged.known if f.level is not Level.HOUSEKEEPING), *aside],
        accepted_now=f"set aside tonight, the first night, until {say_day(until)}" if aside else "",
        housekeeping=judged.housekeeping,
        posts=by_id,
        register=register,
        sources={
            a.connection: Source(titles[a.connection], a.as_of or a.read_at, a.as_of is not None, a.reason, a.said(now))
            for a in known.ages()
        },
        gaps=[
            g if not g.account else replace(g, account=known.names.get((g.connection, g.account), g.account))
            for g in seen.tally.gaps
        ],
        unregistered=seen.tally.unregistered,
        warnings=[keeper] if keeper else [],
        head=known.head,
        missed=missed,
        council=app.settings.council.name,
        marking=app.settings.council.marking,
    )
    return shown, list(aside.values())


def _housekeeping(folder: Folder, readers: Sequence[Reader], monday: date, seen_at: Picture) -> list[Path]:
    """Monday's list: all of it for Communications, for each service its own, where there is any."""
    from freeze.report import housekeeping

    written: list[Path] = []
    for reader in readers:
        mine = [
            f
            for f in seen_at.housekeeping
            if reader.service is None or (not f.freeze and reader.sees(seen_at.register.get(f.account)))
        ]
        if mine:
            said: tuple[Any, ...] = (mine, seen_at.register, f"{seen_at.council}: for Monday, {reader.name}", monday)
            made = (housekeeping.text, housekeeping.page, housekeeping.table, housekeeping.as_json)
            files = dict(zip(ENDINGS, (f(*said) for f in made), strict=True))
            written += folder.beside(reader, f"housekeeping-{monday.isoformat()}", files)
    return written

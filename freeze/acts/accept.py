"""Conflicts that are known and fine: set aside until a day, heard again, listed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from freeze.acts import judge
from freeze.acts.app import App
from freeze.errors import nearest
from freeze.findings import Finding, Level
from freeze.judging.acceptance import at_once, last_day, mark, refused
from freeze.pauses.freezes import FAR
from freeze.ports import Facts
from freeze.posts import Post
from freeze.store import accepted as accepted_store
from freeze.store import posts as post_store
from freeze.store.accepted import Accepted
from freeze.store.journal import Transaction, once
from freeze.windows import london
from freeze.words import safe

BASELINE = "baseline"
THERE = "there when the baseline was set"
ADVISORY = (Level.CONFLICT, Level.NOTE, Level.HOUSEKEEPING)


@dataclass(frozen=True)
class Taken:
    """What was set aside through the London day `until`; `bad` says of each that was not, why.

    `left` counts what a baseline leaves out: those are accepted one by one, or not at all.
    """

    found: Sequence[Finding]
    until: date
    rows: int
    bad: Sequence[str] = ()
    left: int = 0


def accept(app: App, refs: Sequence[str], reason: str, until: date) -> Taken:
    """Set these conflicts aside, by their short ids. Raises UsageError for a day too far, RefusedByRule."""
    day = last_day(until, london(app.now()).date())
    app.may("accept", ())
    found, posts, by = _now(app)
    by_ref: dict[str, list[Finding]] = {}
    for f in found:
        by_ref.setdefault(f.ref, []).append(f)
    bad: list[str] = []
    taken: list[Finding] = []
    for ref in dict.fromkeys(r.strip().lower() for r in refs):
        there = by_ref.get(ref)
        if there is None:
            bad.append(f'There is no conflict "{safe(ref)}" now. {_near(ref, by_ref)}')
        elif why := next(filter(None, map(refused, there)), ""):
            bad.append(f"{ref} cannot be accepted: {why}.")
        else:
            taken += there
    if taken:
        app.may("accept", _services(taken, by.facts))
    rows = _save(app, taken, posts, reason, day, baseline=False)
    return Taken(taken, day, rows, bad)


def baseline(app: App, reason: str, until: date) -> Taken:
    """Set everything aside that advises now and may be: only what is new is told from here on."""
    day = last_day(until, london(app.now()).date())
    app.may("accept")
    found, posts, by = _now(app)
    taken = [f for f in at_once(found, ADVISORY) if mark(f, posts) not in by.quiet]
    rows = _save(app, taken, posts, reason, day, baseline=True)
    left = sum(f.level in ADVISORY for f in found) - len(taken) - sum(mark(f, posts) in by.quiet for f in found)
    return Taken(taken, day, rows, left=left)


def withdraw(app: App, wanted: Sequence[str]) -> tuple[list[str], dict[str, str]]:
    """Let findings be heard again, by their short ids or all of a baseline.

    Gives those, and for each id under which nothing was accepted a sentence.
    """
    app.may("accept")
    now = app.now()
    refs = {r.strip().lower() for r in wanted}
    with app.store.read() as c:
        there = accepted_store.all_of(c)
    gone = sorted({a.ref for a in there if a.ref in refs or (a.baseline and BASELINE in refs)})
    bad = sorted(refs - {a.ref for a in there} - {BASELINE})

    def write(tx: Transaction) -> None:
        accepted_store.remove(tx.c, gone)
        tx.log(now, "findings.heard-again", {"findings": gone})

    if gone:
        once(app.store, app.actor, write)
    known = {a.ref: a for a in there}
    return gone, {b: f'Nothing was accepted as "{safe(b)}". {_near(b, known)}' for b in bad}


def accepted(app: App) -> list[Accepted]:
    """What is quiet today, the latest first."""
    today = london(app.now()).date()
    with app.store.read() as c:
        return [a for a in accepted_store.all_of(c) if a.until >= today]


def _now(app: App) -> tuple[list[Finding], dict[int, Post], judge.Grounds]:
    """Every finding there is now, accepted or not."""
    with app.store.read() as c:
        by = judge.grounds(app, c)
        facts = by.facts
        posts = list(post_store.fetch(c, post_store.waiting_between(facts.now - judge.BACK, FAR), facts.accounts))
    return judge.everything(app, posts, by), {p.id: p for p in posts}, by


def _near(ref: str, known: Mapping[str, object]) -> str:
    close = nearest(ref, known)
    return close if close.startswith("Did") else "freeze check shows what there is."


def _services(found: Sequence[Finding], known: Facts) -> set[str] | None:
    """The services that these concern; None as soon as one concerns the whole council."""
    accounts = [known.accounts.get(f.account) for f in found]
    return None if None in accounts else {a.service for a in accounts if a is not None}


def _save(
    app: App, taken: Sequence[Finding], posts: Mapping[int, Post], reason: str, day: date, *, baseline: bool
) -> int:
    """Write it down; the log names the findings, never what they say. Gives how many there are."""
    now = app.now()
    rows = [Accepted(mark(f, posts), reason, day, now, app.actor, f.sentence, baseline) for f in taken]

    def write(tx: Transaction) -> None:
        accepted_store.save(tx.c, rows)
        refs = sorted({r.ref for r in rows})
        tx.log(now, "findings.accepted", {"findings": refs, "until": day.isoformat(), "baseline": baseline})

    if rows:
        once(app.store, app.actor, write)
    return len(rows)

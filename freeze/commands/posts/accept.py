"""`freeze accept`: conflicts that are known and fine stay quiet until a day, or until what they are about changes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import click

from freeze.acts import judge
from freeze.acts.app import App
from freeze.acts.judge import BACK
from freeze.commands.common import Answer, command
from freeze.errors import UsageError, nearest
from freeze.findings import Finding, Level
from freeze.judging.acceptance import at_once, last_day, mark, refused
from freeze.pauses.freezes import FAR
from freeze.ports import Facts
from freeze.posts import Post
from freeze.store import accepted as accepted_store
from freeze.store import posts as post_store
from freeze.store.accepted import Accepted
from freeze.store.journal import Transaction, once
from freeze.windows import london, parse_day, say_day
from freeze.words import columns, many, safe

BASELINE = "baseline"
THERE = "there when the baseline was set"
ADVISORY = (Level.CONFLICT, Level.NOTE, Level.HOUSEKEEPING)


@click.command("accept", epilog='Example: freeze accept c1a2b3c --reason "our own number" --until 2027-03-31')
@click.argument("findings", nargs=-1, metavar="[FINDING...]")
@click.option("--reason", help="Why it is fine.")
@click.option("--until", metavar="DATE", help="The last London day on which it stays quiet, at most a year ahead.")
@click.option("--baseline", is_flag=True, help="All that advises now, so that only what is new is told from here on.")
@click.option(
    "--withdraw", multiple=True, metavar="FINDING", help='Let it be heard again; "baseline" for all of those.'
)
@click.option("--list", "listing", is_flag=True, help="What is accepted, until when and why; changes nothing.")
@command
def accept_command(
    app: App,
    findings: tuple[str, ...],
    reason: str | None,
    until: str | None,
    baseline: bool,
    withdraw: tuple[str, ...],
    listing: bool,
) -> Answer:
    """Set conflicts aside that are known and fine. freeze check shows the short id of each.

    One comes back after its last day, and at once when the words, link or media of its post change, or its time where
    it is about a time. What holds a post cannot be accepted. A baseline leaves out personal data, requests for
    information and fire incidents: those are accepted one by one.
    """
    chosen = [n for n, x in (("FINDING", findings), ("--baseline", baseline), ("--withdraw", withdraw)) if x]
    if listing:
        if chosen or reason or until:
            raise UsageError("--list stands alone.", "Accept in one command, list in another.")
        return _list(app)
    if len(chosen) != 1:
        raise UsageError(
            "Say what: one of FINDING..., --baseline, --withdraw or --list.", "freeze check shows the ids."
        )
    if withdraw:
        if reason or until:
            raise UsageError("--withdraw takes neither --reason nor --until.", "Leave them out.")
        return _withdraw(app, withdraw)
    if not until or not (reason or baseline):
        raise UsageError("Say why, and until when.", 'Add --reason "..." --until 2027-03-31.')
    day = last_day(parse_day(until, what="--until"), london(app.now()).date())
    return _baseline(app, day, reason or THERE) if baseline else _accept(app, findings, reason or "", day)


def _now(app: App) -> tuple[list[Finding], dict[int, Post], judge.Grounds]:
    """Every finding there is now, accepted or not."""
    with app.store.read() as c:
        by = judge.grounds(app, c)
        known = by.facts
        posts = list(post_store.fetch(c, post_store.waiting_between(known.now - BACK, FAR), known.accounts))
    return judge.everything(app, posts, by), {p.id: p for p in posts}, by


def _accept(app: App, refs: Sequence[str], reason: str, day: date) -> Answer:
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
    lines = _save(app, taken, posts, reason, day, baseline=False)
    lines += [f"NOT ACCEPTED: {b}" for b in bad]
    body = {"accepted": [_json(f) for f in taken], "until": day.isoformat(), "not_accepted": bad}
    return body, lines, 2 if bad else 0


def _near(ref: str, known: Mapping[str, Any]) -> str:
    close = nearest(ref, known)
    return close if close.startswith("Did") else "freeze check shows what there is."


def _services(found: Sequence[Finding], known: Facts) -> set[str] | None:
    """The services that these concern; None as soon as one concerns the whole council."""
    accounts = [known.accounts.get(f.account) for f in found]
    return None if None in accounts else {a.service for a in accounts if a is not None}


def _baseline(app: App, day: date, reason: str) -> Answer:
    app.may("accept")
    found, posts, by = _now(app)
    quiet = by.quiet
    taken = [f for f in at_once(found, ADVISORY) if mark(f, posts) not in quiet]
    lines = _save(app, taken, posts, reason, day, baseline=True)
    by_rule = Counter(f.policy for f in taken)
    lines += columns([rule, f"{n:,}"] for rule, n in sorted(by_rule.items()))
    left = sum(f.level in ADVISORY for f in found) - len(taken) - sum(mark(f, posts) in quiet for f in found)
    if left:
        lines.append(f"{many(left, 'conflict')} not set aside: these are accepted one by one, or not at all.")
    return {"accepted": [_json(f) for f in taken], "until": day.isoformat(), "left": left}, lines, 0


def _save(
    app: App, taken: Sequence[Finding], posts: Mapping[int, Post], reason: str, day: date, *, baseline: bool
) -> list[str]:
    """Write it down; the log names the findings, never what they say."""
    now = app.now()
    rows = [Accepted(mark(f, posts), reason, day, now, app.actor, f.sentence, baseline) for f in taken]

    def write(tx: Transaction) -> None:
        accepted_store.save(tx.c, rows)
        refs = sorted({r.ref for r in rows})
        tx.log(now, "findings.accepted", {"findings": refs, "until": day.isoformat(), "baseline": baseline})

    if rows:
        once(app.store, app.actor, write)
    lines = [f"{many(len(rows), 'conflict')} accepted until the end of {say_day(day)}."]
    if rows and not baseline:
        lines += columns([f.ref, f"p{f.post}" if f.post else "-", safe(f.sentence, 120)] for f in taken)
    return lines


def _withdraw(app: App, wanted: Sequence[str]) -> Answer:
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
    lines = [f"{many(len(gone), 'conflict')} heard again from now on."]
    lines += [f'Nothing was accepted as "{safe(b)}". {_near(b, {a.ref: a for a in there})}' for b in bad]
    return {"withdrawn": gone, "not_found": bad}, lines, 2 if bad else 0


def _list(app: App) -> Answer:
    today = london(app.now()).date()
    with app.store.read() as c:
        there = [a for a in accepted_store.all_of(c) if a.until >= today]
    single = [a for a in there if not a.baseline]
    lines = [f"{many(len(there), 'conflict')} known and accepted, {len(there) - len(single):,} of them as a baseline."]
    lines += columns(
        [
            a.ref,
            f"until {say_day(a.until)}",
            "baseline" if a.baseline else safe(a.reason, 60),
            safe(a.who, 40),
            safe(a.sentence, 140),
        ]
        for a in (*single, *(a for a in there if a.baseline))
    )
    if there:
        lines.append("To hear one again: freeze accept --withdraw ID")
    body = {
        "accepted": [
            {
                "id": a.ref,
                "reason": a.reason,
                "until": a.until.isoformat(),
                "at": a.at.isoformat(),
                "by": a.who,
                "baseline": a.baseline,
                "sentence": a.sentence,
            }
            for a in there
        ]
    }
    return body, lines, 0


def _json(f: Finding) -> dict[str, Any]:
    return {"id": f.ref, "policy": f.policy, "clause": f.clause, "post": f"p{f.post}" if f.post else None}

"""Putting things on record about a crisis, and what is on record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from freeze.acts import crisis, tasks
from freeze.acts.app import App
from freeze.acts.declare import services_of
from freeze.crisis import CRISIS, Crisis, Noted, What
from freeze.errors import UsageError
from freeze.pauses.freezes import Freeze, standing
from freeze.posts import Json, same_words
from freeze.store import holds as hold_store
from freeze.store.journal import Transaction, once
from freeze.views.known import Known
from freeze.words import safe


@dataclass(frozen=True)
class OnRecord:
    """A crisis as it stands; `response` is the permission that its listening response was just given, or empty."""

    freeze: Freeze
    known: Known
    crisis: Crisis
    review_due: datetime
    response: str = ""

    @property
    def late(self) -> bool:
        """Whether a review is overdue."""
        f, now = self.freeze, self.known.now
        return not standing(f, now).over and f.start <= now and now >= self.review_due


@dataclass(frozen=True)
class Considered:
    """Something that was considered and was no crisis, put on record."""

    known: Known
    reason: str
    data: dict[str, Json]


def record(
    app: App, ident: str | None, noted: Sequence[tuple[What, str]], listening: str | None, account: str
) -> tuple[OnRecord, list[Noted]]:
    """Put these things on record about a crisis, all or none, and its listening response on one account; then tell it.

    Raises UsageError for what is not clear, RefusedByRule for who may not.
    """
    f = crisis.one(app, ident)
    with app.store.read() as c:
        known = app.known(c)
    now = known.now
    if account:
        known.check_names((), services=(), accounts=[account])
    events = [Noted(now, app.actor, w, " ".join(x.split())) for w, x in noted]
    _in_group(f, events)
    ref = ""
    if events:
        app.may("declare", None if f.scope.everything or f.scope.platforms else services_of(known, f.scope))
    if listening is not None:
        if not same_words(listening):
            raise UsageError("The listening response has no words.", 'Give them: --listening "..."')
        app.may("listening", {known.register[account].service})
    if events or listening is not None:

        def write(tx: Transaction) -> tuple[Freeze, str]:
            after, given = crisis.listening(tx, app, f.ref, listening, account, now) if listening else (f, "")
            return (crisis.write(tx, f.ref, events, now) if events else after), given

        f, ref = once(app.store, app.actor, write)
    if ref:
        _follow(app)
    with app.store.read() as c:
        known = app.known(c)
    found = crisis.of(f)
    return OnRecord(f, known, found, found.review_due(f.start, crisis.every(app, f)), ref), events


def _in_group(f: Freeze, events: Sequence[Noted]) -> None:
    """Refuse to drop somebody who is not in the group."""
    there = {same_words(n) for n in (*crisis.of(f).group, *(e.words for e in events if e.what is What.GROUP))}
    for e in events:
        if e.what is What.LEFT and same_words(e.words) not in there:
            raise UsageError(
                f'"{safe(e.words)}" is not in the group of {f.says()}.',
                f"In it: {', '.join(crisis.of(f).group) or 'nobody'}.",
            )


def _follow(app: App) -> None:
    """Bring the tasks in step: somebody may have been asked to stop what is now allowed."""
    with app.store.read() as c:
        last = hold_store.last_run(c)
    if last is not None:
        tasks.follow(app, last.started_at)


def considered(app: App, reason: str, accounts: Sequence[str], signs: Sequence[str]) -> Considered:
    """Record that something was considered and is no crisis; it pauses nothing. Raises UsageError, RefusedByRule."""
    if not accounts or not same_words(reason):
        raise UsageError("--considered needs a reason and --account A.", "Say why it is no crisis, and where.")
    with app.store.read() as c:
        known = app.known(c)
    known.check_names((), services=(), accounts=accounts)
    now, register = known.now, known.register
    app.may("declare", {register[a].service for a in accounts})
    said = " ".join(reason.split())
    Crisis().noted(Noted(now, app.actor, What.REVIEW, said))  # the same bounds as for any entry
    data: dict[str, Json] = {"accounts": list(accounts), "signs": list(signs), "reason": said}
    once(app.store, app.actor, lambda tx: tx.log(now, crisis.CONSIDERED, data))
    with app.store.read() as c:
        return Considered(app.known(c), said, data)


def every(app: App) -> tuple[list[Freeze], list[tuple[str, str, dict[str, Json]]], Known]:
    """Every crisis, and everything that was considered and was none."""
    with app.store.read() as c:
        known = app.known(c)
    return [f for f in known.freezes if f.preset == CRISIS], crisis.considered(app), known

"""A run, in order: take the lock, look at every connection at once, hold, read back, and say what came of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from freeze.accounts import Account, Gap
from freeze.errors import Superseded
from freeze.holds import Hold, HoldState, Intent
from freeze.judging import twins as identity
from freeze.judging.evaluate import Verdicts
from freeze.outs import MAY_BE_OUT, READ
from freeze.pauses.freezes import Freeze, ahead, standing, views
from freeze.permissions import Allowing
from freeze.ports import Facts, FreezeView
from freeze.posts import Post
from freeze.run.adopt import take_up
from freeze.run.connection import Work
from freeze.run.desk import Desk
from freeze.run.records import Pauses, Shared
from freeze.run.tally import Tally
from freeze.store import bios as bio_store
from freeze.store import freezes as freeze_store
from freeze.store import holds as hold_store
from freeze.store import late as late_store
from freeze.store import permissions as permission_store
from freeze.store import posts as post_store
from freeze.store.journal import Journal, Transaction, once
from freeze.store.turn import taken
from freeze.windows import Window

BEHIND, AHEAD = timedelta(days=60), timedelta(days=400)
"""How far back and ahead queues are listed: late approvals lie behind, X allows a year ahead."""
READS_BIOS = frozenset({"nightly", "sync", "sync --enforce"})
"""Commands that also read descriptions: stopping posts must not wait for them."""
KEEPER = "watch"
RESTS = frozenset({HoldState.CONFIRMED, HoldState.NEEDS_A_PERSON, HoldState.CHANGED})
"""Open holds that can wait for the next look of a keeper that may not look often."""
LOOKED_FOR = timedelta(days=14)
"""So long a held post that is gone is still looked for: an account can come back, or a bin be emptied out again."""
A_NIGHT = timedelta(hours=20)
"""A description read less than this ago is not read again: some platforms ask money for every call."""


@contextmanager
def begun(
    desk: Desk, command: str, *, enforce: bool, putting_back: bool = False, urgent: bool = False
) -> Iterator[tuple[Shared, Held]]:
    """Everything a run shares, on its turn; the journal is complete when this is left. An urgent run waits for none."""
    with taken(
        desk.db, command, desk.actor, desk.now, list(desk.platforms), urgent=urgent, waiting=desk.waiting
    ) as turn:
        now = desk.now()
        with desk.db.read() as c:
            register, names = post_store.accounts(c), post_store.aliases(c)
            pauses = _pauses(desk, c, register, now)
            holds = hold_store.holds(c)
            intents = hold_store.unfinished(c)
            late = late_store.seen_waiting(c, now)
        tally = Tally(progress=desk.progress)

        def renewed() -> Pauses:
            with desk.db.read() as c:
                return _pauses(desk, c, register, desk.now())

        def lost(why: str) -> None:
            tally.gap(Gap("the store", why))

        with Journal(desk.db, desk.actor, turn, lost) as journal:
            shared = Shared(
                journal=journal,
                turn=turn,
                now=desk.now,
                pauses=pauses,
                renewed=renewed,
                lead=desk.lead,
                register=register,
                names=names,
                span=Window(now - BEHIND, now + AHEAD),
                enforce=enforce,
                tally=tally,
                putting_back=putting_back,
                late=late,
            )
            with suppress(Superseded):
                yield shared, Held(holds, intents)
        tally.overtaken = turn.overtaken
        end = desk.now()

        def finish(tx: Transaction) -> None:
            hold_store.end_run(tx.c, turn.run, end)
            data = {"command": command, "gaps": len(tally.gaps), **tally.counts}
            tx.log(end, "run.overtaken" if turn.overtaken else "run.ended", data)

        once(desk.db, desk.actor, finish)


def _pauses(desk: Desk, c: Any, register: Mapping[str, Account], now: datetime) -> Pauses:
    """The pauses as the store has them, in one transaction."""
    freezes = [f for f in freeze_store.all_of(c) if not f.rehearsal]
    allowing = Allowing(permission_store.all_of(c), desk.kinds)
    return Pauses(
        edition=freeze_store.edition(c),
        freezes={f.ref: f for f in freezes},
        verdicts=Verdicts(Facts(now, register, views(freezes, now, desk.lead), allowing)),
        outs=Verdicts(Facts(now, register, _outs(freezes, now), allowing)),
        ahead=Verdicts(Facts(now, register, ahead(freezes, now, desk.lead), allowing)),
    )


@dataclass(frozen=True)
class Held:
    """Open holds and unsettled intents, as a run found them."""

    holds: Sequence[Hold]
    intents: Mapping[int, Intent]


def sweep(desk: Desk, command: str, *, enforce: bool, urgent: bool = False) -> Tally:
    """Look at every connection; with `enforce`, hold what the freezes in force cover and settle what was left.

    Without it nothing on any platform changes. Ctrl-C ends it early: what is held stays held, and a re-run completes.
    An urgent one, for a new pause, overtakes whatever is at work. One that is overtaken waits for that run and looks
    again: what it tells must be what stands.
    """
    tally = _sweep(desk, command, enforce=enforce, urgent=urgent)
    while tally.overtaken and not tally.interrupted:
        notes = tally.notes
        tally = _sweep(desk, command, enforce=enforce, urgent=False)
        tally.notes = [*notes, *(n for n in tally.notes if n not in notes)]
    return tally


def _sweep(desk: Desk, command: str, *, enforce: bool, urgent: bool) -> Tally:
    with begun(desk, command, enforce=enforce, urgent=urgent) as (shared, at_first):
        found = at_first
        if take_up(desk, shared):
            with desk.db.read() as c:
                found = Held(hold_store.holds(c), hold_store.unfinished(c))
        by_post = {h.post: h for h in found.holds}
        with desk.db.read() as c:
            if command in READS_BIOS:
                shared.bios = frozenset(bio_store.read_since(c, desk.now() - A_NIGHT))
            gone = hold_store.taken_for_gone(c, desk.now() - LOOKED_FOR) if enforce else {}
            wanted = post_store.waiting() | post_store.by_ids({*by_post, *gone})
            known = list(post_store.fetch(c, wanted, shared.register))
            resting = _resting(desk, post_store.sources(c), found.holds, known, shared.verdicts)
        if enforce:
            _claim(shared, known, by_post)
        works = [
            Work(
                platform,
                shared,
                threads_each(desk),
                [p for p in known if p.locator.connection == platform.id],
                by_post,
                found.intents,
                gone,
            )
            for platform in desk.platforms.values()
            if command != KEEPER or platform.id not in resting
        ]
        _name_those_out(desk, shared, works)
        together(works, shared.tally, Work.begin)
        _tell_twins(desk, shared)
    return shared.tally


def _tell_twins(desk: Desk, shared: Shared) -> None:
    """Note which posts are other sights of one another, and what that tells of a queue whose posts nothing can read."""
    now = desk.now()
    since = max(min((f.start for f in shared.freezes.values()), default=now), now - BEHIND)
    with desk.db.read() as c:
        seen = post_store.fetch(c, post_store.waiting() | post_store.published_since(since), shared.register)
        twins = identity.find(seen, shared.register)

    def write(tx: Transaction) -> None:
        post_store.note_twins(tx.c, twins.pairs)
        for row in hold_store.seen_elsewhere(tx.c, MAY_BE_OUT, READ):
            why = f"it is p{row.post}, which was read on {row.connection}: the same account, minute and words"
            if hold_store.note_out(tx.c, row.unsure, row.declaration, row.at, row.how, why, instead_of=MAY_BE_OUT):
                data = {"post": row.unsure, "freeze": f"f{row.declaration}", "how": row.how, "same_as": row.post}
                tx.log(now, "post.went-out", data)

    shared.journal.call(write)


def _resting(
    desk: Desk, sources: Iterable[Any], holds: Sequence[Hold], known: Iterable[Post], verdicts: Verdicts
) -> set[str]:
    """The connections whose calls must last the day: looked at lately, with nothing under way and nothing to stop."""
    now = desk.now()
    read = {r.connection: r.read_at for r in sources if r.native == "" and not r.reason and r.read_at is not None}
    where = {p.id: p.locator.connection for p in known}
    held = {h.post for h in holds}
    busy = {where[h.post] for h in holds if h.state not in RESTS and h.post in where}
    # A pause may have come to cover posts since the last look: it must not wait for the next.
    busy |= {p.locator.connection for p in known if p.id not in held and verdicts.held_by(p)}
    return {
        name
        for name, platform in desk.platforms.items()
        if name in read and name not in busy and now - read[name] < platform.limits.rest
    }


def _name_those_out(desk: Desk, shared: Shared, works: Iterable[Work]) -> None:
    """Name what an earlier run saw to have gone out and died before it said so; it may never be listed again."""
    if not shared.freezes:
        return
    since = min(f.start for f in shared.freezes.values())
    by_connection = {w.platform.id: w.settler for w in works}
    with desk.db.read() as c:
        posts = list(post_store.fetch(c, post_store.out_since(since), shared.register))
        seen = post_store.snapshots(c, [p.id for p in posts])
    for post in posts:
        settler = by_connection.get(post.locator.connection)
        if settler is not None:
            settler.went_out(post, seen[post.id].at)


def _claim(shared: Shared, known: Iterable[Post], holds: Mapping[int, Hold]) -> None:
    """A freeze declared later holds at once what an earlier one already does, whether or not a platform answers."""
    more: list[tuple[int, set[int]]] = []
    for post in known:
        hold = holds.get(post.id)
        if hold is not None:
            meant = replace(post, intended_at=hold.before.at, state=hold.before.state)
            by = {shared.freezes[f.id].number for f in shared.verdicts.held_by(meant)}
            if by - set(hold.claims):
                more.append((hold.id, by - set(hold.claims)))

    def write(tx: Transaction) -> None:
        for hold, freezes in more:
            hold_store.claim(tx.c, hold, freezes)

    if more:
        shared.journal.call(write)


def together(works: Iterable[Work], tally: Tally, start: Callable[[Work], None]) -> None:
    """Run every connection's work at once and wait for all; raises what went wrong inside the guard itself."""
    works = list(works)
    for w in works:
        start(w)
    for w in works:
        while True:
            try:
                w.lane.wait(stopping=lambda: tally.interrupted)
                break
            except KeyboardInterrupt:
                if tally.interrupted:
                    raise
                tally.interrupted = True
    for w in works:
        w.wrap_up()
    for w in works:
        if w.lane.error is not None:
            raise w.lane.error


def threads_each(desk: Desk) -> int:
    """Threads for each connection: about `desk.threads` in all, and where there are many connections still four each.

    Threads that wait for an answer cost little. Two at the least, so that a list never stops a hold.
    """
    return max(2, min(4, desk.threads), desk.threads // max(1, len(desk.platforms)))


def _outs(freezes: Iterable[Freeze], now: datetime) -> tuple[FreezeView, ...]:
    """Every freeze with the windows that have begun, cut at its end: for naming what went out inside it."""
    out = []
    for f in freezes:
        until = f.ended_at if f.ended_at is not None and standing(f, now).over else None
        windows = [
            w if until is None or w.end <= until else Window(w.start, until, w.civil)
            for w in f.windows
            if until is None or w.start < until
        ]
        if f.provisional and until is None and windows and windows[-1].end < now:
            windows[-1] = replace(windows[-1], end=now + timedelta(days=1))
        if windows:
            label = f.says()
            out.append(FreezeView(f.ref, f.preset, tuple(windows), f.scope, True, label, f.clause, f.policy))
    return tuple(out)

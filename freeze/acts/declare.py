"""Declaring a pause: proposed by the store at once, written down in one transaction, then carried out live."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any

from freeze.acts import crisis, span, tasks
from freeze.acts.announce import announcement
from freeze.acts.app import App
from freeze.errors import UsageError
from freeze.judging.evaluate import Verdicts
from freeze.pauses.freezes import Freeze, ahead, enforced, repeated
from freeze.pauses.preview import Plan, preview
from freeze.people import signs
from freeze.ports import Preset, Scope
from freeze.posts import Post
from freeze.run.sweep import sweep
from freeze.store import freezes as freeze_store
from freeze.store import posts as post_store
from freeze.store.journal import Transaction, once
from freeze.store.known import found
from freeze.views.declaring import Asked, Declared, Proposal
from freeze.views.known import Known
from freeze.windows import say, without


def propose(app: App, asked: Asked, *, changes: bool = True) -> Proposal:
    """What would be done. With `changes` it is refused to whoever may not declare it.

    Raises UsageError for what does not go together, RefusedByRule where the same pause stands with other dates.
    """
    preset, policy = app.preset(asked.preset)
    with app.store.read() as c:
        known = app.known(c)
        new = _asked_for(app, c, known, preset, policy, asked)
        if changes:
            wide = asked.everything or asked.platforms
            app.may("declare", None if wide else services_of(known, new.scope))
        standing = repeated(new, known.freezes, dates_given=asked.times.dates, now=known.now)
        shown = standing or new
        plan, later = _plan(app, c, known, shown)
        begun = enforced(replace(shown, rehearsal=False), known.now, known.lead)
        goes_on = shown.preset in app.kinds_of_post.only
        return Proposal(
            known=known,
            asked=asked,
            preset=preset,
            new=new,
            standing=standing,
            plan=plan,
            later=later,
            switches=list(tasks.switches(app, known).values()) if begun and not goes_on else [],
            holders=app.holders,
            schedulers=tasks.seen(app, known),
            store=app.store.said,
        )


def _asked_for(app: App, c: Any, known: Known, preset: Preset, policy: str, asked: Asked) -> Freeze:
    """The pause that is asked for. Raises UsageError for what does not go together."""
    now = known.now
    scope = _scope(app, known, preset, asked)
    ends = span.worked_out(app, c, preset, asked.times, now)
    windows = ends.windows
    for hole in asked.times.holes:
        windows = without(windows, hole)
    if not windows:
        raise UsageError("The gaps leave nothing of the pause.", "Give a shorter --hole.")
    if windows[-1].end <= now and not ends.provisional:
        raise UsageError(f"The pause would be over already: it ends {say(windows[-1].end)}.", "Give later dates.")
    source = announcement(asked.announced) if asked.announced else preset.reason if preset.by_poll else ""
    return Freeze(
        number=0,
        preset=preset.name,
        title=preset.title,
        policy=policy,
        clause=preset.clause,
        scope=scope,
        windows=windows,
        provisional=ends.provisional,
        d_day=ends.d_day,
        because=ends.because,
        reason=asked.reason or preset.reason,
        authority=asked.authority or preset.authority,
        declared_at=now,
        declared_by=app.actor,
        rehearsal=asked.rehearsal,
        announced_at=now if asked.announced or preset.by_poll else None,  # an election is no secret
        announced_source=source,
        details=crisis.begun(preset.name, asked.approver, app.actor, now),
    )


def _scope(app: App, known: Known, preset: Preset, asked: Asked) -> Scope:
    named = bool(asked.services or asked.accounts or asked.platforms)
    if asked.everything and named:
        raise UsageError("--everything cannot go with --service, --account or --platform.", "Give one or the other.")
    if not asked.everything and not named and not preset.default_everything:
        raise UsageError(
            f'The pause "{preset.name}" needs a scope.', "Add --everything, --service S, --account A or --platform P."
        )
    kinds = app.kinds if asked.platforms else ()
    known.check_names(kinds, services=asked.services, accounts=asked.accounts, platforms=asked.platforms)
    return Scope(
        not named, tuple(sorted(asked.services)), tuple(sorted(asked.accounts)), tuple(sorted(asked.platforms))
    )


def services_of(known: Known, scope: Scope) -> set[str] | None:
    """The services a scope touches; None where it is about more than single ones."""
    if scope.everything:
        return None
    named = {a.service for a in known.register.values() if a.id in scope.accounts}
    return named | (set(scope.services) if not scope.accounts else set())


def _plan(app: App, c: Any, known: Known, f: Freeze) -> tuple[Plan, list[Post]]:
    """What would be done to each post now, nearest-due first; and the posts that are held later."""
    shown = replace(f, rehearsal=False)
    verdicts = known.verdicts(shown)
    whole = Verdicts(known.facts(ahead([shown], known.now, known.lead)))
    near: list[Post] = []
    later: list[Post] = []
    for p in post_store.fetch(c, post_store.waiting_between(f.start, f.end), known.register):
        if verdicts.held_by(p):
            near.append(p)
        elif p.intended_at and whole.held_by(p):
            later.append(p)
    snapshots = post_store.snapshots(c, [p.id for p in near])
    return preview(near, snapshots, verdicts, app.platforms, known.now), later


def commit(app: App, p: Proposal) -> tuple[Freeze, bool]:
    """Write it down; gives the pause that stands, and whether it is new. Two operators at once make one pause."""
    if not p.asked.rehearsal:
        app.may_write()
    new, now = p.new, p.known.now

    def write(tx: Transaction) -> tuple[Freeze, bool]:
        made, is_new = freeze_store.insert_unless(
            tx.c, new, lambda there: repeated(new, there, dates_given=p.asked.times.dates, now=now)
        )
        upgraded = not is_new and made.quiet and not new.quiet
        if upgraded:
            made = replace(made, announced_at=now, announced_source=new.announced_source)
            freeze_store.update(tx.c, made)
            tx.log(now, "freeze.announced", {"freeze": made.ref, "source": made.announced_source})
        event = "freeze.declared" if is_new else "freeze.declared-again"
        data = {"freeze": made.ref, "preset": made.preset, "until": made.end.isoformat(), "scope": asdict(made.scope)}
        tx.log(now, event, data | {"reason": new.reason, "authority": new.authority, "rehearsal": made.rehearsal})
        return made, is_new

    return once(app.store, app.actor, write)


def carry_out(app: App, made: Freeze, told: Callable[[int, int], None]) -> Declared:
    """Stop every post in scope, nearest-due first, and read back what came of it."""
    started = app.now()
    tally = sweep(app.desk(told), "declare", enforce=True, urgent=True)
    tasks.follow(app, started)
    with app.store.read() as c:  # somebody may have ended or changed it while posts were being stopped
        known = app.known(c)
        after = freeze_store.one(c, made.ref)
        what = found(c, known, after)
    return Declared(after, what, tally, known, signs.without_keeper(known.beats, known.now))


def rehearse(app: App, made: Freeze, told: Callable[[int, int], None]) -> tuple[Plan, Known, Any]:
    """A rehearsal reads for real and writes to no platform: what would be done, what is known, and the run."""
    tally = sweep(app.desk(told), "declare --rehearsal", enforce=False)
    with app.store.read() as c:
        known = app.known(c)
        plan, _ = _plan(app, c, known, made)
    return plan, known, tally

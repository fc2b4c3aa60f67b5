"""`freeze declare`: pause publishing with one command."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import datetime

import click

from freeze.accounts import Account
from freeze.acts import crisis, look, span
from freeze.acts import tasks as _tasks
from freeze.acts.app import App
from freeze.commands.common import Answer, agreed, command, progress, show
from freeze.commands.pauses.announce import given
from freeze.errors import UsageError, worst
from freeze.judging.evaluate import Verdicts
from freeze.pauses.freezes import Freeze, enforced, repeated, until_words, view
from freeze.pauses.freezes import standing as standing_of
from freeze.pauses.preview import Plan, preview
from freeze.people.signs import without_keeper
from freeze.people.sources import any_stale
from freeze.ports import Facts, Preset, Scope
from freeze.report import first, outcome, picture
from freeze.report import preview as preview_report
from freeze.run.sweep import sweep
from freeze.store import freezes as freeze_store
from freeze.store import jobs
from freeze.store import posts as post_store
from freeze.store import tasks as task_store
from freeze.store.journal import Transaction, once
from freeze.windows import Window, end_of, parse_day, parse_instant, say, say_short, without
from freeze.words import many


@click.command("declare", epilog='Example: freeze declare menai-bridge --reason "Announced by the Palace at 18:30"')
@click.argument("preset")
@click.option("--everything", is_flag=True, help="Every account, also those nobody registered.")
@click.option("--service", "services", multiple=True, metavar="S", help="Only this service's accounts (repeatable).")
@click.option("--account", "accounts", multiple=True, metavar="A", help="Only this account (repeatable).")
@click.option("--platform", "platforms", multiple=True, metavar="P", help="Only this platform (repeatable).")
@click.option("--reason", help="Why; the royal presets have one of their own.")
@click.option("--authority", help="On whose authority.")
@click.option("--from", "start", metavar="TIME", help="When it starts; now if not given. London time.")
@click.option("--until", metavar="TIME", help="When it ends. London time; a bare date means the end of that day.")
@click.option("--days", type=int, metavar="N", help="Whole London days, today included; ends at midnight.")
@click.option("--minutes", type=int, metavar="N", help="Minutes: for a silence, which has 2 without it.")
@click.option("--poll", metavar="DATE", help="Polling day of an election; --from is the day of its notice.")
@click.option("--election", metavar="KIND", help="With --poll: local (else), mayoral, london or general.")
@click.option("--d-day", metavar="DATE", help="D-Day, where it is not the day the guard assumes.")
@click.option("--hole", "holes", multiple=True, metavar="FROM/TO", help="A gap in which posts may go out (repeatable).")
@click.option("--approver", metavar="NAME", help="In a crisis: who approves messages.")
@click.option("--precautionary", is_flag=True, help="Before any announcement: quiet. So is every pause without one.")
@click.option("--announced", metavar="URL", help="Where it was announced; others may then be told what it is for.")
@click.option("--rehearsal", is_flag=True, help="Everything is read and planned; nothing real is touched.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--dry-run", is_flag=True, help="Only show what would happen.")
@command
def declare_command(
    app: App,
    preset: str,
    everything: bool,
    services: tuple[str, ...],
    accounts: tuple[str, ...],
    platforms: tuple[str, ...],
    reason: str | None,
    authority: str | None,
    start: str | None,
    until: str | None,
    days: int | None,
    minutes: int | None,
    poll: str | None,
    election: str | None,
    d_day: str | None,
    holes: tuple[str, ...],
    approver: str | None,
    precautionary: bool,
    announced: str | None,
    rehearsal: bool,
    yes: bool,
    dry_run: bool,
) -> Answer:
    """Pause publishing: hold every scheduled post in scope, nearest-due first, and check by reading back.

    PRESET is a prepared pause: royal-death (also menai-bridge or london-bridge), crisis, silence, or pre-election,
    under which business goes on and only what the settings name is held.
    """
    if precautionary and announced:
        raise UsageError("--precautionary and --announced cannot go together.", "Give one of them, or neither.")
    now = app.now()
    prepared, policy = app.preset(preset)
    scope = _scope(app, prepared, everything, services, accounts, platforms)
    given_times = span.Given(start, _until(until) if until else None, days, minutes, d_day, poll, election)
    ends = span.worked_out(app, prepared, given_times, now)
    windows = ends.windows
    for hole in holes:
        windows = without(windows, _hole(hole))
    if not windows:
        raise UsageError("The gaps leave nothing of the pause.", "Give a shorter --hole.")
    if windows[-1].end <= now and not ends.provisional:
        raise UsageError(f"The pause would be over already: it ends {say(windows[-1].end)}.", "Give later dates.")
    new = Freeze(
        number=0,
        preset=prepared.name,
        title=prepared.title,
        policy=policy,
        clause=prepared.clause,
        scope=scope,
        windows=windows,
        provisional=ends.provisional,
        d_day=ends.d_day,
        because=ends.because,
        reason=reason or prepared.reason,
        authority=authority or prepared.authority,
        declared_at=now,
        declared_by=app.actor,
        rehearsal=rehearsal,
        announced_at=now if announced or prepared.by_poll else None,  # an election is no secret
        announced_source=given(announced) if announced else prepared.reason if prepared.by_poll else "",
        details=crisis.begun(prepared.name, approver, app.actor, now),
    )
    if not dry_run:
        app.may("declare", None if everything or platforms else _services(app, scope))
    old = 5 if any_stale(_tasks.seen(app), now) else 0
    dates_given = given_times.dates or bool(holes)
    standing = repeated(new, look.all_freezes(app), dates_given=dates_given, now=now)
    if standing is None:
        plan, lines = _preview(app, new, now)
        for line in lines:
            show(line)
        if dry_run:
            refs = [p.ref for p in span.still_to_come(app, new, plan, now)]
            return {"dry_run": True, **picture.plan_json(plan, _register(app)), "later": refs}, [], old
        show("")
        if not agreed(f"{'Rehearse' if rehearsal else 'Stop'} these posts now?", yes=yes):
            return {"declared": False}, ["Nothing was declared and nothing was changed."], 1
    elif dry_run:
        return {"dry_run": True, "already": standing.ref}, [f"Already declared: {standing.says()}."], old
    else:
        for line in _first(app, standing, _plan(app, standing, now)[0], now):
            show(line)
    if not rehearsal:
        app.may_write()
    made, is_new = _commit(app, new, dates_given=dates_given, now=now)
    if rehearsal:
        return _rehearsed(app, made)
    if is_new:
        show(f"Declared: {made.says()}, until {until_words(made)}. Written to the store {app.store.said}.")
        if enforced(made, now, app.settings.run.lead):
            what_stops = "What the settings name is being held" if prepared.holds else "Posts are being stopped"
            show(f"{what_stops}. Nothing is lost, and you can undo this: freeze undo {made.ref}")
        else:
            held_from = made.start - app.settings.run.lead
            show(f"It is still to come: its posts are held from {say(held_from)} on, by freeze sync --enforce.")
        if made.quiet:
            show(
                f'It is quiet: others are told only "Publishing pause", until: freeze announce {made.ref} --source URL'
            )
        for line in span.next_words(app, made):
            show(line)
    else:
        show(f"Already declared by {made.declared_by} on {say(made.declared_at)}: {made.says()}. Sweeping again.")
    started = app.now()
    with progress("Stopping posts") as told:
        tally = sweep(app.desk(told), "declare", enforce=True, urgent=True)
    _tasks.follow(app, started)
    with app.store.read() as c:  # somebody may have ended or changed it while posts were being stopped
        made = freeze_store.one(c, made.ref)
    what = look.found(app, made)
    later = app.now()
    lines = [""]
    if tally.interrupted:
        lines.append("INTERRUPTED. This is what is held so far; run the same command again to complete it.")
    if standing_of(made, later).over:
        lines.append(f"{made.says()} is {standing_of(made, later).value} by now: it holds nothing more.")
    lines += outcome.lines(what, later)
    trouble = outcome.trouble(tally.gaps, tally.rejects.values(), tally.notes, tally.unregistered)
    lines += ["", *trouble] if trouble else []
    unkept = _unkept(app)
    lines += ["", unkept] if unkept else []
    lines += ["", f"See it again: freeze status        Log head: {look.head(app)}"]
    body = look.data(made, what, tally, later, [made]) | {"new": is_new, "store": app.store.said}
    return body | {"keeper": not unkept}, lines, worst(look.code(what, tally), old, 3 if unkept else 0)


def _unkept(app: App) -> str:
    """What to say when no keeper is at work; empty when one is."""
    with app.store.read() as c:
        return without_keeper(jobs.beats(c), app.now())


def _scope(
    app: App,
    preset: Preset,
    everything: bool,
    services: tuple[str, ...],
    accounts: tuple[str, ...],
    platforms: tuple[str, ...],
) -> Scope:
    named = bool(services or accounts or platforms)
    if everything and named:
        raise UsageError("--everything cannot go with --service, --account or --platform.", "Give one or the other.")
    if not everything and not named and not preset.default_everything:
        raise UsageError(
            f'The pause "{preset.name}" needs a scope.', "Add --everything, --service S, --account A or --platform P."
        )
    look.check_names(app, services=services, accounts=accounts, platforms=platforms)
    return Scope(not named, tuple(sorted(services)), tuple(sorted(accounts)), tuple(sorted(platforms)))


def _services(app: App, scope: Scope) -> set[str] | None:
    """The services a scope touches; None where it is about more than single ones."""
    if scope.everything:
        return None
    named = {a.service for a in _register(app).values() if a.id in scope.accounts}
    return named | (set(scope.services) if not scope.accounts else set())


def _until(text: str) -> datetime:
    """An end as people give it: a bare date is the end of that day."""
    return end_of(parse_day(text, what="--until")) if len(text.strip()) == 10 else parse_instant(text, what="--until")


def _hole(text: str) -> Window:
    first, slash, last = text.partition("/")
    if not slash:
        raise UsageError(f'--hole "{text}" is not a span.', "Write it like 2021-04-13T09:00/2021-04-17T00:00.")
    return Window(parse_instant(first, what="--hole"), parse_instant(last, what="--hole"), "gap")


def _register(app: App) -> dict[str, Account]:
    with app.store.read() as c:
        return post_store.accounts(c)


def _preview(app: App, new: Freeze, now: datetime) -> tuple[Plan, list[str]]:
    """What the store knows, at once and without any call."""
    plan, register = _plan(app, new, now)
    top = _first(app, new, plan, now)
    lines = preview_report.lines(new, plan, register, look.ages(app), app.store.said, now, top)
    if later := span.still_to_come(app, new, plan, now):
        stand = "stands in its time and is" if len(later) == 1 else "stand in its time and are"
        due = min(p.intended_at for p in later if p.intended_at)
        lines.append(f"{many(len(later), 'scheduled post')} {stand} held later, the first due {say_short(due)}.")
    return plan, lines


def _first(app: App, f: Freeze, plan: Plan, now: datetime) -> list[str]:
    """What stands before everything else."""
    begun = enforced(replace(f, rehearsal=False), now, app.settings.run.lead)
    with app.store.read() as c:
        tasks = task_store.all_of(c, [f.number])
        goes_on = f.preset in app.kinds_of_post.only
        switches = _tasks.switches(app, c).values() if begun and not goes_on else ()
    scope, holders = f.scope.everything, app.holders
    return first.lines(plan, switches, holders, tasks, _tasks.seen(app), now, everything=scope, rehearsal=f.rehearsal)


def _plan(app: App, new: Freeze, now: datetime) -> tuple[Plan, dict[str, Account]]:
    shown = replace(new, rehearsal=False)
    seen = view(shown, now, app.settings.run.lead)
    with app.store.read() as c:
        register = post_store.accounts(c)
        verdicts = Verdicts(Facts(now, register, (seen,), app.allowing(c)))
        waiting = post_store.waiting_between(new.start, new.end)
        posts = [p for p in post_store.fetch(c, waiting, register) if verdicts.held_by(p)]
        snapshots = post_store.snapshots(c, [p.id for p in posts])
    return preview(posts, snapshots, verdicts, app.platforms, now), register


def _commit(app: App, new: Freeze, *, dates_given: bool, now: datetime) -> tuple[Freeze, bool]:
    """One serialised transaction: check again and insert, so that two operators make one freeze."""

    def write(tx: Transaction) -> tuple[Freeze, bool]:
        made, is_new = freeze_store.insert_unless(
            tx.c, new, lambda there: repeated(new, there, dates_given=dates_given, now=now)
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


def _rehearsed(app: App, made: Freeze) -> Answer:
    """A rehearsal reads for real and writes to no platform."""
    with progress("REHEARSAL: reading") as told:
        tally = sweep(app.desk(told), "declare --rehearsal", enforce=False)
    now = app.now()
    plan, _ = _preview(app, made, now)
    stops = sum(n for k, n in plan.by_kind.items() if k.value != "human")
    lines = [
        f"REHEARSAL: {made.says()}. Nothing real was touched.",
        (
            f"REHEARSAL: {len(plan.items)} posts read live; the guard would hold {stops}, "
            f"a person would have to stop {len(plan.items) - stops - len(plan.too_late)}, "
            f"{len(plan.too_late)} would be too late."
        ),
    ]
    lines += [f"REHEARSAL: {line}" for line in outcome.trouble(tally.gaps, tally.rejects.values(), [], [])]
    body = picture.freeze_json(made, now) | {"plan": picture.plan_json(plan, _register(app))}
    return body | {"gaps": [picture.gap_json(g) for g in tally.gaps]}, lines, 5 if tally.gaps else 0

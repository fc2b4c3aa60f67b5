"""`freeze extend`, `end`, `undo`, `resolve-end`: how a pause changes and ends. Ending moves nothing; put-back does."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import click

from freeze.acts import clocks, look, tasks
from freeze.acts.app import App
from freeze.commands.common import Answer, command, progress
from freeze.commands.pauses.declare import _hole, _until
from freeze.errors import UsageError
from freeze.pauses.freezes import Freeze, ended, extended, resolved, standing, until_days, until_words, with_hole
from freeze.report import outcome, picture
from freeze.run.sweep import sweep
from freeze.store import freezes as freeze_store
from freeze.store.journal import Transaction, once
from freeze.windows import parse_day, say
from freeze.words import many


@click.command("extend", epilog="Example: freeze extend f1 --until 2022-09-26")
@click.argument("ident", metavar="ID")
@click.option("--until", metavar="TIME", help="The new end. London time; a bare date means the end of that day.")
@click.option("--days", type=int, metavar="N", help="Whole London days in all, the first day included.")
@click.option("--hole", metavar="FROM/TO", help="Cut a gap into it, in which posts may go out.")
@command
def extend_command(app: App, ident: str, until: str | None, days: int | None, hole: str | None) -> Answer:
    """Make a pause longer, or cut a gap into it. It keeps its id; an ended pause cannot be extended."""
    if sum(x is not None for x in (until, days, hole)) != 1:
        raise UsageError("Say how: --until TIME, --days N or --hole FROM/TO.", "Give exactly one.")
    app.may("gap" if hole is not None else "extend")

    def change(f: Freeze, now: datetime) -> Freeze:
        if hole is not None:
            return with_hole(f, _hole(hole), now)
        return extended(f, _until(until) if until else until_days(f.start, days or 0), now)

    return _changed(app, ident, "freeze.extended", change, moves=True)


@click.command("resolve-end", epilog="Example: freeze resolve-end f1 --funeral 2022-09-19")
@click.argument("ident", metavar="ID")
@click.option("--funeral", required=True, metavar="DATE", help="The day of the funeral.")
@click.option(
    "--bank-holiday",
    is_flag=False,
    flag_value="funeral",
    metavar="[DATE]",
    help="A bank holiday was proclaimed: the day of the funeral, or this date. Moves due dates; needs --source.",
)
@click.option("--source", metavar="S", help="Who says that it is a bank holiday: the Gazette, gov.uk, a proclamation.")
@command
def resolve_end_command(app: App, ident: str, funeral: str, bank_holiday: str | None, source: str | None) -> Answer:
    """Settle the end of a royal death, now that the funeral date is known: the end of that day.

    With --bank-holiday the same screen lists every open request for information whose due date moved, old and new.
    """
    app.may("resolve-end")
    day = parse_day(funeral, what="--funeral")
    if (bank_holiday is None) != (source is None):
        raise UsageError("--bank-holiday and --source belong together.", "Say who proclaimed it, or leave both out.")
    also = None
    if bank_holiday is not None and source is not None:
        proclaimed = day if bank_holiday == "funeral" else parse_day(bank_holiday, what="--bank-holiday")
        also = clocks.proclaiming(app, proclaimed, "Bank holiday, day of the funeral", source)
    return _changed(app, ident, "freeze.end-resolved", lambda f, now: resolved(f, day, now), moves=True, also=also)


@click.command("end", epilog="Example: freeze end f1")
@click.argument("ident", metavar="ID")
@command
def end_command(app: App, ident: str) -> Answer:
    """End a pause now (or confirm an end that is overdue). Nothing moves until put-back."""
    app.may("end")
    return _changed(app, ident, "freeze.ended", lambda f, now: ended(f, now, "early"), moves=False)


@click.command("undo", epilog="Example: freeze undo f1")
@click.argument("ident", metavar="ID")
@command
def undo_command(app: App, ident: str) -> Answer:
    """End a pause that was declared by mistake. Nothing moves until put-back."""
    app.may("undo")
    return _changed(app, ident, "freeze.undone", lambda f, now: ended(f, now, "by mistake"), moves=False)


def _changed(
    app: App,
    ident: str,
    event: str,
    change: Callable[[Freeze, datetime], Freeze],
    *,
    moves: bool,
    also: Callable[[Transaction], clocks.Told] | None = None,
) -> Answer:
    now = app.now()
    if moves:
        app.may_write()

    def write(tx: Transaction) -> tuple[Freeze, Freeze, clocks.Told]:
        before = freeze_store.one(tx.c, ident)
        after = change(before, now)
        freeze_store.update(tx.c, after)
        tx.log(now, event, {"freeze": after.ref, "was_until": before.end.isoformat(), "until": after.end.isoformat()})
        return before, after, also(tx) if also else ([], {})

    before, after, (told_also, data_also) = once(app.store, app.actor, write)
    lines = [f"{after.says()}: {standing(after, now).value}."]
    if (before.end, before.provisional) != (after.end, after.provisional):
        lines += [f"  The end was {until_words(before)}.", f"  The end is now {until_words(after)}."]
    if before.windows != after.windows:
        lines += [
            f"  In force {w.civil or 'from ' + say(w.start)}: {say(w.start)} to {say(w.end)}." for w in after.windows
        ]
    lines += told_also
    tally = None
    if moves and not after.rehearsal:
        started = app.now()
        with progress("Holding what the change covers") as told:
            tally = sweep(app.desk(told), event, enforce=True, urgent=True)
        tasks.follow(app, started)
    elif standing(after, now).over:
        tasks.follow(app, now, after.number)
    what = look.found(app, after)
    freed = [h for h in what.holds if h.before.at is not None and h.before.at >= after.end]
    if moves:
        if freed:
            lines.append(
                f"  {many(len(freed), 'held post')} intended for after the new end: freeze put-back {after.ref}"
            )
        lines += outcome.lines(what, now)
        if tally is not None:
            lines += outcome.trouble(tally.gaps, tally.rejects.values(), tally.notes, tally.unregistered)
    else:
        held = sum(h.state.value not in ("put back", "kept", "gone", "too late") for h in what.holds)
        lines.append(f"  {many(held, 'post')} stay as they are until you run: freeze put-back {after.ref}")
        others = [f for f in look.in_force(app, now) if f.number != after.number and not f.rehearsal]
        lines += [f"  Still in force: {f.says()}; what it holds stays held." for f in others]
    body = look.data(after, what, tally, now, look.all_freezes(app)) | {"was": picture.freeze_json(before, now)}
    body |= data_also
    return body, lines, look.code(what, tally) if moves else 0

"""`freeze status`, `list`, `show`: what is paused, and where every post stands."""

from __future__ import annotations

from datetime import datetime

import click

from freeze.acts import crisis, look, tasks
from freeze.acts.app import App
from freeze.commands.common import Answer, command
from freeze.errors import worst
from freeze.holds import HoldState
from freeze.judging import overdue
from freeze.pauses.freezes import Freeze, Standing, enforced, settle, standing, until_words
from freeze.people import signs
from freeze.people.sources import any_stale
from freeze.posts import Json
from freeze.report import outcome, picture
from freeze.store import freezes as freeze_store
from freeze.store import holds as hold_store
from freeze.store import jobs
from freeze.store import late as late_store
from freeze.windows import say, say_short
from freeze.words import columns, excerpt, safe

MOST = 5
"""How many posts that were not published are named."""


@click.command("status", epilog="Example: freeze status --json")
@command
def status_command(app: App) -> Answer:
    """What is paused, what is held and checked, what still needs a person. Reads the store only, and at once."""
    now = app.now()
    freezes = look.all_freezes(app)
    live = [f for f in freezes if not standing(f, now).over]
    seen = tasks.seen(app)
    lines: list[str] = [s.said(now) for s in seen]
    shown: list[Json] = []
    codes = [5 if any_stale(seen, now) else 0]
    moved: list[str] = []
    for f in live:
        what = look.found(app, f)
        lines += [*_headline(f, now), *(f"  {line}" for line in outcome.lines(what, now, most=5)), ""]
        shown.append(look.data(f, what, None, now, freezes))
        codes.append(look.code(what, None))
        moved += outcome.firing(what, now)
        if any(h.missed(now) and not h.decision and h.state is HoldState.CONFIRMED for h in what.holds):
            codes.append(1)
        if standing(f, now) is Standing.END_OVERDUE:
            codes.append(3)
    if not live:
        lines.append("No pause is in force.")
    with app.store.read() as c:
        beats = jobs.beats(c)
        waiting, held_by = hold_store.unclaimed(c, [f.number for f in live])
        last = hold_store.last_run(c)
        late, seen_at = late_store.forgotten(c, now)
    if waiting:
        refs = " / ".join(f"f{n}" for n in held_by)
        lines.append(f"Still held from pauses that are over: {waiting}   (freeze put-back {refs})")
        over = f"freeze decide --all-missed --freeze f{held_by[0]} --next-slot"
        lines.append(f"  What is past its time is decided first: {over}")
        codes.append(1)
    if late:
        lines.append(f"Past their time and not published by their platform: {len(late)}. {overdue.WHAT_TO_DO}")
        lines += columns([p.ref, excerpt(p, 44), overdue.said(p, seen_at[p.id])] for p in late[:MOST])
        lines += [f"  … and {len(late) - MOST} more"] if len(late) > MOST else []
        codes.append(1)
    ages = look.ages(app)
    if ages:
        lines.append("Last read:")
        lines += columns([a.connection, safe(a.said(now), 200)] for a in ages)
    if last is not None:
        how = f"finished {say(last.ended_at)}" if last.ended_at else "did NOT finish; run it again"
        lines.append(f"Last run: {last.command}, started {say(last.started_at)}, {how}.")
    keeper, keeper_said = signs.said(beats, now)
    lines.append(f"Keeper: {keeper_said}")
    if not keeper and any(enforced(f, now, app.settings.run.lead) for f in live):
        lines += [signs.without_keeper(beats, now), *moved]
        codes.append(3)
    lines.append(f"As of {say(now)}. Store: {app.store.said}. Log head: {look.head(app)}")
    data = {
        "at": now.isoformat(),
        "freezes": shown,
        "waiting_for_put_back": waiting,
        "not_published": [{"post": p.ref, "due": p.intended_at.isoformat()} for p in late if p.intended_at],
        "sources": [
            {
                "connection": a.connection,
                "read_at": a.read_at.isoformat() if a.read_at else None,
                "as_of": a.as_of.isoformat() if a.as_of else None,
                "reason": a.reason or None,
            }
            for a in ages
        ],
        "schedulers": [
            {"connection": s.connection, "seen_at": s.at.isoformat() if s.at else None, "stale": s.stale(now)}
            for s in seen
        ],
        "keeper": {"at_work": keeper, "said": keeper_said},
        "store": app.store.said,
        "log_head": look.head(app),
    }
    return data, lines, worst(*codes)


def _headline(f: Freeze, now: datetime) -> list[str]:
    at = standing(f, now)
    lines = [f"{f.says()}: {at.value}, {f.scope.said()}", f"  since {say(f.start)}, until {until_words(f)}"]
    if at is Standing.END_OVERDUE:
        lines.append(f"  ITS END IS OVERDUE and it stays in force. Settle it: {settle(f)}")
    lines.append(f"  declared by {safe(f.declared_by)}: {safe(f.reason, 120)}")
    return lines


@click.command("list", epilog="Example: freeze list")
@command
def list_command(app: App) -> Answer:
    """Every pause that was declared, the latest first."""
    now = app.now()
    freezes = look.all_freezes(app)[::-1]
    rows = [
        [f.ref, standing(f, now).value, f.says(), f.scope.said(), f"{say_short(f.start)} to {say_short(f.end)}"]
        for f in freezes
    ]
    return (
        {"freezes": [picture.freeze_json(f, now) for f in freezes]},
        columns(rows, indent="") or ["No pause was ever declared."],
        0,
    )


@click.command("show", epilog="Example: freeze show f1")
@click.argument("ident", metavar="ID")
@command
def show_command(app: App, ident: str) -> Answer:
    """One pause, post by post."""
    now = app.now()
    with app.store.read() as c:
        f = freeze_store.one(c, ident)
    what = look.found(app, f)
    lines = _headline(f, now)
    lines += [f"  authority: {safe(f.authority, 120)}"] if f.authority else []
    lines += [f"  {f.because}"] if f.because else []
    lines += [f"  window: {say(w.start)} to {say(w.end)}" for w in f.windows]
    lines += [f"  {line}" for line in crisis.shown(f, what.permissions, now)]
    lines += [""]
    lines += columns(
        [
            *what.row(h.post),
            h.state.value if h.state is not HoldState.CONFIRMED else f"checked: {h.kind.said}",
            safe(h.detail or h.clicks or h.why, 80),
        ]
        for h in what.holds
    )
    if what.outs:
        lines += ["", "Went out inside it:"]
        lines += columns([f"p{o.post}", say_short(o.at), what.name(o.post), o.how, safe(o.why, 100)] for o in what.outs)
    return look.data(f, what, None, now, look.all_freezes(app)), lines, look.code(what, None)

"""What is paused, and what still needs somebody: as lines, and for `--json`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from freeze.holds import HoldState
from freeze.judging import overdue
from freeze.pauses.freezes import Freeze, Standing, settle, standing, until_words
from freeze.posts import Json
from freeze.report import outcome, pause
from freeze.views.found import Found
from freeze.views.status import Status
from freeze.windows import say, say_short
from freeze.words import columns, excerpt, safe

MOST = 5
"""How many posts that were not published are named."""


def lines(s: Status) -> list[str]:
    """`freeze status` for people."""
    now = s.now
    out = [x.said(now) for x in s.schedulers]
    moved: list[str] = []
    for f, what in s.pauses:
        out += [*headline(f, now), *(f"  {line}" for line in outcome.lines(what, now, most=5)), ""]
        moved += outcome.firing(what, now)
    if not s.pauses:
        out.append("No pause is in force.")
    if s.waiting:
        refs = " / ".join(f"f{n}" for n in s.held_by)
        out.append(f"Still held from pauses that are over: {s.waiting}   (freeze put-back {refs})")
        over = f"freeze decide --all-missed --freeze f{s.held_by[0]} --next-slot"
        out.append(f"  What is past its time is decided first: {over}")
    if s.late:
        out.append(f"Past their time and not published by their platform: {len(s.late)}. {overdue.WHAT_TO_DO}")
        out += columns([p.ref, excerpt(p, 44), overdue.said(p, s.late_seen[p.id])] for p in s.late[:MOST])
        out += [f"  … and {len(s.late) - MOST} more"] if len(s.late) > MOST else []
    ages = s.known.ages()
    if ages:
        out.append("Last read:")
        out += columns([a.connection, safe(a.said(now), 200)] for a in ages)
    if s.last_run is not None:
        how = f"finished {say(s.last_run.ended_at)}" if s.last_run.ended_at else "did NOT finish; run it again"
        out.append(f"Last run: {s.last_run.command}, started {say(s.last_run.started_at)}, {how}.")
    out.append(f"Keeper: {s.keeper[1]}")
    out += [s.unkept, *moved] if s.unkept else []
    return [*out, f"As of {say(now)}. Store: {s.store}. Log head: {s.known.head}"]


def data(s: Status) -> dict[str, Json]:
    """`freeze status --json`."""
    keeper, said = s.keeper
    return {
        "at": s.now.isoformat(),
        "freezes": [pause.data(f, what, None, s.now, s.known.freezes) for f, what in s.pauses],
        "waiting_for_put_back": s.waiting,
        "not_published": [{"post": p.ref, "due": p.intended_at.isoformat()} for p in s.late if p.intended_at],
        "sources": [
            {
                "connection": a.connection,
                "read_at": a.read_at.isoformat() if a.read_at else None,
                "as_of": a.as_of.isoformat() if a.as_of else None,
                "reason": a.reason or None,
            }
            for a in s.known.ages()
        ],
        "schedulers": [
            {"connection": x.connection, "seen_at": x.at.isoformat() if x.at else None, "stale": x.stale(s.now)}
            for x in s.schedulers
        ],
        "keeper": {"at_work": keeper, "said": said},
        "store": s.store,
        "log_head": s.known.head,
    }


def headline(f: Freeze, now: datetime) -> list[str]:
    """What a pause is, since when, until when, and by whom."""
    at = standing(f, now)
    out = [f"{f.says()}: {at.value}, {f.scope.said()}", f"  since {say(f.start)}, until {until_words(f)}"]
    if at is Standing.END_OVERDUE:
        out.append(f"  ITS END IS OVERDUE and it stays in force. Settle it: {settle(f)}")
    out.append(f"  declared by {safe(f.declared_by)}: {safe(f.reason, 120)}")
    return out


def listed(freezes: Sequence[Freeze], now: datetime) -> list[str]:
    """Every pause, the latest first."""
    rows = [
        [f.ref, standing(f, now).value, f.says(), f.scope.said(), f"{say_short(f.start)} to {say_short(f.end)}"]
        for f in freezes[::-1]
    ]
    return columns(rows, indent="") or ["No pause was ever declared."]


def one(f: Freeze, what: Found, noted: Iterable[str], now: datetime) -> list[str]:
    """One pause, post by post; `noted` is what else is on record about it."""
    out = headline(f, now)
    out += [f"  authority: {safe(f.authority, 120)}"] if f.authority else []
    out += [f"  {f.because}"] if f.because else []
    out += [f"  window: {say(w.start)} to {say(w.end)}" for w in f.windows]
    out += [f"  {line}" for line in noted]
    out += [""]
    out += columns(
        [
            *what.row(h.post),
            h.state.value if h.state is not HoldState.CONFIRMED else f"checked: {h.kind.said}",
            safe(h.detail or h.clicks or h.why, 80),
        ]
        for h in what.holds
    )
    if what.outs:
        out += ["", "Went out inside it:"]
        out += columns([f"p{o.post}", say_short(o.at), what.name(o.post), o.how, safe(o.why, 100)] for o in what.outs)
    return out

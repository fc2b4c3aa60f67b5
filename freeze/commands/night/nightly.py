"""`freeze nightly`: every night's reading, holding and digests."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import click

from freeze.acts import keep
from freeze.acts import night as act
from freeze.acts.app import App
from freeze.commands import codes
from freeze.commands.common import Answer, command, terminal
from freeze.errors import FreezeError, UsageError
from freeze.keeping.nightly import at_night, latest, scheduled, scheduler
from freeze.people.signs import NIGHTLY
from freeze.posts import Json
from freeze.windows import london, say, say_day, say_short
from freeze.words import many


@click.command("nightly", epilog="Example: freeze nightly --once      (from cron or systemd, once a night)")
@click.option("--once", "just_once", is_flag=True, help="Do this London date's work now, unless it is done, and end.")
@command
def nightly_command(app: App, just_once: bool) -> Answer:
    """Read every platform, hold and keep, and write the digests: one for Communications, one per service that needs it.

    Without --once it stays and does so every night at the setting nightly.at (London time); a night that was missed is
    made up for once, and the digest says so. Any number of these may run on one store: each night is done once.
    """
    at_night(app.settings.nightly.at)
    keep.can_work(app)
    if just_once:
        with keep.stoppable():
            return _once(app, london(app.now()).date(), terminal().out)
    if app.as_of:
        raise UsageError("Staying needs this computer's own clock.", "With --as-of, use: freeze nightly --once")
    return _stay(app)


def _once(app: App, slot: date, show: Callable[[str], None]) -> Answer:
    """One slot, if no living process is at it. Data, lines and exit code."""
    night = act.once_only(app, slot, show)
    return _already(night) if isinstance(night, act.Already) else _done(night)


def _done(night: act.Night) -> Answer:
    first = night.digests[0]
    lines = [first.subject, *([night.missed] if night.missed else []), *first.picture.warnings]
    lines += night.look.named.lines()
    lines += [f"Wrote the digests of {say_day(night.slot)}:", *(f"  {p}" for p in night.files if p.suffix == ".html")]
    lines.append(f"Log head: {night.head}")
    body: dict[str, Json] = {
        "night": night.slot.isoformat(),
        "done": True,
        "subject": first.subject,
        "missed": night.missed or None,
        "digests": [{"reader": d.reader.key, "subject": d.subject, "to_do": len(d.to_do)} for d in night.digests],
        "files": [str(p) for p in night.files],
        "went_out": night.look.named.as_json(),
        "log_head": night.head,
    }
    code = codes.worst(5 if night.unknown else 0, 3 if night.look.unsettled else 0, 1 if first.to_do else 0)
    return body, lines, code


def _already(there: act.Already) -> Answer:
    """What to say where somebody else did a slot, or is at it."""
    by = there.by or "another process"
    if there.done_at:
        said = f"is already done: at {say(there.done_at)}"
    else:
        said = f"is being done since {say(there.since)}" if there.since else "is being done"
    done_at = there.done_at.isoformat() if there.done_at else None
    data = {"night": there.slot.isoformat(), "done": False, "done_at": done_at, "by": by}
    return data, [f"The night of {say_day(there.slot)} {said}, by {by}."], 0


def _stay(app: App) -> Answer:
    settings = app.settings.nightly
    at, grace = at_night(settings.at), timedelta(hours=settings.grace_hours)
    nights = 0
    show = terminal().out  # the nights are done in another thread

    def night() -> bool:
        nonlocal nights
        slot = latest(app.now(), at)
        try:
            body, lines, code = _once(app, slot, show)
        except FreezeError as e:
            show(f"{say_short(app.now())}  The night of {say_day(slot)} FAILED: {e}")
            return False
        except Exception as e:  # noqa: BLE001 - tomorrow's digest must not be lost to tonight's fault
            show(f"{say_short(app.now())}  The night of {say_day(slot)} FAILED: {type(e).__name__}: {e}")
            return False
        nights += bool(body["done"])
        for line in lines:
            show(line)
        show(f"(exit code {code})")
        return True

    plan: Any = None
    with keep.stoppable(), keep.Pulse(app, NIGHTLY, 24 * 3_600) as pulse:
        try:
            show(f"Every night at {settings.at}, Europe/London, on {keep.where(app)}. Stop it with Ctrl-C.")
            late = app.now() - scheduled(latest(app.now(), at), at)
            plan = scheduler(at, grace, night, pulse.resting, show, app.now, at_once=late <= grace)
            plan.start()
        except KeyboardInterrupt:
            if plan is not None and plan.running:
                plan.shutdown(wait=True)
    return {"nights": nights, "ended": True}, [f"Ended on {say(app.now())}. {many(nights, 'night')} done."], 0

"""`freeze nightly`: every night's reading, holding and digests."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import click

from freeze.acts import keep, look
from freeze.acts import night as _night
from freeze.acts.app import App
from freeze.commands.common import Answer, command, terminal
from freeze.errors import FreezeError, UsageError
from freeze.keeping.nightly import at_night, latest, missed, missed_words, scheduled, scheduler
from freeze.people import signs
from freeze.posts import Json
from freeze.store import alive, jobs
from freeze.windows import london, say, say_day, say_short
from freeze.words import many

JOB = signs.NIGHTLY


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
    try:
        held = alive.hold(app.store, jobs.lock_of(JOB, slot.isoformat()))
    except alive.Taken:
        with app.store.read() as c:
            return _already(slot, jobs.claimed(c, JOB, slot.isoformat()))
    with held:
        return _held(app, slot, show)


def _held(app: App, slot: date, show: Callable[[str], None]) -> Answer:
    who = f"{signs.me()}, {app.actor}"
    now = app.now()
    with app.store.write() as c:
        last = jobs.last_done(c, JOB)
        there = jobs.claim(c, JOB, slot.isoformat(), who, now)
    if there is not None:
        return _already(slot, there)
    words = missed_words(missed(date.fromisoformat(last.slot) if last else None, slot))
    try:
        for line in keep.stand(app):
            show(line)
        night = _night.work(app, slot, words)
    except BaseException:
        with app.store.write() as c:
            jobs.release(c, JOB, slot.isoformat(), who)
        raise
    with app.store.write() as c:
        jobs.done(c, JOB, slot.isoformat(), app.now())
    first = night.digests[0]
    lines = [first.subject, *([words] if words else []), *first.picture.warnings]
    lines += night.look.out_lines()
    lines += [f"Wrote the digests of {say_day(slot)}:", *(f"  {p}" for p in night.files if p.suffix == ".html")]
    lines.append(f"Log head: {look.head(app)}")
    body: dict[str, Json] = {
        "night": slot.isoformat(),
        "done": True,
        "subject": first.subject,
        "missed": words or None,
        "digests": [{"reader": d.reader.key, "subject": d.subject, "to_do": len(d.to_do)} for d in night.digests],
        "files": [str(p) for p in night.files],
        "went_out": night.look.outs_json(),
        "log_head": look.head(app),
    }
    return body, lines, night.code


def _already(slot: date, there: Any) -> Answer:
    """What to say where somebody else did a slot, or is at it (`there` is None: for less than an instant)."""
    done, by = (there.done_at, there.who) if there is not None else (None, "another process")
    if done:
        said = f"is already done: at {say(done)}"
    else:
        said = f"is being done since {say(there.claimed_at)}" if there is not None else "is being done"
    data = {"night": slot.isoformat(), "done": False, "done_at": done.isoformat() if done else None, "by": by}
    return data, [f"The night of {say_day(slot)} {said}, by {by}."], 0


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
    with keep.stoppable(), keep.Pulse(app, JOB, 24 * 3_600) as pulse:
        try:
            show(f"Every night at {settings.at}, Europe/London, on {app.store.said}. Stop it with Ctrl-C.")
            late = app.now() - scheduled(latest(app.now(), at), at)
            plan = scheduler(at, grace, night, pulse.resting, show, app.now, at_once=late <= grace)
            plan.start()
        except KeyboardInterrupt:
            if plan is not None and plan.running:
                plan.shutdown(wait=True)
    return {"nights": nights, "ended": True}, [f"Ended on {say(app.now())}. {many(nights, 'night')} done."], 0

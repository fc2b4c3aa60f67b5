"""The nightly job's clock: which night it is, which were missed, and APScheduler around one callable.

Times are London wall-clock times. The hour from 01:00 to 02:00 is refused: it is left out in March and comes twice in
October, and APScheduler's cron arithmetic then runs a job an hour off, or twice (measured with 3.11.3). Nothing is
stored by the scheduler: the job stands in code, and a claim in our own store makes one run a night of many processes.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any

from freeze.errors import SettingsError
from freeze.windows import LONDON, civil_to_instant, london, say, say_day

RETRY = timedelta(minutes=10)
TICK = 60
"""Seconds between looks at the clock: a computer that slept must not sleep on to the end of a wait begun before."""


def at_night(text: str) -> time:
    """The setting `nightly.at` as a London time. Raises SettingsError between 01:00 and 02:00."""
    at = time.fromisoformat(text)
    if at.hour == 1:
        raise SettingsError(
            f"nightly.at: {text} lies between 01:00 and 02:00, which is left out on one night in March "
            "and comes twice on one in October.",
            'Choose another time, for example "05:45".',
        )
    return at


def scheduled(day: date, at: time) -> datetime:
    """The instant (UTC) at which the job of this London day is due."""
    return civil_to_instant(datetime.combine(day, at), what="nightly.at")


def latest(now: datetime, at: time) -> date:
    """The London day whose job was due last."""
    today = london(now).date()
    return today if scheduled(today, at) <= now else today - timedelta(days=1)


def missed(last: date | None, this: date) -> tuple[date, ...]:
    """The nights between the last one done and this one; none before the first."""
    if last is None:
        return ()
    return tuple(last + timedelta(days=n) for n in range(1, (this - last).days))


def missed_words(nights: tuple[date, ...]) -> str:
    """What to say about missed nights; empty when there were none."""
    if not nights:
        return ""
    if len(nights) == 1:
        return f"The guard did not run on the night of {say_day(nights[0])}; this covers it too."
    return (
        f"The guard did not run on {len(nights)} nights, from {say_day(nights[0])} to {say_day(nights[-1])}; "
        "this covers them too."
    )


def trigger(at: time) -> Any:
    """APScheduler's trigger: every day at `at`, Europe/London."""
    from apscheduler.triggers.cron import CronTrigger

    return CronTrigger(hour=at.hour, minute=at.minute, second=0, timezone=LONDON)


def scheduler(
    at: time,
    grace: timedelta,
    night: Callable[[], bool],
    tick: Callable[[], None],
    tell: Callable[[str], None],
    now: Callable[[], datetime],
    *,
    at_once: bool = False,
) -> Any:
    """A scheduler that runs `night` at `at`, again ten minutes after a night that failed, and `tick` every minute.

    Runs that were missed become one, if at most `grace` has passed. `at_once` runs one on starting, for a night missed
    before that. `start()` blocks until `shutdown()`.
    """
    from apscheduler.events import EVENT_JOB_MISSED
    from apscheduler.schedulers.blocking import BlockingScheduler
    from apscheduler.triggers.interval import IntervalTrigger

    logging.getLogger("apscheduler").setLevel(logging.CRITICAL)  # what matters is told below, in our own words
    plan = BlockingScheduler(timezone=LONDON)
    seconds = int(grace.total_seconds())

    def run() -> None:
        if not night():
            again = now() + RETRY
            tell(f"It is tried again on {say(again)}.")
            plan.add_job(run, "date", run_date=again, misfire_grace_time=seconds, id="again", replace_existing=True)

    def late(event: Any) -> None:
        if event.job_id == "nightly":
            tell(f"The night's work due on {say(event.scheduled_run_time)} is too long past to catch up on.")

    plan.add_job(run, trigger(at), id="nightly", coalesce=True, misfire_grace_time=seconds, max_instances=1)
    plan.add_job(
        tick, IntervalTrigger(seconds=TICK, timezone=LONDON), id="tick", coalesce=True, misfire_grace_time=TICK
    )
    if at_once:
        plan.add_job(run, id="caught-up")
    plan.add_listener(late, EVENT_JOB_MISSED)
    return plan

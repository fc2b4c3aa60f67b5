"""From when until when a pause is declared, from what somebody gave; and what comes next."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from freeze.acts import crisis
from freeze.acts.app import App
from freeze.crisis import CRISIS
from freeze.errors import UsageError
from freeze.pauses.freezes import Freeze, until_days
from freeze.ports import Assumed, Preset
from freeze.views.declaring import Times
from freeze.windows import Window, midnight, say, say_day

MOST_MINUTES = 24 * 60
SHORT = timedelta(hours=1)
"""A pause so short that all it holds is past its time when it ends."""


def worked_out(app: App, c: Any, preset: Preset, given: Times, now: datetime) -> Assumed:
    """The windows of the pause. Raises UsageError for what does not go together, or where the end is not known."""
    if sum(x is not None for x in (given.until, given.days, given.minutes)) > 1:
        raise UsageError("--until, --days and --minutes cannot go together.", "Give one of them.")
    if (given.poll or given.election) and not preset.by_poll:
        raise UsageError(
            f'The pause "{preset.name}" has nothing to do with a poll.', "Leave --poll and --election out."
        )
    if given.election and not given.poll:
        raise UsageError("--election goes with --poll.", "Add --poll DATE.")
    begins = given.start or now
    if given.poll:
        return _by_poll(app, c, preset, given, begins, now)
    day = given.d_day
    if given.until is not None:
        return Assumed((Window(begins, given.until, f"until {say(given.until)}"),), False, day, "")
    if given.days is not None:
        end = until_days(begins, given.days)
        return Assumed((Window(begins, end, f"{given.days} days, to {say(end)}"),), False, day, "")
    if given.minutes is not None:
        end = _after(begins, given.minutes)
        return Assumed((Window(begins, end, f"until {say(end)}"),), False, day, "")
    if preset.end is None:
        raise UsageError(f'The pause "{preset.name}" needs an end.', "Add --until TIME or --days N.")
    return preset.end(begins, day)


def _after(begins: datetime, minutes: int) -> datetime:
    """The end of a pause of minutes. One that begins within a minute ends with a whole one: longer, never shorter."""
    if not 1 <= minutes <= MOST_MINUTES:
        raise UsageError(f"A pause of {minutes} minutes cannot be.", f"Give --minutes from 1 to {MOST_MINUTES}.")
    over = begins + timedelta(minutes=minutes)
    whole = over.replace(second=0, microsecond=0)
    return over if over == whole else whole + timedelta(minutes=1)


def _by_poll(app: App, c: Any, preset: Preset, given: Times, begins: datetime, now: datetime) -> Assumed:
    """From the notice of the election to its poll; without the day of the notice, from the latest possible one."""
    from freeze.acts.clocks import calendar  # the calendars load only for an election
    from freeze.clocks.elections import notice

    assert given.poll is not None
    if given.days is not None or given.minutes is not None or given.d_day is not None:
        raise UsageError("--poll goes with --from only.", "Leave --days, --minutes and --d-day out.")
    poll = given.poll
    why = ""
    if given.start is None:
        day: date = notice(poll, given.election or "local", calendar(app, c)).due
        begins = max(midnight(day), now)
        why = (
            f" It begins on {say_day(day)} because that is the LATEST POSSIBLE day of the notice; the real one is "
            "often earlier. If it is: declare it with --from DATE."
        )
    end = preset.end(begins, poll) if preset.end is not None else None
    if end is None:
        raise UsageError(f'The pause "{preset.name}" needs an end.', "Add --until TIME.")
    if given.until is not None:
        windows = (Window(begins, given.until, f"until {say(given.until)}"),)
        return replace(end, windows=windows, because=f"It ends when somebody said.{why}")
    return replace(end, because=f"{end.because}{why}")


def next_words(app: App, made: Freeze) -> list[str]:
    """What a person should know or do next about this kind of pause."""
    if made.preset in app.kinds_of_post.only:
        return [
            "Business goes on: posts are checked against the rule, and held only for what its settings name (hold)."
        ]
    if made.preset == CRISIS:
        return crisis.next_words(app, made)
    if made.end - made.start <= SHORT and not made.provisional:
        after = f"freeze decide --all-missed --freeze {made.ref} --next-slot, then freeze put-back {made.ref}"
        return [f"Afterwards, what it held has missed its time and waits for you: {after}"]
    return []

"""From when until when a pause is declared, from what somebody gave; and what comes next."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from freeze.acts import crisis
from freeze.acts.app import App
from freeze.crisis import CRISIS
from freeze.errors import UsageError
from freeze.judging.evaluate import Verdicts
from freeze.pauses.freezes import Freeze, ahead, until_days
from freeze.pauses.preview import Plan
from freeze.ports import Assumed, Facts, Preset
from freeze.posts import Post
from freeze.store import posts as post_store
from freeze.windows import Window, midnight, parse_day, parse_instant, say, say_day

MOST_MINUTES = 24 * 60
SHORT = timedelta(hours=1)
"""A pause so short that all it holds is past its time when it ends."""


@dataclass(frozen=True)
class Given:
    """What was given about the time of a pause, as typed; `until` is an instant already."""

    start: str | None = None
    until: datetime | None = None
    days: int | None = None
    minutes: int | None = None
    d_day: str | None = None
    poll: str | None = None
    election: str | None = None

    @property
    def dates(self) -> bool:
        """Whether anything was given that says when."""
        return any(x is not None for x in (self.start, self.until, self.days, self.minutes, self.d_day, self.poll))


def worked_out(app: App, preset: Preset, given: Given, now: datetime) -> Assumed:
    """The windows of the pause. Raises UsageError for what does not go together, or where the end is not known."""
    if sum(x is not None for x in (given.until, given.days, given.minutes)) > 1:
        raise UsageError("--until, --days and --minutes cannot go together.", "Give one of them.")
    if (given.poll or given.election) and not preset.by_poll:
        raise UsageError(
            f'The pause "{preset.name}" has nothing to do with a poll.', "Leave --poll and --election out."
        )
    if given.election and not given.poll:
        raise UsageError("--election goes with --poll.", "Add --poll DATE.")
    begins = parse_instant(given.start, what="--from") if given.start else now
    if given.poll:
        return _by_poll(app, preset, given, begins, now)
    day = parse_day(given.d_day, what="--d-day") if given.d_day else None
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


def _by_poll(app: App, preset: Preset, given: Given, begins: datetime, now: datetime) -> Assumed:
    """From the notice of the election to its poll; without the day of the notice, from the latest possible one."""
    from freeze.acts.holidays import holidays  # the calendars load only for an election
    from freeze.clocks.elections import notice

    assert given.poll is not None
    if given.days is not None or given.minutes is not None or given.d_day is not None:
        raise UsageError("--poll goes with --from only.", "Leave --days, --minutes and --d-day out.")
    poll = parse_day(given.poll, what="--poll")
    why = ""
    if given.start is None:
        day: date = notice(poll, given.election or "local", holidays(app)).due
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


def still_to_come(app: App, new: Freeze, plan: Plan, now: datetime) -> list[Post]:
    """The posts in windows that are not near enough yet to hold them."""
    whole = ahead([replace(new, rehearsal=False)], now, app.settings.run.lead)
    held = {i.post.id for i in plan.items}
    with app.store.read() as c:
        register = post_store.accounts(c)
        verdicts = Verdicts(Facts(now, register, whole, app.allowing(c)))
        found = post_store.fetch(c, post_store.waiting_between(new.start, new.end), register)
        return [p for p in found if p.id not in held and p.intended_at and verdicts.held_by(p)]


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

"""What a change of a pause came to, as lines."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from freeze.pauses.freezes import Freeze, standing, until_words
from freeze.report import outcome
from freeze.report.pause import Ran
from freeze.views.found import Found
from freeze.windows import say
from freeze.words import many


def written(before: Freeze, after: Freeze, now: datetime) -> list[str]:
    """What was written down: the end as it was and as it is, and when it is in force."""
    out = [f"{after.says()}: {standing(after, now).value}."]
    if (before.end, before.provisional) != (after.end, after.provisional):
        out += [f"  The end was {until_words(before)}.", f"  The end is now {until_words(after)}."]
    if before.windows != after.windows:
        out += [
            f"  In force {w.civil or 'from ' + say(w.start)}: {say(w.start)} to {say(w.end)}." for w in after.windows
        ]
    return out


def moved(f: Freeze, what: Found, ran: Ran | None, now: datetime) -> list[str]:
    """Where every post stands after a change that holds anew, or lets go."""
    freed = [h for h in what.holds if h.before.at is not None and h.before.at >= f.end]
    out = []
    if freed:
        out.append(f"  {many(len(freed), 'held post')} intended for after the new end: freeze put-back {f.ref}")
    out += outcome.lines(what, now)
    return out + (
        outcome.trouble(ran.gaps, ran.rejects.values(), ran.notes, ran.unregistered) if ran is not None else []
    )


def over(f: Freeze, what: Found, others: Iterable[Freeze]) -> list[str]:
    """What stays as it is when a pause has ended."""
    held = sum(h.state.value not in ("put back", "kept", "gone", "too late") for h in what.holds)
    out = [f"  {many(held, 'post')} stay as they are until you run: freeze put-back {f.ref}"]
    return out + [f"  Still in force: {x.says()}; what it holds stays held." for x in others]

"""The first lines of a declaration: the one act that stops most posts, who can do it, and how old the picture is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from freeze.holds import HoldState, Kind
from freeze.people.sources import SeenBy
from freeze.people.tasks import LOCKDOWN, Scheduler, Stands, Task
from freeze.posts import State
from freeze.report import todo
from freeze.windows import say_short
from freeze.words import many, safe

if TYPE_CHECKING:
    from freeze.council.settings import Holder
    from freeze.pauses.preview import Item, Plan


def lines(
    plan: Plan,
    schedulers: Iterable[Scheduler],
    holders: Mapping[str, Sequence[Holder]],
    tasks: Iterable[Task],
    seen: Iterable[SeenBy],
    now: datetime,
    *,
    everything: bool,
    rehearsal: bool,
) -> list[str]:
    """What stops most, first; then the age of what each scheduler showed."""
    out = []
    answers = {t.connection: t for t in tasks if t.kind == LOCKDOWN and t.stands in (Stands.SAID, Stands.CHECKED)}
    for s in sorted(schedulers, key=lambda s: -len(_covered(plan, s))):
        items = _covered(plan, s)
        if not items and not (s.always and everything):
            continue
        if s.connection in answers:
            out.append(f"{s.switch} in {s.title}: {todo.stands(answers[s.connection])}.")
            continue
        ahead = [i.post.intended_at for i in items if i.post.intended_at is not None and i.post.intended_at > now]
        due = f", next due {say_short(min(ahead))}" if ahead else ""
        named = ", ".join(f"{safe(h.name, 40)} {safe(h.phone, 30)}".strip() for h in holders[s.connection])
        who = f"holders {named}" if named else "nobody who can press it is named in the settings (lockdown_holders)"
        practice = "REHEARSAL, do not press it: " if rehearsal else ""
        out.append(f"{practice}Press {s.switch} in {s.title} NOW: covers {many(len(items), 'post')}{due}; {who}")
        out.append(f"  {safe(s.clicks, 300)}")
        if not everything:
            out.append(f"  It stops every account in {s.title}, also those outside this pause.")
        out.append(f"  When it is pressed: freeze confirm {_task(tasks, s)} --by NAME")
    return [*out, *(x.said(now) for x in seen)]


def _task(tasks: Iterable[Task], s: Scheduler) -> str:
    return next((t.ref for t in tasks if t.kind == LOCKDOWN and t.connection == s.connection), "TASK")


def _covered(plan: Plan, s: Scheduler) -> list[Item]:
    """The posts that the switch stops; those that await approval are stopped by not approving them."""
    return [
        i
        for i in plan.items
        if i.post.locator.connection == s.connection
        and i.kind is Kind.HUMAN
        and i.state is HoldState.NEEDS_A_PERSON
        and i.post.state is not State.PENDING_APPROVAL
    ]

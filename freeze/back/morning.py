"""The order of a real morning, in which nothing is dumped on the public: four steps, the scheduler's lock last. Pure.

1  nothing whose time has passed awaits approval       approving late publishes at once (documented by Orlo)
2  a fresh reading shows no past times in a scheduler  lifting its lock may release everything overdue (assumed)
3  the held posts are decided
4  only then is the lock lifted in the scheduler, by a person
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from freeze.people.tasks import Scheduler, Task, Wanted
from freeze.posts import Post, State
from freeze.texts.stale_words import Stale
from freeze.windows import say_short, say_span

FRESH = timedelta(hours=1)
"""How old a reading of a scheduler may be before its lock is lifted."""
TONE = timedelta(hours=48)
"""How far ahead what will go out is listed, for somebody to read its tone."""
LONG = timedelta(days=1)
"""A pause longer than this is one for which pictures may have been changed."""
LIFT, PICTURES = "lift", "pictures"
"""The kinds of task of the morning after; no sweep makes or closes them."""


@dataclass(frozen=True, slots=True)
class Step:
    """One of the four: what must be so, and what is missing; empty means that it is so."""

    what: str
    missing: str = ""

    @property
    def done(self) -> bool:
        return not self.missing


@dataclass(frozen=True, slots=True)
class Lock:
    """One scheduler whose lock a person pressed, or may have: the instant (UTC) it was last seen as it stood."""

    scheduler: Scheduler
    seen: datetime | None
    lifted: Task | None = None

    @property
    def act(self) -> str:
        """What a person does last."""
        return f"Lift {self.scheduler.switch} in {self.scheduler.title}"


@dataclass(frozen=True, slots=True)
class Morning:
    """Where the way back stands. `late` await approval past their time, `overdue` stand in a locked scheduler's queue.

    `slots` are times that would be free for overdue posts, by post; `still` names pauses for which the lock stays on.
    """

    steps: tuple[Step, ...]
    locks: tuple[Lock, ...]
    late: tuple[Post, ...]
    overdue: tuple[Post, ...]
    slots: Mapping[int, datetime]
    still: str = ""

    @property
    def ready(self) -> bool:
        """Whether the lock may be lifted: the first three steps are done, and no pause needs it."""
        return bool(self.locks) and not self.still and all(s.done for s in self.steps[:3])

    @property
    def asks_a_person(self) -> bool:
        """Whether something of it is left that only a person can do."""
        return not all(s.done for n, s in enumerate(self.steps) if n != 2)


@dataclass(frozen=True, slots=True)
class Soon:
    """One post that will go out in the next two days (`at`, UTC), with words of it that went stale."""

    post: Post
    at: datetime
    flags: tuple[Stale, ...]


def past(posts: Iterable[Post], now: datetime) -> tuple[list[Post], list[Post]]:
    """Posts whose time has passed: those that await approval, and those that stand in the queue as scheduled."""
    gone = [p for p in posts if p.intended_at is not None and p.intended_at <= now]
    return [p for p in gone if p.state is State.PENDING_APPROVAL], [p for p in gone if p.state is State.SCHEDULED]


def morning(
    locks: Sequence[Lock],
    late: Sequence[Post],
    overdue: Sequence[Post],
    undecided: int,
    slots: Mapping[int, datetime],
    still: str,
    ended: datetime,
    now: datetime,
) -> Morning:
    """The four steps as they stand. `still` names the pauses that are in force; with any, no lock is lifted."""
    steps = (
        Step(
            "Nothing whose time has passed awaits approval",
            f"{_posts(len(late))} still: reject or re-date, do not approve (approving late publishes at once)"
            * bool(late),
        ),
        Step("A fresh reading shows no past times in the scheduler", _second(locks, overdue, ended, now)),
        Step(
            "Held posts are decided",
            f"{_posts(undecided)} still {'waits' if undecided == 1 else 'wait'} for a decision (freeze decide)"
            * bool(undecided),
        ),
    )
    missing = [str(n) for n, s in enumerate(steps, 1) if not s.done]
    if not locks:
        last = Step("No scheduler has a lockdown to lift")
    elif still:
        last = Step(_acts(locks), f"NOT while {still} is in force: leave it on")
    elif missing:
        last = Step(
            _acts(locks), f"NOT YET: first {' and '.join(filter(None, (', '.join(missing[:-1]), missing[-1])))}"
        )
    elif all(k.lifted is not None and k.lifted.said_at is not None for k in locks):
        last = Step(_acts(locks))
    else:
        last = Step(_acts(locks), "now, as the last thing")
    return Morning((*steps, last), tuple(locks), tuple(late), tuple(overdue), slots, still)


def _second(locks: Sequence[Lock], overdue: Sequence[Post], ended: datetime, now: datetime) -> str:
    for k in locks:
        title = k.scheduler.title
        save = f"save a new export of {title}, then run this again"
        if k.seen is None:
            return f"{title} was never seen, or could not be read: {save}"
        if k.seen < ended:
            return f"{title} was last seen {say_short(k.seen)}, before the pause ended: {save}"
        if now - k.seen > FRESH:
            return f"{title} was last seen {say_span((now - k.seen).total_seconds())} ago: {save}"
    if not overdue:
        return ""
    n = len(overdue)
    them = "it" if n == 1 else "them"
    return (
        f"{_posts(n)} past {'its' if n == 1 else 'their'} time: re-date or delete {them} there BEFORE the lock is "
        f"lifted, or {them if n == 1 else 'they'} may {'' if n == 1 else 'all '}go out at once (assumed)"
    )


def _acts(locks: Iterable[Lock]) -> str:
    return "; ".join(k.act for k in locks)


def _posts(n: int) -> str:
    return f"{n:,} post{'s' if n != 1 else ''}"


def lift_task(lock: Lock, holders: str) -> Wanted:
    """The task that appears only once the first three steps are done."""
    s = lock.scheduler
    return Wanted(
        key=f"{LIFT}:{s.connection}",
        kind=LIFT,
        title=lock.act,
        clicks=f"Where {s.switch} was switched on, switch it off, and look that nothing went out at once",
        owner=holders,
    )


def pictures_task() -> Wanted:
    """The task that follows a long pause."""
    return Wanted(
        key=f"{PICTURES}:all",
        kind=PICTURES,
        title="Put profile pictures back",
        clicks="On each account: profile picture, banner, pinned post and bio as they were before the pause.",
    )

"""Tasks: what only a person can do in a pause. Pure: what is wanted, and where each stands.

    lockdown   one for each scheduler that has a switch for everything: it covers all its posts
    approval   posts that await approval: do not approve; one for each connection and approver
    stop       posts on a reachable platform that the guard cannot change; one for each owner and set of clicks
    account    every registered account in scope that no connection can hold: nothing is scheduled in its own app

A task is *waiting*, or *someone says so* (name, time), or *checked*: only after a reading. It is never "confirmed".
Keys are stable, so that looking again never makes a second task for the same thing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from freeze.accounts import Account, slug
from freeze.holds import Hold, HoldState, digest
from freeze.posts import Post, State

LOCKDOWN, APPROVAL, STOP, ACCOUNT = "lockdown", "approval", "stop", "account"
OURS = frozenset({LOCKDOWN, APPROVAL, STOP, ACCOUNT})
"""The kinds that a sweep makes, updates and closes; others are left to whoever made them."""
DO_NOT_APPROVE = "Do not approve it; leave it or reject it."
LATE = "A post approved after its time may go out at once."


class Stands(StrEnum):
    """Where a task stands."""

    WAITING = "waiting"
    SAID = "someone says so"
    CHECKED = "checked"
    CLOSED = "no longer needed"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A task as the present state of things asks for it.

    `deadline` is the next instant (UTC) at which something could go out; None means at once.
    """

    key: str
    kind: str
    title: str
    clicks: str
    owner: str = ""
    contact: str = ""
    accounts: tuple[str, ...] = ()
    posts: tuple[int, ...] = ()
    deadline: datetime | None = None


@dataclass(frozen=True, slots=True)
class Task:
    """A stored task. `said_at` is when somebody says that it was done, in UTC."""

    number: int
    freeze: int
    wanted: Wanted
    made_at: datetime
    said_by: str = ""
    said_at: datetime | None = None
    checked_at: datetime | None = None
    closed_at: datetime | None = None

    @property
    def ref(self) -> str:
        """The short id people type."""
        return f"t{self.number}"

    @property
    def kind(self) -> str:
        return self.wanted.kind

    @property
    def connection(self) -> str:
        """The connection a lockdown, an approval or a stop belongs to."""
        return "" if self.kind == ACCOUNT else self.wanted.key.split(":")[1]

    @property
    def stands(self) -> Stands:
        """Where it stands; an answer is kept apart from a reading."""
        if self.checked_at is not None:
            return Stands.CHECKED
        if self.closed_at is not None:
            return Stands.CLOSED
        return Stands.SAID if self.said_at is not None else Stands.WAITING


@dataclass(frozen=True, slots=True)
class Scheduler:
    """A connection to a scheduler with one switch for everything, in words: "Company lockdown" in "Orlo".

    `always` asks for its lockdown although no post is known: what it showed is a copy, or it was never read.
    """

    connection: str
    title: str
    switch: str
    clicks: str
    always: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """What the tasks of one pause are worked out from.

    `holds` are the pause's open holds, `covered` the accounts it covers, `reached` those that a connection can hold on
    their own platform. `approver` decides on posts awaiting approval; empty means each account's owner.
    """

    holds: Sequence[Hold]
    posts: Mapping[int, Post]
    register: Mapping[str, Account]
    covered: Sequence[Account]
    reached: Collection[str]
    schedulers: Mapping[str, Scheduler]
    everything: bool
    clicks: Mapping[str, str]
    approver: str = ""
    approver_contact: str = ""


def wanted(facts: Facts, now: datetime) -> list[Wanted]:
    """Every task that is needed now, the one that stops most first."""
    asks = [h for h in facts.holds if h.state in (HoldState.NEEDS_A_PERSON, HoldState.REFUSED) and h.closed_at is None]
    late = [h for h in asks if h.before.state is State.PENDING_APPROVAL]
    queued = [h for h in asks if h.before.state is not State.PENDING_APPROVAL]
    locked = [h for h in queued if facts.posts[h.post].locator.connection in facts.schedulers]
    out = list(_lockdowns(facts, locked, now))
    out += _grouped(facts, APPROVAL, late, now)
    out += _grouped(facts, STOP, [h for h in queued if h not in locked], now)
    out += [_of_account(facts, a) for a in facts.covered if a.registered and a.id not in facts.reached]
    return out


def _lockdowns(facts: Facts, holds: Sequence[Hold], now: datetime) -> Iterator[Wanted]:
    for s in facts.schedulers.values():
        mine = [h for h in holds if facts.posts[h.post].locator.connection == s.connection]
        if not mine and not s.always:
            continue
        more = "" if facts.everything else " It stops every account there, also those outside this pause."
        yield Wanted(
            key=f"{LOCKDOWN}:{s.connection}",
            kind=LOCKDOWN,
            title=f"Press {s.switch} in {s.title}",
            clicks=s.clicks + more,
            accounts=_accounts(facts, mine),
            posts=tuple(h.post for h in mine),
            deadline=_next(mine, now),
        )


def _grouped(facts: Facts, kind: str, holds: Iterable[Hold], now: datetime) -> list[Wanted]:
    """One task for each connection, owner and set of clicks."""
    groups: dict[tuple[str, str, str, str], list[Hold]] = {}
    for h in holds:
        post = facts.posts[h.post]
        account = facts.register[post.account]
        owner, contact = account.owner, account.contact
        if kind == APPROVAL and facts.approver:
            owner, contact = facts.approver, facts.approver_contact
        clicks = h.clicks or facts.clicks[account.platform]
        if kind == APPROVAL:
            clicks = f"{h.clicks or DO_NOT_APPROVE} {LATE}"
        groups.setdefault((post.locator.connection, owner, contact, clicks), []).append(h)
    out = []
    for (connection, owner, contact, clicks), mine in groups.items():
        n = len(mine)
        act = "Do not approve" if kind == APPROVAL else "Stop"
        them = f"the {n} posts that await approval" if kind == APPROVAL else f"{n} scheduled posts"
        one = "the post that awaits approval" if kind == APPROVAL else "1 scheduled post"
        names = ", ".join(sorted({facts.register[a].name for a in _accounts(facts, mine)})[:3])
        key = f"{kind}:{connection}:{slug(owner) if owner else 'nobody'}"
        out.append(
            Wanted(
                key=key if kind == APPROVAL else f"{key}:{digest(clicks)[:8]}",
                kind=kind,
                title=f"{act} {them if n != 1 else one} ({connection}: {names})",
                clicks=clicks,
                owner=owner,
                contact=contact,
                accounts=_accounts(facts, mine),
                posts=tuple(h.post for h in mine),
                deadline=_next(mine, now),
            )
        )
    return out


def _of_account(facts: Facts, a: Account) -> Wanted:
    return Wanted(
        key=f"{ACCOUNT}:{a.id}",
        kind=ACCOUNT,
        title=f"Make sure that nothing is scheduled: {a.name} ({a.platform})",
        clicks=facts.clicks[a.platform],
        owner=a.owner,
        contact=a.contact,
        accounts=(a.id,),
    )


def _accounts(facts: Facts, holds: Iterable[Hold]) -> tuple[str, ...]:
    return tuple(sorted({facts.posts[h.post].account for h in holds}))


def _next(holds: Iterable[Hold], now: datetime) -> datetime | None:
    """The next instant at which one of these could go out."""
    return min((h.before.at for h in holds if h.before.at is not None and h.before.at > now), default=None)

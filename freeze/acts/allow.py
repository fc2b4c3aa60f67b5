"""Letting posts through one pause while it goes on, and taking that back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from freeze.accounts import Account
from freeze.acts import crisis, permissions, tasks
from freeze.acts.app import App
from freeze.acts.permissions import Asked
from freeze.errors import RefusedByRule, UsageError
from freeze.pauses.allowing import grantable, passing
from freeze.pauses.freezes import Freeze, standing
from freeze.permissions import Permission, levelled, spoken
from freeze.posts import Post, post_number
from freeze.store import freezes as freeze_store
from freeze.store import holds as hold_store
from freeze.store import permissions as permission_store
from freeze.store import posts as post_store
from freeze.store.journal import Transaction, once
from freeze.views.known import Known
from freeze.windows import say


@dataclass(frozen=True)
class Given:
    """What was allowed: the permissions, lines about each, what could not be, and what the approver was not asked.

    `needless` says why nothing had to be allowed. `scheduled` are posts with the very words that were allowed.
    """

    freeze: Freeze
    known: Known
    made: Sequence[Permission] = ()
    lines: Sequence[str] = ()
    bad: Sequence[str] = ()
    scheduled: Sequence[Post] = ()
    not_asked: Sequence[str] = ()
    needless: str = ""


@dataclass(frozen=True)
class Withdrawn:
    """A permission taken back; `loose` are posts that it let through and nobody holds now. `again`: it was before."""

    permission: Permission
    freeze: Freeze
    known: Known
    loose: Sequence[Post] = ()
    again: bool = False


def give(app: App, asked: Asked, ident: str | None) -> Given:
    """Record what is allowed, for one pause or the only one in force.

    Raises UsageError for what is not clear or has passed, RefusedByRule for a pause that is over or who may not.
    """
    with app.store.read() as c:
        known = app.known(c)
        known.check_names((), services=asked.services, accounts=asked.accounts)
        if asked.until is not None and asked.until <= known.now:
            raise UsageError(f"--until {say(asked.until)} has passed.", "Give a later time.")
        f = _pause(known, freeze_store.one(c, ident) if ident is not None else None, even_over=asked.about_life)
        named = post_store.by_ids(map(post_number, asked.posts))
        services = {p.service for p in post_store.fetch(c, named, known.register)}
    app.may("risk-to-life" if asked.about_life else "allow", services if asked.posts else None)
    if asked.kind and (needless := grantable(asked.kind, f, app.kinds_of_post)):
        return Given(f, known, needless=needless)
    made, lines, bad = once(app.store, app.actor, lambda tx: permissions.write(tx, app, f, asked, known.now))
    with app.store.read() as c:
        last = hold_store.last_run(c)
        after = permissions.case(app, c, f, known.now)
        waiting = permissions.known(c, known.register) if not asked.posts else []
    if last is not None:
        tasks.follow(app, last.started_at)
    if asked.kind:
        lines += permissions.reach(app, asked.kind, passing(waiting, after))
    same = [p for p in passing(waiting, after) if asked.words is not None and spoken(p) == levelled(asked.words)]
    with app.store.read() as c:
        return Given(f, app.known(c), made, lines, bad, same, crisis.not_asked(f, made))


def _pause(known: Known, named: Freeze | None, *, even_over: bool) -> Freeze:
    """The pause to allow through. Raises RefusedByRule for one that is over, UsageError where it is not clear which."""
    if named is not None:
        if standing(named, known.now).over and not even_over:
            raise RefusedByRule(f"{named.says()} is {standing(named, known.now).value}: it holds nothing any more.")
        return named
    live = [f for f in known.in_force if not f.rehearsal]
    if len(live) != 1:
        there = "; ".join(f.says() for f in live)
        raise UsageError(
            f"Say through which pause: {there}." if live else "No pause is in force: there is nothing to allow.",
            "Add --freeze ID." if live else "",
        )
    return live[0]


def withdraw(app: App, ref: str) -> Withdrawn:
    """Take a permission back. Raises UsageError for one that there is not, RefusedByRule for who may not."""
    app.may("withdraw")
    with app.store.read() as c:
        known = app.known(c)
        p = permission_store.one(c, ref)
        f = freeze_store.one(c, p.freeze)
    if p.withdrawn_at is not None:
        return Withdrawn(p, f, known, again=True)

    def write(tx: Transaction) -> list[Post]:
        permission_store.change(tx.c, p.number, withdrawn_at=known.now)
        tx.log(known.now, "permission.withdrawn", {"permission": p.ref, "freeze": p.freeze})
        if standing(f, known.now).over:
            return []
        case = permissions.case(app, tx.c, f, known.now)
        loose = post_store.fetch(tx.c, post_store.waiting() & post_store.not_held(), known.register)
        return [x for x in loose if case.inside(x) and case.held(x)]

    loose = once(app.store, app.actor, write)
    with app.store.read() as c:
        return Withdrawn(permission_store.one(c, p.ref), f, app.known(c), loose)


def every(app: App) -> tuple[Sequence[Permission], Mapping[str, Account], Known]:
    """Every permission ever given, and the register."""
    with app.store.read() as c:
        known = app.known(c)
    return known.permissions, known.register, known

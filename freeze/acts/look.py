"""Reading the store for a report."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from freeze.acts.app import App
from freeze.errors import UsageError, nearest
from freeze.holds import Hold, HoldState
from freeze.judging.evaluate import Verdicts
from freeze.outs import ALLOWED
from freeze.pauses.freezes import FAR, Freeze, standing, view
from freeze.people.sources import Age
from freeze.people.tasks import Stands
from freeze.ports import Facts
from freeze.posts import Json
from freeze.report import allowed, picture, todo
from freeze.store import freezes as freeze_store
from freeze.store import holds as hold_store
from freeze.store import log as log_store
from freeze.store import permissions as permission_store
from freeze.store import posts as post_store
from freeze.store import tasks as task_store
from freeze.views.found import Found

if TYPE_CHECKING:
    from freeze.run.tally import Tally


def found(app: App, f: Freeze) -> Found:
    """Everything about one freeze."""
    with app.store.read() as c:
        register = post_store.accounts(c)
        holds = hold_store.of_freeze(c, f.number)
        outs = hold_store.went_out(c, f.number)
        ids = {h.post for h in holds} | {o.post for o in outs}
        posts = {p.id: p for p in post_store.fetch(c, post_store.by_ids(ids), register)} if ids else {}
        now = app.now()
        seen = view(f, now, app.settings.run.lead)
        verdicts = Verdicts(Facts(now, register, (seen,), app.allowing(c)))
        late = {h.post for h in holds if h.state is HoldState.TOO_LATE}
        waiting = post_store.waiting_between(f.start, seen.windows[-1].end) if seen.holding else None
        known = [] if waiting is None else post_store.fetch(c, waiting & post_store.not_held(), register)
        loose = [p for p in known if p.id not in late and verdicts.held_by(p)]
        tasks = task_store.all_of(c, [f.number])
        queued = task_store.still_queued(c, ids) if tasks else set()
        permissions = [p for p in permission_store.all_of(c) if p.freeze == f.ref and p.stands(now)]
    last = latest(holds)
    meant = [(h, replace(posts[h.post], intended_at=h.before.at, state=h.before.state)) for h in last]
    free = sum(
        h.state is HoldState.CONFIRMED and bool(verdicts.covering(p)) and not verdicts.held_by(p) for h, p in meant
    )
    return Found(last, posts, register, outs, loose, tasks, frozenset(queued), permissions, free)


def latest(holds: Iterable[Hold]) -> list[Hold]:
    """The last hold of each post: an edited post was held again, and only that counts."""
    last: dict[int, Hold] = {}
    for h in sorted(holds, key=lambda h: h.id):
        last[h.post] = h
    return sorted(last.values(), key=lambda h: (h.before.at or FAR, h.id))


def ages(app: App) -> list[Age]:
    """How old what each connection of the settings showed is."""
    with app.store.read() as c:
        rows = post_store.sources(c)
    out = []
    for name in app.settings.connections:
        mine = [r for r in rows if r.connection == name]
        whole = next((r for r in mine if r.native == ""), None)
        as_of = min((r.as_of for r in mine if r.as_of), default=None)
        reason = next((r.reason for r in mine if r.reason), "")
        out.append(Age(name, whole.read_at if whole else None, as_of, reason))
    return out


def head(app: App) -> str:
    """The log's head, which every digest prints."""
    with app.store.read() as c:
        return log_store.head(c)


def code(f: Found, tally: Tally | None) -> int:
    """3 while anything of a freeze is not settled, or while something could not be read; else 0."""
    unsettled = {*picture.UNSURE, *picture.WAITS}
    open_ones = any(h.state in unsettled and h.closed_at is None for h in f.holds)
    late = any(h.state is HoldState.TOO_LATE for h in f.holds) or any(o.how != ALLOWED for o in f.outs) or bool(f.loose)
    late = late or any(t.stands is Stands.WAITING for t in f.tasks)
    broken = tally is not None and (tally.gaps or tally.rejects or tally.interrupted)
    return 3 if open_ones or late or broken else 0


def data(f: Freeze, what: Found, tally: Tally | None, now: datetime, all_freezes: Iterable[Freeze]) -> dict[str, Json]:
    """One freeze for `--json`."""
    numbers = {x.number: x for x in all_freezes} | {f.number: f}
    out = picture.freeze_json(f, now) | {
        "counts": picture.counts(what.holds),
        "kinds": picture.kinds(what.holds),
        "posts": [
            picture.post_json(what.posts[h.post], what.register.get(what.posts[h.post].account))
            | {"hold": picture.hold_json(h, now, numbers)}
            for h in what.holds
        ],
        "not_held": [picture.post_json(p, what.register.get(p.account)) for p in what.loose],
        "went_out": [picture.out_json(o, what.posts) for o in what.outs],
        "passed": todo.passed_json(what.passed(now)),
        "task_counts": todo.counts(what.tasks),
        "tasks": [todo.task_json(t) for t in what.tasks if t.closed_at is None],
        "quiet": f.quiet,
        "permissions": [allowed.as_json(p, now) for p in what.permissions],
        "allowed_still_held": what.free,
    }
    if tally is not None:
        out["gaps"] = [picture.gap_json(g) for g in tally.gaps]
        out["rows_not_used"] = [{"where": r.where, "reason": r.reason} for r in tally.rejects.values()]
        out["notes"] = [{"post": f"p{n.post}", "kind": n.kind, "sentence": n.sentence} for n in tally.notes]
        out["interrupted"] = tally.interrupted
    return out


def all_freezes(app: App) -> list[Freeze]:
    """Every freeze ever declared."""
    with app.store.read() as c:
        return freeze_store.all_of(c)


def in_force(app: App, now: datetime) -> list[Freeze]:
    """Freezes that are not over."""
    return [f for f in all_freezes(app) if not standing(f, now).over]


def check_names(app: App, *, services: Iterable[str], accounts: Iterable[str], platforms: Iterable[str]) -> None:
    """Refuse a scope that names what is not on the register. Raises UsageError with the nearest name."""
    with app.store.read() as c:
        register = post_store.accounts(c).values()
    for what, given, known in (
        ("service", services, {a.service for a in register if a.service}),
        ("account", accounts, {a.id for a in register}),
        ("platform", platforms, {a.platform for a in register} | set(app.kinds)),
    ):
        for name in given:
            if name not in known:
                raise UsageError(f'There is no {what} "{name}".', nearest(name, known))

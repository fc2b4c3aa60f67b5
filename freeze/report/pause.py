"""One pause for `--json`: where every post stands, and what a run could not do."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

from freeze.accounts import Gap
from freeze.pauses.freezes import Freeze
from freeze.posts import Json, Reject
from freeze.report import allowed, picture, todo
from freeze.views.found import Found, Note


class Ran(Protocol):
    """What is told of a run: what could not be read or used, what people must hear, and whether it was cut short."""

    gaps: list[Gap]
    rejects: dict[str, Reject]
    notes: list[Note]
    unregistered: list[str]
    interrupted: bool

    @property
    def broken(self) -> bool: ...


def data(f: Freeze, what: Found, ran: Ran | None, now: datetime, all_freezes: Iterable[Freeze]) -> dict[str, Json]:
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
    if ran is not None:
        out["gaps"] = [picture.gap_json(g) for g in ran.gaps]
        out["rows_not_used"] = [{"where": r.where, "reason": r.reason} for r in ran.rejects.values()]
        out["notes"] = [{"post": f"p{n.post}", "kind": n.kind, "sentence": n.sentence} for n in ran.notes]
        out["interrupted"] = ran.interrupted
    return out

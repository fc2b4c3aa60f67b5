"""The state of a freeze as plain data: what `--json` prints and the text reports are written from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from freeze.accounts import Account, Gap
from freeze.holds import Hold, HoldState, Kind
from freeze.pauses.freezes import Freeze, standing
from freeze.posts import Json, Post
from freeze.words import excerpt

if TYPE_CHECKING:
    from freeze.pauses.preview import Plan


def freeze_json(f: Freeze, now: datetime) -> dict[str, Json]:
    """A freeze; instants are ISO 8601 in UTC."""
    return {
        "id": f.ref,
        "preset": f.preset,
        "title": f.title,
        "standing": standing(f, now).value,
        "windows": [{"start": w.start.isoformat(), "end": w.end.isoformat(), "civil": w.civil} for w in f.windows],
        "provisional_end": f.provisional,
        "d_day": f.d_day.isoformat() if f.d_day else None,
        "assumed": f.because,
        "scope": {
            "everything": f.scope.everything,
            "services": list(f.scope.services),
            "accounts": list(f.scope.accounts),
            "platforms": list(f.scope.platforms),
        },
        "reason": f.reason,
        "authority": f.authority,
        "declared_at": f.declared_at.isoformat(),
        "declared_by": f.declared_by,
        "rehearsal": f.rehearsal,
        "ended_at": f.ended_at.isoformat() if f.ended_at else None,
        "clause": f.clause,
    }


def post_json(p: Post, account: Account | None = None) -> dict[str, Json]:
    """A post; `text` is a short excerpt."""
    return {
        "post": p.ref,
        "account": p.account,
        "account_name": account.name if account else p.account,
        "platform": p.platform,
        "service": p.service,
        "connection": p.locator.connection,
        "native_id": p.locator.native_id,
        "due": p.intended_at.isoformat() if p.intended_at else None,
        "state": p.state.value,
        "text": excerpt(p),
        "also": f"p{p.same_as}" if p.same_as else None,
    }


def hold_json(h: Hold, now: datetime, freezes: Mapping[int, Freeze]) -> dict[str, Json]:
    """A hold."""
    return {
        "state": h.state.value,
        "kind": h.kind.value,
        "held_by": [freezes[n].ref for n in h.claims if n in freezes and not standing(freezes[n], now).over],
        "why": h.why,
        "do": h.clicks,
        "detail": h.detail,
        "missed": h.missed(now),
        "checked_at": h.checked_at.isoformat() if h.checked_at else None,
        "fires_at": h.expires_at.isoformat() if h.expires_at else None,
        "decision": h.decision or None,
        "decided_time": h.decided_time.isoformat() if h.decided_time else None,
    }


def plan_json(plan: Plan, register: Mapping[str, Account]) -> dict[str, Json]:
    """A preview."""
    return {
        "posts": len(plan.items),
        "by_kind": {k.value: n for k, n in plan.by_kind.items()},
        "by_service": plan.count("service"),
        "by_account": plan.count("account"),
        "too_late": [i.post.ref for i in plan.too_late],
        "items": [
            post_json(i.post, register.get(i.post.account))
            | {"kind": i.kind.value, "will": i.state.value, "why": i.why, "do": i.clicks}
            for i in plan.items
        ],
    }


def counts(holds: Iterable[Hold]) -> dict[str, int]:
    """How many holds stand in each state. A post seen in several queues counts in each: each must be stopped."""
    return dict(Counter(h.state.value for h in holds))


def kinds(holds: Iterable[Hold]) -> dict[str, int]:
    """How many confirmed holds of each kind."""
    return dict(Counter(h.kind.value for h in holds if h.state is HoldState.CONFIRMED))


def gap_json(g: Gap) -> dict[str, Json]:
    """Something that could not be read."""
    return {"connection": g.connection, "account": g.account or None, "reason": g.reason, "advice": g.advice or None}


def out_json(row: Any, posts: Mapping[int, Post]) -> dict[str, Json]:
    """A post that went out inside a freeze."""
    p = posts.get(row.post)
    base = post_json(p) if p else {"post": f"p{row.post}"}
    return base | {"out_at": row.at.isoformat(), "how": row.how, "why": row.why, "freeze": f"f{row.declaration}"}


def fires(holds: Iterable[Hold]) -> list[tuple[datetime, Hold]]:
    """The held posts that go out by themselves unless the guard runs again, and when; the first one first."""
    mine = [(h.expires_at, h) for h in holds if h.expires_at and h.kind is Kind.PUSH and h.closed_at is None]
    return sorted(mine, key=lambda x: (x[0], x[1].id))

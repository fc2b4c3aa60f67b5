"""Holds, intents, runs and what went out, in the store."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select

from freeze.holds import Change, Expected, Hold, HoldState, Intent, Kind, Refusal, Snapshot, Verb, follow
from freeze.posts import Absent, Seen
from freeze.store.tables import CLAIM, HOLD, INTENT, OUT, PLAN, POST, RUN


@dataclass(frozen=True, slots=True)
class ToHold:
    """One post to be held: as it was just seen, what the platform offers, and which freezes ask for it.

    `as_of` is set where it was seen in a copy made then; `edition` is that of the pauses it was judged by.
    """

    post: int
    seen: Seen
    offer: Change | Refusal
    freezes: tuple[int, ...]
    as_of: datetime | None = None
    edition: int = -1


@dataclass(frozen=True, slots=True)
class Purpose:
    """What is meant for one hold, and what was there `before`."""

    hold: int
    verb: Verb
    change: Change
    before: Expected


def open_holds(c: Connection, run: int, wanted: Sequence[ToHold], now: datetime) -> list[tuple[Hold, Intent | None]]:
    """Write a hold (and, where something will be sent, the intent) for each; in the caller's transaction."""
    if not wanted:
        return []
    rows = [_opened(w, now) for w in wanted]
    made = c.execute(HOLD.insert().returning(HOLD.c.id, sort_by_parameter_order=True), rows)
    ids = [int(r[0]) for r in made]
    c.execute(
        CLAIM.insert(), [{"hold": h, "declaration": f} for h, w in zip(ids, wanted, strict=True) for f in w.freezes]
    )
    purposes = [
        Purpose(h, Verb.HOLD, w.offer, was(w.seen))
        for h, w in zip(ids, wanted, strict=True)
        if isinstance(w.offer, Change)
    ]
    intents = {i.hold: i for i in write_intents(c, run, purposes, now)}
    return [(_hold(row | {"id": h}, w.freezes), intents.get(h)) for h, row, w in zip(ids, rows, wanted, strict=True)]


def _opened(w: ToHold, now: datetime) -> dict[str, Any]:
    change = w.offer if isinstance(w.offer, Change) else None
    state = w.offer.state if isinstance(w.offer, Refusal) else HoldState.REQUESTED
    return {
        "post": w.post,
        "state": state.value,
        "kind": change.kind.value if change else Kind.HUMAN.value,
        "why": w.offer.why,
        "clicks": w.offer.clicks if isinstance(w.offer, Refusal) else "",
        "before": Snapshot(w.seen).to_json(),
        "expected": (change.expected if change else was(w.seen)).to_json(),
        "expires_at": change.expires_at if change else None,
        "opened_at": now,
        "closed_at": now if state in (HoldState.TOO_LATE, HoldState.GONE) else None,
    }


def was(seen: Seen | Absent) -> Expected:
    """What a reading shows while nothing has changed since `seen`."""
    if isinstance(seen, Absent):
        return Expected(absent=True)
    return Expected(seen.state, seen.at, seen.content)


def write_intents(c: Connection, run: int, purposes: Sequence[Purpose], now: datetime) -> list[Intent]:
    """Journal purposes; in the caller's transaction, before anything is sent."""
    if not purposes:
        return []
    rows = [
        {
            "run": run,
            "hold": p.hold,
            "verb": p.verb.value,
            "change": p.change.to_json(),
            "was": p.before.to_json(),
            "state": "intended",
            "sent": 0,
            "at": now,
        }
        for p in purposes
    ]
    made = c.execute(INTENT.insert().returning(INTENT.c.id, sort_by_parameter_order=True), rows)
    return [
        Intent(int(r[0]), p.hold, p.verb, p.change, p.before, "intended", run=run)
        for r, p in zip(made, purposes, strict=True)
    ]


def write_intent(
    c: Connection, run: int, hold: int, verb: Verb, change: Change, before: Expected, now: datetime
) -> Intent:
    """Journal one purpose, as `write_intents` does."""
    return write_intents(c, run, [Purpose(hold, verb, change, before)], now)[0]


def note_sent(c: Connection, intent: int, sent: int, made: str = "") -> None:
    """Note how many of an intent's steps have been begun, and the id of a post it made."""
    values: dict[str, Any] = {"sent": sent}
    if made:
        values["made"] = made
    c.execute(INTENT.update().where(INTENT.c.id == intent).values(values))


def take_over(c: Connection, intent: int, run: int) -> None:
    """Note that another run sends an intent now."""
    c.execute(INTENT.update().where(INTENT.c.id == intent).values(run=run))


def claim(c: Connection, hold: int, freezes: Iterable[int]) -> None:
    """Note that more freezes hold an open hold."""
    rows = [{"hold": hold, "declaration": f} for f in freezes]
    if rows:
        c.execute(CLAIM.insert(), rows)


def change_hold(c: Connection, hold: int, **values: Any) -> None:
    """Change columns of one hold. Raises ForbiddenMove for a state that cannot follow the one it is in."""
    if "state" in values:
        follow(
            HoldState(c.execute(select(HOLD.c.state).where(HOLD.c.id == hold)).scalar_one()), HoldState(values["state"])
        )
    c.execute(HOLD.update().where(HOLD.c.id == hold).values(values))


def one(c: Connection, ident: int) -> Hold:
    """One hold as it stands now, whoever changed it since."""
    return holds(c, HOLD.c.id == ident)[0]


def taken_for_gone(c: Connection, since: datetime) -> dict[int, Hold]:
    """The last hold of each post whose last hold was closed since then because the post was gone, by post."""
    newer = HOLD.alias()
    last = ~select(newer.c.id).where(newer.c.post == HOLD.c.post, newer.c.id > HOLD.c.id).exists()
    return {h.post: h for h in holds(c, (HOLD.c.state == HoldState.GONE.value) & (HOLD.c.closed_at >= since) & last)}


def reopen(c: Connection, hold: int, detail: str, now: datetime) -> None:
    """Open a hold again that was closed: its post stands where the guard left it after all."""
    values = {"state": HoldState.CONFIRMED.value, "detail": detail, "closed_at": None, "checked_at": now}
    c.execute(HOLD.update().where(HOLD.c.id == hold).values(values))


def parked_times(c: Connection, hold: int) -> set[datetime]:
    """Every time (UTC) at which the guard has parked the post of one hold, or meant to."""
    rows = c.execute(select(INTENT.c.change).where(INTENT.c.hold == hold, INTENT.c.verb != Verb.PUT_BACK.value))
    found = (Change.from_json(r[0]).expires_at for r in rows)
    return {at for at in found if at is not None}


def unfinished(c: Connection) -> dict[int, Intent]:
    """Purposes that no reading has settled yet, by hold: left by a run that died, or that could not find out."""
    rows = c.execute(select(INTENT).where(INTENT.c.done_at.is_(None)).order_by(INTENT.c.id))
    return {
        r.hold: Intent(
            r.id,
            r.hold,
            Verb(r.verb),
            Change.from_json(r.change),
            Expected.from_json(r.was),
            r.state,
            r.sent,
            r.made,
            r.run,
        )
        for r in rows
    }


def holds(c: Connection, where: Any = None) -> list[Hold]:
    """Holds in order of their post's intended time; the open ones unless `where` says otherwise."""
    query = select(HOLD).join(POST, POST.c.id == HOLD.c.post)
    query = query.where(HOLD.c.closed_at.is_(None) if where is None else where)
    rows = c.execute(query.order_by(POST.c.intended_at, HOLD.c.id)).mappings().all()
    claims: dict[int, list[int]] = {}
    ids = [r["id"] for r in rows]
    for start in range(0, len(ids), 500):
        chunk = ids[start : start + 500]
        for h, f in c.execute(select(CLAIM.c.hold, CLAIM.c.declaration).where(CLAIM.c.hold.in_(chunk))):
            claims.setdefault(h, []).append(f)
    return [_hold(r, tuple(sorted(claims.get(r["id"], ())))) for r in rows]


def of_freeze(c: Connection, freeze: int) -> list[Hold]:
    """Every hold, open or closed, that a freeze asked for."""
    return holds(c, HOLD.c.id.in_(select(CLAIM.c.hold).where(CLAIM.c.declaration == freeze)))


def of_posts(c: Connection, posts: Iterable[int]) -> dict[int, Hold]:
    """The open hold of each post that has one."""
    found = holds(c, HOLD.c.post.in_(list(posts)) & HOLD.c.closed_at.is_(None))
    return {h.post: h for h in found}


def unclaimed(c: Connection, live: Collection[int]) -> tuple[int, list[int]]:
    """How many open holds no freeze of `live` claims any more, and which freezes held them."""
    claimed = select(CLAIM.c.hold).where(CLAIM.c.declaration.in_(list(live)))
    rows = c.execute(
        select(HOLD.c.id, CLAIM.c.declaration)
        .join(CLAIM, CLAIM.c.hold == HOLD.c.id)
        .where(HOLD.c.closed_at.is_(None), HOLD.c.id.not_in(claimed))
    ).all()
    return len({r[0] for r in rows}), sorted({r[1] for r in rows})


def begin_run(c: Connection, command: str, who: str, now: datetime) -> int:
    """A new run."""
    row = {"command": command, "who": who, "started_at": now}
    return int(c.execute(RUN.insert().returning(RUN.c.id), [row]).scalar_one())


def end_run(c: Connection, run: int, now: datetime) -> None:
    """A run that came to its end."""
    c.execute(RUN.update().where(RUN.c.id == run).values(ended_at=now))


def last_run(c: Connection) -> Any:
    """The latest run: command, who, started_at, ended_at; None where there was none."""
    return c.execute(select(RUN).order_by(RUN.c.id.desc()).limit(1)).first()


def note_out(c: Connection, post: int, freeze: int, at: datetime, how: str, why: str, *, instead_of: str = "") -> bool:
    """Record that a post went out inside a freeze; False when it was recorded before.

    What was recorded as `instead_of` gives way: it may have gone out, and now it is known.
    """
    here = (OUT.c.post == post) & (OUT.c.declaration == freeze)
    before = c.execute(select(OUT.c.how).where(here)).scalar()
    if before is None:
        c.execute(OUT.insert().values(post=post, declaration=freeze, at=at, how=how, why=why))
        return True
    if before == how or before != instead_of:
        return False
    c.execute(OUT.update().where(here).values(at=at, how=how, why=why))
    return True


def clear_out(c: Connection, post: int, how: str) -> bool:
    """Take back what was recorded of a post, where it was recorded as `how`; whether there was anything."""
    return c.execute(OUT.delete().where(OUT.c.post == post, OUT.c.how == how)).rowcount > 0


def seen_elsewhere(c: Connection, unsure: str, known: Collection[str]) -> list[Any]:
    """What is recorded as `unsure` and is another sight of a post recorded as one of `known`: rows unsure, then as
    `went_out` gives that other one, with its connection.
    """
    maybe, there, mine, other = OUT.alias(), OUT.alias(), POST.alias(), POST.alias()
    same = func.coalesce(mine.c.same_as, mine.c.id) == func.coalesce(other.c.same_as, other.c.id)
    query = (
        select(maybe.c.post.label("unsure"), *there.c, other.c.connection)
        .join(mine, mine.c.id == maybe.c.post)
        .join(there, there.c.declaration == maybe.c.declaration)
        .join(other, other.c.id == there.c.post)
        .where(maybe.c.how == unsure, there.c.how.in_(list(known)), mine.c.id != other.c.id, same)
        .order_by(maybe.c.post, there.c.post)
    )
    return list(c.execute(query))


def went_out(c: Connection, freeze: int | None = None) -> list[Any]:
    """What went out inside freezes: rows post, declaration, at, how, why."""
    query = select(OUT).order_by(OUT.c.at)
    return list(c.execute(query if freeze is None else query.where(OUT.c.declaration == freeze)))


def keep_plan(c: Connection, digest: str, freeze: int, items: list[Any], now: datetime) -> None:
    """Keep a way back as it was shown."""
    if not c.execute(select(PLAN.c.digest).where(PLAN.c.digest == digest)).first():
        c.execute(PLAN.insert().values(digest=digest, declaration=freeze, items=items, made_at=now))


def plan(c: Connection, digest: str) -> Any:
    """A plan kept earlier, or None."""
    return c.execute(select(PLAN).where(PLAN.c.digest == digest)).first()


def _hold(r: Any, claims: tuple[int, ...]) -> Hold:
    return Hold(
        id=r["id"],
        post=r["post"],
        state=HoldState(r["state"]),
        kind=Kind(r["kind"]),
        why=r["why"],
        clicks=r["clicks"],
        before=Snapshot.from_json(r["before"]).seen,
        expected=Expected.from_json(r["expected"]),
        expires_at=r["expires_at"],
        opened_at=r["opened_at"],
        checked_at=r.get("checked_at"),
        detail=r.get("detail") or "",
        decision=r.get("decision") or "",
        decided_time=r.get("decided_time"),
        decided_by=r.get("decided_by") or "",
        claims=claims,
        closed_at=r.get("closed_at"),
    )

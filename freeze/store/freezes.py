"""Declared freezes in the store."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, select

from freeze.errors import UsageError
from freeze.pauses.freezes import Freeze
from freeze.ports import Scope
from freeze.store.tables import FREEZE, META
from freeze.windows import Window


def all_of(c: Connection) -> list[Freeze]:
    """Every freeze ever declared, oldest first."""
    return [_freeze(r) for r in c.execute(select(FREEZE).order_by(FREEZE.c.id)).mappings()]


def one(c: Connection, ref: str) -> Freeze:
    """The freeze with this short id ("f3", or "3"). Raises UsageError naming those there are."""
    number = ref.strip().lower().removeprefix("f")
    found = all_of(c)
    for f in found:
        if str(f.number) == number:
            return f
    there = ", ".join(f.ref for f in found)
    raise UsageError(f'There is no pause "{ref}".', f"There are: {there}." if there else "None was ever declared.")


def edition(c: Connection) -> int:
    """How often what holds a post was changed: a run that finds another number must judge again."""
    return int(c.execute(select(META.c.value).where(META.c.key == "pauses")).scalar() or 0)


def changed(c: Connection) -> None:
    """Note, in the caller's serialised transaction, that a pause or a permission is not what it was."""
    c.execute(META.update().where(META.c.key == "pauses").values(value=str(edition(c) + 1)))


def insert_unless(c: Connection, new: Freeze, repeats: Callable[[list[Freeze]], Freeze | None]) -> tuple[Freeze, bool]:
    """Add `new` unless it repeats one that stands; returns the freeze that stands and whether it is new.

    The caller's transaction is serialised, so two operators at once make one freeze.
    """
    standing = repeats(all_of(c))
    if standing is not None:
        return standing, False
    changed(c)
    number = int(c.execute(FREEZE.insert().returning(FREEZE.c.id), [_row(new)]).scalar_one())
    return one(c, str(number)), True


def update(c: Connection, f: Freeze) -> None:
    """Write a changed freeze back."""
    changed(c)
    c.execute(FREEZE.update().where(FREEZE.c.id == f.number).values(_row(f)))


def _row(f: Freeze) -> dict[str, Any]:
    return {
        "preset": f.preset,
        "title": f.title,
        "policy": f.policy,
        "clause": f.clause,
        "scope": asdict(f.scope),
        "windows": [[w.start.isoformat(), w.end.isoformat(), w.civil] for w in f.windows],
        "provisional": f.provisional,
        "d_day": f.d_day.isoformat() if f.d_day else "",
        "because": f.because,
        "reason": f.reason,
        "authority": f.authority,
        "declared_at": f.declared_at,
        "declared_by": f.declared_by,
        "rehearsal": f.rehearsal,
        "ended_at": f.ended_at,
        "ended_how": f.ended_how,
        "announced_at": f.announced_at,
        "announced_source": f.announced_source,
        "key": f.key,
        "details": dict(f.details),
    }


def _freeze(r: Any) -> Freeze:
    s = r["scope"]
    return Freeze(
        number=r["id"],
        preset=r["preset"],
        title=r["title"],
        policy=r["policy"],
        clause=r["clause"],
        scope=Scope(s["everything"], tuple(s["services"]), tuple(s["accounts"]), tuple(s["platforms"])),
        windows=tuple(Window(datetime.fromisoformat(a), datetime.fromisoformat(b), w) for a, b, w in r["windows"]),
        provisional=r["provisional"],
        d_day=date.fromisoformat(r["d_day"]) if r["d_day"] else None,
        because=r["because"],
        reason=r["reason"],
        authority=r["authority"],
        declared_at=r["declared_at"],
        declared_by=r["declared_by"],
        rehearsal=r["rehearsal"],
        ended_at=r["ended_at"],
        ended_how=r["ended_how"],
        announced_at=r["announced_at"],
        announced_source=r["announced_source"],
        key=r["key"],
        details=r["details"],
    )

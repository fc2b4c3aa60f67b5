"""Posts and accounts in the store: taking in what was seen, and reading it back as plain values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from sys import intern
from typing import Any

from sqlalchemy import Connection, Select, and_, bindparam, func, or_, select, tuple_

from freeze.accounts import Account, SeenAccount, slug
from freeze.holds import Snapshot
from freeze.posts import GOES_OUT, Locator, Post, Seen, State
from freeze.store.tables import ACCOUNT, ALIAS, HOLD, OUT, POST, SOURCE
from freeze.windows import Window

COLUMNS = (
    POST.c.id,
    POST.c.connection,
    POST.c.native_account,
    POST.c.native_id,
    POST.c.occurrence,
    POST.c.account,
    POST.c.state,
    POST.c.intended_at,
    POST.c.text,
    POST.c.title,
    POST.c.author,
    POST.c.app,
    POST.c.same_as,
    POST.c.tags,
    POST.c.link,
    POST.c.media,
    POST.c.boosted,
)

ACCOUNT_COLUMNS = tuple(column for column in ACCOUNT.c if column.name != "details")


PLACE = (POST.c.native_account, POST.c.native_id, POST.c.occurrence)
TOLD = (
    POST.c.state,
    POST.c.at,
    POST.c.intended_at,
    POST.c.content,
    POST.c.author,
    POST.c.app,
    POST.c.tags,
    POST.c.boosted,
)


def accounts(c: Connection) -> dict[str, Account]:
    """The register, with every unregistered account that was seen."""
    return {r.id: Account(*r) for r in c.execute(select(*ACCOUNT_COLUMNS).order_by(ACCOUNT.c.id))}


def aliases(c: Connection) -> dict[tuple[str, str], str]:
    """Which account each (connection, platform's own id) is."""
    return {(r.connection, r.native): r.account for r in c.execute(select(ALIAS))}


def note_accounts(c: Connection, seen: Iterable[SeenAccount]) -> list[str]:
    """Give every seen account that nobody registered a place of its own; returns the new ids."""
    known = aliases(c)
    taken = set(accounts(c))
    new = []
    for s in seen:
        if (s.connection, s.native) in known:
            continue
        base = f"{slug(s.name)}-{s.platform}"
        ident = next(i for i in (base, *(f"{base}-{n}" for n in range(2, 10_000))) if i not in taken)
        c.execute(
            ACCOUNT.insert().values(
                id=ident, name=s.name, platform=s.platform, handle=s.handle, registered=False, in_scope=True
            )
        )
        c.execute(ALIAS.insert().values(connection=s.connection, native=s.native, account=ident))
        known[s.connection, s.native] = ident
        taken.add(ident)
        new.append(ident)
    return new


def take_in(c: Connection, seen: Sequence[Seen], names: Mapping[tuple[str, str], str], now: datetime) -> list[int]:
    """Store what was seen (all on one connection); returns the post ids in the same order.

    `intended_at` follows the platform only while no hold is open on the post.
    """
    if not seen:
        return []
    keys = [(s.locator.account, s.locator.native_id, s.locator.occurrence) for s in seen]
    connection = seen[0].locator.connection
    held = select(HOLD.c.post).where(HOLD.c.closed_at.is_(None))
    known: dict[tuple[str, str, str], tuple[int, bool]] = {}
    stored: dict[tuple[str, str, str], tuple[Any, ...]] = {}
    for start in range(0, len(keys), 300):
        rows = c.execute(
            select(*PLACE, POST.c.id, POST.c.id.in_(held), *TOLD).where(
                POST.c.connection == connection, tuple_(*PLACE).in_(keys[start : start + 300])
            )
        )
        for native_account, native_id, occurrence, ident, is_held, *told in rows:
            known[native_account, native_id, occurrence] = (int(ident), bool(is_held))
            stored[native_account, native_id, occurrence] = tuple(told)
    fresh = {k: s for k, s in zip(keys, seen, strict=True) if k not in known}
    if fresh:
        result = c.execute(
            POST.insert().returning(POST.c.id, sort_by_parameter_order=True),
            [
                {**_row(s), **_key(s, names), "intended_at": s.at, "first_seen": now, "last_seen": now}
                for s in fresh.values()
            ],
        )
        known.update({k: (int(r[0]), False) for k, r in zip(fresh, result, strict=True)})
    same = {k for k, s in zip(keys, seen, strict=True) if k in stored and _same(s, stored[k], held=known[k][1])}
    if same:
        c.execute(POST.update().where(POST.c.id.in_([known[k][0] for k in same])).values(last_seen=now))
    for is_held in (False, True):
        changes: list[dict[str, Any]] = [
            {"k": known[k][0], **{f"v_{n}": v for n, v in _row(s).items()}, "v_last_seen": now}
            for k, s in zip(keys, seen, strict=True)
            if k not in fresh and k not in same and known[k][1] is is_held
        ]
        if changes:
            names_of = [n.removeprefix("v_") for n in changes[0] if n != "k"]
            values: dict[str, Any] = {n: bindparam(f"v_{n}") for n in names_of}
            if not is_held:
                values["intended_at"] = bindparam("v_at")
            c.execute(POST.update().where(POST.c.id == bindparam("k")).values(values), changes)
    return [known[k][0] for k in keys]


def _same(s: Seen, stored: tuple[Any, ...], *, held: bool) -> bool:
    """Whether a reading tells nothing new: most of a full queue, whose words need not be written again."""
    state, at, intended_at, content, author, app, tags, boosted = stored
    told = (s.state.value, s.at, s.content, s.author, s.app, list(s.tags), s.boosted)
    return told == (state, at, content, author, app, tags, boosted) and (held or intended_at == s.at)


def _key(s: Seen, names: Mapping[tuple[str, str], str]) -> dict[str, Any]:
    at = s.locator
    return {
        "connection": at.connection,
        "native_account": at.account,
        "native_id": at.native_id,
        "occurrence": at.occurrence,
        "account": names[at.connection, at.account],
    }


def _row(s: Seen) -> dict[str, Any]:
    return {
        "state": s.state.value,
        "at": s.at,
        "text": s.text,
        "title": s.title,
        "author": s.author,
        "app": s.app,
        "content": s.content,
        "tags": list(s.tags),
        "link": s.link,
        "media": list(s.media),
        "boosted": s.boosted,
        "seen": Snapshot(s).to_json(),
    }


def note_moved(c: Connection, read: Sequence[tuple[int, Seen]], now: datetime) -> None:
    """Note where posts stand that were read back exactly as the guard changed them: only state and time moved."""
    rows = [{"k": post, "v_state": s.state.value, "v_at": s.at, "v_now": now} for post, s in read]
    if rows:
        values: dict[str, Any] = {
            "state": bindparam("v_state"),
            "at": bindparam("v_at"),
            "last_seen": bindparam("v_now"),
        }
        c.execute(POST.update().where(POST.c.id == bindparam("k")).values(values), rows)


def mark(c: Connection, post: int, state: State, now: datetime) -> None:
    """Note that a post is known to be in `state` without having been shown again."""
    c.execute(POST.update().where(POST.c.id == post).values(state=state.value, last_seen=now))


def settle_times(c: Connection, post: int, at: datetime | None) -> None:
    """Set when a post is meant to go out, after a person decided so."""
    c.execute(POST.update().where(POST.c.id == post).values(intended_at=at))


def to_post(row: Any, register: Mapping[str, Account]) -> Post:
    """A row (columns `COLUMNS`) as rules see it."""
    ident, connection, native_account, native_id, occurrence, account, state, *rest, tags, link, media, boosted = row
    intended_at, text, title, author, app, same_as = rest
    a = register[account]
    # Thousands of posts share these few names; a database gives each row its own copy.
    at = Locator(intern(connection), intern(native_account), native_id, occurrence)
    said = (intended_at, text, title, intern(author), intern(app), same_as)
    return Post(ident, a.id, a.platform, a.service, at, State(state), *said, tuple(tags), link, tuple(media), boosted)


def fetch(c: Connection, where: Any, register: Mapping[str, Account]) -> Iterator[Post]:
    """Stored posts in order of their intended time, a thousand at a time."""
    query: Select[Any] = select(*COLUMNS).where(where).order_by(POST.c.intended_at, POST.c.id)
    with c.execute(query, execution_options={"yield_per": 1000}) as rows:  # closed also where nobody reads to the end
        for row in rows:
            yield to_post(row, register)


class Stored:
    """Stored posts in order of time, read again by everybody who goes through them; the transaction has to be open."""

    def __init__(self, c: Connection, where: Any, register: Mapping[str, Account]) -> None:
        self._asked = c, where, register

    def __iter__(self) -> Iterator[Post]:
        return fetch(*self._asked)


def named(c: Connection, ids: Iterable[int], register: Mapping[str, Account]) -> dict[int, Post]:
    """These posts by id; however many."""
    wanted = sorted(ids)
    some = (wanted[start : start + 500] for start in range(0, len(wanted), 500))
    return {p.id: p for few in some for p in fetch(c, by_ids(few), register)}


def counted(c: Connection, where: Any) -> dict[str, int]:
    """How many posts each account has there."""
    query = select(POST.c.account, func.count()).where(where).group_by(POST.c.account)
    return {r[0]: int(r[1]) for r in c.execute(query)}


def waiting() -> Any:
    """Posts that can still go out."""
    return POST.c.state.in_([s.value for s in sorted(GOES_OUT)])


def waiting_between(start: datetime, end: datetime) -> Any:
    """Posts that can still go out, meant for [start, end), or without a time, or awaiting a late approval."""
    return and_(
        waiting(),
        or_(
            and_(POST.c.intended_at >= start, POST.c.intended_at < end),
            POST.c.intended_at.is_(None),
            and_(POST.c.state == State.PENDING_APPROVAL.value, POST.c.intended_at < end),
        ),
    )


def due_in(span: Window) -> Any:
    """Posts meant for this span, or without a time."""
    return or_(and_(POST.c.intended_at >= span.start, POST.c.intended_at < span.end), POST.c.intended_at.is_(None))


def not_held() -> Any:
    """Posts on which no hold is open."""
    return POST.c.id.not_in(select(HOLD.c.post).where(HOLD.c.closed_at.is_(None)))


def published_since(since: datetime) -> Any:
    """Posts seen to have gone out since an instant."""
    return and_(POST.c.state == State.PUBLISHED.value, POST.c.at >= since)


def out_since(since: datetime) -> Any:
    """Posts seen to have gone out since an instant, that are under no hold and were not named as out."""
    held = select(HOLD.c.post).where(HOLD.c.closed_at.is_(None))
    named = select(OUT.c.post)
    return and_(published_since(since), POST.c.id.not_in(held), POST.c.id.not_in(named))


def by_ids(ids: Iterable[int]) -> Any:
    """These posts."""
    return POST.c.id.in_(list(ids))


def snapshots(c: Connection, ids: Sequence[int]) -> dict[int, Seen]:
    """The last reading of each post: what was kept of it whole, where the guard has seen it stand since."""
    out: dict[int, Seen] = {}
    for start in range(0, len(ids), 500):
        query = select(POST.c.id, POST.c.seen, POST.c.state, POST.c.at).where(POST.c.id.in_(ids[start : start + 500]))
        for r in c.execute(query):
            out[r.id] = replace(Snapshot.from_json(r.seen).seen, state=State(r.state), at=r.at)
    return out


def twins(c: Connection, ids: Iterable[int]) -> dict[int, tuple[int, ...]]:
    """For each post, the other sights of the same post."""
    wanted = list(ids)
    rows = c.execute(select(POST.c.id, POST.c.same_as).where(or_(POST.c.same_as.is_not(None), POST.c.id.in_(wanted))))
    groups: dict[int, set[int]] = {}
    for ident, primary in rows:
        groups.setdefault(primary or ident, set()).add(ident)
    out = {}
    for primary, members in groups.items():
        family = members | {primary}
        for m in family:
            out[m] = tuple(sorted(family - {m}))
    return {i: out.get(i, ()) for i in wanted}


def note_twins(c: Connection, pairs: Iterable[tuple[int, int]]) -> None:
    """Remember that the second post of each pair is another sight of the first."""
    rows = [{"k": b, "v": a} for a, b in pairs]
    if rows:
        c.execute(POST.update().where(POST.c.id == bindparam("k")).values(same_as=bindparam("v")), rows)


def note_source(
    c: Connection,
    connection: str,
    native: str,
    *,
    tried_at: datetime,
    read: bool,
    posts: int = 0,
    as_of: datetime | None = None,
    reason: str = "",
    unseen: str = "",
) -> None:
    """Remember when one account of one connection (or the whole, `native` empty) was tried, and whether it was read.

    `unseen` says what the platform shows to no program, where that is so.
    """
    found = c.execute(
        select(SOURCE.c.read_at).where(SOURCE.c.connection == connection, SOURCE.c.native == native)
    ).first()
    values: dict[str, Any] = {"tried_at": tried_at, "reason": reason, "unseen": unseen}
    if read:
        values |= {"read_at": tried_at, "posts": posts, "as_of": as_of}
    if found:
        c.execute(SOURCE.update().where(SOURCE.c.connection == connection, SOURCE.c.native == native).values(values))
    else:
        c.execute(SOURCE.insert().values(connection=connection, native=native, **{"posts": 0, **values}))


def sources(c: Connection) -> list[Any]:
    """Every (connection, account) that was ever tried, with its age."""
    return list(c.execute(select(SOURCE).order_by(SOURCE.c.connection, SOURCE.c.native)))

"""Taking posts up again that an older store has forgotten: only those that stand exactly where the guard left them.

Nothing is put back here and nothing is guessed: a post that stands anywhere else is named and left alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum

from freeze.accounts import Gap, SeenAccount
from freeze.errors import PlatformError
from freeze.holds import Change
from freeze.pauses.freezes import Freeze
from freeze.ports import Platform, Scope
from freeze.posts import Absent, Reading, Seen, State
from freeze.run import collect
from freeze.run.desk import Desk
from freeze.run.records import Shared
from freeze.store import freezes as freeze_store
from freeze.store import posts as post_store
from freeze.store import taking_up
from freeze.store.holds import ToHold
from freeze.store.journal import Transaction
from freeze.store.mark import Left, Older
from freeze.windows import Window, say

TAKEN_UP = "taken up again after an older store was put in place"
STAND_IN = "taken-up-again"
"""The preset of the pause, over from its first instant, that holds what no pause of an older store holds."""


class Fate(Enum):
    """What a reading says of one post that the store has forgotten."""

    HELD = "it stands where the guard left it"
    FREE = "it stands where it was before, or was put back"
    CHANGED = "it stands elsewhere"
    GONE = "it is not there"
    UNREAD = "it could not be read"


@dataclass(frozen=True, slots=True)
class Found:
    """One post that the store has forgotten, as it was found."""

    left: Left
    fate: Fate
    reading: Reading
    stands: int = 0  # which of `left.stands` it is


def judge(left: Left, reading: Reading) -> Found:
    """Where a post stands. Pure."""
    if not isinstance(reading, Seen | Absent):
        return Found(left, Fate.UNREAD, reading)
    for i, (expected, _) in enumerate(left.stands):
        if not expected.differences(reading):
            return Found(left, Fate.HELD, reading, i)
    if isinstance(reading, Absent):
        return Found(left, Fate.GONE, reading)
    back = left.back is not None and not left.back.differences(reading)
    as_before = reading.state is left.state and reading.at == left.at
    free = back or as_before or reading.state is State.PUBLISHED
    return Found(left, Fate.FREE if free else Fate.CHANGED, reading)


def take_up(desk: Desk, shared: Shared) -> bool:
    """Where the store is older than this guard's mark: open holds again, name what changed; whether holds were opened.

    Only in a run that enforces, after it began. The mark is made anew once every post in it was read.
    """
    mark = desk.db.mark
    if mark is None or not shared.enforce:
        return False
    with desk.db.read() as c:
        older = mark.check(c)
        forgotten = mark.unknown(c) if older is not None else []
    if older is None:
        return False
    found = list(_read(desk, shared, forgotten))
    unread = [x for x in found if x.fate is Fate.UNREAD]
    kinds = {name: p.platform for name, p in desk.platforms.items()}
    opened = shared.journal.call(lambda tx: _write(tx, shared, kinds, found, older))
    if not unread:
        with desk.db.read() as c:
            mark.renew(c, meant=True)
    return opened > 0


def _read(desk: Desk, shared: Shared, forgotten: Sequence[Left]) -> Iterable[Found]:
    """Each forgotten post as its platform shows it now."""
    for connection in sorted({x.place.connection for x in forgotten}):
        mine = [x for x in forgotten if x.place.connection == connection]
        platform = desk.platforms.get(connection)
        if platform is None:
            shared.tally.gap(
                Gap(connection, f"{len(mine)} posts were parked there, and it is not in the settings any more")
            )
            yield from (Found(x, Fate.UNREAD, Absent(x.place)) for x in mine)
            continue
        for batch in _batches(platform, mine):
            try:
                readings = collect.read(platform, [x.place for x in batch])
            except PlatformError as e:
                said = f"{len(batch)} posts that were parked there could not be read: {e.message}"
                shared.tally.gap(Gap(connection, said, advice=e.advice))
                yield from (Found(x, Fate.UNREAD, Absent(x.place)) for x in batch)
                continue
            for x, reading in zip(batch, readings, strict=True):
                found = judge(x, reading)
                if found.fate is Fate.UNREAD:
                    said = "a post that was parked there could not be read, and is not taken up again yet"
                    shared.tally.gap(Gap(connection, said, x.place.account))
                yield found


def _batches(platform: Platform, mine: Sequence[Left]) -> Iterable[list[Left]]:
    """As many at once as `read` takes."""
    groups: dict[str, list[Left]] = {}
    for x in mine:
        groups.setdefault(x.place.account if platform.limits.of_one_account else "", []).append(x)
    size = max(1, platform.limits.batch)
    for group in groups.values():
        yield from (group[i : i + size] for i in range(0, len(group), size))


def _write(tx: Transaction, shared: Shared, kinds: Mapping[str, str], found: Sequence[Found], older: Older) -> int:
    """Open the holds again, in one transaction, and say so in the log; how many."""
    now = shared.now()
    _accounts(tx, shared, kinds, {(x.left.place.connection, x.left.place.account) for x in found})
    freezes = freeze_store.all_of(tx.c)
    stand_in = 0
    held: list[ToHold] = []
    for x in found:
        ident, stored = _stored(tx, shared, x, now)
        if x.fate is not Fate.HELD or ident is None:
            _name(tx, shared, x, ident, now)
            continue
        meant = {(n, d) for n, d, _ in x.left.freezes}
        claims = [f.number for f in freezes if (f.number, f.declared_at.isoformat()) in meant]
        if not claims:
            stand_in = stand_in or _stand_in(tx, x.left, now)
            claims = [stand_in]
        expected, expires = x.left.stands[x.stands]
        before = _before(x, stored)
        held.append(ToHold(ident, before, Change(x.left.kind, TAKEN_UP, (), expected, expires), tuple(claims)))
        post_store.settle_times(tx.c, ident, x.left.at)
    taking_up.open_again(tx.c, held, TAKEN_UP, now)
    unknown = f"no pause of this store holds them: declare it again if it lasts, else: freeze put-back f{stand_in}"
    for h in held:
        at = h.seen.locator
        tx.log(now, "hold.taken-up", {"post": h.post, "connection": at.connection, "native": at.native_id})
        shared.tally.note(h.post, "taken up again", TAKEN_UP + ("; " + unknown if stand_in in h.freezes else ""))
    data = {"mark": older.seq, "store": older.store_seq, "taken_up": len(held), "forgotten": len(found)}
    tx.log(now, "store.older", data)
    return len(held)


def _accounts(tx: Transaction, shared: Shared, kinds: Mapping[str, str], wanted: set[tuple[str, str]]) -> None:
    """Give the accounts that an older store does not know a place; a later reading tells their names."""
    fresh = [
        SeenAccount(connection, native, native, kinds[connection])
        for connection, native in sorted(wanted - set(shared.names))
        if connection in kinds
    ]
    post_store.note_accounts(tx.c, fresh)
    if fresh:
        shared.names.update(post_store.aliases(tx.c))
        shared.register.update(post_store.accounts(tx.c))


def _stored(tx: Transaction, shared: Shared, x: Found, now: datetime) -> tuple[int | None, Seen | None]:
    """The post's number in the store, and how it was stored before; a reading of one not known is stored."""
    ident = taking_up.at_place(tx.c, x.left.place)
    stored = post_store.snapshots(tx.c, [ident]).get(ident) if ident is not None else None
    if isinstance(x.reading, Seen):
        ident = post_store.take_in(tx.c, [x.reading], shared.names, now)[0]
    return ident, stored


def _before(x: Found, stored: Seen | None) -> Seen:
    """The post as it was before the guard touched it: as the store has it, else as read, at its time of then."""
    left = x.left
    if isinstance(x.reading, Seen) and (stored is None or stored.content != x.reading.content):
        stored = x.reading
    assert stored is not None, "one that is not there is only taken up where the store has its words"
    return replace(stored, state=left.state, at=left.at, at_given=left.at_given)


def _name(tx: Transaction, shared: Shared, x: Found, ident: int | None, now: datetime) -> None:
    """Say what cannot be taken up again."""
    at = x.left.place
    if x.fate in (Fate.FREE, Fate.UNREAD):
        return
    said = "the guard had parked it before an older store was put in place; "
    if isinstance(x.reading, Seen):
        when = f", set for {say(x.reading.at)}" if x.reading.at else ""
        said += f"somebody changed it since: it is {x.reading.state.value.replace('_', ' ')}{when}. Look at it"
    elif x.fate is Fate.HELD:
        said += "it was deleted to be made again later, and its words are only in the newer store"
    else:
        said += "it is no longer there"
    meant = f" (it was meant for {say(x.left.at)})" if x.left.at else ""
    tx.log(now, "hold.not-taken-up", {"connection": at.connection, "native": at.native_id, "fate": x.fate.name.lower()})
    if ident is not None:
        shared.tally.note(ident, "changed" if isinstance(x.reading, Seen) else "gone", said + meant)
    else:
        shared.tally.gap(Gap(at.connection, f"post {at.native_id}: {said}{meant}", at.account))


def _stand_in(tx: Transaction, left: Left, now: datetime) -> int:
    """A pause that is over and holds what no pause of this store does, so that it can be decided and put back."""
    was = ", ".join(f"f{n} {preset} (declared {say(datetime.fromisoformat(d))})" for n, d, preset in left.freezes)
    pause = Freeze(
        number=0,
        preset=STAND_IN,
        title="Posts taken up again after an older store was put in place",
        policy="",
        clause="",
        scope=Scope(),
        windows=(Window(now - timedelta(minutes=1), now),),
        provisional=False,
        d_day=None,
        because=f"This store does not know the pause that held them: {was or 'unknown'}. Declare it again if it lasts.",
        reason=TAKEN_UP,
        authority="",
        declared_at=now,
        declared_by="the guard",
        ended_at=now,
        ended_how="by itself",
        key=f"{STAND_IN}-{now.isoformat()}",
    )
    return freeze_store.insert_unless(tx.c, pause, lambda _all: None)[0].number

"""The digest: what one reader is told for one night, what is new, and the answer in one line. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from freeze.findings import Finding, Level
from freeze.holds import HoldState, digest
from freeze.judging.evaluate import COULD_NOT
from freeze.pauses.freezes import FAR, QUIET, Freeze, standing
from freeze.people.sources import OLD
from freeze.views.digest_items import Item, Picture, Reader, Sort, account_words, hidden, name_of, sees
from freeze.views.digest_pauses import Lines
from freeze.views.found import Found
from freeze.windows import end_of, london, say_short
from freeze.words import excerpt, many, safe

FIRST = 7
"""How many items stand first, so that a telephone shows them."""
OTHER = 3
"""How many of them may be about what happened, where more than enough waits to be done."""
UNREGISTERED = "2.5"
"""The clause on accounts that nobody registered; a rule that tells of one says more."""
ALARM = "8.1"
"""The clause on requests for information, whose clocks run: a finding of it that names no post asks for somebody at
once. Any other that names none has until the end of the day, and pushes nothing out that has less time."""
SOON = timedelta(hours=24)
"""What must be acted on within this time stands first, new or not."""


@dataclass(frozen=True)
class Digest:
    """What one reader is told for one night (a London date)."""

    reader: Reader
    night: date
    picture: Picture
    items: tuple[Item, ...]
    since: datetime | None = None
    settled: int = 0
    pauses: tuple[str, ...] = ()

    @property
    def to_do(self) -> tuple[Item, ...]:
        """What waits for a person."""
        return tuple(i for i in self.items if i.sort is Sort.TO_DO)

    @property
    def empty(self) -> bool:
        """Whether there is nothing in it."""
        return not self.items

    @property
    def first(self) -> tuple[Item, ...]:
        """At most seven, in their order: what is most urgent is among them, and never alone if anything happened."""
        told = [i for i in self.items if i.sort < Sort.MAYBE]
        now = self.picture.now
        urgent = [i for i in self.to_do if i.by is None or i.by <= now + SOON]
        urgent.sort(key=lambda i: _urgency(i, now))
        other = [i for i in told if i.sort is not Sort.TO_DO][: max(OTHER, FIRST - len(self.to_do))]
        most = FIRST - min(OTHER, len(other))
        wanted = list(dict.fromkeys((*urgent[:most], *other, *self.to_do)))[:FIRST]
        return tuple(i for i in told if i in wanted)

    @property
    def subject(self) -> str:
        """The answer in one line: "2 to decide before 09:00 GMT · Orlo seen 05:50 GMT"."""
        return " · ".join((_answer(self.to_do, self.picture.now), *_seen(self.picture)))

    @property
    def aside(self) -> str:
        """How many findings are known and fine and left out, in words; empty where there are none."""
        mine = [f for f in self.picture.accepted if self.reader.sees(self.picture.register.get(f.account))]
        if not mine:
            return ""
        how = f", {self.picture.accepted_now}" if self.picture.accepted_now and self.reader.service is None else ""
        see = ": freeze accept --list" if self.reader.service is None else ""
        return f"{many(len(mine), 'more finding')} left out, known and accepted{how}{see}."

    @property
    def remembered(self) -> dict[str, str]:
        """What the next digest is compared with."""
        return {i.key: i.fingerprint for i in self.items}


def _soonest(to_do: Sequence[Item], now: datetime) -> list[Item]:
    """What must be acted on first of all."""
    by = [max(i.by or now, now) for i in to_do]
    return [i for i, at in zip(to_do, by, strict=True) if at == min(by)]


def _answer(to_do: Sequence[Item], now: datetime) -> str:
    if not to_do:
        return "Nothing to decide"
    soonest = _soonest(to_do, now)
    what = "to decide" if all(i.decision for i in soonest) else "to do"
    by = soonest[0].by
    when = "now" if by is None or by <= now else f"before {_clock(by, now)}"
    rest = f", {len(to_do)} in all" if len(to_do) > len(soonest) else ""
    return f"{len(soonest)} {what} {when}{rest}"


def _seen(picture: Picture) -> list[str]:
    now, said = picture.now, []
    for s in picture.sources.values():
        if s.seen is None:
            said.append(f"{s.title} NEVER READ")
        elif now - s.seen > OLD:
            said.append(f"{s.title} NOT SEEN since {say_short(s.seen)}")
        elif s.failed:
            said.append(f"COULD NOT READ {s.title}")
        elif s.copy:
            said.append(f"{s.title} seen {_clock(s.seen, now)}")
    return said


def _clock(at: datetime, now: datetime) -> str:
    """A time of today as the clock alone, any other with its day."""
    t = london(at)
    return f"{t:%H:%M} {t:%Z}" if t.date() == london(now).date() else say_short(at)


def digest_for(
    reader: Reader, night: date, picture: Picture, last: tuple[datetime, Mapping[str, str]] | None
) -> Digest:
    """What to tell one reader; `last` is when it was told last, and what (None: this is its first digest)."""
    before = last[1] if last else {}
    found = []
    for i in sorted(_items(reader, picture), key=lambda i: _urgency(i, picture.now)):
        new = "" if last is None or before.get(i.key) == i.fingerprint else "changed" if i.key in before else "new"
        found.append(replace(i, news=new))
    found.sort(key=lambda i: (i.sort >= Sort.MAYBE, not i.news))
    settled = len(before.keys() - {i.key for i in found})
    pauses = tuple(_pause(reader, f, what, picture.now) for f, what in picture.pauses if _concerns(reader, f, picture))
    return Digest(reader, night, picture, tuple(found), last[0] if last else None, settled, pauses)


def _urgency(i: Item, now: datetime) -> tuple[datetime, Sort, int, datetime, str]:
    """By time; of what is due at one time, the act that stops most comes first."""
    at = max(i.by or now, now) if i.sort is Sort.TO_DO else i.due or FAR
    return at, i.sort, -i.posts, i.due or FAR, i.key


def _concerns(reader: Reader, f: Freeze, picture: Picture) -> bool:
    return reader.service is None or any(
        f.scope.covers(a) for a in picture.register.values() if a.service == reader.service
    )


def _pause(reader: Reader, f: Freeze, what: Found, now: datetime) -> str:
    mine = [h for h in what.holds if sees(reader, what, h.post)]
    checked = sum(h.state is HoldState.CONFIRMED for h in mine)
    people = sum(h.state in (HoldState.NEEDS_A_PERSON, HoldState.REFUSED) for h in mine)
    until = f"until {say_short(f.end)}{' (provisional)' if f.provisional else ''}"
    return (
        f"{name_of(reader, f)}: {standing(f, now).value}, {until}; {many(checked, 'post')} held and checked, "
        f"{people} for a person to stop."
    )


def _items(reader: Reader, picture: Picture) -> Iterable[Item]:
    for f, what in picture.pauses:
        yield from Lines(reader, f, what, picture)
    quiet = [f for f, _ in picture.pauses if hidden(reader, f)]
    soonest: dict[str, datetime] = {}
    for p in picture.posts.values():
        if p.intended_at is not None and p.intended_at >= picture.now:
            soonest[p.account] = min(p.intended_at, soonest.get(p.account, FAR))
    tonight = end_of(london(picture.now).date())
    for x in picture.findings:
        if x.level is not Level.STOP and any(reader.sees(picture.register.get(a)) for a in (x.account, *x.accounts)):
            by = None if x.clause == ALARM or x.about == COULD_NOT else soonest.get(x.account) or tonight
            yield _finding(x, picture, by, hide=_tells(x, quiet))
    for g in picture.gaps:
        a = picture.register.get(g.account)
        if reader.service is None or (g.account and reader.sees(a)):
            where = f"{g.connection}, {a.name if a else g.account}" if g.account else g.connection
            says = f"COULD NOT READ {safe(where, 80)}: {safe(g.reason, 200)}"
            yield Item(f"gap:{where}", Sort.UNKNOWN, says, g.advice or "Run: freeze sync", account=a.name if a else "")
    if reader.service is None:
        for name, s in picture.sources.items():
            if s.old(picture.now) and not any(g.connection == name for g in picture.gaps):
                do = "Save a new export in its folder." if s.copy else "Run: freeze doctor"
                yield Item(f"old:{name}", Sort.UNKNOWN, f"What {s.title} holds now is not known: {s.said}", do)
        told = {x.account for x in picture.findings if x.clause == UNREGISTERED}
        for ident in (i for i in picture.unregistered if i not in told):
            says = f"An account that nobody registered: {ident}"
            yield Item(
                f"account:{ident}",
                Sort.NOTE,
                says,
                "Put it on the register: freeze accounts import",
                clause=UNREGISTERED,
            )


def _tells(x: Finding, quiet: Sequence[Freeze]) -> bool:
    """Whether a finding would give a quiet pause away."""
    words = f"{x.sentence} {x.next_step}".casefold()
    return any(x.policy == f.policy or x.freeze == f.ref or f.title.casefold() in words for f in quiet)


def _finding(x: Finding, picture: Picture, by: datetime | None, *, hide: bool) -> Item:
    p = picture.posts.get(x.post or 0)
    about = x.about or ("" if x.post else digest(x.sentence))
    kind = Sort.TO_DO if x.level is Level.CONFLICT else Sort.NOTE
    key = f"{f'p{x.post}' if x.post else x.account}:{x.policy}:{x.clause}:{about}"
    return Item(
        key=digest([key]) if hide else key,  # the JSON shows it, and it names the rule
        sort=kind,
        says=QUIET if hide else safe(x.sentence.rstrip("."), 200),
        do="Ask Communications" if hide else safe(x.next_step, 200),
        by=p.intended_at if p else by,
        due=p.intended_at if p else None,
        post=p.ref if p else "",
        account=account_words(picture.register, x.account),
        service=picture.register[x.account].service if x.account in picture.register else "",
        words=excerpt(p) if p else "",
        clause="" if hide else x.clause,
        decision=True,
        finding="" if hide or not x.policy else x.ref,
    )

"""What the register says of an account beyond its name: who runs it, who may log in, what was checked when. Pure.

Clauses 1.3, 2.2 to 2.8, 3.7, 5.1, 5.5 and 5.6 of the policy. Days are London days. Where the credentials are kept is a
reference, never the secret itself. A name is the same person's whatever its capitals and spaces.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import date

from freeze.posts import Json


@dataclass(frozen=True, slots=True)
class Administrator:
    """Somebody who runs an account.

    `logs_in`: this person can log in; `gets_code`: the second factor's code comes to this person's device. `left_on` is
    the day on which this person left, or (`moved`) went to other work.
    """

    name: str
    authorised_by: str = ""
    trained_on: date | None = None
    policy_read_on: date | None = None
    logs_in: bool = True
    gets_code: bool = False
    left_on: date | None = None
    moved: bool = False


@dataclass(frozen=True, slots=True)
class Record:
    """Everything else the register knows of one account.

    kind: corporate, service, professional, fire, internal, ... administered_by: council, partner, ... (clause 2.6).
    hours: when it is monitored, as people write it ("Mon-Fri 09:00-17:00"); around_the_clock: contracted to be
    monitored at all hours. two_factor_on: the day on which it was last seen to be on; None where it was never checked.
    """

    kind: str = ""
    administered_by: str = ""
    approved_by: str = ""
    hours: str = ""
    around_the_clock: bool = False
    two_factor_on: date | None = None
    code_goes_to: str = ""
    credentials_at: str = ""
    access: tuple[str, ...] = ()
    password_changed_on: date | None = None
    reviewed_on: date | None = None
    administrators: tuple[Administrator, ...] = ()

    def to_json(self) -> dict[str, Json]:
        """What the store keeps: only what is known."""
        bare = Record()
        kept = {f.name: getattr(self, f.name) for f in fields(self) if getattr(self, f.name) != getattr(bare, f.name)}
        if "administrators" in kept:
            kept["administrators"] = [{k: _plain(v) for k, v in asdict(a).items()} for a in self.administrators]
        return {k: _plain(v) for k, v in kept.items()}

    @classmethod
    def from_json(cls, d: Mapping[str, Json]) -> Record:
        """A record read back from the store."""
        known = {k: _dated(k, v) for k, v in d.items()}
        known["access"] = tuple(known.get("access", ()))
        known["administrators"] = tuple(
            Administrator(**{k: _dated(k, v) for k, v in a.items()}) for a in known.get("administrators", ())
        )
        return cls(**known)

    def present(self, today: date) -> tuple[Administrator, ...]:
        """The administrators who have not left by `today`."""
        return tuple(a for a in self.administrators if a.left_on is None or a.left_on > today)

    def able(self, today: date) -> tuple[str, ...]:
        """Everybody who can log in on `today`, each once, as named."""
        gone = {person(a.name) for a in self.administrators} - {person(a.name) for a in self.present(today)}
        names = [*(a.name for a in self.present(today) if a.logs_in), *self.access]
        found = {person(n): n for n in reversed(names) if person(n) not in gone}
        return tuple(sorted(found.values(), key=person))

    @property
    def code_with(self) -> tuple[str, ...]:
        """Who gets the second factor's code; what the account itself says counts before what its people say."""
        if self.code_goes_to:
            return (self.code_goes_to,)
        return tuple(a.name for a in self.administrators if a.gets_code)

    def password_known_to(self, a: Administrator) -> bool:
        """Whether somebody who left still knows the password: it was not changed since (clause 5.5)."""
        if a.left_on is None or not a.logs_in:
            return False
        return self.password_changed_on is None or self.password_changed_on < a.left_on

    def code_comes_to(self, name: str) -> bool:
        """Whether the second factor's code comes to this person's device."""
        return any(mentions(said, name) for said in self.code_with)

    def open_leavers(self) -> tuple[Administrator, ...]:
        """Those who left, or are about to, and still know the password or get the code."""
        gone = (a for a in self.administrators if a.left_on is not None)
        return tuple(a for a in gone if self.password_known_to(a) or self.code_comes_to(a.name))


def person(name: str) -> str:
    """A name as it is compared.

    >>> person(" Jo  SMITH ") == person("Jo Smith")
    True
    """
    return " ".join(name.casefold().split())


def mentions(said: str, name: str) -> bool:
    """Whether these words name that person, and nobody else of whose name it is a part.

    >>> mentions("Jo Smith's phone", "jo smith"), mentions("Jo Smith-Jones", "Jo Smith")
    (True, False)
    """
    words, wanted = (re.findall(r"[^\s,;:()/&'’]+", text.casefold()) for text in (said, name))
    return bool(wanted) and any(words[i : i + len(wanted)] == wanted for i in range(len(words) - len(wanted) + 1))


def left(record: Record, owner: str, name: str, on: date, *, moved: bool) -> Record:
    """The record once this person left on `on`; the same record where it does not name them.

    Who only had access, only owned the account or only got its code is noted among its administrators from then on, as
    that is where it stands until the password and the code are changed.
    """
    known = next((a for a in record.administrators if person(a.name) == person(name)), None)
    has_access = any(person(n) == person(name) for n in record.access)
    if known is None and not has_access and not mentions(owner, name) and not record.code_comes_to(name):
        return record
    mine = known or Administrator(name, logs_in=has_access)
    mine = replace(
        mine,
        left_on=on,
        moved=moved,
        logs_in=mine.logs_in or has_access,
        gets_code=mine.gets_code or record.code_comes_to(name),
    )
    others = tuple(a for a in record.administrators if a is not known)
    access = tuple(n for n in record.access if person(n) != person(name))
    return replace(record, access=access, administrators=(*others, mine))


def with_leavers(new: Record, old: Record) -> Record:
    """`new`, and those of `old` who left before password or code were changed: no deletion forgets them."""
    named = {person(a.name) for a in new.administrators}
    dropped = replace(new, administrators=tuple(a for a in old.administrators if person(a.name) not in named))
    return replace(new, administrators=(*new.administrators, *dropped.open_leavers()))


def people(owner: str, record: Record) -> Iterator[str]:
    """Everybody an account names."""
    yield from (a.name for a in record.administrators)
    yield from record.access
    yield from (n for n in (owner, record.code_goes_to) if n)


COUNCILLORS = frozenset({"councillor", "councillors", "cllr", "member", "members", "elected member", "elected members"})
"""Who administers an account that the guard neither reads nor keeps: members' own ones (clause 2.4)."""
SCHOOLS = frozenset({"school", "schools", "academy", "academies"})
"""Out of scope by clause 1.3."""
OTHERS = frozenset({"partner", "partners", "partnership", "other organisation", "external"})
"""Out of scope by clause 2.6, as no council user administers it; "council and partner" is in scope."""


def of_a_councillor(kind: str, administered_by: str) -> bool:
    """Whether the register may not hold this account at all (clause 2.4)."""
    return bool({person(kind), person(administered_by)} & COUNCILLORS)


def why_outside(kind: str, administered_by: str) -> str:
    """Why the policy does not apply to an account, in words; empty when it does."""
    if {person(kind), person(administered_by)} & SCHOOLS:
        return "schools are out of scope (clause 1.3)"
    if person(administered_by) in OTHERS:
        return f"it is administered by {person(administered_by)}, not by a council user (clause 2.6)"
    return ""


def months_after(day: date, months: int) -> date:
    """The same day so many months later; the month's last where it has no such day.

    >>> months_after(date(2024, 2, 29), 12).isoformat()
    '2025-02-28'
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def overdue(day: date | None, months: int, today: date) -> bool:
    """Whether what was last done on `day` is to be done again by `today`; what was never done is."""
    return day is None or months_after(day, months) < today


def _plain(value: Json) -> Json:
    if isinstance(value, date):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value


def _dated(name: str, value: Json) -> Json:
    return date.fromisoformat(value) if name.endswith("_on") and isinstance(value, str) else value

"""The register in words: by service with its reviews, and one account on one screen. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from freeze.accounts import Account, Alias, KnownBio
from freeze.files.register import said_of
from freeze.posts import Json
from freeze.register import Record, overdue, why_outside
from freeze.texts.bios import judge
from freeze.windows import say_day
from freeze.words import columns, many, safe

NOT_KNOWN = "not recorded"
LIST_COLUMNS = ("service", "id", "name", "platform", "owner", "kind", "in_scope", "reviewed_on", "seen_through")


@dataclass(frozen=True, slots=True)
class Entry:
    """One account with everything the register knows of it, and where it is seen."""

    account: Account
    record: Record
    seen: tuple[Alias, ...] = ()

    @property
    def counts(self) -> bool:
        """Whether it is one that managers review: registered, and in scope."""
        return self.account.registered and self.account.in_scope


def services(entries: Sequence[Entry]) -> dict[str, list[Entry]]:
    """The accounts by service; those of none come last."""
    names = sorted({e.account.service for e in entries}, key=lambda s: (not s, s.casefold()))
    return {s: [e for e in entries if e.account.service == s] for s in names}


def listed(entries: Sequence[Entry], months: int, today: date) -> list[str]:
    """Every account, by service, each service with its last review and what is to be reviewed again."""
    out = []
    for service, mine in services(entries).items():
        out.append(
            f"{safe(service, 60) or 'No service'}: {many(len(mine), 'account')}, {reviews(mine, months, today)}."
        )
        out += columns(
            [
                e.account.id,
                e.account.platform,
                safe(e.account.name, 40),
                f"reviewed {e.record.reviewed_on}" if e.record.reviewed_on else "never reviewed" if e.counts else "-",
                ", ".join(sorted({a.connection for a in e.seen})) or "no connection: only a person can stop it",
                _standing(e),
            ]
            for e in mine
        )
    return out


def reviews(entries: Sequence[Entry], months: int, today: date) -> str:
    """When a service was last reviewed, and how many of its accounts are to be."""
    mine = [e for e in entries if e.counts]
    last = max((e.record.reviewed_on for e in mine if e.record.reviewed_on), default=None)
    due = sum(overdue(e.record.reviewed_on, months, today) for e in mine)
    return f"last review {say_day(last) if last else 'never'}; {many(due, 'account')} to review"


def row(e: Entry) -> dict[str, str]:
    """One account as a line of a table, columns `LIST_COLUMNS`."""
    a = e.account
    return {
        "service": a.service,
        "id": a.id,
        "name": a.name,
        "platform": a.platform,
        "owner": a.owner,
        "kind": e.record.kind,
        "in_scope": "yes" if a.in_scope else "no",
        "reviewed_on": str(e.record.reviewed_on or ""),
        "seen_through": "; ".join(sorted({s.connection for s in e.seen})),
    }


def data(e: Entry) -> dict[str, Json]:
    """One account as data."""
    a = e.account
    return {
        "id": a.id,
        "name": a.name,
        "platform": a.platform,
        "handle": a.handle,
        "service": a.service,
        "owner": a.owner,
        "contact": a.contact,
        "connections": sorted({s.connection for s in e.seen}),
        "registered": a.registered,
        "in_scope": a.in_scope,
        "record": e.record.to_json(),
    }


def summed(entries: Sequence[Entry], months: int, today: date) -> list[dict[str, Json]]:
    """Every service as data: how many accounts, when they were last reviewed, which are to be reviewed again."""
    out: list[dict[str, Json]] = []
    for service, group in services(entries).items():
        mine = [e for e in group if e.counts]
        done = [e.record.reviewed_on for e in mine if e.record.reviewed_on]
        out.append(
            {
                "service": service or None,
                "accounts": len(group),
                "last_review": max(done).isoformat() if done else None,
                "never_reviewed": len(mine) - len(done),
                "to_review": [e.account.id for e in mine if overdue(e.record.reviewed_on, months, today)],
            }
        )
    return out


def out_of_scope(accounts: Sequence[str]) -> list[str]:
    """That these accounts, by id, are never held; nothing where there are none."""
    if not accounts:
        return []
    shown = ", ".join(accounts[:10]) + (f" and {len(accounts) - 10} more" if len(accounts) > 10 else "")
    return [f"Out of scope, so that no pause ever holds them (clauses 1.3, 2.6): {shown}."]


def shown(e: Entry, bio: KnownBio | None, today: date) -> list[str]:
    """One account on one screen."""
    a, r = e.account, e.record
    seen = ", ".join(sorted(f"{s.connection} as {safe(s.native, 60)}" for s in e.seen))
    code = ", ".join(r.code_with)
    facts = [
        ("service", f"{a.service or NOT_KNOWN}; owner {_or(a.owner)}{f' ({safe(a.contact)})' if a.contact else ''}"),
        ("scope", f"{_scope(e)}; kind {_or(r.kind)}; administered by {_or(r.administered_by)}"),
        ("approved by", _or(r.approved_by)),
        ("seen through", seen or "no connection: only a person can stop what is scheduled there"),
        ("monitored", "at all hours" if r.around_the_clock else _or(r.hours)),
        ("bio", _bio(bio, r)),
        ("two-factor", f"{_on(r.two_factor_on, 'last checked')}; its code goes to {_or(code)}"),
        ("can log in", _or(", ".join(r.able(today)))),
        ("credentials", f"kept: {_or(r.credentials_at)}; {_on(r.password_changed_on, 'password changed')}"),
        ("last review", say_day(r.reviewed_on) if r.reviewed_on else "never"),
    ]
    facts += [("administrator", safe(said_of(x), 300)) for x in r.administrators] or [("administrators", NOT_KNOWN)]
    return [f"{safe(a.name, 80)} ({a.platform}) {safe(a.handle, 40)}   {a.id}", *columns(facts)]


def _or(said: str) -> str:
    return safe(said, 200) or NOT_KNOWN


def _on(day: date | None, said: str) -> str:
    return f"{said} on {say_day(day)}" if day else f"{said}: {NOT_KNOWN}"


def _scope(e: Entry) -> str:
    if not e.account.registered:
        return "NOT REGISTERED (clause 2.5)"
    if e.account.in_scope:
        return "in scope"
    why = why_outside(e.record.kind, e.record.administered_by)
    return f"OUT OF SCOPE, never held{': ' + why if why else ''}"


def _standing(e: Entry) -> str:
    return "NOT REGISTERED" if not e.account.registered else "" if e.account.in_scope else "out of scope, never held"


def _bio(bio: KnownBio | None, record: Record) -> str:
    if bio is None:
        return "no program has read it"
    found = judge(bio.text, record.hours, around_the_clock=record.around_the_clock)
    return f"{found.verdict.value}: {safe(found.sentence, 240)} Read on {say_day(bio.read_at.date())}."

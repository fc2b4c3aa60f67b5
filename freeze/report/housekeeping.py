"""Monday's list: gaps in the register and in bios that can wait, by service and account. Pure.

As text, CSV, JSON and a page; all four have the same findings. Where the same and nothing else is the matter with
several accounts, the text has one entry for all of them, so that a register nobody filled in yet is a few lines.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from textwrap import wrap

from freeze import SCHEMA
from freeze.accounts import Account
from freeze.files import sheet
from freeze.findings import Finding
from freeze.posts import Json
from freeze.report.page import render
from freeze.windows import say_day
from freeze.words import listed, many, safe

COLUMNS = ("service", "account", "account id", "platform", "what is the matter", "what to do", "clause", "rule", "id")
HEADS = ("Account", "What is the matter", "What to do", "Clause", "Id")
"""Columns of the page."""
ALIKE = 3
"""Accounts on which the same and nothing else is the matter, from which number on they are one entry."""
NAMED = 12
"""Accounts that such an entry names in the text; of more it says how many each service has."""
WHOLE, SEVERAL = "The council", "Several services"
"""What findings about no account stand under, and those of accounts of more than one service."""
KNOWN_AND_FINE = "Known and fine? freeze accept ID --reason R --until DATE"


@dataclass(frozen=True)
class _Entry:
    """Findings that are read together: all of one account, or the same one of several."""

    service: str
    accounts: tuple[Account, ...]
    findings: tuple[Finding, ...]


def text(findings: Sequence[Finding], register: Mapping[str, Account], title: str, today: date) -> str:
    """The list as plain text; its first line is the answer."""
    out = [_answer(findings), "", title, f"{say_day(today)}. {KNOWN_AND_FINE}", ""]
    entries = _entries(findings, register)
    for service in dict.fromkeys(e.service for e in entries):
        mine = [e for e in entries if e.service == service]
        out += [f"{safe(service, 60)}: {sum(len(e.findings) for e in mine)}", ""]
        for e in mine:
            out += [*(f"  {line}" for line in _said(e, register)), ""]
    return "\n".join(out)


def table(findings: Sequence[Finding], register: Mapping[str, Account], title: str, today: date) -> str:
    """The list as CSV, one line for each finding."""
    rows: list[tuple[str, ...]] = [COLUMNS]
    for f in _ordered(findings, register):
        a = register.get(f.account)
        about = (_service(a), safe(a.name, 200) if a else "", f.account, a.platform if a else "")
        rows.append((*about, _bare(f, a), f.next_step, f.clause, f.policy, f.ref))
    return sheet.table([*rows, (f"{title}, {say_day(today)}",)])


def data(findings: Sequence[Finding], register: Mapping[str, Account], title: str, today: date) -> dict[str, Json]:
    """The list as data; `day` is a London day."""
    return {
        "schema": SCHEMA,
        "title": title,
        "day": today.isoformat(),
        "findings": [
            {
                "id": f.ref,
                "account": f.account or None,
                "service": register[f.account].service or None if f.account in register else None,
                "policy": f.policy,
                "clause": f.clause,
                "level": f.level.value,
                "sentence": f.sentence,
                "next_step": f.next_step,
            }
            for f in _ordered(findings, register)
        ],
    }


def as_json(findings: Sequence[Finding], register: Mapping[str, Account], title: str, today: date) -> str:
    """The list as JSON text."""
    return json.dumps(data(findings, register, title, today), ensure_ascii=False, indent=1) + "\n"


def page(findings: Sequence[Finding], register: Mapping[str, Account], title: str, today: date) -> str:
    """The list as an HTML document."""
    services: dict[str, list[tuple[str, ...]]] = {}
    for f in _ordered(findings, register):
        a = register.get(f.account)
        row = (_name(a) if a else WHOLE, _bare(f, a), f.next_step, f.clause, f.ref)
        services.setdefault(_service(a), []).append(row)
    return render(
        "housekeeping.html",
        answer=_answer(findings),
        title=title,
        day=say_day(today),
        hint=KNOWN_AND_FINE,
        heads=HEADS,
        services=list(services.items()),
    )


def _answer(findings: Sequence[Finding]) -> str:
    if not findings:
        return "Nothing for Monday's list"
    accounts = {f.account for f in findings if f.account}
    return f"{many(len(findings), 'gap')} to close" + (f" on {many(len(accounts), 'account')}" if accounts else "")


def _said(e: _Entry, register: Mapping[str, Account]) -> list[str]:
    """One entry in lines of the text."""
    if len(e.accounts) > 1:
        names = ", ".join(f"{_name(a)} {f.ref}" for a, f in zip(e.accounts, e.findings, strict=True))
        if len(e.accounts) > NAMED:
            names = f"{listed(Counter(_service(a) for a in e.accounts), 30)} (each one: --csv FILE)"
        head = f"{many(len(e.accounts), 'account')}:"
        return [head, *_wrapped("", e.findings[0], e.accounts[0]), *_fold(names)]
    lines = [_name(e.accounts[0])] if e.accounts else []
    for f in e.findings:
        lines += _wrapped(f"{f.ref}  ", f, register.get(f.account))
    return lines


def _wrapped(ref: str, f: Finding, account: Account | None) -> list[str]:
    return _fold(f"{ref}{_bare(f, account)} {safe(f.next_step, 400)} (clause {f.clause})")


def _fold(said: str) -> list[str]:
    lines = wrap(said, 100, break_long_words=False, break_on_hyphens=False)
    return [f"  {line}" if n == 0 else f"    {line}" for n, line in enumerate(lines)]


def _entries(findings: Sequence[Finding], register: Mapping[str, Account]) -> list[_Entry]:
    """The findings as they are read: services in order, accounts by name; what is alike on many accounts at once."""
    by_account: dict[str, list[Finding]] = {}
    for f in _ordered(findings, register):
        by_account.setdefault(f.account, []).append(f)
    alike: dict[tuple[str, str, str], list[str]] = {}
    for ident, mine in by_account.items():
        if len(mine) == 1 and ident in register:
            alike.setdefault((mine[0].policy, mine[0].clause, mine[0].about), []).append(ident)
    groups = [g for g in alike.values() if len(g) >= ALIKE]
    together = {ident for g in groups for ident in g}
    entries = []
    for g in groups:
        names = {_service(register[i]) for i in g}
        service = names.pop() if len(names) == 1 else SEVERAL
        entries.append(_Entry(service, tuple(register[i] for i in g), tuple(by_account[i][0] for i in g)))
    for ident, mine in by_account.items():
        if ident not in together:
            a = register.get(ident)
            entries.append(_Entry(_service(a), (a,) if a else (), tuple(mine)))
    return sorted(entries, key=lambda e: (e.service != WHOLE, e.service != SEVERAL, e.service.casefold()))


def _ordered(findings: Sequence[Finding], register: Mapping[str, Account]) -> list[Finding]:
    def key(f: Finding) -> tuple[bool, str, str, str]:
        a = register.get(f.account)
        return (a is not None, _service(a).casefold(), a.name.casefold() if a else "", f.account)

    return sorted(findings, key=key)


def _service(a: Account | None) -> str:
    return WHOLE if a is None else a.service or "no service"


def _name(a: Account) -> str:
    return f"{safe(a.name, 60)} ({safe(a.platform, 30)})"


def _bare(f: Finding, a: Account | None) -> str:
    """The sentence without the account's name, which stands above it."""
    start = f"{a.name} ({a.platform}): " if a else ""
    said = f.sentence.removeprefix(start) if start else f.sentence
    return safe(said[:1].upper() + said[1:], 400)

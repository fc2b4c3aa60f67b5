"""The register: accounts and who owns them, imported from a CSV file."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select

from freeze.accounts import Account, Alias, slug
from freeze.errors import UsageError, nearest
from freeze.posts import Reject
from freeze.register import Record
from freeze.store.tables import ACCOUNT, ALIAS, POST

COLUMNS = ("id", "name", "platform", "handle", "service", "owner", "contact", "in_scope", "seen_at")
NO = frozenset({"no", "n", "false", "0", "out"})


@dataclass(frozen=True, slots=True)
class Register:
    """What a file says: accounts, where they are seen, and the lines that could not be used."""

    accounts: tuple[Account, ...]
    aliases: tuple[Alias, ...]
    rejects: tuple[Reject, ...]


def read(path: Path) -> Register:
    """A register from CSV, columns `COLUMNS`; only name and platform are compulsory.

    `seen_at` lists `connection=the platform's own id`, separated by `;`. Raises UsageError when the file as a whole
    cannot be used; a bad line is reported and the good ones are taken.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as f:
            reader = csv.DictReader(f)
            headers = [h.strip().lower() for h in reader.fieldnames or ()]
            unknown = [h for h in headers if h not in COLUMNS]
            if unknown:
                raise UsageError(f'{path}: there is no column "{unknown[0]}".', nearest(unknown[0], COLUMNS))
            for needed in ("name", "platform"):
                if needed not in headers:
                    raise UsageError(f'{path}: the column "{needed}" is missing.', f"Columns: {','.join(COLUMNS)}")
            reader.fieldnames = headers
            rows = [(reader.line_num, {k: (v or "").strip() for k, v in r.items() if k}) for r in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as e:
        raise UsageError(f"{path} cannot be read: {e}.", "Give a CSV file saved as UTF-8.") from None
    accounts: dict[str, Account] = {}
    aliases: dict[tuple[str, str], Alias] = {}
    rejects = []
    for line, row in rows:
        where = f"{path.name} line {line}"
        ident = row.get("id") or slug(f"{row['name']}-{row['platform']}")
        if not row["name"] or not row["platform"]:
            rejects.append(Reject(where, "name and platform are needed"))
            continue
        if ident in accounts:
            rejects.append(Reject(where, f'the id "{ident}" stands twice'))
            continue
        seen_at = [pair.strip().partition("=") for pair in row.get("seen_at", "").split(";") if pair.strip()]
        bad = [p for p in seen_at if not p[1] or not p[0].strip() or not p[2].strip()]
        twice = [p for p in seen_at if (p[0].strip(), p[2].strip()) in aliases]
        if bad:
            rejects.append(Reject(where, f'seen_at: "{"".join(bad[0])}" is not of the form connection=id'))
            continue
        if twice:
            rejects.append(Reject(where, f"seen_at: {''.join(twice[0])} already belongs to another account"))
            continue
        accounts[ident] = Account(
            ident,
            row["name"],
            row["platform"].lower(),
            row.get("handle", ""),
            row.get("service", ""),
            row.get("owner", ""),
            row.get("contact", ""),
            registered=True,
            in_scope=row.get("in_scope", "").lower() not in NO,
        )
        for connection, _, native in seen_at:
            key = (connection.strip(), native.strip())
            aliases[key] = Alias(ident, *key)
    return Register(tuple(accounts.values()), tuple(aliases.values()), tuple(rejects))


def records(c: Connection) -> dict[str, Record]:
    """What the register knows beyond names, by account id; accounts of which it knows nothing more are left out."""
    rows = c.execute(select(ACCOUNT.c.id, ACCOUNT.c.details))
    return {r.id: Record.from_json(r.details) for r in rows if r.details}


def save(c: Connection, register: Register) -> tuple[int, int]:
    """Add or update the accounts of a file; returns how many are new and how many were there.

    An account seen earlier without being registered becomes the registered one; its posts go with it.
    """
    there = {r[0] for r in c.execute(select(ACCOUNT.c.id))}
    new = 0
    for a in register.accounts:
        values: dict[str, Any] = {
            "name": a.name,
            "platform": a.platform,
            "handle": a.handle,
            "service": a.service,
            "owner": a.owner,
            "contact": a.contact,
            "registered": True,
            "in_scope": a.in_scope,
        }
        if a.id in there:
            c.execute(ACCOUNT.update().where(ACCOUNT.c.id == a.id).values(values))
        else:
            c.execute(ACCOUNT.insert().values(id=a.id, **values))
            new += 1
    for alias in register.aliases:
        here = (ALIAS.c.connection == alias.connection) & (ALIAS.c.native == alias.native)
        old = c.execute(select(ALIAS.c.account).where(here)).scalar()
        if old is None:
            c.execute(ALIAS.insert().values(connection=alias.connection, native=alias.native, account=alias.account))
        elif old != alias.account:
            c.execute(ALIAS.update().where(here).values(account=alias.account))
            moved = (POST.c.connection == alias.connection) & (POST.c.native_account == alias.native)
            c.execute(POST.update().where(moved).values(account=alias.account))
            others = c.execute(select(ALIAS.c.account).where(ALIAS.c.account == old)).first()
            if others is None:
                c.execute(ACCOUNT.delete().where((ACCOUNT.c.id == old) & (ACCOUNT.c.registered.is_(False))))
    return new, len(register.accounts) - new

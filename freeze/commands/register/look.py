"""Looking at the register: `freeze accounts list`, `show`, `review` and `check`."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import click

from freeze.acts import judge, look
from freeze.acts.app import App
from freeze.acts.calendars import write
from freeze.commands.common import Answer, command
from freeze.errors import UsageError, nearest
from freeze.files.register import clean, day, table
from freeze.register import Record, overdue
from freeze.report import housekeeping
from freeze.report import register as report
from freeze.report.register import Entry
from freeze.store import bios as bio_store
from freeze.store import posts as post_store
from freeze.store import register as register_store
from freeze.store.journal import Transaction, once
from freeze.windows import london, say_day
from freeze.words import columns, many, safe


def entries(app: App, service: str | None = None) -> list[Entry]:
    """Every account with what is known of it, unregistered ones included. Raises UsageError for an unknown service."""
    if service is not None:
        look.check_names(app, services=[service], accounts=(), platforms=())
    with app.store.read() as c:
        found = all_entries(c)
    return [e for e in found if service is None or e.account.service == service]


def all_entries(c: Any) -> list[Entry]:
    """The same, of every service, in an open transaction."""
    records, seen = register_store.records(c), register_store.seen(c)
    return [Entry(a, records.get(i, Record()), tuple(seen.get(i, ()))) for i, a in post_store.accounts(c).items()]


def known(app: App, ident: str) -> Entry:
    """One account. Raises UsageError with the nearest id where there is none."""
    found = {e.account.id: e for e in entries(app)}
    if ident not in found:
        raise UsageError(f'There is no account "{safe(ident)}".', nearest(ident, found))
    return found[ident]


def months(app: App) -> int:
    """After how many months an account is reviewed again, by the settings of the rule about the register."""
    found: int = app.policy_options["register"].review_months
    return found


@click.command("list", epilog="Example: freeze accounts list --service libraries")
@click.option("--service", metavar="S", help="Only this service's accounts.")
@click.option("--csv", "csv_file", type=click.Path(path_type=Path), metavar="FILE", help="Write the list as CSV too.")
@command
def list_command(app: App, service: str | None, csv_file: Path | None) -> Answer:
    """Every account by service: when it was last reviewed, and through which connection it is seen."""
    found, today = entries(app, service), london(app.now()).date()
    lines = [*report.listed(found, months(app), today), f"{many(len(found), 'account')}."]
    if csv_file is not None:
        rows = [report.row(e) for group in report.services(found).values() for e in group]
        lines.append(f"Written: {write(csv_file, table(rows, report.LIST_COLUMNS).encode('utf-8-sig'))}")
    return {"accounts": [report.data(e) for e in found], "services": _services(app, found, today)}, lines, 0


def _services(app: App, found: list[Entry], today: date) -> list[dict[str, Any]]:
    out = []
    for service, group in report.services(found).items():
        mine = [e for e in group if e.counts]
        done = [e.record.reviewed_on for e in mine if e.record.reviewed_on]
        out.append(
            {
                "service": service or None,
                "accounts": len(group),
                "last_review": max(done).isoformat() if done else None,
                "never_reviewed": len(mine) - len(done),
                "to_review": [e.account.id for e in mine if overdue(e.record.reviewed_on, months(app), today)],
            }
        )
    return out


@click.command("show", epilog="Example: freeze accounts show anyshirecc-x")
@click.argument("account")
@command
def show_command(app: App, account: str) -> Answer:
    """One account on one screen: where it is seen, who runs it, its hours, and what its bio says of them."""
    e = known(app, account)
    with app.store.read() as c:
        register = post_store.accounts(c)
        bio = next((b for b in bio_store.known(c, post_store.aliases(c), register) if b.account == account), None)
    gaps = [f for f in _gaps(app) if f.account == account]
    lines = report.shown(e, bio, london(app.now()).date())
    lines += columns(["gap", f"{safe(f.sentence, 200)} (clause {f.clause})"] for f in gaps)
    places = [{"connection": a.connection, "id": a.native} for a in e.seen]
    body = {**report.data(e), "seen_at": places, "bio": bio.text if bio else None, "gaps": [f.sentence for f in gaps]}
    return body, lines, 0


@click.command("review", epilog="Example: freeze accounts review anyshirecc-x anyshirecc-facebook --on 2026-11-20")
@click.argument("accounts", nargs=-1)
@click.option("--on", "on", metavar="DATE", help="The day on which they were looked at; else today.")
@click.option("--service", metavar="S", help="Only this service's accounts.")
@click.option("--months", "given", type=click.IntRange(1, 120), help="Reviewed longer ago than this, if not 12.")
@command
def review_command(
    app: App, accounts: tuple[str, ...], on: str | None, service: str | None, given: int | None
) -> Answer:
    """What was not reviewed for a year, by service; with accounts named, record that they were (clause 2.2)."""
    today = london(app.now()).date()
    if accounts:
        if service is not None or given is not None:
            raise UsageError("With accounts named, --service and --months do nothing.", "Leave them out.")
        return _reviewed(app, accounts, day("--on", clean(on or ""), today) or today)
    if on is not None:
        raise UsageError("--on needs the accounts that were reviewed.", "Name them: freeze accounts review ID ...")
    after = given or months(app)
    found = [e for e in entries(app, service) if e.counts and overdue(e.record.reviewed_on, after, today)]
    lines = []
    for name, mine in report.services(found).items():
        lines.append(f"{safe(name, 60) or 'No service'}: {many(len(mine), 'account')} to review")
        lines += columns(
            [e.account.id, safe(e.account.name, 40), str(e.record.reviewed_on or "never"), safe(e.account.owner)]
            for e in mine
        )
    lines.append(f"{many(len(found), 'account')} not reviewed for {many(after, 'month')} (clause 2.2).")
    if found:
        lines.append("Look at each, then: freeze accounts review ID ...")
    return {"months": after, "to_review": [report.data(e) for e in found]}, lines, 1 if found else 0


def _reviewed(app: App, accounts: tuple[str, ...], on: date) -> Answer:
    """Record that accounts were reviewed. A name nobody knows changes nothing."""
    found = [known(app, a) for a in accounts]
    app.may("review", {e.account.service for e in found})
    for e in found:
        if not e.account.registered:
            raise UsageError(f'"{e.account.id}" is not on the register yet.', "See: freeze accounts add --help")
    now = app.now()

    def work(tx: Transaction) -> None:
        register_store.reviewed(tx.c, [e.account.id for e in found], on)
        tx.log(now, "register.reviewed", {"accounts": [e.account.id for e in found], "on": on.isoformat()})

    once(app.store, app.actor, work)
    ids = [e.account.id for e in found]
    return {"reviewed": ids, "on": on.isoformat()}, [f"Reviewed on {say_day(on)}: {', '.join(ids)}."], 0


@click.command("check", epilog="Example: freeze accounts check --service libraries")
@click.option("--service", metavar="S", help="Only this service's accounts.")
@click.option("--csv", "csv_file", type=click.Path(path_type=Path), metavar="FILE", help="Write the list as CSV.")
@click.option("--html", "html_file", type=click.Path(path_type=Path), metavar="FILE", help="Write it as one page.")
@command
def check_command(app: App, service: str | None, csv_file: Path | None, html_file: Path | None) -> Answer:
    """Gaps in the register and in bios: what the Monday list says, by service and account. Never urgent."""
    if service is not None:
        look.check_names(app, services=[service], accounts=(), platforms=())
    with app.store.read() as c:
        register = post_store.accounts(c)
    of = {i for i, a in register.items() if a.service == service}
    found = [f for f in _gaps(app) if service is None or f.account in of]
    title = f"{app.settings.council.name}: gaps in the register{f', {service}' if service else ''}"
    told = (found, register, title, london(app.now()).date())
    files = ((csv_file, housekeeping.table, "utf-8-sig"), (html_file, housekeeping.page, "utf-8"))
    written = [write(p, make(*told).encode(coded)) for p, make, coded in files if p is not None]
    lines = [f"Written: {p}" for p in written] or housekeeping.text(*told).splitlines()
    return housekeeping.data(*told), lines, 1 if found else 0


def _gaps(app: App) -> list[Any]:
    """What can wait for Monday, less what is known and fine. No post is looked at."""
    with app.store.read() as c:
        by = judge.grounds(app, c)
    return list(judge.judged(app, (), by).housekeeping)


COMMANDS = (list_command, show_command, review_command, check_command)

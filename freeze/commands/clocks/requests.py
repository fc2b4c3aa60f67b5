"""The log of requests for information: who has to do what by when. Never who asked, or what for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import click

from freeze import private
from freeze.acts import clocks
from freeze.acts.app import App
from freeze.acts.holidays import answer_lines, today
from freeze.clocks.answers import receipt
from freeze.clocks.regimes import DATES, NAMES, REGIMES
from freeze.clocks.requests import Request, State, answer, computed
from freeze.clocks.statutory import regime as known_regime
from freeze.commands.common import Answer, command
from freeze.errors import UsageError, nearest
from freeze.report import requests as words
from freeze.store import posts as post_store
from freeze.store import requests as request_store
from freeze.store.journal import Transaction, once
from freeze.windows import london, say, say_day
from freeze.words import columns, many, safe

ENDS = ("answered-elsewhere", "withdrawn", "duplicate", "not-a-request")


@click.command(
    "log", epilog="Example: freeze foi log --account libraries-facebook --channel message --received 2026-06-01"
)
@click.option("--received", metavar="TIME", help="When it reached the account (else now). London, if it names no zone.")
@click.option("--account", default="", metavar="A", help="The account it reached, as on the register.")
@click.option("--channel", default="", metavar="C", help="How: message, comment, reply, mention, ...")
@click.option("--link", default="", metavar="URL", help="Where it can be read; removed again by freeze foi purge.")
@click.option(
    "--regime", default="not sure", metavar="R", help='foi, eir, sar, ... or "not sure": then it counts as FOI.'
)
@command
def log_command(app: App, received: str | None, account: str, channel: str, link: str, regime: str) -> Answer:
    """Note a request for information that reached an account. In doubt, treat a message as one.

    It is received when it reaches the account, not when somebody reads it or passes it on. Never note who asked or
    what for: the link is enough for whoever answers.
    """
    app.may("requests", ())
    now = app.now()
    at = receipt(received if received is not None else london(now).isoformat(timespec="minutes"))
    known_regime(regime, dict.fromkeys(DATES, at.day))
    new = Request(
        0, safe(channel, 40), safe(account, 80), link.strip(), at.given, at.day, _plain(regime), now, app.actor
    )

    def write(tx: Transaction) -> tuple[Request, bool]:
        there = request_store.with_link(tx.c, new.link)
        if there is not None:
            return there, False
        holidays = clocks.calendar(app, tx.c)
        r = request_store.insert(tx.c, computed(new, holidays, clocks.desk(app, holidays)))
        what = {"request": r.ref, "account": r.account, "received": r.received_on.isoformat(), "due": r.due.isoformat()}
        tx.log(now, "request.seen", what)
        return r, True

    r, fresh = once(app.store, app.actor, write)
    notes = list(at.notes)
    if r.received_on > today(app):
        notes.append(f"{say_day(r.received_on)} has not come yet: check the date.")
    with app.store.read() as c:
        if account and account not in post_store.accounts(c):
            notes.append(f'"{r.account}" is not on the register; noted as it was given.')
    lines = [f"{r.ref} {'noted' if fresh else 'was noted already (the same link)'}: {words.stands(r)}"]
    lines += [f"  Pass it on by the end of {say_day(r.pass_on_by)}: freeze foi pass-on {r.ref} --reference THEIRS"]
    lines += [f"  Note: {n}" for n in notes] + words.texts(_sent(app, r)) + [f"  Sent? freeze foi ack {r.ref}"]
    return words.data(r, today(app)) | {"new": fresh, "notes": notes, "texts": _sent(app, r)}, lines, 0


@click.command("list", epilog="Example: freeze foi list --csv requests.csv")
@click.option("--all", "everything", is_flag=True, help="Closed ones too.")
@click.option("--csv", "file", type=click.Path(path_type=Path), metavar="FILE", help="Also write them to a CSV file.")
@command
def list_command(app: App, everything: bool, file: Path | None) -> Answer:
    """Open requests, the first due first, with what is late."""
    with app.store.read() as c:
        found = request_store.all_of(c, open_only=not everything)
    day = today(app)
    lines = columns([r.ref, r.state.value, r.regime, f"due {say_day(r.due)}", words.late(r, day)] for r in found)
    lines.append(
        f"{many(len(found), 'request')}{'' if everything else ' open'}. The inbox is not paused: keep reading."
    )
    if file is not None:
        _write(file, found)
        lines.append(f"Written to {file}.")
    return {"requests": [words.data(r, today(app)) for r in found], "csv": str(file) if file else None}, lines, 0


@click.command("show", epilog="Example: freeze foi show r3")
@click.argument("ident", metavar="ID")
@command
def show_command(app: App, ident: str) -> Answer:
    """One request: where it stands, and how its due date was counted."""
    with app.store.read() as c:
        r = request_store.one(c, ident)
        a = answer(r, clocks.calendar(app, c))
    steps = (
        ("Noted", r.logged_at, r.logged_by),
        ("Acknowledged", r.acknowledged_at, ""),
        ("Passed on", r.passed_on_at, r.reference),
        ("Closed", r.closed_at, r.closed_because),
    )
    lines = [f"{r.ref}: {words.stands(r)}", *(f"  {w + ':':<14} {say(at)} {safe(by)}" for w, at, by in steps if at)]
    lines += [f"  {f'The date {DATES[k]}:'} {say_day(d)}" for k, d in r.dates.items()]
    lines += [f"  {k + ':':<14} {safe(v, 300)}" for k, v in (("Account", r.account), ("Link", r.link)) if v]
    lines += [f"  {x}" for x in answer_lines(a)]
    return words.data(r, today(app)) | {"answer": a.json()}, lines, 0


@click.command("ack", epilog="Example: freeze foi ack r3")
@click.argument("ident", metavar="ID")
@command
def ack_command(app: App, ident: str) -> Answer:
    """Record that the sender was thanked, as you say; prints the texts to send, a long one and one for X."""
    r = _change(app, ident, "request.acknowledged", lambda r, now: replace(r, acknowledged_at=r.acknowledged_at or now))
    lines = [f"{r.ref}: {words.stands(r)} Thanked, as {app.actor} says.", *words.texts(_sent(app, r))]
    return words.data(r, today(app)) | {"texts": _sent(app, r)}, lines, 0


@click.command("pass-on", epilog="Example: freeze foi pass-on r3 --reference IM-2041")
@click.argument("ident", metavar="ID")
@click.option("--reference", default="", metavar="REF", help="The reference that those who answer gave it.")
@command
def pass_on_command(app: App, ident: str, reference: str) -> Answer:
    """Record that the request went to those who answer it. This stops the main alarm; the due date stands."""

    def passed(r: Request, now: datetime) -> Request:
        return replace(r, passed_on_at=r.passed_on_at or now, reference=safe(reference, 80) or r.reference)

    r = _change(app, ident, "request.passed-on", passed)
    lines = [f"{r.ref}: {words.stands(r)}"]
    if not r.reference:
        lines.append(f"  Their reference is not known yet: freeze foi pass-on {r.ref} --reference THEIRS")
    if r.passed_on_at is not None and london(r.passed_on_at).date() > r.pass_on_by:
        lines.append(f"  It was to be passed on by the end of {say_day(r.pass_on_by)}.")
    return words.data(r, today(app)), lines, 0


@click.command("clarify", epilog="Example: freeze foi clarify r3 --asked 2026-06-03")
@click.argument("ident", metavar="ID")
@click.option("--asked", "clarification_asked", metavar="DATE", help="When the sender was asked what was meant.")
@click.option("--received", "clarification_received", metavar="DATE", help="When the clarification came.")
@click.option("--id-received", metavar="DATE", help="When proof of identity came (subject access).")
@click.option("--fees-notice", metavar="DATE", help="When a fees notice was given.")
@click.option("--fee-received", metavar="DATE", help="When the fee came.")
@command
def clarify_command(app: App, ident: str, **given: str | None) -> Answer:
    """Record what the sender was asked for, and when it came. Shows the due date, old and new."""
    dates = {k: receipt(v, what=f"The date {DATES[k]}").day for k, v in given.items() if v is not None}
    if not dates:
        raise UsageError("Say what happened: --asked, --received, ...", f"See: freeze foi clarify {ident} --help")
    before: list[Request] = []

    def clarified(r: Request, _now: datetime) -> Request:
        before.append(r)
        for key, day in dates.items():
            if day < r.received_on and key != "id_received":
                raise UsageError(f"The date {DATES[key]} ({say_day(day)}) is before the request was received.")
        return replace(r, dates={**r.dates, **dates})

    r = _change(app, ident, "request.clarified", clarified, recount=True)
    lines = [f"{r.ref}: {words.stands(r)}"]
    if r.due != before[0].due:
        lines.append(f"  It was due {say_day(before[0].due)}.")
    if r.waits_for:
        lines.append(f"  Waiting for {r.waits_for}; the date above holds unless it comes.")
    return words.data(r, today(app)) | {"was": before[0].due.isoformat()}, lines, 0


@click.command("answer", epilog="Example: freeze foi answer r3 --on 2026-06-29")
@click.argument("ident", metavar="ID")
@click.option("--on", "day", metavar="DATE", help="The London day it was answered (else today).")
@command
def answer_command(app: App, ident: str, day: str | None) -> Answer:
    """Record that the request was answered, and close it."""
    on = receipt(day, what="--on").day if day else today(app)

    def answered(r: Request, now: datetime) -> Request:
        if on < r.received_on:
            raise UsageError(f"{say_day(on)} is before the request was received ({say_day(r.received_on)}).")
        return replace(r, answered_on=on, closed_at=r.closed_at or now, closed_because="answered")

    r = _change(app, ident, "request.answered", answered)
    late = (on - r.due).days
    said = f"{many(late, 'day')} after the due date" if late > 0 else "in time"
    return words.data(r, today(app)) | {"late_days": max(late, 0)}, [f"{r.ref}: answered on {say_day(on)}, {said}."], 0


@click.command("close", epilog="Example: freeze foi close r3 --because duplicate")
@click.argument("ident", metavar="ID")
@click.option("--because", required=True, metavar="WHY", help=f"One of: {', '.join(ENDS)}.")
@command
def close_command(app: App, ident: str, because: str) -> Answer:
    """Close a request that needs no answer from here."""
    if because not in ENDS:
        raise UsageError(f'"{because}" is not a reason to close a request.', nearest(because, ENDS))
    r = _change(
        app, ident, "request.closed", lambda r, now: replace(r, closed_at=r.closed_at or now, closed_because=because)
    )
    return words.data(r, today(app)), [f"{r.ref}: closed, {because}."], 0


@click.command("recompute", epilog="Example: freeze foi recompute")
@command
def recompute_command(app: App) -> Answer:
    """Work out every open due date anew; lists those that moved, old and new."""
    app.may("requests", ())
    moved = once(app.store, app.actor, lambda tx: clocks.recompute(app, tx, app.now()))
    return {"moved": clocks.moved_json(moved)}, list(clocks.moved_lines(moved)), 0


@click.command("purge", epilog="Example: freeze foi purge --dry-run")
@click.option(
    "--days", type=click.IntRange(0), metavar="N", help="Closed for more than N days (else as the settings say)."
)
@click.option("--dry-run", is_flag=True, help="Only say which.")
@command
def purge_command(app: App, days: int | None, dry_run: bool) -> Answer:
    """Remove links, references and times of day from requests closed long ago; dates stay, for counting."""
    if not dry_run:
        app.may("requests", ())
    now = app.now()
    keep = app.settings.requests.keep_days if days is None else days

    def purge(tx: Transaction) -> list[Request]:
        old = request_store.closed_before(tx.c, now - timedelta(days=keep))
        for r in [] if dry_run else old:
            bare = replace(r, link="", reference="", received=r.received_on.isoformat(), purged_at=now)
            request_store.update(tx.c, bare)
            tx.log(now, "request.purged", {"request": r.ref})
        return old

    gone = once(app.store, app.actor, purge)
    said = (
        f"{many(len(gone), 'request')} closed more than {many(keep, 'day')} ago {'would be' if dry_run else ''} purged."
    )
    return {"purged": [r.ref for r in gone], "dry_run": dry_run}, [" ".join(said.split())], 0


def _change(
    app: App, ident: str, event: str, change: Callable[[Request, datetime], Request], *, recount: bool = False
) -> Request:
    app.may("requests", ())
    now = app.now()

    def write(tx: Transaction) -> Request:
        old = request_store.one(tx.c, ident)
        if old.state is State.CLOSED:
            raise UsageError(f"{old.ref} is closed ({old.closed_because}).", "Note a new one if it came again.")
        new = change(old, now)
        if recount:
            holidays = clocks.calendar(app, tx.c)
            new = computed(new, holidays, clocks.desk(app, holidays))
        request_store.update(tx.c, new)
        tx.log(now, event, {"request": new.ref, "due": new.due.isoformat()})
        return new

    return once(app.store, app.actor, write)


def _plain(regime: str) -> str:
    word = "-".join(regime.lower().replace("_", " ").split())
    return word if word in REGIMES or word in NAMES else "not-sure"


def _sent(app: App, r: Request) -> Mapping[str, str]:
    texts = app.settings.requests
    return words.filled(r, app.settings.council.name, texts.acknowledgement, texts.acknowledgement_short)


def _write(file: Path, found: list[Request]) -> None:
    try:
        private.whole(file, words.table(found), encoding="utf-8-sig", readers=True)
    except OSError as e:
        raise UsageError(f"{file} cannot be written: {e.strerror}.", "Give another place.") from None

"""`freeze crisis`: what is on record about a crisis, its listening responses, and its evaluation."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

import click

from freeze.acts import crisis as _crisis
from freeze.acts import crisis_pack, look, tasks
from freeze.acts.app import App
from freeze.acts.declare import services_of
from freeze.acts.status import declared
from freeze.commands.common import Answer, command
from freeze.crisis import CRISIS, SIGNS, Crisis, Noted, What, sign
from freeze.errors import UsageError
from freeze.pauses.freezes import Freeze, standing
from freeze.posts import Json, same_words
from freeze.report import picture
from freeze.store import freezes as freeze_store
from freeze.store import holds as hold_store
from freeze.store import permissions as permission_store
from freeze.store.journal import Transaction, once
from freeze.windows import end_of, london, parse_day, parse_instant, say, say_short
from freeze.words import columns, safe


@click.command("crisis", epilog='Example: freeze crisis f3 --sign press --group "Ann Bell" --approver "Jo Smith"')
@click.argument("ident", metavar="[ID]", required=False)
@click.option("--sign", "signs", multiple=True, metavar="S", help=f"A sign of it: {', '.join(SIGNS)}, or 1 to 4.")
@click.option("--group", "group", multiple=True, metavar="NAME", help="Somebody in the crisis group (repeatable).")
@click.option("--drop", "dropped", multiple=True, metavar="NAME", help="Somebody who is not in the group any more.")
@click.option("--approver", metavar="NAME", help="Who approves messages.")
@click.option("--deputy", metavar="NAME", help="Who stands in for the approver.")
@click.option("--review", metavar="TEXT", help="A review was held: what came of it.")
@click.option("--next-review", metavar="TIME", help="When the next one is due. London time.")
@click.option("--hours-until", metavar="TIME", help="Until when the accounts are watched beyond their usual hours.")
@click.option("--listening", metavar="TEXT", help="The one listening response of --account A: allow exactly this.")
@click.option("--account", "accounts", multiple=True, metavar="A", help="With --listening or --considered.")
@click.option("--pack", metavar="FOLDER", help="Write the evaluation, and a blank evidence sheet, into this folder.")
@click.option("--considered", metavar="REASON", help="It was considered and is no crisis: record why; pauses nothing.")
@click.option("--list", "listing", is_flag=True, help="Every crisis, and what was considered and was none.")
@command
def crisis_command(
    app: App,
    ident: str | None,
    signs: tuple[str, ...],
    group: tuple[str, ...],
    dropped: tuple[str, ...],
    approver: str | None,
    deputy: str | None,
    review: str | None,
    next_review: str | None,
    hours_until: str | None,
    listening: str | None,
    accounts: tuple[str, ...],
    pack: str | None,
    considered: str | None,
    listing: bool,
) -> Answer:
    """What is on record about a crisis, on one screen; with options, put more on record. It pauses nothing.

    A crisis is started with: freeze declare crisis --account A. Names are those of the council's own people; nothing
    about members of the public is kept.
    """
    given = [
        *((What.SIGN, sign(s)) for s in dict.fromkeys(signs)),
        *((What.GROUP, n) for n in group),
        *((What.LEFT, n) for n in dropped),
        *(
            (what, x)
            for what, x in ((What.APPROVER, approver), (What.DEPUTY, deputy), (What.REVIEW, review))
            if x is not None
        ),
    ]
    now = app.now()
    for what, at, option in (
        (What.NEXT_REVIEW, next_review, "--next-review"),
        (What.HOURS, hours_until, "--hours-until"),
    ):
        if at is not None:
            given.append((what, _ahead(at, option, now)))
    if listing:
        if given or ident or listening or considered or pack or accounts:
            raise UsageError("--list stands alone.", "Leave the rest out.")
        return _list(app)
    look.check_names(app, services=(), accounts=accounts, platforms=())
    if considered is not None:
        if ident or listening or pack or any(w is not What.SIGN for w, _ in given):
            raise UsageError("--considered goes with --account and --sign only.", "Leave the rest out.")
        return _considered(app, considered, accounts, [s for _, s in given], now)
    if (listening is None) != (not accounts) or len(accounts) > 1:
        raise UsageError("--listening and one --account belong together.", "Give both, for one account at a time.")
    return _one(
        app,
        _crisis.one(app, ident),
        [Noted(now, app.actor, w, " ".join(x.split())) for w, x in given],
        listening,
        accounts,
        pack,
    )


def _ahead(text: str, option: str, now: datetime) -> str:
    """An instant still to come: a clock time is one of today, a date the end of that day."""
    given = text.strip()
    if re.fullmatch(r"\d{4}-\d\d-\d\d", given):
        at = end_of(parse_day(given, what=option))
    else:
        today = f"{london(now).date().isoformat()}T" if re.fullmatch(r"\d\d:\d\d", given) else ""
        at = parse_instant(today + given, what=option)
    if at <= now:
        raise UsageError(f"{option} {say(at)} has passed.", "Give a later time.")
    return at.isoformat()


def _one(
    app: App, f: Freeze, events: Sequence[Noted], listening: str | None, accounts: Sequence[str], pack: str | None
) -> Answer:
    now = app.now()
    lines: list[str] = []
    _known(f, events)
    if events or listening is not None:
        if events:
            app.may("declare", None if f.scope.everything or f.scope.platforms else services_of(declared(app), f.scope))
        if listening is not None:
            if not same_words(listening):
                raise UsageError("The listening response has no words.", 'Give them: --listening "..."')
            app.may("listening", {declared(app).register[accounts[0]].service})

        def write(tx: Transaction) -> tuple[Freeze, str]:
            after, ref = (_crisis.listening(tx, app, f.ref, listening, accounts[0], now)) if listening else (f, "")
            return (_crisis.write(tx, f.ref, events, now) if events else after), ref

        f, ref = once(app.store, app.actor, write)
        lines += [f"On record: {safe(e.said(), 200)}." for e in events]
        if ref:
            lines += _responded(app, f, accounts[0], ref)
        lines.append("")
    with app.store.read() as c:
        permissions = permission_store.all_of(c)
    crisis = _crisis.of(f)
    due = crisis.review_due(f.start, _crisis.every(app, f))
    late = not standing(f, now).over and f.start <= now and now >= due
    lines += [f"{f.says()}: {standing(f, now).value}, {f.scope.said()}"]
    lines += [f"  {line}" for line in _crisis.shown(f, permissions, now)]
    lines += [f'  A REVIEW WAS DUE {say(due)}: freeze crisis {f.ref} --review "..." --next-review TIME'] if late else []
    files = crisis_pack.write(app, f, Path(pack)) if pack is not None else []
    lines += [f"Written: {p}" for p in files]
    lines.append(f"Log head: {look.head(app)}")
    body = picture.freeze_json(f, now) | {"crisis": crisis.to_json(), "review_due": due.isoformat()}
    body |= {"review_overdue": late, "files": [str(p) for p in files]}
    return body, lines, 1 if late else 0


def _known(f: Freeze, events: Sequence[Noted]) -> None:
    """Refuse to drop somebody who is not in the group."""
    there = {same_words(n) for n in (*_crisis.of(f).group, *(e.words for e in events if e.what is What.GROUP))}
    for e in events:
        if e.what is What.LEFT and same_words(e.words) not in there:
            raise UsageError(
                f'"{safe(e.words)}" is not in the group of {f.says()}.',
                f"In it: {', '.join(_crisis.of(f).group) or 'nobody'}.",
            )


def _responded(app: App, f: Freeze, account: str, ref: str) -> list[str]:
    """What to do with a listening response, and bring the tasks in step: somebody may have been asked to stop it."""
    with app.store.read() as c:
        last = hold_store.last_run(c)
    if last is not None:
        tasks.follow(app, last.started_at)
    return [
        f"The listening response of {account} is allowed through {f.says()} ({ref}), once.",
        "Post exactly these words by hand. Then stop: post nothing more there, and gather what is said.",
        "Tell your manager and Communications.",
    ]


def _considered(app: App, reason: str, accounts: Sequence[str], signs: Sequence[str], now: datetime) -> Answer:
    if not accounts or not same_words(reason):
        raise UsageError("--considered needs a reason and --account A.", "Say why it is no crisis, and where.")
    register = declared(app).register
    app.may("declare", {register[a].service for a in accounts})
    said = " ".join(reason.split())
    Crisis().noted(Noted(now, app.actor, What.REVIEW, said))  # the same bounds as for any entry
    data: dict[str, Json] = {"accounts": list(accounts), "signs": list(signs), "reason": said}
    once(app.store, app.actor, lambda tx: tx.log(now, _crisis.CONSIDERED, data))
    names = ", ".join(register[a].name for a in accounts)
    lines = [f"On record: considered for {safe(names, 200)}, and no crisis. {safe(said, 300)}", "Nothing is paused."]
    return data | {"paused": False}, [*lines, f"Log head: {look.head(app)}"], 0


def _list(app: App) -> Answer:
    now = app.now()
    with app.store.read() as c:
        found = [f for f in freeze_store.all_of(c) if f.preset == CRISIS]
    none = _crisis.considered(app)
    lines = columns(
        [
            [f.ref, standing(f, now).value, f.scope.said(), f"{say_short(f.start)}: {safe(f.reason, 80)}"]
            for f in found[::-1]
        ],
        indent="",
    )
    lines = lines or ["No crisis was ever declared."]
    lines += ["Considered, and no crisis:"] if none else []
    lines += _rows(none)
    body = {
        "crises": [picture.freeze_json(f, now) | {"crisis": _crisis.of(f).to_json()} for f in found],
        "considered": [{"at": at, "by": who, **data} for at, who, data in none],
    }
    return body, lines, 0


def _rows(none: Sequence[tuple[str, str, dict[str, Json]]]) -> Iterator[str]:
    yield from columns(
        [_crisis.said_at(at), ", ".join(d["accounts"]), safe(who, 60), f"{safe(d['reason'], 160)}{_seen(d['signs'])}"]
        for at, who, d in none[::-1]
    )


def _seen(signs: Sequence[str]) -> str:
    return f" (signs seen: {', '.join(signs)})" if signs else ""

"""`freeze crisis`: what is on record about a crisis, its listening responses, and its evaluation."""

from __future__ import annotations

from pathlib import Path

import click

from freeze.acts import crisis, crisis_pack
from freeze.acts import crisis_record as act
from freeze.acts.app import App
from freeze.commands import times
from freeze.commands.common import Answer, command
from freeze.crisis import SIGNS, What, sign
from freeze.errors import UsageError
from freeze.pauses.freezes import standing
from freeze.report import crisis_record as report
from freeze.report import picture
from freeze.windows import say
from freeze.words import safe


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
    for what, at, option in (
        (What.NEXT_REVIEW, next_review, "--next-review"),
        (What.HOURS, hours_until, "--hours-until"),
    ):
        if at is not None:
            given.append((what, times.ahead(at, option, app.now()).isoformat()))
    if listing:
        if given or ident or listening or considered or pack or accounts:
            raise UsageError("--list stands alone.", "Leave the rest out.")
        return _list(app)
    if considered is not None:
        if ident or listening or pack or any(w is not What.SIGN for w, _ in given):
            raise UsageError("--considered goes with --account and --sign only.", "Leave the rest out.")
        none = act.considered(app, considered, accounts, [s for _, s in given])
        names = safe(", ".join(none.known.register[a].name for a in accounts), 200)
        lines = [f"On record: considered for {names}, and no crisis. {safe(none.reason, 300)}", "Nothing is paused."]
        return none.data | {"paused": False}, [*lines, f"Log head: {none.known.head}"], 0
    if (listening is None) != (not accounts) or len(accounts) > 1:
        raise UsageError("--listening and one --account belong together.", "Give both, for one account at a time.")
    done, events = act.record(app, ident, given, listening, accounts[0] if accounts else "")
    f, now = done.freeze, done.known.now
    lines = [f"On record: {safe(e.said(), 200)}." for e in events]
    lines += report.responded(f, accounts[0], done.response) if done.response else []
    lines += [""] if events or listening is not None else []
    lines += [f"{f.says()}: {standing(f, now).value}, {f.scope.said()}"]
    lines += [f"  {line}" for line in crisis.shown(f, done.known.permissions, now)]
    if done.late:
        lines.append(
            f'  A REVIEW WAS DUE {say(done.review_due)}: freeze crisis {f.ref} --review "..." --next-review TIME'
        )
    files = crisis_pack.write(app, f, Path(pack)) if pack is not None else []
    lines += [*(f"Written: {p}" for p in files), f"Log head: {done.known.head}"]
    body = picture.freeze_json(f, now) | {"crisis": done.crisis.to_json(), "review_due": done.review_due.isoformat()}
    return body | {"review_overdue": done.late, "files": [str(p) for p in files]}, lines, 1 if done.late else 0


def _list(app: App) -> Answer:
    found, none, known = act.every(app)
    body = {
        "crises": [picture.freeze_json(f, known.now) | {"crisis": crisis.of(f).to_json()} for f in found],
        "considered": [{"at": at, "by": who, **data} for at, who, data in none],
    }
    return body, report.listed(found, none, known.now), 0

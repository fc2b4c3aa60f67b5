"""`freeze brief`: five lines to forward to a chief executive, true at this moment."""

from __future__ import annotations

import click

from freeze.acts import look, tasks
from freeze.acts.app import App
from freeze.commands.common import Answer, command
from freeze.errors import worst
from freeze.pauses.freezes import Freeze
from freeze.people.how_silent import Places, Silent, of_accounts
from freeze.people.sources import any_stale
from freeze.people.tasks import ACCOUNT
from freeze.report import brief
from freeze.store import posts as post_store
from freeze.views.found import Found
from freeze.windows import say
from freeze.words import many


@click.command("brief", epilog="Example: freeze brief")
@command
def brief_command(app: App) -> Answer:
    """Five lines for a chief executive: since when, who is seen silent, what cannot be checked, what went out, the end.

    Reads the store only. While no announcement is recorded it says only "Publishing pause".
    """
    now = app.now()
    seen = tasks.seen(app)
    live = [f for f in look.in_force(app, now) if not f.rehearsal and f.start <= now]
    lines: list[str] = []
    shown = []
    codes = [5 if any_stale(seen, now) else 0]
    for f in live:
        what = look.found(app, f)
        if f.preset in app.kinds_of_post.only:  # counting silent accounts would say the opposite of what is meant
            lines += [f"{f.outside} since {say(f.start)}: business goes on, {many(len(what.holds), 'post')} held.", ""]
            codes.append(look.code(what, None))
            continue
        silent = _silence(app, f, what)
        lines += [*brief.lines(f, what, silent, seen, now), ""]
        shown.append(brief.data(f, what, silent, now))
        codes.append(look.code(what, None))
    if not live:
        lines = ["No pause is in force.", ""]
    return {"at": now.isoformat(), "pauses": shown}, lines[:-1], worst(*codes)


def _silence(app: App, f: Freeze, what: Found) -> dict[str, Silent]:
    with app.store.read() as c:
        names, rows = post_store.aliases(c), post_store.sources(c)
    fresh = {
        (r.connection, r.native)
        for r in rows
        if r.as_of is None and not (r.reason or r.unseen) and r.read_at is not None and r.read_at >= f.declared_at
    }
    # Of a queue that no program is shown only people can speak: those who were asked, or else nobody.
    hidden = {(r.connection, r.native) for r in rows if r.unseen}
    asked = {t.wanted.accounts[0] for t in what.tasks if t.kind == ACCOUNT and t.closed_at is None}
    here = {k: a for k, a in names.items() if k[0] in app.platforms and not (k in hidden and a in asked)}
    places = Places({(k[0], a) for k, a in here.items()}, {(k[0], a) for k, a in here.items() if k in fresh})
    covered = [a for a in what.register.values() if f.scope.covers(a)]
    return of_accounts(covered, places, what.holds, what.posts, what.loose, what.tasks)

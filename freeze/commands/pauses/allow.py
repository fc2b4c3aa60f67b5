"""`freeze allow`: let one post, or a kind of post, through one pause."""

from __future__ import annotations

from datetime import datetime

import click

from freeze.acts import allow, crisis, look, tasks
from freeze.acts.app import App
from freeze.commands import times
from freeze.commands.common import Answer, command
from freeze.errors import RefusedByRule, UsageError
from freeze.pauses.allowing import grantable, passing
from freeze.pauses.freezes import Freeze, standing
from freeze.permissions import levelled, spoken
from freeze.posts import Post, post_number, same_words
from freeze.report import allowed as report
from freeze.report import picture
from freeze.store import freezes as freeze_store
from freeze.store import holds as hold_store
from freeze.store import permissions as permission_store
from freeze.store import posts as post_store
from freeze.store.journal import Transaction, once
from freeze.windows import say, say_short
from freeze.words import many


@click.command("allow", epilog='Example: freeze allow p12 --freeze f1 --reason "Road closed by flooding"')
@click.argument("posts", nargs=-1, metavar="[POST...]")
@click.option("--kind", metavar="K", help="Every post of this kind, by its tag or account; needs --until.")
@click.option(
    "--new", "words", metavar="WORDS", help="Words that will be posted by hand; needs --account or --service."
)
@click.option("--account", "accounts", multiple=True, metavar="A", help="Only on this account (repeatable).")
@click.option("--service", "services", multiple=True, metavar="S", help="Only on this service's accounts (repeatable).")
@click.option("--until", metavar="TIME", help="Until when. London time; a bare date means the end of that day.")
@click.option("--freeze", "ident", metavar="ID", help="Through which pause; not needed where only one is in force.")
@click.option("--reason", help="Why.")
@click.option("--by", metavar="NAME", help="Who decided, where that is somebody else; recorded as stated.")
@click.option("--risk-to-life", "about_life", is_flag=True, help="It passes at once; say who directed it, if later.")
@click.option("--directed-by", metavar="WHO", help="With --risk-to-life: the body and the person who directed it.")
@click.option("--withdraw", metavar="PERMISSION", help="Take a permission back, for example a3.")
@click.option("--list", "listing", is_flag=True, help="List every permission, and change nothing.")
@command
def allow_command(
    app: App,
    posts: tuple[str, ...],
    kind: str | None,
    words: str | None,
    accounts: tuple[str, ...],
    services: tuple[str, ...],
    until: str | None,
    ident: str | None,
    reason: str | None,
    by: str | None,
    about_life: bool,
    directed_by: str | None,
    withdraw: str | None,
    listing: bool,
) -> Answer:
    """Let posts through one pause, while it goes on: single posts, a kind of post, or words that are to be typed.

    It frees them from that pause only: whatever else holds a post goes on holding it. A post is let through with the
    words it has now; if somebody changes them, it is held again. Nothing moves by this: freeze put-back returns what
    was held.
    """
    given = [n for n, x in (("posts", posts), ("--kind", kind), ("--new", words is not None)) if x]
    if listing or withdraw:
        if given or (listing and withdraw):
            raise UsageError("--list and --withdraw stand alone.", "Allow in one command, withdraw in another.")
        return _list(app) if listing else _withdraw(app, withdraw or "")
    if len(given) != 1:
        raise UsageError("Say what to allow: posts, --kind K or --new WORDS.", "Give exactly one of them.")
    if about_life and not posts:
        raise UsageError("--risk-to-life goes with posts.", "Posts tagged with that kind pass by themselves.")
    if directed_by is not None and not about_life:
        raise UsageError("--directed-by goes with --risk-to-life.", "Add it, or leave --directed-by out.")
    if posts and (accounts or services or until):
        raise UsageError("A permission for single posts takes no --account, --service or --until.", "Leave them out.")
    if kind and until is None:
        raise UsageError("A permission for a kind of post needs its end.", "Add --until TIME.")
    if words is not None and not (same_words(words) and (accounts or services)):
        raise UsageError("--new needs the words and where they go.", "Add --account A or --service S.")
    why = (reason or "").strip() or ("Risk to life" if about_life else "")
    if not why:
        raise UsageError("A permission needs a reason.", 'Add --reason "...".')
    look.check_names(app, services=services, accounts=accounts, platforms=())
    ends = times.until(until) if until else None
    if ends is not None and ends <= app.now():
        raise UsageError(f"--until {say(ends)} has passed.", "Give a later time.")
    asked = allow.Asked(
        posts=posts,
        kind=kind,
        words=words,
        accounts=accounts,
        services=services,
        until=ends,
        reason=why,
        about_life=about_life,
        directed_by=(directed_by or "").strip(),
        by=f"{by.strip()} (as stated), entered by {app.actor}" if by and by.strip() else app.actor,
    )
    return _given(app, asked, ident)


def _given(app: App, asked: allow.Asked, ident: str | None) -> Answer:
    now = app.now()
    f = _pause(app, ident, now, even_over=asked.about_life)
    with app.store.read() as c:
        named = post_store.by_ids(map(post_number, asked.posts))
        services = {p.service for p in post_store.fetch(c, named, post_store.accounts(c))}
    app.may("risk-to-life" if asked.about_life else "allow", services if asked.posts else None)
    if asked.kind and (needless := grantable(asked.kind, f, app.kinds_of_post)):
        return {"freeze": f.ref, "permissions": []}, [needless], 0
    made, lines, bad = once(app.store, app.actor, lambda tx: allow.write(tx, app, f, asked, now))
    with app.store.read() as c:
        register = post_store.accounts(c)
        last = hold_store.last_run(c)
        after = allow.case(app, c, f, now)
        known = allow.known(c, register) if not asked.posts else []
    if last is not None:
        tasks.follow(app, last.started_at)
    if asked.kind:
        lines += allow.reach(app, asked.kind, passing(known, after))
    if asked.words is not None:
        found = [p for p in passing(known, after) if spoken(p) == levelled(asked.words)]
        lines.append("Type exactly these words; a link or picture is yours to answer for. Other words are held.")
        lines += [f"Scheduled with these words: {', '.join(p.ref for p in found)}."] if found else []
    lines += [f"NOT ALLOWED  {line}" for line in bad]
    lines += crisis.not_asked(f, made)
    lines.append(f"Log head: {look.head(app)}")
    body = {"freeze": f.ref, "permissions": [report.as_json(p, now) for p in made], "wrong": bad}
    return body, lines, 2 if bad else 0


def _pause(app: App, ident: str | None, now: datetime, *, even_over: bool) -> Freeze:
    """The pause to allow through. Raises RefusedByRule for one that is over, UsageError where it is not clear which."""
    if ident is not None:
        with app.store.read() as c:
            f = freeze_store.one(c, ident)
        if standing(f, now).over and not even_over:
            raise RefusedByRule(f"{f.says()} is {standing(f, now).value}: it holds nothing any more.")
        return f
    live = [f for f in look.in_force(app, now) if not f.rehearsal]
    if len(live) != 1:
        there = "; ".join(f.says() for f in live)
        raise UsageError(
            f"Say through which pause: {there}." if live else "No pause is in force: there is nothing to allow.",
            "Add --freeze ID." if live else "",
        )
    return live[0]


def _withdraw(app: App, ref: str) -> Answer:
    now = app.now()
    app.may("withdraw")
    with app.store.read() as c:
        p = permission_store.one(c, ref)
        f = freeze_store.one(c, p.freeze)
        register = post_store.accounts(c)
    if p.withdrawn_at is not None:
        return (
            {"permission": report.as_json(p, now)},
            [f"{p.ref} is withdrawn already, since {say(p.withdrawn_at)}."],
            0,
        )

    def write(tx: Transaction) -> list[Post]:
        permission_store.change(tx.c, p.number, withdrawn_at=now)
        tx.log(now, "permission.withdrawn", {"permission": p.ref, "freeze": p.freeze})
        if standing(f, now).over:
            return []
        case = allow.case(app, tx.c, f, now)
        loose = post_store.fetch(tx.c, post_store.waiting() & post_store.not_held(), register)
        return [x for x in loose if case.inside(x) and case.held(x)]

    loose = once(app.store, app.actor, write)
    lines = [f"Withdrawn: {p.ref}, {report.what(p, register)}, through {f.says()}."]
    if loose:
        due = min((x.intended_at for x in loose if x.intended_at), default=None)
        next_due = f", the next due {say_short(due)}" if due else ""
        lines.append(f"KNOWN AND NOT HELD: {many(len(loose), 'post')}{next_due}. Hold now: freeze sync --enforce")
    lines.append(f"Log head: {look.head(app)}")
    with app.store.read() as c:
        after = permission_store.one(c, p.ref)
    body = {"permission": report.as_json(after, now), "not_held": [picture.post_json(x) for x in loose]}
    return body, lines, 3 if loose else 0


def _list(app: App) -> Answer:
    now = app.now()
    with app.store.read() as c:
        found = permission_store.all_of(c)
        register = post_store.accounts(c)
    lines = report.lines(found, register, now) or ["Nothing was ever allowed through a pause."]
    return {"permissions": [report.as_json(p, now) for p in found]}, lines, 0

"""`freeze allow`: let one post, or a kind of post, through one pause."""

from __future__ import annotations

import click

from freeze.acts import allow as act
from freeze.acts.app import App
from freeze.acts.permissions import Asked
from freeze.commands import times
from freeze.commands.common import Answer, command
from freeze.errors import UsageError
from freeze.posts import same_words
from freeze.report import allowed as report
from freeze.report import picture
from freeze.windows import say


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
    who = (by or "").strip()
    asked = Asked(
        posts=posts,
        kind=kind,
        words=words,
        accounts=accounts,
        services=services,
        until=times.until(until) if until else None,
        reason=why,
        about_life=about_life,
        directed_by=(directed_by or "").strip(),
        by=f"{who} (as stated), entered by {app.actor}" if who else app.actor,
    )
    done = act.give(app, asked, ident)
    if done.needless:
        return {"freeze": done.freeze.ref, "permissions": []}, [done.needless], 0
    lines = list(done.lines)
    if words is not None:
        lines.append("Type exactly these words; a link or picture is yours to answer for. Other words are held.")
    if done.scheduled:
        lines.append(f"Scheduled with these words: {', '.join(p.ref for p in done.scheduled)}.")
    lines += [*(f"NOT ALLOWED  {line}" for line in done.bad), *done.not_asked, f"Log head: {done.known.head}"]
    made = [report.as_json(p, done.known.now) for p in done.made]
    return {"freeze": done.freeze.ref, "permissions": made, "wrong": done.bad}, lines, 2 if done.bad else 0


def _withdraw(app: App, ref: str) -> Answer:
    done = act.withdraw(app, ref)
    p, now, shown = done.permission, done.known.now, report.as_json(done.permission, done.known.now)
    if done.again and p.withdrawn_at is not None:
        return {"permission": shown}, [f"{p.ref} is withdrawn already, since {say(p.withdrawn_at)}."], 0
    lines = [f"Withdrawn: {p.ref}, {report.what(p, done.known.register)}, through {done.freeze.says()}."]
    lines += [*report.loose(done.loose), f"Log head: {done.known.head}"]
    body = {"permission": report.as_json(p, now), "not_held": list(map(picture.post_json, done.loose))}
    return body, lines, 3 if done.loose else 0


def _list(app: App) -> Answer:
    found, register, known = act.every(app)
    lines = report.lines(found, register, known.now) or ["Nothing was ever allowed through a pause."]
    return {"permissions": [report.as_json(p, known.now) for p in found]}, lines, 0

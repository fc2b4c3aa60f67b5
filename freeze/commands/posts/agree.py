"""`freeze agree`: record that somebody accountable said yes to what the policy asks about beforehand."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta

import click

from freeze.acts import look
from freeze.acts.app import App
from freeze.agreements import Agreement, Matter, content
from freeze.commands.common import Answer, command
from freeze.errors import UsageError, nearest
from freeze.posts import Json, Post, post_number, same_words
from freeze.store import agreements as agreement_store
from freeze.store import posts as post_store
from freeze.store.journal import Transaction, once
from freeze.windows import london, parse_day, say_day
from freeze.words import columns, excerpt, many, safe

WORDS = {
    Matter.SIGN_OFF: "signed off (clause 4.2)",
    Matter.BOOST: "to be boosted (clause 2.7)",
    Matter.MEDIA: "permission for its pictures (clause 2.9)",
    Matter.CAMPAIGN: "campaign agreed (clause 3.5)",
}
NEEDS = {
    Matter.BOOST: "Boosting needs the budget code.",
    Matter.MEDIA: "A permission for pictures needs a reference: where the paper is kept.",
}
"""What is worth nothing without a reference."""


@click.command("agree", epilog='Example: freeze agree p12 --boost --by "Head of Fostering" --reference FC-2041')
@click.argument("posts", nargs=-1, metavar="[POST...]")
@click.option("--sign-off", "sign_off", is_flag=True, help="A political or controversial matter was signed off.")
@click.option("--boost", is_flag=True, help="The budget holder approved paid promotion; needs --reference.")
@click.option("--media", is_flag=True, help="The people in its pictures gave permission; needs --reference.")
@click.option("--campaign", metavar="TAG", help="A long or major campaign was agreed with Communications.")
@click.option("--by", metavar="NAME", help="Who agreed; recorded as stated.")
@click.option("--reference", metavar="CODE", help="The budget code, or where the written permission is kept.")
@click.option("--until", metavar="DATE", help="The last London day on which it counts.")
@click.option("--withdraw", metavar="AGREEMENT", help="Take one back, for example g3.")
@click.option("--list", "listing", is_flag=True, help="List every agreement, and change nothing.")
@command
def agree_command(
    app: App,
    posts: tuple[str, ...],
    sign_off: bool,
    boost: bool,
    media: bool,
    campaign: str | None,
    by: str | None,
    reference: str | None,
    until: str | None,
    withdraw: str | None,
    listing: bool,
) -> Answer:
    """Record that somebody agreed: to posts as they read now, or to a campaign by its tag.

    Whoever edits a post afterwards loses what was agreed. An agreement quiets one rule; it lets nothing through a
    pause (freeze allow does).
    """
    asked = [
        m
        for m, given in (
            (Matter.SIGN_OFF, sign_off),
            (Matter.BOOST, boost),
            (Matter.MEDIA, media),
            (Matter.CAMPAIGN, campaign is not None),
        )
        if given
    ]
    if listing or withdraw is not None:
        if asked or posts or (listing and withdraw is not None):
            raise UsageError("--list and --withdraw stand alone.", "Agree in one command, withdraw in another.")
        return _list(app) if withdraw is None else _withdraw(app, withdraw)
    if len(asked) != 1:
        raise UsageError("Say what was agreed to: --sign-off, --boost, --media or --campaign TAG.", "Give exactly one.")
    matter = asked[0]
    if (matter is Matter.CAMPAIGN) == bool(posts):
        raise UsageError(
            "A campaign takes a tag and no posts; everything else takes posts.", "For example: freeze agree p12 --boost"
        )
    if campaign is not None and not same_words(campaign):
        raise UsageError("--campaign needs the campaign's tag.", 'For example: --campaign "campaign:warm-homes"')
    who, code = " ".join((by or "").split()), " ".join((reference or "").split())
    if not who:
        raise UsageError("An agreement needs the name of who agreed.", "Add --by NAME.")
    if matter in NEEDS and not code:
        raise UsageError(NEEDS[matter], "Add --reference CODE.")
    last = parse_day(until, what="--until") if until else None
    if last is not None and last < london(app.now()).date():
        raise UsageError(f"--until {say_day(last)} has passed.", "Give a later day.")
    app.may("agree")
    said = f"{who} (as stated), entered by {app.actor}"
    made = Agreement(0, matter, said, app.now(), campaign=(campaign or "").strip(), reference=code, until=last)
    return _campaign(app, made) if matter is Matter.CAMPAIGN else _posts(app, made, posts)


def _posts(app: App, asked: Agreement, refs: tuple[str, ...]) -> Answer:
    def write(tx: Transaction) -> tuple[list[Agreement], list[str], list[str]]:
        made: list[Agreement] = []
        lines: list[str] = []
        bad: list[str] = []
        register = post_store.accounts(tx.c)
        twins = post_store.twins(tx.c, {n for r in refs if (n := post_number(r))})
        wanted = {*twins, *(t for others in twins.values() for t in others)}
        known = {p.id: p for p in post_store.fetch(tx.c, post_store.by_ids(wanted), register)}
        done: set[int] = set()
        for ref in refs:
            post = known.get(post_number(ref))
            if post is None:
                bad.append(f'There is no post "{ref}".')
                continue
            if post.id in done:
                continue
            sights = [post, *(known[t] for t in twins[post.id] if t in known)]
            done |= {p.id for p in sights}
            stored = agreement_store.add(tx.c, _for(asked, sights))
            tx.log(asked.at, "agreement.recorded", _logged(stored))
            made.append(stored)
            also = f" (also seen as {', '.join(p.ref for p in sights[1:])})" if len(sights) > 1 else ""
            lines.append(f"{stored.ref}  {post.ref}{also}: {WORDS[asked.matter]}. {excerpt(post, 60)}")
        return made, lines, bad

    made, lines, bad = once(app.store, app.actor, write)
    if made:
        lines.append("It counts for the words, link and pictures they have now; an edit loses it.")
    lines += [f"NOT RECORDED  {safe(line, 120)}" for line in bad]
    lines.append(f"Log head: {look.head(app)}")
    return {"agreements": [_json(a, london(asked.at).date()) for a in made], "wrong": bad}, lines, 2 if bad else 0


def _for(asked: Agreement, sights: list[Post]) -> Agreement:
    """What was asked, for one post in every queue it is seen in."""
    return replace(asked, posts=tuple(p.id for p in sights), content=tuple(content(p) for p in sights))


def _campaign(app: App, asked: Agreement) -> Answer:
    with app.store.read() as c:
        waiting = list(post_store.fetch(c, post_store.waiting(), post_store.accounts(c)))
    tags = {t for p in waiting for t in p.tags}
    mine = [p for p in waiting if same_words(asked.campaign) in map(same_words, p.tags)]

    def write(tx: Transaction) -> Agreement:
        stored = agreement_store.add(tx.c, asked)
        tx.log(asked.at, "agreement.recorded", _logged(stored))
        return stored

    stored = once(app.store, app.actor, write)
    until = f" until {say_day(stored.until)}" if stored.until else ""
    lines = [
        f"{stored.ref}  {WORDS[stored.matter]}{until}: {safe(stored.campaign)}, {many(len(mine), 'post')} scheduled."
    ]
    if not mine and tags:
        lines.append(f"No scheduled post has this tag. {nearest(stored.campaign, tags)}")
    lines.append(f"Log head: {look.head(app)}")
    body = {"agreements": [_json(stored, london(asked.at).date())], "wrong": [], "scheduled": len(mine)}
    return body, lines, 0


def _withdraw(app: App, ref: str) -> Answer:
    app.may("agree")
    named = re.fullmatch(r"[gG]?([0-9]{1,15})", ref.strip())
    number = int(named[1]) if named else 0

    yesterday = london(app.now()).date() - timedelta(days=1)

    def write(tx: Transaction) -> Agreement:
        known = {a.number: a for a in agreement_store.all_of(tx.c)}
        if number not in known:
            raise UsageError(f'There is no agreement "{ref}".', nearest(ref, [a.ref for a in known.values()]))
        if known[number].stands(yesterday + timedelta(days=1)):
            agreement_store.end(tx.c, number, yesterday)
            tx.log(app.now(), "agreement.withdrawn", _logged(known[number]))
        return replace(known[number], until=yesterday)

    gone = once(app.store, app.actor, write)
    lines = [f"Withdrawn: {gone.ref}, {WORDS[gone.matter]}.", f"Log head: {look.head(app)}"]
    return {"agreements": [_json(gone, london(app.now()).date())]}, lines, 0


def _list(app: App) -> Answer:
    today = london(app.now()).date()
    with app.store.read() as c:
        found = agreement_store.all_of(c)
        ids = {n for a in found for n in a.posts}
        posts = {p.id: p for p in post_store.fetch(c, post_store.by_ids(ids), post_store.accounts(c))}
    lines = columns(
        [
            a.ref,
            a.matter.value,
            safe(a.campaign, 40) or ", ".join(f"p{n}" for n in a.posts),
            _standing(a, posts, today),
            safe(f"{a.by}{f', {a.reference}' if a.reference else ''}, {say_day(london(a.at).date())}", 200),
        ]
        for a in found
    )
    body = {"agreements": [_json(a, today) | {"standing": _standing(a, posts, today)} for a in found]}
    return body, lines or ["Nothing was ever agreed to here."], 0


def _standing(a: Agreement, posts: dict[int, Post], today: date) -> str:
    """Whether an agreement still counts, in words."""
    if not a.stands(today):
        return "counts no longer"
    if a.posts and not any(n in posts and content(posts[n]) in a.content for n in a.posts):
        return "lost: the post was changed" if any(n in posts for n in a.posts) else "the post is gone"
    return f"until {say_day(a.until)}" if a.until else "stands"


def _logged(a: Agreement) -> dict[str, Json]:
    """What the log keeps: ids and digests, no names."""
    return {"agreement": a.ref, "matter": a.matter.value, "posts": list(a.posts), "content": list(a.content)}


def _json(a: Agreement, today: date) -> dict[str, Json]:
    return {
        "id": a.ref,
        "matter": a.matter.value,
        "by": a.by,
        "at": a.at.isoformat(),
        "posts": [f"p{n}" for n in a.posts],
        "campaign": a.campaign or None,
        "reference": a.reference or None,
        "until": a.until.isoformat() if a.until else None,
        "stands": a.stands(today),
    }

"""Recording that somebody accountable said yes, taking it back, and listing what stands."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from freeze.acts.app import App
from freeze.agreements import Agreement, Matter, content
from freeze.errors import UsageError, nearest
from freeze.posts import Json, Post, post_number, same_words
from freeze.store import agreements as agreement_store
from freeze.store import posts as post_store
from freeze.store.journal import Transaction, once
from freeze.windows import london, say_day

NEEDS = {
    Matter.BOOST: "Boosting needs the budget code.",
    Matter.MEDIA: "A permission for pictures needs a reference: where the paper is kept.",
}
"""What is worth nothing without a reference."""


@dataclass(frozen=True)
class Agreed:
    """What was recorded: each agreement with the post it is for and its other sights; and the posts there are not.

    `scheduled` counts the posts of a campaign, `near` is advice where none has its tag. `today` is the London day.
    """

    made: Sequence[tuple[Agreement, Sequence[Post]]]
    bad: Sequence[str]
    today: date
    head: str
    scheduled: int = 0
    near: str = ""


def agree(
    app: App, matter: Matter, refs: Sequence[str], campaign: str, by: str, reference: str, until: date | None
) -> Agreed:
    """Record that `by` agreed: to posts as they read now, or to a campaign by its tag; until a London day at most.

    Raises UsageError for what is missing or has passed, RefusedByRule for who may not.
    """
    who, code, now = " ".join(by.split()), " ".join(reference.split()), app.now()
    if not who:
        raise UsageError("An agreement needs the name of who agreed.", "Add --by NAME.")
    if matter in NEEDS and not code:
        raise UsageError(NEEDS[matter], "Add --reference CODE.")
    today = london(now).date()
    if until is not None and until < today:
        raise UsageError(f"--until {say_day(until)} has passed.", "Give a later day.")
    app.may("agree")
    said = f"{who} (as stated), entered by {app.actor}"
    asked = Agreement(0, matter, said, now, campaign=campaign.strip(), reference=code, until=until)
    return _campaign(app, asked, today) if matter is Matter.CAMPAIGN else _posts(app, asked, refs, today)


def _posts(app: App, asked: Agreement, refs: Sequence[str], today: date) -> Agreed:
    def write(tx: Transaction) -> tuple[list[tuple[Agreement, Sequence[Post]]], list[str]]:
        made: list[tuple[Agreement, Sequence[Post]]] = []
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
            made.append((stored, sights))
        return made, bad

    made, bad = once(app.store, app.actor, write)
    return Agreed(made, bad, today, _head(app))


def _for(asked: Agreement, sights: Sequence[Post]) -> Agreement:
    """What was asked, for one post in every queue it is seen in."""
    return replace(asked, posts=tuple(p.id for p in sights), content=tuple(content(p) for p in sights))


def _campaign(app: App, asked: Agreement, today: date) -> Agreed:
    with app.store.read() as c:
        waiting = list(post_store.fetch(c, post_store.waiting(), post_store.accounts(c)))
    tags = {t for p in waiting for t in p.tags}
    mine = [p for p in waiting if same_words(asked.campaign) in map(same_words, p.tags)]

    def write(tx: Transaction) -> Agreement:
        stored = agreement_store.add(tx.c, asked)
        tx.log(asked.at, "agreement.recorded", _logged(stored))
        return stored

    stored = once(app.store, app.actor, write)
    near = f"No scheduled post has this tag. {nearest(stored.campaign, tags)}" if not mine and tags else ""
    return Agreed([(stored, ())], (), today, _head(app), len(mine), near)


def withdraw(app: App, ref: str) -> tuple[Agreement, date, str]:
    """Take an agreement back; gives it, the London day, and the log's head. Raises UsageError, RefusedByRule."""
    app.may("agree")
    named = re.fullmatch(r"[gG]?([0-9]{1,15})", ref.strip())
    number = int(named[1]) if named else 0
    today = london(app.now()).date()
    yesterday = today - timedelta(days=1)

    def write(tx: Transaction) -> Agreement:
        known = {a.number: a for a in agreement_store.all_of(tx.c)}
        if number not in known:
            raise UsageError(f'There is no agreement "{ref}".', nearest(ref, [a.ref for a in known.values()]))
        if known[number].stands(today):
            agreement_store.end(tx.c, number, yesterday)
            tx.log(app.now(), "agreement.withdrawn", _logged(known[number]))
        return replace(known[number], until=yesterday)

    return once(app.store, app.actor, write), today, _head(app)


def every(app: App) -> tuple[list[Agreement], Mapping[int, Post], date]:
    """Every agreement, the posts they are for, and the London day."""
    with app.store.read() as c:
        found = agreement_store.all_of(c)
        ids = {n for a in found for n in a.posts}
        posts = {p.id: p for p in post_store.fetch(c, post_store.by_ids(ids), post_store.accounts(c))}
    return found, posts, london(app.now()).date()


def _head(app: App) -> str:
    with app.store.read() as c:
        return app.known(c).head


def _logged(a: Agreement) -> dict[str, Json]:
    """What the log keeps: ids and digests, no names."""
    return {"agreement": a.ref, "matter": a.matter.value, "posts": list(a.posts), "content": list(a.content)}

"""`freeze decide`: what happens to held posts when they are put back, one by one or many at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

import click

from freeze.acts import look
from freeze.acts.app import App
from freeze.back.triage import BULK, DECISIONS, Chosen, Wanted, choose, in_campaign, says, stale
from freeze.commands import times
from freeze.commands.common import Answer, agreed, command, show
from freeze.errors import RefusedByRule, UsageError, nearest, worst
from freeze.holds import Hold, HoldState
from freeze.judging.evaluate import Verdicts
from freeze.pauses.freezes import ahead, standing
from freeze.ports import Facts
from freeze.posts import Post, Seen, post_number
from freeze.store import freezes as freeze_store
from freeze.store import holds as hold_store
from freeze.store import posts as post_store
from freeze.store.journal import Transaction, once
from freeze.windows import say, say_short
from freeze.words import columns, excerpt, listed, many

MOST = 15


@click.command("decide", epilog="Example: freeze decide --service libraries --all-missed --next-slot")
@click.argument("posts", nargs=-1, metavar="[POST...]")
@click.option("--service", metavar="S", help="Every held post of this service's accounts.")
@click.option("--campaign", metavar="TAG", help="Every held post with this tag or hashtag.")
@click.option("--all-missed", is_flag=True, help="Every held post whose time has passed.")
@click.option("--freeze", "ident", metavar="ID", help="Only what this pause holds.")
@click.option("--next-slot", "choice", flag_value="next-slot", help="Give it the next free time.")
@click.option("--at", "at", metavar="TIME", help="Give it this time, London.")
@click.option("--keep", "choice", flag_value="keep", help="Leave it held as it is.")
@click.option("--cancel", "choice", flag_value="cancel", help="Do not publish it; the guard deletes nothing.")
@click.option(
    "--accept-current", "choice", flag_value="accept-current", help="Somebody changed it: take it as it is now."
)
@click.option("--dry-run", is_flag=True, help="Only count what would be decided.")
@click.option("--yes", is_flag=True, help="Do not ask about a decision for many posts.")
@command
def decide_command(
    app: App,
    posts: tuple[str, ...],
    service: str | None,
    campaign: str | None,
    all_missed: bool,
    ident: str | None,
    choice: str | None,
    at: str | None,
    dry_run: bool,
    yes: bool,
) -> Answer:
    """Decide what happens to held posts when they are put back. It can be done on any day, and changed.

    Posts are named, or chosen by --service, --campaign, --all-missed and --freeze (a post must fit all that are given).
    What is chosen is counted first and asked about. Posts decided singly stay so. --next-slot leaves out posts whose
    words went stale ("tomorrow", a date now past) unless they are named, and posts whose own time is still to come.
    """
    if (choice is None) == (at is None):
        raise UsageError("Say what is decided: --next-slot, --at TIME, --keep, --cancel or --accept-current.")
    now = app.now()
    choice = choice or "at"
    when = times.until(at) if at is not None and len(at.strip()) > 10 else None
    if choice == "at" and when is None:
        raise UsageError(f'--at "{at}" needs a day and a time.', "Write it like 2022-09-21T09:00 (London time).")
    if when is not None and when <= now:
        raise RefusedByRule(f"{say(when)} has passed.", "Give a time that is still to come.")
    chosen = Chosen((), (), {})
    if service or campaign or all_missed or ident:
        if choice not in BULK:
            raise UsageError(
                f"{DECISIONS[choice].capitalize()} is for posts that are named, one by one.",
                "For many at once: --next-slot, --keep or --cancel.",
            )
        chosen = _chosen(app, service, campaign, all_missed, ident, choice, posts, now)
    elif not posts:
        raise UsageError(
            "Say which posts: POST..., or --service, --campaign, --all-missed or --freeze.", "freeze held lists them."
        )
    counted = _counted(app, chosen, choice) if chosen != Chosen((), (), {}) else []
    body: dict[str, object] = {
        "decision": choice,
        "chosen": [p.ref for p in chosen.take],
        "left_out": dict(chosen.left),
        "flagged": [{"post": p.ref, "stale_words": [s.words for s in found]} for p, found in chosen.flagged],
    }
    refs = tuple(dict.fromkeys((*posts, *(p.ref for p in chosen.take))))
    undecided = 1 if chosen.flagged else 0
    if dry_run or not refs:
        nothing = "Nothing was decided." if dry_run else "No held post is meant; nothing was decided."
        return body | {"decided": [], "not_decided": []}, [*counted, nothing], undecided
    if chosen.take:
        for line in counted:
            show(line)
        counted = []
        if not agreed(f"Decide so for these {many(len(refs), 'post')}?", yes=yes):
            return body | {"decided": [], "not_decided": []}, ["Nothing was decided."], 1
    done, wrong, flags = once(app.store, app.actor, lambda tx: _decide(tx, app, refs, choice, when, now))
    what = f"{DECISIONS[choice]}{f', {say(when)}' if when else ''}"
    names = ", ".join(done) if len(done) <= MOST else many(len(done), "post")
    lines = [*counted, *([f"{names}: {what}."] if done else [])]
    lines += [f"  {ref} {said}: read it before it goes out." for ref, said in flags.items()]
    lines += wrong
    if done:
        lines.append("Nothing moves until: freeze put-back ID")
    body |= {"decided": done, "not_decided": wrong, "stale": flags}
    return body, lines, worst(2 if wrong else 0, undecided)


def _chosen(
    app: App,
    service: str | None,
    campaign: str | None,
    missed: bool,
    ident: str | None,
    choice: str,
    named: Sequence[str],
    now: datetime,
) -> Chosen:
    """The posts that are meant. Raises UsageError for a service, a tag or a pause that there is not."""
    if service:
        look.check_names(app, services=[service], accounts=(), platforms=())
    with app.store.read() as c:
        number = freeze_store.one(c, ident).number if ident else None
        register = post_store.accounts(c)
        holds = hold_store.holds(c)
        family = post_store.twins(c, [h.post for h in holds])
        everyone = {h.post for h in holds} | {t for ts in family.values() for t in ts}
        posts = {p.id: p for p in post_store.fetch(c, post_store.by_ids(everyone), register)}
    tags = {i: frozenset(t for x in (i, *family[i]) if x in posts for t in posts[x].tags) for i in family}
    held = [(h, posts[h.post]) for h in holds]
    wanted = Wanted(service, campaign, missed, number)
    found = choose(held, wanted, choice, tags, {post_number(r) for r in named}, now)
    if campaign and not any(in_campaign(p, tags[p.id], campaign) for _, p in held):
        known = {t for ts in tags.values() for t in ts}
        raise UsageError(f'No held post has the tag "{campaign}".', nearest(campaign, known))
    return found


def _counted(app: App, chosen: Chosen, choice: str) -> list[str]:
    """What would be decided and what is left out, in numbers."""
    with app.store.read() as c:
        register = post_store.accounts(c)
    services = Counter(p.service for p in chosen.take)
    of = f" ({listed(dict(services))})" if services else ""
    lines = [f"Chosen: {many(len(chosen.take), 'held post')}{of}: {DECISIONS[choice]}."]
    if chosen.flagged:
        lines.append(f"Left out, for their words went stale: {len(chosen.flagged)}   (look at each, and name it)")
        lines += columns(
            [p.ref, register[p.account].name, excerpt(p, 44), says(found)] for p, found in chosen.flagged[:MOST]
        )
        lines += [f"  … and {len(chosen.flagged) - MOST} more"] if len(chosen.flagged) > MOST else []
    if chosen.left:
        lines.append("Left out:")
        lines += columns([str(n), why] for why, n in sorted(chosen.left.items(), key=lambda x: -x[1]))
    return lines


def _decide(
    tx: Transaction, app: App, refs: tuple[str, ...], choice: str, when: datetime | None, now: datetime
) -> tuple[list[str], list[str], dict[str, str]]:
    """Write each decision that can be; the same post in another queue is decided with it."""
    register = post_store.accounts(tx.c)
    numbers = [(ref, post_number(ref)) for ref in refs]
    ids = [n for _, n in numbers]
    family = post_store.twins(tx.c, ids)
    everyone = set(ids) | {t for ts in family.values() for t in ts}
    holds = hold_store.of_posts(tx.c, everyone)
    posts = {p.id: p for p in post_store.fetch(tx.c, post_store.by_ids(everyone), register)}
    app.may("decide", {posts[i].service for i in ids if i in posts})
    snapshots = post_store.snapshots(tx.c, list(everyone))
    freezes = [f for f in freeze_store.all_of(tx.c) if not standing(f, now).over]
    verdicts = Verdicts(Facts(now, register, ahead(freezes, now, app.settings.run.lead), app.allowing(tx.c)))
    done: list[str] = []
    wrong: list[str] = []
    flags: dict[str, str] = {}
    for ref, ident in numbers:
        if ident not in holds:
            wrong.append(f'There is no held post "{ref}". freeze held lists them.')
            continue
        said = _refused(posts[ident], holds[ident], choice, when, verdicts)
        if said:
            wrong.append(f"{ref}: {said}")
            continue
        _write(tx, app, (ident, *(t for t in family.get(ident, ()) if t in holds)), choice, when, now, holds, snapshots)
        done.append(f"p{ident}")
        if choice in ("next-slot", "at") and (words := says(stale(posts[ident], holds[ident].before.at, when or now))):
            at = holds[ident].before.at
            flags[f"p{ident}"] = f"{words}{f' (it was meant for {say_short(at)})' if at else ''}"
    return done, wrong, flags


def _write(
    tx: Transaction,
    app: App,
    posts: Collection[int],
    choice: str,
    when: datetime | None,
    now: datetime,
    holds: Mapping[int, Hold],
    snapshots: Mapping[int, Seen],
) -> None:
    for p in posts:
        values: dict[str, object] = {"decided_at": now, "decided_by": app.actor}
        if choice == "accept-current":  # what it is now, which says nothing of when it goes back
            values |= {
                "expected": hold_store.was(snapshots[p]).to_json(),
                "state": HoldState.CONFIRMED.value,
                "detail": "",
            }
        else:
            values |= {"decision": choice, "decided_time": when}
        hold_store.change_hold(tx.c, holds[p].id, **values)
        tx.log(now, "hold.decided", {"post": p, "decision": choice, "at": when.isoformat() if when else None})


def _refused(post: Post, hold: Hold, choice: str, when: datetime | None, verdicts: Verdicts) -> str:
    if hold.state is HoldState.PUTTING_BACK:
        return "it is going back at this moment. When that has ended: freeze held"
    if choice == "accept-current" and hold.state is not HoldState.CHANGED:
        return "nobody changed it while it was held, so there is nothing to accept."
    if when is not None:
        by = verdicts.held_by(replace(post, intended_at=when, state=hold.before.state))
        if by:
            return f"{say(when)} lies inside {by[0].label}; give a later time."
    return ""

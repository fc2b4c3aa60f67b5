"""Deciding what happens to held posts when they are put back, one by one or many at once."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from freeze.acts.app import App
from freeze.back.triage import BULK, DECISIONS, Chosen, Wanted, choose, in_campaign, says, stale
from freeze.errors import RefusedByRule, UsageError, nearest
from freeze.holds import Hold, HoldState
from freeze.judging.evaluate import Verdicts
from freeze.pauses.freezes import ahead
from freeze.posts import Post, Seen, post_number
from freeze.store import freezes as freeze_store
from freeze.store import holds as hold_store
from freeze.store import posts as post_store
from freeze.store.journal import Transaction, once
from freeze.views.known import Known
from freeze.windows import say, say_short


@dataclass(frozen=True)
class Many:
    """Which held posts are meant, where they are not named: all that fit everything that is given."""

    service: str | None = None
    campaign: str | None = None
    missed: bool = False
    freeze: str | None = None

    @property
    def given(self) -> bool:
        """Whether anything was given at all."""
        return bool(self.service or self.campaign or self.missed or self.freeze)


@dataclass(frozen=True)
class Decided:
    """What was decided: the posts, what could not be and why, and whose words went stale."""

    done: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    flags: dict[str, str] = field(default_factory=dict)


def chosen(app: App, many: Many, choice: str, named: Sequence[str], when: datetime | None) -> tuple[Chosen, Known]:
    """The posts that are meant, without those that are named already; and what is known.

    Raises UsageError for a service, a tag or a pause that there is not, RefusedByRule for a time that has passed.
    """
    if many.given and choice not in BULK:
        raise UsageError(
            f"{DECISIONS[choice].capitalize()} is for posts that are named, one by one.",
            "For many at once: --next-slot, --keep or --cancel.",
        )
    if not many.given and not named:
        raise UsageError(
            "Say which posts: POST..., or --service, --campaign, --all-missed or --freeze.", "freeze held lists them."
        )
    with app.store.read() as c:
        known = app.known(c)
        if when is not None and when <= known.now:
            raise RefusedByRule(f"{say(when)} has passed.", "Give a time that is still to come.")
        if not many.given:
            return Chosen((), (), {}), known
        if many.service:
            known.check_names((), services=[many.service], accounts=())
        number = freeze_store.one(c, many.freeze).number if many.freeze else None
        holds = hold_store.holds(c)
        family = post_store.twins(c, [h.post for h in holds])
        everyone = {h.post for h in holds} | {t for ts in family.values() for t in ts}
        posts = {p.id: p for p in post_store.fetch(c, post_store.by_ids(everyone), known.register)}
    tags = {i: frozenset(t for x in (i, *family[i]) if x in posts for t in posts[x].tags) for i in family}
    held = [(h, posts[h.post]) for h in holds]
    wanted = Wanted(many.service, many.campaign, many.missed, number)
    found = choose(held, wanted, choice, tags, {post_number(r) for r in named}, known.now)
    if many.campaign and not any(in_campaign(p, tags[p.id], many.campaign) for _, p in held):
        there = {t for ts in tags.values() for t in ts}
        raise UsageError(f'No held post has the tag "{many.campaign}".', nearest(many.campaign, there))
    return found, known


def decide(app: App, refs: tuple[str, ...], choice: str, when: datetime | None) -> Decided:
    """Write each decision that can be, all in one transaction; the same post in another queue is decided with it."""
    return once(app.store, app.actor, lambda tx: _decide(tx, app, refs, choice, when))


def _decide(tx: Transaction, app: App, refs: tuple[str, ...], choice: str, when: datetime | None) -> Decided:
    known = app.known(tx.c)
    register, now = known.register, known.now
    numbers = [(ref, post_number(ref)) for ref in refs]
    ids = [n for _, n in numbers]
    family = post_store.twins(tx.c, ids)
    everyone = set(ids) | {t for ts in family.values() for t in ts}
    holds = hold_store.of_posts(tx.c, everyone)
    posts = {p.id: p for p in post_store.fetch(tx.c, post_store.by_ids(everyone), register)}
    app.may("decide", {posts[i].service for i in ids if i in posts})
    snapshots = post_store.snapshots(tx.c, list(everyone))
    verdicts = Verdicts(known.facts(ahead(known.in_force, now, known.lead)))
    out = Decided()
    done, wrong, flags = out.done, out.wrong, out.flags
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
    return out


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

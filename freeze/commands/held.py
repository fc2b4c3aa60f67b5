"""`freeze held` and `freeze decide`: every held post, and what somebody decided about it."""

from __future__ import annotations

from datetime import datetime

import click

from freeze.app import App
from freeze.commands import _look
from freeze.commands._common import Answer, command, worst
from freeze.commands.declare import _until
from freeze.errors import RefusedByRule, UsageError
from freeze.evaluate import Verdicts
from freeze.freezes import standing, views
from freeze.holds import Hold, HoldState
from freeze.ports import Facts
from freeze.posts import Post
from freeze.report import picture
from freeze.report.words import columns, excerpt, many
from freeze.store import holds as hold_store
from freeze.store import posts as post_store
from freeze.store.journal import Transaction, once
from freeze.windows import say, say_short

DECISIONS = {
    "next-slot": "the next free time",
    "at": "a given time",
    "keep": "keep it held as it is",
    "cancel": "do not publish it",
    "accept-current": "take it as it stands on the platform now",
}


@click.command("held", epilog="Example: freeze held --missed")
@click.option("--service", metavar="S", help="Only this service's accounts.")
@click.option("--missed", is_flag=True, help="Only those whose time has passed and that nobody decided yet.")
@command
def held_command(app: App, service: str | None, missed: bool) -> Answer:
    """Every held post: what it is, how it is held, whether its time has passed, and what was decided."""
    now = app.now()
    if service:
        _look.check_names(app, services=[service], accounts=(), platforms=())
    freezes = {f.number: f for f in _look.all_freezes(app)}
    with app.store.read() as c:
        register = post_store.accounts(c)
        holds = hold_store.holds(c)
        posts = {p.id: p for p in post_store.fetch(c, post_store.by_ids(h.post for h in holds), register)}
        also = post_store.twins(c, posts)
    rows = [h for h in holds if service is None or posts[h.post].service == service]
    undecided = [h for h in rows if h.missed(now) and not h.decision and h.state is HoldState.CONFIRMED]
    if missed:
        rows = undecided
    lines = [f"{many(len(rows), 'held post')}; {len(undecided)} of all whose time has passed and nobody decided yet."]
    lines += columns(
        [
            f"p{h.post}",
            say_short(h.before.at) if h.before.at else "no time set",
            register[posts[h.post].account].name,
            excerpt(posts[h.post], 40),
            f"checked: {h.kind.said}" if h.state is HoldState.CONFIRMED else h.state.value,
            _stands(h, now, also.get(h.post, ())),
        ]
        for h in rows
    )
    body = {
        "held": [
            picture.post_json(posts[h.post], register.get(posts[h.post].account))
            | {"hold": picture.hold_json(h, now, freezes), "also": [f"p{t}" for t in also.get(h.post, ())]}
            for h in rows
        ],
        "undecided": len(undecided),
    }
    return body, lines, 1 if undecided else 0


def _stands(h: Hold, now: datetime, also: tuple[int, ...]) -> str:
    parts = []
    if h.decision:
        at = f" ({say_short(h.decided_time)})" if h.decided_time else ""
        parts.append(f"decided: {DECISIONS.get(h.decision, h.decision)}{at}")
    elif h.missed(now):
        parts.append("ITS TIME HAS PASSED: decide")
    if h.expires_at is not None and h.state is HoldState.CONFIRMED:
        parts.append(f"fires on {say_short(h.expires_at)} unless the guard runs")
    if also:
        parts.append("also " + ", ".join(f"p{t}" for t in also))
    return "; ".join(parts)


@click.command("decide", epilog="Example: freeze decide p12 p15 --at 2022-09-21T09:00")
@click.argument("posts", nargs=-1, required=True, metavar="POST...")
@click.option("--next-slot", "choice", flag_value="next-slot", help="Give it the next free time.")
@click.option("--at", "at", metavar="TIME", help="Give it this time, London.")
@click.option("--keep", "choice", flag_value="keep", help="Leave it held as it is.")
@click.option("--cancel", "choice", flag_value="cancel", help="Do not publish it; the guard deletes nothing.")
@click.option(
    "--accept-current", "choice", flag_value="accept-current", help="Somebody changed it: take it as it is now."
)
@command
def decide_command(app: App, posts: tuple[str, ...], choice: str | None, at: str | None) -> Answer:
    """Decide what happens to held posts when they are put back. It can be done on any day, and changed."""
    if (choice is None) == (at is None):
        raise UsageError("Say what is decided: --next-slot, --at TIME, --keep, --cancel or --accept-current.")
    now = app.now()
    choice = choice or "at"
    when = _until(at) if at is not None and len(at.strip()) > 10 else None
    if choice == "at" and when is None:
        raise UsageError(f'--at "{at}" needs a day and a time.', "Write it like 2022-09-21T09:00 (London time).")
    if when is not None and when <= now:
        raise RefusedByRule(f"{say(when)} has passed.", "Give a time that is still to come.")
    done, wrong = once(app.store, app.actor, lambda tx: _decide(tx, app, posts, choice, when, now))
    lines = [f"{', '.join(done)}: {DECISIONS[choice]}{f', {say(when)}' if when else ''}."] if done else []
    lines += wrong
    if done:
        lines.append("Nothing moves until: freeze put-back ID")
    return {"decided": done, "not_decided": wrong, "decision": choice}, lines, worst(2 if wrong else 0)


def _decide(
    tx: Transaction, app: App, refs: tuple[str, ...], choice: str, when: datetime | None, now: datetime
) -> tuple[list[str], list[str]]:
    """Write each decision that can be; the same post in another queue is decided with it."""
    register = post_store.accounts(tx.c)
    numbers = [(ref, ref.strip().lower().removeprefix("p")) for ref in refs]
    ids = [int(n) for _, n in numbers if n.isdigit()]
    family = post_store.twins(tx.c, ids)
    everyone = set(ids) | {t for ts in family.values() for t in ts}
    holds = hold_store.of_posts(tx.c, everyone)
    posts = {p.id: p for p in post_store.fetch(tx.c, post_store.by_ids(everyone), register)}
    snapshots = post_store.snapshots(tx.c, list(everyone))
    from freeze.store.freezes import all_of

    freezes = [f for f in all_of(tx.c) if not standing(f, now).over]
    verdicts = Verdicts(Facts(now, register, views(freezes, now, app.settings.run.lead)))
    done, wrong = [], []
    for ref, number in numbers:
        ident = int(number) if number.isdigit() else -1
        if ident not in holds:
            wrong.append(f'There is no held post "{ref}". freeze held lists them.')
            continue
        said = _refused(posts[ident], holds[ident], choice, when, verdicts)
        if said:
            wrong.append(f"{ref}: {said}")
            continue
        for p in (ident, *(t for t in family.get(ident, ()) if t in holds)):
            values: dict[str, object] = {
                "decision": "" if choice == "accept-current" else choice,
                "decided_at": now,
                "decided_time": when,
                "decided_by": app.actor,
            }
            if choice == "accept-current":
                values |= {
                    "expected": hold_store.was(snapshots[p]).to_json(),
                    "state": HoldState.CONFIRMED.value,
                    "detail": "",
                }
            hold_store.change_hold(tx.c, holds[p].id, **values)
            tx.log(now, "hold.decided", {"post": p, "decision": choice, "at": when.isoformat() if when else None})
        done.append(f"p{ident}")
    return done, wrong


def _refused(post: Post, hold: Hold, choice: str, when: datetime | None, verdicts: Verdicts) -> str:
    if choice == "accept-current" and hold.state is not HoldState.CHANGED:
        return "nobody changed it while it was held, so there is nothing to accept."
    if when is not None:
        from dataclasses import replace

        by = verdicts.held_by(replace(post, intended_at=when, state=hold.before.state))
        if by:
            return f"{say(when)} lies inside {by[0].label}; give a later time."
    return ""

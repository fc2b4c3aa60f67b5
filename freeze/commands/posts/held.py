"""`freeze held`: every held post, and what somebody decided about it."""

from __future__ import annotations

from datetime import datetime

import click

from freeze.acts import held as act
from freeze.acts.app import App
from freeze.back.triage import DECISIONS, says
from freeze.commands.common import Answer, command
from freeze.holds import Hold, HoldState
from freeze.report import picture
from freeze.texts.stale_words import Stale
from freeze.windows import say_short
from freeze.words import columns, excerpt, many


@click.command("held", epilog="Example: freeze held --missed")
@click.option("--service", metavar="S", help="Only this service's accounts.")
@click.option("--missed", is_flag=True, help="Only those whose time has passed and that nobody decided yet.")
@command
def held_command(app: App, service: str | None, missed: bool) -> Answer:
    """Every held post: what it is, how it is held, whether its time has passed, and what was decided."""
    found = act.held(app, service, missed=missed)
    now, rows, posts, register = found.known.now, found.rows, found.posts, found.known.register
    also, flags, undecided = found.also, found.flags, found.undecided
    freezes = {f.number: f for f in found.known.freezes}
    lines = [f"{many(len(rows), 'held post')}; {len(undecided)} of all whose time has passed and nobody decided yet."]
    lines += columns(
        [
            f"p{h.post}",
            say_short(h.before.at) if h.before.at else "no time set",
            register[posts[h.post].account].name,
            excerpt(posts[h.post], 40),
            f"checked: {h.kind.said}" if h.state is HoldState.CONFIRMED else h.state.value,
            _stands(h, now, also.get(h.post, ()), flags[h.id]),
        ]
        for h in rows
    )
    body = {
        "held": [
            picture.post_json(posts[h.post], register.get(posts[h.post].account))
            | {
                "hold": picture.hold_json(h, now, freezes),
                "also": [f"p{t}" for t in also.get(h.post, ())],
                "stale_words": [s.words for s in flags[h.id]],
            }
            for h in rows
        ],
        "undecided": len(undecided),
    }
    return body, lines, 1 if undecided else 0


def _stands(h: Hold, now: datetime, also: tuple[int, ...], flags: tuple[Stale, ...]) -> str:
    parts = []
    if h.decision:
        at = f" ({say_short(h.decided_time)})" if h.decided_time else ""
        parts.append(f"decided: {DECISIONS.get(h.decision, h.decision)}{at}")
    elif h.missed(now):
        parts.append("ITS TIME HAS PASSED: decide")
    if flags:
        parts.append(says(flags))
    if h.expires_at is not None and h.state is HoldState.CONFIRMED:
        parts.append(f"fires on {say_short(h.expires_at)} unless the guard runs")
    if also:
        parts.append("also " + ", ".join(f"p{t}" for t in also))
    return "; ".join(parts)

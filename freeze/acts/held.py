"""Every held post, and what somebody decided about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from freeze.acts.app import App
from freeze.back.triage import stale_while_held
from freeze.holds import Hold, HoldState
from freeze.posts import Post
from freeze.store import holds as hold_store
from freeze.store import posts as post_store
from freeze.texts.stale_words import Stale
from freeze.views.known import Known


@dataclass(frozen=True)
class Held:
    """The open holds that were asked for; `undecided` are those whose time has passed and nobody decided.

    `also` says in which other queues a post stands, `flags` which of its words went stale, by the hold's number.
    """

    known: Known
    rows: Sequence[Hold]
    undecided: Sequence[Hold]
    posts: Mapping[int, Post]
    also: Mapping[int, tuple[int, ...]]
    flags: Mapping[int, tuple[Stale, ...]]


def held(app: App, service: str | None, *, missed: bool) -> Held:
    """Every held post, of one service's accounts where given; with `missed` only the undecided ones.

    Raises UsageError for a service that is not on the register.
    """
    with app.store.read() as c:
        known = app.known(c)
        if service:
            known.check_names((), services=[service], accounts=())
        holds = hold_store.holds(c)
        posts = {p.id: p for p in post_store.fetch(c, post_store.by_ids(h.post for h in holds), known.register)}
        also = post_store.twins(c, posts)
    now = known.now
    rows = [h for h in holds if service is None or posts[h.post].service == service]
    flags = {h.id: stale_while_held(h, posts[h.post], now) for h in rows}
    undecided = [h for h in rows if h.missed(now) and not h.decision and h.state is HoldState.CONFIRMED]
    return Held(known, undecided if missed else rows, undecided, posts, also, flags)

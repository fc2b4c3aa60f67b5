"""The preview of a declaration: what stops most first, then counts, then what only people can stop."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from textwrap import wrap
from typing import TYPE_CHECKING

from freeze.accounts import Account
from freeze.holds import HoldState, Kind
from freeze.pauses.freezes import Freeze, until_words
from freeze.posts import State
from freeze.windows import say, say_short
from freeze.words import columns, excerpt, listed, many

if TYPE_CHECKING:
    from freeze.pauses.preview import Item, Plan
    from freeze.people.sources import Age


def biggest_act(plan: Plan) -> tuple[str, list[Item]]:
    """The one thing a person can do that stops most posts, and those posts."""
    acts: dict[str, list[Item]] = defaultdict(list)
    for i in plan.items:
        if i.kind is Kind.HUMAN and i.state is HoldState.NEEDS_A_PERSON and i.clicks:
            acts[i.clicks].append(i)
    return max(acts.items(), key=lambda kv: len(kv[1]), default=("", []))


def lines(
    f: Freeze,
    plan: Plan,
    register: Mapping[str, Account],
    ages: Iterable[Age],
    store: str,
    now: datetime,
    first: Sequence[str] = (),
) -> list[str]:
    """The preview as text. `first` are the lines that stand before everything else."""
    out = [*first, ""] if first else []
    act, stops = biggest_act(plan)
    if act and not first:
        nearest = stops[0].post.intended_at
        due = f", the next due {say_short(nearest)}" if nearest else ""
        out += [f"FIRST, a person: {act}", f"  That stops {many(len(stops), 'post')}{due}.", ""]
    out += [
        f"{'REHEARSAL: nothing real will be touched. ' if f.rehearsal else ''}{f.title}, {f.scope.said()}",
        f"  from {say(f.start)}",
        f"  until {until_words(f)}",
    ]
    if f.because:
        out += wrap(f.because, 100, initial_indent="  ", subsequent_indent="  ")
    out += ["", f"{many(len(plan.items), 'scheduled post')} known to the store {store}:"]
    named = {Kind.DRAFT: "held as a draft", Kind.PUSH: "moved to a later date", Kind.RECREATE: "deleted and re-made"}
    rows = [[str(plan.by_kind.get(k, 0)), said] for k, said in named.items() if plan.by_kind.get(k)]
    if plan.by_kind.get(Kind.HUMAN):
        rows.append([str(plan.by_kind[Kind.HUMAN]), "only a person can stop"])
    if plan.too_late:
        rows.append([str(len(plan.too_late)), "too late to stop"])
    out += columns(rows)
    if plan.items:
        out.append(f"  By service: {listed(plan.count('service'))}")
        names = {a: register[a].name if a in register else a for a in plan.count("account")}
        out.append(f"  By account: {listed({f'{names[a]} ({a})': n for a, n in plan.count('account').items()}, 4)}")
        out += ["", "Next due:"]
        out += columns(
            [
                i.post.ref,
                say_short(i.post.intended_at) if i.post.intended_at else "no time set",
                names[i.post.account],
                excerpt(i.post, 44),
                _fate(i),
            ]
            for i in plan.items[:5]
        )
    out += ["", "How old this is:"]
    out += columns([a.connection, a.said(now)] for a in ages)
    out.append("Every platform is read again, live, as soon as you say yes; new posts found then are held too.")
    return out


def _fate(i: Item) -> str:
    if i.state is HoldState.TOO_LATE:
        return "too late"
    return f"awaits approval: {i.kind.said}" if i.post.state is State.PENDING_APPROVAL else i.kind.said

"""What a run came to: held and checked, needs a person, could not be stopped, could not be read."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from freeze.accounts import Gap, Unseen
from freeze.holds import UNSURE, Hold, HoldState, Kind
from freeze.outs import MAY_BE_OUT
from freeze.posts import Reject
from freeze.report import allowed, todo
from freeze.report.picture import fires
from freeze.views.found import Found, Note
from freeze.windows import say, say_short
from freeze.words import columns, excerpt, many, safe


def lines(found: Found, now: datetime, *, most: int = 8) -> list[str]:
    """Where every post of a freeze stands."""
    by: dict[HoldState, list[Hold]] = defaultdict(list)
    for h in found.holds:
        by[h.state].append(h)
    out: list[str] = []
    checked = by[HoldState.CONFIRMED]
    kinds = Counter(h.kind for h in checked)
    how = ", ".join(f"{n} {'stopped by a person' if k is Kind.HUMAN else k.said}" for k, n in kinds.most_common())
    out.append(f"Held and checked by reading back: {len(checked)}{f' ({how})' if how else ''}")
    out += allowed.short(found.permissions, found.free)
    if found.loose:
        n = len(found.loose)
        out.append(f"KNOWN AND NOT HELD: {n}   (run freeze sync --enforce, or stop them on the platform by hand)")
        out += columns(
            [p.ref, say_short(p.intended_at) if p.intended_at else "no time set", found.account(p), excerpt(p, 44)]
            for p in found.loose[:most]
        )
        out += _more(n, most)
    out += todo.block(found.tasks, found.register, now, most)
    asked = {p for t in found.tasks if t.closed_at is None for p in t.wanted.posts}
    out += _people(found, [h for h in by[HoldState.NEEDS_A_PERSON] if h.post not in asked], now)
    named = {o.post for o in found.outs}
    late = [h for h in by[HoldState.TOO_LATE] if h.post not in named]
    unsure = [h for s in HoldState if s in UNSURE for h in by[s]]
    for title, holds in (
        ("NOT confirmed (run the same command again)", unsure),
        ("TOO LATE to stop; a person who is quick may still delete it there", late),
        ("Refused by the platform", by[HoldState.REFUSED]),
        ("Changed by somebody while held", by[HoldState.CHANGED]),
        ("Gone from the platform (their words are kept here)", by[HoldState.GONE]),
    ):
        if holds:
            out.append(f"{title}: {len(holds)}")
            out += columns(found.row(h.post, safe(h.detail or h.why, 160)) for h in holds[:most])
            out += _more(len(holds), most)
    back = by[HoldState.PUT_BACK]
    if back:
        out.append(f"Put back and checked: {len(back)}")
    outs: dict[str, list[Any]] = defaultdict(list)
    for o in found.once():
        if o.how != MAY_BE_OUT:
            outs[o.how].append(o)
    for how_out, rows in sorted(outs.items()):
        title = {
            "too late": "Could not be stopped in time",
            "slip": "WENT OUT inside the pause",
            "allowed": "Went out, allowed",
            "reported": "WENT OUT, as somebody says (it cannot be read from here)",
        }.get(how_out, how_out)
        out.append(f"{title}: {len(rows)}")
        out += columns(
            [
                *(f"p{o.post}", say_short(o.at), found.name(o.post), _words(found, o.post)),
                f"{safe(o.why, 160)}{found.elsewhere(o.post)}",
            ]
            for o in rows[:most]
        )
        out += _more(len(rows), most)
    gone = found.passed(now)
    if gone.maybe:
        out.append(f"May have gone out (cannot be read from here): {len(gone.maybe)}")
        out += columns(found.row(p) for p, _ in gone.maybe[:most])
        out += _more(len(gone.maybe), most)
    out += todo.said_words(gone, found.tasks)
    if gone.unread:
        out.append(f"Their time has passed since the last reading: {len(gone.unread)}   (freeze sync --enforce tells)")
        out += columns(found.row(p) for p, _ in gone.unread[:most])
        out += _more(len(gone.unread), most)
    moved = fires(found.holds)
    if moved:
        out.append(
            f"Moved posts: {len(moved)} fire by themselves from {say(moved[0][0])} unless the guard runs again: "
            "freeze sync --enforce"
        )
    missed = sum(h.missed(now) and not h.decision and h.state is HoldState.CONFIRMED for h in found.holds)
    if missed:
        out.append(f"Their time has passed, so somebody must decide: {missed}   (freeze held --missed)")
    return out


def firing(found: Found, now: datetime, *, most: int = 8) -> list[str]:
    """Which held posts go out by themselves, and when, where nothing moves them on."""
    rows = fires(found.holds)
    said = [(f"{'fires' if at > now else 'fired'} {say(at)}", h.post) for at, h in rows[:most]]
    lines = columns([f"p{post}", when, found.name(post), _words(found, post)] for when, post in said)
    return lines + _more(len(rows), most)


def _words(found: Found, post: int) -> str:
    return excerpt(found.posts[post], 40) if post in found.posts else ""


def _people(found: Found, holds: Sequence[Hold], now: datetime) -> list[str]:
    """What only people can stop: one block for each act, the one that stops most first."""
    if not holds:
        return []
    acts: dict[str, list[Hold]] = defaultdict(list)
    for h in holds:
        acts[h.clicks or h.why].append(h)
    out = [f"Needs a person: {len(holds)}"]
    for act, mine in sorted(acts.items(), key=lambda kv: -len(kv[1])):
        ahead = [h for h in mine if not h.missed(now)]
        nearest = min((h.before.at for h in ahead if h.before.at), default=None)
        due = f", the next due {say_short(nearest)}" if nearest else ""
        out += [f"  {many(len(mine), 'post')}{due}: {safe(act, 400)}"]
        accounts = Counter(found.name(h.post) for h in mine)
        out.append("    " + ", ".join(f"{a} {n}" for a, n in accounts.most_common(4)) + _and(len(accounts) - 4))
    return out


def _and(n: int) -> str:
    return f" and {n} more" if n > 0 else ""


def _more(n: int, most: int) -> list[str]:
    return [f"  … and {n - most} more (freeze show, or --json, lists all)"] if n > most else []


def hidden(what: Iterable[Unseen]) -> list[str]:
    """Queues that a platform shows to no program, or not whole: not a failure, and not "nothing scheduled" either."""
    places = Counter(u.connection for u in what)
    if not places:
        return []
    named = ", ".join(f"{connection} {n}" for connection, n in sorted(places.items()))
    where = f"{many(sum(places.values()), 'account')}: {named}"
    said = f"NOT SHOWN to any program, or only in part, is what is scheduled on {where}."
    return [f"{said} In a pause their owners are asked."]


def trouble(gaps: Iterable[Gap], rejects: Iterable[Reject], notes: Iterable[Note], new: Sequence[str]) -> list[str]:
    """What could not be read or understood in this run, and what somebody should hear."""
    out = []
    for g in gaps:
        where = f"{g.connection}, account {safe(g.account, 40)}" if g.account else g.connection
        out.append(f"COULD NOT READ {where}: {safe(g.reason, 300)}{f' {g.advice}' if g.advice else ''}")
    bad = list(rejects)
    if bad:
        out.append(f"{many(len(bad), 'row')} could not be used:")
        out += columns([r.where, safe(r.reason, 160)] for r in bad[:10])
        out += _more(len(bad), 10)
    said = [n for n in notes if n.kind in ("changed", "gone", "refused", "not put back", "went out")]
    if said:
        out.append("Look at these:")
        out += columns([f"p{n.post}", n.kind, safe(n.sentence, 160)] for n in said[:15])
        out += _more(len(said), 15)
    again = Counter(n.sentence for n in notes if n.kind == "taken up again")
    out += [f"{many(n, 'post')} {safe(sentence, 300)}   (freeze held)" for sentence, n in again.items()]
    if new:
        out.append(f"{many(len(new), 'account')} seen that nobody registered: {', '.join(new[:6])}{_and(len(new) - 6)}")
    return out

"""Writing permissions, and saying what each one changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from freeze.accounts import Account
from freeze.acts.app import App
from freeze.errors import UsageError
from freeze.findings import Finding
from freeze.holds import HoldState
from freeze.outs import ALLOWED
from freeze.pauses.allowing import Case, Sent, described, released, wrong
from freeze.pauses.allowing import undirected as unrecorded
from freeze.pauses.freezes import Freeze, standing
from freeze.permissions import RISK_TO_LIFE, How, Permission, levelled, spoken
from freeze.posts import Post, State, post_number
from freeze.report import allowed as report
from freeze.store import freezes as freeze_store
from freeze.store import holds as hold_store
from freeze.store import permissions as permission_store
from freeze.store import posts as post_store
from freeze.store.journal import Transaction
from freeze.views.known import Known
from freeze.windows import say, say_short
from freeze.words import columns, excerpt

SHOWN = 8


@dataclass(frozen=True)
class Asked:
    """What somebody asks to let through."""

    posts: tuple[str, ...]
    kind: str | None
    words: str | None
    accounts: tuple[str, ...]
    services: tuple[str, ...]
    until: datetime | None
    reason: str
    about_life: bool
    directed_by: str
    by: str


def case(app: App, c: Any, f: Freeze, now: datetime) -> Case:
    """How things stand for this freeze, by the store."""
    live = [x for x in freeze_store.all_of(c) if not standing(x, now).over]
    register = post_store.accounts(c)
    return Case.of(f, live, register, app.allowing(c), now, app.settings.run.lead)


def known(c: Any, register: Mapping[str, Account]) -> list[Post]:
    """Every post that can go out, the held ones as they stood before."""
    holds = {h.post: h for h in hold_store.holds(c)}
    found = post_store.fetch(c, post_store.waiting() | post_store.by_ids(holds), register)
    return [
        replace(p, intended_at=holds[p.id].before.at, state=holds[p.id].before.state) if p.id in holds else p
        for p in found
    ]


def about_life(known: Known, f: Freeze) -> set[int]:
    """The posts that are let through this freeze for a risk to life."""
    return {n for p in known.permissions if p.about_life and p.freeze == f.ref and p.stands(known.now) for n in p.posts}


def undirected(c: Any, known: Known) -> list[Finding]:
    """Messages about a risk to life of which nobody recorded in time who directed them (`c` is an open transaction)."""
    allowing = known.allowing
    outs = [o for o in hold_store.went_out(c) if o.how == ALLOWED]
    ids = {o.post for o in outs} | {n for p in allowing.permissions if p.about_life for n in p.posts}
    if not ids:
        return []
    posts = {p.id: p for p in post_store.fetch(c, post_store.by_ids(ids), known.register)}
    freezes = {f.ref: f for f in known.real}
    sent = [
        Sent(o.post, posts[o.post].account, o.at, f"f{o.declaration}")
        for o in outs
        if RISK_TO_LIFE in allowing.kinds.of(posts[o.post])
    ]
    return unrecorded(allowing.permissions, sent, {n: p.account for n, p in posts.items()}, freezes, known.now)


def write(
    tx: Transaction, app: App, f: Freeze, asked: Asked, now: datetime
) -> tuple[list[Permission], list[str], list[str]]:
    """Record what is allowed; gives the permissions, lines for people, and what could not be."""
    register = post_store.accounts(tx.c)
    made: list[Permission] = []
    lines: list[str] = []
    bad: list[str] = []
    already: list[int] = []
    if asked.posts:
        before = case(app, tx.c, f, now)
        ids = {n: ref for ref in asked.posts if (n := post_number(ref))}
        posts = {p.id: p for p in post_store.fetch(tx.c, post_store.by_ids(ids), register)}
        bad += [f'There is no post "{ref}".' for ref in asked.posts if post_number(ref) not in posts]
        for p in (posts[n] for n in ids if n in posts):
            if said := wrong(p, before, about_life=asked.about_life):
                bad.append(f"{p.ref}: {said}")
            elif asked.about_life:
                made.append(_about_life(tx, f, p, asked, now))
            elif why := before.why(p):
                lines.append(f"{p.ref} is allowed already: {why}.")
                already.append(p.id)
            else:
                made.append(_add(tx, f, asked, now, How.POST, posts=(p.id,), words=spoken(p)))
    elif there := _same(tx, f, asked, named := _named(asked, register), now):
        lines.append(f"It is allowed already: {report.what(there, register)} ({there.ref}).")
    elif asked.kind:
        made.append(_add(tx, f, asked, now, How.KIND, kind=asked.kind, accounts=named))
    else:
        made.append(_add(tx, f, asked, now, How.WORDS, words=asked.words or "", accounts=named))
    for permission in made:
        until = f", until {say(permission.until)}" if permission.until else ""
        lines.append(f"Allowed through {f.says()}: {report.what(permission, register)}{until} ({permission.ref}).")
    after = case(app, tx.c, f, now)
    lines += _free(tx, f, after, [*already, *(n for p in made for n in p.posts)], now)
    return made, lines, bad


def _named(asked: Asked, register: Mapping[str, Account]) -> tuple[str, ...]:
    """The accounts a permission is for; both flags must match. Raises UsageError where that leaves none."""
    if not (asked.accounts or asked.services):
        return ()
    found = tuple(
        a.id
        for a in register.values()
        if (not asked.accounts or a.id in asked.accounts) and (not asked.services or a.service in asked.services)
    )
    if not found:
        raise UsageError("No account is both of that service and named.", "Give --account or --service.")
    return found


def _same(tx: Transaction, f: Freeze, asked: Asked, named: tuple[str, ...], now: datetime) -> Permission | None:
    """The permission that already says exactly this."""
    how = How.KIND if asked.kind else How.WORDS
    wanted = (f.ref, how, asked.kind or "", levelled(asked.words or ""), named, asked.until)
    for p in permission_store.all_of(tx.c):
        if p.stands(now) and (p.freeze, p.how, p.kind, levelled(p.words), p.accounts, p.until) == wanted:
            return p
    return None


def _add(
    tx: Transaction,
    f: Freeze,
    asked: Asked,
    now: datetime,
    how: How,
    *,
    posts: tuple[int, ...] = (),
    kind: str = "",
    words: str = "",
    accounts: tuple[str, ...] = (),
) -> Permission:
    new = Permission(
        0, f.ref, how, asked.reason, asked.by, now, posts, kind, words, accounts, asked.directed_by, asked.until
    )
    stored = permission_store.add(tx.c, new)
    tx.log(now, "permission.given", {**described(stored)})
    return stored


def _about_life(tx: Transaction, f: Freeze, p: Post, asked: Asked, now: datetime) -> Permission:
    """Let a message about a risk to life through, or record afterwards who directed it."""
    there = [
        x
        for x in permission_store.all_of(tx.c)
        if x.about_life and x.freeze == f.ref and p.id in x.posts and x.words == spoken(p) and x.stands(now)
    ]
    if there:
        if asked.directed_by:
            permission_store.change(tx.c, there[0].number, directed_by=asked.directed_by)
            tx.log(now, "permission.directed", {"permission": there[0].ref, "freeze": f.ref})
        found = permission_store.one(tx.c, there[0].ref)
    else:
        found = _add(tx, f, asked, now, How.POST, posts=(p.id,), kind=RISK_TO_LIFE, words=spoken(p))
    why = f"a message about a risk to life ({found.ref})"
    for post in permission_store.rename_out(tx.c, found.posts, f.ref, ALLOWED, why):
        tx.log(now, "post.went-out", {"post": post, "freeze": f.ref, "how": ALLOWED})
    return found


def _free(tx: Transaction, f: Freeze, after: Case, allowed: list[int], now: datetime) -> list[str]:
    """Close what asked a person to stop a post that now passes, and say of each allowed post what comes next."""
    register = post_store.accounts(tx.c)
    holds = hold_store.holds(tx.c)
    ids = {h.post for h in holds} | set(allowed)
    posts = {p.id: p for p in post_store.fetch(tx.c, post_store.by_ids(ids), register)}
    freed = released(holds, posts, after, f.number)
    for h in freed:
        why = "allowed: nobody has to stop it"
        hold_store.change_hold(tx.c, h.id, state=HoldState.KEPT.value, detail=why, closed_at=now)
        tx.log(now, "hold.kept", {"hold": h.id, "post": h.post, "detail": why})
    by_post = {h.post: h for h in holds}
    back = {h.post for h in freed}
    lines = []
    for p in (posts[n] for n in sorted(set(allowed)) if n in posts):
        where = f"{p.ref} on {p.locator.connection}"
        if others := after.others(p):
            lines.append(f"  {where} stays held by {', '.join(v.label for v in others)}; allow it there too.")
        elif p.state is State.PUBLISHED:
            lines.append(f"  {where} went out already; it now counts as allowed.")
        elif p.id in back:
            lines.append(f"  {where}: a person need not stop it. Whoever stopped it already must let it go there.")
        elif p.id in by_post and by_post[p.id].missed(now) and not by_post[p.id].decision:
            lines.append(f"  {where} is held, and its time has passed. Decide first: freeze decide {p.ref} --next-slot")
        elif p.id in by_post:
            lines.append(f"  {where} is held. Put it back: freeze put-back {f.ref}")
        else:
            due = f"goes out {say_short(p.intended_at)}" if p.intended_at else "has no set time"
            lines.append(f"  {where} is not held and {due}.")
    return lines


def reach(app: App, kind: str, found: list[Post]) -> list[str]:
    """What a standing permission lets through just now."""
    kinds = app.kinds_of_post
    if kind not in {*kinds.tags.values(), *kinds.accounts.values()}:
        return [f"NOTHING PASSES BY IT YET: no tag or account stands for {kind} in the settings ([kinds])."]
    mine = [p for p in found if kind in kinds.of(p)]
    with app.store.read() as c:
        held = hold_store.of_posts(c, [p.id for p in mine])
        names = post_store.accounts(c)
    lines = [
        f"Known posts that it lets through: {len(mine)}, of which {len(held)} are held (freeze put-back returns them)."
    ]
    lines += columns(
        [p.ref, say_short(p.intended_at) if p.intended_at else "no time set", names[p.account].name, excerpt(p, 44)]
        for p in mine[:SHOWN]
    )
    return lines + ([f"  … and {len(mine) - SHOWN} more"] if len(mine) > SHOWN else [])

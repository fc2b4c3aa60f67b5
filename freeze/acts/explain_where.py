"""Explaining a time or an account: what is in force then, which kinds pass, and what is known of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import fields
from datetime import date, timedelta
from typing import Any

from freeze.accounts import Account
from freeze.acts import calendars, explain_post, judge, permissions
from freeze.acts.app import App
from freeze.acts.judge import BACK
from freeze.errors import UsageError, nearest
from freeze.judging.evaluate import COULD_NOT
from freeze.pauses import standing_dates
from freeze.pauses.explaining import spans
from freeze.pauses.freezes import FAR, Freeze, ahead, standing
from freeze.permissions import RISK_TO_LIFE, How, Permission
from freeze.ports import Facts, FreezeView
from freeze.posts import Json
from freeze.register import Record
from freeze.report import conflicts
from freeze.store import posts as post_store
from freeze.views.known import Known
from freeze.windows import Window, say, say_day, say_short
from freeze.words import columns, excerpt, many, safe

SHOWN = 8
BEFORE = timedelta(days=1)
Told = explain_post.Told


def time(app: App, span: Window, *, whole: bool) -> Told:
    """An instant, or a whole London day: the pauses in force in it, which kinds pass, rules with dates, posts due."""
    with app.store.read() as c:
        base = app.known(c)
        now, lead, freezes, known = base.now, base.lead, base.real, judge.facts(app, c, base)
        if span.start > now:
            freezes += standing_dates.missing(app.presets.values(), freezes, span.start - BEFORE)
        posts = [p for p in permissions.known(c, known.accounts) if p.intended_at is not None and p.intended_at in span]
    inside: list[tuple[Freeze, FreezeView]] = []
    outside: list[Freeze] = []
    for f in freezes:
        views = ahead([f], now, lead)
        if views and any(_touches(w, span) for w in views[0].windows):
            inside.append((f, views[0]))
        elif f.number and not standing(f, now).over:
            outside.append(f)
    rules, troubles = calendars.rules_of(app, known, span)
    lines = [f"{say_day(_day(span))}:" if whole else f"{say(span.start)}:"]
    lines += ["Pauses in force then:" if inside else "No pause is in force then."]
    for f, v in inside:
        windows = tuple(w for w in v.windows if _touches(w, span))
        name = f.says() if f.number else f"{f.title} (stands by itself, not among the pauses yet)"
        lines.append(f"  {name}, clause {f.clause}: {spans(windows)}; {f.scope.said()}.")
        lines += [f"    {line}" for line in _passes(app, known, f, span)]
    lines += [f"  not in force then: {f.says()}, {spans(f.windows)}" for f in outside]
    lines += [f"Dates of the rules: {'none' if not rules else ''}".rstrip()]
    lines += columns(
        [r.policy, f"{say_short(r.window.start)} to {say_short(r.window.end)}", safe(r.window.civil, 120)]
        for r in rules
    )
    lines += troubles
    lines.append(f"{many(len(posts), 'post')} due then.")
    lines += columns(
        [p.ref, say_short(p.intended_at), safe(known.accounts[p.account].name, 30), excerpt(p, 50)]
        for p in posts[:SHOWN]
        if p.intended_at
    )
    lines += [f"  … and {len(posts) - SHOWN} more (freeze calendar)"] * (len(posts) > SHOWN)
    body: dict[str, Json] = {
        "from": span.start.isoformat(),
        "to": span.end.isoformat() if whole else None,
        "pauses": [
            {
                "freeze": f.ref if f.number else None,
                "key": f.key or None,
                "title": f.title,
                "policy": f.policy,
                "clause": f.clause,
                "scope": f.scope.said(),
                "windows": [
                    {"start": w.start.isoformat(), "end": w.end.isoformat()} for w in v.windows if _touches(w, span)
                ],
                "passes": _passes(app, known, f, span),
            }
            for f, v in inside
        ],
        "not_in_force": [f.ref for f in outside],
        "dates": [
            {
                "policy": r.policy,
                "start": r.window.start.isoformat(),
                "end": r.window.end.isoformat(),
                "civil": r.window.civil,
            }
            for r in rules
        ],
        "posts": [p.ref for p in posts],
    }
    return body, lines, bool(inside)


def _touches(w: Window, span: Window) -> bool:
    return w.start < span.end and span.start < w.end


def _day(span: Window) -> date:
    from freeze.windows import london

    return london(span.start).date()


def _passes(app: App, known: Facts, f: Freeze, span: Window) -> list[str]:
    """Which kinds of post pass a pause then, in words."""
    kinds = app.kinds_of_post
    always = sorted({*kinds.always.get(f.preset, ()), RISK_TO_LIFE})
    said = [f"passes by its kind: {', '.join(always)}"]
    if f.preset in kinds.only:
        said.append("business goes on during it: only what its settings name is held")
    given = [
        p for p in known.allowing.permissions if p.freeze == f.ref and p.how is How.KIND and _stands(p, known, span)
    ]
    if given:
        said.append("by a permission: " + ", ".join(f"{p.kind} ({p.ref})" for p in given))
    could = sorted(kinds.by_permission.get(f.preset, frozenset()) - {p.kind for p in given})
    if could:
        said.append(f"a standing permission could let through: {', '.join(could)}")
    if not (kinds.tags or kinds.accounts):
        said.append("no tag or account stands for a kind in [kinds], so nothing passes by its kind")
    return said


def _stands(p: Permission, known: Facts, span: Window) -> bool:
    return p.withdrawn_at is None and p.reaches(span.start, known.now)


def account(app: App, ident: str) -> Told:
    """An account of the register. Raises UsageError with the nearest name where there is none."""
    with app.store.read() as c:
        base = app.known(c)
        by = judge.grounds(app, c, base)
        now, lead, known = base.now, base.lead, by.facts
        posts = list(post_store.fetch(c, post_store.waiting_between(now - BACK, FAR), known.accounts))
    a = known.accounts.get(ident) or next((x for x in known.accounts.values() if ident in (x.name, x.handle)), None)
    if a is None:
        raise UsageError(f'There is no account "{safe(ident)}".', nearest(ident, known.accounts))
    seen = sorted(connection for (connection, _), account_id in base.names.items() if account_id == a.id)
    judged = judge.judged(app, posts, by)
    found = [f for f in (*judged.found, *judged.housekeeping) if f.account == a.id or f.about == COULD_NOT]
    accepted = [f for f, _ in judged.known if f.account == a.id]
    pauses = list(_scopes(base, a))
    mine = [p for p in posts if p.account == a.id]
    rows = conflicts.rows(found, {p.id: p for p in mine}, known.accounts)
    where = (
        f"seen through {', '.join(seen)}" if seen else f"no connection reaches it: {safe(a.owner) or 'a person'} looks"
    )
    lines = [
        f"{a.id}: {safe(a.name, 60)} ({a.platform}{f', {safe(a.handle, 40)}' if a.handle else ''}); {where}.",
        f"  {'' if a.registered else 'NOBODY REGISTERED IT. '}{'In' if a.in_scope else 'OUT OF'} scope.",
        *columns(_facts(a, known.records.get(a.id, Record()))),
        "Pauses:" if pauses else "No pause stands.",
        *(
            f"  {'COVERS IT' if covers else 'does not cover it'}: {f.says()}, clause {f.clause}: {why}"
            for f, covers, why in pauses
        ),
        f"{many(len(mine), 'post')} waiting. {conflicts.counted(rows) or 'Every rule looked, and nothing was found'}.",
        *conflicts.text(rows),
    ]
    if accepted:
        lines.append(f"{len(accepted)} known and accepted: freeze accept --list.")
    body: dict[str, Json] = {
        "account": {f.name: getattr(a, f.name) for f in fields(Account)},
        "record": known.records.get(a.id, Record()).to_json(),
        "connections": seen,
        "pauses": [{"freeze": f.ref, "clause": f.clause, "covers": covers, "why": why} for f, covers, why in pauses],
        "posts": len(mine),
        "findings": [conflicts.as_json(r) for r in rows],
        "accepted": [f.ref for f in accepted],
    }
    return body, lines, any(covers for f, covers, _ in pauses if any(now in w for w in _windows(f, now, lead)))


def _windows(f: Freeze, now: Any, lead: timedelta) -> Iterable[Window]:
    return next((v.windows for v in ahead([f], now, lead)), ())


def _scopes(known: Known, a: Account) -> Iterator[tuple[Freeze, bool, str]]:
    """Every pause that is not over: whether it covers an account, and why."""
    for f in known.in_force:
        if f.rehearsal:
            continue
        covers = f.scope.covers(a)
        until = spans(tuple(_windows(f, known.now, known.lead)))
        why = f"{f.scope.said()}, {until}" if covers or a.in_scope else "the register says that it is out of scope"
        yield f, covers, f"{why}."


def _facts(a: Account, r: Record) -> Iterator[list[str]]:
    """What the register knows of an account, as far as it knows it."""
    for name, value in (("service", a.service), ("owner", a.owner), ("contact", a.contact)):
        yield [name, safe(value, 100) or "not recorded"]
    yield ["monitored", "at all hours" if r.around_the_clock else safe(r.hours, 100) or "not recorded"]
    for name, text in (("kind", r.kind), ("run by", r.administered_by), ("approved by", r.approved_by)):
        if text:
            yield [name, safe(text, 100)]
    people = [safe(x.name, 40) for x in r.administrators if x.left_on is None]
    yield ["administrators", ", ".join(people) or "none recorded"]
    for name, day in (("two-factor seen on", r.two_factor_on), ("last review", r.reviewed_on)):
        yield [name, say_day(day) if day else "not recorded"]

"""The conflicts that were found, as text, CSV, JSON and one page: the same ones in all four. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from freeze.accounts import Account
from freeze.files import sheet
from freeze.findings import Finding, Level
from freeze.judging.evaluate import COULD_NOT
from freeze.pauses.freezes import FAR
from freeze.posts import Json, Post, State
from freeze.report.page import render
from freeze.windows import say, say_short
from freeze.words import columns, excerpt, many, safe

WORDS = {
    Level.STOP: "inside a pause",
    Level.CONFLICT: "conflict",
    Level.NOTE: "for information",
    Level.HOUSEKEEPING: "for Monday",
}
"""A level as people read it."""
RANKS = {level: n for n, level in enumerate(WORDS)}
COLUMNS = (
    "conflict",
    "level",
    "rule",
    "clause",
    "due",
    "post",
    "account",
    "platform",
    "service",
    "words",
    "what is the matter",
    "what to do",
)
HEADS = ("When", "Post", "Account", "What is the matter", "What to do", "Conflict")
"""Columns of the page."""
LINES = 20
"""Conflicts in the text, unless all are asked for."""
STOPPED = 5
"""Of those inside a pause, which freeze show lists."""
LEAST = 2
"""How many of each kind stand there all the same."""


@dataclass(frozen=True, slots=True)
class Row:
    """One conflict, with what is known of its post and account; `due` in UTC."""

    finding: Finding
    post: Post | None
    account: Account | None

    @property
    def due(self) -> datetime | None:
        return self.post.intended_at if self.post else None

    @property
    def first(self) -> bool:
        """Whether it stands before everything: what a rule could not judge was not checked."""
        return self.finding.about == COULD_NOT

    @property
    def when(self) -> str:
        if self.post is None:
            return "-"
        return say_short(self.due) if self.due else "no time set"

    @property
    def kind(self) -> tuple[int, int, str, str, str]:
        """What stands together: level, rule, clause and pause."""
        f = self.finding
        return (not self.first, RANKS[f.level], f.policy, f.clause, f.freeze)

    @property
    def says(self) -> str:
        return safe(self.finding.sentence, 400)

    @property
    def do(self) -> str:
        return safe(self.finding.next_step, 300)


def rows(found: Iterable[Finding], posts: Mapping[int, Post], register: Mapping[str, Account]) -> list[Row]:
    """The conflicts grouped by kind, the worst level first; then the kind that is due next; then by time."""
    made = [Row(f, posts.get(f.post or 0), register.get(f.account)) for f in found]
    made.sort(key=lambda r: (r.kind, r.due or FAR, r.finding.post or 0, r.finding.account, r.finding.about))
    groups = [list(g) for _, g in groupby(made, key=lambda r: r.kind)]
    groups.sort(key=lambda g: (g[0].kind[:2], g[0].due or FAR, g[0].kind))
    return [r for g in groups for r in g]


def counted(found: Sequence[Row]) -> str:
    """How many of each level, in words: "152 inside a pause, 3 conflicts, 1 for information"."""
    n = {level: sum(r.finding.level is level for r in found) for level in WORDS}
    said = {
        level: many(n[level], "conflict") if level is Level.CONFLICT else f"{n[level]:,} {WORDS[level]}" for level in n
    }
    return ", ".join(said[level] for level in n if n[level])


def summary(found: Sequence[Row], unseen: Collection[str], accepted: int, monday: int) -> str:
    """The answer in one line; `unseen` are schedulers of which nothing is known any more."""
    none = "No conflicts among what could be read"
    if unseen:
        none = f"Whether there are conflicts is not known: {', '.join(sorted(unseen))} was not seen for too long"
    said = [f"{counted(found) or none}."]
    if accepted:
        said.append(f"{accepted:,} known and accepted: freeze accept --list.")
    if monday:
        said.append(f"{monday:,} for Monday: freeze accounts check.")
    return " ".join(said)


def text(found: Sequence[Row], most: int | None = LINES) -> list[str]:
    """The conflicts as lines; at most `most` of them, shared out among the kinds, and how many more there are."""
    groups = [list(g) for _, g in groupby(found, key=lambda r: r.kind)]
    sizes = [len(g) if most is None or g[0].finding.level is not Level.STOP else min(len(g), STOPPED) for g in groups]
    out: list[str] = []
    for group, n in zip(groups, _shares(sizes, most), strict=True):
        f = group[0].finding
        todo = _together(group)
        same = len(group) > 1 and f.level is not Level.STOP and len({r.says for r in group}) == 1
        about = f", {f.freeze}" if f.freeze else ""
        out.append(f"{WORDS[f.level].upper()}: {f.policy}{about} (clause {f.clause}), {len(group):,}")
        out += [f"  {group[0].says}"] if same else []
        out += columns(
            [
                r.finding.ref,
                f"p{r.finding.post}" if r.finding.post else "-",
                r.when,
                safe(r.account.name, 30) if r.account else "-",
                _line(r, alone=not todo, same=same),
            ]
            for r in group[:n]
        )
        if len(group) > n:
            where = f"freeze show {f.freeze}" if f.level is Level.STOP else "--all, or --csv FILE, --html FILE"
            out.append(f"  … and {len(group) - n:,} more ({where})")
        if todo:
            out.append(f"  Do: {todo}")
    return out


def _together(group: Sequence[Row]) -> str:
    """What to do with all of them in one sentence, its post left open; empty where each needs its own."""
    if group[0].finding.level is Level.STOP:
        return "Held posts: decide what happens to each. Those awaiting approval: leave or reject them."
    said = {_open(r) for r in group}
    if len(said) != 1:
        return ""
    return group[0].do if len(group) == 1 else said.pop()


def _open(r: Row) -> str:
    """What to do, with its post and its account left open."""
    f = r.finding
    said = re.sub(rf"\bp{f.post}\b", "POST", r.do) if f.post else r.do
    return re.sub(rf"(?<!\S){re.escape(f.account)}(?!\S)", "ACCOUNT", said) if f.account else said


def _line(r: Row, *, alone: bool, same: bool) -> str:
    if r.post is not None and (same or r.finding.level is Level.STOP):
        late = "   awaits approval" if r.post.state is State.PENDING_APPROVAL else ""
        return f"“{excerpt(r.post, 60)}”{late}"
    words = f"“{excerpt(r.post, 32)}” " if r.post else ""
    return f"{words}{safe(r.says, 200)}{f' {r.do}' if alone and r.do else ''}"


def _shares(sizes: Sequence[int], most: int | None) -> list[int]:
    """How many of each group are shown: a few of each, and the rest of the room to the first ones."""
    if most is None:
        return list(sizes)
    shares = [min(n, LEAST) for n in sizes]
    room = most - sum(shares)
    for i, n in enumerate(sizes):
        more = max(0, min(n - shares[i], room))
        shares[i] += more
        room -= more
    return shares


def as_json(r: Row) -> dict[str, Json]:
    """One conflict as data; instants are ISO 8601 in UTC."""
    f = r.finding
    return {
        "id": f.ref,
        "post": f"p{f.post}" if f.post else None,
        "account": f.account,
        "account_name": r.account.name if r.account else None,
        "service": r.account.service if r.account else None,
        "due": r.due.isoformat() if r.due else None,
        "policy": f.policy,
        "clause": f.clause,
        "level": f.level.value,
        "about": f.about,
        "freeze": f.freeze or None,
        "sentence": f.sentence,
        "next_step": f.next_step,
    }


def _cells(r: Row) -> tuple[str, ...]:
    f, a = r.finding, r.account
    return (
        f.ref,
        WORDS[f.level],
        f.policy,
        f.clause,
        say(r.due) if r.due else "no time set" if r.post else "",
        f"p{f.post}" if f.post else "",
        safe(a.name, 80) if a else safe(f.account, 80),
        a.platform if a else "",
        safe(a.service, 80) if a else "",
        excerpt(r.post, 120) if r.post else "",
        r.says,
        r.do,
    )


def table(found: Iterable[Row]) -> str:
    """The conflicts as CSV, all of them."""
    return sheet.table([COLUMNS, *map(_cells, found)])


def page(found: Sequence[Row], title: str, now: datetime, lines: Iterable[str], *, marking: str = "") -> str:
    """The conflicts as one page; `lines` stand on top."""
    return render(
        "conflicts.html",
        answer=counted(found) or "No conflicts among what could be read",
        title=title,
        marking=marking,
        made=say(now),
        lines=list(lines),
        heads=HEADS,
        sections=[_section(list(group)) for _, group in groupby(found, key=lambda r: r.kind)],
    )


def _section(group: Sequence[Row]) -> dict[str, object]:
    f = group[0].finding
    pause = f", pause {f.freeze}" if f.freeze else ""
    head = f"{WORDS[f.level].capitalize()}: {f.policy}, clause {f.clause}{pause} ({len(group):,})"
    return {"head": head, "caption": f.policy, "rows": [_told(r) for r in group]}


def _told(r: Row) -> tuple[str, ...]:
    words = f"{excerpt(r.post)} {r.post.ref}" if r.post else ""
    where = f"{r.account.name} ({r.account.platform})" if r.account else r.finding.account
    return (r.when, words, where, r.says, r.do, r.finding.ref)

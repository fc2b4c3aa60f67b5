"""The evaluation of a crisis: what was done, when and by whom, as text, page, CSV and JSON; and a blank sheet. Pure.

Clause 4.3 asks for an evaluation at the end. Everything stands in one list of tables, from which all four are written,
so that they cannot disagree. The evidence sheet is for a person to fill in: the guard reads nothing that the public
wrote (2.11), and the sheet asks for no names.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from freeze import SCHEMA
from freeze.accounts import Account
from freeze.crisis import Crisis, lines
from freeze.files import sheet
from freeze.holds import Hold, HoldState
from freeze.pauses.freezes import Freeze, standing, until_words
from freeze.permissions import Permission
from freeze.posts import Json
from freeze.report import allowed, todo
from freeze.report.page import render
from freeze.views.found import Found
from freeze.windows import say
from freeze.words import columns, excerpt, many, safe

BLANK = 24
"""Empty rows of the printed evidence sheet."""
SHEET = ("When (London time)", "Account", "What was said, in short", "How many said so", "Sign (1 to 4)", "What we did")
NO_NAMES = (
    "Note no names, handles, pictures or profiles of members of the public, and follow nobody (clause 2.11). What is "
    "said on the council's own accounts is enough."
)
QUESTIONS = (
    "When was the first sign seen, and how long until publishing stopped?",
    "Did the listening response help? What was said after it?",
    "Were the right people in the group, and could the approver be reached?",
    "What went out that should not have, and why could it not be stopped?",
    "When was the account back to normal, and how was that told?",
    "What will be done differently?",
)


@dataclass(frozen=True, slots=True)
class Happened:
    """One line of the timeline; `who` as the log or the record gives it."""

    at: datetime
    who: str
    what: str


@dataclass(frozen=True, slots=True)
class Pack:
    """Everything an evaluation is written from. `permissions` are all that were given, withdrawn ones too."""

    freeze: Freeze
    crisis: Crisis
    what: Found
    permissions: Sequence[Permission]
    timeline: Sequence[Happened]
    register: Mapping[str, Account]
    now: datetime
    council: str
    marking: str
    head: str

    @property
    def title(self) -> str:
        """What stands at the top."""
        return f"Evaluation of {self.freeze.says()}"


@dataclass(frozen=True, slots=True)
class Table:
    """One section: its name, its columns, its rows, and what to say where it has none."""

    name: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    none: str


def tables(p: Pack) -> list[Table]:
    """The sections in order."""
    w = p.what
    due = {h.post: say(h.before.at) if h.before.at else "no time set" for h in w.holds}
    held = [
        (f"p{h.post}", due[h.post], w.name(h.post), excerpt(w.posts[h.post], 120), _stands(h), h.detail or h.why)
        for h in w.holds
    ]
    listened = {ref for _, ref in p.crisis.listening}
    let = [
        (x.ref, allowed.what(x, p.register), x.given_by, say(x.given_at), x.reason, _asked(p.crisis, x, listened))
        for x in p.permissions
    ]
    outs = [
        (
            f"p{o.post}",
            say(o.at),
            w.name(o.post),
            excerpt(w.posts[o.post], 120) if o.post in w.posts else "",
            o.how,
            o.why,
        )
        for o in w.outs
    ]
    asked = [(t.ref, t.wanted.title, t.wanted.owner or "Communications", todo.stands(t)) for t in w.tasks]
    return [
        Table(
            "Timeline",
            ("When", "Who", "What"),
            tuple((say(h.at), h.who, h.what) for h in sorted(p.timeline, key=lambda h: h.at)),
            "Nothing is on record.",
        ),
        Table(
            "To be stopped",
            ("Post", "Was due", "Account", "Words", "Stands", "Why"),
            tuple(held),
            "Nothing had to be stopped.",
        ),
        Table(
            "Allowed",
            ("Permission", "What", "By", "When", "Reason", "Approver"),
            tuple(let),
            "Nothing was allowed.",
        ),
        Table("Went out", ("Post", "When", "Account", "Words", "How", "Why"), tuple(outs), "Nothing is known to have."),
        Table(
            "Reviews",
            ("When", "By", "What came of it"),
            tuple((say(e.at), e.by, e.words) for e in p.crisis.reviews),
            "No review is on record.",
        ),
        Table("People asked", ("Task", "What", "Who", "Stands"), tuple(asked), "Nobody had to be asked."),
    ]


def _stands(h: Hold) -> str:
    return f"checked: {h.kind.said}" if h.state is HoldState.CONFIRMED else h.state.value


def _asked(crisis: Crisis, p: Permission, listened: set[str]) -> str:
    if p.ref in listened:
        return "listening response"
    if not (crisis.approver or crisis.deputy):
        return "none named"
    return "asked" if crisis.asked(p.given_by) else "not asked"


def head(p: Pack) -> list[str]:
    """What stands before the tables."""
    f = p.freeze
    checked = sum(h.state is HoldState.CONFIRMED for h in p.what.holds)
    return [
        f"{p.council}. Made {say(p.now)}.",
        f"{f.says()}: {standing(f, p.now).value}, {f.scope.said()}, from {say(f.start)} until {until_words(f)}.",
        f"Declared by {f.declared_by} on {say(f.declared_at)}: {f.reason}",
        *lines(p.crisis, f.start, p.now, how=False)[:-1],
        *([f"Ended {say(f.ended_at)}."] if f.ended_at else []),
        ", ".join(
            (
                f"{checked} of {many(len(p.what.holds), 'post')} held and checked by reading back",
                f"{many(len(p.what.outs), 'post')} went out",
                f"{many(len(p.permissions), 'permission')} given.",
            )
        ),
    ]


def text(p: Pack) -> str:
    """The evaluation as plain text."""
    out = [p.marking] if p.marking else []
    out += [p.title, "", *(safe(x, 600) for x in head(p))]
    for t in tables(p):
        out += ["", f"{t.name} ({len(t.rows)})" if t.rows else t.name]
        out += columns([[safe(c, 160) for c in row] for row in t.rows]) or [f"  {t.none}"]
    out += ["", "Questions for the evaluation", *(f"  {n}. {q}" for n, q in enumerate(QUESTIONS, 1))]
    return "\n".join([*out, "", f"Log head: {p.head}"]) + "\n"


def page(p: Pack) -> str:
    """The evaluation as one HTML page."""
    return render(
        "crisis.html",
        title=p.title,
        marking=p.marking,
        lines=head(p),
        tables=tables(p),
        questions=QUESTIONS,
        head=p.head,
    )


def table(p: Pack) -> str:
    """The evaluation as CSV, one section after the other."""
    rows: list[tuple[str, ...]] = [("About", x) for x in head(p)]
    for t in tables(p):
        rows.append(("Section", *t.heads))
        rows += [(t.name, *(safe(c, 2_000) for c in row)) for row in t.rows]
    return sheet.table([*rows, ("Log head", p.head)])


def as_json(p: Pack) -> str:
    """The evaluation as JSON text; rows are as people read them, the record as it is stored."""
    data: dict[str, Json] = {
        "schema": SCHEMA,
        "freeze": p.freeze.ref,
        "made_at": p.now.isoformat(),
        "record": p.crisis.to_json(),
        "sections": {t.name: [dict(zip(t.heads, row, strict=True)) for row in t.rows] for t in tables(p)},
        "questions": list(QUESTIONS),
        "log_head": p.head,
    }
    return json.dumps(data, ensure_ascii=False, indent=1) + "\n"


def sheet_csv() -> str:
    """A blank evidence sheet for a spreadsheet."""
    return sheet.table([SHEET, [NO_NAMES]])


def sheet_page(p: Pack) -> str:
    """A blank evidence sheet to print."""
    return render(
        "evidence.html",
        title=f"Evidence sheet: {p.freeze.says()}",
        marking=p.marking,
        no_names=NO_NAMES,
        heads=SHEET,
        blank=BLANK,
        head=p.head,
    )

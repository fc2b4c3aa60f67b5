"""The digest as one page. Pure."""

from __future__ import annotations

from freeze.report.digest import HEADS, compared, title, warnings, when
from freeze.report.page import render
from freeze.views.digest import Digest
from freeze.views.digest_items import Item
from freeze.windows import say

COLUMNS = ("When", "Account", "Post", "What is the matter", "What to do", "Clause")


def page(d: Digest) -> str:
    """The digest as an HTML document."""
    p = d.picture
    by_kind = [(sort, head, [i for i in d.items if i.sort is sort]) for sort, head in HEADS.items()]
    return render(
        "digest.html",
        subject=d.subject,
        title=title(d),
        marking=p.marking,
        made=say(p.now),
        warnings=[w for w in (p.missed, *warnings(d)) if w],
        lines=[*d.pauses, compared(d), *([d.aside] if d.aside else [])],
        first=[_entry(i) for i in d.first],
        heads=COLUMNS,
        sections=[
            {"ident": f"kind-{sort.name.lower().replace('_', '-')}", "head": head, "rows": [_row(i) for i in rows]}
            for sort, head, rows in by_kind
            if rows
        ],
        ages=[(s.title, s.said) for s in p.sources.values()],
        head=p.head,
    )


def _entry(i: Item) -> dict[str, str]:
    known = ", ".join(filter(None, (f"clause {i.clause}", i.finding))) if i.clause else ""
    top = " · ".join(filter(None, (when(i), i.account)))
    return {"news": i.news, "top": top, "says": i.says, "words": i.words, "post": i.post, "do": i.do, "known": known}


def _row(i: Item) -> tuple[object, ...]:
    says = {"news": i.news, "says": i.says}
    return (when(i) or "Now", i.account, f"{i.words} {i.post}".strip(), says, i.do, i.clause)

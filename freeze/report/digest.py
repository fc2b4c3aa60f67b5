"""The digest on paper: text, CSV and JSON. Pure. The page is `freeze.report.digest_page`."""

from __future__ import annotations

import json
from textwrap import wrap

from freeze import SCHEMA
from freeze.files import sheet
from freeze.posts import Json
from freeze.views.digest import Digest
from freeze.views.digest_items import Item, Sort
from freeze.windows import say, say_day, say_short
from freeze.words import columns, many, safe

HEADS = {
    Sort.WENT_OUT: "Went out",
    Sort.UNKNOWN: "Could not be known",
    Sort.TO_DO: "To decide or do",
    Sort.MAYBE: "May have gone out",
    Sort.NOTE: "For information",
}
"""What the lines of each kind stand under, in this order."""
COLUMNS = (
    "news",
    "what",
    "act by",
    "post due",
    "post",
    "account",
    "service",
    "words",
    "what is the matter",
    "do",
    "clause",
)
TEXT_LINES = 200
"""Lines of one kind in the text; the page, the CSV and the JSON have all."""


def title(d: Digest) -> str:
    """Whose digest, of which night."""
    return f"{d.picture.council}: digest for {d.reader.name}, {say_day(d.night)}"


def when(i: Item) -> str:
    """The post's day and time, with the zone; and by when to act, if that differs."""
    due = say_short(i.due) if i.due else "no time set" if i.post else ""
    act = "at once" if i.by is None else f"act before {say_short(i.by)}" if i.by != i.due else ""
    return ", ".join(filter(None, (due, act if i.sort is Sort.TO_DO else "")))


def compared(d: Digest) -> str:
    """What this digest was compared with."""
    if d.since is None:
        return "This is the first digest; the next one says what changed."
    news = sum(bool(i.news) for i in d.items)
    return f"Since {say(d.since)}: {many(news, 'line')} new or changed, {d.settled} settled."


def warnings(d: Digest) -> list[str]:
    """What stands above everything; a service cannot mend the guard, so only Communications is told of it."""
    return list(d.picture.warnings) if d.reader.service is None else []


def text(d: Digest) -> str:
    """The digest as plain text; its first line is the subject."""
    p = d.picture
    out = [d.subject, "", title(d), f"Made {say(p.now)}."]
    out += filter(None, (p.marking, p.missed, *warnings(d)))
    out += [*d.pauses, compared(d), *([d.aside] if d.aside else []), ""]
    for n, i in enumerate(d.first, start=1):
        out += _entry(n, i)
    if not d.first:
        out += ["Nothing to decide, and nothing that could not be read.", ""]
    for sort, head in HEADS.items():
        rows = [i for i in d.items if i.sort is sort]
        if rows and (len(d.items) > len(d.first) or sort >= Sort.MAYBE):
            out += [f"{head}: {len(rows)}", *columns(_row(i) for i in rows[:TEXT_LINES])]
            out += [f"  … and {len(rows) - TEXT_LINES} more in the page, the CSV and the JSON"] * (
                len(rows) > TEXT_LINES
            )
            out.append("")
    out.append("How old this is:")
    out += columns([s.title, safe(s.said, 200)] for s in p.sources.values())
    return "\n".join([*out, "", f"Log head: {p.head}", ""])


def _entry(n: int, i: Item) -> list[str]:
    news = f"{i.news.upper()}: " if i.news else ""
    top = " · ".join(filter(None, (when(i), i.account)))
    clause = f" ({', '.join(filter(None, (f'clause {i.clause}', i.finding)))})" if i.clause else ""
    lines = [f"{news}{top}" if top else f"{news}{i.says}"]
    lines += [f"“{i.words}” {i.post}"] if i.words else []
    lines += [f"{i.says}."] if top else []
    do = f"Do: {i.do}{clause}" if i.do else clause.strip()
    body = [part for line in [*lines, do] for part in wrap(line, 96, break_long_words=False)]
    return [f"{n}. {body[0]}", *(f"   {line}" for line in body[1:]), ""]


def _row(i: Item) -> list[str]:
    return [
        i.news or "-",
        i.post or "-",
        when(i) or "-",
        safe(i.account, 40) or "-",
        i.words or "-",
        f"{i.says}. {i.do}",
    ]


def table(d: Digest) -> str:
    """The digest as CSV, all lines."""
    return sheet.table([COLUMNS, *(_cells(i) for i in d.items), [f"log head {d.picture.head}"]])


def _cells(i: Item) -> tuple[str, ...]:
    by, due = (say(t) if t else "" for t in (i.by, i.due))
    return (i.news, HEADS[i.sort], by, due, i.post, i.account, i.service, i.words, i.says, i.do, i.clause)


def data(d: Digest) -> dict[str, Json]:
    """The digest as data; instants are ISO 8601 in UTC."""
    p = d.picture
    return {
        "schema": SCHEMA,
        "reader": d.reader.name,
        "service": d.reader.service,
        "night": d.night.isoformat(),
        "made_at": p.now.isoformat(),
        "subject": d.subject,
        "since": d.since.isoformat() if d.since else None,
        "settled": d.settled,
        "missed": p.missed or None,
        "warnings": warnings(d),
        "pauses": list(d.pauses),
        "accepted": d.aside or None,
        "to_do": len(d.to_do),
        "items": [
            {
                "key": i.key,
                "kind": i.sort.name.lower(),
                "news": i.news or None,
                "by": i.by.isoformat() if i.by else None,
                "due": i.due.isoformat() if i.due else None,
                "post": i.post or None,
                "account": i.account or None,
                "service": i.service or None,
                "text": i.words or None,
                "sentence": i.says,
                "do": i.do or None,
                "clause": i.clause or None,
                "finding": i.finding or None,
            }
            for i in d.items
        ],
        "sources": [
            {"title": s.title, "seen": s.seen.isoformat() if s.seen else None, "said": s.said, "old": s.old(p.now)}
            for s in p.sources.values()
        ],
        "log_head": p.head,
    }


def as_json(d: Digest) -> str:
    """The digest as JSON text."""
    return json.dumps(data(d), ensure_ascii=False, indent=1) + "\n"

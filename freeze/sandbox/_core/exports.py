"""Files a person would save by hand: an export from Orlo, and the register of accounts.

Orlo's column names, its status words and its day-first London times are assumed: no public reference gives them.
"""

from __future__ import annotations

import csv
import io
from datetime import datetime

from freeze.files import sheet
from freeze.sandbox._core.world import LONDON, World

ORLO_COLUMNS = (
    "Post ID",
    "Social account",
    "Network",
    "Publish date",
    "Publish time",
    "Status",
    "Message",
    "Link",
    "Tags",
    "Created by",
    "Boosted",
    "Budget code",
)
ORLO_STATUS = {
    "scheduled": "Scheduled",
    "pending_approval": "Awaiting approval",
    "draft": "Draft",
    "published": "Published",
}
REGISTER_COLUMNS = ("id", "name", "platform", "handle", "service", "owner", "contact", "in_scope", "seen_at")
SAVED = "orlo.saved_export"


def orlo_export(world: World, as_of: datetime) -> str:
    """What Orlo would have exported at `as_of`: no post made later, and nothing published since.

    Edits made since `as_of` show all the same: the world keeps no history.
    """
    out = io.StringIO()
    out.write("\ufeff")
    rows = csv.writer(out, lineterminator="\r\n")
    rows.writerow(ORLO_COLUMNS)
    posts = [p for p in world.posts("orlo", states=ORLO_STATUS) if p.created_at and p.created_at <= as_of]
    posts.sort(key=lambda p: (p.publish_at is None, p.publish_at or as_of, p.order))
    for p in posts:
        was_waiting = p.state == "published" and p.published_at is not None and p.published_at > as_of
        local = p.publish_at.astimezone(LONDON) if p.publish_at else None
        rows.writerow(
            (
                p.id,
                p.account.partition(":")[2],
                p.network,
                f"{local:%d/%m/%Y}" if local else "",
                f"{local:%H:%M}" if local else "",
                ORLO_STATUS["scheduled" if was_waiting else p.state],
                p.text,
                p.link,
                ";".join(p.tags),
                p.author,
                "Yes" if p.boosted else "",
                "",
            )
        )
    return out.getvalue()


def save_export(world: World, as_of: datetime) -> None:
    """Keep an export made now for `as_of`, so that later changes do not reach it, as with a real file."""
    world.memo[SAVED] = (as_of, orlo_export(world, as_of))


def saved_export(world: World) -> tuple[datetime, str]:
    """The kept export and its instant; a fresh one where none was kept."""
    if SAVED not in world.memo:
        save_export(world, world.now())
    at, text = world.memo[SAVED]
    return at, text


def register_csv(world: World) -> str:
    """The council's register of accounts, as `freeze accounts import` reads it."""
    rows = ([row.get(c, "") for c in REGISTER_COLUMNS] for row in world.register)
    return sheet.table([REGISTER_COLUMNS, *rows], line_end="\n")

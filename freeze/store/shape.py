"""Whether a store has the shape that its version says: every table, column and index, as described."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection

from freeze.store.describe import metadata


def differences(c: Connection) -> list[str]:
    """What the store lacks, or has besides, in words; empty where it is as described."""
    context = MigrationContext.configure(c, opts={"compare_type": True})
    found = compare_metadata(context, metadata())
    return [said for entry in found for said in _said(entry)]


def _said(entry: Any) -> Iterator[str]:
    if isinstance(entry, list):  # several changes of one column stand together
        for one in entry:
            yield from _said(one)
        return
    verb, *rest = entry
    kind = str(verb).removeprefix("add_").removeprefix("remove_").removeprefix("modify_")
    what = next((str(x.name) for x in reversed(rest) if hasattr(x, "name")), "")
    where = next((x for x in rest if isinstance(x, str)), "")
    name = f"{where}.{rest[2]}" if str(verb).startswith("modify_") else f"{where}.{what}" if where else what
    if str(verb).startswith("add_"):
        yield f"the {kind} {name} is missing"
    elif str(verb).startswith("remove_"):
        yield f"the {kind} {name} is not of ours"
    else:
        yield f"{name} differs in its {kind}"

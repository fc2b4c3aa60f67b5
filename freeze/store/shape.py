"""Whether a store has the shape that its version says: every table, column, default and index, as described."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, inspect

from freeze.store.describe import metadata


def differences(c: Connection) -> list[str]:
    """What the store lacks, or has besides, in words; empty where it is as described."""
    context = MigrationContext.configure(c, opts={"compare_type": True, "compare_server_default": _other_default})
    found = compare_metadata(context, metadata())
    return [*(said for entry in found for said in _said(entry)), *_partial(c)]


def _other_default(*given: Any) -> bool:
    """Whether a column's default is another one: PostgreSQL names its type as well, SQLite brackets it."""
    there, _, described = given[-3:]
    one, other = (str(x or "").partition("::")[0].strip("()") for x in (there, described))
    return one != other


def _partial(c: Connection) -> Iterator[str]:
    """Indexes of some rows only, made for all of them, or the other way about: Alembic does not look at that."""
    there = inspect(c)
    for table in metadata().sorted_tables:
        if not (table.indexes and there.has_table(table.name)):
            continue
        partial = {i["name"]: f"{c.dialect.name}_where" in i["dialect_options"] for i in there.get_indexes(table.name)}
        for index in sorted(table.indexes, key=lambda i: str(i.name)):
            wanted = index.dialect_options["sqlite"]["where"] is not None
            if partial.get(index.name, wanted) != wanted:
                yield f"the index {index.name} should be of {'some rows only' if wanted else 'every row'}"


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

"""What is made from the one description of the tables: `freeze/store/tables.py` and `docs/data.md`.

`python -m benchmarks.described` writes both; a test compares them, and every column, with the classes.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from typing import Any

from sqlalchemy import JSON, BigInteger, Boolean, Column, Integer, MetaData, String, Table, Text

from freeze.store import rows
from freeze.store.rows.columns import Instant, Valued
from freeze.store.rows.fields import REGISTRY, Row
from freeze.store.rows.marks import Mark

NAMES = {
    "account_alias": "ALIAS",
    "accepted_finding": "ACCEPTED",
    "declaration": "FREEZE",
    "feed_event": "FEED",
    "hold_claim": "CLAIM",
    "holiday_change": "HOLIDAY",
    "information_request": "REQUEST",
    "job_run": "JOB",
    "log_line": "LOG",
    "put_back_plan": "PLAN",
    "went_out": "OUT",
}
"""What a table is called in the code where that is not its own name: some are words of SQL."""

HEAD = '''"""The tables as plain SQLAlchemy Core. A made file: `python -m benchmarks.described`.

The description is `freeze.store.rows`. No table is called `freeze`: the word is reserved in PostgreSQL.
"""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, ForeignKey, Index, Integer, MetaData, String, Table, Text
from sqlalchemy import false as sql_false
from sqlalchemy import text as sql

from freeze.store.rows.columns import ROW_ID, Instant

METADATA = MetaData()
"""Only migrations make tables: what an index says to PostgreSQL stands there (naming it here loads that dialect)."""
'''


def metadata() -> MetaData:
    """Every table as the classes describe it."""
    for info in pkgutil.iter_modules(rows.__path__):
        importlib.import_module(f"{rows.__name__}.{info.name}")
    return REGISTRY.metadata


def classes() -> dict[str, type[Row]]:
    """The class of each table, by the table's name."""
    metadata()
    return {str(mapper.local_table): mapper.class_ for mapper in REGISTRY.mappers}


def core() -> str:
    """`freeze/store/tables.py`: tables in such an order that each follows those it refers to."""
    described = classes()
    parts = [HEAD]
    for table in metadata().sorted_tables:
        lines = [f"{NAMES.get(table.name, table.name.upper())} = Table(", f'    "{table.name}",', "    METADATA,"]
        lines += [f"    {_column(c)}," for c in table.columns]
        lines += [f"    {line}," for line in _indexes(table)]
        said = " ".join((described[table.name].__doc__ or "").split())
        parts.append("\n".join([*lines, ")", f'"""{said}"""']))
    return "\n\n".join(parts) + "\n"


def _column(c: Column[Any]) -> str:
    args = [f'"{c.name}"', _type(c.type)]
    args += [f'ForeignKey("{k.target_fullname}")' for k in c.foreign_keys]
    if c.primary_key:
        args.append("primary_key=True")
        if c.autoincrement is not False and isinstance(c.type, BigInteger) and not c.foreign_keys:
            args.append("autoincrement=True")
    else:
        args.append(f"nullable={c.nullable}")
    if c.autoincrement is False:
        args.append("autoincrement=False")
    if c.index:
        args.append("index=True")
    if c.server_default is not None:
        given: Any = c.server_default
        args.append(f"server_default={'sql_false()' if isinstance(c.type, Boolean) else f'sql({str(given.arg)!r})'}")
    return f"Column({', '.join(args)})"


def _type(kind: Any) -> str:
    if isinstance(kind, Instant):
        return "Instant()"
    if isinstance(kind, Valued):
        return "String"
    plain = {BigInteger: "ROW_ID", JSON: "JSON", Boolean: "Boolean", Integer: "Integer", Text: "Text", String: "String"}
    return next(name for known, name in plain.items() if isinstance(kind, known))


def _indexes(table: Table) -> Iterator[str]:
    for index in sorted(table.indexes, key=lambda i: str(i.name)):
        names = [c.name for c in index.columns]
        if [f"ix_{table.name}_{n}" for n in names] == [index.name]:
            continue  # said by the column itself
        args = [f'"{index.name}"', *(f'"{n}"' for n in names)]
        args += ["unique=True"] if index.unique else []
        where = index.dialect_options["sqlite"].get("where")
        args += [f'sqlite_where=sql("{where}")'] if where is not None else []
        yield f"Index({', '.join(args)})"


def document() -> str:
    """`docs/data.md`: what is kept, whose it is, why, and how long."""
    described = classes()
    out = [
        "# What the store keeps",
        "",
        "Every table and column, as `freeze/store/rows/` describes them (made by `python -m benchmarks.described`).",
        "*Personal data* says whose it is and why it is needed; *kept* says how long, and by which rule.",
        "Words of posts are meant for the public, but may name people: so they are marked.",
    ]
    for table in metadata().sorted_tables:
        out += ["", f"## {table.name}", "", " ".join((described[table.name].__doc__ or "").split()), ""]
        out += ["| Column | What it holds | Personal data | Kept |", "|---|---|---|---|"]
        for c in table.columns:
            mark: Mark = c.info["mark"]
            out.append(f"| `{c.name}` | {mark.unit} | {mark.personal} | {mark.kept} |")
    return "\n".join(out) + "\n"

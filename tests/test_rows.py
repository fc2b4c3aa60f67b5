"""One description of every table: marked columns, what is made from it, and a store that has its shape."""

from __future__ import annotations

import ast
import io
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from office import Office
from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Connection,
    DateTime,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    inspect,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.schema import CreateColumn
from sqlmodel import Session, select

from freeze.agreements import Matter
from freeze.errors import StoreError
from freeze.holds import Kind
from freeze.store import agreements, describe, shape, tables
from freeze.store.database import SCHEMA, connect, migrate, opened
from freeze.store.rows.columns import Instant, Valued
from freeze.store.rows.marks import AUDIT, STORE, Mark
from freeze.store.rows.rules import Agreement

ROOT = Path(__file__).parent.parent
NOW = datetime(2022, 9, 8, 17, 30, tzinfo=UTC)


def unmarked(metadata: MetaData) -> list[str]:
    """Every column that does not say its unit, whose personal data it is and why, or how long it is kept."""
    found = [(f"{t.name}.{c.name}", c.info.get("mark")) for t in metadata.sorted_tables for c in t.columns]
    return [name for name, mark in found if not (isinstance(mark, Mark) and clear(mark))]


def clear(mark: Mark) -> bool:
    """Whether a mark says something."""
    whose, _, why = mark.personal.removeprefix("yes: ").partition("; ")
    personal = mark.personal == "no" or (mark.personal.startswith("yes: ") and whose and len(why.split()) > 1)
    return bool(personal) and len(mark.unit) > 1 and len(mark.kept.split()) > 3


def test_every_column_says_its_unit_whose_data_it_is_and_how_long_it_is_kept() -> None:
    assert unmarked(describe.metadata()) == []
    assert sum(len(t.columns) for t in describe.metadata().sorted_tables) > 200, "next to nothing was looked at"


@pytest.mark.parametrize(
    "mark",
    [
        None,
        "an instant",
        Mark("", "no", "as long as the store"),
        Mark("a name", "", "as long as the store"),
        Mark("a name", "yes", "as long as the store"),
        Mark("a name", "yes: ", "as long as the store"),
        Mark("a name", "yes: the council's own people; ", "as long as the store"),
        Mark("a name", "no", ""),
        Mark("a name", "no", "for ever"),
    ],
    ids=repr,
)
def test_it_refuses_a_column_without_a_mark_and_a_vague_one(mark: object) -> None:
    metadata = MetaData()
    Table("t", metadata, Column("c", String, info={"mark": mark} if mark else {}))
    assert unmarked(metadata) == ["t.c"]


def erased() -> set[str]:
    """Every table that some statement of the store's deletes rows from."""
    found: set[str] = set()
    for file in sorted((ROOT / "freeze/store").glob("*.py")):
        tree = ast.parse(file.read_text("utf-8"))
        rows = {
            a.asname or a.name: a.name
            for x in ast.walk(tree)
            if isinstance(x, ast.ImportFrom) and str(x.module).startswith("freeze.store.rows.")
            for a in x.names
        }
        for call in ast.walk(tree):
            match call:
                case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="delete")):
                    given = getattr(tables, name, None)
                    found |= {given.name} if isinstance(given, Table) else set(rows.values())
                case ast.Call(func=ast.Name(id="delete"), args=[ast.Name(id=name)]):
                    found.add(rows[name])
    named = {kind.__name__: table for table, kind in describe.classes().items()}
    return {named.get(x, x) for x in found}


def test_no_table_that_rows_are_deleted_from_is_said_to_be_kept_whole() -> None:
    deleted = erased()
    assert {"event", "feed_event", "turn", "accepted_finding"} <= deleted, "sessions and plain statements are both seen"
    kept = {name: {c.info["mark"].kept for c in describe.metadata().tables[name].columns} for name in deleted}
    assert {name: said for name, said in kept.items() if said & {STORE, AUDIT}} == {}


def test_the_tables_for_the_start_are_made_from_the_classes(tmp_path: Path) -> None:
    made = tmp_path / "tables.py"
    made.write_text(describe.core(), encoding="utf-8")
    config = ["--config", str(ROOT / "pyproject.toml")]
    subprocess.run([sys.executable, "-m", "ruff", "format", "-q", *config, str(made)], check=True)
    assert made.read_text("utf-8") == (ROOT / "freeze/store/tables.py").read_text("utf-8"), (
        "run: python -m benchmarks.described"
    )


def test_the_page_about_data_is_made_from_the_classes() -> None:
    assert (ROOT / "docs/data.md").read_text("utf-8") == describe.document(), "run: python -m benchmarks.described"


@pytest.mark.parametrize("dialect", [sqlite.dialect(), postgresql.dialect()], ids=["sqlite", "postgresql"])
def test_both_say_the_same_of_every_column(dialect: object) -> None:
    def told(metadata: MetaData) -> dict[str, list[str]]:
        return {
            t.name: [
                *(
                    f"{CreateColumn(c).compile(dialect=dialect)} {c.primary_key} {c.autoincrement} {c.index} "  # type: ignore[arg-type]
                    f"{sorted(k.target_fullname for k in c.foreign_keys)}"
                    for c in t.columns
                ),
                *sorted(_index(i) for i in t.indexes),
            ]
            for t in metadata.sorted_tables
        }

    assert told(tables.METADATA) == told(describe.metadata())


def _index(i: Index) -> str:
    return f"{i.name} {[c.name for c in i.columns]} {i.unique} {i.dialect_options['sqlite'].get('where')}"


@pytest.fixture
def store(store_url: str, tmp_path: Path) -> Iterator[object]:
    with closing(connect(store_url, tmp_path)) as db:
        migrate(db, NOW)
        yield db


def test_a_store_made_by_the_migrations_has_the_shape_that_is_described(store) -> None:
    with store.read() as c:
        assert shape.differences(c) == []
        assert set(inspect(c).get_table_names()) == {*describe.metadata().tables, "alembic_version"}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("ALTER TABLE post ADD COLUMN odd TEXT", "the column post.odd is not of ours"),
        ("ALTER TABLE went_out DROP COLUMN why", "the column went_out.why is missing"),
        ("DROP TABLE feed_event", "the table feed_event is missing"),
        ("CREATE TABLE odd (x INTEGER)", "the table odd is not of ours"),
        ("DROP INDEX task_key", "the index task_key is missing"),
        (
            "DROP INDEX hold_open; CREATE UNIQUE INDEX hold_open ON hold (post)",
            "the index hold_open should be of some rows only",
        ),
    ],
)
def test_what_a_store_lacks_or_has_besides_is_named(store, change: str, said: str) -> None:
    with store.write() as c:
        for statement in change.split(";"):
            c.execute(text(statement))
    with store.read() as c:
        assert shape.differences(c) == [said]


def test_a_default_that_was_taken_away_is_named(postgres: str, tmp_path: Path) -> None:
    with closing(connect(postgres, tmp_path)) as db:  # SQLite changes no default of a table that is there
        migrate(db, NOW)
        with db.write() as c:
            c.execute(text("ALTER TABLE post ALTER COLUMN title DROP DEFAULT"))
        with db.read() as c:
            assert shape.differences(c) == ["post.title differs in its default"]


def test_alembics_own_check_finds_no_operation_that_is_left_to_do(store) -> None:
    config = alembic_config()
    with store.write() as c:
        config.attributes["connection"] = c
        command.check(config)  # it raises where there is one
        c.execute(text("DROP TABLE feed_event"))
        with pytest.raises(CommandError, match="feed_event"):
            command.check(config)


def alembic_config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(ROOT / "freeze/store/migrations"))
    config.stdout = io.StringIO()
    return config


def planted(c: Connection) -> dict[Table, list[tuple[Any, ...]]]:
    """One row in every table that this store has, whatever its version; gives what then stands in each."""
    there = MetaData()
    there.reflect(c)
    naive = NOW.replace(tzinfo=None) if c.dialect.name == "sqlite" else NOW
    for table in there.sorted_tables:
        if table.name != "alembic_version":
            c.execute(table.insert().values({x.name: sample(x.type, naive) for x in table.columns}))
    return {t: [tuple(r) for r in c.execute(t.select())] for t in there.sorted_tables if t.name != "alembic_version"}


def sample(kind: Any, at: datetime) -> Any:
    """A value that fits a column."""
    fitting = ((JSON, {"a": ["b"]}), (Boolean, True), (Integer, 1), (DateTime, at), (String, "x"))
    return next(value for known, value in fitting if isinstance(kind, known))


@pytest.mark.parametrize("version", [f"{n:04}" for n in range(1, int(SCHEMA))])
def test_a_store_of_an_earlier_version_gets_todays_shape_and_keeps_every_row(
    store_url: str, tmp_path: Path, version: str
) -> None:
    config = alembic_config()
    with closing(connect(store_url, tmp_path)) as db:
        with db.write() as c:
            config.attributes["connection"] = c
            command.upgrade(config, version)
        with db.write() as c:
            before = planted(c)
        assert before
        with pytest.raises(StoreError, match=rf"older version \(schema {version}, now {SCHEMA}\)"):
            opened(db)
        migrate(db, NOW)
        with opened(db).read() as c:
            assert shape.differences(c) == []
            after = {t.name: [tuple(r) for r in c.execute(t.select())] for t in before}
        assert {t.name: [r for r in rows if r not in after[t.name]] for t, rows in before.items()} == {
            t.name: [] for t in before
        }


def test_the_doctor_names_what_a_store_lacks(tmp_path: Path) -> None:
    office = Office(tmp_path, {"memory": Kind.DRAFT}, NOW)

    def tables_of() -> tuple[int, list[tuple[bool, str]]]:
        done = office.freeze("doctor")
        return done.code, [(x["well"], x["found"]) for x in done.json["checks"] if x["what"] == "tables"]

    assert tables_of()[1] == [(True, "as described in docs/data.md")]
    with closing(sqlite3.connect(office.db)) as c:
        c.execute("DROP TABLE feed_event")
    assert tables_of() == (5, [(False, "the table feed_event is missing")])


STARTS = """
import sys
import cli
sys.argv = ["freeze", *sys.argv[1:]]
try:
    cli.main()
finally:
    print(sorted({"sqlmodel", "sqlalchemy.orm"} & set(sys.modules)), file=sys.stderr)
"""


def test_status_and_a_declaration_start_without_the_classes(tmp_path: Path) -> None:
    def run(*args: str) -> tuple[int, str]:
        env = os.environ | {"PYTHONPATH": str(ROOT)}
        done = subprocess.run(
            [sys.executable, "-c", STARTS, *args], cwd=tmp_path, env=env, capture_output=True, text=True
        )
        return done.returncode, done.stderr.splitlines()[-1]

    assert run("init") == (0, "['sqlalchemy.orm', 'sqlmodel']"), "making a store needs them: what is looked at is real"
    for args in (["declare", "menai-bridge", "--yes"], ["status"], ["list"], ["sync", "--enforce"]):
        assert run(*args)[1] == "[]", args


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)
@given(st.integers(6 * 10**14, 4 * 10**15), st.integers(-14 * 60, 14 * 60), st.sampled_from(list(Matter)))
def test_an_instant_comes_back_as_the_same_one_in_utc_and_an_enum_by_its_value(
    store, microseconds: int, minutes: int, matter: Matter
) -> None:
    at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)
    with store.read() as c:
        with Session(c, join_transaction_mode="rollback_only") as s:
            row = Agreement(matter=matter, given_by="Jo", at=at.astimezone(timezone(timedelta(minutes=minutes))))
            s.add(row)
            s.flush()
        assert c.execute(text("SELECT matter FROM agreement")).scalar_one() == matter.value
        with Session(c, join_transaction_mode="rollback_only") as s:
            row = s.exec(select(Agreement)).one()
            assert (row.at, row.at.tzinfo, row.matter) == (at, UTC, matter)
        c.rollback()


def test_an_instant_without_a_zone_and_a_word_that_is_no_value_never_reach_the_store() -> None:
    with pytest.raises(ValueError, match="without a zone"):
        Instant().process_bind_param(NOW.replace(tzinfo=None), sqlite.dialect())
    with pytest.raises(ValueError, match="nonsense"):
        Valued(Matter).process_bind_param("nonsense", sqlite.dialect())


def test_a_session_takes_part_in_the_callers_transaction_and_ends_nothing(store) -> None:
    from freeze.agreements import Agreement as Value

    new = Value(0, Matter.SIGN_OFF, "Jo", NOW)
    with store.read() as c:
        agreements.add(c, new)
        c.rollback()
    with store.read() as c:
        assert agreements.all_of(c) == []
    with store.write() as c:
        made = agreements.add(c, new)
        agreements.end(c, made.number, NOW.date())
    with store.read() as c:
        assert [(a.number, a.until) for a in agreements.all_of(c)] == [(made.number, NOW.date())]

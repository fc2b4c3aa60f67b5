"""How a marked column is written down in a class: one function for each kind of column there is."""

from __future__ import annotations

from enum import Enum
from typing import Any

from sqlalchemy import JSON, Boolean, Column, ForeignKey, Integer, String, Text
from sqlalchemy import false as sql_false
from sqlalchemy import text as sql
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from freeze.store.rows.columns import ROW_ID, Instant, Valued
from freeze.store.rows.marks import Mark

REGISTRY = registry()
"""A registry of our own, so that no other package's tables are taken for the store's."""


class Row(SQLModel, registry=REGISTRY):
    """A row of the store."""


def _field(kind: Any, mark: Mark, *, null: bool = False, foreign: str = "", **more: Any) -> Any:
    keys = [ForeignKey(foreign)] if foreign else []
    column: Column[Any] = Column(kind, *keys, nullable=null, info={"mark": mark}, **more)
    return Field(default=None, sa_column=column) if null else Field(sa_column=column)


def number(mark: Mark) -> Any:
    """The row's own number, given by the database."""
    column = Column(ROW_ID, primary_key=True, autoincrement=True, info={"mark": mark})
    return Field(default=None, sa_column=column)


def refers(
    mark: Mark,
    *,
    foreign: str = "",
    null: bool = False,
    primary: bool = False,
    index: bool = False,
    given: bool = False,
) -> Any:
    """Another row's number; `given` is a key of one column that the database must not count up."""
    more: dict[str, Any] = {"index": True} if index else {}
    more |= {"primary_key": True} if primary else {}
    more |= {"autoincrement": False} if given else {}
    return _field(ROW_ID, mark, null=null, foreign=foreign, **more)


def named(mark: Mark, *, foreign: str = "", primary: bool = False, index: bool = False) -> Any:
    """A short word that must be there."""
    more: dict[str, Any] = {"index": True} if index else {}
    return _field(String, mark, foreign=foreign, **more, **({"primary_key": True} if primary else {}))


def valued(mark: Mark, kind: type[Enum]) -> Any:
    """One of the values of an enum."""
    return _field(Valued(kind), mark)


def said(mark: Mark) -> Any:
    """Words; empty where there are none."""
    column = Column(Text, nullable=False, server_default=sql("''"), info={"mark": mark})
    return Field(default="", sa_column=column)


def instant(mark: Mark, *, null: bool = False) -> Any:
    """An aware instant, UTC."""
    return _field(Instant(), mark, null=null)


def counted(mark: Mark) -> Any:
    """A number of something."""
    return _field(Integer, mark)


def truth(mark: Mark, *, default: bool | None = None) -> Any:
    """Yes or no."""
    if default is None:
        return _field(Boolean, mark)
    column = Column(Boolean, nullable=False, server_default=sql_false(), info={"mark": mark})
    return Field(default=default, sa_column=column)


def record(mark: Mark) -> Any:
    """A JSON object."""
    column = Column(JSON, nullable=False, server_default=sql("'{}'"), info={"mark": mark})
    return Field(default_factory=dict, sa_column=column)


def series(mark: Mark) -> Any:
    """A JSON list."""
    column = Column(JSON, nullable=False, server_default=sql("'[]'"), info={"mark": mark})
    return Field(default_factory=list, sa_column=column)

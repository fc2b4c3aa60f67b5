"""What only people can do."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index

from freeze.store.rows.fields import Row, instant, named, number, refers, said, series
from freeze.store.rows.marks import AT, AUDIT, ID, NO, STAFF, Mark, yes


class Task(Row, table=True):
    """Something only a person can do; `key` makes a re-run find it again."""

    __tablename__ = "task"
    __table_args__ = (Index("task_key", "declaration", "key", unique=True),)

    id: int | None = number(Mark(ID, NO, AUDIT))
    declaration: int = refers(Mark("a pause's number", NO, AUDIT), foreign="declaration.id", index=True)
    key: str = named(Mark("what it is about", NO, AUDIT))
    kind: str = named(Mark("a kind of `freeze.people.tasks`", NO, AUDIT))
    title: str = said(Mark("a sentence", NO, AUDIT))
    clicks: str = said(Mark("what a person presses", NO, AUDIT))
    owner: str = said(Mark("a name", yes(STAFF, "who is asked"), AUDIT))
    contact: str = said(Mark("a telephone number or address", yes(STAFF, "how to reach them"), AUDIT))
    accounts: list[Any] = series(Mark("a JSON list of accounts", NO, AUDIT))
    posts: list[Any] = series(Mark("a JSON list of posts' numbers", NO, AUDIT))
    deadline: datetime | None = instant(Mark(AT, NO, AUDIT), null=True)
    made_at: datetime = instant(Mark(AT, NO, AUDIT))
    said_by: str = said(Mark("a name", yes(STAFF, "who said that it is done"), AUDIT))
    said_at: datetime | None = instant(Mark(AT, NO, AUDIT), null=True)
    checked_at: datetime | None = instant(Mark(AT, NO, AUDIT), null=True)
    closed_at: datetime | None = instant(Mark(AT, NO, AUDIT), null=True)

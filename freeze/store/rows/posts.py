"""Posts as they were seen."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlalchemy import text as sql

from freeze.posts import State
from freeze.store.rows.fields import Row, instant, named, number, record, refers, said, series, truth, valued
from freeze.store.rows.marks import AT, ID, NAMED, NO, STAFF, STORE, Mark, yes


class Post(Row, table=True):
    """One sight of a post: what the platform showed last, and when it was meant to go out."""

    __tablename__ = "post"
    __table_args__ = (
        Index("post_locator", "connection", "native_account", "native_id", "occurrence", unique=True),
        Index(
            "post_waiting",
            "intended_at",
            "account",
            "connection",
            "id",
            sqlite_where=sql("state IN ('scheduled','pending_approval')"),
        ),
    )

    id: int | None = number(Mark(ID, NO, STORE))
    connection: str = named(Mark("a connection of the settings", NO, STORE))
    native_account: str = named(Mark("the platform's own id of the account", NO, STORE))
    native_id: str = named(Mark("the platform's own id of the post", NO, STORE))
    occurrence: str = named(Mark("which one of a series", NO, STORE))
    account: str = named(Mark("an account's id", NO, STORE), foreign="account.id")
    state: State = valued(Mark("a `freeze.posts.State`", NO, STORE), State)
    at: datetime | None = instant(Mark(AT, NO, STORE), null=True)
    intended_at: datetime | None = instant(Mark(AT, NO, STORE), null=True)
    text: str = said(
        Mark(
            "words meant for the public",
            yes(NAMED, "a post may name people; held words must be kept to be put back"),
            STORE,
        )
    )
    title: str = said(Mark("words meant for the public", yes(NAMED, "as the text"), STORE))
    author: str = said(Mark("a name on the platform", yes(STAFF, "who to ask about a post"), STORE))
    app: str = said(Mark("the program that made it", NO, STORE))
    content: str = said(Mark("a seal of the words, hexadecimal", NO, STORE))
    tags: list[Any] = series(Mark("a JSON list of words", NO, STORE))
    link: str = said(Mark("an address", NO, STORE))
    media: list[Any] = series(Mark("a JSON list of addresses or ids", yes(NAMED, "pictures may show people"), STORE))
    boosted: bool = truth(Mark("yes or no", NO, STORE), default=False)
    seen: dict[str, Any] = record(
        Mark(
            "a JSON reading, whole",
            yes(NAMED, "as the text, with its author: a lost post is made again from it"),
            STORE,
        )
    )
    first_seen: datetime | None = instant(Mark(AT, NO, STORE), null=True)
    last_seen: datetime | None = instant(Mark(AT, NO, STORE), null=True)
    same_as: int | None = refers(Mark("a post's number", NO, STORE), null=True)

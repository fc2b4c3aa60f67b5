"""The tables. No table is called `freeze`: the word is reserved in PostgreSQL.

The migrations make them. What PostgreSQL alone needs to hear about an index stands there and not here, because naming
it here would load its dialect at every start.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Column, DateTime, Dialect, ForeignKey, Index, Integer, Text
from sqlalchemy import text as sql
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, SQLModel


class Instant(TypeDecorator[datetime]):
    """An aware instant, kept in UTC; a naive one is an error, never a guess."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """UTC, without its zone where the database keeps none (SQLite)."""
        if value is None:
            return None
        if value.tzinfo is None:
            msg = "an instant without a zone reached the store"
            raise ValueError(msg)
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Always aware, always UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if dialect.name == "sqlite" else value.astimezone(UTC)


ROW_ID = BigInteger().with_variant(Integer(), "sqlite")


def _id() -> Any:
    return Field(default=None, sa_column=Column(ROW_ID, primary_key=True, autoincrement=True))


def _at(*, null: bool = True) -> Any:
    return Field(default=None, sa_column=Column(Instant(), nullable=null))


def _json(default: str) -> Any:
    return Field(sa_column=Column(JSON, nullable=False, server_default=sql(f"'{default}'")))


def _text() -> Any:
    return Field(default="", sa_column=Column(Text, nullable=False, server_default=sql("''")))


def _ref(target: str, *, null: bool = False) -> Any:
    return Field(default=None, sa_column=Column(ROW_ID, ForeignKey(target), nullable=null, index=True))


class Meta(SQLModel, table=True):
    """One-line facts about the store itself."""

    __tablename__ = "meta"
    key: str = Field(primary_key=True)
    value: str = _text()


class AccountRow(SQLModel, table=True):
    """The register."""

    __tablename__ = "account"
    id: str = Field(primary_key=True)
    name: str = _text()
    platform: str = _text()
    handle: str = _text()
    service: str = _text()
    owner: str = _text()
    contact: str = _text()
    registered: bool = True
    in_scope: bool = True


class AliasRow(SQLModel, table=True):
    """Where an account is seen."""

    __tablename__ = "account_alias"
    connection: str = Field(primary_key=True)
    native: str = Field(primary_key=True)
    account: str = Field(foreign_key="account.id", index=True)


class SourceRow(SQLModel, table=True):
    """When each connection was last read, and what could not be."""

    __tablename__ = "source"
    connection: str = Field(primary_key=True)
    native: str = Field(primary_key=True, default="")
    tried_at: datetime | None = _at()
    read_at: datetime | None = _at()
    as_of: datetime | None = _at()
    reason: str = _text()
    posts: int = 0


class PostRow(SQLModel, table=True):
    """One sight of a post: what the platform showed last, and when it was meant to go out."""

    __tablename__ = "post"
    id: int | None = _id()
    connection: str
    native_account: str
    native_id: str
    occurrence: str = ""
    account: str = Field(foreign_key="account.id")
    state: str
    at: datetime | None = _at()
    intended_at: datetime | None = _at()
    text: str = _text()
    title: str = _text()
    author: str = _text()
    app: str = _text()
    content: str = _text()
    tags: list[str] = _json("[]")
    seen: dict[str, Any] = _json("{}")
    first_seen: datetime | None = _at()
    last_seen: datetime | None = _at()
    same_as: int | None = Field(default=None, sa_column=Column(ROW_ID, nullable=True))

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


class DeclarationRow(SQLModel, table=True):
    """A declared freeze."""

    __tablename__ = "declaration"
    id: int | None = _id()
    preset: str
    title: str = _text()
    policy: str = _text()
    clause: str = _text()
    scope: dict[str, Any] = _json("{}")
    windows: list[Any] = _json("[]")
    provisional: bool = False
    d_day: str = _text()
    because: str = _text()
    reason: str = _text()
    authority: str = _text()
    declared_at: datetime | None = _at(null=False)
    declared_by: str = _text()
    rehearsal: bool = False
    ended_at: datetime | None = _at()
    ended_how: str = _text()
    announced_at: datetime | None = _at()
    announced_source: str = _text()


class HoldRow(SQLModel, table=True):
    """One locator taken out of its queue; at most one open hold each."""

    __tablename__ = "hold"
    id: int | None = _id()
    post: int = _ref("post.id")
    state: str
    kind: str = _text()
    why: str = _text()
    clicks: str = _text()
    before: dict[str, Any] = _json("{}")
    expected: dict[str, Any] = _json("{}")
    expires_at: datetime | None = _at()
    opened_at: datetime | None = _at(null=False)
    checked_at: datetime | None = _at()
    closed_at: datetime | None = _at()
    detail: str = _text()
    decision: str = _text()
    decided_at: datetime | None = _at()
    decided_time: datetime | None = _at()
    decided_by: str = _text()

    __table_args__ = (
        Index(
            "hold_open",
            "post",
            unique=True,
            sqlite_where=sql("closed_at IS NULL"),
        ),
    )


class ClaimRow(SQLModel, table=True):
    """Which freezes hold a hold."""

    __tablename__ = "hold_claim"
    hold: int = Field(sa_column=Column(ROW_ID, ForeignKey("hold.id"), primary_key=True))
    declaration: int = Field(sa_column=Column(ROW_ID, ForeignKey("declaration.id"), primary_key=True))


class IntentRow(SQLModel, table=True):
    """The journal: what a run meant to do, written before it did it, and what came of it."""

    __tablename__ = "intent"
    id: int | None = _id()
    run: int = _ref("run.id")
    hold: int = _ref("hold.id")
    verb: str
    change: dict[str, Any] = _json("{}")
    was: dict[str, Any] = _json("{}")
    state: str = "intended"
    sent: int = 0
    made: str = _text()
    at: datetime | None = _at(null=False)
    done_at: datetime | None = _at()
    detail: str = _text()


class RunRow(SQLModel, table=True):
    """One run of a command that may change a platform."""

    __tablename__ = "run"
    id: int | None = _id()
    command: str
    who: str = _text()
    started_at: datetime | None = _at(null=False)
    ended_at: datetime | None = _at()


class PlanRow(SQLModel, table=True):
    """A way back that somebody saw: times stay as shown, so its digest stands for it."""

    __tablename__ = "put_back_plan"
    digest: str = Field(primary_key=True)
    declaration: int = _ref("declaration.id")
    items: list[Any] = _json("[]")
    made_at: datetime | None = _at(null=False)


class OutRow(SQLModel, table=True):
    """A post that went out inside a freeze: too late to stop, or a slip."""

    __tablename__ = "went_out"
    post: int = Field(sa_column=Column(ROW_ID, ForeignKey("post.id"), primary_key=True))
    declaration: int = Field(sa_column=Column(ROW_ID, ForeignKey("declaration.id"), primary_key=True))
    at: datetime | None = _at(null=False)
    how: str
    why: str = _text()


class TaskRow(SQLModel, table=True):
    """Something only a person can do; `key` makes a re-run find it again."""

    __tablename__ = "task"
    id: int | None = _id()
    declaration: int = _ref("declaration.id")
    key: str
    kind: str
    title: str = _text()
    clicks: str = _text()
    owner: str = _text()
    contact: str = _text()
    accounts: list[str] = _json("[]")
    posts: list[int] = _json("[]")
    deadline: datetime | None = _at()
    made_at: datetime | None = _at(null=False)
    said_by: str = _text()
    said_at: datetime | None = _at()
    checked_at: datetime | None = _at()
    closed_at: datetime | None = _at()

    __table_args__ = (Index("task_key", "declaration", "key", unique=True),)


class PermissionRow(SQLModel, table=True):
    """One post, or a standing kind of post, allowed through one freeze by somebody with a reason."""

    __tablename__ = "permission"
    id: int | None = _id()
    declaration: int = _ref("declaration.id")
    how: str
    post: int | None = _ref("post.id", null=True)
    kind: str = _text()
    words: str = _text()
    accounts: list[str] = _json("[]")
    reason: str = _text()
    directed_by: str = _text()
    given_by: str = _text()
    given_at: datetime | None = _at(null=False)
    until: datetime | None = _at()
    withdrawn_at: datetime | None = _at()


class JobRow(SQLModel, table=True):
    """One slot of one repeated job, claimed by whoever does it."""

    __tablename__ = "job_run"
    job: str = Field(primary_key=True)
    slot: str = Field(primary_key=True)
    who: str = _text()
    claimed_at: datetime | None = _at(null=False)
    done_at: datetime | None = _at()


class DigestRow(SQLModel, table=True):
    """What a digest last told one reader, so that the next one can say what changed."""

    __tablename__ = "digest"
    reader: str = Field(primary_key=True)
    made_at: datetime | None = _at(null=False)
    items: dict[str, Any] = _json("{}")


class FeedRow(SQLModel, table=True):
    """One calendar event's lasting identity."""

    __tablename__ = "feed_event"
    key: str = Field(primary_key=True)
    uid: str
    sequence: int = 0
    digest: str = _text()
    changed_at: datetime | None = _at(null=False)
    cancelled_at: datetime | None = _at()


class LogRow(SQLModel, table=True):
    """The log: append-only, each line sealed with the one before it."""

    __tablename__ = "log_line"
    seq: int = Field(sa_column=Column(ROW_ID, primary_key=True, autoincrement=False))
    at: str
    actor: str
    event: str
    data: str = _text()
    hash: str

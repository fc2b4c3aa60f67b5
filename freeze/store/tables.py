"""The tables, as plain SQLAlchemy Core. No table is called `freeze`: the word is reserved in PostgreSQL.

Rows are never handled as objects, and defining these as SQLModel classes cost `freeze status` half of its start-up
(measured 1.03 s against 0.6 s), so they are not.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
)
from sqlalchemy import false as sql_false
from sqlalchemy import text as sql
from sqlalchemy.types import TypeDecorator

METADATA = MetaData()
"""Only migrations make tables: what an index says to PostgreSQL stands there (naming it here loads that dialect)."""


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


def _id() -> Column[Any]:
    return Column("id", ROW_ID, primary_key=True, autoincrement=True)


def _at(name: str, *, null: bool = True) -> Column[Any]:
    return Column(name, Instant(), nullable=null)


def _json(name: str, default: str) -> Column[Any]:
    return Column(name, JSON, nullable=False, server_default=sql(f"'{default}'"))


def _text(name: str) -> Column[Any]:
    return Column(name, Text, nullable=False, server_default=sql("''"))


META = Table(
    "meta",
    METADATA,
    Column("key", String, primary_key=True),
    _text("value"),
)
"""One-line facts about the store itself."""

ACCOUNT = Table(
    "account",
    METADATA,
    Column("id", String, primary_key=True),
    _text("name"),
    _text("platform"),
    _text("handle"),
    _text("service"),
    _text("owner"),
    _text("contact"),
    Column("registered", Boolean, nullable=False),
    Column("in_scope", Boolean, nullable=False),
    _json("details", "{}"),
)
"""The register; `details` is a `freeze.register.Record`."""

ALIAS = Table(
    "account_alias",
    METADATA,
    Column("connection", String, primary_key=True),
    Column("native", String, primary_key=True),
    Column("account", String, ForeignKey("account.id"), nullable=False, index=True),
)
"""Where an account is seen."""

SOURCE = Table(
    "source",
    METADATA,
    Column("connection", String, primary_key=True),
    Column("native", String, primary_key=True),
    _at("tried_at"),
    _at("read_at"),
    _at("as_of"),
    _text("reason"),
    _text("unseen"),
    Column("posts", Integer, nullable=False),
)
"""When each connection was last read, what could not be, and what the platform shows to nobody."""

POST = Table(
    "post",
    METADATA,
    _id(),
    Column("connection", String, nullable=False),
    Column("native_account", String, nullable=False),
    Column("native_id", String, nullable=False),
    Column("occurrence", String, nullable=False),
    Column("account", String, ForeignKey("account.id"), nullable=False),
    Column("state", String, nullable=False),
    _at("at"),
    _at("intended_at"),
    _text("text"),
    _text("title"),
    _text("author"),
    _text("app"),
    _text("content"),
    _json("tags", "[]"),
    _text("link"),
    _json("media", "[]"),
    Column("boosted", Boolean, nullable=False, server_default=sql_false()),
    _json("seen", "{}"),
    _at("first_seen"),
    _at("last_seen"),
    Column("same_as", ROW_ID, nullable=True),
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
"""One sight of a post: what the platform showed last, and when it was meant to go out."""

FREEZE = Table(
    "declaration",
    METADATA,
    _id(),
    Column("preset", String, nullable=False),
    _text("title"),
    _text("policy"),
    _text("clause"),
    _json("scope", "{}"),
    _json("windows", "[]"),
    Column("provisional", Boolean, nullable=False),
    _text("d_day"),
    _text("because"),
    _text("reason"),
    _text("authority"),
    _at("declared_at", null=False),
    _text("declared_by"),
    Column("rehearsal", Boolean, nullable=False),
    _at("ended_at"),
    _text("ended_how"),
    _at("announced_at"),
    _text("announced_source"),
    _text("key"),
    _json("details", "{}"),
)
"""A declared freeze. `key` names one that stands by itself, such as a yearly silence; `details` are a crisis's."""

BIO = Table(
    "bio",
    METADATA,
    Column("connection", String, primary_key=True),
    Column("native", String, primary_key=True),
    _text("name"),
    _text("text"),
    Column("longest", Integer, nullable=False),
    _at("read_at", null=False),
)
"""An account's name and description as its platform last gave them."""

EVENT = Table(
    "event",
    METADATA,
    _id(),
    Column("source", String, nullable=False, index=True),
    _text("kind"),
    _text("title"),
    _text("service"),
    _at("start", null=False),
    _at("end", null=False),
    _text("civil"),
)
"""One occurrence of something on the shared calendar, from one imported file."""

AGREEMENT = Table(
    "agreement",
    METADATA,
    _id(),
    Column("matter", String, nullable=False),
    _text("given_by"),
    _at("at", null=False),
    _json("posts", "[]"),
    _json("content", "[]"),
    _text("campaign"),
    _text("reference"),
    _text("until"),
)
"""That somebody accountable said yes to something."""

ACCEPTED = Table(
    "accepted_finding",
    METADATA,
    Column("ref", String, primary_key=True),
    _text("reason"),
    _text("until"),
    _at("at", null=False),
    _text("who"),
    Column("baseline", Boolean, nullable=False),
    _text("sentence"),
)
"""A finding that is known and fine: `until` is the last London day on which it stays quiet."""

HOLD = Table(
    "hold",
    METADATA,
    _id(),
    Column("post", ROW_ID, ForeignKey("post.id"), nullable=False, index=True),
    Column("state", String, nullable=False),
    _text("kind"),
    _text("why"),
    _text("clicks"),
    _json("before", "{}"),
    _json("expected", "{}"),
    _at("expires_at"),
    _at("opened_at", null=False),
    _at("checked_at"),
    _at("closed_at"),
    _text("detail"),
    _text("decision"),
    _at("decided_at"),
    _at("decided_time"),
    _text("decided_by"),
    Index(
        "hold_open",
        "post",
        unique=True,
        sqlite_where=sql("closed_at IS NULL"),
    ),
)
"""One locator taken out of its queue; at most one open hold each."""

CLAIM = Table(
    "hold_claim",
    METADATA,
    Column("hold", ROW_ID, ForeignKey("hold.id"), primary_key=True),
    Column("declaration", ROW_ID, ForeignKey("declaration.id"), primary_key=True),
)
"""Which freezes hold a hold."""

INTENT = Table(
    "intent",
    METADATA,
    _id(),
    Column("run", ROW_ID, ForeignKey("run.id"), nullable=False, index=True),
    Column("hold", ROW_ID, ForeignKey("hold.id"), nullable=False, index=True),
    Column("verb", String, nullable=False),
    _json("change", "{}"),
    _json("was", "{}"),
    Column("state", String, nullable=False),
    Column("sent", Integer, nullable=False),
    _text("made"),
    _at("at", null=False),
    _at("done_at"),
    _text("detail"),
)
"""The journal: what a run meant to do, written before it did it, and what came of it."""

RUN = Table(
    "run",
    METADATA,
    _id(),
    Column("command", String, nullable=False),
    _text("who"),
    _at("started_at", null=False),
    _at("ended_at"),
    _at("lost_at"),
)
"""One run of a command that may change a platform. `lost_at`: when another run found that it had died."""

TURN = Table(
    "turn",
    METADATA,
    Column("connection", String, primary_key=True),
    Column("run", ROW_ID, ForeignKey("run.id"), primary_key=True, autoincrement=False),
    _at("left_at"),
)
"""Which runs may change a connection: only the latest; `left_at` is when a run made its last call there."""

PLAN = Table(
    "put_back_plan",
    METADATA,
    Column("digest", String, primary_key=True),
    Column("declaration", ROW_ID, ForeignKey("declaration.id"), nullable=False, index=True),
    _json("items", "[]"),
    _at("made_at", null=False),
)
"""A way back that somebody saw: times stay as shown, so its digest stands for it."""

OUT = Table(
    "went_out",
    METADATA,
    Column("post", ROW_ID, ForeignKey("post.id"), primary_key=True),
    Column("declaration", ROW_ID, ForeignKey("declaration.id"), primary_key=True),
    _at("at", null=False),
    Column("how", String, nullable=False),
    _text("why"),
)
"""A post that went out inside a freeze: too late to stop, or a slip."""

TASK = Table(
    "task",
    METADATA,
    _id(),
    Column("declaration", ROW_ID, ForeignKey("declaration.id"), nullable=False, index=True),
    Column("key", String, nullable=False),
    Column("kind", String, nullable=False),
    _text("title"),
    _text("clicks"),
    _text("owner"),
    _text("contact"),
    _json("accounts", "[]"),
    _json("posts", "[]"),
    _at("deadline"),
    _at("made_at", null=False),
    _text("said_by"),
    _at("said_at"),
    _at("checked_at"),
    _at("closed_at"),
    Index("task_key", "declaration", "key", unique=True),
)
"""Something only a person can do; `key` makes a re-run find it again."""

PERMISSION = Table(
    "permission",
    METADATA,
    _id(),
    Column("declaration", ROW_ID, ForeignKey("declaration.id"), nullable=False, index=True),
    Column("how", String, nullable=False),
    Column("post", ROW_ID, ForeignKey("post.id"), nullable=True, index=True),
    _text("kind"),
    _text("words"),
    _json("accounts", "[]"),
    _text("reason"),
    _text("directed_by"),
    _text("given_by"),
    _at("given_at", null=False),
    _at("until"),
    _at("withdrawn_at"),
)
"""One post, or a standing kind of post, allowed through one freeze by somebody with a reason."""

JOB = Table(
    "job_run",
    METADATA,
    Column("job", String, primary_key=True),
    Column("slot", String, primary_key=True),
    _text("who"),
    _at("claimed_at", null=False),
    _at("done_at"),
)
"""One slot of one repeated job, claimed by whoever does it."""

DIGEST = Table(
    "digest",
    METADATA,
    Column("reader", String, primary_key=True),
    _at("made_at", null=False),
    _json("items", "{}"),
)
"""What a digest last told one reader, so that the next one can say what changed."""

FEED = Table(
    "feed_event",
    METADATA,
    Column("key", String, primary_key=True),
    Column("uid", String, nullable=False),
    Column("sequence", Integer, nullable=False),
    _text("digest"),
    _at("changed_at", null=False),
    _at("cancelled_at"),
    _json("event", "{}"),
)
"""One calendar event's lasting identity."""

HOLIDAY = Table(
    "holiday_change",
    METADATA,
    _id(),
    Column("day", String, nullable=False),
    _text("title"),
    Column("nations", Integer, nullable=False),
    _text("source"),
    _text("announced"),
    Column("gone", Boolean, nullable=False),
    _at("at", null=False),
    _text("who"),
)
"""One change to the shipped bank holidays: a day that was proclaimed or published since, or ceased to be one."""

REQUEST = Table(
    "information_request",
    METADATA,
    _id(),
    _text("channel"),
    _text("account"),
    _text("link"),
    Column("received", String, nullable=False),
    Column("received_on", String, nullable=False),
    _text("regime"),
    _json("dates", "{}"),
    Column("due", String, nullable=False),
    Column("safe_target", String, nullable=False),
    Column("pass_on_by", String, nullable=False),
    _at("logged_at", null=False),
    _text("logged_by"),
    _at("acknowledged_at"),
    _at("passed_on_at"),
    _text("reference"),
    _text("answered_on"),
    _at("closed_at"),
    _text("closed_because"),
    _at("purged_at"),
)
"""One information request that reached an account: how it came and when it is due, never who asked or for what."""

LOG = Table(
    "log_line",
    METADATA,
    Column("seq", ROW_ID, primary_key=True, autoincrement=False),
    Column("at", String, nullable=False),
    Column("actor", String, nullable=False),
    Column("event", String, nullable=False),
    _text("data"),
    Column("hash", String, nullable=False),
)
"""The log: append-only, each line sealed with the one before it."""

"""The tables as plain SQLAlchemy Core. A made file: `python -m benchmarks.described`.

The description is `freeze.store.rows`. No table is called `freeze`: the word is reserved in PostgreSQL.
"""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, ForeignKey, Index, Integer, MetaData, String, Table, Text
from sqlalchemy import false as sql_false
from sqlalchemy import text as sql

from freeze.store.rows.columns import ROW_ID, Instant

METADATA = MetaData()
"""Only migrations make tables: what an index says to PostgreSQL stands there (naming it here loads that dialect)."""


ACCEPTED = Table(
    "accepted_finding",
    METADATA,
    Column("ref", String, primary_key=True),
    Column("reason", Text, nullable=False, server_default=sql("''")),
    Column("until", Text, nullable=False, server_default=sql("''")),
    Column("at", Instant(), nullable=False),
    Column("who", Text, nullable=False, server_default=sql("''")),
    Column("baseline", Boolean, nullable=False),
    Column("sentence", Text, nullable=False, server_default=sql("''")),
)
"""A finding that is known and fine: `until` is the last London day on which it stays quiet."""

ACCOUNT = Table(
    "account",
    METADATA,
    Column("id", String, primary_key=True),
    Column("name", Text, nullable=False, server_default=sql("''")),
    Column("platform", Text, nullable=False, server_default=sql("''")),
    Column("handle", Text, nullable=False, server_default=sql("''")),
    Column("service", Text, nullable=False, server_default=sql("''")),
    Column("owner", Text, nullable=False, server_default=sql("''")),
    Column("contact", Text, nullable=False, server_default=sql("''")),
    Column("registered", Boolean, nullable=False),
    Column("in_scope", Boolean, nullable=False),
    Column("details", JSON, nullable=False, server_default=sql("'{}'")),
)
"""The register; `details` is a `freeze.register.Record`."""

AGREEMENT = Table(
    "agreement",
    METADATA,
    Column("id", ROW_ID, primary_key=True, autoincrement=True),
    Column("matter", String, nullable=False),
    Column("given_by", Text, nullable=False, server_default=sql("''")),
    Column("at", Instant(), nullable=False),
    Column("posts", JSON, nullable=False, server_default=sql("'[]'")),
    Column("content", JSON, nullable=False, server_default=sql("'[]'")),
    Column("campaign", Text, nullable=False, server_default=sql("''")),
    Column("reference", Text, nullable=False, server_default=sql("''")),
    Column("until", Text, nullable=False, server_default=sql("''")),
)
"""That somebody accountable said yes to something."""

BIO = Table(
    "bio",
    METADATA,
    Column("connection", String, primary_key=True),
    Column("native", String, primary_key=True),
    Column("name", Text, nullable=False, server_default=sql("''")),
    Column("text", Text, nullable=False, server_default=sql("''")),
    Column("longest", Integer, nullable=False),
    Column("read_at", Instant(), nullable=False),
)
"""An account's name and description as its platform last gave them."""

FREEZE = Table(
    "declaration",
    METADATA,
    Column("id", ROW_ID, primary_key=True, autoincrement=True),
    Column("preset", String, nullable=False),
    Column("title", Text, nullable=False, server_default=sql("''")),
    Column("policy", Text, nullable=False, server_default=sql("''")),
    Column("clause", Text, nullable=False, server_default=sql("''")),
    Column("scope", JSON, nullable=False, server_default=sql("'{}'")),
    Column("windows", JSON, nullable=False, server_default=sql("'[]'")),
    Column("provisional", Boolean, nullable=False),
    Column("d_day", Text, nullable=False, server_default=sql("''")),
    Column("because", Text, nullable=False, server_default=sql("''")),
    Column("reason", Text, nullable=False, server_default=sql("''")),
    Column("authority", Text, nullable=False, server_default=sql("''")),
    Column("declared_at", Instant(), nullable=False),
    Column("declared_by", Text, nullable=False, server_default=sql("''")),
    Column("rehearsal", Boolean, nullable=False),
    Column("ended_at", Instant(), nullable=True),
    Column("ended_how", Text, nullable=False, server_default=sql("''")),
    Column("announced_at", Instant(), nullable=True),
    Column("announced_source", Text, nullable=False, server_default=sql("''")),
    Column("key", Text, nullable=False, server_default=sql("''")),
    Column("details", JSON, nullable=False, server_default=sql("'{}'")),
)
"""A declared freeze. `key` names one that stands by itself, such as a yearly silence; `details` are a crisis's."""

DIGEST = Table(
    "digest",
    METADATA,
    Column("reader", String, primary_key=True),
    Column("made_at", Instant(), nullable=False),
    Column("items", JSON, nullable=False, server_default=sql("'{}'")),
)
"""What a digest last told one reader, so that the next one can say what changed."""

EVENT = Table(
    "event",
    METADATA,
    Column("id", ROW_ID, primary_key=True, autoincrement=True),
    Column("source", String, nullable=False, index=True),
    Column("kind", Text, nullable=False, server_default=sql("''")),
    Column("title", Text, nullable=False, server_default=sql("''")),
    Column("service", Text, nullable=False, server_default=sql("''")),
    Column("start", Instant(), nullable=False),
    Column("end", Instant(), nullable=False),
    Column("civil", Text, nullable=False, server_default=sql("''")),
)
"""One occurrence of something on the shared calendar, from one imported file."""

FEED = Table(
    "feed_event",
    METADATA,
    Column("key", String, primary_key=True),
    Column("uid", String, nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("digest", Text, nullable=False, server_default=sql("''")),
    Column("changed_at", Instant(), nullable=False),
    Column("cancelled_at", Instant(), nullable=True),
    Column("event", JSON, nullable=False, server_default=sql("'{}'")),
)
"""One calendar event's lasting identity."""

HOLIDAY = Table(
    "holiday_change",
    METADATA,
    Column("id", ROW_ID, primary_key=True, autoincrement=True),
    Column("day", String, nullable=False),
    Column("title", Text, nullable=False, server_default=sql("''")),
    Column("nations", Integer, nullable=False),
    Column("source", Text, nullable=False, server_default=sql("''")),
    Column("announced", Text, nullable=False, server_default=sql("''")),
    Column("gone", Boolean, nullable=False),
    Column("at", Instant(), nullable=False),
    Column("who", Text, nullable=False, server_default=sql("''")),
)
"""One change to the shipped bank holidays: a day that was proclaimed or published since, or ceased to be one."""

REQUEST = Table(
    "information_request",
    METADATA,
    Column("id", ROW_ID, primary_key=True, autoincrement=True),
    Column("channel", Text, nullable=False, server_default=sql("''")),
    Column("account", Text, nullable=False, server_default=sql("''")),
    Column("link", Text, nullable=False, server_default=sql("''")),
    Column("received", String, nullable=False),
    Column("received_on", String, nullable=False),
    Column("regime", Text, nullable=False, server_default=sql("''")),
    Column("dates", JSON, nullable=False, server_default=sql("'{}'")),
    Column("due", String, nullable=False),
    Column("safe_target", String, nullable=False),
    Column("pass_on_by", String, nullable=False),
    Column("logged_at", Instant(), nullable=False),
    Column("logged_by", Text, nullable=False, server_default=sql("''")),
    Column("acknowledged_at", Instant(), nullable=True),
    Column("passed_on_at", Instant(), nullable=True),
    Column("reference", Text, nullable=False, server_default=sql("''")),
    Column("answered_on", Text, nullable=False, server_default=sql("''")),
    Column("closed_at", Instant(), nullable=True),
    Column("closed_because", Text, nullable=False, server_default=sql("''")),
    Column("purged_at", Instant(), nullable=True),
)
"""One information request that reached an account: how it came and when it is due, never who asked or for what."""

JOB = Table(
    "job_run",
    METADATA,
    Column("job", String, primary_key=True),
    Column("slot", String, primary_key=True),
    Column("who", Text, nullable=False, server_default=sql("''")),
    Column("claimed_at", Instant(), nullable=False),
    Column("done_at", Instant(), nullable=True),
)
"""One slot of one repeated job, claimed by whoever does it."""

LOG = Table(
    "log_line",
    METADATA,
    Column("seq", ROW_ID, primary_key=True, autoincrement=False),
    Column("at", String, nullable=False),
    Column("actor", String, nullable=False),
    Column("event", String, nullable=False),
    Column("data", Text, nullable=False, server_default=sql("''")),
    Column("hash", String, nullable=False),
)
"""The log: append-only, each line sealed with the one before it."""

META = Table(
    "meta",
    METADATA,
    Column("key", String, primary_key=True),
    Column("value", Text, nullable=False, server_default=sql("''")),
)
"""One-line facts about the store itself."""

RUN = Table(
    "run",
    METADATA,
    Column("id", ROW_ID, primary_key=True, autoincrement=True),
    Column("command", String, nullable=False),
    Column("who", Text, nullable=False, server_default=sql("''")),
    Column("started_at", Instant(), nullable=False),
    Column("ended_at", Instant(), nullable=True),
    Column("lost_at", Instant(), nullable=True),
)
"""One run of a command that may change a platform. `lost_at`: when another run found that it had died."""

SOURCE = Table(
    "source",
    METADATA,
    Column("connection", String, primary_key=True),
    Column("native", String, primary_key=True),
    Column("tried_at", Instant(), nullable=True),
    Column("read_at", Instant(), nullable=True),
    Column("as_of", Instant(), nullable=True),
    Column("reason", Text, nullable=False, server_default=sql("''")),
    Column("unseen", Text, nullable=False, server_default=sql("''")),
    Column("posts", Integer, nullable=False),
)
"""When each connection was last read, what could not be, and what the platform shows to nobody."""

ALIAS = Table(
    "account_alias",
    METADATA,
    Column("connection", String, primary_key=True),
    Column("native", String, primary_key=True),
    Column("account", String, ForeignKey("account.id"), nullable=False, index=True),
)
"""Where an account is seen."""

POST = Table(
    "post",
    METADATA,
    Column("id", ROW_ID, primary_key=True, autoincrement=True),
    Column("connection", String, nullable=False),
    Column("native_account", String, nullable=False),
    Column("native_id", String, nullable=False),
    Column("occurrence", String, nullable=False),
    Column("account", String, ForeignKey("account.id"), nullable=False),
    Column("state", String, nullable=False),
    Column("at", Instant(), nullable=True),
    Column("intended_at", Instant(), nullable=True),
    Column("text", Text, nullable=False, server_default=sql("''")),
    Column("title", Text, nullable=False, server_default=sql("''")),
    Column("author", Text, nullable=False, server_default=sql("''")),
    Column("app", Text, nullable=False, server_default=sql("''")),
    Column("content", Text, nullable=False, server_default=sql("''")),
    Column("tags", JSON, nullable=False, server_default=sql("'[]'")),
    Column("link", Text, nullable=False, server_default=sql("''")),
    Column("media", JSON, nullable=False, server_default=sql("'[]'")),
    Column("boosted", Boolean, nullable=False, server_default=sql_false()),
    Column("seen", JSON, nullable=False, server_default=sql("'{}'")),
    Column("first_seen", Instant(), nullable=True),
    Column("last_seen", Instant(), nullable=True),
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

PLAN = Table(
    "put_back_plan",
    METADATA,
    Column("digest", String, primary_key=True),
    Column("declaration", ROW_ID, ForeignKey("declaration.id"), nullable=False, index=True),
    Column("items", JSON, nullable=False, server_default=sql("'[]'")),
    Column("made_at", Instant(), nullable=False),
)
"""A way back that somebody saw: times stay as shown, so its digest stands for it."""

TASK = Table(
    "task",
    METADATA,
    Column("id", ROW_ID, primary_key=True, autoincrement=True),
    Column("declaration", ROW_ID, ForeignKey("declaration.id"), nullable=False, index=True),
    Column("key", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("title", Text, nullable=False, server_default=sql("''")),
    Column("clicks", Text, nullable=False, server_default=sql("''")),
    Column("owner", Text, nullable=False, server_default=sql("''")),
    Column("contact", Text, nullable=False, server_default=sql("''")),
    Column("accounts", JSON, nullable=False, server_default=sql("'[]'")),
    Column("posts", JSON, nullable=False, server_default=sql("'[]'")),
    Column("deadline", Instant(), nullable=True),
    Column("made_at", Instant(), nullable=False),
    Column("said_by", Text, nullable=False, server_default=sql("''")),
    Column("said_at", Instant(), nullable=True),
    Column("checked_at", Instant(), nullable=True),
    Column("closed_at", Instant(), nullable=True),
    Index("task_key", "declaration", "key", unique=True),
)
"""Something only a person can do; `key` makes a re-run find it again."""

TURN = Table(
    "turn",
    METADATA,
    Column("connection", String, primary_key=True),
    Column("run", ROW_ID, ForeignKey("run.id"), primary_key=True, autoincrement=False),
    Column("left_at", Instant(), nullable=True),
)
"""Which runs may change a connection: only the latest; `left_at` is when a run made its last call there."""

HOLD = Table(
    "hold",
    METADATA,
    Column("id", ROW_ID, primary_key=True, autoincrement=True),
    Column("post", ROW_ID, ForeignKey("post.id"), nullable=False, index=True),
    Column("state", String, nullable=False),
    Column("kind", Text, nullable=False, server_default=sql("''")),
    Column("why", Text, nullable=False, server_default=sql("''")),
    Column("clicks", Text, nullable=False, server_default=sql("''")),
    Column("before", JSON, nullable=False, server_default=sql("'{}'")),
    Column("expected", JSON, nullable=False, server_default=sql("'{}'")),
    Column("expires_at", Instant(), nullable=True),
    Column("opened_at", Instant(), nullable=False),
    Column("checked_at", Instant(), nullable=True),
    Column("closed_at", Instant(), nullable=True),
    Column("detail", Text, nullable=False, server_default=sql("''")),
    Column("decision", Text, nullable=False, server_default=sql("''")),
    Column("decided_at", Instant(), nullable=True),
    Column("decided_time", Instant(), nullable=True),
    Column("decided_by", Text, nullable=False, server_default=sql("''")),
    Index("hold_open", "post", unique=True, sqlite_where=sql("closed_at IS NULL")),
)
"""One locator taken out of its queue; at most one open hold each."""

PERMISSION = Table(
    "permission",
    METADATA,
    Column("id", ROW_ID, primary_key=True, autoincrement=True),
    Column("declaration", ROW_ID, ForeignKey("declaration.id"), nullable=False, index=True),
    Column("how", String, nullable=False),
    Column("post", ROW_ID, ForeignKey("post.id"), nullable=True, index=True),
    Column("kind", Text, nullable=False, server_default=sql("''")),
    Column("words", Text, nullable=False, server_default=sql("''")),
    Column("accounts", JSON, nullable=False, server_default=sql("'[]'")),
    Column("reason", Text, nullable=False, server_default=sql("''")),
    Column("directed_by", Text, nullable=False, server_default=sql("''")),
    Column("given_by", Text, nullable=False, server_default=sql("''")),
    Column("given_at", Instant(), nullable=False),
    Column("until", Instant(), nullable=True),
    Column("withdrawn_at", Instant(), nullable=True),
)
"""One post, or a standing kind of post, allowed through one freeze by somebody with a reason."""

OUT = Table(
    "went_out",
    METADATA,
    Column("post", ROW_ID, ForeignKey("post.id"), primary_key=True),
    Column("declaration", ROW_ID, ForeignKey("declaration.id"), primary_key=True),
    Column("at", Instant(), nullable=False),
    Column("how", String, nullable=False),
    Column("why", Text, nullable=False, server_default=sql("''")),
)
"""A post that went out inside a freeze: too late to stop, or a slip."""

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
    Column("id", ROW_ID, primary_key=True, autoincrement=True),
    Column("run", ROW_ID, ForeignKey("run.id"), nullable=False, index=True),
    Column("hold", ROW_ID, ForeignKey("hold.id"), nullable=False, index=True),
    Column("verb", String, nullable=False),
    Column("change", JSON, nullable=False, server_default=sql("'{}'")),
    Column("was", JSON, nullable=False, server_default=sql("'{}'")),
    Column("state", String, nullable=False),
    Column("sent", Integer, nullable=False),
    Column("made", Text, nullable=False, server_default=sql("''")),
    Column("at", Instant(), nullable=False),
    Column("done_at", Instant(), nullable=True),
    Column("detail", Text, nullable=False, server_default=sql("''")),
)
"""The journal: what a run meant to do, written before it did it, and what came of it."""

"""The first schema: register, posts, freezes, holds, journal, log."""

import sqlalchemy as sa
from alembic import op

from freeze.store.rows import columns

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make every table."""
    op.create_table(
        "account",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("platform", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("handle", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("service", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("owner", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("contact", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("registered", sa.Boolean(), nullable=False),
        sa.Column("in_scope", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "declaration",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("preset", sa.String(), nullable=False),
        sa.Column("title", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("policy", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("clause", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("scope", sa.JSON(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("windows", sa.JSON(), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        sa.Column("d_day", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("because", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("reason", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("authority", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("declared_at", columns.Instant(timezone=True), nullable=False),
        sa.Column("declared_by", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("rehearsal", sa.Boolean(), nullable=False),
        sa.Column("ended_at", columns.Instant(timezone=True), nullable=True),
        sa.Column("ended_how", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "log_line",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("at", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("data", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
    )
    op.create_table(
        "meta",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("value", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_table(
        "run",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("command", sa.String(), nullable=False),
        sa.Column("who", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("started_at", columns.Instant(timezone=True), nullable=False),
        sa.Column("ended_at", columns.Instant(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "source",
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("native", sa.String(), nullable=False),
        sa.Column("tried_at", columns.Instant(timezone=True), nullable=True),
        sa.Column("read_at", columns.Instant(timezone=True), nullable=True),
        sa.Column("as_of", columns.Instant(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("posts", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("connection", "native"),
    )
    op.create_table(
        "account_alias",
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("native", sa.String(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account"],
            ["account.id"],
        ),
        sa.PrimaryKeyConstraint("connection", "native"),
    )
    op.create_index(op.f("ix_account_alias_account"), "account_alias", ["account"], unique=False)
    op.create_table(
        "post",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("native_account", sa.String(), nullable=False),
        sa.Column("native_id", sa.String(), nullable=False),
        sa.Column("occurrence", sa.String(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("at", columns.Instant(timezone=True), nullable=True),
        sa.Column("intended_at", columns.Instant(timezone=True), nullable=True),
        sa.Column("text", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("title", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("author", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("app", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("content", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("seen", sa.JSON(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("first_seen", columns.Instant(timezone=True), nullable=True),
        sa.Column("last_seen", columns.Instant(timezone=True), nullable=True),
        sa.Column("same_as", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(
            ["account"],
            ["account.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("post_locator", "post", ["connection", "native_account", "native_id", "occurrence"], unique=True)
    op.create_index(
        "post_waiting",
        "post",
        ["intended_at", "account", "connection", "id"],
        unique=False,
        sqlite_where=sa.text("state IN ('scheduled','pending_approval')"),
        postgresql_where=sa.text("state IN ('scheduled','pending_approval')"),
    )
    op.create_table(
        "put_back_plan",
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("declaration", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("items", sa.JSON(), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("made_at", columns.Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["declaration"],
            ["declaration.id"],
        ),
        sa.PrimaryKeyConstraint("digest"),
    )
    op.create_index(op.f("ix_put_back_plan_declaration"), "put_back_plan", ["declaration"], unique=False)
    op.create_table(
        "hold",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("post", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("kind", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("why", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("clicks", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("before", sa.JSON(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("expected", sa.JSON(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("expires_at", columns.Instant(timezone=True), nullable=True),
        sa.Column("opened_at", columns.Instant(timezone=True), nullable=False),
        sa.Column("checked_at", columns.Instant(timezone=True), nullable=True),
        sa.Column("closed_at", columns.Instant(timezone=True), nullable=True),
        sa.Column("detail", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("decision", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("decided_at", columns.Instant(timezone=True), nullable=True),
        sa.Column("decided_time", columns.Instant(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.ForeignKeyConstraint(
            ["post"],
            ["post.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "hold_open",
        "hold",
        ["post"],
        unique=True,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_index(op.f("ix_hold_post"), "hold", ["post"], unique=False)
    op.create_table(
        "went_out",
        sa.Column("post", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("declaration", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", columns.Instant(timezone=True), nullable=False),
        sa.Column("how", sa.String(), nullable=False),
        sa.Column("why", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.ForeignKeyConstraint(
            ["declaration"],
            ["declaration.id"],
        ),
        sa.ForeignKeyConstraint(
            ["post"],
            ["post.id"],
        ),
        sa.PrimaryKeyConstraint("post", "declaration"),
    )
    op.create_table(
        "hold_claim",
        sa.Column("hold", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("declaration", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["declaration"],
            ["declaration.id"],
        ),
        sa.ForeignKeyConstraint(
            ["hold"],
            ["hold.id"],
        ),
        sa.PrimaryKeyConstraint("hold", "declaration"),
    )
    op.create_table(
        "intent",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("run", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("hold", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("verb", sa.String(), nullable=False),
        sa.Column("change", sa.JSON(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("was", sa.JSON(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("sent", sa.Integer(), nullable=False),
        sa.Column("made", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("at", columns.Instant(timezone=True), nullable=False),
        sa.Column("done_at", columns.Instant(timezone=True), nullable=True),
        sa.Column("detail", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.ForeignKeyConstraint(
            ["hold"],
            ["hold.id"],
        ),
        sa.ForeignKeyConstraint(
            ["run"],
            ["run.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_intent_hold"), "intent", ["hold"], unique=False)
    op.create_index(op.f("ix_intent_run"), "intent", ["run"], unique=False)

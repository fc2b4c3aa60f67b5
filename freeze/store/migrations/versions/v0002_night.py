"""Tasks, permissions, announcements, tags; what repeated jobs, digests and calendar feeds remember."""

import sqlalchemy as sa
from alembic import op

from freeze.store.rows import columns

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add them; nothing that is there changes."""
    op.create_table(
        "digest",
        sa.Column("reader", sa.String(), nullable=False),
        sa.Column("made_at", columns.Instant(timezone=True), nullable=False),
        sa.Column("items", sa.JSON(), server_default=sa.text("'{}'"), nullable=False),
        sa.PrimaryKeyConstraint("reader"),
    )
    op.create_table(
        "feed_event",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("uid", sa.String(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("digest", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("changed_at", columns.Instant(timezone=True), nullable=False),
        sa.Column("cancelled_at", columns.Instant(timezone=True), nullable=True),
        sa.Column("event", sa.JSON(), server_default=sa.text("'{}'"), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_table(
        "job_run",
        sa.Column("job", sa.String(), nullable=False),
        sa.Column("slot", sa.String(), nullable=False),
        sa.Column("who", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("claimed_at", columns.Instant(timezone=True), nullable=False),
        sa.Column("done_at", columns.Instant(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("job", "slot"),
    )
    op.create_table(
        "task",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("declaration", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("title", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("clicks", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("owner", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("contact", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("accounts", sa.JSON(), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("posts", sa.JSON(), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("deadline", columns.Instant(timezone=True), nullable=True),
        sa.Column("made_at", columns.Instant(timezone=True), nullable=False),
        sa.Column("said_by", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("said_at", columns.Instant(timezone=True), nullable=True),
        sa.Column("checked_at", columns.Instant(timezone=True), nullable=True),
        sa.Column("closed_at", columns.Instant(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["declaration"],
            ["declaration.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_task_declaration"), "task", ["declaration"], unique=False)
    op.create_index("task_key", "task", ["declaration", "key"], unique=True)
    op.create_table(
        "permission",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("declaration", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("how", sa.String(), nullable=False),
        sa.Column("post", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("kind", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("words", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("accounts", sa.JSON(), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("reason", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("directed_by", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("given_by", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("given_at", columns.Instant(timezone=True), nullable=False),
        sa.Column("until", columns.Instant(timezone=True), nullable=True),
        sa.Column("withdrawn_at", columns.Instant(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["declaration"],
            ["declaration.id"],
        ),
        sa.ForeignKeyConstraint(
            ["post"],
            ["post.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_permission_declaration"), "permission", ["declaration"], unique=False)
    op.create_index(op.f("ix_permission_post"), "permission", ["post"], unique=False)
    op.add_column("declaration", sa.Column("announced_at", columns.Instant(timezone=True), nullable=True))
    op.add_column("declaration", sa.Column("announced_source", sa.Text(), server_default=sa.text("''"), nullable=False))
    op.add_column("post", sa.Column("tags", sa.JSON(), server_default=sa.text("'[]'"), nullable=False))

"""Bank holidays proclaimed since the table was shipped, and the log of information requests."""

import sqlalchemy as sa
from alembic import op

from freeze.store.rows import columns

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add them; nothing that is there changes."""
    op.create_table(
        "holiday_change",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("day", sa.String(), nullable=False),
        sa.Column("title", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("nations", sa.Integer(), nullable=False),
        sa.Column("source", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("announced", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("gone", sa.Boolean(), nullable=False),
        sa.Column("at", columns.Instant(timezone=True), nullable=False),
        sa.Column("who", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "information_request",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("channel", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("account", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("link", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("received", sa.String(), nullable=False),
        sa.Column("received_on", sa.String(), nullable=False),
        sa.Column("regime", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("dates", sa.JSON(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("due", sa.String(), nullable=False),
        sa.Column("safe_target", sa.String(), nullable=False),
        sa.Column("pass_on_by", sa.String(), nullable=False),
        sa.Column("logged_at", columns.Instant(timezone=True), nullable=False),
        sa.Column("logged_by", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("acknowledged_at", columns.Instant(timezone=True), nullable=True),
        sa.Column("passed_on_at", columns.Instant(timezone=True), nullable=True),
        sa.Column("reference", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("answered_on", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("closed_at", columns.Instant(timezone=True), nullable=True),
        sa.Column("closed_because", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("purged_at", columns.Instant(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )

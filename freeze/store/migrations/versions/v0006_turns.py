"""Which run may change which connection, which runs were found dead, and how often what is held was changed."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table and the column; runs that never ended are dead, since this is the only process at work now."""
    row_id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    instant = sa.DateTime(timezone=True)
    op.create_table(
        "turn",
        sa.Column("connection", sa.String(), primary_key=True),
        sa.Column("run", row_id, sa.ForeignKey("run.id"), primary_key=True, autoincrement=False),
        sa.Column("left_at", instant, nullable=True),
    )
    op.add_column("run", sa.Column("lost_at", instant, nullable=True))
    op.execute(sa.text("UPDATE run SET lost_at = started_at WHERE ended_at IS NULL"))
    op.execute(sa.text("INSERT INTO meta (key, value) VALUES ('pauses', '1')"))

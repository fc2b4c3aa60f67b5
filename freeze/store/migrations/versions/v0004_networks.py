"""What a platform shows to no program is told from what could not be read."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; what is known stays."""
    op.add_column("source", sa.Column("unseen", sa.Text(), server_default=sa.text("''"), nullable=False))

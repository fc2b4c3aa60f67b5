"""What the rules need: the whole register, descriptions, events, agreements, and findings that are known and fine."""

import sqlalchemy as sa
from alembic import op

from freeze.store.rows import columns

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), server_default=sa.text("''"), nullable=False)


def _json(name: str, default: str) -> sa.Column[object]:
    return sa.Column(name, sa.JSON(), server_default=sa.text(f"'{default}'"), nullable=False)


def _id() -> sa.Column[int]:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    return sa.Column("id", number, primary_key=True, autoincrement=True, nullable=False)


def _at(name: str) -> sa.Column[object]:
    return sa.Column(name, columns.Instant(timezone=True), nullable=False)


def upgrade() -> None:
    """Add columns and tables; what is known of posts is filled in by the next reading."""
    op.add_column("account", _json("details", "{}"))
    op.add_column("post", _text("link"))
    op.add_column("post", _json("media", "[]"))
    op.add_column("post", sa.Column("boosted", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("declaration", _text("key"))
    op.add_column("declaration", _json("details", "{}"))
    op.create_table(
        "bio",
        sa.Column("connection", sa.String(), primary_key=True, nullable=False),
        sa.Column("native", sa.String(), primary_key=True, nullable=False),
        _text("name"),
        _text("text"),
        sa.Column("longest", sa.Integer(), nullable=False),
        _at("read_at"),
    )
    op.create_table(
        "event",
        _id(),
        sa.Column("source", sa.String(), nullable=False, index=True),
        _text("kind"),
        _text("title"),
        _text("service"),
        _at("start"),
        _at("end"),
        _text("civil"),
    )
    op.create_table(
        "agreement",
        _id(),
        sa.Column("matter", sa.String(), nullable=False),
        _text("given_by"),
        _at("at"),
        _json("posts", "[]"),
        _json("content", "[]"),
        _text("campaign"),
        _text("reference"),
        _text("until"),
    )
    op.create_table(
        "accepted_finding",
        sa.Column("ref", sa.String(), primary_key=True, nullable=False),
        _text("reason"),
        _text("until"),
        _at("at"),
        _text("who"),
        sa.Column("baseline", sa.Boolean(), nullable=False),
        _text("sentence"),
    )

"""ACME: accounts, how far orders are at their servers, records in tech zones."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from certtui.backend.local.column_types import INTEGER, TEXT

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "acme_account",
        sa.Column("authority_id", INTEGER, autoincrement=False, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("directory", TEXT, server_default="", nullable=False),
        sa.Column("url", TEXT, server_default="", nullable=False),
        sa.Column("contact", TEXT, server_default="", nullable=False),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("authority_id"),
    )
    op.create_table(
        "acme_order",
        sa.Column("order_id", INTEGER, autoincrement=False, nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=True),
        sa.Column("looked_at", sa.BigInteger(), nullable=True),
        sa.Column("url", TEXT, server_default="", nullable=False),
        sa.Column("looks", TEXT, server_default="", nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["certificate_order.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("order_id"),
    )
    op.create_index(
        "ix_acme_order_url",
        "acme_order",
        ["url"],
        unique=False,
        sqlite_where=sa.text("url <> ''"),
        postgresql_where=sa.text("url <> ''"),
    )
    op.create_table(
        "acme_record",
        sa.Column("id", INTEGER, autoincrement=False, nullable=False),
        sa.Column("authority_id", INTEGER, nullable=False),
        sa.Column("order_id", INTEGER, nullable=False),
        sa.Column("added_at", sa.BigInteger(), nullable=False),
        sa.Column("name", TEXT, server_default="", nullable=False),
        sa.Column("value", TEXT, server_default="", nullable=False),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ux_acme_record", "acme_record", ["order_id", "name", "value"], unique=True)
    op.create_index("ix_acme_record_authority", "acme_record", ["authority_id"], unique=False)

"""Renewals: the wishes of CAs, attempts that failed, and what was decided."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from certtui.backend.local.column_types import INTEGER, TEXT

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "renewal",
        sa.Column("certificate_id", INTEGER, autoincrement=False, nullable=False),
        sa.Column("ask_at", sa.BigInteger(), nullable=True),
        sa.Column("window_start", sa.BigInteger(), nullable=True),
        sa.Column("window_end", sa.BigInteger(), nullable=True),
        sa.Column("window_chosen", sa.BigInteger(), nullable=True),
        sa.Column("try_at", sa.BigInteger(), nullable=True),
        sa.Column("attempts", INTEGER, server_default=sa.text("0"), nullable=False),
        sa.Column("explanation", TEXT, server_default="", nullable=False),
        sa.Column("blocked", TEXT, server_default="", nullable=False),
        sa.Column("story", TEXT, server_default="", nullable=False),
        sa.ForeignKeyConstraint(["certificate_id"], ["certificate.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("certificate_id"),
    )
    op.create_index(
        "ix_renewal_window",
        "renewal",
        ["window_chosen"],
        unique=False,
        sqlite_where=sa.text("window_chosen IS NOT NULL"),
        postgresql_where=sa.text("window_chosen IS NOT NULL"),
    )

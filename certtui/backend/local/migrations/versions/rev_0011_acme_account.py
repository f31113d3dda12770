"""ACME: CAA as it was seen, what a CA last said of an account, accounts at staging servers, and runs there."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from certtui.backend.local.column_types import INTEGER, TEXT

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("acme_order", sa.Column("caa", TEXT, server_default="", nullable=False))
    op.add_column("acme_order", sa.Column("rehearsed_at", sa.BigInteger(), nullable=True))
    op.add_column("acme_account", sa.Column("status", TEXT, server_default="", nullable=False))
    op.add_column("acme_account", sa.Column("seen_at", sa.BigInteger(), nullable=True))
    op.add_column("acme_account", sa.Column("registered_at", sa.BigInteger(), nullable=True))
    op.add_column("acme_account", sa.Column("contact_seen", TEXT, server_default="", nullable=False))
    op.add_column("acme_account", sa.Column("key_type", TEXT, server_default="", nullable=False))
    op.add_column("acme_account", sa.Column("terms", TEXT, server_default="", nullable=False))
    op.create_table(
        "acme_staging",
        sa.Column("authority_id", INTEGER, autoincrement=False, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("directory", TEXT, server_default="", nullable=False),
        sa.Column("url", TEXT, server_default="", nullable=False),
        sa.Column("contact", TEXT, server_default="", nullable=False),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("authority_id"),
    )

"""Renewal: keys that are kept, revoked certificates that are replaced, CNAMEs that are looked at."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from certtui.backend.local.column_types import INTEGER, TEXT

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("certificate", sa.Column("keep_key", INTEGER, server_default=sa.text("0"), nullable=False))
    op.add_column("revocation", sa.Column("renew", INTEGER, server_default=sa.text("0"), nullable=False))
    for column in (
        sa.Column("order_id", INTEGER, nullable=True),
        sa.Column("look_at", sa.BigInteger(), nullable=True),
        sa.Column("looked_at", sa.BigInteger(), nullable=True),
        sa.Column("looks_bad", INTEGER, server_default=sa.text("0"), nullable=False),
        sa.Column("cname", TEXT, server_default="", nullable=False),
        sa.Column("status_at", sa.BigInteger(), nullable=True),
    ):
        op.add_column("renewal", column)
    for name, table, condition in (
        ("ix_renewal_cname", "renewal", "cname <> ''"),
        ("ix_revocation_renew", "revocation", "renew = 1"),
    ):
        op.create_index(
            name,
            table,
            ["certificate_id"],
            unique=False,
            sqlite_where=sa.text(condition),
            postgresql_where=sa.text(condition),
        )

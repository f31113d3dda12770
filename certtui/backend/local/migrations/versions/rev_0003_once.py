"""Idempotency keys: what was done under them, and what was answered."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from certtui.backend.local.column_types import TEXT

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "once",
        sa.Column("owner", TEXT, server_default="", nullable=False),
        sa.Column("request_key", TEXT, server_default="", nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("digest", TEXT, server_default="", nullable=False),
        sa.Column("object_ids", TEXT, server_default="", nullable=False),
        sa.Column("etag", TEXT, server_default="", nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("owner", "request_key"),
    )
    op.create_index("ix_once_created", "once", ["created_at"], unique=False)

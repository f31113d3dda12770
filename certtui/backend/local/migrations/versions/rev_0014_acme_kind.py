"""ACME: what is left for a CA is not only TXT records."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from certtui.backend.local.column_types import TEXT

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("acme_record", sa.Column("kind", TEXT, server_default="", nullable=False))

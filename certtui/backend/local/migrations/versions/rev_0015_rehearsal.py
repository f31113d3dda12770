"""How far the run of an order at a staging server is."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from certtui.backend.local.column_types import TEXT

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("acme_order", sa.Column("rehearsal", TEXT, server_default="", nullable=False))

"""Soft policies that an entry passed all the same: what alerts on policy findings are made of."""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

from certtui.backend.local.column_types import INTEGER

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "soft_finding",
        sa.Column("certificate_id", INTEGER, autoincrement=False, nullable=False),
        sa.Column("policy_id", INTEGER, autoincrement=False, nullable=False),
        sa.Column("waived_until", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.ForeignKeyConstraint(["certificate_id"], ["certificate.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["policy_id"], ["policy.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("certificate_id", "policy_id"),
    )
    op.create_index("ix_soft_finding_policy", "soft_finding", ["policy_id"], unique=False)
    _of_orders()


def _of_orders() -> None:
    """What orders passed with so far stood with them alone."""
    connection = op.get_bind()
    there = {row[0] for row in connection.execute(sa.text("SELECT id FROM policy"))}
    ends = dict(tuple(row) for row in connection.execute(sa.text("SELECT id, expires_at FROM policy_waiver")))
    found = connection.execute(
        sa.text(
            "SELECT certificate_id, findings FROM certificate_order "
            "WHERE certificate_id IS NOT NULL AND findings NOT IN ('', '[]')"
        )
    )
    rows: dict[tuple[int, int], int] = {}
    for certificate_id, findings in found:
        for policy_id, *_, waiver_id in json.loads(findings):
            if policy_id in there:
                rows[certificate_id, policy_id] = ends.get(waiver_id, 0)
    for (certificate_id, policy_id), until in rows.items():
        connection.execute(
            sa.text(
                "INSERT INTO soft_finding (certificate_id, policy_id, waived_until) VALUES (:entry, :policy, :until)"
            ),
            {"entry": certificate_id, "policy": policy_id, "until": until},
        )

"""People: tokens, names in client certificates, and the domain of every entry, by which a scope finds it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from certtui.backend.local.certificate_values import split
from certtui.backend.local.column_types import INTEGER, TEXT
from certtui.model.domains import domain_of

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_STEP = 1_000


def upgrade() -> None:
    op.add_column("certificate", sa.Column("domain", TEXT, server_default="", nullable=False))
    _fill_in(op.get_bind())
    op.create_index("ix_certificate_domain", "certificate", ["domain"], unique=False)
    op.create_table(
        "certificate_mapping",
        sa.Column("id", INTEGER, autoincrement=False, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("match", TEXT, server_default="", nullable=False),
        sa.Column("match_key", TEXT, server_default="", nullable=False),
        sa.Column("actor", TEXT, server_default="", nullable=False),
        sa.Column("role", TEXT, server_default="", nullable=False),
        sa.Column("export_keys", INTEGER, server_default=sa.text("0"), nullable=False),
        sa.Column("groups", TEXT, nullable=True),
        sa.Column("domains", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ux_certificate_mapping_key", "certificate_mapping", ["match_key"], unique=True)
    op.create_table(
        "token",
        sa.Column("id", INTEGER, autoincrement=False, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.Column("last_used_at", sa.BigInteger(), nullable=True),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.Column("hash", TEXT, server_default="", nullable=False),
        sa.Column("prefix", TEXT, server_default="", nullable=False),
        sa.Column("actor", TEXT, server_default="", nullable=False),
        sa.Column("role", TEXT, server_default="", nullable=False),
        sa.Column("export_keys", INTEGER, server_default=sa.text("0"), nullable=False),
        sa.Column("groups", TEXT, nullable=True),
        sa.Column("domains", TEXT, nullable=True),
        sa.Column("note", TEXT, server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ux_token_hash", "token", ["hash"], unique=True)


def _fill_in(connection: sa.Connection) -> None:
    certificate = sa.table("certificate", *map(sa.column, ("id", "sans", "common_name", "domain")), schema=None)
    last = 0
    while True:
        rows = connection.execute(
            sa.select(certificate.c.id, certificate.c.sans, certificate.c.common_name)
            .where(certificate.c.id > last)
            .order_by(certificate.c.id)
            .limit(_STEP)
        ).all()
        if not rows:
            return
        connection.execute(
            sa.update(certificate).where(certificate.c.id == sa.bindparam("of")).values(domain=sa.bindparam("to")),
            [{"of": row.id, "to": domain_of(split(row.sans), row.common_name)} for row in rows],
        )
        last = rows[-1].id

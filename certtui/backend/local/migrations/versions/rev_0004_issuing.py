"""Orders, authorities, the built-in PKI and what it issued."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from certtui.backend.local.column_types import INTEGER, TEXT

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("certificate", sa.Column("authority_id", INTEGER, nullable=True))
    op.add_column("certificate", sa.Column("auto_renew_days", INTEGER, nullable=True))
    op.create_table(
        "authority",
        sa.Column("id", INTEGER, nullable=False, autoincrement=False),
        sa.Column("version", INTEGER, server_default=sa.text("1"), nullable=False),
        sa.Column("enabled", INTEGER, server_default=sa.text("1"), nullable=False),
        sa.Column("auto_renew_days", INTEGER, server_default=sa.text("0"), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("tested_at", sa.BigInteger(), nullable=True),
        sa.Column("test_ok", INTEGER, server_default=sa.text("0"), nullable=False),
        sa.Column("name", TEXT, server_default="", nullable=False),
        sa.Column("name_key", TEXT, server_default="", nullable=False),
        sa.Column("type", TEXT, server_default="", nullable=False),
        sa.Column("summary", TEXT, server_default="", nullable=False),
        sa.Column("description", TEXT, server_default="", nullable=False),
        sa.Column("settings", TEXT, server_default="", nullable=False),
        sa.Column("test_lines", TEXT, server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ux_authority_name", "authority", ["name_key"], unique=True)
    op.create_table(
        "certificate_order",
        sa.Column("id", INTEGER, nullable=False, autoincrement=False),
        sa.Column("version", INTEGER, server_default=sa.text("1"), nullable=False),
        sa.Column("certificate_id", INTEGER, nullable=True),
        sa.Column("authority_id", INTEGER, nullable=True),
        sa.Column("again_of", INTEGER, nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("submitted_at", sa.BigInteger(), nullable=True),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.Column("lease_until", sa.BigInteger(), nullable=True),
        sa.Column("attempts", INTEGER, server_default=sa.text("0"), nullable=False),
        sa.Column("san_count", INTEGER, server_default=sa.text("0"), nullable=False),
        sa.Column("status", TEXT, server_default="", nullable=False),
        sa.Column("type", TEXT, server_default="", nullable=False),
        sa.Column("name", TEXT, server_default="", nullable=False),
        sa.Column("common_name", TEXT, server_default="", nullable=False),
        sa.Column("authority_name", TEXT, server_default="", nullable=False),
        sa.Column("requester_kind", TEXT, server_default="", nullable=False),
        sa.Column("requester", TEXT, server_default="", nullable=False),
        sa.Column("business_group", TEXT, server_default="", nullable=False),
        sa.Column("domain", TEXT, server_default="", nullable=False),
        sa.Column("lease_owner", TEXT, server_default="", nullable=False),
        sa.Column("reference", TEXT, nullable=True),
        sa.Column("authority_ref", TEXT, server_default="", nullable=False),
        sa.Column("error", TEXT, server_default="", nullable=False),
        sa.Column("error_words", TEXT, server_default="", nullable=False),
        sa.Column("error_hint", TEXT, server_default="", nullable=False),
        sa.Column("spki_sha256", TEXT, server_default="", nullable=False),
        sa.Column("key_algorithm", TEXT, server_default="", nullable=False),
        sa.Column("sans", TEXT, server_default="", nullable=False),
        sa.Column("search_text", TEXT, server_default="", nullable=False),
        sa.Column("form", TEXT, server_default="", nullable=False),
        sa.Column("steps", TEXT, server_default="", nullable=False),
        sa.Column("findings", TEXT, server_default="", nullable=False),
        sa.Column("csr", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.ForeignKeyConstraint(["certificate_id"], ["certificate.id"], ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["again_of"], ["certificate_order.id"], ondelete="SET NULL"),
    )
    op.create_index("ix_certificate_order_again", "certificate_order", ["again_of"], unique=False)
    op.create_index("ix_certificate_order_authority", "certificate_order", ["authority_id", "status"], unique=False)
    op.create_index("ix_certificate_order_certificate", "certificate_order", ["certificate_id"], unique=False)
    # Lists are read along it: SQLite puts the id behind every index, PostgreSQL has to be told.
    ties = [] if op.get_bind().dialect.name == "sqlite" else ["id"]
    op.create_index("ix_certificate_order_created", "certificate_order", ["created_at", *ties], unique=False)
    op.create_index(
        "ix_certificate_order_due",
        "certificate_order",
        ["due_at"],
        unique=False,
        sqlite_where=sa.text("due_at IS NOT NULL"),
        postgresql_where=sa.text("due_at IS NOT NULL"),
    )
    op.create_index("ix_certificate_order_spki", "certificate_order", ["spki_sha256"], unique=False)
    op.create_index("ix_certificate_order_status", "certificate_order", ["status", "created_at"], unique=False)
    op.create_index(
        "ux_certificate_order_reference",
        "certificate_order",
        ["reference"],
        unique=True,
        sqlite_where=sa.text("reference IS NOT NULL"),
        postgresql_where=sa.text("reference IS NOT NULL"),
    )
    op.create_table(
        "archived_key",
        sa.Column("id", INTEGER, nullable=False, autoincrement=False),
        sa.Column("order_id", INTEGER, nullable=True),
        sa.Column("key_uid", TEXT, server_default="", nullable=False),
        sa.Column("wrapping_key_id", TEXT, nullable=False),
        sa.Column("spki_sha256", TEXT, server_default="", nullable=False),
        sa.Column("key_algorithm", TEXT, server_default="", nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("archived_at", sa.BigInteger(), nullable=False),
        sa.Column("wrapped_data_key", sa.LargeBinary(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.ForeignKeyConstraint(["order_id"], ["certificate_order.id"], ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["wrapping_key_id"], ["wrapping_key.id"]),
    )
    op.create_index("ix_archived_key_order", "archived_key", ["order_id"], unique=False)
    op.create_index("ix_archived_key_spki", "archived_key", ["spki_sha256"], unique=False)
    op.create_index("ux_archived_key_uid", "archived_key", ["key_uid"], unique=True)
    op.create_table(
        "sealed_secret",
        sa.Column("id", INTEGER, nullable=False, autoincrement=False),
        sa.Column("owner_kind", TEXT, server_default="", nullable=False),
        sa.Column("owner_id", INTEGER, nullable=False),
        sa.Column("name", TEXT, server_default="", nullable=False),
        sa.Column("key_uid", TEXT, server_default="", nullable=False),
        sa.Column("wrapping_key_id", TEXT, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("wrapped_data_key", sa.LargeBinary(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.ForeignKeyConstraint(["wrapping_key_id"], ["wrapping_key.id"]),
    )
    op.create_index("ux_sealed_secret_owner", "sealed_secret", ["owner_kind", "owner_id", "name"], unique=True)
    op.create_index("ux_sealed_secret_uid", "sealed_secret", ["key_uid"], unique=True)
    op.create_table(
        "ca",
        sa.Column("id", INTEGER, nullable=False, autoincrement=False),
        sa.Column("version", INTEGER, server_default=sa.text("1"), nullable=False),
        sa.Column("certificate_id", INTEGER, nullable=False),
        sa.Column("parent_id", INTEGER, nullable=True),
        sa.Column("predecessor_id", INTEGER, nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("retired_at", sa.BigInteger(), nullable=True),
        sa.Column("crl_number", INTEGER, server_default=sa.text("0"), nullable=False),
        sa.Column("crl_due_at", sa.BigInteger(), nullable=True),
        sa.Column("delta_due_at", sa.BigInteger(), nullable=True),
        sa.Column("lease_until", sa.BigInteger(), nullable=True),
        sa.Column("lease_owner", TEXT, server_default="", nullable=False),
        sa.Column("name", TEXT, server_default="", nullable=False),
        sa.Column("name_key", TEXT, server_default="", nullable=False),
        sa.Column("kind", TEXT, server_default="", nullable=False),
        sa.Column("state", TEXT, server_default="", nullable=False),
        sa.Column("subject_id", TEXT, server_default="", nullable=False),
        sa.Column("spki_sha256", TEXT, server_default="", nullable=False),
        sa.Column("key_hash_sha1", TEXT, server_default="", nullable=False),
        sa.Column("name_hash_sha1", TEXT, server_default="", nullable=False),
        sa.Column("key_hash_sha256", TEXT, server_default="", nullable=False),
        sa.Column("name_hash_sha256", TEXT, server_default="", nullable=False),
        sa.Column("settings", TEXT, server_default="", nullable=False),
        sa.Column("spec", TEXT, server_default="", nullable=False),
        sa.Column("publish_error", TEXT, server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.ForeignKeyConstraint(["certificate_id"], ["certificate.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["predecessor_id"], ["ca.id"], ondelete="SET NULL"),
    )
    op.create_index("ix_ca_key_hash_sha1", "ca", ["key_hash_sha1"], unique=False)
    op.create_index("ix_ca_key_hash_sha256", "ca", ["key_hash_sha256"], unique=False)
    op.create_index("ux_ca_certificate", "ca", ["certificate_id"], unique=True)
    op.create_index("ux_ca_name", "ca", ["name_key"], unique=True)
    op.create_table(
        "crl",
        sa.Column("ca_id", INTEGER, nullable=False, autoincrement=False),
        sa.Column("delta", INTEGER, nullable=False, autoincrement=False),
        sa.Column("number", TEXT, server_default="", nullable=False),
        sa.Column("base_number", TEXT, server_default="", nullable=False),
        sa.Column("this_update", sa.BigInteger(), nullable=False),
        sa.Column("next_update", sa.BigInteger(), nullable=False),
        sa.Column("entries", INTEGER, server_default=sa.text("0"), nullable=False),
        sa.Column("external", INTEGER, server_default=sa.text("0"), nullable=False),
        sa.Column("der", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("ca_id", "delta"),
        sa.ForeignKeyConstraint(["ca_id"], ["ca.id"], ondelete="CASCADE"),
    )
    op.create_table(
        "ocsp_responder",
        sa.Column("ca_id", INTEGER, nullable=False, autoincrement=False),
        sa.Column("not_after", sa.BigInteger(), nullable=False),
        sa.Column("der", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("ca_id"),
        sa.ForeignKeyConstraint(["ca_id"], ["ca.id"], ondelete="CASCADE"),
    )
    op.create_table(
        "issued",
        sa.Column("ca_id", INTEGER, nullable=False, autoincrement=False),
        sa.Column("serial", TEXT, nullable=False),
        sa.Column("certificate_id", INTEGER, nullable=True),
        sa.Column("order_id", INTEGER, nullable=True),
        sa.Column("issued_at", sa.BigInteger(), nullable=False),
        sa.Column("not_after", sa.BigInteger(), nullable=False),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.Column("invalidity_at", sa.BigInteger(), nullable=True),
        sa.Column("reason", TEXT, server_default="", nullable=False),
        sa.Column("common_name", TEXT, server_default="", nullable=False),
        sa.PrimaryKeyConstraint("ca_id", "serial"),
        sa.ForeignKeyConstraint(["ca_id"], ["ca.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["certificate_id"], ["certificate.id"], ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["order_id"], ["certificate_order.id"], ondelete="SET NULL"),
    )
    op.create_index("ix_issued_certificate", "issued", ["certificate_id"], unique=False)
    op.create_index("ix_issued_not_after", "issued", ["ca_id", "not_after"], unique=False)
    op.create_index("ix_issued_order", "issued", ["order_id"], unique=False)
    op.create_index(
        "ix_issued_revoked",
        "issued",
        ["ca_id", "revoked_at"],
        unique=False,
        sqlite_where=sa.text("revoked_at IS NOT NULL"),
        postgresql_where=sa.text("revoked_at IS NOT NULL"),
    )
    op.create_table(
        "revocation",
        sa.Column("certificate_id", INTEGER, nullable=False, autoincrement=False),
        sa.Column("invalidity_at", sa.BigInteger(), nullable=True),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.Column("lease_until", sa.BigInteger(), nullable=True),
        sa.Column("attempts", INTEGER, server_default=sa.text("0"), nullable=False),
        sa.Column("reason", TEXT, server_default="", nullable=False),
        sa.Column("authority_knows", TEXT, server_default="", nullable=False),
        sa.Column("revoked_by", TEXT, server_default="", nullable=False),
        sa.Column("lease_owner", TEXT, server_default="", nullable=False),
        sa.Column("answer", TEXT, server_default="", nullable=False),
        sa.PrimaryKeyConstraint("certificate_id"),
        sa.ForeignKeyConstraint(["certificate_id"], ["certificate.id"], ondelete="CASCADE"),
    )
    op.create_index(
        "ix_revocation_due",
        "revocation",
        ["due_at"],
        unique=False,
        sqlite_where=sa.text("due_at IS NOT NULL"),
        postgresql_where=sa.text("due_at IS NOT NULL"),
    )
    op.create_table(
        "work_round",
        sa.Column("name", TEXT, nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("done_at", sa.BigInteger(), nullable=True),
        sa.Column("lease_until", sa.BigInteger(), nullable=True),
        sa.Column("lease_owner", TEXT, server_default="", nullable=False),
        sa.Column("worker", TEXT, server_default="", nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "watched_file",
        sa.Column("authority_id", INTEGER, nullable=False, autoincrement=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("mtime_ns", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("done", INTEGER, server_default=sa.text("0"), nullable=False),
        sa.Column("problem", TEXT, server_default="", nullable=False),
        sa.PrimaryKeyConstraint("authority_id", "name"),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], ondelete="CASCADE"),
    )

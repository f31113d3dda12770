"""The inventory: certificates, chains, sealed keys, resources, the audit chain, the store itself."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from certtui.backend.local.column_types import INTEGER, TEXT, any_case
from certtui.backend.local.postgres.search import make_search

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


SEARCH_INDEX = (
    "CREATE VIRTUAL TABLE certificate_fts USING fts5(search_text, content='certificate', "
    "content_rowid='id', tokenize='trigram case_sensitive 1', columnsize=0)",
    "CREATE TRIGGER certificate_fts_update AFTER UPDATE OF search_text ON certificate WHEN "
    "old.search_text IS NOT new.search_text BEGIN INSERT INTO certificate_fts(certificate_fts, rowid, "
    "search_text) VALUES ('delete', old.id, old.search_text); INSERT INTO certificate_fts(rowid, "
    "search_text) VALUES (new.id, new.search_text); END",
    "CREATE TRIGGER certificate_fts_delete AFTER DELETE ON certificate BEGIN INSERT INTO "
    "certificate_fts(certificate_fts, rowid, search_text) VALUES ('delete', old.id, old.search_text); END",
)


def upgrade() -> None:
    op.create_table(
        "audit_event",
        sa.Column("seq", INTEGER, autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("event", TEXT, server_default="", nullable=False),
        sa.Column("actor", TEXT, server_default="", nullable=False),
        sa.Column("object_kind", TEXT, server_default="", nullable=False),
        sa.Column("object_id", INTEGER, nullable=True),
        sa.Column("object_name", TEXT, server_default="", nullable=False),
        sa.Column("prev_hash", TEXT, server_default="", nullable=False),
        sa.Column("hash", TEXT, server_default="", nullable=False),
        sa.Column("detail", TEXT, server_default="", nullable=False),
        sa.PrimaryKeyConstraint("seq"),
    )
    op.create_index("ix_audit_event_object", "audit_event", ["object_kind", "object_id"], unique=False)
    op.create_table(
        "audit_head",
        sa.Column("id", INTEGER, autoincrement=False, nullable=False),
        sa.Column("seq", INTEGER, server_default=sa.text("0"), nullable=False),
        sa.Column("hash", TEXT, server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "certificate",
        sa.Column("id", INTEGER, autoincrement=False, nullable=False),
        sa.Column("version", INTEGER, server_default=sa.text("1"), nullable=False),
        sa.Column("state", TEXT, server_default="", nullable=False),
        sa.Column("not_before", sa.BigInteger(), nullable=True),
        sa.Column("not_after", sa.BigInteger(), nullable=True),
        sa.Column("expiring_from", sa.BigInteger(), nullable=True),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.Column("is_ca", INTEGER, server_default=sa.text("0"), nullable=False),
        sa.Column("self_issued", INTEGER, server_default=sa.text("0"), nullable=False),
        sa.Column("has_private_key", INTEGER, server_default=sa.text("0"), nullable=False),
        sa.Column("has_csr", INTEGER, server_default=sa.text("0"), nullable=False),
        sa.Column("resource_count", INTEGER, server_default=sa.text("0"), nullable=False),
        sa.Column("san_count", INTEGER, server_default=sa.text("0"), nullable=False),
        sa.Column("renews_id", INTEGER, nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("name", TEXT, server_default="", nullable=False),
        sa.Column("name_key", TEXT, server_default="", nullable=False),
        sa.Column("common_name", TEXT, server_default="", nullable=False),
        sa.Column("issuer_name", TEXT, server_default="", nullable=False),
        sa.Column("business_group", TEXT, server_default="", nullable=False),
        sa.Column("source", TEXT, server_default="", nullable=False),
        sa.Column("provider", TEXT, server_default="", nullable=False),
        sa.Column("key_algorithm", TEXT, server_default="", nullable=False),
        sa.Column("signature_digest", TEXT, server_default="", nullable=False),
        sa.Column("contact_email", TEXT, server_default="", nullable=False),
        sa.Column("serial_number", TEXT, server_default="", nullable=False),
        sa.Column("fingerprint_sha256", TEXT, nullable=True),
        sa.Column("fingerprint_sha1", TEXT, server_default="", nullable=False),
        sa.Column("spki_sha256", TEXT, server_default="", nullable=False),
        sa.Column("subject_id", TEXT, server_default="", nullable=False),
        sa.Column("issuer_id", TEXT, server_default="", nullable=False),
        sa.Column("subject_key_id", TEXT, server_default="", nullable=False),
        sa.Column("authority_key_id", TEXT, server_default="", nullable=False),
        sa.Column("subject", TEXT, server_default="", nullable=False),
        sa.Column("issuer", TEXT, server_default="", nullable=False),
        sa.Column("description", TEXT, server_default="", nullable=False),
        sa.Column("sans", TEXT, server_default="", nullable=False),
        sa.Column("search_text", TEXT, server_default="", nullable=False),
        sa.ForeignKeyConstraint(["renews_id"], ["certificate.id"], ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id"),
    )
    # SQLite puts the id behind every index, PostgreSQL has to be told: ties in lists are broken by it.
    key = [] if op.get_bind().dialect.name == "sqlite" else ["id"]
    op.create_index("ix_certificate_created", "certificate", ["created_at", *key], unique=False)
    op.create_index("ix_certificate_group", "certificate", [any_case(sa.text("business_group")), *key], unique=False)
    op.create_index("ix_certificate_issuer", "certificate", [any_case(sa.text("issuer_name")), *key], unique=False)
    op.create_index("ix_certificate_name", "certificate", ["name_key", *key], unique=False)
    op.create_index(
        "ix_certificate_not_after",
        "certificate",
        ["not_after", "not_before", "expiring_from", "revoked_at"],
        unique=False,
    )
    op.create_index("ix_certificate_not_before", "certificate", ["not_before"], unique=False)
    op.create_index(
        "ix_certificate_renews",
        "certificate",
        ["renews_id"],
        unique=False,
        sqlite_where=sa.text("renews_id IS NOT NULL"),
        postgresql_where=sa.text("renews_id IS NOT NULL"),
    )
    op.create_index(
        "ix_certificate_revoked",
        "certificate",
        ["revoked_at"],
        unique=False,
        sqlite_where=sa.text("revoked_at IS NOT NULL"),
        postgresql_where=sa.text("revoked_at IS NOT NULL"),
    )
    op.create_index("ix_certificate_serial", "certificate", ["serial_number"], unique=False)
    op.create_index("ix_certificate_spki", "certificate", ["spki_sha256"], unique=False)
    op.create_index(
        "ix_certificate_state",
        "certificate",
        ["state", "has_csr", "spki_sha256"],
        unique=False,
        sqlite_where=sa.text("state <> ''"),
        postgresql_where=sa.text("state <> ''"),
    )
    op.create_index(
        "ix_certificate_subject",
        "certificate",
        ["subject_id"],
        unique=False,
        sqlite_where=sa.text("is_ca = 1"),
        postgresql_where=sa.text("is_ca = 1"),
    )
    op.create_index("ux_certificate_fingerprint", "certificate", ["fingerprint_sha256"], unique=True)
    op.create_table(
        "chain_certificate",
        sa.Column("id", INTEGER, autoincrement=False, nullable=False),
        sa.Column("not_before", sa.BigInteger(), nullable=False),
        sa.Column("not_after", sa.BigInteger(), nullable=False),
        sa.Column("is_ca", INTEGER, server_default=sa.text("0"), nullable=False),
        sa.Column("self_issued", INTEGER, server_default=sa.text("0"), nullable=False),
        sa.Column("fingerprint_sha256", TEXT, server_default="", nullable=False),
        sa.Column("fingerprint_sha1", TEXT, server_default="", nullable=False),
        sa.Column("spki_sha256", TEXT, server_default="", nullable=False),
        sa.Column("subject_id", TEXT, server_default="", nullable=False),
        sa.Column("issuer_id", TEXT, server_default="", nullable=False),
        sa.Column("subject_key_id", TEXT, server_default="", nullable=False),
        sa.Column("authority_key_id", TEXT, server_default="", nullable=False),
        sa.Column("common_name", TEXT, server_default="", nullable=False),
        sa.Column("issuer_name", TEXT, server_default="", nullable=False),
        sa.Column("serial_number", TEXT, server_default="", nullable=False),
        sa.Column("key_algorithm", TEXT, server_default="", nullable=False),
        sa.Column("signature_digest", TEXT, server_default="", nullable=False),
        sa.Column("subject", TEXT, server_default="", nullable=False),
        sa.Column("issuer", TEXT, server_default="", nullable=False),
        sa.Column("sans", TEXT, server_default="", nullable=False),
        sa.Column("der", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_chain_certificate_subject", "chain_certificate", ["subject_id"], unique=False)
    op.create_index("ux_chain_certificate_fingerprint", "chain_certificate", ["fingerprint_sha256"], unique=True)
    op.create_table(
        "counter",
        sa.Column("name", TEXT, nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "resource",
        sa.Column("id", INTEGER, autoincrement=False, nullable=False),
        sa.Column("version", INTEGER, server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("name", TEXT, server_default="", nullable=False),
        sa.Column("name_key", TEXT, server_default="", nullable=False),
        sa.Column("type", TEXT, server_default="", nullable=False),
        sa.Column("endpoint", TEXT, server_default="", nullable=False),
        sa.Column("notes", TEXT, server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ux_resource_name", "resource", ["name_key"], unique=True)
    op.create_table(
        "wrapping_key",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("protection", TEXT, server_default="", nullable=False),
        sa.Column("fingerprint", TEXT, server_default="", nullable=False),
        sa.Column("memory_kib", INTEGER, server_default=sa.text("0"), nullable=False),
        sa.Column("iterations", INTEGER, server_default=sa.text("0"), nullable=False),
        sa.Column("lanes", INTEGER, server_default=sa.text("0"), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "association",
        sa.Column("certificate_id", INTEGER, autoincrement=False, nullable=False),
        sa.Column("resource_id", INTEGER, autoincrement=False, nullable=False),
        sa.Column("role", TEXT, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["certificate_id"], ["certificate.id"], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["resource_id"], ["resource.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("certificate_id", "resource_id", "role"),
    )
    op.create_index("ix_association_resource", "association", ["resource_id"], unique=False)
    op.create_table(
        "certificate_der",
        sa.Column("certificate_id", INTEGER, autoincrement=False, nullable=False),
        sa.Column("der", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["certificate_id"], ["certificate.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("certificate_id"),
    )
    op.create_table(
        "chain_link",
        sa.Column("certificate_id", INTEGER, autoincrement=False, nullable=False),
        sa.Column("position", INTEGER, autoincrement=False, nullable=False),
        sa.Column("chain_certificate_id", INTEGER, nullable=False),
        sa.ForeignKeyConstraint(["certificate_id"], ["certificate.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["chain_certificate_id"], ["chain_certificate.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("certificate_id", "position"),
    )
    op.create_index("ix_chain_link_chain_certificate", "chain_link", ["chain_certificate_id"], unique=False)
    op.create_table(
        "csr",
        sa.Column("certificate_id", INTEGER, autoincrement=False, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("der", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["certificate_id"], ["certificate.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("certificate_id"),
    )
    op.create_table(
        "sealed_key",
        sa.Column("id", INTEGER, autoincrement=False, nullable=False),
        sa.Column("certificate_id", INTEGER, nullable=False),
        sa.Column("key_uid", TEXT, server_default="", nullable=False),
        sa.Column("wrapping_key_id", TEXT, nullable=False),
        sa.Column("spki_sha256", TEXT, server_default="", nullable=False),
        sa.Column("key_algorithm", TEXT, server_default="", nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("wrapped_data_key", sa.LargeBinary(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["certificate_id"], ["certificate.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["wrapping_key_id"],
            ["wrapping_key.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ux_sealed_key_certificate", "sealed_key", ["certificate_id"], unique=True)
    op.create_index("ux_sealed_key_uid", "sealed_key", ["key_uid"], unique=True)
    op.create_table(
        "store_meta",
        sa.Column("id", INTEGER, autoincrement=False, nullable=False),
        sa.Column("store_uid", TEXT, server_default="", nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expiring_days", INTEGER, server_default=sa.text("90"), nullable=False),
        sa.Column("short_lifetime_days", INTEGER, server_default=sa.text("100"), nullable=False),
        sa.Column("search_version", INTEGER, server_default=sa.text("1"), nullable=False),
        sa.Column("protection", TEXT, server_default="", nullable=False),
        sa.Column("wrapping_key_id", TEXT, nullable=False),
        sa.ForeignKeyConstraint(
            ["wrapping_key_id"],
            ["wrapping_key.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.execute("INSERT INTO audit_head (id, seq, hash) VALUES (1, 0, '')")
    if op.get_bind().dialect.name == "sqlite":
        for statement in SEARCH_INDEX:
            op.execute(statement)
    else:
        make_search(op.get_bind())

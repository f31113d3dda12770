"""Repositories, containers with versions and consumers, stored secrets, access lists."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from certtui.backend.local.column_types import INTEGER, TEXT

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("certificate", sa.Column("repository_id", INTEGER, nullable=True))
    op.add_column("certificate", sa.Column("created_by", TEXT, server_default="", nullable=False))
    op.create_index(
        "ix_certificate_repository",
        "certificate",
        ["repository_id"],
        unique=False,
        sqlite_where=sa.text("repository_id IS NOT NULL"),
        postgresql_where=sa.text("repository_id IS NOT NULL"),
    )
    _repositories()
    _secrets()
    _containers()
    _access_lists()


def _repositories() -> None:
    op.create_table(
        "repository",
        sa.Column("id", INTEGER, autoincrement=False, nullable=False),
        sa.Column("version", INTEGER, server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("ca_id", INTEGER, nullable=True),
        sa.Column("name", TEXT, server_default="", nullable=False),
        sa.Column("name_key", TEXT, server_default="", nullable=False),
        sa.Column("business_group", TEXT, server_default="", nullable=False),
        sa.Column("data_source", TEXT, server_default="", nullable=False),
        sa.Column("state", TEXT, server_default="", nullable=False),
        sa.Column("created_by", TEXT, server_default="", nullable=False),
        sa.ForeignKeyConstraint(["ca_id"], ["ca.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "ux_repository_ca",
        "repository",
        ["ca_id"],
        unique=True,
        sqlite_where=sa.text("ca_id IS NOT NULL"),
        postgresql_where=sa.text("ca_id IS NOT NULL"),
    )
    op.create_index("ux_repository_name", "repository", ["business_group", "name_key"], unique=True)
    op.create_table(
        "repository_policy",
        sa.Column("repository_id", INTEGER, autoincrement=False, nullable=False),
        sa.Column("policy_id", INTEGER, autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["repository_id"], ["repository.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["policy_id"], ["policy.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("repository_id", "policy_id"),
    )
    op.create_index("ix_repository_policy_policy", "repository_policy", ["policy_id"], unique=False)


def _secrets() -> None:
    op.create_table(
        "secret",
        sa.Column("id", INTEGER, autoincrement=False, nullable=False),
        sa.Column("version", INTEGER, server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.Column("size", INTEGER, server_default=sa.text("0"), nullable=False),
        sa.Column("name", TEXT, server_default="", nullable=False),
        sa.Column("name_key", TEXT, server_default="", nullable=False),
        sa.Column("type", TEXT, server_default="", nullable=False),
        sa.Column("algorithm", TEXT, server_default="", nullable=False),
        sa.Column("spki_sha256", TEXT, server_default="", nullable=False),
        sa.Column("business_group", TEXT, server_default="", nullable=False),
        sa.Column("description", TEXT, server_default="", nullable=False),
        sa.Column("created_by", TEXT, server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "ix_secret_expires",
        "secret",
        ["expires_at"],
        unique=False,
        sqlite_where=sa.text("expires_at IS NOT NULL"),
        postgresql_where=sa.text("expires_at IS NOT NULL"),
    )
    op.create_index("ix_secret_name", "secret", ["name_key"], unique=False)


def _containers() -> None:
    op.create_table(
        "container",
        sa.Column("id", INTEGER, autoincrement=False, nullable=False),
        sa.Column("version", INTEGER, server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("number", INTEGER, server_default=sa.text("1"), nullable=False),
        sa.Column("certificate_id", INTEGER, nullable=True),
        sa.Column("follows", INTEGER, server_default=sa.text("1"), nullable=False),
        sa.Column("name", TEXT, server_default="", nullable=False),
        sa.Column("name_key", TEXT, server_default="", nullable=False),
        sa.Column("type", TEXT, server_default="", nullable=False),
        sa.Column("ref", TEXT, server_default="", nullable=False),
        sa.Column("business_group", TEXT, server_default="", nullable=False),
        sa.Column("created_by", TEXT, server_default="", nullable=False),
        sa.ForeignKeyConstraint(["certificate_id"], ["certificate.id"], ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_container_certificate", "container", ["certificate_id"], unique=False)
    op.create_index("ix_container_name", "container", ["name_key"], unique=False)
    op.create_index("ux_container_ref", "container", ["ref"], unique=True)
    op.create_table(
        "container_version",
        sa.Column("container_id", INTEGER, autoincrement=False, nullable=False),
        sa.Column("number", INTEGER, autoincrement=False, nullable=False),
        sa.Column("certificate_id", INTEGER, nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("created_by", TEXT, server_default="", nullable=False),
        sa.Column("reason", TEXT, server_default="", nullable=False),
        sa.ForeignKeyConstraint(["container_id"], ["container.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["certificate_id"], ["certificate.id"], ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("container_id", "number"),
    )
    op.create_index("ix_container_version_certificate", "container_version", ["certificate_id"], unique=False)
    op.create_table(
        "container_part",
        sa.Column("container_id", INTEGER, autoincrement=False, nullable=False),
        sa.Column("number", INTEGER, autoincrement=False, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("secret_id", INTEGER, nullable=False),
        sa.ForeignKeyConstraint(["container_id"], ["container.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["secret_id"], ["secret.id"], ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("container_id", "number", "name"),
    )
    op.create_index("ix_container_part_secret", "container_part", ["secret_id"], unique=False)
    op.create_table(
        "consumer",
        sa.Column("id", INTEGER, autoincrement=False, nullable=False),
        sa.Column("container_id", INTEGER, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("fetched_at", sa.BigInteger(), nullable=True),
        sa.Column("fetched_number", INTEGER, server_default=sa.text("0"), nullable=False),
        sa.Column("service", TEXT, server_default="", nullable=False),
        sa.Column("resource_type", TEXT, server_default="", nullable=False),
        sa.Column("resource", TEXT, server_default="", nullable=False),
        sa.Column("created_by", TEXT, server_default="", nullable=False),
        sa.ForeignKeyConstraint(["container_id"], ["container.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ux_consumer", "consumer", ["container_id", "service", "resource_type", "resource"], unique=True)


def _access_lists() -> None:
    op.create_table(
        "acl",
        sa.Column("id", INTEGER, autoincrement=False, nullable=False),
        sa.Column("version", INTEGER, server_default=sa.text("1"), nullable=False),
        sa.Column("object_id", INTEGER, nullable=False),
        sa.Column("read_group", INTEGER, server_default=sa.text("1"), nullable=False),
        sa.Column("use_group", INTEGER, server_default=sa.text("1"), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("object_kind", TEXT, server_default="", nullable=False),
        sa.Column("owner", TEXT, server_default="", nullable=False),
        sa.Column("updated_by", TEXT, server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "ix_acl_hiding",
        "acl",
        ["object_kind"],
        unique=False,
        sqlite_where=sa.text("read_group = 0"),
        postgresql_where=sa.text("read_group = 0"),
    )
    op.create_index("ux_acl_object", "acl", ["object_kind", "object_id"], unique=True)
    op.create_table(
        "acl_name",
        sa.Column("acl_id", INTEGER, autoincrement=False, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("may_use", INTEGER, server_default=sa.text("0"), nullable=False),
        sa.ForeignKeyConstraint(["acl_id"], ["acl.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("acl_id", "name"),
    )
    op.create_index("ix_acl_name_name", "acl_name", ["name"], unique=False)

"""Alerts, and the channels that carry them outside."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from certtui.backend.local.column_types import INTEGER, TEXT

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


_FEW = {
    "ix_certificate_weak_key": (
        "(key_algorithm >= 'dsa' AND key_algorithm < 'dsb') OR key_algorithm = 'ec-192' "
        "OR (length(key_algorithm) < 8 AND key_algorithm >= 'rsa-' AND key_algorithm < 'rsa.') "
        "OR (length(key_algorithm) = 8 AND key_algorithm >= 'rsa-1' AND key_algorithm < 'rsa-2048')"
    ),
    "ix_certificate_weak_digest": "signature_digest IN ('md2', 'md4', 'md5', 'sha1') AND self_issued = 0",
    "ix_certificate_auto_renew": "auto_renew_days > 0",
    "ix_certificate_used": "resource_count > 0",
}


def upgrade() -> None:
    _alerts()
    _channels()
    for name, condition in _FEW.items():
        where = sa.text(condition)
        op.create_index(name, "certificate", ["not_after"], unique=False, sqlite_where=where, postgresql_where=where)


def _alerts() -> None:
    op.create_table(
        "alert",
        sa.Column("id", INTEGER, autoincrement=False, nullable=False),
        sa.Column("version", INTEGER, server_default=sa.text("1"), nullable=False),
        sa.Column("kind", TEXT, server_default="", nullable=False),
        sa.Column("state", TEXT, server_default="", nullable=False),
        sa.Column("severity", INTEGER, server_default=sa.text("0"), nullable=False),
        sa.Column("level", INTEGER, server_default=sa.text("0"), nullable=False),
        sa.Column("handled_severity", INTEGER, server_default=sa.text("0"), nullable=False),
        sa.Column("holds", INTEGER, server_default=sa.text("1"), nullable=False),
        sa.Column("object_kind", TEXT, server_default="", nullable=False),
        sa.Column("object_id", INTEGER, server_default=sa.text("0"), nullable=False),
        sa.Column("certificate_id", INTEGER, nullable=True),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("snoozed_until", sa.BigInteger(), nullable=True),
        sa.Column("resolved_by", TEXT, server_default="", nullable=False),
        sa.Column("handled_by", TEXT, server_default="", nullable=False),
        sa.Column("object_name", TEXT, server_default="", nullable=False),
        sa.Column("business_group", TEXT, server_default="", nullable=False),
        sa.Column("detail", TEXT, server_default="", nullable=False),
        sa.Column("note", TEXT, server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_alert_state", "alert", ["state", "severity", "opened_at"], unique=False)
    swept = ["kind", "object_kind", "object_id", "holds", "severity", "level", "state", "snoozed_until"]
    op.create_index("ix_alert_sweep", "alert", swept, unique=False)
    op.create_index("ux_alert_thing", "alert", ["kind", "object_kind", "object_id"], unique=True)
    hangs = sa.text("certificate_id IS NOT NULL")
    op.create_index(
        "ix_alert_certificate", "alert", ["certificate_id"], unique=False, sqlite_where=hangs, postgresql_where=hangs
    )
    op.create_table(
        "alert_event",
        sa.Column("id", INTEGER, autoincrement=False, nullable=False),
        sa.Column("alert_id", INTEGER, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("who", TEXT, server_default="", nullable=False),
        sa.Column("what", TEXT, server_default="", nullable=False),
        sa.Column("severity", INTEGER, server_default=sa.text("0"), nullable=False),
        sa.Column("level", INTEGER, server_default=sa.text("0"), nullable=False),
        sa.Column("note", TEXT, server_default="", nullable=False),
        sa.ForeignKeyConstraint(["alert_id"], ["alert.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_alert_event_alert", "alert_event", ["alert_id"], unique=False)
    op.create_table(
        "alert_threshold",
        sa.Column("business_group", TEXT, server_default="", nullable=False),
        sa.Column("days", TEXT, server_default="", nullable=False),
        sa.PrimaryKeyConstraint("business_group"),
    )


def _channels() -> None:
    op.create_table(
        "channel",
        sa.Column("id", INTEGER, autoincrement=False, nullable=False),
        sa.Column("version", INTEGER, server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("enabled", INTEGER, server_default=sa.text("1"), nullable=False),
        sa.Column("min_severity", INTEGER, server_default=sa.text("1"), nullable=False),
        sa.Column("on_resolve", INTEGER, server_default=sa.text("0"), nullable=False),
        sa.Column("has_secret", INTEGER, server_default=sa.text("0"), nullable=False),
        sa.Column("name", TEXT, server_default="", nullable=False),
        sa.Column("name_key", TEXT, server_default="", nullable=False),
        sa.Column("type", TEXT, server_default="", nullable=False),
        sa.Column("place", TEXT, server_default="", nullable=False),
        sa.Column("kinds", TEXT, server_default="", nullable=False),
        sa.Column("groups", TEXT, server_default="", nullable=False),
        sa.Column("settings", TEXT, server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ux_channel_name", "channel", ["name_key"], unique=True)
    op.create_table(
        "delivery",
        sa.Column("id", INTEGER, autoincrement=False, nullable=False),
        sa.Column("channel_id", INTEGER, nullable=False),
        sa.Column("state", TEXT, server_default="", nullable=False),
        sa.Column("attempts", INTEGER, server_default=sa.text("0"), nullable=False),
        sa.Column("alert_count", INTEGER, server_default=sa.text("0"), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("next_try_at", sa.BigInteger(), nullable=False),
        sa.Column("lease_until", sa.BigInteger(), nullable=False),
        sa.Column("sent_at", sa.BigInteger(), nullable=True),
        sa.Column("lease_owner", TEXT, server_default="", nullable=False),
        sa.Column("uid", TEXT, server_default="", nullable=False),
        sa.Column("event", TEXT, server_default="", nullable=False),
        sa.Column("sweep", TEXT, server_default="", nullable=False),
        sa.Column("alert_ids", TEXT, server_default="", nullable=False),
        sa.Column("answer", TEXT, server_default="", nullable=False),
        sa.Column("body", TEXT, server_default="", nullable=False),
        sa.ForeignKeyConstraint(["channel_id"], ["channel.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_delivery_channel", "delivery", ["channel_id"], unique=False)
    waiting = sa.text("state = 'waiting'")
    op.create_index(
        "ix_delivery_due", "delivery", ["next_try_at"], unique=False, sqlite_where=waiting, postgresql_where=waiting
    )
    op.create_index("ux_delivery_uid", "delivery", ["uid"], unique=True)

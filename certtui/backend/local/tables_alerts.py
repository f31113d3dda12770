"""The tables of alerts and the channels that carry them outside; conventions as in `tables`.

What an alert hangs on is named by kind and id without a foreign key: ids are never used twice, and an alert's story
outlives the thing. What is written for a channel stands in `delivery` in the same transaction as the alert's change.
"""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, text
from sqlmodel import Field, SQLModel

from certtui.backend.local import tables as tables  # what these refer to
from certtui.backend.local.column_types import INTEGER, TEXT
from certtui.backend.local.table_columns import count_column, epoch_column, identity, text_column


class AlertTable(SQLModel, table=True):
    """One alert for each thing and kind, for ever: it opens again when its condition comes back."""

    __tablename__ = "alert"

    id: int = Field(sa_column=identity())
    version: int = Field(default=1, sa_column=count_column("1"))
    kind: str = Field(sa_column=text_column())
    state: str = Field(sa_column=text_column())
    severity: int = Field(sa_column=count_column())
    level: int = Field(default=0, sa_column=count_column())
    handled_severity: int = Field(default=0, sa_column=count_column())
    holds: int = Field(default=1, sa_column=count_column("1"))
    object_kind: str = Field(sa_column=text_column())
    object_id: int = Field(sa_column=count_column())
    certificate_id: int | None = Field(default=None, sa_column=Column(INTEGER, nullable=True))
    due_at: int | None = Field(default=None, sa_column=epoch_column(nullable=True))
    opened_at: int = Field(sa_column=epoch_column())
    changed_at: int = Field(sa_column=epoch_column())
    snoozed_until: int | None = Field(default=None, sa_column=epoch_column(nullable=True))
    resolved_by: str = Field(default="", sa_column=text_column())
    handled_by: str = Field(default="", sa_column=text_column())
    object_name: str = Field(default="", sa_column=text_column())
    business_group: str = Field(default="", sa_column=text_column())
    detail: str = Field(default="", sa_column=text_column())
    note: str = Field(default="", sa_column=text_column())

    __table_args__ = (
        # What a sweep compares with is read along it, kind by kind.
        Index("ux_alert_thing", "kind", "object_kind", "object_id", unique=True),
        # All that a sweep asks of an alert that says already what it should: the row itself is not read.
        Index(
            "ix_alert_sweep",
            *("kind", "object_kind", "object_id", "holds", "severity", "level", "state", "snoozed_until"),
        ),
        Index("ix_alert_state", "state", "severity", "opened_at"),
        Index(
            "ix_alert_certificate",
            "certificate_id",
            sqlite_where=text("certificate_id IS NOT NULL"),
            postgresql_where=text("certificate_id IS NOT NULL"),
        ),
    )


class AlertEventTable(SQLModel, table=True):
    """One line of an alert's history."""

    __tablename__ = "alert_event"

    id: int = Field(sa_column=identity())
    alert_id: int = Field(sa_column=Column(INTEGER, ForeignKey("alert.id", ondelete="CASCADE"), nullable=False))
    at: int = Field(sa_column=epoch_column())
    who: str = Field(default="", sa_column=text_column())
    what: str = Field(default="", sa_column=text_column())
    severity: int = Field(sa_column=count_column())
    level: int = Field(default=0, sa_column=count_column())
    note: str = Field(default="", sa_column=text_column())

    __table_args__ = (Index("ix_alert_event_alert", "alert_id"),)


class AlertThresholdTable(SQLModel, table=True):
    """Days left at which the expiring certificates of a group raise alerts; "" for all groups without their own."""

    __tablename__ = "alert_threshold"

    business_group: str = Field(sa_column=Column(TEXT, primary_key=True, server_default=""))
    days: str = Field(sa_column=text_column())
    """As in `90,60,30`."""


class ChannelTable(SQLModel, table=True):
    """A way for alerts out of the console; names are unique by `name_key`. `kinds` and `groups` are JSON arrays.

    `settings` is JSON without secrets. In `sealed_secret` are the secret and a digest of type and settings: a message never goes to an
    address, and a command never runs, that somebody wrote who has the database and not the store key.
    """

    __tablename__ = "channel"

    id: int = Field(sa_column=identity())
    version: int = Field(default=1, sa_column=count_column("1"))
    created_at: int = Field(sa_column=epoch_column())
    updated_at: int = Field(sa_column=epoch_column())
    enabled: int = Field(default=1, sa_column=count_column("1"))
    min_severity: int = Field(default=1, sa_column=count_column("1"))
    on_resolve: int = Field(default=0, sa_column=count_column())
    has_secret: int = Field(default=0, sa_column=count_column())
    name: str = Field(sa_column=text_column())
    name_key: str = Field(sa_column=text_column())
    type: str = Field(sa_column=text_column())
    place: str = Field(default="", sa_column=text_column())
    kinds: str = Field(default="[]", sa_column=text_column())
    groups: str = Field(default="[]", sa_column=text_column())
    settings: str = Field(default="{}", sa_column=text_column())

    __table_args__ = (Index("ux_channel_name", "name_key", unique=True),)


class DeliveryTable(SQLModel, table=True):
    """One message along a channel. `body` is what is told, frozen when it was written, so that every attempt says the same.

    `sweep` is the run of the sweep that still adds to it, "" when it is complete.
    """

    __tablename__ = "delivery"

    id: int = Field(sa_column=identity())
    channel_id: int = Field(sa_column=Column(INTEGER, ForeignKey("channel.id", ondelete="CASCADE"), nullable=False))
    state: str = Field(sa_column=text_column())
    attempts: int = Field(default=0, sa_column=count_column())
    alert_count: int = Field(default=0, sa_column=count_column())
    created_at: int = Field(sa_column=epoch_column())
    next_try_at: int = Field(default=0, sa_column=epoch_column())
    lease_until: int = Field(default=0, sa_column=epoch_column())
    sent_at: int | None = Field(default=None, sa_column=epoch_column(nullable=True))
    lease_owner: str = Field(default="", sa_column=text_column())
    uid: str = Field(sa_column=text_column())
    event: str = Field(sa_column=text_column())
    sweep: str = Field(default="", sa_column=text_column())
    alert_ids: str = Field(default="[]", sa_column=text_column())
    answer: str = Field(default="", sa_column=text_column())
    body: str = Field(default="{}", sa_column=text_column())

    __table_args__ = (
        Index("ix_delivery_channel", "channel_id"),
        Index(
            "ix_delivery_due",
            "next_try_at",
            sqlite_where=text("state = 'waiting'"),
            postgresql_where=text("state = 'waiting'"),
        ),
        Index("ux_delivery_uid", "uid", unique=True),
    )

"""The table of renewals; conventions as in `tables`."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey
from sqlmodel import Field, SQLModel

from certtui.backend.local import tables as tables  # what this refers to
from certtui.backend.local.column_types import INTEGER
from certtui.backend.local.table_columns import count_column, epoch_column, few, text_column


class RenewalTable(SQLModel, table=True):
    """What is known of a certificate's renewal besides its own days: the CA's wish, and attempts that failed.

    `story` is JSON, what was decided when. The orders themselves are found by their references.
    """

    __tablename__ = "renewal"

    certificate_id: int = Field(
        sa_column=Column(
            INTEGER, ForeignKey("certificate.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
        )
    )
    ask_at: int | None = Field(default=None, sa_column=epoch_column(nullable=True))
    """When the CA is asked again for its window."""
    window_start: int | None = Field(default=None, sa_column=epoch_column(nullable=True))
    window_end: int | None = Field(default=None, sa_column=epoch_column(nullable=True))
    window_chosen: int | None = Field(default=None, sa_column=epoch_column(nullable=True))
    try_at: int | None = Field(default=None, sa_column=epoch_column(nullable=True))
    attempts: int = Field(default=0, sa_column=count_column())
    explanation: str = Field(default="", sa_column=text_column())
    blocked: str = Field(default="", sa_column=text_column())
    story: str = Field(default="", sa_column=text_column())
    order_id: int | None = Field(default=None, sa_column=Column(INTEGER, nullable=True))
    """The newest order that renews it."""
    look_at: int | None = Field(default=None, sa_column=epoch_column(nullable=True))
    """When its CNAMEs are looked at next; NULL before the first look."""
    looked_at: int | None = Field(default=None, sa_column=epoch_column(nullable=True))
    looks_bad: int = Field(default=0, sa_column=count_column())
    """Looks in a row that found something wrong."""
    cname: str = Field(default="", sa_column=text_column())
    """What was wrong at the last look, one sentence; "" for nothing."""
    status_at: int | None = Field(default=None, sa_column=epoch_column(nullable=True))
    """When its CA is asked next whether it has revoked it; NULL before the first time."""

    __table_args__ = (
        few("ix_renewal_window", "window_chosen", "window_chosen IS NOT NULL"),
        few("ix_renewal_cname", "certificate_id", "cname <> ''"),
    )

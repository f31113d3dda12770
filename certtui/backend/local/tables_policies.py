"""The tables of policies and the waivers from them; conventions as in `tables`."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, text
from sqlmodel import Field, SQLModel

from certtui.backend.local import tables as tables  # what these refer to
from certtui.backend.local.column_types import INTEGER
from certtui.backend.local.table_columns import count_column, epoch_column, identity, text_column


class PolicyTable(SQLModel, table=True):
    """A policy; `scope` and `rules` are JSON, as `certtui.model.policy_json` writes them."""

    __tablename__ = "policy"

    id: int = Field(sa_column=identity())
    version: int = Field(default=1, sa_column=count_column("1"))
    enabled: int = Field(default=0, sa_column=count_column())
    created_at: int = Field(sa_column=epoch_column())
    updated_at: int = Field(sa_column=epoch_column())
    name: str = Field(default="", sa_column=text_column())
    name_key: str = Field(default="", sa_column=text_column())
    outcome: str = Field(default="", sa_column=text_column())
    description: str = Field(default="", sa_column=text_column())
    scope: str = Field(default="", sa_column=text_column())
    rules: str = Field(default="", sa_column=text_column())

    __table_args__ = (Index("ux_policy_name", "name_key", unique=True),)


class PolicyWaiverTable(SQLModel, table=True):
    """A waiver; `names` are patterns, a line each."""

    __tablename__ = "policy_waiver"

    id: int = Field(sa_column=identity())
    policy_id: int = Field(sa_column=Column(INTEGER, ForeignKey("policy.id", ondelete="CASCADE"), nullable=False))
    created_at: int = Field(sa_column=epoch_column())
    expires_at: int = Field(sa_column=epoch_column())
    owner: str = Field(default="", sa_column=text_column())
    reason: str = Field(default="", sa_column=text_column())
    entry: str = Field(default="", sa_column=text_column())
    names: str = Field(default="", sa_column=text_column())
    created_by: str = Field(default="", sa_column=text_column())

    __table_args__ = (Index("ix_policy_waiver_policy", "policy_id"),)


class SoftFindingTable(SQLModel, table=True):
    """A soft policy that an entry passed all the same; no alert speaks of it before `waived_until`."""

    __tablename__ = "soft_finding"

    certificate_id: int = Field(
        sa_column=Column(
            INTEGER, ForeignKey("certificate.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
        )
    )
    policy_id: int = Field(
        sa_column=Column(INTEGER, ForeignKey("policy.id", ondelete="CASCADE"), primary_key=True, autoincrement=False)
    )
    waived_until: int = Field(default=0, sa_column=Column(BigInteger, nullable=False, server_default=text("0")))

    __table_args__ = (Index("ix_soft_finding_policy", "policy_id"),)

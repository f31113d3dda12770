"""The tables of access lists; conventions as in `tables`.

Nothing refers to the objects: a list outlives what it stood on, so that what is on record of it stays hidden too.
"""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index
from sqlmodel import Field, SQLModel

from certtui.backend.local.column_types import INTEGER, TEXT
from certtui.backend.local.table_columns import count_column, epoch_column, few, identity, text_column


class AclTable(SQLModel, table=True):
    """The access list of one object; an object without one is open to its business group."""

    __tablename__ = "acl"

    id: int = Field(sa_column=identity())
    version: int = Field(default=1, sa_column=count_column("1"))
    object_id: int = Field(sa_column=Column(INTEGER, nullable=False))
    read_group: int = Field(default=1, sa_column=count_column("1"))
    """Whether the business group may read (metadata)."""
    use_group: int = Field(default=1, sa_column=count_column("1"))
    """Whether the business group may use (payload, keys)."""
    updated_at: int = Field(sa_column=epoch_column())
    object_kind: str = Field(sa_column=text_column())
    owner: str = Field(default="", sa_column=text_column())
    """Who made the object: reads, uses and changes the list whatever it says."""
    updated_by: str = Field(default="", sa_column=text_column())

    __table_args__ = (
        Index("ux_acl_object", "object_kind", "object_id", unique=True),
        # What hides something, by which every reading of somebody who is no admin is limited.
        few("ix_acl_hiding", "object_kind", "read_group = 0"),
    )


class AclNameTable(SQLModel, table=True):
    """A person or service by name on a list; who may use may read."""

    __tablename__ = "acl_name"

    acl_id: int = Field(
        sa_column=Column(INTEGER, ForeignKey("acl.id", ondelete="CASCADE"), primary_key=True, autoincrement=False)
    )
    name: str = Field(sa_column=Column(TEXT, primary_key=True))
    may_use: int = Field(default=0, sa_column=count_column())

    __table_args__ = (Index("ix_acl_name_name", "name"),)

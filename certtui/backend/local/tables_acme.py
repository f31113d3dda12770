"""The tables of ACME: accounts, how far orders are, records in tech zones, names at acme-dns; conventions as in `tables`."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index
from sqlmodel import Field, SQLModel

from certtui.backend.local import tables_issuing as tables_issuing  # what these refer to
from certtui.backend.local.column_types import INTEGER
from certtui.backend.local.table_columns import epoch_column, few, identity, text_column


class AcmeAccountTable(SQLModel, table=True):
    """The account of a profile; its key is a sealed secret of the profile, `account_key`. `url` is "" until it is made.

    `contact` is what the CA was told, `status`, `contact_seen` and `terms` what it said at `seen_at`; `terms` is what was agreed to.
    """

    __tablename__ = "acme_account"

    authority_id: int = Field(
        sa_column=Column(INTEGER, ForeignKey("authority.id", ondelete="CASCADE"), primary_key=True, autoincrement=False)
    )
    created_at: int = Field(sa_column=epoch_column())
    updated_at: int = Field(sa_column=epoch_column())
    directory: str = Field(default="", sa_column=text_column())
    url: str = Field(default="", sa_column=text_column())
    contact: str = Field(default="", sa_column=text_column())
    status: str = Field(default="", sa_column=text_column())
    seen_at: int | None = Field(default=None, sa_column=epoch_column(nullable=True))
    registered_at: int | None = Field(default=None, sa_column=epoch_column(nullable=True))
    contact_seen: str = Field(default="", sa_column=text_column())
    key_type: str = Field(default="", sa_column=text_column())
    terms: str = Field(default="", sa_column=text_column())


class AcmeStagingTable(SQLModel, table=True):
    """The account of a profile at its staging server; its key is the sealed secret `staging_account_key`."""

    __tablename__ = "acme_staging"

    authority_id: int = Field(
        sa_column=Column(INTEGER, ForeignKey("authority.id", ondelete="CASCADE"), primary_key=True, autoincrement=False)
    )
    created_at: int = Field(sa_column=epoch_column())
    updated_at: int = Field(sa_column=epoch_column())
    directory: str = Field(default="", sa_column=text_column())
    url: str = Field(default="", sa_column=text_column())
    contact: str = Field(default="", sa_column=text_column())


class AcmeOrderTable(SQLModel, table=True):
    """How far an order is: `asked_at` stands before the server is asked, `url` is its answer; `looks` and `caa` are JSON, what DNS said."""

    __tablename__ = "acme_order"

    order_id: int = Field(
        sa_column=Column(
            INTEGER, ForeignKey("certificate_order.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
        )
    )
    asked_at: int | None = Field(default=None, sa_column=epoch_column(nullable=True))
    looked_at: int | None = Field(default=None, sa_column=epoch_column(nullable=True))
    url: str = Field(default="", sa_column=text_column())
    looks: str = Field(default="", sa_column=text_column())
    caa: str = Field(default="", sa_column=text_column())
    rehearsed_at: int | None = Field(default=None, sa_column=epoch_column(nullable=True))
    """When a run at the staging server went well."""
    rehearsal: str = Field(default="", sa_column=text_column())
    """JSON, how far that run is."""

    __table_args__ = (few("ix_acme_order_url", "url", "url <> ''"),)


class AcmeRecordTable(SQLModel, table=True):
    """A TXT record, or a file, that is or may be there for a CA: written down before it is made, taken out when it is gone."""

    __tablename__ = "acme_record"

    id: int = Field(sa_column=identity())
    authority_id: int = Field(sa_column=Column(INTEGER, ForeignKey("authority.id", ondelete="CASCADE"), nullable=False))
    order_id: int = Field(sa_column=Column(INTEGER, nullable=False))
    """The order may be gone, and the record still there."""
    added_at: int = Field(sa_column=epoch_column())
    name: str = Field(sa_column=text_column())
    value: str = Field(sa_column=text_column())
    kind: str = Field(default="", sa_column=text_column())
    """"" for a TXT record."""

    __table_args__ = (
        Index("ux_acme_record", "order_id", "name", "value", unique=True),
        Index("ix_acme_record_authority", "authority_id"),
    )


class AcmeDnsNameTable(SQLModel, table=True):
    """What a domain was given at an acme-dns server, for every profile that uses it: a CNAME leads there, so it outlives profiles.

    The login by which it is changed is a sealed secret whose owner is this row.
    """

    __tablename__ = "acme_dns_name"

    id: int = Field(sa_column=identity())
    created_at: int = Field(sa_column=epoch_column())
    server: str = Field(sa_column=text_column())
    domain: str = Field(sa_column=text_column())
    """"" for the one that *save and test* writes to."""
    target: str = Field(sa_column=text_column())
    subdomain: str = Field(sa_column=text_column())

    __table_args__ = (Index("ux_acme_dns_name", "server", "domain", unique=True),)

"""The tables of repositories, containers, their consumers and stored secrets; conventions as in `tables`."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, text
from sqlmodel import Field, SQLModel

from certtui.backend.local import tables as tables  # what these refer to
from certtui.backend.local import tables_issuing as tables_issuing
from certtui.backend.local import tables_policies as tables_policies
from certtui.backend.local.column_types import INTEGER, TEXT
from certtui.backend.local.table_columns import count_column, epoch_column, few, identity, text_column


def _reference(target: str, *, nullable: bool = False, ondelete: str = "RESTRICT") -> Column[int]:
    return Column(INTEGER, ForeignKey(target, ondelete=ondelete), nullable=nullable)


def _key_reference(target: str, ondelete: str = "CASCADE") -> Column[int]:
    return Column(INTEGER, ForeignKey(target, ondelete=ondelete), primary_key=True, autoincrement=False)


class RepositoryTable(SQLModel, table=True):
    """A place that groups certificates by data source; what is filed there says so itself (`certificate.repository_id`)."""

    __tablename__ = "repository"

    id: int = Field(sa_column=identity())
    version: int = Field(default=1, sa_column=count_column("1"))
    created_at: int = Field(sa_column=epoch_column())
    updated_at: int = Field(sa_column=epoch_column())
    ca_id: int | None = Field(default=None, sa_column=_reference("ca.id", nullable=True))
    """The intermediate of the built-in PKI that it is bound to; a CA belongs to at most one."""
    name: str = Field(sa_column=text_column())
    name_key: str = Field(sa_column=text_column())
    business_group: str = Field(default="", sa_column=text_column())
    data_source: str = Field(default="", sa_column=text_column())
    state: str = Field(default="", sa_column=text_column())
    created_by: str = Field(default="", sa_column=text_column())

    __table_args__ = (
        Index("ux_repository_name", "business_group", "name_key", unique=True),
        Index(
            "ux_repository_ca",
            "ca_id",
            unique=True,
            sqlite_where=text("ca_id IS NOT NULL"),
            postgresql_where=text("ca_id IS NOT NULL"),
        ),
    )


class RepositoryPolicyTable(SQLModel, table=True):
    """A policy that what is filed in a repository has to pass, enabled elsewhere or not."""

    __tablename__ = "repository_policy"

    repository_id: int = Field(sa_column=_key_reference("repository.id"))
    policy_id: int = Field(sa_column=_key_reference("policy.id", "RESTRICT"))

    __table_args__ = (Index("ix_repository_policy_policy", "policy_id"),)


class ContainerTable(SQLModel, table=True):
    """A named bundle with a stable reference; what is in it stands in its versions."""

    __tablename__ = "container"

    id: int = Field(sa_column=identity())
    version: int = Field(default=1, sa_column=count_column("1"))
    created_at: int = Field(sa_column=epoch_column())
    updated_at: int = Field(sa_column=epoch_column())
    number: int = Field(default=1, sa_column=count_column("1"))
    """The version of its content that is given out."""
    certificate_id: int | None = Field(
        default=None, sa_column=_reference("certificate.id", nullable=True, ondelete="SET NULL")
    )
    """The entry of that version, for type `certificate`."""
    follows: int = Field(default=1, sa_column=count_column("1"))
    """Whether a renewal of its certificate makes a new version."""
    name: str = Field(sa_column=text_column())
    name_key: str = Field(sa_column=text_column())
    type: str = Field(sa_column=text_column())
    ref: str = Field(sa_column=text_column())
    """The stable part of its reference: 32 hexadecimal digits, random."""
    business_group: str = Field(default="", sa_column=text_column())
    created_by: str = Field(default="", sa_column=text_column())

    __table_args__ = (
        Index("ux_container_ref", "ref", unique=True),
        Index("ix_container_name", "name_key"),
        Index("ix_container_certificate", "certificate_id"),
    )


class ContainerVersionTable(SQLModel, table=True):
    """What a container held, or holds, under a number; kept, so that one can step back."""

    __tablename__ = "container_version"

    container_id: int = Field(sa_column=_key_reference("container.id"))
    number: int = Field(sa_column=Column(INTEGER, primary_key=True, autoincrement=False))
    certificate_id: int | None = Field(
        default=None, sa_column=_reference("certificate.id", nullable=True, ondelete="SET NULL")
    )
    created_at: int = Field(sa_column=epoch_column())
    created_by: str = Field(default="", sa_column=text_column())
    reason: str = Field(default="", sa_column=text_column())

    __table_args__ = (Index("ix_container_version_certificate", "certificate_id"),)


class ContainerPartTable(SQLModel, table=True):
    """A stored secret as a part of a version: `private_key`, `passphrase` …; the parts of an entry stand with the entry."""

    __tablename__ = "container_part"

    container_id: int = Field(sa_column=_key_reference("container.id"))
    number: int = Field(sa_column=Column(INTEGER, primary_key=True, autoincrement=False))
    name: str = Field(sa_column=Column(TEXT, primary_key=True))
    secret_id: int = Field(sa_column=_reference("secret.id"))

    __table_args__ = (Index("ix_container_part_secret", "secret_id"),)


class ConsumerTable(SQLModel, table=True):
    """Who uses a container: a service, and the resource by type and id or URL."""

    __tablename__ = "consumer"

    id: int = Field(sa_column=identity())
    container_id: int = Field(sa_column=_reference("container.id", ondelete="CASCADE"))
    created_at: int = Field(sa_column=epoch_column())
    fetched_at: int | None = Field(default=None, sa_column=epoch_column(nullable=True))
    fetched_number: int = Field(default=0, sa_column=count_column())
    """The version of the content that it has, 0 for none so far."""
    service: str = Field(sa_column=text_column())
    resource_type: str = Field(default="", sa_column=text_column())
    resource: str = Field(default="", sa_column=text_column())
    created_by: str = Field(default="", sa_column=text_column())

    __table_args__ = (Index("ux_consumer", "container_id", "service", "resource_type", "resource", unique=True),)


class SecretTable(SQLModel, table=True):
    """What is known of a stored secret; the payload itself is in `sealed_secret`, with owner kind `secret`."""

    __tablename__ = "secret"

    id: int = Field(sa_column=identity())
    version: int = Field(default=1, sa_column=count_column("1"))
    created_at: int = Field(sa_column=epoch_column())
    updated_at: int = Field(sa_column=epoch_column())
    expires_at: int | None = Field(default=None, sa_column=epoch_column(nullable=True))
    size: int = Field(default=0, sa_column=count_column())
    """Octets of the payload."""
    name: str = Field(sa_column=text_column())
    name_key: str = Field(sa_column=text_column())
    type: str = Field(sa_column=text_column())
    algorithm: str = Field(default="", sa_column=text_column())
    spki_sha256: str = Field(default="", sa_column=text_column())
    """Of a private or public key, or a certificate: what it belongs to."""
    business_group: str = Field(default="", sa_column=text_column())
    description: str = Field(default="", sa_column=text_column())
    created_by: str = Field(default="", sa_column=text_column())

    __table_args__ = (
        Index("ix_secret_name", "name_key"),
        few("ix_secret_expires", "expires_at", "expires_at IS NOT NULL"),
    )

"""The tables of orders, authorities, the built-in PKI and what it issued; conventions as in `tables`.

Due work is these rows themselves: `due_at` says when, `lease_owner` and `lease_until` who works on it just now.
"""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, LargeBinary, text
from sqlmodel import Field, SQLModel

from certtui.backend.local import tables as tables  # what these refer to
from certtui.backend.local.column_types import INTEGER, TEXT
from certtui.backend.local.table_columns import count_column, epoch_column, few, identity, ordered, text_column


def _reference(target: str, *, nullable: bool = True, ondelete: str = "SET NULL") -> Column[int]:
    return Column(INTEGER, ForeignKey(target, ondelete=ondelete), nullable=nullable)


def _bytes(*, nullable: bool = False) -> Column[bytes]:
    return Column(LargeBinary, nullable=nullable)


class AuthorityTable(SQLModel, table=True):
    """A CA profile. `settings` and `test_lines` are JSON; secrets are in `sealed_secret`."""

    __tablename__ = "authority"

    id: int = Field(sa_column=identity())
    version: int = Field(default=1, sa_column=count_column("1"))
    enabled: int = Field(default=1, sa_column=count_column("1"))
    auto_renew_days: int = Field(default=0, sa_column=count_column())
    created_at: int = Field(sa_column=epoch_column())
    updated_at: int = Field(sa_column=epoch_column())
    tested_at: int | None = Field(default=None, sa_column=epoch_column(nullable=True))
    test_ok: int = Field(default=0, sa_column=count_column())
    name: str = Field(sa_column=text_column())
    name_key: str = Field(sa_column=text_column())
    type: str = Field(sa_column=text_column())
    summary: str = Field(default="", sa_column=text_column())
    description: str = Field(default="", sa_column=text_column())
    settings: str = Field(default="{}", sa_column=text_column())
    test_lines: str = Field(default="[]", sa_column=text_column())

    __table_args__ = (Index("ux_authority_name", "name_key", unique=True),)


class CertificateOrderTable(SQLModel, table=True):
    """One request to an authority. `form`, `steps` and `findings` are JSON; the CSR stays when the entry goes.

    `authority_ref` is written before the authority is asked: what finds its answer again after a crash.
    """

    __tablename__ = "certificate_order"

    id: int = Field(sa_column=identity())
    version: int = Field(default=1, sa_column=count_column("1"))
    certificate_id: int | None = Field(default=None, sa_column=_reference("certificate.id"))
    authority_id: int | None = Field(default=None, sa_column=_reference("authority.id"))
    again_of: int | None = Field(default=None, sa_column=_reference("certificate_order.id"))
    """The order that this one is once more."""
    created_at: int = Field(sa_column=epoch_column())
    updated_at: int = Field(sa_column=epoch_column())
    submitted_at: int | None = Field(default=None, sa_column=epoch_column(nullable=True))
    finished_at: int | None = Field(default=None, sa_column=epoch_column(nullable=True))
    due_at: int | None = Field(default=None, sa_column=epoch_column(nullable=True))
    lease_until: int | None = Field(default=None, sa_column=epoch_column(nullable=True))
    attempts: int = Field(default=0, sa_column=count_column())
    san_count: int = Field(default=0, sa_column=count_column())
    status: str = Field(sa_column=text_column())
    type: str = Field(default="", sa_column=text_column())
    name: str = Field(default="", sa_column=text_column())
    common_name: str = Field(default="", sa_column=text_column())
    authority_name: str = Field(default="", sa_column=text_column())
    requester_kind: str = Field(default="person", sa_column=text_column())
    requester: str = Field(default="", sa_column=text_column())
    business_group: str = Field(default="", sa_column=text_column())
    domain: str = Field(default="", sa_column=text_column())
    lease_owner: str = Field(default="", sa_column=text_column())
    reference: str | None = Field(default=None, sa_column=text_column(nullable=True))
    authority_ref: str = Field(default="", sa_column=text_column())
    error: str = Field(default="", sa_column=text_column())
    error_words: str = Field(default="", sa_column=text_column())
    error_hint: str = Field(default="", sa_column=text_column())
    spki_sha256: str = Field(default="", sa_column=text_column())
    key_algorithm: str = Field(default="", sa_column=text_column())
    sans: str = Field(default="", sa_column=text_column())
    search_text: str = Field(default="", sa_column=text_column())
    form: str = Field(default="{}", sa_column=text_column())
    steps: str = Field(default="[]", sa_column=text_column())
    findings: str = Field(default="[]", sa_column=text_column())
    csr: bytes | None = Field(default=None, sa_column=_bytes(nullable=True))

    __table_args__ = (
        *ordered("ix_certificate_order_created", "created_at"),
        Index("ix_certificate_order_certificate", "certificate_id"),
        Index("ix_certificate_order_authority", "authority_id", "status"),
        Index("ix_certificate_order_status", "status", "created_at"),
        Index("ix_certificate_order_spki", "spki_sha256"),
        Index("ix_certificate_order_again", "again_of"),
        Index(
            "ix_certificate_order_due",
            "due_at",
            sqlite_where=text("due_at IS NOT NULL"),
            postgresql_where=text("due_at IS NOT NULL"),
        ),
        Index(
            "ux_certificate_order_reference",
            "reference",
            unique=True,
            sqlite_where=text("reference IS NOT NULL"),
            postgresql_where=text("reference IS NOT NULL"),
        ),
    )


class ArchivedKeyTable(SQLModel, table=True):
    """A private key, sealed as in `sealed_key`, that no entry has any more: of a CSR that was discarded or cancelled."""

    __tablename__ = "archived_key"

    id: int = Field(sa_column=identity())
    order_id: int | None = Field(default=None, sa_column=_reference("certificate_order.id"))
    key_uid: str = Field(sa_column=text_column())
    wrapping_key_id: str = Field(sa_column=Column(TEXT, ForeignKey("wrapping_key.id"), nullable=False))
    spki_sha256: str = Field(sa_column=text_column())
    key_algorithm: str = Field(sa_column=text_column())
    created_at: int = Field(sa_column=epoch_column())
    archived_at: int = Field(sa_column=epoch_column())
    wrapped_data_key: bytes = Field(sa_column=_bytes())
    payload: bytes = Field(sa_column=_bytes())

    __table_args__ = (
        Index("ux_archived_key_uid", "key_uid", unique=True),
        Index("ix_archived_key_order", "order_id"),
        Index("ix_archived_key_spki", "spki_sha256"),
    )


class SealedSecretTable(SQLModel, table=True):
    """A secret of a profile or a channel, sealed as a private key is: `owner_kind` is `authority` or `channel`."""

    __tablename__ = "sealed_secret"

    id: int = Field(sa_column=identity())
    owner_kind: str = Field(sa_column=text_column())
    owner_id: int = Field(sa_column=Column(INTEGER, nullable=False))
    name: str = Field(sa_column=text_column())
    key_uid: str = Field(sa_column=text_column())
    wrapping_key_id: str = Field(sa_column=Column(TEXT, ForeignKey("wrapping_key.id"), nullable=False))
    created_at: int = Field(sa_column=epoch_column())
    wrapped_data_key: bytes = Field(sa_column=_bytes())
    payload: bytes = Field(sa_column=_bytes())

    __table_args__ = (
        Index("ux_sealed_secret_owner", "owner_kind", "owner_id", "name", unique=True),
        Index("ux_sealed_secret_uid", "key_uid", unique=True),
    )


class CaTable(SQLModel, table=True):
    """A CA of the built-in PKI; its certificate (or CSR) and key are those of its inventory entry. `settings`, `spec` are JSON."""

    __tablename__ = "ca"

    id: int = Field(sa_column=identity())
    version: int = Field(default=1, sa_column=count_column("1"))
    certificate_id: int = Field(sa_column=_reference("certificate.id", nullable=False, ondelete="RESTRICT"))
    parent_id: int | None = Field(default=None, sa_column=Column(INTEGER, nullable=True))
    """Its issuer among these; a parent may have come later than its child."""
    predecessor_id: int | None = Field(default=None, sa_column=_reference("ca.id"))
    created_at: int = Field(sa_column=epoch_column())
    updated_at: int = Field(sa_column=epoch_column())
    retired_at: int | None = Field(default=None, sa_column=epoch_column(nullable=True))
    crl_number: int = Field(default=0, sa_column=count_column())
    crl_due_at: int | None = Field(default=None, sa_column=epoch_column(nullable=True))
    delta_due_at: int | None = Field(default=None, sa_column=epoch_column(nullable=True))
    lease_until: int | None = Field(default=None, sa_column=epoch_column(nullable=True))
    lease_owner: str = Field(default="", sa_column=text_column())
    name: str = Field(sa_column=text_column())
    name_key: str = Field(sa_column=text_column())
    kind: str = Field(sa_column=text_column())
    state: str = Field(sa_column=text_column())
    subject_id: str = Field(default="", sa_column=text_column())
    spki_sha256: str = Field(default="", sa_column=text_column())
    key_hash_sha1: str = Field(default="", sa_column=text_column())
    """SHA-1 of the key's bits, and of the DER name: how OCSP requests name an issuer (RFC 6960, 4.1.1)."""
    name_hash_sha1: str = Field(default="", sa_column=text_column())
    key_hash_sha256: str = Field(default="", sa_column=text_column())
    name_hash_sha256: str = Field(default="", sa_column=text_column())
    settings: str = Field(default="{}", sa_column=text_column())
    spec: str = Field(default="{}", sa_column=text_column())
    publish_error: str = Field(default="", sa_column=text_column())

    __table_args__ = (
        Index("ux_ca_name", "name_key", unique=True),
        Index("ux_ca_certificate", "certificate_id", unique=True),
        Index("ix_ca_key_hash_sha1", "key_hash_sha1"),
        Index("ix_ca_key_hash_sha256", "key_hash_sha256"),
    )


class CrlTable(SQLModel, table=True):
    """The newest CRL of a CA, and its newest delta."""

    __tablename__ = "crl"

    ca_id: int = Field(
        sa_column=Column(INTEGER, ForeignKey("ca.id", ondelete="CASCADE"), primary_key=True, autoincrement=False)
    )
    delta: int = Field(sa_column=Column(INTEGER, primary_key=True, autoincrement=False))
    number: str = Field(sa_column=text_column())
    """As decimal text: an outside CRL may count to 20 octets."""
    base_number: str = Field(default="", sa_column=text_column())
    this_update: int = Field(sa_column=epoch_column())
    next_update: int = Field(sa_column=epoch_column())
    entries: int = Field(default=0, sa_column=count_column())
    external: int = Field(default=0, sa_column=count_column())
    der: bytes = Field(sa_column=_bytes())


class OcspResponderTable(SQLModel, table=True):
    """The delegated OCSP responder of a CA: a short-lived certificate and its sealed key (`sealed_secret`, kind `ocsp`)."""

    __tablename__ = "ocsp_responder"

    ca_id: int = Field(
        sa_column=Column(INTEGER, ForeignKey("ca.id", ondelete="CASCADE"), primary_key=True, autoincrement=False)
    )
    not_after: int = Field(sa_column=epoch_column())
    der: bytes = Field(sa_column=_bytes())


class IssuedTable(SQLModel, table=True):
    """What a CA has issued: CRL and OCSP are made of it, and it stays when the inventory entry goes."""

    __tablename__ = "issued"

    ca_id: int = Field(
        sa_column=Column(INTEGER, ForeignKey("ca.id", ondelete="RESTRICT"), primary_key=True, autoincrement=False)
    )
    serial: str = Field(sa_column=Column(TEXT, primary_key=True))
    certificate_id: int | None = Field(default=None, sa_column=_reference("certificate.id"))
    order_id: int | None = Field(default=None, sa_column=_reference("certificate_order.id"))
    issued_at: int = Field(sa_column=epoch_column())
    not_after: int = Field(sa_column=epoch_column())
    revoked_at: int | None = Field(default=None, sa_column=epoch_column(nullable=True))
    invalidity_at: int | None = Field(default=None, sa_column=epoch_column(nullable=True))
    reason: str = Field(default="", sa_column=text_column())
    common_name: str = Field(default="", sa_column=text_column())

    __table_args__ = (
        Index("ix_issued_certificate", "certificate_id"),
        Index("ix_issued_order", "order_id"),
        Index("ix_issued_not_after", "ca_id", "not_after"),
        Index(
            "ix_issued_revoked",
            *("ca_id", "revoked_at"),
            sqlite_where=text("revoked_at IS NOT NULL"),
            postgresql_where=text("revoked_at IS NOT NULL"),
        ),
    )


class RevocationTable(SQLModel, table=True):
    """That an entry was revoked, and whether its authority knows; `certificate.revoked_at` says when."""

    __tablename__ = "revocation"

    certificate_id: int = Field(
        sa_column=Column(
            INTEGER, ForeignKey("certificate.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
        )
    )
    invalidity_at: int | None = Field(default=None, sa_column=epoch_column(nullable=True))
    due_at: int | None = Field(default=None, sa_column=epoch_column(nullable=True))
    lease_until: int | None = Field(default=None, sa_column=epoch_column(nullable=True))
    attempts: int = Field(default=0, sa_column=count_column())
    reason: str = Field(sa_column=text_column())
    authority_knows: str = Field(sa_column=text_column())
    revoked_by: str = Field(default="", sa_column=text_column())
    lease_owner: str = Field(default="", sa_column=text_column())
    answer: str = Field(default="", sa_column=text_column())
    renew: int = Field(default=0, sa_column=count_column())
    """A successor is to be ordered, without waiting for its end."""

    __table_args__ = (
        Index(
            "ix_revocation_due",
            "due_at",
            sqlite_where=text("due_at IS NOT NULL"),
            postgresql_where=text("due_at IS NOT NULL"),
        ),
        few("ix_revocation_renew", "certificate_id", "renew = 1"),
    )


class WorkRoundTable(SQLModel, table=True):
    """Work that is one for the whole store (`alerts`, `folders` …): who does it, and when it was done and is due again."""

    __tablename__ = "work_round"

    name: str = Field(sa_column=Column(TEXT, primary_key=True))
    due_at: int = Field(default=0, sa_column=epoch_column())
    done_at: int | None = Field(default=None, sa_column=epoch_column(nullable=True))
    lease_until: int | None = Field(default=None, sa_column=epoch_column(nullable=True))
    lease_owner: str = Field(default="", sa_column=text_column())
    worker: str = Field(default="", sa_column=text_column())


class WatchedFileTable(SQLModel, table=True):
    """A file of a watched folder as it was when it was looked at last; `problem` says why it was of no use, "" for none."""

    __tablename__ = "watched_file"

    authority_id: int = Field(
        sa_column=Column(INTEGER, ForeignKey("authority.id", ondelete="CASCADE"), primary_key=True, autoincrement=False)
    )
    name: str = Field(sa_column=Column(TEXT, primary_key=True))
    size: int = Field(sa_column=epoch_column())
    mtime_ns: int = Field(sa_column=epoch_column())
    seen_at: int = Field(sa_column=epoch_column())
    done: int = Field(default=0, sa_column=count_column())
    problem: str = Field(default="", sa_column=text_column())

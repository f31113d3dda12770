"""The tables of a store, as SQLModel classes: what the migrations must come to, and what every act writes with.

Instants are whole epoch seconds (BIGINT; X.509 knows 1950 and 9999), hashes lower-case hex. Text is raw and never NULL:
"" where there is nothing. Columns that a list reads stand first, long text last, so that a scan of a million rows
stays out of overflow pages. Ids are never used twice (`counter`), so that an old id in a log or a marked row is not
somebody else's certificate.

Search index (SQLite): `certificate_fts`, FTS5 with the trigram tokenizer, external content over `certificate.search_text`;
see `schema.FTS_DDL`. Inserts into `certificate` must be followed by one insert into `certificate_fts` per transaction.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, LargeBinary, text
from sqlmodel import Field, SQLModel

from certtui.backend.local.column_types import INTEGER, TEXT, any_case


def _id() -> Column[int]:
    return Column(INTEGER, primary_key=True, autoincrement=False)


def _text(*, nullable: bool = False) -> Column[str]:
    return Column(TEXT, nullable=nullable, server_default=None if nullable else "")


def _epoch(*, nullable: bool = False) -> Column[int]:
    return Column(BigInteger, nullable=nullable)


def _count(default: str = "0") -> Column[int]:
    return Column(INTEGER, nullable=False, server_default=text(default))


def _ordered(name: str, column: str | any_case) -> tuple[Index, Index]:
    """An index that lists are read along, ties by id: SQLite puts the id behind every index, PostgreSQL has to be told."""
    return Index(name, column).ddl_if(dialect="sqlite"), Index(name, column, "id").ddl_if(dialect="postgresql")


class CertificateTable(SQLModel, table=True):
    """One entry of the inventory; times, `fingerprint_sha256` are NULL while there is no X.509."""

    __tablename__ = "certificate"

    id: int = Field(sa_column=_id())
    version: int = Field(default=1, sa_column=_count("1"))
    state: str = Field(default="", sa_column=_text())
    not_before: int | None = Field(default=None, sa_column=_epoch(nullable=True))
    not_after: int | None = Field(default=None, sa_column=_epoch(nullable=True))
    expiring_from: int | None = Field(default=None, sa_column=_epoch(nullable=True))
    revoked_at: int | None = Field(default=None, sa_column=_epoch(nullable=True))
    is_ca: int = Field(default=0, sa_column=_count())
    self_issued: int = Field(default=0, sa_column=_count())
    has_private_key: int = Field(default=0, sa_column=_count())
    has_csr: int = Field(default=0, sa_column=_count())
    resource_count: int = Field(default=0, sa_column=_count())
    san_count: int = Field(default=0, sa_column=_count())
    renews_id: int | None = Field(
        default=None, sa_column=Column(INTEGER, ForeignKey("certificate.id", ondelete="SET NULL"), nullable=True)
    )
    created_at: int = Field(sa_column=_epoch())
    updated_at: int = Field(sa_column=_epoch())
    name: str = Field(default="", sa_column=_text())
    name_key: str = Field(default="", sa_column=_text())
    common_name: str = Field(default="", sa_column=_text())
    issuer_name: str = Field(default="", sa_column=_text())
    business_group: str = Field(default="", sa_column=_text())
    source: str = Field(default="", sa_column=_text())
    provider: str = Field(default="", sa_column=_text())
    key_algorithm: str = Field(default="", sa_column=_text())
    signature_digest: str = Field(default="", sa_column=_text())
    contact_email: str = Field(default="", sa_column=_text())
    serial_number: str = Field(default="", sa_column=_text())
    fingerprint_sha256: str | None = Field(default=None, sa_column=_text(nullable=True))
    fingerprint_sha1: str = Field(default="", sa_column=_text())
    spki_sha256: str = Field(default="", sa_column=_text())
    subject_id: str = Field(default="", sa_column=_text())
    issuer_id: str = Field(default="", sa_column=_text())
    subject_key_id: str = Field(default="", sa_column=_text())
    authority_key_id: str = Field(default="", sa_column=_text())
    subject: str = Field(default="", sa_column=_text())
    issuer: str = Field(default="", sa_column=_text())
    description: str = Field(default="", sa_column=_text())
    sans: str = Field(default="", sa_column=_text())
    search_text: str = Field(default="", sa_column=_text())
    domain: str = Field(default="", sa_column=_text())
    """What all names lie at or below, as `certtui.model.domains` writes it: `com.example.`; for scopes by domain."""

    __table_args__ = (
        *_ordered("ix_certificate_name", "name_key"),
        # Every fact that a status is made of, so that statuses are counted and sorted without reading a row.
        Index("ix_certificate_not_after", "not_after", "not_before", "expiring_from", "revoked_at"),
        Index("ix_certificate_not_before", "not_before"),
        # Lists sort and filter text whatever its case.
        *_ordered("ix_certificate_group", any_case(text("business_group"))),
        *_ordered("ix_certificate_created", "created_at"),
        Index("ix_certificate_domain", "domain"),
        *_ordered("ix_certificate_issuer", any_case(text("issuer_name"))),
        Index("ix_certificate_serial", "serial_number"),
        Index("ux_certificate_fingerprint", "fingerprint_sha256", unique=True),
        Index("ix_certificate_spki", "spki_sha256"),
        # Only who may have issued something is looked up by name; leaves would write a page each.
        Index(
            "ix_certificate_subject", "subject_id", sqlite_where=text("is_ca = 1"), postgresql_where=text("is_ca = 1")
        ),
        Index(
            "ix_certificate_renews",
            "renews_id",
            sqlite_where=text("renews_id IS NOT NULL"),
            postgresql_where=text("renews_id IS NOT NULL"),
        ),
        Index(
            "ix_certificate_revoked",
            "revoked_at",
            sqlite_where=text("revoked_at IS NOT NULL"),
            postgresql_where=text("revoked_at IS NOT NULL"),
        ),
        # Every import asks which saved CSRs wait for its keys.
        Index(
            "ix_certificate_state",
            *("state", "has_csr", "spki_sha256"),
            sqlite_where=text("state <> ''"),
            postgresql_where=text("state <> ''"),
        ),
    )


class CertificateDerTable(SQLModel, table=True):
    """The X.509 itself, apart from what lists read."""

    __tablename__ = "certificate_der"

    certificate_id: int = Field(
        sa_column=Column(
            INTEGER, ForeignKey("certificate.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
        )
    )
    der: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class ChainCertificateTable(SQLModel, table=True):
    """An intermediate or root that came along with certificates; stored once, however many came with it."""

    __tablename__ = "chain_certificate"

    id: int = Field(sa_column=_id())
    not_before: int = Field(sa_column=_epoch())
    not_after: int = Field(sa_column=_epoch())
    is_ca: int = Field(default=0, sa_column=_count())
    self_issued: int = Field(default=0, sa_column=_count())
    fingerprint_sha256: str = Field(sa_column=_text())
    fingerprint_sha1: str = Field(sa_column=_text())
    spki_sha256: str = Field(sa_column=_text())
    subject_id: str = Field(sa_column=_text())
    issuer_id: str = Field(sa_column=_text())
    subject_key_id: str = Field(sa_column=_text())
    authority_key_id: str = Field(sa_column=_text())
    common_name: str = Field(sa_column=_text())
    issuer_name: str = Field(sa_column=_text())
    serial_number: str = Field(sa_column=_text())
    key_algorithm: str = Field(sa_column=_text())
    signature_digest: str = Field(sa_column=_text())
    subject: str = Field(sa_column=_text())
    issuer: str = Field(sa_column=_text())
    sans: str = Field(sa_column=_text())
    der: bytes = Field(sa_column=Column(LargeBinary, nullable=False))

    __table_args__ = (
        Index("ux_chain_certificate_fingerprint", "fingerprint_sha256", unique=True),
        Index("ix_chain_certificate_subject", "subject_id"),
    )


class ChainLinkTable(SQLModel, table=True):
    """Which chain certificates belong to an entry; position 0 stands next to the leaf."""

    __tablename__ = "chain_link"

    certificate_id: int = Field(
        sa_column=Column(
            INTEGER, ForeignKey("certificate.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
        )
    )
    position: int = Field(sa_column=Column(INTEGER, primary_key=True, autoincrement=False))
    chain_certificate_id: int = Field(
        sa_column=Column(INTEGER, ForeignKey("chain_certificate.id", ondelete="RESTRICT"), nullable=False)
    )

    __table_args__ = (Index("ix_chain_link_chain_certificate", "chain_certificate_id"),)


class CsrTable(SQLModel, table=True):
    """The PKCS#10 request an entry came from; kept when the certificate arrives."""

    __tablename__ = "csr"

    certificate_id: int = Field(
        sa_column=Column(
            INTEGER, ForeignKey("certificate.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
        )
    )
    created_at: int = Field(sa_column=_epoch())
    der: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class WrappingKeyTable(SQLModel, table=True):
    """A store key by name, never the key itself in clear: how to tell it (`fingerprint`) and how it is protected.

    With protection `passphrase`, `sealed` is the store key sealed under Argon2id(passphrase, `salt`, costs).
    """

    __tablename__ = "wrapping_key"

    id: str = Field(sa_column=Column(TEXT, primary_key=True))
    created_at: int = Field(sa_column=_epoch())
    protection: str = Field(sa_column=_text())
    fingerprint: str = Field(sa_column=_text())
    memory_kib: int = Field(default=0, sa_column=_count())
    iterations: int = Field(default=0, sa_column=_count())
    lanes: int = Field(default=0, sa_column=_count())
    salt: bytes = Field(default=b"", sa_column=Column(LargeBinary, nullable=False))
    sealed: bytes = Field(default=b"", sa_column=Column(LargeBinary, nullable=False))


class SealedKeyTable(SQLModel, table=True):
    """A private key, sealed: its data key wrapped by a store key, its PKCS#8 under the data key (`sealing`)."""

    __tablename__ = "sealed_key"

    id: int = Field(sa_column=_id())
    certificate_id: int = Field(
        sa_column=Column(INTEGER, ForeignKey("certificate.id", ondelete="CASCADE"), nullable=False)
    )
    key_uid: str = Field(sa_column=_text())
    wrapping_key_id: str = Field(sa_column=Column(TEXT, ForeignKey("wrapping_key.id"), nullable=False))
    spki_sha256: str = Field(sa_column=_text())
    key_algorithm: str = Field(sa_column=_text())
    created_at: int = Field(sa_column=_epoch())
    wrapped_data_key: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    payload: bytes = Field(sa_column=Column(LargeBinary, nullable=False))

    __table_args__ = (
        Index("ux_sealed_key_certificate", "certificate_id", unique=True),
        Index("ux_sealed_key_uid", "key_uid", unique=True),
    )


class ResourceTable(SQLModel, table=True):
    """A thing that uses certificates; names are unique by `name_key`."""

    __tablename__ = "resource"

    id: int = Field(sa_column=_id())
    version: int = Field(default=1, sa_column=_count("1"))
    created_at: int = Field(sa_column=_epoch())
    updated_at: int = Field(sa_column=_epoch())
    name: str = Field(sa_column=_text())
    name_key: str = Field(sa_column=_text())
    type: str = Field(sa_column=_text())
    endpoint: str = Field(default="", sa_column=_text())
    notes: str = Field(default="", sa_column=_text())

    __table_args__ = (Index("ux_resource_name", "name_key", unique=True),)


class AssociationTable(SQLModel, table=True):
    """A certificate in use on a resource, as `server` certificate or as `client-ca`."""

    __tablename__ = "association"

    certificate_id: int = Field(
        sa_column=Column(
            INTEGER, ForeignKey("certificate.id", ondelete="RESTRICT"), primary_key=True, autoincrement=False
        )
    )
    resource_id: int = Field(
        sa_column=Column(INTEGER, ForeignKey("resource.id", ondelete="RESTRICT"), primary_key=True, autoincrement=False)
    )
    role: str = Field(sa_column=Column(TEXT, primary_key=True))
    created_at: int = Field(sa_column=_epoch())

    __table_args__ = (Index("ix_association_resource", "resource_id"),)


class AuditEventTable(SQLModel, table=True):
    """One record of the hash chain; `actor` and `detail` are canonical JSON, a bulk act's ids stand in `detail.ids`."""

    __tablename__ = "audit_event"

    seq: int = Field(sa_column=_id())
    at: int = Field(sa_column=_epoch())
    event: str = Field(sa_column=_text())
    actor: str = Field(sa_column=_text())
    object_kind: str = Field(default="", sa_column=_text())
    object_id: int | None = Field(default=None, sa_column=Column(INTEGER, nullable=True))
    object_name: str = Field(default="", sa_column=_text())
    prev_hash: str = Field(sa_column=_text())
    hash: str = Field(sa_column=_text())
    detail: str = Field(default="{}", sa_column=_text())

    __table_args__ = (Index("ix_audit_event_object", "object_kind", "object_id"),)


class AuditHeadTable(SQLModel, table=True):
    """The newest record; one row, locked last in every transaction, so that `seq` has no gaps in commit order."""

    __tablename__ = "audit_head"

    id: int = Field(sa_column=_id())
    seq: int = Field(sa_column=_count())
    hash: str = Field(sa_column=_text())


class StoreMetaTable(SQLModel, table=True):
    """The store itself; one row."""

    __tablename__ = "store_meta"

    id: int = Field(sa_column=_id())
    store_uid: str = Field(sa_column=_text())
    created_at: int = Field(sa_column=_epoch())
    expiring_days: int = Field(sa_column=_count("90"))
    short_lifetime_days: int = Field(sa_column=_count("100"))
    search_version: int = Field(sa_column=_count("1"))
    protection: str = Field(sa_column=_text())
    wrapping_key_id: str = Field(sa_column=Column(TEXT, ForeignKey("wrapping_key.id"), nullable=False))


class CounterTable(SQLModel, table=True):
    """The last id given out per table; taken under the write lock."""

    __tablename__ = "counter"

    name: str = Field(sa_column=Column(TEXT, primary_key=True))
    value: int = Field(sa_column=Column(BigInteger, nullable=False))


class TokenTable(SQLModel, table=True):
    """A token that stands for a person or service; of the token itself only SHA-256, see `tokens`.

    `groups` and `domains` are JSON arrays, NULL for no limit.
    """

    __tablename__ = "token"

    id: int = Field(sa_column=_id())
    created_at: int = Field(sa_column=_epoch())
    expires_at: int | None = Field(default=None, sa_column=_epoch(nullable=True))
    last_used_at: int | None = Field(default=None, sa_column=_epoch(nullable=True))
    revoked_at: int | None = Field(default=None, sa_column=_epoch(nullable=True))
    hash: str = Field(sa_column=_text())
    prefix: str = Field(sa_column=_text())
    actor: str = Field(sa_column=_text())
    role: str = Field(sa_column=_text())
    export_keys: int = Field(default=0, sa_column=_count())
    groups: str | None = Field(default=None, sa_column=_text(nullable=True))
    domains: str | None = Field(default=None, sa_column=_text(nullable=True))
    note: str = Field(default="", sa_column=_text())

    __table_args__ = (Index("ux_token_hash", "hash", unique=True),)


class CertificateMappingTable(SQLModel, table=True):
    """A name in a client certificate that stands for a person or service; unique by `match_key`."""

    __tablename__ = "certificate_mapping"

    id: int = Field(sa_column=_id())
    created_at: int = Field(sa_column=_epoch())
    match: str = Field(sa_column=_text())
    match_key: str = Field(sa_column=_text())
    actor: str = Field(sa_column=_text())
    role: str = Field(sa_column=_text())
    export_keys: int = Field(default=0, sa_column=_count())
    groups: str | None = Field(default=None, sa_column=_text(nullable=True))
    domains: str | None = Field(default=None, sa_column=_text(nullable=True))

    __table_args__ = (Index("ux_certificate_mapping_key", "match_key", unique=True),)


class OnceTable(SQLModel, table=True):
    """A change that came with an idempotency key; written in its transaction. `body` is the answer, NULL while unknown."""

    __tablename__ = "once"

    owner: str = Field(sa_column=Column(TEXT, primary_key=True, server_default=""))
    request_key: str = Field(sa_column=Column(TEXT, primary_key=True, server_default=""))
    created_at: int = Field(sa_column=_epoch())
    digest: str = Field(sa_column=_text())
    object_ids: str = Field(default="", sa_column=_text())
    etag: str = Field(default="", sa_column=_text())
    body: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))

    __table_args__ = (Index("ix_once_created", "created_at"),)

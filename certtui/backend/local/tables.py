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
from certtui.backend.local.table_columns import count_column, epoch_column, few, identity, ordered, text_column
from certtui.backend.local.weak import WEAK_DIGEST, WEAK_KEY


class CertificateTable(SQLModel, table=True):
    """One entry of the inventory; times, `fingerprint_sha256` are NULL while there is no X.509."""

    __tablename__ = "certificate"

    id: int = Field(sa_column=identity())
    version: int = Field(default=1, sa_column=count_column("1"))
    state: str = Field(default="", sa_column=text_column())
    not_before: int | None = Field(default=None, sa_column=epoch_column(nullable=True))
    not_after: int | None = Field(default=None, sa_column=epoch_column(nullable=True))
    expiring_from: int | None = Field(default=None, sa_column=epoch_column(nullable=True))
    revoked_at: int | None = Field(default=None, sa_column=epoch_column(nullable=True))
    is_ca: int = Field(default=0, sa_column=count_column())
    self_issued: int = Field(default=0, sa_column=count_column())
    has_private_key: int = Field(default=0, sa_column=count_column())
    has_csr: int = Field(default=0, sa_column=count_column())
    resource_count: int = Field(default=0, sa_column=count_column())
    san_count: int = Field(default=0, sa_column=count_column())
    renews_id: int | None = Field(
        default=None, sa_column=Column(INTEGER, ForeignKey("certificate.id", ondelete="SET NULL"), nullable=True)
    )
    created_at: int = Field(sa_column=epoch_column())
    updated_at: int = Field(sa_column=epoch_column())
    name: str = Field(default="", sa_column=text_column())
    name_key: str = Field(default="", sa_column=text_column())
    common_name: str = Field(default="", sa_column=text_column())
    issuer_name: str = Field(default="", sa_column=text_column())
    business_group: str = Field(default="", sa_column=text_column())
    source: str = Field(default="", sa_column=text_column())
    provider: str = Field(default="", sa_column=text_column())
    key_algorithm: str = Field(default="", sa_column=text_column())
    signature_digest: str = Field(default="", sa_column=text_column())
    contact_email: str = Field(default="", sa_column=text_column())
    serial_number: str = Field(default="", sa_column=text_column())
    fingerprint_sha256: str | None = Field(default=None, sa_column=text_column(nullable=True))
    fingerprint_sha1: str = Field(default="", sa_column=text_column())
    spki_sha256: str = Field(default="", sa_column=text_column())
    subject_id: str = Field(default="", sa_column=text_column())
    issuer_id: str = Field(default="", sa_column=text_column())
    subject_key_id: str = Field(default="", sa_column=text_column())
    authority_key_id: str = Field(default="", sa_column=text_column())
    subject: str = Field(default="", sa_column=text_column())
    issuer: str = Field(default="", sa_column=text_column())
    description: str = Field(default="", sa_column=text_column())
    sans: str = Field(default="", sa_column=text_column())
    search_text: str = Field(default="", sa_column=text_column())
    domain: str = Field(default="", sa_column=text_column())
    """What all names lie at or below, as `certtui.model.domains` writes it: `com.example.`; for scopes by domain."""
    authority_id: int | None = Field(default=None, sa_column=Column(INTEGER, nullable=True))
    """The CA profile that issued it, or that its order goes to; it may be gone."""
    auto_renew_days: int | None = Field(default=None, sa_column=Column(INTEGER, nullable=True))
    repository_id: int | None = Field(default=None, sa_column=Column(INTEGER, nullable=True))
    """Where it is filed; a repository is deleted only when nothing is filed there."""
    created_by: str = Field(default="", sa_column=text_column())
    """The actor who brought it here: the owner on its access list; "" where it came before that was kept."""
    keep_key: int = Field(default=0, sa_column=count_column())
    """Its renewals have its private key again, where one may."""

    __table_args__ = (
        *ordered("ix_certificate_name", "name_key"),
        # Every fact that a status is made of, so that statuses are counted and sorted without reading a row.
        Index("ix_certificate_not_after", "not_after", "not_before", "expiring_from", "revoked_at"),
        Index("ix_certificate_not_before", "not_before"),
        # Lists sort and filter text whatever its case.
        *ordered("ix_certificate_group", any_case(text("business_group"))),
        *ordered("ix_certificate_created", "created_at"),
        Index("ix_certificate_domain", "domain"),
        *ordered("ix_certificate_issuer", any_case(text("issuer_name"))),
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
        # What alerts look for and nearly no entry is; `alerts_conditions` asks in the same words.
        few("ix_certificate_weak_key", "not_after", WEAK_KEY.format("")),
        few("ix_certificate_weak_digest", "not_after", WEAK_DIGEST.format("")),
        few("ix_certificate_auto_renew", "not_after", "auto_renew_days > 0"),
        few("ix_certificate_used", "not_after", "resource_count > 0"),
        few("ix_certificate_repository", "repository_id", "repository_id IS NOT NULL"),
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

    id: int = Field(sa_column=identity())
    not_before: int = Field(sa_column=epoch_column())
    not_after: int = Field(sa_column=epoch_column())
    is_ca: int = Field(default=0, sa_column=count_column())
    self_issued: int = Field(default=0, sa_column=count_column())
    fingerprint_sha256: str = Field(sa_column=text_column())
    fingerprint_sha1: str = Field(sa_column=text_column())
    spki_sha256: str = Field(sa_column=text_column())
    subject_id: str = Field(sa_column=text_column())
    issuer_id: str = Field(sa_column=text_column())
    subject_key_id: str = Field(sa_column=text_column())
    authority_key_id: str = Field(sa_column=text_column())
    common_name: str = Field(sa_column=text_column())
    issuer_name: str = Field(sa_column=text_column())
    serial_number: str = Field(sa_column=text_column())
    key_algorithm: str = Field(sa_column=text_column())
    signature_digest: str = Field(sa_column=text_column())
    subject: str = Field(sa_column=text_column())
    issuer: str = Field(sa_column=text_column())
    sans: str = Field(sa_column=text_column())
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
    created_at: int = Field(sa_column=epoch_column())
    der: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class WrappingKeyTable(SQLModel, table=True):
    """A store key by name, never the key itself in clear: how to tell it (`fingerprint`) and how it is protected.

    With protection `passphrase`, `sealed` is the store key sealed under Argon2id(passphrase, `salt`, costs).
    """

    __tablename__ = "wrapping_key"

    id: str = Field(sa_column=Column(TEXT, primary_key=True))
    created_at: int = Field(sa_column=epoch_column())
    protection: str = Field(sa_column=text_column())
    fingerprint: str = Field(sa_column=text_column())
    memory_kib: int = Field(default=0, sa_column=count_column())
    iterations: int = Field(default=0, sa_column=count_column())
    lanes: int = Field(default=0, sa_column=count_column())
    salt: bytes = Field(default=b"", sa_column=Column(LargeBinary, nullable=False))
    sealed: bytes = Field(default=b"", sa_column=Column(LargeBinary, nullable=False))


class SealedKeyTable(SQLModel, table=True):
    """A private key, sealed: its data key wrapped by a store key, its PKCS#8 under the data key (`sealing`)."""

    __tablename__ = "sealed_key"

    id: int = Field(sa_column=identity())
    certificate_id: int = Field(
        sa_column=Column(INTEGER, ForeignKey("certificate.id", ondelete="CASCADE"), nullable=False)
    )
    key_uid: str = Field(sa_column=text_column())
    wrapping_key_id: str = Field(sa_column=Column(TEXT, ForeignKey("wrapping_key.id"), nullable=False))
    spki_sha256: str = Field(sa_column=text_column())
    key_algorithm: str = Field(sa_column=text_column())
    created_at: int = Field(sa_column=epoch_column())
    wrapped_data_key: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    payload: bytes = Field(sa_column=Column(LargeBinary, nullable=False))

    __table_args__ = (
        Index("ux_sealed_key_certificate", "certificate_id", unique=True),
        Index("ux_sealed_key_uid", "key_uid", unique=True),
    )


class ResourceTable(SQLModel, table=True):
    """A thing that uses certificates; names are unique by `name_key`."""

    __tablename__ = "resource"

    id: int = Field(sa_column=identity())
    version: int = Field(default=1, sa_column=count_column("1"))
    created_at: int = Field(sa_column=epoch_column())
    updated_at: int = Field(sa_column=epoch_column())
    name: str = Field(sa_column=text_column())
    name_key: str = Field(sa_column=text_column())
    type: str = Field(sa_column=text_column())
    endpoint: str = Field(default="", sa_column=text_column())
    notes: str = Field(default="", sa_column=text_column())

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
    created_at: int = Field(sa_column=epoch_column())

    __table_args__ = (Index("ix_association_resource", "resource_id"),)


class AuditEventTable(SQLModel, table=True):
    """One record of the hash chain; `actor` and `detail` are canonical JSON, a bulk act's ids stand in `detail.ids`."""

    __tablename__ = "audit_event"

    seq: int = Field(sa_column=identity())
    at: int = Field(sa_column=epoch_column())
    event: str = Field(sa_column=text_column())
    actor: str = Field(sa_column=text_column())
    object_kind: str = Field(default="", sa_column=text_column())
    object_id: int | None = Field(default=None, sa_column=Column(INTEGER, nullable=True))
    object_name: str = Field(default="", sa_column=text_column())
    prev_hash: str = Field(sa_column=text_column())
    hash: str = Field(sa_column=text_column())
    detail: str = Field(default="{}", sa_column=text_column())

    __table_args__ = (Index("ix_audit_event_object", "object_kind", "object_id"),)


class AuditHeadTable(SQLModel, table=True):
    """The newest record; one row, locked last in every transaction, so that `seq` has no gaps in commit order."""

    __tablename__ = "audit_head"

    id: int = Field(sa_column=identity())
    seq: int = Field(sa_column=count_column())
    hash: str = Field(sa_column=text_column())


class StoreMetaTable(SQLModel, table=True):
    """The store itself; one row."""

    __tablename__ = "store_meta"

    id: int = Field(sa_column=identity())
    store_uid: str = Field(sa_column=text_column())
    created_at: int = Field(sa_column=epoch_column())
    expiring_days: int = Field(sa_column=count_column("90"))
    short_lifetime_days: int = Field(sa_column=count_column("100"))
    search_version: int = Field(sa_column=count_column("1"))
    protection: str = Field(sa_column=text_column())
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

    id: int = Field(sa_column=identity())
    created_at: int = Field(sa_column=epoch_column())
    expires_at: int | None = Field(default=None, sa_column=epoch_column(nullable=True))
    last_used_at: int | None = Field(default=None, sa_column=epoch_column(nullable=True))
    revoked_at: int | None = Field(default=None, sa_column=epoch_column(nullable=True))
    hash: str = Field(sa_column=text_column())
    prefix: str = Field(sa_column=text_column())
    actor: str = Field(sa_column=text_column())
    role: str = Field(sa_column=text_column())
    export_keys: int = Field(default=0, sa_column=count_column())
    groups: str | None = Field(default=None, sa_column=text_column(nullable=True))
    domains: str | None = Field(default=None, sa_column=text_column(nullable=True))
    note: str = Field(default="", sa_column=text_column())

    __table_args__ = (Index("ux_token_hash", "hash", unique=True),)


class CertificateMappingTable(SQLModel, table=True):
    """A name in a client certificate that stands for a person or service; unique by `match_key`."""

    __tablename__ = "certificate_mapping"

    id: int = Field(sa_column=identity())
    created_at: int = Field(sa_column=epoch_column())
    match: str = Field(sa_column=text_column())
    match_key: str = Field(sa_column=text_column())
    actor: str = Field(sa_column=text_column())
    role: str = Field(sa_column=text_column())
    export_keys: int = Field(default=0, sa_column=count_column())
    groups: str | None = Field(default=None, sa_column=text_column(nullable=True))
    domains: str | None = Field(default=None, sa_column=text_column(nullable=True))

    __table_args__ = (Index("ux_certificate_mapping_key", "match_key", unique=True),)


class OnceTable(SQLModel, table=True):
    """A change that came with an idempotency key; written in its transaction. `body` is the answer, NULL while unknown."""

    __tablename__ = "once"

    owner: str = Field(sa_column=Column(TEXT, primary_key=True, server_default=""))
    request_key: str = Field(sa_column=Column(TEXT, primary_key=True, server_default=""))
    created_at: int = Field(sa_column=epoch_column())
    digest: str = Field(sa_column=text_column())
    object_ids: str = Field(default="", sa_column=text_column())
    etag: str = Field(default="", sa_column=text_column())
    body: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))

    __table_args__ = (Index("ix_once_created", "created_at"),)

"""One entry with everything that its page shows, read on the bare driver in one snapshot."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import datetime

from certtui.backend.local.acl_sql import restrictions
from certtui.backend.local.certificate_values import instant, split
from certtui.backend.local.containers_rows import consumers_of_entry, containers_of_entry
from certtui.backend.local.page_life import life_of
from certtui.backend.local.status_reason import status_reason
from certtui.clock import Clock, from_epoch
from certtui.errors import NotFound
from certtui.model.certificate import Certificate, CertificateRow, LineageEntry, ResourceRef
from certtui.model.revocation import AuthorityKnows, Revocation, RevocationReason
from certtui.model.status import ExpiringRule, days_remaining, status_of
from certtui.model.x509 import X509Facts

_LONGEST_LINEAGE = 100


def certificate_page(connection: sqlite3.Connection, clock: Clock, certificate_id: int) -> Certificate:
    """Everything of one entry. Raises `NotFound`."""
    connection.execute("BEGIN")
    try:
        return _read(connection, clock.now(), certificate_id)
    finally:
        connection.execute("ROLLBACK")


def row_of(
    row: sqlite3.Row,
    now: datetime,
    *,
    repository: str = "",
    repository_id: int | None = None,
    authority: str = "",
) -> CertificateRow:
    """The list facts of one row of `certificate`; where it is filed and who renews it are for who asked the tables of these."""
    not_after = instant(row["not_after"])
    return CertificateRow(
        id=row["id"],
        version=row["version"],
        name=row["name"],
        common_name=row["common_name"],
        san_count=row["san_count"],
        status=status_of(
            now=now,
            state=row["state"],
            revoked_at=instant(row["revoked_at"]),
            not_before=instant(row["not_before"]),
            not_after=not_after,
            expiring_at=instant(row["expiring_from"]),
        ),
        not_before=instant(row["not_before"]),
        not_after=not_after,
        days_remaining=None if not_after is None else days_remaining(not_after, now),
        resource_count=row["resource_count"],
        business_group=row["business_group"],
        issuer=row["issuer_name"],
        provider=row["provider"],
        source=row["source"],
        key_algorithm=row["key_algorithm"],
        has_private_key=bool(row["has_private_key"]),
        contact_email=row["contact_email"],
        created_at=from_epoch(row["created_at"]),
        repository=repository,
        repository_id=repository_id,
        authority=authority,
        auto_renew_days=row["auto_renew_days"] or None,
    )


def facts_of(row: sqlite3.Row, der: bytes) -> X509Facts:
    """The X.509 facts of one row of `certificate` or `chain_certificate`."""
    return X509Facts(
        der=der,
        fingerprint_sha256=row["fingerprint_sha256"],
        fingerprint_sha1=row["fingerprint_sha1"],
        spki_sha256=row["spki_sha256"],
        subject=row["subject"],
        issuer=row["issuer"],
        subject_id=row["subject_id"],
        issuer_id=row["issuer_id"],
        common_name=row["common_name"],
        issuer_name=row["issuer_name"],
        sans=split(row["sans"]),
        serial_number=row["serial_number"],
        key_algorithm=row["key_algorithm"],
        signature_digest=row["signature_digest"],
        not_before=from_epoch(row["not_before"]),
        not_after=from_epoch(row["not_after"]),
        is_ca=bool(row["is_ca"]),
        self_issued=bool(row["self_issued"]),
        subject_key_id=row["subject_key_id"],
        authority_key_id=row["authority_key_id"],
    )


def entry_row(connection: sqlite3.Connection, certificate_id: int) -> sqlite3.Row:
    """All columns of one entry. Raises `NotFound`."""
    found = _rows(connection, "SELECT * FROM certificate WHERE id = ?", certificate_id)
    if not found:
        raise NotFound(f"There is no certificate {certificate_id} here (any more).", "Refresh the list.")
    return found[0]


def chain_of(connection: sqlite3.Connection, certificate_id: int) -> tuple[X509Facts, ...]:
    """The chain material of one entry, leaf side first."""
    rows = _rows(
        connection,
        "SELECT c.* FROM chain_link l JOIN chain_certificate c ON c.id = l.chain_certificate_id "
        "WHERE l.certificate_id = ? ORDER BY l.position",
        certificate_id,
    )
    return tuple(facts_of(row, row["der"]) for row in rows)


def leaf_of(connection: sqlite3.Connection, row: sqlite3.Row) -> X509Facts | None:
    """The X.509 of one entry, None while there is none."""
    der = connection.execute("SELECT der FROM certificate_der WHERE certificate_id = ?", (row["id"],)).fetchone()
    return facts_of(row, der[0]) if der else None


def entries_by_subject(
    connection: sqlite3.Connection, subject_id: str, limit: int
) -> Sequence[tuple[sqlite3.Row, X509Facts]]:
    """CA certificates of the inventory with this subject, newest first."""
    cursor = connection.cursor()
    cursor.row_factory = sqlite3.Row
    rows = cursor.execute(
        "SELECT c.*, d.der FROM certificate c JOIN certificate_der d ON d.certificate_id = c.id "
        "WHERE c.subject_id = ? AND c.is_ca = 1 ORDER BY c.not_after DESC, c.id LIMIT ?",
        (subject_id, limit),
    ).fetchall()
    return [(row, facts_of(row, row["der"])) for row in rows]


def chain_material_by_subject(connection: sqlite3.Connection, subject_id: str, limit: int) -> list[X509Facts]:
    """CA certificates that came along with any entry and have this subject, the longest lasting first."""
    cursor = connection.cursor()
    cursor.row_factory = sqlite3.Row
    rows = cursor.execute(
        "SELECT * FROM chain_certificate WHERE subject_id = ? AND is_ca = 1 ORDER BY not_after DESC, id LIMIT ?",
        (subject_id, limit),
    ).fetchall()
    return [facts_of(row, row["der"]) for row in rows]


def _read(connection: sqlite3.Connection, now: datetime, certificate_id: int) -> Certificate:
    row = entry_row(connection, certificate_id)
    rule = _rule(connection)
    csr = connection.execute("SELECT der FROM csr WHERE certificate_id = ?", (certificate_id,)).fetchone()
    repository_id, repository = filed_in(connection, row["repository_id"])
    authority = _authority(connection, row["authority_id"])
    listed = row_of(row, now, repository=repository, repository_id=repository_id, authority=authority)
    revocation = revocation_of(connection, row)
    consumers = consumers_of_entry(connection, certificate_id)
    return Certificate(
        row=listed,
        x509=leaf_of(connection, row),
        chain=chain_of(connection, certificate_id),
        csr_pem=csr_pem(csr[0]) if csr else "",
        sans=split(row["sans"]),
        subject=row["subject"],
        description=row["description"],
        spki_sha256=row["spki_sha256"],
        status_reason=status_reason(
            status=listed.status,
            now=now,
            not_before=listed.not_before,
            not_after=listed.not_after,
            revoked_at=instant(row["revoked_at"]),
            revocation=revocation,
            rule=rule,
            has_csr=bool(row["has_csr"]),
            order=_order_words(connection, certificate_id) if row["state"] else "",
        ),
        resources=_resources(connection, certificate_id),
        lineage=_lineage(connection, row, now),
        updated_at=from_epoch(row["updated_at"]),
        expiring_at=instant(row["expiring_from"]),
        authority=authority,
        authority_id=row["authority_id"],
        order_id=_order(connection, certificate_id),
        auto_renew_days=row["auto_renew_days"],
        keep_key=bool(row["keep_key"]),
        revocation=revocation,
        containers=containers_of_entry(connection, certificate_id),
        consumers=consumers,
        restrictions=restrictions(connection, certificate_id, row["repository_id"]),
        life=life_of(connection, row, consumers),
    )


def revocation_of(connection: sqlite3.Connection, row: sqlite3.Row) -> Revocation | None:
    """How the revocation of an entry stands, None for one that is not revoked."""
    at = instant(row["revoked_at"])
    if at is None:
        return None
    found = _rows(connection, "SELECT * FROM revocation WHERE certificate_id = ?", row["id"])
    if not found:
        return None
    said = found[0]
    answer = said["answer"]
    if said["authority_knows"] == AuthorityKnows.HERE.value and answer and not _crl_late(connection, row):
        answer = ""
    return Revocation(
        revoked_at=at,
        reason=RevocationReason(said["reason"]),
        invalidity_date=instant(said["invalidity_at"]),
        by=said["revoked_by"],
        authority=AuthorityKnows(said["authority_knows"]),
        answer=answer,
        attempts=said["attempts"],
        tries_at=instant(said["due_at"]),
        renew=bool(said["renew"]),
    )


def _crl_late(connection: sqlite3.Connection, row: sqlite3.Row) -> bool:
    """Whether the CRL that a revocation asked for is still to be made, or could not be published."""
    late = (
        "SELECT 1 FROM issued JOIN ca ON ca.id = issued.ca_id WHERE issued.certificate_id = ? "
        "AND (ca.crl_due_at <= ? OR ca.publish_error <> '')"
    )
    return connection.execute(late, (row["id"], row["revoked_at"])).fetchone() is not None


def csr_pem(der: bytes) -> str:
    """PEM of a PKCS#10 request (RFC 7468, 7)."""
    from base64 import b64encode

    text = b64encode(der).decode("ascii")
    lines = [text[start : start + 64] for start in range(0, len(text), 64)]
    return "\n".join(["-----BEGIN CERTIFICATE REQUEST-----", *lines, "-----END CERTIFICATE REQUEST-----", ""])


def filed_in(connection: sqlite3.Connection, repository_id: int | None) -> tuple[int | None, str]:
    """Id and name of a repository, nothing for none that may be seen."""
    if repository_id is None:
        return None, ""
    found = connection.execute("SELECT id, name FROM repository WHERE id = ?", (repository_id,)).fetchone()
    return (None, "") if found is None else (found[0], found[1])


def _authority(connection: sqlite3.Connection, authority_id: int | None) -> str:
    """The name of a profile, "" for none and for one that is gone."""
    if authority_id is None:
        return ""
    found = connection.execute("SELECT name FROM authority WHERE id = ?", (authority_id,)).fetchone()
    return str(found[0]) if found else ""


def _order(connection: sqlite3.Connection, certificate_id: int) -> int | None:
    """The newest order of an entry."""
    newest = "SELECT id FROM certificate_order WHERE certificate_id = ? ORDER BY id DESC LIMIT 1"
    found = connection.execute(newest, (certificate_id,)).fetchone()
    return int(found[0]) if found else None


def _order_words(connection: sqlite3.Connection, certificate_id: int) -> str:
    """How the newest order of an entry without a certificate stands, "" for a saved CSR."""
    newest = "SELECT id, status, authority_name, error FROM certificate_order WHERE certificate_id = ? ORDER BY id DESC"
    found = connection.execute(f"{newest} LIMIT 1", (certificate_id,)).fetchone()
    if found is None:
        return ""
    number, status, authority, error = found
    to = f" to {authority}" if authority else ""
    match status:
        case "draft":
            return f"Order {number}{to} is a draft: no CSR was made yet."
        case "pending":
            return f"Order {number}{to} is pending: its CSR is made, its certificate is not here yet."
        case "processing":
            return f"Order {number}{to} is being worked on."
        case "failed":
            return f"Order {number}{to} failed: {error}"
    return ""


def _rule(connection: sqlite3.Connection) -> ExpiringRule:
    row = connection.execute("SELECT expiring_days, short_lifetime_days FROM store_meta").fetchone()
    return ExpiringRule(*row) if row else ExpiringRule()


def _resources(connection: sqlite3.Connection, certificate_id: int) -> tuple[ResourceRef, ...]:
    rows = connection.execute(
        "SELECT r.id, r.name, r.type, r.endpoint, a.role FROM association a JOIN resource r ON r.id = a.resource_id "
        "WHERE a.certificate_id = ? ORDER BY r.name_key, r.id, a.role",
        (certificate_id,),
    )
    return tuple(ResourceRef(*row) for row in rows)


def _lineage(connection: sqlite3.Connection, row: sqlite3.Row, now: datetime) -> tuple[LineageEntry, ...]:
    """Every member, older ones up the line of `renews_id`, newer ones down all its branches; a loop ends by the seen set."""
    seen = {row["id"]}
    older: list[sqlite3.Row] = []
    above = row["renews_id"]
    while above is not None and above not in seen and len(older) < _LONGEST_LINEAGE:
        found = _rows(connection, "SELECT * FROM certificate WHERE id = ?", above)
        if not found:
            break
        seen.add(above)
        older.append(found[0])
        above = found[0]["renews_id"]
    newer: list[sqlite3.Row] = []
    frontier = [row["id"]]
    while frontier and len(newer) < _LONGEST_LINEAGE:
        below = _rows(connection, "SELECT * FROM certificate WHERE renews_id = ? ORDER BY id", frontier.pop(0))
        fresh = [one for one in below if one["id"] not in seen]
        seen.update(one["id"] for one in fresh)
        newer += fresh
        frontier += [one["id"] for one in fresh]
    if not older and not newer:
        return ()
    return (
        *(_member(one, "renewed", now) for one in reversed(older)),
        _member(row, "this", now),
        *(_member(one, "renewal", now) for one in newer),
    )


def _member(row: sqlite3.Row, relation: str, now: datetime) -> LineageEntry:
    listed = row_of(row, now)
    return LineageEntry(listed.id, listed.name, relation, listed.status, listed.not_before, listed.not_after)


def _rows(connection: sqlite3.Connection, sql: str, value: int) -> Sequence[sqlite3.Row]:
    cursor = connection.cursor()
    cursor.row_factory = sqlite3.Row
    return cursor.execute(sql, (value,)).fetchall()

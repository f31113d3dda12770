"""Entries in bulk for scripts: the row, the facts a row leaves out, and the resources, in two statements a batch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from certtui.backend.local.certificate_values import split
from certtui.backend.local.read.certificates import COLUMNS, certificate_row
from certtui.model.certificate import CertificateRecord, ResourceRef

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence
    from datetime import datetime
    from typing import Any

    from certtui.backend.local.readers import Readers

_BATCH = 500
_MORE = "subject, issuer, sans, serial_number, signature_digest, fingerprint_sha256, description"


def records(readers: Readers, ids: Sequence[int], as_of: datetime) -> tuple[CertificateRecord, ...]:
    """Entries in the order asked, those that are gone left out; status and days as of an instant."""
    found: dict[int, CertificateRecord] = {}
    with readers.use() as connection:
        connection.execute("BEGIN")
        for start in range(0, len(ids), _BATCH):
            found |= _batch(connection, ids[start : start + _BATCH], as_of)
    return tuple(found[row_id] for row_id in ids if row_id in found)


def _batch(connection: sqlite3.Connection, ids: Sequence[int], as_of: datetime) -> dict[int, CertificateRecord]:
    marks = ", ".join("?" * len(ids))
    used: dict[int, list[ResourceRef]] = {}
    associations = connection.execute(
        "SELECT a.certificate_id, r.id, r.name, r.type, r.endpoint, a.role "  # noqa: S608 (marks only)
        "FROM association a JOIN resource r ON r.id = a.resource_id "
        f"WHERE a.certificate_id IN ({marks}) ORDER BY r.name_key, a.role",
        tuple(ids),
    )
    for certificate_id, *resource in associations:
        used.setdefault(certificate_id, []).append(ResourceRef(*resource))
    rows = connection.execute(
        f"SELECT {_MORE}, {COLUMNS} FROM certificate WHERE id IN ({marks})",  # noqa: S608 (marks and names of columns)
        tuple(ids),
    )
    return {row[7]: _record(row, used.get(row[7], []), as_of) for row in rows}


# Any: a row of the driver, its columns as _MORE and COLUMNS name them
def _record(row: Sequence[Any], resources: list[ResourceRef], as_of: datetime) -> CertificateRecord:
    subject, issuer, sans, serial, digest, fingerprint, description = row[:7]
    return CertificateRecord(
        row=certificate_row(row[7:], as_of),
        subject=subject,
        issuer=issuer,
        sans=split(sans),
        serial_number=serial,
        signature_digest=digest,
        fingerprint_sha256=fingerprint or "",
        description=description,
        resources=tuple(resources),
    )

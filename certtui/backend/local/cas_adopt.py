"""What a CA had issued and revoked before it came here, as far as that is known: put on its record for OCSP and CRLs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from certtui.backend.local.chain_material import chunks
from certtui.backend.local.open_store import Change, OpenStore
from certtui.clock import epoch
from certtui.model.x509 import X509Facts

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from certtui.model.crl import CrlEntry

_STEP = 500
_COLUMNS = ("certificate_id", "serial", "issued_at", "not_after", "revoked_at", "common_name")

Adopted = tuple[int, str, int, int, int | None, str]
"""In the order of _COLUMNS."""


def issued_before(store: OpenStore, ca: X509Facts) -> Sequence[Adopted]:
    """The entries that the CA really signed. Signatures are checked outside of any transaction, for there may be many."""
    from certtui.pki.facts import x509_facts
    from certtui.pki.signatures import signature_problem

    found: list[Adopted] = []
    last = 0
    while True:
        with store.readers.use() as connection:
            rows = connection.execute(
                "SELECT c.id, c.serial_number, c.not_before, c.not_after, c.revoked_at, c.name, d.der "
                "FROM certificate c JOIN certificate_der d ON d.certificate_id = c.id "
                "WHERE c.id > ? AND c.issuer_id = ? AND c.self_issued = 0 ORDER BY c.id LIMIT ?",
                (last, ca.subject_id, _STEP),
            ).fetchall()
        if not rows:
            return found
        last = rows[-1][0]
        found += [(*row[:6],) for row in rows if not signature_problem(x509_facts(bytes(row[6])), ca)]


def adopt(change: Change, ca_id: int, issued: Sequence[Adopted]) -> int:
    """Put them on the CA's record, but for those that it has; how many."""
    from sqlmodel import col, select

    from certtui.backend.local.tables_issuing import IssuedTable

    there = set(change.session.exec(select(IssuedTable.serial).where(col(IssuedTable.ca_id) == ca_id)))
    fresh = {row[1]: row for row in issued if row[1] not in there}
    rows = [{"ca_id": ca_id, **dict(zip(_COLUMNS, row, strict=True))} for row in fresh.values()]
    change.insert_many(IssuedTable, rows)
    return len(rows)


def keep_listed(change: Change, ca_id: int, ca: X509Facts) -> None:
    """What the CRL that was accepted for the CA lists stays revoked in those it signs here, known to the inventory or not."""
    from sqlmodel import col, select

    from certtui.backend.local.tables_issuing import CrlTable, IssuedTable
    from certtui.pki.crl import crl_entries

    accepted = change.session.get(CrlTable, (ca_id, 0))
    if accepted is None:
        return
    listed = {entry.serial_number: entry for entry in crl_entries(bytes(accepted.der))}
    there = set()
    for chunk in chunks(listed):
        for row in change.session.exec(
            select(IssuedTable).where(col(IssuedTable.ca_id) == ca_id, col(IssuedTable.serial).in_(chunk))
        ):
            there.add(row.serial)
            entry = listed[row.serial]
            row.revoked_at = epoch(entry.revoked_at) if row.revoked_at is None else row.revoked_at
            row.reason = row.reason or _reason(entry)
            row.invalidity_at = row.invalidity_at or _epoch(entry.invalidity_date)
            change.session.add(row)
    change.session.flush()
    missing = [
        {
            "ca_id": ca_id,
            "serial": serial,
            "issued_at": min(epoch(entry.revoked_at), change.now),
            # When it ends is not known: it stays on the CRL for as long as the CA lives.
            "not_after": epoch(ca.not_after),
            "revoked_at": epoch(entry.revoked_at),
            "reason": _reason(entry),
            "invalidity_at": _epoch(entry.invalidity_date),
        }
        for serial, entry in listed.items()
        if serial not in there
    ]
    if missing:
        change.insert_many(IssuedTable, missing)


def _reason(entry: CrlEntry) -> str:
    return "unspecified" if entry.reason == "removeFromCRL" else entry.reason


def _epoch(at: datetime | None) -> int | None:
    return None if at is None else epoch(at)

"""What a CA had issued before it came here, as far as the inventory has it: put on its record, so that OCSP knows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from certtui.backend.local.open_store import Change, OpenStore
from certtui.model.x509 import X509Facts

if TYPE_CHECKING:
    from collections.abc import Sequence

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

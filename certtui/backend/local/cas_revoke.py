"""A revoked certificate of the built-in PKI: marked in what its CA issued, and told by CRL and OCSP at once."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from certtui.backend.local.open_store import Change, OpenStore
from certtui.backend.local.tables import CertificateTable
from certtui.clock import epoch
from certtui.errors import CerttuiError
from certtui.model.local_ca import CaState
from certtui.model.revocation import RevocationReason

if TYPE_CHECKING:
    from certtui.backend.local.tables_issuing import CaTable, IssuedTable


def mark_revoked(
    change: Change,
    certificate: CertificateTable,
    reason: RevocationReason,
    at: datetime,
    invalidity: datetime | None = None,
) -> int | None:
    """Mark it as revoked in what its CA issued; the CA's id, None where no CA of ours issued it. A second time changes nothing.

    The CA's CRL is due from that instant, so that a worker makes it where nobody else does.
    """
    issued = _issued(change, certificate)
    if issued is None:
        return None
    if issued.revoked_at is None:
        issued.revoked_at = epoch(at)
        issued.reason = reason.value
        issued.invalidity_at = None if invalidity is None else epoch(invalidity)
        change.session.add(issued)
        _make_due(change, issued.ca_id)
    return issued.ca_id


def crl_after_revocation(store: OpenStore, ca_id: int) -> str:
    """After the commit: a new CRL that says so, published. "" when done, else why the worker will have to do it; never raises."""
    from certtui.backend.local.cas_crl import issue_crl, publish_quietly

    try:
        issue_crl(store, ca_id)
        return publish_quietly(store, ca_id)
    except CerttuiError as error:
        return error.message


def _issued(change: Change, certificate: CertificateTable) -> IssuedTable | None:
    """What its CA has on record of it; an imported CA may have issued it before it came here."""
    from sqlmodel import col, select

    from certtui.backend.local.tables_issuing import IssuedTable

    change.session.flush()
    found = change.session.exec(select(IssuedTable).where(col(IssuedTable.certificate_id) == certificate.id)).first()
    if found is not None:
        return found
    ca = _ca_of(change, certificate)
    if ca is None or certificate.not_after is None:
        return None
    there = change.session.get(IssuedTable, (ca.id, certificate.serial_number))
    row = there or IssuedTable(
        ca_id=ca.id,
        serial=certificate.serial_number,
        issued_at=certificate.not_before or change.now,
        not_after=certificate.not_after,
        common_name=certificate.name,
    )
    row.certificate_id = certificate.id
    change.session.add(row)
    change.session.flush()
    return row


def _ca_of(change: Change, certificate: CertificateTable) -> CaTable | None:
    """The CA here, with its key, that really signed an entry."""
    from sqlmodel import col, select

    from certtui.backend.local.tables import CertificateDerTable
    from certtui.backend.local.tables_issuing import CaTable
    from certtui.pki.facts import x509_facts
    from certtui.pki.signatures import signature_problem

    if not certificate.fingerprint_sha256 or certificate.self_issued:
        return None
    named = change.session.exec(
        select(CaTable)
        .where(col(CaTable.subject_id) == certificate.issuer_id)
        .where(col(CaTable.state).in_([CaState.ACTIVE.value, CaState.RETIRED.value]))
        .order_by(col(CaTable.id))
    ).all()
    own = change.session.get(CertificateDerTable, certificate.id) if named else None
    if own is None:
        return None
    leaf = x509_facts(bytes(own.der))
    for ca in named:
        issuer = change.session.get(CertificateDerTable, ca.certificate_id)
        if issuer is not None and not signature_problem(leaf, x509_facts(bytes(issuer.der))):
            return ca
    return None


def _make_due(change: Change, ca_id: int) -> None:
    from sqlalchemy import update
    from sqlmodel import col

    from certtui.backend.local.tables_issuing import CaTable

    change.session.flush()
    change.session.execute(
        update(CaTable)
        .where(col(CaTable.id) == ca_id)
        .where(col(CaTable.state).in_([CaState.ACTIVE.value, CaState.RETIRED.value]))
        .values(crl_due_at=change.now, lease_until=None)
    )

"""The CRL of a CA whose key is not here: checked, kept, and taken for true of what the inventory holds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlmodel import col, select

from certtui.backend.local import events
from certtui.backend.local.cas_crl import publish_quietly
from certtui.backend.local.cas_rows import ca_row, gone
from certtui.backend.local.cas_signers import certificate_of
from certtui.backend.local.chain_material import chunks
from certtui.backend.local.entries import touch
from certtui.backend.local.open_store import Change, OpenStore
from certtui.clock import epoch
from certtui.errors import Conflict, Invalid
from certtui.model.local_ca import CaState, CrlInfo
from certtui.model.revocation import AuthorityKnows, RevocationReason

if TYPE_CHECKING:
    import sqlite3

    from certtui.backend.local.tables import CertificateTable
    from certtui.backend.local.tables_issuing import CaTable
    from certtui.model.crl import CrlEntry, CrlFacts
    from certtui.model.x509 import X509Facts

_LATE_CLOCK = timedelta(hours=1)
_REASONS = {reason.value for reason in RevocationReason}


def accept_crl(store: OpenStore, ca_id: int, data: bytes) -> CrlInfo:
    """Keep the CRL, and revoke what it lists. Raises `Invalid`: another issuer's, a bad signature, older; `Conflict` for a CA with a key."""
    from certtui.backend.local.read.cas import crl_info
    from certtui.pki.crl import crl_entries, read_crl

    store.require_writable()
    with store.readers.use() as connection:
        found = connection.execute("SELECT certificate_id, state, name FROM ca WHERE id = ?", (ca_id,)).fetchone()
        if found is None:
            raise gone(ca_id)
        certificate_id, state, name = found
        if state in (CaState.ACTIVE, CaState.RETIRED) and _has_key(connection, certificate_id):
            raise Conflict(f"The CA {name} signs its own CRLs here.", "Issue one with `certtui ca crl NAME --new`.")
        certificate = certificate_of(connection, certificate_id)
    facts = read_crl(data, certificate)
    _check(facts, certificate, name, store.clock.now())
    entries = {entry.serial_number: entry for entry in crl_entries(facts.der)}
    with store.changing() as change:
        row = ca_row(change, ca_id)
        _keep(change, row, facts)
        revoked = _revoke_listed(change, row, certificate, entries)
        change.record(
            events.CRL_ACCEPTED,
            "ca",
            ca_id,
            row.name,
            {"number": str(facts.number), "entries": facts.count, "ids": revoked},
        )
    publish_quietly(store, ca_id)
    return crl_info(store.readers, store.clock, ca_id, delta=False)


def _has_key(connection: sqlite3.Connection, certificate_id: int) -> bool:
    found = connection.execute("SELECT has_private_key FROM certificate WHERE id = ?", (certificate_id,)).fetchone()
    return found is not None and bool(found[0])


def _check(facts: CrlFacts, certificate: X509Facts, name: str, now: datetime) -> None:
    if facts.issuer_id != certificate.subject_id:
        raise Invalid(f"This is the CRL of {facts.issuer}, not of {name}.", "Give the CRL of this CA.", field="crl")
    if not facts.signature_valid:
        raise Invalid(
            f"The CRL's signature does not verify with the key of {name}.",
            "Fetch it again from the CA; somebody may have changed it.",
            field="crl",
        )
    if facts.is_delta:
        raise Invalid("This is a delta CRL, which says only what changed.", "Give the full CRL.", field="crl")
    if facts.this_update > now + _LATE_CLOCK:
        raise Invalid(
            f"The CRL is one of the future: it was made {facts.this_update:%Y-%m-%d %H:%M} UTC.",
            "Look at the clock here, and at that of the CA.",
            field="crl",
        )
    if facts.next_update is None:
        raise Invalid("The CRL does not say when the next one comes.", "Ask the CA for one that does.", field="crl")


def _keep(change: Change, row: CaTable, facts: CrlFacts) -> None:
    """Store it unless a newer one is here. Raises `Invalid`."""
    from certtui.backend.local.tables_issuing import CrlTable

    there = change.session.get(CrlTable, (row.id, 0))
    number, this_update = facts.number or 0, epoch(facts.this_update)
    if there is not None and (int(there.number) > number or there.this_update > this_update):
        raise Invalid(
            f"The CRL is older than the one of {row.name} that is here.",
            "Give a newer one; an old one would hide what was revoked since.",
            field="crl",
        )
    if facts.next_update is None:
        raise AssertionError("checked before")
    change.session.merge(
        CrlTable(
            ca_id=row.id,
            delta=0,
            number=str(number),
            this_update=this_update,
            next_update=epoch(facts.next_update),
            entries=facts.count,
            external=1,
            der=facts.der,
        )
    )


def _revoke_listed(change: Change, row: CaTable, certificate: X509Facts, entries: Mapping[str, CrlEntry]) -> list[int]:
    """Mark the certificates of the inventory that the CRL lists; their ids."""
    from certtui.backend.local.tables_issuing import IssuedTable

    revoked = []
    for found in _listed(change, certificate, entries):
        entry = entries[found.serial_number]
        _revoke(change, row, found, entry)
        revoked.append(found.id)
    change.session.flush()
    for chunk in chunks(entries):
        for issued in change.session.exec(
            select(IssuedTable).where(col(IssuedTable.ca_id) == row.id, col(IssuedTable.serial).in_(chunk))
        ):
            if issued.revoked_at is None:
                issued.revoked_at = epoch(entries[issued.serial].revoked_at)
                issued.reason = entries[issued.serial].reason
                change.session.add(issued)
    return revoked


def _listed(change: Change, certificate: X509Facts, serials: Iterable[str]) -> Iterable[CertificateTable]:
    from certtui.backend.local.tables import CertificateDerTable
    from certtui.backend.local.tables import CertificateTable as Row
    from certtui.pki.facts import x509_facts
    from certtui.pki.signatures import signature_problem

    for chunk in chunks(serials):
        found = change.session.exec(
            select(Row)
            .where(col(Row.serial_number).in_(chunk), col(Row.issuer_id) == certificate.subject_id)
            .where(col(Row.revoked_at).is_(None), col(Row.fingerprint_sha256).is_not(None))
        ).all()
        for row in found:
            # Another CA may have the same name, not the same key; where the certificate does not name the key, it must fit.
            if row.authority_key_id and row.authority_key_id == certificate.subject_key_id:
                yield row
                continue
            stored = change.session.get(CertificateDerTable, row.id)
            if stored is not None and not signature_problem(x509_facts(bytes(stored.der)), certificate):
                yield row


def _revoke(change: Change, ca: CaTable, row: CertificateTable, entry: CrlEntry) -> None:
    from certtui.backend.local.tables_issuing import RevocationTable

    row.revoked_at = epoch(entry.revoked_at)
    touch(change, row)
    change.session.merge(
        RevocationTable(
            certificate_id=row.id,
            invalidity_at=None if entry.invalidity_date is None else epoch(entry.invalidity_date),
            reason=entry.reason if entry.reason in _REASONS else RevocationReason.UNSPECIFIED.value,
            authority_knows=AuthorityKnows.TOLD.value,
            revoked_by=ca.name,
            answer=f"The CRL of {ca.name} lists it.",
        )
    )

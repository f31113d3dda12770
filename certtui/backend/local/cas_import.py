"""CAs that were made elsewhere: imported with or without their key, or signed by an offline root."""

from __future__ import annotations

from typing import TYPE_CHECKING

from certtui.backend.local import events
from certtui.backend.local.add import require_same_key, seal_keys
from certtui.backend.local.cas_adopt import adopt, issued_before, keep_listed
from certtui.backend.local.cas_guard import require_right
from certtui.backend.local.cas_issue import IssuedEntry, record_issued
from certtui.backend.local.cas_profiles import hand_over_profiles
from certtui.backend.local.cas_rows import (
    NewCa,
    ca_as_seen,
    ca_entry,
    fill_entry,
    free_name,
    link_chain,
    put_ca,
    put_in,
    set_names,
    touch_ca,
)
from certtui.backend.local.cas_values import checked_settings
from certtui.backend.local.certificate_values import entry_name
from certtui.backend.local.entries import touch
from certtui.backend.local.open_store import Change, OpenStore
from certtui.backend.local.repositories_filing import take_over
from certtui.errors import Conflict, Invalid
from certtui.model.certificate import NewCertificate
from certtui.model.local_ca import CaSettings, CaState
from certtui.model.x509 import X509Facts

if TYPE_CHECKING:
    from certtui.backend.local.tables import CertificateTable
    from certtui.backend.local.tables_issuing import CaTable

_MOST = 1 << 62
"""CRL numbers from here on are left to who counted so far."""


def import_ca(store: OpenStore, new: NewCertificate, settings: CaSettings | None) -> int:
    """A CA that exists; its id. With its key, given or in the inventory, it can issue; an offline one gets its key.

    Raises `Invalid`, `Conflict` when it is here (with its key), `Locked`.
    """
    from certtui.pki.ca import check_ca_pair

    store.require_writable()
    checked = checked_settings(settings)
    if new.key is not None and new.key.spki_sha256 != new.x509.spki_sha256:
        from certtui.pki.pair import mismatch

        raise Invalid(mismatch(new.x509, new.key), "Give the key that the CA's certificate was made with.", field="key")
    notes = check_ca_pair(new.x509, new.key, store.clock.now())
    if new.key is not None:
        store.store_key()
    before = issued_before(store, new.x509)
    with store.changing() as change:
        entry = _entry_of(change, new.x509)
        offline = _the_same(change, new.x509)
        has_key = new.key is not None or (entry is not None and bool(entry.has_private_key))
        if offline is None:
            row = _put_new(store, change, new, checked, entry, has_key=has_key)
        else:
            row = offline
            _give_key(store, change, row, entry, new, has_key=has_key)
        if has_key:
            # Above whatever it counted to elsewhere, as far as that can be known: CRL numbers only grow (RFC 5280, 5.2.3).
            row.crl_number = max(change.now, _counted(change, row))
            change.session.add(row)
            adopt(change, row.id, before)
            keep_listed(change, row.id, new.x509)
        change.record(
            events.CA_IMPORTED,
            "ca",
            row.id,
            row.name,
            {
                "certificate": row.certificate_id,
                "fingerprint_sha256": new.x509.fingerprint_sha256,
                "with_key": has_key,
                **({"notes": list(notes)} if notes else {}),
            },
        )
    if has_key:
        _begin(store, row.id)
    return row.id


def _put_new(
    store: OpenStore,
    change: Change,
    new: NewCertificate,
    settings: CaSettings,
    entry: CertificateTable | None,
    *,
    has_key: bool,
) -> CaTable:
    made = NewCa(
        free_name(change, new.labels.name or entry_name(new.x509)),
        "root" if new.x509.self_issued else "intermediate",
        CaState.ACTIVE if has_key else CaState.OFFLINE,
        settings,
        None,
        certificate=new.x509,
        key=new.key,
        parent_id=_parent_of(change, new.x509),
        chain=_chain_material(new.chain, new.x509),
    )
    row = put_in(store, change, made) if entry is None else _on_entry(store, change, made, entry)
    _adopt(change, row, new.x509)
    if row.parent_id is not None:
        _put_on_parents_record(change, row, new.x509)
    return row


def _give_key(
    store: OpenStore,
    change: Change,
    row: CaTable,
    entry: CertificateTable | None,
    new: NewCertificate,
    *,
    has_key: bool,
) -> None:
    """The key of a CA that was offline until now. Raises `Conflict` where nothing comes of it."""
    if row.state != CaState.OFFLINE or not has_key or entry is None or entry.id != row.certificate_id:
        raise Conflict(f"This CA is here already, as {row.name}.", "Open that one.")
    if new.key is not None and not entry.has_private_key:
        seal_keys(store, change, {entry.id: new.key})
        entry.has_private_key = 1
        touch(change, entry)
    row.state = CaState.ACTIVE.value
    touch_ca(change, row)


def _counted(change: Change, row: CaTable) -> int:
    """The number of the CRL that was accepted for it. Raises `Invalid` for one beyond what can be counted here."""
    from certtui.backend.local.tables_issuing import CrlTable

    there = change.session.get(CrlTable, (row.id, 0))
    number = int(there.number) if there is not None else 0
    if number >= _MOST:
        raise Invalid(
            f"The CRLs of {row.name} have numbers that are too large to go on from here.",
            "Let its CRLs be signed where they were, and keep it offline here.",
            field="key",
        )
    return number


def complete(store: OpenStore, ca_id: int, version: int, new: NewCertificate) -> None:
    """The certificate that the offline root signed. Raises `Invalid` for another key or what is no CA certificate, `Conflict`."""
    with store.changing() as change:
        row = ca_as_seen(change, ca_id, version)
        if row.state != CaState.WAITING:
            raise Conflict(f"The CA {row.name} has its certificate already.", "Look at it again.")
        entry = ca_entry(change, row)
        require_same_key(new.x509, entry.spki_sha256, entry.key_algorithm, row.name)
        fill_entry(change, entry, new.x509)
        link_chain(change, entry.id, _chain_material(new.chain, new.x509))
        arrived(store, change, row, new.x509)
    _begin(store, ca_id)


def ca_arrived(store: OpenStore, change: Change, certificate_id: int, certificate: X509Facts) -> None:
    """The same when the certificate came by an import: it belongs to a key that waits here. Raises `Invalid`."""
    from sqlmodel import select

    from certtui.backend.local.tables_issuing import CaTable

    row = change.session.exec(select(CaTable).where(CaTable.certificate_id == certificate_id)).first()
    if row is not None and row.state == CaState.WAITING:
        require_right(change, certificate_id, "cas.complete")
        arrived(store, change, row, certificate)


def arrived(store: OpenStore, change: Change, row: CaTable, certificate: X509Facts) -> None:
    """A waiting CA has its certificate, which its entry holds already; its first CRL is due. Raises `Invalid`."""
    from certtui.pki.ca import check_ca_pair

    check_ca_pair(certificate, None, store.clock.now())
    require_other_name(change, row, certificate)
    set_names(row, certificate)
    row.state = CaState.ACTIVE.value
    row.parent_id = _parent_of(change, certificate)
    row.crl_due_at = change.now
    touch_ca(change, row)
    if row.parent_id is not None:
        _put_on_parents_record(change, row, certificate)
    if row.predecessor_id is not None:
        hand_over_profiles(change, row.predecessor_id, row)
        take_over(change, row.predecessor_id, row)
    change.record(
        events.CA_COMPLETED,
        "ca",
        row.id,
        row.name,
        {"certificate": row.certificate_id, "fingerprint_sha256": certificate.fingerprint_sha256},
    )


def require_other_name(change: Change, row: CaTable, certificate: X509Facts) -> None:
    """Raises `Invalid` when the certificate is signed by the waiting CA itself: that would be a root."""
    del change
    if certificate.self_issued:
        raise Invalid(
            f"The certificate for {row.name} is self-signed, and it waits for one that a root signed.",
            "Give the certificate that the offline root signed.",
            field="certificate",
        )


def _begin(store: OpenStore, ca_id: int) -> None:
    """The first CRL of a CA that has its key here; one that may sign none has none, and says so when asked."""
    from certtui.backend.local.cas_revoke import crl_after_revocation

    crl_after_revocation(store, ca_id)


def _chain_material(chain: tuple[X509Facts, ...], certificate: X509Facts) -> tuple[X509Facts, ...]:
    """What came with a CA; the root too, whose limits hold below it."""
    return tuple(facts for facts in chain if facts.fingerprint_sha256 != certificate.fingerprint_sha256)


def _entry_of(change: Change, certificate: X509Facts) -> CertificateTable | None:
    from sqlmodel import select

    from certtui.backend.local.tables import CertificateTable

    return change.session.exec(
        select(CertificateTable).where(CertificateTable.fingerprint_sha256 == certificate.fingerprint_sha256)
    ).first()


def _the_same(change: Change, certificate: X509Facts) -> CaTable | None:
    """The CA of this key and name that is here: OCSP could not tell two of them apart."""
    from sqlmodel import select

    from certtui.backend.local.tables_issuing import CaTable

    return change.session.exec(
        select(CaTable)
        .where(CaTable.spki_sha256 == certificate.spki_sha256)
        .where(CaTable.subject_id == certificate.subject_id)
    ).first()


def _on_entry(store: OpenStore, change: Change, made: NewCa, entry: CertificateTable) -> CaTable:
    """On the inventory entry that has the certificate already."""
    if made.key is not None and not entry.has_private_key:
        seal_keys(store, change, {entry.id: made.key})
        entry.has_private_key = 1
    entry.source, entry.provider = "managed", "local"
    entry.version += 1
    entry.updated_at = change.now
    change.session.add(entry)
    return put_ca(change, made, entry.id)


def _parent_of(change: Change, certificate: X509Facts) -> int | None:
    """The CA here that signed it."""
    from sqlmodel import col, select

    from certtui.backend.local.tables import CertificateDerTable
    from certtui.backend.local.tables_issuing import CaTable
    from certtui.pki.facts import x509_facts
    from certtui.pki.signatures import signature_problem

    if certificate.self_issued:
        return None
    for ca in change.session.exec(select(CaTable).where(col(CaTable.subject_id) == certificate.issuer_id)):
        issuer = change.session.get(CertificateDerTable, ca.certificate_id)
        if issuer is not None and not signature_problem(certificate, x509_facts(bytes(issuer.der))):
            return ca.id
    return None


def _adopt(change: Change, row: CaTable, certificate: X509Facts) -> None:
    """CAs here that this one signed, and that came before it, hang below it from now on."""
    from sqlmodel import col, select

    from certtui.backend.local.tables import CertificateDerTable
    from certtui.backend.local.tables_issuing import CaTable
    from certtui.pki.facts import x509_facts
    from certtui.pki.signatures import signature_problem

    orphans = change.session.exec(
        select(CaTable, CertificateDerTable)
        .where(CertificateDerTable.certificate_id == CaTable.certificate_id)
        .where(col(CaTable.parent_id).is_(None), col(CaTable.kind) == "intermediate", CaTable.id != row.id)
    ).all()
    for child, stored in orphans:
        facts = x509_facts(bytes(stored.der))
        if facts.issuer_id == certificate.subject_id and not signature_problem(facts, certificate):
            child.parent_id = row.id
            change.session.add(child)
            _put_on_parents_record(change, child, facts)
            _load_again(change, child)


def _load_again(change: Change, row: CaTable) -> None:
    """A CA whose issuers are known better now, and all below it: a signer that is kept was loaded without their limits."""
    from sqlmodel import col, select

    from certtui.backend.local.tables_issuing import CaTable

    level, seen = [row], {row.id}
    while level:
        for each in level:
            each.version += 1
            change.session.add(each)
        change.session.flush()
        below = change.session.exec(
            select(CaTable).where(col(CaTable.parent_id).in_([each.id for each in level]))
        ).all()
        level = [each for each in below if each.id not in seen]
        seen |= {each.id for each in level}


def _put_on_parents_record(change: Change, row: CaTable, certificate: X509Facts) -> None:
    from certtui.backend.local.tables_issuing import IssuedTable

    if row.parent_id is not None and not change.session.get(IssuedTable, (row.parent_id, certificate.serial_number)):
        record_issued(change, [IssuedEntry(row.parent_id, certificate, row.certificate_id, None)])

"""Short ways to make CAs in a backend under test, and to issue by them as an order does."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from certtui.backend.base import Backend
from certtui.model.ca import CaSpec
from certtui.model.certificate import NewCertificate
from certtui.model.csr import CsrRequest, SubjectFields
from certtui.model.local_ca import Ca, CaSettings
from certtui.model.template import SERVER
from certtui.model.x509 import X509Facts
from certtui.record import dataclass
from tests.certs import NOW, Made, make_cert, usage


def spec(common_name: str, key_type: str = "ec-256", **more: Any) -> CaSpec:
    """A CA of that name."""
    return CaSpec(SubjectFields(common_name=common_name), key_type, **more)


def root(backend: Backend, common_name: str = "Root", settings: CaSettings | None = None, **more: Any) -> Ca:
    """A root."""
    return backend.cas.create_root(spec(common_name, **more), settings)


def intermediate(
    backend: Backend, parent: Ca, common_name: str = "Issuing", settings: CaSettings | None = None, **more: Any
) -> Ca:
    """A CA below another one."""
    return backend.cas.create_intermediate(parent.row.id, spec(common_name, **more), settings)


def make_ca(common_name: str = "Elsewhere", *, number: int = 501, **more: Any) -> Made:
    """A root of somebody else's."""
    return make_cert(common_name, ca=True, number=number, days=7300, not_before=NOW - timedelta(days=3650), **more)


def make_intermediate(issuer: Made, common_name: str = "Elsewhere issuing", *, number: int = 502) -> Made:
    """A CA below it."""
    return make_cert(common_name, ca=True, number=number, issuer=issuer, days=3650)


def signed_by_offline(ca: Ca, *, is_ca: bool = True) -> NewCertificate:
    """What an offline root makes of the request of a waiting CA."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes

    from certtui.pki.facts import x509_facts

    above = make_ca("Offline root", number=503)
    csr = x509.load_pem_x509_csr(ca.csr_pem.encode())
    certificate = (
        x509.CertificateBuilder()
        .subject_name(csr.subject)
        .issuer_name(above.certificate.subject)
        .public_key(csr.public_key())
        .serial_number(77)
        .not_valid_before(NOW)
        .not_valid_after(NOW + timedelta(days=1825))
        .add_extension(x509.BasicConstraints(is_ca, None), True)
        .add_extension(usage(ca=is_ca), True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(csr.public_key()), False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(above.key.public_key()), False)
        .sign(above.key, hashes.SHA256())
    )
    return NewCertificate(x509_facts(Made(certificate, None).der), chain=(above.facts,))


def foreign_crl(issuer: Made, number: int, *revoked: str, at: Any = NOW, **more: Any) -> bytes:
    """What somebody else's CA publishes. Any: a time, and whatever else."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.serialization import Encoding

    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuer.certificate.subject)
        .last_update(at)
        .next_update(at + timedelta(days=30))
        .add_extension(x509.CRLNumber(number), False)
    )
    if more.get("delta"):
        builder = builder.add_extension(x509.DeltaCRLIndicator(number - 1), True)
    for serial in revoked:
        builder = builder.add_revoked_certificate(
            x509.RevokedCertificateBuilder()
            .serial_number(int(serial, 16))
            .revocation_date(at - timedelta(days=1))
            .add_extension(x509.CRLReason(x509.ReasonFlags.superseded), False)
            .build()
        )
    return builder.sign(more.get("key") or issuer.key, hashes.SHA256()).public_bytes(more.get("form", Encoding.DER))


@dataclass(frozen=True, slots=True)
class IssuedHere:
    """A certificate that a CA of the store issued, its key and its entry."""

    leaf: X509Facts
    chain: tuple[X509Facts, ...]
    key_pem: bytes
    certificate_id: int


def issue(backend: Any, ca: Ca, name: str = "www.example.com", *, days: int | None = 30) -> IssuedHere:
    """Issue by a CA as the order's path does, in a store that is open here. Any: `LocalBackend`."""
    from certtui.backend.local.cas_issue import IssuedEntry, record_issued, reserve, sign
    from certtui.pki.csr import make
    from certtui.pki.keys import pkcs8_pem

    store = backend._store
    facts, key = make(CsrRequest(SubjectFields(common_name=name), (f"DNS:{name}",), "ec-256"))
    signed = sign(
        store,
        reserve(store, ca.row.name),
        facts.der,
        SERVER,
        subject=SubjectFields(common_name=name),
        sans=(f"DNS:{name}",),
        days=days,
        submitted_at=store.clock.now(),
    )
    entry = backend.certificates.add([NewCertificate(signed.leaf, chain=signed.chain)])[0]
    with store.changing() as change:
        record_issued(change, [IssuedEntry(ca.row.id, signed.leaf, entry.id, None)])
    return IssuedHere(signed.leaf, signed.chain, pkcs8_pem(key.pkcs8, None), entry.id)


def revoke(backend: Any, issued: IssuedHere, reason: str = "keyCompromise", *, crl: bool = True) -> int | None:
    """Revoke as the revocation's path does, in a store that is open here. Any: `LocalBackend`."""
    from certtui.backend.local.cas_revoke import crl_after_revocation, mark_revoked
    from certtui.backend.local.entries import entry
    from certtui.model.revocation import RevocationReason

    store = backend._store
    with store.changing() as change:
        row = entry(change, issued.certificate_id)
        ca_id = mark_revoked(change, row, RevocationReason(reason), store.clock.now())
        row.revoked_at = change.now
        change.session.add(row)
    if ca_id is not None and crl:
        assert crl_after_revocation(store, ca_id) == ""
    return ca_id


def ocsp_request(issued: X509Facts, issuer: X509Facts, digest: str = "sha1", *, nonce: bytes | None = None) -> bytes:
    """What a client asks."""
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.serialization import Encoding
    from cryptography.x509 import OCSPNonce, ocsp

    from certtui.pki.ocsp import issuer_hashes

    known = {"sha1": hashes.SHA1(), "sha256": hashes.SHA256(), "sha384": hashes.SHA384()}
    name, key = (bytes.fromhex(each) for each in issuer_hashes(issuer, digest))
    builder = ocsp.OCSPRequestBuilder().add_certificate_by_hash(name, key, int(issued.serial_number, 16), known[digest])
    if nonce is not None:
        builder = builder.add_extension(OCSPNonce(nonce), critical=False)
    return builder.build().public_bytes(Encoding.DER)


def fill_pki(backend: Any) -> Ca:
    """Everything sealed that the PKI can leave in a store: CAs, a responder, a secret, an archived key. Any: `LocalBackend`."""
    from certtui.backend.local import secrets
    from certtui.model.secret import Secret
    from certtui.pki.facts import x509_facts

    above = root(backend)
    ca = intermediate(backend, above)
    issued = issue(backend, ca)
    revoke(backend, issued)
    issuer = x509_facts(backend.cas.certificate(ca.row.id))
    assert len(backend.cas.ocsp(ocsp_request(issued.leaf, issuer))) > 100
    store = backend._store
    with store.changing() as change:
        secrets.seal_secrets(store, change, secrets.CHANNEL, 7, {"password": Secret("canary")})
    archive_key(backend)
    return ca


def archive_key(backend: Any) -> None:
    """A key of a CSR that was discarded. Any: `LocalBackend`."""
    from certtui.backend.local import sealing
    from certtui.backend.local.tables_issuing import ArchivedKeyTable
    from tests.certs import make_key

    key = Made(make_cert("archived.example.com").certificate, make_key("ec-256", 900)).key_facts
    store = backend._store
    with store.changing() as change:
        wrapping = change.wrapping_key()
        sealed = sealing.seal(key.pkcs8, wrapping.store_uid, store.keyring.open(wrapping))
        (row_id,) = change.new_ids("archived_key", 1)
        change.session.add(
            ArchivedKeyTable(
                id=row_id,
                key_uid=sealed.key_uid,
                wrapping_key_id=wrapping.id,
                spki_sha256=key.spki_sha256,
                key_algorithm=key.key_algorithm,
                created_at=change.now,
                archived_at=change.now,
                wrapped_data_key=sealed.wrapped_data_key,
                payload=sealed.payload,
            )
        )

"""A CA that has revoked a certificate says so by OCSP or CRL: it is put on record here, and replaced without waiting for its end."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID

from certtui.backend.local.backend import LocalBackend
from certtui.backend.local.renewals_status import statuses_due
from certtui.backend.local.tables import CertificateTable
from certtui.model.authority import AuthorityForm, AuthorityType
from certtui.model.certificate import Certificate, NewCertificate
from certtui.model.revocation import AuthorityKnows
from certtui.model.status import Status
from tests.backend.entries import events
from tests.backend.harness import LocalSqlite
from tests.certs import NOW, Made, make_cert, make_chain

DAY = timedelta(days=1)


@dataclass
class Published:
    """What a CA publishes: an answer by path, and what was asked for."""

    url: str = ""
    answers: dict[str, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)


@pytest.fixture
def ca() -> Iterator[Published]:
    made = Published()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            made.asked.append(self.path)
            body = made.answers.get(self.path)
            self.send_response(404 if body is None else 200)
            self.end_headers()
            self.wfile.write(body or b"")

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            self.do_GET()

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    made.url = f"http://127.0.0.1:{server.server_port}"
    yield made
    server.shutdown()
    server.server_close()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[LocalSqlite]:
    harness = LocalSqlite(tmp_path / "store")
    yield harness
    harness.close()


def managed(store: LocalSqlite, ca: Published, *, responder: bool) -> tuple[LocalBackend, int, tuple[Made, ...]]:
    """A certificate that renews itself by ACME and says where its CA publishes."""
    backend = store.open(create=True)
    assert isinstance(backend, LocalBackend)
    crl = x509.DistributionPoint([x509.UniformResourceIdentifier(f"{ca.url}/crl")], None, None, None)
    extensions: list[tuple[x509.ExtensionType, bool]] = [(x509.CRLDistributionPoints([crl]), False)]
    if responder:
        place = x509.UniformResourceIdentifier(f"{ca.url}/ocsp")
        access = x509.AccessDescription(AuthorityInformationAccessOID.OCSP, place)
        extensions.append((x509.AuthorityInformationAccess([access]), False))
    chain = make_chain("shop.example.com", extensions=tuple(extensions))
    settings = {"server": "letsencrypt", "tech_zone": "acme.example.net", "agree": "yes"}
    authority = backend.authorities.add(AuthorityForm("le", AuthorityType.ACME, settings=settings))
    (added,) = backend.certificates.add(
        [NewCertificate(chain[0].facts, (chain[1].facts, chain[2].facts), chain[0].key_facts)]
    )
    with backend._store.changing() as change:
        row = change.session.get(CertificateTable, added.id)
        assert row is not None
        row.source, row.provider, row.authority_id, row.auto_renew_days = "managed", "acme", authority.row.id, 7
        change.session.add(row)
    store.clock.advance(days=1)
    return backend, added.id, chain


def look(backend: LocalBackend, store: LocalSqlite) -> Certificate:
    statuses_due(backend._store, store.clock.now())
    return backend.certificates.get(1)


def crl_of(issuer: Made, *revoked: tuple[int, x509.ReasonFlags], at=NOW) -> bytes:  # type: ignore[no-untyped-def]
    builder = x509.CertificateRevocationListBuilder().issuer_name(issuer.certificate.subject)
    builder = builder.last_update(at).next_update(at + 7 * DAY)
    for serial, reason in revoked:
        entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(NOW)
        builder = builder.add_revoked_certificate(entry.add_extension(x509.CRLReason(reason), False).build())
    return builder.sign(issuer.key, SHA256()).public_bytes(Encoding.DER)


def ocsp_of(leaf: Made, issuer: Made, signer: Made, status: ocsp.OCSPCertStatus, at=NOW) -> bytes:  # type: ignore[no-untyped-def]
    bad = status is ocsp.OCSPCertStatus.REVOKED
    builder = ocsp.OCSPResponseBuilder().add_response(
        leaf.certificate, issuer.certificate, SHA1(), status, at, at + 7 * DAY,
        NOW if bad else None, x509.ReasonFlags.superseded if bad else None,
    )  # fmt: skip
    builder = builder.responder_id(ocsp.OCSPResponderEncoding.HASH, signer.certificate)
    if signer is not issuer:
        builder = builder.certificates([signer.certificate])
    return builder.sign(signer.key, SHA256()).public_bytes(Encoding.DER)


def test_what_the_crl_lists_is_revoked_here_too_and_due(store: LocalSqlite, ca: Published) -> None:
    backend, certificate_id, (leaf, issuer, root) = managed(store, ca, responder=False)
    ca.answers["/crl"] = crl_of(issuer, (leaf.certificate.serial_number + 1, x509.ReasonFlags.key_compromise))
    assert look(backend, store).row.status is Status.ACTIVE
    assert look(backend, store).row.status is Status.ACTIVE
    assert ca.asked == ["/crl"]  # once a day
    serial = leaf.certificate.serial_number
    # A list of another CA, and one of yesterday, prove nothing.
    for number, forged in enumerate(
        [
            crl_of(root, (serial, x509.ReasonFlags.superseded)),
            crl_of(issuer, (serial, x509.ReasonFlags.superseded), at=NOW - 30 * DAY),
        ]
    ):
        store.clock.advance(days=1, hours=1)
        ca.answers["/crl"] = forged
        assert look(backend, store).row.status is Status.ACTIVE
        assert len(ca.asked) == number + 2
    store.clock.advance(days=1, hours=1)
    ca.answers["/crl"] = crl_of(issuer, (serial, x509.ReasonFlags.superseded))
    page = look(backend, store)
    assert page.row.status is Status.REVOKED
    assert page.revocation is not None
    assert (page.revocation.authority, str(page.revocation.reason), page.revocation.by) == (
        AuthorityKnows.ITSELF,
        "superseded",
        "le",
    )
    assert f"The CRL at {ca.url}/crl says so" in page.status_reason
    (due,) = backend.renewals.due()
    assert (due.certificate_id, due.why) == (
        certificate_id,
        "It was revoked for superseded by its CA: it is replaced without waiting for its end, with a new key.",
    )
    assert "certificate.revoke.learned" in events(backend)


@pytest.mark.parametrize("reason", [x509.ReasonFlags.cessation_of_operation, x509.ReasonFlags.privilege_withdrawn])
def test_what_nobody_may_have_any_more_is_not_ordered_again(
    store: LocalSqlite, ca: Published, reason: x509.ReasonFlags
) -> None:
    backend, _, (leaf, issuer, _) = managed(store, ca, responder=False)
    ca.answers["/crl"] = crl_of(issuer, (leaf.certificate.serial_number, reason))
    page = look(backend, store)
    assert page.row.status is Status.REVOKED
    assert backend.renewals.due() == ()


def test_a_responder_is_asked_before_the_list(store: LocalSqlite, ca: Published) -> None:
    backend, _, (leaf, issuer, root) = managed(store, ca, responder=True)
    delegated = make_cert("responder", issuer=issuer, number=77, server=False, extensions=(
        (x509.ExtendedKeyUsage([x509.oid.ExtendedKeyUsageOID.OCSP_SIGNING]), False),
    ))  # fmt: skip
    ca.answers["/ocsp"] = ocsp_of(leaf, issuer, issuer, ocsp.OCSPCertStatus.GOOD)
    assert look(backend, store).row.status is Status.ACTIVE
    assert ca.asked == ["/ocsp"]
    # One that was signed by somebody else is not believed; then the list is asked.
    store.clock.advance(days=1, hours=1)
    ca.answers["/ocsp"] = ocsp_of(leaf, issuer, make_cert("stranger", number=78), ocsp.OCSPCertStatus.REVOKED)
    ca.answers["/crl"] = crl_of(issuer)
    assert look(backend, store).row.status is Status.ACTIVE
    assert ca.asked == ["/ocsp", "/ocsp", "/crl"]
    store.clock.advance(days=1, hours=1)
    ca.answers["/ocsp"] = ocsp_of(leaf, issuer, delegated, ocsp.OCSPCertStatus.REVOKED, at=store.clock.now())
    page = look(backend, store)
    assert page.row.status is Status.REVOKED
    assert len(backend.renewals.due()) == 1
    del root


def test_a_profile_may_leave_it(store: LocalSqlite, ca: Published) -> None:
    backend, _, _ = managed(store, ca, responder=True)
    authority = backend.authorities.get(1)
    backend.authorities.edit(1, authority.row.version, AuthorityForm(settings={"ask_revoked": "no"}))
    look(backend, store)
    assert ca.asked == []

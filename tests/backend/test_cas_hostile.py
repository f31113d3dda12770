"""CAs under attack: names and numbers that are not what they seem, two consoles at once, files that lie in wait."""

from __future__ import annotations

import os
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.ocsp import OCSPCertStatus, load_der_ocsp_response

from certtui.backend.base import Backend
from certtui.errors import Conflict, Invalid
from certtui.model.certificate import NewCertificate
from certtui.model.local_ca import Ca, CaSettings
from certtui.model.status import Status
from certtui.pki.facts import x509_facts
from tests.backend.cas import intermediate, issue, make_ca, ocsp_request, root, spec
from tests.backend.entries import new
from tests.backend.harness import LocalSqlite
from tests.certs import NOW, Made, make_cert, make_key, subject_name


def crl_by(
    ca: Made, *serials: int, number: int = 5, at: timedelta = timedelta(), reason: x509.ReasonFlags | None = None
) -> bytes:
    """A CRL of a CA elsewhere."""
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(ca.certificate.subject)
        .last_update(NOW + at)
        .next_update(NOW + at + timedelta(days=7))
        .add_extension(x509.CRLNumber(number), False)
    )
    for serial in serials:
        entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(NOW - timedelta(days=1))
        if reason is not None:
            entry = entry.add_extension(x509.CRLReason(reason), False)
        builder = builder.add_revoked_certificate(entry.build())
    return builder.sign(ca.key, hashes.SHA256()).public_bytes(Encoding.DER)


def bare_leaf(issuer: Made, serial: int) -> NewCertificate:
    """A certificate that does not say by which key it was signed."""
    made = (
        x509.CertificateBuilder()
        .subject_name(subject_name("bare.example.com"))
        .issuer_name(issuer.certificate.subject)
        .public_key(make_key("ec-256", 9).public_key())
        .serial_number(serial)
        .not_valid_before(NOW)
        .not_valid_after(NOW + timedelta(days=9))
        .sign(issuer.key, hashes.SHA256())
    )
    return NewCertificate(Made(made, None).facts)


def ask(backend: Any, serial: str, ca: Ca) -> Any:
    leaf = x509_facts(make_cert("asked.example.com", serial=int(serial, 16)).der)
    request = ocsp_request(leaf, x509_facts(backend.cas.certificate(ca.row.id)))
    return load_der_ocsp_response(backend.cas.ocsp(request))


def test_a_crl_revokes_nothing_of_another_ca_with_the_same_name(backend: Backend) -> None:
    first, second = make_ca("Same", number=701), make_ca("Same", number=702)
    ca = backend.cas.import_ca(new(first))
    assert backend.cas.import_ca(new(second)).row.name == "Same 2"
    added = backend.certificates.add([bare_leaf(second, 777), bare_leaf(first, 778)])
    assert backend.cas.accept_crl(ca.row.id, crl_by(first, 777, 778)).entries == 2
    assert [backend.certificates.get(one.id).row.status for one in added] == [Status.ACTIVE, Status.REVOKED]
    with pytest.raises(Invalid, match="signature does not verify"):
        backend.cas.accept_crl(ca.row.id, crl_by(second, 777, number=6))


def test_a_crl_of_the_future_would_keep_every_true_one_out_and_is_refused(backend: Backend) -> None:
    above = make_ca("Elsewhere")
    ca = backend.cas.import_ca(new(above))
    with pytest.raises(Invalid, match="one of the future") as refused:
        backend.cas.accept_crl(ca.row.id, crl_by(above, number=9, at=timedelta(days=3000)))
    assert refused.value.field == "crl"
    assert backend.cas.accept_crl(ca.row.id, crl_by(above, at=timedelta(minutes=5))).number == 5


def test_what_an_offline_ca_had_revoked_stays_revoked_when_its_key_comes(backend: Backend) -> None:
    above = make_ca("Elsewhere")
    here = backend.certificates.add([bare_leaf(above, 778)])[0]
    ca = backend.cas.import_ca(new(above))
    backend.cas.accept_crl(ca.row.id, crl_by(above, 0x777, 778, number=5, reason=x509.ReasonFlags.key_compromise))
    ca = backend.cas.import_ca(new(above, key=True))
    found = x509.load_der_x509_crl(backend.cas.crl(ca.row.id))
    assert {entry.serial_number for entry in found} == {0x777, 778}
    reasons = {entry.extensions.get_extension_for_class(x509.CRLReason).value.reason for entry in found}
    assert reasons == {x509.ReasonFlags.key_compromise}
    assert ask(backend, "777", ca).certificate_status is OCSPCertStatus.REVOKED
    assert backend.certificates.get(here.id).row.status is Status.REVOKED
    assert (ca.row.revoked, ca.row.living) == (2, 0)


def test_a_ca_that_is_not_valid_yet_or_any_more_still_answers(local: LocalSqlite) -> None:
    backend: Any = local.open(create=True)
    future = backend.cas.import_ca(
        new(make_cert("Future", ca=True, number=620, not_before=NOW + timedelta(days=10)), key=True)
    )
    assert ask(backend, "1234", future).certificate_status is OCSPCertStatus.UNKNOWN
    short = backend.cas.create_root(spec("Short", days=5))
    leaf = issue(backend, short).leaf
    for _ in range(6):
        local.clock.advance(days=9)
        answer = ask(backend, leaf.serial_number, short)
        assert answer.certificate_status is OCSPCertStatus.GOOD
        assert answer.this_update_utc <= local.clock.now() < answer.next_update_utc


def test_a_ca_gets_one_successor_whoever_asks_at_once(backend: Backend) -> None:
    old = root(backend)
    consoles = threading.Barrier(2)
    met: list[str] = []

    def roll_over(name: str) -> None:
        consoles.wait()
        try:
            met.append(backend.cas.roll_over(old.row.id, old.row.version, spec(name)).row.name)
        except Conflict as error:
            met.append(error.message)

    both = [threading.Thread(target=roll_over, args=(name,)) for name in ("First", "Second")]
    for one in both:
        one.start()
    for one in both:
        one.join()
    won = [each for each in met if each in ("First", "Second")]
    assert len(won) == 1
    assert f"The CA Root has a successor already, {won[0]}." in met


def test_a_ca_that_issues_no_more_gets_no_successor(backend: Backend) -> None:
    retired = root(backend)
    retired = backend.cas.retire(retired.row.id, retired.row.version)
    with pytest.raises(Conflict, match="is retired"):
        backend.cas.roll_over(retired.row.id, retired.row.version)
    offline = backend.cas.import_ca(new(make_ca("Elsewhere")))
    with pytest.raises(Conflict, match="is not here"):
        backend.cas.roll_over(offline.row.id, offline.row.version)


@pytest.mark.parametrize("what", ["pipe", "link"])
def test_what_lies_at_the_crls_path_is_replaced_and_not_read(local: LocalSqlite, tmp_path: Path, what: str) -> None:
    backend: Any = local.open(create=True)
    place = tmp_path / "root.crl"
    if what == "pipe":
        os.mkfifo(place)
    ca = root(backend, settings=CaSettings(crl_file=str(place)))
    if what == "link":
        (tmp_path / "other").write_bytes(place.read_bytes())
        place.unlink()
        place.symlink_to(tmp_path / "other")
        from certtui.backend.local.cas_publish import publish

        assert publish(backend._store, ca.row.id) == ""
    assert place.is_file()
    assert not place.is_symlink()
    assert place.read_bytes() == backend.cas.crl(ca.row.id)


def test_a_kept_signer_is_not_that_of_another_ca_with_the_same_number(local: LocalSqlite) -> None:
    from certtui.backend.local.cas_signers import loaded_ca

    backend: Any = local.open(create=True)
    store = backend._store
    one, other = root(backend), intermediate(backend, root(backend, "Other"))
    loaded = loaded_ca(store, other.row.id)
    # As if a store had been restored in which the number is another CA's.
    store.keyring.remember(("ca", one.row.id), loaded)
    assert loaded_ca(store, one.row.id).name == "Root"

"""The OCSP responder: good, revoked or unknown from what was issued, signed by a delegate; always an answer."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.ocsp import OCSPCertStatus, OCSPResponse, OCSPResponseStatus, load_der_ocsp_response
from cryptography.x509.oid import ExtendedKeyUsageOID
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from certtui.backend.local import cas_ocsp
from certtui.model.local_ca import Ca
from certtui.model.x509 import X509Facts
from certtui.pki.facts import x509_facts
from tests.backend.cas import intermediate, issue, make_ca, ocsp_request, revoke, root, spec
from tests.backend.entries import new
from tests.backend.harness import LocalSqlite
from tests.certs import NOW, make_cert


@pytest.fixture
def behind(harness: Any, backend: Any) -> Any:  # Any: a harness and `LocalBackend`
    """The store itself, also where the backend under test reaches it over HTTP."""
    return getattr(harness, "store", backend)


def issuer_of(backend: Any, ca: Ca) -> X509Facts:
    return x509_facts(backend.cas.certificate(ca.row.id))


def ask(backend: Any, leaf: X509Facts, issuer: X509Facts, digest: str = "sha1", **more: Any) -> OCSPResponse:
    return load_der_ocsp_response(backend.cas.ocsp(ocsp_request(leaf, issuer, digest, **more)))


@pytest.mark.parametrize("digest", ["sha1", "sha256", "sha384"])
def test_good_then_revoked_at_once(backend, behind, digest) -> None:
    ca = root(backend)
    issuer = issuer_of(backend, ca)
    issued = issue(behind, ca)
    answer = ask(backend, issued.leaf, issuer, digest)
    assert (answer.response_status, answer.certificate_status) == (OCSPResponseStatus.SUCCESSFUL, OCSPCertStatus.GOOD)
    assert (answer.this_update_utc, answer.next_update_utc) == (NOW, NOW + timedelta(hours=24))
    revoke(behind, issued, crl=False)
    answer = ask(backend, issued.leaf, issuer, digest)
    assert answer.certificate_status is OCSPCertStatus.REVOKED
    assert answer.revocation_reason is x509.ReasonFlags.key_compromise
    assert answer.revocation_time_utc == NOW


def test_what_was_never_issued_is_unknown(backend) -> None:
    ca = root(backend)
    answer = ask(backend, make_cert("never.example.com").facts, issuer_of(backend, ca))
    assert answer.certificate_status is OCSPCertStatus.UNKNOWN


def test_the_answer_outlives_the_inventory_entry(backend, behind) -> None:
    ca = root(backend)
    issued = issue(behind, ca)
    page = behind.certificates.get(issued.certificate_id)
    behind.certificates.delete(page.id, page.version)
    assert ask(backend, issued.leaf, issuer_of(backend, ca)).certificate_status is OCSPCertStatus.GOOD


def test_a_delegate_signs_whose_certificate_the_ca_signed(backend, behind) -> None:
    ca = root(backend)
    issued = issue(behind, ca)
    answer = ask(backend, issued.leaf, issuer_of(backend, ca))
    [delegate] = answer.certificates
    authority = x509.load_der_x509_certificate(backend.cas.certificate(ca.row.id))
    delegate.verify_directly_issued_by(authority)
    usages = delegate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(usages) == [ExtendedKeyUsageOID.OCSP_SIGNING]
    assert delegate.extensions.get_extension_for_class(x509.OCSPNoCheck)
    assert delegate.not_valid_after_utc - delegate.not_valid_before_utc <= timedelta(days=31)
    key = delegate.public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    assert answer.signature_hash_algorithm is not None
    key.verify(answer.signature, answer.tbs_response_bytes, ec.ECDSA(answer.signature_hash_algorithm))


def test_the_delegate_is_kept_and_made_anew_before_it_expires(backend, behind, harness) -> None:
    ca = root(backend)
    issuer = issuer_of(backend, ca)
    issued = issue(behind, ca, days=300)
    first = ask(backend, issued.leaf, issuer).certificates
    local = getattr(harness, "local", harness)
    assert ask(local.open(), issued.leaf, issuer).certificates == first
    harness.clock.advance(days=19)
    assert ask(backend, issued.leaf, issuer).certificates == first
    harness.clock.advance(days=2)
    second = ask(backend, issued.leaf, issuer).certificates
    assert second != first
    assert ask(local.open(), issued.leaf, issuer).certificates == second


def test_a_nonce_comes_back_and_its_answer_is_never_given_again(backend, behind) -> None:
    ca = root(backend)
    issuer = issuer_of(backend, ca)
    issued = issue(behind, ca)
    for nonce in (b"0123456789abcdef", b"fedcba9876543210"):
        answer = ask(backend, issued.leaf, issuer, nonce=nonce)
        assert answer.extensions.get_extension_for_class(x509.OCSPNonce).value.nonce == nonce


def test_what_was_signed_is_given_again_until_half_of_its_time_is_over(backend, behind, harness) -> None:
    ca = root(backend)
    issued = issue(behind, ca)
    request = ocsp_request(issued.leaf, issuer_of(backend, ca))
    first = backend.cas.ocsp(request)
    harness.clock.advance(hours=11)
    assert backend.cas.ocsp(request) == first
    harness.clock.advance(hours=2)
    later = load_der_ocsp_response(backend.cas.ocsp(request))
    assert later.this_update_utc == NOW + timedelta(hours=13)


def test_cas_that_are_not_here_are_not_answered_for(backend) -> None:
    root(backend)
    stranger = make_ca("Elsewhere")
    offline = backend.cas.import_ca(new(stranger))
    waiting = backend.cas.request_intermediate(spec("Waiting"))
    other = make_ca("Nobody", number=530)
    for issuer in (stranger, other):
        answer = ask(backend, make_cert("a.example.com", issuer=issuer).facts, issuer.facts)
        assert answer.response_status is OCSPResponseStatus.UNAUTHORIZED
    assert (offline.row.id, waiting.row.id) == (2, 3)


def test_two_cas_answer_for_their_own(backend, behind) -> None:
    above = root(backend)
    below = intermediate(backend, above)
    leaf = issue(behind, below)
    revoke(behind, leaf)
    assert ask(backend, leaf.leaf, issuer_of(backend, below)).certificate_status is OCSPCertStatus.REVOKED
    assert ask(backend, leaf.leaf, issuer_of(backend, above)).certificate_status is OCSPCertStatus.UNKNOWN
    assert ask(backend, issuer_of(backend, below), issuer_of(backend, above)).certificate_status is OCSPCertStatus.GOOD


def test_a_retired_ca_still_answers(backend, behind) -> None:
    ca = root(backend)
    issued = issue(behind, ca)
    backend.cas.retire(ca.row.id, ca.row.version, living=1)
    assert ask(backend, issued.leaf, issuer_of(backend, ca)).certificate_status is OCSPCertStatus.GOOD


def test_a_locked_store_says_try_later_whatever_was_signed_before(backend, behind) -> None:
    ca = root(backend)
    issued = issue(behind, ca)
    issuer = issuer_of(backend, ca)
    assert ask(backend, issued.leaf, issuer).certificate_status is OCSPCertStatus.GOOD
    behind.store.lock()
    assert ask(backend, issued.leaf, issuer).response_status is OCSPResponseStatus.TRY_LATER


def test_who_may_not_write_the_store_still_answers(backend, behind, harness) -> None:
    ca = root(backend)
    issued = issue(behind, ca)
    reader = harness.open(read_only=True)
    assert ask(reader, issued.leaf, issuer_of(backend, ca)).certificate_status is OCSPCertStatus.GOOD


def test_another_process_that_revokes_is_seen_at_once(backend, behind, harness) -> None:
    ca = root(backend)
    issued = issue(behind, ca)
    issuer = issuer_of(backend, ca)
    assert ask(backend, issued.leaf, issuer).certificate_status is OCSPCertStatus.GOOD
    local = getattr(harness, "local", harness)
    revoke(local.open(), issued, crl=False)
    assert ask(backend, issued.leaf, issuer).certificate_status is OCSPCertStatus.REVOKED


@pytest.mark.parametrize("key_type", ["rsa-2048", "ed25519", "ml-dsa-65"])
def test_every_kind_of_ca_has_its_answers_signed(backend, behind, key_type) -> None:
    ca = backend.cas.create_root(spec("Root", key_type))
    issued = issue(behind, ca)
    data = backend.cas.ocsp(ocsp_request(issued.leaf, issuer_of(backend, ca)))
    assert load_der_ocsp_response(data).certificate_status is OCSPCertStatus.GOOD
    again = load_der_ocsp_response(data)
    assert (again.certificates[0].issuer, len(again.certificates)) == (
        x509.load_der_x509_certificate(backend.cas.certificate(ca.row.id)).subject,
        1,
    )


def test_near_its_end_a_ca_signs_itself(backend, behind, harness) -> None:
    ca = root(backend, days=40)
    issued = issue(behind, ca, days=39)
    harness.clock.advance(days=35)
    answer = ask(backend, issued.leaf, issuer_of(backend, ca))
    assert answer.certificate_status is OCSPCertStatus.GOOD
    assert answer.certificates == []
    assert answer.next_update_utc is not None


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_hostile_requests_are_answered_and_never_raise(one_store, data) -> None:
    backend, request = one_store
    kind = data.draw(st.sampled_from(["noise", "flip", "cut", "more"]))
    match kind:
        case "noise":
            sent = data.draw(st.binary(max_size=300))
        case "flip":
            at = data.draw(st.integers(0, len(request) - 1))
            sent = request[:at] + bytes([request[at] ^ data.draw(st.integers(1, 255))]) + request[at + 1 :]
        case "cut":
            sent = request[: data.draw(st.integers(0, len(request)))]
        case _:
            sent = request + data.draw(st.binary(min_size=1, max_size=20))
    answer = backend.cas.ocsp(sent)
    assert answer[0] == 0x30
    load_der_ocsp_response(answer)


@pytest.fixture(scope="module")
def one_store(tmp_path_factory) -> Any:
    harness = LocalSqlite(tmp_path_factory.mktemp("store") / "store")
    backend: Any = harness.open(create=True)
    ca = root(backend)
    issued = issue(backend, ca)
    yield backend, ocsp_request(issued.leaf, issuer_of(backend, ca))
    harness.close()


def test_what_fails_inside_is_an_answer_too(local: LocalSqlite, monkeypatch) -> None:
    backend: Any = local.open(create=True)
    ca = root(backend)
    issued = issue(backend, ca)

    def broken(*_args: Any) -> Any:
        raise RuntimeError("a bug")

    monkeypatch.setattr(cas_ocsp, "_responder", broken)
    assert ask(backend, issued.leaf, issuer_of(backend, ca)).response_status is OCSPResponseStatus.INTERNAL_ERROR


def test_one_request_may_ask_for_several(local: LocalSqlite) -> None:
    from certtui.pki import der

    backend: Any = local.open(create=True)
    ca = root(backend)
    issuer = issuer_of(backend, ca)
    first, second = issue(backend, ca, "a.example.com"), issue(backend, ca, "b.example.com")
    revoke(backend, second)

    def items(request: bytes) -> bytes:
        outer = der.expect(request, 0, len(request), der.SEQUENCE)
        inner = der.expect(request, *outer, der.SEQUENCE)
        listed = der.expect(request, *inner, der.SEQUENCE)
        return request[listed[0] : listed[1]]

    both = items(ocsp_request(first.leaf, issuer)) + items(ocsp_request(second.leaf, issuer))
    request = der.encode(der.SEQUENCE, der.encode(der.SEQUENCE, der.encode(der.SEQUENCE, both)))
    answer = load_der_ocsp_response(backend.cas.ocsp(request))
    found = [(f"{one.serial_number:x}", one.certificate_status) for one in answer.responses]
    assert found == [
        (first.leaf.serial_number, OCSPCertStatus.GOOD),
        (second.leaf.serial_number, OCSPCertStatus.REVOKED),
    ]

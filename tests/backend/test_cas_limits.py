"""Limits of a CA hold for everything below it, however many levels up they stand and wherever that CA's key is."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes

from certtui.backend.base import Backend
from certtui.errors import Invalid
from certtui.model.certificate import NewCertificate
from certtui.model.local_ca import Ca, CaState
from certtui.model.order import Order, OrderStatus
from tests.backend.cas import intermediate, root, spec
from tests.backend.entries import new
from tests.backend.issuing import complete, local_authority
from tests.certs import NOW, Made, make_cert, usage

ONLY_EXAMPLE = x509.NameConstraints([x509.DNSName("example.com")], None)
ONLY_CLIENTS = x509.ExtendedKeyUsage([x509.ExtendedKeyUsageOID.CLIENT_AUTH])


def ordered(backend: Backend, ca: Ca, name: str) -> Order:
    if not any(row.name == ca.row.name for row in _profiles(backend)):
        local_authority(backend, ca.row.name, ca=ca.row.name)
    return complete(backend, name, ca.row.name)


def _profiles(backend: Backend) -> list[Any]:
    from certtui.model.query import Query, Sort

    return list(backend.authorities.search(Query("", Sort("name"))).rows(0, 50))


def _words(order: Order) -> str:
    assert order.error is not None
    return f"{order.error.message} {order.error.words}"


def elsewhere(*extensions: x509.ExtensionType, number: int = 511) -> Made:
    """A root of somebody else's with these extensions."""
    return make_cert(
        "Offline root",
        ca=True,
        number=number,
        days=7300,
        not_before=NOW - timedelta(days=3650),
        extensions=[(each, True) for each in extensions],
    )


def signed_by(above: Made, ca: Ca) -> x509.Certificate:
    """What it makes of the CSR of a waiting CA."""
    csr = x509.load_pem_x509_csr(ca.csr_pem.encode())
    return (
        x509.CertificateBuilder()
        .subject_name(csr.subject)
        .issuer_name(above.certificate.subject)
        .public_key(csr.public_key())
        .serial_number(77)
        .not_valid_before(NOW)
        .not_valid_after(NOW + timedelta(days=1825))
        .add_extension(x509.BasicConstraints(True, None), True)
        .add_extension(usage(ca=True), True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(csr.public_key()), False)
        .sign(above.key, hashes.SHA256())
    )


def test_name_constraints_of_a_root_hold_for_leaves_of_its_intermediates(backend: Backend) -> None:
    above = root(backend, permitted=("DNS:example.com",))
    ca = intermediate(backend, intermediate(backend, above, "Middle"))
    assert ordered(backend, ca, "www.example.com").row.status is OrderStatus.COMPLETE
    refused = ordered(backend, ca, "www.example.org")
    assert refused.row.status is OrderStatus.FAILED
    assert "may not issue for www.example.org (name constraints)" in _words(refused)
    assert backend.cas.get(ca.row.id).row.issued == 1


def test_extended_key_usages_of_a_root_hold_for_leaves_of_its_intermediates(backend: Backend) -> None:
    above = root(backend, usages=("clientAuth",))
    ca = intermediate(backend, intermediate(backend, above, "Middle"))
    refused = ordered(backend, ca, "www.example.com")
    assert refused.row.status is OrderStatus.FAILED
    assert "extended key usage" in _words(refused)


def test_a_path_length_two_levels_up_is_the_last_word(backend: Backend) -> None:
    above = root(backend, path_length=1)
    middle = intermediate(backend, above, "Middle")
    with pytest.raises(Invalid) as refused:
        intermediate(backend, middle)
    assert refused.value.field == "path_length"
    assert "path length" in refused.value.message


@pytest.mark.parametrize("way", ["a CA without its key", "an inventory entry", "the chain that came along"])
def test_limits_of_an_offline_root_hold_wherever_it_is_known_from(backend: Backend, way: str) -> None:
    above = elsewhere(ONLY_EXAMPLE)
    waiting = backend.cas.request_intermediate(spec("Issuing"))
    match way:
        case "a CA without its key":
            assert backend.cas.import_ca(new(above)).row.state is CaState.OFFLINE
        case "an inventory entry":
            backend.certificates.add([new(above)])
    arrived = NewCertificate(
        Made(signed_by(above, waiting), None).facts,
        chain=(above.facts,) if way == "the chain that came along" else (),
    )
    ca = backend.cas.complete(waiting.row.id, waiting.row.version, arrived)
    assert ordered(backend, ca, "www.example.com").row.status is OrderStatus.COMPLETE
    refused = ordered(backend, ca, "www.example.org")
    assert refused.row.status is OrderStatus.FAILED
    assert "name constraints" in _words(refused)


def test_a_root_that_is_imported_later_limits_even_the_cas_that_have_signed_already(backend: Backend) -> None:
    above = elsewhere(ONLY_EXAMPLE)
    waiting = backend.cas.request_intermediate(spec("Middle"))
    middle = backend.cas.complete(
        waiting.row.id, waiting.row.version, NewCertificate(Made(signed_by(above, waiting), None).facts)
    )
    ca = intermediate(backend, middle)
    assert ordered(backend, ca, "www.example.org").row.status is OrderStatus.COMPLETE
    backend.cas.import_ca(new(above))
    assert ordered(backend, ca, "mail.example.org").row.status is OrderStatus.FAILED


def test_the_root_of_an_intermediates_chain_is_not_given_to_servers(backend: Backend) -> None:
    above = elsewhere(ONLY_EXAMPLE)
    waiting = backend.cas.request_intermediate(spec("Issuing"))
    arrived = NewCertificate(Made(signed_by(above, waiting), None).facts, chain=(above.facts,))
    ca = backend.cas.complete(waiting.row.id, waiting.row.version, arrived)
    order = ordered(backend, ca, "www.example.com")
    assert order.row.certificate_id is not None
    entry = backend.certificates.get(order.row.certificate_id)
    assert [facts.common_name for facts in entry.chain] == ["Issuing"]

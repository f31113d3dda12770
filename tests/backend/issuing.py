"""Short ways to make authorities and orders in a backend under test."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from certtui.backend.base import Backend
from certtui.model.authority import Authority, AuthorityForm, AuthorityType
from certtui.model.certificate import NewCertificate
from certtui.model.csr import SubjectFields
from certtui.model.order import Order, OrderForm
from tests.backend.cas import intermediate, root
from tests.certs import NOW, Made, make_key

NAME = "shop.example.com"


def local_authority(backend: Backend, name: str = "internal", *, ca: str = "", **settings: str) -> Authority:
    """A profile of the built-in PKI, with a root and an issuing CA unless a CA is named."""
    if not ca:
        ca = intermediate(backend, root(backend)).row.name
    return backend.authorities.add(
        AuthorityForm(name=name, type=AuthorityType.LOCAL, auto_renew_days=0, settings={"ca": ca, **settings})
    )


def external_authority(backend: Backend, name: str = "globex", **settings: str) -> Authority:
    """A profile of an external CA."""
    return backend.authorities.add(
        AuthorityForm(name=name, type=AuthorityType.EXTERNAL, auto_renew_days=0, settings=settings)
    )


def form(common_name: str = NAME, authority: str = "internal", **more: Any) -> OrderForm:
    """A form for one host."""
    return OrderForm(authority=authority, subject=SubjectFields(common_name=common_name), **more)


def saved(backend: Backend, common_name: str = NAME, authority: str = "internal", **more: Any) -> Order:
    """A draft."""
    return backend.orders.save(form(common_name, authority, **more))


def pending(backend: Backend, common_name: str = NAME, authority: str = "internal", **more: Any) -> Order:
    """An order with its CSR, not sent."""
    draft = saved(backend, common_name, authority, **more)
    return backend.orders.generate(draft.id, draft.version)


def complete(backend: Backend, common_name: str = NAME, authority: str = "internal", **more: Any) -> Order:
    """An order that was sent; by the built-in PKI it is complete then."""
    draft = saved(backend, common_name, authority, **more)
    return backend.orders.submit(draft.id, draft.version)


def csr(common_name: str = "elsewhere.example.com", *sans: str, number: int = 0) -> bytes:
    """A CSR (DER) made elsewhere."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.serialization import Encoding

    names = [x509.DNSName(san) for san in sans or (common_name,)]
    request = (
        x509.CertificateSigningRequestBuilder()
        .subject_name(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, common_name)]))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(make_key("ec-256", 700 + number), hashes.SHA256())
    )
    return request.public_bytes(Encoding.DER)


def signed(
    pem: str,
    *,
    serial: int = 4711,
    issuer: Made | None = None,
    chain: tuple[Made, ...] = (),
    sans: tuple[str, ...] = (),
    ca: bool = False,
) -> NewCertificate:
    """What a CA outside makes of a CSR."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes

    from certtui.pki.facts import x509_facts

    request = x509.load_pem_x509_csr(pem.encode())
    builder = (
        x509.CertificateBuilder()
        .subject_name(request.subject)
        .issuer_name(issuer.certificate.subject if issuer else request.subject)
        .public_key(request.public_key())
        .serial_number(serial)
        .not_valid_before(NOW)
        .not_valid_after(NOW + timedelta(days=199))
    )
    if sans:
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(san) for san in sans]), False)
    if ca:
        builder = builder.add_extension(x509.BasicConstraints(True, None), True)
    made = builder.sign(issuer.key if issuer else make_key("ec-256", 99), hashes.SHA256())
    return NewCertificate(x509_facts(Made(made, None).der), chain=tuple(one.facts for one in chain))

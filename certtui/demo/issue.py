"""Certificates of the demonstration, issued here by CAs of a made-up organisation and of a made-up public authority."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from certtui.demo.keys import Key, drawn, make_key

_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Leaf:
    """One certificate of the estate, as a plan. Days are counted from the demonstration's now."""

    name: str
    common_name: str
    sans: tuple[str, ...]
    """As "DNS:…", "IP:…", "EMAIL:…", "URI:…"; DNS names as A-labels."""
    issuer: str = "Example Issuing CA 2"
    key: str = "ec-256"
    key_label: str = ""
    """Which key; the name and the start, where none is said."""
    starts: int = -100
    days: int = 365
    group: str = ""
    description: str = ""
    contact: str = ""
    source: str = "imported"
    provider: str = ""
    key_here: bool = True
    with_chain: bool = True
    client: bool = False
    organization: str = "Example AG"
    renews: bool = False
    """It renews the entry of the same name before it in the plan."""
    resources: tuple[str, ...] = ()
    renewed_by: str = ""
    """The profile that renews it."""
    revoked: int | None = None
    """Days from now at which it was revoked."""


@dataclass(frozen=True, slots=True)
class Authority:
    """A CA: its certificate (DER), key, and the CA above it ("" for a root)."""

    name: str
    der: bytes
    certificate: x509.Certificate
    key: Key
    parent: str


@dataclass(frozen=True, slots=True)
class Issued:
    """A leaf's certificate (DER) and its key."""

    der: bytes
    key: Key = field(repr=False)


# Name, organisation, parent, key, its label, start and length in days.
_AUTHORITIES = (
    ("Example Root CA 2014", "Example AG", "", "rsa-4096", "0", -4330, 4350),
    ("Example Root CA 2021", "Example AG", "", "ec-384", "root", -2000, 7300),
    ("Example Issuing CA 1", "Example AG", "Example Root CA 2014", "rsa-2048", "0", -3600, 3610),
    ("Example Issuing CA 2", "Example AG", "Example Root CA 2021", "ec-384", "two", -1500, 3650),
    ("Example Device CA", "Example AG", "Example Root CA 2021", "ec-256", "device", -1500, 3650),
    ("Northwind Trust Root X1", "Northwind Trust", "", "rsa-4096", "1", -3000, 9000),
    ("Northwind R11", "Northwind Trust", "Northwind Trust Root X1", "rsa-2048", "1", -700, 1460),
    ("Northwind E5", "Northwind Trust", "Northwind Trust Root X1", "ec-384", "e5", -700, 1460),
    ("Harbour Business CA", "Harbour Certification", "Harbour Root", "rsa-2048", "2", -900, 2000),
    ("Harbour Root", "Harbour Certification", "", "ec-384", "harbour", -900, 4000),
)  # fmt: skip
NOT_HERE = ("Harbour Business CA", "Harbour Root")
"""CAs that the inventory lacks, and whose certificates came without their chain."""
KEYS_HERE = ("Example Issuing CA 2", "Example Device CA")
"""CAs whose key is in the store."""


@cache
def authorities(now: datetime) -> dict[str, Authority]:
    """All CAs by name, as of an instant."""
    made: dict[str, Authority] = {}
    by_name = {row[0]: row for row in _AUTHORITIES}

    def make(name: str) -> Authority:
        if name not in made:
            _, organization, parent, kind, label, starts, days = by_name[name]
            above = make(parent) if parent else None
            made[name] = _authority(name, organization, above, make_key(kind, label), now, starts, days)
        return made[name]

    for name in by_name:
        make(name)
    return made


def chain_of(name: str, now: datetime) -> list[bytes]:
    """The DER of a CA and those above it, without the root: what a server sends along."""
    known = authorities(now)
    chain = []
    while name:
        if known[name].parent:
            chain.append(known[name].der)
        name = known[name].parent
    return chain


def issue(leaf: Leaf, now: datetime) -> Issued:
    """Issue a leaf."""
    authority = authorities(now)[leaf.issuer]
    key = make_key(leaf.key, leaf.key_label or f"{leaf.name} {leaf.starts}")
    usages = [ExtendedKeyUsageOID.CLIENT_AUTH] if leaf.client else [ExtendedKeyUsageOID.SERVER_AUTH]
    builder = (
        _builder(
            _name(leaf.common_name, leaf.organization), authority.certificate.subject, key, now, leaf.starts, leaf.days
        )
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(ca=False, rsa=leaf.key.startswith("rsa")), critical=True)
        .add_extension(x509.ExtendedKeyUsage(usages), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key()), critical=False)
    )
    if leaf.sans:
        names = x509.SubjectAlternativeName([_general_name(san) for san in leaf.sans])
        builder = builder.add_extension(names, critical=not leaf.common_name)
    return Issued(_signed(builder, authority.key), key)


def _authority(
    name: str, organization: str, above: Authority | None, key: Key, now: datetime, starts: int, days: int
) -> Authority:
    subject = _name(name, organization)
    signer = above.key if above else key
    builder = (
        _builder(subject, above.certificate.subject if above else subject, key, now, starts, days)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0 if above else None), critical=True)
        .add_extension(_key_usage(ca=True, rsa=False), critical=True)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
    )
    der = _signed(builder, signer)
    return Authority(name, der, x509.load_der_x509_certificate(der), key, above.name if above else "")


def _builder(
    subject: x509.Name, issuer: x509.Name, key: Key, now: datetime, starts: int, days: int
) -> x509.CertificateBuilder:
    begin = (now + timedelta(days=starts)).replace(minute=0, second=0)
    # The serial is as long as RFC 5280 and the CA/Browser Forum want it, and the same each time.
    material = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    serial = int.from_bytes(drawn(f"serial {material.hex()} {starts}", 16), "big") >> 1 | 1
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(serial)
        .not_valid_before(begin)
        .not_valid_after(begin + timedelta(days=days) - _SECOND)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _signed(builder: x509.CertificateBuilder, key: Key) -> bytes:
    match key:
        case ed25519.Ed25519PrivateKey():
            made = builder.sign(key, None)
        case ec.EllipticCurvePrivateKey():
            digest = hashes.SHA384() if key.curve.key_size == 384 else hashes.SHA256()
            made = builder.sign(key, digest, ecdsa_deterministic=True)
        case _:
            made = builder.sign(key, hashes.SHA256())
    return made.public_bytes(Encoding.DER)


def _name(common_name: str, organization: str) -> x509.Name:
    parts: list[x509.NameAttribute[Any]] = []  # Any: str or bytes, as cryptography has it
    if organization:
        parts.append(x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization))
    if common_name:
        # A hostile or long name is what the demonstration is there to show.
        parts.append(x509.NameAttribute(NameOID.COMMON_NAME, common_name, _validate=len(common_name) <= 64))
    return x509.Name(parts)


def _general_name(san: str) -> x509.GeneralName:
    kind, _, value = san.partition(":")
    match kind:
        case "DNS":
            return x509.DNSName(value)
        case "IP":
            return x509.IPAddress(ipaddress.ip_address(value))
        case "EMAIL":
            return x509.RFC822Name(value)
        case _:
            return x509.UniformResourceIdentifier(value)


def _key_usage(*, ca: bool, rsa: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=rsa and not ca,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=ca,
        crl_sign=ca,
        encipher_only=False,
        decipher_only=False,
    )

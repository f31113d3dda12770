"""Makers of ordinary test certificates, keys, requests and chains; fast (EC keys, cached) and on fixed clocks.

`make_cert("www.example.com")` is a leaf that signs itself; `make_chain()` is a root, an intermediate and a leaf with
their keys. Everything is given as `Made`, which knows its DER, PEM, key and facts.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, mldsa, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from certtui.model.x509 import KeyFacts, X509Facts

NOW = datetime(2026, 6, 15, 12, 0, 0, tzinfo=timezone.utc)
"""The instant at which tests live, unless they say otherwise."""

Key = Any  # any private key of cryptography; its own union is not importable at runtime


@cache
def make_key(kind: str = "ec-256", number: int = 0) -> Key:
    """A key of a kind, always the same object for the same `number` within one test run."""
    match kind.split("-"):
        case ["ec", "256"]:
            return ec.generate_private_key(ec.SECP256R1())
        case ["ec", "384"]:
            return ec.generate_private_key(ec.SECP384R1())
        case ["ec", "521"]:
            return ec.generate_private_key(ec.SECP521R1())
        case ["rsa", bits]:
            return rsa.generate_private_key(65537, int(bits))
        case ["ed25519"]:
            return ed25519.Ed25519PrivateKey.generate()
        case ["ed448"]:
            return ed448.Ed448PrivateKey.generate()
        case ["dsa", bits]:
            return dsa.generate_private_key(int(bits))
        case ["ml", "dsa", "65"]:
            return mldsa.MLDSA65PrivateKey.generate()
        case _:
            raise ValueError(kind)


@dataclass(frozen=True)
class Made:
    """One certificate with its key."""

    certificate: x509.Certificate
    key: Key

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(Encoding.DER)

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM)

    @property
    def facts(self) -> X509Facts:
        from certtui.pki.facts import x509_facts

        return x509_facts(self.der)

    @property
    def key_facts(self) -> KeyFacts:
        from certtui.pki.keys import key_facts

        return key_facts(self.key)

    @property
    def key_der(self) -> bytes:
        return self.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())

    @property
    def key_pem(self) -> bytes:
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())

    def encrypted_key_pem(self, password: bytes = b"secret") -> bytes:
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(password))

    def pfx(self, password: bytes | None = b"secret", *, chain: tuple[Made, ...] = (), name: str = "") -> bytes:
        """A PFX with AES-256, or without encryption for None."""
        seal = BestAvailableEncryption(password) if password else NoEncryption()
        others = [m.certificate for m in chain]
        return pkcs12.serialize_key_and_certificates(name.encode() or None, self.key, self.certificate, others, seal)


def subject_name(common_name: str = "", **more: str) -> x509.Name:
    """A subject of a common name and `organization=`, `country=`, `organizational_unit=` …, each in an RDN of its own."""
    kinds = {
        "country": NameOID.COUNTRY_NAME,
        "state": NameOID.STATE_OR_PROVINCE_NAME,
        "locality": NameOID.LOCALITY_NAME,
        "organization": NameOID.ORGANIZATION_NAME,
        "organizational_unit": NameOID.ORGANIZATIONAL_UNIT_NAME,
        "email": NameOID.EMAIL_ADDRESS,
    }
    attributes = [x509.NameAttribute(kinds[k], v) for k, v in more.items()]
    if common_name:
        attributes.append(x509.NameAttribute(NameOID.COMMON_NAME, common_name, _validate=False))
    return x509.Name(attributes)


def general_name(text: str) -> x509.GeneralName:
    """From "DNS:…", "IP:…", "EMAIL:…" or "URI:…"; no prefix is DNS."""
    kind, colon, value = text.partition(":")
    match kind if colon else "":
        case "IP":
            return x509.IPAddress(ipaddress.ip_address(value))
        case "EMAIL":
            return x509.RFC822Name(value)
        case "URI":
            return x509.UniformResourceIdentifier(value)
        case "DNS":
            return x509.DNSName(value)
        case _:
            return x509.DNSName(text)


def make_cert(
    common_name: str = "www.example.com",
    *,
    sans: tuple[str, ...] | None = None,
    issuer: Made | None = None,
    key: Key | None = None,
    kind: str = "ec-256",
    number: int = 0,
    not_before: datetime | None = None,
    not_after: datetime | None = None,
    days: int = 365,
    serial: int | None = None,
    ca: bool = False,
    path_length: int | None = None,
    subject: x509.Name | None = None,
    extensions: tuple[tuple[x509.ExtensionType, bool], ...] = (),
    plain: bool = False,
    server: bool = True,
    key_usage: x509.KeyUsage | None = None,
) -> Made:
    """One certificate; signs itself without `issuer`. `sans` default to the common name for a leaf; `plain` has no extensions."""
    key = key or make_key(kind, number)
    not_before = not_before or NOW - timedelta(days=30)
    not_after = not_after or not_before + timedelta(days=days, seconds=-1)
    name = subject if subject is not None else subject_name(common_name)
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer.certificate.subject if issuer else name)
        .public_key(key.public_key())
        .serial_number(serial if serial is not None else _serial(common_name, number, not_before, key))
        .not_valid_before(not_before)
        .not_valid_after(not_after)
    )
    if not plain:
        if sans is None:
            sans = () if ca or not common_name else (common_name,)
        if sans:
            builder = builder.add_extension(x509.SubjectAlternativeName([general_name(s) for s in sans]), False)
        builder = builder.add_extension(x509.BasicConstraints(ca, path_length if ca else None), True)
        builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
        if issuer:
            parent = issuer.key.public_key()
            builder = builder.add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(parent), False)
        if key_usage is not None or ca:
            builder = builder.add_extension(key_usage or usage(ca=True), True)
        if server and not ca:
            builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False)
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical)
    signer = issuer.key if issuer else key
    # Deterministic, so that the same certificate is the same octets within a run.
    deterministic = True if isinstance(signer, ec.EllipticCurvePrivateKey) else None
    return Made(builder.sign(signer, _digest(signer), ecdsa_deterministic=deterministic), key)


def make_chain(
    common_name: str = "www.example.com", *, intermediates: int = 1, kind: str = "ec-256", number: int = 0, **more: Any
) -> tuple[Made, ...]:
    """Leaf first, then intermediates, the root last; every one with its key. `more` goes to the leaf."""
    root = make_cert(
        f"Test Root {number}", ca=True, number=1000 + number, days=7300, not_before=NOW - timedelta(days=3650)
    )
    line = [root]
    for level in range(intermediates):
        name = f"Test Issuing CA {number}.{level}"
        line.insert(0, make_cert(name, ca=True, number=2000 + 10 * number + level, issuer=line[0], days=3650))
    leaf = make_cert(common_name, issuer=line[0], kind=kind, number=number, **more)
    return (leaf, *line)


def make_csr(
    common_name: str = "www.example.com", *, sans: tuple[str, ...] = (), kind: str = "ec-256", number: int = 0
) -> tuple[bytes, Key]:
    """A PKCS#10 request in PEM and its key."""
    key = make_key(kind, number)
    builder = x509.CertificateSigningRequestBuilder().subject_name(subject_name(common_name))
    if sans:
        builder = builder.add_extension(x509.SubjectAlternativeName([general_name(s) for s in sans]), False)
    return builder.sign(key, _digest(key)).public_bytes(Encoding.PEM), key


def usage(*, ca: bool = False, signature: bool = True) -> x509.KeyUsage:
    """The key usage of a CA or of a server."""
    return x509.KeyUsage(
        digital_signature=signature,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=ca,
        crl_sign=ca,
        encipher_only=False,
        decipher_only=False,
    )


def _digest(key: Key) -> hashes.HashAlgorithm | None:
    plain = (ed25519.Ed25519PrivateKey, ed448.Ed448PrivateKey, mldsa.MLDSA65PrivateKey)
    return None if isinstance(key, plain) else hashes.SHA256()


def _serial(*what: object) -> int:
    """A serial that is the same in every run for the same certificate."""
    from hashlib import sha256

    text = repr([w for w in what if isinstance(w, (str, int, datetime))])
    return int.from_bytes(sha256(text.encode()).digest()[:16], "big") >> 1 | 1

"""Makes a private key and its PKCS#10 request (RFC 2986) from what a form says."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

from certtui.errors import Invalid
from certtui.model.csr import KEY_TYPES, CsrRequest, SubjectFields
from certtui.model.x509 import CsrFacts, KeyFacts
from certtui.pki import pem
from certtui.pki.facts import csr_facts
from certtui.pki.keys import key_facts
from certtui.pki.sans import host_or_address, normalise

if TYPE_CHECKING:
    from cryptography import x509

    from certtui.pki.signing import SigningKey

# RFC 5280, appendix A.1: upper bounds in characters.
_BOUNDS = {
    "common_name": 64,
    "organization": 64,
    "organizational_unit": 64,
    "state": 128,
    "locality": 128,
    "email": 255,
}
_WORDS = {
    "common_name": "common name",
    "organization": "organization",
    "organizational_unit": "organizational unit",
    "country": "country",
    "state": "state",
    "locality": "locality",
    "email": "e-mail address",
}


def make(request: CsrRequest, kept: KeyFacts | None = None) -> tuple[CsrFacts, KeyFacts]:
    """A request and its key: a new one, or the one that is `kept`. Raises `Invalid` naming the form's field. RSA 4096 may take seconds."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.serialization import Encoding

    subject, sans = checked(request)
    builder = x509.CertificateSigningRequestBuilder().subject_name(distinguished_name(subject))
    if sans:
        names = x509.SubjectAlternativeName([general_name(san) for san in sans])
        builder = builder.add_extension(names, critical=not any(_fields(subject)))
    key = new_key(request.key_type) if kept is None else _again(kept)
    algorithm = hashes.SHA256() if request.key_type.startswith(("rsa", "ec-")) else None
    signed = builder.sign(key, algorithm)
    return csr_facts(signed.public_bytes(Encoding.DER)), kept or key_facts(key)


def _again(kept: KeyFacts) -> SigningKey:
    from typing import cast

    from certtui.pki.keys import load

    return cast("SigningKey", load(kept.pkcs8))  # of a kind that is made here, which all sign


def csr_pem(facts: CsrFacts) -> str:
    """The request in PEM."""
    return pem.encode("CERTIFICATE REQUEST", facts.der).decode("ascii")


def checked(request: CsrRequest) -> tuple[SubjectFields, tuple[str, ...]]:
    """Subject and SANs as they will be written, without making a key. Raises `Invalid` naming the form's field.

    A common name that is a host name is written in A-labels, and is among the SANs, since nothing else is matched (RFC 9525, 2).
    """
    if request.key_type not in KEY_TYPES:
        raise Invalid(
            f"“{request.key_type}” is not a kind of key that can be made here.",
            f"Choose one of {', '.join(KEY_TYPES)}.",
            field="key_type",
        )
    subject = checked_subject(request.subject)
    sans = tuple(dict.fromkeys(normalise(san) for san in request.sans if san.strip()))
    implied = host_or_address(subject.common_name) if subject.common_name else ""
    if implied and implied not in sans:
        sans = (implied, *sans)
    if not subject.common_name and not sans:
        raise Invalid("The request names nothing.", "Give a common name or at least one SAN.", field="common_name")
    return subject, sans


def checked_subject(typed: SubjectFields) -> SubjectFields:
    """The fields as they will be written: trimmed, within their bounds, host names in A-labels. Raises `Invalid` naming the field."""
    values = {name: getattr(typed, name).strip() for name in _WORDS}
    for name, value in values.items():
        if any(ord(c) < 32 or 0x7F <= ord(c) < 0xA0 or 0xD800 <= ord(c) < 0xE000 for c in value):
            raise Invalid(f"The {_WORDS[name]} holds a control character.", "Type it again.", field=name)
    if implied := host_or_address(values["common_name"]):
        kind, _, value = implied.partition(":")
        values["common_name"] = value if kind == "DNS" else values["common_name"]
    for name, bound in _BOUNDS.items():
        if len(values[name]) > bound:
            raise Invalid(
                f"The {_WORDS[name]} is longer than {bound} characters, which certificates do not allow.",
                "Put long names into the SANs." if name == "common_name" else "Shorten it.",
                field=name,
            )
    country = values["country"].upper()
    if country and not (len(country) == 2 and country.isascii() and country.isalpha()):
        raise Invalid(
            f"“{values['country']}” is not a country code.", "Use the two letters of ISO 3166.", field="country"
        )
    values["country"] = country
    values["email"] = _email(values["email"])
    return SubjectFields(**values)


def _email(value: str) -> str:
    if not value:
        return ""
    try:
        return normalise("EMAIL:" + value).removeprefix("EMAIL:")
    except Invalid:
        raise Invalid(f"“{value}” is not an e-mail address.", "Write it as name@example.com.", field="email") from None


def _fields(subject: SubjectFields) -> tuple[str, ...]:
    return tuple(getattr(subject, name) for name in _WORDS)


def distinguished_name(subject: SubjectFields) -> x509.Name:
    """The name made of checked fields, from the country to the common name. Raises `Invalid`."""
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    ordered = (
        (NameOID.COUNTRY_NAME, subject.country),
        (NameOID.STATE_OR_PROVINCE_NAME, subject.state),
        (NameOID.LOCALITY_NAME, subject.locality),
        (NameOID.ORGANIZATION_NAME, subject.organization),
        (NameOID.ORGANIZATIONAL_UNIT_NAME, subject.organizational_unit),
        (NameOID.COMMON_NAME, subject.common_name),
        (NameOID.EMAIL_ADDRESS, subject.email),
    )
    try:
        return x509.Name([x509.NameAttribute(oid, value) for oid, value in ordered if value])
    except ValueError:
        # Bounds count octets of UTF-8 in cryptography, characters in RFC 5280.
        raise Invalid(
            "A subject field is too long once encoded.", "Shorten the common name.", field="common_name"
        ) from None


def general_name(san: str) -> x509.GeneralName:
    """What a normalised name is in a certificate."""
    from cryptography import x509

    kind, _, value = san.partition(":")
    match kind:
        case "IP":
            return x509.IPAddress(ipaddress.ip_address(value))
        case "EMAIL":
            return x509.RFC822Name(value)
        case "URI":
            return x509.UniformResourceIdentifier(value)
        case _:
            return x509.DNSName(value)


def new_key(key_type: str) -> SigningKey:
    """A new private key of KEY_TYPES. RSA 4096 may take seconds."""
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, mldsa, rsa

    match key_type.split("-"):
        case ["rsa", bits]:
            return rsa.generate_private_key(65537, int(bits))
        case ["ec", bits]:
            curves: dict[str, ec.EllipticCurve] = {"256": ec.SECP256R1(), "384": ec.SECP384R1(), "521": ec.SECP521R1()}
            return ec.generate_private_key(curves[bits])
        case ["ml", "dsa", "44"]:
            return mldsa.MLDSA44PrivateKey.generate()
        case ["ml", "dsa", "65"]:
            return mldsa.MLDSA65PrivateKey.generate()
        case ["ml", "dsa", "87"]:
            return mldsa.MLDSA87PrivateKey.generate()
        case _:
            return ed25519.Ed25519PrivateKey.generate()

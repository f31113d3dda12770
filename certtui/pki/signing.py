"""Who signs: the certificate of a CA or of a responder with its key, loaded once and good for any number of signatures.

What is signed is written as DER by `certtui.pki` itself, so that an issuer's name is repeated octet by octet and nothing
is parsed twice; the signature alone is made by `cryptography`.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import TYPE_CHECKING

from certtui.errors import Invalid
from certtui.model.secret import Secret
from certtui.model.x509 import X509Facts
from certtui.pki import der
from certtui.pki.certificate_parts import certificate_parts, spki_parts
from certtui.pki.extensions import Limits, limits
from certtui.record import dataclass, field

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.asymmetric.ed448 import Ed448PrivateKey
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey, MLDSA65PrivateKey, MLDSA87PrivateKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

    SigningKey = (
        RSAPrivateKey
        | EllipticCurvePrivateKey
        | Ed25519PrivateKey
        | Ed448PrivateKey
        | MLDSA44PrivateKey
        | MLDSA65PrivateKey
        | MLDSA87PrivateKey
    )

_NULL = b"\x05\x00"
_RSA = {
    "sha256": "1.2.840.113549.1.1.11",
    "sha384": "1.2.840.113549.1.1.12",
    "sha512": "1.2.840.113549.1.1.13",
}
_ECDSA = {"sha256": "1.2.840.10045.4.3.2", "sha384": "1.2.840.10045.4.3.3", "sha512": "1.2.840.10045.4.3.4"}
_PLAIN = {
    "ed25519": "1.3.101.112",
    "ed448": "1.3.101.113",
    "ml-dsa-44": "2.16.840.1.101.3.4.3.17",
    "ml-dsa-65": "2.16.840.1.101.3.4.3.18",
    "ml-dsa-87": "2.16.840.1.101.3.4.3.19",
}
_PSS_KEY = "1.2.840.113549.1.1.10"
_SERIAL_OCTETS = 16


@dataclass(frozen=True, slots=True)
class Signer:
    """A certificate with its loaded key. Made by `load_signer`; holds a private key, so it is not to be kept for long."""

    certificate: X509Facts
    key: SigningKey = field(repr=False, compare=False)
    digest: str
    """"" for Ed25519, Ed448 and ML-DSA."""
    algorithm: bytes
    """The DER AlgorithmIdentifier of its signatures."""
    name: bytes
    """Its subject, DER as written."""
    key_id: bytes
    """Its subject key identifier; where it has none, what RFC 7093 makes of its key."""
    limits: tuple[Limits, ...]
    """Its own, then those of the CAs above it that are known."""

    def sign(self, tbs: bytes, *, after: bytes = b"") -> bytes:
        """The DER of what was signed: SEQUENCE { tbs, algorithm, signature }, and what OCSP puts after them."""
        return signed(tbs, self.key, self.digest, self.algorithm, after=after)


def load_signer(
    certificate: X509Facts, key: Secret | SigningKey, *, digest: str = "sha256", above: Sequence[bytes] = ()
) -> Signer:
    """A signer from a certificate and its PKCS#8; `above` are the DER certificates of its issuers, for their limits.

    Raises `Invalid` for a key that is not the certificate's or can't sign here.
    """
    from certtui.pki.keys import key_facts, load

    parts = certificate_parts(certificate.der)
    if spki_parts(parts.spki)[0] == _PSS_KEY:
        # Before the comparison: loaded, such a key is a plain RSA key.
        raise Invalid(
            "The CA's key may sign by RSASSA-PSS only, which is not written here.", "Use another CA.", field="key"
        )
    loaded = load(key) if isinstance(key, Secret) else key
    if key_facts(loaded).spki_sha256 != certificate.spki_sha256:
        raise Invalid("The private key is not that of the certificate.", "Give the key of this CA.", field="key")
    return Signer(
        certificate,
        loaded,  # type: ignore[arg-type]  # what can't sign was refused by `signature_algorithm`
        digest_of(certificate.key_algorithm, digest),
        signature_algorithm(certificate.key_algorithm, digest),
        parts.subject,
        bytes.fromhex(certificate.subject_key_id) or key_identifier(parts.spki),
        tuple(limits(each) for each in (certificate.der, *above)),
    )


def new_serial() -> str:
    """A new serial number in hex as `X509Facts.serial_number`: 127 random bits, positive, 16 octets (RFC 5280, 4.1.2.2)."""
    # The top bit is clear, so that no zero octet precedes it; the one below is set, so that it is always as long.
    number = secrets.randbits(8 * _SERIAL_OCTETS - 2) | 1 << (8 * _SERIAL_OCTETS - 2)
    return f"{number:x}"


def serial_octets(serial_number: str) -> bytes:
    """The content of the INTEGER for a positive hex serial. Raises `Invalid` for what RFC 5280, 4.1.2.2 does not allow."""
    try:
        content = bytes.fromhex(serial_number if len(serial_number) % 2 == 0 else "0" + serial_number).lstrip(b"\0")
    except ValueError:
        content = b""
    if content and content[0] & 0x80:
        content = b"\0" + content
    if not content or len(content) > 20:
        raise Invalid("A serial number is a positive number of at most 20 octets.", field="serial_number")
    return content


def key_identifier(spki: bytes) -> bytes:
    """The key identifier of RFC 7093, 2, method 1: the first 160 bits of the SHA-256 of the key's bits."""
    from hashlib import sha256

    return sha256(spki_parts(spki)[2]).digest()[:20]


def signature_algorithm(key_algorithm: str, digest: str) -> bytes:
    """The DER AlgorithmIdentifier for a kind of key and a digest of `ca.DIGESTS`. Raises `Invalid`."""
    kind = key_algorithm.partition("-")[0]
    match kind:
        case "rsa" if digest in _RSA:
            return _identifier(_RSA[digest], _NULL)
        case "ec" if digest in _ECDSA:
            return _identifier(_ECDSA[digest], b"")
        case _ if key_algorithm in _PLAIN:
            return _identifier(_PLAIN[key_algorithm], b"")
        case "rsa" | "ec":
            raise Invalid(
                f"“{digest}” is not a digest to sign with.", "Choose sha256, sha384 or sha512.", field="digest"
            )
        case _:
            raise Invalid(f"A key of the kind {key_algorithm} can't sign certificates here.", field="key_type")


def signed(tbs: bytes, key: SigningKey, digest: str, algorithm: bytes, *, after: bytes = b"") -> bytes:
    """SEQUENCE { tbs, algorithm, signature, after }, as certificates, CRLs and OCSP answers have it."""
    bits = b"\0" + _signature(tbs, key, digest)
    return der.encode(der.SEQUENCE, tbs + algorithm + der.encode(der.BIT_STRING, bits) + after)


def _signature(tbs: bytes, key: SigningKey, digest: str) -> bytes:
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

    if not digest:
        return key.sign(tbs)  # type: ignore[call-arg]  # only Ed25519, Ed448 and ML-DSA have no digest
    known: dict[str, hashes.HashAlgorithm] = {
        "sha256": hashes.SHA256(),
        "sha384": hashes.SHA384(),
        "sha512": hashes.SHA512(),
    }
    chosen = known[digest]
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return key.sign(tbs, ec.ECDSA(chosen))
    assert isinstance(key, rsa.RSAPrivateKey)  # noqa: S101  # the other kinds have no digest
    return key.sign(tbs, padding.PKCS1v15(), chosen)


def _identifier(oid: str, parameters: bytes) -> bytes:
    return der.encode(der.SEQUENCE, der.encode(der.OID, der.undotted(oid)) + parameters)


def digest_of(key_algorithm: str, digest: str) -> str:
    """The digest that this kind of key signs with, "" where it has none."""
    return "" if key_algorithm in _PLAIN else digest


def public_der(key: SigningKey) -> bytes:
    """The DER SubjectPublicKeyInfo of a private key."""
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)

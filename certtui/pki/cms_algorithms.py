"""Signature, digest and padding algorithms as CMS names them, read and written: RSA, RSASSA-PSS, RSAES-OAEP, ECDSA, Ed25519.

RFC 3370, 4055, 4056, 5753, 5754, 8419. Everything that is not known is `Malformed` or a `Refused` with the reason.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from certtui.pki import cms_asn1 as asn1
from certtui.pki import der
from certtui.pki.algorithms import DIGESTS, SIGNATURES
from certtui.pki.cms_asn1 import Algorithm, Element, Malformed

if TYPE_CHECKING:
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import padding

RSA = "1.2.840.113549.1.1.1"
PSS = "1.2.840.113549.1.1.10"
OAEP = "1.2.840.113549.1.1.7"
ED25519 = "1.3.101.112"
_MGF1 = "1.2.840.113549.1.1.8"
_SPECIFIED = "1.2.840.113549.1.1.9"
DIGEST_OIDS = {name: oid for oid, name in DIGESTS.items()}
ECDSA_OIDS = {
    "sha256": "1.2.840.10045.4.3.2",
    "sha384": "1.2.840.10045.4.3.3",
    "sha512": "1.2.840.10045.4.3.4",
}
_READ = ("sha224", "sha256", "sha384", "sha512")
_WEAK = ("md2", "md4", "md5", "sha1")
_SHA1 = "1.3.14.3.2.26"


class Refused(ValueError):
    """Known or not, this algorithm is not used here; says why in words that follow a colon."""


class SignatureAlgorithm(NamedTuple):
    """What a signature was made with: `kind` is rsa, rsa-pss, ecdsa or ed25519."""

    kind: str
    digest: str
    salt: int = 0
    """Octets of salt, of PSS alone."""
    mask: str = ""
    """The digest of its mask generation function, of PSS alone."""

    @property
    def text(self) -> str:
        return self.kind if self.kind == "ed25519" else f"{self.kind} {self.digest}"


def digest_name(found: Algorithm) -> str:
    """The name of a digest that is good enough. Raises `Refused`."""
    name = DIGESTS.get(found.oid, "")
    if name in _WEAK:
        raise Refused(f"its digest is {name.upper()}, which is too weak")
    if name not in _READ:
        raise Refused(f"its digest {name or found.oid} is not one that is read here")
    return name


def signature_name(found: Algorithm) -> str:
    """How a signature algorithm is shown, whether it is read or not."""
    if found.oid in (RSA, PSS):
        return "rsa" if found.oid == RSA else "rsa-pss"
    return SIGNATURES.get(found.oid, ("", found.oid))[1]


def signature(found: Algorithm, digest: str) -> SignatureAlgorithm:
    """What a SignerInfo's signatureAlgorithm means beside its digest. Raises `Refused`, `Malformed`."""
    if found.oid == RSA:
        return SignatureAlgorithm("rsa", digest)
    if found.oid == PSS:
        return _pss(found)
    if found.oid == ED25519:
        if digest != "sha512":
            raise Refused("an Ed25519 signature goes with SHA-512 (RFC 8419)")
        return SignatureAlgorithm("ed25519", digest)
    own, name = SIGNATURES.get(found.oid, ("", ""))
    if name.startswith("ecdsa"):
        kind = "ecdsa"
    elif name.endswith("WithRSAEncryption"):
        kind = "rsa"
    else:
        raise Refused(f"its algorithm {name or found.oid} is not one that is read here")
    if own in _WEAK:
        raise Refused(f"its digest is {own.upper()}, which is too weak")
    if own not in _READ:
        raise Refused(f"its digest {own} is not one that is read here")
    return SignatureAlgorithm(kind, own)


def hash_of(name: str) -> hashes.HashAlgorithm:
    """The digest of `cryptography` for a name; SHA-1 too, which OAEP and key derivation may use."""
    from cryptography.hazmat.primitives import hashes

    known: dict[str, hashes.HashAlgorithm] = {
        "sha1": hashes.SHA1(),  # noqa: S303  # no signature is made or believed with it
        "sha224": hashes.SHA224(),
        "sha256": hashes.SHA256(),
        "sha384": hashes.SHA384(),
        "sha512": hashes.SHA512(),
    }
    return known[name]


def pss_identifier(digest: str) -> bytes:
    """RSASSA-PSS with one digest for everything and a salt as long as it (RFC 4056, 3)."""
    size = hash_of(digest).digest_size
    hashed = asn1.identifier(DIGEST_OIDS[digest], asn1.NULL)
    parameters = asn1.sequence(
        der.encode(0xA0, hashed),
        der.encode(0xA1, asn1.identifier(_MGF1, hashed)),
        der.encode(0xA2, asn1.small(size)),
    )
    return asn1.identifier(PSS, parameters)


def oaep_identifier(digest: str) -> bytes:
    """RSAES-OAEP with one digest for everything and no label (RFC 4055, 4.1)."""
    hashed = asn1.identifier(DIGEST_OIDS[digest], asn1.NULL)
    parameters = asn1.sequence(der.encode(0xA0, hashed), der.encode(0xA1, asn1.identifier(_MGF1, hashed)))
    return asn1.identifier(OAEP, parameters)


def oaep(found: Algorithm) -> tuple[str, padding.OAEP]:
    """Name of the digest, and the padding of an RSAES-OAEP identifier (RFC 4055, 4.1). Raises `Refused`, `Malformed`."""
    from cryptography.hazmat.primitives.asymmetric import padding

    digest, mask, fields = _digests(found)
    label = None
    if (source := fields.get(0xA2)) is not None:
        chosen = asn1.algorithm(source)
        if chosen.oid != _SPECIFIED or chosen.parameters is None:
            raise Refused("its OAEP label is of an unknown kind")
        label = chosen.parameters.expect(der.OCTET_STRING).content or None
    for name in (digest, mask):
        if name not in ("sha1", *_READ):
            raise Refused(f"its OAEP digest {name} is not one that is read here")
    return digest, padding.OAEP(padding.MGF1(hash_of(mask)), hash_of(digest), label)


def pss_digest(spki_parameters: bytes) -> str:
    """The one digest that an RSASSA-PSS key is bound to by its parameters (RFC 4055, 3.1), "" if to none. Raises `Malformed`."""
    if not spki_parameters:
        return ""
    whole = asn1.whole(spki_parameters)
    return _digests(Algorithm(PSS, whole, b""))[0]


def _pss(found: Algorithm) -> SignatureAlgorithm:
    digest, mask, fields = _digests(found)
    for name in (digest, mask):
        if name in _WEAK:
            raise Refused(f"its digest is {name.upper()}, which is too weak")
        if name not in _READ:
            raise Refused(f"its digest {name} is not one that is read here")
    salt = fields[0xA2].number() if 0xA2 in fields else 20
    trailer = fields[0xA3].number() if 0xA3 in fields else 1
    if not 0 <= salt <= 512 or trailer != 1:
        raise Refused("its PSS parameters are not those of RFC 4055")
    return SignatureAlgorithm("rsa-pss", digest, salt, mask)


def _digests(found: Algorithm) -> tuple[str, str, dict[int, Element]]:
    """Digest, digest of MGF1, and every field of PSS or OAEP parameters by its tag; both are SHA-1 where nothing is said."""
    parameters = found.parameters
    if parameters is None:
        if found.oid == PSS:
            raise Malformed("PSS has parameters")
        return "sha1", "sha1", {}
    fields = {each.tag: each.only() for each in parameters.expect(der.SEQUENCE).children()}
    digest = _digest(fields.get(0xA0))
    mask = "sha1"
    if (mgf := fields.get(0xA1)) is not None:
        chosen = asn1.algorithm(mgf)
        if chosen.oid != _MGF1 or chosen.parameters is None:
            raise Refused("its mask is not made by MGF1")
        mask = _digest(chosen.parameters)
    return digest, mask, fields


def _digest(element: Element | None) -> str:
    dotted = _SHA1 if element is None else asn1.algorithm(element).oid
    return DIGESTS.get(dotted, dotted)

"""The extensions that certificates made here carry (RFC 5280, 4.2), each as DER."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import lru_cache

from certtui.errors import Invalid
from certtui.model.ca import IssuingUrls
from certtui.model.template import EXTENDED_USAGES, KEY_USAGES
from certtui.pki import der
from certtui.pki.csr import general_name

_TRUE = b"\x01\x01\xff"
_CA_ISSUERS = der.encode(der.OID, der.undotted("1.3.6.1.5.5.7.48.2"))
_OCSP = der.encode(der.OID, der.undotted("1.3.6.1.5.5.7.48.1"))


def extension(oid: str, value: bytes, *, critical: bool = False) -> bytes:
    """One Extension; `value` is the DER inside its OCTET STRING."""
    head = _oid(oid) + (_TRUE if critical else b"")
    return der.encode(der.SEQUENCE, head + der.encode(der.OCTET_STRING, value))


@lru_cache(maxsize=256)
def ca_constraints(path_length: int | None) -> bytes:
    """basicConstraints of a CA, critical."""
    length = b"" if path_length is None else der.encode(der.INTEGER, integer_octets(path_length))
    return extension("2.5.29.19", der.encode(der.SEQUENCE, _TRUE + length), critical=True)


@lru_cache(maxsize=1)
def leaf_constraints() -> bytes:
    """basicConstraints of what is no CA, critical."""
    return extension("2.5.29.19", b"\x30\x00", critical=True)


@lru_cache(maxsize=256)
def key_usage(usages: tuple[str, ...]) -> bytes:
    """keyUsage, critical, of names of KEY_USAGES. Raises `Invalid`."""
    bits = 0
    for usage in usages:
        if usage not in KEY_USAGES:
            raise Invalid(f"“{usage}” is not a key usage.", f"Choose of {', '.join(KEY_USAGES)}.", field="key_usages")
        bits |= 0x8000 >> KEY_USAGES.index(usage)
    # A named bit list has no zero bits at its end (X.690, 11.2.2).
    octets = bits.to_bytes(2, "big").rstrip(b"\0")
    unused = (octets[-1] & -octets[-1]).bit_length() - 1 if octets else 0
    return extension("2.5.29.15", der.encode(der.BIT_STRING, bytes((unused,)) + octets), critical=True)


@lru_cache(maxsize=256)
def extended_key_usage(usages: tuple[str, ...]) -> bytes:
    """extKeyUsage of names of EXTENDED_USAGES or dotted OIDs. Raises `Invalid`."""
    return extension("2.5.29.37", der.encode(der.SEQUENCE, b"".join(_oid(usage_oid(usage)) for usage in usages)))


def usage_oid(usage: str) -> str:
    """The dotted OID of an extended key usage as it is named. Raises `Invalid`."""
    oid = EXTENDED_USAGES.get(usage, usage)
    arcs = oid.split(".")
    if len(arcs) < 3 or not all(arc.isascii() and arc.isdigit() and len(arc) < 30 for arc in arcs):
        raise Invalid(
            f"“{usage}” is not an extended key usage.",
            f"Choose of {', '.join(EXTENDED_USAGES)}, or write an OID.",
            field="usages",
        )
    if int(arcs[0]) > 2 or (int(arcs[0]) < 2 and int(arcs[1]) > 39):
        raise Invalid(f"“{usage}” is not an object identifier.", field="usages")
    return ".".join(str(int(arc)) for arc in arcs)


def subject_key_id(identifier: bytes) -> bytes:
    """subjectKeyIdentifier."""
    return extension("2.5.29.14", der.encode(der.OCTET_STRING, identifier))


def authority_key_id(identifier: bytes) -> bytes:
    """authorityKeyIdentifier with the key identifier alone."""
    return extension("2.5.29.35", der.encode(der.SEQUENCE, der.encode(0x80, identifier)))


def alternative_names(sans: Sequence[str], *, critical: bool) -> bytes:
    """subjectAltName of normalised names. Raises `Invalid`."""
    from cryptography import x509

    try:
        value = x509.SubjectAlternativeName([general_name(san) for san in sans]).public_bytes()
    except ValueError:
        raise Invalid("A SAN can't be written into a certificate.", "Check the names.", field="sans") from None
    return extension("2.5.29.17", value, critical=critical)


@lru_cache(maxsize=256)
def published(urls: IssuingUrls) -> bytes:
    """authorityInfoAccess, CRL distribution points and freshest CRL, as far as there are URLs. Raises `Invalid`."""
    found = b""
    descriptions = [der.encode(der.SEQUENCE, _OCSP + url_name(url)) for url in urls.ocsp]
    descriptions += [der.encode(der.SEQUENCE, _CA_ISSUERS + url_name(url)) for url in urls.issuer]
    if descriptions:
        found += extension("1.3.6.1.5.5.7.1.1", der.encode(der.SEQUENCE, b"".join(descriptions)))
    if urls.crl:
        found += extension("2.5.29.31", distribution_points(urls.crl))
    if urls.delta_crl:
        found += extension("2.5.29.46", distribution_points(urls.delta_crl))
    return found


def distribution_points(urls: Iterable[str]) -> bytes:
    """CRLDistributionPoints: one point whose names are all the URLs, since each gives the same list (4.2.1.13)."""
    names = der.encode(0xA0, der.encode(0xA0, b"".join(url_name(url) for url in urls)))
    return der.encode(der.SEQUENCE, der.encode(der.SEQUENCE, names))


def url_name(url: str) -> bytes:
    """A GeneralName of the kind URI. Raises `Invalid` for what is no plain http, https or ldap URL."""
    scheme, colon, rest = url.partition("://")
    if scheme.lower() not in ("http", "https", "ldap") or not colon or not rest.strip("/"):
        raise Invalid(f"“{url}” is not a URL that certificates can name.", "Write it as http://….", field="urls")
    if not url.isascii() or any(ord(c) <= 32 or ord(c) == 127 for c in url):
        raise Invalid(f"“{url}” holds characters that no URL holds.", "Encode them as %XX.", field="urls")
    return der.encode(0x86, url.encode("ascii"))


def dates(not_before: datetime, not_after: datetime) -> bytes:
    """Validity."""
    return der.encode(der.SEQUENCE, time(not_before) + time(not_after))


def time(at: datetime) -> bytes:
    """A Time: UTCTime until 2049, GeneralizedTime from 2050 on (RFC 5280, 4.1.2.5)."""
    if not 1950 <= at.year < 2050:
        return generalized_time(at)
    # A quarter of the time that strftime takes (measured), which counts in long CRLs.
    return b"\x17\x0d%02d%02d%02d%02d%02d%02dZ" % (at.year % 100, at.month, at.day, at.hour, at.minute, at.second)


def generalized_time(at: datetime) -> bytes:
    """A GeneralizedTime, in whole seconds."""
    return b"\x18\x0f%04d%02d%02d%02d%02d%02dZ" % (at.year, at.month, at.day, at.hour, at.minute, at.second)


def integer_octets(number: int) -> bytes:
    """The content of an INTEGER for a number that is not negative."""
    return number.to_bytes(number.bit_length() // 8 + 1, "big")


def tbs_certificate(
    serial: bytes, algorithm: bytes, issuer: bytes, validity: bytes, subject: bytes, spki: bytes, extensions: bytes
) -> bytes:
    """TBSCertificate of version 3 of its DER parts; `serial` is the INTEGER's content."""
    listed = der.encode(0xA3, der.encode(der.SEQUENCE, extensions))
    head = b"\xa0\x03\x02\x01\x02" + der.encode(der.INTEGER, serial) + algorithm
    return der.encode(der.SEQUENCE, head + issuer + validity + subject + spki + listed)


@lru_cache(maxsize=256)
def _oid(dotted: str) -> bytes:
    return der.encode(der.OID, der.undotted(dotted))

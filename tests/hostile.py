"""Makers of hostile inputs: certificates, PFX files and texts that no honest program writes but that somebody will bring.

`raw_cert` builds a certificate from raw pieces, so that what a library would refuse to write can be written.
`CERTIFICATES` maps a name to a maker of DER that must give facts; `REFUSED` to one that must be refused with a sentence.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from collections.abc import Callable
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from certtui.pki import der, pbe
from tests.certs import NOW, Made, make_cert, make_key

CLIPBOARD = "evil\x1b]52;c;ZXZpbA==\x07.example.com"
"""A common name that writes the clipboard of a terminal that obeys it."""
BIDI = "\u202egro.elpmaxe\u202c"
MARKUP = "[/foo]"
ZERO_WIDTH = "pay\u200bpal.example.com"

_OIDS = {"CN": "2.5.4.3", "O": "2.5.4.10", "OU": "2.5.4.11", "C": "2.5.4.6", "email": "1.2.840.113549.1.9.1"}
_ECDSA_SHA256 = der.encode(der.SEQUENCE, der.encode(der.OID, der.undotted("1.2.840.10045.4.3.2")))


def seq(*items: bytes) -> bytes:
    return der.encode(der.SEQUENCE, b"".join(items))


def oid(dotted: str) -> bytes:
    return der.encode(der.OID, der.undotted(dotted))


def integer(number: int) -> bytes:
    return der.encode(der.INTEGER, number.to_bytes(number.bit_length() // 8 + 1, "big", signed=True))


def octets(content: bytes) -> bytes:
    return der.encode(der.OCTET_STRING, content)


def utf8(text: str) -> bytes:
    return der.encode(12, text.encode())


def raw_name(*rdns: tuple[str, str | bytes]) -> bytes:
    """A DER Name; a `bytes` value is a whole element, so that any string type can be written."""
    items = []
    for kind, value in rdns:
        element = utf8(value) if isinstance(value, str) else value
        items.append(der.encode(der.SET, seq(oid(_OIDS.get(kind, kind)), element)))
    return seq(*items)


def raw_time(moment: datetime) -> bytes:
    """UTCTime to 2049, GeneralizedTime from 2050 on (RFC 5280, 4.1.2.5)."""
    if 1950 <= moment.year < 2050:
        return der.encode(23, moment.strftime("%y%m%d%H%M%SZ").encode())
    return der.encode(24, f"{moment.year:04}{moment:%m%d%H%M%S}Z".encode())


def raw_extension(dotted: str, value: bytes, *, critical: bool = False) -> bytes:
    return seq(oid(dotted), *([b"\x01\x01\xff"] if critical else []), octets(value))


def alt_names(*hosts: str) -> bytes:
    """The value of a subjectAltName of host names."""
    return seq(*(der.encode(0x82, h.encode()) for h in hosts))


def spki_of(key: object) -> bytes:
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)  # type: ignore[attr-defined]


def rsa_spki(bits: int) -> bytes:
    """An RSA public key of a size that would take minutes to generate; nobody knows its private half."""
    modulus = int.from_bytes(hashlib.shake_256(b"modulus %d" % bits).digest(bits // 8), "big") | 1 << bits - 1 | 1
    key = seq(integer(modulus), integer(65537))
    return seq(seq(oid("1.2.840.113549.1.1.1"), b"\x05\x00"), der.encode(der.BIT_STRING, b"\0" + key))


def raw_cert(
    *,
    subject: bytes | None = None,
    issuer: bytes | None = None,
    serial: bytes | None = None,
    not_before: bytes | None = None,
    not_after: bytes | None = None,
    spki: bytes | None = None,
    extensions: tuple[bytes, ...] = (),
    version: int = 3,
    signer: ec.EllipticCurvePrivateKey | None = None,
) -> bytes:
    """A certificate of raw pieces, signed by `signer` (an EC key); everything has an ordinary default."""
    signer = signer or make_key()
    subject = raw_name(("CN", "www.example.com")) if subject is None else subject
    pieces = [
        der.encode(0xA0, integer(version - 1)) if version > 1 else b"",
        serial if serial is not None else integer(4711),
        _ECDSA_SHA256,
        issuer if issuer is not None else subject,
        seq(not_before or raw_time(NOW.replace(year=2026)), not_after or raw_time(NOW.replace(year=2027))),
        subject,
        spki or spki_of(signer),
        der.encode(0xA3, seq(*extensions)) if extensions else b"",
    ]
    tbs = seq(*pieces)
    signature = signer.sign(tbs, ec.ECDSA(hashes.SHA256()))
    return seq(tbs, _ECDSA_SHA256, der.encode(der.BIT_STRING, b"\0" + signature))


def clipboard_cert() -> bytes:
    """A certificate whose common name and SAN hold an escape sequence."""
    return raw_cert(subject=raw_name(("CN", CLIPBOARD)), extensions=(raw_extension("2.5.29.17", alt_names(CLIPBOARD)),))


def markup_cert() -> bytes:
    """A certificate whose subject closes a markup tag that nobody opened."""
    return raw_cert(subject=raw_name(("O", MARKUP), ("CN", "[bold]x[/]")))


def many_names_cert(count: int = 5000) -> bytes:
    value = alt_names(*(f"host-{n}.example.com" for n in range(count)))
    return raw_cert(extensions=(raw_extension("2.5.29.17", value),))


def explicit_ec_cert() -> bytes:
    """A key with its curve spelled out, which RFC 5480 forbids."""
    return raw_cert(spki=base64.b64decode(_EXPLICIT_EC_SPKI))


def dsa_cert() -> bytes:
    return raw_cert(spki=spki_of(make_key("dsa-1024")))


CERTIFICATES: dict[str, Callable[[], bytes]] = {
    "control characters": clipboard_cert,
    "bidirectional": lambda: raw_cert(subject=raw_name(("CN", BIDI), ("O", ZERO_WIDTH))),
    "markup": markup_cert,
    "line breaks": lambda: raw_cert(subject=raw_name(("CN", "a\nSubject: CN=trusted.example.com"))),
    "5,000 names": many_names_cert,
    "negative serial": lambda: raw_cert(serial=integer(-77)),
    "serial zero": lambda: raw_cert(serial=integer(0)),
    "long serial": lambda: raw_cert(serial=integer(1 << 400)),
    "unknown critical extension": lambda: raw_cert(
        extensions=(raw_extension("1.3.6.1.4.1.99999.1", b"\x04\x03abc", critical=True),)
    ),
    "expired in 1950": lambda: raw_cert(
        not_before=der.encode(23, b"500101000000Z"), not_after=der.encode(23, b"501231235959Z")
    ),
    "valid to 9999": lambda: raw_cert(not_after=der.encode(24, b"99991231235959Z")),
    "rsa-512": lambda: raw_cert(spki=rsa_spki(512)),
    "rsa-16384": lambda: raw_cert(spki=rsa_spki(16384)),
    "dsa": dsa_cert,
    "explicit EC parameters": explicit_ec_cert,
    "unknown key algorithm": lambda: raw_cert(
        spki=seq(seq(oid("1.3.6.1.4.1.99999.7")), der.encode(der.BIT_STRING, b"\0what"))
    ),
    "duplicated extensions": lambda: raw_cert(
        extensions=(
            raw_extension("2.5.29.17", alt_names("one.example.com")),
            raw_extension("2.5.29.17", alt_names("two.example.com")),
        )
    ),
    "malformed names": lambda: raw_cert(
        extensions=(raw_extension("2.5.29.17", seq(der.encode(0x82, b"good.example.com"))[:-1] + b"\x82"),)
    ),
    "malformed constraints": lambda: raw_cert(extensions=(raw_extension("2.5.29.19", b"\x30\x7f", critical=True),)),
    "empty subject": lambda: raw_cert(
        subject=raw_name(),
        issuer=raw_name(("CN", "Some CA")),
        extensions=(raw_extension("2.5.29.17", alt_names("only.example.com"), critical=True),),
    ),
    "no CN": lambda: raw_cert(subject=raw_name(("O", "Nameless"), ("C", "DE"))),
    "invalid UTF-8": lambda: raw_cert(subject=raw_name(("CN", der.encode(12, b"\xff\xfe")))),
    "odd string types": lambda: raw_cert(
        subject=raw_name(
            ("CN", der.encode(30, "Bmp \u00fc".encode("utf-16-be"))),
            ("O", der.encode(20, "T61 \u00fc".encode("latin-1"))),
            ("OU", der.encode(28, "Universal".encode("utf-32-be"))),
        )
    ),
    "long country": lambda: raw_cert(subject=raw_name(("C", "Germany"), ("CN", "x.example.com"))),
    "version 1": lambda: raw_cert(version=1),
}
"""Everything here is odd and must still give facts."""

REFUSED: dict[str, Callable[[], bytes]] = {
    "trailing bytes": lambda: make_cert().der + b"\0",
    "truncated": lambda: make_cert().der[:-20],
    "random": lambda: hashlib.shake_128(b"noise").digest(500),
    "month 13": lambda: raw_cert(not_after=der.encode(23, b"271301000000Z")),
    "a text": lambda: b"Dear administrator, the certificate is attached.",
    "an endless length": lambda: b"\x30\x84\xff\xff\xff\xff" + b"\0" * 100,
    "nested a thousand deep": lambda: b"\x30\x80" * 1000,
}
"""Everything here must be refused with one sentence."""


def crl(issuer: Made, entries: int = 0) -> bytes:
    """An ordinary revocation list, which is hostile only to those who expect a certificate."""
    builder = x509.CertificateRevocationListBuilder().issuer_name(issuer.certificate.subject)
    builder = builder.last_update(NOW).next_update(NOW.replace(year=NOW.year + 1))
    for serial in range(1, entries + 1):
        revoked = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(NOW).build()
        builder = builder.add_revoked_certificate(revoked)
    return builder.sign(issuer.key, hashes.SHA256()).public_bytes(Encoding.DER)


def chain_loop() -> tuple[Made, Made, Made]:
    """A leaf whose two CAs issued each other."""
    a_name, b_name = "Loop A", "Loop B"
    a = make_cert(a_name, ca=True, number=3001)
    b = make_cert(b_name, ca=True, number=3002, issuer=a)
    a_by_b = make_cert(a_name, ca=True, key=a.key, number=3001, issuer=b)
    leaf = make_cert("loop.example.com", issuer=b)
    return leaf, b, a_by_b


def pem_with_text(made: Made) -> bytes:
    """A PEM block between what a mail or `openssl s_client` leaves around it."""
    return b"subject=CN = somebody\r\n\r\n  ---\n" + made.pem + b"\n---\nServer certificate follows -----\n"


def pem_crlf_without_end(made: Made) -> bytes:
    return made.pem.strip().replace(b"\n", b"\r\n")


def pfx_by_hand(
    certificates: tuple[Made, ...],
    *,
    keys: tuple[Made, ...] = (),
    password: bytes | None = b"secret",
    mac: bool = True,
    encrypted: bool = True,
    mac_iterations: int = 1,
    iterations: int = 1,
    name: str = "",
    pbmac1: bool = False,
) -> bytes:
    """A PFX of any number of keys and certificates, 3DES and SHA-1, with whatever iteration count is written into it."""
    attributes = b""
    if name:
        bmp = der.encode(30, name.encode("utf-16-be"))
        attributes = der.encode(der.SET, seq(oid("1.2.840.113549.1.9.20"), der.encode(der.SET, bmp)))
    bags = [
        seq(
            oid("1.2.840.113549.1.12.10.1.3"),
            der.encode(0xA0, seq(oid("1.2.840.113549.1.9.22.1"), der.encode(0xA0, octets(m.der)))),
            attributes,
        )
        for m in certificates
    ]
    for made in keys:
        if encrypted:
            algorithm, sealed = _pbe(made.key_der, password, iterations)
            bags.append(
                seq(oid("1.2.840.113549.1.12.10.1.2"), der.encode(0xA0, seq(algorithm, octets(sealed))), attributes)
            )
        else:
            bags.append(seq(oid("1.2.840.113549.1.12.10.1.1"), der.encode(0xA0, made.key_der), attributes))
    safe = seq(*bags)
    if encrypted:
        algorithm, sealed = _pbe(safe, password, iterations)
        info = seq(oid("1.2.840.113549.1.7.1"), algorithm, der.encode(0x80, sealed))
        content = seq(oid("1.2.840.113549.1.7.6"), der.encode(0xA0, seq(integer(0), info)))
    else:
        content = seq(oid("1.2.840.113549.1.7.1"), der.encode(0xA0, octets(safe)))
    safes = seq(content)
    mac_data = b""
    if mac:
        salt = b"saltsalt"
        rounds = min(mac_iterations, 10)  # a bomb is not meant to be counted down here
        key = pbe.pkcs12_key("sha1", password, salt, 3, rounds, 20)
        digest = hmac.new(key, safes, "sha1").digest()
        algorithm = seq(oid("1.3.14.3.2.26"), b"\x05\x00")
        mac_data = seq(seq(algorithm, octets(digest)), octets(salt), integer(mac_iterations))
    if mac and pbmac1:
        mac_data = _pbmac1(safes, password or b"")
    return seq(integer(3), seq(oid("1.2.840.113549.1.7.1"), der.encode(0xA0, octets(safes))), mac_data)


def _pbmac1(content: bytes, password: bytes) -> bytes:
    """RFC 9579: PBKDF2 and HMAC, both with SHA-256."""
    key = hashlib.pbkdf2_hmac("sha256", password, b"saltsalt", 10, 32)
    hmac_sha256 = seq(oid("1.2.840.113549.2.9"), b"\x05\x00")
    function = seq(oid("1.2.840.113549.1.5.12"), seq(octets(b"saltsalt"), integer(10), integer(32), hmac_sha256))
    algorithm = seq(oid("1.2.840.113549.1.5.14"), seq(function, hmac_sha256))
    digest = hmac.new(key, content, "sha256").digest()
    return seq(seq(algorithm, octets(digest)), octets(b"NOT USED"), integer(1))


def no_mac_pfx(made: Made) -> bytes:
    return pfx_by_hand((made,), keys=(made,), mac=False)


def empty_password_pfx(made: Made) -> bytes:
    return pfx_by_hand((made,), keys=(made,), password=b"")


def iteration_bomb_pfx(made: Made, *, where: str = "mac", count: int = 10_000_000) -> bytes:
    """Ten million rounds of hashing, asked for by the MAC or by the encryption."""
    if where == "mac":
        return pfx_by_hand((made,), keys=(made,), mac_iterations=count)
    return pfx_by_hand((made,), keys=(made,), iterations=count, mac=False)


def ber_of(data: bytes) -> bytes:
    """The same value with endless lengths and strings in pieces, as NSS, Java and Windows may write it."""
    out = b""
    for tag, _, start, stop in der.children(data, 0, len(data)):
        content = data[start:stop]
        if tag & 0x20:
            out += bytes((tag, 0x80)) + ber_of(content) + b"\0\0"
        elif tag in (der.OCTET_STRING, 0x80) and len(content) > 64:
            pieces = b"".join(octets(content[i : i + 50]) for i in range(0, len(content), 50))
            out += bytes((0x24 if tag == der.OCTET_STRING else 0xA0, 0x80)) + pieces + b"\0\0"
        else:
            out += data[start - 2 : stop] if len(content) < 128 else der.encode(tag, content)
    return out


def rc2_pfx() -> bytes:
    """Made by `openssl pkcs12 -export -legacy`: certificate in RC2-40, key in 3DES, password "secret", name "old file"."""
    return base64.b64decode(_RC2_40)


def oversized() -> bytes:
    """100 MB, not on disk."""
    return bytes(100 * 1000 * 1000)


def _pbe(data: bytes, password: bytes | None, iterations: int) -> tuple[bytes, bytes]:
    salt = os.urandom(8)
    rounds = min(iterations, 10)
    key = pbe.pkcs12_key("sha1", password, salt, 1, rounds, 24)
    iv = pbe.pkcs12_key("sha1", password, salt, 2, rounds, 8)
    padding = 8 - len(data) % 8
    encryptor = Cipher(TripleDES(key), modes.CBC(iv)).encryptor()
    sealed = encryptor.update(data + bytes([padding]) * padding) + encryptor.finalize()
    algorithm = seq(oid("1.2.840.113549.1.12.1.3"), seq(octets(salt), integer(iterations)))
    return algorithm, sealed


_EXPLICIT_EC_SPKI = (
    b"MIIBSzCCAQMGByqGSM49AgEwgfcCAQEwLAYHKoZIzj0BAQIhAP////8AAAABAAAAAAAAAAAAAAAA////////////////MFsEIP////8AAAABAA"
    b"AAAAAAAAAAAAAA///////////////8BCBaxjXYqjqT57PrvVV2mIa8ZR0GsMxTsPY7zjw+J9JgSwMVAMSdNgiG5wSTamZ44ROdJreBn36QBEEE"
    b"axfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpZP40Li/hp/m47n60p8D54WK84zV2sxXs7LtkBoN79R9QIhAP////8AAAAA//////////"
    b"+85vqtpxeehPO5ysL8YyVRAgEBA0IABGc2HeZfnibQmZpsjh0oZwwMfbRJag8PK0yWP/Ysn98YIiWuDdKS3nr3GnttiXLbe2nJcsXEFzl8uhmc"
    b"sYi5Faw="
)
_RC2_40 = (
    b"MIID7wIBAzCCA7UGCSqGSIb3DQEHAaCCA6YEggOiMIIDnjCCAm8GCSqGSIb3DQEHBqCCAmAwggJcAgEAMIICVQYJKoZIhvcNAQcBMBwGCiqGSI"
    b"b3DQEMAQYwDgQIN17jKW0OgW0CAggAgIICKGozIL9X1H55syiWknyA0ISM5vB0vzw4PHkkb3cz97M1M/nI799NXWwWwgCUs6gJGiT07+F1JZ3k"
    b"vGN9cnmIvhWFG4MQ13Sb8FV9x0cauhtBARIciQUUwmqlUM52wfp54Xbyvk0Kl47cDo19n0Ef7cpMw3HHS5rN+Rib9rFZhYIbGSYgMK9LeCJObN"
    b"A5l4xPzm3LpaMqkZoDsh0cMEeqT5//dL/zd/cq/dNxmVjG5PcObqqg9Olp1Z7ynNoEXdZ+OAYKDHg1b3+op9wBKljhTL9OhDPQQprJr4rNoLCE"
    b"gcjAUFjgMR4MMLCYurqrRkEzp4AqueuoxQWO8fKY2AM3V01BqqCueHC6rtQ5vcsTpPqK96RiLLbv7Sg5ZPDKongrqr6OwVglfO8UCZzD2zyht0"
    b"xRJUjVqRBLb5Im+c2i9KKRVxciZ71qPRvkK1Pa5zqF6SwW/Z/xSyu3HskVY1jReleUQ0qaZxC8q760nlB2up9BVoF81vvKvbnBjkV5Wpt71ADv"
    b"yHrmFkEHbeXzGsixTnhyZEc9yrHdzKNYl2P5Sp5uzdjPm1W79C5AKiF62bVH2WwgNb8ANoNiLJixubvdNTFxlcCiDjLFp04q6EP87KzoWnKRRl"
    b"pnYfwirP3I4EQQvN40o+CjtofTeW4fsE8zvki4dfOLRSIlhZKEYwywsxViIEMyGDAXHOZGYmR9TiFkExL6+Z0UQekvzVZqcHnPSxSKpPsZPz79"
    b"FDCCAScGCSqGSIb3DQEHAaCCARgEggEUMIIBEDCCAQwGCyqGSIb3DQEMCgECoIG0MIGxMBwGCiqGSIb3DQEMAQMwDgQIlK2oNyl8cVACAggABI"
    b"GQJjjyoQPjWHOlMzrJF83amZtzcyvIiebUPpSL4JjsK91Bm0RjnnCK6XbcW0WRt43cem864WQnEb4UKQvSHFVUXitRLmV2YvzSVmQh1rN0NZfB"
    b"taeLacz1CEefyFfcelMVdi2Ng61PeqnvWiA4laoCgG7SCUHjlaKoF7PuoxtLBtuIFJAu2KZ+12B7xUPdrYdBMUYwHwYJKoZIhvcNAQkUMRIeEA"
    b"BvAGwAZAAgAGYAaQBsAGUwIwYJKoZIhvcNAQkVMRYEFCleSfP6BjmRY7NCkhzs9fwGcu8hMDEwITAJBgUrDgMCGgUABBTkxZHUQMQ7DMOmTmns"
    b"mnvVhcZK4wQI1Gt8sA0r6yECAggA"
)

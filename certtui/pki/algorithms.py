"""What keys and signatures are called: `rsa-2048`, `ec-256`, `ml-dsa-65`, `sha256`, from their DER alone."""

from __future__ import annotations

from functools import lru_cache

from certtui.pki import der

_CURVES = {
    "1.2.840.10045.3.1.1": "ec-192",
    "1.3.132.0.33": "ec-224",
    "1.2.840.10045.3.1.7": "ec-256",
    "1.3.132.0.34": "ec-384",
    "1.3.132.0.35": "ec-521",
    "1.3.132.0.10": "ec-secp256k1",
    "1.3.36.3.3.2.8.1.1.7": "ec-brainpoolp256r1",
    "1.3.36.3.3.2.8.1.1.11": "ec-brainpoolp384r1",
    "1.3.36.3.3.2.8.1.1.13": "ec-brainpoolp512r1",
}
_PLAIN = {
    "1.3.101.110": "x25519",
    "1.3.101.111": "x448",
    "1.3.101.112": "ed25519",
    "1.3.101.113": "ed448",
    "2.16.840.1.101.3.4.3.17": "ml-dsa-44",
    "2.16.840.1.101.3.4.3.18": "ml-dsa-65",
    "2.16.840.1.101.3.4.3.19": "ml-dsa-87",
    "2.16.840.1.101.3.4.3.20": "slh-dsa-sha2-128s",
    "2.16.840.1.101.3.4.3.21": "slh-dsa-sha2-128f",
    "2.16.840.1.101.3.4.3.22": "slh-dsa-sha2-192s",
    "2.16.840.1.101.3.4.3.23": "slh-dsa-sha2-192f",
    "2.16.840.1.101.3.4.3.24": "slh-dsa-sha2-256s",
    "2.16.840.1.101.3.4.3.25": "slh-dsa-sha2-256f",
    "2.16.840.1.101.3.4.3.26": "slh-dsa-shake-128s",
    "2.16.840.1.101.3.4.3.27": "slh-dsa-shake-128f",
    "2.16.840.1.101.3.4.3.28": "slh-dsa-shake-192s",
    "2.16.840.1.101.3.4.3.29": "slh-dsa-shake-192f",
    "2.16.840.1.101.3.4.3.30": "slh-dsa-shake-256s",
    "2.16.840.1.101.3.4.3.31": "slh-dsa-shake-256f",
    "2.16.840.1.101.3.4.4.1": "ml-kem-512",
    "2.16.840.1.101.3.4.4.2": "ml-kem-768",
    "2.16.840.1.101.3.4.4.3": "ml-kem-1024",
}
# (digest, name as OpenSSL prints it)
SIGNATURES = {
    "1.2.840.113549.1.1.2": ("md2", "md2WithRSAEncryption"),
    "1.2.840.113549.1.1.3": ("md4", "md4WithRSAEncryption"),
    "1.2.840.113549.1.1.4": ("md5", "md5WithRSAEncryption"),
    "1.2.840.113549.1.1.5": ("sha1", "sha1WithRSAEncryption"),
    "1.3.14.3.2.29": ("sha1", "sha1WithRSA"),
    "1.2.840.113549.1.1.14": ("sha224", "sha224WithRSAEncryption"),
    "1.2.840.113549.1.1.11": ("sha256", "sha256WithRSAEncryption"),
    "1.2.840.113549.1.1.12": ("sha384", "sha384WithRSAEncryption"),
    "1.2.840.113549.1.1.13": ("sha512", "sha512WithRSAEncryption"),
    "1.2.840.113549.1.1.10": ("", "rsassaPss"),
    "2.16.840.1.101.3.4.3.13": ("sha3-224", "RSA-SHA3-224"),
    "2.16.840.1.101.3.4.3.14": ("sha3-256", "RSA-SHA3-256"),
    "2.16.840.1.101.3.4.3.15": ("sha3-384", "RSA-SHA3-384"),
    "2.16.840.1.101.3.4.3.16": ("sha3-512", "RSA-SHA3-512"),
    "1.2.840.10045.4.1": ("sha1", "ecdsa-with-SHA1"),
    "1.2.840.10045.4.3.1": ("sha224", "ecdsa-with-SHA224"),
    "1.2.840.10045.4.3.2": ("sha256", "ecdsa-with-SHA256"),
    "1.2.840.10045.4.3.3": ("sha384", "ecdsa-with-SHA384"),
    "1.2.840.10045.4.3.4": ("sha512", "ecdsa-with-SHA512"),
    "2.16.840.1.101.3.4.3.9": ("sha3-224", "ecdsa_with_SHA3-224"),
    "2.16.840.1.101.3.4.3.10": ("sha3-256", "ecdsa_with_SHA3-256"),
    "2.16.840.1.101.3.4.3.11": ("sha3-384", "ecdsa_with_SHA3-384"),
    "2.16.840.1.101.3.4.3.12": ("sha3-512", "ecdsa_with_SHA3-512"),
    "1.2.840.10040.4.3": ("sha1", "dsaWithSHA1"),
    "2.16.840.1.101.3.4.3.1": ("sha224", "dsa_with_SHA224"),
    "2.16.840.1.101.3.4.3.2": ("sha256", "dsa_with_SHA256"),
    "2.16.840.1.101.3.4.3.3": ("sha384", "dsa_with_SHA384"),
    "2.16.840.1.101.3.4.3.4": ("sha512", "dsa_with_SHA512"),
    "1.3.101.112": ("", "ED25519"),
    "1.3.101.113": ("", "ED448"),
    "2.16.840.1.101.3.4.3.17": ("", "ML-DSA-44"),
    "2.16.840.1.101.3.4.3.18": ("", "ML-DSA-65"),
    "2.16.840.1.101.3.4.3.19": ("", "ML-DSA-87"),
}
DIGESTS = {
    "1.2.840.113549.2.5": "md5",
    "1.3.14.3.2.26": "sha1",
    "2.16.840.1.101.3.4.2.4": "sha224",
    "2.16.840.1.101.3.4.2.1": "sha256",
    "2.16.840.1.101.3.4.2.2": "sha384",
    "2.16.840.1.101.3.4.2.3": "sha512",
    "2.16.840.1.101.3.4.2.7": "sha3-224",
    "2.16.840.1.101.3.4.2.8": "sha3-256",
    "2.16.840.1.101.3.4.2.9": "sha3-384",
    "2.16.840.1.101.3.4.2.10": "sha3-512",
}
_RSA = (der.undotted("1.2.840.113549.1.1.1"), der.undotted("1.2.840.113549.1.1.10"), der.undotted("2.5.8.1.1"))


def key_algorithm(spki: bytes) -> str:
    """The name of a public key from its DER SubjectPublicKeyInfo; unknown ones as the dotted OID, "" if it has none."""
    try:
        start, stop = der.expect(spki, 0, len(spki), der.SEQUENCE)
        algorithm, key_at = der.expect(spki, start, stop, der.SEQUENCE)
        oid_at, oid_stop = der.expect(spki, algorithm, key_at, der.OID)
        if spki[oid_at:oid_stop] in _RSA:
            bits_at, bits_stop = der.expect(spki, key_at, stop, der.BIT_STRING)
            return _rsa(spki, bits_at + 1, bits_stop)
        return _by_parameters(spki[oid_at:oid_stop], spki[oid_stop:key_at])
    except der.Malformed:
        return ""


def _rsa(spki: bytes, at: int, stop: int) -> str:
    try:
        start, stop = der.expect(spki, at, stop, der.SEQUENCE)
        return f"rsa-{_bits(spki, *der.expect(spki, start, stop, der.INTEGER))}"
    except der.Malformed:
        return "rsa"


@lru_cache(maxsize=256)
def _by_parameters(oid: bytes, parameters: bytes) -> str:
    match der.dotted(oid):
        case "1.2.840.10045.2.1":
            return _curve(parameters)
        case "1.2.840.10040.4.1":
            return _dsa(parameters)
        case dotted:
            return _PLAIN.get(dotted, dotted)


def _curve(parameters: bytes) -> str:
    try:
        tag, start, stop = der.tlv(parameters, 0, len(parameters))
        if tag == der.OID:
            dotted = der.dotted(parameters[start:stop])
            return _CURVES.get(dotted, f"ec-{dotted}")
        # Explicit parameters (RFC 5480 forbids them): SEQUENCE { version, fieldID { type, prime }, … }.
        _, _, field_at, field_stop = list(der.children(parameters, start, stop))[1]
        _, _, prime_at, prime_stop = list(der.children(parameters, field_at, field_stop))[1]
        return f"ec-explicit-{_bits(parameters, prime_at, prime_stop)}"
    except (der.Malformed, IndexError):
        return "ec"


def _dsa(parameters: bytes) -> str:
    try:
        start, stop = der.expect(parameters, 0, len(parameters), der.SEQUENCE)
        return f"dsa-{_bits(parameters, *der.expect(parameters, start, stop, der.INTEGER))}"
    except der.Malformed:
        return "dsa"


def _bits(data: bytes, start: int, stop: int) -> int:
    """Bit length of an unsigned INTEGER's content, without building the number."""
    while start < stop and data[start] == 0:
        start += 1
    return (stop - start - 1) * 8 + data[start].bit_length() if start < stop else 0


@lru_cache(maxsize=256)
def signature_digest(algorithm: bytes) -> str:
    """The digest of a DER AlgorithmIdentifier, "" where it has none of its own or is unknown."""
    return signature(algorithm)[0]


@lru_cache(maxsize=256)
def signature(algorithm: bytes) -> tuple[str, str]:
    """(digest, name as OpenSSL prints it) of a DER AlgorithmIdentifier; an unknown one is named by its OID."""
    try:
        start, stop = der.expect(algorithm, 0, len(algorithm), der.SEQUENCE)
        oid_at, oid_stop = der.expect(algorithm, start, stop, der.OID)
        dotted = der.dotted(algorithm[oid_at:oid_stop])
        digest, name = SIGNATURES.get(dotted, ("", dotted))
        if name == "rsassaPss":
            digest = _pss_digest(algorithm, oid_stop, stop)
        return digest, name
    except der.Malformed:
        return "", ""


def _pss_digest(algorithm: bytes, at: int, stop: int) -> str:
    """RFC 4055, 3.1: hashAlgorithm is [0], SHA-1 by default."""
    try:
        start, stop = der.expect(algorithm, at, stop, der.SEQUENCE)
        for tag, _, inner, after in der.children(algorithm, start, stop):
            if tag == 0xA0:
                hash_at, hash_stop = der.expect(algorithm, inner, after, der.SEQUENCE)
                oid_at, oid_stop = der.expect(algorithm, hash_at, hash_stop, der.OID)
                return DIGESTS.get(der.dotted(algorithm[oid_at:oid_stop]), "")
        return "sha1"
    except der.Malformed:
        return ""

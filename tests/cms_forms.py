"""Every form of a CMS message that docs/cms.md lists: how other programs write it, and what becomes of it here.

The tables of the page and these are held together by tests/unit/test_cms_docs.py.
"""

from __future__ import annotations

from typing import NamedTuple

from certtui.model.cms import EncryptOptions, SignOptions

CONTENT = b"Pay 100 to Alice.\r\n\x00\xff"


class Signed(NamedTuple):
    """Words of `openssl cms -sign` (or what `program` says), the kinds of keys that sign, and what is found."""

    words: tuple[str, ...]
    algorithm: str
    kinds: tuple[str, ...] = ("rsa-2048",)
    program: str = "cms"
    detached: bool = False


class Encrypted(NamedTuple):
    """Words of `openssl cms -encrypt`, the kinds of keys of its recipients, and what is found with the last one's key."""

    words: tuple[str, ...]
    cipher: str
    way: str
    kinds: tuple[str, ...] = ("rsa-2048",)
    program: str = "cms"
    options: tuple[str, ...] = ()
    """After -recip, where -keyopt has to stand."""


_DER = ("-outform", "DER")
_ATTACHED = ("-nodetach", *_DER)

READ_SIGNED = {
    "attached": Signed(_ATTACHED, "rsa sha256"),
    "detached": Signed(_DER, "rsa sha256", detached=True),
    "PEM": Signed(("-nodetach", "-outform", "PEM"), "rsa sha256"),
    "S/MIME, attached": Signed(("-nodetach", "-outform", "SMIME"), "rsa sha256"),
    "`openssl smime`": Signed(_ATTACHED, "rsa sha256", program="smime"),
    "without signed attributes": Signed((*_ATTACHED, "-noattr"), "rsa sha256"),
    "without signed attributes, detached": Signed((*_DER, "-noattr"), "rsa sha256", detached=True),
    "signer by key identifier": Signed((*_ATTACHED, "-keyid"), "rsa sha256"),
    "signing certificate named (CAdES-BES)": Signed((*_ATTACHED, "-cades"), "rsa sha256"),
    "SHA-224": Signed((*_ATTACHED, "-md", "sha224"), "rsa sha224"),
    "SHA-384": Signed((*_ATTACHED, "-md", "sha384"), "rsa sha384"),
    "SHA-512": Signed((*_ATTACHED, "-md", "sha512"), "rsa sha512"),
    "RSASSA-PSS": Signed((*_ATTACHED, "-keyopt", "rsa_padding_mode:pss"), "rsa-pss sha256"),
    "RSASSA-PSS, other salt and mask": Signed(
        (
            *_ATTACHED,
            *("-keyopt", "rsa_padding_mode:pss", "-keyopt", "rsa_pss_saltlen:20"),
            *("-md", "sha512", "-keyopt", "rsa_mgf1_md:sha256"),
        ),
        "rsa-pss sha512",
    ),
    "RSASSA-PSS without signed attributes": Signed(
        (*_ATTACHED, "-noattr", "-keyopt", "rsa_padding_mode:pss"), "rsa-pss sha256"
    ),
    "ECDSA P-256": Signed(_ATTACHED, "ecdsa sha256", ("ec-256",)),
    "ECDSA P-384": Signed((*_ATTACHED, "-md", "sha384"), "ecdsa sha384", ("ec-384",)),
    "ECDSA P-521": Signed((*_ATTACHED, "-md", "sha512"), "ecdsa sha512", ("ec-521",)),
    "ECDSA without signed attributes": Signed((*_ATTACHED, "-noattr"), "ecdsa sha256", ("ec-256",)),
    "several signers": Signed(_ATTACHED, "ecdsa sha256", ("rsa-2048", "ec-256")),
    "content of another type": Signed((*_ATTACHED, "-econtent_type", "1.2.3.4"), "rsa sha256"),
    "GnuTLS `certtool --p7-sign`": Signed(("--p7-sign",), "rsa sha256", program="certtool"),
    "GnuTLS `certtool --p7-detached-sign`": Signed(
        ("--p7-detached-sign",), "ecdsa sha256", ("ec-256",), program="certtool", detached=True
    ),
    "Ed25519 (RFC 8419)": Signed(("--p7-sign",), "ed25519", ("ed25519",), program="certtool"),
}

_OAEP = ("-keyopt", "rsa_padding_mode:oaep")


def _kdf(digest: str) -> tuple[str, str]:
    return ("-keyopt", f"ecdh_kdf_md:{digest}")


READ_ENCRYPTED = {
    "RSA PKCS #1 v1.5": Encrypted((*_DER, "-aes-256-cbc"), "aes-256-cbc", "rsa-pkcs1"),
    "PEM": Encrypted(("-outform", "PEM", "-aes-256-cbc"), "aes-256-cbc", "rsa-pkcs1"),
    "S/MIME": Encrypted(("-aes-256-cbc",), "aes-256-cbc", "rsa-pkcs1"),
    "`openssl smime`": Encrypted((*_DER, "-aes-128-cbc"), "aes-128-cbc", "rsa-pkcs1", program="smime"),
    "AES-128-CBC": Encrypted((*_DER, "-aes-128-cbc"), "aes-128-cbc", "rsa-pkcs1"),
    "AES-192-CBC": Encrypted((*_DER, "-aes-192-cbc"), "aes-192-cbc", "rsa-pkcs1"),
    "triple DES": Encrypted((*_DER, "-des3"), "3des-cbc", "rsa-pkcs1"),
    "AES-128-GCM": Encrypted((*_DER, "-aes-128-gcm"), "aes-128-gcm", "rsa-pkcs1"),
    "AES-192-GCM": Encrypted((*_DER, "-aes-192-gcm"), "aes-192-gcm", "rsa-pkcs1"),
    "AES-256-GCM": Encrypted((*_DER, "-aes-256-gcm"), "aes-256-gcm", "rsa-pkcs1"),
    "recipient by key identifier": Encrypted((*_DER, "-aes-256-cbc", "-keyid"), "aes-256-cbc", "rsa-pkcs1"),
    "RSA-OAEP, SHA-1": Encrypted((*_DER, "-aes-256-gcm"), "aes-256-gcm", "rsa-oaep sha1", options=_OAEP),
    "RSA-OAEP, SHA-256": Encrypted(
        (*_DER, "-aes-256-gcm"), "aes-256-gcm", "rsa-oaep sha256", options=(*_OAEP, "-keyopt", "rsa_oaep_md:sha256")
    ),
    "RSA-OAEP, SHA-512 and MGF1 by SHA-1": Encrypted(
        (*_DER, "-aes-256-cbc"),
        "aes-256-cbc",
        "rsa-oaep sha512",
        options=(*_OAEP, "-keyopt", "rsa_oaep_md:sha512", "-keyopt", "rsa_mgf1_md:sha1"),
    ),
    "RSA-OAEP with a label": Encrypted(
        (*_DER, "-aes-256-cbc"), "aes-256-cbc", "rsa-oaep sha1", options=(*_OAEP, "-keyopt", "rsa_oaep_label:0102")
    ),
    "ECDH P-256": Encrypted((*_DER, "-aes-256-cbc"), "aes-256-cbc", "ecdh sha1", ("ec-256",)),
    "ECDH P-384": Encrypted((*_DER, "-aes-256-gcm"), "aes-256-gcm", "ecdh sha384", ("ec-384",), options=_kdf("sha384")),
    "ECDH P-521": Encrypted((*_DER, "-aes-256-gcm"), "aes-256-gcm", "ecdh sha512", ("ec-521",), options=_kdf("sha512")),
    "ECDH, SHA-224": Encrypted(
        (*_DER, "-aes-256-gcm"), "aes-256-gcm", "ecdh sha224", ("ec-256",), options=_kdf("sha224")
    ),
    "ECDH, SHA-256": Encrypted(
        (*_DER, "-aes-256-gcm"), "aes-256-gcm", "ecdh sha256", ("ec-256",), options=_kdf("sha256")
    ),
    "ECDH with the cofactor": Encrypted(
        (*_DER, "-aes-256-cbc"),
        "aes-256-cbc",
        "ecdh sha256",
        ("ec-256",),
        options=(*_kdf("sha256"), "-keyopt", "ecdh_cofactor_mode:1"),
    ),
    "ECDH, AES-128 key wrap": Encrypted(
        (*_DER, "-aes-128-cbc", "-aes128-wrap"), "aes-128-cbc", "ecdh sha1", ("ec-256",)
    ),
    "ECDH, AES-192 key wrap": Encrypted(
        (*_DER, "-aes-128-cbc", "-aes192-wrap"), "aes-128-cbc", "ecdh sha1", ("ec-256",)
    ),
    "ECDH, triple DES and its key wrap": Encrypted((*_DER, "-des3"), "3des-cbc", "ecdh sha1", ("ec-256",)),
    "ECDH, recipient by key identifier": Encrypted(
        (*_DER, "-aes-256-gcm", "-keyid"), "aes-256-gcm", "ecdh sha1", ("ec-256",)
    ),
    "several recipients": Encrypted((*_DER, "-aes-256-gcm"), "aes-256-gcm", "ecdh sha1", ("rsa-2048", "ec-256")),
    "a password beside the certificate": Encrypted(
        (*_DER, "-aes-256-cbc", "-pwri_password", "tiger"), "aes-256-cbc", "rsa-pkcs1"
    ),
}


class Refused(NamedTuple):
    """Words of `openssl cms`, the act that is tried here, and what is said. {…} are files of the test."""

    words: tuple[str, ...]
    act: str
    said: str
    kind: str = "rsa-2048"


_TO = ("-encrypt", *_DER, "{certificate}")
_BY = ("-sign", *_DER, "-signer", "{certificate}", "-inkey", "{key}")

REFUSED = {
    "indefinite length, signed (`-stream`)": Refused(
        (*_BY, "-nodetach", "-stream"),
        "verify",
        "The message is written in pieces of indefinite length (BER), which is not read.",
    ),
    "indefinite length, encrypted (`-stream`)": Refused(
        ("-encrypt", "-stream", *_DER, "{certificate}"),
        "decrypt",
        "The message is written in pieces of indefinite length (BER), which is not read.",
    ),
    "S/MIME in several parts": Refused(
        ("-sign", "-signer", "{certificate}", "-inkey", "{key}"),
        "verify",
        "This is an S/MIME mail of several parts (multipart/signed), which is not read.",
    ),
    "a password alone": Refused(
        ("-encrypt", *_DER, "-aes-256-cbc", "-pwri_password", "tiger"),
        "decrypt",
        "The message is not encrypted to a certificate, but to a password (PasswordRecipientInfo).",
    ),
    "a shared key alone": Refused(
        ("-encrypt", *_DER, "-aes-256-cbc", "-secretkey", "00" * 16, "-secretkeyid", "01"),
        "decrypt",
        "The message is not encrypted to a certificate, but to a key that both sides have (KEKRecipientInfo).",
    ),
    "Camellia": Refused(
        ("-encrypt", "-camellia256", *_DER, "{certificate}"),
        "decrypt",
        "The message is not decrypted: its cipher Camellia is not one that is read here.",
    ),
    "AES in another mode": Refused(
        ("-encrypt", "-aes-256-ofb", *_DER, "{certificate}"),
        "decrypt",
        "The message is not decrypted: its cipher 2.16.840.1.101.3.4.1.43 is not one that is read here.",
    ),
    "EncryptedData": Refused(
        ("-EncryptedData_encrypt", *_DER, "-secretkey", "00" * 32, "-aes-256-cbc"),
        "decrypt",
        "The message is encrypted with a key that both sides have (EncryptedData), which is not read.",
    ),
    "DigestedData": Refused(
        ("-digest_create", *_DER),
        "verify",
        "The message has a digest and no signature (DigestedData), which is not read.",
    ),
    "plain data": Refused(
        ("-data_create", *_DER), "verify", "The message is plain data, neither signed nor encrypted."
    ),
    "SHA-1 signatures": Refused(
        (*_BY, "-nodetach", "-md", "sha1"),
        "verify",
        "The signature is not accepted: its digest is SHA1, which is too weak.",
    ),
    "MD5 signatures": Refused(
        (*_BY, "-nodetach", "-md", "md5"),
        "verify",
        "The signature is not accepted: its digest is MD5, which is too weak.",
    ),
    "DSA signatures": Refused(
        (*_BY, "-nodetach", "-md", "sha256"),
        "verify",
        "The signature is not accepted: its algorithm dsa_with_SHA256 is not one that is read here.",
        "dsa-2048",
    ),
}

WRITTEN_SIGNED = {
    "RSA PKCS #1 v1.5, attached": ("rsa-2048", SignOptions()),
    "RSA PKCS #1 v1.5, detached": ("rsa-2048", SignOptions(detached=True)),
    "RSASSA-PSS, attached": ("rsa-2048", SignOptions(pss=True)),
    "RSASSA-PSS, detached": ("rsa-2048", SignOptions(pss=True, detached=True, digest="sha512")),
    "ECDSA P-256": ("ec-256", SignOptions()),
    "ECDSA P-384": ("ec-384", SignOptions(digest="sha384")),
    "ECDSA P-521": ("ec-521", SignOptions(digest="sha512", detached=True)),
}
WRITTEN_ENCRYPTED = {
    "RSA-OAEP, AES-256-GCM": ("rsa-2048", EncryptOptions()),
    "RSA-OAEP, AES-128-GCM": ("rsa-2048", EncryptOptions("aes-128-gcm")),
    "RSA-OAEP, AES-256-CBC": ("rsa-2048", EncryptOptions("aes-256-cbc")),
    "RSA-OAEP, AES-128-CBC": ("rsa-2048", EncryptOptions("aes-128-cbc")),
    "RSA PKCS #1 v1.5, AES-256-GCM": ("rsa-2048", EncryptOptions(rsa="pkcs1")),
    "RSA PKCS #1 v1.5, AES-256-CBC": ("rsa-2048", EncryptOptions("aes-256-cbc", "pkcs1")),
    "ECDH P-256, AES-256-GCM": ("ec-256", EncryptOptions()),
    "ECDH P-256, AES-128-CBC": ("ec-256", EncryptOptions("aes-128-cbc")),
    "ECDH P-384, AES-256-GCM": ("ec-384", EncryptOptions()),
    "ECDH P-384, AES-256-CBC": ("ec-384", EncryptOptions("aes-256-cbc")),
    "ECDH P-521, AES-128-GCM": ("ec-521", EncryptOptions("aes-128-gcm")),
}
"""Each is written in PEM and in DER."""

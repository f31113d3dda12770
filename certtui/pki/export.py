"""What an export looks like: PEM, chains, DER, PKCS#7, PFX and private key, with a file name that is safe to suggest."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import TYPE_CHECKING

from certtui.errors import Invalid, NotFound, Unsupported
from certtui.model.certificate import Exported, ExportForm, ExportRequest
from certtui.model.secret import Secret
from certtui.model.x509 import X509Facts
from certtui.pki import keys, pem, pkcs7

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.serialization import KeySerializationEncryption

_SUFFIX = {
    ExportForm.PEM: ".crt",
    ExportForm.FULLCHAIN: ".fullchain.pem",
    ExportForm.CHAIN: ".chain.pem",
    ExportForm.DER: ".der",
    ExportForm.PKCS7: ".p7b",
    ExportForm.PFX: ".pfx",
    ExportForm.KEY: ".key",
}
_ROUNDS = 100_000
# What Windows Server 2016 and macOS write themselves; more is not understood by some old readers.
_COMPAT_ROUNDS = 2_048


def export(
    leaf: X509Facts,
    chain: Sequence[X509Facts],
    key: Secret | None,
    request: ExportRequest,
    *,
    name: str = "",
) -> Exported:
    """The bytes of one export; `key` is unencrypted PKCS#8 (needed for `pfx` and `key`), `name` the entry's name.

    Raises `NotFound` without a key or chain that the form needs, `Invalid` for an empty password, `Unsupported` for a key
    that PKCS#12 cannot hold.
    """
    content = Secret(_content(leaf, chain, key, request, name))
    holds_key = request.form in (ExportForm.PFX, ExportForm.KEY)
    return Exported(file_name(leaf, name, request.form), content, holds_key)


def certificate_pem(facts: X509Facts) -> str:
    """One certificate in PEM."""
    return pem.encode("CERTIFICATE", facts.der).decode("ascii")


def file_name(leaf: X509Facts, name: str, form: ExportForm) -> str:
    """A file name to suggest: from the common name, else the entry's name; no path, no hidden file, nothing invisible."""
    first = leaf.common_name or (leaf.sans[0].partition(":")[2] if leaf.sans else "") or name
    text = unicodedata.normalize("NFC", first).replace("*", "wildcard")
    safe = "".join(c if c.isalnum() or c in "._-@+" else "_" for c in text).strip("._-")
    while len(safe.encode()) > 100:
        safe = safe[:-1]
    return (safe or "certificate") + _SUFFIX[form]


def _content(
    leaf: X509Facts, chain: Sequence[X509Facts], key: Secret | None, request: ExportRequest, name: str
) -> bytes:
    match request.form:
        case ExportForm.PEM:
            return pem.encode("CERTIFICATE", leaf.der)
        case ExportForm.FULLCHAIN:
            return b"".join(pem.encode("CERTIFICATE", c.der) for c in (leaf, *chain))
        case ExportForm.CHAIN:
            if not chain:
                raise NotFound("There is no chain stored with this certificate.", "Add its intermediates first.")
            return b"".join(pem.encode("CERTIFICATE", c.der) for c in chain)
        case ExportForm.DER:
            return leaf.der
        case ExportForm.PKCS7:
            return pkcs7.encode([c.der for c in (leaf, *chain)])
        case ExportForm.PFX:
            return _pfx(leaf, chain, _needed(key), request, name)
        case ExportForm.KEY:
            return keys.pkcs8_pem(_needed(key), request.password)


def _needed(key: Secret | None) -> Secret:
    if key is None:
        raise NotFound("The private key of this certificate is not here.", "Export a form without the key.")
    return key


def _pfx(leaf: X509Facts, chain: Sequence[X509Facts], key: Secret, request: ExportRequest, name: str) -> bytes:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa
    from cryptography.hazmat.primitives.serialization import pkcs12

    private = keys.load(key)
    if not isinstance(
        private,
        (
            rsa.RSAPrivateKey,
            dsa.DSAPrivateKey,
            ec.EllipticCurvePrivateKey,
            ed25519.Ed25519PrivateKey,
            ed448.Ed448PrivateKey,
        ),
    ):
        raise Unsupported(
            f"A PFX file cannot hold a private key of the kind {leaf.key_algorithm}.",
            "Export the key as PKCS#8 (form key) and the certificate as PEM.",
        )
    if keys.for_pss_alone(key):
        raise Unsupported(
            "This key may sign by RSASSA-PSS only, and a PFX file written here would make a plain RSA key of it.",
            "Export the key as PKCS#8 (form key) and the certificate as PEM.",
        )
    if request.password is not None and not request.password:
        raise Invalid("An empty password would not protect the key.", "Give a password.", field="password")
    try:
        certificates = [x509.load_der_x509_certificate(c.der) for c in (leaf, *chain)]
        return pkcs12.serialize_key_and_certificates(
            name.encode("utf-8") or None, private, certificates[0], certificates[1:] or None, _seal(request)
        )
    except ValueError:
        raise Invalid("The PFX file cannot be written: key and certificate do not fit.") from None


def _seal(request: ExportRequest) -> KeySerializationEncryption:
    """AES-256-CBC with SHA-256, or for `compat` 3DES with SHA-1: what old Windows, Android and macOS can open."""
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.serialization import NoEncryption, PrivateFormat
    from cryptography.hazmat.primitives.serialization.pkcs12 import PBES

    if request.password is None:
        return NoEncryption()
    builder = PrivateFormat.PKCS12.encryption_builder()
    if request.compat:
        return (
            builder.kdf_rounds(_COMPAT_ROUNDS)
            .key_cert_algorithm(PBES.PBESv1SHA1And3KeyTripleDESCBC)
            .hmac_hash(hashes.SHA1())  # noqa: S303 - the very point of this profile
            .build(request.password.reveal())
        )
    return (
        builder.kdf_rounds(_ROUNDS)
        .key_cert_algorithm(PBES.PBESv2SHA256AndAES256CBC)
        .hmac_hash(hashes.SHA256())
        .build(request.password.reveal())
    )

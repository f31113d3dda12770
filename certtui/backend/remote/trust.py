"""Why a server is believed: the system's roots, a CA file, or the pinned SHA-256 of its public key. One of them always."""

from __future__ import annotations

import binascii
import ssl
import warnings
from base64 import b64decode
from hashlib import sha256
from pathlib import Path

from certtui.errors import CerttuiError, Invalid, Unreachable

# As in `certtui.pki`: what the parser finds odd in a stranger's certificate would be printed over the console.
warnings.filterwarnings("ignore", category=UserWarning, module=r"certtui\.backend\.remote\.trust")


class Untrusted(Unreachable):
    """The server is not the one it should be: trying again does not help."""


def pin_of(text: str) -> str:
    """Lower-case hex of a pin as written: `sha256//BASE64` as curl has it, `sha256:HEX`, or either alone. Raises `Invalid`."""
    bare = text.strip().removeprefix("sha256//").removeprefix("sha256:").strip()
    digits = bare.replace(":", "").lower()
    if len(digits) == 64 and all(char in "0123456789abcdef" for char in digits):
        return digits
    try:
        raw = b64decode(bare, validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    if len(raw) == 32:
        return raw.hex()
    raise Invalid(
        f"{text!r} is no pin.",
        "It is the SHA-256 of the server's public key, as sha256//BASE64 or 64 hex digits.",
        field="pin",
    )


def check_pins(certificate: bytes | None, pins: tuple[str, ...], host: str) -> None:
    """Raise `Untrusted` unless the certificate (DER) has one of the pinned keys."""
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    found = ""
    if certificate:
        try:
            key = x509.load_der_x509_certificate(certificate).public_key()
            found = sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()
        except ValueError:
            found = ""
    if found not in pins:
        raise Untrusted(
            f"{host} shows another key than the pinned one: {found or 'none that can be read'}.",
            "If its key was changed on purpose, pin the new one; else somebody stands in between.",
        )


def ssl_context(
    *, ca_file: Path | None, pins: tuple[str, ...], client_cert: Path | None, client_key: Path | None
) -> ssl.SSLContext:
    """TLS 1.2 or newer. With pins and no CA file the pinned key is the proof, and the certificate may be self-signed.

    Raises `Unreachable`, `Invalid` for files that can't be read or used.
    """
    try:
        context = ssl.create_default_context(cafile=str(ca_file) if ca_file else None)
    except (OSError, ssl.SSLError) as error:
        raise _unusable("CA file", ca_file, error, "ca_file") from None
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if pins and ca_file is None:
        # The pin takes the place of the chain: `wiretap` refuses any other key before a byte is sent.
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if client_cert is not None:
        try:
            context.load_cert_chain(client_cert, client_key, password=_no_password)
        except (OSError, ssl.SSLError) as error:
            raise _unusable("client certificate", client_cert, error, "client_cert") from None
    return context


def _no_password() -> bytes:
    # Without it OpenSSL would ask on the terminal, under the console.
    raise Invalid(
        "The client certificate's key is encrypted.", "Name a key without a passphrase, 0600.", field="client_key"
    )


def _unusable(what: str, path: Path | None, error: OSError, field: str) -> CerttuiError:
    if isinstance(error, ssl.SSLError) or error.strerror is None:
        return Invalid(
            f"The {what} {path} can't be used: it is not PEM, or its key is another's.", "Correct it.", field=field
        )
    return Unreachable(f"The {what} {path} can't be read: {error.strerror}.", "Check its path and mode.")

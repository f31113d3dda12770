"""Answering `tls-alpn-01` (RFC 8737; for addresses RFC 8738, 6): a TLS handshake that shows a certificate with the digest of the answer."""

from __future__ import annotations

import asyncio
import ipaddress
import os
import socket
import ssl
import tempfile
from datetime import datetime, timedelta, timezone
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from certtui.authorities.acme.listener import SECONDS, Answers
from certtui.record import dataclass

if TYPE_CHECKING:
    from certtui.authorities.acme.objects import Identifier

PROTOCOL = "acme-tls/1"
_ACME_IDENTIFIER = "1.3.6.1.5.5.7.1.31"
_OCTET_STRING_OF_32 = b"\x04\x20"


@dataclass(frozen=True, slots=True)
class Shown:
    """What is shown for a name; two of them are the same for the same answer."""

    digest: bytes
    context: ssl.SSLContext

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Shown) and other.digest == self.digest

    def __hash__(self) -> int:
        return hash(self.digest)


class _UntilGone(asyncio.Protocol):
    """Nothing is said after the handshake; `gone` is set when the connection is."""

    def __init__(self) -> None:
        self.gone = asyncio.get_running_loop().create_future()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.gone.done():
            self.gone.set_result(None)


async def serve(connection: socket.socket, answers: Answers) -> None:
    """One handshake; then it has served its purpose."""

    def choose(asked: ssl.SSLObject, name: str | None, _: ssl.SSLContext) -> int | None:
        found = answers.get((name or "").lower())
        if not isinstance(found, Shown):
            return ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME
        asked.context = found.context
        return None

    context = _context()
    context.sni_callback = choose
    # In less than the listener gives to a connection, so that what goes wrong ends here and the socket has one owner.
    transport, protocol = await asyncio.get_running_loop().connect_accepted_socket(
        _UntilGone, connection, ssl=context, ssl_handshake_timeout=SECONDS - 2, ssl_shutdown_timeout=1
    )
    transport.close()
    await protocol.gone


def shown(identifier: Identifier, key_authorization: str) -> Shown:
    """The certificate of a challenge, for whoever asks for the name; its key is made for it and forgotten with it."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    digest = sha256(key_authorization.encode("ascii")).digest()
    name = (
        x509.IPAddress(ipaddress.ip_address(identifier.value))
        if identifier.type == "ip"
        else x509.DNSName(identifier.value)
    )
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "ACME challenge")])
    now = datetime.now(timezone.utc)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=7))
        .add_extension(x509.SubjectAlternativeName([name]), critical=False)
        .add_extension(
            x509.UnrecognizedExtension(x509.ObjectIdentifier(_ACME_IDENTIFIER), _OCTET_STRING_OF_32 + digest),
            critical=True,
        )
        .sign(key, hashes.SHA256())
    )
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + certificate.public_bytes(Encoding.PEM)
    context = _context()
    # Python's ssl takes a chain from a file only.
    file, path = tempfile.mkstemp(prefix="certtui-")
    try:
        with os.fdopen(file, "wb") as out:
            out.write(pem)
        context.load_cert_chain(path)
    finally:
        Path(path).unlink()
    return Shown(digest, context)


def server_name(identifier: Identifier) -> str:
    """What a CA asks for in the handshake (SNI): the name, or an address as in reverse DNS."""
    if identifier.type == "ip":
        return ipaddress.ip_address(identifier.value).reverse_pointer
    return identifier.value.lower()


def _context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols([PROTOCOL])
    return context

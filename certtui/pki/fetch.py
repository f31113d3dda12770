"""The certificate and chain that a running TLS server presents, verified or not. The only part of `pki` that uses the network."""

from __future__ import annotations

import contextlib
import socket
import ssl

from certtui.errors import CerttuiError, Invalid, Unreachable
from certtui.model.x509 import Material, X509Facts
from certtui.pki.facts import x509_facts

_MAX_CHAIN = 100


def fetch(host: str, port: int, *, server_name: str = "", timeout: float = 10.0) -> Material:
    """What `host:port` presents to a client that asks for `server_name` (default: the host). `timeout` in seconds.

    Nothing is verified: an expired or foreign certificate is what one wants to see. Raises `Unreachable` with what happened,
    `Invalid` (field "host" or "port") for an address that is none.
    """
    name = _target(host)
    if not 0 < port < 65536:
        raise Invalid(f"{port} is not a port.", "Use 1 to 65535, for HTTPS 443.", field="port")
    sni = _target(server_name) if server_name else name
    place = f"[{name}]:{port}" if ":" in name else f"{name}:{port}"
    ders = _presented(name, port, None if _is_address(sni) else sni, timeout, place)
    if not ders:
        raise Unreachable(f"{place} presented no certificate.", "Check that this is the right port.")
    found: list[X509Facts] = []
    unread: list[str] = []
    for item in ders:
        try:
            found.append(x509_facts(item))
        except CerttuiError as error:
            unread.append(error.message)
    if not found:
        raise Invalid(unread[0], field="host")
    return Material(place, "tls", tuple(found), unread=tuple(unread))


def parse_target(text: str, default_port: int = 443) -> tuple[str, int]:
    """`HOST:PORT`, `HOST`, `[::1]:443` or a bare IPv6 address to (host, port). Raises `Invalid` (field "host" or "port")."""
    typed = text.strip().removeprefix("https://").partition("/")[0]
    if typed.startswith("["):
        host, bracket, rest = typed[1:].partition("]")
        if not bracket or (rest and not rest.startswith(":")):
            raise Invalid(f"“{text}” is not HOST:PORT.", "Write an IPv6 address as [::1]:443.", field="host")
        port = rest[1:]
    elif typed.count(":") > 1:
        host, port = typed, ""
    else:
        host, _, port = typed.partition(":")
    if not host:
        raise Invalid(f"“{text}” names no host.", "Write HOST:PORT, as in www.example.com:443.", field="host")
    if port and not (port.isascii() and port.isdigit() and 0 < int(port[:6]) < 65536):
        raise Invalid(f"“{port}” is not a port.", "Use 1 to 65535, for HTTPS 443.", field="port")
    return host, int(port) if port else default_port


def _target(host: str) -> str:
    """A host as it is dialled: an address, or a name in A-labels."""
    import idna

    bare = host.strip().strip("[]")
    if not bare or any(c.isspace() or ord(c) < 32 or c == "/" for c in bare):
        raise Invalid(f"“{host}” is not a host.", "Write a host name or an IP address.", field="host")
    if bare.isascii():
        return bare
    try:
        return idna.encode(bare, uts46=True).decode("ascii")
    except (idna.IDNAError, UnicodeError):
        raise Invalid(f"“{host}” is not a host name.", "Check how it is written.", field="host") from None


def _presented(host: str, port: int, sni: str | None, timeout: float, place: str) -> list[bytes]:
    context = _context()
    try:
        with socket.create_connection((host, port), timeout=timeout) as connection:
            connection.settimeout(timeout)
            with context.wrap_socket(connection, server_hostname=sni, do_handshake_on_connect=False) as tls:
                return _shaken(tls)
    except socket.gaierror:
        raise Unreachable(
            f"The name {host} is not known.", "Check how it is written, and this machine's DNS."
        ) from None
    except TimeoutError:
        raise Unreachable(
            f"{place} did not answer within {timeout:g} seconds.", "Check the address, or a firewall between."
        ) from None
    except ConnectionRefusedError:
        raise Unreachable(f"{place} refused the connection.", "Check the port: nothing listens there.") from None
    except ssl.SSLError as error:
        raise Unreachable(*_tls_failure(place, error)) from None
    except (OSError, UnicodeError, ValueError) as error:
        detail = getattr(error, "strerror", None) or "the connection broke"
        raise Unreachable(f"{place} cannot be reached: {detail}.", "Check the address and the network.") from None


def _shaken(tls: ssl.SSLSocket) -> list[bytes]:
    """The chain after the handshake, or in the middle of one that failed for want of a client certificate."""
    try:
        tls.do_handshake()
    except ssl.SSLError:
        with contextlib.suppress(ssl.SSLError, ValueError):
            if presented := _chain(tls):
                return presented
        raise
    return _chain(tls)


def _context() -> ssl.SSLContext:
    """A client that takes anything: old protocols, small keys, any certificate; it only looks."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
        context.set_ciphers("ALL:@SECLEVEL=0")
    except (ssl.SSLError, ValueError):
        # A system policy may forbid it; then only what it allows can be looked at.
        context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _chain(tls: ssl.SSLSocket) -> list[bytes]:
    """Every certificate presented, leaf first.

    `get_unverified_chain` is public from Python 3.13 on and gives DER; in 3.10 to 3.12 the same method is there on the
    private `_sslobj` and gives objects with `public_bytes`. Where neither is found, the leaf alone is better than nothing.
    """
    public = getattr(tls, "get_unverified_chain", None)
    if public is not None:
        return [bytes(item) for item in public()[:_MAX_CHAIN]]
    private = getattr(getattr(tls, "_sslobj", None), "get_unverified_chain", None)
    if private is not None:
        return [ssl.PEM_cert_to_DER_cert(item.public_bytes()) for item in (private() or [])[:_MAX_CHAIN]]
    leaf = tls.getpeercert(binary_form=True)
    return [leaf] if leaf else []


def _tls_failure(place: str, error: ssl.SSLError) -> tuple[str, str]:
    reason = error.reason or ""
    if reason in (
        "WRONG_VERSION_NUMBER",
        "UNKNOWN_PROTOCOL",
        "HTTP_REQUEST",
        "PACKET_LENGTH_TOO_LONG",
        "RECORD_LAYER_FAILURE",
    ):
        return f"{place} answers, but not in TLS.", "Check the port; STARTTLS services are not read."
    if isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError) or reason == "UNEXPECTED_EOF_WHILE_READING":
        return (
            f"{place} closed the connection during the TLS handshake.",
            "Check the port, and the name it expects (SNI).",
        )
    words = reason.lower().replace("_", " ")
    return (
        f"The TLS handshake with {place} failed{': ' + words if words else ''}.",
        "Check the port and the server name.",
    )


def _is_address(text: str) -> bool:
    import ipaddress

    try:
        ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return False
    return True

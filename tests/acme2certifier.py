"""A second real ACME server for tests, by other people than Pebble's: acme2certifier over TLS on loopback.

It names a list of an account's orders and has none, validates while it is told to, never says why a name could not be proved,
wants a contact, and validates a challenge again that is only asked for. What it validates it looks up in BIND: its settings
name no port of a name server, so the process sets the port for all of its questions.
"""

from __future__ import annotations

import json
import os
import shutil
import socketserver
import ssl
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from wsgiref import simple_server

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.certs import Made, make_cert
from tests.loopback import free_port, memory_folder, running
from tests.pebble import tls_pair

_SETTINGS = """
[DEFAULT]
debug: False
dns_server_list: ["127.0.0.1"]
[Nonce]
nonce_check_disable: False
[CAhandler]
handler_module: acme2certifier.cahandlers.openssl_ca_handler
issuing_ca_key: {folder}/ca.key
issuing_ca_cert: {folder}/ca.pem
issuing_ca_crl: {folder}/ca.crl
ca_cert_chain_list: []
cert_validity_days: 60
cert_save_path: {folder}/issued
[DBhandler]
handler: wsgi
dbfile: {folder}/store.db
[Challenge]
challenge_validation_disable: False
dns_validation_pause_timer: 0
[Directory]
tos_url: https://localhost/terms
"""


@dataclass(frozen=True)
class Acme2Certifier:
    """A server that answers."""

    url: str
    """Of its directory."""
    ca_file: str
    """The root of its own TLS certificate."""
    folder: Path

    @property
    def revoked(self) -> set[int]:
        """The serial numbers of its CRL."""
        from cryptography.x509 import load_pem_x509_crl

        return {each.serial_number for each in load_pem_x509_crl((self.folder / "ca.crl").read_bytes())}


@contextmanager
def acme2certifier(dns_port: int) -> Iterator[Acme2Certifier]:
    """Start one that asks the resolver at a port of 127.0.0.1."""
    folder = Path(tempfile.mkdtemp(prefix="certtui-a2c-", dir=memory_folder()))
    port = free_port()
    root, certificate, key = tls_pair()
    ca = make_cert("Second Test CA", ca=True, number=910, days=3650)
    files = {
        "root.pem": root,
        "server.pem": certificate,
        "server.key": key,
        "ca.pem": ca.pem,
        "ca.key": ca.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
        "ca.crl": _empty_crl(ca),
        "acme_srv.cfg": _SETTINGS.format(folder=folder).encode(),
    }
    for name, data in files.items():
        (folder / name).write_bytes(data)
    (folder / "issued").mkdir()
    made = Acme2Certifier(f"https://127.0.0.1:{port}/directory", str(folder / "root.pem"), folder)
    context = ssl.create_default_context(cafile=made.ca_file)

    def answers() -> object:
        with urllib.request.urlopen(made.url, context=context, timeout=5) as answer:
            return json.load(answer)

    argv = [sys.executable, "-m", "tests.acme2certifier", str(folder), str(port), str(dns_port)]
    environment = {
        "ACME_SRV_CONFIGFILE": str(folder / "acme_srv.cfg"),
        "ACME2CERTIFIER_BASE_DIR": str(folder),
        "PYTHONPATH": str(Path(__file__).resolve().parent.parent),
    }
    try:
        with running(argv, folder / "log", answers, environment):
            yield made
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _empty_crl(ca: Made) -> bytes:
    """It adds to a CRL, and makes none."""
    from datetime import timedelta

    from cryptography import x509
    from cryptography.hazmat.primitives.hashes import SHA256

    begin = ca.certificate.not_valid_before_utc
    builder = x509.CertificateRevocationListBuilder(ca.certificate.subject, begin, begin + timedelta(days=3650))
    return builder.sign(ca.key, SHA256()).public_bytes(Encoding.PEM)


class _Server(socketserver.ThreadingMixIn, simple_server.WSGIServer):
    daemon_threads = True
    request_queue_size = 64


class _Handler(simple_server.WSGIRequestHandler):
    def get_environ(self) -> dict[str, object]:
        # wsgiref knows no TLS, so it would write http:// into every address that it gives.
        return super().get_environ() | {"HTTP_X_FORWARDED_PROTO": "https"}


def _serve(folder: Path, port: int, dns_port: int) -> None:
    """In a process of its own: its settings and its store are the process's."""
    import dns.resolver

    reset = dns.resolver.BaseResolver.reset

    def with_port(self: dns.resolver.BaseResolver) -> None:
        reset(self)
        self.port = dns_port

    dns.resolver.BaseResolver.reset = with_port  # type: ignore[method-assign]
    os.chdir(folder)
    from acme2certifier.share.acme2certifier_wsgi import application

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem", folder / "server.key")
    with simple_server.make_server("127.0.0.1", port, application, _Server, _Handler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        server.serve_forever()


if __name__ == "__main__":
    _serve(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))

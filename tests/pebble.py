"""A real ACME server for tests: Pebble on loopback with a TLS certificate of a root made here.

Which Pebble is there differs by Debian release: 2.4 has no ARI and no profiles. Tests decide by its directory.
"""

from __future__ import annotations

import json
import shutil
import ssl
import tempfile
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.certs import make_cert
from tests.loopback import free_port, memory_folder, running

EAB_KID, EAB_KEY = "customer-1", "zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W"


@dataclass(frozen=True)
class Pebble:
    """A server that answers."""

    url: str
    """Of its directory."""
    ca_file: str
    """The root of its own TLS certificate."""
    http_port: int
    tls_port: int
    _management: str

    def asked(self, path: str) -> str:
        """What its management interface answers, as `/roots/0` or `/intermediates/0` in PEM."""
        return _get(self._management + path, self.ca_file)

    def status_of(self, serial: str) -> dict[str, str]:
        """What it says of a certificate by its serial number in hex: `Status`, `RevokedAt` …"""
        found: dict[str, str] = json.loads(self.asked(f"/cert-status-by-serial/{serial}"))
        return found

    @property
    def directory(self) -> dict[str, object]:
        found: dict[str, object] = json.loads(_get(self.url, self.ca_file))
        return found


@contextmanager
def pebble(
    *,
    dns_port: int = 0,
    reject_nonces: int = 0,
    reuse_authorizations: int = 0,
    always_valid: bool = False,
    external_accounts: bool = False,
    alternate_roots: int = 0,
    settings: Mapping[str, object] | None = None,
    port: int = 0,
) -> Iterator[Pebble]:
    """Start one. `reject_nonces` and `reuse_authorizations` are percentages; `dns_port` is of a resolver on loopback."""
    folder = Path(tempfile.mkdtemp(prefix="certtui-pebble-", dir=memory_folder()))
    listen, management, http, tls = port or free_port(), free_port(), free_port(), free_port()
    root, certificate, key = _tls_pair()
    for name, data in (("root.pem", root), ("server.pem", certificate), ("server.key", key)):
        (folder / name).write_bytes(data)
    wanted: dict[str, object] = {
        "listenAddress": f"127.0.0.1:{listen}",
        "managementListenAddress": f"127.0.0.1:{management}",
        "certificate": str(folder / "server.pem"),
        "privateKey": str(folder / "server.key"),
        "httpPort": http,
        "tlsPort": tls,
        "ocspResponderURL": "",
        "externalAccountBindingRequired": external_accounts,
        **({"externalAccountMACKeys": {EAB_KID: EAB_KEY}} if external_accounts else {}),
        **(settings or {}),
    }
    (folder / "pebble.json").write_text(json.dumps({"pebble": wanted}))
    argv = ["pebble", "-config", str(folder / "pebble.json"), "-strict=false"]
    argv += ["-dnsserver", f"127.0.0.1:{dns_port}"] if dns_port else []
    environment = {
        "PEBBLE_VA_NOSLEEP": "1",
        "PEBBLE_VA_ALWAYS_VALID": str(int(always_valid)),
        "PEBBLE_WFE_NONCEREJECT": str(reject_nonces),
        "PEBBLE_AUTHZREUSE": str(reuse_authorizations),
        "PEBBLE_ALTERNATE_ROOTS": str(alternate_roots),
    }
    made = Pebble(
        f"https://127.0.0.1:{listen}/dir", str(folder / "root.pem"), http, tls, f"https://127.0.0.1:{management}"
    )
    try:
        with running(argv, folder / "log", lambda: made.directory, environment):
            yield made
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@cache
def _tls_pair() -> tuple[bytes, bytes, bytes]:
    root = make_cert("Loopback Test Root", ca=True, number=900, days=7300)
    made = make_cert("localhost", sans=("localhost", "IP:127.0.0.1"), issuer=root, number=901, days=3650)
    key = made.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return root.pem, made.pem, key


def _get(url: str, ca_file: str) -> str:
    context = ssl.create_default_context(cafile=ca_file)
    with urllib.request.urlopen(url, context=context, timeout=5) as answer:
        return str(answer.read().decode())

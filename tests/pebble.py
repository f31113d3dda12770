"""A real ACME server for tests: Pebble on loopback with a TLS certificate of a root made here.

Which Pebble is there differs by Debian release: 2.4 has no ARI and no profiles. Tests decide by its directory. Those of
other releases that `scripts/pebbles.sh` could get are in VERSIONS, beside the machine's own.
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
from datetime import datetime
from functools import cache
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.certs import make_cert
from tests.loopback import free_port, memory_folder, running

_OTHERS = Path(__file__).resolve().parent.parent / ".cache" / "pebble"
OWN = "pebble"
"""The one that the machine has."""


def _by_version(name: str) -> list[int]:
    return [int(part) for part in name.split(".") if part.isdigit()]


VERSIONS = {
    OWN: OWN,
    **{
        f"pebble-{name}": str(_OTHERS / name / "pebble")
        for name in sorted((each.parent.name for each in _OTHERS.glob("*/pebble")), key=_by_version)
    },
}
"""Programs by a name that says which: the machine's own first, then older to newer."""
NEWEST = VERSIONS[list(VERSIONS)[-1]]

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

    def wish(self, certificate: bytes, start: datetime, end: datetime) -> None:
        """Let it want a certificate (PEM) to be renewed within this window (ARI); a Pebble from 2.7 on can."""
        window = {"start": start.isoformat(), "end": end.isoformat()}
        asked = {"Certificate": certificate.decode(), "ARIResponse": json.dumps({"suggestedWindow": window})}
        _get(f"{self._management}/set-renewal-info/", self.ca_file, json.dumps(asked).encode())

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
    program: str = OWN,
) -> Iterator[Pebble]:
    """Start one. `reject_nonces` and `reuse_authorizations` are percentages; `dns_port` is of a resolver on loopback, `program` one of VERSIONS."""
    folder = Path(tempfile.mkdtemp(prefix="certtui-pebble-", dir=memory_folder()))
    listen, management, http, tls = port or free_port(), free_port(), free_port(), free_port()
    root, certificate, key = tls_pair()
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
        "profiles": {
            "default": {"description": "The usual one", "validityPeriod": 90 * 86_400},
            "shortlived": {"description": "Six days", "validityPeriod": 6 * 86_400},
        },
        **({"externalAccountMACKeys": {EAB_KID: EAB_KEY}} if external_accounts else {}),
        **(settings or {}),
    }
    (folder / "pebble.json").write_text(json.dumps({"pebble": wanted}))
    argv = [program, "-config", str(folder / "pebble.json"), "-strict=false"]
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
def tls_pair() -> tuple[bytes, bytes, bytes]:
    """Root, certificate and key in PEM of a server on loopback."""
    root = make_cert("Loopback Test Root", ca=True, number=900, days=7300)
    made = make_cert("localhost", sans=("localhost", "IP:127.0.0.1"), issuer=root, number=901, days=3650)
    key = made.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return root.pem, made.pem, key


def _get(url: str, ca_file: str, posted: bytes | None = None) -> str:
    context = ssl.create_default_context(cafile=ca_file)
    with urllib.request.urlopen(url, posted, context=context, timeout=5) as answer:
        return str(answer.read().decode())

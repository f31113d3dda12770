"""The trust store of this machine: found as OpenSSL finds it, loaded when first asked, named with its path and size."""

from __future__ import annotations

import os
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from certtui.errors import CerttuiError
from certtui.model.x509 import X509Facts
from certtui.pki import pem
from certtui.pki.facts import x509_facts

# Where distributions keep the bundle when OpenSSL's compiled-in path holds none.
_BUNDLES = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/cert.pem",
)


@dataclass(frozen=True, slots=True)
class TrustStore:
    """The roots that paths are judged against. `place` is a path, "" where none was found."""

    place: str
    roots: tuple[X509Facts, ...]
    by_subject: Mapping[str, Sequence[X509Facts]] = field(repr=False)
    fingerprints: frozenset[str] = field(repr=False)

    @property
    def name(self) -> str:
        """How a page names it: path and number of roots."""
        if not self.place:
            return "no trust store found on this machine"
        return f"{self.place} ({len(self.roots)} root{'' if len(self.roots) == 1 else 's'})"


def trust_store_of(place: str, roots: Sequence[X509Facts]) -> TrustStore:
    """A trust store of given roots."""
    by_subject: dict[str, list[X509Facts]] = {}
    for root in roots:
        by_subject.setdefault(root.subject_id, []).append(root)
    return TrustStore(place, tuple(roots), by_subject, frozenset(r.fingerprint_sha256 for r in roots))


def system_trust_store() -> TrustStore:
    """The roots of this system; `SSL_CERT_FILE` and `SSL_CERT_DIR` are honoured. Read again when the file changed."""
    place = _place()
    if place is None:
        return trust_store_of("", ())
    return _load(str(place), place.stat().st_mtime_ns)


def _place() -> Path | None:
    paths = ssl.get_default_verify_paths()
    named = [os.environ.get("SSL_CERT_FILE"), paths.cafile, paths.openssl_cafile, *_BUNDLES]
    for name in named:
        if name and Path(name).is_file():
            return Path(name)
    for name in (os.environ.get("SSL_CERT_DIR"), paths.capath, paths.openssl_capath):
        if name and Path(name).is_dir():
            return Path(name)
    return None


@lru_cache(maxsize=4)
def _load(place: str, _changed: int) -> TrustStore:
    path = Path(place)
    files = sorted(path.iterdir()) if path.is_dir() else [path]
    roots: dict[str, X509Facts] = {}
    for file in files:
        try:
            data = file.read_bytes()
        except OSError:
            continue
        for block in pem.blocks(data):
            if "CERTIFICATE" not in block.label or block.problem:
                continue
            try:
                facts = x509_facts(block.der)
            except CerttuiError:
                continue
            roots[facts.fingerprint_sha256] = facts
    return trust_store_of(place, tuple(roots.values()))

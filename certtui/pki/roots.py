"""The trust store of this machine: found as OpenSSL finds it, loaded when first asked, named with its path and size."""

from __future__ import annotations

import os
import ssl
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from certtui.errors import CerttuiError
from certtui.model.x509 import X509Facts
from certtui.pki import pem
from certtui.pki.facts import x509_facts
from certtui.record import dataclass, field

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
    """The roots of this system; `SSL_CERT_FILE` and `SSL_CERT_DIR` are honoured. Read again when the file changed.

    Asked for every certificate of a bulk import, so an answer that is known costs microseconds.
    """
    place = _place(os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR"))
    try:
        return _load(place, os.stat(place).st_mtime_ns) if place else trust_store_of("", ())  # noqa: PTH116 - pathlib costs as much again
    except OSError:
        return trust_store_of("", ())


@lru_cache(maxsize=4)
def _place(file: str | None, folder: str | None) -> str:
    paths = ssl.get_default_verify_paths()
    for name in (file, paths.cafile, paths.openssl_cafile, *_BUNDLES):
        if name and Path(name).is_file():
            return name
    for name in (folder, paths.capath, paths.openssl_capath):
        if name and Path(name).is_dir():
            return name
    return ""


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

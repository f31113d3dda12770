"""Whether a certificate's chain is complete: a path of signatures that verify, up to one that signed itself.

Unlike `chain`, which explains every path and judges it by dates and trust, this answers one question, and by signatures
alone: an issuer of the right name and the wrong key is not the issuer. The search is bounded, so that loops and piles of
certificates of one name end.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from certtui.model.x509 import X509Facts
from certtui.pki.chain import MAX_DEPTH
from certtui.pki.roots import TrustStore
from certtui.pki.signatures import signature_problem

_MAX_SIGNATURES = 256

FindIssuers = Callable[[str], Sequence[X509Facts]]
"""CA certificates that are known and have this `subject_id`."""


def missing_issuer(
    certificate: X509Facts, material: Sequence[X509Facts], find: FindIssuers, trust_store: TrustStore
) -> str:
    """The RFC 4514 name of the first issuer that nobody has, "" when the chain is complete.

    Issuers are looked for in the `material` that came along, by `find`, and among the roots of the system.
    """
    return _Walk(material, find, trust_store).gap(certificate, 1)


class _Walk:
    """One search, depth first; knows where it was and how many signatures it has checked."""

    def __init__(self, material: Sequence[X509Facts], find: FindIssuers, trust_store: TrustStore) -> None:
        self._material = material
        self._find = find
        self._trust_store = trust_store
        self._seen: set[str] = set()
        self._checked = 0

    def gap(self, certificate: X509Facts, depth: int) -> str:
        """The name that is missing above a certificate; of several paths that of the first."""
        if certificate.fingerprint_sha256 in self._trust_store.fingerprints:
            return ""
        if certificate.self_issued and self._signed(certificate, certificate):
            return ""
        self._seen.add(certificate.fingerprint_sha256)
        gap = ""
        for issuer in self._named(certificate.issuer_id) if depth < MAX_DEPTH else ():
            if issuer.fingerprint_sha256 in self._seen or not self._signed(certificate, issuer):
                continue
            above = self.gap(issuer, depth + 1)
            if not above:
                return ""
            gap = gap or above
        return gap or certificate.issuer or certificate.subject or "an issuer without a name"

    def _signed(self, certificate: X509Facts, issuer: X509Facts) -> bool:
        self._checked += 1
        return self._checked <= _MAX_SIGNATURES and not signature_problem(certificate, issuer)

    def _named(self, subject_id: str) -> Sequence[X509Facts]:
        came_along = [each for each in self._material if each.is_ca and each.subject_id == subject_id]
        return (*self._trust_store.by_subject.get(subject_id, ()), *came_along, *self._find(subject_id))

"""Which key belongs to which certificate: said where a pair that was given does not belong together.

Keys are known by their public key (SHA-256 of the SubjectPublicKeyInfo); nothing is unsealed, and no file travels.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from certtui.model.x509 import KeyFacts, Material, X509Facts

if TYPE_CHECKING:
    from certtui.backend.base import Certificates

MOST = 5
"""Keys that are spoken of, one sentence each."""


def owners(materials: Sequence[Material], certificates: Certificates) -> str:
    """For each private key among these files the certificate that it was made for, beside it or in the inventory; "" without keys."""
    keys = {key.spki_sha256: (key, material.path) for material in materials for key in material.keys}
    if not keys:
        return ""
    beside: dict[str, str] = {}
    for material in materials:
        for item in material.certificates:
            beside.setdefault(item.spki_sha256, f"{called(item)} in {material.path}")
    known = {
        each.spki_sha256: f"“{each.name}”, which is in the inventory"
        for each in certificates.lookup(spkis=list(keys))
        if each.fingerprint_sha256
    }
    said = [_sentence(key, path, beside.get(spki) or known.get(spki, "")) for spki, (key, path) in keys.items()]
    more = f" {len(said) - MOST} more keys are not named." if len(said) > MOST else ""
    return " ".join(said[:MOST]) + more


def called(item: X509Facts) -> str:
    """A certificate as sentences call it: by its common name, else its first name."""
    return f"“{item.common_name or (item.sans[0].partition(':')[2] if item.sans else item.subject)}”"


def identity(key: KeyFacts) -> str:
    """A key as messages name it."""
    return f"sha256:{key.spki_sha256[:8]}… ({key.key_algorithm})"


def _sentence(key: KeyFacts, path: str, owner: str) -> str:
    if owner:
        return f"The key {identity(key)} in {path} is that of {owner}."
    return f"The key {identity(key)} in {path} is that of no certificate given or in the inventory."

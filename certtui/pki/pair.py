"""Which certificate, key, request and chain belong together: by the SubjectPublicKeyInfo alone (DESIGN 10)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from certtui.backend.inspect import Pairing
from certtui.errors import Invalid
from certtui.model.x509 import KeyFacts, Material, X509Facts
from certtui.pki.keys import short_identity

_MAX_CHAIN = 32
_MAX_NAMESAKES = 32

IsRoot = Callable[[str], bool]
"""Whether a `subject_id` is that of a root of the system."""


def pair(materials: Sequence[Material], is_root: IsRoot) -> Pairing:
    """One entry from files that belong together.

    Raises `Invalid` with field "certificate" (no leaf, several leaves) or "key" (not the leaf's, naming both identities).
    """
    certificates = _distinct([c for m in materials for c in m.certificates])
    found_keys = _distinct_keys([k for m in materials for k in m.keys])
    if not certificates:
        raise Invalid("There is no certificate in what was given.", "Add the certificate.", field="certificate")
    leaf = _leaf(certificates, found_keys)
    key = next((k for k in found_keys if k.spki_sha256 == leaf.spki_sha256), None)
    if found_keys and key is None:
        raise Invalid(mismatch(leaf, found_keys[0]), "Give the key that was made for this certificate.", field="key")
    chain, missing = ordered_chain(leaf, certificates, is_root)
    unused = [
        f"The certificate {label(c)} is not part of the chain."
        for c in certificates
        if c is not leaf and all(c is not link for link in chain)
    ]
    unused += [
        f"The private key {short_identity(k.spki_sha256, k.key_algorithm)} fits nothing here."
        for k in found_keys
        if k is not key
    ]
    unused += [
        f"The certificate request {label(r)} was made with another key."
        for m in materials
        for r in m.requests
        if r.spki_sha256 != leaf.spki_sha256
    ]
    return Pairing(leaf, key, chain, missing, tuple(unused))


def entries(material: Material, is_root: IsRoot) -> list[Pairing]:
    """Every certificate of a file as an entry of its own, each with its key and the part of the file that is its chain."""
    if len(material.certificates) == 1 and not material.keys:
        # What a folder of a million files is made of.
        (only,) = material.certificates
        return [Pairing(only, None, (), "" if only.self_issued or is_root(only.issuer_id) else only.issuer)]
    certificates = _distinct(material.certificates)
    by_subject = _by_subject(certificates)
    keys = {k.spki_sha256: k for k in material.keys}
    with_certificate = {c.spki_sha256 for c in certificates}
    stray = [
        f"The private key {short_identity(k.spki_sha256, k.key_algorithm)} belongs to no certificate of this file."
        for k in keys.values()
        if k.spki_sha256 not in with_certificate
    ]
    found = []
    for number, leaf in enumerate(certificates):
        chain, missing = _follow(leaf, by_subject, is_root)
        found.append(Pairing(leaf, keys.get(leaf.spki_sha256), chain, missing, tuple(stray) if number == 0 else ()))
    return found


def ordered_chain(
    leaf: X509Facts, certificates: Sequence[X509Facts], is_root: IsRoot
) -> tuple[tuple[X509Facts, ...], str]:
    """The chain leaf to root (leaf excluded) from certificates in any order, and the issuer that is missing, if any.

    Cross-signs of a link that is in the chain stay, behind it, so that no path is lost.
    """
    by_subject = _by_subject([c for c in certificates if c is not leaf])
    chain, missing = _follow(leaf, by_subject, is_root)
    subjects = {c.subject_id for c in chain}
    # A second certificate of the same subject and key is a cross-sign; what it leads to comes along.
    extra: list[X509Facts] = []
    taken = {c.fingerprint_sha256 for c in (leaf, *chain)}
    queue = [c for s in subjects for c in by_subject.get(s, ()) if c.fingerprint_sha256 not in taken]
    while queue and len(extra) < _MAX_CHAIN:
        item = queue.pop(0)
        if item.fingerprint_sha256 in taken:
            continue
        taken.add(item.fingerprint_sha256)
        extra.append(item)
        queue += by_subject.get(item.issuer_id, ())
    return (*chain, *extra), missing


def mismatch(leaf: X509Facts, key: KeyFacts) -> str:
    """The sentence that names both key identities."""
    return (
        f"The private key does not belong to the certificate {label(leaf)}: "
        f"the certificate's key is {short_identity(leaf.spki_sha256, leaf.key_algorithm)}, "
        f"the private key is {short_identity(key.spki_sha256, key.key_algorithm)}."
    )


def label(item: object) -> str:
    """How a sentence calls a certificate or request: its common name, else the first SAN, else its subject or fingerprint."""
    common = getattr(item, "common_name", "")
    sans: tuple[str, ...] = getattr(item, "sans", ())
    name = common or (sans[0].partition(":")[2] if sans else "") or getattr(item, "subject", "")
    return f"“{name}”" if name else f"with fingerprint {getattr(item, 'fingerprint_sha256', '')[:16] or 'unknown'}"


def _follow(
    leaf: X509Facts, by_subject: dict[str, list[X509Facts]], is_root: IsRoot
) -> tuple[tuple[X509Facts, ...], str]:
    chain: list[X509Facts] = []
    seen = {leaf.fingerprint_sha256}
    at = leaf
    while not at.self_issued and len(chain) < _MAX_CHAIN:
        issuer = next((c for c in _issuers(at, by_subject) if c.fingerprint_sha256 not in seen), None)
        if issuer is None:
            # A loop of cross-signs ends here too: its members are all seen.
            looped = bool(by_subject.get(at.issuer_id)) and chain != []
            return tuple(chain), "" if looped or is_root(at.issuer_id) else at.issuer
        seen.add(issuer.fingerprint_sha256)
        chain.append(issuer)
        at = issuer
    return tuple(chain), ""


def _issuers(of: X509Facts, by_subject: dict[str, list[X509Facts]]) -> list[X509Facts]:
    """Candidates by name, the likeliest first: matching key identifier, a CA, valid longest."""
    candidates = by_subject.get(of.issuer_id, [])
    if len(candidates) < 2:
        return candidates
    return sorted(
        candidates,
        key=lambda c: (
            bool(of.authority_key_id) and c.subject_key_id != of.authority_key_id,
            not c.is_ca,
            c.self_issued,
            -c.not_after.toordinal(),
        ),
    )


def _leaf(certificates: Sequence[X509Facts], keys: Sequence[KeyFacts]) -> X509Facts:
    """The one certificate that the entry is about: the key's, else the one that issued none of the others."""
    held = {k.spki_sha256 for k in keys}
    mine = [c for c in certificates if c.spki_sha256 in held]
    if mine:
        return _only(mine, "Several certificates belong to the private key")
    issuers = {c.issuer_id for c in certificates if not c.self_issued}
    ends = [c for c in certificates if not c.is_ca] or [c for c in certificates if c.subject_id not in issuers]
    if len(ends) > 1:
        ends = [c for c in ends if c.subject_id not in issuers] or ends
    return _only(ends or list(certificates[:1]), "There are several certificates that could be meant")


def _only(candidates: Sequence[X509Facts], several: str) -> X509Facts:
    if len(candidates) == 1:
        return candidates[0]
    names = ", ".join(label(c) for c in candidates[:3]) + (" …" if len(candidates) > 3 else "")
    raise Invalid(f"{several}: {names}.", "Give one, or use the bulk import to take all.", field="certificate")


def _by_subject(certificates: Sequence[X509Facts]) -> dict[str, list[X509Facts]]:
    """Possible issuers by name, CAs first; a file that holds thousands of one name must not cost their square."""
    by_subject: dict[str, list[X509Facts]] = {}
    for want_ca in (True, False):
        for item in certificates:
            if item.is_ca == want_ca:
                same = by_subject.setdefault(item.subject_id, [])
                if len(same) < _MAX_NAMESAKES:
                    same.append(item)
    return by_subject


def _distinct(certificates: Sequence[X509Facts]) -> list[X509Facts]:
    distinct: dict[str, X509Facts] = {}
    for item in certificates:
        distinct.setdefault(item.fingerprint_sha256, item)
    return list(distinct.values())


def _distinct_keys(keys: Sequence[KeyFacts]) -> list[KeyFacts]:
    distinct: dict[str, KeyFacts] = {}
    for item in keys:
        distinct.setdefault(item.spki_sha256, item)
    return list(distinct.values())

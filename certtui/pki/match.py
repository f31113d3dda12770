"""*Does this belong together?*: every part of every file judged, and which part of which is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from certtui.errors import Invalid
from certtui.model.match import MatchPart, MatchReport, StoredPart
from certtui.model.secret import Secret
from certtui.model.x509 import KeyFacts, Material, X509Facts
from certtui.pki.keys import short_identity
from certtui.pki.pair import IsRoot, label, mismatch, ordered_chain, pair
from certtui.pki.signatures import signature_problem


def match(materials: Sequence[Material], is_root: IsRoot, stored: Sequence[StoredPart] = ()) -> MatchReport:
    """Judge keys, certificates, requests and chains against each other; needs at least two parts to answer yes.

    What is stored stands after the material that has its path; there has to be one for each.
    """
    count = sum(len(m.certificates) + len(m.keys) + len(m.requests) for m in materials) + len(stored)
    certificates = [c for m in materials for c in m.certificates]
    keys = [k for m in materials for k in m.keys] + [
        KeyFacts(s.spki_sha256, s.key_algorithm, Secret(b"")) for s in stored if s.kind == "key" and s.spki_sha256
    ]
    leaf, problem = _leaf(materials, certificates, keys, is_root)
    identity = leaf.spki_sha256 if leaf else _anchor(materials, stored)
    chain = ordered_chain(leaf, certificates, is_root)[0] if leaf else ()
    parts: list[MatchPart] = []
    for material in materials:
        for key in material.keys:
            wrong = "" if key.spki_sha256 == identity else _foreign_key(key, leaf, identity)
            if wrong:
                wrong += _owner(key.spki_sha256, certificates, stored)
            parts.append(_part(material, "key", key.key_algorithm, key.spki_sha256, wrong))
        for request in material.requests:
            wrong = "" if request.spki_sha256 == identity else _foreign_request(request.spki_sha256, identity)
            if not wrong and not request.signature_valid:
                wrong = "The signature of the request does not verify with its own key."
            parts.append(_part(material, "csr", label(request), request.spki_sha256, wrong))
        for item in material.certificates:
            kind, wrong = _certificate(item, leaf, chain, identity)
            part = _part(material, kind, label(item), item.spki_sha256, wrong)
            parts.append(replace(part, not_before=item.not_before, not_after=item.not_after))
        for one in stored:
            if one.path == material.path:
                kind, wrong = _stored(one, leaf, chain, identity)
                part = _part(material, kind, one.label, one.spki_sha256, wrong)
                parts.append(replace(part, not_after=one.not_after))
    wrong_parts = [p for p in parts if not p.ok]
    if count < 2 and not problem and not wrong_parts:
        return MatchReport(False, "There is only one part: nothing to compare it with.", tuple(parts))
    if problem or wrong_parts:
        return MatchReport(False, problem or wrong_parts[0].problem, tuple(parts))
    return MatchReport(True, _summary(parts), tuple(parts))


def _leaf(
    materials: Sequence[Material], certificates: Sequence[X509Facts], keys: Sequence[KeyFacts], is_root: IsRoot
) -> tuple[X509Facts | None, str]:
    """The certificate that everything is compared with, and what stands against there being one."""
    if not certificates:
        return None, ""
    try:
        return pair([Material("", "", certificates=tuple(certificates), keys=tuple(keys))], is_root).leaf, ""
    except Invalid as problem:
        first = problem.message
    bare = [Material("", "", certificates=tuple(certificates))]
    try:
        leaf = pair(bare, is_root).leaf
    except Invalid as problem:
        return certificates[0], problem.message
    foreign = next((k for k in keys if k.spki_sha256 != leaf.spki_sha256), None)
    return leaf, mismatch(leaf, foreign) if foreign else first


def _anchor(materials: Sequence[Material], stored: Sequence[StoredPart]) -> str:
    """Without a certificate to read, a stored one or a request is what keys are compared with, else the first key."""
    for one in stored:
        if one.kind == "certificate":
            return one.spki_sha256
    for material in materials:
        for request in material.requests:
            return request.spki_sha256
    found = (*(k.spki_sha256 for m in materials for k in m.keys), *(one.spki_sha256 for one in stored))
    return next(filter(None, found), "")


def _stored(one: StoredPart, leaf: X509Facts | None, chain: Sequence[X509Facts], identity: str) -> tuple[str, str]:
    """Its kind, and what is wrong with it."""
    if one.unseen:
        return one.kind, one.unseen
    if one.spki_sha256 == identity:
        return one.kind, ""
    if one.kind == "key":
        return one.kind, _foreign_key(KeyFacts(one.spki_sha256, one.key_algorithm, Secret(b"")), leaf, identity)
    if one.kind == "certificate" and any(one.spki_sha256 == link.spki_sha256 for link in chain):
        return "chain", ""
    mine, beside = short_identity(one.spki_sha256, one.key_algorithm), short_identity(identity)
    return one.kind, f"The {one.kind} {one.label} has the key {mine}, the part beside it {beside}."


def _certificate(item: X509Facts, leaf: X509Facts | None, chain: Sequence[X509Facts], identity: str) -> tuple[str, str]:
    if leaf is None or item.fingerprint_sha256 == leaf.fingerprint_sha256:
        return "certificate", ""
    if all(item.fingerprint_sha256 != link.fingerprint_sha256 for link in chain):
        if item.is_ca or item.spki_sha256 != identity:
            kind = "chain" if item.is_ca else "certificate"
            return kind, f"The certificate {label(item)} did not issue {label(leaf)} nor anything in its chain."
        return "certificate", ""
    issued = [c for c in (leaf, *chain) if c.issuer_id == item.subject_id and c is not item]
    if issued and all(signature_problem(c, item) for c in issued):
        return (
            "chain",
            f"The certificate {label(item)} has the right name, but its key did not sign {label(issued[0])}.",
        )
    return "chain", ""


def _foreign_key(key: KeyFacts, leaf: X509Facts | None, identity: str) -> str:
    if leaf is not None:
        return mismatch(leaf, key)
    mine = short_identity(key.spki_sha256, key.key_algorithm)
    return f"The private key is {mine}, the other part was made with {short_identity(identity)}."


def _owner(spki: str, certificates: Sequence[X509Facts], stored: Sequence[StoredPart]) -> str:
    """Whose key it is, where its certificate is among the parts."""
    given = [label(each) for each in certificates if each.spki_sha256 == spki]
    given += [each.label for each in stored if each.kind == "certificate" and each.spki_sha256 == spki]
    return f" It is the key of {given[0]}." if given else ""


def _foreign_request(spki: str, identity: str) -> str:
    return f"The request was made with the key {short_identity(spki)}, the certificate or key beside it is {short_identity(identity)}."


def _part(material: Material, kind: str, name: str, identity: str, problem: str) -> MatchPart:
    return MatchPart(material.path, kind, name, identity, not problem, problem)


def _summary(parts: Sequence[MatchPart]) -> str:
    words = {
        "certificate": "certificate",
        "key": "private key",
        "public key": "public key",
        "csr": "request",
        "chain": "chain",
    }
    kinds = {part.kind for part in parts}
    return f"They belong together: {', '.join(word for kind, word in words.items() if kind in kinds)}."

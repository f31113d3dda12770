"""Every path from a certificate to a root, and why each one breaks (RFC 5280, 6, as far as a server certificate needs it).

Issuers are looked for in what came with the certificate, in the inventory and among the system's roots. The search is
bounded in depth, breadth and number of signature checks, so that loops and piles of cross-signs end. No network.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from itertools import islice

from certtui.model.chain import ChainLink, ChainPath, ChainReport
from certtui.model.x509 import X509Facts
from certtui.pki.extensions import SERVER_AUTH, Limits, breaks_constraints, limits, serves_tls
from certtui.pki.roots import TrustStore
from certtui.pki.signatures import signature_problem
from certtui.record import dataclass

MAX_DEPTH = 12
MAX_PATHS = 16
_MAX_STEPS = 400
_MAX_SIGNATURES = 256
"""Signatures checked for one report: with the largest keys one takes 20 ms, and no honest chain comes near."""
_MAX_NAME_CHECKS = 1 << 20
"""Names times name constraints, as OpenSSL has it (NAME_CHECK_MAX)."""
_MIN_RSA_BITS = 1024
_BROKEN_DIGESTS = frozenset({"md2", "md4", "md5", "sha1"})


@dataclass(frozen=True, slots=True)
class Candidate:
    """A certificate that may stand in a path, and where it was found: `chain`, `inventory` or `system`."""

    facts: X509Facts
    found_in: str
    certificate_id: int | None = None
    has_key: bool = False


FindBySubject = Callable[[str], Sequence[Candidate]]
"""Certificates of the inventory whose `subject_id` this is."""


def build(
    leaf: Candidate,
    chain: Sequence[X509Facts],
    find_by_subject: FindBySubject,
    trust_store: TrustStore,
    now: datetime,
) -> ChainReport:
    """All paths (bounded), best first, judged against the roots of `trust_store` at the instant `now`."""
    signatures = _Signatures()
    search = _Search(chain, find_by_subject, trust_store, signatures)
    found = [_judge(path, trust_store, now, signatures) for path in search.paths(leaf)]
    found.sort(key=_worst_last)
    paths = tuple(found[:MAX_PATHS])
    return ChainReport(paths, trust_store.name, _summary(paths[0], trust_store))


@dataclass(frozen=True, slots=True)
class _Path:
    """Leaf first. `missing` is the RFC 4514 name of the issuer that nobody has, `cut` says that the search gave up."""

    members: tuple[Candidate, ...]
    missing: str = ""
    cut: bool = False


class _Signatures:
    """Checks signatures until there were too many of them to be honest."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], str] = {}

    def problem(self, facts: X509Facts, signer: X509Facts) -> str:
        pair = facts.fingerprint_sha256, signer.fingerprint_sha256
        if pair not in self._known:
            if len(self._known) >= _MAX_SIGNATURES:
                return "the signature was not checked, since too many certificates go by the names in this chain,"
            self._known[pair] = signature_problem(facts, signer)
        return self._known[pair]


class _Search:
    """One bounded search; holds the candidates by subject and counts its steps."""

    def __init__(
        self, chain: Sequence[X509Facts], find: FindBySubject, trust_store: TrustStore, signatures: _Signatures
    ) -> None:
        self._signatures = signatures
        self._chain: dict[str, list[Candidate]] = {}
        for facts in chain:
            self._chain.setdefault(facts.subject_id, []).append(Candidate(facts, "chain"))
        self._find = find
        self._trust_store = trust_store
        self._known: dict[str, tuple[Candidate, ...]] = {}
        self._steps = 0

    def paths(self, leaf: Candidate) -> Iterator[_Path]:
        yield from islice(self._from((leaf,)), 4 * MAX_PATHS)

    def _from(self, members: tuple[Candidate, ...]) -> Iterator[_Path]:
        self._steps += 1
        last = members[-1].facts
        if last.fingerprint_sha256 in self._trust_store.fingerprints or last.self_issued:
            yield _Path(members)
            return
        taken = {m.facts.fingerprint_sha256 for m in members}
        issuers = [c for c in self._issuers(last) if c.facts.fingerprint_sha256 not in taken]
        if not issuers:
            yield _Path(members, missing=last.issuer)
            return
        if len(members) >= MAX_DEPTH or self._steps >= _MAX_STEPS:
            yield _Path(members, cut=True)
            return
        for issuer in issuers:
            yield from self._from((*members, issuer))

    def _issuers(self, of: X509Facts) -> list[Candidate]:
        candidates = self._named(of.issuer_id)
        # Those whose key really signed come first; the others stay, so that a page can say what is wrong with them.
        signers = [c for c in candidates if not self._signatures.problem(of, c.facts)]
        return signers or list(candidates)

    def _named(self, subject_id: str) -> tuple[Candidate, ...]:
        known = self._known.get(subject_id)
        if known is None:
            roots = [Candidate(r, "system") for r in self._trust_store.by_subject.get(subject_id, ())]
            inventory = list(self._find(subject_id))
            distinct: dict[str, Candidate] = {}
            for candidate in [*roots, *self._chain.get(subject_id, []), *inventory]:
                distinct.setdefault(candidate.facts.fingerprint_sha256, candidate)
            for candidate in inventory:
                # What the inventory has can be opened from the tree, wherever else it was found.
                seen = distinct[candidate.facts.fingerprint_sha256]
                if seen.certificate_id is None:
                    distinct[candidate.facts.fingerprint_sha256] = Candidate(
                        seen.facts, seen.found_in, candidate.certificate_id, candidate.has_key
                    )
            known = self._known[subject_id] = tuple(list(distinct.values())[: 2 * MAX_PATHS])
        return known


def _judge(path: _Path, trust_store: TrustStore, now: datetime, signatures: _Signatures) -> ChainPath:
    members = path.members
    anchored = members[-1].facts.fingerprint_sha256 in trust_store.fingerprints
    links = [_link(members, i, anchored, now, signatures) for i in range(len(members))]
    if path.missing:
        name = _short(path.missing)
        links.append(ChainLink(path.missing, name, "", None, "missing", None, "", _NOT_FOUND))
    elif path.cut:
        name = members[-1].facts.issuer_name
        links.append(
            ChainLink(members[-1].facts.issuer, name, "", None, "missing", None, "", "the path is too long to follow")
        )
    links.reverse()
    broken = next((link for link in links if link.problem), None)
    problem = f"{broken.name}: {broken.problem}" if broken else ""
    if not problem and not anchored:
        problem = f"the root {links[0].name} is not in this system's trust store"
    return ChainPath(tuple(links), anchored and not problem, problem)


_NOT_FOUND = "missing: not in the chain, the inventory or this system's trust store"


def _link(
    members: tuple[Candidate, ...], index: int, anchored: bool, now: datetime, signatures: _Signatures
) -> ChainLink:
    member = members[index]
    facts = member.facts
    is_anchor = anchored and index == len(members) - 1
    problem = _own_problem(facts, now, is_anchor)
    if not problem and index > 0:
        problem = _issuer_problem(members, index, is_anchor)
    if not problem and not is_anchor:
        signer = members[index + 1].facts if index + 1 < len(members) else facts if facts.self_issued else None
        if signer is not None and (wrong := signatures.problem(facts, signer)):
            problem = f"{wrong} with the key of {signer.common_name or signer.subject or 'its issuer'}"
    notes = []
    if is_anchor:
        notes.append("in this system's trust store")
    elif member.found_in == "inventory" and index > 0:
        notes.append("found in this inventory")
    if member.has_key:
        notes.append("key here, matches")
    return ChainLink(
        facts.subject,
        display_name(facts),
        facts.fingerprint_sha256,
        facts.not_after,
        "system" if is_anchor else member.found_in,
        member.certificate_id,
        ", ".join(notes),
        problem,
    )


def _own_problem(facts: X509Facts, now: datetime, is_anchor: bool) -> str:
    if now > facts.not_after:
        return f"expired {facts.not_after:%Y-%m-%d}"
    if now < facts.not_before:
        return f"not valid before {facts.not_before:%Y-%m-%d}"
    kind, _, bits = facts.key_algorithm.partition("-")
    if kind in ("rsa", "dsa") and bits.isdigit() and int(bits) < _MIN_RSA_BITS:
        return f"the key is too weak ({facts.key_algorithm})"
    # A root is trusted for being there, not for its signature; nothing checks that one.
    if facts.signature_digest in _BROKEN_DIGESTS and not is_anchor and not facts.self_issued:
        return f"signed with {facts.signature_digest.upper()}, which is too weak"
    problems = _limits(facts).problems
    return problems[0] if problems and not is_anchor else ""


def _issuer_problem(members: tuple[Candidate, ...], index: int, is_anchor: bool) -> str:
    """Why this member may not have issued what stands below it."""
    facts = members[index].facts
    said = _limits(facts)
    below = members[:index]
    if not said.is_ca and not (is_anchor and said.is_ca is None):
        return "is not a CA (basicConstraints)"
    if said.may_sign_certificates is False:
        return "may not sign certificates (keyUsage)"
    usages = _limits(members[0].facts).usages
    if usages is not None and SERVER_AUTH in usages and not is_anchor and not serves_tls(said.usages):
        return "may not issue for TLS servers (extendedKeyUsage)"
    intermediates = sum(1 for m in below[1:] if not m.facts.self_issued)
    if said.path_length is not None and intermediates > said.path_length:
        return f"allows {said.path_length} intermediates below it (pathLenConstraint), here are {intermediates}"
    if sum(len(member.facts.sans) for member in below) * len(said.permitted + said.excluded) > _MAX_NAME_CHECKS:
        return "has more names below it than can be held against its limits (nameConstraints)"
    for member in below:
        if name := breaks_constraints(member.facts.sans, said.permitted, said.excluded):
            return f"may not issue for {name} (nameConstraints)"
    return ""


def _limits(facts: X509Facts) -> Limits:
    return limits(facts.der)


def _worst_last(path: ChainPath) -> tuple[bool, bool, int, int, float]:
    problems = sum(1 for link in path.links if link.problem)
    missing = path.links[0].found_in == "missing"
    ends = [link.not_after for link in path.links if link.not_after]
    earliest = min(ends).toordinal() if ends else 0
    return (not path.trusted, missing, problems, len(path.links), -earliest)


def _summary(best: ChainPath, trust_store: TrustStore) -> str:
    root = best.links[0]
    if best.trusted:
        return f"Complete, trusted by “{root.name}” of {trust_store.name}."
    if root.found_in == "missing":
        return f"Incomplete: the issuer “{root.name}” is missing."
    broken = next((link for link in best.links if link.problem), None)
    if broken is not None:
        return f"Not trusted: “{broken.name}”: {broken.problem}."
    if len(best.links) == 1:
        return "Signed by itself and not in this system's trust store."
    return f"Complete, but the root “{root.name}” is not in this system's trust store."


def display_name(facts: X509Facts) -> str:
    """How a tree calls a certificate: its common name, else its first SAN, else its subject."""
    return facts.common_name or (facts.sans[0].partition(":")[2] if facts.sans else "") or facts.subject or "(no name)"


def _short(rfc4514: str) -> str:
    """The common name of an RFC 4514 string for a link that has nothing else; the whole string if it has none."""
    from certtui.pki.names import common_name_of

    return common_name_of(rfc4514) or rfc4514 or "(no name)"

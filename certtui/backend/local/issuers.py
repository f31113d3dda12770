"""Which intermediate is missing: followed by name hashes through what came along, the inventory and the system's roots."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass

from certtui.backend.local.access_entries import in_scope
from certtui.backend.local.chain_material import chunks
from certtui.backend.local.open_store import Change
from certtui.model.certificate import NewCertificate
from certtui.model.x509 import X509Facts

_DEEPEST = 10


@dataclass(frozen=True, slots=True)
class _Hop:
    """Who issued a certificate; `issuer_id` "" where the path ends in a self-issued one."""

    issuer_id: str
    issuer: str


_END = _Hop("", "")


def missing_issuers(change: Change, batch: Sequence[NewCertificate]) -> list[str]:
    """For each, the RFC 4514 name of the first issuer that is nowhere to be found, "" when the path ends well."""
    from certtui.pki.roots import system_trust_store

    hops: dict[str, _Hop] = {}
    for new in batch:
        for facts in (*new.chain, new.x509):
            if facts.is_ca:
                hops[facts.subject_id] = _hop(facts)
    _extend(change, hops, {new.x509.issuer_id for new in batch if not new.x509.self_issued})
    roots = system_trust_store().by_subject
    return ["" if new.x509.self_issued else _follow(_hop(new.x509), hops, roots) for new in batch]


def _hop(facts: X509Facts) -> _Hop:
    return _END if facts.self_issued else _Hop(facts.issuer_id, facts.issuer)


def _extend(change: Change, hops: dict[str, _Hop], wanted: set[str]) -> None:
    asked: set[str] = set()
    for _ in range(_DEEPEST):
        known = {hops[one].issuer_id for one in wanted if one in hops}
        unknown = {one for one in wanted if one and one not in hops and one not in asked}
        if unknown:
            asked |= unknown
            found = _in_store(change, unknown)
            hops.update(found)
            known |= {hop.issuer_id for hop in found.values()}
        if not known - asked - {""} and not unknown:
            return
        wanted = known


def _in_store(change: Change, subject_ids: Iterable[str]) -> Mapping[str, _Hop]:
    from sqlalchemy import literal_column
    from sqlmodel import col, select

    from certtui.backend.local.tables import CertificateTable, ChainCertificateTable, ChainLinkTable

    scope = in_scope(change.access)
    came_with = (
        select(ChainLinkTable.certificate_id)
        .where(ChainLinkTable.chain_certificate_id == ChainCertificateTable.id)
        .where(ChainLinkTable.certificate_id == CertificateTable.id, *scope)
    )
    limited = ((CertificateTable, scope), (ChainCertificateTable, [came_with.exists()] if scope else []))
    found: dict[str, _Hop] = {}
    for chunk in chunks(subject_ids):
        for table, limits in limited:
            rows = change.session.exec(
                select(table.subject_id, table.issuer_id, table.issuer, table.self_issued)
                .where(col(table.subject_id).in_(chunk), table.is_ca == literal_column("1"), *limits)
                .distinct()
            ).all()
            for subject_id, issuer_id, issuer, self_issued in rows:
                # A cross-signed name leads on as well as to itself; its self-issued form ends the path.
                if self_issued or subject_id not in found:
                    found[subject_id] = _END if self_issued else _Hop(issuer_id, issuer)
    return found


def _follow(hop: _Hop, hops: Mapping[str, _Hop], roots: Container[str]) -> str:
    for _ in range(_DEEPEST):
        if not hop.issuer_id or hop.issuer_id in roots:
            return ""
        above = hops.get(hop.issuer_id)
        if above is None:
            return hop.issuer
        hop = above
    return ""

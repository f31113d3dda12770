"""Chain material: stored once per certificate, linked to every entry it came with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from certtui.backend.local.certificate_values import joined
from certtui.backend.local.open_store import Change
from certtui.clock import epoch
from certtui.model.x509 import X509Facts

LOOKUP = 500
"""How many values one IN (...) asks for."""


def store_chains(change: Change, chains: Mapping[int, Sequence[X509Facts]]) -> None:
    """Link chains (leaf side first) to entries that have none so far, in three statements however many they are."""
    from certtui.backend.local.tables import ChainLinkTable

    distinct = {facts.fingerprint_sha256: facts for chain in chains.values() for facts in chain}
    if not distinct:
        return
    ids = _ids(change, distinct)
    links = [
        {"certificate_id": certificate_id, "position": position, "chain_certificate_id": ids[fingerprint]}
        for certificate_id, chain in chains.items()
        for position, fingerprint in enumerate(dict.fromkeys(facts.fingerprint_sha256 for facts in chain))
    ]
    change.insert_many(ChainLinkTable, links)


def chunks(values: Iterable[str]) -> Iterable[list[str]]:
    """The values in lists of at most LOOKUP."""
    listed = list(values)
    return (listed[start : start + LOOKUP] for start in range(0, len(listed), LOOKUP))


def _ids(change: Change, distinct: Mapping[str, X509Facts]) -> dict[str, int]:
    from sqlmodel import col, select

    from certtui.backend.local.tables import ChainCertificateTable as Chain

    ids: dict[str, int] = {}
    for chunk in chunks(distinct):
        ids.update(
            change.session.exec(
                select(Chain.fingerprint_sha256, Chain.id).where(col(Chain.fingerprint_sha256).in_(chunk))
            ).all()
        )
    missing = [facts for fingerprint, facts in distinct.items() if fingerprint not in ids]
    if not missing:
        return ids
    fresh = dict(
        zip(
            (facts.fingerprint_sha256 for facts in missing),
            change.new_ids("chain_certificate", len(missing)),
            strict=True,
        )
    )
    change.insert_many(Chain, [_row(fresh[facts.fingerprint_sha256], facts) for facts in missing])
    ids.update(fresh)
    return ids


def _row(new_id: int, facts: X509Facts) -> dict[str, int | str | bytes]:
    return {
        "id": new_id,
        "not_before": epoch(facts.not_before),
        "not_after": epoch(facts.not_after),
        "is_ca": int(facts.is_ca),
        "self_issued": int(facts.self_issued),
        "fingerprint_sha256": facts.fingerprint_sha256,
        "fingerprint_sha1": facts.fingerprint_sha1,
        "spki_sha256": facts.spki_sha256,
        "subject_id": facts.subject_id,
        "issuer_id": facts.issuer_id,
        "subject_key_id": facts.subject_key_id,
        "authority_key_id": facts.authority_key_id,
        "common_name": facts.common_name,
        "issuer_name": facts.issuer_name,
        "serial_number": facts.serial_number,
        "key_algorithm": facts.key_algorithm,
        "signature_digest": facts.signature_digest,
        "subject": facts.subject,
        "issuer": facts.issuer,
        "sans": joined(facts.sans),
        "der": facts.der,
    }


def drop_unused_chain(change: Change) -> None:
    """Forget chain certificates that no entry links to any more."""
    from sqlalchemy import delete
    from sqlmodel import col, select

    from certtui.backend.local.tables import ChainCertificateTable as Chain
    from certtui.backend.local.tables import ChainLinkTable

    used = select(ChainLinkTable.chain_certificate_id)
    change.session.flush()
    change.session.execute(delete(Chain).where(col(Chain.id).not_in(used)))
